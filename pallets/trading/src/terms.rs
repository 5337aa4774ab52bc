//! What any trade of an instrument must keep to, whichever way it comes about: the instrument's
//! own terms.

use crate::{Config, Error, Pallet};
use frame_support::ensure;
use plimsoll_primitives::{Fill, InstrumentError, InstrumentRegistry};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	/// Whether the instrument can be traded now, in this size and at this price: a size in whole
	/// lots, a price in whole ticks, neither zero.
	///
	/// A price of zero is refused for options, too: a contract that is given away is a transfer and
	/// would pass for a price on every chart.
	pub(crate) fn ensure_within_terms(fill: &Fill) -> DispatchResult {
		let terms = T::Registry::tradable(&fill.instrument).map_err(Error::<T>::from)?;
		ensure!(!fill.size.is_zero(), Error::<T>::ZeroSize);
		ensure!(fill.size.is_multiple_of(terms.lot), Error::<T>::SizeNotInLots);
		ensure!(!fill.price.is_zero(), Error::<T>::ZeroPrice);
		ensure!(fill.price.is_multiple_of(terms.tick), Error::<T>::PriceNotInTicks);
		Ok(())
	}
}

impl<T> From<InstrumentError> for Error<T> {
	fn from(error: InstrumentError) -> Self {
		match error {
			InstrumentError::Unknown => Self::UnknownInstrument,
			InstrumentError::Expired => Self::ExpiredInstrument,
		}
	}
}
