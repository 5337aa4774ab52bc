//! What funding and marks ask of the book.

use crate::{
	book_store::BookStore,
	order::{as_block, BookRecord},
	weights::WeightInfo,
	Books, Config, Pallet,
};
use frame_support::weights::Weight;
use plimsoll_orderbook::{best, next, Lots, Store};
use plimsoll_primitives::{
	money, BookQuotes, ImpactPrices, Instrument, OrderSide, Price, Rounding, UsdValue,
};

/// How many levels of a side are looked at. What is hidden behind so many that together are worth too
/// little stays hidden: looking further has no bound that is worth paying in each block, and each of them
/// is a better price for whoever takes it.
pub const MOST_LEVELS: u32 = 4;

impl<T: Config> BookQuotes for Pallet<T> {
	fn impact(instrument: &Instrument, worth: UsdValue) -> ImpactPrices {
		let Some(book) = Books::<T>::get(instrument) else { return ImpactPrices::default() };
		ImpactPrices {
			bid: Self::impact_of(instrument, &book, OrderSide::Buy, worth),
			ask: Self::impact_of(instrument, &book, OrderSide::Sell, worth),
		}
	}

	fn impact_weight() -> Weight {
		T::WeightInfo::impact_prices()
	}
}

impl<T: Config> Pallet<T> {
	/// The price of the level of one side at which its orders, from the best on, are worth enough.
	fn impact_of(
		instrument: &Instrument,
		book: &BookRecord,
		side: OrderSide,
		worth: UsdValue,
	) -> Option<Price> {
		// An order whose last block was the previous one could be traded with in it, and nobody has had a
		// block to put another in its place.
		let previous = as_block(frame_system::Pallet::<T>::block_number()).saturating_sub(1);
		let store = BookStore::<T>::new(*instrument);
		let mut reached = None;
		let mut total = UsdValue::ZERO;
		for _ in 0..MOST_LEVELS {
			let tick = match reached {
				None => best(&store, side),
				Some(tick) => next(&store, side, tick),
			}?;
			let level = store.level(side, tick);
			let live = level.orders().iter().filter(|order| !order.is_expired(previous));
			let lots = live.map(|order| order.lots).try_fold(0, Lots::checked_add);
			let price = book.grid.price(tick)?;
			let value = lots
				.and_then(|lots| book.grid.size(lots))
				.and_then(|size| money::value(price, size, Rounding::Down));
			match value.and_then(|value| total.checked_add(value)) {
				Some(sum) if sum < worth => total = sum,
				// What is worth more than can be counted is worth enough.
				_ => return Some(price),
			}
			reached = Some(tick);
		}
		None
	}
}
