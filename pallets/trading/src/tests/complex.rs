use crate::{
	mock::*, CancelCause, ComplexOrders, ComplexOrdersOf, ComplexRest, ComplexTerms, Error, Event,
	RequestLeg, SelfTrade,
};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo, BoundedVec};
use plimsoll_primitives::{
	Contracts, Instrument,
	OrderSide::{Buy, Sell},
	Price, UsdValue,
};
use proptest::prelude::*;

fn usd(dollars: i32) -> UsdValue {
	let magnitude = UsdValue::from_u32(dollars.unsigned_abs());
	if dollars < 0 {
		magnitude.checked_neg().expect("small; qed")
	} else {
		magnitude
	}
}

fn leg(instrument: Instrument, size: i32) -> RequestLeg {
	RequestLeg { instrument, size: fill(instrument, size, 1).size }
}

/// For so much at most, immediate.
fn complex(legs: &[(Instrument, i32)], most: i32) -> ComplexTerms<Test> {
	let legs: Vec<_> = legs.iter().map(|(instrument, size)| leg(*instrument, *size)).collect();
	ComplexTerms {
		legs: BoundedVec::truncate_from(legs),
		most: usd(most),
		self_trade: SelfTrade::CancelResting,
		rest: None,
	}
}

/// The same, to rest at these prices until a block.
fn resting(terms: ComplexTerms<Test>, prices: &[u32], until: u32) -> ComplexTerms<Test> {
	let prices: Vec<_> = prices.iter().copied().map(Price::from_u32).collect();
	let rest = ComplexRest { prices: BoundedVec::truncate_from(prices), until };
	ComplexTerms { rest: Some(rest), ..terms }
}

fn place_complex(
	person: Person,
	terms: ComplexTerms<Test>,
	fills: u32,
) -> DispatchResultWithPostInfo {
	Trading::place_complex_order(person.origin(), person.account(0), terms, fills)
}

/// Rests an order and gives its number.
fn rest_complex(person: Person, terms: ComplexTerms<Test>) -> u64 {
	let id = crate::NextOrderId::<Test>::get();
	assert_ok!(place_complex(person, terms, 0));
	assert!(ComplexOrders::<Test>::contains_key(id), "it rests");
	id
}

fn held_for_quotes(person: Person) -> u64 {
	use frame_support::traits::fungible::InspectHold;
	Balances::balance_on_hold(&crate::HoldReason::Quote.into(), &person.id())
}

fn sizes(person: Person) -> [i128; 2] {
	[PERPETUAL, FUTURE]
		.map(|of| Positions::get(person.account(0), of).into_inner() / Contracts::ONE.into_inner())
}

/// Buys the perpetual, sells the future.
const SPREAD: [(Instrument, i32); 2] = [(PERPETUAL, 2), (FUTURE, -2)];
/// The opposite.
const MIRROR: [(Instrument, i32); 2] = [(FUTURE, 2), (PERPETUAL, -2)];

fn in_future(order: crate::OrderTerms) -> crate::OrderTerms {
	crate::OrderTerms { instrument: FUTURE, ..order }
}

#[test]
fn all_legs_fill_in_their_books_at_no_more_than_the_net_price() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 1, 100));
		rest(STRANGER, limit(Sell, 5, 101));
		rest(MAKER, in_future(limit(Buy, 3, 99)));
		let next = crate::NextOrderId::<Test>::get();
		// 100 + 101 - 2 * 99.
		assert_noop!(place_complex(TAKER, complex(&SPREAD, 2), 4), Error::<Test>::WorseThanLimit);
		assert_ok!(place_complex(TAKER, complex(&SPREAD, 3), 4));
		assert_eq!(sizes(TAKER), [2, -2]);
		assert_eq!(sizes(MAKER), [-1, 2]);
		let orders = BoundedVec::truncate_from(vec![next, next + 1]);
		let account = TAKER.account(0);
		System::assert_last_event(
			Event::ComplexOrderFilled { account, orders, cost: usd(3) }.into(),
		);
		assert_eq!(order_events().0.len(), 3);
	});
}

