use crate::{mock::*, CancelCause, Error, Event, Orders, OrdersOf, SelfTrade, TimeInForce};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{
	CollateralId,
	OrderSide::{Buy, Sell},
	Price,
};
use sp_runtime::{DispatchError, Permill};

fn charge_fees() {
	FeeRates::set((Permill::from_parts(200), Permill::from_parts(500)));
}

/// Everybody has something to trade.
fn execute_funded(test: impl FnOnce()) {
	execute(|| {
		fund(CAROL, usd(100_000), 10 * ONE);
		fund(BOB, usd(100_000), 10 * ONE);
		events();
		test();
	});
}

#[test]
fn order_that_meets_nothing_rests_and_sets_aside_what_it_gives() {
	execute_funded(|| {
		charge_fees();
		let bid = rest(CAROL, limit(Buy, 1_000, 2_900));
		let ask = rest(CAROL, limit(Sell, 2_000, 3_100));
		assert_eq!(aside(CAROL), (2_900_580_000, 2 * ONE));
		assert_eq!(held(CAROL), (usd(100_000) - 2_900_580_000, 8 * ONE));
		assert_eq!(deposits(CAROL), 2 * DEPOSIT);
		assert_eq!(OrdersOf::<Test>::get(sub(CAROL)).to_vec(), [bid, ask]);
		assert!(Seen::contains_key(sub(CAROL)));
		let placed =
			Event::OrderPlaced { order: bid, account: sub(CAROL), terms: limit(Buy, 1_000, 2_900) };
		assert_eq!(events()[0], placed);
	});
}

#[test]
fn order_fills_best_price_first_then_oldest_at_the_makers_prices() {
	execute_funded(|| {
		charge_fees();
		let first = rest(CAROL, limit(Sell, 500, 3_010));
		let second = rest(BOB, limit(Sell, 500, 3_010));
		let best = rest(CAROL, limit(Sell, 200, 3_000));
		events();
		assert_ok!(place(ALICE, immediate(Buy, 1_000, 3_050), 10));
		let fill = |event| match event {
			Event::OrderFilled {
				maker_order, amount, price, cash, taker_fee, maker_fee, ..
			} => Some((maker_order, amount / LOT, price, cash, taker_fee, maker_fee)),
			_ => None,
		};
		let fills: Vec<_> = events().into_iter().filter_map(fill).collect();
		let (at_best, above) = (Price::from_u32(3_000), Price::from_u32(3_010));
		assert_eq!(
			fills,
			[
				(best, 200, at_best, usd(600), 300_000, 120_000),
				(first, 500, above, usd(1_505), 752_500, 301_000),
				(second, 300, above, usd(903), 451_500, 180_600),
			]
		);
		let paid = usd(600 + 1_505 + 903) + 300_000 + 752_500 + 451_500;
		assert_eq!(held(ALICE), (usd(100_000) - paid, 11 * ONE));
		assert_eq!(held(CAROL).0, usd(100_000 + 600 + 1_505) - 421_000);
		assert!(!Orders::<Test>::contains_key(first) && !Orders::<Test>::contains_key(best));
		assert_eq!((deposits(CAROL), deposits(BOB)), (0, DEPOSIT));
		assert_eq!(aside(BOB), (0, 200 * LOT));
	});
}

#[test]
fn bid_that_filled_in_parts_has_paid_the_fee_of_all_of_it() {
	execute_funded(|| {
		FeeRates::set((Permill::from_parts(333), Permill::zero()));
		let dear =
			crate::OrderTerms { price: Price::from_rational(290_001, 100), ..limit(Buy, 7, 1) };
		rest(CAROL, dear);
		// 20,300,070 units, of which 333 millionths are 6,759.92.
		assert_eq!(aside(CAROL).0, 20_300_070 + 6_760);
		for lots in [4, 1, 2] {
			let order = immediate(Sell, lots, 2_800);
			let small =
				crate::PairTerms { minimum_value: plimsoll_primitives::UsdValue::ZERO, ..terms() };
			assert_ok!(Spot::set_pair(RuntimeOrigin::root(), ETH, Some(small)));
			assert_ok!(place(ALICE, order, 10));
		}
		assert_eq!(aside(CAROL), (0, 0));
		assert_eq!(held(CAROL), (usd(100_000) - 20_300_070 - 6_760, 10 * ONE + 7 * LOT));
	});
}

