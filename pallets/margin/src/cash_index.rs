//! How all who have cash, and all who owe some, are reached at once and without a loop: by indices
//! that cash and debts are multiplied with. Pure functions.
//!
//! The *cash index* belongs to positive cash: a shared loss lowers it, interest raises it. The *debt
//! index* belongs to negative cash and only rises. Both start at one. An account's cash is written
//! together with its index of that moment, and later counts as `cash · index / written index`: rounded
//! down, so that who has cash gets no more than his part and who owes pays no less.
//!
//! Its *normalised* amount, `cash / written index`, does not change when an index moves, so that the sum
//! over all accounts is kept exactly. It is rounded down to a [`PRECISION`]-th of a unit, so for each
//! account with positive cash the exact one is less than one such part more. The sum times the index is
//! thus never more than what all accounts have, and the sum with one part for each of them never less.
//! A loss shared on the first is collected in full; interest spread over the second is never more than
//! what it was spread of.

use crate::fill::share;
use plimsoll_primitives::{Amount, Balance, Rounding};
use sp_arithmetic::{
	helpers_128bit::multiply_by_rational_with_rounding, FixedPointNumber, FixedU128,
	Rounding as Direction,
};

/// The cash index is never lowered below this (a millionth): with fewer digits left, fractions would
/// no longer be small.
pub const LOWEST_INDEX: FixedU128 = FixedU128::from_inner(FixedU128::DIV / 1_000_000);

/// Neither index is raised above this (a thousand million): interest stops there, after five years at
/// the highest rate that there can be, or forty at 50 % a year.
pub const HIGHEST_INDEX: FixedU128 = FixedU128::from_inner(FixedU128::DIV * 1_000_000_000);

/// Normalised amounts are kept in so many parts of a unit.
pub const PRECISION: u128 = 1_000_000;

/// What an index's inner value is divided by for normalised amounts to become units.
pub(crate) const NORMALISED_UNIT: u128 = FixedU128::DIV * PRECISION;

/// An account's cash without its index: what sums over accounts are kept of. In parts of a unit, see
/// [`PRECISION`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Normalised {
	/// Of positive cash.
	pub cash: Balance,
	/// Of a debt.
	pub debt: Balance,
}

/// Cash divided by the index that it was written at, rounded down. `None` on overflow.
pub fn normalised(cash: Amount, written: FixedU128) -> Option<Normalised> {
	let parts = |units: Balance| {
		if units == 0 {
			return Some(0);
		}
		let index = written.into_inner();
		multiply_by_rational_with_rounding(units, NORMALISED_UNIT, index, Direction::Down)
	};
	let size = parts(cash.unsigned_abs())?;
	Some(if cash < 0 {
		Normalised { cash: 0, debt: size }
	} else {
		Normalised { cash: size, debt: 0 }
	})
}

/// What cash written at `written` counts as at `index` (the one of its sign), rounded down: positive
/// cash to less, a debt to more. `None` on overflow.
pub fn brought_up(cash: Amount, written: FixedU128, index: FixedU128) -> Option<Amount> {
	if cash == 0 || written == index {
		return Some(cash);
	}
	share(cash, index.into_inner(), written.into_inner(), Rounding::Down)
}

/// Units that a sum of normalised amounts stands for. `None` on overflow.
pub fn units(normalised: Balance, index: FixedU128, rounding: Direction) -> Option<Balance> {
	multiply_by_rational_with_rounding(normalised, index.into_inner(), NORMALISED_UNIT, rounding)
}

/// The cash index after `loss` units are shared, rounded down (so that no less is collected). `None`
/// where that would take it below [`LOWEST_INDEX`]: the loss is about as large as all cash.
pub fn lowered(index: FixedU128, total_normalised: Balance, loss: Balance) -> Option<FixedU128> {
	let base = units(total_normalised, index, Direction::Down)?;
	let rest = base.checked_sub(loss)?;
	if base == 0 {
		return None;
	}
	let inner =
		multiply_by_rational_with_rounding(index.into_inner(), rest, base, Direction::Down)?;
	let index = FixedU128::from_inner(inner);
	(index >= LOWEST_INDEX).then_some(index)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn normalised_amount_is_of_the_sign_of_cash() {
		let half = FixedU128::from_rational(1, 2);
		assert_eq!(normalised(-5, half), Some(Normalised { cash: 0, debt: 10 * PRECISION }));
		assert_eq!(normalised(5, half), Some(Normalised { cash: 10 * PRECISION, debt: 0 }));
		assert_eq!(normalised(0, half), Some(Normalised::default()));
	}

	#[test]
	fn cash_is_rounded_down_and_a_debt_up() {
		let (one, third) = (FixedU128::from_u32(1), FixedU128::from_rational(4, 3));
		assert_eq!(brought_up(10, one, third), Some(13));
		assert_eq!(brought_up(-10, one, third), Some(-14));
		assert_eq!(brought_up(Amount::MAX, one, third), None);
	}

	#[test]
	fn index_is_not_lowered_when_the_loss_is_all_cash() {
		let one = FixedU128::from_u32(1);
		let thousand = 1_000 * PRECISION;
		assert_eq!(lowered(one, thousand, 1_000), None);
		assert_eq!(lowered(one, thousand, 1_001), None);
		assert_eq!(lowered(one, 0, 0), None);
		assert_eq!(lowered(one, thousand, 500), Some(FixedU128::from_rational(1, 2)));
	}

	proptest! {
		#[test]
		fn losses_are_collected_in_full_when_accounts_are_touched_at_any_time(
			cash in proptest::collection::vec(1i128..1_000_000_000_000, 1..20),
			losses in proptest::collection::vec((1u128..1_000_000_000, 0usize..20), 1..6),
		) {
			let mut index = FixedU128::from_u32(1);
			let mut records: Vec<(Amount, FixedU128)> =
				cash.iter().map(|cash| (*cash, index)).collect();
			let total: Amount = cash.iter().sum();
			let mut shared: u128 = 0;
			for (loss, touched) in losses {
				let normal =
					records.iter().map(|(cash, at)| normalised(*cash, *at).expect("fits").cash).sum();
				let Some(lower) = lowered(index, normal, loss) else { continue };
				index = lower;
				shared += loss;
				let at = touched % records.len();
				let (cash, written) = records[at];
				records[at] = (brought_up(cash, written, index).expect("fits"), index);
			}
			let left: Amount = records
				.iter()
				.map(|(cash, at)| brought_up(*cash, *at, index).expect("fits"))
				.sum();
			let collected = u128::try_from(total - left).expect("only taken");
			prop_assert!(collected >= shared);
			// Never more than a few units per account and loss beyond.
			prop_assert!(collected - shared <= 200);
		}
	}
}
