//! Where joint scenarios lie among an underlying's own.

use crate::{
	error::RiskError,
	joint::{JointMove, MOVE_SCALE},
	model::{RiskModel, VolatilityShock},
};
use alloc::vec::Vec;
use plimsoll_primitives::number::SCALE;
use sp_arithmetic::FixedU128;

/// What the weights of a place's four scenarios add up to, as a power of two.
pub(crate) const WEIGHT_BITS: u32 = 20;
/// The same as a number.
pub(crate) const WEIGHT_ONE: i128 = 1 << WEIGHT_BITS;
/// Binary digits of price moves, which are counted in scan ranges.
const MOVE_BITS: u32 = 32;
/// Beyond so many scan ranges, and beyond so many volatility ranges, a move counts as no larger.
const FURTHEST_PRICE: i128 = 100;
const FURTHEST_VOLATILITY: i128 = 8;
/// The product of a weight and a loss below these fits.
const SHORT_WEIGHT: u64 = 1 << 30;
const SHORT_LOSS: u128 = 1 << 96;
/// From a joint scenario's units to 18 decimals.
const TO_DECIMALS: i128 = SCALE as i128 / MOVE_SCALE as i128;

/// A price move of the model's scenarios, and the scenarios that have it, by volatility.
#[derive(Clone, Copy)]
struct Node {
	/// In scan ranges, [`MOVE_BITS`] binary digits.
	price_move: i128,
	up: usize,
	unmoved: usize,
	down: usize,
}

/// The scenarios as a grid of price moves and volatility moves.
pub(crate) struct Grid {
	/// At least two, ascending.
	nodes: Vec<Node>,
	/// 2^72 over the distance to the next node, for all but the last.
	inverses: Vec<i128>,
	/// From a rise or a fall of the volatility, in a joint scenario's units, to parts of the
	/// model's range, 40 more binary digits than a weight has.
	per_rise: i128,
	per_fall: i128,
}

/// A point of the grid: the four scenarios around it and their weights, which add up to
/// [`WEIGHT_ONE`]. Beyond the grid's edge it lies on the line through the last two nodes.
#[derive(Clone, Copy)]
pub(crate) struct Place {
	scenarios: [u8; 4],
	weights: [i64; 4],
}

impl Grid {
	/// `None` where the model's scenarios without skew are no grid: fewer than two price moves, or
	/// one that is not there with each volatility.
	pub(crate) fn new(model: &RiskModel) -> Option<Self> {
		let scenarios = || model.scenarios.iter().enumerate();
		let mut moves: Vec<_> = scenarios()
			.filter(|(_, scenario)| !scenario.volatility.is_skew())
			.map(|(_, scenario)| scenario.price_move)
			.collect();
		moves.sort_unstable();
		moves.dedup();
		let nodes = moves
			.into_iter()
			.map(|price_move| {
				let with = |volatility: VolatilityShock| {
					scenarios()
						.find(|(_, s)| s.price_move == price_move && s.volatility == volatility)
						.map(|(index, _)| index)
				};
				Some(Node {
					// A move is at most 2^127 / 10^18, far below 2^95.
					price_move: scaled(price_move.into_inner())?,
					up: with(VolatilityShock::Up)?,
					unmoved: with(VolatilityShock::None)?,
					down: with(VolatilityShock::Down)?,
				})
			})
			.collect::<Option<Vec<_>>>()?;
		let inverses = nodes
			.windows(2)
			.map(|pair| match pair {
				[low, high] => {
					(1i128 << 72).checked_div(high.price_move.checked_sub(low.price_move)?)
				}
				_ => None,
			})
			.collect::<Option<Vec<_>>>()?;
		if inverses.is_empty() {
			return None;
		}
		let per = |range: FixedU128| {
			let range = i128::try_from(range.into_inner()).ok()?;
			(TO_DECIMALS << (WEIGHT_BITS + 40)).checked_div(range)
		};
		Some(Self {
			nodes,
			inverses,
			per_rise: per(model.volatility.range_up)?,
			per_fall: per(model.volatility.range_down)?,
		})
	}

	/// The places of an underlying's moves.
	pub(crate) fn places(
		&self,
		scan_range: FixedU128,
		moves: impl Iterator<Item = JointMove>,
	) -> Result<Vec<Place>, RiskError> {
		// To scan ranges, 40 more binary digits than they have.
		let per_move = i128::try_from(scan_range.into_inner())
			.ok()
			.and_then(|range| (TO_DECIMALS << (MOVE_BITS + 40)).checked_div(range))
			.ok_or(RiskError::OutOfDomain)?;
		moves.map(|moved| self.place(per_move, moved).ok_or(RiskError::Overflow)).collect()
	}

