//! How complex orders come to rest and go.
//!
//! One that rests takes no margin, as an answer to a request for quotes does not: both sides pass the gate
//! when it trades, and one that fails it then is cancelled at no cost to who met it.

use super::{ComplexOrder, ComplexRest, ComplexStanding, ComplexTerms, PackageId};
use crate::{
	order::CancelCause, ComplexBooks, ComplexOrders, ComplexOrdersOf, Config, Error, Event,
	HoldReason, NextOrderId, Pallet,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, Get},
	BoundedVec,
};
use plimsoll_orderbook::OrderId;
use plimsoll_primitives::{Clearing, Fill, SubAccountId};
use sp_runtime::{traits::Saturating, DispatchError, DispatchResult};

impl<T: Config> ComplexOrder<T> {
	/// What names its package.
	pub(crate) fn package(&self) -> PackageId {
		crate::Pallet::<T>::package(self.legs.iter().map(|leg| (leg.instrument, leg.size)))
	}
}

impl<T: Config> Pallet<T> {
	/// Rests an order that did not trade.
	pub(crate) fn rest_complex(
		account: &SubAccountId<T::AccountId>,
		terms: &ComplexTerms<T>,
		rest: &ComplexRest<T>,
	) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(rest.until >= now, Error::<T>::OrderExpired);
		// Exact: the last block isn't before `now`.
		let lifetime = rest.until.saturating_sub(now);
		ensure!(lifetime <= T::MaxQuoteLifetime::get(), Error::<T>::ExpiryTooFar);
		let legs = Self::priced(terms, rest)?;
		for leg in &legs {
			let terms = Self::ensure_within_terms(leg)?;
			ensure!(!terms.halted, Error::<T>::TradingHalted);
		}
		let cost = Self::net_cost(&legs)?;
		ensure!(cost <= terms.most, Error::<T>::WorseThanLimit);
		let id = NextOrderId::<T>::get();
		NextOrderId::<T>::put(id.checked_add(1).ok_or(Error::<T>::TooLarge)?);
		let deposit = T::QuoteDeposit::get();
		T::Currency::hold(&HoldReason::Quote.into(), &account.owner, deposit)?;
		let (account, until) = (account.clone(), rest.until);
		let legs = BoundedVec::truncate_from(legs);
		let order = ComplexOrder::<T> { account: account.clone(), legs, until, deposit };
		let package = order.package();
		Self::make_room(&package, ComplexStanding { order: id, cost })?;
		ComplexOrdersOf::<T>::try_mutate(&account, |orders| orders.try_push(id))
			.map_err(|_| Error::<T>::TooManyOrders)?;
		ComplexBooks::<T>::try_mutate(package, |standings| {
			// Those that pay as much are older.
			let at = standings.partition_point(|other| other.cost >= cost);
			standings.try_insert(at, ComplexStanding { order: id, cost })
		})
		.map_err(|_| Error::<T>::LevelFull)?;
		let legs = order.legs.clone();
		ComplexOrders::<T>::insert(id, order);
		Self::deposit_event(Event::ComplexOrderRests { order: id, account, legs, until });
		Ok(())
	}

	/// An order's legs with their prices.
	fn priced(terms: &ComplexTerms<T>, rest: &ComplexRest<T>) -> Result<Vec<Fill>, Error<T>> {
		ensure!(terms.legs.len() == rest.prices.len(), Error::<T>::WrongNumberOfPrices);
		let legs = terms.legs.iter().zip(&rest.prices);
		Ok(legs
			.map(|(leg, price)| Fill { instrument: leg.instrument, size: leg.size, price: *price })
			.collect())
	}

	/// Where as many orders of the package rest as may, cancels one that has expired, or else the one that
	/// pays least, if it pays less than the new one: nobody fills all places with orders that never trade.
	fn make_room(package: &PackageId, new: ComplexStanding) -> DispatchResult {
		let standings = ComplexBooks::<T>::get(package);
		let most = usize::try_from(T::MaxOrdersPerLevel::get()).unwrap_or(usize::MAX);
		if standings.len() < most {
			return Ok(());
		}
		let now = frame_system::Pallet::<T>::block_number();
		for standing in &standings {
			let Some(order) = ComplexOrders::<T>::get(standing.order) else { continue };
			if order.until < now {
				return Self::cancel_complex(standing.order, order, CancelCause::Expired);
			}
		}
		let last = standings.last().filter(|last| last.cost < new.cost);
		let last = last.ok_or(Error::<T>::LevelFull)?;
		let order = ComplexOrders::<T>::get(last.order).ok_or(Error::<T>::UnknownOrder)?;
		Self::cancel_complex(last.order, order, CancelCause::Displaced)
	}

	/// Cancels an order for one who may trade for its account, or, where it cannot trade any more, for
	/// anybody.
	pub(crate) fn do_cancel_complex_order(who: &T::AccountId, id: OrderId) -> DispatchResult {
		let order = ComplexOrders::<T>::get(id).ok_or(Error::<T>::UnknownOrder)?;
		let cause = if T::Clearing::may_trade(who, &order.account) {
			Self::note_seen(&order.account);
			CancelCause::Requested
		} else {
			Self::end_of_complex(&order).ok_or(Error::<T>::NotYourOrder)?
		};
		Self::cancel_complex(id, order, cause)
	}

	/// Why the order can never trade again, if so.
	pub(crate) fn end_of_complex(order: &ComplexOrder<T>) -> Option<CancelCause> {
		if order.until < frame_system::Pallet::<T>::block_number() {
			return Some(CancelCause::Expired);
		}
		let is_dead = order.legs.iter().any(|leg| Self::ensure_within_terms(leg).is_err());
		is_dead.then_some(CancelCause::NotTradable)
	}

	/// Cancels all of an account's. Returns how many there were, [`Config::MaxRequestsPerAccount`] at most.
	pub(crate) fn cancel_all_complex(
		account: &SubAccountId<T::AccountId>,
	) -> Result<u32, DispatchError> {
		let mut cancelled = 0u32;
		for id in ComplexOrdersOf::<T>::get(account) {
			let order = ComplexOrders::<T>::get(id).ok_or(Error::<T>::UnknownOrder)?;
			Self::cancel_complex(id, order, CancelCause::Requested)?;
			cancelled = cancelled.saturating_add(1);
		}
		Ok(cancelled)
	}

	/// Cancels an order that rests.
	pub(crate) fn cancel_complex(
		id: OrderId,
		order: ComplexOrder<T>,
		cause: CancelCause,
	) -> DispatchResult {
		Self::forget_complex(id, &order)?;
		let account = order.account;
		Self::deposit_event(Event::ComplexOrderCancelled { order: id, account, cause });
		Ok(())
	}

	/// Forgets an order and gives its deposit back.
	pub(crate) fn forget_complex(id: OrderId, order: &ComplexOrder<T>) -> DispatchResult {
		ComplexOrders::<T>::remove(id);
		ComplexBooks::<T>::mutate_exists(order.package(), |standings| {
			if let Some(all) = standings {
				all.retain(|standing| standing.order != id);
			}
			*standings = standings.take().filter(|all| !all.is_empty());
		});
		ComplexOrdersOf::<T>::mutate_exists(&order.account, |orders| {
			if let Some(ids) = orders {
				ids.retain(|of| *of != id);
			}
			*orders = orders.take().filter(|ids| !ids.is_empty());
		});
		Self::release_quote_deposit(&order.account, order.deposit)
	}
}
