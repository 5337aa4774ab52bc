//! The square root.

use crate::{error::MathError, fixed::Fixed};

/// √`value`. Error below 2e-19 relative plus 6e-20 absolute. `OutOfDomain` below zero.
///
/// The integer root of the bits, shifted as far up as an even shift allows, has 63 or 64
/// significant bits.
pub fn sqrt(value: Fixed) -> Result<Fixed, MathError> {
	let bits = u128::try_from(value.to_bits()).map_err(|_| MathError::OutOfDomain)?;
	scaled_root(bits, 32)
}

/// √`value` of an integer, as a number. Errors as [`sqrt`].
pub fn sqrt_integer(value: u64) -> Result<Fixed, MathError> {
	scaled_root(u128::from(value), 64)
}

/// √`value` · 2^(`exponent` − 64), i.e. with `exponent` more bits after the point than the integer
/// root has.
fn scaled_root(value: u128, exponent: u32) -> Result<Fixed, MathError> {
	if value == 0 {
		return Ok(Fixed::from_bits(0));
	}
	let shift = value.leading_zeros() & !1; // even, at most 126
	let root = (value << shift).isqrt(); // in [2^63, 2^64)
	let down = shift / 2;
	let bits = if down <= exponent {
		// At most 64 up: below 2^128; values over 2^127 do not occur for `sqrt` (32 up) and are
		// refused for integers.
		root << (exponent - down)
	} else {
		let by = down - exponent; // at most 31
		(root + (1 << (by - 1))) >> by
	};
	i128::try_from(bits).map(Fixed::from_bits).map_err(|_| MathError::Overflow)
}
