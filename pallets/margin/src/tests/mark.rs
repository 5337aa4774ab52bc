use crate::{mock::*, shared_market::SharedMarket, Error};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{BookClearing, Health, LiquidationLedger, Price, Stance, UsdValue};
use sp_arithmetic::FixedI128;

/// Has the mark of ether's perpetual stand so many thousandths of the price above it.
fn stand_above(thousandths: i128) {
	MarkPremiums::insert(ETH, FixedI128::from_inner(thousandths * 1_000_000_000_000_000));
}

fn health(owner: AccountId, stance: Stance) -> Health {
	<Margin as LiquidationLedger<AccountId>>::health(&sub(owner), stance).expect("priced")
}

/// The same on a market that others share.
fn health_shared(owner: AccountId, stance: Stance) -> Health {
	Margin::health_shared(&mut SharedMarket::default(), &sub(owner), stance).0.expect("priced")
}

fn long_one() {
	for owner in [ALICE, BOB] {
		deposit_cash(owner, 3_000);
	}
	assert_ok!(trade(ALICE, BOB, perpetual(), lots(1), price(3_000)));
}

#[test]
fn perpetual_is_valued_at_its_own_mark() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		stand_above(5);
		for (owner, equity, unrealised) in [(ALICE, 3_015, 15), (BOB, 2_985, -15)] {
			for stance in [Stance::Mark, Stance::Favourable, Stance::Unfavourable] {
				let health = health(owner, stance);
				assert_eq!(health.equity, UsdValue::from_u32(equity));
				assert_eq!(health, health_shared(owner, stance));
			}
			let report = Margin::account_report(&sub(owner)).expect("priced");
			let [position] = &report.positions[..] else { panic!("it has one") };
			assert_eq!(position.mark, price(3_015));
			assert_eq!(position.unrealised.into_inner(), unrealised * 1_000_000_000_000_000_000);
			assert_eq!(report.risk.margin.equity, UsdValue::from_u32(equity));
			assert_eq!(report.risk.underlyings[0].spot, price(3_000));
		}
	});
}

#[test]
fn mark_moves_nothing_but_the_perpetual() {
	ExtBuilder::build_and_execute(|| {
		let mark = |instrument| <Margin as BookClearing<AccountId>>::mark(&instrument);
		let others = [future(), call(3_000), put(3_000)];
		let before = others.map(mark);
		stand_above(-5);
		assert_eq!(mark(perpetual()), Ok(price(2_985)));
		assert_eq!(others.map(mark), before);
		deposit_weth(ALICE, 1_000);
		assert_eq!(health(ALICE, Stance::Mark).net_value, UsdValue::from_u32(3_000));
	});
}

#[test]
fn waterfall_trades_at_the_mark() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		stand_above(5);
		assert_ok!(<Margin as LiquidationLedger<AccountId>>::trade_at_mark(
			&sub(ALICE),
			&sub(BOB),
			&perpetual(),
			lots(-1)
		));
		assert_eq!((cash(ALICE), cash(BOB)), (3_015_000_000, 2_985_000_000));
	});
}

#[test]
fn gate_sees_the_mark() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		let free = |owner| {
			let report = Margin::account_report(&sub(owner)).expect("priced");
			report.free_collateral.expect("live").into_inner() / 1_000_000_000_000
		};
		let all = u128::try_from(free(BOB)).expect("it has some");
		stand_above(5);
		let withdraw = |amount| {
			Margin::withdraw(RuntimeOrigin::signed(BOB), 0, crate::AccountAsset::Cash, amount)
		};
		assert_noop!(withdraw(all), Error::<Test>::InitialMarginNotMet);
		assert_ok!(withdraw(u128::try_from(free(BOB)).expect("it has some")));
	});
}

#[test]
fn mark_follows_the_last_price_when_the_feed_is_stale() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		stand_above(5);
		set_stale(ETH);
		assert_eq!(health(ALICE, Stance::Mark).equity, UsdValue::from_u32(3_015));
		let live = <Margin as BookClearing<AccountId>>::mark(&perpetual());
		assert_eq!(live, Err(Error::<Test>::StalePrice.into()));
	});
}

#[test]
fn mark_on_a_shared_market_is_the_mark() {
	ExtBuilder::build_and_execute(|| {
		for thousandths in [-20, 0, 3] {
			stand_above(thousandths);
			let mark = Margin::mark_on(&mut SharedMarket::default(), &perpetual()).ok();
			assert_eq!(mark, Margin::live_mark(&perpetual()).ok());
			let expected = 3_000 * (1_000 + thousandths);
			assert_eq!(mark, Some(Price::from_inner(expected.unsigned_abs() * 10u128.pow(15))));
		}
	});
}
