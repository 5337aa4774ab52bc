use crate::{mock::*, Error, Orders};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::OrderSide::{Buy, Sell};

#[test]
fn order_goes_and_another_comes() {
	ExtBuilder::build_and_execute(|| {
		let old = rest(MAKER, limit(Sell, 2, 100));
		let new = limit(Sell, 3, 101);
		assert_ok!(Trading::replace_order(MAKER.origin(), MAKER.account(0), old, new, 0));
		assert!(!Orders::<Test>::contains_key(old));
		assert!(Orders::<Test>::contains_key(old + 1));
		assert_eq!(held(MAKER), OrderDeposit::get());
	});
}

#[test]
fn nothing_happens_when_either_fails() {
	ExtBuilder::build_and_execute(|| {
		let old = rest(MAKER, limit(Sell, 2, 100));
		let replace = |old, new| {
			Trading::replace_order(MAKER.origin(), MAKER.account(0), old, new, MaxFills::get())
		};
		assert_noop!(replace(old + 1, limit(Buy, 1, 90)), Error::<Test>::UnknownOrder);
		assert_noop!(replace(old, limit(Buy, 0, 90)), Error::<Test>::ZeroSize);
		assert_ok!(Trading::cancel_order(MAKER.origin(), MAKER.account(0), old));
		assert_noop!(replace(old, limit(Buy, 1, 90)), Error::<Test>::UnknownOrder);
	});
}
