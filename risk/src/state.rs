//! What goes in: the market and the account, as plain data. Nothing here knows storage or blocks.

use alloc::vec::Vec;
use plimsoll_primitives::{
	CollateralId, CollateralTreatment, Contracts, Instrument, Moment, Price, UnderlyingId,
	UnderlyingPrices, UsdValue,
};

/// An underlying's prices and whether they may be traded on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderlyingState {
	/// Which one.
	pub underlying: UnderlyingId,
	/// Its prices: current ones where `live`, else the last known.
	pub prices: UnderlyingPrices,
	/// Whether the prices are current.
	pub live: bool,
}

/// All that is known of the market at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketState {
	/// The moment of valuation, milliseconds since the Unix epoch.
	pub now: Moment,
	/// USD per unit of the settlement asset. Cash counts at par: no contingency uses it yet.
	pub settlement_asset_price: Price,
	/// Each underlying at most once, in any order. Those that an account does not depend on are not
	/// looked at.
	pub underlyings: Vec<UnderlyingState>,
}

impl MarketState {
	/// The state of one underlying.
	pub fn underlying(&self, underlying: UnderlyingId) -> Option<&UnderlyingState> {
		self.underlyings.iter().find(|state| state.underlying == underlying)
	}
}

/// A position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
	/// What is held.
	pub instrument: Instrument,
	/// How much; positive is long.
	pub size: Contracts,
	/// What was paid for it and is still to be counted against its value: for perpetuals and
	/// futures the signed cost of what is held, positive for longs; zero for options, whose
	/// premium was paid in cash.
	pub entry_value: UsdValue,
	/// The price at which the expired contract settles, once it is fixed: the leg is then worth its
	/// payoff, certain and without risk.
	pub settled_at: Option<Price>,
}

/// An amount of a collateral asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollateralHolding {
	/// Which asset.
	pub collateral: CollateralId,
	/// The feed that prices it, USD per whole asset.
	pub feed: UnderlyingId,
	/// How much, in whole assets (18 decimals).
	pub amount: Contracts,
	/// How it counts.
	pub treatment: CollateralTreatment,
}

/// All that an account has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountState {
	/// The settlement asset at par; negative is a loan.
	pub cash: UsdValue,
	/// Collateral assets.
	pub collateral: Vec<CollateralHolding>,
	/// Positions. Legs of the same instrument may repeat; they are netted.
	pub legs: Vec<Leg>,
}
