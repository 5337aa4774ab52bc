//! The base of both margins: how the losses of several underlyings come together.

use crate::{
	error::RiskError,
	fixed::multiply_decimal,
	grid::{Place, WEIGHT_BITS, WEIGHT_ONE},
	model::Aggregation,
};
use alloc::{rc::Rc, vec, vec::Vec};
use core::cmp::Ordering;
use plimsoll_primitives::{number::SCALE, Rounding, UnderlyingId, UsdValue};

/// What one underlying adds.
#[derive(Clone, Copy)]
pub(crate) struct Curves<'a> {
	pub(crate) underlying: UnderlyingId,
	/// Loss in each scenario after its weight; empty where nothing is exposed.
	pub(crate) losses: &'a [UsdValue],
	/// The same before weights.
	pub(crate) undampened: &'a [UsdValue],
	/// The worst of scenarios and all else that this underlying is scanned for, at least zero.
	pub(crate) scan: UsdValue,
}

/// The base and what it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
	/// The largest of the candidates.
	pub(crate) amount: UsdValue,
	/// The joint loss, at least zero.
	pub(crate) joint: UsdValue,
	/// The worst loss of one market, at least zero.
	pub(crate) one_market: UsdValue,
	/// The largest scan of one underlying.
	pub(crate) largest: UsdValue,
	/// The part of the sum of scans.
	pub(crate) floor: UsdValue,
	/// Which candidate it is.
	pub(crate) binding: BaseBinding,
}

/// Which candidate the base is. Indices are positions among the underlyings' curves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BaseBinding {
	/// The sum of all scans: the model does not aggregate.
	Sum,
	/// The joint loss: the scenarios of the tail and their weights, which add up to
	/// [`WEIGHT_ONE`].
	Joint(Vec<(usize, i128)>),
	/// One market, in this scenario of the model.
	OneMarket(usize),
	/// The scan of one underlying.
	Largest(usize),
	/// The part of the sum of scans.
	Floor,
}

/// The model's rule, made ready for some underlyings.
pub(crate) enum Aggregator {
	/// Scans add up.
	Sum,
	/// Everything else.
	Joint {
		rules: Rc<Aggregation>,
		/// By underlying: its places in the joint scenarios; those that have none are offset against
		/// nothing in the joint loss.
		places: Vec<(UnderlyingId, Rc<[Place]>)>,
		/// Weights of the worst, the second worst, …: together [`WEIGHT_ONE`].
		tail: Vec<i128>,
		scenarios: usize,
	},
}

/// Where an underlying's joint scenarios lie among the model's.
#[derive(Default)]
pub(crate) struct Surroundings<'a> {
	/// The scenarios that some of them lie between.
	between: Vec<usize>,
	/// Those that lie beyond all scenarios.
	beyond: Vec<&'a Place>,
}

impl Surroundings<'_> {
	/// The joint loss of one underlying alone, or the scan where it is plainly no more than that; `None`
	/// where neither is plain. What lies between scenarios loses no more than the worst of them, so that
	/// only what lies beyond has to be looked at.
	fn joint_loss(&self, tail: &[i128], curve: Curves) -> Result<Option<UsdValue>, RiskError> {
		let loss = |scenario: usize| curve.undampened.get(scenario).map(|loss| loss.into_inner());
		let most = self.between.iter().filter_map(|scenario| loss(*scenario)).max();
		let beyond = self.beyond.iter().map(|place| place.loss(loss).map(rounded_up));
		let mut beyond = beyond.collect::<Result<Vec<_>, _>>()?;
		beyond.sort_unstable_by(|a, b| b.cmp(a));
		let worst = |rank: usize| beyond.get(rank).copied();
		let last = tail.len().checked_sub(1);
		// Nothing is less than any loss: `most` is nothing where all lie beyond.
		if last.and_then(worst) >= most {
			return Ok(Some(tail_loss((0..tail.len()).filter_map(worst), tail)?));
		}
		let at_most = (0..tail.len()).filter_map(|rank| worst(rank).max(most));
		Ok((tail_loss(at_most, tail)? <= curve.scan).then_some(curve.scan))
	}
}

/// The mean of the tail's losses, the worst first, rounded up, at least zero.
fn tail_loss(losses: impl Iterator<Item = i128>, tail: &[i128]) -> Result<UsdValue, RiskError> {
	let mut mean = 0i128;
	for (loss, weight) in losses.zip(tail) {
		mean = loss
			.checked_mul(*weight)
			.and_then(|part| mean.checked_add(part))
			.ok_or(RiskError::Overflow)?;
	}
	Ok(UsdValue::from_inner(rounded_up(mean).max(0)))
}

