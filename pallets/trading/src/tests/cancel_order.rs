use crate::{mock::*, CancelCause, Error, Event};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{Contracts, OrderSide::Sell};

#[test]
fn order_goes_and_its_deposit_comes_back() {
	ExtBuilder::build_and_execute(|| {
		let order = rest(MAKER, limit(Sell, 2, 100));
		assert_ok!(Trading::cancel_order(MAKER.origin(), MAKER.account(0), order));
		System::assert_last_event(
			Event::OrderCancelled {
				order,
				account: MAKER.account(0),
				instrument: PERPETUAL,
				size: Contracts::from_u32(2),
				cause: CancelCause::Requested,
			}
			.into(),
		);
		assert_eq!(held(MAKER), 0);
		assert_eq!(Totals::iter().count(), 0);
		let again = Trading::cancel_order(MAKER.origin(), MAKER.account(0), order);
		assert_noop!(again, Error::<Test>::UnknownOrder);
	});
}

#[test]
fn cancelling_passes_when_the_gate_is_shut_and_the_instrument_is_gone() {
	ExtBuilder::build_and_execute(|| {
		let order = rest(MAKER, limit(Sell, 2, 100));
		GateIsShut::put(true);
		Listed::remove(PERPETUAL);
		assert_ok!(Trading::cancel_order(MAKER.origin(), MAKER.account(0), order));
	});
}

#[test]
fn order_of_another_account_stays() {
	ExtBuilder::build_and_execute(|| {
		let order = rest(MAKER, limit(Sell, 2, 100));
		let of_maker = Trading::cancel_order(TAKER.origin(), MAKER.account(0), order);
		assert_noop!(of_maker, Error::<Test>::NotAllowedToTrade);
		let as_own = Trading::cancel_order(TAKER.origin(), TAKER.account(0), order);
		assert_noop!(as_own, Error::<Test>::NotYourOrder);
	});
}
