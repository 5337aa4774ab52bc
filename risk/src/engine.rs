//! Full revaluation: a book at one set of price levels, in every scenario.

use crate::{
	book::{Book, Exposure, Owner},
	error::RiskError,
	fixed::{add, multiply_decimal, multiply_unsigned_decimal, Fixed, Wide},
	math::ln_integer,
	model::{RiskModel, Scenario, VolatilityShock},
	naked::charge,
	report::Requirement,
	shock::PriceShock,
};
use alloc::{vec, vec::Vec};
use plimsoll_primitives::{money, Contracts, Price, Rounding, UsdValue};
use sp_arithmetic::{FixedU128, PerThing};

/// A price and the logarithm of its scaled integer (`None` at zero).
#[derive(Clone, Copy)]
pub(crate) struct Quoted {
	pub(crate) price: Price,
	pub(crate) log: Option<Fixed>,
}

impl Quoted {
	pub(crate) fn new(price: Price) -> Self {
		Self { price, log: ln_integer(price.into_inner()).ok() }
	}

	/// After a price shock; the price rounded down.
	fn shocked(&self, shock: &PriceShock) -> Result<Self, RiskError> {
		let price = multiply_unsigned_decimal(self.price.into_inner(), shock.factor)?;
		let log = match self.log {
			Some(log) if price != 0 => Some(add(log, shock.log_factor)?),
			_ => None,
		};
		Ok(Self { price: Price::from_inner(price), log })
	}
}

/// A book's value and risk at one set of prices.
#[derive(Clone, Debug)]
pub(crate) struct Evaluation {
	/// The price of each level.
	pub(crate) prices: Vec<Price>,
	/// Legs at mark and collateral after haircut, rounded down.
	pub(crate) equity: UsdValue,
	/// The same with collateral at full value.
	pub(crate) net_value: UsdValue,
	/// Loss in each scenario after its weight, rounded up; empty where nothing is exposed.
	pub(crate) losses: Vec<UsdValue>,
	/// The worst of them, at least zero.
	pub(crate) scan: UsdValue,
	/// Which one (the first of equals); `None` where none is above zero.
	pub(crate) worst: Option<usize>,
	/// The margins for the scan.
	pub(crate) scan_requirement: Requirement,
	/// The charge for naked short options.
	pub(crate) naked: Requirement,
}

/// What the report needs of each exposure.
pub(crate) struct Detail {
	/// USD per contract.
	pub(crate) mark: Price,
	/// Loss in each scenario before its weight, exact in 36 decimals.
	pub(crate) losses: Vec<Wide>,
}

impl Evaluation {
	/// Spot.
	pub(crate) fn spot(&self) -> Price {
		self.prices.first().copied().unwrap_or_default()
	}

	/// Both margins.
	pub(crate) fn requirement(&self) -> Result<Requirement, RiskError> {
		self.scan_requirement.plus(&self.naked)
	}
}

impl Requirement {
	/// The sum.
	pub(crate) fn plus(&self, other: &Self) -> Result<Self, RiskError> {
		Ok(Self {
			initial: self.initial.checked_add(other.initial).ok_or(RiskError::Overflow)?,
			maintenance: self
				.maintenance
				.checked_add(other.maintenance)
				.ok_or(RiskError::Overflow)?,
		})
	}

	/// The difference.
	pub(crate) fn minus(&self, other: &Self) -> Result<Self, RiskError> {
		Ok(Self {
			initial: self.initial.checked_sub(other.initial).ok_or(RiskError::Overflow)?,
			maintenance: self
				.maintenance
				.checked_sub(other.maintenance)
				.ok_or(RiskError::Overflow)?,
		})
	}
}

impl RiskModel {
	/// The margins for a loss, rounded as told.
	pub(crate) fn requirement(
		&self,
		loss: UsdValue,
		rounding: Rounding,
	) -> Result<Requirement, RiskError> {
		let of = |factor: FixedU128| -> Result<UsdValue, RiskError> {
			let raw = multiply_decimal(loss.into_inner(), factor.into_inner(), rounding)?;
			Ok(UsdValue::from_inner(raw))
		};
		Ok(Requirement {
			initial: of(self.initial_factor)?,
			maintenance: of(self.maintenance_factor)?,
		})
	}
}

/// A scenario's loss after its weight, in 18 decimals, rounded as told.
pub(crate) fn weighted(
	loss: Wide,
	scenario: &Scenario,
	rounding: Rounding,
) -> Result<UsdValue, RiskError> {
	let loss = loss.to_decimal(rounding)?;
	if scenario.weight == FixedU128::from_u32(1) {
		return Ok(UsdValue::from_inner(loss));
	}
	let part = multiply_decimal(loss, scenario.weight.into_inner(), rounding)?;
	Ok(UsdValue::from_inner(part))
}

/// The largest loss, at least zero, and the first scenario that has it, if it is above zero.
pub(crate) fn worst(losses: &[UsdValue]) -> (UsdValue, Option<usize>) {
	let mut scan = UsdValue::ZERO;
	let mut index = None;
	for (candidate, loss) in losses.iter().enumerate() {
		if *loss > scan {
			scan = *loss;
			index = Some(candidate);
		}
	}
	(scan, index)
}

