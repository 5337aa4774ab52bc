//! What funding asks of the book.

use crate::{
	book_store::BookStore,
	order::{as_block, BookRecord},
	weights::WeightInfo,
	Books, Config, Pallet,
};
use frame_support::weights::Weight;
use plimsoll_orderbook::{Lots, Store};
use plimsoll_primitives::{BestQuotes, BookQuote, BookQuotes, Instrument, OrderSide};

impl<T: Config> BookQuotes for Pallet<T> {
	fn best(instrument: &Instrument) -> BestQuotes {
		let Some(book) = Books::<T>::get(instrument) else { return BestQuotes::default() };
		BestQuotes {
			bid: Self::best_of(instrument, &book, OrderSide::Buy),
			ask: Self::best_of(instrument, &book, OrderSide::Sell),
		}
	}

	fn best_weight() -> Weight {
		T::WeightInfo::best_quotes()
	}
}

impl<T: Config> Pallet<T> {
	/// The best level of one side, expired orders left out. The level behind is not looked for where
	/// nothing else is in it: what that would read has no bound that is worth paying in each block.
	fn best_of(instrument: &Instrument, book: &BookRecord, side: OrderSide) -> Option<BookQuote> {
		let now = as_block(frame_system::Pallet::<T>::block_number());
		let store = BookStore::<T>::new(*instrument);
		let tick = plimsoll_orderbook::best(&store, side)?;
		let level = store.level(side, tick);
		let live = level.orders().iter().filter(|order| !order.is_expired(now));
		let lots = live.map(|order| order.lots).try_fold(0, Lots::checked_add)?;
		let quote = BookQuote { price: book.grid.price(tick)?, size: book.grid.size(lots)? };
		quote.size.is_positive().then_some(quote)
	}
}
