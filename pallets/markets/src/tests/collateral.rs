use super::*;
use crate::{CollateralAssets, Collaterals};
use plimsoll_primitives::{CollateralId, CollateralTerms, CollateralTreatment, InstrumentRegistry};
use sp_runtime::{DispatchResult, Permill};

const ASSET: u32 = 40;

fn register(id: CollateralId, terms: CollateralTerms<u32>) -> DispatchResult {
	Markets::register_collateral(RuntimeOrigin::root(), id, terms)
}

#[test]
fn collateral_is_registered_when_terms_are_sound() {
	ExtBuilder::build_and_execute(|| {
		let terms = collateral_terms(ASSET);
		assert_ok!(register(WETH, terms.clone()));
		assert_eq!(Markets::collateral(WETH), Some(terms.clone()));
		assert_eq!(CollateralAssets::<Test>::get(ASSET), Some(WETH));
		assert_eq!(events(), vec![Event::CollateralRegistered { collateral: WETH, terms }]);
	});
}

#[test]
fn collateral_has_new_terms_when_registered_again() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(register(WETH, collateral_terms(ASSET)));
		let mut terms = collateral_terms(ASSET);
		terms.treatment = CollateralTreatment::Haircut { haircut: Permill::one() };
		terms.deposit_cap = terms.minimum;
		System::reset_events();
		assert_ok!(register(WETH, terms.clone()));
		assert_eq!(Collaterals::<Test>::get(WETH), Some(terms.clone()));
		assert_eq!(events(), vec![Event::CollateralUpdated { collateral: WETH, terms }]);
	});
}

#[test]
fn collateral_is_refused_when_origin_is_not_admin() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			Markets::register_collateral(RuntimeOrigin::signed(1), WETH, collateral_terms(ASSET)),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn collateral_is_refused_when_update_changes_what_records_rely_on() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(register(WETH, collateral_terms(ASSET)));
		assert_noop!(
			register(WETH, collateral_terms(ASSET + 1)),
			Error::<Test>::CollateralAssetFixed
		);
		let mut terms = collateral_terms(ASSET);
		terms.decimals = 6;
		assert_noop!(register(WETH, terms), Error::<Test>::CollateralDecimalsFixed);
	});
}

#[test]
fn collateral_is_refused_when_asset_is_collateral_already() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(register(WETH, collateral_terms(ASSET)));
		assert_noop!(
			register(CollateralId(1), collateral_terms(ASSET)),
			Error::<Test>::AlreadyCollateral
		);
	});
}

#[test]
fn collateral_is_refused_when_asset_is_cash() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			register(WETH, collateral_terms(SETTLEMENT_ASSET)),
			Error::<Test>::SettlementAssetAsCollateral
		);
	});
}

#[test]
fn collateral_is_refused_when_a_term_makes_no_sense() {
	ExtBuilder::build_and_execute(|| {
		let mut terms = collateral_terms(ASSET);
		terms.decimals = 19;
		assert_noop!(register(WETH, terms), Error::<Test>::TooManyDecimals);
		let mut terms = collateral_terms(ASSET);
		terms.feed = UnderlyingId(9);
		assert_noop!(register(WETH, terms), Error::<Test>::UnknownUnderlying);
		let mut terms = collateral_terms(ASSET);
		terms.minimum = 0;
		assert_noop!(register(WETH, terms), Error::<Test>::ZeroMinimum);
		let mut terms = collateral_terms(ASSET);
		terms.deposit_cap = terms.minimum - 1;
		assert_noop!(register(WETH, terms), Error::<Test>::DepositCapBelowMinimum);
		let mut terms = collateral_terms(ASSET);
		terms.deposit_cap = u128::MAX;
		assert_noop!(register(WETH, terms), Error::<Test>::DepositCapTooHigh);
	});
}

#[test]
fn collateral_is_refused_when_cap_cannot_be_counted_in_whole_assets() {
	ExtBuilder::build_and_execute(|| {
		let mut terms = collateral_terms(ASSET);
		terms.decimals = 0;
		terms.deposit_cap = 1_000_000_000_000_000_000_000_000;
		assert_noop!(register(WETH, terms), Error::<Test>::DepositCapTooHigh);
	});
}

#[test]
fn collateral_is_refused_when_haircut_is_above_the_whole() {
	ExtBuilder::build_and_execute(|| {
		let haircut: Permill = serde_json::from_str("1000001").expect("any number is read; qed");
		let mut terms = collateral_terms(ASSET);
		terms.treatment = CollateralTreatment::Haircut { haircut };
		assert_noop!(register(WETH, terms.clone()), Error::<Test>::HaircutTooHigh);
		terms.treatment = CollateralTreatment::RiskOffsetting { liquidity_haircut: haircut };
		assert_noop!(register(WETH, terms), Error::<Test>::HaircutTooHigh);
	});
}
