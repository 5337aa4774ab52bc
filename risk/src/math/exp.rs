//! The exponential function.

use crate::{error::MathError, fixed::Fixed};

/// ln 2 with 120 bits after the point.
const LN_2: i128 = 921350637599661305226344307672478455;
/// 1 / ln 2 with 62 bits after the point.
const INVERSE_LN_2: i128 = 6653256548922161246;
/// 1/1!, 1/2!, … 1/16! with 62 bits after the point.
const INVERSE_FACTORIALS: [i128; 16] = [
	4611686018427387904,
	2305843009213693952,
	768614336404564651,
	192153584101141163,
	38430716820228233,
	6405119470038039,
	915017067148291,
	114377133393536,
	12708570377060,
	1270857037706,
	115532457973,
	9627704831,
	740592679,
	52899477,
	3526632,
	220414,
];
/// −45 and 44 as bits: below the first the result is less than half a step, above the second it
/// does not fit.
const LOWEST: i128 = -(45 << 64);
const HIGHEST: i128 = 44 << 64;

/// e^`value`. Error below 4e-19 relative plus 6e-20 absolute. Below −45 it is zero (the true value
/// is less than half a step). `Overflow` above 43.66.
///
/// value = n·ln 2 + r with |r| ≤ ln 2 / 2; e^r − 1 = r·(1/1! + r/2! + …) to 16 terms (the rest is
/// below 1e-21).
pub fn exp(value: Fixed) -> Result<Fixed, MathError> {
	let bits = value.to_bits();
	if bits < LOWEST {
		return Ok(Fixed::from_bits(0));
	}
	if bits > HIGHEST {
		return Err(MathError::Overflow);
	}
	// |bits| is below 2^70: the products below stay under 2^127, so nothing wraps and nothing is
	// checked for it (in wasm the check costs more than the product).
	let n = ((bits >> 16).wrapping_mul(INVERSE_LN_2) + (1 << 109)) >> 110;
	let r = (bits << 56) - n.wrapping_mul(LN_2); // Q120, below 0.35
	let r = (r + (1 << 55)) >> 56; // Q64
	let series = INVERSE_FACTORIALS
		.iter()
		.rev()
		.fold(0i128, |sum, factor| factor + (sum.wrapping_mul(r) >> 64));
	let rest = (r.wrapping_mul(series) + (1 << 61)) >> 62; // e^r − 1 in Q64
	let mantissa = (1i128 << 64) + rest; // in (2^63, 2^65)
	if n >= 0 {
		let shift = u32::try_from(n).map_err(|_| MathError::Overflow)?;
		if mantissa.leading_zeros() <= shift {
			return Err(MathError::Overflow);
		}
		Ok(Fixed::from_bits(mantissa << shift))
	} else {
		// At most 65: the half that rounds is below 2^65.
		let shift = u32::try_from(-n).map_err(|_| MathError::Overflow)?;
		Ok(Fixed::from_bits((mantissa + (1i128 << (shift - 1))) >> shift))
	}
}
