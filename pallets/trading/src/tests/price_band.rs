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
