//! The portfolios that are tested: struck and hedged anew at each day's end.

use crate::{
	error::Error,
	market::{day_end, moment, price, Asset, Snapshot, TENORS},
	statistics::normal_distribution,
	time::DAY,
	volatility::YEAR,
};
use plimsoll_primitives::{Contracts, Instrument, OptionKind, UsdValue};
use plimsoll_risk::{AccountState, Leg};
use sp_arithmetic::FixedI128;

/// What a portfolio holds, per contract of its underlying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
	/// One perpetual.
	Long,
	/// One perpetual, short.
	Short,
	/// A call, hedged by a short perpetual.
	HedgedCall,
	/// A call and a put, short.
	ShortStraddle,
	/// A call near expiry short, a later one long.
	Calendar,
	/// A call and a put, hedged.
	LongStraddle,
	/// A call short, hedged by a perpetual.
	HedgedShortCall,
	/// A call short, covered by a whole perpetual.
	CoveredCall,
	/// A put short, one 10 % below it long.
	PutSpread,
	/// A perpetual, a put 10 % below it long, a call 10 % above it short.
	Collar,
	/// A call long, a put short, a perpetual short: nothing moves it.
	Synthetic,
	/// One underlying long, another short, of the same value.
	Spread,
}

/// Those of one underlying.
const SINGLE: [Kind; 11] = [
	Kind::Long,
	Kind::Short,
	Kind::HedgedCall,
	Kind::LongStraddle,
	Kind::Synthetic,
	Kind::Calendar,
	Kind::ShortStraddle,
	Kind::HedgedShortCall,
	Kind::CoveredCall,
	Kind::PutSpread,
	Kind::Collar,
];

impl Kind {
	/// As tables have it.
	pub const fn name(self) -> &'static str {
		match self {
			Self::Long => "long",
			Self::Short => "short",
			Self::HedgedCall => "delta-hedged call",
			Self::ShortStraddle => "short straddle",
			Self::Calendar => "calendar",
			Self::LongStraddle => "hedged long straddle",
			Self::HedgedShortCall => "hedged short call",
			Self::CoveredCall => "covered call",
			Self::PutSpread => "short put spread",
			Self::Collar => "collar",
			Self::Synthetic => "synthetic",
			Self::Spread => "spread",
		}
	}

	/// Whether it moves with prices alone and in proportion: its coverage is demanded, not only
	/// reported.
	pub const fn is_linear(self) -> bool {
		matches!(self, Self::Long | Self::Short | Self::Spread)
	}

	/// Whether it is a book whose gross notional is demanded to be at least twenty initial margins:
	/// delta-neutral, long gamma or synthetic, of one underlying.
	pub const fn is_efficient(self) -> bool {
		matches!(self, Self::HedgedCall | Self::LongStraddle | Self::Synthetic)
	}
}

/// A portfolio of one or two underlyings, as indices into the assets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portfolio {
	/// What it holds.
	pub kind: Kind,
	/// Of which underlying.
	pub asset: usize,
	/// Against which other one.
	pub other: Option<usize>,
}

impl Portfolio {
	/// Every portfolio of every underlying, and the spread of every two.
	pub fn all(assets: usize) -> Vec<Self> {
		let single =
			(0..assets).flat_map(|asset| SINGLE.map(|kind| Self { kind, asset, other: None }));
		let spreads = (0..assets).flat_map(move |asset| {
			let spread = move |other| Self { kind: Kind::Spread, asset, other: Some(other) };
			(asset + 1..assets).map(spread)
		});
		single.chain(spreads).collect()
	}

	/// As tables have it: "BTC short straddle", "BTC–ETH spread".
	pub fn name(&self, assets: &[Asset]) -> String {
		let name = |index: usize| assets.get(index).map_or("", |asset| asset.name.as_str());
		match self.other {
			Some(other) => format!("{}-{} {}", name(self.asset), name(other), self.kind.name()),
			None => format!("{} {}", name(self.asset), self.kind.name()),
		}
	}

