use crate::{mock::*, Delegates, Error, Event};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::Clearing;
use sp_runtime::DispatchError;

fn add(owner: AccountId, delegate: AccountId) -> sp_runtime::DispatchResult {
	Margin::add_delegate(RuntimeOrigin::signed(owner), 0, delegate)
}

fn remove(owner: AccountId, delegate: AccountId) -> sp_runtime::DispatchResult {
	Margin::remove_delegate(RuntimeOrigin::signed(owner), 0, delegate)
}

fn may_trade(who: AccountId, owner: AccountId) -> bool {
	<Margin as Clearing<AccountId>>::may_trade(&who, &sub(owner))
}

#[test]
fn delegate_may_trade_when_added_and_not_when_removed() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		assert!(may_trade(ALICE, ALICE));
		assert!(!may_trade(BOB, ALICE));
		events();
		assert_ok!(add(ALICE, BOB));
		assert!(may_trade(BOB, ALICE));
		assert!(!may_trade(ALICE, BOB), "it is not mutual");
		assert_ok!(remove(ALICE, BOB));
		assert!(!may_trade(BOB, ALICE));
		assert!(!Delegates::<Test>::contains_key(sub(ALICE)));
		assert_eq!(
			events(),
			vec![
				Event::DelegateAdded { account: sub(ALICE), delegate: BOB },
				Event::DelegateRemoved { account: sub(ALICE), delegate: BOB },
			]
		);
	});
}

#[test]
fn delegate_is_refused_when_the_account_does_not_exist() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(add(ALICE, BOB), Error::<Test>::AccountNotFound);
	});
}

#[test]
fn delegate_is_refused_when_it_is_the_owner_or_one_already() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		assert_noop!(add(ALICE, ALICE), Error::<Test>::OwnerNeedsNoDelegation);
		assert_ok!(add(ALICE, BOB));
		assert_noop!(add(ALICE, BOB), Error::<Test>::AlreadyDelegate);
	});
}

#[test]
fn delegate_is_refused_when_there_is_no_room() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		assert_ok!(add(ALICE, DAVE));
		assert_ok!(add(ALICE, BOB));
		assert_eq!(Delegates::<Test>::get(sub(ALICE)).to_vec(), vec![BOB, DAVE]);
		assert_noop!(add(ALICE, CHARLIE), Error::<Test>::TooManyDelegates);
	});
}

#[test]
fn removal_is_refused_when_there_is_no_such_delegate() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		assert_noop!(remove(ALICE, BOB), Error::<Test>::NotDelegate);
		assert_ok!(add(ALICE, CHARLIE));
		assert_noop!(remove(ALICE, BOB), Error::<Test>::NotDelegate);
	});
}

#[test]
fn delegates_are_refused_when_not_signed() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(Margin::add_delegate(RuntimeOrigin::root(), 0, BOB), DispatchError::BadOrigin);
		assert_noop!(
			Margin::remove_delegate(RuntimeOrigin::root(), 0, BOB),
			DispatchError::BadOrigin
		);
	});
}
