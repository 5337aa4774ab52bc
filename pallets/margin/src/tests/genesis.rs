use crate::{mock::*, CurrentRiskModel, Seeds};
use frame_support::traits::Hooks;

#[test]
fn genesis_seeds_assets_and_gives_the_pallet_a_provider() {
	ExtBuilder::build_and_execute(|| {
		let pallet = Margin::account_id();
		assert!(System::providers(&pallet) > 0);
		assert_eq!(balance(USDC, pallet), USDC_MINIMUM);
		assert_eq!(Seeds::<Test>::get(USDC), USDC_MINIMUM);
		assert_eq!(CurrentRiskModel::<Test>::get(), Some(model()));
	});
}

#[test]
fn configuration_holds_together() {
	new_test_ext().execute_with(|| {
		<Margin as Hooks<u64>>::integrity_test();
	});
}
