//! The risk model: a value, not code. Governance may change every number in it; [`validate`]
//! refuses one that leaves risk unmargined. The published models of other venues (the classic
//! 16-point scan, 33- and 21-scenario portfolio margin) are other values of the same type.
//!
//! What a model does not use it leaves at its neutral value (`Default`): no skew shocks, no horizon,
//! no static discounting, no contingency.
//!
//! [`validate`]: RiskModel::validate

/// Derives what every stored part of the model has.
macro_rules! stored {
	($item:item) => {
		#[derive(
			Clone,
			Copy,
			Debug,
			PartialEq,
			Eq,
			codec::Encode,
			codec::Decode,
			codec::DecodeWithMemTracking,
			codec::MaxEncodedLen,
			scale_info::TypeInfo,
			serde::Serialize,
			serde::Deserialize,
		)]
		$item
	};
}

mod aggregation;
mod concentration;
mod contingency;
mod discounting;
mod gamma_buffer;
mod largest;
mod pace;
mod scenario;
mod standard;
mod validation;

pub use aggregation::Aggregation;
pub use concentration::{Concentration, Liquidity};
pub use contingency::{BasisShock, ConfidenceCharge, DepegCharge, NotionalCharge};
pub use discounting::StaticDiscounting;
pub use gamma_buffer::GammaBuffer;
pub use largest::LARGEST_PORTFOLIO;
pub use pace::Pace;
pub use scenario::{DeltaPoint, Scenario, SkewCap, SkewLaw, VolatilityShock, VolatilityShockLaw};
pub use validation::ModelError;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::UnderlyingId;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::FixedU128;
use sp_core::{bounded::BoundedVec, ConstU32};

/// The most scenarios that a model has.
pub const MAX_SCENARIOS: u32 = 64;
/// The most underlyings that a model knows.
pub const MAX_UNDERLYINGS: u32 = 32;
/// The most points over which a composite delta is taken.
pub const MAX_DELTA_POINTS: u32 = 16;

stored! {
	/// An underlying's part of the model.
	pub struct UnderlyingModel {
		/// Which underlying.
		pub underlying: UnderlyingId,
		/// The scan range: the price move of a scenario with `price_move` 1, as a fraction of the
		/// price.
		pub scan_range: FixedU128,
		/// How much of it can be closed at normal cost.
		#[serde(default)]
		pub liquidity: Liquidity,
	}
}

/// The risk model.
#[derive(
	Clone,
	Debug,
	Default,
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
	/// What a short option that no option of the same expiry and strike covers costs on top, per
	/// USD of spot: it jumps with the market beyond every scenario.
	pub naked_short: NotionalCharge,
	/// What the net perpetual position costs on top, per USD of spot.
	#[serde(default)]
	pub perpetual: NotionalCharge,
	/// How skew scenarios tilt the smile.
	#[serde(default)]
	pub skew: SkewLaw,
	/// How far ahead of now scenarios are valued, milliseconds; at most 30 days.
	#[serde(default)]
	pub horizon: u64,
	/// Over how long before expiry the settlement price is averaged, milliseconds; at most a day. As
	/// the average fills, that part of the forward no longer moves in scenarios.
	#[serde(default)]
	pub settlement_window: u64,
	/// How an expiry's options are cut after a scenario; `None`: not at all.
	#[serde(default)]
	pub discounting: Option<StaticDiscounting>,
	/// The charge for forwards that part from spot; `None`: none.
	#[serde(default)]
	pub basis: Option<BasisShock>,
	/// The charge for prices that their source is not sure of, in initial margin.
	#[serde(default)]
	pub confidence: ConfidenceCharge,
	/// What a settlement asset below par adds to the initial factor.
	#[serde(default)]
	pub depeg: DepegCharge,
	/// Whether the initial charges for naked shorts, perpetuals and collateral are multiplied by the
	/// initial factor.
	#[serde(default)]
	pub scale_contingencies: bool,
	/// How the losses of several underlyings come together; `None`: they add up.
	#[serde(default)]
	pub aggregation: Option<Aggregation>,
	/// The points over which a composite delta is taken; none: it is not.
	#[serde(default)]
	pub delta_points: BoundedVec<DeltaPoint, ConstU32<MAX_DELTA_POINTS>>,
	/// Expiries at most this far away, milliseconds, have their payoff at expiry looked at between
	/// the scenarios' prices, at every strike held; at most 30 days. 0: none has.
	#[serde(default)]
	pub expiry_points_within: u64,
	/// The charge for jumps shortly before expiry; `None`: none.
	#[serde(default)]
	pub gamma_buffer: Option<GammaBuffer>,
	/// The charge for large positions.
	#[serde(default)]
	pub concentration: Concentration,
	/// Floors of ranges and how fast they change; `None`: none, and at once.
	#[serde(default)]
	pub pace: Option<Pace>,
}

impl RiskModel {
	/// An underlying's scan range, a fraction of its price.
	pub fn scan_range(&self, underlying: UnderlyingId) -> Option<FixedU128> {
		self.underlyings.iter().find(|u| u.underlying == underlying).map(|u| u.scan_range)
	}

	/// How much of an underlying can be closed at normal cost; of an unknown one, not known.
	pub fn liquidity(&self, underlying: UnderlyingId) -> Liquidity {
		let known = self.underlyings.iter().find(|u| u.underlying == underlying);
		known.map_or_else(Liquidity::default, |u| u.liquidity)
	}

	/// Whether a scenario tilts the smile.
	pub(crate) fn has_skews(&self) -> bool {
		self.scenarios.iter().any(|scenario| scenario.volatility.is_skew())
	}
}
