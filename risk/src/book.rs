//! One underlying's part of an account: what it has of the levels and series that all accounts share
//! (see [`arrays`](crate::arrays)), and how much.

use crate::{
	arrays::{Origin, RiskArrays, Underlying},
	black76::{discounted, intrinsic, undiscounted, Deviation},
	engine::{Path, Quoted},
	error::RiskError,
	kernel,
	level::{Level, LevelKind},
	margin_factors::MarginFactors,
	mark::{source, Source},
	model::{Concentration, GammaBuffer, Liquidity, NotionalCharge},
	naked::{naked_shorts, NakedShort},
	open_orders::{self, Range},
	series::{Series, Shift, Values},
	shock::PriceShock,
	state::{AccountState, CollateralHolding, Confidence, Leg, UnderlyingState},
};
use alloc::{rc::Rc, vec, vec::Vec};
use plimsoll_primitives::{Contract, Instrument, OptionKind, Price, UnderlyingId};
use sp_arithmetic::FixedU128;

/// How an exposure's price follows its level.
pub(crate) enum Payoff {
	/// One for one.
	Linear,
	/// An option that expired and is not settled yet.
	Expired { kind: OptionKind, strike: Price },
	/// A living option.
	Option(Rc<Series>),
}

/// Whose exposure it is, as an index into the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
	/// A leg: its value counts in equity.
	Leg(usize),
	/// Risk-offsetting collateral: in the loss curve only, its value counts as a [`Holding`].
	Collateral(usize),
}

/// Something whose value moves with the underlying's price.
pub(crate) struct Exposure {
	pub(crate) owner: Owner,
	/// Index of its level.
	pub(crate) level: usize,
	/// Contracts, 18 decimals.
	pub(crate) size: i128,
	/// Taken off its value, USD, 18 decimals.
	pub(crate) entry_value: i128,
	pub(crate) payoff: Payoff,
	/// `None` for collateral.
	pub(crate) instrument: Option<Instrument>,
	/// What initial margin asks for per USD of notional because its prices are not sure, 18
	/// decimals.
	pub(crate) unsure: u128,
}

/// Collateral as it counts in equity.
pub(crate) struct Holding {
	/// Index in the account.
	pub(crate) index: usize,
	/// Index of its level.
	pub(crate) level: usize,
	/// Whole assets, 18 decimals; not negative.
	pub(crate) amount: i128,
	/// What is cut off, at most 1.
	pub(crate) haircut: FixedU128,
	/// What margins ask for per USD of value.
	pub(crate) charge: NotionalCharge,
	/// What it asks for besides because the price is not sure, 18 decimals.
	pub(crate) unsure: u128,
}

/// One underlying's part of an account.
pub(crate) struct Book {
	pub(crate) underlying: UnderlyingId,
	pub(crate) live: bool,
	/// Half of the confidence interval, USD.
	pub(crate) half_width: Price,
	/// A fraction of the price; `None` where the model does not know the underlying (possible only
	/// where nothing is exposed to it but haircut collateral).
	pub(crate) scan_range: Option<FixedU128>,
	/// The model's scenarios, then the basis shock's, where it has one.
	pub(crate) shocks: Rc<[PriceShock]>,
	/// How many scenarios there are.
	pub(crate) scenarios: usize,
	/// The scenarios that move the price alone and count in full, by ascending price.
	pub(crate) nodes: Rc<[usize]>,
	/// How near an expiry must be for its payoff to be looked at, milliseconds.
	pub(crate) expiry_points_within: u64,
	pub(crate) gamma_buffer: Option<GammaBuffer>,
	pub(crate) concentration: Concentration,
	pub(crate) liquidity: Liquidity,
	pub(crate) levels: Vec<Rc<Level>>,
	pub(crate) exposures: Vec<Exposure>,
	/// What open orders would add to them, each by itself. None unless they are looked at.
	pub(crate) orders: Vec<Exposure>,
	/// How much may come to be held of each instrument; empty likewise.
	pub(crate) ranges: Vec<Range>,
	pub(crate) holdings: Vec<Holding>,
	pub(crate) naked: Vec<NakedShort>,
	pub(crate) naked_charge: NotionalCharge,
	pub(crate) perpetual_charge: NotionalCharge,
	pub(crate) factors: MarginFactors,
}

