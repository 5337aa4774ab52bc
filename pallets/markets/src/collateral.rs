//! Which assets accounts may hold apart from cash, and how they count.

use crate::{CollateralAssets, Collaterals, Config, Error, Event, Pallet, Underlyings};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use plimsoll_primitives::{
	money::{self, Amount, MAX_DECIMALS},
	CollateralId, CollateralTerms, CollateralTreatment,
};
use sp_runtime::Permill;

impl<T: Config> Pallet<T> {
	/// Registers a collateral asset, or replaces the terms of a registered one. What accounts'
	/// records rely on (which asset it is, and its decimals) never changes.
	pub(crate) fn do_register_collateral(
		collateral: CollateralId,
		terms: CollateralTerms<T::AssetId>,
	) -> DispatchResult {
		Self::ensure_collateral_terms(&terms)?;
		let known = Collaterals::<T>::get(collateral);
		if let Some(known) = &known {
			ensure!(known.asset == terms.asset, Error::<T>::CollateralAssetFixed);
			ensure!(known.decimals == terms.decimals, Error::<T>::CollateralDecimalsFixed);
		} else {
			ensure!(
				!CollateralAssets::<T>::contains_key(&terms.asset),
				Error::<T>::AlreadyCollateral
			);
			CollateralAssets::<T>::insert(&terms.asset, collateral);
		}
		Collaterals::<T>::insert(collateral, &terms);
		Self::deposit_event(if known.is_some() {
			Event::CollateralUpdated { collateral, terms }
		} else {
			Event::CollateralRegistered { collateral, terms }
		});
		Ok(())
	}

	/// Refuses terms under which an amount could not be held or valued.
	pub(crate) fn ensure_collateral_terms(terms: &CollateralTerms<T::AssetId>) -> DispatchResult {
		ensure!(terms.asset != T::SettlementAsset::get(), Error::<T>::SettlementAssetAsCollateral);
		ensure!(terms.decimals <= MAX_DECIMALS, Error::<T>::TooManyDecimals);
		ensure!(Underlyings::<T>::contains_key(terms.feed), Error::<T>::UnknownUnderlying);
		let haircut = match terms.treatment {
			CollateralTreatment::RiskOffsetting { liquidity_haircut } => liquidity_haircut,
			CollateralTreatment::Haircut { haircut } => haircut,
		};
		// Decoding refuses more than the whole, but a genesis file is not decoded.
		ensure!(haircut <= Permill::one(), Error::<T>::HaircutTooHigh);
		ensure!(terms.minimum > 0, Error::<T>::ZeroMinimum);
		ensure!(terms.deposit_cap >= terms.minimum, Error::<T>::DepositCapBelowMinimum);
		let all = Amount::try_from(terms.deposit_cap).map_err(|_| Error::<T>::DepositCapTooHigh)?;
		ensure!(money::quantity(all, terms.decimals).is_some(), Error::<T>::DepositCapTooHigh);
		Ok(())
	}
}
