//! Cancel-on-silence: a dead man's switch in blocks.
//!
//! An account may have all its orders cancelled once nobody who may trade for it has had a trading call for
//! it go through for so many blocks. Each such call renews that with one write: where the account stands in
//! the index of blocks to look at is left alone, and put right when that block comes. So an account that is
//! never silent is looked at once in as many blocks as its silence may last, whatever it sends.
//!
//! A switch that has cancelled all stays, and is in no block's list until the next call of its account arms
//! it anew.

pub(crate) mod storage;

use crate::{
	order::as_block, BalanceOf, Config, Error, Event, HoldReason, Pallet, SilenceChecks,
	SilenceCursor, SilenceSwitches,
};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, tokens::Precision, Get},
};
use plimsoll_orderbook::Block;
use plimsoll_primitives::{MassCancel, SubAccountId};
use scale_info::TypeInfo;
use sp_runtime::{DispatchResult, SaturatedConversion};

/// An account's switch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct SilenceSwitch<Balance> {
	/// After how many blocks without a call the orders are cancelled; above zero.
	pub blocks: Block,
	/// The block of the latest call.
	pub seen: Block,
	/// Under which block it is listed to be looked at; none once it has cancelled all.
	pub listed: Option<Block>,
	/// What is held of the owner's native funds for it.
	pub deposit: Balance,
}

impl<Balance> SilenceSwitch<Balance> {
	/// The block that begins with its orders being cancelled, if no call comes before.
	fn due(&self) -> Block {
		// Saturates only at the last of all block numbers, which no chain comes to.
		self.seen.saturating_add(self.blocks).saturating_add(1)
	}
}

/// What a block does for those that are silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SilenceWork {
	/// Switches looked at, and blocks passed.
	pub checks: u32,
	/// Orders cancelled.
	pub cancels: u32,
}

impl<T: Config> Pallet<T> {
	/// Has an account's orders cancelled after so many blocks of silence, or, with none, not any more.
	pub(crate) fn do_set_cancel_on_silence(
		account: SubAccountId<T::AccountId>,
		blocks: Option<Block>,
	) -> DispatchResult {
		ensure!(blocks != Some(0), Error::<T>::NoSilence);
		let reason = HoldReason::Silence.into();
		if let Some(old) = SilenceSwitches::<T>::take(&account) {
			if let Some(listed) = old.listed {
				SilenceChecks::<T>::remove(listed, &account);
			}
			// Whatever became of the owner's funds, a switch must be able to go.
			T::Currency::release(&reason, &account.owner, old.deposit, Precision::BestEffort)?;
		}
		if let Some(blocks) = blocks {
			let deposit = T::OrderDeposit::get();
			T::Currency::hold(&reason, &account.owner, deposit)?;
			let seen = as_block(frame_system::Pallet::<T>::block_number());
			let mut switch = SilenceSwitch { blocks, seen, listed: None, deposit };
			Self::list_switch(&account, &mut switch);
			SilenceSwitches::<T>::insert(&account, switch);
		}
		Self::deposit_event(Event::CancelOnSilenceSet { account, blocks });
		Ok(())
	}

	/// Notes that a trading call for an account has come.
	pub(crate) fn note_seen(account: &SubAccountId<T::AccountId>) {
		let Some(mut switch) = SilenceSwitches::<T>::get(account) else { return };
		let now = as_block(frame_system::Pallet::<T>::block_number());
		if switch.seen == now && switch.listed.is_some() {
			return;
		}
		switch.seen = now;
		if switch.listed.is_none() {
			Self::list_switch(account, &mut switch);
		}
		SilenceSwitches::<T>::insert(account, switch);
	}

	/// Whether an account has been silent for as long as it said, whether or not its orders are cancelled
	/// yet.
	pub(crate) fn is_silent(account: &SubAccountId<T::AccountId>, now: Block) -> bool {
		SilenceSwitches::<T>::get(account).is_some_and(|switch| switch.due() <= now)
	}

	/// Has a switch looked at when it is due.
	fn list_switch(account: &SubAccountId<T::AccountId>, switch: &mut SilenceSwitch<BalanceOf<T>>) {
		let due = switch.due();
		switch.listed = Some(due);
		SilenceChecks::<T>::insert(due, account, ());
	}

	/// Looks at the switches that are listed up to block `now`, within `limit`; the next call goes on where
	/// this one stopped. Returns what was done.
	pub(crate) fn end_silence(now: Block, limit: SilenceWork) -> SilenceWork {
		let start = SilenceCursor::<T>::get();
		let mut cursor = start;
		let mut left = limit;
		while cursor <= now && left.checks > 0 {
			let listed = SilenceChecks::<T>::iter_key_prefix(cursor);
			let accounts: Vec<_> = listed.take(left.checks.saturated_into()).collect();
			for account in accounts {
				left.checks = left.checks.saturating_sub(1);
				if !Self::look_at_switch(cursor, &account, now, &mut left) {
					break;
				}
			}
			if left.checks == 0 || left.cancels == 0 {
				break;
			}
			// All of them were looked at. Cannot saturate: the cursor is no later than `now`.
			cursor = cursor.saturating_add(1);
			left.checks = left.checks.saturating_sub(1);
		}
		if cursor != start {
			SilenceCursor::<T>::put(cursor);
		}
		SilenceWork {
			checks: limit.checks.saturating_sub(left.checks),
			cancels: limit.cancels.saturating_sub(left.cancels),
		}
	}

	/// Lists a switch anew whose account was not silent, or cancels the account's orders. False where more
	/// were to be cancelled than there was room for: it stays listed.
	fn look_at_switch(
		listed: Block,
		account: &SubAccountId<T::AccountId>,
		now: Block,
		left: &mut SilenceWork,
	) -> bool {
		let Some(mut switch) = SilenceSwitches::<T>::get(account) else {
			SilenceChecks::<T>::remove(listed, account);
			return true;
		};
		if switch.due() > now {
			Self::list_switch(account, &mut switch);
		} else {
			let done = Self::cancel_latest(account, left.cancels, MassCancel::Silence);
			left.cancels = left.cancels.saturating_sub(done.orders);
			if done.are_left && left.cancels == 0 {
				return false;
			}
			switch.listed = None;
		}
		SilenceChecks::<T>::remove(listed, account);
		SilenceSwitches::<T>::insert(account, switch);
		true
	}
}
