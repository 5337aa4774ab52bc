use crate::{
	cash_index::HIGHEST_INDEX, interest::LONGEST_STEP, mock::*, Accounts, Error, Event, Interest,
	InterestParameters, Ledger, RefusedInterest,
};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{LiquidationLedger, Moment, Stance};
use sp_arithmetic::{FixedU128, Permill, Perquintill};
use sp_runtime::DispatchError;

const HOUR: Moment = 60 * 60 * 1_000;

/// Alice owes 400 USD of the 1,000 that Bob has: 40 % are lent, which costs 4.5 % a year.
fn lent() {
	deposit_weth(ALICE, 1_000);
	deposit_cash(BOB, 1_000);
	assert_ok!(Margin::contribute_insurance(RuntimeOrigin::signed(CHARLIE), usd(1)));
	assert_ok!(Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(400)));
	pass(1);
	assert_eq!([ALICE, BOB].map(cash), [-400_000_000, 1_000_000_000]);
	events();
}

fn touch(owner: AccountId) {
	assert_ok!(Margin::deposit(RuntimeOrigin::signed(owner), 0, CASH, 1));
}

#[test]
fn borrower_pays_the_lender_and_a_part_goes_to_the_fund() {
	ExtBuilder::build_and_execute(|| {
		lent();
		let fund = insurance();
		pass(HOUR);
		// 400 USD · 4.5 % / 8,760 are 2,054.8 units.
		assert_eq!(cash(ALICE), -400_002_055);
		// Nine tenths of that are 1,849.3 units.
		assert_eq!(cash(BOB), 1_000_001_849);
		assert_eq!(insurance() - fund, 204, "the rest, less what rounding may still need");
		let Ok([Event::InterestAccrued { cash_index, debt_index }]) = <[_; 1]>::try_from(events())
		else {
			panic!("nobody was touched")
		};
		let pots = Ledger::<Test>::get();
		assert_eq!((cash_index, debt_index), (pots.cash_index, pots.debt_index));
	});
}

#[test]
fn interest_is_told_when_it_is_applied() {
	ExtBuilder::build_and_execute(|| {
		lent();
		pass(HOUR);
		events();
		touch(ALICE);
		touch(BOB);
		touch(BOB);
		let deposited = |owner| Event::Deposited { account: sub(owner), asset: CASH, amount: 1 };
		assert_eq!(
			events(),
			vec![
				Event::CashAccrued { account: sub(ALICE), amount: -2_055 },
				deposited(ALICE),
				Event::CashAccrued { account: sub(BOB), amount: 1_849 },
				deposited(BOB),
				deposited(BOB),
			]
		);
		assert_eq!(Accounts::<Test>::get(sub(ALICE)).map(|stored| stored.cash), Some(cash(ALICE)));
	});
}

#[test]
fn touch_is_told_when_the_index_has_moved_and_the_amount_is_rounded_away() {
	ExtBuilder::build_and_execute(|| {
		lent();
		pass(1);
		events();
		touch(BOB);
		// In a millisecond 1,000 USD earn a thousandth of a unit, and what follows counts from here.
		assert_eq!(events()[0], Event::CashAccrued { account: sub(BOB), amount: 0 });
		touch(BOB);
		assert_eq!(events().len(), 1, "once");
	});
}

#[test]
fn interest_compounds_block_by_block() {
	ExtBuilder::build_and_execute(|| {
		lent();
		for _ in 0..24 * 30 {
			pass(HOUR);
		}
		// A little more than 400 USD · 4.5 % · 30 / 365 = 1.4795 USD: it compounds, and more is owed.
		assert!((-401_484_000..-401_483_000).contains(&cash(ALICE)), "{}", cash(ALICE));
	});
}

#[test]
fn interest_is_none_when_time_stands_still_or_is_unknown() {
	ExtBuilder::build_and_execute(|| {
		lent();
		pass(0);
		set_no_time();
		pass(0);
		assert_eq!([ALICE, BOB].map(cash), [-400_000_000, 1_000_000_000]);
		set_time(NOW - HOUR);
		pass(0);
		assert_eq!([ALICE, BOB].map(cash), [-400_000_000, 1_000_000_000]);
		// Time that was counted once is not counted again.
		pass(HOUR);
		assert_eq!(cash(ALICE), -400_000_000);
		set_time(NOW);
	});
}

#[test]
fn pause_of_the_chain_counts_as_an_hour() {
	ExtBuilder::build_and_execute(|| {
		lent();
		pass(1_000 * LONGEST_STEP);
		assert_eq!(cash(ALICE), -400_002_055);
	});
}

