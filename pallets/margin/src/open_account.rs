//! An account in memory between being read and being written. What the ledger keeps over all
//! accounts (the sum of normalised cash, the settlement and funding pots, the index of holders) is brought
//! up to date in one place, from what the record was and what it has become.

use crate::{
	account::Account,
	cash_index::{self, Normalised},
	funding::{steps_per_unit, SettledFunding},
	ledger::Pots,
	AccountOf, Accounts, Config, Error, Event, Holders, Pallet, SubAccountIdOf,
};
use alloc::vec::Vec;
use frame_support::traits::Get;
use plimsoll_primitives::{Amount, Instrument, InstrumentRegistry, UnderlyingId, UsdValue};
use sp_runtime::DispatchResult;

/// What a position got of funding (negative: paid) when its account was opened.
struct FundingPayment {
	instrument: Instrument,
	amount: Amount,
	index: UsdValue,
}

/// A sub-account that is being changed.
pub(crate) struct OpenAccount<T: Config> {
	/// Whose.
	pub id: SubAccountIdOf<T>,
	/// What it has, with all interest, shared losses and funding in its cash.
	pub record: AccountOf<T>,
	/// Instruments of which it settled its position since it was opened.
	pub settled: Vec<Instrument>,
	/// Cash as stored, and what the sums have of it.
	stored: (Amount, Normalised),
	/// What has been added to stored cash since then, for time and for losses.
	applied: Amount,
	/// Whether its cash counts from another index than it was stored with.
	has_new_index: bool,
	entry_sum: Amount,
	instruments: Vec<Instrument>,
	/// What it got of funding, and what that left in its positions beyond whole units.
	funding: Vec<FundingPayment>,
	funding_rests: u128,
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
			None => Self::open(id, Account::empty(pots.cash_index), pots),
		}
	}

	fn open(id: &SubAccountIdOf<T>, stored: AccountOf<T>, pots: &Pots) -> Result<Self, Error<T>> {
		let overflow = Error::<T>::Overflow;
		let normalised = cash_index::normalised(stored.cash, stored.cash_index).ok_or(overflow)?;
		let entry_sum = stored.entry_sum().ok_or(Error::<T>::Overflow)?;
		let instruments = stored.instruments();
		let mut record = stored;
		let before = record.cash;
		let index = pots.index_of(before);
		let cash =
			cash_index::brought_up(before, record.cash_index, index).ok_or(Error::<T>::Overflow)?;
		let applied = cash.checked_sub(before).ok_or(Error::<T>::Overflow)?;
		let has_new_index = before != 0 && record.cash_index != index;
		record.cash = cash;
		record.cash_index = index;
		// Interest and losses are of what is in the record; what funding adds had no part in them.
		let funding = Self::settle_funding(&mut record)?;
		let funding_rests = record.funding_rests().ok_or(Error::<T>::Overflow)?;
		Ok(Self {
			id: id.clone(),
			record,
			settled: Vec::new(),
			stored: (before, normalised),
			applied,
			has_new_index,
			entry_sum,
			instruments,
			funding,
			funding_rests,
		})
	}

	/// Pays what funding has accrued on each of a record's perpetuals. Their indices are one stored value.
	fn settle_funding(record: &mut AccountOf<T>) -> Result<Vec<FundingPayment>, Error<T>> {
		let mut payments = Vec::new();
		if !record.positions.iter().any(|position| position.is_funded()) {
			return Ok(payments);
		}
		let unit = Self::funding_unit()?;
		let indices = T::Registry::funding_indices();
		for position in record.positions.iter_mut() {
			let index = index_of(&indices, position.instrument.underlying);
			let (Some(settled), Some(index)) = (position.funding, index) else { continue };
			let (amount, settled) =
				settled.settle(position.size, index, unit).ok_or(Error::<T>::Overflow)?;
			position.funding = Some(settled);
			position.totals.funding = position.totals.funding.saturating_add(amount);
			if amount != 0 {
				payments.push(FundingPayment { instrument: position.instrument, amount, index });
			}
		}
		for payment in &payments {
			record.add_cash(payment.amount)?;
		}
		Ok(payments)
	}

	fn funding_unit() -> Result<u128, Error<T>> {
		steps_per_unit(T::SettlementDecimals::get()).ok_or(Error::<T>::Overflow)
	}

	/// Has perpetuals that were opened pay from now on.
	fn start_funding(&mut self) {
		let is_new =
			|position: &crate::Position| position.is_funded() && position.funding.is_none();
		if !self.record.positions.iter().any(is_new) {
			return;
		}
		let indices = T::Registry::funding_indices();
		for position in self.record.positions.iter_mut().filter(|position| is_new(position)) {
			// Where nothing is funded yet, the index is where it begins.
			let index = index_of(&indices, position.instrument.underlying).unwrap_or_default();
			position.funding = Some(SettledFunding::at(index));
		}
	}

	/// Brings the funding pot up to date and tells what was paid.
	fn book_funding(&self, pots: &mut Pots) -> Result<(), Error<T>> {
		let mut total: Amount = 0;
		for FundingPayment { instrument, amount, index } in &self.funding {
			total = total.checked_add(*amount).ok_or(Error::<T>::Overflow)?;
			Pallet::<T>::deposit_event(Event::FundingPaid {
				account: self.id.clone(),
				instrument: *instrument,
				amount: *amount,
				index: *index,
			});
		}
		// Nothing adds to a rest once the account is open; what is gone went with its position.
		let rests = self.record.funding_rests().ok_or(Error::<T>::Overflow)?;
		let left = self.funding_rests.checked_sub(rests).ok_or(Error::<T>::Overflow)?;
		pots.fund(total, left, Self::funding_unit()?).ok_or(Error::<T>::Overflow)
	}

	/// Writes the account, or removes it (with its delegates) where nothing is left in it, nothing is set
	/// aside and none of its orders is open. `pots` must be the ones it was opened with, or have them as their past.
	pub fn close(mut self, pots: &mut Pots) -> DispatchResult {
		self.start_funding();
		self.book_funding(pots)?;
		let overflow = Error::<T>::Overflow;
		let cash = self.record.cash;
		// Its sign may have changed.
		self.record.cash_index = pots.index_of(cash);
		let normalised = cash_index::normalised(cash, self.record.cash_index).ok_or(overflow)?;
		let entry_sum = self.record.entry_sum().ok_or(Error::<T>::Overflow)?;
		let entry_change = self.entry_sum.checked_sub(entry_sum).ok_or(Error::<T>::Overflow)?;
		pots.apply(self.applied).ok_or(Error::<T>::Overflow)?;
		pots.replace(self.stored, (cash, normalised)).ok_or(Error::<T>::Overflow)?;
		pots.settle(entry_change).ok_or(Error::<T>::Overflow)?;
		self.update_holders();
		if self.has_new_index {
			Pallet::<T>::deposit_event(Event::CashAccrued {
				account: self.id.clone(),
				amount: self.applied,
			});
		}
		if Pallet::<T>::is_abandoned(&self.id, &self.record) {
			Pallet::<T>::forget(&self.id);
		} else {
			Accounts::<T>::insert(&self.id, &self.record);
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

/// A perpetual's funding index.
fn index_of(indices: &[(UnderlyingId, UsdValue)], underlying: UnderlyingId) -> Option<UsdValue> {
	let found = indices.binary_search_by_key(&underlying, |(known, _)| *known).ok()?;
	indices.get(found).map(|(_, index)| *index)
}
