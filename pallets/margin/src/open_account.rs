//! An account in memory between being read and being written. What the ledger keeps over all
//! accounts (the sum of normalised cash, the settlement pot, the index of holders) is brought up to
//! date in one place, from what the record was and what it has become.

use crate::{
	account::Account, ledger::Pots, loss, AccountOf, Accounts, Config, Error, Holders,
	OpenOrderTotals, Pallet, SubAccountIdOf,
};
use alloc::vec::Vec;
use plimsoll_primitives::{Amount, Balance, Instrument};
use sp_runtime::DispatchResult;

/// A sub-account that is being changed.
pub(crate) struct OpenAccount<T: Config> {
	/// Whose.
	pub id: SubAccountIdOf<T>,
	/// What it has, with all shared losses taken off.
	pub record: AccountOf<T>,
	/// Instruments of which it settled its position since it was opened.
	pub settled: Vec<Instrument>,
	collected: Balance,
	normalised: Balance,
	entry_sum: Amount,
	instruments: Vec<Instrument>,
}

impl<T: Config> OpenAccount<T> {
	/// Reads an account.
	pub fn existing(id: &SubAccountIdOf<T>, pots: &Pots) -> Result<Self, Error<T>> {
		let stored = Accounts::<T>::get(id).ok_or(Error::<T>::AccountNotFound)?;
		Self::open(id, stored, pots)
	}

	/// Reads an account, an empty one where there is none.
	pub fn existing_or_new(id: &SubAccountIdOf<T>, pots: &Pots) -> Result<Self, Error<T>> {
		match Accounts::<T>::get(id) {
			Some(stored) => Self::open(id, stored, pots),
			None => Self::open(id, Account::empty(pots.loss_index), pots),
		}
	}

	fn open(id: &SubAccountIdOf<T>, stored: AccountOf<T>, pots: &Pots) -> Result<Self, Error<T>> {
		let normalised =
			loss::normalised(stored.cash, stored.loss_index).ok_or(Error::<T>::Overflow)?;
		let entry_sum = stored.entry_sum().ok_or(Error::<T>::Overflow)?;
		let instruments = stored.instruments();
		let mut record = stored;
		let cash = loss::after_losses(record.cash, record.loss_index, pots.loss_index)
			.ok_or(Error::<T>::Overflow)?;
		let collected = record
			.cash
			.checked_sub(cash)
			.and_then(|taken| Balance::try_from(taken).ok())
			.ok_or(Error::<T>::Overflow)?;
		record.cash = cash;
		record.loss_index = pots.loss_index;
		Ok(Self {
			id: id.clone(),
			record,
			settled: Vec::new(),
			collected,
			normalised,
			entry_sum,
			instruments,
		})
	}

	/// Writes the account, or removes it (with its delegates) where nothing is left in it and none of
	/// its orders is open. `pots`
	/// must be the ones it was opened with, or have them as their past.
	pub fn close(self, pots: &mut Pots) -> DispatchResult {
		let overflow = Error::<T>::Overflow;
		let normalised =
			loss::normalised(self.record.cash, self.record.loss_index).ok_or(overflow)?;
		let entry_sum = self.record.entry_sum().ok_or(Error::<T>::Overflow)?;
		let entry_change = self.entry_sum.checked_sub(entry_sum).ok_or(Error::<T>::Overflow)?;
		pots.collect(self.collected).ok_or(Error::<T>::Overflow)?;
		pots.replace_normalised(self.normalised, normalised).ok_or(Error::<T>::Overflow)?;
		pots.settle(entry_change).ok_or(Error::<T>::Overflow)?;
		self.update_holders();
		if !self.record.is_empty() || OpenOrderTotals::<T>::contains_key(&self.id) {
			Accounts::<T>::insert(&self.id, &self.record);
		} else {
			Pallet::<T>::forget(&self.id);
		}
		for instrument in &self.settled {
			Pallet::<T>::finish_settlement(instrument, pots)?;
		}
		Ok(())
	}

	/// Both lists ascend, so each is walked once by search in the other.
	fn update_holders(&self) {
		let held = self.record.instruments();
		for gone in self.instruments.iter().filter(|i| held.binary_search(i).is_err()) {
			Holders::<T>::remove(gone, &self.id);
		}
		for new in held.iter().filter(|i| self.instruments.binary_search(i).is_err()) {
			Holders::<T>::insert(new, &self.id, ());
		}
	}
}
