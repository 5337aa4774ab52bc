use crate::{fees::MAX_FEE, mock::*, Error, Event, FeeRates, Fees, Ledger};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::Contracts;
use sp_arithmetic::Permill;
use sp_runtime::DispatchError;

fn fees(maker: u32, taker: u32, insurance_percent: u32) -> Fees {
	Fees {
		maker: Permill::from_parts(maker),
		taker: Permill::from_parts(taker),
		insurance_share: Permill::from_percent(insurance_percent),
		..Fees::default()
	}
}

fn set(fees: Fees) {
	assert_ok!(Margin::set_fees(RuntimeOrigin::root(), fees));
}

fn pots() -> (u128, u128) {
	let pots = Ledger::<Test>::get();
	(pots.insurance, pots.fees)
}

fn fund() {
	deposit_cash(ALICE, 10_000);
	deposit_cash(BOB, 10_000);
}

#[test]
fn both_sides_pay_their_fee_when_an_order_fills() {
	ExtBuilder::build_and_execute(|| {
		fund();
		set(fees(100, 500, 25));
		events();
		match_one(perpetual(), lots(2), 3_000);
		assert_eq!(cash(ALICE), 10_000_000_000 - 3_000_000, "0.05 % of 6,000");
		assert_eq!(cash(BOB), 10_000_000_000 - 600_000, "0.01 %");
		assert_eq!(pots(), (900_000, 2_700_000));
		let paid: Vec<_> = events()
			.into_iter()
			.filter(|event| matches!(event, Event::TradingFeeCharged { .. }))
			.collect();
		assert_eq!(
			paid,
			vec![
				Event::TradingFeeCharged { account: sub(ALICE), fee: 3_000_000 },
				Event::TradingFeeCharged { account: sub(BOB), fee: 600_000 },
			]
		);
	});
}

#[test]
fn seller_of_an_option_pays_of_its_premium() {
	ExtBuilder::build_and_execute(|| {
		fund();
		set(fees(0, 1_000, 0));
		match_one(call(3_000), lots(-1), 150);
		assert_eq!(cash(ALICE), 10_150_000_000 - 150_000);
		assert_eq!(cash(BOB), 9_850_000_000);
		assert_eq!(pots(), (0, 150_000));
	});
}

#[test]
fn fee_is_rounded_up() {
	ExtBuilder::build_and_execute(|| {
		fund();
		set(fees(1, 1, 50));
		// A hundredth of a cent: of 100 units, one in a million is less than a unit.
		match_one(call(3_000), Contracts::from_inner(1_000_000_000_000), 100);
		assert_eq!(cash(ALICE), 10_000_000_000 - 100 - 1);
		assert_eq!(cash(BOB), 10_000_000_000 + 100 - 1);
		assert_eq!(pots(), (2, 0), "the insurance fund's part is rounded up, too");
	});
}

#[test]
fn block_trades_pay_no_fee() {
	ExtBuilder::build_and_execute(|| {
		fund();
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(2), price(3_000)));
		assert_eq!(pots(), (0, 0));
	});
}

#[test]
fn fees_are_set_by_governance_within_their_limit() {
	ExtBuilder::build_and_execute(|| {
		events();
		set(fees(20, 30, 100));
		assert_eq!(FeeRates::<Test>::get(), fees(20, 30, 100));
		assert_eq!(events(), vec![Event::FeesSet { fees: fees(20, 30, 100) }]);
		let most = MAX_FEE.deconstruct();
		set(fees(most, most, 0));
		for too_high in [fees(most + 1, 0, 0), fees(0, most + 1, 0)] {
			assert_noop!(
				Margin::set_fees(RuntimeOrigin::root(), too_high),
				Error::<Test>::FeeTooHigh
			);
		}
		assert_noop!(
			Margin::set_fees(RuntimeOrigin::signed(ALICE), Fees::default()),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn fees_are_paid_out_to_whom_governance_says() {
	ExtBuilder::build_and_execute(|| {
		fund();
		set(fees(0, 500, 0));
		match_one(perpetual(), lots(2), 3_000);
		let before = balance(USDC, CHARLIE);
		events();
		let withdraw = |amount| Margin::withdraw_fees(RuntimeOrigin::root(), CHARLIE, amount);
		assert_noop!(withdraw(3_000_001), Error::<Test>::InsufficientFees);
		assert_noop!(withdraw(0), Error::<Test>::ZeroAmount);
		assert_ok!(withdraw(2_000_000));
		assert_eq!(balance(USDC, CHARLIE), before + 2_000_000);
		assert_eq!(pots(), (0, 1_000_000));
		assert_eq!(events(), vec![Event::FeesWithdrawn { to: CHARLIE, amount: 2_000_000 }]);
		assert_noop!(
			Margin::withdraw_fees(RuntimeOrigin::signed(CHARLIE), CHARLIE, 1),
			DispatchError::BadOrigin
		);
	});
}
