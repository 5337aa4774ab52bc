//! Which models are refused, and why.

use super::{
	Aggregation, BasisShock, GammaBuffer, RiskModel, Scenario, SkewLaw, StaticDiscounting,
	VolatilityShock, VolatilityShockLaw,
};
use crate::{
	error::MathError,
	grid::Grid,
	shock::{price_factor, REFERENCE_TENOR},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::{traits::Zero, FixedI128, FixedPointNumber, FixedU128};

/// A minute and a day in milliseconds.
const MINUTE: u64 = 60 * 1000;
const DAY: u64 = 24 * 60 * MINUTE;

/// Why a risk model is refused.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ModelError {
	/// There is no scenario.
	#[codec(index = 0)]
	NoScenarios,
	/// No scenario takes the price up by the scan range or more at full weight.
	#[codec(index = 1)]
	NoFullMoveUp,
	/// No scenario takes the price down by the scan range or more at full weight.
	#[codec(index = 2)]
	NoFullMoveDown,
	/// No scenario raises volatility at full weight.
	#[codec(index = 3)]
	NoVolatilityUp,
	/// No scenario lowers volatility at full weight.
	#[codec(index = 4)]
	NoVolatilityDown,
	/// A scenario's weight is zero.
	#[codec(index = 5)]
	ZeroWeight,
	/// A scenario's weight is over one.
	#[codec(index = 6)]
	WeightAboveOne,
	/// Two scenarios have the same moves.
	#[codec(index = 7)]
	DuplicateScenario,
	/// There is no underlying.
	#[codec(index = 8)]
	NoUnderlyings,
	/// An underlying is there twice.
	#[codec(index = 9)]
	DuplicateUnderlying,
	/// A scan range is zero.
	#[codec(index = 10)]
	ZeroScanRange,
	/// A scan range is one or more: its down move would leave no price.
	#[codec(index = 11)]
	ScanRangeTooWide,
	/// A scenario takes an underlying's price to zero or below.
	#[codec(index = 12)]
	PriceNotPositive,
	/// A scenario multiplies an underlying's price by more than a thousand.
	#[codec(index = 13)]
	PriceMoveTooLarge,
	/// The initial factor is below the maintenance factor.
	#[codec(index = 14)]
	InitialBelowMaintenance,
	/// The maintenance factor is below one: the worst scenario would not be covered.
	#[codec(index = 15)]
	MaintenanceBelowOne,
	/// A factor or charge is over a hundred.
	#[codec(index = 16)]
	FactorTooLarge,
	/// The volatility range up is zero, or over ten.
	#[codec(index = 17)]
	VolatilityRangeUp,
	/// The volatility range down is zero, or over ten.
	#[codec(index = 18)]
	VolatilityRangeDown,
	/// A power of the volatility law is over two.
	#[codec(index = 19)]
	VolatilityPower,
	/// The volatility law's floor of the time to expiry is below a minute or over 30 days.
	#[codec(index = 20)]
	ExpiryFloor,
	/// The minimum shocked volatility is over ten (1,000 %).
	#[codec(index = 21)]
	MinimumShockedVolatility,
	/// The initial charge for naked short options is below the maintenance one.
	#[codec(index = 22)]
	NakedInitialBelowMaintenance,
	/// The initial charge for perpetuals is below the maintenance one.
	#[codec(index = 23)]
	PerpetualInitialBelowMaintenance,
	/// A cap of the skew law is beyond ±10, or not positive at expiry.
	#[codec(index = 24)]
	SkewCap,
	/// A width of the skew law is over ten, or its minimum is zero while a scenario tilts the smile.
	#[codec(index = 25)]
	SkewWidth,
	/// The horizon is over 30 days.
	#[codec(index = 26)]
	HorizonTooFar,
	/// The settlement window is over a day.
	#[codec(index = 27)]
	SettlementWindow,
	/// Static discounting multiplies positive values by nothing, or by more than one.
	#[codec(index = 28)]
	LongDiscount,
	/// Static discounting multiplies negative values by less than one, or by more than ten.
	#[codec(index = 29)]
	ShortDiscount,
	/// A rate of static discounting is over ten.
	#[codec(index = 30)]
	DiscountRate,
	/// The basis shock's rise is zero or over ten, its fall is zero or not below one, or a part of
	/// its loss that counts is over twenty.
	#[codec(index = 31)]
	BasisShock,
	/// The confidence threshold is over one, or its factor over a hundred.
	#[codec(index = 32)]
	ConfidenceCharge,
	/// The depeg threshold is over one, or its factor over a hundred.
	#[codec(index = 33)]
	DepegCharge,
	/// The weights of the delta points do not sum to one.
	#[codec(index = 34)]
	DeltaWeights,
	/// The part of the sum of scans that is asked for at least is over one.
	#[codec(index = 35)]
	AggregationFloor,
	/// The tail of the joint scenarios is empty or more than all of them.
	#[codec(index = 36)]
	AggregationTail,
	/// One market has a scenario that is not there, or twice, or a tilt of the smile; or none that
	/// takes prices up, or down, by the scan range at full weight.
	#[codec(index = 37)]
	OneMarket,
	/// A price move is not there with each volatility: joint losses cannot be interpolated.
	#[codec(index = 38)]
	IncompleteGrid,
	/// Payoffs at expiry are looked at over more than 30 days.
	#[codec(index = 40)]
	ExpiryPoints,
	/// Losses are to be interpolated, but no scenario of full weight takes the price alone as far up,
	/// or as far down, as the furthest one of full weight does.
	#[codec(index = 41)]
	InterpolationNodes,
	/// The gamma buffer's window is zero or over 30 days, its jump zero, its gain over one, or its
	/// largest jump below the smallest, or one.
	#[codec(index = 42)]
	GammaBuffer,
	/// A rate of the concentration charge is over one, or a liquidity is above zero and below a
	/// thousand USD.
	#[codec(index = 43)]
	Concentration,
	/// A step of the pace is below a minute or over 30 days, its rise below a thousandth or over ten,
	/// its fall below a thousandth or not below one.
	#[codec(index = 44)]
	Pace,
	/// A range is below its floor.
	#[codec(index = 45)]
	BelowFloor,
	/// Some margin of the largest portfolio ([`LARGEST_PORTFOLIO`](super::LARGEST_PORTFOLIO)) could
	/// not be computed.
	#[codec(index = 46)]
	Overflow,
}

