use super::support::*;
use crate::model::*;
use codec::{Decode, Encode};
use plimsoll_primitives::Volatility;
use sp_arithmetic::{FixedI128, FixedU128};

fn refused(change: impl Fn(&mut RiskModel)) -> Option<ModelError> {
	let mut model = model();
	change(&mut model);
	model.validate().err()
}

fn half() -> FixedU128 {
	percent(50)
}

#[test]
fn standard_model_is_valid() {
	assert_eq!(model().validate(), Ok(()));
	assert_eq!(model().scenarios.len(), 39);
	assert_eq!(model().scan_range(ETH), Some(percent(18)));
	assert_eq!(model().scan_range(plimsoll_primitives::UnderlyingId(9)), None);
}

#[test]
fn model_survives_encoding() {
	let model = model();
	assert_eq!(RiskModel::decode(&mut &model.encode()[..]), Ok(model.clone()));
	let json = serde_json::to_string(&model).expect("serialises");
	assert_eq!(serde_json::from_str::<RiskModel>(&json).expect("deserialises"), model);
}

#[test]
fn pace_and_floors_are_refused_by_name() {
	use ModelError::*;
	let with = |change: fn(&mut crate::model::Pace)| {
		refused(|m| change(m.pace.as_mut().expect("the standard model has one")))
	};
	assert_eq!(with(|pace| pace.step = 59_999), Some(Pace));
	let tiny = FixedU128::from_inner(ONE.unsigned_abs() / 1_000 - 1);
	let with_tiny = |rises: bool| {
		refused(|m| {
			let pace = m.pace.as_mut().expect("the standard model has one");
			*(if rises { &mut pace.rise } else { &mut pace.fall }) = tiny;
		})
	};
	assert_eq!((with_tiny(true), with_tiny(false)), (Some(Pace), Some(Pace)));
	assert_eq!(with(|pace| pace.fall = percent(100)), Some(Pace));
	assert_eq!(with(|pace| pace.least_scan_range = percent(16)), Some(BelowFloor));
	assert_eq!(with(|pace| pace.least_range_up = percent(51)), Some(BelowFloor));
	assert_eq!(with(|pace| pace.least_range_down = percent(31)), Some(BelowFloor));
	assert_eq!(with(|pace| pace.least_scan_range = percent(15)), None);
	assert_eq!(refused(|m| m.pace = None), None);
}

#[test]
fn ranges_go_towards_new_ones_in_capped_steps() {
	let now = model();
	let mut target = model();
	target.underlyings[0].scan_range = percent(30);
	target.underlyings[1].scan_range = percent(17);
	target.volatility.range_up = percent(40);
	target.initial_factor = percent(200);
	let ranges = |model: &RiskModel| {
		let ranges = model.underlyings.iter().map(|of| of.scan_range).collect::<Vec<_>>();
		(ranges, model.volatility.range_up)
	};
	let first = now.towards(&target);
	// 15 % rises by a half, 18 % falls by 5 % of itself (to 17.1 %), 50 % likewise.
	let expected = (
		vec![FixedU128::from_rational(225, 1000), FixedU128::from_rational(171, 1000)],
		FixedU128::from_rational(475, 1000),
	);
	assert_eq!(ranges(&first), expected);
	assert_eq!(first.initial_factor, percent(200));
	assert_eq!(first.validate(), Ok(()));
	let mut steps = 1;
	let mut next = first.clone();
	while next != target {
		next = next.towards(&target);
		steps += 1;
		assert!(steps < 10);
	}
	// 0.5 · 0.95^5 < 0.4.
	assert_eq!(steps, 5);
	// A new pace does not let them leap, and old floors do not stop them.
	for pace in
		[None, Some(crate::model::Pace { least_scan_range: percent(1), ..now.pace.expect("one") })]
	{
		let faster = RiskModel { pace, ..target.clone() };
		let first = now.towards(&faster);
		assert_eq!(ranges(&first), expected);
		assert_eq!(first.validate(), Ok(()));
		let second = first.towards(&faster);
		assert!(ranges(&second) != ranges(&faster) && second.validate().is_ok());
	}
	// Between two steps all but the ranges is new.
	let held = now.on_the_way(&target);
	assert_eq!((ranges(&held), held.initial_factor), (ranges(&now), percent(200)));
	assert_eq!((held.pace, held.validate()), (now.pace, Ok(())));
	assert_eq!(held.towards(&target), first);
	let leap = RiskModel { pace: None, ..now };
	assert_eq!(leap.towards(&target), target);
}

