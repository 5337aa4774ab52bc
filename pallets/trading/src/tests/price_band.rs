//! The mark is 100 and the band 20 % of it for what is linear.

use crate::{mock::*, CancelCause, OrderTerms};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{
	OrderSide::{Buy, Sell},
	Price,
};
use sp_runtime::DispatchError;

#[test]
fn taker_stops_at_a_price_that_would_harm_it() {
	ExtBuilder::build_and_execute(|| {
		let at_the_end = rest(MAKER, limit(Sell, 1, 120));
		rest(MAKER, limit(Sell, 1, 121));
		order_events();
		assert_ok!(place(TAKER, limit(Buy, 2, 130)));
		let (fills, cancelled) = order_events();
		assert_eq!(fills, [(at_the_end, 1, 120)]);
		assert_eq!(cancelled, [(2, 1, CancelCause::PriceBand)]);
	});
}

#[test]
fn resting_order_goes_when_a_fill_would_harm_it() {
	ExtBuilder::build_and_execute(|| {
		let stale = rest(MAKER, limit(Sell, 1, 79));
		let good = rest(MAKER, limit(Sell, 1, 80));
		order_events();
		assert_ok!(place(TAKER, limit(Buy, 1, 90)));
		let (fills, cancelled) = order_events();
		assert_eq!(fills, [(good, 1, 80)]);
		assert_eq!(cancelled, [(stale, 1, CancelCause::PriceBand)]);
	});
}

#[test]
fn band_has_two_sides_for_sellers_too() {
	ExtBuilder::build_and_execute(|| {
		let stale = rest(MAKER, limit(Buy, 1, 121));
		rest(MAKER, limit(Buy, 1, 79));
		order_events();
		assert_ok!(place(TAKER, limit(Sell, 1, 70)));
		let cancelled = order_events().1;
		assert_eq!(cancelled, [(stale, 1, CancelCause::PriceBand), (2, 1, CancelCause::PriceBand)]);
	});
}

#[test]
fn nothing_fills_without_a_mark_but_orders_rest() {
	ExtBuilder::build_and_execute(|| {
		Marks::insert(PERPETUAL, None::<Price>);
		rest(MAKER, limit(Sell, 1, 100));
		let no_mark = DispatchError::Other("no mark");
		assert_noop!(place(TAKER, limit(Buy, 1, 100)), no_mark);
	});
}

#[test]
fn cheap_option_fills_within_ten_ticks() {
	ExtBuilder::build_and_execute(|| {
		let option = call_option(100);
		list(option);
		Marks::insert(option, Some(Price::ONE));
		let order = |order: OrderTerms| OrderTerms { instrument: option, ..order };
		// A tick is half a dollar: the band reaches to 6.
		let near = rest(MAKER, order(limit(Sell, 10, 6)));
		rest(MAKER, order(limit(Sell, 10, 7)));
		order_events();
		assert_ok!(place(TAKER, order(limit(Buy, 20, 7))));
		assert_eq!(order_events().0, [(near, 10, 6)]);
	});
}

#[test]
fn band_of_the_register_goes_before_that_of_the_kind() {
	ExtBuilder::build_and_execute(|| {
		let mut listed = Listed::get(PERPETUAL).expect("it is listed");
		listed.0.price_band = Some(sp_runtime::Permill::from_percent(6));
		Listed::insert(PERPETUAL, listed);
		let near = rest(MAKER, limit(Sell, 1, 106));
		rest(MAKER, limit(Sell, 1, 107));
		order_events();
		assert_ok!(place(TAKER, limit(Buy, 2, 110)));
		assert_eq!(order_events().0, [(near, 1, 106)]);
	});
}

/// Whether an order to buy at 130 fills in this block, of an ask at 121 and more.
fn fills_at(block: u32) -> bool {
	run_to_block(block);
	order_events();
	assert_ok!(place(TAKER, taking(Buy, 1, 150)));
	!order_events().0.is_empty()
}

#[test]
fn band_widens_while_all_that_is_offered_is_beyond_it_and_narrows_afterwards() {
	ExtBuilder::build_and_execute(|| {
		for price in [129, 131] {
			rest(MAKER, limit(Sell, 1, price));
		}
		// Five blocks a step; the usual edge is 120, the next ones 130 and 140.
		for (block, fills) in [(2, false), (6, false), (7, false), (8, true), (9, false)] {
			assert_eq!(fills_at(block), fills, "block {block}");
		}
		assert!(!fills_at(11));
		assert!(!fills_at(12));
		assert!(fills_at(13), "the second step");
		rest(MAKER, limit(Sell, 1, 121));
		assert!(!fills_at(19), "nobody has pressed for a span");
	});
}

#[test]
fn band_does_not_widen_while_something_is_offered_within_it() {
	ExtBuilder::build_and_execute(|| {
		for price in [120, 125] {
			rest(MAKER, limit(Sell, 5, price));
		}
		for block in 2..5 {
			run_to_block(block * 3);
			// It takes the best and stops at the edge, or takes only a part.
			assert_ok!(place(TAKER, taking(Buy, 1, 150)));
			let book = crate::Books::<Test>::get(PERPETUAL).expect("it has orders");
			assert_eq!(book.pressure, None);
		}
	});
}

#[test]
fn band_widens_on_the_pressed_side_only() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 1, 125));
		let stale = rest(STRANGER, limit(Buy, 1, 75));
		for block in [2, 7] {
			assert!(!fills_at(block));
		}
		run_to_block(8);
		order_events();
		assert_ok!(place(MAKER, taking(Sell, 1, 70)));
		assert!(order_events().0.is_empty());
		assert!(crate::Orders::<Test>::contains_key(stale));
	});
}

#[test]
fn pressure_goes_with_the_last_order_of_its_book() {
	ExtBuilder::build_and_execute(|| {
		let id = rest(MAKER, limit(Sell, 1, 125));
		assert!(!fills_at(2));
		let book = crate::Books::<Test>::get(PERPETUAL).expect("it has orders");
		assert!(book.pressure.is_some());
		assert_ok!(Trading::cancel_order(MAKER.origin(), MAKER.account(0), id));
		assert_eq!(crate::Books::<Test>::get(PERPETUAL), None);
	});
}
