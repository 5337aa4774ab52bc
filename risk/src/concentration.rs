//! Positions that are large against their market.
//!
//! Two sizes of each underlying are held against its two liquidities, and charged by
//! [`Concentration`](crate::model::Concentration)'s law:
//! - the *delta notional*: the steepest slope of the loss curve, `|L(a) − L(b)| / (b − a)`, between
//!   neighbouring scenarios a and b that move the price alone and count in full, b − a being a part
//!   of spot. It is what has to be traded to close the price risk where that is largest within the
//!   scan range: gamma is in it, and it nets over perpetuals, futures, options of all expiries and
//!   collateral, as their hedge does. Before static discounting, so it is a sum over the legs;
//! - the *option notional*: contracts of each series, net, without their signs, times spot.
//!
//! The charge is the same in both margins and rounded up. It is split in proportion to each leg's
//! part of the size: the binding slope, or its series' net contracts.

use crate::{
	book::{Book, Exposure, Owner},
	curve::Curve,
	engine::{Detail, Path},
	error::RiskError,
	fixed::{multiply_decimal, Wide},
	gamma_buffer::net_contracts,
	portfolio::Valued,
	report::Requirement,
};
use alloc::{rc::Rc, vec::Vec};
use plimsoll_primitives::{Price, Rounding, UsdValue};
use sp_arithmetic::FixedU128;

/// What is charged for one market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Charge {
	/// The size, USD, 18 decimals, rounded up; zero where nothing is charged for any size.
	pub(crate) notional: i128,
	/// Per USD of notional, 18 decimals.
	rate: u128,
	/// By how many times the size exceeds the liquidity, 18 decimals, rounded up; zero where it does
	/// not.
	excess: u128,
	/// Rounded up.
	usd: i128,
}

/// What an account's size costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Concentrated {
	pub(crate) delta: Charge,
	/// Between which nodes the slope is steepest: (below, above) as indices into the book's shocks,
	/// and whether it is a long one.
	slope: Option<(usize, usize, bool)>,
	pub(crate) options: Charge,
}

impl Charge {
	/// `rate` and `liquidity` are above zero.
	fn of(notional: i128, rate: FixedU128, liquidity: FixedU128) -> Result<Self, RiskError> {
		let (rate, liquidity) = (rate.into_inner(), liquidity.into_inner());
		// Saturating: notionals are not negative, and below the liquidity nothing is in excess.
		let above = notional.unsigned_abs().saturating_sub(liquidity);
		if above == 0 {
			return Ok(Self { notional, ..Self::default() });
		}
		let above = i128::try_from(above).map_err(|_| RiskError::Overflow)?;
		let (times, rest) = Wide::from_decimal(above).divide(liquidity)?;
		let excess = times.unsigned_abs().saturating_add(u128::from(rest != 0));
		let normal = multiply_decimal(notional, rate, Rounding::Up)?;
		Ok(Self { notional, rate, excess, usd: multiply_decimal(normal, excess, Rounding::Up)? })
	}

	/// The part of a part of the notional, rounded down.
	fn part(&self, notional: i128) -> Result<UsdValue, RiskError> {
		let normal = multiply_decimal(notional, self.rate, Rounding::Down)?;
		let part = multiply_decimal(normal, self.excess, Rounding::Down)?;
		Ok(UsdValue::from_inner(part))
	}
}

impl Concentrated {
	/// Of `exposures`, whose losses `curve` has, at this spot.
	pub(crate) fn of(
		book: &Book,
		exposures: &[Exposure],
		curve: &Curve,
		spot: Price,
	) -> Result<Self, RiskError> {
		let mut sizes = Self::default();
		let (terms, liquidity) = (&book.concentration, &book.liquidity);
		if terms.delta_rate.into_inner() != 0 && liquidity.delta.into_inner() != 0 {
			if let Some((notional, slope)) = steepest(book, curve)? {
				sizes.delta = Charge::of(notional, terms.delta_rate, liquidity.delta)?;
				sizes.slope = Some(slope);
			}
		}
		if terms.option_rate.into_inner() != 0 && liquidity.options.into_inner() != 0 {
			let contracts = net_contracts(exposures.iter())?;
			let notional = Wide::product(spot.into_inner(), contracts).to_decimal(Rounding::Up)?;
			sizes.options = Charge::of(notional, terms.option_rate, liquidity.options)?;
		}
		Ok(sizes)
	}

	/// Both charges together, rounded up.
	pub(crate) fn charge(&self) -> Result<UsdValue, RiskError> {
		let sum = self.delta.usd.checked_add(self.options.usd).ok_or(RiskError::Overflow)?;
		Ok(UsdValue::from_inner(sum))
	}
}

/// What a difference of losses over an interval of price factors comes to per 100 % of spot, rounded
/// away from zero or towards it.
fn slope(
	book: &Book,
	below: usize,
	above: usize,
	fall: Wide,
	away: bool,
) -> Result<i128, RiskError> {
	let factor = |shock: usize| {
		book.shocks.get(shock).map(|shock| shock.factor).ok_or(RiskError::OutOfDomain)
	};
	// Nodes are in ascending order.
	let width = factor(above)?.saturating_sub(factor(below)?);
	let (slope, rest) = fall.divide(width)?;
	if !away || rest == 0 {
		return Ok(slope);
	}
	let step = if fall.is_negative() { -1 } else { 1 };
	slope.checked_add(step).ok_or(RiskError::Overflow)
}

