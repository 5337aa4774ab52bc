use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{Balance, LiquidationLedger};
use sp_runtime::DispatchError;

fn charge(owner: AccountId, fee: Balance) -> Result<Balance, DispatchError> {
	<Margin as LiquidationLedger<AccountId>>::charge_fee(&sub(owner), fee)
}

#[test]
fn fee_goes_to_the_insurance_fund() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		events();
		assert_eq!(charge(ALICE, usd(3)), Ok(usd(3)));
		assert_eq!(cash(ALICE), 97_000_000);
		assert_eq!(insurance(), usd(3));
		assert_eq!(events(), vec![Event::FeeCharged { account: sub(ALICE), amount: usd(3) }]);
	});
}

#[test]
fn fee_takes_no_more_than_equity() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 1_000);
		deposit_cash(BOB, 100_000);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(1), price(3_000)));
		set_price(ETH, price(2_100));
		assert_eq!(charge(ALICE, usd(500)), Ok(usd(100)));
		assert_eq!(charge(ALICE, usd(500)), Ok(0));
		set_price(ETH, price(1_900));
		assert_eq!(charge(ALICE, usd(500)), Ok(0));
	});
}

#[test]
fn fee_uses_the_last_price_when_the_feed_is_stale() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		set_stale(ETH);
		assert_eq!(charge(ALICE, usd(1)), Ok(usd(1)));
		assert_eq!(cash(ALICE), -1_000_000);
	});
}

#[test]
fn fee_is_refused_when_the_account_does_not_exist() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(charge(EVE, 1), Error::<Test>::AccountNotFound);
	});
}
