//! Positions that are large against their market.

use super::support::*;
use crate::*;
use plimsoll_primitives::{Instrument, OptionKind, Stance};
use sp_arithmetic::FixedU128;

/// BTC of which 1,000,000 USD of delta and 500,000 USD of options can be closed at normal cost.
fn with_liquidity() -> RiskModel {
	let mut model = model();
	model.underlyings[0].liquidity =
		Liquidity { delta: FixedU128::from_u32(1_000_000), options: FixedU128::from_u32(500_000) };
	model
}

fn at_mark(model: &RiskModel, legs: Vec<Leg>) -> RiskReport {
	report(model, &market(), &account(0, legs), Stance::Mark).expect("valued")
}

fn charge(report: &RiskReport) -> i128 {
	let concentration = report.contingencies.concentration;
	assert_eq!(concentration.initial, concentration.maintenance);
	concentration.maintenance.into_inner()
}

fn perpetual(thousandths: i128) -> Vec<Leg> {
	vec![leg(Instrument::perpetual(BTC), thousandths)]
}

#[test]
fn charge_follows_its_law_for_a_perpetual_of_either_side() {
	// 50 at 60,000: three times the liquidity. 0.5 % · 3,000,000 · (3 − 1).
	for size in [50_000, -50_000] {
		let charged = charge(&at_mark(&with_liquidity(), perpetual(size)));
		assert!((charged - 30_000 * ONE).abs() < ONE / 1_000_000, "{charged}");
	}
	// Twice the position: 0.5 % · 6,000,000 · (6 − 1), five times the charge.
	let charged = charge(&at_mark(&with_liquidity(), perpetual(100_000)));
	assert!((charged - 150_000 * ONE).abs() < ONE / 1_000_000, "{charged}");
}

#[test]
fn nothing_is_charged_up_to_the_liquidity_or_without_one() {
	let small = at_mark(&with_liquidity(), perpetual(16_000));
	assert_eq!(charge(&small), 0);
	let size = small.underlyings[0].delta_notional.into_inner();
	assert!((size - 960_000 * ONE).abs() < ONE / 1_000_000, "{size}");
	assert!(small.underlyings[0].option_notional.is_zero());
	assert_eq!(charge(&at_mark(&model(), perpetual(1_000_000_000))), 0);
	let mut free = with_liquidity();
	free.concentration = Concentration::default();
	assert_eq!(charge(&at_mark(&free, perpetual(50_000))), 0);
}

#[test]
fn hedged_delta_is_not_charged_but_each_option_is() {
	let mut legs = perpetual(50_000);
	legs.push(leg(Instrument::future(BTC, QUARTER), -49_000));
	assert_eq!(charge(&at_mark(&with_liquidity(), legs)), 0);
	// A box of calls and puts has no delta, but four series of 10 contracts each have to be closed:
	// 2,400,000 USD of contracts, 4.8 times the liquidity. 1 % · 2,400,000 · 3.8.
	let series = [
		(58_000, OptionKind::Call, 10_000),
		(58_000, OptionKind::Put, -10_000),
		(62_000, OptionKind::Call, -10_000),
		(62_000, OptionKind::Put, 10_000),
	];
	let four = series.map(|(strike, kind, size)| leg(option(BTC, WEEK, strike, kind), size));
	let report = at_mark(&with_liquidity(), four.to_vec());
	assert_eq!(report.underlyings[0].option_notional.into_inner(), 2_400_000 * ONE);
	let charged = charge(&report);
	assert!((charged - 91_200 * ONE).abs() < ONE / 1_000_000, "{charged}");
	// What is sold back is not held.
	let back = series.map(|(strike, kind, size)| leg(option(BTC, WEEK, strike, kind), -size));
	assert_eq!(charge(&at_mark(&with_liquidity(), [four, back].concat())), 0);
}

#[test]
fn delta_notional_counts_what_gamma_makes_of_it_within_the_scan() {
	// Out of the money now: little delta, but all of it where the scan ends.
	let calls = vec![leg(option(BTC, WEEK, 66_000, OptionKind::Call), -100_000)];
	let mut model = with_liquidity();
	model.concentration.option_rate = FixedU128::default();
	let report = at_mark(&model, calls);
	let delta = report.underlyings[0].greeks.delta.into_inner();
	assert!(delta < 0 && delta > -1_300_000 * ONE, "{delta}");
	// Between 0.5 % · N · (N / L − 1) at 4,500,000 and at 6,006,000 USD; now it would be below 2,000.
	let charged = charge(&report);
	assert!(charged > 78_000 * ONE && charged < 150_400 * ONE, "{charged}");
}

#[test]
fn charge_is_split_in_proportion_to_each_part_of_the_size() {
	let legs = vec![
		leg(Instrument::perpetual(BTC), 60_000),
		leg(Instrument::perpetual(BTC), -10_000),
		leg(option(BTC, WEEK, 60_000, OptionKind::Call), 20_000),
	];
	let with = at_mark(&with_liquidity(), legs.clone());
	let mut off = with_liquidity();
	off.concentration = Concentration::default();
	let without = at_mark(&off, legs.clone());
	let parts = with.legs.iter().zip(&without.legs).map(|(with, without)| {
		with.contribution.initial.into_inner() - without.contribution.initial.into_inner()
	});
	let parts: Vec<_> = parts.collect();
	assert_eq!(parts.iter().sum::<i128>(), charge(&with));
	// The perpetuals' parts are as their sizes: +6 to −1.
	assert!((parts[0] + 6 * parts[1]).abs() < 1_000, "{parts:?}");
	assert!(parts[0] > 0 && parts[2] > 0);
	// Each leg alone is charged as an account of it.
	for (alone, leg) in with.legs.iter().zip(legs) {
		let margin = at_mark(&with_liquidity(), vec![leg]).margin;
		assert_eq!(alone.isolated.maintenance, margin.maintenance);
	}
}

#[test]
fn sizes_beyond_the_numbers_are_errors() {
	let mut huge = perpetual(1);
	huge[0].size = plimsoll_primitives::Contracts::from_inner(i128::MAX / 60_001);
	let margin = margin(&with_liquidity(), &market(), &account(0, huge), Stance::Mark);
	assert_eq!(margin, Err(RiskError::Overflow));
}

#[test]
fn concentration_is_refused_by_name() {
	let refused = |change: &dyn Fn(&mut RiskModel)| {
		let mut model = with_liquidity();
		change(&mut model);
		model.validate()
	};
	assert_eq!(refused(&|_| ()), Ok(()));
	for change in [
		&(|model: &mut RiskModel| model.concentration.delta_rate = percent(101))
			as &dyn Fn(&mut RiskModel),
		&|model| model.concentration.option_rate = percent(101),
		&|model| model.underlyings[1].liquidity.delta = FixedU128::from_u32(999),
		&|model| model.underlyings[0].liquidity.options = FixedU128::from_u32(1),
	] {
		assert_eq!(refused(change), Err(ModelError::Concentration));
	}
}