#[test]
fn lenders_get_nothing_when_nobody_owes() {
	ExtBuilder::build_and_execute(|| {
		let rates = Margin::interest_rates();
		assert_eq!(rates.utilisation, Perquintill::zero(), "of nothing, nothing is lent");
		assert_eq!(rates.borrow, FixedU128::from_rational(1, 100));
		deposit_cash(BOB, 1_000);
		pass(HOUR);
		pass(HOUR);
		assert_eq!(cash(BOB), 1_000_000_000);
		let rates = Margin::interest_rates();
		assert_eq!(rates.borrow, FixedU128::from_rational(1, 100));
		assert_eq!((rates.utilisation, rates.lend), (Perquintill::zero(), FixedU128::from_u32(0)));
	});
}

#[test]
fn fund_gets_all_when_nobody_has_cash() {
	ExtBuilder::build_and_execute(|| {
		lent();
		// What Bob had is the fund's.
		force_cash(BOB, 0);
		let fund = insurance();
		assert_eq!(Margin::interest_rates().borrow, FixedU128::from_rational(80, 100));
		pass(HOUR);
		// 400 USD · 80 % / 8,760.
		assert_eq!(cash(ALICE), -400_036_530);
		assert_eq!(insurance() - fund, 36_529);
	});
}

#[test]
fn lenders_earn_no_more_than_borrowers_pay_when_more_is_owed_than_there_is() {
	ExtBuilder::build_and_execute(|| {
		lent();
		force_cash(BOB, 100_000_000);
		let rates = Margin::interest_rates();
		assert_eq!(rates.utilisation, Perquintill::one());
		assert_eq!(rates.lend, FixedU128::from_rational(72, 100));
		pass(HOUR);
		// 100 USD · 72 % / 8,760.
		assert_eq!(cash(BOB), 100_008_219);
	});
}

#[test]
fn margins_see_interest_before_the_account_is_touched() {
	ExtBuilder::build_and_execute(|| {
		lent();
		let health = || {
			<Margin as LiquidationLedger<AccountId>>::health(&sub(ALICE), Stance::Unfavourable)
				.expect("priced")
				.equity
		};
		let report = || Margin::account_report(&sub(ALICE)).expect("priced");
		let (before, free) = (health(), report().free_collateral.expect("live"));
		pass(HOUR);
		assert_eq!(report().cash, -400_002_055);
		let cost = |usd: plimsoll_primitives::UsdValue| usd.into_inner() / 1_000_000_000_000;
		assert_eq!(cost(before) - cost(health()), 2_055);
		assert_eq!(cost(free) - cost(report().free_collateral.expect("live")), 2_055);
	});
}

#[test]
fn debt_that_is_paid_by_the_fund_or_shared_leaves_no_interest_behind() {
	ExtBuilder::build_and_execute(|| {
		lent();
		pass(HOUR);
		let asset = crate::AccountAsset::Collateral(ETH_COLLATERAL);
		deposit_cash(ALICE, 1_000);
		assert_ok!(Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, asset, weth(1_000)));
		lose(ALICE, BOB, usd(1_000));
		assert!(cash(ALICE) < -400_000_000);
		let absorbed = <Margin as LiquidationLedger<AccountId>>::absorb_deficit(&sub(ALICE));
		let (paid, shared) = absorbed.expect("others have cash");
		assert_eq!(paid + shared, 400_002_055);
		assert!(shared > 0);
		check_all();
		let pots = Ledger::<Test>::get();
		assert_eq!((pots.normalised_debt, pots.total_debt()), (0, Some(0)));
		pass(HOUR);
		touch(BOB);
		check_all();
		assert!(Ledger::<Test>::get().accrued <= 2);
	});
}

#[test]
fn accrual_stops_and_nothing_else_when_an_index_is_at_its_end() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 1_000);
		Ledger::<Test>::mutate(|pots| pots.debt_index = HIGHEST_INDEX);
		assert_ok!(Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(400)));
		pass(1);
		pass(HOUR);
		assert_eq!([ALICE, BOB].map(cash), [-400_000_000, 1_000_000_000]);
		touch(ALICE);
		touch(BOB);
	});
}

#[test]
fn parameters_are_set_by_governance_within_their_limits() {
	ExtBuilder::build_and_execute(|| {
		let parameters =
			InterestParameters { kink: Permill::from_percent(50), ..Default::default() };
		assert_noop!(
			Margin::set_interest(RuntimeOrigin::signed(ALICE), parameters),
			DispatchError::BadOrigin
		);
		events();
		assert_ok!(Margin::set_interest(RuntimeOrigin::root(), parameters));
		assert_eq!(Interest::<Test>::get(), parameters);
		assert_eq!(events(), vec![Event::InterestParametersSet { parameters }]);
		let rate = FixedU128::from_u32(5);
		let high = InterestParameters { full_rate: rate, ..parameters };
		assert_noop!(
			Margin::set_interest(RuntimeOrigin::root(), high),
			Error::<Test>::InvalidInterestParameters(RefusedInterest::RateTooHigh)
		);
		let falling = InterestParameters { base_rate: rate, ..parameters };
		assert_noop!(
			Margin::set_interest(RuntimeOrigin::root(), falling),
			Error::<Test>::InvalidInterestParameters(RefusedInterest::RateFalls)
		);
	});
}