#[test]
fn no_leg_fills_where_another_cannot() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 100));
		rest(MAKER, in_future(limit(Buy, 1, 100)));
		assert_noop!(place_complex(TAKER, complex(&SPREAD, 100), 4), Error::<Test>::NotFilled);
		rest(STRANGER, in_future(limit(Buy, 1, 100)));
		assert_noop!(place_complex(TAKER, complex(&SPREAD, 100), 2), Error::<Test>::NotFilled);
		assert_ok!(place_complex(TAKER, complex(&SPREAD, 100), 3));
	});
}

#[test]
fn no_leg_fills_beyond_its_price_band() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 121));
		rest(MAKER, in_future(limit(Buy, 2, 100)));
		assert_noop!(place_complex(TAKER, complex(&SPREAD, 100), 4), Error::<Test>::NotFilled);
		rest(STRANGER, limit(Sell, 2, 120));
		assert_ok!(place_complex(TAKER, complex(&SPREAD, 100), 4));
		assert_eq!(sizes(STRANGER), [-2, 0]);
	});
}

#[test]
fn gate_is_asked_once_for_all_legs() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 100));
		rest(MAKER, in_future(limit(Buy, 2, 100)));
		GateIsShut::put(true);
		assert_noop!(place_complex(TAKER, complex(&SPREAD, 0), 4), GATE);
		GateIsShut::kill();
		assert_ok!(place_complex(TAKER, complex(&SPREAD, 0), 4));
	});
}

#[test]
fn one_that_does_not_trade_rests_and_another_takes_it() {
	ExtBuilder::build_and_execute(|| {
		let id = rest_complex(MAKER, resting(complex(&SPREAD, 4), &[101, 99], 5));
		assert_eq!(held_for_quotes(MAKER), QuoteDeposit::get());
		// The maker pays 4.
		assert_noop!(place_complex(TAKER, complex(&MIRROR, -5), 4), Error::<Test>::NotFilled);
		assert_ok!(place_complex(TAKER, complex(&MIRROR, -4), 4));
		assert_eq!((sizes(MAKER), sizes(TAKER)), ([2, -2], [-2, 2]));
		assert_eq!(held_for_quotes(MAKER), 0);
		System::assert_last_event(
			Event::ComplexOrderTaken {
				order: id,
				taker: TAKER.account(0),
				maker: MAKER.account(0),
				legs: legs(&[fill(PERPETUAL, -2, 101), fill(FUTURE, 2, 99)]),
			}
			.into(),
		);
		assert_eq!(crate::ComplexBooks::<Test>::iter().count(), 0);
		assert_eq!(ComplexOrdersOf::<Test>::iter().count(), 0);
	});
}

#[test]
fn books_are_taken_only_where_they_cost_less_than_the_best_maker() {
	ExtBuilder::build_and_execute(|| {
		// The books sell the spread for 2; the maker for 1, then for 2.
		rest(STRANGER, limit(Sell, 2, 101));
		rest(STRANGER, in_future(limit(Buy, 2, 100)));
		rest_complex(MAKER, resting(complex(&MIRROR, -2), &[99, 100], 5));
		assert_ok!(place_complex(TAKER, complex(&SPREAD, 9), 4));
		assert_eq!((sizes(MAKER), sizes(STRANGER)), ([-2, 2], [0, 0]), "a tie is the maker's");
		rest_complex(MAKER, resting(complex(&MIRROR, -4), &[98, 100], 5));
		assert_ok!(place_complex(TAKER, complex(&SPREAD, 9), 4));
		assert_eq!(sizes(STRANGER), [-2, 2]);
		assert_eq!(ComplexOrdersOf::<Test>::get(MAKER.account(0)).len(), 1);
	});
}

#[test]
fn where_there_may_be_no_fills_the_books_are_not_asked() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 100));
		rest(MAKER, in_future(limit(Buy, 2, 100)));
		assert_noop!(place_complex(TAKER, complex(&SPREAD, 9), 0), Error::<Test>::NotFilled);
		rest_complex(TAKER, resting(complex(&SPREAD, 9), &[100, 100], 5));
	});
}

