use crate::{mock::*, AccountAsset, Accounts, Booked, Error, Event};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::CollateralId;
use sp_runtime::DispatchError;

const WETH_ASSET: AccountAsset = AccountAsset::Collateral(ETH_COLLATERAL);

fn deposit(asset: AccountAsset, amount: u128) -> sp_runtime::DispatchResult {
	Margin::deposit(RuntimeOrigin::signed(ALICE), 0, asset, amount)
}

#[test]
fn deposit_credits_cash_when_the_asset_arrives() {
	ExtBuilder::build_and_execute(|| {
		let before = balance(USDC, ALICE);
		assert_ok!(deposit(CASH, usd(100)));
		assert_eq!(cash(ALICE), 100_000_000);
		assert_eq!(balance(USDC, ALICE), before - usd(100));
		assert_eq!(balance(USDC, Margin::account_id()), USDC_MINIMUM + usd(100));
		assert_eq!(
			events(),
			vec![Event::Deposited { account: sub(ALICE), asset: CASH, amount: usd(100) }]
		);
	});
}

#[test]
fn deposit_credits_collateral_when_the_asset_arrives() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(deposit(WETH_ASSET, weth(500)));
		assert_ok!(deposit(WETH_ASSET, weth(250)));
		let record = Accounts::<Test>::get(sub(ALICE)).expect("exists");
		assert_eq!(record.collateral.to_vec(), vec![(ETH_COLLATERAL, weth(750))]);
		assert_eq!(Booked::<Test>::get(WETH), weth(750));
	});
}

#[test]
fn deposit_needs_no_price() {
	ExtBuilder::build_and_execute(|| {
		set_stale(ETH);
		set_settlement_asset_stale();
		assert_ok!(deposit(WETH_ASSET, weth(500)));
	});
}

#[test]
fn deposit_takes_the_rest_along_when_it_would_be_lost() {
	ExtBuilder::build_and_execute(|| {
		let all = balance(USDC, ALICE);
		assert_ok!(deposit(CASH, all - 1));
		assert_eq!(balance(USDC, ALICE), 0);
		assert_eq!(cash(ALICE), i128::try_from(all).expect("small"));
		assert_eq!(Assets::total_supply(USDC), USDC_MINIMUM + 4 * usd(10_000_000));
	});
}

#[test]
fn deposit_is_refused_when_it_is_zero() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(deposit(CASH, 0), Error::<Test>::ZeroAmount);
	});
}

#[test]
fn deposit_is_refused_when_it_is_not_signed() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			Margin::deposit(RuntimeOrigin::root(), 0, CASH, usd(5)),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn deposit_is_refused_when_the_collateral_is_unknown() {
	ExtBuilder::build_and_execute(|| {
		let unknown = AccountAsset::Collateral(CollateralId(9));
		assert_noop!(deposit(unknown, usd(5)), Error::<Test>::UnknownCollateral);
	});
}

#[test]
fn deposit_is_refused_when_the_asset_does_not_exist() {
	ExtBuilder::build_and_execute(|| {
		set_collateral_terms(DOT_COLLATERAL, |terms| terms.asset = 77);
		let dot = AccountAsset::Collateral(DOT_COLLATERAL);
		assert_noop!(deposit(dot, usd(5)), Error::<Test>::UnknownAsset);
		set_collateral_terms(DOT_COLLATERAL, |terms| terms.asset = DOT);
	});
}

#[test]
fn deposit_is_refused_when_the_asset_is_not_seeded() {
	ExtBuilder::build_and_execute(|| {
		let unseeded = AccountAsset::Collateral(UNSEEDED);
		assert_noop!(deposit(unseeded, usd(5)), Error::<Test>::NotSeeded);
	});
}

#[test]
fn deposit_is_refused_when_the_caller_has_less() {
	ExtBuilder::build_and_execute(|| {
		let all = balance(USDC, ALICE);
		assert_noop!(deposit(CASH, all + 1), Error::<Test>::InsufficientBalance);
		assert_noop!(
			Margin::deposit(RuntimeOrigin::signed(EVE), 0, CASH, usd(5)),
			Error::<Test>::InsufficientBalance
		);
		assert_noop!(deposit(CASH, u128::MAX), Error::<Test>::InsufficientBalance);
	});
}

#[test]
fn first_deposit_is_refused_when_it_is_below_the_minimum() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(deposit(CASH, MINIMUM_CASH - 1), Error::<Test>::BelowMinimumCash);
		assert_noop!(deposit(WETH_ASSET, weth(10) - 1), Error::<Test>::BelowMinimumCollateral);
		assert_ok!(deposit(CASH, MINIMUM_CASH));
		assert_ok!(deposit(CASH, 1));
		assert_ok!(deposit(WETH_ASSET, weth(10)));
		assert_ok!(deposit(WETH_ASSET, 1));
	});
}

#[test]
fn deposit_is_refused_when_all_accounts_would_hold_more_than_the_cap() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(BOB, 999_000);
		assert_noop!(deposit(WETH_ASSET, weth(1_001)), Error::<Test>::DepositCapExceeded);
		assert_ok!(deposit(WETH_ASSET, weth(1_000)));
	});
}

#[test]
fn deposit_is_refused_when_there_is_no_room_for_another_asset() {
	ExtBuilder::build_and_execute(|| {
		// Four assets fit; five numbers of one asset are five collateral assets.
		let terms =
			<FakeRegistry as plimsoll_primitives::InstrumentRegistry>::collateral(DOT_COLLATERAL)
				.expect("registered");
		for id in 10..15u16 {
			copy_collateral(CollateralId(id), &terms);
		}
		for id in 10..14u16 {
			assert_ok!(deposit(AccountAsset::Collateral(CollateralId(id)), 10_000_000_000));
		}
		assert_noop!(
			deposit(AccountAsset::Collateral(CollateralId(14)), 10_000_000_000),
			Error::<Test>::TooManyCollaterals
		);
	});
}

#[test]
fn sub_accounts_are_kept_apart_when_an_owner_has_several() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(Margin::deposit(RuntimeOrigin::signed(ALICE), 0, CASH, usd(5)));
		assert_ok!(Margin::deposit(RuntimeOrigin::signed(ALICE), 65_535, CASH, usd(7)));
		assert_eq!(cash(ALICE), 5_000_000);
		assert_eq!(Accounts::<Test>::iter().count(), 2);
	});
}
