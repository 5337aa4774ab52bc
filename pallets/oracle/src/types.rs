//! What operators report, what governance sets, and what the chain keeps.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{pallet_prelude::ConstU32, BoundedVec};
use plimsoll_primitives::{
	oracle::MAX_EXPIRIES, Moment, Price, PriceError, Rate, Svi, UnderlyingId,
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::{FixedI128, FixedU128, Permill};

/// The length of a settlement window, in milliseconds: the last 30 minutes before an expiry.
pub const SETTLEMENT_WINDOW: Moment = 30 * 60 * 1000;
/// No feed may allow a price above this: a trillion USD. It keeps every sum within its type.
pub const ABSURD_PRICE: Price = Price::from_inner(1_000_000_000_000_000_000_000_000_000_000);
/// The longest age that governance may call fresh: a day.
pub const LONGEST_MAX_AGE: Moment = 24 * 60 * 60 * 1000;
/// The longest URL of a source, in bytes.
pub const MAX_URL_LENGTH: u32 = 256;

/// Names one value that operators report.
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
pub enum FeedKey {
	/// An underlying's index price.
	#[codec(index = 0)]
	Spot { underlying: UnderlyingId },
	/// Its forward price for an expiry.
	#[codec(index = 1)]
	Forward { underlying: UnderlyingId, expiry: Moment },
	/// The interest rate to an expiry.
	#[codec(index = 2)]
	Rate { underlying: UnderlyingId, expiry: Moment },
	/// The volatility surface of an expiry.
	#[codec(index = 3)]
	Surface { underlying: UnderlyingId, expiry: Moment },
	/// The settlement asset's price.
	#[codec(index = 4)]
	SettlementAsset,
}

impl FeedKey {
	/// The underlying and expiry it belongs to; `None` where it has none.
	pub const fn series(&self) -> Option<(UnderlyingId, Moment)> {
		match *self {
			Self::Forward { underlying, expiry }
			| Self::Rate { underlying, expiry }
			| Self::Surface { underlying, expiry } => Some((underlying, expiry)),
			Self::Spot { .. } | Self::SettlementAsset => None,
		}
	}

	/// The underlying it belongs to; `None` for the settlement asset.
	pub const fn underlying(&self) -> Option<UnderlyingId> {
		match *self {
			Self::Spot { underlying }
			| Self::Forward { underlying, .. }
			| Self::Rate { underlying, .. }
			| Self::Surface { underlying, .. } => Some(underlying),
			Self::SettlementAsset => None,
		}
	}
}

/// One value as an operator reports it. The chain stamps it with its own time.
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
pub enum Observation {
	/// An underlying's index price, USD per unit.
	#[codec(index = 0)]
	Spot { underlying: UnderlyingId, price: Price },
	/// Its forward price for an expiry, USD per unit.
	#[codec(index = 1)]
	Forward { underlying: UnderlyingId, expiry: Moment, price: Price },
	/// The interest rate to an expiry, fraction per year.
	#[codec(index = 2)]
	Rate { underlying: UnderlyingId, expiry: Moment, rate: Rate },
	/// The volatility surface of an expiry.
	#[codec(index = 3)]
	Surface { underlying: UnderlyingId, expiry: Moment, surface: Svi },
	/// The settlement asset's price, USD per whole unit.
	#[codec(index = 4)]
	SettlementAsset { price: Price },
}

impl Observation {
	/// What it is an observation of.
	pub const fn key(&self) -> FeedKey {
		match *self {
			Self::Spot { underlying, .. } => FeedKey::Spot { underlying },
			Self::Forward { underlying, expiry, .. } => FeedKey::Forward { underlying, expiry },
			Self::Rate { underlying, expiry, .. } => FeedKey::Rate { underlying, expiry },
			Self::Surface { underlying, expiry, .. } => FeedKey::Surface { underlying, expiry },
			Self::SettlementAsset { .. } => FeedKey::SettlementAsset,
		}
	}
}

/// What a price may be: anything else is an error of whoever reports it.
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
pub struct FeedParams {
	/// The lowest price, USD; above zero.
	pub min: Price,
	/// The highest price, USD; above `min`, at most [`ABSURD_PRICE`].
	pub max: Price,
}

impl FeedParams {
	/// Whether the bounds themselves make sense.
	pub fn is_valid(&self) -> bool {
		!self.min.is_zero() && self.min < self.max && self.max <= ABSURD_PRICE
	}

	/// Whether a price lies within them.
	pub fn contains(&self, price: Price) -> bool {
		self.min <= price && price <= self.max
	}
}

/// How wide the confidence interval around a price is. Half of it is
/// `floor·p + dispersion·d + scarcity·p/n`, where `p` is the median of `n` operators and `d` the
/// distance from it within which more than half of them lie; plus, while a price is taken in steps,
/// the distance that is still to go.
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
pub struct ConfidenceLaw {
	/// Fraction of the price that always counts.
	pub floor: FixedU128,
	/// Multiple of the operators' dispersion.
	pub dispersion: FixedU128,
	/// Fraction of the price that a single operator adds; two add half of it, and so on.
	pub scarcity: FixedU128,
}

/// The rules of aggregation.
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
pub struct OracleParams {
	/// How many operators must have a fresh value; at least 1, at most the most operators there may
	/// be.
	pub quorum: u32,
	/// How old a fresh value may be, in milliseconds; above zero, at most a day.
	pub max_age: Moment,
	/// The widest dispersion of prices that is still agreement, a fraction of the median; above
	/// zero, at most 1.
	pub max_divergence: FixedU128,
	/// The furthest a price moves in one block, a fraction of the price before; above zero, at
	/// most 1.
	pub step_limit: FixedU128,
	/// The highest absolute value of a rate, fraction per year; above zero.
	pub max_rate: Rate,
	/// The widest dispersion of rates that is still agreement, fraction per year; above zero.
	pub max_rate_divergence: FixedU128,
	/// The furthest a rate moves in one block, fraction per year; above zero.
	pub rate_step_limit: FixedU128,
	/// The widest dispersion of surfaces that is still agreement, a fraction of total variance at
	/// the money and at one and three standard deviations either side; above zero, at most 1.
	pub max_surface_divergence: FixedU128,
	/// The width of the confidence interval.
	pub confidence: ConfidenceLaw,
	/// What the settlement asset's price may be.
	pub settlement_asset: FeedParams,
	/// The part of a settlement window in which the price must have been live; above zero.
	pub settlement_coverage: Permill,
}

impl Default for OracleParams {
	/// Two operators who agree within 2 % on values of the last minute; prices move by at most
	/// 10 % a block.
	fn default() -> Self {
		let fraction =
			|numerator: u128, denominator| FixedU128::from_rational(numerator, denominator);
		Self {
			quorum: 2,
			max_age: 60_000,
			max_divergence: fraction(2, 100),
			step_limit: fraction(10, 100),
			max_rate: Rate::from_u32(5),
			max_rate_divergence: fraction(5, 100),
			rate_step_limit: fraction(5, 100),
			max_surface_divergence: fraction(50, 100),
			confidence: ConfidenceLaw {
				floor: fraction(5, 10_000),
				dispersion: fraction(1, 1),
				scarcity: fraction(10, 10_000),
			},
			settlement_asset: FeedParams {
				min: Price::from_rational(1, 2),
				max: Price::from_u32(2),
			},
			settlement_coverage: Permill::from_percent(50),
		}
	}
}

/// Why the rules of aggregation are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamsError {
	/// The quorum is zero or more than there may be operators.
	Quorum,
	/// The maximum age is zero or more than a day.
	MaxAge,
	/// A divergence limit is zero or (where it is relative) more than one.
	Divergence,
	/// A step limit is zero or (where it is relative) more than one.
	StepLimit,
	/// The highest rate is not positive.
	MaxRate,
	/// The confidence interval could be wider than the price.
	Confidence,
	/// The settlement asset's bounds make no sense.
	SettlementAsset,
	/// No coverage of the settlement window is asked for.
	SettlementCoverage,
}

