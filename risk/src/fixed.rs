//! Binary fixed point inside the crate, and the ways to and from the 18-decimal numbers of the
//! boundary. Also the exact 256-bit sums in which losses add up.

use crate::error::MathError;
use plimsoll_primitives::{number::SCALE, Rounding};

/// 64 bits before the point (with sign), 64 after: ±9.2e18 in steps of 5.4e-20.
pub type Fixed = substrate_fixed::types::I64F64;

/// Zero.
pub const ZERO: Fixed = Fixed::from_bits(0);
/// One.
pub const ONE: Fixed = Fixed::from_bits(1 << 64);

/// The low 64 bits.
#[inline]
pub(crate) const fn low_half(value: u128) -> u64 {
	(value & (u64::MAX as u128)) as u64
}

/// The high 64 bits.
#[inline]
pub(crate) const fn high_half(value: u128) -> u64 {
	(value >> 64) as u64
}

/// An 18-decimal scaled integer as binary fixed point, rounded to the nearest step. `Overflow`
/// beyond ±2^63.
pub fn from_decimal(raw: i128) -> Result<Fixed, MathError> {
	let magnitude = raw.unsigned_abs();
	let whole = magnitude / SCALE;
	// Below 2^60: 64 bits up it fits.
	let fraction = (((magnitude % SCALE) << 64) + SCALE / 2) / SCALE;
	if whole >> 63 != 0 {
		return Err(MathError::Overflow);
	}
	let bits = i128::try_from((whole << 64) + fraction).map_err(|_| MathError::Overflow)?;
	Ok(Fixed::from_bits(if raw < 0 { -bits } else { bits }))
}

/// [`from_decimal`] of an unsigned one.
pub fn from_unsigned_decimal(raw: u128) -> Result<Fixed, MathError> {
	from_decimal(i128::try_from(raw).map_err(|_| MathError::Overflow)?)
}

/// Binary fixed point as an 18-decimal scaled integer. Never overflows: 2^63 · 10^18 is below 2^123.
pub fn to_decimal(value: Fixed, rounding: Rounding) -> i128 {
	let bits = value.to_bits();
	let whole = bits >> 64; // towards negative infinity
	let fraction = u128::from(low_half(bits.unsigned_abs()));
	let fraction = if bits < 0 && fraction != 0 { (1u128 << 64) - fraction } else { fraction };
	// Below 2^124.
	let scaled = fraction * SCALE;
	let mut part = scaled >> 64;
	if rounding == Rounding::Up && low_half(scaled) != 0 {
		part += 1;
	}
	// Both terms are below 2^126.
	whole * (SCALE as i128) + i128::try_from(part).unwrap_or(i128::MAX)
}

/// `a · b`, rounded towards negative infinity.
pub fn multiply(a: Fixed, b: Fixed) -> Result<Fixed, MathError> {
	a.checked_mul(b).ok_or(MathError::Overflow)
}

/// `a / b`. `Overflow` also where `b` is zero.
pub fn divide(a: Fixed, b: Fixed) -> Result<Fixed, MathError> {
	a.checked_div(b).ok_or(MathError::Overflow)
}

/// `a + b`.
pub fn add(a: Fixed, b: Fixed) -> Result<Fixed, MathError> {
	a.checked_add(b).ok_or(MathError::Overflow)
}

/// `a − b`.
pub fn subtract(a: Fixed, b: Fixed) -> Result<Fixed, MathError> {
	a.checked_sub(b).ok_or(MathError::Overflow)
}

/// `a · b` in full: (high, low).
pub(crate) fn full_product(a: u128, b: u128) -> (u128, u128) {
	let (a_high, a_low) = (u128::from(high_half(a)), u128::from(low_half(a)));
	let (b_high, b_low) = (u128::from(high_half(b)), u128::from(low_half(b)));
	let low = a_low * b_low;
	// A product of 64-bit numbers plus two 64-bit numbers fits 128 bits.
	let middle = a_high * b_low + u128::from(high_half(low));
	let other = a_low * b_high + u128::from(low_half(middle));
	let high = a_high * b_high + u128::from(high_half(middle)) + u128::from(high_half(other));
	(high, (other << 64) | u128::from(low_half(low)))
}

/// `value · by` rounded down, for a `by` that is not negative. `Overflow` where it does not fit,
/// `OutOfDomain` where `by` is negative.
pub(crate) fn scale_down(value: u128, by: Fixed) -> Result<u128, MathError> {
	let by = u128::try_from(by.to_bits()).map_err(|_| MathError::OutOfDomain)?;
	let (high, low) = full_product(value, by);
	if high >> 64 != 0 {
		return Err(MathError::Overflow);
	}
	Ok((high << 64) | (low >> 64))
}

/// A signed 256-bit integer: sums of price × size in 36 decimals, exact, so that what is netted is
/// netted to the last digit and rounding happens once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wide {
	high: i128,
	low: u128,
}

impl Wide {
	/// Nothing.
	pub(crate) const ZERO: Self = Self { high: 0, low: 0 };

	/// `price · size`. Always fits.
	pub(crate) fn product(price: u128, size: i128) -> Self {
		let (high, low) = full_product(price, size.unsigned_abs());
		// At most 2^128 · 2^127: the high word is at most 2^127 − 1.
		let magnitude = Self { high: i128::try_from(high).unwrap_or(i128::MAX), low };
		if size < 0 {
			magnitude.negative()
		} else {
			magnitude
		}
	}

