//! Deleveraging: how much of each position is closed against whom.
//!
//! A position is closed at mark against holders of the opposite side, found by walking all holders
//! of the instrument in storage order: first those whose own margin falls by the trade, then those
//! whose margin does not fall but who stay above their initial margin, last all the others in proportion
//! to what they hold. Trading at mark changes nobody's equity.
//!
//! While an account has equity, the same share of every position is closed, so that its hedges stay
//! hedges: with equity E, maintenance margin M, target T and fee φ, the share g leaves the margin
//! (1 − g)·M and the equity E − φ·g·M, so g = (T − E) / (T − φ·M). Without equity, all is closed.

use crate::numbers::{fraction, lots_up, portion};
use codec::{Decode, Encode, MaxEncodedLen};
use plimsoll_primitives::{Contracts, Health, Instrument, Rounding, SubAccountId, UsdValue};
use scale_info::TypeInfo;
use sp_arithmetic::{PerThing, Permill, Perquintill};

/// How many times the holders are counted and shared among before the rest of a position is left
/// for a later block. In the last of them each holder gives as much as it has: holders who move
/// between blocks can escape a proportion, not that.
pub const TEAR_UP_ATTEMPTS: u8 = 3;

/// Which holders are looked for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Pass {
	/// Those whose own margin falls by the trade.
	#[codec(index = 0)]
	Relieved,
	/// Those whose margin does not fall, but who stay above their initial margin.
	#[codec(index = 1)]
	Bearing,
	/// None yet: what the opposite side holds is added up, for the proportion.
	#[codec(index = 2)]
	Counting {
		/// What has been found so far.
		total: Contracts,
	},
	/// All the others, each in proportion to what it holds.
	#[codec(index = 3)]
	TearUp {
		/// What the opposite side held when it was counted.
		total: Contracts,
		/// What was to be closed then.
		shared: Contracts,
	},
}

/// The position being closed, and where its walk stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Leg<AccountId> {
	/// What is being closed.
	pub instrument: Instrument,
	/// How much of it is still to be closed; signed as the position is, never zero.
	pub to_close: Contracts,
	/// Which holders are looked for.
	pub pass: Pass,
	/// How many times the holders were shared among without closing it all.
	pub attempts: u8,
	/// The last holder looked at in this pass.
	pub after: Option<SubAccountId<AccountId>>,
}

impl<AccountId> Leg<AccountId> {
	/// The walk at its beginning.
	pub fn new(instrument: Instrument, to_close: Contracts) -> Self {
		Self { instrument, to_close, pass: Pass::Relieved, attempts: 0, after: None }
	}

	/// Moves on to the next pass, now that all holders were looked at. `false` where there is none
	/// left and the position has to wait.
	pub fn next_pass(&mut self) -> bool {
		self.after = None;
		let recount = Pass::Counting { total: Contracts::ZERO };
		self.pass = match self.pass {
			Pass::Relieved => Pass::Bearing,
			Pass::Bearing => recount,
			Pass::Counting { total } if total.is_positive() => {
				let Some(shared) = self.to_close.checked_abs() else { return false };
				Pass::TearUp { total, shared }
			}
			Pass::Counting { .. } => return false,
			Pass::TearUp { .. } => {
				self.attempts = self.attempts.saturating_add(1);
				if self.attempts >= TEAR_UP_ATTEMPTS {
					return false;
				}
				recount
			}
		};
		true
	}

	/// How much to trade with a holder of `held` (signed) in this pass, unsigned: never more than
	/// is to be closed nor than is held, zero where it holds the same side. `None` on overflow.
	pub fn amount(&self, held: Contracts, lot: Contracts) -> Option<Contracts> {
		if held.is_negative() == self.to_close.is_negative() {
			return Some(Contracts::ZERO);
		}
		let held = held.checked_abs()?;
		let most = self.to_close.checked_abs()?.min(held);
		match self.pass {
			Pass::Relieved | Pass::Bearing => Some(most),
			Pass::Counting { .. } => Some(Contracts::ZERO),
			Pass::TearUp { total, shared } => {
				if self.attempts.saturating_add(1) >= TEAR_UP_ATTEMPTS {
					return Some(most);
				}
				lots_up(held, shared.into_inner(), total.into_inner(), lot, most)
			}
		}
	}

	/// `amount` (unsigned) as the trade of the account whose position is closed: selling where it
	/// is long. `None` on overflow.
	pub fn closing_size(&self, amount: Contracts) -> Option<Contracts> {
		if self.to_close.is_negative() {
			Some(amount)
		} else {
			amount.checked_neg()
		}
	}
}