impl Aggregator {
	/// By these rules, with so many joint scenarios.
	pub(crate) fn new(
		rules: Rc<Aggregation>,
		places: Vec<(UnderlyingId, Rc<[Place]>)>,
		scenarios: usize,
	) -> Result<Self, RiskError> {
		let tail = tail_weights(&rules, scenarios)?;
		Ok(Self::Joint { rules, places, tail, scenarios })
	}

	/// The base of an account with these curves, each underlying once.
	pub(crate) fn base(&self, curves: &[Curves]) -> Result<Base, RiskError> {
		self.base_with_orders(curves, &[])
	}

	/// The base of an account whose open orders, curve by curve, lose this before weights, each order
	/// in every scenario. They are in the curves' weighted losses and scans already, those that gain
	/// as nothing; and not in the undampened ones, which joint scenarios take.
	pub(crate) fn base_with_orders(
		&self,
		curves: &[Curves],
		orders: &[&[Vec<UsdValue>]],
	) -> Result<Base, RiskError> {
		let sum = total(curves.iter().map(|curve| curve.scan))?;
		let Self::Joint { rules, .. } = self else {
			return Ok(Base {
				amount: sum,
				joint: sum,
				one_market: sum,
				largest: sum,
				floor: sum,
				binding: BaseBinding::Sum,
			});
		};
		let floor = multiply_decimal(sum.into_inner(), rules.floor.into_inner(), Rounding::Up)?;
		let floor = UsdValue::from_inner(floor);
		let mut best = (floor, BaseBinding::Floor);
		let (joint, tail) = self.joint_loss(curves, orders)?;
		if joint > best.0 {
			best = (joint, BaseBinding::Joint(tail));
		}
		let (one_market, scenario) = one_market(rules, curves)?;
		if let Some(scenario) = scenario.filter(|_| one_market > best.0) {
			best = (one_market, BaseBinding::OneMarket(scenario));
		}
		let mut largest = UsdValue::ZERO;
		for (index, curve) in curves.iter().enumerate() {
			largest = largest.max(curve.scan);
			// On a tie the underlying's own scenario tells the account's owner most.
			if curve.scan >= best.0 && !curve.scan.is_zero() {
				best = (curve.scan, BaseBinding::Largest(index));
			}
		}
		let (amount, binding) = best;
		Ok(Base { amount, joint, one_market, largest, floor, binding })
	}

	/// Where an underlying's joint scenarios lie; `None` without any.
	pub(crate) fn surroundings(&self, underlying: UnderlyingId) -> Option<Surroundings<'_>> {
		let mut found = Surroundings::default();
		for place in self.places_of(underlying)? {
			if place.parts().any(|(_, weight)| weight < 0) {
				found.beyond.push(place);
				continue;
			}
			for (scenario, weight) in place.parts() {
				if weight > 0 && !found.between.contains(&scenario) {
					found.between.push(scenario);
				}
			}
		}
		Some(found)
	}

	/// What [`base`](Self::base) amounts to for one underlying alone, whose joint scenarios have these
	/// surroundings: its scan, which neither one market nor the floor exceeds, or the joint loss.
	pub(crate) fn base_alone(
		&self,
		curve: Curves,
		surroundings: Option<&Surroundings>,
	) -> Result<UsdValue, RiskError> {
		if let (Self::Joint { tail, .. }, Some(surroundings)) = (self, surroundings) {
			if let Some(joint) = surroundings.joint_loss(tail, curve)? {
				return Ok(joint.max(curve.scan));
			}
		}
		Ok(self.base(&[curve])?.amount)
	}

	/// The mean loss over the tail of the joint scenarios, each scenario's loss and the mean rounded
	/// up, at least zero; and the tail. Underlyings that joint scenarios do not tell of add their
	/// scans.
	fn joint_loss(
		&self,
		curves: &[Curves],
		orders: &[&[Vec<UsdValue>]],
	) -> Result<(UsdValue, Vec<(usize, i128)>), RiskError> {
		let Self::Joint { tail, scenarios, .. } = self else {
			return Ok((UsdValue::ZERO, Vec::new()));
		};
		let mut apart = UsdValue::ZERO;
		let mut offset: Vec<(&[Place], &[UsdValue])> = Vec::with_capacity(curves.len());
		let mut filled = vec![UsdValue::ZERO; if orders.is_empty() { 0 } else { *scenarios }];
		for (index, curve) in curves.iter().enumerate() {
			let Some(places) = self.places_of(curve.underlying) else {
				apart = plus(apart, curve.scan)?;
				continue;
			};
			if !curve.undampened.is_empty() {
				offset.push((places, curve.undampened));
			}
			let orders = orders.get(index).copied().unwrap_or_default();
			if !orders.is_empty() {
				fill_losing(&mut filled, places, orders)?;
			}
		}
		let own = filled.iter().enumerate().map(|(index, _)| Place::of(index));
		let own = own.collect::<Option<Vec<_>>>().ok_or(RiskError::Overflow)?;
		if !filled.is_empty() {
			offset.push((&own, &filled));
		}
		let mut ranked = worst_joint(&offset, *scenarios, tail.len())?;
		ranked.sort_unstable_by(worse);
		let worst = ranked.iter().zip(tail).map(|((_, index), weight)| (*index, *weight)).collect();
		let mean = tail_loss(ranked.iter().map(|(loss, _)| *loss), tail)?;
		Ok((plus(mean, apart)?, worst))
	}

	/// An underlying's places in the joint scenarios.
	pub(crate) fn places_of(&self, underlying: UnderlyingId) -> Option<&[Place]> {
		let Self::Joint { places, .. } = self else { return None };
		places.iter().find(|(known, _)| *known == underlying).map(|(_, places)| &**places)
	}

	/// The part of the sum of scans that is asked for at least, 18 decimals.
	pub(crate) fn floor(&self) -> u128 {
		match self {
			Self::Sum => SCALE,
			Self::Joint { rules, .. } => rules.floor.into_inner(),
		}
	}
}