#[test]
fn maker_that_cannot_trade_is_cancelled_and_the_next_is_met() {
	ExtBuilder::build_and_execute(|| {
		let dead = rest_complex(MAKER, resting(complex(&MIRROR, 9), &[100, 98], 5));
		let next = rest_complex(STRANGER, resting(complex(&MIRROR, 9), &[99, 98], 5));
		Broke::insert(MAKER.account(0), ());
		assert_ok!(place_complex(TAKER, complex(&SPREAD, 9), 4));
		let (account, cause) = (MAKER.account(0), CancelCause::Refused(BROKE));
		System::assert_has_event(
			Event::ComplexOrderCancelled { order: dead, account, cause }.into(),
		);
		assert_eq!(sizes(STRANGER), [-2, 2]);
		assert!(!ComplexOrders::<Test>::contains_key(next));
		assert_eq!((held_for_quotes(MAKER), held_for_quotes(STRANGER)), (0, 0));
	});
}

#[test]
fn makers_that_cannot_trade_are_gone_even_where_nothing_comes_of_it() {
	ExtBuilder::build_and_execute(|| {
		let dead = rest_complex(MAKER, resting(complex(&MIRROR, 9), &[100, 98], 5));
		Broke::insert(MAKER.account(0), ());
		assert_ok!(place_complex(TAKER, complex(&SPREAD, 9), 0));
		assert!(!ComplexOrders::<Test>::contains_key(dead));
		let (account, error) = (TAKER.account(0), Error::<Test>::NotFilled.into());
		System::assert_last_event(Event::ComplexOrderUnfilled { account, error }.into());
		assert_eq!(sizes(TAKER), [0, 0]);
	});
}

#[test]
fn offer_that_comes_to_nothing_keeps_nobody_from_the_books() {
	ExtBuilder::build_and_execute(|| {
		rest(STRANGER, limit(Sell, 2, 101));
		rest(STRANGER, in_future(limit(Buy, 2, 100)));
		rest_complex(MAKER, resting(complex(&MIRROR, 9), &[100, 98], 5));
		Broke::insert(MAKER.account(0), ());
		let post = place_complex(TAKER, complex(&SPREAD, 9), 4).expect("the books fill it");
		assert_eq!((sizes(TAKER), sizes(STRANGER)), ([2, -2], [-2, 2]));
		let most = Trading::place_complex_weight(2, 4);
		assert!(post.actual_weight.expect("it is told").all_lte(most));
	});
}

#[test]
fn no_maker_is_met_that_asks_more_than_the_books() {
	ExtBuilder::build_and_execute(|| {
		// The books sell the spread for 2; the best maker, who cannot, for -4; another for 6.
		rest(STRANGER, limit(Sell, 2, 101));
		rest(STRANGER, in_future(limit(Buy, 2, 100)));
		rest_complex(MAKER, resting(complex(&MIRROR, 9), &[100, 98], 5));
		Broke::insert(MAKER.account(0), ());
		let origin = STRANGER.origin();
		let dear = resting(complex(&MIRROR, 9), &[100, 103], 5);
		assert_ok!(Trading::place_complex_order(origin, STRANGER.account(1), dear, 0));
		assert_ok!(place_complex(TAKER, complex(&SPREAD, 9), 4));
		assert_eq!(sizes(STRANGER), [-2, 2], "its orders in the books");
		assert_eq!(ComplexOrders::<Test>::iter().count(), 1, "the dear one rests on");
	});
}

#[test]
fn silence_and_the_waterfall_cancel_complex_orders_too() {
	use plimsoll_primitives::{MassCancel, OpenOrders};
	let cancel = |limit| {
		let done = Trading::cancel_orders(&MAKER.account(0), limit, MassCancel::Liquidation);
		(done.orders, done.are_left)
	};
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 1, 110));
		rest_complex(MAKER, resting(complex(&MIRROR, 9), &[100, 100], 9));
		rest_complex(STRANGER, resting(complex(&MIRROR, 9), &[100, 100], 9));
		let silent =
			Trading::set_cancel_on_silence(STRANGER.origin(), STRANGER.account(0), Some(1));
		assert_ok!(silent);
		assert_eq!(cancel(1), (1, true));
		assert_eq!(cancel(1), (1, false));
		run_to_block(3);
		assert_eq!(ComplexOrders::<Test>::iter().count(), 0);
	});
}

