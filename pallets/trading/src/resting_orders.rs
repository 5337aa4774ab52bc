//! Orders that rest: what is kept of each beside its level, how it comes to rest and how it goes.

use crate::{
	book_store::BookStore,
	order::{as_block, BookRecord, CancelCause, Grid, OrderRecord},
	BalanceOf, Books, Config, Error, Event, HoldReason, Orders, OrdersOf, Pallet,
};
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, tokens::Precision, Get},
};
use plimsoll_orderbook::{cancel, BookError, Lots, OrderId, Store};
use plimsoll_primitives::{
	BookClearing, Instrument, InstrumentRegistry, OrderSide, Resting, SubAccountId,
};
use sp_runtime::{DispatchError, DispatchResult};

/// The record of an order of this runtime.
pub(crate) type OrderRecordOf<T> =
	OrderRecord<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

impl<T: Config> Pallet<T> {
	/// Notes an order that has come to rest in its level, and holds its deposit.
	pub(crate) fn note_resting(
		id: OrderId,
		account: &SubAccountId<T::AccountId>,
		(instrument, grid): (Instrument, Grid),
		(side, tick): (OrderSide, plimsoll_orderbook::Tick),
	) -> DispatchResult {
		OrdersOf::<T>::try_mutate(account, |orders| orders.try_push(id))
			.map_err(|_| Error::<T>::TooManyOrders)?;
		let deposit = T::OrderDeposit::get();
		T::Currency::hold(&HoldReason::Order.into(), &account.owner, deposit)?;
		let account = account.clone();
		Orders::<T>::insert(id, OrderRecord { account, instrument, side, tick, deposit });
		Books::<T>::mutate(instrument, |book| {
			let book = book.get_or_insert(BookRecord { grid, orders: 0, pressure: None });
			// One for each order: ids are used up no faster.
			book.orders = book.orders.saturating_add(1);
		});
		Ok(())
	}

	/// Forgets an order that no level has any more, and gives its deposit back.
	pub(crate) fn forget_order(id: OrderId) -> Result<OrderRecordOf<T>, DispatchError> {
		let record = Orders::<T>::take(id).ok_or(Error::<T>::UnknownOrder)?;
		OrdersOf::<T>::mutate_exists(&record.account, |orders| {
			if let Some(ids) = orders {
				ids.retain(|of| *of != id);
			}
			*orders = orders.take().filter(|ids| !ids.is_empty());
		});
		Books::<T>::mutate_exists(record.instrument, |book| {
			if let Some(book) = book {
				book.orders = book.orders.saturating_sub(1);
			}
			*book = book.take().filter(|book| book.orders > 0);
		});
		// Whatever became of the owner's funds, an order must be able to go.
		let owner = &record.account.owner;
		T::Currency::release(
			&HoldReason::Order.into(),
			owner,
			record.deposit,
			Precision::BestEffort,
		)?;
		Ok(record)
	}

	/// An order has left its level with `lots` unfilled: it is forgotten, and no longer counts for its
	/// account's margin.
	pub(crate) fn note_cancelled(
		id: OrderId,
		lots: Lots,
		grid: &Grid,
		cause: CancelCause,
	) -> DispatchResult {
		let record = Self::forget_order(id)?;
		let OrderRecord { account, instrument, side, tick, .. } = record;
		let size = grid.size(lots).ok_or(Error::<T>::TooLarge)?;
		let price = grid.price(tick).ok_or(Error::<T>::TooLarge)?;
		T::Clearing::release_order(&account, &Resting { instrument, side, size, price });
		Self::deposit_event(Event::OrderCancelled { order: id, account, instrument, size, cause });
		Ok(())
	}

	/// Cancels an order that rests.
	pub(crate) fn cancel_resting(id: OrderId, cause: CancelCause) -> DispatchResult {
		let record = Orders::<T>::get(id).ok_or(Error::<T>::UnknownOrder)?;
		let book = Books::<T>::get(record.instrument).ok_or(Error::<T>::UnknownOrder)?;
		let mut store = BookStore::<T>::new(record.instrument);
		let order = cancel(&mut store, record.side, record.tick, id).map_err(Error::<T>::from)?;
		Self::note_cancelled(id, order.lots, &book.grid, cause)
	}

	/// Cancels an order of `account`.
	pub(crate) fn do_cancel_order(
		account: &SubAccountId<T::AccountId>,
		id: OrderId,
	) -> DispatchResult {
		let record = Orders::<T>::get(id).ok_or(Error::<T>::UnknownOrder)?;
		ensure!(record.account == *account, Error::<T>::NotYourOrder);
		Self::cancel_resting(id, CancelCause::Requested)
	}

	/// Cancels all orders of `account`, or all in one instrument; returns how many there were.
	pub(crate) fn do_cancel_all(
		account: &SubAccountId<T::AccountId>,
		instrument: Option<Instrument>,
	) -> Result<u32, DispatchError> {
		let mut cancelled = 0u32;
		for id in OrdersOf::<T>::get(account) {
			let is_asked = |of: Instrument| instrument.is_none_or(|asked| asked == of);
			if Orders::<T>::get(id).is_some_and(|record| is_asked(record.instrument)) {
				Self::cancel_resting(id, CancelCause::Requested)?;
				cancelled = cancelled.saturating_add(1);
			}
		}
		Ok(cancelled)
	}

	/// Why anybody may cancel this order, if so.
	fn sweep_cause(id: OrderId) -> Option<CancelCause> {
		let record = Orders::<T>::get(id)?;
		// Listed anew with other ticks or lots, an instrument is not what its orders were for.
		let terms = T::Registry::tradable(&record.instrument).ok();
		let grid = terms.as_ref().map(|terms| Grid { tick: terms.tick, lot: terms.lot });
		let book = Books::<T>::get(record.instrument)?;
		if grid != Some(book.grid) {
			return Some(CancelCause::NotTradable);
		}
		if terms.is_some_and(|terms| terms.close_only) {
			let held = T::Clearing::position(&record.account, &record.instrument);
			let closes = match record.side {
				OrderSide::Buy => held.is_negative(),
				OrderSide::Sell => held.is_positive(),
			};
			if !closes {
				return Some(CancelCause::CloseOnly);
			}
		}
		let now = as_block(frame_system::Pallet::<T>::block_number());
		let level = BookStore::<T>::new(record.instrument).level(record.side, record.tick);
		let order = level.orders().iter().find(|order| order.id == id)?;
		order.is_expired(now).then_some(CancelCause::Expired)
	}

	/// Cancels those of `orders` that cannot fill any more; fails where there is none.
	pub(crate) fn do_sweep_orders(orders: &[OrderId]) -> DispatchResult {
		let mut has_swept = false;
		for id in orders {
			if let Some(cause) = Self::sweep_cause(*id) {
				Self::cancel_resting(*id, cause)?;
				has_swept = true;
			}
		}
		ensure!(has_swept, Error::<T>::NothingToSweep);
		Ok(())
	}
}

impl<T> From<BookError> for Error<T> {
	fn from(error: BookError) -> Self {
		match error {
			BookError::ZeroLots => Self::ZeroSize,
			BookError::TickOutOfRange => Self::PriceOutOfRange,
			BookError::AlreadyExpired => Self::OrderExpired,
			BookError::WouldFill => Self::WouldFill,
			BookError::NotFilled => Self::NotFilled,
			BookError::ReduceOnlyRests => Self::ReduceOnlyRests,
			BookError::NothingToReduce => Self::NothingToReduce,
			BookError::LevelFull => Self::LevelFull,
			BookError::NoSuchOrder => Self::UnknownOrder,
		}
	}
}