impl OracleParams {
	/// Refuses, by name, rules that cannot work. `max_operators` bounds the quorum.
	pub fn validate(&self, max_operators: u32) -> Result<(), ParamsError> {
		let zero = FixedU128::from_u32(0);
		let one = FixedU128::from_u32(1);
		let fraction = |value: FixedU128| zero < value && value <= one;
		if self.quorum == 0 || self.quorum > max_operators {
			return Err(ParamsError::Quorum);
		}
		if self.max_age == 0 || self.max_age > LONGEST_MAX_AGE {
			return Err(ParamsError::MaxAge);
		}
		if !fraction(self.max_divergence)
			|| !fraction(self.max_surface_divergence)
			|| self.max_rate_divergence == zero
		{
			return Err(ParamsError::Divergence);
		}
		if !fraction(self.step_limit) || self.rate_step_limit == zero {
			return Err(ParamsError::StepLimit);
		}
		if !self.max_rate.is_positive() {
			return Err(ParamsError::MaxRate);
		}
		if !self.confidence_is_narrow() {
			return Err(ParamsError::Confidence);
		}
		if !self.settlement_asset.is_valid() {
			return Err(ParamsError::SettlementAsset);
		}
		if self.settlement_coverage == Permill::zero() {
			return Err(ParamsError::SettlementCoverage);
		}
		Ok(())
	}

