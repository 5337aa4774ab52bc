//! Arithmetic of one position: what a trade does to it and to its holder's cash. Pure functions on
//! plain integers; every rounding is named.
//!
//! The *consideration* of a trade is what a side pays for it in settlement units: positive for a
//! buyer, negative for a seller, rounded up for both, so that each pays the fraction of a unit that
//! is lost. Whatever a trade does to a position, its cash less its entry value falls by exactly the
//! consideration: nothing is created and nothing is lost.

use plimsoll_primitives::{Amount, Contracts, Rounding};
use sp_arithmetic::helpers_128bit::multiply_by_rational_with_rounding;

/// A position's terms after a change, and what the change did to cash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
	/// How much is held.
	pub size: Contracts,
	/// Its entry value, settlement units.
	pub entry_value: Amount,
	/// What was added to cash, settlement units: the premium (negative for a buyer), or the profit
	/// and loss of what was closed.
	pub cash_change: Amount,
}

/// `value · part / whole` with the sign of `value`; `None` on overflow or where `whole` is zero.
pub fn share(value: Amount, part: u128, whole: u128, rounding: Rounding) -> Option<Amount> {
	if whole == 0 {
		return None;
	}
	let negative = value < 0;
	let direction = match (rounding, negative) {
		(Rounding::Up, false) | (Rounding::Down, true) => sp_arithmetic::Rounding::Up,
		(Rounding::Up, true) | (Rounding::Down, false) => sp_arithmetic::Rounding::Down,
	};
	let magnitude =
		multiply_by_rational_with_rounding(value.unsigned_abs(), part, whole, direction)?;
	let magnitude = i128::try_from(magnitude).ok()?;
	Some(if negative { magnitude.checked_neg()? } else { magnitude })
}

/// What buying `change` contracts (negative: selling) for `consideration` makes of a position of
/// `size` contracts and `entry_value`.
///
/// Where the price is paid in full (`premium_paid`), cash falls by the consideration and there is
/// no entry value. Otherwise what opens adds its part of the consideration to the entry value, and
/// what closes pays out its part less the entry value of what was closed: in proportion to size,
/// rounded up (less cash now, the rest of it stays in the entry value), all of it where all is
/// closed. A trade through zero closes all and opens the rest. `None` on overflow.
pub fn apply(
	size: Contracts,
	entry_value: Amount,
	change: Contracts,
	consideration: Amount,
	premium_paid: bool,
) -> Option<Outcome> {
	let new_size = size.checked_add(change)?;
	if premium_paid {
		let cash_change = consideration.checked_neg()?;
		return Some(Outcome { size: new_size, entry_value, cash_change });
	}
	if size.is_zero() || change.is_zero() || size.is_negative() == change.is_negative() {
		let entry_value = entry_value.checked_add(consideration)?;
		return Some(Outcome { size: new_size, entry_value, cash_change: 0 });
	}
	let held = size.into_inner().unsigned_abs();
	let traded = change.into_inner().unsigned_abs();
	let closed = held.min(traded);
	let closing_consideration = share(consideration, closed, traded, Rounding::Up)?;
	let removed_entry = share(entry_value, closed, held, Rounding::Up)?;
	let opening_consideration = consideration.checked_sub(closing_consideration)?;
	Some(Outcome {
		size: new_size,
		entry_value: entry_value.checked_sub(removed_entry)?.checked_add(opening_consideration)?,
		cash_change: closing_consideration.checked_add(removed_entry)?.checked_neg()?,
	})
}

/// The entry value that goes with `moved` of a position's `size` contracts when it changes hands
/// without a trade: in proportion, rounded up (the new holder's profit is counted from more).
/// `None` on overflow.
pub fn moved_entry(entry_value: Amount, size: Contracts, moved: Contracts) -> Option<Amount> {
	share(
		entry_value,
		moved.into_inner().unsigned_abs(),
		size.into_inner().unsigned_abs(),
		Rounding::Up,
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn contracts(inner: i128) -> Contracts {
		Contracts::from_inner(inner)
	}

	fn linear(size: i128, entry: Amount, change: i128, consideration: Amount) -> Outcome {
		apply(contracts(size), entry, contracts(change), consideration, false).expect("in range")
	}

	#[test]
	fn fill_adds_to_entry_value_when_it_opens() {
		assert_eq!(
			linear(0, 0, 3, 300),
			Outcome { size: contracts(3), entry_value: 300, cash_change: 0 }
		);
		assert_eq!(
			linear(-3, -300, -1, -90),
			Outcome { size: contracts(-4), entry_value: -390, cash_change: 0 }
		);
	}

	#[test]
	fn fill_realises_in_proportion_when_it_closes_partly() {
		// A third of a long bought for 100 is sold for 50: 34 of the 100 go, rounded against it.
		assert_eq!(
			linear(3, 100, -1, -50),
			Outcome { size: contracts(2), entry_value: 66, cash_change: 16 }
		);
		// The same of a short: of −100 go −33.
		assert_eq!(
			linear(-3, -100, 1, 20),
			Outcome { size: contracts(-2), entry_value: -67, cash_change: 13 }
		);
	}

	#[test]
	fn fill_leaves_no_entry_value_when_it_closes_all() {
		assert_eq!(
			linear(3, 100, -3, -151),
			Outcome { size: contracts(0), entry_value: 0, cash_change: 51 }
		);
	}

	#[test]
	fn fill_closes_and_opens_when_it_flips() {
		// Long 2 for 100; sells 5 for 300: 120 for the two that close, 180 for the three opened.
		assert_eq!(
			linear(2, 100, -5, -300),
			Outcome { size: contracts(-3), entry_value: -180, cash_change: 20 }
		);
	}

	#[test]
	fn fill_is_paid_in_cash_when_the_premium_is() {
		let bought = apply(contracts(-5), 0, contracts(2), 70, true).expect("in range");
		assert_eq!(bought, Outcome { size: contracts(-3), entry_value: 0, cash_change: -70 });
	}

	#[test]
	fn fill_is_refused_when_it_overflows() {
		let most = contracts(i128::MAX);
		assert_eq!(apply(most, 0, contracts(1), 0, false), None);
		assert_eq!(apply(contracts(1), i128::MAX, contracts(1), 1, false), None);
		assert_eq!(apply(contracts(1), 0, contracts(1), i128::MIN, true), None);
		assert_eq!(share(1, 1, 0, Rounding::Up), None);
	}

	proptest! {
		#[test]
		fn fill_moves_cash_less_entry_by_the_consideration(
			size in -1_000_000i128..1_000_000, entry in -1_000_000_000i128..1_000_000_000,
			change in -1_000_000i128..1_000_000, consideration in -1_000_000_000i128..1_000_000_000,
		) {
			let entry = if size == 0 { 0 } else { entry };
			let after = linear(size, entry, change, consideration);
			prop_assert_eq!(after.cash_change - (after.entry_value - entry), -consideration);
			prop_assert_eq!(after.size.into_inner(), size + change);
			if size + change == 0 && change != 0 {
				prop_assert_eq!(after.entry_value, 0);
			}
		}
	}
}
