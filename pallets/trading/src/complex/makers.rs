//! The whole of a complex order against those that rest and want the opposite.

use super::{work::ComplexWork, ComplexOrder, PackageId};
use crate::{
	order::{as_block, CancelCause},
	ComplexBooks, ComplexOrders, ComplexOrdersOf, Config, Error, Event, Pallet, RequestLeg,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::BoundedVec;
use plimsoll_orderbook::OrderId;
use plimsoll_primitives::{
	Clearing, Contracts, Fill, FillError, Instrument, SubAccountId, UsdValue,
};
use sp_io::hashing::blake2_256;
use sp_runtime::{DispatchError, SaturatedConversion};

/// How many resting orders one that comes in looks at: each may be a trade between two accounts of the largest
/// size that comes to nothing, and all of them must fit a block beside what the books may do.
pub(crate) const MOST_TRIES: u32 = 2;

/// What a maker was found to be.
enum Tried {
	/// It has traded.
	Filled,
	/// It cannot, and its order goes.
	Refused(CancelCause),
}

impl<T: Config> Pallet<T> {
	/// What names a package of these legs.
	pub(crate) fn package(legs: impl Iterator<Item = (Instrument, Contracts)>) -> PackageId {
		let mut legs: Vec<_> = legs.collect();
		legs.sort_unstable_by_key(|(instrument, _)| *instrument);
		blake2_256(&legs.encode())
	}

	/// What names the package that is the opposite of these legs.
	pub(crate) fn mirrored(legs: &[RequestLeg]) -> Result<PackageId, Error<T>> {
		let opposite = |leg: &RequestLeg| Some((leg.instrument, leg.size.checked_neg()?));
		let legs: Option<Vec<_>> = legs.iter().map(opposite).collect();
		Ok(Self::package(legs.ok_or(Error::<T>::TooLarge)?.into_iter()))
	}

	/// What trades, from a taker's side, where it meets the order.
	fn taken(order: &ComplexOrder<T>) -> Result<Vec<Fill>, Error<T>> {
		let opposite = |leg: &Fill| Some(Fill { size: leg.size.checked_neg()?, ..*leg });
		let fills: Option<Vec<_>> = order.legs.iter().map(opposite).collect();
		fills.ok_or(Error::<T>::TooLarge)
	}

	/// Those of a package that an account may look at, the best first: not its own.
	fn others(
		account: &SubAccountId<T::AccountId>,
		package: &PackageId,
	) -> impl Iterator<Item = OrderId> {
		let own = ComplexOrdersOf::<T>::get(account);
		let all = ComplexBooks::<T>::get(package).into_iter().map(|standing| standing.order);
		all.filter(move |order| !own.contains(order)).take(MOST_TRIES.saturated_into())
	}

	/// What the best of those that rest asks of an account for the opposite of `package`; none where
	/// another's does not rest.
	pub(crate) fn best_maker(
		account: &SubAccountId<T::AccountId>,
		package: &PackageId,
	) -> Result<Option<UsdValue>, Error<T>> {
		let Some(id) = Self::others(account, package).next() else { return Ok(None) };
		let order = ComplexOrders::<T>::get(id).ok_or(Error::<T>::UnknownOrder)?;
		Self::net_cost(&Self::taken(&order)?).map(Some)
	}

	/// Trades with the best of those that rest and ask no more than `most`; those that cannot
	/// trade are cancelled on the way. False where none was found.
	pub(crate) fn meet_makers(
		account: &SubAccountId<T::AccountId>,
		most: UsdValue,
		package: &PackageId,
		work: &mut ComplexWork,
	) -> Result<bool, DispatchError> {
		for id in Self::others(account, package) {
			let order = ComplexOrders::<T>::get(id).ok_or(Error::<T>::UnknownOrder)?;
			let fills = Self::taken(&order)?;
			if Self::net_cost(&fills)? > most {
				break;
			}
			work.tries = work.tries.saturating_add(1);
			match Self::try_maker(account, &order, &fills)? {
				Tried::Filled => {
					Self::note_complex_fill(account, id, order, fills)?;
					return Ok(true);
				}
				Tried::Refused(cause) => Self::cancel_complex(id, order, cause)?,
			}
		}
		Ok(false)
	}

	/// Trades with a resting order, or says why that cannot.
	fn try_maker(
		account: &SubAccountId<T::AccountId>,
		order: &ComplexOrder<T>,
		fills: &[Fill],
	) -> Result<Tried, DispatchError> {
		if let Some(cause) = Self::end_of_complex(order) {
			return Ok(Tried::Refused(cause));
		}
		let now = as_block(frame_system::Pallet::<T>::block_number());
		if Self::is_silent(&order.account, now) {
			return Ok(Tried::Refused(CancelCause::Silence));
		}
		match Self::ensure_legs(fills) {
			Ok(()) => {}
			Err(error) if error == Error::<T>::PriceOutsideBand.into() => {
				return Ok(Tried::Refused(CancelCause::PriceBand));
			}
			// Without a mark nobody can trade: a feed that is out must not take orders with it.
			Err(error) => return Err(error),
		}
		match T::Clearing::clear(account, &order.account, fills) {
			Ok(()) => Ok(Tried::Filled),
			Err(FillError::MakerRefused(error)) => Ok(Tried::Refused(CancelCause::Refused(error))),
			Err(FillError::Stopped(error) | FillError::Failed(error)) => Err(error),
		}
	}

	/// A resting order has traded.
	fn note_complex_fill(
		taker: &SubAccountId<T::AccountId>,
		id: OrderId,
		order: ComplexOrder<T>,
		fills: Vec<Fill>,
	) -> Result<(), DispatchError> {
		Self::forget_complex(id, &order)?;
		Self::deposit_event(Event::ComplexOrderTaken {
			order: id,
			taker: taker.clone(),
			maker: order.account,
			legs: BoundedVec::truncate_from(fills),
		});
		Ok(())
	}
}
