//! Benchmarks of every call.

use super::*;
use frame_benchmarking::v2::*;
use frame_support::traits::EnsureOrigin;
use frame_system::RawOrigin;
use plimsoll_primitives::{
	Balance, CollateralId, InstrumentRegistry, OrderSide, Price, SubAccountId, UsdValue,
};
use sp_runtime::Permill;

/// Sets up what lies outside the pallet. Panics where that fails.
pub trait BenchmarkHelper<AccountId> {
	/// A collateral asset with a live price and a pool, and an account that has `amount` of it (which is
	/// returned) and nothing else.
	fn market() -> (CollateralId, SubAccountId<AccountId>, Balance);
}

fn terms<T: Config>(collateral: CollateralId) -> PairTerms {
	let asset = T::Registry::collateral(collateral).expect("it is listed");
	PairTerms {
		lot: asset.minimum.max(1),
		minimum_value: UsdValue::ZERO,
		price_band: Permill::from_percent(50),
	}
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn swap() {
		let (collateral, account, amount) = T::BenchmarkHelper::market();
		let terms = terms::<T>(collateral);
		Pallet::<T>::do_set_pair(collateral, Some(terms)).expect("the terms are in order");
		let sold = amount / 2 / terms.lot * terms.lot;
		let worst = Price::from_inner(1);
		let owner = RawOrigin::Signed(account.owner.clone());

		#[extrinsic_call]
		_(owner, account, collateral, OrderSide::Sell, sold, worst, true);

		let events = frame_system::Pallet::<T>::events();
		assert!(!events.is_empty());
	}

	#[benchmark]
	fn set_pair() -> Result<(), BenchmarkError> {
		let (collateral, ..) = T::BenchmarkHelper::market();
		let terms = terms::<T>(collateral);
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, collateral, Some(terms));

		assert_eq!(Pairs::<T>::get(collateral), Some(terms));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