impl RiskModel {
	/// Refuses, by name, a model that leaves risk unmargined or that the engine cannot compute.
	pub fn validate(&self) -> Result<(), ModelError> {
		self.validate_scenarios()?;
		self.validate_underlyings()?;
		self.validate_factors()?;
		self.volatility.validate()?;
		self.validate_skew()?;
		self.validate_horizons()?;
		self.discounting.as_ref().map_or(Ok(()), StaticDiscounting::validate)?;
		self.basis.as_ref().map_or(Ok(()), BasisShock::validate)?;
		self.gamma_buffer.as_ref().map_or(Ok(()), GammaBuffer::validate)?;
		self.validate_interpolation()?;
		self.validate_concentration()?;
		self.validate_contingencies()?;
		self.validate_aggregation()?;
		self.pace.as_ref().map_or(Ok(()), |pace| pace.validate(self))?;
		self.validate_largest()
	}

	fn validate_aggregation(&self) -> Result<(), ModelError> {
		let Some(Aggregation { one_market, floor, tail }) = &self.aggregation else {
			return Ok(());
		};
		let one = FixedU128::from_u32(1);
		ensure(*floor <= one, ModelError::AggregationFloor)?;
		ensure(!tail.is_zero() && *tail <= one, ModelError::AggregationTail)?;
		ensure(Grid::new(self).is_some(), ModelError::IncompleteGrid)?;
		let ascending = one_market.iter().zip(one_market.iter().skip(1)).all(|(a, b)| a < b);
		ensure(ascending, ModelError::OneMarket)?;
		let scenarios = one_market
			.iter()
			.map(|index| self.scenarios.get(usize::from(*index)))
			.collect::<Option<Vec<_>>>()
			.filter(|scenarios| scenarios.iter().all(|scenario| !scenario.volatility.is_skew()))
			.ok_or(ModelError::OneMarket)?;
		let up = FixedI128::from_u32(1);
		let down = FixedI128::from_inner(-up.into_inner());
		let full = |reaches: &dyn Fn(&Scenario) -> bool| {
			scenarios.iter().any(|scenario| scenario.weight == one && reaches(scenario))
		};
		let both = full(&|s| s.price_move >= up) && full(&|s| s.price_move <= down);
		ensure(both, ModelError::OneMarket)
	}