	fn place(&self, per_move: i128, moved: JointMove) -> Option<Place> {
		let furthest = FURTHEST_PRICE << MOVE_BITS;
		let price =
			product_shifted(i64::from(moved.price), per_move, 40).clamp(-furthest, furthest);
		let after = self.nodes.partition_point(|node| node.price_move <= price);
		let low = after.clamp(1, self.inverses.len()).checked_sub(1)?;
		let (from, to) = (self.nodes.get(low)?, self.nodes.get(low.checked_add(1)?)?);
		// Both are within ±2^95; a distance that does not fit is beyond every grid.
		let distance = i64::try_from(price.checked_sub(from.price_move)?).ok()?;
		let along = product_shifted(distance, *self.inverses.get(low)?, 72 - WEIGHT_BITS);
		let rises = moved.volatility >= 0;
		let per = if rises { self.per_rise } else { self.per_fall };
		let size = i64::from(moved.volatility.unsigned_abs());
		let part = product_shifted(size, per, 40).min(FURTHEST_VOLATILITY << WEIGHT_BITS);
		let of = |node: &Node| if rises { node.up } else { node.down };
		let [low_weight, high_weight] = [WEIGHT_ONE.checked_sub(along)?, along];
		let moved =
			|weight: i128| Some(product_shifted(i64::try_from(weight).ok()?, part, WEIGHT_BITS));
		let (low_moved, high_moved) = (moved(low_weight)?, moved(high_weight)?);
		Place::new([
			(from.unmoved, low_weight.checked_sub(low_moved)?),
			(of(from), low_moved),
			(to.unmoved, high_weight.checked_sub(high_moved)?),
			(of(to), high_moved),
		])
	}
}

/// `a · b / 2^by`, rounded down, for a `by` from 20 to 63; saturating. A product of two 128-bit numbers
/// is dear where there are none in hardware; nearly all of these are short.
fn product_shifted(a: i64, b: i128, by: u32) -> i128 {
	let short = i64::try_from(b).ok().filter(|b| (0..1 << 46).contains(b));
	if let (Some(b), true) = (short, a.unsigned_abs() < 1 << 36) {
		// Below 2^36 · 2^26 and 2^36 · 2^20: nothing wraps, and what is cut from the lower product is
		// cut from the whole.
		let (high, low) = (a.wrapping_mul(b >> 20), a.wrapping_mul(b & ((1 << 20) - 1)));
		return i128::from(high.wrapping_add(low >> 20) >> by.saturating_sub(20));
	}
	i128::from(a).saturating_mul(b) >> by
}

/// Scan ranges in 18 decimals as binary ones, rounded down.
fn scaled(price_move: i128) -> Option<i128> {
	let whole = price_move.div_euclid(SCALE as i128);
	let rest = price_move.rem_euclid(SCALE as i128);
	whole.checked_shl(MOVE_BITS)?.checked_add((rest << MOVE_BITS) / SCALE as i128)
}

impl Place {
	/// `None` where a weight does not fit, or a scenario: of those there are at most 64.
	fn new(parts: [(usize, i128); 4]) -> Option<Self> {
		let mut place = Self { scenarios: [0; 4], weights: [0; 4] };
		let places = place.scenarios.iter_mut().zip(&mut place.weights);
		for ((scenario, weight), part) in places.zip(parts) {
			(*scenario, *weight) = (u8::try_from(part.0).ok()?, i64::try_from(part.1).ok()?);
		}
		Some(place)
	}

	/// One scenario by itself, of at most 256.
	pub(crate) fn of(scenario: usize) -> Option<Self> {
		Self::new([(scenario, WEIGHT_ONE), (0, 0), (0, 0), (0, 0)])
	}

	/// Its four scenarios and their weights.
	pub(crate) fn parts(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
		self.scenarios.iter().zip(&self.weights).map(|(at, weight)| (usize::from(*at), *weight))
	}

	/// The loss here, [`WEIGHT_BITS`] binary digits more than the scenarios' losses.
	pub(crate) fn loss(&self, of: impl Fn(usize) -> Option<i128>) -> Result<i128, RiskError> {
		self.parts().try_fold(0i128, |sum, (scenario, weight)| {
			let loss = of(scenario).ok_or(RiskError::OutOfDomain)?;
			// A checked product of two 128-bit numbers is dear; nearly all need none.
			let is_short = weight.unsigned_abs() < SHORT_WEIGHT && loss.unsigned_abs() < SHORT_LOSS;
			let weight = i128::from(weight);
			let part =
				if is_short { Some(loss.wrapping_mul(weight)) } else { loss.checked_mul(weight) };
			part.and_then(|part| sum.checked_add(part)).ok_or(RiskError::Overflow)
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	proptest! {
		#[test]
		fn short_products_are_those_of_long_numbers(
			a in any::<i64>(), a_bits in 0u32..63, b in any::<i128>(), b_bits in 0u32..127, by in 20u32..64,
		) {
			let (a, b) = (a >> a_bits, b >> b_bits);
			prop_assert_eq!(product_shifted(a, b, by), i128::from(a).saturating_mul(b) >> by);
		}
	}
}
