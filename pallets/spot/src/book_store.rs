//! A pair's book in this pallet's storage.

use crate::{BookPages, Config, LevelOf, Levels};
use core::marker::PhantomData;
use plimsoll_orderbook::{Page, PageId, Store, Tick};
use plimsoll_primitives::{CollateralId, OrderSide, SubAccountId};

/// The book of one pair.
pub(crate) struct BookStore<T> {
	collateral: CollateralId,
	_config: PhantomData<T>,
}

impl<T> BookStore<T> {
	pub fn new(collateral: CollateralId) -> Self {
		Self { collateral, _config: PhantomData }
	}
}

impl<T: Config> Store for BookStore<T> {
	type Owner = SubAccountId<T::AccountId>;
	type MaxOrders = T::MaxOrdersPerLevel;

	fn level(&self, side: OrderSide, tick: Tick) -> LevelOf<T> {
		Levels::<T>::get(self.collateral, (side, tick))
	}

	fn set_level(&mut self, side: OrderSide, tick: Tick, level: LevelOf<T>) {
		let key = (side, tick);
		if level.is_empty() {
			Levels::<T>::remove(self.collateral, key);
		} else {
			Levels::<T>::insert(self.collateral, key, level);
		}
	}

	fn page(&self, side: OrderSide, id: PageId) -> Page {
		BookPages::<T>::get(self.collateral, (side, id))
	}

	fn set_page(&mut self, side: OrderSide, id: PageId, page: Page) {
		let key = (side, id);
		if page.is_empty() {
			BookPages::<T>::remove(self.collateral, key);
		} else {
			BookPages::<T>::insert(self.collateral, key, page);
		}
	}
}

/// Part of the pallet's module.
#[frame_support::pallet_macros::pallet_section]
mod book_storage {
	/// The number of the next order.
	#[pallet::storage]
	pub type NextOrderId<T: Config> = StorageValue<_, OrderId, ValueQuery>;

	/// The orders that rest, by pair, side and price.
	#[pallet::storage]
	pub type Levels<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		CollateralId,
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
		CollateralId,
		Twox64Concat,
		(OrderSide, PageId),
		Page,
		ValueQuery,
	>;

	/// The pairs in whose books orders rest.
	#[pallet::storage]
	pub type Books<T: Config> = StorageMap<_, Blake2_128Concat, CollateralId, BookRecord>;

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
