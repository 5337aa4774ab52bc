//! What the waterfall asks of the book.

use crate::{order::CancelCause, ComplexOrders, ComplexOrdersOf, Config, OrdersOf, Pallet};
use frame_support::{storage::with_storage_layer, weights::Weight};
use plimsoll_primitives::{OpenOrders, SubAccountId};
use sp_runtime::SaturatedConversion;

impl<T: Config> OpenOrders<T::AccountId> for Pallet<T> {
	fn cancel_orders(account: &SubAccountId<T::AccountId>, limit: u32) -> (u32, bool) {
		Self::cancel_latest(account, limit, CancelCause::Liquidation)
	}

	fn cancel_weight() -> Weight {
		Self::cancel_weight()
	}
}

impl<T: Config> Pallet<T> {
	/// Cancels up to `limit` of an account's orders, complex ones last. Returns how many it cancelled and
	/// whether any are left.
	///
	/// The latest first, which leaves the list of the others as it is. One that could not be cancelled,
	/// which only a broken book could bring about, is passed over and counts as left.
	pub(crate) fn cancel_latest(
		account: &SubAccountId<T::AccountId>,
		limit: u32,
		cause: CancelCause,
	) -> (u32, bool) {
		let orders = OrdersOf::<T>::get(account);
		let mut cancelled = 0u32;
		for id in orders.iter().rev().take(limit.saturated_into()) {
			if with_storage_layer(|| Self::cancel_resting(*id, cause)).is_ok() {
				cancelled = cancelled.saturating_add(1);
			}
		}
		let left = limit.saturating_sub(cancelled);
		for id in ComplexOrdersOf::<T>::get(account).iter().rev().take(left.saturated_into()) {
			let Some(order) = ComplexOrders::<T>::get(id) else { continue };
			if with_storage_layer(|| Self::cancel_complex(*id, order, cause)).is_ok() {
				cancelled = cancelled.saturating_add(1);
			}
		}
		let has_more =
			OrdersOf::<T>::contains_key(account) || ComplexOrdersOf::<T>::contains_key(account);
		(cancelled, has_more)
	}
}
