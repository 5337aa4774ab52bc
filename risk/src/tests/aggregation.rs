//! How the losses of several underlyings come together.

// The reference is in floats.
#![allow(clippy::float_arithmetic)]

use super::support::*;
use crate::{
	joint::{JointMove, JointScenarios, MOVE_SCALE},
	model::{Aggregation, ModelError},
	*,
};
use plimsoll_primitives::{Instrument, OptionKind, Stance, UsdValue};
use sp_arithmetic::{FixedI128, FixedU128};

fn spread() -> AccountState {
	account(
		100_000,
		vec![leg(Instrument::perpetual(BTC), 1_000), leg(Instrument::perpetual(ETH), -16_000)],
	)
}

fn told(model: &RiskModel, market: &MarketState, account: &AccountState) -> RiskReport {
	report(model, market, account, Stance::Mark).expect("valued")
}

fn dollars(value: UsdValue) -> f64 {
	value.into_inner() as f64 / 1e18
}

fn with(change: impl FnOnce(&mut Aggregation)) -> RiskModel {
	let mut model = model();
	change(model.aggregation.as_mut().expect("the standard model aggregates; qed"));
	model
}

#[test]
fn scans_add_up_when_there_are_no_joint_scenarios() {
	let market = MarketState { joint: JointScenarios::default(), ..market() };
	let report = told(&model(), &market, &spread());
	let sum = report.underlyings.iter().map(|u| u.scan.into_inner()).sum();
	assert_eq!(report.base.amount, UsdValue::from_inner(sum));
	assert!(matches!(report.base.binding, BaseCandidate::Joint { .. }));
}

#[test]
fn scans_add_up_when_the_model_does_not_aggregate() {
	let model = RiskModel { aggregation: None, ..model() };
	let report = told(&model, &market(), &spread());
	let sum = report.underlyings.iter().map(|u| u.scan.into_inner()).sum();
	assert_eq!(report.base.amount, UsdValue::from_inner(sum));
	assert_eq!(report.base.binding, BaseCandidate::Sum);
}

#[test]
fn spread_needs_less_than_its_legs_and_no_less_than_each_candidate() {
	let report = told(&model(), &market(), &spread());
	let BaseReport { amount, joint, one_market, largest, floor, .. } = report.base;
	let sum: i128 = report.underlyings.iter().map(|u| u.scan.into_inner()).sum();
	assert!(amount.into_inner() < sum * 9 / 10, "{amount:?} {sum}");
	assert_eq!(amount, joint.max(one_market).max(largest).max(floor));
	assert!(floor.into_inner() >= sum / 4);
}

/// Every candidate binds somewhere, and contributions add up there.
#[test]
fn contributions_add_up_whichever_candidate_binds() {
	let straddle = account(
		10_000,
		vec![
			leg(option(BTC, WEEK, 60_000, OptionKind::Call), -1_000),
			leg(option(ETH, WEEK, 3_000, OptionKind::Put), -9_000),
			leg(Instrument::perpetual(ETH), 7_000),
		],
	);
	let long = account(
		10_000,
		vec![leg(Instrument::perpetual(BTC), 1_000), leg(Instrument::perpetual(ETH), 20_000)],
	);
	let cases = [
		(with(|_| {}), spread()),
		(with(|_| {}), straddle.clone()),
		(with(|_| {}), long.clone()),
		(with(|rule| rule.floor = FixedU128::from_u32(1)), spread()),
		(with(|rule| rule.tail = percent(50)), long),
		(RiskModel { aggregation: None, ..model() }, straddle),
	];
	let mut seen = Vec::new();
	for (model, account) in cases {
		let report = told(&model, &market(), &account);
		let parts = report.legs.iter().map(|leg| leg.contribution);
		let (mut initial, mut maintenance) = (0, 0);
		for part in parts {
			initial += part.initial.into_inner();
			maintenance += part.maintenance.into_inner();
		}
		assert_eq!(initial, report.margin.initial.into_inner());
		assert_eq!(maintenance, report.margin.maintenance.into_inner());
		let requirements: i128 =
			report.underlyings.iter().map(|u| u.requirement.initial.into_inner()).sum();
		assert_eq!(requirements, report.margin.initial.into_inner());
		seen.push(core::mem::discriminant(&report.base.binding));
	}
	seen.sort_by_key(|kind| format!("{kind:?}"));
	seen.dedup();
	assert!(seen.len() >= 4, "only {} kinds of base were seen", seen.len());
}

