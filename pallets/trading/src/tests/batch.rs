use crate::{mock::*, CancelCause, Error, Event, Operation, OrderTerms, Orders, TimeInForce};
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
fn operation_that_fails_leaves_to_others_what_it_did_not_use() {
	ExtBuilder::build_and_execute(|| {
		let expired = rest(MAKER, until(2, limit(Sell, 1, 100)));
		let good = rest(MAKER, limit(Sell, 1, 101));
		run_to_block(3);
		let kill = OrderTerms { time_in_force: TimeInForce::FillOrKill, ..limit(Buy, 2, 101) };
		order_events();
		let operations = [Operation::Place(kill), Operation::Place(limit(Buy, 1, 101))];
		let used = batch(TAKER, &operations, 2).expect("it passes");
		let (fills, cancelled) = order_events();
		assert_eq!((fills, cancelled.len()), (vec![(good, 1, 101)], 1));
		assert_eq!(cancelled[0], (expired, 1, CancelCause::Expired));
		let used = used.actual_weight.expect("it is told");
		assert!(used.ref_time() < Trading::batch_weight(2, 2).ref_time());
	});
}

#[test]
fn further_operation_weighs_less_than_the_first() {
	ExtBuilder::build_and_execute(|| {
		let operation = |price| Operation::Place(limit(Buy, 1, price));
		let weight = |operations: &[_]| {
			let used = batch(MAKER, operations, 0).expect("it passes");
			used.actual_weight.expect("it is told").ref_time()
		};
		let (none, one) = (weight(&[]), weight(&[operation(90)]));
		let two = weight(&[operation(91), operation(92)]);
		assert!(two - one < one - none);
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
