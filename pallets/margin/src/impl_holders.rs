//! What the markets pallet asks of accounts: cash settlement of expired contracts.

use crate::{
	open_account::OpenAccount, weights::WeightInfo, Config, Event, Holders, Ledger, Pallet,
	PassedOver, SubAccountIdOf,
};
use alloc::vec::Vec;
use frame_support::{storage::with_storage_layer, weights::Weight};
use plimsoll_primitives::{ContractHolders, Instrument, Price};
use sp_runtime::DispatchResult;

impl<T: Config> ContractHolders for Pallet<T> {
	/// Starts behind the holder that was last passed over, so that those who can't be settled never
	/// stand before those who can; after the last one it starts from the first again.
	fn settle(instrument: &Instrument, price: Price, limit: u32) -> (u32, bool) {
		let holders = Self::next_holders(instrument, limit);
		let reached_end = holders.len() < usize::try_from(limit).unwrap_or(usize::MAX);
		let mut settled: u32 = 0;
		let mut passed_over = None;
		for holder in holders {
			match with_storage_layer(|| Self::settle_holder(&holder, instrument, price)) {
				Ok(()) => settled = settled.saturating_add(1),
				Err(error) => {
					Self::deposit_event(Event::SettlementFailed {
						account: holder.clone(),
						instrument: *instrument,
						error,
					});
					passed_over = Some(holder);
				}
			}
		}
		match passed_over {
			Some(holder) if !reached_end => PassedOver::<T>::insert(instrument, holder),
			_ if reached_end => PassedOver::<T>::remove(instrument),
			_ => {}
		}
		(settled, Self::is_held(instrument))
	}

	fn is_held(instrument: &Instrument) -> bool {
		Holders::<T>::iter_key_prefix(instrument).next().is_some()
	}

	fn settle_weight() -> Weight {
		T::WeightInfo::settle_holder()
	}
}

impl<T: Config> Pallet<T> {
	fn next_holders(instrument: &Instrument, limit: u32) -> Vec<SubAccountIdOf<T>> {
		let limit = usize::try_from(limit).unwrap_or(usize::MAX);
		match PassedOver::<T>::get(instrument) {
			Some(last) => {
				let after = Holders::<T>::hashed_key_for(instrument, last);
				Holders::<T>::iter_key_prefix_from(instrument, after).take(limit).collect()
			}
			None => Holders::<T>::iter_key_prefix(instrument).take(limit).collect(),
		}
	}

	fn settle_holder(
		holder: &SubAccountIdOf<T>,
		instrument: &Instrument,
		price: Price,
	) -> DispatchResult {
		let mut pots = Ledger::<T>::get();
		let mut account = OpenAccount::<T>::existing(holder, &pots)?;
		Self::settle_position(&mut account, instrument, price, &mut pots)?;
		account.close(&mut pots)?;
		Ledger::<T>::put(pots);
		Ok(())
	}
}