	/// Whether half of the widest interval that the law can give is at most half of the price.
	fn confidence_is_narrow(&self) -> bool {
		use sp_arithmetic::traits::{CheckedAdd, CheckedMul};
		let law = &self.confidence;
		law.dispersion
			.checked_mul(&self.max_divergence)
			.and_then(|part| part.checked_add(&law.floor))
			.and_then(|part| part.checked_add(&law.scarcity))
			.is_some_and(|widest| widest <= FixedU128::from_rational(1, 2))
	}
}

/// How a source answers.
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
pub enum SourceFormat {
	/// Kraken's public ticker of one pair: the last trade.
	#[codec(index = 0)]
	Kraken,
	/// Coinbase's spot price (v2) in USD.
	#[codec(index = 1)]
	Coinbase,
	/// Binance's symbol price ticker.
	#[codec(index = 2)]
	Binance,
	/// Plimsoll's own document: spot, settlement asset, forwards, rates and surfaces.
	#[codec(index = 3)]
	Json,
}

/// Where the feeder finds a value.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Source {
	/// What it gives. A venue's ticker gives one price (spot, forward or settlement asset); a JSON
	/// document is named by its underlying's spot (or by the settlement asset).
	pub feed: FeedKey,
	/// How it answers.
	pub format: SourceFormat,
	/// Where, literally; begins with `http://` or `https://`.
	pub url: BoundedVec<u8, ConstU32<MAX_URL_LENGTH>>,
}

impl Source {
	/// Whether its URL is one.
	pub fn has_valid_url(&self) -> bool {
		let Ok(url) = core::str::from_utf8(&self.url) else { return false };
		let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
		host.is_some_and(|host| !host.is_empty()) && url.chars().all(|c| c.is_ascii_graphic())
	}

	/// Whether an answer of it may have a value of `key`: a ticker's only one; in a document any of
	/// its underlying's and the settlement asset's.
	pub fn may_give(&self, key: &FeedKey) -> bool {
		match self.format {
			SourceFormat::Json => {
				*key == FeedKey::SettlementAsset || key.underlying() == self.feed.underlying()
			}
			SourceFormat::Kraken | SourceFormat::Coinbase | SourceFormat::Binance => {
				*key == self.feed
			}
		}
	}

	/// Whether its format can give what it is to give.
	pub const fn has_valid_feed(&self) -> bool {
		match (self.format, &self.feed) {
			(_, FeedKey::Spot { .. } | FeedKey::SettlementAsset) => true,
			(SourceFormat::Json, _) => false,
			(_, FeedKey::Forward { .. }) => true,
			(_, FeedKey::Rate { .. } | FeedKey::Surface { .. }) => false,
		}
	}
}

/// A value and the chain time at which it was reported.
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
pub struct Stamped<V> {
	/// What was reported.
	pub value: V,
	/// When.
	pub at: Moment,
}

/// What one operator last reported of one expiry.
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
pub struct ExpiryValues {
	/// Which expiry.
	pub expiry: Moment,
	/// Forward price.
	pub forward: Option<Stamped<Price>>,
	/// Interest rate.
	pub rate: Option<Stamped<Rate>>,
	/// Volatility surface.
	pub surface: Option<Stamped<Svi>>,
}

impl ExpiryValues {
	/// Nothing reported yet.
	pub const fn empty(expiry: Moment) -> Self {
		Self { expiry, forward: None, rate: None, surface: None }
	}

