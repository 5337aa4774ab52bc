//! The natural logarithm.

use crate::{
	error::MathError,
	fixed::{high_product, low_half, wide_product, Fixed, ZERO},
};
use plimsoll_primitives::number::SCALE;

/// ln 2 with 120 bits after the point.
const LN_2: i128 = 921350637599661305226344307672478455;
/// ln 10^18 with 64 bits after the point.
const LN_DECIMAL_SCALE: i128 = 764553562531197642354;
/// 1/3, 1/5, … 1/25 with 64 bits after the point: the series of artanh without its first term.
const ODD_RECIPROCALS: [u64; 12] = [
	6148914691236517205,
	3689348814741910323,
	2635249153387078802,
	2049638230412172402,
	1676976733973595601,
	1418980313362273201,
	1229782938247303441,
	1085102592571150095,
	970881267037344822,
	878416384462359601,
	802032351030850070,
	737869762948382065,
];
/// √2 with 127 bits after the point.
const ROOT_2: u128 = 240615969168004511545033772477625056927;

/// ln of a positive integer, which may be any 128-bit one: the logarithm of a ratio of two scaled
/// integers is the difference of two of these, with no division and no overflow. Error below
/// 2e-19. `OutOfDomain` at zero.
///
/// The integer is brought to m·2^e with m in [√½, √2]; then ln m = 2·artanh((m−1)/(m+1)) by its
/// series, whose argument is at most 0.172 (so twelve terms leave less than 1e-20).
pub fn ln_integer(value: u128) -> Result<Fixed, MathError> {
	if value == 0 {
		return Err(MathError::OutOfDomain);
	}
	let zeros = value.leading_zeros();
	let mantissa = value << zeros; // [1, 2) in Q127
	let (negative, numerator, denominator, exponent) = if mantissa <= ROOT_2 {
		// m − 1 in Q128 and m + 1 in Q63. The mantissa's top bit is its integer part, so the
		// difference is below 2^127 and doubling it fits.
		(false, (mantissa - (1 << 127)) << 1, (mantissa >> 64) + (1 << 63), 127 - zeros)
	} else {
		// Halved: 1 − m in Q128, then doubled (it is below 0.3); m + 1 in Q64.
		(true, mantissa.wrapping_neg() << 1, (mantissa >> 64) + (1 << 64), 128 - zeros)
	};
	// Q65. The denominator is at least 2^64, so half of it cannot overflow the sum's 127 bits.
	let s = low_half((numerator + denominator / 2) / denominator); // below 2^62.5
	let square = high_product(s, s) >> 2; // Q64

	// The square is below 2^59 and the sum below 2^63.
	let series = ODD_RECIPROCALS
		.iter()
		.rev()
		.fold(0u64, |sum, reciprocal| reciprocal.wrapping_add(high_product(sum, square)));
	let rest = high_product(series, square); // below 2^58

	// s in Q65 read as Q64 is 2·s.
	let magnitude = u128::from(s) + ((wide_product(s, rest) + (1 << 63)) >> 64);
	// Below 2^63: fits.
	let mantissa_part = i128::try_from(magnitude).map_err(|_| MathError::Overflow)?;
	let mantissa_part = if negative { -mantissa_part } else { mantissa_part };
	Ok(Fixed::from_bits(mantissa_part + exponent_part(i128::from(exponent))))
}

/// `exponent · ln 2`, rounded to the nearest step, for |exponent| ≤ 128: the product is below 2^127, so
/// it does not wrap.
fn exponent_part(exponent: i128) -> i128 {
	(exponent.wrapping_mul(LN_2) + (1 << 55)) >> 56
}

/// ln of a positive number. Error below 2e-19. `OutOfDomain` at zero and below.
pub fn ln(value: Fixed) -> Result<Fixed, MathError> {
	let bits = u128::try_from(value.to_bits()).map_err(|_| MathError::OutOfDomain)?;
	// In [0, 89), less 44.4: no overflow.
	Ok(Fixed::from_bits(ln_integer(bits)?.to_bits() - exponent_part(64)))
}

/// ln of a positive number given as a scaled integer of 18 decimals. Error below 2e-19.
/// Exactly zero at one, so that a scenario without a price move changes no price. `OutOfDomain` at
/// zero.
pub fn ln_decimal(value: u128) -> Result<Fixed, MathError> {
	if value == SCALE {
		return Ok(ZERO);
	}
	// In [0, 89), less 41.4: no overflow.
	Ok(Fixed::from_bits(ln_integer(value)?.to_bits() - LN_DECIMAL_SCALE))
}
