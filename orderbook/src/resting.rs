//! Putting orders into levels and taking them out.

use crate::{
	error::BookError,
	index,
	level::Level,
	order::{Block, Bounds, Order, OrderId, Tick},
	store::Store,
};
use alloc::vec::Vec;
use plimsoll_primitives::OrderSide;

/// Takes the order numbered `id` out of the level of `side` at `tick`. Fails with
/// [`BookError::NoSuchOrder`] and changes nothing.
pub fn cancel<S: Store>(
	store: &mut S,
	side: OrderSide,
	tick: Tick,
	id: OrderId,
) -> Result<Order<S::Owner>, BookError> {
	let mut level = store.level(side, tick);
	let order = level.take(id).ok_or(BookError::NoSuchOrder)?;
	write_back(store, side, tick, level);
	Ok(order)
}

/// Adds an order behind all others of its level. Where that is full, orders that have expired by block
/// `now` make room, as many as may be removed: they come back, and are taken off `bounds`. Fails with
/// [`BookError::LevelFull`], and changes nothing, where there are none.
pub(crate) fn rest<S: Store>(
	store: &mut S,
	side: OrderSide,
	tick: Tick,
	order: Order<S::Owner>,
	(now, bounds): (Block, &mut Bounds),
) -> Result<Vec<Order<S::Owner>>, BookError> {
	let mut level = store.level(side, tick);
	let opens = level.is_empty();
	let expired =
		if level.is_full() { level.take_expired(now, &mut bounds.removals) } else { Vec::new() };
	level.push(order)?;
	store.set_level(side, tick, level);
	if opens {
		index::insert(store, side, tick);
	}
	Ok(expired)
}

/// Stores a level that orders were taken out of, and takes it off the index where none is left.
pub(crate) fn write_back<S: Store>(
	store: &mut S,
	side: OrderSide,
	tick: Tick,
	level: Level<S::Owner, S::MaxOrders>,
) {
	let emptied = level.is_empty();
	store.set_level(side, tick, level);
	if emptied {
		index::remove(store, side, tick);
	}
}