#[test]
fn rest_of_an_order_rests_at_its_own_limit() {
	execute_funded(|| {
		rest(CAROL, limit(Sell, 400, 3_000));
		assert_ok!(place(ALICE, limit(Buy, 1_000, 3_020), 10));
		assert_eq!(held(ALICE).0, usd(100_000 - 1_200 - 1_812));
		assert_eq!(aside(ALICE).0, usd(1_812));
		assert_eq!(deposits(ALICE), DEPOSIT);
	});
}

#[test]
fn kinds_of_orders_do_what_they_say() {
	execute_funded(|| {
		let ask = rest(CAROL, limit(Sell, 400, 3_000));
		events();
		let post_only = TimeInForce::Resting { until: None, post_only: true };
		let with = |time_in_force, lots, dollars| crate::OrderTerms {
			time_in_force,
			..limit(Buy, lots, dollars)
		};
		assert_noop!(place(ALICE, with(post_only, 10, 3_000), 10), Error::<Test>::WouldFill);
		assert_ok!(place(ALICE, with(post_only, 10, 2_999), 10));
		let kill = TimeInForce::FillOrKill;
		assert_noop!(place(ALICE, with(kill, 401, 3_000), 10), Error::<Test>::NotFilled);
		assert_ok!(place(ALICE, with(kill, 300, 3_000), 10));
		assert_ok!(place(ALICE, immediate(Buy, 200, 3_000), 10));
		let (.., amount, cause) = cancellations().pop().expect("some is left");
		assert_eq!((amount, cause), (100, CancelCause::Unfilled));
		assert!(!Orders::<Test>::contains_key(ask));
		let late = TimeInForce::Resting { until: Some(0), post_only: false };
		assert_noop!(place(ALICE, with(late, 10, 2_900), 0), Error::<Test>::OrderExpired);
	});
}

#[test]
fn accounts_never_trade_with_themselves() {
	execute_funded(|| {
		for (self_trade, rests) in [
			(SelfTrade::CancelTaking, true),
			(SelfTrade::CancelResting, false),
			(SelfTrade::CancelBoth, false),
		] {
			let own = rest(ALICE, limit(Sell, 100, 3_000));
			events();
			let order = crate::OrderTerms { self_trade, ..immediate(Buy, 100, 3_000) };
			assert_ok!(place(ALICE, order, 10));
			assert_eq!(Orders::<Test>::contains_key(own), rests);
			assert_eq!(held(ALICE).0 + aside(ALICE).0, usd(100_000));
			let _ = Spot::cancel_all(RuntimeOrigin::signed(ALICE), sub(ALICE), None);
		}
		assert_eq!(held(ALICE), (usd(100_000), 10 * ONE));
	});
}

#[test]
fn orders_that_have_expired_or_whose_makers_are_silent_go_when_they_are_met() {
	execute_funded(|| {
		let until = TimeInForce::Resting { until: Some(3), post_only: false };
		let expiring =
			rest(CAROL, crate::OrderTerms { time_in_force: until, ..limit(Sell, 100, 2_990) });
		let silent = rest(BOB, limit(Sell, 100, 2_995));
		let good = rest(CAROL, limit(Sell, 100, 3_000));
		Silent::insert(sub(BOB), ());
		System::set_block_number(4);
		events();
		assert_ok!(place(ALICE, immediate(Buy, 100, 3_000), 1));
		let expected = [(expiring, 100, CancelCause::Expired), (silent, 100, CancelCause::Silence)];
		assert_eq!(cancellations(), expected);
		assert!(!Orders::<Test>::contains_key(good), "it has filled");
		assert_eq!((aside(CAROL), aside(BOB)), ((0, 0), (0, 0)));
	});
}

#[test]
fn maker_without_room_is_cancelled_and_the_taker_goes_on() {
	execute_funded(|| {
		let full = rest(BOB, limit(Buy, 100, 3_010));
		rest(CAROL, limit(Buy, 100, 3_000));
		Full::insert(sub(BOB), ());
		events();
		assert_ok!(place(ALICE, immediate(Sell, 100, 3_000), 1));
		// Events keep no text.
		let cause = CancelCause::Refused(DispatchError::Other(""));
		assert_eq!(cancellations(), [(full, 100, cause)]);
		assert_eq!(held(ALICE).0, usd(100_300));
		assert_eq!(held(BOB).0, usd(100_000));
	});
}

