//! What a model may have beyond the standard one.

use super::support::*;
use crate::{
	fixed::{to_decimal, Fixed},
	model::*,
	tenor::Tenor,
	*,
};
use plimsoll_primitives::{
	Contracts, Instrument, OptionKind, Price, Rate, Rounding, Stance, UsdValue,
};
use sp_arithmetic::{FixedI128, FixedU128};

fn reported(model: &RiskModel, market: &MarketState, account: &AccountState) -> RiskReport {
	report(model, market, account, Stance::Mark).expect("valued")
}

/// The standard model with one scenario of ether's whole range in each direction, volatilities
/// still.
fn two_scenarios() -> RiskModel {
	let mut model = model();
	model.scenarios.clear();
	for price_move in [-ONE, ONE] {
		let scenario = Scenario {
			price_move: FixedI128::from_inner(price_move),
			volatility: VolatilityShock::None,
			weight: percent(100),
		};
		model.scenarios.try_push(scenario).expect("there is room");
	}
	model
}

/// In millionths, to the nearest.
fn millionths(value: Fixed) -> i128 {
	(to_decimal(value, Rounding::Down) + ONE / 2_000_000) / (ONE / 1_000_000)
}

fn losses(report: &RiskReport) -> Vec<i128> {
	report.underlyings[0].losses.iter().map(|loss| loss.into_inner()).collect()
}

#[test]
fn wide_model_is_valid() {
	assert_eq!(wide_model().validate(), Ok(()));
}

#[test]
fn what_a_model_leaves_out_may_be_left_out_of_its_text() {
	let mut text = serde_json::to_value(model()).expect("serialises");
	let fields = text.as_object_mut().expect("an object");
	for name in ["perpetual", "skew", "horizon", "settlement_window", "discounting", "basis"] {
		fields.remove(name).expect("a field");
	}
	assert_eq!(serde_json::from_value::<RiskModel>(text).expect("deserialises"), model());
}

#[test]
fn static_factors_follow_their_formula() {
	let discounting = wide_model().discounting.expect("it has one");
	let year = Tenor::from_milliseconds(tenor::YEAR).expect("a year");
	let rate = |percent: i128| Rate::from_inner(ONE * percent / 100);
	// 0.95·e^−(0.1 + 0.08); 1.04·e^(0.05 + 0.08) is beyond e^0.1, which undoes the discounting.
	let at = discounting.at(&year, rate(10), rate(10)).expect("computed");
	assert_eq!((millionths(at.long), millionths(at.short)), (793_507, 1_105_171));
	// 1.04·e^0.255 at a rate of 35 %.
	let at = discounting.at(&year, rate(35), rate(35)).expect("computed");
	assert_eq!(millionths(at.short), 1_342_080);
	// Undiscounted options owe no more; a negative rate counts as none.
	let at = discounting.at(&year, rate(-10), rate(0)).expect("computed");
	assert_eq!((millionths(at.long), millionths(at.short)), (876_961, 1_000_000));
	let expired = Tenor::from_milliseconds(0).expect("none");
	let at = discounting.at(&expired, rate(10), rate(10)).expect("computed");
	assert_eq!((millionths(at.long), millionths(at.short)), (1_000_000, 1_000_000));
}

#[test]
fn static_discounting_cuts_by_the_sign_of_the_expiry() {
	let plain = two_scenarios();
	let cut = RiskModel { discounting: wide_model().discounting, ..plain.clone() };
	for size in [1_000, -1_000] {
		let held = account(0, vec![leg(option(ETH, QUARTER, 3_000, OptionKind::Call), size)]);
		let (plain, cut) = (reported(&plain, &market(), &held), reported(&cut, &market(), &held));
		let expiry = &cut.underlyings[0].expiries[0];
		let factor = if size > 0 { expiry.long_factor } else { expiry.short_factor };
		for (plain, cut) in losses(&plain).iter().zip(losses(&cut)) {
			// value − (value − loss)·factor.
			let value = expiry.value.into_inner();
			let after = value - plain;
			let expected = value
				- after / ONE * factor.into_inner() as i128
				- after % ONE * factor.into_inner() as i128 / ONE;
			assert!((cut - expected).abs() < 100_000, "{cut} for {expected}");
			assert!(cut >= *plain);
		}
	}
}

