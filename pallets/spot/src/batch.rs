//! Many operations in one call, each by itself.

use crate::{
	order::{Operation, OrderTerms},
	place_order::Account,
	work::Budget,
	Config, Event, Pallet,
};
use frame_support::storage::with_storage_layer;
use plimsoll_orderbook::OrderId;
use sp_runtime::{DispatchResult, SaturatedConversion};

impl<T: Config> Pallet<T> {
	/// Cancels an order of `account` and places another.
	pub(crate) fn do_replace_order(
		account: &Account<T>,
		id: OrderId,
		order: &OrderTerms,
		budget: &mut Budget<T>,
	) -> DispatchResult {
		Self::do_cancel_order(account, id)?;
		Self::do_place_order(account, order, budget)
	}

	/// Does each operation in a storage layer of its own, in order. One that fails is undone, told by
	/// event and passed over.
	pub(crate) fn do_batch(account: &Account<T>, operations: &[Operation], budget: &mut Budget<T>) {
		for (index, operation) in operations.iter().enumerate() {
			let result = with_storage_layer(|| match operation {
				Operation::Cancel(id) => Self::do_cancel_order(account, *id),
				Operation::Place(order) => Self::do_place_order(account, order, budget),
				Operation::Replace(id, order) => {
					Self::do_replace_order(account, *id, order, budget)
				}
			});
			if let Err(error) = result {
				// At most `MaxBatch`.
				let index = index.saturated_into();
				Self::deposit_event(Event::OperationFailed { index, error });
			}
		}
	}
}
