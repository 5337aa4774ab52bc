//! What the pallet's work weighs.

use frame_support::weights::Weight;

/// Measured by the runtime's benchmarks.
pub trait WeightInfo {
	/// A swap that takes all of `q` quotes and the rest from the pool, all of accounts that hold nothing else.
	fn swap(q: u32) -> Weight;
	/// The call `set_pair`.
	fn set_pair() -> Weight;
	/// The call `place_order` of an order that takes all of `f` resting ones, each of an account of its own that
	/// holds nothing else and at a price of its own, and then rests.
	fn place_order(f: u32) -> Weight;
	/// The call `cancel_order` of the only order of its level.
	fn cancel_order() -> Weight;
}

/// For mocks only.
impl WeightInfo for () {
	fn swap(q: u32) -> Weight {
		Weight::from_parts(10_000, 0).saturating_mul(u64::from(q).saturating_add(1))
	}
	fn set_pair() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn place_order(f: u32) -> Weight {
		Weight::from_parts(10_000, 0).saturating_mul(u64::from(f).saturating_add(1))
	}
	fn cancel_order() -> Weight {
		Weight::from_parts(10_000, 0)
	}
}