#[test]
fn expired_silent_and_outlying_makers_do_not_trade() {
	ExtBuilder::build_and_execute(|| {
		let expired = rest_complex(MAKER, resting(complex(&MIRROR, 99), &[100, 100], 2));
		rest_complex(MAKER, resting(complex(&MIRROR, 300), &[150, 49], 9));
		rest_complex(STRANGER, resting(complex(&MIRROR, 99), &[100, 99], 9));
		let silent =
			Trading::set_cancel_on_silence(STRANGER.origin(), STRANGER.account(0), Some(2));
		assert_ok!(silent);
		// Upkeep has not come by yet.
		System::set_block_number(4);
		System::reset_events();
		let id = rest_complex(TAKER, resting(complex(&SPREAD, 300), &[100, 100], 9));
		assert!(ComplexOrders::<Test>::contains_key(expired), "no more are looked at");
		let last = rest_complex(TAKER, resting(complex(&SPREAD, 300), &[100, 100], 9));
		let mut resting: Vec<_> = ComplexOrders::<Test>::iter_keys().collect();
		resting.sort_unstable();
		assert_eq!(resting, [id, last], "nobody traded");
		assert_eq!((held_for_quotes(MAKER), held_for_quotes(STRANGER)), (0, 0));
		let causes: Vec<_> = System::read_events_for_pallet::<Event<Test>>()
			.into_iter()
			.filter_map(|event| match event {
				Event::ComplexOrderCancelled { cause, .. } => Some(cause),
				_ => None,
			})
			.collect();
		let expected = [CancelCause::PriceBand, CancelCause::Silence, CancelCause::Expired];
		assert_eq!(causes, expected, "the best first");
	});
}

#[test]
fn resting_orders_outlive_a_feed_that_is_out() {
	ExtBuilder::build_and_execute(|| {
		let id = rest_complex(MAKER, resting(complex(&MIRROR, 9), &[100, 100], 5));
		Marks::insert(FUTURE, None::<Price>);
		assert!(place_complex(TAKER, complex(&SPREAD, 9), 0).is_err());
		assert!(ComplexOrders::<Test>::contains_key(id));
		Marks::remove(FUTURE);
		assert_ok!(place_complex(TAKER, complex(&SPREAD, 9), 0));
	});
}

#[test]
fn own_order_is_passed_over() {
	ExtBuilder::build_and_execute(|| {
		rest_complex(TAKER, resting(complex(&MIRROR, 9), &[100, 98], 5));
		assert_noop!(place_complex(TAKER, complex(&SPREAD, 9), 0), Error::<Test>::NotFilled);
		rest_complex(MAKER, resting(complex(&MIRROR, 9), &[99, 99], 5));
		assert_ok!(place_complex(TAKER, complex(&SPREAD, 9), 0));
		assert_eq!(sizes(MAKER), [-2, 2]);
	});
}

#[test]
fn bad_orders_are_refused_by_name() {
	ExtBuilder::build_and_execute(|| {
		let twice = [(PERPETUAL, 1), (PERPETUAL, -1)];
		for (terms, error) in [
			(complex(&[], 0), Error::<Test>::NoLegs),
			(complex(&twice, 0), Error::<Test>::DuplicateInstrument),
			(complex(&[(PERPETUAL, 0)], 0), Error::<Test>::ZeroSize),
			(complex(&[(call_option(1), 1)], 0), Error::<Test>::UnknownInstrument),
			(resting(complex(&SPREAD, 9), &[100], 5), Error::<Test>::WrongNumberOfPrices),
			(resting(complex(&SPREAD, 9), &[100, 0], 5), Error::<Test>::ZeroPrice),
			(resting(complex(&SPREAD, 1), &[101, 100], 5), Error::<Test>::WorseThanLimit),
			(resting(complex(&SPREAD, 9), &[100, 100], 0), Error::<Test>::OrderExpired),
			(resting(complex(&SPREAD, 9), &[100, 100], 22), Error::<Test>::ExpiryTooFar),
		] {
			assert_noop!(place_complex(TAKER, terms, 4), error);
		}
		let stranger = Trading::place_complex_order(
			STRANGER.origin(),
			TAKER.account(0),
			complex(&SPREAD, 9),
			4,
		);
		assert_noop!(stranger, Error::<Test>::NotAllowedToTrade);
		let many = place_complex(TAKER, complex(&SPREAD, 9), 5);
		assert_noop!(many, Error::<Test>::TooManyFills);
	});
}

