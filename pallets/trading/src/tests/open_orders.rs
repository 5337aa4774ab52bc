use crate::{mock::*, CancelCause};
use plimsoll_primitives::{MassCancel, OpenOrders, OrderSide::Sell};

fn cancel(limit: u32) -> (u32, bool) {
	let done = Trading::cancel_orders(&MAKER.account(0), limit, MassCancel::Liquidation);
	(done.orders, done.are_left)
}

#[test]
fn waterfall_cancels_as_many_as_it_asks_for() {
	ExtBuilder::build_and_execute(|| {
		let orders = [100, 101, 102].map(|price| rest(MAKER, limit(Sell, 1, price)));
		order_events();
		assert_eq!(cancel(2), (2, true));
		let expected = [orders[2], orders[1]].map(|order| (order, 1, CancelCause::Liquidation));
		assert_eq!(order_events().1, expected);
		assert_eq!(cancel(2), (1, false));
		assert_eq!(cancel(2), (0, false));
		assert_eq!(held(MAKER), 0);
	});
}
