use super::book::{ask, bid, fills, removals, Book, ROOMY};
use crate::{
	cancel, Answer, BookError, Bounds, Leftover, OrderSide, PlaceError, Removal, TimeInForce,
	MAX_TICK,
};

/// Asks of owner 1: 3 and 4 lots at 100, 5 at 101.
fn asks() -> Book {
	let mut book = Book::default();
	book.rest(ask(1, 1, 100, 3));
	book.rest(ask(2, 1, 100, 4));
	book.rest(ask(3, 1, 101, 5));
	book
}

#[test]
fn taker_fills_at_the_best_price_first_then_the_oldest_order() {
	let mut book = asks();
	let outcome = book.place(bid(9, 2, 101, 9), ROOMY).expect("it is placed");
	assert_eq!(fills(&outcome), [(1, 100, 3), (2, 100, 4), (3, 101, 2)]);
	assert_eq!((outcome.rested, outcome.cancelled), (0, None));
	assert_eq!(book.resting(OrderSide::Sell), [(101, 3, 1, 3)]);
	book.check();
}

#[test]
fn partly_filled_maker_keeps_its_place() {
	let mut book = asks();
	book.place(bid(8, 2, 100, 1), ROOMY).expect("it is placed");
	assert_eq!(book.resting(OrderSide::Sell)[..2], [(100, 1, 1, 2), (100, 2, 1, 4)]);
}

#[test]
fn rest_stands_at_its_limit_when_nothing_crosses_it() {
	let mut book = asks();
	let outcome = book.place(bid(9, 2, 100, 10), ROOMY).expect("it is placed");
	assert_eq!(outcome.rested, 3);
	assert_eq!(book.resting(OrderSide::Buy), [(100, 9, 2, 3)]);
	book.check();
}

#[test]
fn sell_meets_the_highest_bid_first() {
	let mut book = Book::default();
	book.rest(bid(1, 1, 99, 2));
	book.rest(bid(2, 1, 100, 2));
	let outcome = book.place(ask(9, 2, 99, 3), ROOMY).expect("it is placed");
	assert_eq!(fills(&outcome), [(2, 100, 2), (1, 99, 1)]);
}

#[test]
fn refused_maker_is_removed_and_the_taker_goes_on() {
	let mut book = asks();
	let answer = |fill: &crate::Fill<u8>| -> Result<_, ()> {
		Ok(if fill.maker_id == 1 { Answer::RefuseMaker } else { Answer::Made })
	};
	let outcome = book.place_with(bid(9, 2, 100, 4), ROOMY, answer).expect("it is placed");
	assert_eq!(fills(&outcome), [(2, 100, 4)]);
	assert_eq!(removals(&outcome), [(1, Removal::Refused)]);
	book.check();
}

#[test]
fn refused_maker_costs_a_removal_and_a_fill_only_without_one() {
	let answer = |fill: &crate::Fill<u8>| -> Result<_, ()> {
		Ok(if fill.maker_id < 3 { Answer::RefuseMaker } else { Answer::Made })
	};
	for (fills, removals, filled) in [(1, 2, 1), (2, 1, 1), (3, 0, 1), (1, 1, 0), (2, 0, 0)] {
		let mut book = asks();
		let bounds = Bounds { fills, removals };
		let outcome = book.place_with(bid(9, 2, 101, 4), bounds, answer).expect("it is placed");
		assert_eq!(super::book::fills(&outcome).len(), filled, "{bounds:?}");
	}
}

#[test]
fn stopped_taker_leaves_the_resting_order_and_does_not_rest() {
	let mut book = asks();
	let answer = |fill: &crate::Fill<u8>| -> Result<_, ()> {
		Ok(if fill.tick > 100 { Answer::StopTaker } else { Answer::Made })
	};
	let outcome = book.place_with(bid(9, 2, 101, 9), ROOMY, answer).expect("it is placed");
	assert_eq!(outcome.cancelled, Some((2, Leftover::Stopped)));
	assert_eq!(book.resting(OrderSide::Sell), [(101, 3, 1, 5)]);
	book.check();
}

