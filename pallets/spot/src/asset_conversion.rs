//! Pools of the SDK's `pallet-asset-conversion`.

use crate::pool::Pools;
use alloc::vec;
use core::marker::PhantomData;
use frame_support::traits::{
	fungibles::Inspect,
	tokens::{Fortitude, Preservation},
};
use pallet_asset_conversion::{Config, Pallet, PoolLocator, Pools as Existing, Swap};
use plimsoll_primitives::{Balance, OrderSide};
use plimsoll_router::Pool;
use sp_runtime::DispatchResult;

/// The pools of the runtime `R`.
pub struct AssetConversion<R>(PhantomData<R>);

impl<R: Config<Balance = Balance>> Pools<R::AccountId, R::AssetKind> for AssetConversion<R> {
	fn pool(base: &R::AssetKind, quote: &R::AssetKind) -> Option<Pool> {
		let id = R::PoolLocator::pool_id(base, quote).ok()?;
		if !Existing::<R>::contains_key(&id) {
			return None;
		}
		let (in_base, in_quote) = Pallet::<R>::get_reserves(base.clone(), quote.clone()).ok()?;
		let pool = R::PoolLocator::address(&id).ok()?;
		// What a pool must keep of an asset, because it has to stay alive or something is frozen.
		let kept = |asset: &R::AssetKind, balance: Balance| {
			balance.saturating_sub(R::Assets::reducible_balance(
				asset.clone(),
				&pool,
				Preservation::Preserve,
				Fortitude::Polite,
			))
		};
		Some(Pool {
			base: in_base,
			quote: in_quote,
			base_minimum: kept(base, in_base),
			quote_minimum: kept(quote, in_quote),
			fee: Pallet::<R>::pool_fee(&id),
		})
	}

	fn trade(
		who: &R::AccountId,
		(base, quote): (&R::AssetKind, &R::AssetKind),
		side: OrderSide,
		amount: Balance,
		cash: Balance,
	) -> DispatchResult {
		let (who, to, keep_alive) = (who.clone(), who.clone(), true);
		match side {
			OrderSide::Buy => {
				let path = vec![quote.clone(), base.clone()];
				let most = Some(cash);
				<Pallet<R> as Swap<R::AccountId>>::swap_tokens_for_exact_tokens(
					who, path, amount, most, to, keep_alive,
				)?
			}
			OrderSide::Sell => {
				let path = vec![base.clone(), quote.clone()];
				let least = Some(cash);
				<Pallet<R> as Swap<R::AccountId>>::swap_exact_tokens_for_tokens(
					who, path, amount, least, to, keep_alive,
				)?
			}
		};
		Ok(())
	}
}
