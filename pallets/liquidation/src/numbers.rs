//! Fractions of USD values and contracts, with their rounding written down.

use plimsoll_primitives::{Contracts, Rounding, UsdValue};
use sp_arithmetic::{
	helpers_128bit::multiply_by_rational_with_rounding, PerThing, Perquintill,
	Rounding as Direction,
};

/// `fraction` of `value`, in USD, rounded as told. `None` on overflow.
pub fn portion<P>(value: UsdValue, fraction: P, rounding: Rounding) -> Option<UsdValue>
where
	P: PerThing,
	u128: From<P::Inner>,
{
	let negative = value.is_negative();
	let away_from_zero = match rounding {
		Rounding::Up => !negative,
		Rounding::Down => negative,
	};
	let direction = if away_from_zero { Direction::Up } else { Direction::Down };
	let magnitude = multiply_by_rational_with_rounding(
		value.into_inner().unsigned_abs(),
		u128::from(fraction.deconstruct()),
		u128::from(P::ACCURACY),
		direction,
	)?;
	let magnitude = i128::try_from(magnitude).ok()?;
	let signed = if negative { magnitude.checked_neg()? } else { magnitude };
	Some(UsdValue::from_inner(signed))
}

/// `part / whole` of two magnitudes as a fraction between 0 and 1. A part that is not positive is
/// 0; a whole that is not above the part is 1.
pub fn fraction(part: i128, whole: i128, rounding: Rounding) -> Perquintill {
	if part <= 0 {
		return Perquintill::zero();
	}
	if part >= whole {
		return Perquintill::one();
	}
	let direction = match rounding {
		Rounding::Up => Direction::Up,
		Rounding::Down => Direction::Down,
	};
	// 0 < part < whole, so the quotient is at most one and fits.
	multiply_by_rational_with_rounding(
		part.unsigned_abs(),
		u128::from(Perquintill::ACCURACY),
		whole.unsigned_abs(),
		direction,
	)
	.and_then(|parts| u64::try_from(parts).ok())
	.map_or(Perquintill::one(), Perquintill::from_parts)
}

/// `size · numerator / denominator` of three magnitudes, rounded up to whole `lot`s, at most `most`.
/// `None` on overflow or where `denominator` or `lot` is not positive.
pub fn lots_up(
	size: Contracts,
	numerator: i128,
	denominator: i128,
	lot: Contracts,
	most: Contracts,
) -> Option<Contracts> {
	if denominator <= 0 || numerator < 0 || !lot.is_positive() {
		return None;
	}
	let exact = multiply_by_rational_with_rounding(
		size.into_inner().unsigned_abs(),
		numerator.unsigned_abs(),
		denominator.unsigned_abs(),
		Direction::Up,
	)?;
	let lot = lot.into_inner().unsigned_abs();
	let whole = exact.div_ceil(lot).checked_mul(lot)?;
	let whole = Contracts::from_inner(i128::try_from(whole).ok()?);
	Some(whole.min(most))
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_arithmetic::Permill;

	#[test]
	fn portion_rounds_as_told_when_inexact() {
		let third = Permill::from_parts(333_333);
		let one = UsdValue::from_inner(1);
		let debt = UsdValue::from_inner(-1);
		assert_eq!(portion(one, third, Rounding::Up), Some(one));
		assert_eq!(portion(one, third, Rounding::Down), Some(UsdValue::ZERO));
		assert_eq!(portion(debt, third, Rounding::Up), Some(UsdValue::ZERO));
		assert_eq!(portion(debt, third, Rounding::Down), Some(debt));
	}

	#[test]
	fn fraction_is_clipped_when_out_of_range() {
		assert_eq!(fraction(-1, 10, Rounding::Up), Perquintill::zero());
		assert_eq!(fraction(0, 0, Rounding::Up), Perquintill::zero());
		assert_eq!(fraction(11, 10, Rounding::Down), Perquintill::one());
		assert_eq!(fraction(1, -1, Rounding::Down), Perquintill::one());
		assert_eq!(fraction(1, 4, Rounding::Down), Perquintill::from_percent(25));
	}

	#[test]
	fn fraction_rounds_as_told_when_inexact() {
		let down = fraction(1, 3, Rounding::Down);
		let up = fraction(1, 3, Rounding::Up);
		assert_eq!(up.deconstruct(), down.deconstruct() + 1);
	}

	#[test]
	fn lots_are_whole_and_never_more_than_allowed() {
		let lot = Contracts::from_rational(1, 10);
		let size = Contracts::from_u32(1);
		let third = lots_up(size, 1, 3, lot, size);
		assert_eq!(third, Some(Contracts::from_rational(4, 10)));
		let capped = lots_up(size, 1, 1, lot, Contracts::from_rational(3, 10));
		assert_eq!(capped, Some(Contracts::from_rational(3, 10)));
		assert_eq!(lots_up(size, 1, 0, lot, size), None);
		assert_eq!(lots_up(size, 1, 1, Contracts::ZERO, size), None);
	}
}
