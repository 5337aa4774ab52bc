use crate::{mock::*, CurrentRiskModel, Error, Event};
use frame_support::{assert_noop, assert_ok};
use sp_arithmetic::FixedU128;
use sp_runtime::DispatchError;

#[test]
fn risk_model_is_in_force_when_set() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 1_000_000);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(10), price(3_000)));
		let before = Margin::account_report(&sub(ALICE)).expect("priced").risk.margin;
		let mut stricter = model();
		stricter.initial_factor = FixedU128::from_u32(5);
		events();
		assert_ok!(Margin::set_risk_model(RuntimeOrigin::root(), stricter.clone()));
		assert_eq!(events(), vec![Event::RiskModelChanged]);
		assert_eq!(CurrentRiskModel::<Test>::get(), Some(stricter));
		let after = Margin::account_report(&sub(ALICE)).expect("priced").risk.margin;
		assert!(after.initial > before.initial);
	});
}

#[test]
fn risk_model_is_refused_when_it_is_not_valid() {
	ExtBuilder::build_and_execute(|| {
		let mut blind = model();
		blind.scenarios = Default::default();
		assert_noop!(
			Margin::set_risk_model(RuntimeOrigin::root(), blind),
			Error::<Test>::InvalidRiskModel
		);
	});
}

#[test]
fn risk_model_is_refused_when_the_caller_is_not_the_admin() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			Margin::set_risk_model(RuntimeOrigin::signed(ALICE), model()),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn risk_is_refused_when_no_model_is_set() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 10_000);
		CurrentRiskModel::<Test>::kill();
		assert_noop!(
			trade(ALICE, BOB, perpetual(), lots(1), price(3_000)),
			Error::<Test>::NoRiskModel
		);
	});
}

#[test]
fn risk_is_refused_when_the_model_does_not_know_the_underlying() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 10_000);
		let narrow = plimsoll_risk::RiskModel::standard(&[(BTC, FixedU128::from_rational(1, 10))]);
		assert_ok!(Margin::set_risk_model(RuntimeOrigin::root(), narrow));
		assert_noop!(
			trade(ALICE, BOB, perpetual(), lots(1), price(3_000)),
			Error::<Test>::NotInRiskModel
		);
	});
}
