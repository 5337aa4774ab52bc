use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

#[test]
fn contribution_goes_to_the_insurance_fund() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(Margin::contribute_insurance(RuntimeOrigin::signed(ALICE), usd(5)));
		assert_eq!(insurance(), usd(5));
		assert_eq!(events(), vec![Event::InsuranceContributed { who: ALICE, amount: usd(5) }]);
	});
}

#[test]
fn contribution_is_refused_when_it_is_zero_or_not_there() {
	ExtBuilder::build_and_execute(|| {
		let contribute =
			|who, amount| Margin::contribute_insurance(RuntimeOrigin::signed(who), amount);
		assert_noop!(contribute(ALICE, 0), Error::<Test>::ZeroAmount);
		assert_noop!(contribute(EVE, 1), Error::<Test>::InsufficientBalance);
		assert_noop!(
			Margin::contribute_insurance(RuntimeOrigin::none(), 1),
			DispatchError::BadOrigin
		);
	});
}
