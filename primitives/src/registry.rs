//! What is listed: contracts and collateral, as the markets pallet keeps them.

use crate::{
	id::{CollateralId, Instrument, Moment, UnderlyingId},
	money::Balance,
	number::{Contracts, Price, UsdValue},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::{FixedI128, Permill};
use sp_runtime::DispatchError;

/// A listed contract's trading terms.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct InstrumentTerms {
	/// Prices are whole multiples of it.
	pub tick: Price,
	/// Sizes are whole multiples of it.
	pub lot: Contracts,
	/// Whether positions may only be closed (it is being delisted).
	pub close_only: bool,
	/// Whether trading is halted, in it, its underlying or the whole chain: its book takes no orders and
	/// matches none, and what two accounts agree on must close for both.
	pub halted: bool,
	/// How far from its mark it fills, as a share of it, where that is not what such contracts have.
	pub price_band: Option<Permill>,
}

/// Why an instrument cannot be traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstrumentError {
	/// Never listed, or delisted.
	Unknown,
	/// Its expiry has passed.
	Expired,
}

/// How a collateral asset counts towards equity and risk. Never both.
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
pub enum CollateralTreatment {
	/// It is its feed's underlying: it joins that underlying's loss curve at full value, as a
	/// position of delta one, and is cut only for liquidity.
	#[codec(index = 0)]
	RiskOffsetting { liquidity_haircut: Permill },
	/// It is cut by its haircut and joins no loss curve.
	#[codec(index = 1)]
	Haircut { haircut: Permill },
}

/// A collateral asset's terms.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct CollateralTerms<AssetId> {
	/// The asset that is held.
	pub asset: AssetId,
	/// Its decimals, at most 18.
	pub decimals: u8,
	/// The oracle's feed that prices it, USD per whole asset.
	pub feed: UnderlyingId,
	/// How it counts.
	pub treatment: CollateralTreatment,
	/// The most of it that all accounts may hold together, in its own units.
	pub deposit_cap: Balance,
	/// The least that an account may hold of it, in its own units.
	pub minimum: Balance,
}

/// The register of contracts and collateral.
pub trait InstrumentRegistry {
	/// How assets are named.
	type AssetId;

	/// Whether trading is halted on the whole chain. By default it never is.
	fn is_halted() -> bool {
		false
	}

	/// Whether trading on this underlying is halted, by itself or with the whole chain. By default it is where
	/// that is.
	fn is_underlying_halted(_underlying: UnderlyingId) -> bool {
		Self::is_halted()
	}

	/// Terms of an instrument that can be traded now: listed, and not expired.
	fn tradable(instrument: &Instrument) -> Result<InstrumentTerms, InstrumentError>;

	/// The price at which contracts of `underlying` and `expiry` settle, once it is fixed.
	fn settlement_price(underlying: UnderlyingId, expiry: Moment) -> Option<Price>;

	/// Moves an instrument's open interest (the sum of its long positions) by `change`. A rise over
	/// the instrument's cap is refused by name; a fall never is.
	fn change_open_interest(
		instrument: &Instrument,
		change: Contracts,
	) -> Result<(), DispatchError>;

	/// Terms of a collateral asset.
	fn collateral(id: CollateralId) -> Option<CollateralTerms<Self::AssetId>>;

	/// How far the mark of an underlying's perpetual stands above the underlying's price, a fraction of that;
	/// negative: below. By default marks stand at it.
	fn mark_premium(_underlying: UnderlyingId) -> FixedI128 {
		FixedI128::from_inner(0)
	}

	/// The funding index of each listed perpetual, ascending by underlying: what one contract held long
	/// ever since it was listed has paid, USD; negative where it has received. By default nothing is
	/// funded.
	fn funding_indices() -> Vec<(UnderlyingId, UsdValue)> {
		Vec::new()
	}
}