	/// When the latest of its values was reported; zero where there is none.
	pub fn newest(&self) -> Moment {
		let forward = self.forward.map(|stamped| stamped.at);
		let rate = self.rate.map(|stamped| stamped.at);
		let surface = self.surface.map(|stamped| stamped.at);
		forward.max(rate).max(surface).unwrap_or(0)
	}
}

/// What one operator last reported of one underlying.
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
)]
pub struct OperatorValues {
	/// Index price.
	pub spot: Option<Stamped<Price>>,
	/// By ascending expiry.
	pub expiries: BoundedVec<ExpiryValues, ConstU32<MAX_EXPIRIES>>,
}

/// What the operators together say of one value.
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
pub struct Aggregate<V> {
	/// The last value that was live.
	pub value: V,
	/// The oldest stamp of the quorum it rests on: the `quorum`-th newest report. When it is too
	/// old, fewer operators than the quorum have a fresh value.
	pub oldest: Moment,
	/// Why it is not live now; `None` while it is.
	pub failure: Option<PriceError>,
	/// Whether `value` is on its way to the median, in steps; of a surface, whether it is the last
	/// valid one, kept because that of the operators is refused.
	pub stepped: bool,
}

impl<V: Copy> Aggregate<V> {
	/// The value, where it may be acted on at `now`.
	pub fn current(&self, now: Moment, max_age: Moment) -> Result<V, PriceError> {
		match self.failure {
			Some(failure) => Err(failure),
			None if now.saturating_sub(self.oldest) > max_age => Err(PriceError::Stale),
			None => Ok(self.value),
		}
	}
}

/// What the operators together say of one expiry.
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
pub struct ExpiryAggregate {
	/// Which expiry.
	pub expiry: Moment,
	/// Forward price.
	pub forward: Option<Aggregate<Price>>,
	/// Interest rate.
	pub rate: Option<Aggregate<Rate>>,
	/// Volatility surface.
	pub surface: Option<Aggregate<Svi>>,
	/// For how many blocks in a row `forward`, and `rate` where there has been one, have been live.
	pub live_blocks: u32,
	/// For how many blocks in a row `surface` has been live.
	pub surface_live_blocks: u32,
}

impl ExpiryAggregate {
	/// Nothing known yet.
	pub const fn empty(expiry: Moment) -> Self {
		Self {
			expiry,
			forward: None,
			rate: None,
			surface: None,
			live_blocks: 0,
			surface_live_blocks: 0,
		}
	}

	/// Whether the forward may be acted on at `now`, and so may the rate, where there has been one:
	/// going from a known rate to zero would move every option.
	pub fn is_live(&self, now: Moment, max_age: Moment) -> bool {
		self.forward.is_some_and(|forward| forward.current(now, max_age).is_ok())
			&& self.rate.is_none_or(|rate| rate.current(now, max_age).is_ok())
	}

	/// Whether the surface may be acted on at `now`.
	pub fn has_live_surface(&self, now: Moment, max_age: Moment) -> bool {
		self.surface.is_some_and(|surface| surface.current(now, max_age).is_ok())
	}
}

/// What the operators together say of one underlying.
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
)]
pub struct UnderlyingAggregate {
	/// Index price.
	pub spot: Option<Aggregate<Price>>,
	/// Half of the confidence interval around `spot`; at most half of it.
	pub half_width: Price,
	/// For how many blocks in a row `spot` has been live.
	pub live_blocks: u32,
	/// By ascending expiry.
	pub expiries: BoundedVec<ExpiryAggregate, ConstU32<MAX_EXPIRIES>>,
}

/// The sums behind one settlement average.
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
pub struct SettlementWindow {
	/// Of which underlying.
	pub underlying: UnderlyingId,
	/// When the window ends.
	pub expiry: Moment,
	/// Spot (18 decimals) times the milliseconds for which it held, summed. Exact.
	pub weighted_sum: u128,
	/// For how many milliseconds of the window spot was live.
	pub covered: Moment,
}

/// A change that aggregation made, for an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
	/// A value can be acted on again.
	Live { feed: FeedKey },
	/// A value cannot be acted on any more.
	Down { feed: FeedKey, reason: PriceError },
	/// A value moved by no more than a block's limit towards the median (18 decimals).
	Stepped { feed: FeedKey, published: FixedI128, median: FixedI128 },
	/// The operators' surface was refused, the last valid one kept.
	SurfaceKept { underlying: UnderlyingId, expiry: Moment, shifted: bool },
}
