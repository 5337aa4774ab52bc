//! What becomes of a complex order.

use super::{work::ComplexWork, ComplexTerms};
use crate::{work::Budget, Config, Error, Event, Pallet};
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
		let (mut books, known) = Self::try_books(account, terms, offered, budget);
		if books.is_err() {
			// Nobody who asks more than the books is met.
			let most = known.map_or(terms.most, |cost| cost.min(terms.most));
			if Self::meet_makers(account, most, &package, &mut work)? {
				return Ok(work);
			}
			if offered.is_some() && budget.bounds.fills > 0 {
				// Who had offered less could not: no offer shall keep others from the books.
				work.asks_books_again = true;
				(books, _) = Self::try_books(account, terms, None, budget);
			}
		}
		match (books, &terms.rest) {
			(Ok(()), _) => {}
			(Err(_), Some(rest)) => Self::rest_complex(account, terms, rest)?,
			// Those that could not trade have been cancelled, and must stay so for the next to find others.
			(Err(error), None) if work.tries > 0 => {
				let account = account.clone();
				Self::deposit_event(Event::ComplexOrderUnfilled { account, error });
			}
			// Why the books could not, or, where they were not asked, that nobody would.
			(Err(error), None) => return Err(error),
		}
		Ok(work)
	}

	/// Trades in the books, where there may be fills: for less than the best maker asks, if one does. Tells
	/// also what they cost, where all legs fill, whether that is taken or not.
	fn try_books(
		account: &SubAccountId<T::AccountId>,
		terms: &ComplexTerms<T>,
		offered: Option<UsdValue>,
		budget: &mut Budget<T>,
	) -> (Result<(), DispatchError>, Option<UsdValue>) {
		if budget.bounds.fills == 0 {
			return (Err(Error::<T>::NotFilled.into()), None);
		}
		let mut known = None;
		let traded = with_storage_layer(|| {
			let cost = Self::meet_books(account, terms, budget)?;
			known = Some(cost);
			ensure!(cost <= terms.most, Error::<T>::WorseThanLimit);
			ensure!(offered.is_none_or(|offered| cost < offered), Error::<T>::WorseThanLimit);
			Ok(())
		});
		(traded, known)
	}
}
