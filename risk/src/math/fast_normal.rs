//! The upper tail of the normal distribution for the array kernel: the table of [`tail`](super::tail)
//! in 64-bit arithmetic that multiplies 32 by 32 bits.

use super::{
	normal::Probability,
	normal_table::{Segment, SEGMENTS},
};

const LOW: i64 = 0xffff_ffff;
/// How many coefficients of a segment are multiplied in full.
const LEADING: usize = 6;
/// How many come after them; the last two of the table are left out.
const TRAILING: usize = 6;

/// [`SEGMENTS`] with small coefficients cut to 32 bits.
struct FastSegment {
	/// By how many bits the values are scaled up.
	shift: u32,
	/// By how many bits less the trailing coefficients are scaled down than by 31; at most 31.
	scale: u32,
	/// Ascending coefficients in Q63. All but the last have what [`multiply`] leaves out in the
	/// middle added.
	leading: [i64; LEADING],
	/// The coefficients after them, scaled down: their absolute values sum to less than 2^32, so
	/// that a product with 32 bits fits.
	trailing: [i64; TRAILING],
}

static FAST_SEGMENTS: [FastSegment; 96] = fast_segments(&SEGMENTS);

/// Worked out by the compiler, and what it asserts fails there.
const fn fast_segments(segments: &[Segment; 96]) -> [FastSegment; 96] {
	const EMPTY: FastSegment =
		FastSegment { shift: 0, scale: 0, leading: [0; LEADING], trailing: [0; TRAILING] };
	let mut table = [EMPTY; 96];
	let mut index = 0;
	while index < 96 {
		table[index] = fast_segment(&segments[index]);
		index += 1;
	}
	table
}

const fn fast_segment(segment: &Segment) -> FastSegment {
	let coefficients = &segment.coefficients;
	// The first of the trailing ones is the largest: it is brought to 31 bits.
	let bits = u64::BITS - coefficients[LEADING].unsigned_abs().leading_zeros();
	let coarse = bits.saturating_sub(31);
	assert!(coarse <= 31);
	let mut fast = FastSegment {
		shift: segment.shift,
		scale: 31 - coarse,
		leading: [0; LEADING],
		trailing: [0; TRAILING],
	};
	let mut total = 0u64;
	let mut trailing = 0u64;
	let mut index = 0;
	while index < LEADING + TRAILING {
		let coefficient = coefficients[index];
		total += coefficient.unsigned_abs();
		if index < LEADING {
			let left_out = if index + 1 < LEADING { MULTIPLY_LEAVES_OUT } else { 0 };
			fast.leading[index] = coefficient + left_out;
		} else {
			let half = (1i64 << coarse) >> 1;
			fast.trailing[index - LEADING] = (coefficient + half) >> coarse;
			trailing += fast.trailing[index - LEADING].unsigned_abs();
		}
		index += 1;
	}
	// Room for what every step rounds by.
	assert!(total < (1 << 63) - 1024 && trailing < (1 << 32) - 1024);
	fast
}

/// P(X > x) for an `x` from 0 with 59 bits after the point. Zero from 12 on, where the true value is
/// below 2e-33. Error below 2e-18 absolute; relative below 1e-15 up to 4, 1e-13 up to 6 and 1e-10 up
/// to 12.
#[inline(always)]
pub(crate) fn fast_tail(x: u64) -> Probability {
	// At most 255.
	let index = usize::try_from(x >> 56).unwrap_or(usize::MAX);
	let Some(segment) = FAST_SEGMENTS.get(index) else {
		return Probability { mantissa: 0, shift: 0 };
	};
	// The place within the segment, [0, 1) as 64 bits; flipping the top bit makes it [−1, 1) in Q63.
	let place = ((x << 8) ^ (1 << 63)).cast_signed();
	let coarse_place = place >> 32;
	let [c6, c7, c8, c9, c10, c11] = &segment.trailing;
	let mut small = *c11;
	for coefficient in [c10, c9, c8, c7, c6] {
		// Below 2^32 · 2^31, as the table asserts: nothing wraps.
		small = (small.wrapping_mul(coarse_place) >> 31).wrapping_add(*coefficient);
	}
	let [c0, c1, c2, c3, c4, c5] = &segment.leading;
	let mut value = (small.wrapping_mul(coarse_place) >> (segment.scale & 31)).wrapping_add(*c5);
	for coefficient in [c4, c3, c2, c1, c0] {
		// The absolute coefficients sum to less than one, as the table asserts: nothing wraps.
		value = multiply(value, place).wrapping_add(*coefficient);
	}
	Probability { mantissa: u64::try_from(value).unwrap_or(0), shift: segment.shift }
}

/// What [`multiply`] leaves out: from nothing to four steps, two in the middle.
const MULTIPLY_LEAVES_OUT: i64 = 2;

/// `a · b` in Q63 without the product of the lower halves (below two steps) and what is cut from the
/// two cross products (below one each).
#[inline(always)]
const fn multiply(a: i64, b: i64) -> i64 {
	let (a_high, a_low) = (a >> 32, a & LOW);
	let (b_high, b_low) = (b >> 32, b & LOW);
	// |high half| ≤ 2^31 and low half < 2^32: the products fit, and `a` being within (−1, 1) so does
	// the sum.
	let cross = (a_high.wrapping_mul(b_low) >> 31).wrapping_add(a_low.wrapping_mul(b_high) >> 31);
	a_high.wrapping_mul(b_high).wrapping_shl(1).wrapping_add(cross)
}
