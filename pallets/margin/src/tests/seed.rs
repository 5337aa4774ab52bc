use crate::{mock::*, AccountAsset, Error, Event, Seeds};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn seed_opens_an_asset_for_deposits() {
	ExtBuilder::build_and_execute(|| {
		let deposit = || {
			let asset = AccountAsset::Collateral(UNSEEDED);
			Margin::deposit(RuntimeOrigin::signed(ALICE), 0, asset, usd(5))
		};
		assert_noop!(deposit(), Error::<Test>::NotSeeded);
		assert_ok!(Margin::seed(RuntimeOrigin::signed(BOB), OTHER, 100));
		assert_eq!(events(), vec![Event::Seeded { who: BOB, asset: OTHER, amount: 100 }]);
		assert_eq!(Seeds::<Test>::get(OTHER), 100);
		assert_ok!(deposit());
	});
}

#[test]
fn seed_is_refused_when_it_is_zero_unknown_or_not_there() {
	ExtBuilder::build_and_execute(|| {
		let seed = |who, asset, amount| Margin::seed(RuntimeOrigin::signed(who), asset, amount);
		assert_noop!(seed(ALICE, OTHER, 0), Error::<Test>::ZeroAmount);
		assert_noop!(seed(ALICE, 77, 5), Error::<Test>::UnknownAsset);
		assert_noop!(seed(EVE, OTHER, 5), Error::<Test>::InsufficientBalance);
		assert_noop!(Margin::seed(RuntimeOrigin::root(), OTHER, 5), DispatchError::BadOrigin);
	});
}

#[test]
fn asset_sent_past_the_calls_belongs_to_nobody() {
	new_test_ext().execute_with(|| {
		deposit_cash(ALICE, 100);
		let pallet = Margin::account_id();
		assert_ok!(Assets::transfer(RuntimeOrigin::signed(BOB), USDC, pallet, usd(3)));
		assert_eq!(Margin::unbooked(&USDC), Some(usd(3)));
		assert_ok!(Margin::do_try_state());
		// And cannot be withdrawn: Alice has won 1 USD that Charlie has not got.
		deposit_weth(CHARLIE, 1_000);
		lose(CHARLIE, ALICE, usd(1));
		assert_noop!(
			Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(101))
				.map_err(|failed| failed.error),
			Error::<Test>::InsufficientLiquidity
		);
	});
}
