//! What any trade of an instrument must keep to, whichever way it comes about: the instrument's
//! own terms.

use crate::{Config, Error, Pallet};
use frame_support::ensure;
use plimsoll_primitives::{
	money, Contracts, Fill, Instrument, InstrumentError, InstrumentRegistry, InstrumentTerms,
	Rounding, UsdValue,
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

	/// Whether there are legs, each on its own instrument.
	pub(crate) fn ensure_distinct<'a>(
		legs: impl ExactSizeIterator<Item = &'a Instrument> + Clone,
	) -> Result<(), Error<T>> {
		ensure!(legs.len() > 0, Error::<T>::NoLegs);
		for (position, leg) in legs.clone().enumerate() {
			// At most `MaxLegs`² / 2 comparisons of two small values.
			let is_repeated = legs.clone().take(position).any(|earlier| earlier == leg);
			ensure!(!is_repeated, Error::<T>::DuplicateInstrument);
		}
		Ok(())
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

	/// What the fills cost their taker together, USD; negative where they bring more than they cost. Each
	/// is rounded up, as it is charged.
	pub(crate) fn net_cost(fills: &[Fill]) -> Result<UsdValue, Error<T>> {
		fills.iter().try_fold(UsdValue::ZERO, |sum, fill| {
			money::value(fill.price, fill.size, Rounding::Up)
				.and_then(|value| sum.checked_add(value))
				.ok_or(Error::<T>::TooLarge)
		})
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
