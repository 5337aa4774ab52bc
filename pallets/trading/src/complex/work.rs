//! What complex orders weigh.

use super::makers::MOST_TRIES;
use crate::{weights::WeightInfo, work::Budget, Config, Pallet};
use frame_support::{traits::Get, weights::Weight};
use plimsoll_primitives::Clearing;

/// What placing one has done besides the books.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ComplexWork {
	/// Resting orders that it tried to trade with.
	pub tries: u32,
	/// Whether the books were asked a second time, after those that rest.
	pub asks_books_again: bool,
}

impl<T: Config> Pallet<T> {
	/// What so many tries weigh, of as many legs: each is a trade between two accounts of the largest size.
	fn tries_weight(legs: u32, tries: u32) -> Weight {
		T::WeightInfo::take_complex_order(legs)
			.saturating_add(T::Clearing::clear_surcharge())
			.saturating_mul(u64::from(tries))
	}

	/// What so many legs in their books weigh besides what their fills and their clearing do.
	fn legs_weight(legs: u32) -> Weight {
		T::WeightInfo::place_order(0).saturating_mul(u64::from(legs))
	}

	/// The most that placing a complex order of so many legs weighs.
	pub(crate) fn place_complex_weight(legs: u32, max_fills: u32) -> Weight {
		// The books may be asked twice, with the same fills.
		let orders = if max_fills == 0 { 0 } else { legs.saturating_mul(2) };
		T::WeightInfo::rest_complex_order(legs)
			.saturating_add(T::WeightInfo::note_seen())
			.saturating_add(Self::legs_weight(orders))
			.saturating_add(Self::orders_weight(orders, max_fills))
			.saturating_add(Self::tries_weight(legs, MOST_TRIES))
	}

	/// What it has weighed.
	pub(crate) fn placed_complex_weight(
		(legs, max_fills): (u32, u32),
		work: ComplexWork,
		budget: &Budget<T>,
	) -> Weight {
		let times = u32::from(max_fills > 0).saturating_add(u32::from(work.asks_books_again));
		let orders = legs.saturating_mul(times);
		T::WeightInfo::rest_complex_order(legs)
			.saturating_add(T::WeightInfo::note_seen())
			.saturating_add(Self::legs_weight(orders))
			.saturating_add(Self::used_weight(orders, budget))
			.saturating_add(Self::tries_weight(legs, work.tries))
	}

	/// What cancelling so many of an account weighs.
	pub(crate) fn cancel_complex_weight(orders: u32) -> Weight {
		T::WeightInfo::cancel_complex_order().saturating_mul(u64::from(orders))
	}

	/// What cancelling all that an account may have weighs.
	pub(crate) fn most_complex_weight() -> Weight {
		Self::cancel_complex_weight(T::MaxRequestsPerAccount::get())
	}
}
