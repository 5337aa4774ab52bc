use crate::{mock::*, Accounts, Error, Event, InsuranceCollateral, Ledger};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{Balance, LiquidationLedger};
use sp_arithmetic::FixedU128;
use sp_runtime::DispatchError;

fn absorb(owner: AccountId) -> Result<(Balance, Balance), DispatchError> {
	<Margin as LiquidationLedger<AccountId>>::absorb_deficit(&sub(owner))
}

fn buy(owner: AccountId) -> Result<Balance, DispatchError> {
	<Margin as LiquidationLedger<AccountId>>::buy_collateral(&sub(owner))
}

/// An account of Dave's that owes `debt`, with `fund` in the insurance fund; the other three have
/// a third of the rest each, as far as it divides.
fn debtor(debt: i128, fund: u128) {
	deposit_cash(DAVE, 1_000);
	force_cash(DAVE, -debt);
	for owner in [ALICE, BOB, CHARLIE] {
		deposit_cash(owner, 1_000);
	}
	let spare = i128::try_from(insurance() - fund).expect("small");
	force_cash(ALICE, 1_000_000_000 + spare);
	assert_eq!(insurance(), fund);
}

#[test]
fn insurance_fund_pays_a_deficit_when_it_can() {
	ExtBuilder::build_and_execute(|| {
		debtor(500, 700);
		events();
		assert_eq!(absorb(DAVE), Ok((500, 0)));
		assert_eq!(insurance(), 200);
		assert!(!Accounts::<Test>::contains_key(sub(DAVE)));
		assert_eq!(Ledger::<Test>::get().cash_index, FixedU128::from_u32(1));
		assert_eq!(
			events(),
			vec![
				Event::AccountClosed { account: sub(DAVE) },
				Event::DeficitAbsorbed { account: sub(DAVE), paid: 500, shared: 0 },
			]
		);
	});
}

#[test]
fn rest_is_shared_at_once_by_all_positive_cash() {
	ExtBuilder::build_and_execute(|| {
		debtor(1_000_000_100, 100);
		let before = [ALICE, BOB, CHARLIE].map(cash);
		let total: i128 = before.iter().sum();
		assert_eq!(absorb(DAVE), Ok((100, 1_000_000_000)));
		assert_eq!(insurance(), 0);
		let after = [ALICE, BOB, CHARLIE].map(cash);
		let lost = total - after.iter().sum::<i128>();
		assert!((1_000_000_000..1_000_000_004).contains(&lost));
		for (before, after) in before.iter().zip(after) {
			let exact = before * (total - 1_000_000_000) / total;
			assert!(exact - after <= 1 && after <= exact);
		}
		assert_eq!(Ledger::<Test>::get().accrued, -1_000_000_000, "nobody has paid yet");
	});
}

#[test]
fn shared_loss_is_collected_exactly_when_accounts_are_touched() {
	ExtBuilder::build_and_execute(|| {
		debtor(1_000_000_101, 0);
		assert_eq!(absorb(DAVE), Ok((0, 1_000_000_101)));
		let due = [ALICE, BOB, CHARLIE].map(cash);
		for owner in [ALICE, BOB, CHARLIE] {
			assert_ok!(Margin::deposit(RuntimeOrigin::signed(owner), 0, CASH, 1));
			check_all();
		}
		assert_eq!([ALICE, BOB, CHARLIE].map(cash), due.map(|cash| cash + 1));
		// What was collected beyond the loss goes to the fund when interest is next accrued.
		let dust = Ledger::<Test>::get().accrued;
		pass(1);
		let pots = Ledger::<Test>::get();
		assert_eq!(i128::try_from(pots.insurance).expect("small") + pots.accrued, dust);
		assert!((0..=1).contains(&pots.accrued), "nobody has still to pay");
		assert!(pots.insurance < 4, "what was collected beyond is fractions of units");
	});
}

#[test]
fn later_deposit_takes_no_part_in_an_earlier_loss() {
	ExtBuilder::build_and_execute(|| {
		debtor(1_000_000_000, 0);
		assert_ok!(absorb(DAVE));
		deposit_cash(DAVE, 50);
		assert_eq!(cash(DAVE), 50_000_000);
	});
}

#[test]
fn losses_add_up_when_several_are_shared() {
	ExtBuilder::build_and_execute(|| {
		for round in 0..5u32 {
			deposit_cash(DAVE, 1_000);
			if round == 0 {
				deposit_cash(ALICE, 777);
				deposit_cash(BOB, 1_234);
				deposit_cash(CHARLIE, 3);
			}
			// What Dave had goes to Bob, by way of the fund.
			force_cash(DAVE, -100_000_007);
			let spare = i128::try_from(insurance()).expect("small");
			force_cash(BOB, cash(BOB) + spare);
			let dust = insurance();
			assert_eq!(absorb(DAVE), Ok((dust, 100_000_007 - dust)));
			check_all();
		}
		assert!(cash(ALICE) < 777_000_000);
	});
}