#[test]
fn model_is_refused_when_the_largest_portfolio_would_overflow() {
	let thin = |dollars: u32, rate| {
		refused(move |m| {
			m.concentration.delta_rate = percent(rate);
			m.underlyings[1].liquidity.delta = FixedU128::from_u32(dollars);
		})
	};
	// A trillion is a thousand million times the liquidity: as many times the notional.
	assert_eq!(thin(1_000, 100), Some(ModelError::Overflow));
	assert_eq!(thin(1_000_000, 100), None);
	assert_eq!(refused(|m| m.initial_factor = percent(10_000)), None);
}

#[test]
fn scenarios_are_refused_by_name() {
	use ModelError::*;
	assert_eq!(refused(|m| m.scenarios.clear()), Some(NoScenarios));
	assert_eq!(refused(|m| m.scenarios[0].weight = FixedU128::default()), Some(ZeroWeight));
	assert_eq!(
		refused(|m| m.scenarios[0].weight = FixedU128::from_inner(ONE.unsigned_abs() + 1)),
		Some(WeightAboveOne)
	);
	assert_eq!(refused(|m| m.scenarios[1] = m.scenarios[0]), Some(DuplicateScenario));
	let whole = FixedI128::from_u32(1);
	assert_eq!(refused(|m| m.scenarios.retain(|s| s.price_move < whole)), Some(NoFullMoveUp));
	let down = FixedI128::from_inner(-ONE);
	assert_eq!(refused(|m| m.scenarios.retain(|s| s.price_move > down)), Some(NoFullMoveDown));
	// A full move at less than full weight does not count.
	assert_eq!(
		refused(|m| for s in m.scenarios.iter_mut().filter(|s| s.price_move >= whole) {
			s.weight = half();
		}),
		Some(NoFullMoveUp)
	);
	let without = |shock| refused(move |m| m.scenarios.retain(|s| s.volatility != shock));
	assert_eq!(without(VolatilityShock::Up), Some(NoVolatilityUp));
	assert_eq!(without(VolatilityShock::Down), Some(NoVolatilityDown));
}

#[test]
fn underlyings_are_refused_by_name() {
	use ModelError::*;
	assert_eq!(refused(|m| m.underlyings.clear()), Some(NoUnderlyings));
	assert_eq!(refused(|m| m.underlyings[1].underlying = BTC), Some(DuplicateUnderlying));
	let range = |range: FixedU128| refused(move |m| m.underlyings[0].scan_range = range);
	assert_eq!(range(FixedU128::default()), Some(ZeroScanRange));
	assert_eq!(range(percent(100)), Some(ScanRangeTooWide));
	// Three ranges down.
	assert_eq!(range(percent(34)), Some(PriceNotPositive));
	assert_eq!(range(percent(33)), None);
	assert_eq!(
		refused(|m| m.scenarios[30].price_move = FixedI128::from_u32(10_000)),
		Some(PriceMoveTooLarge)
	);
	assert_eq!(
		refused(|m| m.scenarios[30].price_move = FixedI128::from_inner(i128::MAX)),
		Some(PriceMoveTooLarge)
	);
}

#[test]
fn factors_are_refused_by_name() {
	use ModelError::*;
	assert_eq!(refused(|m| m.maintenance_factor = percent(99)), Some(MaintenanceBelowOne));
	assert_eq!(refused(|m| m.maintenance_factor = percent(126)), Some(InitialBelowMaintenance));
	assert_eq!(refused(|m| m.initial_factor = percent(10_001)), Some(FactorTooLarge));
	assert_eq!(refused(|m| m.naked_short.initial = percent(10_001)), Some(FactorTooLarge));
	assert_eq!(
		refused(|m| m.naked_short.initial = FixedU128::default()),
		Some(NakedInitialBelowMaintenance)
	);
}

