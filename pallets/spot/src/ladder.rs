//! A book's best orders as the router reads them.

use crate::{
	book_store::BookStore,
	order::as_block,
	pair::{Band, Market},
	place_order::Account,
	Config, Pallet,
};
use alloc::vec::Vec;
use frame_support::traits::Get;
use plimsoll_orderbook::{best, next, Order, Store, Tick};
use plimsoll_primitives::{CollateralExchange, OrderSide, Price, Silence};
use plimsoll_router::Offer;
use sp_runtime::{Permill, SaturatedConversion};

/// An order that a swap could take, with the level in which it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rung {
	pub tick: Tick,
	pub offer: Offer,
}

/// What a swap could take of a book.
#[derive(Debug, Default)]
pub(crate) struct Ladder {
	/// Best first.
	pub rungs: Vec<Rung>,
	/// How many orders were looked at to find them.
	pub looked_at: u32,
	/// How many of those in the way, beyond what a call removes, cost a fill each, as in matching.
	pub paid: u32,
}

/// Who swaps, on which side, at what price at worst (before fees) and for what fee.
pub(crate) struct Swapper<'a, T: Config> {
	pub account: &'a Account<T>,
	pub side: OrderSide,
	pub worst: Price,
	pub fee: Permill,
}

impl<T: Config> Pallet<T> {
	/// The orders that a swap would meet, in the order in which it does, as far as it may: each an offer of
	/// its own, so that what a plan says is what its fills come to. Those that matching would remove are
	/// passed over, each beyond the removals of a call for one of the fills; before an order of the account's
	/// own it ends.
	pub(crate) fn ladder(market: &Market<T>, band: &Band, swapper: &Swapper<'_, T>) -> Ladder {
		let store = BookStore::<T>::new(market.collateral);
		let side = swapper.side.opposite();
		let most = T::MaxSwapFills::get();
		let mut removals = T::MaxRemovals::get();
		let mut ladder = Ladder::default();
		let mut at = best(&store, side);
		while let Some((tick, price)) = at.and_then(|tick| Some((tick, market.grid.price(tick)?))) {
			let is_within = match swapper.side {
				OrderSide::Buy => price <= swapper.worst,
				OrderSide::Sell => price >= swapper.worst,
			};
			if !is_within {
				break;
			}
			for order in store.level(side, tick).orders() {
				let rungs: u32 = ladder.rungs.len().saturated_into();
				let spent = rungs.saturating_add(ladder.paid);
				if order.owner == *swapper.account || spent >= most {
					return ladder;
				}
				ladder.looked_at = ladder.looked_at.saturating_add(1);
				if Self::would_be_removed(market, order, band.harmed(price) == Some(side), side) {
					match removals.checked_sub(1) {
						Some(left) => removals = left,
						None => ladder.paid = ladder.paid.saturating_add(1),
					}
					continue;
				}
				let Some(amount) = market.grid.amount(order.lots) else { return ladder };
				let (price, fee) = (price.into_inner(), swapper.fee);
				ladder.rungs.push(Rung { tick, offer: Offer { price, amount, fee } });
			}
			at = next(&store, side, tick);
		}
		ladder
	}

	/// Whether matching would remove a resting order instead of filling it.
	fn would_be_removed(
		market: &Market<T>,
		order: &Order<Account<T>>,
		is_harmed: bool,
		side: OrderSide,
	) -> bool {
		let now = as_block(frame_system::Pallet::<T>::block_number());
		let has_room =
			side == OrderSide::Sell || T::Exchange::has_room(&order.owner, market.collateral);
		is_harmed || order.is_expired(now) || !has_room || T::Silence::is_silent(&order.owner)
	}
}
