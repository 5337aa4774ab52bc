use crate::{
	account::AccountAsset, mock::*, Accounts, Change, Error, Event, Ledger, SettledFunding,
};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{
	Amount, Contracts, Instrument, LiquidationLedger, OrderSide, Stance, UsdValue,
};
use proptest::prelude::*;
use sp_arithmetic::Perquintill;

/// A dollar a contract.
const DOLLAR: i128 = 1_000_000_000_000_000_000;

/// Alice is long four, Bob short; Charlie and Dave have cash.
fn long_four() {
	for owner in [ALICE, BOB, CHARLIE, DAVE] {
		deposit_cash(owner, 10_000);
	}
	assert_ok!(trade(ALICE, BOB, perpetual(), lots(4), price(3_000)));
	events();
}

/// Has an account read and written.
fn touch(owner: AccountId) {
	assert_ok!(Margin::deposit(RuntimeOrigin::signed(owner), 0, CASH, 1));
}

fn stored_cash(owner: AccountId) -> Amount {
	Accounts::<Test>::get(sub(owner)).map_or(0, |record| record.cash)
}

fn settled(owner: AccountId, instrument: Instrument) -> Option<SettledFunding> {
	Accounts::<Test>::get(sub(owner))
		.and_then(|record| record.position(&instrument).and_then(|position| position.funding))
}

fn paid(owner: AccountId, amount: Amount, index: i128) -> Event<Test> {
	Event::FundingPaid {
		account: sub(owner),
		instrument: perpetual(),
		amount,
		index: UsdValue::from_inner(index),
	}
}

#[test]
fn long_pays_and_short_gets_when_they_are_touched() {
	ExtBuilder::build_and_execute(|| {
		long_four();
		set_funding(3 * DOLLAR, 7 * DOLLAR);
		check_all();
		assert_eq!((stored_cash(ALICE), stored_cash(BOB)), (10_000_000_000, 10_000_000_000));
		// Whoever comes first: the pot is short until the other has paid.
		touch(BOB);
		assert_eq!(stored_cash(BOB), 10_012_000_001);
		assert_eq!(Ledger::<Test>::get().funding, -12_000_000);
		check_all();
		touch(ALICE);
		assert_eq!(stored_cash(ALICE), 9_988_000_001);
		assert_eq!(Ledger::<Test>::get().funding, 0);
		let told: Vec<_> = events()
			.into_iter()
			.filter(|event| matches!(event, Event::FundingPaid { .. }))
			.collect();
		let index = 3 * DOLLAR;
		assert_eq!(told, [paid(BOB, 12_000_000, index), paid(ALICE, -12_000_000, index)]);
	});
}

#[test]
fn short_pays_when_the_index_falls() {
	ExtBuilder::build_and_execute(|| {
		long_four();
		set_funding(-DOLLAR / 2, 0);
		assert_eq!((cash(ALICE), cash(BOB)), (10_002_000_000, 9_998_000_000));
	});
}

#[test]
fn nothing_is_told_when_nothing_is_paid() {
	ExtBuilder::build_and_execute(|| {
		long_four();
		touch(ALICE);
		set_funding(10, 0);
		touch(BOB);
		// Forty parts of 10¹⁸ of a dollar: Bob does not get them yet, Alice has paid a unit for them.
		touch(ALICE);
		let told: Vec<_> = events()
			.into_iter()
			.filter(|event| matches!(event, Event::FundingPaid { .. }))
			.collect();
		assert_eq!(told, [paid(ALICE, -1, 10)]);
		assert_eq!(Ledger::<Test>::get().funding, 1);
	});
}

#[test]
fn position_pays_from_its_opening_on() {
	ExtBuilder::build_and_execute(|| {
		set_funding(100 * DOLLAR, -50 * DOLLAR);
		long_four();
		assert_eq!(cash(ALICE), 10_000_000_000);
		set_funding(101 * DOLLAR, -50 * DOLLAR);
		assert_ok!(trade(CHARLIE, DAVE, perpetual(), lots(1), price(3_000)));
		set_funding(102 * DOLLAR, -50 * DOLLAR);
		assert_eq!((cash(ALICE), cash(CHARLIE)), (9_992_000_000, 9_999_000_000));
		assert_eq!((cash(BOB), cash(DAVE)), (10_008_000_000, 10_001_000_000));
	});
}