/// The underlyings that an account's value depends on, ascending, each once. A leg with a fixed
/// settlement price depends on none.
pub(crate) fn underlyings(account: &AccountState) -> Vec<UnderlyingId> {
	let legs = account.legs.iter().filter(|leg| leg.settled_at.is_none());
	let mut all: Vec<_> = legs.map(|leg| leg.instrument.underlying).collect();
	all.extend(account.collateral.iter().map(|holding| holding.feed));
	all.sort_unstable();
	all.dedup();
	all
}

impl Book {
	/// Everything of `account` that follows `underlying`.
	pub(crate) fn new(
		arrays: &mut RiskArrays,
		account: &AccountState,
		underlying: UnderlyingId,
	) -> Result<Self, RiskError> {
		let factors = arrays.factors;
		let (from, shared) = arrays.underlying(underlying)?;
		let (model, state) = (from.model, from.state);
		let confidence = confidence(state, account, underlying);
		let mut book = Self {
			underlying,
			live: state.live,
			half_width: state.prices.half_width,
			scan_range: model.scan_range(underlying),
			shocks: Rc::from([]),
			scenarios: 0,
			nodes: Rc::from([]),
			expiry_points_within: model.expiry_points_within,
			gamma_buffer: model.gamma_buffer,
			concentration: model.concentration,
			liquidity: model.liquidity(underlying),
			levels: vec![shared.spot(state.prices.spot)?],
			// Most accounts follow one underlying: growing step by step would copy every exposure.
			exposures: Vec::with_capacity(account.legs.len()),
			orders: Vec::new(),
			ranges: Vec::new(),
			holdings: Vec::new(),
			naked: naked_shorts(&account.legs, underlying),
			naked_charge: model.naked_short,
			perpetual_charge: model.perpetual,
			factors,
		};
		for (index, leg) in account.legs.iter().enumerate() {
			if leg.instrument.underlying == underlying && leg.settled_at.is_none() {
				book.leg(&from, shared, confidence, (index, leg))?;
			}
		}
		for (index, holding) in account.collateral.iter().enumerate() {
			if holding.feed == underlying {
				book.collateral(&from, index, holding)?;
			}
		}
		if !book.exposures.is_empty() {
			book.scan(&from, shared)?;
		}
		Ok(book)
	}

	/// Adds the account's open orders, as legs of what would fill of each.
	pub(crate) fn add_orders(
		&mut self,
		arrays: &mut RiskArrays,
		orders: &[Leg],
	) -> Result<(), RiskError> {
		let (from, shared) = arrays.underlying(self.underlying)?;
		let held = self.exposures.len();
		for (index, order) in orders.iter().enumerate() {
			if order.instrument.underlying == self.underlying {
				self.leg(&from, shared, Confidence::default(), (index, order))?;
			}
		}
		self.orders = self.exposures.split_off(held);
		if self.orders.is_empty() {
			return Ok(());
		}
		self.scan(&from, shared)?;
		self.ranges = open_orders::ranges(&from, &self.exposures, &self.orders)?;
		Ok(())
	}

	/// Takes the model's scenarios.
	fn scan(&mut self, from: &Origin, shared: &mut Underlying) -> Result<(), RiskError> {
		let range = self.scan_range.ok_or(RiskError::NotInModel(self.underlying))?;
		let shocks = shared.shocks(from.model, range)?;
		(self.shocks, self.nodes) = (shocks.all, shocks.nodes);
		self.scenarios = from.model.scenarios.len();
		Ok(())
	}

