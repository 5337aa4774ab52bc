//! Jumps shortly before expiry.

use super::support::*;
use crate::*;
use plimsoll_primitives::{Contract, Instrument, OptionKind, Price, Stance};
use proptest::{collection::vec, prelude::*};
use sp_arithmetic::FixedU128;

const HOUR: u64 = DAY / 24;

fn at_mark(model: &RiskModel, milliseconds: u64, legs: Vec<Leg>) -> RiskReport {
	report(model, &market_near(milliseconds), &account(0, legs), Stance::Mark).expect("valued")
}

fn buffer(report: &RiskReport) -> i128 {
	let gamma_buffer = report.contingencies.gamma_buffer;
	assert_eq!(gamma_buffer.initial, gamma_buffer.maintenance);
	gamma_buffer.maintenance.into_inner()
}

/// Short a near straddle, long twenty later ones of a strike at which they have next to no delta:
/// they lose the most where volatility falls and
/// prices stay, and there the near one gains.
fn calendar(milliseconds: u64) -> Vec<Leg> {
	let straddle = |expiry, strike, size| {
		[OptionKind::Call, OptionKind::Put].map(|kind| leg(option(BTC, expiry, strike, kind), size))
	};
	let near = straddle(NOW + milliseconds, 60_000, -1_000);
	[near, straddle(QUARTER, 63_000, 20_000)].concat()
}

/// What the near expiry's options lose when its forward jumps by `percent`, without what their delta
/// loses: by `mark` of a moved market and the reported deltas.
fn jump_loss(milliseconds: u64, report: &RiskReport, percent: i128) -> i128 {
	let mut moved = market_near(milliseconds);
	let forward = &mut moved.underlyings[0].prices.expiries[0].forward;
	let factor = u128::try_from(100 + percent).expect("positive");
	*forward = Price::from_inner(forward.into_inner() / 100 * factor);
	let loss = |leg: &LegReport| {
		let then = mark(&moved, &leg.instrument).expect("priced");
		let change = leg.mark.into_inner() as i128 - then.into_inner() as i128;
		// Prices in millionths of a dollar, sizes in thousandths.
		let change = change / 1_000_000_000_000 * leg.size.into_inner() / 1_000_000;
		change + leg.greeks.delta.into_inner() * percent / 100
	};
	let is_near = |leg: &&LegReport| matches!(leg.instrument.contract, Contract::Option { expiry, .. } if expiry == NOW + milliseconds);
	report.legs.iter().filter(is_near).map(loss).sum()
}

#[test]
fn buffer_is_the_jump_loss_where_the_scan_has_none_of_it() {
	let report = at_mark(&model(), DAY, calendar(DAY));
	// Half of two days has passed.
	let expected = jump_loss(DAY, &report, 5).max(jump_loss(DAY, &report, -5)) / 2;
	assert!((buffer(&report) - expected).abs() < ONE / 1_000_000, "{} {expected}", buffer(&report));
	assert!(buffer(&report) > 500 * ONE);
	let near = &report.underlyings[0].expiries[0];
	assert_eq!((near.jump, near.gamma_buffer.into_inner()), (percent(5), buffer(&report)));
	assert_eq!(report.underlyings[0].expiries[1].jump, FixedU128::default());
}

#[test]
fn buffer_rises_to_the_jump_loss_and_no_further_by_the_last_second() {
	let mut last = 0;
	for (milliseconds, least) in
		[(47 * HOUR, 1), (24 * HOUR, 40), (HOUR, 95), (60_000, 99), (1_000, 99)]
	{
		let report = at_mark(&model(), milliseconds, calendar(milliseconds));
		let worse = jump_loss(milliseconds, &report, 5).max(jump_loss(milliseconds, &report, -5));
		assert!(buffer(&report) > last);
		assert!(buffer(&report) >= worse / 100 * least, "{milliseconds}");
		assert!(buffer(&report) <= worse + ONE / 1_000_000, "{milliseconds}");
		last = buffer(&report);
	}
	// At 57,057 the put is to be paid 2,943, less the 60 that the call is worth now, and the call's
	// delta would have gained 3,003, whatever gamma has become.
	assert!(last > 5_885 * ONE && last < 5_886 * ONE, "{last}");
}

#[test]
fn buffer_is_nothing_where_the_scan_has_more_of_it() {
	let straddle = calendar(DAY).drain(..2).collect();
	assert_eq!(buffer(&at_mark(&model(), DAY, straddle)), 0);
}

