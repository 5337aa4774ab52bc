use crate::{
	mock::*, CurrentRiskModel, Error, Event, NextRiskModel, NextRiskModelStep, RefusedModel,
	TargetRiskModel,
};
use frame_support::{assert_noop, assert_ok, traits::Hooks};
use plimsoll_risk::{ModelError, RiskModel};
use sp_arithmetic::FixedU128;
use sp_runtime::{DispatchError, DispatchResult};

/// A model that asks for four times as much.
fn stricter() -> RiskModel {
	RiskModel { initial_factor: FixedU128::from_u32(5), ..model() }
}

fn set_model(model: RiskModel) -> DispatchResult {
	Margin::set_risk_model(RuntimeOrigin::root(), Box::new(model))
}

fn in_block(block: u64) {
	System::set_block_number(block);
	Margin::on_initialize(block);
}

#[test]
fn risk_model_is_in_force_after_its_delay_and_not_before() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 1_000_000);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(10), price(3_000)));
		let margin = || Margin::account_report(&sub(ALICE)).expect("priced").risk.margin;
		let before = margin();
		let now = System::block_number();
		events();
		assert_ok!(set_model(stricter()));
		let at = now + RiskModelDelay::get();
		assert_eq!(events(), vec![Event::RiskModelScheduled { at }]);

		in_block(at - 1);
		assert_eq!(events(), vec![]);
		assert_eq!((margin(), CurrentRiskModel::<Test>::get()), (before, Some(model())));

		in_block(at);
		assert_eq!(events(), vec![Event::RiskModelChanged, Event::RiskModelReached]);
		assert_eq!(CurrentRiskModel::<Test>::get(), Some(stricter()));
		assert!(margin().initial > before.initial);

		in_block(at + 1);
		assert_eq!(events(), vec![]);
	});
}

#[test]
fn scheduled_risk_model_is_replaced_when_another_is_set() {
	ExtBuilder::build_and_execute(|| {
		let now = System::block_number();
		assert_ok!(set_model(stricter()));
		System::set_block_number(now + 5);
		assert_ok!(set_model(model()));
		in_block(now + RiskModelDelay::get());
		assert_eq!(CurrentRiskModel::<Test>::get(), Some(model()));
		assert!(NextRiskModel::<Test>::exists());
		in_block(now + 5 + RiskModelDelay::get());
		assert_eq!(CurrentRiskModel::<Test>::get(), Some(model()));
		assert!(!NextRiskModel::<Test>::exists());
	});
}

#[test]
fn scheduled_risk_model_does_not_come_when_it_is_cancelled() {
	ExtBuilder::build_and_execute(|| {
		let cancel = || Margin::cancel_risk_model(RuntimeOrigin::root());
		assert_noop!(cancel(), Error::<Test>::NothingScheduled);
		assert_ok!(set_model(stricter()));
		assert_noop!(
			Margin::cancel_risk_model(RuntimeOrigin::signed(ALICE)),
			DispatchError::BadOrigin
		);
		events();
		assert_ok!(cancel());
		assert_eq!(events(), vec![Event::RiskModelCancelled]);
		in_block(System::block_number() + RiskModelDelay::get());
		assert_eq!(CurrentRiskModel::<Test>::get(), Some(model()));
	});
}

#[test]
fn risk_model_is_refused_for_a_named_reason_when_it_is_not_valid() {
	ExtBuilder::build_and_execute(|| {
		let blind = RiskModel { scenarios: Default::default(), ..model() };
		assert_noop!(
			set_model(blind),
			Error::<Test>::InvalidRiskModel(RefusedModel(ModelError::NoScenarios))
		);
		let cheap = RiskModel { initial_factor: FixedU128::from_rational(1, 2), ..model() };
		assert_noop!(
			set_model(cheap),
			Error::<Test>::InvalidRiskModel(RefusedModel(ModelError::InitialBelowMaintenance))
		);
	});
}

#[test]
fn risk_model_is_refused_when_it_leaves_an_underlying_out() {
	ExtBuilder::build_and_execute(|| {
		let narrow = RiskModel::standard(&[(BTC, FixedU128::from_rational(1, 10))]);
		assert_noop!(set_model(narrow), Error::<Test>::UnderlyingLeftOut);
	});
}

#[test]
fn risk_model_is_refused_when_the_caller_is_not_the_admin() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			Margin::set_risk_model(RuntimeOrigin::signed(ALICE), Box::new(model())),
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
		CurrentRiskModel::<Test>::put(RiskModel::standard(&[(
			BTC,
			FixedU128::from_rational(1, 10),
		)]));
		assert_noop!(
			trade(ALICE, BOB, perpetual(), lots(1), price(3_000)),
			Error::<Test>::NotInRiskModel
		);
	});
}