#[test]
fn error_of_the_caller_ends_all() {
	let mut book = asks();
	let result = book.place_with(bid(9, 2, 101, 9), ROOMY, |_| Err("no"));
	assert_eq!(result, Err(PlaceError::Fill("no")));
}

#[test]
fn order_at_its_bound_is_cancelled_while_it_crosses() {
	let mut book = asks();
	let bounds = Bounds { fills: 2, removals: 0 };
	let outcome = book.place(bid(9, 2, 101, 9), bounds).expect("it is placed");
	assert_eq!(fills(&outcome).len(), 2);
	assert_eq!(outcome.cancelled, Some((2, Leftover::BoundReached)));
	book.check();
}

#[test]
fn order_at_its_bound_rests_when_nothing_crosses_it() {
	let mut book = asks();
	let bounds = Bounds { fills: 2, removals: 0 };
	let outcome = book.place(bid(9, 2, 100, 9), bounds).expect("it is placed");
	assert_eq!((outcome.rested, outcome.cancelled), (2, None));
	book.check();
}

#[test]
fn order_is_refused_when_its_terms_are_wrong() {
	let mut book = asks();
	let refused = |order| book.clone().place(order, ROOMY).expect_err("it is refused");
	assert_eq!(refused(bid(9, 2, 100, 0)), BookError::ZeroLots.into());
	assert_eq!(refused(bid(9, 2, 0, 1)), BookError::TickOutOfRange.into());
	assert_eq!(refused(bid(9, 2, MAX_TICK + 1, 1)), BookError::TickOutOfRange.into());
	assert_eq!(refused(bid(9, 2, 99, 1).until(9)), BookError::AlreadyExpired.into());
	book.rest(bid(8, 2, 99, 1).until(10));
}

#[test]
fn order_is_refused_when_its_level_is_full() {
	let mut book = Book::default();
	for id in 0..4 {
		book.rest(bid(id, 1, 100, 1));
	}
	assert_eq!(book.place(bid(9, 2, 100, 1), ROOMY), Err(BookError::LevelFull.into()));
	book.rest(bid(9, 2, 99, 1));
	book.check();
}

#[test]
fn reduce_only_order_is_cut_and_never_rests() {
	let mut book = asks();
	let reducing = |to, lots| crate::NewOrder {
		reduce_to: Some(to),
		..bid(9, 2, 100, lots).with(TimeInForce::ImmediateOrCancel)
	};
	let rests = crate::NewOrder { reduce_to: Some(1), ..bid(9, 2, 100, 1) };
	assert_eq!(book.place(rests, ROOMY), Err(BookError::ReduceOnlyRests.into()));
	assert_eq!(book.place(reducing(0, 2), ROOMY), Err(BookError::NothingToReduce.into()));
	let outcome = book.place(reducing(2, 5), ROOMY).expect("it is placed");
	assert_eq!(fills(&outcome), [(1, 100, 2)]);
	assert_eq!((outcome.rested, outcome.cancelled), (0, None));
}

#[test]
fn cancel_takes_out_one_order_and_refuses_any_other() {
	let mut book = asks();
	let order = cancel(&mut book, OrderSide::Sell, 100, 1).expect("it rests");
	assert_eq!((order.id, order.owner, order.lots), (1, 1, 3));
	let absent = cancel(&mut book, OrderSide::Sell, 100, 1);
	assert_eq!(absent, Err(BookError::NoSuchOrder));
	assert_eq!(cancel(&mut book, OrderSide::Buy, 100, 2), Err(BookError::NoSuchOrder));
	assert_eq!(book.resting(OrderSide::Sell), [(100, 2, 1, 4), (101, 3, 1, 5)]);
	book.check();
}
