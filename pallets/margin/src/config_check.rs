//! What the configuration must be.

use crate::{weights::WeightInfo, Config, Pallet};
use frame_support::traits::Get;
use plimsoll_primitives::{money, BookClearing, Clearing};

impl<T: Config> Pallet<T> {
	/// Asserts that amounts can be converted and that the largest operations fit a block. Panics where
	/// that is not so.
	pub(crate) fn check_config() {
		assert!(
			T::SettlementDecimals::get() <= money::MAX_DECIMALS,
			"the settlement asset has more decimals than amounts can be converted with"
		);
		assert!(T::MaxPositions::get() > 0, "accounts could hold no position");
		assert!(T::MaxFills::get() > 0, "nothing could be cleared");
		let block = T::BlockWeights::get().max_block;
		let matched = <Self as BookClearing<T::AccountId>>::matching_weight()
			.saturating_add(<Self as BookClearing<T::AccountId>>::fill_weight());
		let cleared = T::WeightInfo::clear(T::MaxFills::get())
			.saturating_add(<Self as Clearing<T::AccountId>>::clear_surcharge());
		for weight in [cleared, matched, Self::withdraw_weight(T::MaxPositions::get())] {
			assert!(weight.all_lte(block), "the largest operation does not fit a block");
		}
	}
}