#[test]
fn skew_scenario_charges_both_directions() {
	let mut model = two_scenarios();
	model.skew = wide_model().skew;
	for (at, volatility) in
		[VolatilityShock::LinearSkew, VolatilityShock::AbsoluteSkew].into_iter().enumerate()
	{
		model.scenarios[at] =
			Scenario { price_move: FixedI128::from_inner(0), volatility, weight: percent(100) };
	}
	let of = |size| {
		let held = account(0, vec![leg(option(ETH, QUARTER, 4_000, OptionKind::Call), size)]);
		losses(&reported(&model, &market(), &held))
	};
	let (long, short) = (of(1_000), of(-1_000));
	assert!(long.iter().all(|loss| *loss > 0));
	for (long, short) in long.iter().zip(&short) {
		assert!((long - short).abs() < 10);
	}
	// Above the forward both tilt the same way.
	assert!((long[0] - long[1]).abs() < 10);
	// At the money nothing tilts.
	let at_the_money = option(ETH, QUARTER, 3_060, OptionKind::Call);
	let held = account(0, vec![leg(at_the_money, 1_000)]);
	assert_eq!(losses(&reported(&model, &market(), &held)), vec![0, 0]);
}

#[test]
fn forward_moves_less_as_the_settlement_average_fills() {
	let model = RiskModel { settlement_window: 30 * 60 * 1000, ..two_scenarios() };
	let loss_at = |minutes: u64, quotes: Quotes| {
		let mut market = market();
		market.now = WEEK - minutes * 60 * 1000;
		market.underlyings[1].quotes = quotes;
		let held = account(0, vec![leg(Instrument::future(ETH, WEEK), 1_000)]);
		losses(&reported(&model, &market, &held))[0] * 100 / ONE
	};
	// 18 % of 3,003.
	assert_eq!(loss_at(30, Quotes::default()), 54_054);
	assert_eq!(loss_at(15, Quotes::default()), 27_027);
	// What is quoted to be fixed goes before.
	let fixed = ExpiryQuotes {
		expiry: WEEK,
		confidence: Confidence::default(),
		fixed: Some(price(2_003)),
		discount_rate: None,
	};
	assert_eq!(loss_at(15, Quotes { expiries: vec![fixed], ..Quotes::default() }), 18_000);
}

#[test]
fn horizon_costs_a_long_option_its_decay() {
	let still = |mut model: RiskModel| {
		for scenario in model.scenarios.iter_mut() {
			scenario.price_move = FixedI128::from_inner(0);
		}
		model
	};
	let now = still(two_scenarios());
	let later = RiskModel { horizon: 2 * DAY, ..now.clone() };
	let held = account(0, vec![leg(option(ETH, WEEK, 3_000, OptionKind::Call), 1_000)]);
	assert_eq!(losses(&reported(&now, &market(), &held))[0], 0);
	let loss = losses(&reported(&later, &market(), &held))[0];
	let theta = -reported(&now, &market(), &held).legs[0].greeks.theta.into_inner();
	assert!(loss > 2 * theta && loss < 3 * theta, "{loss} against a theta of {theta}");
	// Beyond expiry only its intrinsic value at spot is left.
	let beyond = RiskModel { horizon: 8 * DAY, ..now };
	let report = reported(&beyond, &market(), &held);
	let mark = report.legs[0].mark.into_inner() as i128;
	assert!((losses(&report)[0] - mark).abs() < 10);
}

