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
