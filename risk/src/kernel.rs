//! The array kernel: Black-76 for grids of scenarios, in 64-bit arithmetic.
//!
//! A grid prices the same option dozens of times, and in wasm a product of 128-bit numbers is a
//! library call. So what depends on the price alone ([`ScaledPrice`]) and on the volatility alone
//! ([`ScaledDeviation`]) is brought to 64 bits once; a scenario is then one product for d, two table
//! polynomials and two products. Marks, settlement and Greeks stay on the precise path
//! ([`black76`](crate::black76)), and so do the scenarios of what this one is not made for: where
//! one of the two cannot be made, the caller takes the other path.
//!
//! The option that is out of the money is worth `a·Q(y/s − s/2) − b·Q(y/s + s/2)`, with a the lesser
//! and b the larger of forward and strike, y = |ln(forward / strike)|, s = σ√T and Q the upper tail
//! of the normal distribution.
//!
//! **Error**, before discounting: below [`ERROR_STEPS`] · 2^−64 (3.3e-14) of the lesser of forward and
//! strike, plus one unit (1e-18 USD) of rounding down. It does not grow where σ√T is small: y/s is
//! needed to a few digits only, because an error δ common to both arguments cancels to first order
//! (a·φ(d1) = b·φ(d2)) and leaves a·φ·s·δ²/2, below 1e-20 of `a` here. For
//! σ√T from 0.4 % on the time value keeps a relative error below 1e-10 up to three standard
//! deviations from the money, and below 1e-7 up to six.
//!
//! **Domain**: any price above zero; σ√T from 2^−24 (6e-8; one second at 1 % of volatility is 1.8e-6)
//! to below 2, beyond which the relative error of the tail's table far out would show. Where y/s − s/2
//! is 12 or more both paths give the intrinsic value: what is left out is below 2e-33 of the forward.

use crate::{
	black76::intrinsic,
	fixed::{high_half, Fixed},
	math::{fast_tail, Probability},
};
use core::num::NonZeroU64;
use plimsoll_primitives::{OptionKind, Price};

/// The bound of the error, in steps of 2^−64 of the lesser of forward and strike.
pub const ERROR_STEPS: u32 = 600_000;
/// The least σ√T, 2^−24, as bits.
const LEAST_DEVIATION: u128 = 1 << 40;
/// From this σ√T on, 2, as bits: less has at most 65, which the shifts below count on.
const BEYOND_DEVIATION: u128 = 2 << 64;
const DEVIATION_BITS: u32 = 65;

/// A price as the kernel takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScaledPrice {
	price: Price,
	/// The first 64 bits of the scaled integer, the top one set.
	digits: u64,
	/// How many zeros stand before them in 128 bits.
	zeros: u32,
	/// The logarithm of the scaled integer, 56 bits after the point.
	log: i64,
}

impl ScaledPrice {
	/// From a price and the logarithm of its scaled integer (see
	/// [`ln_integer`](crate::math::ln_integer)). `None` for a price of zero.
	#[inline]
	pub fn new(price: Price, log: Fixed) -> Option<Self> {
		let raw = price.into_inner();
		if raw == 0 {
			return None;
		}
		let zeros = raw.leading_zeros();
		// A logarithm of 128 bits is at most 88.8; what scenarios add to it may take it too far.
		let log = i64::try_from(log.to_bits() >> 8).ok()?;
		Some(Self { price, digits: high_half(raw << zeros), zeros, log })
	}
}

/// A σ√T as the kernel takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScaledDeviation {
	/// Half of it, 59 bits after the point.
	half: u64,
	/// By how many bits a distance is brought up before it is multiplied by the inverse.
	up: u32,
	/// 2^94 over its first 32 bits.
	inverse: NonZeroU64,
	/// The distance, 56 bits after the point, from which on there is no time value.
	limit: u64,
}

