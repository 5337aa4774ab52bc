//! How much one call may do, and what it weighs.

use crate::{silence::SilenceWork, weights::WeightInfo, Config, Error, Pallet};
use frame_support::{ensure, traits::Get, weights::Weight};
use plimsoll_orderbook::Bounds;
use plimsoll_primitives::{BookClearing, OpenOrders};

/// What a call may still do and what its orders share. All orders of a batch have one.
pub(crate) struct Budget<T: Config> {
	/// Fills and removals of resting orders that stand in the way.
	pub bounds: Bounds,
	/// What clearing keeps from one order to the next, with a count of what it weighed.
	pub session: <T::Clearing as BookClearing<T::AccountId>>::Session,
	asked: Bounds,
}

impl<T: Config> Budget<T> {
	/// As much as a caller asks for.
	pub fn new(max_fills: u32) -> Result<Self, Error<T>> {
		ensure!(max_fills <= T::MaxFills::get(), Error::<T>::TooManyFills);
		let bounds = Bounds { fills: max_fills, removals: T::MaxRemovals::get() };
		Ok(Self { bounds, session: Default::default(), asked: bounds })
	}

	/// How many fills and removals were used.
	fn used(&self) -> (u32, u32) {
		(
			self.asked.fills.saturating_sub(self.bounds.fills),
			self.asked.removals.saturating_sub(self.bounds.removals),
		)
	}
}

/// What upkeep has done besides looking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Upkeep {
	/// Orders of a dead book that it cancelled.
	pub cancels: u32,
	/// Whether a complex order ended.
	pub complex: bool,
	/// How many answers went with a request, if one ended.
	pub answers: Option<u32>,
}

impl<T: Config> Pallet<T> {
	/// What this pallet does for each fill and each removal, made as often as that; without clearing. A
	/// fill may have paid for a removal.
	fn book_weight(fills: u32, removals: u32) -> Weight {
		let a_removal = T::WeightInfo::cancel_order().saturating_add(T::Clearing::release_weight());
		let filled =
			T::WeightInfo::place_order(fills).saturating_sub(T::WeightInfo::place_order(0));
		let removed = a_removal.saturating_mul(u64::from(fills));
		filled.max(removed).saturating_add(a_removal.saturating_mul(u64::from(removals)))
	}

	/// What `orders` orders of one account may add to a call's own weight when they share `max_fills`.
	/// The market that they are valued on is worked out once, however many they are, and is in the proof
	/// once, as the account is. Clearing is asked for each fill, and for each removal too, since a maker
	/// that it refuses costs one; for none of them where there may be no fill.
	pub(crate) fn orders_weight(orders: u32, max_fills: u32) -> Weight {
		let first = T::Clearing::matching_weight();
		let further = T::Clearing::further_matching_weight().ref_time();
		let further = further.saturating_mul(u64::from(orders.saturating_sub(1)));
		let opened = if orders == 0 {
			Weight::zero()
		} else {
			first.saturating_add(Weight::from_parts(further, 0))
		};
		let removals = T::MaxRemovals::get();
		let asked = if max_fills == 0 { 0 } else { max_fills.saturating_add(removals) };
		let filled = T::Clearing::fill_weight().saturating_mul(u64::from(asked));
		let released = T::Clearing::release_weight().saturating_mul(u64::from(orders));
		Self::book_weight(max_fills, removals)
			.saturating_add(opened)
			.saturating_add(filled)
			.saturating_add(released)
	}

	/// What they have added.
	pub(crate) fn used_weight(orders: u32, budget: &Budget<T>) -> Weight {
		let (fills, removals) = budget.used();
		let released = T::Clearing::release_weight().saturating_mul(u64::from(orders));
		Self::book_weight(fills, removals)
			.saturating_add(T::Clearing::used_weight(&budget.session))
			.saturating_add(released)
	}

	/// The most that placing an order weighs.
	pub(crate) fn place_weight(max_fills: u32) -> Weight {
		T::WeightInfo::place_order(0)
			.saturating_add(T::WeightInfo::note_seen())
			.saturating_add(Self::orders_weight(1, max_fills))
	}

