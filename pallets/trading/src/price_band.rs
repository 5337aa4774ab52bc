//! How far from the mark an order may fill.
//!
//! A band has a width, a share of the mark: its contract's kind's, or one that the register has for the
//! instrument. Where the whole market has left it, it follows, slowly: while the best that an order meets,
//! before it has filled anything, stands beyond the band as it usually is, the book is *pressed* on that side. A
//! side that has been pressed for [`Config::BandStepBlocks`] blocks is wider by half a width; by another
//! half for each further such span, up to [`MOST_STEPS`]. A side that nobody has pressed for one span is as
//! it was.
//!
//! So it takes somebody who would trade beyond the band, and nobody of the other side left within it, time
//! and again: to press a book that is alive, all that rests within the band has to be bought first. The
//! other end of the band stays where it is. What is kept is one small record in the book's own, and goes
//! with the last of its orders; nothing is looked at before an order meets it.

use crate::{order::as_block, Books, Config, Error, Pallet};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::traits::Get;
use plimsoll_orderbook::Block;
use plimsoll_primitives::{BookClearing, Contract, Instrument, InstrumentTerms, OrderSide, Price};
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

/// A cheap option's premium moves by many times itself: a band is never narrower than so many ticks.
const NARROWEST: u128 = 10;

/// The most halves of a width by which a band is wider than it usually is.
pub const MOST_STEPS: u32 = 4;

/// Since when orders have found the best price of a book beyond its band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pressure {
	/// Whether those were orders that buy, above the band, or that sell, below it.
	pub side: OrderSide,
	/// The block of the first.
	pub since: Block,
	/// The block of the latest.
	pub latest: Block,
}

impl Pressure {
	/// Whether it still counts: the latest is no longer ago than one span.
	fn lasts(&self, now: Block, span: Block) -> bool {
		now.saturating_sub(self.latest) <= span
	}

	/// By how many halves of a width its side is wider.
	fn steps(&self, now: Block, span: Block) -> u32 {
		if !self.lasts(now, span) {
			return 0;
		}
		let spans = self.latest.saturating_sub(self.since).checked_div(span).unwrap_or(0);
		spans.min(MOST_STEPS)
	}

	/// What it is after an order of `side` has pressed in block `now`.
	fn after(known: Option<Self>, side: OrderSide, now: Block, span: Block) -> Self {
		let goes_on = known.filter(|of| of.side == side && of.lasts(now, span));
		Self { side, since: goes_on.map_or(now, |of| of.since), latest: now }
	}
}

/// The prices within which orders fill, ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PriceBand {
	low: Price,
	high: Price,
}

impl PriceBand {
	/// So far below and above a mark; no price is below zero.
	fn around<T: Config>(mark: u128, below: u128, above: u128) -> Result<Self, DispatchError> {
		let high = mark.checked_add(above).ok_or(Error::<T>::TooLarge)?;
		let low = mark.saturating_sub(below);
		Ok(Self { low: Price::from_inner(low), high: Price::from_inner(high) })
	}

	/// The worst price that somebody of `side` trades at.
	pub fn worst(&self, side: OrderSide) -> Price {
		match side {
			OrderSide::Buy => self.high,
			OrderSide::Sell => self.low,
		}
	}

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

/// An instrument's band, as it usually is and as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bands {
	/// Beyond it the book is pressed.
	pub usual: PriceBand,
	/// Beyond it nothing fills.
	pub present: PriceBand,
}

impl<T: Config> Pallet<T> {
	/// The bands around an instrument's mark: a share of it, or ten ticks if that is more. An error where
	/// the mark is not live: nothing fills then.
	pub(crate) fn price_bands(
		instrument: &Instrument,
		terms: &InstrumentTerms,
	) -> Result<Bands, DispatchError> {
		let (mark, width) = Self::mark_and_width(instrument, terms)?;
		let half = width.checked_div(2).ok_or(Error::<T>::TooLarge)?;
		let now = as_block(frame_system::Pallet::<T>::block_number());
		let pressure = Books::<T>::get(instrument).and_then(|book| book.pressure);
		let widened = |side| {
			let of_side = pressure.filter(|of| of.side == side);
			let steps = of_side.map_or(0, |of| of.steps(now, T::BandStepBlocks::get()));
			half.checked_mul(u128::from(steps)).and_then(|by| by.checked_add(width))
		};
		let below = widened(OrderSide::Sell).ok_or(Error::<T>::TooLarge)?;
		let above = widened(OrderSide::Buy).ok_or(Error::<T>::TooLarge)?;
		let usual = PriceBand::around::<T>(mark, width, width)?;
		Ok(Bands { usual, present: PriceBand::around::<T>(mark, below, above)? })
	}

