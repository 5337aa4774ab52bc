//! Weights for `pallet_spot`
//!
//! Provisional: reckoned from the pool's own swap and what margin's calls take, until `make weights`
//! measures them.

#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weight functions for `pallet_spot`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_spot::WeightInfo for WeightInfo<T> {
	fn swap() -> Weight {
		Weight::from_parts(1_000_000_000, 0)
			.saturating_add(Weight::from_parts(0, 60_000))
			.saturating_add(T::DbWeight::get().reads(28))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	fn set_pair() -> Weight {
		Weight::from_parts(40_000_000, 0)
			.saturating_add(Weight::from_parts(0, 4_000))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
