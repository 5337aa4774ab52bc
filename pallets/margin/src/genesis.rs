//! What a chain starts with.

use crate::{Config, CurrentRiskModel, FeeRates, GenesisConfig, Interest, Pallet, Seeds};
use frame_support::traits::fungibles::{Inspect, Mutate};

impl<T: Config> Pallet<T> {
	/// Puts genesis in storage. Panics where it is not valid.
	pub(crate) fn build_genesis(genesis: &GenesisConfig<T>) {
		let pallet = Self::account_id();
		frame_system::Pallet::<T>::inc_providers(&pallet);
		for (asset, amount) in &genesis.seeds {
			assert!(
				*amount >= T::Assets::minimum_balance(asset.clone()),
				"a seed is at least the asset's minimum balance"
			);
			let minted = T::Assets::mint_into(asset.clone(), &pallet, *amount)
				.expect("a seeded asset exists at genesis");
			assert!(minted == *amount, "a seed is minted as given");
			Seeds::<T>::insert(asset, amount);
		}
		if let Some(model) = &genesis.risk_model {
			assert!(model.validate().is_ok(), "the risk model at genesis is valid");
			CurrentRiskModel::<T>::put(model);
		}
		if let Some(joint) = &genesis.joint_risk {
			Self::put_joint_risk_in_force(joint.clone())
				.expect("the joint risk at genesis is valid");
		}
		assert!(
			genesis.fees.ensure_valid::<T>().is_ok(),
			"fees at genesis are such as could be set"
		);
		FeeRates::<T>::put(&genesis.fees);
		assert!(genesis.interest.validate().is_ok(), "interest at genesis is within its limits");
		Interest::<T>::put(genesis.interest);
	}
}
