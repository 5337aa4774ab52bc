//! The standard normal density and distribution.

use super::{exp::exp, normal_table::SEGMENTS};
use crate::fixed::{low_half, Fixed};

/// 1/√(2π) with 64 bits after the point.
const INVERSE_ROOT_TWO_PI: u128 = 7359186146747302452;
/// Where the table of the upper tail ends, as bits: P(X > 12) is 1.8e-33.
const TABLE_END: u128 = 12 << 64;
/// Where the density is less than half a step, as bits (9.5: 1.0e-20).
const DENSITY_END: u128 = 19 << 63;

/// A probability that keeps its significant bits however small it is: `mantissa · 2^−(63 + shift)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probability {
	/// At most 2^63.
	pub mantissa: u64,
	/// At most 110.
	pub shift: u32,
}

impl Probability {
	/// 1 − self.
	pub(crate) fn complement(self) -> Self {
		let whole = 1u64 << 63;
		let part = self.mantissa.checked_shr(self.shift).unwrap_or(0);
		Self { mantissa: whole - part.min(whole), shift: 0 }
	}

	/// With 64 bits after the point, rounded to the nearest step.
	fn to_fixed(self) -> Fixed {
		let doubled = u128::from(self.mantissa) << 1;
		let bits = match self.shift {
			0 => doubled,
			shift => (doubled + (1u128 << (shift - 1))) >> shift,
		};
		// At most 2^64.
		Fixed::from_bits(i128::try_from(bits).unwrap_or(i128::MAX))
	}
}

/// P(X > |x|): the upper tail beyond |`x`|, for any x. Error below 4e-19 absolute and, up to 12
/// (beyond which it is zero; the true value is below 2e-33), below 5e-17 relative.
pub fn tail(x: Fixed) -> Probability {
	let bits = x.to_bits().unsigned_abs();
	if bits >= TABLE_END {
		return Probability { mantissa: 0, shift: 0 };
	}
	let index = usize::try_from(bits >> 61).unwrap_or(usize::MAX);
	let Some(segment) = SEGMENTS.get(index) else {
		return Probability { mantissa: 0, shift: 0 };
	};
	// The place within the segment, [0, 1) as 64 bits; flipping the top bit makes it [−1, 1) in Q63.
	let place = (low_half(bits) << 3) ^ (1 << 63);
	let place = i64::from_ne_bytes(place.to_ne_bytes());
	let mut value = 0i64;
	for coefficient in segment.coefficients.iter().rev() {
		// The absolute coefficients of a segment sum to less than one, so every step stays in Q63
		// (the table's script asserts the sum); saturating costs nothing and can't panic.
		value = multiply(value, place).saturating_add(*coefficient);
	}
	Probability { mantissa: u64::try_from(value).unwrap_or(0), shift: segment.shift }
}

/// P(X ≤ `x`), for any x. Error below 4e-19.
pub fn distribution(x: Fixed) -> Fixed {
	let upper = tail(x);
	if x.to_bits() < 0 {
		upper.to_fixed()
	} else {
		// Within [1/2, 1]: no overflow.
		Fixed::from_bits((1 << 64) - upper.to_fixed().to_bits())
	}
}

/// The density e^(−x²/2)/√(2π), for any x. Error below 2e-19.
pub fn density(x: Fixed) -> Fixed {
	let bits = x.to_bits().unsigned_abs();
	if bits >= DENSITY_END {
		return Fixed::from_bits(0);
	}
	// x in Q60 squared is Q120, below 2^127; half of it in Q64 is 57 down.
	let x = (bits + 8) >> 4;
	let half_square = (x * x + (1 << 56)) >> 57;
	let exponent = Fixed::from_bits(-i128::try_from(half_square).unwrap_or(i128::MAX));
	// The exponent is at most zero, where `exp` does not fail.
	let value = exp(exponent).map_or(0, |v| v.to_bits().unsigned_abs());
	// At most 2^64 · 2^63.
	let bits = (value * INVERSE_ROOT_TWO_PI + (1 << 63)) >> 64;
	Fixed::from_bits(i128::try_from(bits).unwrap_or(i128::MAX))
}

/// `a · b` in Q63, rounded to the nearest. Natively one instruction multiplies 64 by 64 bits; in
/// wasm the same would be a library call of 128 by 128 bits, so there it is put together by hand.
/// Both give the same bits.
#[inline]
fn multiply(a: i64, b: i64) -> i64 {
	#[cfg(not(target_family = "wasm"))]
	{
		// The absolute product is at most 2^126; one of them being above −1, the result fits.
		let product = i128::from(a) * i128::from(b) + (1 << 62);
		i64::try_from(product >> 63).unwrap_or(i64::MAX)
	}
	#[cfg(target_family = "wasm")]
	{
		multiply_by_halves(a, b)
	}
}

/// [`multiply`] from 32-bit halves.
#[cfg(any(test, target_family = "wasm"))]
pub(super) fn multiply_by_halves(a: i64, b: i64) -> i64 {
	const LOW: i64 = 0xffff_ffff;
	let (a_high, a_low) = (a >> 32, a & LOW);
	let (b_high, b_low) = (b >> 32, b & LOW);
	// The low product is up to 2^64 and only its upper half and top two bits are wanted: its bit
	// pattern is right whatever the sign.
	let low = a_low.wrapping_mul(b_low);
	// |high half| ≤ 2^31 and low half < 2^32: the cross products fit.
	let cross_a = a_high * b_low;
	let cross_b = a_low * b_high;
	let middle = ((low >> 32) & LOW) + (cross_a & LOW) + (cross_b & LOW);
	let high = a_high * b_high + (cross_a >> 32) + (cross_b >> 32) + (middle >> 32);
	// Bits 62 and 63 of the low word, plus the half that rounds.
	let carry = (((middle >> 30) & 3) + 1) >> 1;
	high.wrapping_shl(1).wrapping_add(carry)
}
