use crate::{error::MathError, fixed::*};
use plimsoll_primitives::{number::SCALE, Rounding};
use proptest::prelude::*;

const LIMIT: i128 = (1 << 63) * SCALE as i128;

#[test]
fn conversions_are_exact_for_halves_and_wholes() {
	let half = SCALE as i128 / 2;
	for (raw, bits) in [(0, 0), (half, 1 << 63), (-half, -(1 << 63)), (half * 6, 3 << 64)] {
		assert_eq!(from_decimal(raw), Ok(Fixed::from_bits(bits)));
		assert_eq!(to_decimal(Fixed::from_bits(bits), Rounding::Down), raw);
		assert_eq!(to_decimal(Fixed::from_bits(bits), Rounding::Up), raw);
	}
}

#[test]
fn conversion_rounds_as_told_when_it_falls_between_units() {
	let step = Fixed::from_bits(1);
	assert_eq!(to_decimal(step, Rounding::Down), 0);
	assert_eq!(to_decimal(step, Rounding::Up), 1);
	assert_eq!(to_decimal(Fixed::from_bits(-1), Rounding::Down), -1);
	assert_eq!(to_decimal(Fixed::from_bits(-1), Rounding::Up), 0);
}

#[test]
fn conversion_refuses_when_too_large() {
	assert_eq!(from_decimal(LIMIT), Err(MathError::Overflow));
	assert!(from_decimal(LIMIT - 1).is_ok());
	assert!(from_decimal(1 - LIMIT).is_ok());
	assert_eq!(from_decimal(i128::MIN), Err(MathError::Overflow));
	assert_eq!(from_unsigned_decimal(u128::MAX), Err(MathError::Overflow));
}

#[test]
fn wide_sums_cancel_and_refuse_when_they_overflow() {
	let most = Wide::product(u128::MAX, i128::MAX);
	let least = Wide::product(u128::MAX, -i128::MAX);
	assert_eq!(most.add(least), Ok(Wide::ZERO));
	assert_eq!(most.add(most), Err(MathError::Overflow));
	assert_eq!(most.to_decimal(Rounding::Up), Err(MathError::Overflow));
	assert_eq!(least.to_decimal(Rounding::Up), Err(MathError::Overflow));
	assert!(Wide::product(u128::MAX, i128::MIN).to_decimal(Rounding::Down).is_err());
	let one = Wide::product(SCALE, SCALE as i128);
	assert_eq!(one.to_decimal(Rounding::Up), Ok(SCALE as i128));
	let unit = Wide::product(1, -1);
	assert_eq!(unit.to_decimal(Rounding::Up), Ok(0));
	assert_eq!(unit.to_decimal(Rounding::Down), Ok(-1));
}

