//! Block trades: a maker's quote, taken whole.

use crate::{weights::WeightInfo, Config, Error, Event, Pallet, QuoteOf};
use frame_support::{ensure, traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use plimsoll_primitives::{Clearing, Fill, SubAccountId};
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchResult,
};

impl<T: Config> Pallet<T> {
	/// The most that a block trade of this many legs weighs.
	pub(crate) fn block_trade_weight(legs: u32) -> Weight {
		T::WeightInfo::block_trade(legs)
			.saturating_add(T::WeightInfo::note_seen())
			.saturating_add(T::Clearing::clear_surcharge())
	}

	/// Trades all of `quote`'s legs between `taker` and the maker, or none.
	///
	/// The signature is checked last because it costs most. Nothing is written before the clearing
	/// house has accepted, and what is written then cannot fail.
	pub(crate) fn do_block_trade(
		who: &T::AccountId,
		taker: SubAccountId<T::AccountId>,
		quote: QuoteOf<T>,
		signature: &T::Signature,
	) -> DispatchResult {
		Self::ensure_taker(who, &taker, &quote)?;
		Self::ensure_for_this_chain(&quote)?;
		Self::ensure_in_time(&quote)?;
		Self::ensure_unused(&quote.maker, quote.nonce)?;
		Self::ensure_legs(&quote.legs)?;
		ensure!(T::Clearing::may_trade(&quote.signer, &quote.maker), Error::<T>::SignerNotAllowed);
		ensure!(quote.is_signed_with(signature), Error::<T>::BadSignature);

		T::Clearing::clear(&taker, &quote.maker, &quote.legs)?;
		Self::use_nonce(&quote.maker, quote.nonce);
		Self::note_seen(&taker);

		let QuoteOf::<T> { maker, nonce, legs, .. } = quote;
		Self::deposit_event(Event::BlockTraded { maker, taker, nonce, legs });
		Ok(())
	}

	/// Whether `who` may trade for `taker`, and `taker` may take the quote.
	fn ensure_taker(
		who: &T::AccountId,
		taker: &SubAccountId<T::AccountId>,
		quote: &QuoteOf<T>,
	) -> DispatchResult {
		ensure!(T::Clearing::may_trade(who, taker), Error::<T>::NotAllowedToTrade);
		ensure!(*taker != quote.maker, Error::<T>::SelfTrade);
		ensure!(
			quote.taker.as_ref().is_none_or(|named| *named == taker.owner),
			Error::<T>::NotNamedTaker
		);
		Ok(())
	}

	/// Whether the quote is for this chain.
	fn ensure_for_this_chain(quote: &QuoteOf<T>) -> DispatchResult {
		// The system pallet forgets old block hashes, but never that of block zero.
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		ensure!(quote.genesis_hash == genesis, Error::<T>::WrongChain);
		Ok(())
	}

	/// Whether the quote may be taken in this block. Quotes that last long are refused because each
	/// trade's nonce has to be kept for as long as a quote may last.
	fn ensure_in_time(quote: &QuoteOf<T>) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(quote.expiry_block >= now, Error::<T>::QuoteExpired);
		// Exact: the expiry isn't before `now`.
		let remaining = quote.expiry_block.saturating_sub(now);
		ensure!(remaining <= T::MaxQuoteLifetime::get(), Error::<T>::ExpiryTooFar);
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
