use crate::{mock::*, Accounts, Error, Event};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use plimsoll_primitives::{Amount, Contracts, Instrument, LiquidationLedger};
use sp_arithmetic::Perquintill;
use sp_runtime::DispatchError;

fn slice(
	from: AccountId,
	to: AccountId,
	part: Perquintill,
	price: Amount,
) -> Result<(), DispatchError> {
	<Margin as LiquidationLedger<AccountId>>::transfer_slice(&sub(from), &sub(to), part, price)
}

/// Alice long 4 perpetuals and short a call, with cash and ETH; Bob the other side; Charlie has
/// cash.
fn portfolio() {
	deposit_cash(ALICE, 10_000);
	deposit_weth(ALICE, 1_001);
	deposit_cash(BOB, 100_000);
	deposit_cash(CHARLIE, 100_000);
	assert_ok!(trade(ALICE, BOB, perpetual(), lots(4), price(3_000)));
	assert_ok!(trade(BOB, ALICE, call(3_100), lots(1), price(150)));
}

fn weth_of(owner: AccountId) -> u128 {
	Accounts::<Test>::get(sub(owner)).map_or(0, |record| record.collateral_of(ETH_COLLATERAL))
}

/// What is told of a position that passes from Alice to Charlie.
fn passed(
	instrument: Instrument,
	size: Contracts,
	entry_value: Amount,
	cash_change: Amount,
) -> Event<Test> {
	let (from, to) = (sub(ALICE), sub(CHARLIE));
	Event::PositionTransferred { from, to, instrument, size, entry_value, cash_change }
}

#[test]
fn slice_tells_what_it_realises_when_the_taker_has_the_other_side() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 100_000);
		deposit_cash(CHARLIE, 100_000);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(4), price(3_000)));
		assert_ok!(trade(CHARLIE, BOB, perpetual(), lots(-3), price(3_100)));
		assert_ok!(Margin::contribute_insurance(RuntimeOrigin::signed(BOB), usd(1)));
		events();
		assert_ok!(slice(ALICE, CHARLIE, Perquintill::from_percent(50), -1_000));
		let told = events();
		// Two of the three are closed at 3,000 that were sold at 3,100.
		assert_eq!(told[0], passed(perpetual(), lots(2), 6_000_000_000, 200_000_000));
		let Event::SliceTransferred { cash: moved, price, .. } = &told[1] else {
			panic!("{told:?}")
		};
		assert_eq!((*moved, *price), (5_000_000_000, -1_000));
		assert_eq!(cash(CHARLIE), 105_200_001_000);
	});
}

#[test]
fn slice_moves_its_part_of_everything() {
	ExtBuilder::build_and_execute(|| {
		portfolio();
		events();
		let quarter = Perquintill::from_percent(25);
		assert_ok!(slice(ALICE, CHARLIE, quarter, usd(500) as Amount));
		// A quarter of 10,150 and the price.
		assert_eq!(cash(ALICE), 10_150_000_000 - 2_537_500_000 + 500_000_000);
		assert_eq!(cash(CHARLIE), 100_000_000_000 + 2_537_500_000 - 500_000_000);
		assert_eq!(weth_of(CHARLIE), weth(1_001) / 4);
		assert_eq!(size(CHARLIE, perpetual()), lots(1));
		assert_eq!(entry(CHARLIE, perpetual()), 3_000_000_000);
		assert_eq!(size(CHARLIE, call(3_100)), milli(-250));
		assert_eq!(size(ALICE, call(3_100)), milli(-750));
		assert_eq!(open_interest(&perpetual()), lots(4));
		assert_eq!(
			events(),
			vec![
				passed(perpetual(), lots(1), 3_000_000_000, 0),
				passed(call(3_100), milli(-250), 0, 0),
				Event::SliceTransferred {
					from: sub(ALICE),
					to: sub(CHARLIE),
					part: quarter,
					price: 500_000_000,
					cash: 2_537_500_000,
					collateral: BoundedVec::truncate_from(vec![(ETH_COLLATERAL, weth(1_001) / 4)]),
				}
			]
		);
	});
}

#[test]
fn slice_does_not_tell_of_collateral_of_which_nothing_moves() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_cash(CHARLIE, 100_000);
		deposit_weth(ALICE, 10);
		events();
		assert_ok!(slice(ALICE, CHARLIE, Perquintill::from_parts(1), 0));
		assert_eq!((weth_of(ALICE), weth_of(CHARLIE)), (weth(10), 0));
		let told = events();
		let [Event::SliceTransferred { cash: 0, collateral, .. }] = &told[..] else {
			panic!("{told:?}")
		};
		assert!(collateral.is_empty());
	});
}

