//! What is open of each account's orders: sizes and limits, summed by instrument and side. The orders
//! themselves are the trading pallet's; the gate needs no more than these sums.
//!
//! The sum of one side is a bound on every part of it where all its limits are on the same side of mark,
//! as they are in a book that follows it. Where some are worse than mark and others better, what the
//! better ones would gain makes up for what the worse ones give away, at most. No loss hangs on that: a
//! maker passes the gate at each fill, with what has really filled.

use crate::{
	open_account::OpenAccount, AccountOf, Accounts, Config, Delegates, Error, Event,
	OpenOrderTotals, OrdersOf, Pallet, SubAccountIdOf,
};
use alloc::vec::Vec;
use frame_support::traits::Time;
use plimsoll_primitives::{money, Contracts, OrderSide, OrderTotals, Resting, Rounding, UsdValue};
use plimsoll_risk::OpenOrder;

/// What the gate looks at.
pub(crate) struct Standing<'a, T: Config> {
	/// What is held.
	pub record: &'a AccountOf<T>,
	/// What may fill.
	pub orders: &'a [OrderTotals],
}

impl<'a, T: Config> Standing<'a, T> {
	/// An account with its open orders.
	pub fn new(record: &'a AccountOf<T>, orders: &'a [OrderTotals]) -> Self {
		Self { record, orders }
	}

	/// What is held alone: maintenance margin is of nothing else.
	pub fn held(record: &'a AccountOf<T>) -> Self {
		Self { record, orders: &[] }
	}

	/// Whether no price and no fill can ever make it owe anything.
	pub fn owes_nothing(&self) -> bool {
		self.record.owes_nothing() && self.orders.is_empty()
	}

	/// Its orders as the risk engine reads them; none of those that cannot fill any more.
	pub fn may_fill(&self) -> Vec<OpenOrder> {
		if self.orders.is_empty() {
			return Vec::new();
		}
		let now = T::Time::now();
		let living =
			|totals: &&OrderTotals| totals.instrument.expiry().is_none_or(|expiry| expiry > now);
		let mut orders = Vec::with_capacity(self.orders.len().saturating_mul(2));
		for totals in self.orders.iter().filter(living) {
			let instrument = totals.instrument;
			// Neither is below zero, so both have negatives.
			let sells = totals.sells.checked_neg().zip(totals.sells_value.checked_neg());
			for (size, value) in
				[Some((totals.buys, totals.buys_value)), sells].into_iter().flatten()
			{
				if !size.is_zero() {
					orders.push(OpenOrder { instrument, size, value });
				}
			}
		}
		orders
	}
}

/// The size and value of one side.
fn side_of(totals: &mut OrderTotals, side: OrderSide) -> (&mut Contracts, &mut UsdValue) {
	match side {
		OrderSide::Buy => (&mut totals.buys, &mut totals.buys_value),
		OrderSide::Sell => (&mut totals.sells, &mut totals.sells_value),
	}
}

/// Against the account: what buying costs up, what selling brings down.
const fn rounding(side: OrderSide) -> Rounding {
	match side {
		OrderSide::Buy => Rounding::Up,
		OrderSide::Sell => Rounding::Down,
	}
}

const fn opposite(rounding: Rounding) -> Rounding {
	match rounding {
		Rounding::Up => Rounding::Down,
		Rounding::Down => Rounding::Up,
	}
}

/// Adds an order. `None` on overflow.
fn add(totals: &mut OrderTotals, order: &Resting) -> Option<()> {
	let value = money::value(order.price, order.size, rounding(order.side))?;
	let (size, sum) = side_of(totals, order.side);
	let (new_size, new_sum) = (size.checked_add(order.size)?, sum.checked_add(value)?);
	(*size, *sum) = (new_size, new_sum);
	Some(())
}

/// Takes an order, or a part of one, off again: at least all of the size that it was added with, and
/// never more than there is. With the last of a side goes all of its value; until then what rounding
/// leaves is against the account.
fn remove(totals: &mut OrderTotals, taken: &Resting) {
	let value = money::value(taken.price, taken.size, opposite(rounding(taken.side)));
	let (size, sum) = side_of(totals, taken.side);
	*size = size.checked_sub(taken.size).unwrap_or_default().max(Contracts::ZERO);
	let left = value.and_then(|value| sum.checked_sub(value)).unwrap_or_default();
	*sum = if size.is_zero() { UsdValue::ZERO } else { left.max(UsdValue::ZERO) };
}