/// A model with twice the scan ranges.
fn wider() -> RiskModel {
	let mut model = model();
	for underlying in &mut model.underlyings {
		underlying.scan_range = FixedU128::from_rational(30, 100);
	}
	model
}

#[test]
fn ranges_come_in_steps_when_a_model_has_others() {
	ExtBuilder::build_and_execute(|| {
		let range = || CurrentRiskModel::<Test>::get().and_then(|model| model.scan_range(ETH));
		let (old, new) = (model().scan_range(ETH), wider().scan_range(ETH));
		assert_ok!(set_model(RiskModel { initial_factor: FixedU128::from_u32(5), ..wider() }));
		let mut block = System::block_number() + RiskModelDelay::get();
		events();
		let day = 24 * 60 * 60 * 1000;
		let start = <FakeClock as frame_support::traits::Time>::now();
		in_block(block);
		// By a half at once, the rest a day later; all else at once.
		assert_eq!(
			events(),
			vec![Event::RiskModelChanged, Event::RiskModelStepped { next: start + day }]
		);
		assert!(old < range() && range() < new);
		assert_eq!(
			CurrentRiskModel::<Test>::get().map(|model| model.initial_factor),
			Some(FixedU128::from_u32(5))
		);
		let halfway = range();
		block += 1;
		set_time(start + day - 1);
		in_block(block);
		assert_eq!((range(), events()), (halfway, vec![]));
		block += 1;
		set_time(start + day);
		in_block(block);
		assert_eq!((range(), events()), (new, vec![Event::RiskModelReached]));
		assert!(!TargetRiskModel::<Test>::exists());
		set_time(start + 2 * day);
		in_block(block + 1);
		assert!(!NextRiskModelStep::<Test>::exists());
	});
}

#[test]
fn ranges_take_one_step_at_a_time_when_another_model_comes_meanwhile() {
	ExtBuilder::build_and_execute(|| {
		let range = || CurrentRiskModel::<Test>::get().and_then(|model| model.scan_range(ETH));
		let day = 24 * 60 * 60 * 1000;
		let start = <FakeClock as frame_support::traits::Time>::now();
		assert_ok!(set_model(wider()));
		let first = System::block_number() + RiskModelDelay::get();
		in_block(first);
		let halfway = range();
		// Another that asks for the same ranges and more besides.
		assert_ok!(set_model(RiskModel { initial_factor: FixedU128::from_u32(5), ..wider() }));
		let second = first + RiskModelDelay::get();
		set_time(start + day - 1);
		events();
		in_block(second);
		assert_eq!(
			events(),
			vec![Event::RiskModelChanged, Event::RiskModelStepped { next: start + day }]
		);
		assert_eq!(range(), halfway);
		let factor = CurrentRiskModel::<Test>::get().map(|model| model.initial_factor);
		assert_eq!(factor, Some(FixedU128::from_u32(5)));
		// And back again, when a step is due: down by a twentieth, once.
		set_time(start + day);
		assert_ok!(set_model(model()));
		in_block(second + 1);
		assert_eq!(range(), wider().scan_range(ETH));
		in_block(second + RiskModelDelay::get());
		assert_eq!(range(), wider().scan_range(ETH));
		assert_eq!(TargetRiskModel::<Test>::get(), Some(model()));
		set_time(start + 2 * day);
		in_block(second + RiskModelDelay::get() + 1);
		assert_eq!(range(), Some(FixedU128::from_rational(285, 1000)));
	});
}

#[test]
fn risk_model_is_refused_when_its_scenarios_do_not_go_with_ranges_on_their_way() {
	ExtBuilder::build_and_execute(|| {
		// Three ranges down leave a price at 33 % and at 15 %; six only at 15 %.
		let mut narrow = model();
		for scenario in &mut narrow.scenarios {
			let moved = scenario.price_move.into_inner();
			if moved.unsigned_abs() > 2_500_000_000_000_000_000 {
				scenario.price_move = sp_arithmetic::FixedI128::from_inner(moved * 2);
			}
		}
		let mut wide = model();
		for underlying in &mut wide.underlyings {
			underlying.scan_range = FixedU128::from_rational(33, 100);
		}
		assert_ok!(narrow.validate());
		CurrentRiskModel::<Test>::put(wide);
		let refused = RefusedModel(ModelError::PriceNotPositive);
		assert_noop!(set_model(narrow), Error::<Test>::InvalidRiskModel(refused));
	});
}