	/// Adds a leg. `confidence` is the least of spot's and, where perpetuals are held, theirs.
	fn leg(
		&mut self,
		from: &Origin,
		shared: &mut Underlying,
		confidence: Confidence,
		(index, leg): (usize, &Leg),
	) -> Result<(), RiskError> {
		let instrument = &leg.instrument;
		let mut confidence = confidence;
		let (level, payoff) = match (source(from.state, from.now, instrument)?, instrument.contract)
		{
			(Source::Perpetual(price), _) => (self.level(shared.perpetual(price)?), Payoff::Linear),
			(Source::Spot, Contract::Option { strike, kind, .. }) => {
				(0, Payoff::Expired { kind, strike })
			}
			(Source::Spot, _) => (0, Payoff::Linear),
			(Source::Forward(prices), contract) => {
				if let Some(quotes) = from.state.quotes.expiry(prices.expiry) {
					confidence = confidence.min(quotes.confidence);
				}
				let expiry = shared.expiry(from, prices)?;
				let level = self.level(expiry.level.clone());
				let payoff = match contract {
					Contract::Option { strike, kind, .. } => {
						Payoff::Option(expiry.series(from, prices, strike, kind)?)
					}
					_ => Payoff::Linear,
				};
				(level, payoff)
			}
		};
		let unsure = from.model.confidence.rate(confidence)?;
		self.exposures.push(Exposure {
			owner: Owner::Leg(index),
			level,
			size: leg.size.into_inner(),
			entry_value: leg.entry_value.into_inner(),
			payoff,
			instrument: Some(*instrument),
			unsure,
		});
		Ok(())
	}

	/// The index of a level, which is added where it is not there.
	fn level(&mut self, level: Rc<Level>) -> usize {
		if let Some(index) = self.levels.iter().position(|known| known.kind == level.kind) {
			return index;
		}
		self.levels.push(level);
		self.levels.len().saturating_sub(1)
	}

	fn collateral(
		&mut self,
		from: &Origin,
		index: usize,
		holding: &CollateralHolding,
	) -> Result<(), RiskError> {
		let amount = holding.amount.into_inner();
		if amount < 0 || holding.haircut > FixedU128::from_u32(1) {
			return Err(RiskError::OutOfDomain);
		}
		let level = match holding.price {
			None => 0,
			Some(price) => {
				let level = Level::perpetual(LevelKind::Collateral(index), price)?;
				self.level(Rc::new(level))
			}
		};
		if holding.offsets_risk {
			self.exposures.push(Exposure {
				owner: Owner::Collateral(index),
				level,
				size: amount,
				entry_value: 0,
				payoff: Payoff::Linear,
				instrument: None,
				unsure: 0,
			});
		}
		// What perpetuals are worth is no matter of collateral.
		let confidence = holding.confidence.min(from.state.quotes.spot_confidence);
		self.holdings.push(Holding {
			index,
			level,
			amount,
			haircut: holding.haircut,
			charge: holding.charge,
			unsure: from.model.confidence.rate(confidence)?,
		});
		Ok(())
	}
}

impl Series {
	/// The price before discounting by the array kernel, or on the precise path where that is out of
	/// its domain.
	#[inline]
	fn value(&self, quoted: &Quoted, deviation: &Deviation) -> Price {
		match (&quoted.scaled, &self.scaled_strike, deviation.scaled()) {
			(Some(price), Some(strike), Some(deviation)) => {
				kernel::undiscounted(self.kind, price, strike, deviation)
			}
			_ => precise(self, quoted, deviation),
		}
	}
}

/// The price before discounting on the precise path.
fn precise(series: &Series, quoted: &Quoted, deviation: &Deviation) -> Price {
	let ratio = quoted.log.zip(series.log_strike).and_then(|(p, s)| p.checked_sub(s));
	undiscounted(series.kind, quoted.price, series.strike, ratio, deviation)
}

/// How sure spot and, where the account holds them, perpetuals are.
fn confidence(
	state: &UnderlyingState,
	account: &AccountState,
	underlying: UnderlyingId,
) -> Confidence {
	let perpetual = Instrument::perpetual(underlying);
	let net = account
		.legs
		.iter()
		.filter(|leg| leg.instrument == perpetual)
		// Saturating: sizes of that order fail later, where they are multiplied by prices.
		.fold(0i128, |sum, leg| sum.saturating_add(leg.size.into_inner()));
	let spot = state.quotes.spot_confidence;
	if net == 0 {
		spot
	} else {
		spot.min(state.quotes.perpetual_confidence)
	}
}

