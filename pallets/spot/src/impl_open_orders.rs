//! What the waterfall, and silence, ask of the books.

use crate::{Config, OrdersOf, Pallet};
use frame_support::{storage::with_storage_layer, weights::Weight};
use plimsoll_primitives::{Cancelled, MassCancel, OpenOrders, SubAccountId};
use sp_runtime::SaturatedConversion;

impl<T: Config> OpenOrders<T::AccountId> for Pallet<T> {
	/// The latest first, which leaves the list of the others as it is. One that could not be cancelled,
	/// which only a broken book could bring about, is passed over and counts as left.
	fn cancel_orders(
		account: &SubAccountId<T::AccountId>,
		limit: u32,
		cause: MassCancel,
	) -> Cancelled {
		let mut orders = 0u32;
		for id in OrdersOf::<T>::get(account).iter().rev().take(limit.saturated_into()) {
			if with_storage_layer(|| Self::cancel_resting(*id, cause.into())).is_ok() {
				orders = orders.saturating_add(1);
			}
		}
		let are_left = OrdersOf::<T>::contains_key(account);
		// Each has something set aside.
		Cancelled { orders, are_left, released: orders > 0, withheld: are_left }
	}

	fn cancel_weight() -> Weight {
		Self::cancel_weight()
	}
}
