use crate::{mock::*, Error};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{
	Health, LiquidationLedger, Price, Rounding, Stance, UnderlyingId, UsdValue,
};
use sp_runtime::DispatchError;

fn health(owner: AccountId, stance: Stance) -> Result<Health, DispatchError> {
	<Margin as LiquidationLedger<AccountId>>::health(&sub(owner), stance)
}

fn long_one() {
	deposit_cash(ALICE, 10_000);
	deposit_cash(BOB, 10_000);
	assert_ok!(trade(ALICE, BOB, perpetual(), lots(1), price(3_000)));
}

#[test]
fn health_counts_cash_collateral_and_positions() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		deposit_weth(ALICE, 1_000);
		set_price(ETH, price(3_100));
		let health = health(ALICE, Stance::Mark).expect("priced");
		// 10,000 + 95 % of 3,100 + 100.
		assert_eq!(health.equity, UsdValue::from_u32(13_045));
		assert_eq!(health.net_value, UsdValue::from_u32(13_200));
		assert!(health.initial_margin >= health.maintenance_margin);
		assert!(health.maintenance_margin.is_positive());
		assert_eq!(health.positions, 1);
		assert_eq!(health.live_blocks, 8);
	});
}

#[test]
fn health_depends_on_no_feed_when_only_cash_is_held() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10);
		let health = health(ALICE, Stance::Unfavourable).expect("needs no price");
		assert_eq!(health.live_blocks, u32::MAX);
		assert_eq!(health.equity, UsdValue::from_u32(10));
		assert!(health.initial_margin.is_zero());
	});
}

#[test]
fn health_takes_the_shortest_run_of_all_feeds() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		let btc = plimsoll_primitives::Instrument::perpetual(BTC);
		assert_ok!(trade(ALICE, BOB, btc, milli(10), price(60_000)));
		assert_eq!(health(ALICE, Stance::Mark).expect("priced").live_blocks, 7);
		set_stale(ETH);
		assert_eq!(health(ALICE, Stance::Mark).expect("last price").live_blocks, 0);
	});
}

#[test]
fn health_follows_the_runs_of_the_expiries_that_are_held() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		let live_blocks = || health(ALICE, Stance::Mark).expect("priced").live_blocks;
		change_live_prices(ETH, |prices| {
			prices.expiries[0].live_blocks = 4;
			prices.expiries[0].surface_live_blocks = 2;
		});
		assert_eq!(live_blocks(), 8, "a perpetual has no expiry");
		assert_ok!(trade(ALICE, BOB, future(), lots(1), price(3_000)));
		assert_eq!(live_blocks(), 4, "a future needs no surface");
		assert_ok!(trade(ALICE, BOB, call(3_000), lots(1), price(200)));
		assert_eq!(live_blocks(), 2);
		change_live_prices(ETH, |prices| prices.expiries[0].surface_live_blocks = 6);
		assert_eq!(live_blocks(), 4);
		change_live_prices(ETH, |prices| prices.expiries.clear());
		assert_eq!(live_blocks(), 0);
	});
}

#[test]
fn health_uses_the_last_price_in_the_accounts_favour_when_a_feed_is_stale() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		let live = health(ALICE, Stance::Favourable).expect("live");
		set_stale(ETH);
		let stale = health(ALICE, Stance::Favourable).expect("last price");
		assert!(stale.equity > live.equity);
		assert_noop!(health(ALICE, Stance::Unfavourable), Error::<Test>::StalePrice);
	});
}

#[test]
fn health_is_known_when_only_an_expirys_feeds_are_stale() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		assert_ok!(trade(ALICE, BOB, call(3_000), lots(1), price(200)));
		change_live_prices(ETH, |prices| prices.expiries[0].surface = None);
		let without_surface = health(ALICE, Stance::Favourable).expect("the last one stands in");
		assert_eq!(without_surface.live_blocks, 0);
		assert_noop!(health(ALICE, Stance::Unfavourable), Error::<Test>::NoSurface);
		change_live_prices(ETH, |prices| prices.expiries.clear());
		let without_expiry = health(ALICE, Stance::Favourable).expect("the last one stands in");
		assert_eq!(without_expiry, without_surface);
		assert_noop!(health(ALICE, Stance::Unfavourable), Error::<Test>::NoForward);
	});
}

#[test]
fn health_values_an_expired_position_on_spot_when_no_settlement_price_is_fixed() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 10_000);
		assert_ok!(trade(ALICE, BOB, future(), lots(1), price(3_000)));
		set_time(EXPIRY);
		set_price(ETH, price(3_200));
		change_live_prices(ETH, |prices| prices.expiries.clear());
		let unsettled = health(ALICE, Stance::Unfavourable).expect("valued on spot");
		assert_eq!(unsettled.equity, UsdValue::from_u32(10_200));
		expire_at(price(3_100));
		let settled = health(ALICE, Stance::Unfavourable).expect("certain");
		assert_eq!(settled.equity, UsdValue::from_u32(10_100));
		assert!(settled.initial_margin.is_zero());
		assert_eq!(settled.live_blocks, u32::MAX);
	});
}

#[test]
fn health_is_refused_when_the_account_does_not_exist() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(health(EVE, Stance::Mark), Error::<Test>::AccountNotFound);
		assert!(!<Margin as LiquidationLedger<AccountId>>::exists(&sub(EVE)));
	});
}