impl<T: Config> Pallet<T> {
	/// Adds an order to an account's.
	pub(crate) fn add_order(orders: &mut OrdersOf<T>, order: &Resting) -> Result<(), Error<T>> {
		let at = match orders.binary_search_by_key(&order.instrument, |of| of.instrument) {
			Ok(at) => at,
			Err(at) => {
				let none = OrderTotals::none(order.instrument);
				orders.try_insert(at, none).map_err(|_| Error::<T>::TooManyOrderInstruments)?;
				at
			}
		};
		let totals = orders.get_mut(at).ok_or(Error::<T>::Overflow)?;
		add(totals, order).ok_or(Error::<T>::Overflow)
	}

	/// Takes an order, or a part of one, off an account's.
	pub(crate) fn remove_order(orders: &mut OrdersOf<T>, taken: &Resting) {
		let found = orders.binary_search_by_key(&taken.instrument, |of| of.instrument);
		let Ok(at) = found else { return };
		let Some(totals) = orders.get_mut(at) else { return };
		remove(totals, taken);
		if totals.is_empty() {
			orders.remove(at);
		}
	}

	/// Writes what is open of an account's orders.
	pub(crate) fn put_orders(account: &SubAccountIdOf<T>, orders: &OrdersOf<T>) {
		if orders.is_empty() {
			OpenOrderTotals::<T>::remove(account);
		} else {
			OpenOrderTotals::<T>::insert(account, orders);
		}
	}

	/// See [`plimsoll_primitives::BookClearing::release_order`]. An account of which nothing else was
	/// left goes with its last order.
	pub(crate) fn do_release_order(account: &SubAccountIdOf<T>, cancelled: &Resting) {
		let mut orders = OpenOrderTotals::<T>::get(account);
		Self::remove_order(&mut orders, cancelled);
		Self::put_orders(account, &orders);
		if orders.is_empty()
			&& Accounts::<T>::get(account).is_some_and(|of| Self::is_abandoned(account, &of))
		{
			Self::forget(account);
		}
	}

	/// Removes an account that holds nothing, with its delegates.
	pub(crate) fn forget(account: &SubAccountIdOf<T>) {
		if Accounts::<T>::take(account).is_some() {
			Delegates::<T>::remove(account);
			Self::deposit_event(Event::AccountClosed { account: account.clone() });
		}
	}
}

impl<T: Config> OpenAccount<T> {
	/// What is open of its orders.
	pub fn orders(&self) -> OrdersOf<T> {
		OpenOrderTotals::<T>::get(&self.id)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use plimsoll_primitives::{Instrument, Price, UnderlyingId};
	use proptest::prelude::*;

	fn order(side: OrderSide, size: i128, price: u128) -> Resting {
		Resting {
			instrument: Instrument::perpetual(UnderlyingId(0)),
			side,
			size: Contracts::from_inner(size),
			price: Price::from_inner(price),
		}
	}

	#[test]
	fn totals_refuse_an_order_when_it_does_not_fit() {
		let mut totals = OrderTotals::none(Instrument::perpetual(UnderlyingId(0)));
		let before = totals;
		assert_eq!(add(&mut totals, &order(OrderSide::Buy, i128::MAX, u128::MAX)), None);
		assert_eq!(totals, before);
	}

	proptest! {
		#[test]
		fn totals_come_to_nothing_when_all_is_taken_off_in_parts(
			buys in any::<bool>(),
			orders in proptest::collection::vec((2i128..1 << 70, 1u128..1 << 70, 1i128..1 << 70), 1..8),
		) {
			let side = if buys { OrderSide::Buy } else { OrderSide::Sell };
			let mut totals = OrderTotals::none(Instrument::perpetual(UnderlyingId(0)));
			for (size, price, _) in &orders {
				add(&mut totals, &order(side, *size, *price)).expect("fits");
			}
			for (size, price, part) in &orders {
				let part = (part % size).max(1);
				remove(&mut totals, &order(side, part, *price));
				let (left, value) = side_of(&mut totals, side);
				prop_assert!(!left.is_negative() && !value.is_negative());
				remove(&mut totals, &order(side, size - part, *price));
			}
			prop_assert_eq!(totals, OrderTotals::none(totals.instrument));
		}
	}
}
