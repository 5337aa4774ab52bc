//! The gate that every change of risk passes. Pure functions on margins; both of them at the prices
//! least favourable to the account.

use plimsoll_primitives::UsdValue;
use plimsoll_risk::Margin;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// Whether an account may be as it now is: equity at least its initial margin.
pub fn covers_initial_margin(after: &Margin) -> bool {
	after.equity >= after.initial
}

/// Whether a change has made an account safer: initial margin lower, equity less initial margin no
/// lower, and equity not a smaller part of initial margin. Such a change is let through even below
/// initial margin.
///
/// The last condition is what keeps an account from closing at a price so bad that the margin it
/// sets free is paid away, to a friend, and a debt stays behind for everybody.
pub fn reduces_risk(before: &Margin, after: &Margin) -> bool {
	let headroom = |margin: &Margin| margin.equity.checked_sub(margin.initial);
	match (headroom(before), headroom(after)) {
		(Some(earlier), Some(later)) => {
			let initial = (before.initial, after.initial);
			after.initial < before.initial
				&& later >= earlier
				&& keeps_cover(before, after, initial)
		}
		// A headroom beyond all numbers proves nothing.
		_ => false,
	}
}

/// Whether a change leaves what is held no riskier, told by maintenance margin, which open orders are
/// not in: it has not risen, and equity is no smaller a part of it. Asked besides of accounts with open
/// orders. Their initial margin is that of the worst of these, which falls with each that fills, however
/// much of risk that brings.
pub fn keeps_held_risk(before: &Margin, after: &Margin) -> bool {
	let maintenance = (before.maintenance, after.maintenance);
	after.maintenance <= before.maintenance && keeps_cover(before, after, maintenance)
}

/// Whether equity has not fallen, or by no more than a margin has, each as a part of itself:
/// `equity' ≥ equity · margin' / margin`, which is never below zero.
fn keeps_cover(before: &Margin, after: &Margin, (from, to): (UsdValue, UsdValue)) -> bool {
	if after.equity >= before.equity {
		return true;
	}
	let whole = |value: UsdValue| u128::try_from(value.into_inner()).ok();
	let needed =
		whole(before.equity).zip(whole(from)).zip(whole(to)).and_then(|((equity, from), to)| {
			multiply_by_rational_with_rounding(equity, to, from, Rounding::Up)
		});
	whole(after.equity).zip(needed).is_some_and(|(equity, needed)| equity >= needed)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn margin(equity: i128, initial: i128) -> Margin {
		Margin {
			equity: UsdValue::from_inner(equity),
			initial: UsdValue::from_inner(initial),
			..Default::default()
		}
	}

	#[test]
	fn account_passes_when_equity_equals_initial_margin() {
		assert!(covers_initial_margin(&margin(10, 10)));
		assert!(!covers_initial_margin(&margin(9, 10)));
	}

	#[test]
	fn change_reduces_risk_only_when_margin_falls_and_headroom_does_not() {
		assert!(reduces_risk(&margin(5, 10), &margin(4, 8)));
		assert!(!reduces_risk(&margin(5, 10), &margin(4, 9)), "equity is a smaller part");
		assert!(!reduces_risk(&margin(5, 10), &margin(3, 9)), "headroom fell");
		assert!(reduces_risk(&margin(5, 10), &margin(5, 9)));
		assert!(!reduces_risk(&margin(5, 10), &margin(6, 10)), "margin did not fall");
	}

	#[test]
	fn change_that_leaves_or_deepens_a_debt_does_not_reduce_risk() {
		assert!(reduces_risk(&margin(5, 10), &margin(0, 0)), "all of its own may be lost");
		assert!(!reduces_risk(&margin(5, 10), &margin(-1, 0)), "nothing of others'");
		assert!(!reduces_risk(&margin(0, 10), &margin(-1, 1)));
		assert!(!reduces_risk(&margin(-5, 10), &margin(-6, 1)));
		assert!(reduces_risk(&margin(-5, 10), &margin(-5, 9)));
		assert!(reduces_risk(&margin(-5, 10), &margin(-4, 9)));
	}

	#[test]
	fn held_risk_is_kept_when_maintenance_margin_and_its_cover_are() {
		let margin = |equity, maintenance| Margin {
			maintenance: UsdValue::from_inner(maintenance),
			..margin(equity, 0)
		};
		assert!(keeps_held_risk(&margin(60, 40), &margin(60, 40)));
		assert!(keeps_held_risk(&margin(60, 40), &margin(30, 20)));
		assert!(!keeps_held_risk(&margin(60, 40), &margin(70, 41)), "more is held");
		assert!(!keeps_held_risk(&margin(60, 40), &margin(59, 40)), "less covers the same");
		assert!(!keeps_held_risk(&margin(60, 0), &margin(59, 0)), "given away");
		assert!(!keeps_held_risk(&margin(-5, 10), &margin(-6, 0)));
	}

	#[test]
	fn change_does_not_reduce_risk_when_headroom_overflows() {
		assert!(!reduces_risk(&margin(i128::MIN, 1), &margin(0, 0)));
	}
}
