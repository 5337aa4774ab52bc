use crate::{mock::*, Error, FeeRates, Fees, Matching, Session};
use frame_support::{assert_noop, assert_ok, storage::with_storage_layer, weights::Weight};
use plimsoll_primitives::{
	BookClearing, Contracts, Fill, FillError, Instrument, OrderSide, Resting,
};
use sp_arithmetic::Permill;
use sp_runtime::DispatchError;

type Book = Margin;

/// A call of one order.
fn open(taker: AccountId) -> Matching<'static, Test> {
	open_in(Box::leak(Default::default()), taker)
}

fn open_in(session: &mut Session, taker: AccountId) -> Matching<'_, Test> {
	<Book as BookClearing<AccountId>>::open_matching(session, &sub(taker)).expect("it exists")
}

/// The taker buys `size` (negative: sells) from what rests of `maker`.
fn fill(
	matching: &mut Matching<'_, Test>,
	maker: AccountId,
	instrument: Instrument,
	size: Contracts,
	usd: u32,
) -> Result<(), FillError> {
	let fill = Fill { instrument, size, price: price(usd) };
	<Book as BookClearing<AccountId>>::fill(matching, &sub(maker), &fill).map(|_| ())
}

fn close(matching: Matching<'_, Test>, rest: Option<Resting>) -> Result<(), DispatchError> {
	<Book as BookClearing<AccountId>>::close_matching(matching, rest)
}

/// As a call: what fails leaves no trace.
fn take(
	taker: AccountId,
	fills: &[(AccountId, Instrument, Contracts, u32)],
) -> Result<(), DispatchError> {
	with_storage_layer(|| {
		let mut matching = open(taker);
		for (maker, instrument, size, usd) in fills {
			match fill(&mut matching, *maker, *instrument, *size, *usd) {
				Ok(()) => {}
				Err(
					FillError::MakerRefused(error)
					| FillError::Stopped(error)
					| FillError::Failed(error),
				) => return Err(error),
			}
		}
		close(matching, None)
	})
}

fn refused(error: Error<Test>) -> Result<(), FillError> {
	Err(FillError::MakerRefused(error.into()))
}

fn failed(error: Error<Test>) -> Result<(), FillError> {
	Err(FillError::Failed(error.into()))
}

fn no_fees() {
	let none = Permill::zero();
	FeeRates::<Test>::put(Fees {
		maker: none,
		taker: none,
		insurance_share: none,
		..Fees::default()
	});
}

fn fund(dollars: u128) {
	for owner in [ALICE, BOB, CHARLIE] {
		deposit_cash(owner, dollars);
	}
}

#[test]
fn order_fills_against_several_makers_at_their_prices() {
	ExtBuilder::build_and_execute(|| {
		no_fees();
		fund(10_000);
		rest(BOB, OrderSide::Sell, perpetual(), lots(1), 3_000);
		rest(CHARLIE, OrderSide::Sell, perpetual(), lots(2), 3_010);
		assert_ok!(take(
			ALICE,
			&[(BOB, perpetual(), lots(1), 3_000), (CHARLIE, perpetual(), lots(1), 3_010)]
		));
		assert_eq!(size(ALICE, perpetual()), lots(2));
		assert_eq!(entry(ALICE, perpetual()), 6_010_000_000);
		assert_eq!((size(BOB, perpetual()), size(CHARLIE, perpetual())), (lots(-1), lots(-1)));
		assert_eq!(open_interest(&perpetual()), lots(2));
		assert!(open_orders(BOB, perpetual()).is_empty());
		assert_eq!(open_orders(CHARLIE, perpetual()).sells, lots(1));
	});
}

#[test]
fn premium_passes_when_an_option_fills() {
	ExtBuilder::build_and_execute(|| {
		no_fees();
		fund(10_000);
		rest(BOB, OrderSide::Buy, call(3_000), lots(1), 150);
		assert_ok!(take(ALICE, &[(BOB, call(3_000), lots(-1), 150)]));
		assert_eq!((cash(ALICE), cash(BOB)), (10_150_000_000, 9_850_000_000));
		assert!(open_orders(BOB, call(3_000)).is_empty());
	});
}