/// Values `book` with its levels at `prices` (in the book's order). Where `details` is given, one is
/// added for each exposure.
pub(crate) fn evaluate(
	model: &RiskModel,
	book: &Book,
	prices: Vec<Price>,
	mut details: Option<&mut Vec<Detail>>,
) -> Result<Evaluation, RiskError> {
	let paths = paths(book, &prices)?;
	let mut totals = vec![Wide::ZERO; book.shocks.len()];
	let mut scratch = totals.clone();
	let mut equity = UsdValue::ZERO;
	for exposure in &book.exposures {
		// Levels and prices are the book's own, in the same order.
		let (quoted, path) = paths.get(exposure.level).ok_or(RiskError::OutOfDomain)?;
		let discount = book.levels.get(exposure.level).ok_or(RiskError::OutOfDomain)?.discount;
		let mark = exposure.price(quoted.price, quoted.log, VolatilityShock::None, discount)?;
		if matches!(exposure.owner, Owner::Leg(_)) {
			equity = plus(equity, leg_value(exposure, mark)?)?;
		}
		losses(exposure, mark, path, &book.shocks, discount, &mut scratch)?;
		for (total, loss) in totals.iter_mut().zip(&scratch) {
			*total = total.add(*loss)?;
		}
		if let Some(details) = details.as_mut() {
			details.push(Detail { mark, losses: scratch.clone() });
		}
	}
	let (held, cut) = collateral(book, &prices)?;
	let losses = book
		.shocks
		.iter()
		.zip(&totals)
		.map(|(shock, total)| weighted(*total, &shock.scenario, Rounding::Up))
		.collect::<Result<Vec<_>, _>>()?;
	let (scan, worst) = worst(&losses);
	let spot = prices.first().copied().unwrap_or_default();
	let mut naked = Requirement::default();
	for short in &book.naked {
		naked = naked.plus(&charge(&model.naked_short, spot, short.quantity)?)?;
	}
	Ok(Evaluation {
		prices,
		equity: plus(equity, cut)?,
		net_value: plus(equity, held)?,
		losses,
		scan,
		worst,
		scan_requirement: model.requirement(scan, Rounding::Up)?,
		naked,
	})
}

fn plus(a: UsdValue, b: UsdValue) -> Result<UsdValue, RiskError> {
	a.checked_add(b).ok_or(RiskError::Overflow)
}

/// Each level's price, and what it is in every scenario.
fn paths(book: &Book, prices: &[Price]) -> Result<Vec<(Quoted, Vec<Quoted>)>, RiskError> {
	prices
		.iter()
		.map(|price| {
			let quoted = Quoted::new(*price);
			let path =
				book.shocks.iter().map(|shock| quoted.shocked(shock)).collect::<Result<_, _>>()?;
			Ok((quoted, path))
		})
		.collect()
}

/// Writes an exposure's loss in every scenario: size × (mark − price in the scenario).
fn losses(
	exposure: &Exposure,
	mark: Price,
	path: &[Quoted],
	shocks: &[PriceShock],
	discount: Fixed,
	out: &mut [Wide],
) -> Result<(), RiskError> {
	let opposite = exposure.size.checked_neg().ok_or(RiskError::Overflow)?;
	for ((quoted, shock), loss) in path.iter().zip(shocks).zip(out) {
		let price =
			exposure.price(quoted.price, quoted.log, shock.scenario.volatility, discount)?;
		let (fall, size) = match mark.checked_sub(price) {
			Some(fall) => (fall, exposure.size),
			None => (price.checked_sub(mark).ok_or(RiskError::Overflow)?, opposite),
		};
		*loss = Wide::product(fall.into_inner(), size);
	}
	Ok(())
}

/// What a leg adds to equity: size × mark − entry value, rounded down.
pub(crate) fn leg_value(exposure: &Exposure, mark: Price) -> Result<UsdValue, RiskError> {
	money::value(mark, Contracts::from_inner(exposure.size), Rounding::Down)
		.and_then(|value| value.checked_sub(UsdValue::from_inner(exposure.entry_value)))
		.ok_or(RiskError::Overflow)
}

/// One collateral asset's (full value, value after its haircut), rounded down.
pub(crate) fn holding_value(
	spot: Price,
	holding: &crate::book::Holding,
) -> Result<(UsdValue, UsdValue), RiskError> {
	let full = money::value(spot, Contracts::from_inner(holding.amount), Rounding::Down)
		.ok_or(RiskError::Overflow)?;
	if holding.haircut.is_zero() {
		return Ok((full, full));
	}
	// In 18 decimals exactly: a millionth is 10^12.
	let millionths = u128::from(holding.haircut.left_from_one().deconstruct());
	let rest = multiply_decimal(full.into_inner(), millionths * 1_000_000_000_000, Rounding::Down)?;
	Ok((full, UsdValue::from_inner(rest)))
}

/// All collateral's (full value, value after haircuts).
fn collateral(book: &Book, prices: &[Price]) -> Result<(UsdValue, UsdValue), RiskError> {
	let spot = prices.first().copied().unwrap_or_default();
	let mut sums = (UsdValue::ZERO, UsdValue::ZERO);
	for holding in &book.holdings {
		let (full, rest) = holding_value(spot, holding)?;
		sums = (plus(sums.0, full)?, plus(sums.1, rest)?);
	}
	Ok(sums)
}
