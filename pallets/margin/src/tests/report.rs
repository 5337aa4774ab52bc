use crate::{mock::*, AccountAsset, AccountReport, Change, Error, MarginApiError};
use frame_support::assert_ok;
use plimsoll_primitives::{
	Instrument, LiquidationLedger, OrderSide, Stance, UnderlyingId, UsdValue,
};
use plimsoll_risk::RiskError;

fn buy(instrument: Instrument, size: i128, at: Option<u32>) -> Change {
	Change::Trade { instrument, size: lots(size), price: at.map(price) }
}

#[test]
fn report_says_what_the_gate_and_the_waterfall_see() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_weth(ALICE, 500);
		deposit_cash(BOB, 100_000);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(2), price(3_000)));
		assert_ok!(trade(ALICE, BOB, call(3_000), lots(-1), price(200)));
		set_price(ETH, price(3_050));
		let report = Margin::account_report(&sub(ALICE)).expect("priced");
		assert_eq!(report.cash, 10_200_000_000);
		assert_eq!(report.collateral, vec![(ETH_COLLATERAL, weth(500))]);
		assert_eq!(report.positions.len(), 2);
		let perpetual_report = &report.positions[0];
		assert_eq!(perpetual_report.instrument, perpetual());
		assert_eq!(perpetual_report.mark, price(3_050));
		assert_eq!(perpetual_report.unrealised, UsdValue::from_u32(100));
		assert!(!perpetual_report.settling);
		for (stance, margin) in [
			(Stance::Mark, report.risk.margin),
			(Stance::Favourable, report.most_favourable),
			(Stance::Unfavourable, report.least_favourable.expect("live")),
		] {
			let health = <Margin as LiquidationLedger<AccountId>>::health(&sub(ALICE), stance)
				.expect("priced");
			assert_eq!(health.equity, margin.equity);
			assert_eq!(health.initial_margin, margin.initial);
			assert_eq!(health.maintenance_margin, margin.maintenance);
		}
	});
}

#[test]
fn report_has_no_free_collateral_when_a_price_is_stale() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 500);
		set_stale(ETH);
		let report = Margin::account_report(&sub(ALICE)).expect("last price");
		assert_eq!(report.free_collateral, None);
		assert_eq!(report.least_favourable, None);
		assert!(report.most_favourable.equity > report.risk.margin.equity);
	});
}

#[test]
fn report_marks_what_waits_for_settlement() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 10_000);
		assert_ok!(trade(ALICE, BOB, future(), lots(1), price(3_000)));
		expire_at(price(3_100));
		let report = Margin::account_report(&sub(ALICE)).expect("priced");
		assert!(report.positions[0].settling);
		assert_eq!(report.positions[0].mark, price(3_100));
		assert_eq!(report.risk.margin.equity, UsdValue::from_u32(10_100));
	});
}

#[test]
fn report_is_refused_when_the_account_does_not_exist() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(
			Margin::account_report(&sub(EVE)),
			Err(MarginApiError::Refused(Error::<Test>::AccountNotFound.into()))
		);
	});
}

#[test]
fn simulation_equals_what_then_happens() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(BOB, 1_000_000);
		let changes = vec![
			Change::Deposit { asset: CASH, amount: usd(10_000) },
			Change::Deposit { asset: AccountAsset::Collateral(ETH_COLLATERAL), amount: weth(700) },
			buy(perpetual(), 3, Some(3_001)),
			buy(call(2_900), -2, Some(333)),
			buy(perpetual(), -4, Some(2_990)),
			Change::Withdraw { asset: CASH, amount: usd(77) },
		];
		let foreseen = Margin::simulate(&sub(ALICE), changes).expect("priced");
		deposit_cash(ALICE, 10_000);
		deposit_weth(ALICE, 700);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(3), price(3_001)));
		assert_ok!(trade(ALICE, BOB, call(2_900), lots(-2), price(333)));
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(-4), price(2_990)));
		assert_ok!(Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(77)));
		assert_eq!(Margin::account_report(&sub(ALICE)), Ok(foreseen));
	});
}

#[test]
fn simulation_trades_at_mark_when_no_price_is_given() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		let report = Margin::simulate(&sub(ALICE), vec![buy(perpetual(), 1, None)]);
		let report = report.expect("priced");
		assert_eq!(report.positions[0].entry_value, 3_000_000_000);
		assert_eq!(report.risk.margin.equity, UsdValue::from_u32(10_000));
		assert_eq!(size(ALICE, perpetual()), lots(0), "nothing was written");
	});
}

fn order(instrument: Instrument, size: i128, at: u32) -> Change {
	Change::Order { instrument, size: lots(size), price: price(at) }
}