#[test]
fn health_is_refused_when_nothing_was_ever_known_of_a_price() {
	ExtBuilder::build_and_execute(|| {
		let unpriced = UnderlyingId(7);
		set_collateral_terms(DOT_COLLATERAL, |terms| terms.feed = unpriced);
		let dot = crate::AccountAsset::Collateral(DOT_COLLATERAL);
		assert_ok!(Margin::deposit(RuntimeOrigin::signed(ALICE), 0, dot, 10_000_000_000));
		for stance in [Stance::Mark, Stance::Favourable, Stance::Unfavourable] {
			assert_noop!(health(ALICE, stance), Error::<Test>::NoPrice);
		}
	});
}

/// Values everybody on one market, in this order, and each alone.
fn same_as_alone(owners: &[AccountId]) {
	for stance in [Stance::Mark, Stance::Favourable, Stance::Unfavourable] {
		let mut market = Default::default();
		let most = <Margin as LiquidationLedger<AccountId>>::health_in_weight();
		// The second time all that can be shared is there.
		for owner in owners.iter().chain(owners) {
			let (found, weight) = <Margin as LiquidationLedger<AccountId>>::health_in(
				&mut market,
				&sub(*owner),
				stance,
			);
			assert_eq!(found, health(*owner, stance), "{owner} {stance:?}");
			assert!(weight.all_lte(most) && weight.ref_time() > 0);
		}
	}
}

#[test]
fn health_is_the_same_when_others_were_valued_before() {
	ExtBuilder::build_and_execute(|| {
		let owners = [ALICE, BOB, CHARLIE, DAVE, EVE];
		long_one();
		deposit_cash(CHARLIE, 10_000);
		deposit_weth(CHARLIE, 1_000);
		deposit_cash(DAVE, 7);
		let btc = plimsoll_primitives::Instrument::perpetual(BTC);
		assert_ok!(trade(CHARLIE, BOB, btc, milli(10), price(60_000)));
		same_as_alone(&owners);
		assert_ok!(trade(CHARLIE, ALICE, call(3_000), lots(1), price(200)));
		assert_ok!(trade(BOB, ALICE, future(), lots(1), price(3_000)));
		same_as_alone(&owners);
		// Some have all that they need, others do not.
		change_live_prices(ETH, |prices| prices.expiries[0].surface = None);
		same_as_alone(&owners);
		change_live_prices(ETH, |prices| prices.expiries.clear());
		same_as_alone(&owners);
		set_stale(ETH);
		same_as_alone(&owners);
	});
}

#[test]
fn health_is_the_same_when_underlyings_are_offset() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		deposit_cash(CHARLIE, 10_000);
		// One holds nothing but collateral, on which no joint scenario has a bearing.
		deposit_weth(DAVE, 1_000);
		let btc = plimsoll_primitives::Instrument::perpetual(BTC);
		assert_ok!(trade(ALICE, CHARLIE, btc, milli(-50), price(60_000)));
		super::joint::in_force(super::joint::alike());
		same_as_alone(&[DAVE, ALICE, BOB, CHARLIE]);
	});
}

#[test]
fn health_on_one_market_weighs_less_when_it_was_worked_out_before() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		let mut market = Default::default();
		let mut weight = |owner| {
			let (found, weight) = <Margin as LiquidationLedger<AccountId>>::health_in(
				&mut market,
				&sub(owner),
				Stance::Favourable,
			);
			assert_ok!(found);
			weight
		};
		let (first, second) = (weight(ALICE), weight(BOB));
		assert!(second.ref_time() < first.ref_time());
	});
}

#[test]
fn accounts_and_holders_are_walked_in_storage_order_when_resumed() {
	ExtBuilder::build_and_execute(|| {
		for owner in [ALICE, BOB, CHARLIE, DAVE] {
			deposit_cash(owner, 100_000);
		}
		for owner in [BOB, CHARLIE, DAVE] {
			assert_ok!(trade(ALICE, owner, perpetual(), lots(1), price(3_000)));
		}
		type Book = Margin;
		let all = <Book as LiquidationLedger<AccountId>>::accounts_after(None, 10);
		assert_eq!(all.len(), 4);
		let rest = <Book as LiquidationLedger<AccountId>>::accounts_after(Some(all[0].clone()), 2);
		assert_eq!(rest, all[1..3]);
		let holders = <Book as LiquidationLedger<AccountId>>::holders_after(&perpetual(), None, 10);
		assert_eq!(holders.len(), 4);
		let rest = <Book as LiquidationLedger<AccountId>>::holders_after(
			&perpetual(),
			Some(holders[2].clone()),
			10,
		);
		assert_eq!(rest, holders[3..]);
		let positions = <Book as LiquidationLedger<AccountId>>::positions(&sub(ALICE));
		assert_eq!(positions.len(), 1);
		assert_eq!(positions[0].size, lots(3));
		assert!(<Book as LiquidationLedger<AccountId>>::positions(&sub(EVE)).is_empty());
	});
}

#[test]
fn usd_becomes_settlement_units_as_told() {
	ExtBuilder::build_and_execute(|| {
		let value = UsdValue::from_inner(1_500_000_000_001);
		let units =
			|rounding| <Margin as LiquidationLedger<AccountId>>::settlement_units(value, rounding);
		assert_eq!(units(Rounding::Up), Some(2));
		assert_eq!(units(Rounding::Down), Some(1));
		assert_eq!(Price::ONE, price(1));
	});
}
