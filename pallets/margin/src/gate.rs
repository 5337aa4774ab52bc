//! The gate that every change of risk passes. Pure functions on margins; both of them at the prices
//! least favourable to the account.

use plimsoll_risk::Margin;

/// Whether an account may be as it now is: equity at least its initial margin.
pub fn covers_initial_margin(after: &Margin) -> bool {
	after.equity >= after.initial
}

/// Whether a change has made an account safer: initial margin lower, and equity less initial margin
/// no lower. Such a change is let through even below initial margin.
pub fn reduces_risk(before: &Margin, after: &Margin) -> bool {
	let headroom = |margin: &Margin| margin.equity.checked_sub(margin.initial);
	match (headroom(before), headroom(after)) {
		(Some(earlier), Some(later)) => after.initial < before.initial && later >= earlier,
		// A headroom beyond all numbers proves nothing.
		_ => false,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use plimsoll_primitives::UsdValue;

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
		assert!(reduces_risk(&margin(5, 10), &margin(4, 9)));
		assert!(!reduces_risk(&margin(5, 10), &margin(3, 9)), "headroom fell");
		assert!(!reduces_risk(&margin(5, 10), &margin(6, 10)), "margin did not fall");
	}

	#[test]
	fn change_does_not_reduce_risk_when_headroom_overflows() {
		assert!(!reduces_risk(&margin(i128::MIN, 1), &margin(0, 0)));
	}
}
