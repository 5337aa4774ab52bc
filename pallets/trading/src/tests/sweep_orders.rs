use crate::{mock::*, CancelCause, Error};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use plimsoll_primitives::OrderSide::Sell;
use sp_runtime::DispatchResult;

fn sweep(orders: &[u64]) -> DispatchResult {
	let orders = BoundedVec::try_from(orders.to_vec()).expect("few enough");
	Trading::sweep_orders(STRANGER.origin(), orders)
}

#[test]
fn anybody_cancels_what_has_expired() {
	ExtBuilder::build_and_execute(|| {
		let short = rest(MAKER, until(2, limit(Sell, 1, 100)));
		let long = rest(MAKER, limit(Sell, 1, 100));
		run_to_block(2);
		assert_noop!(sweep(&[short, long]), Error::<Test>::NothingToSweep);
		run_to_block(3);
		order_events();
		assert_ok!(sweep(&[long, short, 99, short]));
		assert_eq!(order_events().1, [(short, 1, CancelCause::Expired)]);
		assert_eq!(held(MAKER), OrderDeposit::get());
	});
}

#[test]
fn anybody_cancels_what_cannot_be_traded_any_more() {
	ExtBuilder::build_and_execute(|| {
		let first = rest(MAKER, limit(Sell, 1, 100));
		let mut listed = Listed::get(PERPETUAL).expect("it is listed");
		listed.1 = true;
		Listed::insert(PERPETUAL, listed);
		order_events();
		assert_ok!(sweep(&[first]));
		assert_eq!(order_events().1, [(first, 1, CancelCause::NotTradable)]);
		assert_eq!((held(MAKER), Totals::iter().count()), (0, 0));
	});
}
