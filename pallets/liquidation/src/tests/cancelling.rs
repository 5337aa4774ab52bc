use super::*;
use crate::{queue::Stall, Event};

fn cancelled(count: u32, are_left: bool) -> Event<Test> {
	Event::OrdersCancelled { account: account(1), count, are_left }
}

fn reports() -> Vec<Event<Test>> {
	let all = take_events().into_iter();
	all.filter(|event| matches!(event, Event::OrdersCancelled { .. })).collect()
}

#[test]
fn open_orders_are_cancelled_before_anything_else_is_done() {
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			fund(3, 1_000);
		},
		|| {
			Orders::insert(account(1), 2);
			Orders::insert(account(2), 2);
			opt_in(3, sp_arithmetic::Permill::zero(), 1_000);
			take_events();
			next_block();
			let events = take_events();
			assert!(matches!(events[0], Event::Entered { .. }));
			assert_eq!(events[1], cancelled(2, false));
			assert!(events.len() > 2, "a slice was taken after that");
			assert_eq!((Orders::get(account(1)), Orders::get(account(2))), (0, 2));
		},
	);
}

#[test]
fn no_more_orders_are_cancelled_in_a_block_than_a_visit_may() {
	ExtBuilder.run(
		|| long_and_maker(40),
		|| {
			Orders::insert(account(1), 7);
			next_block();
			assert_eq!(reports(), vec![cancelled(3, true)]);
			next_block();
			assert_eq!(reports(), vec![cancelled(3, true)]);
			next_block();
			assert_eq!(reports(), vec![cancelled(1, false)]);
			next_block();
			assert_eq!(reports(), vec![]);
		},
	);
}

#[test]
fn orders_stay_when_the_account_waits() {
	ExtBuilder.run(
		|| long_and_maker(40),
		|| {
			next_block();
			assert!(is_queued(1));
			Orders::insert(account(1), 1);
			set_live(ETH.underlying, 0);
			next_block();
			set_live(ETH.underlying, 9);
			next_block();
			assert_eq!(Orders::get(account(1)), 1);
			set_live(ETH.underlying, 10);
			next_block();
			assert_eq!(Orders::get(account(1)), 0);
		},
	);
}

#[test]
fn orders_stay_when_the_account_is_restored_already() {
	ExtBuilder.run(
		|| long_and_maker(40),
		|| {
			next_block();
			Orders::insert(account(1), 1);
			fund_from(2, 1, 1_000);
			next_block();
			assert!(!is_queued(1));
			assert_eq!(Orders::get(account(1)), 1);
		},
	);
}

#[test]
fn account_leaves_when_what_its_orders_had_set_aside_restores_it() {
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			fund(3, 1_000);
			Orders::insert(account(1), 2);
			SetAside::insert(account(1), (5_000 * USD, 0));
		},
		|| {
			opt_in(3, sp_arithmetic::Permill::zero(), 1_000);
			take_events();
			next_block();
			let events = take_events();
			assert!(matches!(events[0], Event::Entered { .. }));
			assert_eq!(events[1], cancelled(2, false));
			assert!(matches!(events[2], Event::Restored { .. }), "{events:?}");
			assert!(!is_queued(1));
		},
	);
}

#[test]
fn nothing_is_sold_while_more_that_was_set_aside_is_to_come_back() {
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			fund(3, 1_000);
			// A cent each: they save nobody.
			Orders::insert(account(1), 4);
			SetAside::insert(account(1), (USD / 100, 0));
		},
		|| {
			opt_in(3, sp_arithmetic::Permill::zero(), 1_000);
			take_events();
			next_block();
			let events = take_events();
			assert_eq!(events[1], cancelled(3, true));
			assert_eq!(events.len(), 2, "nothing else is done");
			next_block();
			let events = take_events();
			assert_eq!(events[0], cancelled(1, false));
			assert!(events.len() > 1, "a slice was taken after that");
		},
	);
}

#[test]
fn nothing_is_sold_while_a_feed_of_what_came_back_is_stale() {
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			fund(3, 1_000);
			Orders::insert(account(1), 1);
			SetAside::insert(account(1), (0, 1));
		},
		|| {
			opt_in(3, sp_arithmetic::Permill::zero(), 1_000);
			set_live(DOT, 0);
			take_events();
			next_block();
			let events = take_events();
			assert_eq!(events[1], cancelled(1, false));
			let stalled = Event::Stalled { account: account(1), reason: Stall::StaleFeed };
			assert_eq!(events[2..], [stalled]);
			set_live(DOT, 1_000);
			next_block();
			assert!(take_events().len() > 1, "it goes on");
		},
	);
}
