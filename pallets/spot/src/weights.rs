//! What the pallet's work weighs.

use frame_support::weights::Weight;

/// Measured by the runtime's benchmarks.
pub trait WeightInfo {
	/// The call `swap`, of an account that holds nothing else.
	fn swap() -> Weight;
	/// The call `set_pair`.
	fn set_pair() -> Weight;
}

/// For mocks only.
impl WeightInfo for () {
	fn swap() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn set_pair() -> Weight {
		Weight::from_parts(10_000, 0)
	}
}
