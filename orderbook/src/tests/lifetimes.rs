use super::book::{ask, bid, fills, removals, Book, NOW, ROOMY};
use crate::{Answer, BookError, Bounds, Leftover, OrderSide, Removal, Store, TimeInForce};

/// A book with an ask of owner 1 at 100 whose last block was the one before this, and a good one
/// behind.
fn with_expired() -> Book {
	let mut book = Book::default();
	let mut level = book.level(OrderSide::Sell, 100);
	let stale = crate::Order { id: 1, owner: 1, lots: 3, until: Some(NOW - 1) };
	level.push(stale).expect("there is room");
	book.set_level(OrderSide::Sell, 100, level);
	crate::index::insert(&mut book, OrderSide::Sell, 100);
	book.rest(ask(2, 1, 100, 4));
	book
}

#[test]
fn expired_order_is_removed_when_met() {
	let mut book = with_expired();
	let outcome = book.place(bid(9, 2, 100, 1), ROOMY).expect("it is placed");
	assert_eq!(removals(&outcome), [(1, Removal::Expired)]);
	assert_eq!(fills(&outcome), [(2, 100, 1)]);
	book.check();
}

#[test]
fn order_fills_in_its_last_block() {
	let mut book = Book::default();
	book.rest(ask(1, 1, 100, 1).until(NOW));
	let outcome = book.place(bid(9, 2, 100, 1), ROOMY).expect("it is placed");
	assert_eq!(fills(&outcome), [(1, 100, 1)]);
}

#[test]
fn immediate_or_cancel_order_cancels_what_does_not_fill() {
	let mut book = with_expired();
	let taker = bid(9, 2, 100, 6).with(TimeInForce::ImmediateOrCancel);
	let outcome = book.place(taker, ROOMY).expect("it is placed");
	assert_eq!(outcome.cancelled, Some((2, Leftover::Unfilled)));
	assert!(book.levels.is_empty() && book.pages.is_empty());
}

#[test]
fn order_stops_at_an_expired_one_when_it_may_do_no_more() {
	let mut book = with_expired();
	let outcome = book.place(bid(9, 2, 100, 1), Bounds { fills: 0, removals: 0 });
	let outcome = outcome.expect("it is placed");
	assert_eq!(outcome.cancelled, Some((1, Leftover::BoundReached)));
	book.check();
}

#[test]
fn order_pays_with_fills_when_more_expired_ones_stand_in_its_way_than_it_may_remove() {
	let mut book = with_expired();
	let outcome = book.place(bid(9, 2, 100, 1), Bounds { fills: 2, removals: 0 });
	let outcome = outcome.expect("it is placed");
	assert_eq!(
		(removals(&outcome), fills(&outcome)),
		(vec![(1, Removal::Expired)], vec![(2, 100, 1)])
	);
	book.check();
}

#[test]
fn fill_or_kill_order_fills_in_full_or_changes_nothing() {
	let mut book = with_expired();
	let taker = |lots| bid(9, 2, 100, lots).with(TimeInForce::FillOrKill);
	// The three lots of the expired order do not count.
	let mut asked = 0;
	let result = book.place_with(taker(5), ROOMY, |_| -> Result<_, ()> {
		asked += 1;
		Ok(Answer::Made)
	});
	assert_eq!((result, asked), (Err(BookError::NotFilled.into()), 0));
	let outcome = book.place(taker(4), ROOMY).expect("it is placed");
	assert_eq!(fills(&outcome), [(2, 100, 4)]);
}

#[test]
fn fill_or_kill_order_fails_when_a_maker_is_refused() {
	let mut book = with_expired();
	let taker = bid(9, 2, 100, 4).with(TimeInForce::FillOrKill);
	let refuse = |_: &crate::Fill<u8>| -> Result<_, ()> { Ok(Answer::RefuseMaker) };
	assert_eq!(book.place_with(taker, ROOMY, refuse), Err(BookError::NotFilled.into()));
}

#[test]
fn fill_or_kill_order_fills_behind_a_maker_that_is_refused() {
	// Two makers cross it and it may have one fill: the refused one costs a removal instead.
	let mut book = Book::default();
	book.rest(ask(1, 1, 100, 3));
	book.rest(ask(2, 3, 101, 4));
	let taker = bid(9, 2, 101, 4).with(TimeInForce::FillOrKill);
	let refuse_first = |fill: &crate::Fill<u8>| -> Result<_, ()> {
		Ok(if fill.maker_id == 1 { Answer::RefuseMaker } else { Answer::Made })
	};
	let bounds = Bounds { fills: 1, removals: 1 };
	let outcome = book.place_with(taker, bounds, refuse_first).expect("the second fills it");
	assert_eq!(removals(&outcome), [(1, Removal::Refused)]);
	assert_eq!(fills(&outcome), [(2, 101, 4)]);
}

