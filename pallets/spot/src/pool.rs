//! What a pool is here.

use plimsoll_primitives::{Balance, OrderSide};
use plimsoll_router::Pool;
use sp_runtime::DispatchResult;

/// Pools of pairs of assets, at most one for each.
pub trait Pools<AccountId, AssetId> {
	/// The pool of `base` against `quote`, if there is one that trades.
	fn pool(base: &AssetId, quote: &AssetId) -> Option<Pool>;

	/// Has `who` buy (or sell) exactly `amount` of a pair's base from its pool, for `cash` of its quote
	/// or less (more), or not at all. `pair` is (base, quote). `who` keeps the minimum balance of both.
	fn trade(
		who: &AccountId,
		pair: (&AssetId, &AssetId),
		side: OrderSide,
		amount: Balance,
		cash: Balance,
	) -> DispatchResult;
}
