//! What the order book asks of accounts.

use crate::{
	matching::Matching, session::Session, weights::WeightInfo, Accounts, Config, OpenOrderTotals,
	Pallet, SubAccountIdOf,
};
use alloc::vec::Vec;
use frame_support::{traits::Get, weights::Weight};
use plimsoll_primitives::{
	BookClearing, Contracts, Fill, FillError, FillFees, Instrument, OrderTotals, Price, Resting,
};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> BookClearing<T::AccountId> for Pallet<T> {
	type Session = Session;
	type Matching<'s> = Matching<'s, T>;

	fn open_matching<'s>(
		session: &'s mut Session,
		taker: &SubAccountIdOf<T>,
	) -> Result<Matching<'s, T>, DispatchError> {
		Matching::open(session, taker)
	}

	fn fill(
		matching: &mut Matching<'_, T>,
		maker: &SubAccountIdOf<T>,
		fill: &Fill,
	) -> Result<FillFees, FillError> {
		matching.fill(maker, fill)
	}

	fn close_matching(matching: Matching<'_, T>, rest: Option<Resting>) -> DispatchResult {
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

	fn all_order_totals() -> Vec<(SubAccountIdOf<T>, OrderTotals)> {
		OpenOrderTotals::<T>::iter()
			.flat_map(|(account, orders)| {
				orders.into_iter().map(move |totals| (account.clone(), totals))
			})
			.collect()
	}

	/// Of a taker of the largest size, of which nothing is worked out yet.
	fn matching_weight() -> Weight {
		Self::known_matching_weight().saturating_add(T::WeightInfo::health(T::MaxPositions::get()))
	}

	/// All that the account depends on is worked out; the order's own instrument may not be.
	fn further_matching_weight() -> Weight {
		Self::known_matching_weight().saturating_add(T::WeightInfo::health(1).set_proof_size(0))
	}

	/// Of a maker of the largest size, of which nothing is worked out yet. All of the market is in the proof
	/// with the session's first matching.
	fn fill_weight() -> Weight {
		let (positions, orders) = (T::MaxPositions::get(), T::MaxOrderInstruments::get());
		T::WeightInfo::fill_order(positions, orders)
			.saturating_add(Self::second_valuation_weight(positions, orders))
			.saturating_add(Self::lazy_settlement_weight(1))
			.saturating_add(T::WeightInfo::health(positions).set_proof_size(0))
	}

	fn used_weight(session: &Session) -> Weight {
		session.used
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

	/// A matching of an account of the largest size on what is worked out already, with positions to
	/// settle.
	fn known_matching_weight() -> Weight {
		let (positions, orders) = (T::MaxPositions::get(), T::MaxOrderInstruments::get());
		T::WeightInfo::match_order(positions, orders)
			.saturating_add(Self::second_valuation_weight(positions, orders))
			.saturating_add(Self::lazy_settlement_weight(1))
	}

	/// Valuing an account a second time, with its orders, as one that is not covered is: as it was before.
	pub(crate) fn second_valuation_weight(positions: u32, orders: u32) -> Weight {
		T::WeightInfo::health_in(positions).saturating_add(Self::orders_weight(orders))
	}
}
