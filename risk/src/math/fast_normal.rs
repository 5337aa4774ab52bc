//! The upper tail of the normal distribution for the array kernel: the table of [`tail`](super::tail)
//! in segments of a quarter of its width, where polynomials of a lower degree do, in 64-bit
//! arithmetic that multiplies 32 by 32 bits.

use super::{
	normal::Probability,
	normal_table::{Segment, SEGMENTS},
};

const LOW: i64 = 0xffff_ffff;
/// Segments of the precise table, and of this one: their width is 1/32.
const PRECISE_SEGMENTS: usize = 96;
const FAST_SEGMENTS: usize = 4 * PRECISE_SEGMENTS;
/// Coefficients of a precise segment.
const PRECISE: usize = 14;
/// How many coefficients of a segment are multiplied in full.
const LEADING: usize = 3;
/// How many come after them.
const TRAILING: usize = 3;
const DEGREE: usize = LEADING + TRAILING - 1;

/// [`SEGMENTS`] in quarters, with small coefficients cut to 32 bits.
struct FastSegment {
	/// Ascending coefficients in Q63. All but the last have what [`multiply`] leaves out in the
	/// middle added.
	leading: [i64; LEADING],
	/// The coefficients after them, scaled down: their absolute values sum to less than 2^32, so
	/// that a product with 32 bits fits.
	trailing: [i32; TRAILING],
	/// By how many bits the values are scaled up.
	shift: u32,
	/// By how many bits less the trailing coefficients are scaled down than by 31; at most 31.
	scale: u32,
}

static TABLE: [FastSegment; FAST_SEGMENTS] = fast_segments(&SEGMENTS);

/// Worked out by the compiler, and what it asserts fails there.
const fn fast_segments(segments: &[Segment; PRECISE_SEGMENTS]) -> [FastSegment; FAST_SEGMENTS] {
	const EMPTY: FastSegment =
		FastSegment { leading: [0; LEADING], trailing: [0; TRAILING], shift: 0, scale: 0 };
	let mut table = [EMPTY; FAST_SEGMENTS];
	let mut index = 0;
	while index < FAST_SEGMENTS {
		let segment = &segments[index / 4];
		table[index] = fast_segment(&quarter(&segment.coefficients, index % 4), segment.shift);
		index += 1;
	}
	table
}

/// The polynomial of one quarter of a segment: with x = (q + m) / 4, where m is −3, −1, 1 or 3, in
/// powers of q, and the powers beyond [`DEGREE`] by what is next to them within [−1, 1] (less a
/// multiple of the Chebyshev polynomials of degree six and seven; what is above is below 1e-18).
const fn quarter(coefficients: &[i64; PRECISE], quarter: usize) -> [i64; DEGREE + 1] {
	const MIDDLES: [i128; 4] = [-3, -1, 1, 3];
	const KEPT: usize = DEGREE + 3;
	let middle = MIDDLES[quarter];
	// Horner's rule on polynomials: times (q + m), a quarter of it, plus the next coefficient. With
	// 32 bits more than the coefficients have, all below 2^100.
	let mut powers = [0i128; KEPT];
	let mut index = PRECISE;
	while index > 0 {
		index -= 1;
		let mut power = KEPT;
		while power > 0 {
			power -= 1;
			let below = if power > 0 { powers[power - 1] } else { 0 };
			powers[power] = (powers[power] * middle + below) >> 2;
		}
		powers[0] += (coefficients[index] as i128) << 32;
	}
	// q^6 is (48·q^4 − 18·q² + 1)/32 and q^7 (112·q^5 − 56·q³ + 7·q)/64, but for T6/32 and T7/64.
	let (six, seven) = (powers[6] >> 5, powers[7] >> 6);
	powers[4] += 48 * six;
	powers[2] -= 18 * six;
	powers[0] += six;
	powers[5] += 112 * seven;
	powers[3] -= 56 * seven;
	powers[1] += 7 * seven;
	let mut reduced = [0i64; DEGREE + 1];
	let mut power = 0;
	while power <= DEGREE {
		let rounded = (powers[power] + (1 << 31)) >> 32;
		assert!(rounded.unsigned_abs() < 1 << 63);
		reduced[power] = rounded as i64;
		power += 1;
	}
	reduced
}

const fn fast_segment(coefficients: &[i64; DEGREE + 1], shift: u32) -> FastSegment {
	let mut largest = 0;
	let mut total = 0u64;
	let mut index = 0;
	while index <= DEGREE {
		let size = coefficients[index].unsigned_abs();
		total += size;
		if index >= LEADING && size > largest {
			largest = size;
		}
		index += 1;
	}
	// The largest of the trailing ones is brought to 31 bits.
	let coarse = (u64::BITS - largest.leading_zeros()).saturating_sub(31);
	assert!(coarse <= 31);
	let mut fast =
		FastSegment { leading: [0; LEADING], trailing: [0; TRAILING], shift, scale: 31 - coarse };
	let mut trailing = 0u64;
	let mut index = 0;
	while index <= DEGREE {
		let coefficient = coefficients[index];
		if index < LEADING {
			let left_out = if index + 1 < LEADING { MULTIPLY_LEAVES_OUT } else { 0 };
			fast.leading[index] = coefficient + left_out;
		} else {
			let half = (1i64 << coarse) >> 1;
			let cut = (coefficient + half) >> coarse;
			assert!(cut.unsigned_abs() < 1 << 31);
			fast.trailing[index - LEADING] = cut as i32;
			trailing += cut.unsigned_abs();
		}
		index += 1;
	}
	// Room for what every step rounds by.
	assert!(total < (1 << 63) - 1024 && trailing < (1 << 32) - 1024);
	fast
}

/// P(X > x) for an `x` from 0 with 59 bits after the point. Zero from 12 on, where the true value is
/// below 2e-33. Error below 3e-15 absolute; relative below 1e-13 up to 3, 1e-10 up to 7 and 4e-9 up
/// to 12.
#[inline(always)]
pub(crate) fn fast_tail(x: u64) -> Probability {
	// At most 1,023.
	let index = usize::try_from(x >> 54).unwrap_or(usize::MAX);
	let Some(segment) = TABLE.get(index) else {
		return Probability { mantissa: 0, shift: 0 };
	};
	// The place within the segment, [0, 1) as 64 bits; flipping the top bit makes it [−1, 1) in Q63.
	let place = ((x << 10) ^ (1 << 63)).cast_signed();
	let coarse_place = place >> 32;
	let [c3, c4, c5] = &segment.trailing;
	let mut small = i64::from(*c5);
	for coefficient in [c4, c3] {
		// Below 2^32 · 2^31, as the table asserts: nothing wraps.
		small = (small.wrapping_mul(coarse_place) >> 31).wrapping_add(i64::from(*coefficient));
	}
	let [c0, c1, c2] = &segment.leading;
	let mut value = (small.wrapping_mul(coarse_place) >> (segment.scale & 31)).wrapping_add(*c2);
	for coefficient in [c1, c0] {
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
