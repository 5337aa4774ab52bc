//! Each function against mpmath, at its stated bound, and what holds for every argument.

use super::{
	reference::{EXP, LN, NORMAL, SQRT},
	*,
};
use crate::error::MathError;
use proptest::prelude::*;

/// One step of [`Fixed`].
const STEP: i128 = 1;

/// Bits within which a value is, given a relative bound of 2^−62 and an absolute one in steps.
fn bound(value: i128, steps: i128) -> i128 {
	(value.abs() >> 62) + steps * STEP
}

fn assert_close(got: Fixed, expected: i128, bound: i128, what: i128) {
	let error = (got.to_bits() - expected).abs();
	assert!(error <= bound, "argument {what}: off by {error} steps of 5.4e-20, allowed {bound}");
}

/// Prints the largest error of a list of (argument, error in steps), so that the bounds stated in
/// the docs can be read off a test run with `--nocapture`.
fn largest(name: &str, errors: impl Iterator<Item = i128>) {
	println!("{name}: largest error {} steps of 5.4e-20", errors.max().unwrap_or(0));
}

#[test]
fn ln_agrees_with_reference() {
	let of = |argument| ln(Fixed::from_bits(argument)).expect("above zero");
	largest("ln", LN.iter().map(|(a, e)| (of(*a).to_bits() - e).abs()));
	for (argument, expected) in LN {
		assert_close(of(argument), expected, 3 * STEP, argument);
	}
}

#[test]
fn ln_refuses_when_not_positive() {
	assert_eq!(ln(Fixed::from_bits(0)), Err(MathError::OutOfDomain));
	assert_eq!(ln(Fixed::from_bits(-1)), Err(MathError::OutOfDomain));
	assert_eq!(ln(Fixed::min_value()), Err(MathError::OutOfDomain));
	assert_eq!(ln_integer(0), Err(MathError::OutOfDomain));
	assert_eq!(ln_decimal(0), Err(MathError::OutOfDomain));
}

#[test]
fn ln_of_integers_agrees_with_reference_at_the_extremes() {
	// ln 1, ln 2^64, ln(2^128 − 1), ln 10^18 with 64 bits after the point.
	for (argument, expected) in [
		(1, 0),
		(1 << 64, 818323753292969962226),
		(u128::MAX, 1636647506585939924453),
		(1_000_000_000_000_000_000, 764553562531197642354),
	] {
		let got = ln_integer(argument).expect("above zero");
		assert_close(got, expected, 3, 0);
	}
	assert_eq!(ln_decimal(1_000_000_000_000_000_000), Ok(Fixed::from_bits(0)));
}

#[test]
fn exp_agrees_with_reference() {
	let of = |argument| exp(Fixed::from_bits(argument)).expect("within the domain");
	for (argument, expected) in EXP {
		// 4e-19 relative is 1.8 times 2^−62.
		assert_close(of(argument), expected, 2 * bound(expected, 0) + STEP, argument);
	}
}

#[test]
fn exp_is_zero_far_below_and_refuses_far_above() {
	assert_eq!(exp(Fixed::min_value()), Ok(Fixed::from_bits(0)));
	assert_eq!(exp(Fixed::max_value()), Err(MathError::Overflow));
	assert_eq!(exp(Fixed::from_num(44)), Err(MathError::Overflow));
	// ln 2^63 = 43.668…: the largest result that fits is just below.
	assert_eq!(
		exp(Fixed::from_bits(43_670_000_000 * ((1 << 64) / 1_000_000_000))),
		Err(MathError::Overflow)
	);
	assert!(exp(Fixed::from_bits(43_668_000_000 * ((1 << 64) / 1_000_000_000))).is_ok());
	assert_eq!(exp(Fixed::from_bits(0)), Ok(Fixed::from_bits(1 << 64)));
}

#[test]
fn sqrt_agrees_with_reference() {
	for (argument, expected) in SQRT {
		let got = sqrt(Fixed::from_bits(argument)).expect("not negative");
		assert_close(got, expected, bound(expected, 2), argument);
	}
}

#[test]
fn sqrt_refuses_when_negative() {
	assert_eq!(sqrt(Fixed::from_bits(-1)), Err(MathError::OutOfDomain));
	assert_eq!(sqrt(Fixed::min_value()), Err(MathError::OutOfDomain));
}

