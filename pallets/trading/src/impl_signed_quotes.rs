//! Which signed quotes are good: those for block trades, and those that other pallets take.

use crate::{order::as_block, quote::is_signed, Config, Error, Pallet};
use frame_support::{ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use plimsoll_primitives::{Clearing, QuoteSeal, SignedQuotes, Silence, SubAccountId};
use sp_runtime::{traits::Zero, DispatchResult};

/// A quote's seal in this runtime.
type SealOf<'q, T> = QuoteSeal<
	'q,
	<T as frame_system::Config>::AccountId,
	<T as frame_system::Config>::Hash,
	<T as Config>::Signature,
>;

impl<T: Config> SignedQuotes<T::AccountId, T::Hash, T::Signature> for Pallet<T> {
	/// The signature is checked last because it costs most.
	fn ensure_good(taker: &SubAccountId<T::AccountId>, quote: &SealOf<'_, T>) -> DispatchResult {
		ensure!(taker != quote.maker, Error::<T>::SelfTrade);
		let is_for = quote.taker.is_none_or(|named| *named == taker.owner);
		ensure!(is_for, Error::<T>::NotNamedTaker);
		// The system pallet forgets old block hashes, but never that of block zero.
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		ensure!(*quote.genesis_hash == genesis, Error::<T>::WrongChain);
		Self::ensure_in_time(quote.expiry_block)?;
		Self::ensure_unused(quote.maker, quote.nonce)?;
		Self::ensure_heard_of(quote.maker)?;
		ensure!(T::Clearing::may_trade(quote.signer, quote.maker), Error::<T>::SignerNotAllowed);
		let is_signed = is_signed(&quote.signing_hash, quote.signer, quote.signature);
		ensure!(is_signed, Error::<T>::BadSignature);
		Ok(())
	}

	fn note_taken(maker: &SubAccountId<T::AccountId>, nonce: u64) {
		Self::use_nonce(maker, nonce);
	}
}

impl<T: Config> Pallet<T> {
	/// Whether a maker is heard of. One that has fallen silent wants its quotes no more than its orders.
	pub(crate) fn ensure_heard_of(maker: &SubAccountId<T::AccountId>) -> DispatchResult {
		ensure!(!<Self as Silence<_>>::is_silent(maker), Error::<T>::MakerSilent);
		Ok(())
	}

	/// Whether a quote may be taken in this block. Quotes that last long are refused because each
	/// trade's nonce has to be kept for as long as a quote may last.
	fn ensure_in_time(expiry_block: u32) -> DispatchResult {
		let now = as_block(frame_system::Pallet::<T>::block_number());
		let remaining = expiry_block.checked_sub(now).ok_or(Error::<T>::QuoteExpired)?;
		ensure!(remaining <= as_block(T::MaxQuoteLifetime::get()), Error::<T>::ExpiryTooFar);
		Ok(())
	}
}
