//! Binary fixed point inside the crate, and the ways to and from the 18-decimal numbers of the
//! boundary. Also the exact 256-bit sums in which losses add up.

use crate::error::MathError;
use plimsoll_primitives::{number::SCALE, Rounding};

/// 64 bits before the point (with sign), 64 after: ±9.2e18 in steps of 5.4e-20.
pub type Fixed = substrate_fixed::types::I64F64;

/// [`SCALE`] with its top bit at the top of 64, and by how many bits that is up.
const SCALE_UP: u32 = 4;
const HIGH_SCALE: u64 = 1_000_000_000_000_000_000 << SCALE_UP;
/// Half of [`SCALE`].
const HALF_SCALE: u64 = HIGH_SCALE >> (SCALE_UP + 1);
/// ⌊(2^128 − 1) / [`HIGH_SCALE`]⌋ − 2^64.
const SCALE_RECIPROCAL: u64 = low_half(u128::MAX / (HIGH_SCALE as u128));
const _: () = assert!(HIGH_SCALE as u128 == SCALE << SCALE_UP && HIGH_SCALE >> 63 == 1);

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

/// `(high · 2^64 + low) / 10^18` and the remainder, for a `high` below 10^18. By the reciprocal (N.
/// Möller and T. Granlund, "Improved division by invariant integers", 2011, algorithm 4): a 128-bit
/// division would be a library call.
#[inline]
fn divide_by_scale(high: u64, low: u64) -> (u64, u64) {
	// Below 2^60 · 2^4: nothing is lost.
	let (high, low) = ((high << SCALE_UP) | (low >> (64 - SCALE_UP)), low << SCALE_UP);
	// As the algorithm has it, all of it modulo 2^128 or 2^64.
	let sum = wide_product(SCALE_RECIPROCAL, high)
		.wrapping_add((u128::from(high) << 64) | u128::from(low));
	let mut quotient = high_half(sum).wrapping_add(1);
	let mut remainder = low.wrapping_sub(quotient.wrapping_mul(HIGH_SCALE));
	if remainder > low_half(sum) {
		quotient = quotient.wrapping_sub(1);
		remainder = remainder.wrapping_add(HIGH_SCALE);
	}
	if remainder >= HIGH_SCALE {
		quotient = quotient.wrapping_add(1);
		remainder = remainder.wrapping_sub(HIGH_SCALE);
	}
	(quotient, remainder >> SCALE_UP)
}

