//! The risk model: a value, not code. Governance may change every number in it; [`validate`]
//! refuses one that leaves risk unmargined.
//!
//! [`validate`]: RiskModel::validate

use crate::{
	error::MathError,
	shock::{price_factor, REFERENCE_TENOR},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::{number::SCALE, UnderlyingId, Volatility};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::{traits::Zero, FixedI128, FixedU128};
use sp_core::{bounded::BoundedVec, ConstU32};

/// The most scenarios that a model has.
pub const MAX_SCENARIOS: u32 = 64;
/// The most underlyings that a model knows.
pub const MAX_UNDERLYINGS: u32 = 32;

/// A minute and a day in milliseconds.
const MINUTE: u64 = 60 * 1000;
const DAY: u64 = 24 * 60 * MINUTE;
/// One and a third as scaled integers.
const SCALED_ONE: i128 = SCALE as i128;
const THIRD: i128 = SCALED_ONE / 3;

/// Which way a scenario moves every implied volatility. By how much, the model's
/// [`VolatilityShockLaw`] says.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub enum VolatilityShock {
	/// Volatility rises.
	#[codec(index = 0)]
	Up,
	/// Volatility stays.
	#[codec(index = 1)]
	None,
	/// Volatility falls.
	#[codec(index = 2)]
	Down,
}

/// One joint move of an underlying's price and volatilities.
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
	Serialize,
	Deserialize,
)]
pub struct Scenario {
	/// The price move, as a multiple of the underlying's scan range (−1 is a fall by the whole
	/// range).
	pub price_move: FixedI128,
	/// The volatility move.
	pub volatility: VolatilityShock,
	/// The share of the scenario's loss that counts, above 0, at most 1: moves beyond the scan range
	/// are dampened, since they are less likely.
	pub weight: FixedU128,
}

/// By how much a volatility scenario moves an expiry's volatilities: `range · (30 days / max(time to
/// expiry, floor))^power`, a larger relative move the nearer the expiry.
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
	Serialize,
	Deserialize,
)]
pub struct VolatilityShockLaw {
	/// Relative rise of a 30-day volatility (0.5 is half more).
	pub range_up: FixedU128,
	/// Relative fall of a 30-day volatility; a fall of 1 or more leaves no volatility.
	pub range_down: FixedU128,
	/// The power within 30 days of expiry, at most 2.
	pub short_term_power: FixedU128,
	/// The power beyond, at most 2.
	pub long_term_power: FixedU128,
	/// Nearer expiries count as this far away, in milliseconds.
	pub expiry_floor: u64,
	/// A risen volatility is at least this.
	pub minimum_shocked: Volatility,
}

/// An underlying's part of the model.
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
	Serialize,
	Deserialize,
)]
pub struct UnderlyingModel {
	/// Which underlying.
	pub underlying: UnderlyingId,
	/// The scan range: the price move of a scenario with `price_move` 1, as a fraction of the price.
	pub scan_range: FixedU128,
}

/// What a short option that no option of the same expiry and strike covers costs on top, as a
/// fraction of spot per contract: it jumps with the market beyond every scenario.
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
	Serialize,
	Deserialize,
)]
pub struct NakedShortCharge {
	/// In maintenance margin.
	pub maintenance: FixedU128,
	/// In initial margin, at least the same.
	pub initial: FixedU128,
}

/// The risk model.
#[derive(
	Clone,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct RiskModel {
	/// The scenarios, for every underlying alike.
	pub scenarios: BoundedVec<Scenario, ConstU32<MAX_SCENARIOS>>,
	/// How volatility scenarios depend on the time to expiry.
	pub volatility: VolatilityShockLaw,
	/// The underlyings.
	pub underlyings: BoundedVec<UnderlyingModel, ConstU32<MAX_UNDERLYINGS>>,
	/// Initial margin per USD of the worst scenarios' losses.
	pub initial_factor: FixedU128,
	/// Maintenance margin per USD of the same.
	pub maintenance_factor: FixedU128,
	/// The charge for naked short options.
	pub naked_short: NakedShortCharge,
}

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
}

