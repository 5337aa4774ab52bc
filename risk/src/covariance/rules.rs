//! The numbers by which covariance is learnt.

use super::{CovarianceError, MAX_RETURN};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::number::SCALE;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::FixedU128;

/// The least variance that counts, in units of 1e-18: a standard deviation of a millionth a step.
/// Below it a component counts as one that does not move.
pub(crate) const LEAST_VARIANCE: i64 = 1_000_000;
/// The same with the unit of [`FixedU128`].
const LEAST_FLOOR: FixedU128 = FixedU128::from_inner(1_000_000);

/// How fast covariance is learnt, and within what bounds. All in 18 decimals.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct CovarianceRules {
	/// λ, the weight of the past against one step's returns; below one.
	pub decay: FixedU128,
	/// Returns count up to this size; above zero, at most two. What lies beyond still makes a scenario
	/// of its own in full.
	pub return_bound: FixedU128,
	/// The least variance of a price's return over one step, from 1e-12 to 1.
	pub price_floor: FixedU128,
	/// The least variance of a volatility's return over one step, from 1e-12 to 1.
	pub volatility_floor: FixedU128,
	/// By which part of itself a variance rises at most in an epoch; above zero, at most ten.
	pub rise: FixedU128,
	/// By which part of itself a variance falls at most in an epoch; above zero, below one, and at
	/// most `rise`.
	pub fall: FixedU128,
}

impl CovarianceRules {
	/// Whether they leave no risk out: the bounds that each field states.
	pub fn validate(&self) -> Result<(), CovarianceError> {
		let (one, ten) = (FixedU128::from_u32(1), FixedU128::from_u32(10));
		let zero = FixedU128::from_u32(0);
		if self.decay >= one {
			return Err(CovarianceError::Decay);
		}
		if self.return_bound == zero || self.return_bound > FixedU128::from_u32(2) {
			return Err(CovarianceError::ReturnBound);
		}
		let is_floor = |floor: FixedU128| floor >= LEAST_FLOOR && floor <= one;
		if !is_floor(self.price_floor) || !is_floor(self.volatility_floor) {
			return Err(CovarianceError::Floor);
		}
		if self.rise == zero || self.rise > ten {
			return Err(CovarianceError::Rise);
		}
		if self.fall == zero || self.fall >= one || self.fall > self.rise {
			return Err(CovarianceError::Fall);
		}
		Ok(())
	}

	/// The least variance of a component, in units of 1e-18.
	pub(crate) fn floor(&self, component: usize) -> Result<i64, CovarianceError> {
		let floor =
			if component.is_multiple_of(2) { self.price_floor } else { self.volatility_floor };
		i64::try_from(floor.into_inner()).map_err(|_| CovarianceError::Floor)
	}

	/// The size up to which returns count, in billionths, rounded up.
	pub(crate) fn bound(&self) -> i32 {
		let billionths = self.return_bound.into_inner().div_ceil(SCALE / 1_000_000_000);
		i32::try_from(billionths).unwrap_or(MAX_RETURN)
	}
}
