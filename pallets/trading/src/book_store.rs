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

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod book_storage {
	/// The number of the next order.
	#[pallet::storage]
	pub type NextOrderId<T: Config> = StorageValue<_, OrderId, ValueQuery>;

	/// The orders that rest, by instrument, side and price.
	#[pallet::storage]
	pub type Levels<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		Instrument,
		Twox64Concat,
		(OrderSide, Tick),
		LevelOf<T>,
		ValueQuery,
	>;

	/// Which of a book's levels exist.
	#[pallet::storage]
	pub type BookPages<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		Instrument,
		Twox64Concat,
		(OrderSide, PageId),
		Page,
		ValueQuery,
	>;

	/// The instruments in whose books orders rest.
	#[pallet::storage]
	pub type Books<T: Config> = StorageMap<_, Blake2_128Concat, Instrument, BookRecord>;

	/// The book that upkeep has looked at last.
	#[pallet::storage]
	pub type BookCursor<T: Config> = StorageValue<_, Instrument>;

	/// Where each resting order stands.
	#[pallet::storage]
	pub type Orders<T: Config> =
		StorageMap<_, Twox64Concat, OrderId, OrderRecord<T::AccountId, BalanceOf<T>>>;

	/// Each account's resting orders, oldest first.
	#[pallet::storage]
	pub type OrdersOf<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		SubAccountId<T::AccountId>,
		BoundedVec<OrderId, T::MaxOrdersPerAccount>,
		ValueQuery,
	>;
}
