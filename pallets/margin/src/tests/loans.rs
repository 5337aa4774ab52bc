//! Cash that a withdrawal pays out beyond what the account has.

use crate::{mock::*, Error, Event, InterestParameters};
use frame_support::{assert_noop, assert_ok};
use sp_arithmetic::Permill;
use sp_runtime::DispatchError;

const WETH_ASSET: crate::AccountAsset = crate::AccountAsset::Collateral(ETH_COLLATERAL);

fn withdraw(
	owner: AccountId,
	asset: crate::AccountAsset,
	amount: u128,
) -> Result<(), DispatchError> {
	Margin::withdraw(RuntimeOrigin::signed(owner), 0, asset, amount)
		.map(|_| ())
		.map_err(|failed| failed.error)
}

/// What an account may lose at the least favourable prices, settlement units.
fn free(owner: AccountId) -> u128 {
	let report = Margin::account_report(&sub(owner)).expect("priced");
	let free = report.free_collateral.expect("live").into_inner() / 1_000_000_000_000;
	u128::try_from(free).expect("positive")
}

#[test]
fn loan_is_paid_out_against_collateral_and_paid_back() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(ALICE, 100);
		deposit_cash(BOB, 10_000);
		let before = balance(USDC, ALICE);
		events();
		assert_ok!(withdraw(ALICE, CASH, usd(600)));
		assert_eq!(balance(USDC, ALICE), before + usd(600));
		assert_eq!(cash(ALICE), -500_000_000);
		assert_eq!(
			events(),
			vec![Event::Withdrawn { account: sub(ALICE), asset: CASH, amount: usd(600) }]
		);
		deposit_cash(ALICE, 500);
		assert_ok!(withdraw(ALICE, WETH_ASSET, weth(1_000)));
		assert_ok!(withdraw(BOB, CASH, usd(10_000)));
	});
}

#[test]
fn loan_is_refused_when_collateral_does_not_cover_it_with_its_margin() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 10_000);
		let free = free(ALICE);
		assert!(free > usd(2_000));
		assert_noop!(withdraw(ALICE, CASH, free), Error::<Test>::InitialMarginNotMet);
		// Eleven tenths of this are more than is free.
		assert_noop!(withdraw(ALICE, CASH, free * 10 / 11 + 2), Error::<Test>::InitialMarginNotMet);
		assert_ok!(withdraw(ALICE, CASH, free * 10 / 11 - 2));
		// Nor does the margin leave as collateral.
		assert_noop!(withdraw(ALICE, WETH_ASSET, weth(10)), Error::<Test>::InitialMarginNotMet);
	});
}

#[test]
fn loan_is_refused_when_nothing_covers_it() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		deposit_cash(BOB, 10_000);
		assert_noop!(withdraw(ALICE, CASH, usd(100) + 1), Error::<Test>::InitialMarginNotMet);
	});
}

#[test]
fn loan_is_refused_when_too_much_of_all_cash_would_be_lent() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 1_000);
		assert_noop!(withdraw(ALICE, CASH, usd(800) + 1), Error::<Test>::LendingCapExceeded);
		assert_ok!(withdraw(ALICE, CASH, usd(800)));
		// Who has cash may take it as long as there is some; then he waits.
		assert_noop!(withdraw(BOB, CASH, usd(200) + 1), Error::<Test>::InsufficientLiquidity);
		assert_ok!(withdraw(BOB, CASH, usd(200)));
		assert_noop!(withdraw(ALICE, CASH, 1), Error::<Test>::LendingCapExceeded);
	});
}

#[test]
fn loan_is_refused_when_governance_has_none_paid_out() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 1_000);
		let none = InterestParameters { lending_cap: Permill::zero(), ..Default::default() };
		assert_ok!(Margin::set_interest(RuntimeOrigin::root(), none));
		assert_noop!(withdraw(ALICE, CASH, 1), Error::<Test>::LendingCapExceeded);
	});
}

#[test]
fn loan_is_refused_when_the_pallet_would_keep_too_little_for_those_who_have_cash() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 20_000);
		for owner in [BOB, CHARLIE, DAVE] {
			deposit_cash(owner, 10_000);
		}
		assert_ok!(trade(CHARLIE, BOB, perpetual(), lots(1), price(3_000)));
		set_price(ETH, price(4_000));
		// Charlie has his profit out before Bob has paid his loss.
		assert_ok!(trade(DAVE, CHARLIE, perpetual(), lots(1), price(4_000)));
		assert_ok!(withdraw(CHARLIE, CASH, usd(11_000)));
		// 19,000 are left of 20,000.
		assert_noop!(withdraw(ALICE, CASH, usd(15_001)), Error::<Test>::InsufficientLiquidity);
		assert_ok!(withdraw(ALICE, CASH, usd(15_000)));
	});
}