#[test]
fn deficit_is_refused_when_nobody_has_the_cash_to_bear_it() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 10);
		deposit_cash(DAVE, 10);
		// Alice has won more from Dave than he had, and taken all that there was.
		lose(DAVE, ALICE, usd(20));
		assert_ok!(Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(20)));
		assert_eq!((cash(BOB), insurance()), (10_000_000, 0));
		assert_noop!(absorb(DAVE), Error::<Test>::LossExceedsCash);
		assert_ok!(Margin::contribute_insurance(RuntimeOrigin::signed(CHARLIE), 20));
		assert_eq!(absorb(DAVE), Ok((20, 9_999_980)));
		assert_eq!(cash(BOB), 20);
	});
}

#[test]
fn deficit_is_refused_when_the_account_still_has_something() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 10_000);
		force_cash(ALICE, -5);
		assert_noop!(absorb(ALICE), Error::<Test>::HasCollateral);
		assert_ok!(trade(ALICE, BOB, perpetual(), milli(100), price(3_000)));
		assert_noop!(absorb(ALICE), Error::<Test>::HasPositions);
		assert_noop!(buy(ALICE), Error::<Test>::HasPositions);
		assert_noop!(absorb(EVE), Error::<Test>::AccountNotFound);
	});
}

#[test]
fn nothing_is_absorbed_when_there_is_no_deficit() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10);
		assert_eq!(absorb(ALICE), Ok((0, 0)));
		assert_eq!(buy(ALICE), Ok(0));
		assert_eq!(cash(ALICE), 10_000_000);
	});
}

#[test]
fn insurance_fund_buys_as_much_collateral_as_the_debt_needs() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 10_000);
		assert_ok!(Margin::contribute_insurance(RuntimeOrigin::signed(BOB), usd(1_000)));
		lose(ALICE, BOB, usd(285));
		events();
		assert_eq!(buy(ALICE), Ok(usd(285)));
		// At 95 % of 3,000 USD, a tenth of an ETH is 285 USD.
		assert_eq!(InsuranceCollateral::<Test>::get(ETH_COLLATERAL), weth(100));
		assert_eq!(insurance(), usd(715));
		let record = Accounts::<Test>::get(sub(ALICE)).expect("exists");
		assert_eq!(record.cash, 0);
		assert_eq!(record.collateral_of(ETH_COLLATERAL), weth(900));
		assert_eq!(
			events(),
			vec![Event::CollateralBought {
				account: sub(ALICE),
				collateral: ETH_COLLATERAL,
				amount: weth(100),
				price: usd(285),
			}]
		);
	});
}

#[test]
fn insurance_fund_buys_all_collateral_when_the_debt_is_larger() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 10_000);
		assert_ok!(Margin::contribute_insurance(RuntimeOrigin::signed(BOB), usd(5_000)));
		lose(ALICE, BOB, usd(1_000));
		set_price(ETH, price(1_000));
		assert_eq!(buy(ALICE), Ok(usd(950)));
		assert_eq!(cash(ALICE), -50_000_000);
		assert_eq!(absorb(ALICE), Ok((usd(50), 0)));
		// The fund's collateral does not count against the cap of accounts.
		let asset = crate::AccountAsset::Collateral(ETH_COLLATERAL);
		assert_ok!(Margin::deposit(RuntimeOrigin::signed(BOB), 0, asset, weth(1_000_000)));
	});
}

#[test]
fn insurance_fund_buys_no_more_than_it_can_pay() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 10_000);
		lose(ALICE, BOB, usd(1_000));
		assert_eq!(buy(ALICE), Ok(0));
		assert_ok!(Margin::contribute_insurance(RuntimeOrigin::signed(BOB), usd(57)));
		assert_eq!(buy(ALICE), Ok(usd(57)));
		assert_eq!(InsuranceCollateral::<Test>::get(ETH_COLLATERAL), weth(20));
		assert_eq!(insurance(), 0);
	});
}

#[test]
fn collateral_is_not_bought_when_its_price_is_stale() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 10_000);
		lose(ALICE, BOB, usd(1_000));
		set_stale(ETH);
		assert_noop!(buy(ALICE), Error::<Test>::StalePrice);
	});
}

#[test]
fn holding_worth_less_than_a_unit_is_taken_for_nothing() {
	ExtBuilder::build_and_execute(|| {
		set_collateral_terms(ETH_COLLATERAL, |terms| terms.minimum = 1);
		let asset = crate::AccountAsset::Collateral(ETH_COLLATERAL);
		assert_ok!(Margin::deposit(RuntimeOrigin::signed(ALICE), 0, asset, 5));
		deposit_cash(ALICE, 10);
		deposit_cash(BOB, 10);
		force_cash(ALICE, -3);
		assert_eq!(buy(ALICE), Ok(0));
		assert_eq!(InsuranceCollateral::<Test>::get(ETH_COLLATERAL), 5);
		assert_eq!(absorb(ALICE), Ok((3, 0)));
	});
}