#[test]
fn funding_is_settled_before_a_position_changes() {
	ExtBuilder::build_and_execute(|| {
		long_four();
		set_funding(DOLLAR, 0);
		// Half of it closes, then it flips.
		assert_ok!(trade(CHARLIE, ALICE, perpetual(), lots(2), price(3_000)));
		assert_eq!(cash(ALICE), 9_996_000_000);
		set_funding(2 * DOLLAR, 0);
		assert_ok!(trade(CHARLIE, ALICE, perpetual(), lots(5), price(3_000)));
		assert_eq!(cash(ALICE), 9_994_000_000);
		assert_eq!(size(ALICE, perpetual()), lots(-3));
		set_funding(3 * DOLLAR, 0);
		assert_eq!(cash(ALICE), 9_997_000_000);
		assert_eq!(cash(CHARLIE), 10_000_000_000 - 2_000_000 - 7_000_000);
		assert_eq!(cash(BOB), 10_012_000_000);
	});
}

#[test]
fn position_that_was_closed_pays_nothing_more() {
	ExtBuilder::build_and_execute(|| {
		long_four();
		set_funding(DOLLAR, 0);
		assert_ok!(trade(CHARLIE, ALICE, perpetual(), lots(4), price(3_000)));
		set_funding(5 * DOLLAR, 0);
		assert_eq!(cash(ALICE), 9_996_000_000);
		// Opened again, it begins anew.
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(1), price(3_000)));
		assert_eq!(settled(ALICE, perpetual()), Some(SettledFunding::at(UsdValue::from_u32(5))));
		assert_eq!(cash(ALICE), 9_996_000_000);
	});
}

#[test]
fn only_perpetuals_bear_funding() {
	ExtBuilder::build_and_execute(|| {
		long_four();
		assert_ok!(trade(CHARLIE, DAVE, future(), lots(1), price(3_000)));
		assert_ok!(trade(CHARLIE, DAVE, call(3_000), lots(1), price(150)));
		set_funding(DOLLAR, DOLLAR);
		assert_eq!(cash(CHARLIE), 9_850_000_000);
		assert_eq!(settled(CHARLIE, future()), None);
	});
}

#[test]
fn each_perpetual_has_its_own_index() {
	ExtBuilder::build_and_execute(|| {
		long_four();
		let btc = Instrument::perpetual(BTC);
		assert_ok!(trade(BOB, ALICE, btc, milli(100), price(60_000)));
		set_funding(DOLLAR, 20 * DOLLAR);
		assert_eq!(cash(ALICE), 10_000_000_000 - 4_000_000 + 2_000_000);
		assert_eq!(cash(BOB), 10_000_000_000 + 4_000_000 - 2_000_000);
	});
}

#[test]
fn every_view_sees_cash_after_funding() {
	ExtBuilder::build_and_execute(|| {
		long_four();
		set_funding(10 * DOLLAR, 0);
		let owed = UsdValue::from_u32(9_960);
		let health = <Margin as LiquidationLedger<AccountId>>::health(&sub(ALICE), Stance::Mark);
		assert_eq!(health.expect("priced").equity, owed);
		let mut market = Default::default();
		let (health, _) = <Margin as LiquidationLedger<AccountId>>::health_in(
			&mut market,
			&sub(ALICE),
			Stance::Mark,
		);
		assert_eq!(health.expect("priced").equity, owed);
		let report = Margin::account_report(&sub(ALICE)).expect("priced");
		assert_eq!((report.cash, report.risk.margin.equity), (9_960_000_000, owed));
		let trade = Change::Trade { instrument: perpetual(), size: lots(-4), price: None };
		let report = Margin::simulate(&sub(ALICE), vec![trade]).expect("priced");
		assert_eq!(report.cash, 9_960_000_000);
		// Looking changes nothing.
		assert_eq!(stored_cash(ALICE), 10_000_000_000);
	});
}

#[test]
fn gates_ask_for_cash_after_funding() {
	ExtBuilder::build_and_execute(|| {
		long_four();
		let report = Margin::account_report(&sub(ALICE)).expect("priced");
		let free = report.free_collateral.expect("priced").into_inner();
		// All of the free collateral has gone into funding, but for a dollar.
		set_funding((free - DOLLAR) / 4, 0);
		let withdraw =
			|dollars| Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(dollars));
		assert_noop!(
			withdraw(2).map_err(|failed| failed.error),
			Error::<Test>::InitialMarginNotMet
		);
		let order = resting(OrderSide::Buy, perpetual(), lots(1), 2_999);
		assert_noop!(try_rest(ALICE, order), Error::<Test>::InitialMarginNotMet);
		set_funding(0, 0);
		assert_ok!(withdraw(2));
	});
}

#[test]
fn funding_makes_a_debt_where_there_is_no_cash() {
	ExtBuilder::build_and_execute(|| {
		long_four();
		set_funding(2_600 * DOLLAR, 0);
		touch(ALICE);
		assert_eq!(stored_cash(ALICE), 10_000_000_001 - 10_400_000_000);
		check_all();
		// Deleveraged and paid for by the fund and the others.
		assert_ok!(<Margin as LiquidationLedger<AccountId>>::trade_at_mark(
			&sub(ALICE),
			&sub(BOB),
			&perpetual(),
			lots(-4)
		));
		assert_ok!(<Margin as LiquidationLedger<AccountId>>::absorb_deficit(&sub(ALICE)));
		assert_eq!(Ledger::<Test>::get().funding, 0);
	});
}

