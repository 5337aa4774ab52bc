//! Block trades: a maker's quote, taken whole.

use crate::{weights::WeightInfo, Config, Error, Event, Pallet, QuoteOf};
use frame_support::{ensure, weights::Weight};
use plimsoll_primitives::{Clearing, Fill, SignedQuotes, SubAccountId};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	/// The most that a block trade of this many legs weighs.
	pub(crate) fn block_trade_weight(legs: u32) -> Weight {
		// The switches of both are looked at.
		T::WeightInfo::block_trade(legs)
			.saturating_add(T::WeightInfo::note_seen().saturating_mul(2))
			.saturating_add(T::Clearing::clear_surcharge())
	}

	/// Trades all of `quote`'s legs between `taker` and the maker, or none.
	///
	/// Nothing is written before the clearing house has accepted, and what is written then cannot fail.
	pub(crate) fn do_block_trade(
		who: &T::AccountId,
		taker: SubAccountId<T::AccountId>,
		quote: QuoteOf<T>,
		signature: &T::Signature,
	) -> DispatchResult {
		ensure!(T::Clearing::may_trade(who, &taker), Error::<T>::NotAllowedToTrade);
		Self::ensure_good(&taker, &quote.sealed(signature))?;
		Self::ensure_legs(&quote.legs)?;

		T::Clearing::clear(&taker, &quote.maker, &quote.legs)?;
		Self::note_taken(&quote.maker, quote.nonce);
		Self::note_seen(&taker);

		let QuoteOf::<T> { maker, nonce, legs, .. } = quote;
		Self::deposit_event(Event::BlockTraded { maker, taker, nonce, legs });
		Ok(())
	}

	/// Whether there are legs, each on its own instrument, within that instrument's terms and at a price
	/// that is near enough to its mark.
	pub(crate) fn ensure_legs(legs: &[Fill]) -> DispatchResult {
		Self::ensure_distinct(legs.iter().map(|leg| &leg.instrument))?;
		for leg in legs {
			let terms = Self::ensure_within_terms(leg)?;
			let band = Self::negotiated_band(&leg.instrument, &terms)?;
			ensure!(band.harmed(leg.price).is_none(), Error::<T>::PriceOutsideBand);
		}
		Ok(())
	}
}
