//! The whole of a complex order against those that rest and want the opposite.

use super::{work::ComplexWork, ComplexOrder, ComplexTerms, PackageId};
use crate::{
	order::{as_block, CancelCause},
	ComplexBooks, ComplexOrders, Config, Error, Event, Pallet, RequestLeg,
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
pub(crate) const MOST_TRIES: u32 = 3;

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

	/// What the best of those that rest asks of an account for the opposite of `package`; none where
	/// another's does not rest.
	pub(crate) fn best_maker(
		account: &SubAccountId<T::AccountId>,
		package: &PackageId,
	) -> Result<Option<UsdValue>, Error<T>> {
		for standing in ComplexBooks::<T>::get(package).iter().take(MOST_TRIES.saturated_into()) {
			let order = ComplexOrders::<T>::get(standing.order).ok_or(Error::<T>::UnknownOrder)?;
			if order.account != *account {
				return Self::net_cost(&Self::taken(&order)?).map(Some);
			}
		}
		Ok(None)
	}

	/// Trades with the best of those that rest and ask no more than the order's most; those that cannot
	/// trade are cancelled on the way, those of the account itself are passed over. False where none was
	/// found.
	pub(crate) fn meet_makers(
		account: &SubAccountId<T::AccountId>,
		terms: &ComplexTerms<T>,
		package: &PackageId,
		work: &mut ComplexWork,
	) -> Result<bool, DispatchError> {
		for standing in
			ComplexBooks::<T>::get(package).into_iter().take(MOST_TRIES.saturated_into())
		{
			let id = standing.order;
			let order = ComplexOrders::<T>::get(id).ok_or(Error::<T>::UnknownOrder)?;
			let fills = Self::taken(&order)?;
			if order.account == *account {
				continue;
			}
			if Self::net_cost(&fills)? > terms.most {
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
		let now = frame_system::Pallet::<T>::block_number();
		if order.until < now {
			return Ok(Tried::Refused(CancelCause::Expired));
		}
		if Self::is_silent(&order.account, as_block(now)) {
			return Ok(Tried::Refused(CancelCause::Silence));
		}
		if let Err(error) = Self::ensure_legs(fills) {
			let is_far = error == Error::<T>::PriceOutsideBand.into();
			let cause = if is_far { CancelCause::PriceBand } else { CancelCause::Refused(error) };
			return Ok(Tried::Refused(cause));
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