#[test]
fn basis_shock_binds_where_it_loses_more_and_is_split_exactly() {
	let mut model = two_scenarios();
	model.basis = Some(BasisShock {
		rise: percent(10),
		fall: percent(10),
		level: percent(100),
		slope: percent(0),
	});
	// A calendar: no scenario loses much, each forward by itself does.
	let held = account(
		0,
		vec![
			leg(Instrument::future(ETH, WEEK), 1_000),
			leg(Instrument::future(ETH, QUARTER), -1_000),
		],
	);
	let report = reported(&model, &market(), &held);
	let underlying = &report.underlyings[0];
	// A tenth of 3,003 and of 3,060.
	assert_eq!(underlying.basis, UsdValue::from_inner(ONE * 6_063 / 10));
	assert_eq!((underlying.scan, underlying.worst), (underlying.basis, Some(WorstLoss::Basis)));
	assert_eq!(report.margin.maintenance, underlying.basis);
	let parts: Vec<_> =
		report.legs.iter().map(|leg| leg.contribution.maintenance.into_inner()).collect();
	assert_eq!(parts, vec![ONE * 3_003 / 10, ONE * 3_060 / 10]);
}

#[test]
fn unsure_prices_raise_initial_margin_alone() {
	let model = RiskModel { confidence: wide_model().confidence, ..two_scenarios() };
	let mut unsure = market();
	unsure.underlyings[1].quotes = Quotes {
		perpetual_confidence: Confidence(percent(40)),
		expiries: vec![ExpiryQuotes {
			expiry: WEEK,
			confidence: Confidence(percent(50)),
			fixed: None,
			discount_rate: None,
		}],
		..Quotes::default()
	};
	let charged = |legs: Vec<Leg>| {
		let held = account(0, legs);
		let (sure, unsure) = (reported(&model, &market(), &held), reported(&model, &unsure, &held));
		assert_eq!(sure.margin.maintenance, unsure.margin.maintenance);
		let charge = unsure.margin.initial.into_inner() - sure.margin.initial.into_inner();
		assert_eq!(charge, unsure.contingencies.confidence.initial.into_inner());
		charge * 100 / ONE
	};
	let near = leg(option(ETH, WEEK, 3_000, OptionKind::Call), -1_000);
	let far = leg(option(ETH, QUARTER, 3_000, OptionKind::Call), 1_000);
	let perpetual = leg(Instrument::perpetual(ETH), 1_000);
	// Half of 3,000; nothing; 60 % of 3,000 on all, once perpetuals are held.
	assert_eq!(charged(vec![near.clone()]), 150_000);
	assert_eq!(charged(vec![near.clone(), near.clone()]), 300_000);
	assert_eq!(charged(vec![far.clone()]), 0);
	assert_eq!(charged(vec![near, far, perpetual]), 540_000);
}

#[test]
fn depeg_raises_the_initial_factor() {
	let model = RiskModel { depeg: wide_model().depeg, ..two_scenarios() };
	let held = account(0, vec![leg(Instrument::perpetual(ETH), 1_000)]);
	let mut market = market();
	let factor = |market: &MarketState| reported(&model, market, &held).initial_factor;
	assert_eq!(factor(&market), percent(125));
	market.settlement_asset_price = Price::from_rational(90, 100);
	// (0.98 − 0.90)·2 more.
	assert_eq!(factor(&market), percent(141));
	assert_eq!(reported(&model, &market, &held).margin.initial, usd(76_140));
}

#[test]
fn contingencies_grow_with_the_initial_factor_where_the_model_says_so() {
	let perpetual = NotionalCharge { maintenance: percent(2), initial: percent(2) };
	let model = RiskModel { perpetual, scale_contingencies: true, ..two_scenarios() };
	let legs =
		vec![leg(Instrument::perpetual(ETH), 3_000), leg(Instrument::perpetual(ETH), -1_000)];
	let report = reported(&model, &market(), &account(0, legs));
	// 2 % of 6,000, and 1.25 times that.
	assert_eq!(report.contingencies.perpetual.maintenance, usd(12_000));
	assert_eq!(report.contingencies.perpetual.initial, usd(15_000));
}

