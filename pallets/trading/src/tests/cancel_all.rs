use crate::{mock::*, Error, OrderTerms};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::OrderSide::{Buy, Sell};

#[test]
fn all_orders_go_or_those_of_one_instrument() {
	ExtBuilder::build_and_execute(|| {
		let first = rest(MAKER, limit(Sell, 2, 100));
		let second = rest(MAKER, limit(Buy, 2, 90));
		let other = rest(MAKER, OrderTerms { instrument: FUTURE, ..limit(Sell, 2, 100) });
		order_events();
		let cancel = |of| Trading::cancel_all(MAKER.origin(), MAKER.account(0), of);
		assert_ok!(cancel(Some(PERPETUAL)));
		assert_eq!(order_events().1.iter().map(|of| of.0).collect::<Vec<_>>(), [first, second]);
		let info = cancel(None).expect("it passes");
		assert_eq!(order_events().1[0].0, other);
		assert_eq!(info.actual_weight, Some(Trading::cancel_all_weight(1)));
		assert_eq!(held(MAKER), 0);
		assert_ok!(cancel(None));
	});
}

#[test]
fn strangers_may_not() {
	ExtBuilder::build_and_execute(|| {
		let cancel = Trading::cancel_all(STRANGER.origin(), MAKER.account(0), None);
		assert_noop!(cancel, Error::<Test>::NotAllowedToTrade);
	});
}
