//! How much one call may do, and what it weighs.

use crate::{weights::WeightInfo, Config, Error, Pallet};
use frame_support::{ensure, traits::Get, weights::Weight};
use plimsoll_primitives::BookClearing;
use sp_runtime::DispatchResult;

/// What a call may still do and what it has used. All orders of a batch share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
	/// Fills, made or refused.
	pub fills: u32,
	/// Removals of resting orders that stand in the way.
	pub removals: u32,
	/// What clearing weighed of the orders that are done.
	pub cleared: Weight,
}

impl Budget {
	/// As much as a caller asks for.
	pub fn of<T: Config>(max_fills: u32) -> Result<Self, Error<T>> {
		ensure!(max_fills <= T::MaxFills::get(), Error::<T>::TooManyFills);
		let removals = T::MaxRemovals::get();
		Ok(Self { fills: max_fills, removals, cleared: Weight::zero() })
	}

	/// One fill is tried.
	pub fn spend_fill(&mut self) {
		// The book keeps to its bounds, which are no higher.
		self.fills = self.fills.saturating_sub(1);
	}

	/// Runs an order, which uses up what it says unless it fails: then all that it might have used.
	pub fn run<T: Config>(
		&mut self,
		order: impl FnOnce(&mut Self) -> DispatchResult,
	) -> DispatchResult {
		let before = *self;
		let result = order(self);
		if result.is_err() {
			let fills = u64::from(before.fills.saturating_sub(self.fills));
			let most = T::Clearing::fill_weight().saturating_mul(fills);
			self.removals = 0;
			self.cleared =
				before.cleared.saturating_add(T::Clearing::matching_weight()).saturating_add(most);
		}
		result
	}
}

impl<T: Config> Pallet<T> {
	/// What this pallet does for each fill and each removal, made as often as that; without clearing.
	fn book_weight(fills: u32, removals: u32) -> Weight {
		let a_removal = T::WeightInfo::cancel_order().saturating_add(T::Clearing::release_weight());
		let refused = T::Clearing::release_weight().saturating_mul(u64::from(fills));
		T::WeightInfo::place_order(fills)
			.saturating_sub(T::WeightInfo::place_order(0))
			.saturating_add(refused)
			.saturating_add(a_removal.saturating_mul(u64::from(removals)))
	}

	/// What `orders` orders of one account may add to a call's own weight when they share `max_fills`.
	/// The account and the market that it is valued on are in the proof once, however many they are.
	fn orders_weight(orders: u32, max_fills: u32) -> Weight {
		let matching = T::Clearing::matching_weight();
		let opened = Weight::from_parts(
			matching.ref_time().saturating_mul(u64::from(orders)),
			matching.proof_size(),
		);
		let filled = T::Clearing::fill_weight().saturating_mul(u64::from(max_fills));
		let released = T::Clearing::release_weight().saturating_mul(u64::from(orders));
		Self::book_weight(max_fills, T::MaxRemovals::get())
			.saturating_add(opened)
			.saturating_add(filled)
			.saturating_add(released)
	}

	/// What they have added.
	fn used_weight(orders: u32, max_fills: u32, left: &Budget) -> Weight {
		let fills = max_fills.saturating_sub(left.fills);
		let removals = T::MaxRemovals::get().saturating_sub(left.removals);
		let released = T::Clearing::release_weight().saturating_mul(u64::from(orders));
		Self::book_weight(fills, removals).saturating_add(left.cleared).saturating_add(released)
	}

	/// The most that placing an order weighs.
	pub(crate) fn place_weight(max_fills: u32) -> Weight {
		T::WeightInfo::place_order(0).saturating_add(Self::orders_weight(1, max_fills))
	}

	/// What it has weighed.
	pub(crate) fn placed_weight(max_fills: u32, left: &Budget) -> Weight {
		T::WeightInfo::place_order(0).saturating_add(Self::used_weight(1, max_fills, left))
	}

	/// The most that replacing an order weighs.
	pub(crate) fn replace_weight(max_fills: u32) -> Weight {
		T::WeightInfo::replace_order().saturating_add(Self::orders_weight(1, max_fills))
	}

	/// What it has weighed.
	pub(crate) fn replaced_weight(max_fills: u32, left: &Budget) -> Weight {
		T::WeightInfo::replace_order().saturating_add(Self::used_weight(1, max_fills, left))
	}

	/// The most that a batch of so many operations weighs.
	pub(crate) fn batch_weight(operations: u32, max_fills: u32) -> Weight {
		T::WeightInfo::batch(operations).saturating_add(Self::orders_weight(operations, max_fills))
	}

	/// What it has weighed.
	pub(crate) fn batched_weight(operations: u32, max_fills: u32, left: &Budget) -> Weight {
		T::WeightInfo::batch(operations)
			.saturating_add(Self::used_weight(operations, max_fills, left))
	}

	/// What cancelling so many orders at once weighs, at most.
	pub(crate) fn cancel_all_weight(orders: u32) -> Weight {
		let released = T::Clearing::release_weight().saturating_mul(u64::from(orders));
		T::WeightInfo::cancel_all(orders).saturating_add(released)
	}

	/// What cancelling one order weighs.
	pub(crate) fn cancel_weight() -> Weight {
		T::WeightInfo::cancel_order().saturating_add(T::Clearing::release_weight())
	}

	/// The most that sweeping so many orders weighs.
	pub(crate) fn sweep_weight(orders: u32) -> Weight {
		let released = T::Clearing::release_weight().saturating_mul(u64::from(orders));
		T::WeightInfo::sweep_orders(orders).saturating_add(released)
	}
}
