//! Orders that can never fill don't rest, and those that can't any more cost a taker little.

use crate::{mock::*, CancelCause, Error, OrderTerms, Orders};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{
	Contracts,
	OrderSide::{Buy, Sell},
};

fn close_only(is: bool) {
	let mut listed = Listed::get(PERPETUAL).expect("it is listed");
	listed.0.close_only = is;
	Listed::insert(PERPETUAL, listed);
}

fn hold(person: Person, size: i32) {
	let magnitude = Contracts::from_u32(size.unsigned_abs());
	let size = if size < 0 { magnitude.checked_neg() } else { Some(magnitude) };
	Positions::insert(person.account(0), PERPETUAL, size.expect("small"));
}

#[test]
fn order_that_opens_is_refused_when_the_instrument_may_only_be_closed() {
	ExtBuilder::build_and_execute(|| {
		close_only(true);
		for side in [Buy, Sell] {
			assert_noop!(place(MAKER, limit(side, 1, 100)), Error::<Test>::CloseOnly);
		}
		hold(MAKER, 3);
		assert_noop!(place(MAKER, limit(Buy, 1, 90)), Error::<Test>::CloseOnly);
		assert_noop!(place(MAKER, limit(Sell, 4, 100)), Error::<Test>::CloseOnly);
		rest(MAKER, limit(Sell, 2, 100));
		// With what rests it would be more than is held.
		assert_noop!(place(MAKER, limit(Sell, 2, 101)), Error::<Test>::CloseOnly);
		rest(MAKER, limit(Sell, 1, 101));
		hold(TAKER, -3);
		assert_ok!(place(TAKER, limit(Buy, 3, 101)));
		assert_eq!((position(MAKER), position(TAKER)), (0, 0));
	});
}

#[test]
fn order_that_does_not_close_is_swept_when_the_instrument_may_only_be_closed() {
	ExtBuilder::build_and_execute(|| {
		let opens = rest(MAKER, limit(Sell, 1, 100));
		let closes = rest(TAKER, limit(Buy, 1, 90));
		hold(TAKER, -1);
		let sweep =
			|id| Trading::sweep_orders(STRANGER.origin(), vec![id].try_into().expect("one"));
		assert_noop!(sweep(opens), Error::<Test>::NothingToSweep);
		close_only(true);
		assert_noop!(sweep(closes), Error::<Test>::NothingToSweep);
		order_events();
		assert_ok!(sweep(opens));
		assert_eq!(order_events().1, [(opens, 1, CancelCause::CloseOnly)]);
		assert!(!Orders::<Test>::contains_key(opens));
	});
}

#[test]
fn refused_maker_costs_the_taker_no_fill() {
	ExtBuilder::build_and_execute(|| {
		for price in 100..100 + MaxRemovals::get() {
			rest(STRANGER, limit(Sell, 1, price));
		}
		let good = rest(MAKER, limit(Sell, 1, 110));
		Broke::insert(STRANGER.account(0), ());
		order_events();
		let taker = TAKER.account(0);
		assert_ok!(Trading::place_order(TAKER.origin(), taker, taking(Buy, 1, 110), 1));
		let (fills, cancelled) = order_events();
		assert_eq!(fills, [(good, 1, 110)]);
		assert!(cancelled.iter().all(|(.., cause)| *cause == CancelCause::Refused(BROKE)));
	});
}

#[test]
fn refused_maker_costs_a_fill_when_no_removal_is_left() {
	ExtBuilder::build_and_execute(|| {
		for price in 100..101 + MaxRemovals::get() {
			rest(STRANGER, limit(Sell, 1, price));
		}
		rest(MAKER, limit(Sell, 1, 110));
		Broke::insert(STRANGER.account(0), ());
		order_events();
		let taker = TAKER.account(0);
		let used = Trading::place_order(TAKER.origin(), taker, taking(Buy, 1, 110), 1);
		let used = used.expect("it passes").actual_weight.expect("it is told");
		assert!(used.all_lte(Trading::place_weight(1)));
		let (fills, cancelled) = order_events();
		assert!(fills.is_empty());
		assert_eq!(cancelled.last().map(|(.., cause)| *cause), Some(CancelCause::BoundReached));
	});
}

#[test]
fn taker_keeps_what_it_has_when_open_interest_reaches_its_cap() {
	ExtBuilder::build_and_execute(|| {
		let first = rest(MAKER, limit(Sell, 2, 100));
		let second = rest(MAKER, limit(Sell, 2, 101));
		RoomLeft::put(3);
		order_events();
		assert_ok!(place(TAKER, limit(Buy, 4, 101)));
		let (fills, cancelled) = order_events();
		assert_eq!(fills, [(first, 2, 100)]);
		assert_eq!(cancelled, [(2, 2, CancelCause::Refused(CAPPED))]);
		assert!(Orders::<Test>::contains_key(second), "it is not the maker's fault");
		assert_eq!(position(TAKER), 2);
	});
}

#[test]
fn what_a_reduce_only_order_is_cut_by_is_told() {
	ExtBuilder::build_and_execute(|| {
		let maker = rest(MAKER, limit(Sell, 5, 100));
		hold(TAKER, -2);
		order_events();
		assert_ok!(place(TAKER, OrderTerms { reduce_only: true, ..taking(Buy, 5, 100) }));
		let (fills, cancelled) = order_events();
		assert_eq!(fills, [(maker, 2, 100)]);
		assert_eq!(cancelled, [(1, 3, CancelCause::ReduceOnly)]);
		assert_eq!(position(TAKER), 0);
	});
}

#[test]
fn full_level_takes_an_order_when_one_of_it_has_expired() {
	ExtBuilder::build_and_execute(|| {
		let expiring: Vec<_> = (0..MaxOrdersPerLevel::get())
			.map(|_| rest(MAKER, until(2, limit(Sell, 1, 100))))
			.collect();
		assert_noop!(place(TAKER, limit(Sell, 1, 100)), Error::<Test>::LevelFull);
		run_to_block(3);
		order_events();
		let id = rest(TAKER, limit(Sell, 1, 100));
		let cancelled: Vec<_> =
			expiring[..2].iter().map(|id| (*id, 1, CancelCause::Expired)).collect();
		assert_eq!(order_events().1, cancelled, "as many as a call removes");
		assert!(Orders::<Test>::contains_key(id));
		assert_eq!(held(MAKER), OrderDeposit::get());
	});
}