	/// The band of trades that two accounts have agreed upon: as many times as wide as the usual one. They
	/// name their prices, so that nothing but a mistake takes them far away, or a gift; large sizes and
	/// packages need more room than the book does.
	pub(crate) fn negotiated_band(
		instrument: &Instrument,
		terms: &InstrumentTerms,
	) -> Result<PriceBand, DispatchError> {
		let (mark, width) = Self::mark_and_width(instrument, terms)?;
		let multiple = u128::from(T::NegotiatedBandMultiple::get());
		let width = width.checked_mul(multiple).ok_or(Error::<T>::TooLarge)?;
		PriceBand::around::<T>(mark, width, width)
	}

	/// An instrument's mark and how far its band usually reaches from it.
	fn mark_and_width(
		instrument: &Instrument,
		terms: &InstrumentTerms,
	) -> Result<(u128, u128), DispatchError> {
		let mark = T::Clearing::mark(instrument)?.into_inner();
		let share = terms.price_band.unwrap_or_else(|| match instrument.contract {
			Contract::Perpetual | Contract::Future { .. } => T::LinearPriceBand::get(),
			Contract::Option { .. } => T::OptionPriceBand::get(),
		});
		let narrowest =
			terms.tick.into_inner().checked_mul(NARROWEST).ok_or(Error::<T>::TooLarge)?;
		Ok((mark, share.mul_floor(mark).max(narrowest)))
	}

	/// Notes that the best that an order of `side` met stands beyond the usual band.
	pub(crate) fn press_band(instrument: &Instrument, side: OrderSide) {
		let now = as_block(frame_system::Pallet::<T>::block_number());
		Books::<T>::mutate(instrument, |book| {
			if let Some(book) = book {
				let span = T::BandStepBlocks::get();
				book.pressure = Some(Pressure::after(book.pressure, side, now, span));
			}
		});
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use plimsoll_primitives::OrderSide::{Buy, Sell};

	/// Presses at each of these blocks with a span of 10.
	fn pressed(blocks: &[(OrderSide, Block)]) -> Option<Pressure> {
		blocks.iter().fold(None, |known, (side, now)| Some(Pressure::after(known, *side, *now, 10)))
	}

	#[test]
	fn steps_grow_with_each_span_of_pressure_and_end_with_it() {
		let steps = |blocks: &[(OrderSide, Block)], now| {
			pressed(blocks).map_or(0, |pressure| pressure.steps(now, 10))
		};
		assert_eq!(steps(&[(Buy, 5)], 5), 0);
		assert_eq!(steps(&[(Buy, 5), (Buy, 14)], 14), 0, "a block before");
		assert_eq!(steps(&[(Buy, 5), (Buy, 15)], 15), 1);
		assert_eq!(steps(&[(Buy, 5), (Buy, 15)], 25), 1, "as long as it lasts");
		assert_eq!(steps(&[(Buy, 5), (Buy, 15)], 26), 0);
		assert_eq!(steps(&[(Buy, 5), (Buy, 16)], 16), 0, "there was a break");
		assert_eq!(steps(&[(Buy, 5), (Sell, 10), (Buy, 15)], 15), 0, "both sides");
		let long: Vec<_> = (0..100).map(|at| (Sell, 5 * at)).collect();
		assert_eq!(steps(&long, 500), MOST_STEPS);
		assert_eq!(steps(&[(Buy, 5), (Buy, u32::MAX)], u32::MAX), 0);
	}
}
