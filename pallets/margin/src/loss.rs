//! How a loss is shared by all who have cash, at once and without a loop: by an index that their
//! cash is multiplied with. Pure functions.
//!
//! The index starts at one and only falls. An account's cash is written together with the index of
//! that moment; later it counts as `cash · index / written index`, rounded down. Its *normalised
//! cash*, `cash / written index` rounded down, does not change when the index falls, so the sum over
//! all accounts is kept exactly, and the sum times the index is never more than the positive cash
//! of all accounts. A loss shared on that base is collected in full, and the fractions of units that
//! are collected beyond it go to the insurance fund.

use crate::fill::share;
use plimsoll_primitives::{Amount, Balance, Rounding};
use sp_arithmetic::{
	helpers_128bit::multiply_by_rational_with_rounding, FixedPointNumber, FixedU128,
	Rounding as Direction,
};

/// The index is never lowered below this (a millionth): with fewer digits left, fractions would no
/// longer be small.
pub const LOWEST_INDEX: FixedU128 = FixedU128::from_inner(FixedU128::DIV / 1_000_000);

/// Cash divided by the index that it was written at, rounded down; zero where cash is not positive.
/// `None` on overflow.
pub fn normalised(cash: Amount, index: FixedU128) -> Option<Balance> {
	let Ok(cash) = Balance::try_from(cash) else { return Some(0) };
	if cash == 0 {
		return Some(0);
	}
	let scale = FixedU128::DIV;
	multiply_by_rational_with_rounding(cash, scale, index.into_inner(), Direction::Down)
}

/// What cash written at `written` counts as at `index`, rounded down. Negative cash does not share
/// losses. `None` on overflow.
pub fn after_losses(cash: Amount, written: FixedU128, index: FixedU128) -> Option<Amount> {
	if cash <= 0 || written == index {
		return Some(cash);
	}
	share(cash, index.into_inner(), written.into_inner(), Rounding::Down)
}

/// Units of positive cash that a total of normalised cash surely stands for, rounded down. `None`
/// on overflow.
pub fn shareable(total_normalised: Balance, index: FixedU128) -> Option<Balance> {
	let scale = FixedU128::DIV;
	multiply_by_rational_with_rounding(total_normalised, index.into_inner(), scale, Direction::Down)
}

/// The index after `loss` units are shared, rounded down (so that no less is collected). `None`
/// where that would take it below [`LOWEST_INDEX`]: the loss is about as large as all cash.
pub fn lowered(index: FixedU128, total_normalised: Balance, loss: Balance) -> Option<FixedU128> {
	let base = shareable(total_normalised, index)?;
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
	fn debt_takes_no_share() {
		let half = FixedU128::from_rational(1, 2);
		assert_eq!(after_losses(-5, FixedU128::from_u32(1), half), Some(-5));
		assert_eq!(normalised(-5, half), Some(0));
	}

	#[test]
	fn index_is_not_lowered_when_the_loss_is_all_cash() {
		let one = FixedU128::from_u32(1);
		assert_eq!(lowered(one, 1_000, 1_000), None);
		assert_eq!(lowered(one, 1_000, 1_001), None);
		assert_eq!(lowered(one, 0, 0), None);
		assert_eq!(lowered(one, 1_000, 500), Some(FixedU128::from_rational(1, 2)));
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
					records.iter().map(|(cash, at)| normalised(*cash, *at).expect("fits")).sum();
				let Some(lower) = lowered(index, normal, loss) else { continue };
				index = lower;
				shared += loss;
				let at = touched % records.len();
				let (cash, written) = records[at];
				records[at] = (after_losses(cash, written, index).expect("fits"), index);
			}
			let left: Amount = records
				.iter()
				.map(|(cash, at)| after_losses(*cash, *at, index).expect("fits"))
				.sum();
			let collected = u128::try_from(total - left).expect("only taken");
			prop_assert!(collected >= shared);
			// Never more than a few units per account and loss beyond.
			prop_assert!(collected - shared <= 200);
		}
	}
}