impl RiskModel {
	/// Refuses, by name, a model that leaves risk unmargined or that the engine cannot compute.
	pub fn validate(&self) -> Result<(), ModelError> {
		self.validate_scenarios()?;
		self.validate_underlyings()?;
		self.validate_factors()?;
		self.volatility.validate()
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
				let factor = match price_factor(scenario, range) {
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

	/// An underlying's scan range, a fraction of its price.
	pub fn scan_range(&self, underlying: UnderlyingId) -> Option<FixedU128> {
		self.underlyings.iter().find(|u| u.underlying == underlying).map(|u| u.scan_range)
	}

	/// A sensible model for these underlyings and scan ranges (BTC 0.15, ETH 0.18 and DOT 0.22 cover
	/// nearly all of their days), as a value that governance may replace:
	///
	/// - 27 scenarios: price {0, ±1/3, ±2/3, ±1, ±4/3} of the range × volatility {up, none, down};
	/// - four dampened ones with volatility up: ±2 ranges at 60 %, ±3 ranges at 40 %. Together they
	///   ask no more of a linear position than ±4/3 does, and more of options far from the money;
	/// - 30-day volatilities rise by a half or fall by 30 %, nearer ones by more (power 0.3), later
	///   ones by less (power 0.13); a risen one is at least 40 %;
	/// - initial margin 1.25, maintenance margin 1.0 of the worst loss;
	/// - naked short options 0.5 % (maintenance) and 1 % (initial) of spot on top.
	///
	/// Three ranges down must leave a price: scan ranges from 1/3 are refused by
	/// [`validate`](Self::validate). Underlyings beyond [`MAX_UNDERLYINGS`] are left out, hence not
	/// admitted to margin.
	pub fn standard(underlyings: &[(UnderlyingId, FixedU128)]) -> Self {
		use VolatilityShock::{Down, None as Unmoved, Up};
		let third = |thirds: i32| FixedI128::from_inner(i128::from(thirds) * THIRD);
		let one = FixedU128::from_u32(1);
		let grid = (-4..=4).flat_map(|thirds| {
			[Up, Unmoved, Down].map(|volatility| Scenario {
				// Whole ranges exactly, not three thirds.
				price_move: match thirds {
					-3 => FixedI128::from_inner(-SCALED_ONE),
					3 => FixedI128::from_inner(SCALED_ONE),
					_ => third(thirds),
				},
				volatility,
				weight: one,
			})
		});
		let tails = [(-3, 40), (-2, 60), (2, 60), (3, 40)].map(|(ranges, percent)| Scenario {
			price_move: FixedI128::from_inner(i128::from(ranges) * SCALED_ONE),
			volatility: Up,
			weight: percentage(percent),
		});
		let underlyings = underlyings.iter().map(|(underlying, scan_range)| UnderlyingModel {
			underlying: *underlying,
			scan_range: *scan_range,
		});
		Self {
			scenarios: BoundedVec::truncate_from(grid.chain(tails).collect()),
			volatility: VolatilityShockLaw {
				range_up: percentage(50),
				range_down: percentage(30),
				short_term_power: percentage(30),
				long_term_power: percentage(13),
				expiry_floor: DAY,
				minimum_shocked: Volatility(percentage(40)),
			},
			underlyings: BoundedVec::truncate_from(underlyings.collect()),
			initial_factor: percentage(125),
			maintenance_factor: one,
			naked_short: NakedShortCharge {
				maintenance: FixedU128::from_inner(SCALE / 200),
				initial: percentage(1),
			},
		}
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

fn ensure(holds: bool, error: ModelError) -> Result<(), ModelError> {
	if holds {
		Ok(())
	} else {
		Err(error)
	}
}

/// A small whole percentage.
fn percentage(percent: u32) -> FixedU128 {
	FixedU128::from_inner(u128::from(percent) * (SCALE / 100))
}
