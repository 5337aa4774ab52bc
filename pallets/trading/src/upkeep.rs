//! What nobody else ends: a block looks at one book, one complex order and one request, in turn, and ends those
//! that can never trade again. Books go on as they are that are alive, whatever rests in them.
//!
//! It goes round by the keys under which they are stored: each is looked at once in as many blocks as there
//! are of its kind, and nothing has to be noted when one comes or goes. Nothing is at stake in between: what is
//! dead does not trade.

use crate::{
	order::{CancelCause, Grid},
	work::Upkeep,
	BookCursor, Books, ComplexCursor, ComplexOrders, Config, Levels, Pallet, RequestCursor,
	Requests,
};
use alloc::vec::Vec;
use frame_support::storage::with_storage_layer;
use plimsoll_orderbook::OrderId;
use plimsoll_primitives::{Instrument, InstrumentRegistry};
use sp_runtime::SaturatedConversion;

impl<T: Config> Pallet<T> {
	/// Looks at the next of each kind; cancels at most `cancels` orders of a book. Returns what was done.
	pub(crate) fn do_upkeep(cancels: u32) -> Upkeep {
		Upkeep {
			cancels: Self::look_at_book(cancels),
			complex: Self::look_at_complex(),
			answers: Self::look_at_request(),
		}
	}

	/// Cancels what rests in the next book, if its instrument cannot be traded any more, or is listed in other
	/// ticks or lots. One of which something is left is looked at again. Returns how many were cancelled.
	fn look_at_book(limit: u32) -> u32 {
		let after = BookCursor::<T>::get().map(Books::<T>::hashed_key_for);
		let next = after.and_then(|key| Books::<T>::iter_from(key).next());
		let Some((instrument, book)) = next.or_else(|| Books::<T>::iter().next()) else {
			BookCursor::<T>::kill();
			return 0;
		};
		let grid = T::Registry::tradable(&instrument).ok();
		let grid = grid.map(|terms| Grid { tick: terms.tick, lot: terms.lot });
		if grid == Some(book.grid) {
			BookCursor::<T>::put(instrument);
			return 0;
		}
		if limit == 0 {
			return 0;
		}
		let cancelled = Self::cancel_resting_in(&instrument, limit);
		// One that could not be cancelled, which only a broken book could bring about, must not hold up others.
		if cancelled < limit || !Books::<T>::contains_key(instrument) {
			BookCursor::<T>::put(instrument);
		}
		cancelled
	}

	/// Cancels up to `limit` orders of a dead book.
	fn cancel_resting_in(instrument: &Instrument, limit: u32) -> u32 {
		let mut orders: Vec<OrderId> = Vec::new();
		for (_, level) in Levels::<T>::iter_prefix(instrument) {
			orders.extend(level.orders().iter().map(|order| order.id));
			if orders.len() >= limit.saturated_into() {
				break;
			}
		}
		orders.truncate(limit.saturated_into());
		let cancel = |id: &&OrderId| {
			with_storage_layer(|| Self::cancel_resting(**id, CancelCause::NotTradable)).is_ok()
		};
		orders.iter().filter(cancel).count().saturated_into()
	}

	/// Cancels the next complex order, if it has expired or an instrument of its cannot be traded any more.
	fn look_at_complex() -> bool {
		let after = ComplexCursor::<T>::get().map(ComplexOrders::<T>::hashed_key_for);
		let next = after.and_then(|key| ComplexOrders::<T>::iter_from(key).next());
		let Some((id, order)) = next.or_else(|| ComplexOrders::<T>::iter().next()) else {
			ComplexCursor::<T>::kill();
			return false;
		};
		ComplexCursor::<T>::put(id);
		let Some(cause) = Self::end_of_complex(&order) else { return false };
		with_storage_layer(|| Self::cancel_complex(id, order, cause)).is_ok()
	}

	/// Ends the next request, if it has expired or an instrument of its cannot be traded any more. Returns how
	/// many answers went with it.
	fn look_at_request() -> Option<u32> {
		let after = RequestCursor::<T>::get().map(Requests::<T>::hashed_key_for);
		let next = after.and_then(|key| Requests::<T>::iter_from(key).next());
		let Some((id, request)) = next.or_else(|| Requests::<T>::iter().next()) else {
			RequestCursor::<T>::kill();
			return None;
		};
		RequestCursor::<T>::put(id);
		let cause = Self::end_of_request(&request)?;
		with_storage_layer(|| Self::end_request(id, request, cause)).ok()
	}
}