#[test]
fn simulation_asks_for_the_worst_of_what_orders_may_do() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100_000);
		deposit_cash(BOB, 100_000);
		let after = |changes: Vec<Change>| Margin::simulate(&sub(ALICE), changes).expect("priced");
		let free = |report: &AccountReport| report.free_collateral.expect("live");
		let both = || vec![order(perpetual(), 2, 3_000), order(perpetual(), -5, 3_000)];
		let before = after(Vec::new());
		// Without a position the larger side adds more.
		let report = after(both());
		let sold = after(vec![buy(perpetual(), -5, Some(3_000))]);
		assert_eq!(free(&report), free(&sold));
		assert_eq!(report.order_margin, free(&before).checked_sub(free(&sold)));
		// What is held is as it was.
		assert_eq!(report.risk, before.risk);
		assert_eq!(report.most_favourable, before.most_favourable);
		assert_eq!(report.open_orders.len(), 1);
		assert_eq!(report.open_orders[0].sells, lots(5));
		// Long eight, only buying adds.
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(8), price(3_000)));
		assert_eq!(free(&after(both())), free(&after(vec![buy(perpetual(), 2, Some(3_000))])));
		// An order that reduces costs nothing.
		let report = after(vec![order(perpetual(), -8, 3_000)]);
		assert_eq!(report.order_margin, Some(UsdValue::ZERO));
	});
}

#[test]
fn simulation_adds_orders_to_those_that_are_open() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100_000);
		let foreseen = Margin::simulate(
			&sub(ALICE),
			vec![order(perpetual(), 2, 2_990), order(call(3_000), -1, 160)],
		);
		rest(ALICE, OrderSide::Buy, perpetual(), lots(2), 2_990);
		let one_more = Margin::simulate(&sub(ALICE), vec![order(call(3_000), -1, 160)]);
		assert_eq!(one_more, foreseen);
		rest(ALICE, OrderSide::Sell, call(3_000), lots(1), 160);
		assert_eq!(Margin::account_report(&sub(ALICE)), foreseen);
	});
}

#[test]
fn simulation_refuses_orders_for_the_reason_a_trade_would_be() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100_000);
		let refused = |change| Margin::simulate(&sub(ALICE), vec![change]).expect_err("refused");
		assert_eq!(
			refused(order(perpetual(), 0, 3_000)),
			MarginApiError::Refused(Error::<Test>::ZeroSize.into())
		);
		let unlisted = Instrument::perpetual(UnderlyingId(77));
		let expected = refused(buy(unlisted, 1, Some(1)));
		assert_eq!(refused(order(unlisted, 1, 1)), expected);
	});
}

#[test]
fn simulation_has_no_free_collateral_when_what_is_ordered_is_stale() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100_000);
		deposit_cash(BOB, 100_000);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(8), price(3_000)));
		set_stale(BTC);
		// What is held is live, what would be bought is not: the gate would refuse it.
		let btc = order(Instrument::perpetual(BTC), 1, 60_000);
		let report = Margin::simulate(&sub(ALICE), vec![btc]).expect("held is live");
		assert_eq!((report.free_collateral, report.least_favourable), (None, None));
		assert_eq!(report.order_margin, None);
		assert_eq!(report.open_orders.len(), 1);
	});
}

#[test]
fn simulation_settles_first_when_something_is_due() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 10_000);
		assert_ok!(trade(ALICE, BOB, future(), lots(1), price(3_000)));
		expire_at(price(3_100));
		let withdraw = Change::Withdraw { asset: CASH, amount: usd(10_000) };
		let foreseen = Margin::simulate(&sub(ALICE), vec![withdraw]).expect("certain");
		assert_ok!(Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(10_000)));
		assert_eq!(foreseen.cash, 100_000_000);
		assert_eq!(Margin::account_report(&sub(ALICE)), Ok(foreseen));
	});
}

#[test]
fn simulation_is_refused_by_the_calls_own_errors() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		let refused = |change: Change| match Margin::simulate(&sub(ALICE), vec![change]) {
			Err(MarginApiError::Refused(error)) => error,
			other => panic!("should be refused, was {other:?}"),
		};
		let weth_asset = AccountAsset::Collateral(ETH_COLLATERAL);
		let unknown = AccountAsset::Collateral(plimsoll_primitives::CollateralId(9));
		let cases = [
			(Change::Deposit { asset: CASH, amount: 0 }, Error::<Test>::ZeroAmount),
			(Change::Deposit { asset: CASH, amount: u128::MAX }, Error::<Test>::Overflow),
			(Change::Deposit { asset: unknown, amount: 1 }, Error::<Test>::UnknownCollateral),
			(
				Change::Withdraw { asset: weth_asset, amount: 1 },
				Error::<Test>::InsufficientCollateral,
			),
			(buy(perpetual(), 0, Some(1)), Error::<Test>::ZeroSize),
			(
				buy(Instrument::perpetual(UnderlyingId(9)), 1, Some(1)),
				Error::<Test>::UnknownInstrument,
			),
		];
		for (change, error) in cases {
			assert_eq!(refused(change), error.into());
		}
		set_time(EXPIRY);
		assert_eq!(refused(buy(future(), 1, Some(1))), Error::<Test>::InstrumentExpired.into());
		set_stale(ETH);
		assert_eq!(refused(buy(perpetual(), 1, None)), Error::<Test>::StalePrice.into());
	});
}

#[test]
fn simulation_names_the_underlying_when_it_cannot_be_valued() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		let unpriced = Instrument::perpetual(UnderlyingId(7));
		list(unpriced);
		assert_eq!(
			Margin::simulate(&sub(ALICE), vec![buy(unpriced, 1, Some(1))]),
			Err(MarginApiError::Risk(RiskError::NoPrice(UnderlyingId(7))))
		);
	});
}
