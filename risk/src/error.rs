//! What can go wrong, one name per cause.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::{Moment, UnderlyingId};
use scale_info::TypeInfo;

/// Why a function of [`crate::math`] has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MathError {
	/// The argument lies outside the function's stated domain.
	OutOfDomain,
	/// The result (or a step on the way to it) does not fit its type.
	Overflow,
}

/// Why an account cannot be valued.
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
)]
pub enum RiskError {
	/// The market state has no (or a zero) price of this underlying.
	#[codec(index = 0)]
	NoPrice(UnderlyingId),
	/// The underlying's price is not live, and the stance does not allow an old one.
	#[codec(index = 1)]
	StalePrice(UnderlyingId),
	/// The market state has no forward of this expiry.
	#[codec(index = 2)]
	NoForward {
		/// Of this underlying.
		underlying: UnderlyingId,
		/// For this expiry.
		expiry: Moment,
	},
	/// The market state has no volatility surface of this expiry.
	#[codec(index = 3)]
	NoSurface {
		/// Of this underlying.
		underlying: UnderlyingId,
		/// For this expiry.
		expiry: Moment,
	},
	/// The risk model has no scan range of this underlying.
	#[codec(index = 4)]
	NotInModel(UnderlyingId),
	/// An input (volatility, rate, strike, time…) lies outside what the formulas are stated for.
	#[codec(index = 5)]
	OutOfDomain,
	/// A result does not fit its type.
	#[codec(index = 6)]
	Overflow,
}

impl From<MathError> for RiskError {
	fn from(error: MathError) -> Self {
		match error {
			MathError::OutOfDomain => Self::OutOfDomain,
			MathError::Overflow => Self::Overflow,
		}
	}
}
