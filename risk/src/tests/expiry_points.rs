//! Payoffs at expiry between the scenarios' prices.

use super::support::*;
use crate::*;
use plimsoll_primitives::{money, Contract, Instrument, OptionKind, Price, Rounding, Stance};
use proptest::{collection::vec, prelude::*};
use sp_arithmetic::{FixedPointNumber, FixedU128};

/// The standard model without what naked shorts cost, which would hide what scenarios miss, and with
/// a maintenance factor of 1.1.
fn bare(points: bool) -> RiskModel {
	let mut model = RiskModel {
		naked_short: NotionalCharge::default(),
		maintenance_factor: percent(110),
		..model()
	};
	if !points {
		model.expiry_points_within = 0;
	}
	model
}

fn at_mark(model: &RiskModel, account: &AccountState) -> RiskReport {
	report(model, &market(), account, Stance::Mark).expect("valued")
}

fn scan(report: &RiskReport) -> i128 {
	report.underlyings.iter().map(|underlying| underlying.scan.into_inner()).sum()
}

/// Short the outer strikes and long the inner ones: between these it owes the most, and is worth
/// little now.
fn spread(strikes: [u32; 4], kind: OptionKind, thousandths: i128) -> Vec<Leg> {
	let sizes = [-thousandths, thousandths, thousandths, -thousandths];
	let legs = strikes.into_iter().zip(sizes);
	legs.map(|(strike, size)| leg(option(BTC, WEEK, strike, kind), size)).collect()
}

fn forward() -> u128 {
	market().underlyings[0].prices.expiries[0].forward.into_inner()
}

/// Positions with what one contract of each is worth now, by `mark`.
fn marked(legs: &[Leg]) -> Vec<(Leg, Price)> {
	let now = |leg: &Leg| (leg.clone(), mark(&market(), &leg.instrument).expect("priced"));
	legs.iter().map(now).collect()
}

fn value(price: Price, leg: &Leg) -> i128 {
	money::value(price, leg.size, Rounding::Down).expect("small").into_inner()
}

/// Value now less what is paid when the week's expiry settles at this part of its forward (in
/// hundred-thousandths), where all that is linear moves alike: by `payoff` alone, in USD with 18
/// decimals.
fn payoff_loss(legs: &[(Leg, Price)], part: u32) -> i128 {
	let at = |price: Price| Price::from_inner(price.into_inner() / 100_000 * u128::from(part));
	let price = at(Price::from_inner(forward()));
	let loss = |(leg, now): &(Leg, Price)| {
		let then = match leg.instrument.contract {
			Contract::Option { .. } => payoff(&leg.instrument, price),
			_ => at(*now),
		};
		value(*now, leg) - value(then, leg)
	};
	legs.iter().map(loss).sum()
}

#[test]
fn butterfly_between_nodes_is_seen_at_its_middle_and_named() {
	// The nodes beside are 57,057 and 60,060.
	let account = account(0, spread([58_000, 58_500, 58_500, 59_000], OptionKind::Call, 1_000));
	let blind = at_mark(&bare(false), &account);
	let seen = at_mark(&bare(true), &account);
	let value: i128 = seen.legs.iter().map(|leg| leg.value.into_inner()).sum();
	// It owes 500 at 58,500, less what it has been paid.
	assert_eq!(scan(&seen), 500 * ONE + value);
	assert!(scan(&seen) > 10 * scan(&blind), "{} {}", scan(&seen), scan(&blind));
	let worst = seen.underlyings[0].worst;
	let expected = PayoffView { expiry: Some(WEEK), price: price(58_500) };
	assert_eq!(worst, Some(WorstLoss::Payoff(expected)));
	assert_eq!(worst.and_then(|worst| worst.scenario().copied()), None);
	// Every scenario's loss is as it was.
	assert_eq!(seen.underlyings[0].losses, blind.underlyings[0].losses);
}

#[test]
fn expiries_beyond_the_limit_have_no_points() {
	let legs = spread([58_000, 58_500, 58_500, 59_000], OptionKind::Put, 1_000);
	let mut model = bare(true);
	model.expiry_points_within = 7 * DAY - 1;
	let late = at_mark(&model, &account(0, legs.clone()));
	assert_eq!(late, at_mark(&bare(false), &account(0, legs.clone())));
	model.expiry_points_within = 7 * DAY;
	assert!(scan(&at_mark(&model, &account(0, legs))) > scan(&late));
}

#[test]
fn expired_options_have_points_until_they_settle() {
	let legs = |size: i128| {
		[58_000, 58_500, 59_000]
			.into_iter()
			.zip([-size, 2 * size, -size])
			.map(|(strike, size)| leg(option(BTC, NOW - DAY, strike, OptionKind::Call), size))
	};
	let seen = at_mark(&bare(true), &account(0, legs(1_000).collect()));
	// Spot is 60,000: worth nothing now.
	assert_eq!(scan(&seen), 500 * ONE);
	let expected = PayoffView { expiry: None, price: price(58_500) };
	assert_eq!(seen.underlyings[0].worst, Some(WorstLoss::Payoff(expected)));
}