#[test]
fn slice_rounds_positions_up_to_lots_and_never_takes_more_than_held() {
	ExtBuilder::build_and_execute(|| {
		portfolio();
		assert_ok!(slice(ALICE, CHARLIE, Perquintill::from_parts(1), 0));
		assert_eq!(size(CHARLIE, perpetual()), milli(1));
		assert_eq!(size(CHARLIE, call(3_100)), milli(-1));
		assert_eq!(cash(CHARLIE), 100_000_000_000);
		let almost = Perquintill::from_parts(999_999_999_999_999_999);
		assert_ok!(slice(ALICE, CHARLIE, almost, 0));
		assert_eq!(size(ALICE, perpetual()), lots(0));
		assert_eq!(size(CHARLIE, perpetual()), lots(4));
	});
}

#[test]
fn slice_of_all_leaves_nothing() {
	ExtBuilder::build_and_execute(|| {
		portfolio();
		assert_ok!(slice(ALICE, CHARLIE, Perquintill::one(), 0));
		assert!(!Accounts::<Test>::contains_key(sub(ALICE)));
		assert_eq!(cash(CHARLIE), 110_150_000_000);
		assert_eq!(weth_of(CHARLIE), weth(1_001));
	});
}

#[test]
fn slice_nets_against_what_the_receiver_has() {
	ExtBuilder::build_and_execute(|| {
		portfolio();
		set_price(ETH, price(2_500));
		// Bob is short what Alice is long: he takes two over and so realises the fall of both.
		assert_ok!(slice(ALICE, BOB, Perquintill::from_percent(50), 0));
		assert_eq!(size(BOB, perpetual()), lots(-2));
		assert_eq!(size(ALICE, perpetual()), lots(2));
		assert_eq!(open_interest(&perpetual()), lots(2));
		assert_eq!(size(BOB, call(3_100)), milli(500));
	});
}

#[test]
fn slice_of_a_loan_passes_the_debt_on() {
	ExtBuilder::build_and_execute(|| {
		portfolio();
		force_cash(ALICE, -1_001);
		assert_ok!(slice(ALICE, CHARLIE, Perquintill::from_percent(50), 0));
		assert_eq!(cash(ALICE), -500);
		assert_eq!(cash(CHARLIE), 100_000_000_000 - 501);
	});
}

#[test]
fn insurance_fund_pays_when_the_price_is_negative() {
	ExtBuilder::build_and_execute(|| {
		portfolio();
		assert_noop!(
			slice(ALICE, CHARLIE, Perquintill::from_percent(50), -5),
			Error::<Test>::InsuranceFundExhausted
		);
		assert_ok!(Margin::contribute_insurance(RuntimeOrigin::signed(DAVE), 7));
		assert_ok!(slice(ALICE, CHARLIE, Perquintill::from_parts(1), -5));
		assert_eq!(insurance(), 2);
		assert_eq!(cash(CHARLIE), 100_000_000_005);
	});
}

#[test]
fn slice_is_refused_when_the_receiver_would_lack_margin() {
	ExtBuilder::build_and_execute(|| {
		portfolio();
		deposit_cash(DAVE, 10);
		assert_noop!(
			slice(ALICE, DAVE, Perquintill::from_percent(50), 100_000_000_000),
			Error::<Test>::InitialMarginNotMet
		);
		set_stale(ETH);
		assert_noop!(
			slice(ALICE, CHARLIE, Perquintill::from_percent(50), 0),
			Error::<Test>::StalePrice
		);
	});
}

#[test]
fn slice_is_refused_when_it_is_no_transfer() {
	ExtBuilder::build_and_execute(|| {
		portfolio();
		let half = Perquintill::from_percent(50);
		assert_noop!(slice(ALICE, ALICE, half, 0), Error::<Test>::SameAccount);
		assert_noop!(slice(ALICE, EVE, half, 0), Error::<Test>::AccountNotFound);
		assert_noop!(slice(EVE, ALICE, half, 0), Error::<Test>::AccountNotFound);
		assert_noop!(slice(ALICE, BOB, Perquintill::zero(), 0), Error::<Test>::EmptySlice);
		assert_noop!(slice(ALICE, BOB, half, i128::MIN), Error::<Test>::Overflow);
	});
}