#[test]
fn fill_or_kill_order_fails_when_no_maker_is_refused_and_its_fills_are_used_up() {
	let mut book = Book::default();
	book.rest(ask(1, 1, 100, 2));
	book.rest(ask(2, 3, 101, 4));
	let taker = bid(9, 2, 101, 4).with(TimeInForce::FillOrKill);
	let result = book.place(taker, Bounds { fills: 1, removals: 1 });
	assert_eq!(result, Err(BookError::NotFilled.into()));
	assert_eq!(book.resting(OrderSide::Sell).len(), 2);
}

#[test]
fn fill_or_kill_order_fails_when_it_needs_more_than_the_bounds() {
	let mut book = with_expired();
	let taker = bid(9, 2, 100, 4).with(TimeInForce::FillOrKill);
	for (fills, removals) in [(1, 0), (0, 9)] {
		let result = book.place(taker.clone(), Bounds { fills, removals });
		assert_eq!(result, Err(BookError::NotFilled.into()));
	}
	assert!(book.place(taker, Bounds { fills: 1, removals: 1 }).is_ok());
}

#[test]
fn post_only_order_fails_when_it_would_fill_and_rests_otherwise() {
	let mut book = with_expired();
	let result = book.place(bid(9, 2, 100, 1).post_only(), ROOMY);
	assert_eq!(result, Err(BookError::WouldFill.into()));
	// Not even where it could not fill for want of room.
	let result = book.place(bid(9, 2, 100, 1).post_only(), Bounds { fills: 0, removals: 9 });
	assert_eq!(result, Err(BookError::WouldFill.into()));
	book.rest(bid(9, 2, 99, 1).post_only());
	book.check();
}

#[test]
fn post_only_order_rests_when_only_expired_orders_cross_it() {
	let mut book = with_expired();
	crate::cancel(&mut book, OrderSide::Sell, 100, 2).expect("it rests");
	let outcome = book.place(bid(9, 2, 100, 1).post_only(), ROOMY).expect("it is placed");
	assert_eq!((removals(&outcome), outcome.rested), (vec![(1, Removal::Expired)], 1));
	book.check();
}

#[test]
fn order_for_a_full_level_removes_expired_ones_first() {
	let mut book = Book::default();
	for id in 0..4 {
		book.rest(bid(id, 1, 100, 1).until(NOW));
	}
	let later = NOW + 1;
	let mut bounds = Bounds { fills: 9, removals: 0 };
	let full = crate::place(&mut book, bid(9, 2, 100, 1), later, &mut bounds, |_| Err(()));
	assert_eq!(full, Err(BookError::LevelFull.into()));
	let mut bounds = Bounds { fills: 9, removals: 3 };
	let placed = crate::place(&mut book, bid(9, 2, 100, 1), later, &mut bounds, |_| Err(()));
	let removed = removals(&placed.expect("there is room now"));
	assert_eq!(removed, [0, 1, 2].map(|id| (id, Removal::Expired)));
	assert_eq!((bounds, book.resting(OrderSide::Buy).len()), (Bounds { fills: 9, removals: 0 }, 2));
	book.check();
}

#[test]
fn fill_or_kill_order_without_fills_looks_at_nothing() {
	let mut book = with_expired();
	book.reset_reads();
	let taker = bid(9, 2, 100, 4).with(TimeInForce::FillOrKill);
	let mut bounds = Bounds { fills: 0, removals: 9 };
	let result = crate::place(&mut book, taker, NOW, &mut bounds, |_| Err(()));
	assert_eq!(result, Err(BookError::NotFilled.into()));
	assert_eq!((book.level_reads.get(), book.page_reads.get(), bounds.removals), (0, 0, 9));
}

#[test]
fn what_a_failing_order_has_used_is_told() {
	let mut book = with_expired();
	let mut bounds = Bounds { fills: 9, removals: 9 };
	let taker = bid(9, 2, 100, 9).with(TimeInForce::FillOrKill);
	let result = crate::place(&mut book, taker, NOW, &mut bounds, |_| Err(()));
	assert_eq!(result, Err(BookError::NotFilled.into()));
	assert_eq!(bounds, Bounds { fills: 8, removals: 8 });
}
