//! Who enters the waterfall, and what it has to reach to leave.

use crate::numbers::portion;
use plimsoll_primitives::{Health, Rounding, UsdValue};
use sp_arithmetic::Permill;

/// What an account's health at favourable prices says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
	/// Equity is at least the maintenance margin.
	Healthy,
	/// It is below, but its feeds have not been live for long enough, or a halt of the whole chain
	/// ended too lately, and it still has something of its own to lose.
	InGrace,
	/// It enters; how much it lacks to its maintenance margin, in USD.
	Enters(UsdValue),
}

/// Judges an account by its health at the prices most favourable to it, so many blocks after the whole
/// chain was last halted. What was no market for so long counts as a feed that was not live.
pub fn standing(favourable: &Health, since_halt: u32, grace_blocks: u32) -> Standing {
	if favourable.equity >= favourable.maintenance_margin {
		return Standing::Healthy;
	}
	let live_blocks = favourable.live_blocks.min(since_halt);
	if favourable.equity.is_negative() || live_blocks >= grace_blocks {
		return Standing::Enters(shortfall(favourable));
	}
	Standing::InGrace
}

/// How much an account lacks to its maintenance margin, in USD; zero where nothing. By it the
/// queue is ordered: the absolute amount, not its ratio to the margin, because it bounds what the
/// rest of the house may come to pay, and because no number of dust accounts can then keep a large
/// one out of a full queue.
pub fn shortfall(health: &Health) -> UsdValue {
	health
		.maintenance_margin
		.checked_sub(health.equity)
		// Only an equity near the end of the number range overflows: the worst there is.
		.unwrap_or(UsdValue::from_inner(i128::MAX))
		.max(UsdValue::ZERO)
}

/// The equity at which an account leaves: its maintenance margin and a buffer of it, rounded up.
/// `None` on overflow.
pub fn target(maintenance_margin: UsdValue, buffer: Permill) -> Option<UsdValue> {
	maintenance_margin.checked_add(portion(maintenance_margin, buffer, Rounding::Up)?)
}

/// The health of an account that has nothing.
pub fn empty() -> Health {
	Health {
		equity: UsdValue::ZERO,
		net_value: UsdValue::ZERO,
		initial_margin: UsdValue::ZERO,
		maintenance_margin: UsdValue::ZERO,
		live_blocks: u32::MAX,
		positions: 0,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn health(equity: i128, live_blocks: u32) -> Health {
		Health {
			equity: UsdValue::from_inner(equity),
			maintenance_margin: UsdValue::from_inner(100),
			live_blocks,
			..empty()
		}
	}

	#[test]
	fn account_is_healthy_when_equity_is_exactly_the_margin() {
		assert_eq!(standing(&health(100, 0), u32::MAX, 10), Standing::Healthy);
		assert_eq!(
			standing(&health(99, 10), u32::MAX, 10),
			Standing::Enters(UsdValue::from_inner(1))
		);
	}

	#[test]
	fn account_is_in_grace_when_feeds_are_young_and_equity_is_left() {
		assert_eq!(standing(&health(0, 9), u32::MAX, 10), Standing::InGrace);
		let enters = Standing::Enters(UsdValue::from_inner(101));
		assert_eq!(standing(&health(-1, 0), u32::MAX, 10), enters);
	}

	#[test]
	fn account_is_in_grace_when_a_halt_ended_lately_and_equity_is_left() {
		assert_eq!(standing(&health(0, 100), 9, 10), Standing::InGrace);
		assert_eq!(standing(&health(0, 100), 10, 10), Standing::Enters(UsdValue::from_inner(100)));
		let enters = Standing::Enters(UsdValue::from_inner(101));
		assert_eq!(standing(&health(-1, 100), 0, 10), enters);
	}

	#[test]
	fn target_adds_the_buffer_rounded_up() {
		let buffer = Permill::from_percent(10);
		assert_eq!(target(UsdValue::from_inner(101), buffer), Some(UsdValue::from_inner(112)));
		assert_eq!(target(UsdValue::from_inner(i128::MAX), buffer), None);
	}
}
