//! How orders go: cancelled one by one, all, in batches, by anybody, and by the waterfall.

use crate::{
	mock::*, CancelCause, Error, Event, Operation, OrderTerms, Orders, OrdersOf, TimeInForce,
};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use plimsoll_primitives::{
	Cancelled, MassCancel, OpenOrders,
	OrderSide::{Buy, Sell},
	Price,
};

fn cancel(owner: AccountId, id: u64) -> sp_runtime::DispatchResult {
	Spot::cancel_order(RuntimeOrigin::signed(owner), sub(owner), id)
}

#[test]
fn what_was_set_aside_comes_back_when_an_order_is_cancelled() {
	execute(|| {
		let before = held(ALICE);
		let (bid, ask) =
			(rest(ALICE, limit(Buy, 100, 2_900)), rest(ALICE, limit(Sell, 100, 3_100)));
		events();
		assert_ok!(cancel(ALICE, bid));
		assert_ok!(cancel(ALICE, ask));
		assert_eq!((held(ALICE), aside(ALICE), deposits(ALICE)), (before, (0, 0), 0));
		assert_eq!(
			cancellations(),
			[(bid, 100, CancelCause::Requested), (ask, 100, CancelCause::Requested)]
		);
		assert_noop!(cancel(ALICE, bid), Error::<Test>::UnknownOrder);
	});
}

#[test]
fn order_is_cancelled_by_those_who_may_trade_for_its_account_only() {
	execute(|| {
		fund(BOB, usd(1_000), ONE);
		let bid = rest(ALICE, limit(Buy, 100, 2_900));
		assert_noop!(cancel(BOB, bid), Error::<Test>::NotYourOrder);
		let stranger = Spot::cancel_order(RuntimeOrigin::signed(BOB), sub(ALICE), bid);
		assert_noop!(stranger, Error::<Test>::NotAuthorised);
		assert_ok!(Spot::cancel_order(RuntimeOrigin::signed(DELEGATE), sub(ALICE), bid));
	});
}

#[test]
fn all_orders_of_an_account_are_cancelled() {
	execute(|| {
		fund(CAROL, usd(1_000), ONE);
		let others = rest(CAROL, limit(Buy, 100, 2_900));
		let before = held(ALICE);
		rest(ALICE, limit(Buy, 100, 2_900));
		rest(ALICE, limit(Sell, 100, 3_100));
		let all = |of| Spot::cancel_all(RuntimeOrigin::signed(ALICE), sub(ALICE), of);
		assert_ok!(all(Some(SAME)));
		assert_eq!(OrdersOf::<Test>::get(sub(ALICE)).len(), 2);
		assert_ok!(all(Some(ETH)));
		assert_ok!(all(None));
		assert_eq!(held(ALICE), before);
		assert!(Orders::<Test>::contains_key(others));
	});
}

#[test]
fn replacement_is_both_or_neither() {
	execute(|| {
		let bid = rest(ALICE, limit(Buy, 100, 2_900));
		let replace = |order: OrderTerms| {
			frame_support::storage::with_storage_layer(|| {
				let origin = RuntimeOrigin::signed(ALICE);
				Spot::replace_order(origin, sub(ALICE), bid, order, 0).map_err(|error| error.error)
			})
		};
		assert_noop!(replace(limit(Buy, 0, 2_950)), Error::<Test>::ZeroAmount);
		assert!(Orders::<Test>::contains_key(bid));
		// What the old one had set aside pays for the new one.
		let (cash, _) = held(ALICE);
		let lots = (cash + aside(ALICE).0) / usd(3);
		assert_ok!(replace(limit(Buy, lots, 3_000)));
		assert!(!Orders::<Test>::contains_key(bid));
		assert!(held(ALICE).0 < usd(3));
	});
}

#[test]
fn operations_of_a_batch_fail_by_themselves() {
	execute(|| {
		let bid = rest(ALICE, limit(Buy, 100, 2_900));
		events();
		let operations = BoundedVec::truncate_from(vec![
			Operation::Place(limit(Buy, 0, 2_900)),
			Operation::Replace(bid, limit(Buy, 200, 2_910)),
			Operation::Cancel(bid),
			Operation::Place(limit(Sell, 100, 3_100)),
		]);
		assert_ok!(Spot::batch(RuntimeOrigin::signed(ALICE), sub(ALICE), operations, 4));
		let failed = |event: &Event<Test>| match event {
			Event::OperationFailed { index, error } => Some((*index, *error)),
			_ => None,
		};
		let failures: Vec<_> = events().iter().filter_map(failed).collect();
		assert_eq!(
			failures,
			[(0, Error::<Test>::ZeroAmount.into()), (2, Error::<Test>::UnknownOrder.into())]
		);
		assert_eq!(aside(ALICE), (usd(582), 100 * LOT));
	});
}

