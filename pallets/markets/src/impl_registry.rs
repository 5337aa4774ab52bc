//! The register, as the other pallets read it.

use crate::{
	Collaterals, Config, CurrentHalts, Error, Funding, Instruments, Pallet, SettlementPrices,
};
use alloc::vec::Vec;
use frame_support::{ensure, pallet_prelude::DispatchResult};
use plimsoll_primitives::{
	CollateralId, CollateralTerms, Contracts, Instrument, InstrumentError, InstrumentRegistry,
	InstrumentTerms, Moment, Price, UnderlyingId, UsdValue,
};
use sp_runtime::FixedI128;

impl<T: Config> InstrumentRegistry for Pallet<T> {
	type AssetId = T::AssetId;

	fn is_halted() -> bool {
		CurrentHalts::<T>::get().chain
	}

	fn is_underlying_halted(underlying: UnderlyingId) -> bool {
		CurrentHalts::<T>::get().stop(underlying)
	}

	fn tradable(instrument: &Instrument) -> Result<InstrumentTerms, InstrumentError> {
		let listing = Instruments::<T>::get(instrument).ok_or(InstrumentError::Unknown)?;
		if instrument.expiry().is_some_and(|expiry| expiry <= Self::now()) {
			return Err(InstrumentError::Expired);
		}
		Ok(InstrumentTerms {
			tick: listing.tick,
			lot: listing.lot,
			close_only: listing.close_only,
			halted: Self::is_stopped(instrument, listing.halted),
			price_band: listing.price_band,
		})
	}

	fn settlement_price(underlying: UnderlyingId, expiry: Moment) -> Option<Price> {
		SettlementPrices::<T>::get(underlying, expiry)
	}

	fn change_open_interest(instrument: &Instrument, change: Contracts) -> DispatchResult {
		Self::mutate_listing(instrument, |listing| {
			let open_interest = listing
				.open_interest
				.checked_add(change)
				.ok_or(Error::<T>::OpenInterestOverflow)?;
			ensure!(!open_interest.is_negative(), Error::<T>::OpenInterestNegative);
			ensure!(
				!change.is_positive() || open_interest <= listing.open_interest_cap,
				Error::<T>::OpenInterestCap
			);
			listing.open_interest = open_interest;
			Ok(())
		})
	}

	fn collateral(id: CollateralId) -> Option<CollateralTerms<T::AssetId>> {
		Collaterals::<T>::get(id)
	}

	fn mark_premium(underlying: UnderlyingId) -> FixedI128 {
		let all = Funding::<T>::get();
		let found = all.binary_search_by_key(&underlying, |funding| funding.underlying).ok();
		found.and_then(|at| all.get(at)).map(|funding| funding.mark_premium).unwrap_or_default()
	}

	fn funding_indices() -> Vec<(UnderlyingId, UsdValue)> {
		Funding::<T>::get().iter().map(|funding| (funding.underlying, funding.index)).collect()
	}
}