/// Adds what orders lose in each joint scenario, those that gain as nothing; rounded up. Between the
/// model's scenarios what is above zero there is interpolated: no less, as that is convex, and done for
/// all orders at once. Beyond them, where a weight is negative, it is for each order by itself.
fn fill_losing(
	filled: &mut [UsdValue],
	places: &[Place],
	orders: &[Vec<UsdValue>],
) -> Result<(), RiskError> {
	let mut losing: Vec<UsdValue> = Vec::new();
	for order in orders {
		losing.resize(order.len().max(losing.len()), UsdValue::ZERO);
		for (sum, loss) in losing.iter_mut().zip(order) {
			*sum = plus(*sum, (*loss).max(UsdValue::ZERO))?;
		}
	}
	for (sum, place) in filled.iter_mut().zip(places) {
		let of = |losses: &[UsdValue]| {
			place.loss(|scenario| losses.get(scenario).map(|loss| loss.into_inner()))
		};
		let mut loss = 0i128;
		if place.parts().all(|(_, weight)| weight >= 0) {
			loss = of(&losing)?;
		} else {
			for order in orders {
				loss = of(order)?.max(0).checked_add(loss).ok_or(RiskError::Overflow)?;
			}
		}
		*sum = plus(*sum, UsdValue::from_inner(rounded_up(loss)))?;
	}
	Ok(())
}

/// The order of joint scenarios: the larger loss first, then the earlier one.
fn worse(a: &(i128, usize), b: &(i128, usize)) -> Ordering {
	b.0.cmp(&a.0).then(a.1.cmp(&b.1))
}

/// The `count` joint scenarios that lose most, in any order: (loss, rounded up; which), exactly. At
/// first all are weighed with losses cut to a few bits, then exactly those that could be among them.
fn worst_joint(
	curves: &[(&[Place], &[UsdValue])],
	scenarios: usize,
	count: usize,
) -> Result<Vec<(i128, usize)>, RiskError> {
	let exact = |index: usize| -> Result<(i128, usize), RiskError> {
		let mut sum = 0i128;
		for (places, losses) in curves {
			let Some(place) = places.get(index) else { continue };
			let loss = place.loss(|scenario| losses.get(scenario).map(|loss| loss.into_inner()))?;
			sum = sum.checked_add(loss).ok_or(RiskError::Overflow)?;
		}
		Ok((rounded_up(sum), index))
	};
	let Some((rough, error)) = rough_joint(curves, scenarios).filter(|_| count < scenarios) else {
		return (0..scenarios).map(exact).collect();
	};
	let mut order = rough.clone();
	let Some(last) = count.checked_sub(1) else { return Ok(Vec::new()) };
	let (_, least, _) = order.select_nth_unstable_by(last, |a, b| b.cmp(a));
	// Each is off by less than the error: what is two of them lower cannot be one of the worst.
	let least = least.saturating_sub(error.saturating_mul(2));
	let candidates = rough.iter().enumerate().filter(|(_, loss)| **loss >= least);
	let mut found =
		candidates.map(|(index, _)| exact(index)).collect::<Result<Vec<_>, RiskError>>()?;
	found.sort_unstable_by(worse);
	found.truncate(count);
	Ok(found)
}

