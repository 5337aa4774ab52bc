//! Where a book is kept.

use crate::{
	index::{Page, PageId},
	level::Level,
	order::Tick,
};
use plimsoll_primitives::OrderSide;
use sp_core::Get;

/// The storage of one instrument's book. A level and a page that are empty are not stored: reading
/// what is not there gives an empty one, and setting an empty one removes it.
pub trait Store {
	/// Whose orders they are.
	type Owner: Clone + Eq;

	/// The most orders of a level.
	type MaxOrders: Get<u32>;

	/// The orders of `side` at `tick`.
	fn level(&self, side: OrderSide, tick: Tick) -> Level<Self::Owner, Self::MaxOrders>;

	/// Stores them.
	fn set_level(
		&mut self,
		side: OrderSide,
		tick: Tick,
		level: Level<Self::Owner, Self::MaxOrders>,
	);

	/// A page of the index of the levels of `side`.
	fn page(&self, side: OrderSide, id: PageId) -> Page;

	/// Stores it.
	fn set_page(&mut self, side: OrderSide, id: PageId, page: Page);
}