#[test]
fn normal_functions_agree_with_reference() {
	let error = |a: Fixed, e: i128| (a.to_bits() - e).abs();
	let of = Fixed::from_bits;
	largest("distribution", NORMAL.iter().map(|(a, d, _)| error(distribution(of(*a)), *d)));
	largest("density", NORMAL.iter().map(|(a, _, d)| error(density(of(*a)), *d)));
	for (argument, below, dense) in NORMAL {
		// 4e-19 is seven steps, 2e-19 four.
		assert_close(distribution(of(argument)), below, 7, argument);
		assert_close(density(of(argument)), dense, 4, argument);
	}
}

#[test]
fn normal_functions_have_limits_when_far_out() {
	assert_eq!(distribution(Fixed::min_value()), Fixed::from_bits(0));
	assert_eq!(distribution(Fixed::max_value()), Fixed::from_bits(1 << 64));
	assert_eq!(density(Fixed::min_value()), Fixed::from_bits(0));
	assert_eq!(density(Fixed::max_value()), Fixed::from_bits(0));
}

#[test]
fn tail_keeps_its_digits_when_small() {
	// P(X > 8) · 2^170 and P(X > 11.9) · 2^230, to 5e-17 relative.
	for (x, expected, exponent) in [
		(8i128 << 64, 931015072263086754558550174296513580u128, 170),
		((119i128 << 64) / 10, 10210025500292146002280572942309968768, 230),
	] {
		let Probability { mantissa, shift } = tail(Fixed::from_bits(x));
		let got = u128::from(mantissa) << (exponent - 63 - shift);
		assert!(got.abs_diff(expected) <= expected / 20_000_000_000_000_000);
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

	#[test]
	fn multiply_by_halves_gives_the_same_bits(a in any::<i64>(), b in any::<i64>()) {
		prop_assume!(a != i64::MIN || b != i64::MIN);
		let whole = (i128::from(a) * i128::from(b) + (1 << 62)) >> 63;
		prop_assume!(i64::try_from(whole).is_ok());
		prop_assert_eq!(i128::from(normal::multiply_by_halves(a, b)), whole);
	}

	#[test]
	fn ln_undoes_exp(bits in -(20i128 << 64)..(43i128 << 64)) {
		let x = Fixed::from_bits(bits);
		let value = exp(x).expect("in the domain");
		let back = ln(value).expect("positive").to_bits();
		// The half step that `exp` rounds by, relative to its value, plus both bounds.
		let allowed = (1i128 << 64) / value.to_bits() + 12;
		prop_assert!((back - bits).abs() <= allowed);
	}

	#[test]
	fn sqrt_is_the_root_to_the_step(bits in 0..i128::MAX) {
		let root = sqrt(Fixed::from_bits(bits)).expect("not negative").to_bits();
		// root is within 2^−63 relative of the truth: so is its square within 2^−61.
		let square = (root >> 32) * (root >> 32);
		prop_assert!((square - bits).abs() <= (bits >> 30) + (1 << 66));
	}

	#[test]
	fn ln_of_products_is_the_sum(a in 1u64.., b in 1u64..) {
		let product = ln_integer(u128::from(a) * u128::from(b)).expect("positive");
		let sum = ln_integer(u128::from(a)).expect("positive").to_bits()
			+ ln_integer(u128::from(b)).expect("positive").to_bits();
		prop_assert!((product.to_bits() - sum).abs() <= 8);
	}

	#[test]
	fn distribution_is_symmetric_and_rises(a in -(13i128 << 64)..(13i128 << 64), by in 0i128..1 << 60) {
		let x = Fixed::from_bits(a);
		let below = distribution(x).to_bits();
		prop_assert!((0..=1 << 64).contains(&below));
		prop_assert_eq!(below + distribution(Fixed::from_bits(-a)).to_bits(), 1 << 64);
		// Rises, but for the error of two evaluations.
		prop_assert!(distribution(Fixed::from_bits(a + by)).to_bits() >= below - 8);
	}

	#[test]
	fn nothing_panics(bits in any::<i128>(), integer in any::<u128>(), short in any::<u64>()) {
		let x = Fixed::from_bits(bits);
		let _ = (ln(x), exp(x), sqrt(x), distribution(x), density(x), tail(x));
		let _ = (ln_integer(integer), ln_decimal(integer), sqrt_integer(short));
	}
}
