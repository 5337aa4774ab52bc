//! How much one call may do, and what it weighs.

use crate::{weights::WeightInfo, Config, Error, Pallet};
use frame_support::{ensure, traits::Get, weights::Weight};
use plimsoll_orderbook::Bounds;
use plimsoll_primitives::{CollateralExchange, Silence};

/// What accounts keep from one trade of a call to the next.
pub(crate) type SessionOf<T> = <<T as Config>::Exchange as CollateralExchange<
	<T as frame_system::Config>::AccountId,
>>::Session;

/// What a call may still do and what its trades share. All orders of a batch have one.
pub(crate) struct Budget<T: Config> {
	/// Fills and removals of resting orders that stand in the way.
	pub bounds: Bounds,
	/// What accounts keep from one trade to the next, with a count of what it weighed.
	pub session: SessionOf<T>,
	asked: Bounds,
}

impl<T: Config> Budget<T> {
	/// As much as a caller asks for.
	pub fn new(max_fills: u32) -> Result<Self, Error<T>> {
		ensure!(max_fills <= T::MaxFills::get(), Error::<T>::TooManyFills);
		let bounds = Bounds { fills: max_fills, removals: T::MaxRemovals::get() };
		Ok(Self { bounds, session: Default::default(), asked: bounds })
	}

	/// What was used.
	pub fn used(&self) -> Used {
		Used {
			fills: self.asked.fills.saturating_sub(self.bounds.fills),
			removals: self.asked.removals.saturating_sub(self.bounds.removals),
			exchanged: T::Exchange::exchanged_weight(&self.session),
		}
	}
}

/// What a call has used, or may.
#[derive(Clone, Copy)]
pub(crate) struct Used {
	/// Fills, and removals beyond those that removals pay for.
	pub fills: u32,
	/// Removals of resting orders that stand in the way.
	pub removals: u32,
	/// What opening and closing trades weighs.
	pub exchanged: Weight,
}

/// What an account of the largest size adds to work that was measured with a small one. Both were measured
/// with the same records at their largest in the proof: they are in it once.
fn together(measured: Weight, largest: Weight) -> Weight {
	let proof = measured.proof_size().max(largest.proof_size());
	measured.saturating_add(largest).set_proof_size(proof)
}

impl<T: Config> Pallet<T> {
	/// The most that so many orders of one account may use when they share so many fills. What accounts read
	/// of the market is worked out once, however many they are.
	fn most(orders: u32, max_fills: u32) -> Used {
		let further = u64::from(orders.saturating_sub(1));
		let further = T::Exchange::further_exchange_weight().saturating_mul(further);
		let exchanged = if orders == 0 {
			Weight::zero()
		} else {
			T::Exchange::exchange_weight().saturating_add(further)
		};
		Used { fills: max_fills, removals: T::MaxRemovals::get(), exchanged }
	}

	/// What trades, and fills and removals of resting orders, weigh. A fill may have paid for a removal, and a
	/// removal may be of a maker that was asked first.
	fn used_weight(used: Used) -> Weight {
		let Used { fills, removals, exchanged } = used;
		let asked = T::Exchange::set_aside_fill_weight();
		let one = T::WeightInfo::place_order(1).saturating_sub(T::WeightInfo::place_order(0));
		let filled = together(one, asked);
		let removed = together(Self::cancel_weight(), asked);
		filled
			.max(removed)
			.saturating_mul(u64::from(fills))
			.saturating_add(removed.saturating_mul(u64::from(removals)))
			.saturating_add(exchanged)
	}

	/// What placing an order weighs, with what it has used.
	pub(crate) fn placed_weight(used: Used) -> Weight {
		T::Silence::note_seen_weight()
			.saturating_add(T::WeightInfo::place_order(0))
			.saturating_add(Self::used_weight(used))
	}

	/// The most that it weighs.
	pub(crate) fn place_weight(max_fills: u32) -> Weight {
		Self::placed_weight(Self::most(1, max_fills))
	}

	/// What replacing an order weighs, with what it has used.
	pub(crate) fn replaced_weight(used: Used) -> Weight {
		Self::placed_weight(used).saturating_add(Self::cancel_weight())
	}

	/// The most that it weighs.
	pub(crate) fn replace_weight(max_fills: u32) -> Weight {
		Self::replaced_weight(Self::most(1, max_fills))
	}

	/// What a batch weighs, with what it has used. Each operation may have been a replacement. Its one account
	/// is in the proof once, and so is the market.
	pub(crate) fn batched_weight(operations: u32, used: Used) -> Weight {
		let whole = T::Exchange::exchange_weight().proof_size();
		let proof = used.exchanged.proof_size().min(whole);
		let used = Used { exchanged: used.exchanged.set_proof_size(proof), ..used };
		let one = T::WeightInfo::place_order(0).saturating_add(Self::cancel_weight());
		T::Silence::note_seen_weight()
			.saturating_add(one.saturating_mul(u64::from(operations)))
			.saturating_add(Self::used_weight(used))
	}

	/// The most that it weighs.
	pub(crate) fn batch_weight(operations: u32, max_fills: u32) -> Weight {
		Self::batched_weight(operations, Self::most(operations, max_fills))
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

	/// What a swap weighs that brings so many quotes, with what it has used of the book.
	pub(crate) fn swapped_weight(quotes: u32, used: Used) -> Weight {
		// Its maker's silence is looked at, too.
		let a_quote = T::Exchange::set_aside_fill_weight()
			.saturating_add(T::Exchange::set_aside_release_weight())
			.saturating_add(T::Silence::note_seen_weight());
		T::WeightInfo::swap(quotes)
			.saturating_add(a_quote.saturating_mul(u64::from(quotes)))
			.saturating_add(T::WeightInfo::place_order(0))
			.saturating_add(T::Silence::note_seen_weight())
			.saturating_add(Self::used_weight(used))
	}

	/// The most that it weighs. Each quote's maker is another account than the one that swaps.
	pub(crate) fn swap_weight(quotes: u32) -> Weight {
		let most = Self::most(1, T::MaxSwapFills::get());
		let makers = T::Exchange::exchange_weight().saturating_mul(u64::from(quotes));
		let exchanged = most.exchanged.saturating_add(makers);
		Self::swapped_weight(quotes, Used { exchanged, ..most })
	}
}
