use crate::{
	fixed::{from_decimal, Fixed},
	svi::*,
};
use plimsoll_primitives::Svi;
use proptest::prelude::*;
use sp_arithmetic::FixedI128;

/// From millionths.
fn svi(a: i128, b: i128, rho: i128, m: i128, sigma: i128) -> Svi {
	let [a, b, rho, m, sigma] = [a, b, rho, m, sigma]
		.map(|millionths| FixedI128::from_inner(millionths * 1_000_000_000_000));
	Svi { a, b, rho, m, sigma }
}

/// A month of a 60 % smile with some skew.
fn sensible() -> Svi {
	svi(15_000, 60_000, -200_000, 10_000, 150_000)
}

#[test]
fn check_accepts_when_sensible() {
	assert_eq!(check(&sensible()), Ok(()));
	// Flat.
	assert_eq!(check(&svi(30_000, 0, 0, 0, 100_000)), Ok(()));
	// An hour, of nearly the same shape: everything smaller.
	assert_eq!(check(&svi(30, 200, -100_000, 500, 3_000)), Ok(()));
}

#[test]
fn check_names_the_parameter_when_it_is_out_of_range() {
	let cases = [
		(svi(101_000_000, 60_000, 0, 0, 100_000), SviError::Level),
		(svi(15_000, -1, 0, 0, 100_000), SviError::NegativeSlope),
		(svi(15_000, 1_900_000, 100_000, 0, 100_000), SviError::WingTooSteep),
		(svi(15_000, 2_000_001, 0, 0, 100_000), SviError::WingTooSteep),
		(svi(15_000, 60_000, 1_000_000, 0, 100_000), SviError::Correlation),
		(svi(15_000, 60_000, -1_000_000, 0, 100_000), SviError::Correlation),
		(svi(15_000, 60_000, 1_500_000, 0, 100_000), SviError::Correlation),
		(svi(15_000, 60_000, 0, 10_000_001, 100_000), SviError::Shift),
		(svi(15_000, 60_000, 0, 0, 0), SviError::Smoothness),
		(svi(15_000, 60_000, 0, 0, -100_000), SviError::Smoothness),
		(svi(15_000, 60_000, 0, 0, 10_000_001), SviError::Smoothness),
		(svi(-10_000_000, 60_000, 0, 0, 100_000), SviError::VarianceNotPositive),
		(svi(-7_000, 60_000, 0, 0, 100_000), SviError::VarianceNotPositive),
		(svi(0, 0, 0, 0, 100_000), SviError::VarianceNotPositive),
	];
	for (slice, error) in cases {
		assert_eq!(check(&slice), Err(error), "{slice:?}");
		assert_eq!(check_calendar(&sensible(), &slice), Err(error));
		assert_eq!(check_calendar(&slice, &sensible()), Err(error));
	}
}

#[test]
fn check_refuses_when_the_density_is_negative() {
	// Axel Vogt's example, as Gatheral and Jacquier (2014) give it.
	assert_eq!(check(&svi(-41_000, 133_100, 306_000, 358_600, 415_300)), Err(SviError::Butterfly));
	// A kink that is too sharp for its level.
	assert_eq!(check(&svi(1_000, 900_000, 900_000, 0, 1_000)), Err(SviError::Butterfly));
}

#[test]
fn check_calendar_refuses_when_variance_falls() {
	let near = sensible();
	let far = svi(20_000, 60_000, -200_000, 10_000, 150_000);
	assert_eq!(check_calendar(&near, &far), Ok(()));
	assert_eq!(check_calendar(&near, &near), Ok(()));
	assert_eq!(check_calendar(&far, &near), Err(SviError::Calendar));
	// More in the middle, less at the sides.
	let flat = svi(26_000, 0, 0, 0, 150_000);
	assert_eq!(check_calendar(&near, &flat), Err(SviError::Calendar));
}

#[test]
fn extremes_are_refused_and_never_panic() {
	let extreme = [FixedI128::from_inner(i128::MIN), FixedI128::from_inner(i128::MAX)];
	for value in extreme {
		for index in 0..5 {
			let mut slice = sensible();
			match index {
				0 => slice.a = value,
				1 => slice.b = value,
				2 => slice.rho = value,
				3 => slice.m = value,
				_ => slice.sigma = value,
			}
			assert!(check(&slice).is_err());
			assert!(check_calendar(&sensible(), &slice).is_err());
			if let Ok(slice) = Slice::new(&slice) {
				let _ = slice.total_variance(Fixed::max_value());
				let _ = slice.total_variance(Fixed::min_value());
			}
		}
	}
}

#[test]
fn variance_stays_when_beyond_four_deviations() {
	let slice = Slice::new(&sensible()).expect("sensible");
	// √(a + b·sigma) is √0.024: the limit is 0.6197.
	let at = |k: i128| {
		let k = from_decimal(k * 10_000_000_000_000_000).expect("small");
		slice.total_variance(k).expect("positive")
	};
	assert!(at(62) < at(61) + at(61) && at(60) < at(62));
	assert_eq!(at(62), at(100));
	assert_eq!(at(-62), at(-900));
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

	#[test]
	fn accepted_slices_can_be_valued_everywhere(
		a in -100_000i128..1_000_000,
		b in 0i128..2_000_000,
		rho in -999_999i128..999_999,
		m in -2_000_000i128..2_000_000,
		sigma in 1i128..2_000_000,
		k in any::<i128>(),
	) {
		let slice = svi(a, b, rho, m, sigma);
		if check(&slice).is_ok() {
			let slice = Slice::new(&slice).expect("accepted");
			let variance = slice.total_variance(Fixed::from_bits(k)).expect("accepted");
			prop_assert!(variance > Fixed::from_bits(0) && variance <= MAX_TOTAL_VARIANCE);
		}
	}

	#[test]
	fn check_never_panics(
		a in any::<i128>(), b in any::<i128>(), rho in any::<i128>(), m in any::<i128>(), sigma in any::<i128>(),
		shift in 0u32..120,
	) {
		let [a, b, rho, m, sigma] = [a, b, rho, m, sigma].map(|x| FixedI128::from_inner(x >> shift));
		let slice = Svi { a, b, rho, m, sigma };
		let _ = (check(&slice), check_calendar(&slice, &sensible()));
	}
}
