//! What must hold at every moment.

use crate::{Config, Pairs, Pallet};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks everything that this pallet promises of its storage.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		for (collateral, terms) in Pairs::<T>::iter() {
			ensure!(
				Self::pair_asset(collateral).is_ok(),
				"A pair is of no collateral asset, or of the settlement asset"
			);
			ensure!(terms.lot > 0, "A pair has a lot of nothing");
			ensure!(terms.has_price_band(), "A pair's price band is nothing, or all of the price");
		}
		Ok(())
	}
}