#[test]
fn batch_gives_back_what_its_trades_did_not_use() {
	execute(|| {
		let weighed = |operations: Vec<Operation>| {
			let most = Spot::batch_weight(operations.len() as u32, 0);
			let operations = BoundedVec::truncate_from(operations);
			let post = Spot::batch(RuntimeOrigin::signed(ALICE), sub(ALICE), operations, 0);
			let used = post.expect("it passes").actual_weight.expect("it is told");
			assert!(used.all_lte(most));
			most.saturating_sub(used)
		};
		// A trade of the largest account weighs a million, one of these accounts a tenth of that.
		let bid = |price| Operation::Place(limit(Buy, 100, price));
		let base = weighed(vec![]).ref_time();
		assert_eq!(weighed(vec![bid(2_900), bid(2_910)]).ref_time(), base + 2 * 900_000);
		// What fails has used what it has used, and a cancellation opens no trade.
		let failing = Operation::Place(limit(Buy, 0, 2_900));
		assert_eq!(weighed(vec![failing, bid(2_920)]).ref_time(), base + 2 * 900_000);
		assert_eq!(weighed(vec![Operation::Cancel(0)]).ref_time(), base + 1_000_000);
	});
}

#[test]
fn anybody_sweeps_what_cannot_fill_any_more() {
	execute(|| {
		let until = TimeInForce::Resting { until: Some(3), post_only: false };
		let good = rest(ALICE, limit(Buy, 100, 2_900));
		let expiring = rest(ALICE, OrderTerms { time_in_force: until, ..limit(Buy, 100, 2_900) });
		let sweep = |orders: &[u64]| {
			let orders = BoundedVec::truncate_from(orders.to_vec());
			Spot::sweep_orders(RuntimeOrigin::signed(BOB), orders)
		};
		System::set_block_number(3);
		assert_noop!(sweep(&[good, expiring, 99]), Error::<Test>::NothingToSweep);
		System::set_block_number(4);
		events();
		assert_ok!(sweep(&[good, expiring]));
		assert_eq!(cancellations(), [(expiring, 100, CancelCause::Expired)]);
		assert_ok!(Spot::set_pair(RuntimeOrigin::root(), ETH, None));
		assert_noop!(place(ALICE, limit(Buy, 100, 2_900), 0), Error::<Test>::UnknownPair);
		assert_ok!(sweep(&[good]));
		assert_eq!(cancellations(), [(good, 100, CancelCause::NotTraded)]);
		assert_eq!(aside(ALICE), (0, 0));
	});
}

#[test]
fn ticks_and_lots_change_only_once_no_order_rests() {
	execute(|| {
		let bid = rest(ALICE, limit(Buy, 100, 2_900));
		let finer = crate::PairTerms { tick: Price::from_rational(1, 1_000), ..terms() };
		let set = |terms| Spot::set_pair(RuntimeOrigin::root(), ETH, terms);
		assert_noop!(set(Some(finer)), Error::<Test>::OrdersRest);
		let narrower =
			crate::PairTerms { price_band: sp_runtime::Permill::from_percent(5), ..terms() };
		assert_ok!(set(Some(narrower)));
		assert_ok!(set(None));
		assert_noop!(set(Some(finer)), Error::<Test>::OrdersRest);
		assert_ok!(cancel(ALICE, bid));
		assert_ok!(set(Some(finer)));
	});
}

#[test]
fn waterfall_cancels_the_latest_first_and_gives_back_what_they_had_set_aside() {
	execute(|| {
		let before = held(ALICE);
		let orders = [2_900, 2_901, 2_902].map(|dollars| rest(ALICE, limit(Buy, 10, dollars)));
		events();
		let waterfall = |limit| Spot::cancel_orders(&sub(ALICE), limit, MassCancel::Liquidation);
		assert_eq!(
			waterfall(2),
			Cancelled { orders: 2, are_left: true, released: true, withheld: true }
		);
		let expected = [orders[2], orders[1]].map(|id| (id, 10, CancelCause::Liquidation));
		assert_eq!(cancellations(), expected);
		assert_eq!(
			Spot::cancel_orders(&sub(ALICE), 9, MassCancel::Silence),
			Cancelled { orders: 1, are_left: false, released: true, withheld: false }
		);
		assert_eq!(cancellations()[0].2, CancelCause::Silence);
		assert_eq!(waterfall(2), Cancelled::default());
		assert_eq!(held(ALICE), before);
	});
}