/// An 18-decimal scaled integer as binary fixed point, rounded to the nearest step. `Overflow`
/// beyond ±2^63.
pub fn from_decimal(raw: i128) -> Result<Fixed, MathError> {
	let magnitude = raw.unsigned_abs();
	let (beyond, rest) = divide_by_scale(0, high_half(magnitude));
	let (whole, rest) = divide_by_scale(rest, low_half(magnitude));
	if beyond != 0 || whole >> 63 != 0 {
		return Err(MathError::Overflow);
	}
	let (fraction, _) = divide_by_scale(rest, HALF_SCALE);
	let bits = (u128::from(whole) << 64) | u128::from(fraction);
	let bits = i128::try_from(bits).map_err(|_| MathError::Overflow)?;
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
#[inline]
pub fn multiply(a: Fixed, b: Fixed) -> Result<Fixed, MathError> {
	let (a, b) = (a.to_bits(), b.to_bits());
	let negative = (a < 0) != (b < 0);
	let (high, low) = full_product(a.unsigned_abs(), b.unsigned_abs());
	if high >> 63 != 0 {
		return Err(MathError::Overflow);
	}
	// Below 2^127, and one more where a negative result is rounded away from zero.
	let magnitude = (high << 64) | (low >> 64);
	let magnitude = if negative && low_half(low) != 0 { magnitude + 1 } else { magnitude };
	if negative {
		0i128.checked_sub_unsigned(magnitude).map(Fixed::from_bits).ok_or(MathError::Overflow)
	} else {
		i128::try_from(magnitude).map(Fixed::from_bits).map_err(|_| MathError::Overflow)
	}
}

/// `a / b`, rounded towards zero. `Overflow` also where `b` is zero.
#[inline]
pub fn divide(a: Fixed, b: Fixed) -> Result<Fixed, MathError> {
	let (numerator, denominator) = (a.to_bits().unsigned_abs(), b.to_bits().unsigned_abs());
	if high_half(numerator) != 0 {
		return a.checked_div(b).ok_or(MathError::Overflow);
	}
	// Below one, as most are: 64 bits up it fits, and one division of 128 bits does.
	let quotient = (numerator << 64).checked_div(denominator).ok_or(MathError::Overflow)?;
	let quotient = i128::try_from(quotient).map_err(|_| MathError::Overflow)?;
	Ok(Fixed::from_bits(if (a < ZERO) != (b < ZERO) { -quotient } else { quotient }))
}

/// `a + b`.
pub fn add(a: Fixed, b: Fixed) -> Result<Fixed, MathError> {
	a.checked_add(b).ok_or(MathError::Overflow)
}

/// `a − b`.
pub fn subtract(a: Fixed, b: Fixed) -> Result<Fixed, MathError> {
	a.checked_sub(b).ok_or(MathError::Overflow)
}

/// `a · b` in full. Natively that is one instruction; in wasm the product of two 128-bit numbers would
/// be a library call, so there it is put together from 32-bit halves. Both give the same bits.
#[inline]
pub(crate) fn wide_product(a: u64, b: u64) -> u128 {
	#[cfg(not(target_family = "wasm"))]
	{
		// Below 2^128.
		u128::from(a) * u128::from(b)
	}
	#[cfg(target_family = "wasm")]
	{
		wide_product_by_halves(a, b)
	}
}

/// [`wide_product`] from 32-bit halves. The cross products are halved before they are added: the
/// schoolbook's ladder of carries is known to the compiler, which makes the library call of it again.
#[cfg(any(test, target_family = "wasm"))]
#[inline]
pub(crate) fn wide_product_by_halves(a: u64, b: u64) -> u128 {
	const LOW: u64 = 0xffff_ffff;
	let (a_high, a_low) = (a >> 32, a & LOW);
	let (b_high, b_low) = (b >> 32, b & LOW);
	let low = a_low.wrapping_mul(b_low) >> 32;
	let cross_a = a_high.wrapping_mul(b_low);
	let cross_b = a_low.wrapping_mul(b_high);
	// Half of the sum of both and of `low`, rounded down: two halves are below 2^64 − 2^33.
	let odd = low.wrapping_add(cross_a & 1).wrapping_add(cross_b & 1) >> 1;
	let middle = (cross_a >> 1).wrapping_add(cross_b >> 1).wrapping_add(odd);
	let high = a_high.wrapping_mul(b_high).wrapping_add(middle >> 31);
	(u128::from(high) << 64) | u128::from(a.wrapping_mul(b))
}

/// The upper 64 bits of `a · b`.
#[inline]
pub(crate) fn high_product(a: u64, b: u64) -> u64 {
	high_half(wide_product(a, b))
}

/// `a · b` in full: (high, low).
#[inline]
pub(crate) fn full_product(a: u128, b: u128) -> (u128, u128) {
	let (a_high, a_low) = (high_half(a), low_half(a));
	let (b_high, b_low) = (high_half(b), low_half(b));
	let low = wide_product(a_low, b_low);
	// A product of 64-bit numbers plus two 64-bit numbers fits 128 bits.
	let middle = wide_product(a_high, b_low).wrapping_add(u128::from(high_half(low)));
	let other = wide_product(a_low, b_high).wrapping_add(u128::from(low_half(middle)));
	let high = wide_product(a_high, b_high)
		.wrapping_add(u128::from(high_half(middle)))
		.wrapping_add(u128::from(high_half(other)));
	(high, (other << 64) | u128::from(low_half(low)))
}

/// [`full_product`] of two numbers below 2^96, which is what prices and sizes are but for absurd
/// ones.
#[inline]
fn short_product(a: u128, b: u128) -> (u128, u128) {
	let (a_high, a_low) = (high_half(a), low_half(a));
	let (b_high, b_low) = (high_half(b), low_half(b));
	let low = wide_product(a_low, b_low);
	// Each is below 2^96, their sum with the carry below 2^98.
	let middle = wide_product(a_high, b_low)
		.wrapping_add(wide_product(a_low, b_high))
		.wrapping_add(u128::from(high_half(low)));
	// The factors are below 2^32.
	let high = a_high.wrapping_mul(b_high).wrapping_add(high_half(middle));
	(u128::from(high), (middle << 64) | u128::from(low_half(low)))
}

/// `value · by` rounded down, for a `by` that is not negative. `Overflow` where it does not fit,
/// `OutOfDomain` where `by` is negative.
#[inline]
pub(crate) fn scale_down(value: u128, by: Fixed) -> Result<u128, MathError> {
	if by == ONE {
		return Ok(value);
	}
	let by = u128::try_from(by.to_bits()).map_err(|_| MathError::OutOfDomain)?;
	if high_half(by) == 0 {
		// Below one, as discount factors are: two products do, and their sum is below `value`.
		let (high, low) = (high_half(value), low_half(value));
		let by = low_half(by);
		if high >> 32 == 0 {
			// Below 7.9e10 USD, in 18 decimals: the upper product is one of 96 bits.
			let (upper, lower) = (high.wrapping_mul(by >> 32), high.wrapping_mul(by & 0xffff_ffff));
			let product = (u128::from(upper) << 32).wrapping_add(u128::from(lower));
			return Ok(product.wrapping_add(u128::from(high_product(low, by))));
		}
		return Ok(wide_product(high, by).wrapping_add(u128::from(high_product(low, by))));
	}
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
	#[inline]
	pub(crate) fn product(price: u128, size: i128) -> Self {
		let magnitude = size.unsigned_abs();
		let (high, low) = if high_half(price) >> 32 == 0 && high_half(magnitude) >> 32 == 0 {
			short_product(price, magnitude)
		} else {
			full_product(price, magnitude)
		};
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

	/// An integer.
	pub(crate) fn from_units(value: i128) -> Self {
		// The low word has the bits of the two's complement, the high one the sign.
		Self { high: value >> 127, low: value.cast_unsigned() }
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
		let (quotient, remainder) = if by >> 96 == 0 {
			divide_by_digits(high, magnitude.low, by)?
		} else {
			divide_by_bits(high, magnitude.low, by)
		};
		let quotient = i128::try_from(quotient).map_err(|_| MathError::Overflow)?;
		Ok((if negative { -quotient } else { quotient }, remainder))
	}

	/// Divided by 10^18: 36 decimals become 18.
	pub(crate) fn to_decimal(self, rounding: Rounding) -> Result<i128, MathError> {
		let negative = self.high < 0;
		let magnitude = if negative { self.negative() } else { self };
		let high = u128::try_from(magnitude.high).map_err(|_| MathError::Overflow)?;
		// Long division by 64-bit digits. The quotient must fit 127 bits, so the first digits must
		// leave nothing.
		if high >= SCALE {
			return Err(MathError::Overflow);
		}
		let (upper, rest) = divide_by_scale(low_half(high), high_half(magnitude.low));
		let (lower, rest) = divide_by_scale(rest, low_half(magnitude.low));
		if upper >> 63 != 0 {
			return Err(MathError::Overflow);
		}
		let mut quotient = (u128::from(upper) << 64) | u128::from(lower);
		let away_from_zero = match rounding {
			Rounding::Up => !negative,
			Rounding::Down => negative,
		};
		if away_from_zero && rest != 0 {
			quotient = quotient.checked_add(1).ok_or(MathError::Overflow)?;
		}
		let quotient = i128::try_from(quotient).map_err(|_| MathError::Overflow)?;
		Ok(if negative { -quotient } else { quotient })
	}
}

/// (high, low) divided by a divisor above `high` and below 2^96, in digits of 32 bits: each digit's
/// dividend is below the divisor times 2^32, which fits.
fn divide_by_digits(high: u128, low: u128, by: u128) -> Result<(u128, u128), MathError> {
	let (mut quotient, mut remainder) = (0u128, high);
	for shift in [96, 64, 32, 0] {
		let dividend = (remainder << 32) | ((low >> shift) & 0xffff_ffff);
		let digit = dividend.checked_div(by).ok_or(MathError::Overflow)?;
		quotient = (quotient << 32) | digit;
		// The digit is the quotient: nothing wraps.
		remainder = dividend.wrapping_sub(digit.wrapping_mul(by));
	}
	Ok((quotient, remainder))
}

/// (high, low) divided by a divisor above `high`, bit by bit.
fn divide_by_bits(high: u128, low: u128, by: u128) -> (u128, u128) {
	let (mut quotient, mut remainder) = (0u128, high);
	for bit in (0..128).rev() {
		let carry = remainder >> 127 != 0;
		remainder = (remainder << 1) | ((low >> bit) & 1);
		if carry || remainder >= by {
			// With the carry the remainder stands for 2^128 more, and is below twice the divisor.
			remainder = remainder.wrapping_sub(by);
			quotient |= 1 << bit;
		}
	}
	(quotient, remainder)
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
	let (upper, rest) = divide_by_scale(low_half(high), high_half(low));
	let (lower, _) = divide_by_scale(rest, low_half(low));
	Ok((u128::from(upper) << 64) | u128::from(lower))
}
