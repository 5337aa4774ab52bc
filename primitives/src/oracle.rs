//! Prices, as one pallet gives them and the others read them.

use crate::{
	id::{Moment, UnderlyingId},
	number::{Price, Rate},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::FixedI128;

/// The most expiries that one underlying has at a time.
pub const MAX_EXPIRIES: u32 = 24;

/// A raw SVI slice: total implied variance at log-moneyness k = ln(strike / forward) is
/// `a + b·(rho·(k − m) + sqrt((k − m)² + sigma²))` (Gatheral, 2004). 18 decimals each.
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
pub struct Svi {
	/// Level of total variance.
	pub a: FixedI128,
	/// Slope of the wings; not negative.
	pub b: FixedI128,
	/// Skew, strictly between −1 and 1.
	pub rho: FixedI128,
	/// Shift along log-moneyness.
	pub m: FixedI128,
	/// Smoothness at the money; positive.
	pub sigma: FixedI128,
}

/// What is known of one expiry of an underlying.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ExpiryPrices {
	/// When it expires.
	pub expiry: Moment,
	/// Forward price.
	pub forward: Price,
	/// Interest rate to expiry; zero where no feed gives one.
	pub rate: Rate,
	/// Volatility surface; needed by options, not by futures.
	pub surface: Option<Svi>,
	/// For how many blocks in a row, up to this one, forward and rate have been available; zero
	/// where they are only the last known.
	pub live_blocks: u32,
	/// For how many blocks in a row, up to this one, the surface has been available; zero where
	/// there is none or it is only the last known. A run of its own, since futures live on without
	/// it.
	pub surface_live_blocks: u32,
}

/// What is known of an underlying: always of the same moment's aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct UnderlyingPrices {
	/// Index price.
	pub spot: Price,
	/// Half of the confidence interval around `spot`, in the same unit.
	pub half_width: Price,
	/// The oldest observation that the aggregate rests on.
	pub oldest: Moment,
	/// By ascending expiry, each at most once; at most [`MAX_EXPIRIES`].
	pub expiries: Vec<ExpiryPrices>,
}

/// Why there is no price that may be acted on.
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
pub enum PriceError {
	/// No feed of that name.
	#[codec(index = 0)]
	Unknown,
	/// The last aggregate is too old.
	#[codec(index = 1)]
	Stale,
	/// Too few operators have a fresh value.
	#[codec(index = 2)]
	NoQuorum,
	/// The operators disagree by more than is allowed.
	#[codec(index = 3)]
	Diverged,
	/// The settlement average does not cover enough of its window.
	#[codec(index = 4)]
	Incomplete,
	/// No more settlement averages can be kept at a time.
	#[codec(index = 5)]
	TooManyWindows,
}

/// The source of prices. A value that is old is never served as a current one: who can use an old
/// one asks for it by name (`last_…`).
pub trait PriceOracle {
	/// Current prices. Only expiries with a live forward are among them; an expiry whose surface is
	/// not live has none.
	fn prices(underlying: UnderlyingId) -> Result<UnderlyingPrices, PriceError>;

	/// The last known prices, however old. For valuing what cannot be traded now; never for
	/// admitting risk.
	fn last_prices(underlying: UnderlyingId) -> Option<UnderlyingPrices>;

	/// For how many blocks in a row, up to this one, `prices` has been available. Each expiry has
	/// runs of its own, among the prices.
	fn live_blocks(underlying: UnderlyingId) -> u32;

	/// The settlement asset's price in USD.
	fn settlement_asset_price() -> Result<Price, PriceError>;

	/// The last known price of the settlement asset, however old.
	fn last_settlement_asset_price() -> Option<Price>;

	/// Starts to keep the settlement average of `underlying` for `expiry`. Idempotent. Fails when
	/// the underlying has no feed or too many windows.
	fn open_settlement_window(underlying: UnderlyingId, expiry: Moment) -> Result<(), PriceError>;

	/// The time-weighted average over the last 30 minutes before `expiry`, once that has passed.
	fn settlement_average(underlying: UnderlyingId, expiry: Moment) -> Result<Price, PriceError>;

	/// Forgets the window. Idempotent.
	fn close_settlement_window(underlying: UnderlyingId, expiry: Moment);
}
