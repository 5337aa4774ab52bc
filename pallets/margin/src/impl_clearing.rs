//! What the trading pallet asks of accounts.

use crate::{weights::WeightInfo, Config, Delegates, Pallet, SubAccountIdOf};
use frame_support::{storage::with_storage_layer, traits::Get, weights::Weight};
use plimsoll_primitives::{Clearing, Fill, FillError};

impl<T: Config> Clearing<T::AccountId> for Pallet<T> {
	fn may_trade(who: &T::AccountId, account: &SubAccountIdOf<T>) -> bool {
		*who == account.owner || Delegates::<T>::get(account).binary_search(who).is_ok()
	}

	fn clear(
		taker: &SubAccountIdOf<T>,
		maker: &SubAccountIdOf<T>,
		fills: &[Fill],
	) -> Result<(), FillError> {
		with_storage_layer(|| Self::do_clear(taker, maker, fills))
	}

	/// Two accounts of the largest size, each valued a second time, as one below its initial margin
	/// is, and with as many positions to settle as one touch may.
	fn clear_surcharge() -> Weight {
		T::WeightInfo::health(T::MaxPositions::get())
			.saturating_mul(2)
			.saturating_add(Self::lazy_settlement_weight(2))
	}
}

impl<T: Config> Pallet<T> {
	/// The most that settling what is due weighs when this many accounts are touched.
	pub(crate) fn lazy_settlement_weight(accounts: u32) -> Weight {
		let settled = T::MaxSettledPerTouch::get().saturating_mul(accounts);
		T::WeightInfo::settle_holder().saturating_mul(u64::from(settled))
	}
}