/// Losses of at most so many bits.
const ROUGH_BITS: u32 = 26;
/// The most curves that rough losses are made of, and what a place's weights sum to at most, without
/// their signs: sums are below 2^(26 + 30 + 3).
const ROUGH_CURVES: usize = 8;
const ROUGH_WEIGHTS: i64 = 1 << 30;

/// Every joint scenario's loss, cut, and what each is off by at most; `None` where that is not
/// possible.
fn rough_joint(curves: &[(&[Place], &[UsdValue])], scenarios: usize) -> Option<(Vec<i64>, i64)> {
	if curves.len() > ROUGH_CURVES {
		return None;
	}
	let all = curves.iter().flat_map(|(_, losses)| *losses);
	let most = all.map(|loss| loss.into_inner().unsigned_abs()).max()?;
	let shift = (u128::BITS - most.leading_zeros()).saturating_sub(ROUGH_BITS);
	let mut sums = vec![0i64; scenarios];
	// Rounding up; and less than one is cut from each loss, for each part of a weight.
	let mut error = 1i64 << WEIGHT_BITS;
	for (places, losses) in curves {
		// Below 2^26, towards less.
		let losses: Vec<i64> = losses
			.iter()
			.map(|loss| i64::try_from(loss.into_inner() >> shift))
			.collect::<Result<_, _>>()
			.ok()?;
		let mut most = 0i64;
		for (sum, place) in sums.iter_mut().zip(*places) {
			let mut weights = 0i64;
			for (scenario, weight) in place.parts() {
				weights = weights.saturating_add(weight.saturating_abs());
				// What wraps is given up below.
				*sum = sum.wrapping_add(losses.get(scenario)?.wrapping_mul(weight));
			}
			most = most.max(weights);
		}
		if most >= ROUGH_WEIGHTS {
			return None;
		}
		error = error.wrapping_add(most);
	}
	Some((sums, error))
}

/// The mean over a tail of joint scenarios of what loses this in the model's scenarios, rounded
/// down.
pub(crate) fn tail_mean(
	places: &[Place],
	tail: &[(usize, i128)],
	loss: impl Fn(usize) -> Option<i128>,
) -> Result<UsdValue, RiskError> {
	let mut mean = 0i128;
	for (scenario, weight) in tail {
		let place = places.get(*scenario).ok_or(RiskError::OutOfDomain)?;
		mean = (place.loss(&loss)? >> WEIGHT_BITS)
			.checked_mul(*weight)
			.and_then(|part| mean.checked_add(part))
			.ok_or(RiskError::Overflow)?;
	}
	Ok(UsdValue::from_inner(mean >> WEIGHT_BITS))
}

/// The weights of the tail's scenarios, the worst first: each counts alike, the last one for what is
/// left of the tail. What rounding leaves goes to the worst, so that weights fall from rank to rank
/// and the mean stays sub-additive. None without scenarios.
fn tail_weights(rules: &Aggregation, scenarios: usize) -> Result<Vec<i128>, RiskError> {
	let count = u128::try_from(scenarios).map_err(|_| RiskError::Overflow)?;
	// In 18 decimals; at most all of them.
	let size = rules.tail.into_inner().checked_mul(count).ok_or(RiskError::Overflow)?;
	if size == 0 {
		return Ok(Vec::new());
	}
	let part =
		|of: u128| i128::try_from((of << WEIGHT_BITS) / size).map_err(|_| RiskError::Overflow);
	let whole = size / SCALE;
	let mut weights = vec![part(SCALE)?; usize::try_from(whole).map_err(|_| RiskError::Overflow)?];
	if size % SCALE != 0 {
		weights.push(part(size % SCALE)?);
	}
	let rest = WEIGHT_ONE.saturating_sub(weights.iter().sum());
	if let Some(worst) = weights.first_mut() {
		*worst = worst.saturating_add(rest);
	}
	Ok(weights)
}

