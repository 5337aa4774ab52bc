use crate::{
	mock::*, BookPages, CancelCause, Error, Event, Levels, OrderTerms, SelfTrade, TimeInForce,
};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{
	Contracts, InstrumentError, InstrumentRegistry,
	OrderSide::{Buy, Sell},
	Price,
};

#[test]
fn order_rests_when_nothing_crosses_it() {
	ExtBuilder::build_and_execute(|| {
		let id = rest(MAKER, limit(Sell, 2, 100));
		let terms = limit(Sell, 2, 100);
		System::assert_has_event(
			Event::OrderPlaced { order: id, account: MAKER.account(0), terms }.into(),
		);
		assert_eq!(held(MAKER), OrderDeposit::get());
		let totals = Totals::get(MAKER.account(0), PERPETUAL).expect("it is counted");
		assert_eq!(totals.sells, Contracts::from_u32(2));
	});
}

#[test]
fn taker_fills_the_best_price_first_then_the_oldest() {
	ExtBuilder::build_and_execute(|| {
		let dear = rest(MAKER, limit(Sell, 2, 101));
		let first = rest(MAKER, limit(Sell, 1, 100));
		let second = rest(STRANGER, limit(Sell, 2, 100));
		order_events();
		assert_ok!(place(TAKER, taking(Buy, 4, 101)));
		let (fills, cancelled) = order_events();
		assert_eq!(fills, [(first, 1, 100), (second, 2, 100), (dear, 1, 101)]);
		assert!(cancelled.is_empty());
		assert_eq!((position(TAKER), position(MAKER), position(STRANGER)), (4, -2, -2));
		// The order of which one is left keeps its deposit; the others' came back.
		assert_eq!((held(MAKER), held(STRANGER)), (OrderDeposit::get(), 0));
	});
}

#[test]
fn fill_names_both_orders_and_what_each_side_paid() {
	ExtBuilder::build_and_execute(|| {
		let maker_order = rest(MAKER, limit(Buy, 3, 99));
		assert_ok!(place(TAKER, taking(Sell, 3, 98)));
		System::assert_last_event(
			Event::OrderFilled {
				taker_order: maker_order + 1,
				maker_order,
				taker: TAKER.account(0),
				maker: MAKER.account(0),
				instrument: PERPETUAL,
				side: Sell,
				size: Contracts::from_u32(3),
				price: Price::from_u32(99),
				taker_fee: FEES.taker,
				maker_fee: FEES.maker,
			}
			.into(),
		);
	});
}

#[test]
fn nothing_is_left_in_storage_when_the_last_order_goes() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 100));
		assert_ok!(place(TAKER, limit(Buy, 2, 100)));
		assert_eq!(Levels::<Test>::iter().count() + BookPages::<Test>::iter().count(), 0);
		assert_eq!(crate::Books::<Test>::iter().count() + crate::Orders::<Test>::iter().count(), 0);
		assert_eq!(crate::OrdersOf::<Test>::iter().count() + Totals::iter().count(), 0);
	});
}

#[test]
fn rest_of_a_taker_rests_when_it_is_one_that_rests() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 100));
		assert_ok!(place(TAKER, limit(Buy, 5, 100)));
		let totals = Totals::get(TAKER.account(0), PERPETUAL).expect("it is counted");
		assert_eq!(totals.buys, Contracts::from_u32(3));
		assert_eq!(held(TAKER), OrderDeposit::get());
	});
}

#[test]
fn rest_of_a_taker_is_cancelled_when_it_is_immediate() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 100));
		order_events();
		assert_ok!(place(TAKER, taking(Buy, 5, 100)));
		assert_eq!(order_events().1, [(1, 3, CancelCause::Unfilled)]);
		assert_eq!(held(TAKER), 0);
	});
}

#[test]
fn fill_or_kill_fails_when_it_does_not_fill() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 100));
		let order =
			|size| OrderTerms { time_in_force: TimeInForce::FillOrKill, ..limit(Buy, size, 100) };
		assert_noop!(place(TAKER, order(3)), Error::<Test>::NotFilled);
		assert_ok!(place(TAKER, order(2)));
	});
}