	fn validate_scenarios(&self) -> Result<(), ModelError> {
		ensure(!self.scenarios.is_empty(), ModelError::NoScenarios)?;
		let one = FixedU128::from_u32(1);
		for (index, scenario) in self.scenarios.iter().enumerate() {
			ensure(!scenario.weight.is_zero(), ModelError::ZeroWeight)?;
			ensure(scenario.weight <= one, ModelError::WeightAboveOne)?;
			let is_same = |other: &Scenario| {
				other.price_move == scenario.price_move && other.volatility == scenario.volatility
			};
			let repeats = self.scenarios.iter().skip(index.saturating_add(1)).any(is_same);
			ensure(!repeats, ModelError::DuplicateScenario)?;
		}
		let up = FixedI128::from_u32(1);
		let down = FixedI128::from_inner(-up.into_inner());
		let full = |reaches: &dyn Fn(&Scenario) -> bool| {
			self.scenarios.iter().any(|s| s.weight == one && reaches(s))
		};
		ensure(full(&|s| s.price_move >= up), ModelError::NoFullMoveUp)?;
		ensure(full(&|s| s.price_move <= down), ModelError::NoFullMoveDown)?;
		ensure(full(&|s| s.volatility == VolatilityShock::Up), ModelError::NoVolatilityUp)?;
		ensure(full(&|s| s.volatility == VolatilityShock::Down), ModelError::NoVolatilityDown)
	}

	fn validate_underlyings(&self) -> Result<(), ModelError> {
		ensure(!self.underlyings.is_empty(), ModelError::NoUnderlyings)?;
		for (index, underlying) in self.underlyings.iter().enumerate() {
			let mut others = self.underlyings.iter().skip(index.saturating_add(1));
			ensure(
				others.all(|other| other.underlying != underlying.underlying),
				ModelError::DuplicateUnderlying,
			)?;
			let range = underlying.scan_range;
			ensure(!range.is_zero(), ModelError::ZeroScanRange)?;
			ensure(range < FixedU128::from_u32(1), ModelError::ScanRangeTooWide)?;
			for scenario in &self.scenarios {
				let factor = match price_factor(scenario.price_move, range) {
					Ok(factor) => factor,
					Err(MathError::OutOfDomain) => return Err(ModelError::PriceNotPositive),
					Err(MathError::Overflow) => return Err(ModelError::PriceMoveTooLarge),
				};
				let most = FixedU128::from_u32(1_000).into_inner();
				ensure(factor <= most, ModelError::PriceMoveTooLarge)?;
			}
		}
		Ok(())
	}

	fn validate_factors(&self) -> Result<(), ModelError> {
		let Self { initial_factor, maintenance_factor, naked_short, .. } = self;
		ensure(*maintenance_factor >= FixedU128::from_u32(1), ModelError::MaintenanceBelowOne)?;
		ensure(initial_factor >= maintenance_factor, ModelError::InitialBelowMaintenance)?;
		ensure(
			naked_short.initial >= naked_short.maintenance,
			ModelError::NakedInitialBelowMaintenance,
		)?;
		let most = FixedU128::from_u32(100);
		ensure(*initial_factor <= most && naked_short.initial <= most, ModelError::FactorTooLarge)
	}

	fn validate_skew(&self) -> Result<(), ModelError> {
		let SkewLaw { linear, absolute, minimum_width, width_scale, width_level, width_slope } =
			self.skew;
		for (shock, cap) in
			[(VolatilityShock::LinearSkew, linear), (VolatilityShock::AbsoluteSkew, absolute)]
		{
			ensure(is_within_ten(cap.level) && is_within_ten(cap.slope), ModelError::SkewCap)?;
			let is_used = self.scenarios.iter().any(|scenario| scenario.volatility == shock);
			ensure(!is_used || cap.level.is_positive(), ModelError::SkewCap)?;
		}
		let ten = FixedU128::from_u32(10);
		ensure(
			minimum_width <= ten
				&& width_scale <= ten
				&& is_within_ten(width_level)
				&& is_within_ten(width_slope),
			ModelError::SkewWidth,
		)?;
		ensure(!self.has_skews() || !minimum_width.is_zero(), ModelError::SkewWidth)
	}

	fn validate_horizons(&self) -> Result<(), ModelError> {
		ensure(self.horizon <= REFERENCE_TENOR, ModelError::HorizonTooFar)?;
		ensure(self.settlement_window <= DAY, ModelError::SettlementWindow)
	}

	fn validate_contingencies(&self) -> Result<(), ModelError> {
		let Self { perpetual, confidence, depeg, delta_points, .. } = self;
		let (one, most) = (FixedU128::from_u32(1), FixedU128::from_u32(100));
		ensure(
			perpetual.initial >= perpetual.maintenance,
			ModelError::PerpetualInitialBelowMaintenance,
		)?;
		ensure(perpetual.initial <= most, ModelError::FactorTooLarge)?;
		ensure(
			confidence.threshold <= one && confidence.factor <= most,
			ModelError::ConfidenceCharge,
		)?;
		ensure(depeg.threshold <= one && depeg.factor <= most, ModelError::DepegCharge)?;
		let sum = delta_points
			.iter()
			.try_fold(0u128, |sum, point| sum.checked_add(point.weight.into_inner()));
		ensure(delta_points.is_empty() || sum == Some(one.into_inner()), ModelError::DeltaWeights)
	}
}

