use crate::{mock::*, AccountAsset, Accounts, Delegates, Error, Event};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::Price;
use sp_runtime::DispatchError;

const WETH_ASSET: AccountAsset = AccountAsset::Collateral(ETH_COLLATERAL);

fn withdraw(asset: AccountAsset, amount: u128) -> Result<(), DispatchError> {
	Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, asset, amount)
		.map(|_| ())
		.map_err(|failed| failed.error)
}

/// Alice long 10 ETH perpetuals against Bob, both with the same cash.
fn long_ten(dollars: u128) {
	deposit_cash(ALICE, dollars);
	deposit_cash(BOB, 1_000_000);
	assert_ok!(trade(ALICE, BOB, perpetual(), lots(10), price(3_000)));
}

#[test]
fn withdrawal_pays_the_owner_when_all_is_free() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		let before = balance(USDC, ALICE);
		events();
		assert_ok!(withdraw(CASH, usd(60)));
		assert_eq!(balance(USDC, ALICE), before + usd(60));
		assert_eq!(cash(ALICE), 40_000_000);
		assert_eq!(
			events(),
			vec![Event::Withdrawn { account: sub(ALICE), asset: CASH, amount: usd(60) }]
		);
	});
}

#[test]
fn withdrawal_closes_the_account_when_nothing_is_left() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		assert_ok!(Margin::add_delegate(RuntimeOrigin::signed(ALICE), 0, BOB));
		events();
		assert_ok!(withdraw(CASH, usd(100)));
		assert!(!Accounts::<Test>::contains_key(sub(ALICE)));
		assert!(!Delegates::<Test>::contains_key(sub(ALICE)));
		assert_eq!(
			events(),
			vec![
				Event::AccountClosed { account: sub(ALICE) },
				Event::Withdrawn { account: sub(ALICE), asset: CASH, amount: usd(100) },
			]
		);
		assert_eq!(balance(USDC, Margin::account_id()), USDC_MINIMUM);
	});
}

#[test]
fn withdrawal_needs_no_price_when_nothing_is_owed_afterwards() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		deposit_weth(ALICE, 500);
		set_stale(ETH);
		set_settlement_asset_stale();
		set_no_time();
		assert_ok!(withdraw(CASH, usd(60)));
		assert_ok!(withdraw(WETH_ASSET, weth(500)));
	});
}

#[test]
fn withdrawal_is_refused_when_the_account_does_not_exist() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(withdraw(CASH, usd(1)), Error::<Test>::AccountNotFound);
		// Bob's own account of the same number is not Alice's.
		deposit_cash(ALICE, 100);
		assert_noop!(
			Margin::withdraw(RuntimeOrigin::signed(BOB), 0, CASH, usd(1)).map_err(|e| e.error),
			Error::<Test>::AccountNotFound
		);
	});
}

#[test]
fn withdrawal_is_refused_when_a_delegate_asks() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		assert_ok!(Margin::add_delegate(RuntimeOrigin::signed(ALICE), 0, BOB));
		assert_noop!(
			Margin::withdraw(RuntimeOrigin::signed(BOB), 0, CASH, usd(1)).map_err(|e| e.error),
			Error::<Test>::AccountNotFound
		);
	});
}

#[test]
fn withdrawal_is_refused_when_it_is_zero() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		assert_noop!(withdraw(CASH, 0), Error::<Test>::ZeroAmount);
	});
}

#[test]
fn withdrawal_is_refused_when_it_is_not_signed() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			Margin::withdraw(RuntimeOrigin::none(), 0, CASH, 1).map_err(|e| e.error),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn withdrawal_is_refused_when_collateral_is_missing() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		assert_noop!(withdraw(WETH_ASSET, 1), Error::<Test>::InsufficientCollateral);
		deposit_weth(ALICE, 500);
		assert_noop!(withdraw(WETH_ASSET, weth(501)), Error::<Test>::InsufficientCollateral);
	});
}

#[test]
fn withdrawal_is_refused_when_dust_would_be_left() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		assert_noop!(withdraw(CASH, usd(100) - 1), Error::<Test>::BelowMinimumCash);
		deposit_weth(ALICE, 500);
		assert_noop!(withdraw(WETH_ASSET, weth(500) - 1), Error::<Test>::BelowMinimumCollateral);
		// The record is worth its place while it holds collateral.
		assert_ok!(withdraw(CASH, usd(100) - 1));
		assert_noop!(withdraw(WETH_ASSET, weth(500)), Error::<Test>::BelowMinimumCash);
	});
}