#[test]
fn nothing_trades_or_rests_while_a_leg_is_halted() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 100));
		rest(MAKER, in_future(limit(Buy, 2, 100)));
		Listed::mutate(FUTURE, |listed| listed.as_mut().expect("it is listed").0.halted = true);
		let terms = complex(&SPREAD, 9);
		assert_noop!(place_complex(TAKER, terms.clone(), 4), Error::<Test>::TradingHalted);
		let terms = resting(terms, &[100, 100], 5);
		assert_noop!(place_complex(TAKER, terms, 4), Error::<Test>::TradingHalted);
	});
}

#[test]
fn order_is_cancelled_by_its_account_or_once_it_is_dead_by_anybody() {
	ExtBuilder::build_and_execute(|| {
		let id = rest_complex(MAKER, resting(complex(&SPREAD, 9), &[100, 100], 3));
		let cancel = |who: Person, id| Trading::cancel_complex_order(who.origin(), id);
		assert_noop!(cancel(TAKER, id), Error::<Test>::NotYourOrder);
		assert_ok!(cancel(MAKER, id));
		assert_noop!(cancel(MAKER, id), Error::<Test>::UnknownOrder);
		let id = rest_complex(MAKER, resting(complex(&SPREAD, 9), &[100, 100], 3));
		// Upkeep has not come by yet.
		System::set_block_number(4);
		assert_ok!(cancel(TAKER, id));
		let id = rest_complex(MAKER, resting(complex(&SPREAD, 9), &[100, 100], 9));
		Listed::remove(FUTURE);
		assert_ok!(cancel(TAKER, id));
		let (account, cause) = (MAKER.account(0), CancelCause::NotTradable);
		System::assert_last_event(
			Event::ComplexOrderCancelled { order: id, account, cause }.into(),
		);
		assert_eq!(held_for_quotes(MAKER), 0);
	});
}

#[test]
fn cancelling_all_cancels_complex_orders_too() {
	ExtBuilder::build_and_execute(|| {
		rest_complex(MAKER, resting(complex(&SPREAD, 9), &[100, 100], 3));
		rest_complex(MAKER, resting(complex(&MIRROR, 9), &[100, 100], 3));
		let terms = resting(complex(&SPREAD, 9), &[100, 99], 3);
		assert_noop!(place_complex(MAKER, terms, 0), Error::<Test>::TooManyOrders);
		let cancel = |of| Trading::cancel_all(MAKER.origin(), MAKER.account(0), of);
		assert_ok!(cancel(Some(PERPETUAL)));
		assert_eq!(ComplexOrders::<Test>::iter().count(), 2);
		assert_ok!(cancel(None));
		assert_eq!(ComplexOrders::<Test>::iter().count(), 0);
	});
}

#[test]
fn full_package_makes_room_for_one_that_pays_more() {
	ExtBuilder::build_and_execute(|| {
		let spread = |future: u32, until| resting(complex(&SPREAD, 99), &[100, future], until);
		let at = |person: Person, number, terms| {
			let id = crate::NextOrderId::<Test>::get();
			Trading::place_complex_order(person.origin(), person.account(number), terms, 0)
				.map(|_| id)
		};
		let worst = at(MAKER, 0, spread(103, 9)).expect("it rests");
		let middle = at(MAKER, 1, spread(102, 3)).expect("it rests");
		let best = at(MAKER, 2, spread(101, 9)).expect("it rests");
		let equal = at(STRANGER, 0, spread(103, 9));
		let refused = equal.expect_err("it pays no more").error;
		assert_eq!(refused, Error::<Test>::LevelFull.into());
		System::reset_events();
		let new = at(STRANGER, 0, spread(102, 9)).expect("it pays more");
		assert!(!ComplexOrders::<Test>::contains_key(worst));
		let cause = CancelCause::Displaced;
		let account = MAKER.account(0);
		System::assert_has_event(
			Event::ComplexOrderCancelled { order: worst, account, cause }.into(),
		);
		System::set_block_number(4);
		// One that has expired goes first, whatever it pays.
		let last = at(TAKER, 0, spread(104, 9)).expect("it rests");
		assert!(!ComplexOrders::<Test>::contains_key(middle));
		for id in [best, new, last] {
			assert!(ComplexOrders::<Test>::contains_key(id));
		}
	});
}