#[test]
fn composite_delta_is_one_for_what_follows_spot() {
	let point = |thirds: i128, weight: u32| DeltaPoint {
		price_move: FixedI128::from_inner(thirds * ONE / 3),
		weight: percent(weight),
	};
	let mut model = two_scenarios();
	model.delta_points = vec![point(-3, 25), point(0, 50), point(3, 25)].try_into().expect("fits");
	let delta = |instrument| {
		let report = reported(&model, &market(), &account(0, vec![leg(instrument, 1_000)]));
		report.legs[0].composite_delta.into_inner()
	};
	assert_eq!(delta(Instrument::perpetual(ETH)), ONE);
	let call = delta(option(ETH, QUARTER, 3_000, OptionKind::Call));
	let put = delta(option(ETH, QUARTER, 3_000, OptionKind::Put));
	assert!(call > ONE / 3 && call < ONE, "{call}");
	// e^(−0.04·90/365) · 3,060/3,000.
	let sum = call - put;
	assert!((sum - 1_009_989_000_000_000_000).abs() < ONE / 100_000, "{sum}");
}

#[test]
fn collateral_may_have_a_price_of_its_own_and_a_charge() {
	let mut holding = ether(1_000);
	holding.price = Some(price(3_300));
	holding.charge = NotionalCharge { maintenance: percent(1), initial: percent(3) };
	let mut held = account(0, Vec::new());
	held.collateral = vec![holding];
	let report = reported(&two_scenarios(), &market(), &held);
	assert_eq!(report.collateral[0].value, usd(330_000));
	assert_eq!(report.collateral[0].equity, usd(323_400));
	// 18 % of its own price, and the charges.
	assert_eq!(report.underlyings[0].scan, usd(59_400));
	assert_eq!(report.margin.maintenance, usd(59_400 + 3_300));
	assert_eq!(report.margin.initial, usd(59_400 * 5 / 4 + 9_900));
	assert_eq!(report.collateral[0].contribution.initial, report.margin.initial);
	assert_eq!(report.collateral[0].isolated.initial, report.margin.initial);
}

#[test]
fn quoted_volatility_takes_the_place_of_the_surface() {
	let call = option(ETH, WEEK, 3_000, OptionKind::Call);
	let mut quoted = market();
	quoted.underlyings[1].quotes.volatilities.push(SeriesVolatility {
		expiry: WEEK,
		strike: price(3_000),
		kind: OptionKind::Call,
		volatility: plimsoll_primitives::Volatility::ONE,
	});
	let marked = |market: &MarketState| mark(market, &call).expect("priced");
	assert!(marked(&quoted) > marked(&market()));
	// The put has no quote of its own.
	let put = option(ETH, WEEK, 3_000, OptionKind::Put);
	assert_eq!(mark(&quoted, &put), mark(&market(), &put));
	let report = reported(&model(), &quoted, &account(0, vec![leg(call, 1_000)]));
	assert_eq!(Ok(report.legs[0].mark), mark(&quoted, &call));
	let volatility = report.legs[0].volatility.expect("an option has one");
	assert!(volatility.into_inner().abs_diff(ONE.unsigned_abs()) < 1_000);
}

#[test]
fn absurd_volatility_law_is_cut_and_not_an_error() {
	let mut law = model().volatility;
	law.short_term_power = FixedU128::from_u32(10);
	law.expiry_floor = 1;
	let (up, down) = law.multipliers(&Tenor::from_milliseconds(1).expect("one")).expect("cut");
	assert!(up > Fixed::from_num(1_000_000) && down == Fixed::from_num(0));
}

#[test]
fn repeated_legs_count_net_in_every_contingency() {
	let model = wide_model();
	let once = vec![leg(Instrument::perpetual(ETH), 1_500)];
	let twice =
		vec![leg(Instrument::perpetual(ETH), 2_500), leg(Instrument::perpetual(ETH), -1_000)];
	let (once, twice) = (
		reported(&model, &market(), &account(0, once)),
		reported(&model, &market(), &account(0, twice)),
	);
	assert_eq!(once.contingencies, twice.contingencies);
	let size =
		|report: &RiskReport| report.legs.iter().map(|leg| leg.size.into_inner()).sum::<i128>();
	assert_eq!(size(&once), size(&twice));
	assert_eq!(Contracts::from_inner(size(&once)), contracts(1_500));
}
