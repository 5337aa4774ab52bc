use crate::{mock::*, Accounts, Delegates, Error, Event, OpenOrderTotals};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{
	BookClearing, Instrument, LiquidationLedger, OrderSide, Resting, Stance, UsdValue,
};
use sp_arithmetic::Perquintill;

fn release(owner: AccountId, cancelled: &Resting) {
	<Margin as BookClearing<AccountId>>::release_order(&sub(owner), cancelled);
}

fn bid(size: i128, usd: u32) -> Resting {
	resting(OrderSide::Buy, perpetual(), lots(size), usd)
}

fn ask(size: i128, usd: u32) -> Resting {
	resting(OrderSide::Sell, perpetual(), lots(size), usd)
}

#[test]
fn orders_are_summed_by_instrument_and_side() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100_000);
		assert_ok!(try_rest(ALICE, bid(2, 2_990)));
		assert_ok!(try_rest(ALICE, bid(1, 2_980)));
		assert_ok!(try_rest(ALICE, ask(4, 3_010)));
		rest(ALICE, OrderSide::Buy, Instrument::perpetual(BTC), milli(10), 59_000);
		let totals = open_orders(ALICE, perpetual());
		assert_eq!((totals.buys, totals.buys_value), (lots(3), UsdValue::from_u32(8_960)));
		assert_eq!((totals.sells, totals.sells_value), (lots(4), UsdValue::from_u32(12_040)));
		assert_eq!(OpenOrderTotals::<Test>::get(sub(ALICE)).len(), 2);
		release(ALICE, &bid(2, 2_990));
		release(ALICE, &ask(4, 3_010));
		let totals = open_orders(ALICE, perpetual());
		assert_eq!((totals.buys, totals.buys_value), (lots(1), UsdValue::from_u32(2_980)));
		assert_eq!((totals.sells, totals.sells_value), (lots(0), UsdValue::ZERO));
	});
}

#[test]
fn order_is_refused_when_the_account_could_not_carry_it() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		assert_ok!(try_rest(ALICE, bid(10, 3_000)));
		assert_noop!(try_rest(ALICE, bid(10, 3_000)), Error::<Test>::InitialMarginNotMet);
		// On the other side as much again costs nothing more.
		assert_ok!(try_rest(ALICE, ask(10, 3_000)));
		assert_noop!(try_rest(ALICE, bid(0, 3_000)), Error::<Test>::ZeroSize);
	});
}

#[test]
fn order_is_refused_when_its_price_gives_too_much_away() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		assert_noop!(try_rest(ALICE, bid(1, 20_000)), Error::<Test>::InitialMarginNotMet);
		assert_noop!(try_rest(ALICE, ask(4, 1)), Error::<Test>::InitialMarginNotMet);
	});
}

#[test]
fn orders_are_refused_when_they_are_in_too_many_instruments() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100_000);
		for instrument in [perpetual(), future(), call(2_900), call(3_000)] {
			rest(ALICE, OrderSide::Buy, instrument, milli(1), 100);
		}
		let one_more = resting(OrderSide::Buy, call(3_100), milli(1), 100);
		assert_noop!(try_rest(ALICE, one_more), Error::<Test>::TooManyOrderInstruments);
	});
}

#[test]
fn withdrawal_is_refused_when_open_orders_need_the_cash() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		assert_ok!(try_rest(ALICE, ask(10, 3_000)));
		let withdraw =
			|dollars| Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(dollars));
		assert_noop!(withdraw(5_000), Error::<Test>::InitialMarginNotMet);
		assert_noop!(withdraw(10_000), Error::<Test>::HasOpenOrders);
		release(ALICE, &ask(10, 3_000));
		assert_ok!(withdraw(10_000));
	});
}

