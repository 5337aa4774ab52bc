//! Returns over one step.

use crate::{
	error::MathError,
	fixed::{subtract, to_decimal},
	math::ln_integer,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::{Price, Rounding, Volatility};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What one is in returns: they are in billionths.
pub const RETURN_SCALE: i32 = 1_000_000_000;
/// The largest return, up or down: ±2, that is 7.4 times the price or 13.5 % of it.
pub const MAX_RETURN: i32 = 2 * RETURN_SCALE;
/// How many units of 18 decimals a billionth is.
const BILLIONTH: i128 = 1_000_000_000;

/// What one underlying did over one step, in billionths ([`RETURN_SCALE`]).
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
pub struct JointReturn {
	/// The logarithmic return of its price.
	pub price: i32,
	/// The logarithmic return of its 30-day at-the-money volatility.
	pub volatility: i32,
}

impl JointReturn {
	/// What happened between two observations (price, 30-day at-the-money volatility). Rounding,
	/// bound and errors as [`log_return`].
	pub fn between(
		before: (Price, Volatility),
		after: (Price, Volatility),
	) -> Result<Self, MathError> {
		Ok(Self {
			price: log_return(before.0, after.0)?,
			volatility: log_ratio(before.1.into_inner(), after.1.into_inner())?,
		})
	}
}

/// ln(`after` / `before`) in billionths ([`RETURN_SCALE`]), rounded away from zero (a larger return
/// asks for more margin, never less) and clipped at ±[`MAX_RETURN`]. `OutOfDomain` where a price is
/// zero.
///
/// The logarithm's error of 4e-19 is less than a billionth of a unit.
pub fn log_return(before: Price, after: Price) -> Result<i32, MathError> {
	log_ratio(before.into_inner(), after.into_inner())
}

fn log_ratio(before: u128, after: u128) -> Result<i32, MathError> {
	let log = subtract(ln_integer(after)?, ln_integer(before)?)?;
	let up = to_decimal(log, Rounding::Up).max(0);
	let down = to_decimal(log, Rounding::Down).min(0);
	// Billionths, away from zero; one of the two is zero. Logarithms are below 89.
	let rounded = (up + BILLIONTH - 1) / BILLIONTH + (down - BILLIONTH + 1) / BILLIONTH;
	let bound = i128::from(MAX_RETURN);
	i32::try_from(rounded.clamp(-bound, bound)).map_err(|_| MathError::Overflow)
}

/// All components of a step's returns, in the order of [`Covariance`](super::Covariance), clipped at
/// ±`bound`.
pub(crate) fn components(returns: &[JointReturn], bound: i32) -> impl Iterator<Item = i32> + '_ {
	let bound = bound.clamp(0, MAX_RETURN);
	returns.iter().flat_map(|of| [of.price, of.volatility]).map(move |of| of.clamp(-bound, bound))
}