#[test]
fn maker_that_fails_the_gate_is_refused_and_the_taker_goes_on() {
	ExtBuilder::build_and_execute(|| {
		no_fees();
		fund(10_000);
		rest(BOB, OrderSide::Buy, perpetual(), lots(8), 3_000);
		rest(CHARLIE, OrderSide::Buy, perpetual(), lots(8), 3_000);
		// Bob's order is not worth its margin any more.
		lose(BOB, CHARLIE, usd(9_000));
		let mut matching = open(ALICE);
		let order = open_orders(BOB, perpetual());
		events();
		assert_noop!(
			fill(&mut matching, BOB, perpetual(), lots(-3), 3_000),
			FillError::MakerRefused(Error::<Test>::InitialMarginNotMet.into())
		);
		assert_eq!(events(), Vec::new(), "nothing has happened");
		assert_eq!(open_orders(BOB, perpetual()), order);
		assert_ok!(fill(&mut matching, CHARLIE, perpetual(), lots(-3), 3_000));
		assert_ok!(close(matching, None));
		assert_eq!(size(ALICE, perpetual()), lots(-3));
		assert_eq!(size(CHARLIE, perpetual()), lots(3));
		assert_eq!(size(BOB, perpetual()), lots(0));
	});
}

#[test]
fn maker_may_reduce_when_it_is_below_its_initial_margin() {
	ExtBuilder::build_and_execute(|| {
		no_fees();
		fund(10_000);
		assert_ok!(trade(BOB, CHARLIE, perpetual(), lots(12), price(3_000)));
		rest(BOB, OrderSide::Sell, perpetual(), lots(5), 3_000);
		lose(BOB, CHARLIE, usd(8_000));
		assert_ok!(take(ALICE, &[(BOB, perpetual(), lots(5), 3_000)]));
		assert_eq!(size(BOB, perpetual()), lots(7));
	});
}

#[test]
fn maker_may_not_take_risk_on_when_its_orders_shrink_by_it() {
	ExtBuilder::build_and_execute(|| {
		no_fees();
		fund(10_000);
		assert_ok!(trade(BOB, CHARLIE, perpetual(), lots(-1), price(3_000)));
		rest(BOB, OrderSide::Sell, perpetual(), lots(10), 3_000);
		rest(BOB, OrderSide::Buy, perpetual(), lots(5), 3_000);
		lose(BOB, CHARLIE, usd(8_000));
		// All orders filled, it would be short eleven; now four long, and less in the worst case.
		assert_noop!(
			take(ALICE, &[(BOB, perpetual(), lots(-5), 3_000)]),
			Error::<Test>::InitialMarginNotMet
		);
		assert_ok!(take(ALICE, &[(BOB, perpetual(), lots(-1), 3_000)]));
		assert_eq!(size(BOB, perpetual()), lots(0));
	});
}

#[test]
fn order_that_is_cancelled_on_the_way_excuses_nothing() {
	ExtBuilder::build_and_execute(|| {
		no_fees();
		fund(10_000);
		deposit_cash(CHARLIE, 90_000);
		rest(BOB, OrderSide::Sell, perpetual(), lots(10), 3_000);
		rest(CHARLIE, OrderSide::Sell, perpetual(), lots(9), 3_500);
		set_price(ETH, price(3_290));
		lose(BOB, CHARLIE, usd(7_000));
		// Its own order would have cost it nearly all it has; without that it may pay a friend instead.
		let dear = || {
			let mut matching = open(BOB);
			let own = resting(OrderSide::Sell, perpetual(), lots(10), 3_000);
			<Book as BookClearing<AccountId>>::release_order(&sub(BOB), &own);
			assert_ok!(fill(&mut matching, CHARLIE, perpetual(), lots(9), 3_500));
			close(matching, None)
		};
		assert_noop!(with_storage_layer(dear), Error::<Test>::InitialMarginNotMet);
	});
}

#[test]
fn maker_fills_when_a_feed_is_out_that_only_another_order_depends_on() {
	ExtBuilder::build_and_execute(|| {
		no_fees();
		fund(10_000);
		rest(BOB, OrderSide::Sell, perpetual(), lots(2), 3_000);
		rest(BOB, OrderSide::Buy, call(3_000), lots(1), 100);
		change_live_prices(ETH, |prices| prices.expiries.clear());
		assert_ok!(take(ALICE, &[(BOB, perpetual(), lots(1), 3_000)]));
		// What it then holds has to be covered all the same.
		lose(BOB, CHARLIE, usd(9_900));
		assert_noop!(
			take(ALICE, &[(BOB, perpetual(), lots(1), 3_000)]),
			Error::<Test>::InitialMarginNotMet
		);
	});
}

