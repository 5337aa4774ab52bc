//! Cash against collateral at a venue outside.

use crate::{mock::*, Booked, Error, Event};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungibles::Mutate,
		tokens::{Fortitude, Precision, Preservation},
	},
};
use plimsoll_primitives::{Balance, CollateralId, Exchanged, OrderSide};
use proptest::prelude::*;
use sp_runtime::{DispatchError, DispatchResult};

/// A venue that takes and gives what it is told.
fn venue(
	(taken, paid): (AssetId, Balance),
	(given, received): (AssetId, Balance),
) -> impl FnOnce(&AccountId) -> DispatchResult {
	move |pallet| {
		let (preservation, force) = (Preservation::Preserve, Fortitude::Polite);
		Assets::burn_from(taken, pallet, paid, preservation, Precision::Exact, force)?;
		Assets::mint_into(given, pallet, received)?;
		Ok(())
	}
}

/// Sells this much ether for so much cash.
fn sell(owner: AccountId, ether: Balance, cash: Balance) -> Result<Exchanged, DispatchError> {
	let swap = venue((WETH, ether), (USDC, cash));
	exchange_outside(&sub(owner), ETH_COLLATERAL, OrderSide::Sell, ether, swap)
}

/// Buys this much ether for so much cash.
fn buy(owner: AccountId, ether: Balance, cash: Balance) -> Result<Exchanged, DispatchError> {
	let swap = venue((USDC, cash), (WETH, ether));
	exchange_outside(&sub(owner), ETH_COLLATERAL, OrderSide::Buy, cash, swap)
}

fn ether(owner: AccountId) -> Balance {
	crate::Accounts::<Test>::get(sub(owner))
		.map_or(0, |record| record.collateral_of(ETH_COLLATERAL))
}

#[test]
fn sale_turns_collateral_into_cash() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 2_000);
		events();
		let exchanged = Exchanged { paid: weth(500), received: usd(1_490) };
		assert_eq!(sell(ALICE, weth(500), usd(1_490)), Ok(exchanged));
		assert_eq!((ether(ALICE), cash(ALICE)), (weth(1_500), 1_490_000_000));
		assert_eq!(
			(Booked::<Test>::get(WETH), Booked::<Test>::get(USDC)),
			(weth(1_500), usd(1_490))
		);
		assert_eq!(
			events(),
			[Event::CollateralExchanged {
				account: sub(ALICE),
				collateral: ETH_COLLATERAL,
				side: OrderSide::Sell,
				amount: weth(500),
				cash: usd(1_490),
			}]
		);
	});
}

#[test]
fn purchase_turns_cash_into_collateral() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 5_000);
		assert_ok!(buy(ALICE, weth(1_000), usd(3_010)));
		assert_eq!((ether(ALICE), cash(ALICE)), (weth(1_000), 1_990_000_000));
	});
}

#[test]
fn exchange_is_refused_when_the_account_lacks_what_is_paid() {
	ExtBuilder::build_and_execute(|| {
		// Others' holdings lie in the same account of the pallet.
		deposit_cash(BOB, 100_000);
		deposit_weth(BOB, 10_000);
		deposit_cash(ALICE, 3_000);
		deposit_weth(ALICE, 1_000);
		assert_noop!(buy(ALICE, weth(1_000), usd(3_000) + 1), Error::<Test>::InsufficientCash);
		assert_noop!(
			sell(ALICE, weth(1_000) + 1, usd(3_000)),
			Error::<Test>::InsufficientCollateral
		);
		assert_noop!(sell(ALICE, weth(995), usd(3_000)), Error::<Test>::BelowMinimumCollateral);
		assert_noop!(sell(CHARLIE, weth(1), usd(3)), Error::<Test>::AccountNotFound);
		assert_ok!(buy(ALICE, weth(1_000), usd(3_000)));
		assert_ok!(sell(ALICE, weth(2_000), usd(6_000)));
	});
}

#[test]
fn venue_is_not_asked_when_the_account_lacks_what_it_expects_to_pay() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 3_000);
		deposit_weth(ALICE, 1_000);
		let asks = |side, paid| {
			let swap = |_: &AccountId| -> DispatchResult { panic!("it is not asked") };
			exchange_outside(&sub(ALICE), ETH_COLLATERAL, side, paid, swap)
		};
		let lacks_cash = DispatchError::from(Error::<Test>::InsufficientCash);
		let lacks_ether = DispatchError::from(Error::<Test>::InsufficientCollateral);
		assert_noop!(asks(OrderSide::Buy, usd(3_000) + 1), lacks_cash);
		assert_noop!(asks(OrderSide::Sell, weth(1_000) + 1), lacks_ether);
		assert_noop!(asks(OrderSide::Sell, Balance::MAX), lacks_ether);
		force_cash(ALICE, -1);
		assert_noop!(asks(OrderSide::Buy, 1), lacks_cash);
	});
}