/// The worst of the scenarios that befall all underlyings at once, at least zero, and which one it
/// is, if any loses.
fn one_market(
	rules: &Aggregation,
	curves: &[Curves],
) -> Result<(UsdValue, Option<usize>), RiskError> {
	let mut worst = (UsdValue::ZERO, None);
	for scenario in rules.one_market.iter().map(|index| usize::from(*index)) {
		let here = curves.iter().filter_map(|curve| curve.losses.get(scenario).copied());
		let loss = total(here)?;
		if loss > worst.0 {
			worst = (loss, Some(scenario));
		}
	}
	Ok(worst)
}

fn total(mut values: impl Iterator<Item = UsdValue>) -> Result<UsdValue, RiskError> {
	values.try_fold(UsdValue::ZERO, plus)
}

fn plus(a: UsdValue, b: UsdValue) -> Result<UsdValue, RiskError> {
	a.checked_add(b).ok_or(RiskError::Overflow)
}

/// Without the binary digits of a weight.
fn rounded_up(value: i128) -> i128 {
	let whole = value >> WEIGHT_BITS;
	// Below 2^107: one more fits.
	if whole << WEIGHT_BITS == value {
		whole
	} else {
		whole + 1
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{grid::Grid, joint::JointMove, model::RiskModel};
	use plimsoll_primitives::UnderlyingId;
	use proptest::{collection::vec, prelude::*};
	use sp_arithmetic::FixedU128;

	const IDS: [UnderlyingId; 3] = [UnderlyingId(0), UnderlyingId(1), UnderlyingId(2)];

	fn joint_move() -> impl Strategy<Value = JointMove> {
		let any = prop_oneof![-200_000_000i32..200_000_000, any::<i32>()];
		(any.clone(), any).prop_map(|(price, volatility)| JointMove { price, volatility })
	}

	proptest! {
		#![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

		#[test]
		fn worst_joint_scenarios_are_those_of_exact_losses(
			moves in vec(vec(joint_move(), 60), 0..3),
			losses in vec(vec(any::<i64>(), 39), 3),
			coarse in 0u32..62,
			up in 0u32..30,
			count in 0usize..5,
		) {
			let range = FixedU128::from_rational(15, 100);
			let grid = Grid::new(&RiskModel::standard(&IDS.map(|id| (id, range)))).expect("a grid");
			let places: Vec<_> = moves
				.iter()
				.map(|moves| grid.places(range, moves.iter().copied()).expect("in range"))
				.collect();
			// Many alike, where they are coarse.
			let losses: Vec<Vec<UsdValue>> = losses
				.iter()
				.map(|all| {
					let of = |loss: &i64| UsdValue::from_inner(i128::from(loss >> coarse) << up);
					all.iter().map(of).collect()
				})
				.collect();
			let curves: Vec<(&[Place], &[UsdValue])> =
				places.iter().map(Vec::as_slice).zip(losses.iter().map(Vec::as_slice)).collect();
			let mut found = worst_joint(&curves, 60, count).expect("no overflow");
			found.sort_unstable_by(worse);
			found.truncate(count);
			let mut all = worst_joint(&curves, 60, 60).expect("no overflow");
			all.sort_unstable_by(worse);
			all.truncate(count);
			prop_assert_eq!(found, all);
		}

		#[test]
		fn base_of_one_alone_is_the_base_of_an_account_of_one(
			moves in vec(joint_move(), 60),
			losses in vec(any::<i32>(), 39),
			scan in any::<i32>(),
		) {
			let range = FixedU128::from_rational(15, 100);
			let model = RiskModel::standard(&IDS.map(|id| (id, range)));
			let grid = Grid::new(&model).expect("a grid");
			let places = grid.places(range, moves.into_iter()).expect("in range").into();
			let rules = Rc::new(model.aggregation.expect("the standard model has them"));
			let aggregator = Aggregator::new(rules, vec![(IDS[0], places)], 60).expect("in order");
			let usd = |loss: i32| UsdValue::from_inner(i128::from(loss) << 40);
			let undampened: Vec<_> = losses.into_iter().map(usd).collect();
			let worst = undampened.iter().copied().max().expect("there are some");
			let curve = Curves {
				underlying: IDS[0],
				losses: &undampened,
				undampened: &undampened,
				scan: worst.max(usd(scan)).max(UsdValue::ZERO),
			};
			let surroundings = aggregator.surroundings(IDS[0]);
			let alone = aggregator.base_alone(curve, surroundings.as_ref());
			prop_assert_eq!(alone, aggregator.base(&[curve]).map(|base| base.amount));
		}
	}
}