#[test]
fn taker_is_asked_once_when_all_has_filled() {
	ExtBuilder::build_and_execute(|| {
		no_fees();
		fund(10_000);
		deposit_cash(ALICE, 90_000);
		rest(ALICE, OrderSide::Sell, perpetual(), lots(50), 3_000);
		rest(ALICE, OrderSide::Buy, perpetual(), lots(50), 3_000);
		// In between it would hold more than it can carry; in the end it does not.
		assert_ok!(take(
			BOB,
			&[(ALICE, perpetual(), lots(40), 3_000), (ALICE, perpetual(), lots(-39), 3_000)]
		));
		assert_eq!(size(BOB, perpetual()), lots(1));
		assert_noop!(
			take(
				BOB,
				&[(ALICE, perpetual(), lots(10), 3_000), (ALICE, perpetual(), lots(11), 3_000)]
			),
			Error::<Test>::InitialMarginNotMet
		);
	});
}

#[test]
fn fill_is_refused_when_both_sides_are_one_account() {
	ExtBuilder::build_and_execute(|| {
		fund(10_000);
		let mut matching = open(ALICE);
		assert_eq!(
			fill(&mut matching, ALICE, perpetual(), lots(1), 3_000),
			failed(Error::SameAccount)
		);
		assert_eq!(fill(&mut matching, BOB, perpetual(), lots(0), 3_000), failed(Error::ZeroSize));
	});
}

#[test]
fn fill_is_refused_for_the_makers_reasons_when_it_is_the_maker() {
	ExtBuilder::build_and_execute(|| {
		no_fees();
		fund(10_000);
		let mut matching = open(ALICE);
		assert_eq!(
			fill(&mut matching, EVE, perpetual(), lots(1), 3_000),
			refused(Error::AccountNotFound)
		);
		assert_ok!(trade(ALICE, CHARLIE, perpetual(), lots(1), price(3_000)));
		set_close_only(perpetual());
		// Alice only closes, Bob would open.
		let mut matching = open(ALICE);
		assert_eq!(
			fill(&mut matching, BOB, perpetual(), lots(-1), 3_000),
			refused(Error::CloseOnly)
		);
		assert_ok!(fill(&mut matching, CHARLIE, perpetual(), lots(-1), 3_000));
		assert_ok!(close(matching, None));
		MaxPositions::set(1);
		assert_ok!(trade(BOB, CHARLIE, Instrument::perpetual(BTC), milli(10), price(60_000)));
		let mut matching = open(ALICE);
		assert_eq!(
			fill(&mut matching, BOB, call(3_000), lots(1), 150),
			refused(Error::TooManyPositions)
		);
	});
}

#[test]
fn fill_fails_when_it_is_not_the_makers_fault() {
	ExtBuilder::build_and_execute(|| {
		fund(10_000);
		assert_ok!(trade(BOB, CHARLIE, perpetual(), lots(1), price(3_000)));
		set_close_only(perpetual());
		let mut matching = open(ALICE);
		// Bob would close, Alice opens.
		assert_eq!(fill(&mut matching, BOB, perpetual(), lots(1), 3_000), failed(Error::CloseOnly));
		set_interest_cap(call(3_000), lots(1));
		assert_eq!(
			fill(&mut matching, BOB, call(3_000), lots(2), 150),
			Err(FillError::Stopped(DispatchError::Other("open interest cap"))),
			"nobody could have it"
		);
		let unlisted = call(5_000);
		assert_eq!(
			fill(&mut matching, BOB, unlisted, lots(1), 150),
			failed(Error::UnknownInstrument)
		);
		assert_ok!(close(matching, None));
		assert_eq!(size(ALICE, call(3_000)), lots(0));
		assert_eq!(insurance(), 0, "no fee of what did not fill");
	});
}

