//! What contracts are written on.

use crate::{Config, Error, Event, Pallet, Underlyings};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get, BoundedVec};
use plimsoll_primitives::{Price, UnderlyingId};
use scale_info::TypeInfo;
use sp_runtime::traits::ConstU32;

/// The longest name, in bytes.
pub const MAX_NAME: u32 = 32;
/// The longest ticker, in bytes.
pub const MAX_TICKER: u32 = 8;

/// An underlying's terms.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct UnderlyingTerms {
	/// What people call it ("Bitcoin"), UTF-8, not empty.
	pub name: BoundedVec<u8, ConstU32<MAX_NAME>>,
	/// What screens call it ("BTC"), UTF-8, not empty.
	pub ticker: BoundedVec<u8, ConstU32<MAX_TICKER>>,
	/// Options' strikes are whole multiples of it, USD; not zero.
	pub strike_step: Price,
	/// The highest strike that may be listed, USD; keeps strikes where they can be valued.
	pub highest_strike: Price,
	/// Whether new contracts may be listed on it. Those that are listed stay as they are.
	pub active: bool,
}

impl UnderlyingTerms {
	/// Refuses terms that no contract could be listed under.
	fn ensure_valid<T: Config>(&self) -> DispatchResult {
		ensure!(!self.name.is_empty(), Error::<T>::EmptyName);
		ensure!(!self.ticker.is_empty(), Error::<T>::EmptyTicker);
		ensure!(!self.strike_step.is_zero(), Error::<T>::ZeroStrikeStep);
		ensure!(self.highest_strike >= self.strike_step, Error::<T>::HighestStrikeTooLow);
		Ok(())
	}

	/// Refuses a strike that options on this underlying may not have.
	pub(crate) fn ensure_strike<T: Config>(&self, strike: Price) -> DispatchResult {
		ensure!(!strike.is_zero(), Error::<T>::ZeroStrike);
		ensure!(strike.is_multiple_of(self.strike_step), Error::<T>::StrikeOffStep);
		ensure!(strike <= self.highest_strike, Error::<T>::StrikeTooHigh);
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	/// Registers an underlying, or replaces the terms of a registered one.
	pub(crate) fn do_register_underlying(
		underlying: UnderlyingId,
		terms: UnderlyingTerms,
	) -> DispatchResult {
		terms.ensure_valid::<T>()?;
		let known = Underlyings::<T>::contains_key(underlying);
		ensure!(
			known || Underlyings::<T>::count() < T::MaxUnderlyings::get(),
			Error::<T>::TooManyUnderlyings
		);
		Underlyings::<T>::insert(underlying, &terms);
		Self::deposit_event(if known {
			Event::UnderlyingUpdated { underlying, terms }
		} else {
			Event::UnderlyingRegistered { underlying, terms }
		});
		Ok(())
	}
}
