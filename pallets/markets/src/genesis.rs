//! What a genesis file says of markets. Numbers that may not fit 64 bits are decimal strings
//! there, as fixed-point numbers are: JSON values between a preset and a chain hold no larger ones.

use crate::{Config, ListingRule, ListingTerms, Pallet, UnderlyingTerms};
use alloc::string::String;
use frame_support::{pallet_prelude::DispatchResult, BoundedVec};
use plimsoll_primitives::{
	Balance, CollateralId, CollateralTerms, CollateralTreatment, Contracts, Instrument, Price,
	UnderlyingId,
};
use serde::{Deserialize, Serialize};

/// An underlying; active from the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisUnderlying {
	/// Its number.
	pub id: UnderlyingId,
	/// What people call it.
	pub name: String,
	/// What screens call it.
	pub ticker: String,
	/// Options' strikes are whole multiples of it.
	pub strike_step: Price,
	/// The highest strike that may be listed.
	pub highest_strike: Price,
}

/// A collateral asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisCollateral<AssetId> {
	/// Its number.
	pub id: CollateralId,
	/// The asset that is held.
	pub asset: AssetId,
	/// Its decimals.
	pub decimals: u8,
	/// The underlying whose feed prices it.
	pub feed: UnderlyingId,
	/// How it counts.
	pub treatment: CollateralTreatment,
	/// The most of it that all accounts may hold together, in its own units.
	#[serde(with = "decimal_string")]
	pub deposit_cap: Balance,
	/// The least that an account may hold of it, in its own units.
	#[serde(with = "decimal_string")]
	pub minimum: Balance,
}

/// The listing of an underlying's perpetual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisPerpetual {
	/// Of which underlying.
	pub underlying: UnderlyingId,
	/// Prices are whole multiples of it.
	pub tick: Price,
	/// Sizes are whole multiples of it.
	pub lot: Contracts,
	/// The most that may be open.
	pub open_interest_cap: Contracts,
}

/// The rule by which an underlying's dated contracts are listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisListingRule {
	/// Of which underlying.
	pub underlying: UnderlyingId,
	/// The rule.
	pub rule: ListingRule,
}

impl<T: Config> Pallet<T> {
	/// Registers a genesis underlying; refuses what the call would, or a name that is too long.
	pub(crate) fn build_underlying(genesis: &GenesisUnderlying) -> DispatchResult {
		let bytes = |text: &String| text.as_bytes().to_vec();
		let terms = UnderlyingTerms {
			name: BoundedVec::try_from(bytes(&genesis.name)).map_err(|_| "the name is too long")?,
			ticker: BoundedVec::try_from(bytes(&genesis.ticker))
				.map_err(|_| "the ticker is too long")?,
			strike_step: genesis.strike_step,
			highest_strike: genesis.highest_strike,
			active: true,
		};
		Self::do_register_underlying(genesis.id, terms)
	}

	/// Registers a genesis collateral; refuses what the call would.
	pub(crate) fn build_collateral(genesis: &GenesisCollateral<T::AssetId>) -> DispatchResult {
		let terms = CollateralTerms {
			asset: genesis.asset.clone(),
			decimals: genesis.decimals,
			feed: genesis.feed,
			treatment: genesis.treatment,
			deposit_cap: genesis.deposit_cap,
			minimum: genesis.minimum,
		};
		Self::do_register_collateral(genesis.id, terms)
	}

	/// Lists a genesis perpetual; refuses what the call would.
	pub(crate) fn build_perpetual(genesis: &GenesisPerpetual) -> DispatchResult {
		let terms = ListingTerms {
			tick: genesis.tick,
			lot: genesis.lot,
			open_interest_cap: genesis.open_interest_cap,
		};
		Self::do_list(Instrument::perpetual(genesis.underlying), terms)
	}

	/// Sets a genesis listing rule; refuses what the call would.
	pub(crate) fn build_listing_rule(genesis: &GenesisListingRule) -> DispatchResult {
		Self::do_set_listing_rule(genesis.underlying, Some(genesis.rule.clone()))
	}
}

/// An unsigned number as a string of decimal digits.
mod decimal_string {
	use super::Balance;
	use alloc::string::String;
	use serde::{de::Error, Deserialize, Deserializer, Serializer};

	pub fn serialize<S: Serializer>(value: &Balance, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(value)
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Balance, D::Error> {
		String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
	}
}
