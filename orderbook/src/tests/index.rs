use super::book::{ask, bid, Book};
use crate::{best, cancel, index, OrderSide, MAX_TICK};
use proptest::prelude::*;
use std::collections::BTreeSet;

#[test]
fn best_is_the_highest_bid_and_the_lowest_ask() {
	let mut book = Book::default();
	for (id, tick) in [(1, 5), (2, 700_000), (3, 6)] {
		book.rest(bid(id, 1, tick, 1));
	}
	for (id, tick) in [(4, 900_000_000), (5, 700_001), (6, MAX_TICK)] {
		book.rest(ask(id, 1, tick, 1));
	}
	assert_eq!(best(&book, OrderSide::Buy), Some(700_000));
	assert_eq!(best(&book, OrderSide::Sell), Some(700_001));
	book.check();
}

#[test]
fn pages_go_when_the_last_level_goes() {
	let mut book = Book::default();
	book.rest(ask(1, 1, MAX_TICK, 1));
	book.rest(ask(2, 1, 1, 1));
	assert_eq!(book.pages.len(), 5);
	cancel(&mut book, OrderSide::Sell, MAX_TICK, 1).expect("it rests");
	assert_eq!(book.pages.len(), 3);
	cancel(&mut book, OrderSide::Sell, 1, 2).expect("it rests");
	assert!(book.pages.is_empty() && book.levels.is_empty());
}

#[test]
fn nothing_comes_after_the_last_tick() {
	let mut book = Book::default();
	book.rest(ask(1, 1, MAX_TICK, 1));
	book.rest(bid(2, 1, 1, 1));
	assert_eq!(index::next(&book, OrderSide::Sell, MAX_TICK), None);
	assert_eq!(index::next(&book, OrderSide::Buy, 1), None);
	assert_eq!(index::next(&book, OrderSide::Sell, MAX_TICK - 1), Some(MAX_TICK));
}

/// Ticks that share pages often and words sometimes.
fn ticks() -> impl Strategy<Value = BTreeSet<u32>> {
	let tick = prop_oneof![1u32..300, 900u32..2_200, 1_048_000u32..1_049_000, 1u32..=MAX_TICK];
	prop::collection::btree_set(tick, 1..60)
}

proptest! {
	/// Walking a side by the index gives its levels in order, from any tick on.
	#[test]
	fn next_walks_every_level_in_order(ticks in ticks(), from in 1u32..=MAX_TICK) {
		let mut book = Book::default();
		for tick in &ticks {
			index::insert(&mut book, OrderSide::Buy, *tick);
			index::insert(&mut book, OrderSide::Sell, *tick);
		}
		let walk = |side| {
			let start = best(&book, side);
			std::iter::successors(start, |tick| index::next(&book, side, *tick)).collect::<Vec<_>>()
		};
		prop_assert_eq!(walk(OrderSide::Sell), ticks.iter().copied().collect::<Vec<_>>());
		prop_assert_eq!(walk(OrderSide::Buy), ticks.iter().rev().copied().collect::<Vec<_>>());
		let above = ticks.iter().copied().find(|tick| *tick > from);
		let below = ticks.iter().rev().copied().find(|tick| *tick < from);
		prop_assert_eq!(index::next(&book, OrderSide::Sell, from), above);
		prop_assert_eq!(index::next(&book, OrderSide::Buy, from), below);
	}
}
