//! What holds of the base as margins use it, joint losses and all, and of collateral that offsets
//! risk.

use super::support::*;
use crate::{
	joint::{JointMove, JointScenarios, MOVE_SCALE},
	*,
};
use plimsoll_primitives::{Contracts, Instrument, OptionKind, Stance};
use proptest::{collection::vec, prelude::*};

fn one_leg() -> impl Strategy<Value = Leg> {
	let underlying = prop_oneof![Just(BTC), Just(ETH)];
	let expiry = prop_oneof![Just(WEEK), Just(QUARTER)];
	let kind = prop_oneof![Just(OptionKind::Call), Just(OptionKind::Put)];
	// Strikes in hundredths of spot.
	(underlying, expiry, kind, 50u32..200, 0..6, -20_000i128..20_000).prop_map(
		|(underlying, expiry, kind, strike, which, size)| {
			let spot = if underlying == BTC { 60_000 } else { 3_000 };
			// An ether's worth of both.
			let size = if underlying == BTC { size / 20 } else { size };
			let instrument = match which {
				0 => Instrument::perpetual(underlying),
				1 => Instrument::future(underlying, expiry),
				_ => option(underlying, expiry, spot / 100 * strike, kind),
			};
			leg(instrument, size)
		},
	)
}

fn holding(legs: &[Leg], ethers: i128) -> AccountState {
	let mut account = account(1_000, legs.to_vec());
	if ethers > 0 {
		account.collateral = vec![ether(ethers)];
	}
	account
}

/// Joint scenarios with moves of prices and volatilities of up to so many percent.
fn markets(price: i32, volatility: i32) -> impl Strategy<Value = MarketState> {
	let up_to = |percent: i32| -percent * (MOVE_SCALE / 100)..percent * (MOVE_SCALE / 100);
	let one = (up_to(price), up_to(volatility))
		.prop_map(|(price, volatility)| JointMove { price, volatility });
	prop_oneof![
		Just(joint()),
		vec(one, 2..64).prop_map(|moves| JointScenarios { underlyings: vec![BTC, ETH], moves }),
	]
	.prop_map(|joint| MarketState { joint, ..market() })
}

/// Where the standard model's losses are sums over legs, joint scenarios may lie anywhere. A model
/// with static discounting is interpolated within its grid alone: beyond it one of the four weights
/// is below zero, and what is cut by its sign is no longer below the sum of its parts.
fn models() -> impl Strategy<Value = (RiskModel, MarketState)> {
	prop_oneof![
		markets(99, 900).prop_map(|market| (model(), market)),
		markets(44, 29).prop_map(|market| (wide_model(), market)),
	]
}

fn told(model: &RiskModel, market: &MarketState, account: &AccountState) -> RiskReport {
	report(model, market, account, Stance::Mark).expect("valued")
}

fn base(model: &RiskModel, market: &MarketState, account: &AccountState) -> i128 {
	told(model, market, account).base.amount.into_inner()
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

	#[test]
	fn base_is_at_most_that_of_two_parts(
		(model, market) in models(),
		a in vec(one_leg(), 0..8),
		b in vec(one_leg(), 0..8),
		ethers in 0i128..20_000,
	) {
		let of = |legs: &[Leg], ethers| base(&model, &market, &holding(legs, ethers));
		let whole = of(&[a.clone(), b.clone()].concat(), ethers);
		prop_assert!(whole <= of(&a, ethers) + of(&b, 0) + 200);
	}

	#[test]
	fn base_is_at_most_that_of_all_legs_alone(
		(model, market) in models(),
		legs in vec(one_leg(), 1..8),
	) {
		let of = |legs: &[Leg]| base(&model, &market, &holding(legs, 0));
		let alone: i128 = legs.chunks(1).map(of).sum();
		prop_assert!(of(&legs) <= alone + 200);
	}

	#[test]
	fn base_grows_in_proportion(
		(model, market) in models(),
		legs in vec(one_leg(), 1..8),
		ethers in 0i128..20_000,
		times in 2i128..50,
	) {
		let scale = |leg: &Leg| Leg {
			size: Contracts::from_inner(leg.size.into_inner() * times),
			..leg.clone()
		};
		let many: Vec<_> = legs.iter().map(scale).collect();
		let one = base(&model, &market, &holding(&legs, ethers));
		let many = base(&model, &market, &holding(&many, ethers * times));
		prop_assert!((one * times - many).abs() <= 200 * times);
	}

	/// Put-call parity in every scenario and at every point: a future against the synthetic one,
	/// struck anywhere, loses nothing, there being no rate for the week.
	#[test]
	fn conversion_loses_nothing_in_any_scenario(
		strike in 1u32..600,
		which in prop_oneof![Just(BTC), Just(ETH)],
		size in -50_000i128..50_000,
	) {
		let strike = if which == BTC { strike * 500 } else { strike * 25 };
		let legs = [
			leg(Instrument::future(which, WEEK), size),
			leg(option(which, WEEK, strike, OptionKind::Call), -size),
			leg(option(which, WEEK, strike, OptionKind::Put), size),
		];
		let report = told(&model(), &market(), &holding(&legs, 0));
		// Prices of three contracts, each to 1e-18 USD.
		let least = 8 * size.abs() / 1_000 + 8;
		for loss in &report.underlyings[0].losses {
			prop_assert!(loss.into_inner().abs() <= least, "{loss:?}");
		}
		prop_assert!(report.base.amount.into_inner() <= least);
	}
}

/// The standard model without its two charges that are not sub-additive.
fn sub_additive() -> RiskModel {
	RiskModel { gamma_buffer: None, concentration: Concentration::default(), ..model() }
}

fn free(account: &AccountState) -> i128 {
	let margin = margin(&sub_additive(), &market(), account, Stance::Mark).expect("valued");
	margin.equity.into_inner() - margin.initial.into_inner()
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

	/// Collateral that offsets risk brings risk of its own, so what it frees is at least what it would
	/// if held alone: equity less the initial margin of its own fall. That is above nothing while the
	/// haircut and the initial margin of a long position together are below its value.
	#[test]
	fn risk_offsetting_collateral_frees_at_least_what_it_does_alone(
		legs in vec(one_leg(), 0..8),
		held in 0i128..20_000,
		more in 1i128..100_000,
	) {
		let before = free(&holding(&legs, held));
		let mut richer = holding(&legs, held);
		richer.collateral.push(ether(more));
		let mut alone = account(0, Vec::new());
		alone.collateral.push(ether(more));
		let alone = free(&alone);
		prop_assert!(alone > 0);
		prop_assert!(free(&richer) >= before + alone - 200);
	}

	/// Against a short position it frees more: its whole value after the haircut, and the margin of
	/// what it covers.
	#[test]
	fn risk_offsetting_collateral_frees_margin_too_where_it_covers_a_short(
		ethers in 1i128..20_000,
		short in 20_000i128..100_000,
	) {
		let legs = [leg(Instrument::perpetual(ETH), -short)];
		let freed = free(&holding(&legs, ethers)) - free(&holding(&legs, 0));
		let value = 3 * ethers * ONE;
		prop_assert!(freed > value / 100 * 98);
	}
}