	/// The positions at a day's end, and their gross notional in USD: the sum of |contracts| · spot
	/// over all legs, options counted at their underlying's whole value.
	///
	/// # Errors
	/// `OutOfRange`.
	pub fn open(
		&self,
		assets: &[Asset],
		snapshots: &[Snapshot],
		day: i64,
	) -> Result<(AccountState, f64), Error> {
		let mut book = Book::default();
		let Some((asset, snapshot)) = assets.get(self.asset).zip(snapshots.get(self.asset)) else {
			return Err(Error::Argument("no such underlying".into()));
		};
		let other = self.other.and_then(|other| assets.get(other).zip(snapshots.get(other)));
		let options = Options { asset, snapshot, day };
		let [near, far] = TENORS;
		let delta = call_delta(snapshot, near);
		let perpetual = Instrument::perpetual(asset.id);
		let mut legs = Vec::new();
		match self.kind {
			Kind::Long => legs.push((perpetual, 1.0)),
			Kind::Short => legs.push((perpetual, -1.0)),
			Kind::HedgedCall => legs.extend([(options.call(near, 1.0)?, 1.0), (perpetual, -delta)]),
			Kind::ShortStraddle => {
				legs.extend([(options.call(near, 1.0)?, -1.0), (options.put(near, 1.0)?, -1.0)]);
			}
			Kind::Calendar => {
				legs.extend([(options.call(near, 1.0)?, -1.0), (options.call(far, 1.0)?, 1.0)]);
			}
			Kind::LongStraddle => legs.extend([
				(options.call(near, 1.0)?, 1.0),
				(options.put(near, 1.0)?, 1.0),
				(perpetual, 1.0 - 2.0 * delta),
			]),
			Kind::HedgedShortCall => {
				legs.extend([(options.call(near, 1.0)?, -1.0), (perpetual, delta)]);
			}
			Kind::CoveredCall => legs.extend([(options.call(near, 1.0)?, -1.0), (perpetual, 1.0)]),
			Kind::PutSpread => {
				legs.extend([(options.put(near, 1.0)?, -1.0), (options.put(near, 0.9)?, 1.0)]);
			}
			Kind::Collar => legs.extend([
				(perpetual, 1.0),
				(options.put(near, 0.9)?, 1.0),
				(options.call(near, 1.1)?, -1.0),
			]),
			Kind::Synthetic => legs.extend([
				(options.call(near, 1.0)?, 1.0),
				(options.put(near, 1.0)?, -1.0),
				(perpetual, -1.0),
			]),
			Kind::Spread => legs.push((perpetual, 1.0)),
		}
		for (instrument, contracts) in legs {
			book.add(instrument, contracts, snapshot.spot)?;
		}
		if let (Kind::Spread, Some((other, at))) = (self.kind, other) {
			let contracts = -snapshot.spot / at.spot;
			book.add(Instrument::perpetual(other.id), contracts, at.spot)?;
		}
		let account = AccountState { legs: book.legs, ..AccountState::default() };
		Ok((account, book.gross))
	}
}

/// Delta of a call at the money, on the modelled volatility: N(σ√T/2).
fn call_delta(snapshot: &Snapshot, days: i64) -> f64 {
	let years = days as f64 / YEAR;
	normal_distribution(0.5 * snapshot.volatility.implied(years) * libm::sqrt(years))
}

/// The option series of one underlying on one day.
struct Options<'a> {
	asset: &'a Asset,
	snapshot: &'a Snapshot,
	day: i64,
}

impl Options<'_> {
	fn option(&self, days: i64, moneyness: f64, kind: OptionKind) -> Result<Instrument, Error> {
		let expiry = moment(day_end(self.day) + days * DAY)?;
		let strike = price(self.snapshot.spot * moneyness)?;
		Ok(Instrument::option(self.asset.id, expiry, strike, kind))
	}

	fn call(&self, days: i64, moneyness: f64) -> Result<Instrument, Error> {
		self.option(days, moneyness, OptionKind::Call)
	}

	fn put(&self, days: i64, moneyness: f64) -> Result<Instrument, Error> {
		self.option(days, moneyness, OptionKind::Put)
	}
}

/// What is opened.
#[derive(Default)]
struct Book {
	legs: Vec<Leg>,
	gross: f64,
}

impl Book {
	fn add(&mut self, instrument: Instrument, contracts: f64, spot: f64) -> Result<(), Error> {
		if contracts.abs() > 1e15 || contracts.is_nan() {
			return Err(Error::OutOfRange(contracts));
		}
		let size = Contracts::from_inner(FixedI128::from_float(contracts).into_inner());
		self.gross += contracts.abs() * spot;
		// Losses are differences of equity: what was paid falls out of them.
		self.legs.push(Leg { instrument, size, entry_value: UsdValue::ZERO, settled_at: None });
		Ok(())
	}
}