#[test]
fn order_rests_only_when_its_account_has_room_for_what_may_fill() {
	ExtBuilder::build_and_execute(|| {
		fund(50_000);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(1), price(3_000)));
		rest(ALICE, OrderSide::Buy, future(), lots(1), 2_900);
		MaxPositions::set(2);
		// In what it holds, and where it has orders, it needs no other place.
		rest(ALICE, OrderSide::Buy, perpetual(), lots(1), 2_900);
		rest(ALICE, OrderSide::Sell, future(), lots(1), 3_100);
		let another = resting(OrderSide::Buy, call(3_000), lots(1), 100);
		assert_noop!(try_rest(ALICE, another), Error::<Test>::TooManyPositions);
		MaxPositions::set(3);
		assert_ok!(try_rest(ALICE, another));
		MaxPositions::set(128);
	});
}

#[test]
fn order_is_refused_when_the_account_does_not_exist() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(
			<Book as BookClearing<AccountId>>::open_matching(&mut Session::default(), &sub(EVE))
				.err(),
			Some(Error::<Test>::AccountNotFound.into())
		);
	});
}

#[test]
fn matching_uses_less_than_it_may_and_more_with_each_fill() {
	ExtBuilder::build_and_execute(|| {
		no_fees();
		fund(10_000);
		let mut last = Weight::zero();
		for fills in 0..4 {
			let mut session = Session::default();
			let mut matching = open_in(&mut session, ALICE);
			let mut most = <Book as BookClearing<AccountId>>::matching_weight();
			for (maker, made) in [(BOB, true), (EVE, false), (CHARLIE, true)].iter().take(fills) {
				let filled = fill(&mut matching, *maker, perpetual(), lots(1), 3_000);
				assert_eq!(filled.is_ok(), *made);
				most = most.saturating_add(<Book as BookClearing<AccountId>>::fill_weight());
			}
			assert_ok!(close(matching, None));
			let used = <Book as BookClearing<AccountId>>::used_weight(&session);
			assert!(last.ref_time() < used.ref_time() && used.all_lte(most));
			last = used;
		}
	});
}

#[test]
fn orders_of_one_session_share_the_market_even_where_one_fails() {
	ExtBuilder::build_and_execute(|| {
		no_fees();
		fund(10_000);
		rest(BOB, OrderSide::Sell, perpetual(), lots(9), 3_000);
		let used = <Book as BookClearing<AccountId>>::used_weight;
		let mut session = Session::default();
		let mut uses = Vec::new();
		// The second is more than the account can carry, and undone.
		for (size, passes) in [(lots(1), true), (lots(1_000), false), (lots(1), true)] {
			let before = used(&session);
			let closed = with_storage_layer(|| {
				let matching = open_in(&mut session, ALICE);
				close(matching, Some(resting(OrderSide::Buy, perpetual(), size, 2_900)))
			});
			assert_eq!(closed.is_ok(), passes);
			uses.push(used(&session).saturating_sub(before));
		}
		assert!(uses[0].ref_time() > uses[1].ref_time());
		assert!(uses[0].all_lte(<Book as BookClearing<AccountId>>::matching_weight()));
		let further = <Book as BookClearing<AccountId>>::further_matching_weight();
		assert!(uses[1..].iter().all(|used| used.all_lte(further)));
		assert_eq!(open_orders(ALICE, perpetual()).buys, lots(2));
	});
}

#[test]
fn order_that_neither_fills_nor_rests_asks_no_gate() {
	ExtBuilder::build_and_execute(|| {
		fund(10_000);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(12), price(3_000)));
		lose(ALICE, BOB, usd(8_000));
		assert_ok!(take(ALICE, &[]));
	});
}

#[test]
fn expired_positions_are_settled_when_their_holders_match() {
	ExtBuilder::build_and_execute(|| {
		no_fees();
		fund(10_000);
		assert_ok!(trade(ALICE, BOB, future(), lots(1), price(3_000)));
		rest(BOB, OrderSide::Sell, perpetual(), lots(1), 3_000);
		expire_at(price(3_100));
		assert_ok!(take(ALICE, &[(BOB, perpetual(), lots(1), 3_000)]));
		assert_eq!((cash(ALICE), cash(BOB)), (10_100_000_000, 9_900_000_000));
		assert_eq!(size(ALICE, future()), lots(0));
	});
}