#[test]
fn post_only_fails_when_it_would_fill() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 100));
		let time_in_force = TimeInForce::Resting { until: None, post_only: true };
		let order = |price| OrderTerms { time_in_force, ..limit(Buy, 1, price) };
		assert_noop!(place(TAKER, order(100)), Error::<Test>::WouldFill);
		rest(TAKER, order(99));
	});
}

#[test]
fn reduce_only_is_cut_to_the_position() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 100));
		assert_ok!(place(TAKER, taking(Buy, 2, 100)));
		rest(MAKER, limit(Buy, 5, 99));
		let order = OrderTerms { reduce_only: true, ..taking(Sell, 4, 99) };
		let other_way = OrderTerms { side: Buy, ..order.clone() };
		assert_noop!(place(TAKER, other_way), Error::<Test>::NothingToReduce);
		let resting = OrderTerms { reduce_only: true, ..limit(Sell, 4, 99) };
		assert_noop!(place(TAKER, resting), Error::<Test>::ReduceOnlyRests);
		assert_ok!(place(TAKER, order));
		assert_eq!(position(TAKER), 0);
	});
}

#[test]
fn refused_maker_loses_its_order_and_the_taker_goes_on() {
	ExtBuilder::build_and_execute(|| {
		let broke = rest(STRANGER, limit(Sell, 2, 100));
		let good = rest(MAKER, limit(Sell, 2, 100));
		Broke::insert(STRANGER.account(0), ());
		order_events();
		assert_ok!(place(TAKER, taking(Buy, 2, 100)));
		let (fills, cancelled) = order_events();
		assert_eq!(fills, [(good, 2, 100)]);
		assert_eq!(cancelled, [(broke, 2, CancelCause::Refused(BROKE))]);
		assert_eq!(held(STRANGER), 0);
	});
}

#[test]
fn taker_that_fails_the_gate_changes_nothing() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 100));
		GateIsShut::put(true);
		assert_noop!(place(TAKER, limit(Buy, 3, 100)), GATE);
	});
}

#[test]
fn order_of_the_same_account_is_cancelled_as_asked() {
	ExtBuilder::build_and_execute(|| {
		let own = rest(TAKER, limit(Sell, 2, 100));
		order_events();
		let order = |self_trade| OrderTerms { self_trade, ..taking(Buy, 1, 100) };
		assert_ok!(place(TAKER, order(SelfTrade::CancelTaking)));
		assert_eq!(order_events().1, [(1, 1, CancelCause::SelfTrade)]);
		assert_ok!(place(TAKER, order(SelfTrade::CancelBoth)));
		let expected = [(own, 2, CancelCause::SelfTrade), (2, 1, CancelCause::SelfTrade)];
		assert_eq!(order_events().1, expected);
	});
}

#[test]
fn sub_accounts_of_one_owner_trade_with_each_other() {
	ExtBuilder::build_and_execute(|| {
		rest(TAKER, limit(Sell, 2, 100));
		assert_ok!(Trading::place_order(TAKER.origin(), TAKER.account(1), taking(Buy, 2, 100), 1));
		assert_eq!(position(TAKER), -2);
	});
}

#[test]
fn order_is_cancelled_when_it_needs_more_fills_than_it_may_take() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 1, 100));
		rest(MAKER, limit(Sell, 1, 101));
		order_events();
		let buy =
			|max| Trading::place_order(TAKER.origin(), TAKER.account(0), limit(Buy, 2, 101), max);
		assert_noop!(buy(MaxFills::get() + 1), Error::<Test>::TooManyFills);
		assert_ok!(buy(1));
		assert_eq!(order_events().1, [(2, 1, CancelCause::BoundReached)]);
	});
}

#[test]
fn unused_fills_are_given_back() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 1, 100));
		let weighed = |order| place(TAKER, order).expect("it is placed").actual_weight;
		let one = weighed(taking(Buy, 1, 100)).expect("it is told");
		let none = weighed(taking(Buy, 1, 100)).expect("it is told");
		assert!(none.ref_time() < one.ref_time());
		assert!(one.ref_time() < Trading::place_weight(MaxFills::get()).ref_time());
	});
}

