//! Nonces: what makes a quote good for one trade, and lets a maker take quotes back.
//!
//! A nonce that was traded on in block `t` is kept through block `t + L`, `L` being
//! [`Config::MaxQuoteLifetime`], and forgotten some time after. A replay is refused all the same:
//! the quote was taken in `t`, so its expiry block is at most `t + L`, and every block in which the
//! nonce may be forgotten is later. At any block a quote that was taken is either still remembered
//! or expired, never neither.
//!
//! It is kept for `L` blocks and not just until its quote expires, because a maker may have signed
//! another quote with the same nonce and a later expiry, as an alternative: that one must not come
//! alive when the first is forgotten. It can't, as long as it was signed before `t` to expire
//! within `L` blocks: then it expires no later than `t + L`, too.

use crate::{Config, Error, Event, ExpiringNonces, MinimumNonce, Pallet, PruneCursor, UsedNonces};
use frame_support::{ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use plimsoll_primitives::SubAccountId;
use sp_runtime::{
	traits::{One, Saturating},
	DispatchResult, SaturatedConversion,
};

impl<T: Config> Pallet<T> {
	/// Whether a quote with this nonce can still be taken: neither traded nor cancelled.
	pub(crate) fn ensure_unused(maker: &SubAccountId<T::AccountId>, nonce: u64) -> DispatchResult {
		ensure!(!UsedNonces::<T>::contains_key(maker, nonce), Error::<T>::NonceUsed);
		ensure!(nonce >= MinimumNonce::<T>::get(maker), Error::<T>::NonceCancelled);
		Ok(())
	}

	/// Remembers that a nonce was traded on in this block, for as long as any quote that can be
	/// taken now lasts.
	pub(crate) fn use_nonce(maker: &SubAccountId<T::AccountId>, nonce: u64) {
		// Saturates only at the last of all block numbers, where nothing expires any more.
		let kept_through =
			frame_system::Pallet::<T>::block_number().saturating_add(T::MaxQuoteLifetime::get());
		UsedNonces::<T>::insert(maker, nonce, kept_through);
		ExpiringNonces::<T>::insert(kept_through, (maker, nonce), ());
	}

	/// Cancels every quote of `maker` with a nonce below `below_nonce`, signed or yet to be.
	pub(crate) fn do_cancel_quotes(
		maker: SubAccountId<T::AccountId>,
		below_nonce: u64,
	) -> DispatchResult {
		ensure!(below_nonce > MinimumNonce::<T>::get(&maker), Error::<T>::NonceNotRaised);
		MinimumNonce::<T>::insert(&maker, below_nonce);
		Self::deposit_event(Event::QuotesCancelled { maker, below_nonce });
		Ok(())
	}

	/// Forgets nonces that were kept through a block before `now`, in at most `limit` steps; the
	/// next call goes on where this one stopped. A step removes one nonce or passes one block for
	/// which none is left. Returns the number of steps taken.
	pub(crate) fn prune_nonces(now: BlockNumberFor<T>, limit: u32) -> u32 {
		let start = PruneCursor::<T>::get();
		let mut cursor = start;
		let mut steps = 0u32;
		while cursor < now && steps < limit {
			let left = limit.saturating_sub(steps);
			let expired = ExpiringNonces::<T>::drain_prefix(cursor);
			for ((maker, nonce), ()) in expired.take(left.saturated_into()) {
				UsedNonces::<T>::remove(maker, nonce);
				// Cannot saturate: it stays within `limit`.
				steps = steps.saturating_add(1);
			}
			if steps < limit {
				// The iterator ended by itself: nothing is left of this block. Cannot saturate: the
				// cursor is below `now`, the steps below `limit`.
				cursor = cursor.saturating_add(One::one());
				steps = steps.saturating_add(1);
			}
		}
		if cursor != start {
			PruneCursor::<T>::put(cursor);
		}
		steps
	}
}

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod nonce_storage {
	/// The lowest nonce at which a maker's quotes can be taken; those below are cancelled.
	#[pallet::storage]
	pub type MinimumNonce<T: Config> =
		StorageMap<_, Blake2_128Concat, SubAccountId<T::AccountId>, u64, ValueQuery>;

	/// Nonces that were traded on, by maker and nonce, with the block through which they are kept;
	/// removed some time after it.
	#[pallet::storage]
	pub type UsedNonces<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		SubAccountId<T::AccountId>,
		Blake2_128Concat,
		u64,
		BlockNumberFor<T>,
		OptionQuery,
	>;

	/// The same nonces by the block through which they are kept, so that pruning reads only what it
	/// removes.
	#[pallet::storage]
	pub type ExpiringNonces<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		BlockNumberFor<T>,
		Blake2_128Concat,
		(SubAccountId<T::AccountId>, u64),
		(),
		OptionQuery,
	>;

	/// The first block through which nonces may still be kept: all before were passed.
	#[pallet::storage]
	pub type PruneCursor<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;
}
