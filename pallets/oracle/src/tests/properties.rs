use crate::{mock::*, Aggregates, LastBatch, Observation};
use plimsoll_primitives::{Moment, Price, PriceOracle, Rate, Svi};
use proptest::{prelude::*, test_runner::RngSeed};
use sp_arithmetic::FixedI128;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
	Report { operator: usize, observations: Vec<Observation> },
	Block { milliseconds: Moment },
	Remove { operator: usize },
	Return { operator: usize },
	OpenWindow { expiry: Moment },
	Quorum { quorum: u32 },
}

fn an_expiry() -> impl Strategy<Value = Moment> {
	prop_oneof![
		START..START + 600_000,
		Just(EXPIRY),
		Just(EXPIRY + 1),
		Just(Moment::MAX),
		any::<u64>()
	]
}

fn a_price() -> impl Strategy<Value = Price> {
	prop_oneof![
		6 => (60_000u32..70_000).prop_map(usd),
		2 => (0u32..2_000_000).prop_map(usd),
		1 => any::<u128>().prop_map(Price::from_inner),
	]
}

fn a_surface() -> impl Strategy<Value = Svi> {
	let any_svi = any::<[i128; 5]>().prop_map(|numbers| {
		let [a, b, rho, m, sigma] = numbers.map(FixedI128::from_inner);
		Svi { a, b, rho, m, sigma }
	});
	prop_oneof![4 => (0u32..400).prop_map(slice), 1 => Just(bad_slice()), 1 => any_svi]
}

fn an_observation() -> impl Strategy<Value = Observation> {
	prop_oneof![
		4 => a_price().prop_map(|price| Observation::Spot { underlying: BTC, price }),
		2 => (an_expiry(), a_price()).prop_map(|(expiry, price)| {
			Observation::Forward { underlying: BTC, expiry, price }
		}),
		1 => (an_expiry(), any::<i128>()).prop_map(|(expiry, rate)| {
			Observation::Rate { underlying: BTC, expiry, rate: Rate::from_inner(rate) }
		}),
		2 => (an_expiry(), a_surface()).prop_map(|(expiry, surface)| {
			Observation::Surface { underlying: BTC, expiry, surface }
		}),
		1 => a_price().prop_map(|price| Observation::SettlementAsset { price }),
	]
}

fn a_step() -> impl Strategy<Value = Step> {
	let operator = || 0usize..4;
	prop_oneof![
		12 => (operator(), prop::collection::vec(an_observation(), 0..4))
			.prop_map(|(operator, observations)| Step::Report { operator, observations }),
		8 => prop_oneof![6 => Just(BLOCK), 1 => 0u64..200_000]
			.prop_map(|milliseconds| Step::Block { milliseconds }),
		1 => operator().prop_map(|operator| Step::Remove { operator }),
		1 => operator().prop_map(|operator| Step::Return { operator }),
		1 => an_expiry().prop_map(|expiry| Step::OpenWindow { expiry }),
		1 => (1u32..4).prop_map(|quorum| Step::Quorum { quorum }),
	]
}

fn take(step: Step) {
	let all = [ALICE, BOB, CAROL, DAVE];
	match step {
		Step::Report { operator, observations } => {
			let who = all[operator].clone();
			let before = sp_io::storage::root(Default::default());
			let submitted =
				Oracle::submit(RuntimeOrigin::signed(who.clone()), batch(&observations));
			match submitted {
				Ok(_) => assert_eq!(LastBatch::<Test>::get(who), Some(System::block_number())),
				Err(_) => assert_eq!(before, sp_io::storage::root(Default::default())),
			}
		}
		Step::Block { milliseconds } => {
			let before = Aggregates::<Test>::get(BTC).and_then(|known| known.spot);
			next_block_after(milliseconds);
			let after = Aggregates::<Test>::get(BTC).and_then(|known| known.spot);
			if let (Some(before), Some(after)) = (before, after) {
				let moved = after.value.into_inner().abs_diff(before.value.into_inner());
				assert!(moved <= before.value.into_inner() / 10 + 1, "a tenth a block at most");
			}
		}
		Step::Remove { operator } => remove_operator(&all[operator]),
		Step::Return { operator } => Members::mutate(|members| {
			if !members.contains(&all[operator]) {
				members.push(all[operator].clone());
				members.sort();
			}
		}),
		Step::OpenWindow { expiry } => {
			let _ = Oracle::open_settlement_window(BTC, expiry);
		}
		Step::Quorum { quorum } => set_params(|params| params.quorum = quorum),
	}
}

/// What is served was reported no longer ago than allowed, ascending, with room on both sides.
fn check_what_is_served() {
	let Ok(prices) = Oracle::prices(BTC) else {
		assert_eq!(Oracle::live_blocks(BTC), 0);
		return;
	};
	let now = Now::get();
	assert!(now.saturating_sub(prices.oldest) <= 60_000);
	assert!(prices.half_width.into_inner() <= prices.spot.into_inner() / 2);
	assert!(prices.expiries.iter().all(|expiry| expiry.expiry > now));
	assert!(prices.expiries.windows(2).all(|two| two[0].expiry < two[1].expiry));
	for surface in prices.expiries.iter().filter_map(|expiry| expiry.surface) {
		assert_eq!(plimsoll_risk::svi::check(&surface), Ok(()));
	}
	assert!(Oracle::live_blocks(BTC) > 0);
	assert!(Oracle::last_prices(BTC).is_some());
}

proptest! {
	#![proptest_config(ProptestConfig {
		cases: 96,
		rng_seed: RngSeed::Fixed(2_609),
		failure_persistence: None,
		..Default::default()
	})]

	#[test]
	fn state_holds_together_whatever_happens(steps in prop::collection::vec(a_step(), 1..60)) {
		ExtBuilder::build_and_execute(|| {
			for step in steps {
				take(step);
				check_what_is_served();
				Oracle::do_try_state().expect("the state holds together");
			}
		});
	}
}
