use super::*;
use crate::Event;
use plimsoll_primitives::{Instrument, UsdValue};
use proptest::{
	collection::vec,
	prelude::*,
	test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use sp_arithmetic::Permill;

/// The owner who takes the other side of everything.
const MAKER: u64 = 1_000;
/// The owner who takes slices.
const PROVIDER: u64 = 1_001;

/// (equity in USD, contracts, whether long, which instrument)
type Trader = (i32, u32, bool, Instrument);

fn traders() -> impl Strategy<Value = Vec<Trader>> {
	let instrument = prop_oneof![Just(ETH), Just(ETH_FUTURE), Just(BTC)];
	vec((1i32..400, 1u32..30, any::<bool>(), instrument), 1..12)
}

fn set_up(traders: &[Trader], fund_units: u128, provider: i32) {
	fund(MAKER, 1_000_000);
	fund(PROVIDER, provider);
	Fund::put(fund_units);
	for (owner, (equity, size, long, instrument)) in (1u64..).zip(traders) {
		fund(owner, *equity);
		if *long {
			open(owner, MAKER, *instrument, *size);
		} else {
			open(MAKER, owner, *instrument, *size);
		}
		// Every third one holds a little of something else, too.
		if owner % 3 == 0 {
			open(MAKER, owner, ETH_FUTURE, 1);
		}
	}
}

/// The fund never pays for an account that has positions, but for a negative price.
fn fund_is_drawn_by_the_rules(before: u128, events: &[Event<Test>]) -> bool {
	let mut expected = i128::try_from(before).expect("in range; qed");
	for event in events {
		let change = match event {
			Event::SliceTaken { price, .. } => (*price).min(0),
			Event::FeeCharged { fee, .. } => i128::try_from(*fee).expect("in range; qed"),
			Event::Closed { collateral_bought, paid_by_fund, .. } => {
				-i128::try_from(collateral_bought + paid_by_fund).expect("in range; qed")
			}
			_ => 0,
		};
		expected += change;
	}
	expected == i128::try_from(Fund::get()).expect("in range; qed")
}

#[test]
fn waterfall_brings_everybody_above_the_line_or_closes_them() {
	let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
	let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
	let mut runner = TestRunner::new_with_rng(config, rng);
	let moves = vec((85u32..115, 850u32..1_150), 1..5);
	let strategy = (traders(), moves, 0u128..500_000_000, 20i32..20_000, 1u32..40);
	let result = runner.run(&strategy, |(traders, moves, fund_units, provider, holders)| {
		ExtBuilder.run(
			|| set_up(&traders, fund_units, provider),
			|| {
				HoldersPerVisit::set(holders);
				with_params(|params| params.fee = Permill::from_percent(2));
				opt_in(PROVIDER, Permill::from_percent(5), 400);
				for (eth, btc) in moves {
					set_price(ETH.underlying, eth);
					set_price(BTC.underlying, btc);
					for _ in 0..3 {
						let before = Fund::get();
						take_events();
						next_block();
						assert!(fund_is_drawn_by_the_rules(before, &take_events()));
						Liquidation::do_try_state().expect("the storage is as it must be; qed");
					}
				}
				let mut blocks = 0;
				while !queue().is_empty() {
					next_block();
					blocks += 1;
					assert!(blocks < 400, "the waterfall comes to an end: {:?}", queue());
				}
				next_block();
				assert!(queue().is_empty(), "nobody enters while prices stand");
				for account in Books::get().keys() {
					let health = health_of(account.owner);
					assert!(health.equity >= health.maintenance_margin, "{account:?}: {health:?}");
					assert!(health.equity >= UsdValue::ZERO);
				}
			},
		);
		Ok(())
	});
	assert_eq!(result, Ok(()));
}