#[test]
fn what_was_not_used_is_given_back() {
	ExtBuilder::build_and_execute(|| {
		let rests = resting(complex(&SPREAD, 9), &[100, 100], 3);
		let post = place_complex(MAKER, rests, 0).expect("it rests");
		let none = post.actual_weight.expect("it is told");
		let rests = resting(complex(&MIRROR, 9), &[100, 100], 3);
		let post = place_complex(TAKER, rests, 0).expect("it is met");
		let tried = post.actual_weight.expect("it is told");
		assert!(tried.all_gt(none) || tried.ref_time() > none.ref_time());
		assert!(tried.ref_time() < Trading::place_complex_weight(2, 0).ref_time());
	});
}

/// What one asks for in the comparison with the naive book: how much of the spread it buys, at what price
/// of the perpetual, and whether its account is broke.
#[derive(Clone, Copy, Debug)]
struct Asked {
	person: u8,
	buys: bool,
	price: u32,
}

fn asked() -> impl Strategy<Value = Asked> {
	(0u8..3, any::<bool>(), 95u32..106).prop_map(|(person, buys, price)| Asked {
		person,
		buys,
		price,
	})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	/// Against a list that is searched from end to end: who trades with whom, at what price, and what rests.
	#[test]
	fn makers_are_met_as_a_naive_book_has_it(all in proptest::collection::vec(asked(), 1..12)) {
		ExtBuilder::build_and_execute(|| {
			let people = [MAKER, TAKER, STRANGER];
			// What rests: number, person, buys, what it pays.
			let mut naive: Vec<(u64, u8, bool, i32)> = Vec::new();
			for Asked { person, buys, price } in all {
				let legs = if buys { SPREAD } else { MIRROR };
				let prices = if buys { [price, 100] } else { [100, price] };
				let pays = 2 * (i32::try_from(price).expect("small; qed") - 100) * if buys { 1 } else { -1 };
				let id = crate::NextOrderId::<Test>::get();
				System::reset_events();
				let placed = place_complex(
					people[usize::from(person)],
					resting(complex(&legs, pays), &prices, 9),
					0,
				);
				let met = naive
					.iter()
					.filter(|(_, other, side, theirs)| {
						*other != person && *side != buys && pays + theirs >= 0
					})
					.max_by_key(|(id, _, _, theirs)| (*theirs, core::cmp::Reverse(*id)))
					.copied();
				let taken = System::read_events_for_pallet::<Event<Test>>().into_iter().find_map(
					|event| match event {
						Event::ComplexOrderTaken { order, .. } => Some(order),
						_ => None,
					},
				);
				let own = naive.iter().filter(|of| of.1 == person).count();
				let side = naive.iter().filter(|of| of.2 == buys).count();
				match met {
					Some((order, ..)) => {
						assert_eq!(taken, Some(order));
						naive.retain(|of| of.0 != order);
					}
					None if placed.is_ok() => {
						assert_eq!(taken, None);
						if side == 3 {
							// The last of those that pay least went.
							let last = naive
								.iter()
								.filter(|of| of.2 == buys)
								.min_by_key(|of| (of.3, core::cmp::Reverse(of.0)))
								.copied()
								.expect("there are three; qed");
							assert!(last.3 < pays);
							naive.retain(|of| of.0 != last.0);
						}
						naive.push((id, person, buys, pays));
					}
					None => assert!(own == 2 || side == 3, "{:?}", placed),
				}
				let mut ids: Vec<_> = ComplexOrders::<Test>::iter_keys().collect();
				ids.sort_unstable();
				let mut expected: Vec<_> = naive.iter().map(|of| of.0).collect();
				expected.sort_unstable();
				assert_eq!(ids, expected);
			}
		});
	}
}
