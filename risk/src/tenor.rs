//! Time to expiry and what depends on it alone.

use crate::{
	error::MathError,
	fixed::{divide, from_decimal, from_unsigned_decimal, multiply, Fixed, ONE, ZERO},
	math::{exp, sqrt_integer},
};
use plimsoll_primitives::{Moment, Rate, Volatility};

/// A year of 365 days, in milliseconds.
pub const YEAR: u64 = 365 * 24 * 60 * 60 * 1000;

/// 1/√[`YEAR`] with 80 bits after the point.
const INVERSE_ROOT_YEAR: u128 = 6807636366881994623;
/// The largest |rate · time| that is discounted by: beyond it the input is absurd.
const MAX_EXPONENT: i128 = 16 << 64;

/// A time to expiry; zero for what has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenor {
	milliseconds: u64,
	years: Fixed,
	root: Fixed,
}

impl Tenor {
	/// A number of milliseconds. The root's error is below 3e-19 relative plus 6e-20 absolute.
	pub fn from_milliseconds(milliseconds: u64) -> Result<Self, MathError> {
		let year = u128::from(YEAR);
		let years = (u128::from(milliseconds) << 64) / year;
		let years = i128::try_from(years).map_err(|_| MathError::Overflow)?;
		// √ms is below 2^32, so its bits are below 2^96: their upper half loses nothing that
		// counts, and the product of 96 and 63 bits is taken in two parts.
		let root = sqrt_integer(milliseconds)?.to_bits().unsigned_abs();
		let (high, low) = crate::fixed::full_product(root, INVERSE_ROOT_YEAR);
		let bits = (high << 48) | (low >> 80);
		let root = i128::try_from(bits).map_err(|_| MathError::Overflow)?;
		Ok(Self { milliseconds, years: Fixed::from_bits(years), root: Fixed::from_bits(root) })
	}

	/// From `now` to `expiry`; zero where that has passed.
	pub fn between(now: Moment, expiry: Moment) -> Result<Self, MathError> {
		// Saturating: an expired contract has no time left, not a negative one.
		Self::from_milliseconds(expiry.saturating_sub(now))
	}

	/// What is left of it once `milliseconds` have passed; nothing where that is more.
	pub fn after(&self, milliseconds: u64) -> Result<Self, MathError> {
		// Saturating: an expired contract has no time left, not a negative one.
		Self::from_milliseconds(self.milliseconds.saturating_sub(milliseconds))
	}

	/// In milliseconds.
	pub const fn milliseconds(&self) -> u64 {
		self.milliseconds
	}

	/// In years of 365 days, rounded down to a step.
	pub const fn years(&self) -> Fixed {
		self.years
	}

	/// √years.
	pub const fn root(&self) -> Fixed {
		self.root
	}

	/// Whether nothing is left.
	pub const fn is_expired(&self) -> bool {
		self.milliseconds == 0
	}

	/// σ√T, the standard deviation of ln(price at expiry / forward). `Overflow` where the
	/// volatility does not fit.
	pub fn deviation(&self, volatility: Volatility) -> Result<Fixed, MathError> {
		multiply(from_unsigned_decimal(volatility.into_inner())?, self.root)
	}

	/// The volatility whose [`deviation`](Self::deviation) is this; zero once expired.
	pub fn volatility(&self, deviation: Fixed) -> Result<Fixed, MathError> {
		if self.root == ZERO {
			return Ok(ZERO);
		}
		divide(deviation, self.root)
	}

	/// The discount factor e^(−rate · T); one, once expired. `OutOfDomain` where |rate · T| exceeds
	/// 16.
	pub fn discount(&self, rate: Rate) -> Result<Fixed, MathError> {
		let exponent = multiply(from_decimal(rate.into_inner())?, self.years)?;
		if exponent.to_bits().unsigned_abs() > MAX_EXPONENT.unsigned_abs() {
			return Err(MathError::OutOfDomain);
		}
		if exponent == ZERO {
			return Ok(ONE);
		}
		exp(Fixed::from_bits(-exponent.to_bits()))
	}
}