#[test]
fn exchange_is_refused_when_it_takes_more_than_was_expected() {
	ExtBuilder::build_and_execute(|| {
		// Others' holdings would pay for it.
		deposit_weth(BOB, 10_000);
		deposit_weth(ALICE, 1_000);
		let swap = venue((WETH, weth(1_000) + 1), (USDC, usd(3_000)));
		assert_noop!(
			exchange_outside(&sub(ALICE), ETH_COLLATERAL, OrderSide::Sell, 1, swap),
			Error::<Test>::InsufficientCollateral
		);
		deposit_cash(BOB, 10_000);
		deposit_cash(ALICE, 3_000);
		// With the ether it would pass the gate, owing a unit.
		let swap = venue((USDC, usd(3_000) + 1), (WETH, weth(1_000)));
		assert_noop!(
			exchange_outside(&sub(ALICE), ETH_COLLATERAL, OrderSide::Buy, 1, swap),
			Error::<Test>::InsufficientCash
		);
	});
}

#[test]
fn purchase_is_refused_when_it_is_beyond_cap_or_minimum() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100_000);
		deposit_weth(BOB, 999_000);
		assert_noop!(buy(ALICE, weth(1_000) + 1, usd(3_000)), Error::<Test>::DepositCapExceeded);
		assert_noop!(buy(ALICE, weth(9), usd(30)), Error::<Test>::BelowMinimumCollateral);
		assert_ok!(buy(ALICE, weth(1_000), usd(3_000)));
	});
}

#[test]
fn exchange_is_refused_when_the_venue_moves_nothing_or_fails() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 5_000);
		deposit_weth(ALICE, 1_000);
		assert_noop!(sell(ALICE, weth(100), 0), Error::<Test>::VenueFailed);
		assert_noop!(buy(ALICE, weth(100), 0), Error::<Test>::VenueFailed);
		let (account, side) = (sub(ALICE), OrderSide::Sell);
		let fails = |_: &AccountId| Err(DispatchError::Other("closed"));
		assert_noop!(
			exchange_outside(&account, ETH_COLLATERAL, side, 1, fails),
			DispatchError::Other("closed")
		);
		// It may take what it was not to, and gives it all back.
		let takes_both = |pallet: &AccountId| {
			venue((WETH, weth(100)), (USDC, 1))(pallet)?;
			<Assets as Mutate<_>>::transfer(USDC, pallet, &EVE, usd(100), Preservation::Preserve)?;
			Ok(())
		};
		assert_noop!(
			exchange_outside(&account, ETH_COLLATERAL, side, weth(100), takes_both),
			Error::<Test>::VenueFailed
		);
		assert_noop!(
			exchange_outside(&account, CollateralId(9), side, 1, |_| Ok(())),
			Error::<Test>::UnknownCollateral
		);
		set_collateral_terms(DOT_COLLATERAL, |terms| terms.asset = USDC);
		assert_noop!(
			exchange_outside(&account, DOT_COLLATERAL, side, 1, |_| Ok(())),
			Error::<Test>::NothingToExchange
		);
		let swap = venue((USDC, usd(10)), (OTHER, usd(10)));
		assert_noop!(
			exchange_outside(&account, UNSEEDED, OrderSide::Buy, usd(10), swap),
			Error::<Test>::NotSeeded
		);
	});
}

#[test]
fn exchange_passes_the_gate_or_is_refused() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 100_000);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(14), price(3_000)));
		// At a price that gives most of it away the account is not covered any more.
		assert_noop!(sell(ALICE, weth(1_000), usd(1)), Error::<Test>::InitialMarginNotMet);
		assert_ok!(sell(ALICE, weth(1_000), usd(2_990)));
	});
}

#[test]
fn exchange_needs_prices_only_when_the_account_may_owe() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_weth(BOB, 1_000);
		deposit_cash(BOB, 50_000);
		deposit_cash(CHARLIE, 50_000);
		assert_ok!(trade(BOB, CHARLIE, perpetual(), lots(1), price(3_000)));
		set_stale(ETH);
		assert_ok!(sell(ALICE, weth(1_000), usd(3_000)));
		assert_noop!(sell(BOB, weth(1_000), usd(3_000)), Error::<Test>::StalePrice);
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	#[test]
	fn exchanges_conserve_both_assets(
		steps in proptest::collection::vec((any::<bool>(), 1u128..1_500, 1u128..6_000), 1..12),
	) {
		ExtBuilder::build_and_execute(|| {
			deposit_cash(ALICE, 4_000);
			deposit_weth(ALICE, 1_000);
			deposit_cash(BOB, 4_000);
			deposit_weth(BOB, 1_000);
			for (buys, ether_amount, dollars) in steps {
				let (ether_before, cash_before) = (ether(ALICE), cash(ALICE));
				let (amount, paid) = (weth(ether_amount), usd(dollars));
				let outcome = if buys { buy(ALICE, amount, paid) } else { sell(ALICE, amount, paid) };
				let paid = i128::try_from(paid).expect("small");
				let after = match (outcome.is_ok(), buys) {
					(false, _) => (ether_before, cash_before),
					(true, true) => (ether_before + amount, cash_before - paid),
					(true, false) => (ether_before - amount, cash_before + paid),
				};
				assert_eq!((ether(ALICE), cash(ALICE)), after);
				assert_eq!((ether(BOB), cash(BOB)), (weth(1_000), 4_000_000_000));
				check_all();
			}
		});
	}
}
