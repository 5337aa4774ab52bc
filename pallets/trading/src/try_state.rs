//! What must hold of this pallet's storage after every block.

use crate::{Config, ExpiringNonces, Pallet, PruneCursor, UsedNonces};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every sentence below; the first that is untrue is the error.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		for (maker, nonce, kept_through) in UsedNonces::<T>::iter() {
			ensure!(
				ExpiringNonces::<T>::contains_key(kept_through, (maker, nonce)),
				"Every used nonce stands in the index under the block through which it is kept."
			);
		}

		let cursor = PruneCursor::<T>::get();
		for (kept_through, (maker, nonce), ()) in ExpiringNonces::<T>::iter() {
			ensure!(
				UsedNonces::<T>::get(maker, nonce) == Some(kept_through),
				"Every entry of the index is a used nonce that is kept through that block."
			);
			ensure!(
				kept_through >= cursor,
				"No entry of the index lies behind the cursor, where it would never be pruned."
			);
		}

		ensure!(
			cursor <= frame_system::Pallet::<T>::block_number(),
			"The cursor has passed no block through which a nonce must still be kept."
		);
		Ok(())
	}
}
