//! An instrument's book in this pallet's storage.

use crate::{BookPages, Config, Levels};
use core::marker::PhantomData;
use plimsoll_orderbook::{Level, Page, PageId, Store, Tick};
use plimsoll_primitives::{Instrument, OrderSide, SubAccountId};

/// The book of one instrument.
pub(crate) struct BookStore<T> {
	instrument: Instrument,
	_config: PhantomData<T>,
}

impl<T> BookStore<T> {
	pub fn new(instrument: Instrument) -> Self {
		Self { instrument, _config: PhantomData }
	}
}

impl<T: Config> Store for BookStore<T> {
	type Owner = SubAccountId<T::AccountId>;
	type MaxOrders = T::MaxOrdersPerLevel;

	fn level(&self, side: OrderSide, tick: Tick) -> Level<Self::Owner, Self::MaxOrders> {
		Levels::<T>::get(self.instrument, (side, tick))
	}

	fn set_level(
		&mut self,
		side: OrderSide,
		tick: Tick,
		level: Level<Self::Owner, Self::MaxOrders>,
	) {
		if level.is_empty() {
			Levels::<T>::remove(self.instrument, (side, tick));
		} else {
			Levels::<T>::insert(self.instrument, (side, tick), level);
		}
	}

	fn page(&self, side: OrderSide, id: PageId) -> Page {
		BookPages::<T>::get(self.instrument, (side, id))
	}

	fn set_page(&mut self, side: OrderSide, id: PageId, page: Page) {
		if page.is_empty() {
			BookPages::<T>::remove(self.instrument, (side, id));
		} else {
			BookPages::<T>::insert(self.instrument, (side, id), page);
		}
	}
}
