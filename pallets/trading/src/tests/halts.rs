use crate::{mock::*, Error, Event, Operation, OrderTerms, Orders};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::OrderSide::{Buy, Sell};

fn halt(is: bool) {
	let mut listed = Listed::get(PERPETUAL).expect("it is listed");
	listed.0.halted = is;
	Listed::insert(PERPETUAL, listed);
}

#[test]
fn halted_book_takes_no_orders_and_gives_up_those_that_rest() {
	ExtBuilder::build_and_execute(|| {
		let first = rest(MAKER, limit(Sell, 1, 100));
		let second = rest(MAKER, limit(Sell, 1, 101));
		halt(true);
		let reducing = OrderTerms { reduce_only: true, ..taking(Buy, 1, 101) };
		for order in [limit(Buy, 1, 90), taking(Buy, 1, 101), reducing] {
			assert_noop!(place(TAKER, order), Error::<Test>::TradingHalted);
		}
		let maker = MAKER.account(0);
		let new = limit(Sell, 1, 102);
		let replaced = Trading::replace_order(MAKER.origin(), maker.clone(), first, new.clone(), 0);
		assert_noop!(replaced, Error::<Test>::TradingHalted);
		let operations = vec![Operation::Replace(first, new), Operation::Cancel(first)];
		let operations = operations.try_into().expect("two");
		assert_ok!(Trading::batch(MAKER.origin(), maker.clone(), operations, 0));
		let error = Error::<Test>::TradingHalted.into();
		System::assert_has_event(Event::OperationFailed { index: 0, error }.into());
		assert_ok!(Trading::cancel_order(MAKER.origin(), maker, second));
		assert_eq!((Orders::<Test>::iter().count(), held(MAKER)), (0, 0));
	});
}

#[test]
fn book_goes_on_where_it_was_when_a_halt_is_lifted() {
	ExtBuilder::build_and_execute(|| {
		let id = rest(MAKER, limit(Sell, 1, 100));
		halt(true);
		run_to_block(5);
		halt(false);
		order_events();
		assert_ok!(place(TAKER, limit(Buy, 1, 100)));
		assert_eq!(order_events().0, [(id, 1, 100)]);
	});
}