/// Deleveraging as it stands for one account.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Deleverage<AccountId> {
	/// Which share of each position this round closes.
	pub share: Perquintill,
	/// The last position that this round is done with; rounds go by ascending instrument.
	pub done: Option<Instrument>,
	/// The position being closed.
	pub leg: Option<Leg<AccountId>>,
}

impl<AccountId> Default for Deleverage<AccountId> {
	/// Before the first round.
	fn default() -> Self {
		Self { share: Perquintill::zero(), done: None, leg: None }
	}
}

/// Which share of each position to close, rounded up. `None` on overflow.
pub fn share_to_close(health: &Health, target: UsdValue, fee: Permill) -> Option<Perquintill> {
	if !health.equity.is_positive() {
		return Some(Perquintill::one());
	}
	let lacking = target.checked_sub(health.equity)?;
	let fee = portion(health.maintenance_margin, fee, Rounding::Down)?;
	let whole = target.checked_sub(fee)?;
	Some(fraction(lacking.into_inner(), whole.into_inner(), Rounding::Up))
}

/// `share` of a position, rounded up to lots; signed as the position. `None` on overflow.
pub fn to_close(size: Contracts, share: Perquintill, lot: Contracts) -> Option<Contracts> {
	let magnitude = size.checked_abs()?;
	let amount = lots_up(
		magnitude,
		i128::from(share.deconstruct()),
		i128::from(Perquintill::ACCURACY),
		lot,
		magnitude,
	)?;
	if size.is_negative() {
		amount.checked_neg()
	} else {
		Some(amount)
	}
}

/// Whether a holder can be made to trade in this pass, from its health at mark before and after.
pub fn accepts(pass: &Pass, before: &Health, after: &Health) -> bool {
	match pass {
		Pass::Relieved => after.initial_margin < before.initial_margin,
		Pass::Bearing => after.equity >= after.initial_margin,
		Pass::TearUp { .. } => true,
		Pass::Counting { .. } => false,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::entry::empty;
	use plimsoll_primitives::UnderlyingId;
	use proptest::prelude::*;

	const LOT: Contracts = Contracts::from_inner(10);

	fn leg(to_close: i128, pass: Pass) -> Leg<u64> {
		Leg {
			pass,
			..Leg::new(Instrument::perpetual(UnderlyingId(0)), Contracts::from_inner(to_close))
		}
	}

	#[test]
	fn amount_is_zero_when_the_holder_is_on_the_same_side() {
		let leg = leg(100, Pass::Relieved);
		assert_eq!(leg.amount(Contracts::from_inner(50), LOT), Some(Contracts::ZERO));
		assert_eq!(leg.amount(Contracts::from_inner(-50), LOT), Some(Contracts::from_inner(50)));
	}

	#[test]
	fn everything_is_closed_when_there_is_no_equity() {
		let share = share_to_close(&empty(), UsdValue::from_u32(1), Permill::zero());
		assert_eq!(share, Some(Perquintill::one()));
	}

	#[test]
	fn share_leaves_exactly_the_target_when_margin_scales() {
		let health = Health {
			equity: UsdValue::from_u32(55),
			maintenance_margin: UsdValue::from_u32(100),
			..empty()
		};
		let share = share_to_close(&health, UsdValue::from_u32(110), Permill::zero());
		assert_eq!(share, Some(Perquintill::from_percent(50)));
	}

	#[test]
	fn passes_end_when_nothing_opposite_is_left() {
		let mut leg = leg(100, Pass::Counting { total: Contracts::ZERO });
		assert!(!leg.next_pass());
	}

	proptest! {
		/// Sharing among holders who do not move closes everything, never more than remains, and
		/// takes from nobody more than its proportion and one lot.
		#[test]
		fn tear_up_closes_all_in_proportion(sizes in prop::collection::vec(1i128..1_000, 1..20), part in 1u32..=1_000u32) {
			let total: i128 = sizes.iter().sum::<i128>() * 10;
			let shared = (total * i128::from(part) / 1_000 / 10 * 10).max(10);
			let mut leg = leg(
				shared,
				Pass::TearUp {
					total: Contracts::from_inner(total),
					shared: Contracts::from_inner(shared),
				},
			);
			let mut left = shared;
			for size in sizes {
				let held = size * 10;
				leg.to_close = Contracts::from_inner(left);
				if left == 0 {
					break;
				}
				let amount = leg
					.amount(Contracts::from_inner(-held), LOT)
					.expect("in range")
					.into_inner();
				prop_assert!(amount <= left && amount <= held && amount % 10 == 0);
				prop_assert!((amount - 10) * total < held * shared);
				left -= amount;
			}
			prop_assert_eq!(left, 0);
		}
	}
}
