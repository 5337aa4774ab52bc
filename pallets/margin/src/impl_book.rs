//! What the order book asks of accounts.

use crate::{
	matching::Matching, weights::WeightInfo, Accounts, Config, OpenOrderTotals, Pallet,
	SubAccountIdOf,
};
use frame_support::{traits::Get, weights::Weight};
use plimsoll_primitives::{
	BookClearing, Contracts, Fill, FillError, FillFees, Instrument, OrderTotals, Price, Resting,
};
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
	) -> Result<FillFees, FillError> {
		matching.fill(maker, fill)
	}

	fn close_matching(matching: Matching<T>, rest: Option<Resting>) -> DispatchResult {
		matching.close(rest)
	}

	fn release_order(account: &SubAccountIdOf<T>, cancelled: &Resting) {
		Self::do_release_order(account, cancelled);
	}

	fn position(account: &SubAccountIdOf<T>, instrument: &Instrument) -> Contracts {
		Accounts::<T>::get(account).map_or(Contracts::ZERO, |record| record.size_of(instrument))
	}

	fn mark(instrument: &Instrument) -> Result<Price, DispatchError> {
		Ok(Self::live_mark(instrument)?)
	}

	fn order_totals(account: &SubAccountIdOf<T>, instrument: &Instrument) -> OrderTotals {
		let orders = OpenOrderTotals::<T>::get(account);
		let found = orders.iter().find(|totals| totals.instrument == *instrument);
		found.copied().unwrap_or(OrderTotals::none(*instrument))
	}

	/// Of a taker of the largest size, of which nothing is worked out yet, that is valued twice, as one
	/// below its initial margin is, both times alone, and has positions to settle.
	fn matching_weight() -> Weight {
		let (positions, orders) = (T::MaxPositions::get(), T::MaxOrderInstruments::get());
		T::WeightInfo::match_order(positions, orders).saturating_add(Self::valuations_weight())
	}

	/// The same of the maker.
	fn fill_weight() -> Weight {
		let (positions, orders) = (T::MaxPositions::get(), T::MaxOrderInstruments::get());
		T::WeightInfo::fill_order(positions, orders).saturating_add(Self::valuations_weight())
	}

	fn used_weight(matching: &Matching<T>) -> Weight {
		matching.used_weight()
	}

	fn release_weight() -> Weight {
		T::WeightInfo::release_order()
	}
}

impl<T: Config> Pallet<T> {
	/// What valuing orders in so many instruments besides adds.
	pub(crate) fn orders_weight(instruments: u32) -> Weight {
		T::WeightInfo::match_order(0, instruments).saturating_sub(T::WeightInfo::match_order(0, 0))
	}

	/// What one side of a matching may weigh beyond being valued once on what is there: all that it is
	/// valued on is worked out, or it is valued alone (which only one does that is then refused, for want
	/// of a price), and one that is not covered is valued a second time, as it was before.
	fn valuations_weight() -> Weight {
		T::WeightInfo::health(T::MaxPositions::get())
			.saturating_add(T::WeightInfo::health_in(T::MaxPositions::get()))
			.saturating_add(Self::lazy_settlement_weight(1))
	}
}