impl RiskModel {
	fn validate_interpolation(&self) -> Result<(), ModelError> {
		ensure(self.expiry_points_within <= REFERENCE_TENOR, ModelError::ExpiryPoints)?;
		if self.expiry_points_within == 0 && self.concentration.delta_rate.is_zero() {
			return Ok(());
		}
		let one = FixedU128::from_u32(1);
		let full = || self.scenarios.iter().filter(|scenario| scenario.weight == one);
		let nodes = || self.scenarios.iter().filter(|scenario| scenario.is_node());
		let furthest = full().map(|s| s.price_move).max() == nodes().map(|s| s.price_move).max()
			&& full().map(|s| s.price_move).min() == nodes().map(|s| s.price_move).min();
		ensure(furthest, ModelError::InterpolationNodes)
	}

	fn validate_concentration(&self) -> Result<(), ModelError> {
		let (one, least) = (FixedU128::from_u32(1), FixedU128::from_u32(1_000));
		let rates = [self.concentration.delta_rate, self.concentration.option_rate];
		ensure(rates.iter().all(|rate| *rate <= one), ModelError::Concentration)?;
		let is_liquidity = |amount: FixedU128| amount.is_zero() || amount >= least;
		let are_known = self.underlyings.iter().all(|underlying| {
			is_liquidity(underlying.liquidity.delta) && is_liquidity(underlying.liquidity.options)
		});
		ensure(are_known, ModelError::Concentration)
	}
}

impl GammaBuffer {
	fn validate(&self) -> Result<(), ModelError> {
		let one = FixedU128::from_u32(1);
		ensure(
			(1..=REFERENCE_TENOR).contains(&self.window)
				&& !self.jump.is_zero()
				&& self.jump_per_size <= one
				&& self.most >= self.jump
				&& self.most < one,
			ModelError::GammaBuffer,
		)
	}
}

impl VolatilityShockLaw {
	fn validate(&self) -> Result<(), ModelError> {
		let ten = FixedU128::from_u32(10);
		let two = FixedU128::from_u32(2);
		let is_range = |range: FixedU128| !range.is_zero() && range <= ten;
		ensure(is_range(self.range_up), ModelError::VolatilityRangeUp)?;
		ensure(is_range(self.range_down), ModelError::VolatilityRangeDown)?;
		ensure(
			self.short_term_power <= two && self.long_term_power <= two,
			ModelError::VolatilityPower,
		)?;
		ensure((MINUTE..=REFERENCE_TENOR).contains(&self.expiry_floor), ModelError::ExpiryFloor)?;
		ensure(self.minimum_shocked.0 <= ten, ModelError::MinimumShockedVolatility)
	}
}

impl StaticDiscounting {
	fn validate(&self) -> Result<(), ModelError> {
		let (one, ten) = (FixedU128::from_u32(1), FixedU128::from_u32(10));
		ensure(!self.long.is_zero() && self.long <= one, ModelError::LongDiscount)?;
		ensure(self.short >= one && self.short <= ten, ModelError::ShortDiscount)?;
		let rates = [
			self.long_rate_factor,
			self.long_rate_add,
			self.short_rate_factor,
			self.short_rate_add,
		];
		ensure(rates.iter().all(|rate| *rate <= ten), ModelError::DiscountRate)
	}
}

impl BasisShock {
	fn validate(&self) -> Result<(), ModelError> {
		let (one, ten, most) =
			(FixedU128::from_u32(1), FixedU128::from_u32(10), FixedU128::from_u32(20));
		let is_move = |part: FixedU128| !part.is_zero();
		ensure(
			is_move(self.rise)
				&& self.rise <= ten
				&& is_move(self.fall)
				&& self.fall < one
				&& self.level <= most
				&& self.slope <= most,
			ModelError::BasisShock,
		)
	}
}

/// Whether a parameter lies within ±10.
fn is_within_ten(parameter: FixedI128) -> bool {
	let ten = FixedI128::from_u32(10);
	parameter <= ten && parameter >= FixedI128::from_inner(-ten.into_inner())
}

fn ensure(holds: bool, error: ModelError) -> Result<(), ModelError> {
	if holds {
		Ok(())
	} else {
		Err(error)
	}
}