impl ScaledDeviation {
	/// From σ√T. `None` outside the kernel's domain: below 2^−24 and from 2 on.
	#[inline]
	pub fn new(total: Fixed) -> Option<Self> {
		let bits = u128::try_from(total.to_bits()).ok()?;
		if !(LEAST_DEVIATION..BEYOND_DEVIATION).contains(&bits) {
			return None;
		}
		let zeros = bits.leading_zeros();
		// The first 32 bits; the quotient is in (2^32, 2^33).
		let first = high_half(bits << zeros) >> 32;
		let inverse = NonZeroU64::new(u64::MAX.checked_div(first)? << 30)?;
		// 128 − zeros is from 41 to 65.
		let up = DEVIATION_BITS.checked_sub(u128::BITS - zeros)?;
		// y/s − s/2 ≥ 12 from y = 12·s + s²/2 on, rounded up. With 56 and 28 bits after the point
		// all of them are below 2^62.
		let total_56 = high_half(bits << 56) + 1;
		let total_28 = high_half(bits << 28) + 1;
		let limit = 12 * total_56 + ((total_28 * total_28) >> 1) + 1;
		// With 59 bits after the point, rounded to the nearest.
		let half = high_half((bits + (1 << 5)) << 58);
		Some(Self { half, up, inverse, limit })
	}
}

/// The price of an option before discounting, rounded down to 1e-18 USD: [`intrinsic`] plus
/// [`time_value`]. Never below the intrinsic value, never above the forward (call) or the strike
/// (put).
#[inline]
pub fn undiscounted(
	kind: OptionKind,
	forward: &ScaledPrice,
	strike: &ScaledPrice,
	deviation: &ScaledDeviation,
) -> Price {
	let intrinsic = intrinsic(kind, forward.price, strike.price);
	let time_value = time_value(forward, strike, deviation);
	// The time value is at most the lesser of forward and strike: no overflow.
	Price::from_inner(intrinsic.into_inner().saturating_add(time_value.into_inner()))
}

/// What the option of this forward, strike and σ√T that is out of the money is worth before
/// discounting, rounded down to 1e-18 USD. Error and domain: see the [module](self).
#[inline]
pub fn time_value(
	forward: &ScaledPrice,
	strike: &ScaledPrice,
	deviation: &ScaledDeviation,
) -> Price {
	let distance = forward.log.abs_diff(strike.log);
	if distance >= deviation.limit {
		return Price::ZERO;
	}
	// A distance below 13·s, brought up to below 13·2^57: it fits. The quotient is below 13, and
	// with 59 bits after the point below 2^63.
	let middle = upper_product(distance << deviation.up, deviation.inverse.get()) << 4;
	let far = fast_tail(middle.wrapping_add(deviation.half));
	let near = fast_tail(middle.abs_diff(deviation.half));
	let near = if middle < deviation.half { near.complement() } else { near };
	if forward.price <= strike.price {
		difference(forward, near, strike, far)
	} else {
		difference(strike, near, forward, far)
	}
}

/// max(0, a·p − b·q), rounded down.
#[inline]
fn difference(a: &ScaledPrice, p: Probability, b: &ScaledPrice, q: Probability) -> Price {
	// Each is the product's value times 2^(zeros + shift − 65).
	let (plus, minus) = (upper_product(a.digits, p.mantissa), upper_product(b.digits, q.mantissa));
	// At most 127 + 110.
	let (plus_zeros, minus_zeros) = (a.zeros.wrapping_add(p.shift), b.zeros.wrapping_add(q.shift));
	let zeros = plus_zeros.min(minus_zeros);
	let plus = plus.checked_shr(plus_zeros.wrapping_sub(zeros)).unwrap_or(0);
	let minus = minus.checked_shr(minus_zeros.wrapping_sub(zeros)).unwrap_or(0);
	// Below zero only by rounding.
	let rest = plus.saturating_sub(minus);
	// Shifting 128 bits would be a library call in wasm. A product is below 2^63: 65 up it fits.
	let (high, low) = match (zeros.checked_sub(65), 65u32.wrapping_sub(zeros)) {
		(Some(down), _) => (0, rest.checked_shr(down).unwrap_or(0)),
		(None, up @ 64..) => (rest << (up & 1), 0),
		(None, up) => ((rest >> 1) >> ((63 - up) & 63), rest << (up & 63)),
	};
	Price::from_inner((u128::from(high) << 64) | u128::from(low))
}

/// The upper 64 bits of `a · b`, rounded down, at most two steps too low: the product of the lower
/// halves and what is cut from the two cross products are left out.
#[inline]
const fn upper_product(a: u64, b: u64) -> u64 {
	const LOW: u64 = 0xffff_ffff;
	// The true value fits 64 bits, and so do products of 32 bits: nothing wraps.
	let cross_a = (a >> 32).wrapping_mul(b & LOW) >> 32;
	let cross_b = (a & LOW).wrapping_mul(b >> 32) >> 32;
	(a >> 32).wrapping_mul(b >> 32).wrapping_add(cross_a).wrapping_add(cross_b)
}