impl Exposure {
	/// USD per contract now, at its level's price, on the precise path.
	pub(crate) fn mark(&self, quoted: &Quoted, level: &Level) -> Result<Price, RiskError> {
		match &self.payoff {
			Payoff::Linear => Ok(quoted.price),
			Payoff::Expired { kind, strike } => Ok(intrinsic(*kind, quoted.price, *strike)),
			Payoff::Option(series) => {
				let value = precise(series, quoted, &series.deviations.now);
				Ok(discounted(value, level.discount)?)
			}
		}
	}

	/// What it is worth along a path of its level: the array of its series at this shift, where it has
	/// one, else worked out. Where no shift is given, a look at prices that nobody is judged at, the
	/// mark is the kernel's, too.
	/// `room` is where what no other account can use is put.
	pub(crate) fn values<'a>(
		&'a self,
		path: &Path,
		shocks: &[PriceShock],
		level: &Level,
		shift: Option<Shift>,
		room: &'a mut Values,
	) -> Result<&'a Values, RiskError> {
		if let (Payoff::Option(series), Some(shift)) = (&self.payoff, shift) {
			return series.values.at(shift, || {
				let mark = self.mark(&path.0, level)?;
				let mut values = Values { mark, prices: Vec::with_capacity(path.1.len()) };
				self.value_in_scenarios(path, shocks, level, &mut values)?;
				Ok(values)
			});
		}
		room.mark = match &self.payoff {
			Payoff::Option(series) => {
				let value = series.value(&path.0, &series.deviations.now);
				discounted(value, level.discount)?
			}
			_ => self.mark(&path.0, level)?,
		};
		room.prices.clear();
		self.value_in_scenarios(path, shocks, level, room)?;
		Ok(room)
	}

	/// Adds what it is worth in every scenario to what it is worth now.
	fn value_in_scenarios(
		&self,
		(now, path): &Path,
		shocks: &[PriceShock],
		level: &Level,
		values: &mut Values,
	) -> Result<(), RiskError> {
		for (quoted, shock) in path.iter().zip(shocks) {
			let price = self.scenario_price((now, values.mark), quoted, shock, level)?;
			values.prices.push(price);
		}
		Ok(())
	}

	/// USD per contract after a scenario that takes its level from `now`, where it is worth `mark`,
	/// to `quoted`: by the array kernel, or on the precise path where that is out of its domain. A
	/// scenario that moves nothing leaves the mark.
	#[inline]
	pub(crate) fn scenario_price(
		&self,
		(now, mark): (&Quoted, Price),
		quoted: &Quoted,
		shock: &PriceShock,
		level: &Level,
	) -> Result<Price, RiskError> {
		let series = match &self.payoff {
			Payoff::Linear => return Ok(quoted.price),
			Payoff::Expired { kind, strike } => {
				return Ok(intrinsic(*kind, quoted.price, *strike));
			}
			Payoff::Option(series) => series,
		};
		let deviation = series.deviations.of(shock.volatility);
		if quoted.price == now.price
			&& deviation.total() == series.deviations.now.total()
			&& level.discount_ahead == level.discount
		{
			return Ok(mark);
		}
		Ok(discounted(series.value(quoted, deviation), level.discount_ahead)?)
	}

	/// Whether it is an option.
	pub(crate) fn is_option(&self) -> bool {
		!matches!(self.payoff, Payoff::Linear)
	}

	/// An option's kind and strike.
	pub(crate) fn terms(&self) -> Option<(OptionKind, Price)> {
		match &self.payoff {
			Payoff::Linear => None,
			Payoff::Expired { kind, strike } => Some((*kind, *strike)),
			Payoff::Option(series) => Some((series.kind, series.strike)),
		}
	}

	/// Whether it is an option that has not expired.
	pub(crate) fn is_living_option(&self) -> bool {
		matches!(self.payoff, Payoff::Option(_))
	}

	/// Whether it is a perpetual.
	pub(crate) fn is_perpetual(&self) -> bool {
		self.instrument.is_some_and(|instrument| instrument.contract == Contract::Perpetual)
	}
}
