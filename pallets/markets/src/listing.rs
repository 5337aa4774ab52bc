//! Which contracts are listed, on what terms, and how much of each is open.

use crate::{Config, Error, Event, Instruments, Pallet, Underlyings};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{ensure, pallet_prelude::DispatchResult};
use plimsoll_primitives::{
	money, Contract, ContractHolders, Contracts, Instrument, Price, Rounding, UsdValue,
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::Permill;

/// The terms on which an instrument is listed.
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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListingTerms {
	/// Prices are whole multiples of it, USD per contract; not zero.
	pub tick: Price,
	/// Sizes are whole multiples of it, contracts; positive.
	pub lot: Contracts,
	/// The most that may be open, contracts (the sum of all long positions); not negative.
	pub open_interest_cap: Contracts,
}

impl ListingTerms {
	/// Refuses terms under which no trade could be exact. A tick times a lot must be a whole
	/// number of 10^-18 USD, so that any listed price times any listed size is.
	pub(crate) fn ensure_valid<T: Config>(&self) -> DispatchResult {
		ensure!(!self.tick.is_zero(), Error::<T>::ZeroTick);
		ensure!(self.lot.is_positive(), Error::<T>::LotNotPositive);
		ensure!(!self.open_interest_cap.is_negative(), Error::<T>::OpenInterestCapNegative);
		let least = money::value(self.tick, self.lot, Rounding::Down);
		let exact = least == money::value(self.tick, self.lot, Rounding::Up);
		ensure!(exact && least.is_some_and(UsdValue::is_positive), Error::<T>::TickTimesLotInexact);
		Ok(())
	}
}

/// A listed instrument.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Listing {
	/// Prices are whole multiples of it, USD per contract.
	pub tick: Price,
	/// Sizes are whole multiples of it, contracts.
	pub lot: Contracts,
	/// The most that may be open, contracts. Where it was lowered below what is open, positions
	/// stay and may fall.
	pub open_interest_cap: Contracts,
	/// How much is open: the sum of all long positions, contracts; never negative.
	pub open_interest: Contracts,
	/// Whether positions may only be closed.
	pub close_only: bool,
	/// Whether trading in it is halted; it may also be with its underlying or the whole chain.
	pub halted: bool,
	/// How far from its mark it fills, as a share of it, where that is not what such contracts have.
	pub price_band: Option<Permill>,
}

impl From<ListingTerms> for Listing {
	fn from(terms: ListingTerms) -> Self {
		Self {
			tick: terms.tick,
			lot: terms.lot,
			open_interest_cap: terms.open_interest_cap,
			open_interest: Contracts::ZERO,
			close_only: false,
			halted: false,
			price_band: None,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Lists an instrument.
	pub(crate) fn do_list(instrument: Instrument, terms: ListingTerms) -> DispatchResult {
		let underlying =
			Underlyings::<T>::get(instrument.underlying).ok_or(Error::<T>::UnknownUnderlying)?;
		ensure!(underlying.active, Error::<T>::UnderlyingInactive);
		terms.ensure_valid::<T>()?;
		if let Contract::Option { strike, .. } = instrument.contract {
			underlying.ensure_strike::<T>(strike)?;
		}
		ensure!(!Instruments::<T>::contains_key(instrument), Error::<T>::AlreadyListed);
		if let Some(expiry) = instrument.expiry() {
			Self::schedule(instrument, expiry)?;
		}
		Self::start_funding(&instrument)?;
		Instruments::<T>::insert(instrument, Listing::from(terms));
		Self::deposit_event(Event::Listed { instrument, terms });
		Ok(())
	}

	/// Delists an instrument that nobody holds, and frees what was kept for it.
	pub(crate) fn do_delist(instrument: Instrument) -> DispatchResult {
		let listing = Instruments::<T>::get(instrument).ok_or(Error::<T>::UnknownInstrument)?;
		ensure!(
			listing.open_interest.is_zero() && !T::Holders::is_held(&instrument),
			Error::<T>::StillHeld
		);
		Instruments::<T>::remove(instrument);
		Self::stop_funding(&instrument);
		Self::deposit_event(Event::Delisted { instrument });
		if let Some(expiry) = instrument.expiry() {
			Self::unschedule(instrument, expiry);
		}
		Ok(())
	}

	/// Applies `change` to an instrument's listing.
	pub(crate) fn mutate_listing(
		instrument: &Instrument,
		change: impl FnOnce(&mut Listing) -> DispatchResult,
	) -> DispatchResult {
		Instruments::<T>::try_mutate(instrument, |listing| {
			change(listing.as_mut().ok_or(Error::<T>::UnknownInstrument)?)
		})
	}

	/// Sets the most that may be open.
	pub(crate) fn do_set_open_interest_cap(
		instrument: Instrument,
		cap: Contracts,
	) -> DispatchResult {
		ensure!(!cap.is_negative(), Error::<T>::OpenInterestCapNegative);
		Self::mutate_listing(&instrument, |listing| {
			listing.open_interest_cap = cap;
			Ok(())
		})?;
		Self::deposit_event(Event::OpenInterestCapSet { instrument, cap });
		Ok(())
	}

	/// Sets whether positions may only be closed.
	pub(crate) fn do_set_close_only(instrument: Instrument, close_only: bool) -> DispatchResult {
		Self::mutate_listing(&instrument, |listing| {
			listing.close_only = close_only;
			Ok(())
		})?;
		Self::deposit_event(Event::CloseOnlySet { instrument, close_only });
		Ok(())
	}
}