	/// The negative; the products above never are the one value that has none.
	fn negative(self) -> Self {
		let low = self.low.wrapping_neg();
		let carry = i128::from(self.low == 0);
		Self { high: (!self.high).wrapping_add(carry), low }
	}

	/// The sum.
	pub(crate) fn add(self, other: Self) -> Result<Self, MathError> {
		let (low, carry) = self.low.overflowing_add(other.low);
		let high = self
			.high
			.checked_add(other.high)
			.and_then(|high| high.checked_add(i128::from(carry)))
			.ok_or(MathError::Overflow)?;
		Ok(Self { high, low })
	}

	/// An 18-decimal number.
	pub(crate) fn from_decimal(value: i128) -> Self {
		Self::product(SCALE, value)
	}

	/// The difference.
	pub(crate) fn subtract(self, other: Self) -> Result<Self, MathError> {
		self.add(other.negative())
	}

	/// The negative.
	pub(crate) fn opposite(self) -> Self {
		self.negative()
	}

	/// Whether it is below zero.
	pub(crate) fn is_negative(self) -> bool {
		self.high < 0
	}

	/// Multiplied by a factor that is not negative, in 18 decimals, rounded twice.
	pub(crate) fn scale(self, by: Fixed, rounding: Rounding) -> Result<Self, MathError> {
		let value = self.to_decimal(rounding)?;
		let magnitude = scale_down(value.unsigned_abs(), by)?;
		let magnitude = i128::try_from(magnitude).map_err(|_| MathError::Overflow)?;
		let scaled = if value < 0 { -magnitude } else { magnitude };
		// The magnitude was cut, which for one of the signs is the wrong way.
		let step = match rounding {
			Rounding::Down if value < 0 && by != ONE => -1,
			Rounding::Up if value > 0 && by != ONE => 1,
			_ => 0,
		};
		scaled.checked_add(step).map(Self::from_decimal).ok_or(MathError::Overflow)
	}

	/// Divided by an integer, towards zero: (quotient, remainder without its sign). `Overflow` where
	/// the quotient does not fit or the divisor is zero.
	pub(crate) fn divide(self, by: u128) -> Result<(i128, u128), MathError> {
		if by == 0 {
			return Err(MathError::Overflow);
		}
		let negative = self.is_negative();
		let magnitude = if negative { self.negative() } else { self };
		let high = u128::try_from(magnitude.high).map_err(|_| MathError::Overflow)?;
		if high >= by {
			return Err(MathError::Overflow);
		}
		// Long division, bit by bit, of what is left of the high word and the low one.
		let (mut quotient, mut remainder) = (0u128, high);
		for bit in (0..128).rev() {
			let carry = remainder >> 127 != 0;
			remainder = (remainder << 1) | ((magnitude.low >> bit) & 1);
			if carry || remainder >= by {
				// With the carry the remainder stands for 2^128 more, and is below twice the divisor.
				remainder = remainder.wrapping_sub(by);
				quotient |= 1 << bit;
			}
		}
		let quotient = i128::try_from(quotient).map_err(|_| MathError::Overflow)?;
		Ok((if negative { -quotient } else { quotient }, remainder))
	}

	/// Divided by 10^18: 36 decimals become 18.
	pub(crate) fn to_decimal(self, rounding: Rounding) -> Result<i128, MathError> {
		let negative = self.high < 0;
		let magnitude = if negative { self.negative() } else { self };
		let high = u128::try_from(magnitude.high).map_err(|_| MathError::Overflow)?;
		// Long division by 64-bit digits; the remainder is below 2^60, so the next digit can be
		// put beside it. The quotient must fit 127 bits, so the first digits must leave nothing.
		if high >= SCALE {
			return Err(MathError::Overflow);
		}
		let first = (high << 64) | u128::from(high_half(magnitude.low));
		let second = ((first % SCALE) << 64) | u128::from(low_half(magnitude.low));
		let upper = first / SCALE;
		if upper >> 63 != 0 {
			return Err(MathError::Overflow);
		}
		let mut quotient = (upper << 64) + second / SCALE;
		let away_from_zero = match rounding {
			Rounding::Up => !negative,
			Rounding::Down => negative,
		};
		if away_from_zero && !second.is_multiple_of(SCALE) {
			quotient = quotient.checked_add(1).ok_or(MathError::Overflow)?;
		}
		let quotient = i128::try_from(quotient).map_err(|_| MathError::Overflow)?;
		Ok(if negative { -quotient } else { quotient })
	}
}

/// `value · factor` of two 18-decimal numbers, rounded.
pub(crate) fn multiply_decimal(
	value: i128,
	factor: u128,
	rounding: Rounding,
) -> Result<i128, MathError> {
	Wide::product(factor, value).to_decimal(rounding)
}

/// `value · numerator / 10^18` of unsigned numbers, rounded down; where it exceeds 127 bits,
/// `Overflow`.
pub(crate) fn multiply_unsigned_decimal(value: u128, factor: u128) -> Result<u128, MathError> {
	let (high, low) = full_product(value, factor);
	if high >= SCALE {
		return Err(MathError::Overflow);
	}
	let first = (high << 64) | u128::from(high_half(low));
	let upper = first / SCALE;
	if upper >> 64 != 0 {
		return Err(MathError::Overflow);
	}
	let second = ((first % SCALE) << 64) | u128::from(low_half(low));
	Ok((upper << 64) + second / SCALE)
}