#[test]
fn scaling_refuses_when_negative_or_too_large() {
	assert_eq!(scale_down(1, Fixed::from_bits(-1)), Err(MathError::OutOfDomain));
	assert_eq!(scale_down(u128::MAX, Fixed::from_num(2)), Err(MathError::Overflow));
	assert_eq!(scale_down(u128::MAX, ONE), Ok(u128::MAX));
	assert_eq!(multiply_unsigned_decimal(u128::MAX, SCALE), Ok(u128::MAX));
	assert_eq!(multiply_unsigned_decimal(u128::MAX, SCALE + 1), Err(MathError::Overflow));
	assert_eq!(divide(ONE, ZERO), Err(MathError::Overflow));
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

	#[test]
	fn division_undoes_the_product_and_leaves_the_rest(
		by in 1u128..=u128::MAX,
		quotient in -i128::MAX..=i128::MAX,
		rest in any::<u128>(),
		shift in 0u32..128,
	) {
		let by = (by >> shift).max(1);
		let rest = rest % by;
		// The rest has the sign of the whole.
		let signed = Wide::product(rest, if quotient < 0 { -1 } else { 1 });
		let whole = Wide::product(by, quotient).add(signed).expect("below 2^255");
		prop_assert_eq!(whole.divide(by), Ok((quotient, rest)));
		prop_assert_eq!(whole.divide(0), Err(MathError::Overflow));
	}

	#[test]
	fn conversions_agree_both_ways(raw in -LIMIT + SCALE as i128..LIMIT - SCALE as i128) {
		let fixed = from_decimal(raw).expect("in range");
		// A step is a nineteenth of a unit: the nearest one is rounded back to the same unit.
		let (down, up) = (to_decimal(fixed, Rounding::Down), to_decimal(fixed, Rounding::Up));
		prop_assert!(down == raw || up == raw);
		prop_assert!((0..=1).contains(&(up - down)));
	}

	#[test]
	fn wide_agrees_with_small_numbers(
		pairs in proptest::collection::vec((0u128..1 << 60, -(1i128 << 60)..1 << 60), 1..20),
	) {
		let mut sum = Wide::ZERO;
		let mut plain = 0i128;
		for (price, size) in pairs {
			sum = sum.add(Wide::product(price, size)).expect("small");
			plain += i128::try_from(price).expect("small") * size;
		}
		let scale = SCALE as i128;
		prop_assert_eq!(sum.to_decimal(Rounding::Down), Ok(plain.div_euclid(scale)));
		prop_assert_eq!(sum.to_decimal(Rounding::Up), Ok(-(-plain).div_euclid(scale)));
	}

	#[test]
	fn full_product_undoes_division(a in any::<u128>(), b in 1u128..) {
		// Schoolbook: (a·b) / b = a, checked through the remainder of the low word.
		let (high, low) = full_product(a, b);
		prop_assert_eq!(low, a.wrapping_mul(b));
		prop_assert!(high < b);
		let check = full_product(b, a);
		prop_assert_eq!((high, low), check);
		if let Some(small) = a.checked_mul(b) {
			prop_assert_eq!((high, low), (0, small));
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

	#[test]
	fn products_by_halves_give_the_same_bits(a in any::<u64>(), b in any::<u64>(), by in 0u32..64) {
		for (a, b) in [(a, b), (a >> by, b), (a, b >> by), (u64::MAX, b), (u64::MAX, u64::MAX)] {
			prop_assert_eq!(wide_product_by_halves(a, b), u128::from(a) * u128::from(b));
		}
	}

	#[test]
	fn products_and_quotients_are_those_of_the_type(
		a in any::<i128>(), b in any::<i128>(), down in 0u32..127, other in 0u32..127,
	) {
		let (a, b) = (Fixed::from_bits(a >> down), Fixed::from_bits(b >> other));
		prop_assert_eq!(multiply(a, b).ok(), a.checked_mul(b));
		prop_assert_eq!(divide(a, b).ok(), a.checked_div(b));
	}

	#[test]
	fn scaling_is_that_of_long_division(value in any::<u128>(), by in any::<u128>(), down in 0u32..127) {
		let value = value >> down;
		// Two ways to the same: in one division, where it fits one.
		if let Some(product) = value.checked_mul(by >> 64) {
			prop_assert_eq!(multiply_unsigned_decimal(value, by >> 64), Ok(product / SCALE));
			let signed = i128::try_from(product / SCALE).expect("below 2^69");
			let size = i128::try_from(by >> 64).expect("64 bits");
			let wide = Wide::product(value, size);
			prop_assert_eq!(wide.to_decimal(Rounding::Down), Ok(signed));
			prop_assert_eq!(Wide::product(value, -size).to_decimal(Rounding::Up), Ok(-signed));
		}
		let raw = i128::try_from(value >> 1).expect("127 bits");
		if let Ok(fixed) = from_decimal(raw) {
			prop_assert_eq!(fixed.to_bits() >> 64, raw / SCALE as i128);
			let back = to_decimal(fixed, Rounding::Down);
			prop_assert!((back - raw).abs() <= 1);
		}
	}

	#[test]
	fn wide_products_are_the_same_when_short(a in any::<u128>(), b in any::<i128>()) {
		let (a, b) = (a >> 33, b >> 33);
		// By parts of 48 bits, which need no more than 128.
		let mut sum = Wide::ZERO;
		for (part, up) in [(a & 0xffff_ffff_ffff, 0u32), (a >> 48, 48)] {
			let product = Wide::product(part, b);
			let mut times = product;
			for _ in 0..up {
				times = times.add(times).expect("small");
			}
			sum = sum.add(times).expect("small");
		}
		prop_assert_eq!(Wide::product(a, b), sum);
	}
}

#[test]
fn scale_down_is_the_upper_half_of_the_product() {
	let values = [0, 1, 12_345, u128::from(u64::MAX), 1 << 64, (1 << 96) - 1, 1 << 96, u128::MAX];
	for value in values.into_iter().chain((0..128).map(|by| (u128::MAX / 3) >> by)) {
		for by in [0, 1, 1 << 32, (1 << 63) + 12_345, u64::MAX - 1, u64::MAX] {
			let (high, low) = full_product(value, u128::from(by));
			let by = Fixed::from_bits(i128::from(by));
			assert_eq!(scale_down(value, by), Ok((high << 64) | (low >> 64)), "{value} {by}");
		}
	}
}