#[test]
fn block_trade_is_refused_when_open_orders_need_the_margin() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 100_000);
		assert_ok!(try_rest(ALICE, bid(10, 3_000)));
		let buy = || trade(ALICE, BOB, perpetual(), lots(8), price(3_000));
		assert_noop!(buy(), Error::<Test>::InitialMarginNotMet);
		// Against its orders, it may.
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(-8), price(3_000)));
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(8), price(3_000)));
		release(ALICE, &bid(10, 3_000));
		assert_ok!(buy());
	});
}

#[test]
fn slice_is_refused_when_the_receivers_open_orders_need_the_margin() {
	ExtBuilder::build_and_execute(|| {
		for owner in [ALICE, BOB, CHARLIE] {
			deposit_cash(owner, 10_000);
		}
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(10), price(3_000)));
		assert_ok!(try_rest(CHARLIE, bid(13, 3_000)));
		lose(ALICE, BOB, usd(8_000));
		let slice = || {
			let (from, to) = (sub(ALICE), sub(CHARLIE));
			let half = Perquintill::from_percent(50);
			<Margin as LiquidationLedger<AccountId>>::transfer_slice(&from, &to, half, 0)
		};
		assert_noop!(slice(), Error::<Test>::InitialMarginNotMet);
		release(CHARLIE, &bid(13, 3_000));
		assert_ok!(slice());
	});
}

#[test]
fn health_does_not_look_at_open_orders() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 10_000);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(5), price(3_000)));
		let health =
			|| <Margin as LiquidationLedger<AccountId>>::health(&sub(ALICE), Stance::Favourable);
		let before = health();
		assert_ok!(try_rest(ALICE, bid(3, 3_100)));
		assert_eq!(health(), before);
	});
}

#[test]
fn orders_in_what_has_expired_count_nothing() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		rest(ALICE, OrderSide::Sell, future(), lots(10), 3_000);
		let withdraw = || Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(9_000));
		assert_noop!(withdraw(), Error::<Test>::InitialMarginNotMet);
		set_time(EXPIRY);
		assert_ok!(withdraw());
		let report = Margin::account_report(&sub(ALICE)).expect("priced");
		assert_eq!(report.order_margin, Some(UsdValue::ZERO));
	});
}

#[test]
fn orders_need_live_prices_of_what_they_are_in() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		let btc = resting(OrderSide::Buy, Instrument::perpetual(BTC), milli(10), 60_000);
		set_stale(BTC);
		assert_noop!(try_rest(ALICE, btc), Error::<Test>::StalePrice);
	});
}

#[test]
fn account_stays_until_its_last_order_is_gone() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 100_000);
		assert_ok!(Margin::add_delegate(RuntimeOrigin::signed(ALICE), 0, CHARLIE));
		assert_ok!(try_rest(ALICE, bid(1, 3_000)));
		assert_ok!(try_rest(ALICE, bid(1, 2_900)));
		// All it has is taken by a liquidation.
		lose(ALICE, BOB, usd(10_000));
		assert!(Accounts::<Test>::get(sub(ALICE)).expect("has orders").is_empty());
		check_all();
		release(ALICE, &bid(1, 3_000));
		assert!(Accounts::<Test>::contains_key(sub(ALICE)));
		events();
		release(ALICE, &bid(1, 2_900));
		assert!(!Accounts::<Test>::contains_key(sub(ALICE)));
		assert!(!Delegates::<Test>::contains_key(sub(ALICE)));
		assert_eq!(events(), vec![Event::AccountClosed { account: sub(ALICE) }]);
	});
}

#[test]
fn release_changes_nothing_when_nothing_is_open() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		release(ALICE, &bid(1, 3_000));
		release(EVE, &bid(1, 3_000));
		assert_ok!(try_rest(ALICE, bid(1, 3_000)));
		release(ALICE, &resting(OrderSide::Buy, future(), lots(1), 3_000));
		assert_eq!(open_orders(ALICE, perpetual()).buys, lots(1));
		release(ALICE, &bid(2, 3_000));
		assert_eq!(OpenOrderTotals::<Test>::iter().count(), 0);
	});
}
