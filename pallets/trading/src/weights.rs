//! What this pallet's work costs. The runtime measures it; the implementation for `()` is for
//! mocks.

use frame_support::weights::Weight;

/// Weights of this pallet's calls and hooks.
pub trait WeightInfo {
	/// A block trade of `legs` legs between two sub-accounts that hold as many positions as they
	/// may, with the check of the signature and with clearing.
	fn block_trade(legs: u32) -> Weight;
	/// Cancelling a maker's quotes.
	fn cancel_quotes() -> Weight;
	/// A block's pruning that takes `steps` steps.
	fn on_initialize(steps: u32) -> Weight;
}

impl WeightInfo for () {
	fn block_trade(legs: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(legs)))
	}

	fn cancel_quotes() -> Weight {
		Weight::from_parts(10_000, 0)
	}

	fn on_initialize(steps: u32) -> Weight {
		Weight::from_parts(1_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(steps)))
	}
}
