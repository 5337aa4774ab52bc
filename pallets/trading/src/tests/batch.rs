use crate::{mock::*, CancelCause, Error, Event, Operation, Orders};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo, BoundedVec};
use plimsoll_primitives::OrderSide::{Buy, Sell};

fn batch(person: Person, operations: &[Operation], max_fills: u32) -> DispatchResultWithPostInfo {
	let operations = BoundedVec::try_from(operations.to_vec()).expect("few enough");
	Trading::batch(person.origin(), person.account(0), operations, max_fills)
}

#[test]
fn operations_are_done_in_order() {
	ExtBuilder::build_and_execute(|| {
		let old = rest(MAKER, limit(Sell, 2, 100));
		let operations = [
			Operation::Cancel(old),
			Operation::Place(limit(Buy, 1, 90)),
			Operation::Place(limit(Sell, 1, 101)),
			Operation::Replace(old + 2, limit(Sell, 1, 102)),
		];
		assert_ok!(batch(MAKER, &operations, 0));
		let mut left: Vec<_> = Orders::<Test>::iter_keys().collect();
		left.sort();
		assert_eq!(left, [old + 1, old + 3]);
	});
}

#[test]
fn operation_that_fails_is_told_and_passed_over() {
	ExtBuilder::build_and_execute(|| {
		let operations = [
			Operation::Place(limit(Buy, 1, 90)),
			Operation::Cancel(77),
			Operation::Replace(0, limit(Buy, 0, 90)),
			Operation::Place(limit(Sell, 1, 101)),
		];
		assert_ok!(batch(MAKER, &operations, 0));
		for (index, error) in [(1, Error::<Test>::UnknownOrder), (2, Error::ZeroSize)] {
			let error = error.into();
			System::assert_has_event(Event::OperationFailed { index, error }.into());
		}
		assert!(Orders::<Test>::contains_key(0));
		assert_eq!(held(MAKER), 2 * OrderDeposit::get());
	});
}

#[test]
fn operations_share_their_fills() {
	ExtBuilder::build_and_execute(|| {
		for price in [100, 101, 102] {
			rest(MAKER, limit(Sell, 1, price));
		}
		order_events();
		let buy = Operation::Place(taking(Buy, 2, 110));
		let used = batch(TAKER, &[buy.clone(), buy], 3).expect("it passes");
		let (fills, cancelled) = order_events();
		assert_eq!(fills.len(), 3);
		assert_eq!(cancelled, [(4, 1, CancelCause::Unfilled)]);
		let used = used.actual_weight.expect("it is told");
		assert!(used.all_lte(Trading::batch_weight(2, 3)));
	});
}

#[test]
fn strangers_may_not() {
	ExtBuilder::build_and_execute(|| {
		let operations = BoundedVec::new();
		let placed = Trading::batch(STRANGER.origin(), MAKER.account(0), operations, 0);
		assert_noop!(placed, Error::<Test>::NotAllowedToTrade);
	});
}
