//! What the order book asks of accounts.

use crate::{matching::Matching, weights::WeightInfo, Config, Pallet, SubAccountIdOf};
use frame_support::{traits::Get, weights::Weight};
use plimsoll_primitives::{BookClearing, Fill, FillError, Resting};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> BookClearing<T::AccountId> for Pallet<T> {
	type Matching = Matching<T>;

	fn open_matching(taker: &SubAccountIdOf<T>) -> Result<Matching<T>, DispatchError> {
		Matching::open(taker)
	}

	fn fill(
		matching: &mut Matching<T>,
		maker: &SubAccountIdOf<T>,
		fill: &Fill,
	) -> Result<(), FillError> {
		matching.fill(maker, fill)
	}

	fn close_matching(matching: Matching<T>, rest: Option<Resting>) -> DispatchResult {
		matching.close(rest)
	}

	fn release_order(account: &SubAccountIdOf<T>, cancelled: &Resting) {
		Self::do_release_order(account, cancelled);
	}

	/// With a second valuation of the taker, as one below its initial margin has, and positions to
	/// settle.
	fn matching_weight() -> Weight {
		T::WeightInfo::match_order()
			.saturating_add(T::WeightInfo::health(T::MaxPositions::get()))
			.saturating_add(Self::lazy_settlement_weight(1))
	}

	/// The same of the maker.
	fn fill_weight() -> Weight {
		T::WeightInfo::fill_order()
			.saturating_add(T::WeightInfo::health(T::MaxPositions::get()))
			.saturating_add(Self::lazy_settlement_weight(1))
	}

	fn release_weight() -> Weight {
		T::WeightInfo::release_order()
	}
}
