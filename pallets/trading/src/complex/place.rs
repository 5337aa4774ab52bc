//! What becomes of a complex order.

use super::{work::ComplexWork, ComplexTerms};
use crate::{work::Budget, Config, Error, Pallet};
use frame_support::{ensure, storage::with_storage_layer};
use plimsoll_primitives::{SubAccountId, UsdValue};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Trades all of an order's legs where that costs least, or rests the order.
	pub(crate) fn do_place_complex_order(
		account: &SubAccountId<T::AccountId>,
		terms: &ComplexTerms<T>,
		budget: &mut Budget<T>,
	) -> Result<ComplexWork, DispatchError> {
		Self::ensure_request_legs(&terms.legs)?;
		let mut work = ComplexWork::default();
		let package = Self::mirrored(&terms.legs)?;
		let offered = Self::best_maker(account, &package)?.filter(|cost| *cost <= terms.most);
		let books = Self::try_books(account, terms, offered, budget);
		if books.is_ok() {
			return Ok(work);
		}
		if Self::meet_makers(account, terms, &package, &mut work)? {
			return Ok(work);
		}
		match &terms.rest {
			Some(rest) => Self::rest_complex(account, terms, rest)?,
			// Why the books could not, or, where they were not asked, that nobody would.
			None => books?,
		}
		Ok(work)
	}

	/// Trades in the books, where there may be fills: for less than the best maker asks, if one does.
	fn try_books(
		account: &SubAccountId<T::AccountId>,
		terms: &ComplexTerms<T>,
		offered: Option<UsdValue>,
		budget: &mut Budget<T>,
	) -> Result<(), DispatchError> {
		ensure!(budget.bounds.fills > 0, Error::<T>::NotFilled);
		with_storage_layer(|| {
			let cost = Self::meet_books(account, terms, budget)?;
			ensure!(cost <= terms.most, Error::<T>::WorseThanLimit);
			ensure!(offered.is_none_or(|offered| cost < offered), Error::<T>::WorseThanLimit);
			Ok(())
		})
	}
}
