//! What must hold of all books that are stored: for checks of state, which read everything.

use crate::{
	index::{self, Page, PageId},
	level::Level,
	order::Tick,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use plimsoll_primitives::OrderSide;
use sp_core::Get;

/// Checks books of which these are all levels and all pages, by the book's key. Returns how many orders
/// rest in each book; one in which none rests is not in it.
///
/// # Errors
///
/// The first sentence that does not hold: no level is empty, something is left of each order, no number
/// stands twice, the index of each book agrees with its levels exactly, no book is crossed.
pub fn audit<Book: Copy + Ord, Owner, Max: Get<u32>>(
	levels: impl IntoIterator<Item = (Book, (OrderSide, Tick), Level<Owner, Max>)>,
	pages: impl IntoIterator<Item = (Book, (OrderSide, PageId), Page)>,
) -> Result<BTreeMap<Book, usize>, &'static str> {
	let mut ticks: BTreeMap<(Book, OrderSide), Vec<Tick>> = BTreeMap::new();
	let mut counts: BTreeMap<Book, usize> = BTreeMap::new();
	let mut numbers = BTreeSet::new();
	for (book, (side, tick), level) in levels {
		hold(!level.is_empty(), "No level is empty.")?;
		for order in level.orders() {
			hold(order.lots > 0, "Something is left of each order that rests.")?;
			hold(numbers.insert(order.id), "No order rests in two places.")?;
		}
		ticks.entry((book, side)).or_default().push(tick);
		let count = counts.entry(book).or_default();
		*count = count.saturating_add(level.orders().len());
	}
	for book in counts.keys() {
		let best = |side| ticks.get(&(*book, side));
		let bid = best(OrderSide::Buy).and_then(|ticks| ticks.iter().max());
		let ask = best(OrderSide::Sell).and_then(|ticks| ticks.iter().min());
		hold(bid.zip(ask).is_none_or(|(bid, ask)| bid < ask), "No book is crossed.")?;
	}
	let mut stored: BTreeMap<(Book, OrderSide), BTreeMap<PageId, Page>> = BTreeMap::new();
	for (book, (side, id), page) in pages {
		stored.entry((book, side)).or_default().insert(id, page);
	}
	let expected: BTreeMap<_, _> =
		ticks.into_iter().map(|(key, ticks)| (key, index::pages(key.1, ticks))).collect();
	hold(stored == expected, "The index of each book agrees with its levels exactly.")?;
	Ok(counts)
}

/// A sentence that must be true.
fn hold(is_true: bool, sentence: &'static str) -> Result<(), &'static str> {
	is_true.then_some(()).ok_or(sentence)
}