#[test]
fn nothing_fills_beyond_the_price_band() {
	execute_funded(|| {
		let cheap = rest(CAROL, limit(Sell, 100, 3_000));
		rest(BOB, limit(Sell, 100, 3_301));
		events();
		assert_ok!(place(ALICE, immediate(Buy, 200, 4_000), 10));
		assert_eq!(held(ALICE).1, 10 * ONE + 100 * LOT, "the one within the band");
		let left = cancellations();
		assert_eq!(left.len(), 1);
		assert_eq!((left[0].1, left[0].2), (100, CancelCause::PriceBand));
		assert!(!Orders::<Test>::contains_key(cheap));
		// Now the one above would be sold far below.
		let low = rest(CAROL, limit(Sell, 100, 3_100));
		EtherPrice::set(Some(Price::from_u32(3_600)));
		events();
		assert_ok!(place(ALICE, immediate(Buy, 100, 3_500), 10));
		assert_eq!(cancellations()[0], (low, 100, CancelCause::PriceBand));
		// In dollars; the settlement asset is worth less of them.
		CashPrice::set(Some(Price::from_rational(9, 10)));
		rest(CAROL, limit(Sell, 100, 4_200));
		assert_ok!(place(ALICE, immediate(Buy, 100, 4_200), 10));
	});
}

#[test]
fn orders_rest_without_prices_and_do_not_fill() {
	execute_funded(|| {
		EtherPrice::set(None);
		rest(CAROL, limit(Sell, 100, 3_000));
		assert_noop!(place(ALICE, immediate(Buy, 100, 3_000), 10), Error::<Test>::NoPrice);
		EtherPrice::set(Some(Price::from_u32(3_000)));
		CashPrice::set(None);
		assert_noop!(place(ALICE, immediate(Buy, 100, 3_000), 10), Error::<Test>::NoPrice);
	});
}

#[test]
fn order_takes_no_more_fills_than_it_may() {
	execute_funded(|| {
		rest(CAROL, limit(Sell, 100, 3_000));
		rest(CAROL, limit(Sell, 100, 3_001));
		events();
		assert_ok!(place(ALICE, limit(Buy, 200, 3_001), 1));
		let left = cancellations();
		assert_eq!((left[0].1, left[0].2), (100, CancelCause::BoundReached));
		assert_noop!(place(ALICE, limit(Buy, 200, 3_001), 11), Error::<Test>::TooManyFills);
	});
}

#[test]
fn order_is_refused_when_it_makes_no_sense() {
	execute_funded(|| {
		let refused = |order, error: Error<Test>| {
			assert_noop!(place(ALICE, order, 0), error);
		};
		refused(limit(Buy, 0, 3_000), Error::ZeroAmount);
		refused(limit(Buy, 1_000, 0), Error::ZeroPrice);
		let terms = limit(Buy, 1_000, 3_000);
		refused(crate::OrderTerms { amount: LOT + 1, ..terms.clone() }, Error::AmountNotInLots);
		let price = Price::from_rational(1, 1_000);
		refused(crate::OrderTerms { price, ..terms.clone() }, Error::PriceNotInTicks);
		let price = Price::from_u32(20_000_000);
		refused(crate::OrderTerms { price, ..terms.clone() }, Error::PriceOutOfRange);
		refused(limit(Buy, 3, 3_000), Error::OrderTooSmall);
		let collateral = CollateralId(9);
		refused(crate::OrderTerms { collateral, ..terms.clone() }, Error::UnknownPair);
		assert_noop!(
			place(ALICE, limit(Buy, 40_000, 3_000), 0),
			DispatchError::Other("the account lacks what is paid")
		);
		Poor::insert(sub(ALICE), ());
		assert_noop!(place(ALICE, terms, 0), DispatchError::Other("margin"));
		let stranger =
			Spot::place_order(RuntimeOrigin::signed(BOB), sub(ALICE), limit(Buy, 1_000, 3_000), 0);
		assert_eq!(stranger.expect_err("it is not his").error, Error::<Test>::NotAuthorised.into());
	});
}

#[test]
fn no_more_orders_rest_than_may() {
	execute_funded(|| {
		for dollars in 0..6 {
			rest(CAROL, limit(Buy, 10, 2_900 + dollars));
		}
		let one_more = || limit(Buy, 10, 2_800);
		assert_noop!(place(CAROL, one_more(), 0), Error::<Test>::TooManyOrders);
		for _ in 0..2 {
			rest(BOB, limit(Buy, 10, 2_900));
		}
		assert_noop!(place(BOB, limit(Buy, 10, 2_900), 0), Error::<Test>::LevelFull);
	});
}
