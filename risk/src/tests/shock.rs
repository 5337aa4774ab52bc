use super::support::*;
use crate::{fixed::Fixed, model::VolatilityShock, shock::*, tenor::Tenor};
use sp_arithmetic::FixedI128;

/// A deviation after the standard law at this many days, in millionths, to the nearest.
fn shocked(days: u64, deviation: Fixed) -> [i128; 3] {
	let tenor = Tenor::from_milliseconds(days * DAY).expect("a tenor");
	let all = TenorShock::new(&model(), &tenor)
		.expect("a law")
		.apply(deviation, Fixed::from_bits(0))
		.expect("shocked");
	[VolatilityShock::Up, VolatilityShock::None, VolatilityShock::Down]
		.map(|shock| (all.of(shock).total().to_bits() * 1_000_000 + (1 << 63)) >> 64)
}

const HALF: Fixed = Fixed::from_bits(1 << 63);

#[test]
fn law_is_its_range_at_thirty_days() {
	assert_eq!(shocked(30, HALF), [750_000, 500_000, 350_000]);
}

#[test]
fn law_follows_its_powers() {
	// 0.5·(1 + 0.5·(30/7)^0.3) and 0.5·(1 − 0.3·(30/7)^0.3).
	assert_eq!(shocked(7, HALF), [886_854, 500_000, 267_888]);
	// (30/365)^0.13.
	assert_eq!(shocked(365, HALF), [680_662, 500_000, 391_603]);
	// Below a day it stays what it is at a day: 30^0.3.
	let at_a_day = shocked(1, HALF);
	assert_eq!(at_a_day, [1_193_548, 500_000, 83_871]);
	assert_eq!(shocked(0, HALF), at_a_day);
}

#[test]
fn risen_volatility_is_at_least_the_minimum() {
	// 10 % for a year becomes 40 %, not 13.6 %.
	let tenth = Fixed::from_bits((1 << 64) / 10);
	assert_eq!(shocked(365, tenth)[0], 400_000);
	// Beyond the cut nothing rises.
	assert_eq!(shocked(30, Fixed::max_value()), [24_000_000, 24_000_000, 24_000_000]);
}

#[test]
fn price_factor_is_one_plus_the_move() {
	let one = ONE.unsigned_abs();
	assert_eq!(price_factor(FixedI128::from_inner(0), percent(15)), Ok(one));
	assert_eq!(price_factor(FixedI128::from_inner(2 * ONE), percent(15)), Ok(one * 13 / 10));
	assert_eq!(price_factor(FixedI128::from_inner(-2 * ONE), percent(15)), Ok(one * 7 / 10));
	assert!(price_factor(FixedI128::from_inner(-5 * ONE), percent(20)).is_err());
	assert!(price_factor(FixedI128::from_inner(i128::MIN), percent(99)).is_err());
	assert!(price_factor(FixedI128::from_inner(i128::MAX), percent(20_000)).is_err());
}
