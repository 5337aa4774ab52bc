//! Many operations in one call, each by itself.

use crate::{
	order::{Operation, OrderTerms},
	work::Budget,
	Config, Event, Pallet,
};
use frame_support::storage::with_storage_layer;
use plimsoll_orderbook::OrderId;
use plimsoll_primitives::SubAccountId;
use sp_runtime::{DispatchResult, SaturatedConversion};

impl<T: Config> Pallet<T> {
	/// Cancels an order of `account` and places another.
	pub(crate) fn do_replace_order(
		account: &SubAccountId<T::AccountId>,
		id: OrderId,
		order: &OrderTerms,
		budget: &mut Budget<T>,
	) -> DispatchResult {
		Self::do_cancel_order(account, id)?;
		Self::do_place_order(account, order, budget)
	}

	/// Does each operation in a storage layer of its own, in order. One that fails is undone, told by
	/// event and passed over.
	pub(crate) fn do_batch(
		account: &SubAccountId<T::AccountId>,
		operations: &[Operation],
		budget: &mut Budget<T>,
	) {
		for (index, operation) in operations.iter().enumerate() {
			let result = match operation {
				Operation::Cancel(id) => with_storage_layer(|| Self::do_cancel_order(account, *id)),
				Operation::Place(order) => {
					with_storage_layer(|| Self::do_place_order(account, order, budget))
				}
				Operation::Replace(id, order) => {
					with_storage_layer(|| Self::do_replace_order(account, *id, order, budget))
				}
			};
			if let Err(error) = result {
				// At most `MaxBatch`.
				let index = index.saturated_into();
				Self::deposit_event(Event::OperationFailed { index, error });
			}
		}
	}
}
