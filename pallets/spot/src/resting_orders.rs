//! Orders that rest: what is kept of each beside its level, how it comes to rest and how it goes.

use crate::{
	book_store::BookStore,
	order::{as_block, BookRecord, CancelCause, Grid, OrderRecord, OrderTerms},
	place_order::{Account, ExchangeOf},
	BalanceOf, Books, Config, Error, Event, HoldReason, Orders, OrdersOf, Pairs, Pallet,
};
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, tokens::Precision, Get},
};
use plimsoll_orderbook::{cancel, BookError, Lots, OrderId, Store, Tick};
use plimsoll_primitives::{CollateralExchange, CollateralId};
use sp_runtime::{DispatchError, DispatchResult};

/// The record of an order of this runtime.
pub(crate) type OrderRecordOf<T> =
	OrderRecord<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

impl<T: Config> Pallet<T> {
	/// Notes an order that has come to rest in its level, and holds its deposit.
	pub(crate) fn note_resting(
		id: OrderId,
		account: &Account<T>,
		(order, grid): (&OrderTerms, &Grid),
		tick: Tick,
	) -> Result<OrderRecordOf<T>, DispatchError> {
		OrdersOf::<T>::try_mutate(account, |orders| orders.try_push(id))
			.map_err(|_| Error::<T>::TooManyOrders)?;
		let deposit = T::OrderDeposit::get();
		T::Currency::hold(&HoldReason::Order.into(), &account.owner, deposit)?;
		let (fee, _) = T::Exchange::fee_rates(&account.owner);
		let (account, collateral, side) = (account.clone(), order.collateral, order.side);
		let record = OrderRecord { account, collateral, side, tick, fee, deposit };
		Orders::<T>::insert(id, &record);
		Books::<T>::mutate(collateral, |book| {
			let book = book.get_or_insert(BookRecord { grid: *grid, orders: 0 });
			// One for each order: ids are used up no faster.
			book.orders = book.orders.saturating_add(1);
		});
		Ok(record)
	}

	/// Forgets an order that no level has any more, and gives its deposit back. Returns what was kept of it,
	/// and its book's steps.
	pub(crate) fn forget_order(id: OrderId) -> Result<(OrderRecordOf<T>, Grid), DispatchError> {
		let record = Orders::<T>::take(id).ok_or(Error::<T>::UnknownOrder)?;
		OrdersOf::<T>::mutate_exists(&record.account, |orders| {
			if let Some(ids) = orders {
				ids.retain(|of| *of != id);
			}
			*orders = orders.take().filter(|ids| !ids.is_empty());
		});
		let book = Books::<T>::get(record.collateral).ok_or(Error::<T>::UnknownOrder)?;
		let grid = book.grid;
		let left = BookRecord { orders: book.orders.saturating_sub(1), ..book };
		if left.orders == 0 {
			Books::<T>::remove(record.collateral);
		} else {
			Books::<T>::insert(record.collateral, left);
		}
		// Whatever became of the owner's funds, an order must be able to go.
		let owner = &record.account.owner;
		let reason = HoldReason::Order.into();
		T::Currency::release(&reason, owner, record.deposit, Precision::BestEffort)?;
		Ok((record, grid))
	}

	/// An order has left its level with `lots` unfilled: it is forgotten, and what was set aside for them
	/// comes back, within the trade that is open, if one is.
	pub(crate) fn note_cancelled(
		id: OrderId,
		lots: Lots,
		cause: CancelCause,
		exchange: Option<&mut ExchangeOf<'_, T>>,
	) -> DispatchResult {
		let (record, grid) = Self::forget_order(id)?;
		let cancelled = record.set_aside(&grid, lots).ok_or(Error::<T>::Overflow)?;
		match exchange {
			Some(exchange) => T::Exchange::release_during(exchange, &record.account, &cancelled)?,
			None => T::Exchange::release(&record.account, &cancelled)?,
		}
		Self::deposit_event(Event::OrderCancelled {
			order: id,
			account: record.account,
			collateral: record.collateral,
			amount: cancelled.amount,
			cause,
		});
		Ok(())
	}

	/// Takes a resting order out of its book.
	pub(crate) fn cancel_resting(id: OrderId, cause: CancelCause) -> DispatchResult {
		let record = Orders::<T>::get(id).ok_or(Error::<T>::UnknownOrder)?;
		let mut store = BookStore::<T>::new(record.collateral);
		let order = cancel(&mut store, record.side, record.tick, id).map_err(Error::<T>::from)?;
		Self::note_cancelled(id, order.lots, cause, None)
	}

	/// Cancels an order of `account`.
	pub(crate) fn do_cancel_order(account: &Account<T>, id: OrderId) -> DispatchResult {
		let record = Orders::<T>::get(id).ok_or(Error::<T>::UnknownOrder)?;
		ensure!(record.account == *account, Error::<T>::NotYourOrder);
		Self::cancel_resting(id, CancelCause::Requested)
	}

	/// Cancels all orders of `account`, or all in one pair.
	pub(crate) fn do_cancel_all(
		account: &Account<T>,
		collateral: Option<CollateralId>,
	) -> DispatchResult {
		for id in OrdersOf::<T>::get(account) {
			let is_asked = |of: CollateralId| collateral.is_none_or(|asked| asked == of);
			if Orders::<T>::get(id).is_some_and(|record| is_asked(record.collateral)) {
				Self::cancel_resting(id, CancelCause::Requested)?;
			}
		}
		Ok(())
	}

	/// Why anybody may cancel this order, if so.
	fn sweep_cause(id: OrderId) -> Option<CancelCause> {
		let record = Orders::<T>::get(id)?;
		if !Pairs::<T>::contains_key(record.collateral) {
			return Some(CancelCause::NotTraded);
		}
		let now = as_block(frame_system::Pallet::<T>::block_number());
		let level = BookStore::<T>::new(record.collateral).level(record.side, record.tick);
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
			BookError::ZeroLots => Self::ZeroAmount,
			BookError::TickOutOfRange => Self::PriceOutOfRange,
			BookError::AlreadyExpired => Self::OrderExpired,
			BookError::WouldFill => Self::WouldFill,
			// No order here is reduce-only.
			BookError::NotFilled | BookError::ReduceOnlyRests | BookError::NothingToReduce => {
				Self::NotFilled
			}
			BookError::LevelFull => Self::LevelFull,
			BookError::NoSuchOrder => Self::UnknownOrder,
		}
	}
}
