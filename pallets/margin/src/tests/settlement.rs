use crate::{mock::*, Event, Holders, Ledger, PassedOver, Settling};
use frame_support::assert_ok;
use plimsoll_primitives::{
	ContractHolders, Contracts, Instrument, LiquidationLedger, Price, Stance,
};

fn settle(instrument: Instrument, price: Price, limit: u32) -> (u32, bool) {
	<Margin as ContractHolders>::settle(&instrument, price, limit)
}

fn fund_all() {
	for owner in [ALICE, BOB, CHARLIE, DAVE] {
		deposit_cash(owner, 100_000);
	}
}

#[test]
fn future_pays_the_difference_when_it_settles() {
	ExtBuilder::build_and_execute(|| {
		fund_all();
		assert_ok!(trade(ALICE, BOB, future(), lots(2), price(3_000)));
		expire_at(price(3_250));
		assert!(<Margin as ContractHolders>::is_held(&future()));
		assert_eq!(settle(future(), price(3_250), 10), (2, false));
		assert_eq!(cash(ALICE), 100_500_000_000);
		assert_eq!(cash(BOB), 99_500_000_000);
		assert_eq!(Ledger::<Test>::get().settlement, 0);
		assert_eq!(open_interest(&future()), Contracts::ZERO);
		assert!(!<Margin as ContractHolders>::is_held(&future()));
	});
}

#[test]
fn options_pay_intrinsic_value_when_they_settle() {
	ExtBuilder::build_and_execute(|| {
		fund_all();
		assert_ok!(trade(ALICE, BOB, call(2_900), lots(1), price(0)));
		assert_ok!(trade(ALICE, BOB, put(2_900), lots(1), price(0)));
		expire_at(price(3_000));
		assert_eq!(settle(call(2_900), price(3_000), 10), (2, false));
		assert_eq!(settle(put(2_900), price(3_000), 10), (2, false));
		assert_eq!(cash(ALICE), 100_100_000_000);
		assert_eq!(cash(BOB), 99_900_000_000);
	});
}

#[test]
fn books_balance_when_a_long_is_settled_before_its_short() {
	ExtBuilder::build_and_execute(|| {
		fund_all();
		assert_ok!(trade(ALICE, BOB, call(2_900), lots(1), price(50)));
		expire_at(price(3_000));
		// Alice's withdrawal settles her; Bob's short waits.
		assert_ok!(Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(1)));
		assert_eq!(cash(ALICE), 100_049_000_000);
		assert_eq!(size(BOB, call(2_900)), lots(-1));
		assert_eq!(Ledger::<Test>::get().settlement, -100_000_000);
		assert_eq!(Settling::<Test>::get(call(2_900)).paid, 100_000_000);
		check_all();
		assert_eq!(settle(call(2_900), price(3_000), 10), (1, false));
		assert_eq!(Ledger::<Test>::get().settlement, 0);
		assert!(!Settling::<Test>::contains_key(call(2_900)));
	});
}

#[test]
fn dust_goes_to_the_insurance_fund_when_the_last_holder_is_settled() {
	ExtBuilder::build_and_execute(|| {
		fund_all();
		// Three longs of one third each against one short, at a price of no whole units.
		let third = Contracts::from_inner(333_333_333_333_333_333);
		for long in [ALICE, CHARLIE, DAVE] {
			assert_ok!(trade(long, BOB, future(), third, price(3_000)));
		}
		let before = insurance();
		let settled_at = Price::from_inner(3_123_456_789_123_456_789_123);
		expire_at(settled_at);
		events();
		for settled in 1..=4u32 {
			assert_eq!(settle(future(), settled_at, 1), (1, settled < 4));
			check_all();
		}
		let finished = events().into_iter().find_map(|event| match event {
			Event::SettlementFinished { instrument, dust } if instrument == future() => Some(dust),
			_ => None,
		});
		let dust = finished.expect("the last one finishes it");
		assert!((1..=4).contains(&dust));
		assert_eq!(insurance(), before + dust.unsigned_abs());
	});
}

#[test]
fn settlement_is_the_same_when_a_trade_touches_the_holder_first() {
	ExtBuilder::build_and_execute(|| {
		fund_all();
		assert_ok!(trade(ALICE, BOB, future(), lots(1), price(3_000)));
		expire_at(price(3_100));
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(1), price(3_000)));
		assert_eq!(size(ALICE, future()), lots(0));
		assert_eq!(cash(ALICE), 100_100_000_000);
		assert_eq!(cash(BOB), 99_900_000_000);
		assert_eq!(settle(future(), price(3_100), 5), (0, false));
	});
}

#[test]
fn touch_settles_no_more_than_its_bound_and_the_rest_counts_at_its_payoff() {
	ExtBuilder::build_and_execute(|| {
		fund_all();
		for instrument in [future(), call(2_900), call(3_000), call(3_100), put(3_000)] {
			assert_ok!(trade(ALICE, BOB, instrument, lots(1), price(100)));
		}
		expire_at(price(3_050));
		let equity = |stance| {
			<Margin as LiquidationLedger<AccountId>>::health(&sub(ALICE), stance)
				.expect("needs no price")
				.equity
		};
		set_stale(ETH);
		let before = equity(Stance::Unfavourable);
		assert_ok!(Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(1)));
		let record = crate::Accounts::<Test>::get(sub(ALICE)).expect("exists");
		assert_eq!(record.positions.len(), 1);
		let after = equity(Stance::Unfavourable);
		assert_eq!(before.into_inner() - after.into_inner(), 1_000_000_000_000_000_000);
		assert_ok!(Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(1)));
		assert!(crate::Accounts::<Test>::get(sub(ALICE)).expect("exists").positions.is_empty());
	});
}

#[test]
fn holder_is_passed_over_and_reported_when_it_cannot_be_settled() {
	ExtBuilder::build_and_execute(|| {
		fund_all();
		assert_ok!(trade(ALICE, BOB, future(), lots(1), price(3_000)));
		assert_ok!(trade(CHARLIE, DAVE, future(), lots(1), price(3_000)));
		expire_at(price(3_100));
		let first = Holders::<Test>::iter_key_prefix(future()).next().expect("held");
		// No sum fits with this entry value.
		let untouched = crate::Accounts::<Test>::get(&first).expect("exists");
		crate::Accounts::<Test>::mutate(&first, |record| {
			let record = record.as_mut().expect("exists");
			record.positions[0].entry_value = i128::MIN;
		});
		events();
		assert_eq!(settle(future(), price(3_100), 1), (0, true));
		assert!(matches!(events().as_slice(), [Event::SettlementFailed { .. }]));
		assert_eq!(PassedOver::<Test>::get(future()), Some(first.clone()));
		assert_eq!(settle(future(), price(3_100), 1), (1, true));
		assert_eq!(settle(future(), price(3_100), 5), (2, true));
		assert_eq!(PassedOver::<Test>::get(future()), None, "it starts from the first again");
		assert_eq!(settle(future(), price(3_100), 5), (0, true));
		crate::Accounts::<Test>::insert(&first, untouched);
		assert_eq!(settle(future(), price(3_100), 5), (1, false));
	});
}