	/// What it has weighed.
	pub(crate) fn placed_weight(budget: &Budget<T>) -> Weight {
		T::WeightInfo::place_order(0)
			.saturating_add(T::WeightInfo::note_seen())
			.saturating_add(Self::used_weight(1, budget))
	}

	/// The most that replacing an order weighs.
	pub(crate) fn replace_weight(max_fills: u32) -> Weight {
		T::WeightInfo::replace_order()
			.saturating_add(T::WeightInfo::note_seen())
			.saturating_add(Self::orders_weight(1, max_fills))
	}

	/// What it has weighed.
	pub(crate) fn replaced_weight(budget: &Budget<T>) -> Weight {
		T::WeightInfo::replace_order()
			.saturating_add(T::WeightInfo::note_seen())
			.saturating_add(Self::used_weight(1, budget))
	}

	/// The most that a batch of so many operations weighs.
	pub(crate) fn batch_weight(operations: u32, max_fills: u32) -> Weight {
		T::WeightInfo::batch(operations)
			.saturating_add(T::WeightInfo::note_seen())
			.saturating_add(Self::orders_weight(operations, max_fills))
	}

	/// What it has weighed.
	pub(crate) fn batched_weight(operations: u32, budget: &Budget<T>) -> Weight {
		T::WeightInfo::batch(operations)
			.saturating_add(T::WeightInfo::note_seen())
			.saturating_add(Self::used_weight(operations, budget))
	}

	/// What cancelling so many orders at once weighs, at most.
	pub(crate) fn cancel_all_weight(orders: u32) -> Weight {
		let released = T::Clearing::release_weight().saturating_mul(u64::from(orders));
		T::WeightInfo::cancel_all(orders)
			.saturating_add(T::WeightInfo::note_seen())
			.saturating_add(released)
			.saturating_add(Self::most_complex_weight())
	}

	/// What cancelling one order weighs, complex or not.
	pub(crate) fn cancel_weight() -> Weight {
		let plain = T::WeightInfo::cancel_order().saturating_add(T::Clearing::release_weight());
		plain.max(T::WeightInfo::cancel_complex_order())
	}

	/// What cancelling any order of an account weighs, in collateral or not.
	pub(crate) fn cancel_any_weight() -> Weight {
		Self::cancel_weight().max(T::CollateralOrders::cancel_weight())
	}

	/// The most that sweeping so many orders weighs.
	pub(crate) fn sweep_weight(orders: u32) -> Weight {
		let released = T::Clearing::release_weight().saturating_mul(u64::from(orders));
		T::WeightInfo::sweep_orders(orders).saturating_add(released)
	}

	/// The most that a block does for those that are silent.
	pub(crate) fn most_silence_work() -> SilenceWork {
		SilenceWork { checks: T::MaxPrunedPerBlock::get(), cancels: T::MaxCancelledPerBlock::get() }
	}

	/// What it weighs to do so much for them.
	pub(crate) fn silence_weight(work: SilenceWork) -> Weight {
		let cancelled = Self::cancel_any_weight().saturating_mul(u64::from(work.cancels));
		T::WeightInfo::end_silence(work.checks).saturating_add(cancelled)
	}

	/// The most that upkeep does where silence takes all cancellations of a block.
	pub(crate) fn most_upkeep() -> Upkeep {
		Upkeep { cancels: 0, complex: true, answers: Some(T::MaxAnswers::get()) }
	}

	/// What it weighs to do so much.
	pub(crate) fn upkeep_weight(done: Upkeep) -> Weight {
		let complex = if done.complex { Self::cancel_complex_weight(1) } else { Weight::zero() };
		let request = done.answers.map_or(Weight::zero(), T::WeightInfo::cancel_request);
		T::WeightInfo::upkeep()
			.saturating_add(Self::cancel_weight().saturating_mul(u64::from(done.cancels)))
			.saturating_add(complex)
			.saturating_add(request)
	}
}
