//! What any trade of an instrument must keep to, whichever way it comes about: the instrument's
//! own terms.

use crate::{Config, Error, Pallet};
use frame_support::ensure;
use plimsoll_primitives::{
	Contracts, Fill, Instrument, InstrumentError, InstrumentRegistry, InstrumentTerms,
};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Whether the instrument can be traded now, in this size and at this price: a size in whole
	/// lots, a price in whole ticks, neither zero.
	///
	/// A price of zero is refused for options, too: a contract that is given away is a transfer and
	/// would pass for a price on every chart.
	pub(crate) fn ensure_within_terms(fill: &Fill) -> Result<InstrumentTerms, DispatchError> {
		let terms = Self::ensure_size(&fill.instrument, fill.size)?;
		ensure!(!fill.price.is_zero(), Error::<T>::ZeroPrice);
		ensure!(fill.price.is_multiple_of(terms.tick), Error::<T>::PriceNotInTicks);
		Ok(terms)
	}

	/// Whether the instrument can be traded now, in this size: a whole number of lots, not zero.
	pub(crate) fn ensure_size(
		instrument: &Instrument,
		size: Contracts,
	) -> Result<InstrumentTerms, DispatchError> {
		let terms = T::Registry::tradable(instrument).map_err(Error::<T>::from)?;
		ensure!(!size.is_zero(), Error::<T>::ZeroSize);
		ensure!(size.is_multiple_of(terms.lot), Error::<T>::SizeNotInLots);
		Ok(terms)
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