#[test]
fn volatility_law_is_refused_by_name() {
	use ModelError::*;
	assert_eq!(refused(|m| m.volatility.range_up = FixedU128::default()), Some(VolatilityRangeUp));
	assert_eq!(refused(|m| m.volatility.range_up = percent(1_001)), Some(VolatilityRangeUp));
	assert_eq!(
		refused(|m| m.volatility.range_down = FixedU128::default()),
		Some(VolatilityRangeDown)
	);
	assert_eq!(refused(|m| m.volatility.short_term_power = percent(201)), Some(VolatilityPower));
	assert_eq!(refused(|m| m.volatility.long_term_power = percent(201)), Some(VolatilityPower));
	assert_eq!(refused(|m| m.volatility.expiry_floor = 0), Some(ExpiryFloor));
	assert_eq!(refused(|m| m.volatility.expiry_floor = 31 * DAY), Some(ExpiryFloor));
	assert_eq!(
		refused(|m| m.volatility.minimum_shocked = Volatility(percent(1_001))),
		Some(MinimumShockedVolatility)
	);
}

fn refused_wide(change: impl Fn(&mut RiskModel)) -> Option<ModelError> {
	let mut model = wide_model();
	change(&mut model);
	model.validate().err()
}

#[test]
fn skew_law_is_refused_by_name() {
	use ModelError::*;
	let eleven = FixedI128::from_u32(11);
	assert_eq!(refused_wide(|m| m.skew.linear.level = eleven), Some(SkewCap));
	assert_eq!(refused_wide(|m| m.skew.absolute.slope = eleven), Some(SkewCap));
	assert_eq!(refused_wide(|m| m.skew.linear.level = FixedI128::default()), Some(SkewCap));
	assert_eq!(refused_wide(|m| m.skew.width_scale = percent(1_001)), Some(SkewWidth));
	assert_eq!(refused_wide(|m| m.skew.width_level = eleven), Some(SkewWidth));
	assert_eq!(refused_wide(|m| m.skew.minimum_width = percent(0)), Some(SkewWidth));
}

#[test]
fn horizons_and_discounting_are_refused_by_name() {
	use ModelError::*;
	assert_eq!(refused_wide(|m| m.horizon = 31 * DAY), Some(HorizonTooFar));
	assert_eq!(refused_wide(|m| m.settlement_window = DAY + 1), Some(SettlementWindow));
	let discounting = |change: fn(&mut StaticDiscounting)| {
		refused_wide(|m| change(m.discounting.as_mut().expect("it has one")))
	};
	assert_eq!(discounting(|d| d.long = percent(0)), Some(LongDiscount));
	assert_eq!(discounting(|d| d.long = percent(101)), Some(LongDiscount));
	assert_eq!(discounting(|d| d.short = percent(99)), Some(ShortDiscount));
	assert_eq!(discounting(|d| d.short = percent(1_001)), Some(ShortDiscount));
	assert_eq!(discounting(|d| d.short_rate_add = percent(1_001)), Some(DiscountRate));
}

#[test]
fn contingencies_are_refused_by_name() {
	use ModelError::{DepegCharge as Depeg, *};
	let basis = |change: fn(&mut crate::model::BasisShock)| {
		refused_wide(|m| change(m.basis.as_mut().expect("it has one")))
	};
	assert_eq!(basis(|b| b.rise = percent(0)), Some(BasisShock));
	assert_eq!(basis(|b| b.fall = percent(100)), Some(BasisShock));
	assert_eq!(basis(|b| b.slope = percent(2_001)), Some(BasisShock));
	assert_eq!(
		refused_wide(|m| m.perpetual.initial = percent(0)),
		Some(PerpetualInitialBelowMaintenance)
	);
	assert_eq!(refused_wide(|m| m.perpetual.initial = percent(10_001)), Some(FactorTooLarge));
	assert_eq!(refused_wide(|m| m.confidence.threshold = percent(101)), Some(ConfidenceCharge));
	assert_eq!(refused_wide(|m| m.depeg.factor = percent(10_001)), Some(Depeg));
	let point = DeltaPoint { price_move: FixedI128::default(), weight: percent(99) };
	assert_eq!(
		refused_wide(|m| m.delta_points.try_push(point).expect("there is room")),
		Some(DeltaWeights)
	);
}