#[test]
fn slice_takes_settled_positions_along() {
	ExtBuilder::build_and_execute(|| {
		long_four();
		set_funding(DOLLAR, 0);
		let half = Perquintill::from_percent(50);
		assert_ok!(<Margin as LiquidationLedger<AccountId>>::transfer_slice(
			&sub(ALICE),
			&sub(CHARLIE),
			half,
			0
		));
		assert_eq!(cash(ALICE), 4_998_000_000);
		assert_eq!(cash(CHARLIE), 14_998_000_000);
		set_funding(2 * DOLLAR, 0);
		assert_eq!((cash(ALICE), cash(CHARLIE)), (4_996_000_000, 14_996_000_000));
	});
}

#[test]
fn account_is_closed_when_its_last_position_is_and_nothing_is_left() {
	ExtBuilder::build_and_execute(|| {
		long_four();
		set_funding(2 * DOLLAR, 0);
		assert_ok!(trade(CHARLIE, ALICE, perpetual(), lots(4), price(3_000)));
		let asset = AccountAsset::Cash;
		assert_ok!(Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, asset, 9_992_000_000));
		assert!(!Accounts::<Test>::contains_key(sub(ALICE)));
	});
}

/// All close what they have against each other, so that nobody holds the perpetual any more.
fn close_all() {
	for owner in [ALICE, BOB, CHARLIE] {
		let held = size(owner, perpetual());
		if !held.is_zero() {
			let back = held.checked_neg().expect("small");
			assert_ok!(<Margin as LiquidationLedger<AccountId>>::trade_at_mark(
				&sub(owner),
				&sub(DAVE),
				&perpetual(),
				back
			));
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

	/// Two pairs with the same positions, one touched at random, one never; then all of it is closed.
	#[test]
	fn funding_paid_is_funding_received_and_lazy_is_eager(
		sizes in (1i128..3_000_000_000_000_000_000, 1i128..3_000_000_000_000_000_000),
		steps in proptest::collection::vec((-DOLLAR..DOLLAR, 0u8..4), 1..25),
	) {
		new_test_ext().execute_with(|| {
			for owner in [ALICE, BOB, CHARLIE, DAVE] {
				deposit_cash(owner, 1_000_000);
			}
			let (one, two) = (Contracts::from_inner(sizes.0), Contracts::from_inner(sizes.1));
			// Alice and Charlie are long the same; Bob and Dave have the other sides.
			for (long, short) in [(ALICE, BOB), (CHARLIE, DAVE)] {
				assert_ok!(trade(long, short, perpetual(), one, price(3_000)));
				assert_ok!(trade(long, short, perpetual(), two, price(3_001)));
			}
			let start = insurance();
			let before = [ALICE, BOB, CHARLIE, DAVE].map(cash);
			let mut touches = [0, 0];
			let mut index = 0;
			for (step, touched) in steps {
				index += step;
				set_funding(index, 0);
				for (at, owner) in [ALICE, BOB].into_iter().enumerate() {
					if touched & (1 << at) != 0 {
						touch(owner);
						touches[at] += 1;
					}
				}
				check_all();
			}
			let changes = [ALICE, BOB, CHARLIE, DAVE].map(cash);
			let changes: Vec<_> = changes.iter().zip(before).map(|(now, then)| now - then).collect();
			prop_assert_eq!(changes[0] - touches[0], changes[2]);
			prop_assert_eq!(changes[1] - touches[1], changes[3]);
			// To the unit: what one pair has less than nothing is the fraction that lies between its two.
			let between = changes[2] + changes[3];
			prop_assert!(between == 0 || between == -1);

			events();
			let funded = |owners: &[AccountId]| -> Amount { owners.iter().map(|who| cash(*who)).sum() };
			let all = [ALICE, BOB, CHARLIE, DAVE];
			close_all();
			check_all();
			let pots = Ledger::<Test>::get();
			prop_assert_eq!((pots.funding, pots.funding_dust), (0, 0));
			prop_assert_eq!(pots.settlement, 0);
			// All that the accounts have less in the end is in the insurance fund.
			let deposits = 4 * 1_000_000_000_000 + touches[0] + touches[1];
			let insured = Amount::try_from(insurance()).expect("small");
			prop_assert_eq!(funded(&all) + insured, deposits);
			prop_assert!(insured >= Amount::try_from(start).expect("small"));
			Ok(())
		})?;
	}
}