/// The joint loss of linear positions is the expected shortfall of their returns.
#[test]
fn joint_loss_of_linear_positions_is_the_expected_shortfall_of_their_returns() {
	// Ranges so narrow that the joint loss binds.
	let narrow = |range| RiskModel::standard(&[(BTC, percent(range)), (ETH, percent(range))]);
	let report = told(&narrow(1), &market(), &spread());
	let moves = joint().moves;
	let mut losses: Vec<f64> = moves
		.chunks(2)
		.map(|row| {
			let part = |at: usize| f64::from(row[at].price) / f64::from(MOVE_SCALE);
			-60_000.0 * part(0) + 16.0 * 3_000.0 * part(1)
		})
		.collect();
	losses.sort_by(|a, b| b.total_cmp(a));
	// 1 % of 256.
	let expected = (losses[0] + losses[1] + 0.56 * losses[2]) / 2.56;
	let ours = dollars(report.base.joint);
	// Places are known to a millionth of the distance between nodes, weights to a millionth.
	assert!((ours - expected).abs() < 1e-5 * 60_000.0 * 0.15, "{ours} {expected}");
	assert_eq!(report.base.binding, BaseCandidate::Joint { scenarios: worst_three(&moves) });
}

fn worst_three(moves: &[JointMove]) -> Vec<u32> {
	let mut ranked: Vec<(i64, u32)> = (0u32..)
		.zip(moves.chunks(2))
		.map(|(index, row)| {
			let loss = -60_000 * i64::from(row[0].price) + 48_000 * i64::from(row[1].price);
			(-loss, index)
		})
		.collect();
	ranked.sort_unstable();
	ranked.into_iter().take(3).map(|(_, index)| index).collect()
}

/// On a node of the grid the joint loss is the scenario's own.
#[test]
fn joint_scenario_on_a_node_loses_what_the_node_loses() {
	let option = account(10_000, vec![leg(option(BTC, WEEK, 63_000, OptionKind::Call), -1_000)]);
	let node = |price: i32, volatility: i32| {
		let moves = vec![JointMove { price, volatility }];
		let joint = JointScenarios { underlyings: vec![BTC], moves };
		told(&model(), &MarketState { joint, ..market() }, &option).base.joint
	};
	let losses = told(&model(), &market(), &option).underlyings[0].losses.clone();
	let model = model();
	let scenario = |ranges: i128, volatility: VolatilityShock| {
		let price_move = FixedI128::from_inner(ranges * ONE);
		let at = model
			.scenarios
			.iter()
			.position(|s| s.price_move == price_move && s.volatility == volatility)
			.expect("it is in the grid; qed");
		dollars(losses[at])
	};
	// The range is 15 %; 30-day volatilities rise by a half or fall by 30 %.
	let cent = MOVE_SCALE / 100;
	for (price, volatility, expected) in [
		(15 * cent, 0, scenario(1, VolatilityShock::None)),
		(15 * cent, 50 * cent, scenario(1, VolatilityShock::Up)),
		(15 * cent, -30 * cent, scenario(1, VolatilityShock::Down)),
		(0, 50 * cent, scenario(0, VolatilityShock::Up)),
	] {
		let ours = dollars(node(price, volatility));
		assert!((ours - expected.max(0.0)).abs() < 0.05, "{price} {volatility}: {ours} {expected}");
	}
	// Twice the rise of volatility is on the line through both.
	let line = 2.0 * scenario(1, VolatilityShock::Up) - scenario(1, VolatilityShock::None);
	assert!((dollars(node(15 * cent, 100 * cent)) - line).abs() < 0.1);
}

#[test]
fn extreme_joint_scenarios_never_panic() {
	let extremes = [i32::MIN, -MOVE_SCALE, -1, 0, 1, MOVE_SCALE, i32::MAX];
	for price in extremes {
		for volatility in extremes {
			let moves = vec![JointMove { price, volatility }; 2];
			let joint = JointScenarios { underlyings: vec![BTC, ETH], moves };
			let market = MarketState { joint, ..market() };
			let valued = margin(&model(), &market, &spread(), Stance::Favourable);
			assert!(valued.is_ok());
		}
	}
}

#[test]
fn incomplete_joint_scenario_does_not_count() {
	let full = joint();
	let mut cut = full.clone();
	cut.moves.push(JointMove { price: MOVE_SCALE, volatility: 0 });
	assert_eq!(cut.len(), full.len());
	let market = |joint| MarketState { joint, ..market() };
	assert_eq!(
		told(&model(), &market(cut), &spread()).base,
		told(&model(), &market(full), &spread()).base
	);
}

#[test]
fn aggregation_that_leaves_risk_out_is_refused() {
	let refused = |change: fn(&mut Aggregation)| with(change).validate();
	assert_eq!(with(|_| {}).validate(), Ok(()));
	assert_eq!(
		refused(|rule| rule.floor = FixedU128::from_inner(FixedU128::from_u32(1).into_inner() + 1)),
		Err(ModelError::AggregationFloor)
	);
	assert_eq!(refused(|rule| rule.tail = percent(0)), Err(ModelError::AggregationTail));
	assert_eq!(refused(|rule| rule.tail = percent(101)), Err(ModelError::AggregationTail));
	assert_eq!(refused(|rule| rule.one_market.clear()), Err(ModelError::OneMarket));
	assert_eq!(
		refused(|rule| rule.one_market.iter_mut().for_each(|index| *index = 200)),
		Err(ModelError::OneMarket)
	);
	let mut model = model();
	model.scenarios.pop();
	assert_eq!(model.validate(), Err(ModelError::IncompleteGrid));
}
