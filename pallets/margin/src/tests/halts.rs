use crate::{mock::*, AccountAsset, Error, Session};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{BookClearing, Fill, FillError, LiquidationLedger, OrderSide};

/// Alice has two perpetuals of Bob.
fn trade_two() {
	for owner in [ALICE, BOB, CHARLIE] {
		deposit_cash(owner, 50_000);
	}
	assert_ok!(trade(ALICE, BOB, perpetual(), lots(2), price(3_000)));
}

#[test]
fn halted_instrument_trades_only_what_closes_for_both() {
	ExtBuilder::build_and_execute(|| {
		trade_two();
		set_halted(perpetual());
		for (taker, maker, size) in [(ALICE, BOB, 1), (ALICE, BOB, -3), (CHARLIE, ALICE, 1)] {
			let traded = trade(taker, maker, perpetual(), lots(size), price(3_000));
			assert_noop!(traded, Error::<Test>::TradingHalted);
		}
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(-2), price(3_000)));
		assert_ok!(trade(ALICE, BOB, future(), lots(1), price(3_000)));
	});
}

#[test]
fn halted_instrument_matches_nothing() {
	ExtBuilder::build_and_execute(|| {
		trade_two();
		rest(CHARLIE, OrderSide::Buy, perpetual(), lots(1), 3_000);
		set_halted(perpetual());
		let mut session = Session::default();
		let mut matching =
			<Margin as BookClearing<AccountId>>::open_matching(&mut session, &sub(ALICE))
				.expect("it exists");
		let fill = Fill { instrument: perpetual(), size: lots(-1), price: price(3_000) };
		let filled = <Margin as BookClearing<AccountId>>::fill(&mut matching, &sub(CHARLIE), &fill);
		assert_eq!(filled, Err(FillError::Failed(Error::<Test>::TradingHalted.into())));
	});
}

#[test]
fn positions_in_a_halted_instrument_are_still_deleveraged() {
	ExtBuilder::build_and_execute(|| {
		trade_two();
		set_halted(perpetual());
		let (from, to) = (sub(ALICE), sub(BOB));
		assert_ok!(<Margin as LiquidationLedger<AccountId>>::trade_at_mark(
			&from,
			&to,
			&perpetual(),
			lots(-2)
		));
		assert_eq!(size(ALICE, perpetual()), lots(0));
	});
}

#[test]
fn withdrawals_wait_and_deposits_do_not_when_the_whole_chain_is_halted() {
	ExtBuilder::build_and_execute(|| {
		trade_two();
		let withdraw =
			|| Margin::withdraw(RuntimeOrigin::signed(CHARLIE), 0, AccountAsset::Cash, usd(1));
		// One instrument's halt is no reason to keep anybody's money.
		set_halted(perpetual());
		assert_ok!(withdraw());
		ChainIsHalted::put(true);
		assert!(<Margin as LiquidationLedger<AccountId>>::is_halted());
		assert_noop!(withdraw(), Error::<Test>::WithdrawalsHalted);
		let swap = |_: &AccountId| -> sp_runtime::DispatchResult { panic!("nothing is swapped") };
		assert_noop!(
			exchange_outside(&sub(CHARLIE), ETH_COLLATERAL, OrderSide::Sell, 1, swap),
			Error::<Test>::TradingHalted
		);
		deposit_cash(CHARLIE, 1);
		ChainIsHalted::put(false);
		assert_ok!(withdraw());
	});
}
