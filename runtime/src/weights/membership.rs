//! What changes of the oracle's operators weigh: what the SDK measured of the list itself, and what
//! was measured here of forgetting the reports of those who go.

use crate::configs::MaxOperators;
use core::marker::PhantomData;
use frame_support::weights::Weight;
use pallet_membership::weights::SubstrateWeight as List;
use pallet_price_oracle::WeightInfo as _;

/// Weight functions for `pallet_membership` whose changes the oracle is told of.
pub struct WeightInfo<T>(PhantomData<T>);

fn forgetting<T: frame_system::Config>(operators: u32) -> Weight {
	super::pallet_price_oracle::WeightInfo::<T>::change_members(operators)
}

impl<T: frame_system::Config> pallet_membership::WeightInfo for WeightInfo<T> {
	fn add_member(members: u32) -> Weight {
		List::<T>::add_member(members)
	}

	fn remove_member(members: u32) -> Weight {
		List::<T>::remove_member(members).saturating_add(forgetting::<T>(1))
	}

	fn swap_member(members: u32) -> Weight {
		List::<T>::swap_member(members).saturating_add(forgetting::<T>(1))
	}

	/// All members there may be can go at once.
	fn reset_members(members: u32) -> Weight {
		List::<T>::reset_members(members).saturating_add(forgetting::<T>(MaxOperators::get()))
	}

	fn change_key(members: u32) -> Weight {
		List::<T>::change_key(members).saturating_add(forgetting::<T>(1))
	}

	fn set_prime(members: u32) -> Weight {
		List::<T>::set_prime(members)
	}

	fn clear_prime() -> Weight {
		List::<T>::clear_prime()
	}
}
