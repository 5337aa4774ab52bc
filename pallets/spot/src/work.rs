//! How much one call may do, and what it weighs.

use crate::{weights::WeightInfo, Config, Error, Pallet};
use frame_support::{ensure, traits::Get, weights::Weight};
use plimsoll_orderbook::Bounds;
use plimsoll_primitives::{CollateralExchange, Silence};

/// What an account of the largest size adds to work that was measured with a small one. Both were measured
/// with the same records at their largest in the proof: they are in it once.
fn together(measured: Weight, largest: Weight) -> Weight {
	let proof = measured.proof_size().max(largest.proof_size());
	measured.saturating_add(largest).set_proof_size(proof)
}

impl<T: Config> Pallet<T> {
	/// What a call may do that asks for so many fills.
	pub(crate) fn bounds(max_fills: u32) -> Result<Bounds, Error<T>> {
		ensure!(max_fills <= T::MaxFills::get(), Error::<T>::TooManyFills);
		Ok(Bounds { fills: max_fills, removals: T::MaxRemovals::get() })
	}

	/// How many fills and removals were used of those.
	pub(crate) fn used(max_fills: u32, left: &Bounds) -> (u32, u32) {
		(max_fills.saturating_sub(left.fills), T::MaxRemovals::get().saturating_sub(left.removals))
	}

	/// What so many fills and removals of resting orders weigh. A fill may have paid for a removal, and a
	/// removal may be of a maker that was asked first.
	fn book_weight((fills, removals): (u32, u32)) -> Weight {
		let asked = T::Exchange::set_aside_fill_weight();
		let one = T::WeightInfo::place_order(1).saturating_sub(T::WeightInfo::place_order(0));
		let filled = together(one, asked);
		let removed = together(Self::cancel_weight(), asked);
		filled
			.max(removed)
			.saturating_mul(u64::from(fills))
			.saturating_add(removed.saturating_mul(u64::from(removals)))
	}

	/// What placing an order weighs that uses so much.
	fn order_weight(used: (u32, u32)) -> Weight {
		T::WeightInfo::place_order(0)
			.saturating_add(T::Exchange::exchange_weight())
			.saturating_add(Self::book_weight(used))
	}

	/// The most that calls may use that ask for so many fills.
	fn most(max_fills: u32) -> (u32, u32) {
		(max_fills, T::MaxRemovals::get())
	}

	/// What placing an order weighs, with what it has used.
	pub(crate) fn placed_weight(used: (u32, u32)) -> Weight {
		T::Silence::note_seen_weight().saturating_add(Self::order_weight(used))
	}

	/// The most that it weighs.
	pub(crate) fn place_weight(max_fills: u32) -> Weight {
		Self::placed_weight(Self::most(max_fills))
	}

	/// What replacing an order weighs, with what it has used.
	pub(crate) fn replaced_weight(used: (u32, u32)) -> Weight {
		Self::placed_weight(used).saturating_add(Self::cancel_weight())
	}

	/// The most that it weighs.
	pub(crate) fn replace_weight(max_fills: u32) -> Weight {
		Self::replaced_weight(Self::most(max_fills))
	}

	/// What a batch weighs, with what it has used. Its account is in the proof once.
	pub(crate) fn batched_weight(operations: u32, used: (u32, u32)) -> Weight {
		let first = Self::order_weight((0, 0)).saturating_add(Self::cancel_weight());
		let exchange = T::Exchange::exchange_weight().proof_size();
		let further = first.set_proof_size(first.proof_size().saturating_sub(exchange));
		let operations = further.saturating_mul(u64::from(operations.saturating_sub(1)));
		T::Silence::note_seen_weight()
			.saturating_add(first)
			.saturating_add(operations)
			.saturating_add(Self::book_weight(used))
	}

	/// The most that it weighs.
	pub(crate) fn batch_weight(operations: u32, max_fills: u32) -> Weight {
		Self::batched_weight(operations, Self::most(max_fills))
	}

	/// What cancelling one order weighs.
	pub(crate) fn cancel_weight() -> Weight {
		together(T::WeightInfo::cancel_order(), T::Exchange::set_aside_release_weight())
	}

	/// What a call weighs that cancels so many.
	pub(crate) fn cancel_all_weight(orders: u32) -> Weight {
		T::Silence::note_seen_weight()
			.saturating_add(T::WeightInfo::cancel_order())
			.saturating_add(Self::cancel_weight().saturating_mul(u64::from(orders)))
	}

	/// What a sweep of so many orders weighs.
	pub(crate) fn sweep_weight(orders: u32) -> Weight {
		Self::cancel_weight().saturating_mul(u64::from(orders))
	}

	/// What a swap weighs, with what it has used of the book.
	pub(crate) fn swapped_weight(used: (u32, u32)) -> Weight {
		T::WeightInfo::swap()
			.saturating_add(T::WeightInfo::place_order(0))
			.saturating_add(T::Silence::note_seen_weight())
			.saturating_add(T::Exchange::exchange_weight())
			.saturating_add(Self::book_weight(used))
	}

	/// The most that it weighs.
	pub(crate) fn swap_weight() -> Weight {
		Self::swapped_weight(Self::most(T::MaxSwapFills::get()))
	}
}
