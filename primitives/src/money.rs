//! The one place where USD values and asset amounts become each other. Each conversion names its
//! rounding, so that what is rounded away is always known and always the user's.

use crate::number::{Contracts, Price, UsdValue, SCALE};
use sp_arithmetic::helpers_128bit::multiply_by_rational_with_rounding;

/// An unsigned amount of an asset, in its smallest unit.
pub type Balance = u128;
/// A signed amount of an asset, in its smallest unit.
pub type Amount = i128;

/// The most decimals an asset may have.
pub const MAX_DECIMALS: u8 = 18;

/// Where a value goes that falls between two units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
	/// Towards positive infinity.
	Up,
	/// Towards negative infinity.
	Down,
}

/// `magnitude_a * magnitude_b / divisor` with a sign, rounded; `None` on overflow.
fn signed_ratio(
	negative: bool,
	a: u128,
	b: u128,
	divisor: u128,
	rounding: Rounding,
) -> Option<i128> {
	let away_from_zero = match rounding {
		Rounding::Up => !negative,
		Rounding::Down => negative,
	};
	let direction =
		if away_from_zero { sp_arithmetic::Rounding::Up } else { sp_arithmetic::Rounding::Down };
	let magnitude = multiply_by_rational_with_rounding(a, b, divisor, direction)?;
	let magnitude = i128::try_from(magnitude).ok()?;
	if negative {
		magnitude.checked_neg()
	} else {
		Some(magnitude)
	}
}

/// 10^`exponent`, or `None` on overflow.
fn power_of_ten(exponent: u32) -> Option<u128> {
	10u128.checked_pow(exponent)
}

/// What `size` contracts cost at `price`, in units of an asset of `decimals` decimals worth one
/// USD; negative where `size` is. `None` on overflow or with more than [`MAX_DECIMALS`].
pub fn cost(price: Price, size: Contracts, decimals: u8, rounding: Rounding) -> Option<Amount> {
	if decimals > MAX_DECIMALS {
		return None;
	}
	let divisor = power_of_ten(36u32.checked_sub(u32::from(decimals))?)?;
	signed_ratio(
		size.is_negative(),
		price.into_inner(),
		size.into_inner().unsigned_abs(),
		divisor,
		rounding,
	)
}

/// What `size` contracts are worth at `price`, in USD. `None` on overflow.
pub fn value(price: Price, size: Contracts, rounding: Rounding) -> Option<UsdValue> {
	signed_ratio(
		size.is_negative(),
		price.into_inner(),
		size.into_inner().unsigned_abs(),
		SCALE,
		rounding,
	)
	.map(UsdValue::from_inner)
}

/// An asset amount as an 18-decimal quantity, exact. `None` on overflow or with more than
/// [`MAX_DECIMALS`].
pub fn quantity(amount: Amount, decimals: u8) -> Option<Contracts> {
	let factor = power_of_ten(u32::from(MAX_DECIMALS.checked_sub(decimals)?))?;
	amount.checked_mul(i128::try_from(factor).ok()?).map(Contracts::from_inner)
}

/// Settlement-asset units as USD at par (one unit of account is one USD), exact. `None` on
/// overflow or with more than [`MAX_DECIMALS`].
pub fn usd(amount: Amount, decimals: u8) -> Option<UsdValue> {
	quantity(amount, decimals).map(|q| UsdValue::from_inner(q.into_inner()))
}

/// USD at par as settlement-asset units. `None` on overflow or with more than [`MAX_DECIMALS`].
pub fn units(value: UsdValue, decimals: u8, rounding: Rounding) -> Option<Amount> {
	let divisor = power_of_ten(u32::from(MAX_DECIMALS.checked_sub(decimals)?))?;
	signed_ratio(value.is_negative(), value.into_inner().unsigned_abs(), 1, divisor, rounding)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn cost_rounds_as_told_when_it_falls_between_units() {
		let price = Price::from_inner(1_000_000_500_000_000_000); // 1.0000005
		assert_eq!(cost(price, Contracts::ONE, 6, Rounding::Down), Some(1_000_000));
		assert_eq!(cost(price, Contracts::ONE, 6, Rounding::Up), Some(1_000_001));
		let short = Contracts::ONE.checked_neg().expect("one has a negative; qed");
		assert_eq!(cost(price, short, 6, Rounding::Down), Some(-1_000_001));
		assert_eq!(cost(price, short, 6, Rounding::Up), Some(-1_000_000));
	}

	#[test]
	fn conversions_refuse_when_decimals_are_out_of_range() {
		assert_eq!(cost(Price::ONE, Contracts::ONE, 19, Rounding::Up), None);
		assert_eq!(quantity(1, 19), None);
		assert_eq!(units(UsdValue::ONE, 19, Rounding::Up), None);
	}

	#[test]
	fn conversions_refuse_when_they_overflow() {
		let highest = Price::from_inner(u128::MAX);
		let most = Contracts::from_inner(i128::MIN);
		assert_eq!(cost(highest, most, 6, Rounding::Up), None);
		assert_eq!(value(highest, most, Rounding::Down), None);
		assert_eq!(quantity(i128::MAX, 6), None);
	}

	proptest! {
		#[test]
		fn a_buyer_never_pays_less_than_the_seller_gets(
			price in 0u128..1_000_000_000_000_000_000_000_000u128,
			size in 1i128..1_000_000_000_000_000_000_000_000i128,
			decimals in 0u8..=18,
		) {
			let price = Price::from_inner(price);
			let paid = cost(price, Contracts::from_inner(size), decimals, Rounding::Up);
			let got = cost(price, Contracts::from_inner(-size), decimals, Rounding::Up);
			let (paid, got) = (paid.expect("in range"), got.expect("in range"));
			prop_assert!(paid + got >= 0 && paid + got <= 1);
		}

		#[test]
		fn units_and_usd_agree_when_exact(amount in -1_000_000_000_000_000_000i128..1_000_000_000_000_000_000i128, decimals in 0u8..=18) {
			let there = usd(amount, decimals).expect("in range");
			prop_assert_eq!(units(there, decimals, Rounding::Up), Some(amount));
			prop_assert_eq!(units(there, decimals, Rounding::Down), Some(amount));
		}
	}
}
