use super::*;
use crate::{Error, Event, LiquidationParams, Params};
use frame_support::{assert_noop, assert_ok};

#[test]
fn governance_sets_the_parameters() {
	ExtBuilder.build_and_execute(|| {
		let params = LiquidationParams { grace_blocks: 3, ..Default::default() };
		assert_ok!(Liquidation::set_params(RuntimeOrigin::root(), params.clone()));
		assert_eq!(Params::<Test>::get(), params);
		assert_eq!(take_events(), vec![Event::ParamsSet { params }]);
	});
}

#[test]
fn parameters_are_refused_when_they_contradict_themselves() {
	ExtBuilder.build_and_execute(|| {
		let params = LiquidationParams { auction_blocks: 0, ..Default::default() };
		assert_noop!(
			Liquidation::set_params(RuntimeOrigin::root(), params),
			Error::<Test>::NoAuction
		);
	});
}

#[test]
fn parameters_are_refused_from_anybody_else() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			Liquidation::set_params(RuntimeOrigin::signed(1), LiquidationParams::default()),
			sp_runtime::DispatchError::BadOrigin
		);
	});
}
