//! Accounts and markets in a form that can be encoded: what the engine takes is plain structs.

use alloc::vec::Vec;
use codec::{Decode, Encode};
use plimsoll_primitives::{
	CollateralId, CollateralTreatment, Contracts, Instrument, Moment, OptionKind, Price, Rate,
	UnderlyingId, UnderlyingPrices, UsdValue, Volatility,
};
use plimsoll_risk::{
	AccountState, CollateralHolding, JointMove, JointScenarios, Leg, MarketState, UnderlyingState,
};

/// One option and its market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OptionTerms {
	/// Call or put.
	pub kind: OptionKind,
	/// USD per unit of the underlying, for the option's expiry.
	pub forward: Price,
	/// USD per unit of the underlying.
	pub strike: Price,
	/// Fraction per square root of a year.
	pub volatility: Volatility,
	/// To expiry.
	pub milliseconds: u64,
	/// Fraction per year.
	pub rate: Rate,
}

/// The market at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Market {
	/// The moment of valuation.
	pub now: Moment,
	/// USD per unit.
	pub settlement_asset_price: Price,
	/// All of them live.
	pub underlyings: Vec<(UnderlyingId, UnderlyingPrices)>,
	/// Whose moves `joint_moves` are.
	pub joint_underlyings: Vec<UnderlyingId>,
	/// Joint scenario by joint scenario, one move for each of `joint_underlyings`.
	pub joint_moves: Vec<JointMove>,
}

impl From<Market> for MarketState {
	fn from(market: Market) -> Self {
		let live = |(underlying, prices)| UnderlyingState::new(underlying, prices, true);
		let underlyings = market.underlyings.into_iter().map(live).collect();
		let joint =
			JointScenarios { underlyings: market.joint_underlyings, moves: market.joint_moves };
		Self { joint, ..Self::new(market.now, market.settlement_asset_price, underlyings) }
	}
}

/// A leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Position {
	/// What is held.
	pub instrument: Instrument,
	/// Positive is long.
	pub size: Contracts,
	/// What was paid and is still to be counted; zero for options.
	pub entry_value: UsdValue,
}

/// An amount of a collateral asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Collateral {
	/// Which asset.
	pub collateral: CollateralId,
	/// What prices it.
	pub feed: UnderlyingId,
	/// Whole assets.
	pub amount: Contracts,
	/// How it counts.
	pub treatment: CollateralTreatment,
}

/// An account as a storage record would hold it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Account {
	/// The settlement asset; negative is a loan.
	pub cash: UsdValue,
	/// Collateral assets.
	pub collateral: Vec<Collateral>,
	/// Positions.
	pub legs: Vec<Position>,
}

impl From<Account> for AccountState {
	fn from(account: Account) -> Self {
		let holding = |held: Collateral| {
			CollateralHolding::new(held.collateral, held.feed, held.amount, held.treatment)
		};
		let leg = |Position { instrument, size, entry_value }| Leg {
			instrument,
			size,
			entry_value,
			settled_at: None,
		};
		Self {
			cash: account.cash,
			collateral: account.collateral.into_iter().map(holding).collect(),
			legs: account.legs.into_iter().map(leg).collect(),
		}
	}
}