#[test]
fn expired_order_is_removed_when_it_is_met() {
	ExtBuilder::build_and_execute(|| {
		let id = rest(MAKER, until(2, limit(Sell, 1, 100)));
		run_to_block(3);
		order_events();
		assert_ok!(place(TAKER, taking(Buy, 1, 100)));
		let (fills, cancelled) = order_events();
		assert!(fills.is_empty());
		assert_eq!(cancelled[0], (id, 1, CancelCause::Expired));
		assert_noop!(place(MAKER, until(2, limit(Sell, 1, 100))), Error::<Test>::OrderExpired);
	});
}

#[test]
fn order_is_refused_by_name_when_its_terms_are_wrong() {
	ExtBuilder::build_and_execute(|| {
		let refused = |order: OrderTerms, error: Error<Test>| {
			assert_noop!(place(TAKER, order), error);
		};
		let good = limit(Buy, 1, 100);
		refused(OrderTerms { size: Contracts::ZERO, ..good.clone() }, Error::ZeroSize);
		let negative = Contracts::from_u32(1).checked_neg().expect("small");
		refused(OrderTerms { size: negative, ..good.clone() }, Error::ZeroSize);
		let part = Contracts::from_rational(101, 100);
		refused(OrderTerms { size: part, ..good.clone() }, Error::SizeNotInLots);
		refused(OrderTerms { price: Price::ZERO, ..good.clone() }, Error::ZeroPrice);
		let between = Price::from_rational(1_001, 10);
		refused(OrderTerms { price: between, ..good.clone() }, Error::PriceNotInTicks);
		let high = Price::from_u32(1 << 30);
		refused(OrderTerms { price: high, ..good.clone() }, Error::PriceOutOfRange);
		let small = Contracts::from_rational(1, 10);
		refused(
			OrderTerms { size: small, price: Price::from_u32(99), ..good.clone() },
			Error::OrderTooSmall,
		);
		refused(
			OrderTerms { instrument: call_option(1), ..good.clone() },
			Error::UnknownInstrument,
		);
		assert_eq!(FakeRegistry::tradable(&call_option(1)), Err(InstrumentError::Unknown));
		let stranger = Trading::place_order(STRANGER.origin(), TAKER.account(0), good, 0);
		assert_noop!(stranger, Error::<Test>::NotAllowedToTrade);
	});
}

#[test]
fn delegate_places_and_the_owner_pays_the_deposit() {
	ExtBuilder::build_and_execute(|| {
		Delegates::insert(MAKER.account(0), STRANGER.id(), ());
		let order = limit(Sell, 1, 100);
		assert_ok!(Trading::place_order(STRANGER.origin(), MAKER.account(0), order, 0));
		assert_eq!((held(MAKER), held(STRANGER)), (OrderDeposit::get(), 0));
	});
}

#[test]
fn order_is_refused_when_there_is_no_room() {
	ExtBuilder::build_and_execute(|| {
		for _ in 0..MaxOrdersPerLevel::get() {
			rest(MAKER, limit(Sell, 1, 100));
		}
		assert_noop!(place(TAKER, limit(Sell, 1, 100)), Error::<Test>::LevelFull);
		for price in 0..MaxOrdersPerAccount::get() - MaxOrdersPerLevel::get() {
			rest(MAKER, limit(Sell, 1, 101 + price));
		}
		assert_noop!(place(MAKER, limit(Sell, 1, 110)), Error::<Test>::TooManyOrders);
	});
}

#[test]
fn order_is_refused_when_the_owner_has_no_deposit() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(Balances::force_set_balance(
			RuntimeOrigin::root(),
			MAKER.id(),
			OrderDeposit::get() - 1
		));
		assert!(place(MAKER, limit(Sell, 1, 100)).is_err());
	});
}

#[test]
fn book_of_an_earlier_listing_takes_no_orders_until_it_is_empty() {
	ExtBuilder::build_and_execute(|| {
		let id = rest(MAKER, limit(Sell, 1, 100));
		let relist = |tick| {
			let mut listed = Listed::get(PERPETUAL).expect("it is listed");
			listed.0.tick = Price::from_u32(tick);
			Listed::insert(PERPETUAL, listed);
		};
		relist(2);
		assert_noop!(place(TAKER, limit(Buy, 1, 100)), Error::<Test>::BookOfOtherTerms);
		let orders = vec![id].try_into().expect("one");
		assert_ok!(Trading::sweep_orders(TAKER.origin(), orders));
		assert_ok!(place(TAKER, limit(Buy, 1, 100)));
	});
}