/// The delta notional, rounded up, and where it is; `None` without two nodes that differ.
fn steepest(book: &Book, curve: &Curve) -> Result<Option<(i128, (usize, usize, bool))>, RiskError> {
	let mut worst: Option<(i128, (usize, usize, bool))> = None;
	for pair in book.nodes.windows(2) {
		let [below, above] = *pair else { continue };
		let factor = |shock: usize| book.shocks.get(shock).map(|shock| shock.factor);
		if factor(below) == factor(above) {
			continue;
		}
		// What is lost less higher up is long.
		let fall = curve.uncut(below)?.subtract(curve.uncut(above)?)?;
		let notional = slope(book, below, above, fall, true)?;
		let size = notional.checked_abs().ok_or(RiskError::Overflow)?;
		if worst.is_none_or(|(steepest, _)| size > steepest) {
			worst = Some((size, (below, above, notional > 0)));
		}
	}
	Ok(worst)
}

/// The most that the charge may be when any of the orders fill that lose as these curves do beside what
/// `held` does, and options come to at most so many contracts; rounded up. Both notionals are the
/// largest that there may be: a slope is a sum, so that of all orders that steepen it; and the charge
/// rises with them.
pub(crate) fn most<'a>(
	book: &Book,
	held: &Curve,
	orders: impl Iterator<Item = &'a Curve> + Clone,
	(spot, contracts): (Price, i128),
) -> Result<UsdValue, RiskError> {
	let (terms, liquidity) = (&book.concentration, &book.liquidity);
	let mut sum = 0i128;
	if terms.delta_rate.into_inner() != 0 && liquidity.delta.into_inner() != 0 {
		let mut notional = 0i128;
		for pair in book.nodes.windows(2) {
			let [below, above] = *pair else { continue };
			let factor = |shock: usize| book.shocks.get(shock).map(|shock| shock.factor);
			if factor(below) == factor(above) {
				continue;
			}
			let fall = |curve: &Curve| -> Result<Wide, RiskError> {
				Ok(curve.uncut(below)?.subtract(curve.uncut(above)?)?)
			};
			let held = fall(held)?;
			let (mut long, mut short) = (held, held);
			for order in orders.clone() {
				let fall = fall(order)?;
				let side = if fall.is_negative() { &mut short } else { &mut long };
				*side = side.add(fall)?;
			}
			for fall in [long, short] {
				let slope = slope(book, below, above, fall, true)?;
				notional = notional.max(slope.checked_abs().ok_or(RiskError::Overflow)?);
			}
		}
		sum = Charge::of(notional, terms.delta_rate, liquidity.delta)?.usd;
	}
	if terms.option_rate.into_inner() != 0 && liquidity.options.into_inner() != 0 {
		let notional = Wide::product(spot.into_inner(), contracts).to_decimal(Rounding::Up)?;
		let options = Charge::of(notional, terms.option_rate, liquidity.options)?.usd;
		sum = sum.checked_add(options).ok_or(RiskError::Overflow)?;
	}
	Ok(UsdValue::from_inner(sum))
}

/// Each exposure's part of the charge, rounded down; what that leaves goes to the last one that has
/// a part.
pub(crate) fn split(
	valued: &Valued,
	details: &[Detail],
	paths: &[Rc<Path>],
) -> Result<Vec<(Owner, Requirement)>, RiskError> {
	let Valued { book, evaluation } = valued;
	let sizes = &evaluation.concentration;
	let spot = paths.first().map(|path| path.0.price).unwrap_or_default();
	let mut parts = Vec::new();
	if sizes.charge()?.is_zero() {
		return Ok(parts);
	}
	let mut rest = book.factors.same(sizes.charge()?, Rounding::Up)?;
	for (exposure, detail) in book.exposures.iter().zip(details) {
		let mut part = UsdValue::ZERO;
		if let (Some((below, above, is_long)), true) = (sizes.slope, sizes.delta.usd > 0) {
			let at = |shock: usize| detail.losses.get(shock).copied().ok_or(RiskError::OutOfDomain);
			let fall = at(below)?.subtract(at(above)?)?;
			let notional = slope(book, below, above, fall, false)?;
			let along = if is_long { Some(notional) } else { notional.checked_neg() };
			part = sizes.delta.part(along.ok_or(RiskError::Overflow)?)?;
		}
		if exposure.is_living_option() && sizes.options.usd > 0 {
			let net = book
				.exposures
				.iter()
				.filter(|other| other.instrument == exposure.instrument)
				.try_fold(0i128, |net, other| net.checked_add(other.size))
				.ok_or(RiskError::Overflow)?;
			let along = if net < 0 { exposure.size.checked_neg() } else { Some(exposure.size) };
			let size = along.ok_or(RiskError::Overflow)?;
			let notional = Wide::product(spot.into_inner(), size).to_decimal(Rounding::Down)?;
			let options = sizes.options.part(notional)?;
			part = part.checked_add(options).ok_or(RiskError::Overflow)?;
		}
		let part = book.factors.same(part, Rounding::Down)?;
		rest = rest.minus(&part)?;
		parts.push((exposure.owner, part));
	}
	if let Some((_, last)) = parts.last_mut() {
		*last = last.plus(&rest)?;
	}
	Ok(parts)
}