#[test]
fn withdrawal_is_refused_when_it_exceeds_free_collateral() {
	ExtBuilder::build_and_execute(|| {
		long_ten(10_000);
		let free = Margin::account_report(&sub(ALICE))
			.expect("priced")
			.free_collateral
			.expect("live")
			.into_inner()
			/ 1_000_000_000_000;
		let free = u128::try_from(free).expect("positive");
		assert!(free > 0 && free < usd(10_000));
		assert_noop!(withdraw(CASH, free + 1), Error::<Test>::InitialMarginNotMet);
		assert_ok!(withdraw(CASH, free));
		assert_noop!(withdraw(CASH, 1), Error::<Test>::InitialMarginNotMet);
	});
}

#[test]
fn withdrawal_is_refused_when_a_price_is_stale_and_risk_is_held() {
	ExtBuilder::build_and_execute(|| {
		long_ten(10_000);
		set_stale(ETH);
		assert_noop!(withdraw(CASH, 1), Error::<Test>::StalePrice);
		set_price(ETH, price(3_000));
		set_settlement_asset_stale();
		assert_noop!(withdraw(CASH, 1), Error::<Test>::NoSettlementAssetPrice);
		set_no_time();
		assert_noop!(withdraw(CASH, 1), Error::<Test>::TimeNotSet);
		set_time(NOW);
	});
}

#[test]
fn collateral_that_carries_a_debt_stays() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 10_000);
		force_cash(ALICE, -1_000_000_000);
		assert_noop!(withdraw(WETH_ASSET, weth(1_000)), Error::<Test>::InitialMarginNotMet);
	});
}

#[test]
fn withdrawal_is_refused_when_the_pallet_does_not_hold_it() {
	ExtBuilder::build_and_execute(|| {
		// Bob has lost 100 to Alice that he has not got, and the seed is not to be touched.
		deposit_cash(ALICE, 100);
		deposit_weth(BOB, 1_000);
		lose(BOB, ALICE, usd(100));
		assert_noop!(withdraw(CASH, usd(100) + 1), Error::<Test>::InsufficientLiquidity);
		assert_ok!(withdraw(CASH, usd(100)));
		assert_eq!(balance(USDC, Margin::account_id()), USDC_MINIMUM);
	});
}

#[test]
fn withdrawal_is_refused_when_the_owner_would_have_less_than_the_assets_minimum() {
	ExtBuilder::build_and_execute(|| {
		let all = balance(USDC, ALICE);
		assert_ok!(Margin::deposit(RuntimeOrigin::signed(ALICE), 0, CASH, all));
		assert_noop!(withdraw(CASH, USDC_MINIMUM - 1), Error::<Test>::BelowRecipientMinimum);
		assert_ok!(withdraw(CASH, USDC_MINIMUM));
	});
}

#[test]
fn withdrawal_is_refused_when_the_owner_cannot_receive() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		assert_ok!(Assets::block(RuntimeOrigin::signed(ALICE), USDC, ALICE));
		assert_noop!(withdraw(CASH, usd(1)), Error::<Test>::RecipientCannotReceive);
	});
}

#[test]
fn withdrawal_is_refused_when_the_amount_overflows() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		assert_noop!(withdraw(CASH, u128::MAX), Error::<Test>::Overflow);
		assert_noop!(withdraw(CASH, i128::MAX.unsigned_abs()), Error::<Test>::Overflow);
		assert_noop!(withdraw(WETH_ASSET, u128::MAX), Error::<Test>::InsufficientCollateral);
	});
}

#[test]
fn withdrawal_settles_what_is_due_first() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 10_000);
		assert_ok!(trade(ALICE, BOB, future(), lots(1), price(3_000)));
		expire_at(Price::from_u32(3_500));
		assert_ok!(withdraw(CASH, usd(10_500)));
		assert!(!Accounts::<Test>::contains_key(sub(ALICE)));
		assert_eq!(size(BOB, future()), lots(-1));
	});
}

#[test]
fn withdrawal_refunds_weight_when_the_account_is_small() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		let info = Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(1));
		let used = info.expect("free").actual_weight.expect("is reported");
		assert!(used.ref_time() < Margin::withdraw_weight(MaxPositions::get()).ref_time());
	});
}
