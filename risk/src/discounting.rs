//! Static discounting worked out for one expiry.

use crate::{
	error::MathError,
	fixed::{add, from_decimal, from_unsigned_decimal, multiply, Fixed, ONE, ZERO},
	math::exp,
	model::StaticDiscounting,
	tenor::Tenor,
};
use plimsoll_primitives::Rate;
use sp_arithmetic::FixedU128;

/// What an expiry's options are multiplied by after a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaticFactors {
	/// Where their net value is positive or nothing.
	pub long: Fixed,
	/// Where it is negative.
	pub short: Fixed,
}

impl StaticDiscounting {
	/// The factors of an expiry whose interest rate is `rate` and whose options are discounted by
	/// `discount_rate`; both one, once expired. `OutOfDomain` or `Overflow` for absurd rates.
	pub fn at(
		&self,
		tenor: &Tenor,
		rate: Rate,
		discount_rate: Rate,
	) -> Result<StaticFactors, MathError> {
		if tenor.is_expired() {
			return Ok(StaticFactors { long: ONE, short: ONE });
		}
		let rate = from_decimal(rate.into_inner())?.max(ZERO);
		let exponent = |factor: FixedU128, add_on: FixedU128| -> Result<Fixed, MathError> {
			let scaled = multiply(rate, from_unsigned_decimal(factor.into_inner())?)?;
			multiply(tenor.years(), add(scaled, from_unsigned_decimal(add_on.into_inner())?)?)
		};
		let down = exponent(self.long_rate_factor, self.long_rate_add)?;
		let up = exponent(self.short_rate_factor, self.short_rate_add)?;
		// A short option never owes more than it would undiscounted.
		let undone =
			exp(multiply(from_decimal(discount_rate.into_inner())?.max(ZERO), tenor.years())?)?;
		let short = exp(up)
			.and_then(|growth| multiply(from_unsigned_decimal(self.short.into_inner())?, growth));
		Ok(StaticFactors {
			long: multiply(
				from_unsigned_decimal(self.long.into_inner())?,
				exp(Fixed::from_bits(down.to_bits().saturating_neg()))?,
			)?,
			// What does not fit is beyond the limit.
			short: short.map_or(undone, |short| short.min(undone)),
		})
	}
}
