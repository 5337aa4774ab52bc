//! How far from the mark an order may fill.

use crate::{order::Grid, Config, Error, Pallet};
use frame_support::traits::Get;
use plimsoll_primitives::{BookClearing, Contract, Instrument, OrderSide, Price};
use sp_runtime::DispatchError;

/// A cheap option's premium moves by many times itself: a band is never narrower than so many ticks.
const NARROWEST: u128 = 10;

/// The prices within which orders fill, ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PriceBand {
	low: Price,
	high: Price,
}

impl PriceBand {
	/// Whom a fill at `price` would harm: who sells below the band or buys above it. `None` within.
	pub fn harmed(&self, price: Price) -> Option<OrderSide> {
		if price < self.low {
			Some(OrderSide::Sell)
		} else if price > self.high {
			Some(OrderSide::Buy)
		} else {
			None
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The band around an instrument's mark: a share of it, or ten ticks if that is more. An error where
	/// the mark is not live: nothing fills then.
	pub(crate) fn price_band(
		instrument: &Instrument,
		grid: &Grid,
	) -> Result<PriceBand, DispatchError> {
		Self::band_of(instrument, grid, 1)
	}

	/// The band of trades that two accounts have agreed upon: as many times as wide. They name their
	/// prices, so that nothing but a mistake takes them far away, or a gift; large sizes and packages need
	/// more room than the book does.
	pub(crate) fn negotiated_band(
		instrument: &Instrument,
		grid: &Grid,
	) -> Result<PriceBand, DispatchError> {
		Self::band_of(instrument, grid, u128::from(T::NegotiatedBandMultiple::get()))
	}

	fn band_of(
		instrument: &Instrument,
		grid: &Grid,
		multiple: u128,
	) -> Result<PriceBand, DispatchError> {
		let mark = T::Clearing::mark(instrument)?.into_inner();
		let share = match instrument.contract {
			Contract::Perpetual | Contract::Future { .. } => T::LinearPriceBand::get(),
			Contract::Option { .. } => T::OptionPriceBand::get(),
		};
		let narrowest =
			grid.tick.into_inner().checked_mul(NARROWEST).ok_or(Error::<T>::TooLarge)?;
		let width = share.mul_floor(mark).max(narrowest);
		let width = width.checked_mul(multiple).ok_or(Error::<T>::TooLarge)?;
		let high = mark.checked_add(width).ok_or(Error::<T>::TooLarge)?;
		// No price is below zero.
		let low = mark.saturating_sub(width);
		Ok(PriceBand { low: Price::from_inner(low), high: Price::from_inner(high) })
	}
}