#[test]
fn buffer_is_nothing_before_its_window_for_long_options_and_for_linear_books() {
	assert_eq!(buffer(&at_mark(&model(), 2 * DAY, calendar(2 * DAY))), 0);
	assert!(buffer(&at_mark(&model(), 2 * DAY - HOUR, calendar(2 * DAY - HOUR))) > 0);
	let long = leg(option(BTC, NOW + DAY, 60_000, OptionKind::Call), 1_000);
	assert_eq!(buffer(&at_mark(&model(), DAY, vec![long])), 0);
	let linear = vec![
		leg(Instrument::perpetual(BTC), -3_000),
		leg(Instrument::future(BTC, NOW + DAY), 2_000),
	];
	assert_eq!(buffer(&at_mark(&model(), DAY, linear)), 0);
	let off = RiskModel { gamma_buffer: None, ..model() };
	assert_eq!(buffer(&at_mark(&off, DAY, calendar(DAY))), 0);
}

#[test]
fn jump_grows_with_the_size_up_to_the_largest() {
	let mut model = model();
	model.underlyings[0].liquidity.options = FixedU128::from_u32(120_120);
	// Two contracts at a forward of 60,060: as large as the liquidity, so 5 % + 1 %.
	let report = at_mark(&model, DAY, calendar(DAY));
	assert_eq!(report.underlyings[0].expiries[0].jump, percent(6));
	let hundredfold = |mut leg: Leg| {
		leg.size = contracts(leg.size.into_inner() / (ONE / 1_000) * 100);
		leg
	};
	let large = calendar(DAY).into_iter().map(hundredfold).collect();
	let report_large = at_mark(&model, DAY, large);
	assert_eq!(report_large.underlyings[0].expiries[0].jump, percent(20));
	assert!(buffer(&report_large) > 100 * buffer(&report));
	// A bought-back contract counts no more.
	let mut legs = calendar(DAY);
	legs.push(leg(option(BTC, NOW + DAY, 60_000, OptionKind::Call), -500));
	legs.push(leg(option(BTC, NOW + DAY, 60_000, OptionKind::Call), 500));
	assert_eq!(buffer(&at_mark(&model, DAY, legs)), buffer(&report));
}

#[test]
fn buffer_is_split_over_the_options_of_its_expiry() {
	let with = at_mark(&model(), DAY, calendar(DAY));
	let without = at_mark(&RiskModel { gamma_buffer: None, ..model() }, DAY, calendar(DAY));
	let parts = with.legs.iter().zip(&without.legs).map(|(with, without)| {
		with.contribution.maintenance.into_inner() - without.contribution.maintenance.into_inner()
	});
	let parts: Vec<_> = parts.collect();
	assert_eq!(parts.iter().sum::<i128>(), buffer(&with));
	assert_eq!(&parts[2..], &[0, 0]);
	// Call and put of one strike have the same gamma, and share evenly.
	assert!((parts[0] - parts[1]).abs() < ONE / 1_000_000, "{parts:?}");
}

#[test]
fn buffers_are_refused_by_name() {
	let refused = |change: &dyn Fn(&mut GammaBuffer)| {
		let mut model = model();
		change(model.gamma_buffer.as_mut().expect("the standard model has one"));
		model.validate()
	};
	assert_eq!(refused(&|_| ()), Ok(()));
	for change in [
		&(|buffer: &mut GammaBuffer| buffer.window = 0) as &dyn Fn(&mut GammaBuffer),
		&|buffer| buffer.window = 31 * DAY,
		&|buffer| buffer.jump = FixedU128::default(),
		&|buffer| buffer.jump_per_size = percent(101),
		&|buffer| buffer.most = percent(4),
		&|buffer| buffer.most = percent(100),
	] {
		assert_eq!(refused(change), Err(ModelError::GammaBuffer));
	}
}

fn near_legs() -> impl Strategy<Value = Vec<(u32, OptionKind, i128)>> {
	let kind = prop_oneof![Just(OptionKind::Call), Just(OptionKind::Put)];
	vec((5_700u32..6_300, kind, -5_000i128..5_000), 1..6)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

	#[test]
	fn buffer_stays_below_the_fully_revalued_loss_until_the_last_second(
		milliseconds in prop_oneof![
			Just(1_000u64), 1_000u64..60_000, 60_000u64..HOUR, HOUR..2 * DAY + HOUR
		],
		options in near_legs(),
		later in -5_000i128..5_000,
		hedge in -5_000i128..5_000,
	) {
		let strikes = |(strike, kind, size)| {
			leg(option(BTC, NOW + milliseconds, strike * 10, kind), size)
		};
		let mut legs: Vec<_> = options.into_iter().map(strikes).collect();
		legs.push(leg(option(BTC, QUARTER, 60_000, OptionKind::Call), later));
		legs.push(leg(Instrument::perpetual(BTC), hedge));
		let report = at_mark(&model(), milliseconds, legs);
		let worse =
			jump_loss(milliseconds, &report, 5).max(jump_loss(milliseconds, &report, -5)).max(0);
		prop_assert!(buffer(&report) >= 0);
		// What the test's millionths of a dollar and the deltas' last digits leave.
		prop_assert!(buffer(&report) <= worse + ONE / 1_000, "{} {worse}", buffer(&report));
	}
}
