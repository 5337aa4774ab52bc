//! Who may report, and what happens to the reports of those who may no longer.

use crate::{Config, Feeds, LastBatch, Pallet, SettlementAssetValues, Values};
use alloc::vec::Vec;
use frame_support::traits::{ChangeMembers, Get, InitializeMembers, SortedMembers};

impl<T: Config> Pallet<T> {
	/// The operators whose reports count: the members in their order, at most `MaxOperators`.
	pub fn operators() -> Vec<T::AccountId> {
		let limit = usize::try_from(T::MaxOperators::get()).unwrap_or(usize::MAX);
		let mut members = T::Operators::sorted_members();
		members.truncate(limit);
		members
	}

	/// Forgets all that `operator` has reported. Takes one removal per feed and two more.
	fn purge(operator: &T::AccountId) {
		for underlying in Feeds::<T>::get().keys() {
			Values::<T>::remove(underlying, operator);
		}
		SettlementAssetValues::<T>::remove(operator);
		LastBatch::<T>::remove(operator);
	}
}

impl<T: Config> ChangeMembers<T::AccountId> for Pallet<T> {
	fn change_members_sorted(
		_incoming: &[T::AccountId],
		outgoing: &[T::AccountId],
		_new: &[T::AccountId],
	) {
		outgoing.iter().for_each(Self::purge);
	}
}

impl<T: Config> InitializeMembers<T::AccountId> for Pallet<T> {
	/// Nothing: new members have reported nothing.
	fn initialize_members(_members: &[T::AccountId]) {}
}