#[test]
fn other_expiries_count_at_a_point_as_the_nodes_beside_have_them() {
	let fly = spread([58_000, 58_500, 58_500, 59_000], OptionKind::Call, 1_000);
	let put = leg(option(BTC, QUARTER, 50_000, OptionKind::Put), 10);
	let alone = at_mark(&bare(true), &account(0, fly.clone()));
	let put_alone = at_mark(&bare(true), &account(0, vec![put.clone()]));
	let mut legs = fly;
	legs.push(put);
	let both = at_mark(&bare(true), &account(0, legs));
	// The scenarios at −5 % and none with volatility unmoved.
	let (below, above) = (
		put_alone.underlyings[0].losses[10].into_inner(),
		put_alone.underlyings[0].losses[13].into_inner(),
	);
	let (a, b) = (forward() / 100 * 95, forward());
	let offset =
		i128::try_from(58_500 * ONE.unsigned_abs() - a).expect("small") / 1_000_000_000_000;
	let width = i128::try_from(b - a).expect("small") / 1_000_000_000_000;
	let expected = scan(&alone) + below + (above - below) / 1_000_000 * offset / width * 1_000_000;
	assert!((scan(&both) - expected).abs() < 10_000_000_000, "{} {expected}", scan(&both));
	let contributions: i128 =
		both.legs.iter().map(|leg| leg.contribution.maintenance.into_inner()).sum();
	assert_eq!(contributions, both.margin.maintenance.into_inner());
	// The put pays there, so it takes something off.
	assert!(both.legs[4].contribution.maintenance.is_negative());
}

#[test]
fn points_are_refused_without_nodes_at_the_ends_of_the_scan() {
	let furthest = |model: &mut RiskModel| {
		let is_end = |s: &Scenario| s.is_node() && s.price_move.is_positive();
		let end = model.scenarios.iter().filter(|s| is_end(s)).map(|s| s.price_move).max();
		model.scenarios.retain(|s| !(is_end(s) && Some(s.price_move) == end));
	};
	let mut model = RiskModel { aggregation: None, ..model() };
	furthest(&mut model);
	assert_eq!(model.validate(), Err(ModelError::InterpolationNodes));
	model.expiry_points_within = 0;
	// The size of positions is interpolated as well.
	assert_eq!(model.validate(), Err(ModelError::InterpolationNodes));
	model.concentration.delta_rate = FixedU128::default();
	assert_eq!(model.validate(), Ok(()));
	model.expiry_points_within = 31 * DAY;
	assert_eq!(model.validate(), Err(ModelError::ExpiryPoints));
}

fn week_leg() -> impl Strategy<Value = Leg> {
	let kind = prop_oneof![Just(OptionKind::Call), Just(OptionKind::Put)];
	(0..8, 900u32..1_500, kind, -5_000i128..5_000).prop_map(|(which, strike, kind, size)| {
		match which {
			0 => leg(Instrument::perpetual(BTC), size / 4),
			1 => leg(Instrument::future(BTC, WEEK), size / 4),
			// Strikes of 45,000 to 75,000, fifty dollars apart.
			_ => leg(option(BTC, WEEK, strike * 50, kind), size),
		}
	})
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

	/// Butterflies and condors of every place and width up to a node's, of either kind, of bounded
	/// cost: with points none owes more inside the scan range than is asked for.
	#[test]
	fn narrow_spreads_owe_no_more_than_maintenance_margin(
		start in 960u32..1_430,
		steps in (1u32..12, 0u32..12, 1u32..12),
		kind in prop_oneof![Just(OptionKind::Call), Just(OptionKind::Put)],
		size in 1i128..50_000,
		hedge in -100i128..100,
	) {
		let (lower, middle, upper) = steps;
		let strikes = [start, start + lower, start + lower + middle, start + lower + middle + upper];
		let mut legs = spread(strikes.map(|strike| strike * 50), kind, size);
		legs.push(leg(Instrument::perpetual(BTC), hedge));
		let seen = at_mark(&bare(true), &account(0, legs.clone()));
		let legs = marked(&legs);
		let cost: i128 = legs.iter().map(|(leg, now)| value(*now, leg)).sum();
		prop_assume!(cost.abs() < 100_000 * ONE);
		for part in (80_001u32..120_000).step_by(83) {
			let loss = payoff_loss(&legs, part);
			// f_MM · loss, but for what prices rounded to 18 decimals leave.
			let asked = loss / 100 * 110;
			let maintenance = seen.margin.maintenance.into_inner();
			prop_assert!(maintenance >= asked - ONE / 1_000_000, "{maintenance} {asked} {part}");
		}
	}

	#[test]
	fn every_payoff_within_the_scan_is_at_most_the_scan(
		legs in vec(week_leg(), 1..12),
		parts in vec(80_001u32..120_000, 40),
	) {
		let seen = scan(&at_mark(&bare(true), &account(0, legs.clone())));
		let legs = marked(&legs);
		for part in parts {
			prop_assert!(payoff_loss(&legs, part) <= seen + ONE / 1_000_000);
		}
	}
}

#[test]
fn search_finds_spreads_that_scenarios_alone_do_not_see() {
	// Where the widest gaps are: without points at most a fifth of what is owed is asked for.
	let (mut searched, mut unseen) = (0, 0);
	for start in (48_200..70_000).step_by(350) {
		for (width, inner) in [(100, 0), (200, 0), (300, 0), (100, 100), (200, 200)] {
			let strikes = [start, start + width, start + width + inner, start + 2 * width + inner];
			let legs = spread(strikes, OptionKind::Call, 1_000);
			let owed = owed_at(&legs, strikes[1]);
			let blind = scan(&at_mark(&bare(false), &account(0, legs.clone())));
			let seen = scan(&at_mark(&bare(true), &account(0, legs)));
			assert!(seen >= owed - 10, "{start} {width} {inner}: {seen} {owed}");
			searched += 1;
			if blind < owed / 5 {
				unseen += 1;
			}
		}
	}
	assert!(unseen * 2 > searched, "{unseen} of {searched}");
}

/// What is owed at a strike, less what has been paid.
fn owed_at(legs: &[Leg], strike: u32) -> i128 {
	let loss = |(leg, now): &(Leg, Price)| {
		value(*now, leg) - value(payoff(&leg.instrument, price(strike)), leg)
	};
	marked(legs).iter().map(loss).sum()
}
