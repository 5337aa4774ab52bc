//! What is wrong with a covariance matrix, its rules, or a joint history.

use crate::error::MathError;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Why a covariance matrix, its rules or a joint history is refused.
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
pub enum CovarianceError {
	/// There is no underlying.
	#[codec(index = 0)]
	NoUnderlyings,
	/// There are more underlyings than a matrix can tell of.
	#[codec(index = 1)]
	TooManyUnderlyings,
	/// An underlying is there twice.
	#[codec(index = 2)]
	DuplicateUnderlying,
	/// The step is shorter than a minute or longer than 30 days.
	#[codec(index = 3)]
	Step,
	/// There are more or fewer numbers than the underlyings ask for.
	#[codec(index = 4)]
	Shape,
	/// A variance is below zero.
	#[codec(index = 5)]
	NegativeVariance,
	/// A covariance is larger than its two variances allow.
	#[codec(index = 6)]
	CorrelationAboveOne,
	/// Some portfolio would have a variance below zero.
	#[codec(index = 7)]
	NotPositiveSemidefinite,
	/// The two tell of different underlyings, or in another order.
	#[codec(index = 8)]
	DifferentUnderlyings,
	/// The two have steps of different lengths.
	#[codec(index = 9)]
	DifferentStep,
	/// The weight of the past is one or more: nothing would ever be learnt.
	#[codec(index = 10)]
	Decay,
	/// The bound of returns is zero or beyond what a return can be.
	#[codec(index = 11)]
	ReturnBound,
	/// A least variance is below 1e-12 or above one.
	#[codec(index = 12)]
	Floor,
	/// The cap of rises is zero or above ten.
	#[codec(index = 13)]
	Rise,
	/// The cap of falls is zero, one or more, or above that of rises.
	#[codec(index = 14)]
	Fall,
	/// There is no scenario, or no return to learn from.
	#[codec(index = 15)]
	NoScenarios,
	/// There are more scenarios than a history can hold.
	#[codec(index = 16)]
	TooManyScenarios,
	/// A residual is beyond its bound.
	#[codec(index = 17)]
	Residual,
	/// The horizon is shorter than a minute or longer than 30 days.
	#[codec(index = 18)]
	Horizon,
	/// A price or a volatility is zero.
	#[codec(index = 19)]
	OutOfDomain,
	/// A result does not fit its type.
	#[codec(index = 20)]
	Overflow,
}

impl From<MathError> for CovarianceError {
	fn from(error: MathError) -> Self {
		match error {
			MathError::OutOfDomain => Self::OutOfDomain,
			MathError::Overflow => Self::Overflow,
		}
	}
}
