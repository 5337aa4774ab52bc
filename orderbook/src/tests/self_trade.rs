use super::book::{ask, bid, fills, removals, Book, ROOMY};
use crate::{Leftover, NewOrder, OrderSide, Removal, SelfTrade};

/// Asks at 100: 3 lots of owner 2, then 4 of owner 1; the order of owner 2 that meets them.
fn meet(self_trade: SelfTrade) -> (Book, crate::Outcome<u8>) {
	let mut book = Book::default();
	book.rest(ask(1, 2, 100, 3));
	book.rest(ask(2, 1, 100, 4));
	let taker = NewOrder { self_trade, ..bid(9, 2, 100, 4) };
	let outcome = book.place(taker, ROOMY).expect("it is placed");
	book.check();
	(book, outcome)
}

#[test]
fn resting_order_of_the_taker_goes_and_the_taker_goes_on_when_resting_is_cancelled() {
	let (book, outcome) = meet(SelfTrade::CancelResting);
	assert_eq!(removals(&outcome), [(1, Removal::SelfTrade)]);
	assert_eq!(fills(&outcome), [(2, 100, 4)]);
	assert!(book.levels.is_empty());
}

#[test]
fn taker_stops_when_taking_is_cancelled() {
	let (book, outcome) = meet(SelfTrade::CancelTaking);
	assert!(outcome.steps.is_empty());
	assert_eq!(outcome.cancelled, Some((4, Leftover::SelfTrade)));
	assert_eq!(book.resting(OrderSide::Sell).len(), 2);
}

#[test]
fn both_go_when_both_are_cancelled() {
	let (book, outcome) = meet(SelfTrade::CancelBoth);
	assert_eq!(removals(&outcome), [(1, Removal::SelfTrade)]);
	assert_eq!(outcome.cancelled, Some((4, Leftover::SelfTrade)));
	assert_eq!(book.resting(OrderSide::Sell), [(100, 2, 1, 4)]);
}
