//! Pairs: what is traded, and within which bounds.

use crate::{Config, Error, Event, Pairs, Pallet};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{ensure, traits::Get};
use plimsoll_primitives::{Balance, CollateralId, CollateralTerms, InstrumentRegistry, UsdValue};
use scale_info::TypeInfo;
use sp_runtime::{DispatchResult, Permill};

/// On what terms a collateral asset is traded against the settlement asset.
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
pub struct PairTerms {
	/// What amounts are whole multiples of, in the asset's own units; above zero.
	pub lot: Balance,
	/// The least that a swap is worth, USD at the oracle's price.
	pub minimum_value: UsdValue,
	/// How far from the oracle's price it trades, as a part of that; more than nothing and less than
	/// all of it.
	pub price_band: Permill,
}

impl<T: Config> Pallet<T> {
	/// The terms of a collateral asset that can be a pair.
	pub(crate) fn pair_asset(
		collateral: CollateralId,
	) -> Result<CollateralTerms<T::AssetId>, Error<T>> {
		let asset = T::Registry::collateral(collateral).ok_or(Error::<T>::UnknownCollateral)?;
		ensure!(asset.asset != T::SettlementAsset::get(), Error::<T>::SameAsset);
		Ok(asset)
	}

	pub(crate) fn do_set_pair(
		collateral: CollateralId,
		terms: Option<PairTerms>,
	) -> DispatchResult {
		let Some(terms) = terms else {
			Pairs::<T>::take(collateral).ok_or(Error::<T>::UnknownPair)?;
			Self::deposit_event(Event::PairRemoved { collateral });
			return Ok(());
		};
		Self::pair_asset(collateral)?;
		ensure!(terms.lot > 0, Error::<T>::InvalidLot);
		ensure!(terms.has_price_band(), Error::<T>::InvalidPriceBand);
		Pairs::<T>::insert(collateral, terms);
		Self::deposit_event(Event::PairSet { collateral, terms });
		Ok(())
	}
}

impl PairTerms {
	pub(crate) fn has_price_band(&self) -> bool {
		!self.price_band.is_zero() && self.price_band < Permill::one()
	}
}
