//! How a pallet's benchmark gets the rest of the chain into the state it needs. The runtime
//! implements it once over the real pallets; a pallet's mock, over its fakes.

use crate::{
	id::{CollateralId, Instrument, SubAccountId, UnderlyingId},
	money::Balance,
};
use alloc::vec::Vec;

/// Sets up what lies outside the pallet under benchmark. Panics where that fails: a benchmark
/// without its state measures nothing.
pub trait BenchmarkEnvironment<AccountId> {
	/// Chain time and live prices for the underlying that `instruments` uses, with a surface for
	/// the expiry it uses.
	fn feed() -> UnderlyingId;

	/// `count` tradable instruments: the perpetual of `feed()`'s underlying first, then options of
	/// one expiry, on as many underlyings as the chain can have, in turn.
	fn instruments(count: u32) -> Vec<Instrument>;

	/// A new sub-account of a new owner (who also has native funds and `cash` settlement units
	/// more in the plain account) with `cash` settlement units deposited.
	fn sub_account(seed: u32, cash: Balance) -> SubAccountId<AccountId>;

	/// A collateral asset of which `owner` is given, in the plain account, the amount that is
	/// returned in the asset's own units: enough to be deposited, and its feed live. `None` where
	/// the chain takes no collateral, so that there is no such work to measure.
	fn collateral(_owner: &AccountId) -> Option<(CollateralId, Balance)> {
		None
	}

	/// Opens a small position in each of `instruments`: the first long, the second short.
	fn open(
		long: &SubAccountId<AccountId>,
		short: &SubAccountId<AccountId>,
		instruments: &[Instrument],
	);

	/// Moves prices so far that every account opened by `open` on the long side is below its
	/// maintenance margin if it was funded with no more than a few per cent of its notional, and
	/// lets the grace period pass.
	fn crash();
}
