use super::book::{ask, bid, Book, MaxOrders, Owner};
use crate::{audit, Level, Page, PageId, Store, Tick};
use plimsoll_primitives::OrderSide::{self, Buy, Sell};
use std::collections::BTreeMap;

type Levels = Vec<(u8, (OrderSide, Tick), Level<Owner, MaxOrders>)>;
type Pages = Vec<(u8, (OrderSide, PageId), Page)>;

/// Two books, with three orders and one.
fn books() -> (Levels, Pages) {
	let mut first = Book::default();
	first.rest(bid(1, 1, 100, 5));
	first.rest(bid(2, 2, 100, 5));
	first.rest(ask(3, 1, 5_000, 5));
	let mut second = Book::default();
	second.rest(ask(4, 1, 7, 1));
	let (mut levels, mut pages) = (Vec::new(), Vec::new());
	for (key, book) in [(1, first), (2, second)] {
		levels.extend(book.all_levels().map(|(at, level)| (key, at, level)));
		pages.extend(book.all_pages().map(|(at, page)| (key, at, page)));
	}
	(levels, pages)
}

fn refused(change: impl FnOnce(&mut Levels, &mut Pages)) -> Option<&'static str> {
	let (mut levels, mut pages) = books();
	change(&mut levels, &mut pages);
	audit(levels, pages).err()
}

#[test]
fn orders_are_counted_by_book() {
	let (levels, pages) = books();
	assert_eq!(audit(levels, pages), Ok(BTreeMap::from([(1, 3), (2, 1)])));
	assert_eq!(audit(Levels::new(), Pages::new()), Ok(BTreeMap::new()));
}

#[test]
fn books_that_are_out_of_order_are_refused() {
	let index = Some("The index of each book agrees with its levels exactly.");
	assert_eq!(refused(|levels, _| levels.truncate(levels.len() - 1)), index);
	assert_eq!(refused(|_, pages| pages.truncate(pages.len() - 1)), index);
	assert_eq!(refused(|levels, _| levels[0].1 .1 += 1), index);
	let empty = |levels: &mut Levels, _: &mut Pages| levels[0].2 = Level::default();
	assert_eq!(refused(empty), Some("No level is empty."));
	let twice = |levels: &mut Levels, _: &mut Pages| levels[0].2 = levels[1].2.clone();
	assert_eq!(refused(twice), Some("No order rests in two places."));
	let crossed = |levels: &mut Levels, _: &mut Pages| {
		let at = levels.iter().position(|(_, (side, _), _)| *side == Sell).expect("an ask");
		levels[at].1 .1 = 100;
	};
	assert_eq!(refused(crossed), Some("No book is crossed."));
	let spent = |levels: &mut Levels, _: &mut Pages| {
		let mut book = Book::default();
		let mut level = book.level(Buy, 100);
		level.push(crate::Order { id: 9, owner: 1, lots: 0, until: None }).expect("there is room");
		book.set_level(Buy, 100, level);
		levels[0].2 = book.level(Buy, 100);
	};
	assert_eq!(refused(spent), Some("Something is left of each order that rests."));
}
