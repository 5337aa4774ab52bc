//! Requests for quotes: who may ask, answer and take, what trades, and how each of them ends.

use crate::{
	mock::*, AnswerEnd, AnswerTerms, Answers, CancelCause, Error, Event, HoldReason, NextRequestId,
	RequestId, RequestLeg, RequestTerms, Requests, RequestsOf, SilenceSwitches,
};
use frame_support::{
	assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo, traits::fungible::InspectHold,
	BoundedVec,
};
use plimsoll_primitives::{
	OrderSide::{self, Buy, Sell},
	Price, UsdValue,
};
use proptest::prelude::*;
use sp_runtime::{traits::BadOrigin, DispatchResult};

/// To buy 2 perpetuals and sell 1 future, or the other way round, of anybody, until block 10.
fn terms() -> RequestTerms<Test> {
	let leg = |instrument, size| {
		let fill = fill(instrument, size, 1);
		RequestLeg { instrument, size: fill.size }
	};
	RequestTerms {
		legs: BoundedVec::truncate_from(vec![leg(PERPETUAL, 2), leg(FUTURE, -1)]),
		two_sided: true,
		makers: BoundedVec::new(),
		expiry_block: 10,
	}
}

fn prices(usd: [u32; 2]) -> BoundedVec<Price, MaxLegs> {
	BoundedVec::truncate_from(usd.map(Price::from_u32).to_vec())
}

/// Sells the package at 2 × 101 - 100 = 102 and buys it at 2 × 99 - 101 = 97, until block 8.
fn answer() -> AnswerTerms<Test> {
	AnswerTerms { ask: Some(prices([101, 100])), bid: Some(prices([99, 101])), valid_until: 8 }
}

/// The taker asks.
fn ask(terms: RequestTerms<Test>) -> RequestId {
	let id = NextRequestId::<Test>::get();
	assert_ok!(Trading::request_quote(TAKER.origin(), TAKER.account(0), terms));
	id
}

fn reply(person: Person, id: RequestId, terms: AnswerTerms<Test>) -> DispatchResult {
	Trading::answer_request(person.origin(), id, person.account(0), terms)
}

/// The taker takes the maker's answer.
fn accept(id: RequestId, side: OrderSide, most: i32) -> DispatchResultWithPostInfo {
	let most = UsdValue::from_inner(i128::from(most) * UsdValue::ONE.into_inner());
	Trading::accept_answer(TAKER.origin(), id, MAKER.account(0), side, most)
}

fn held_for_quotes(person: Person) -> u64 {
	Balances::balance_on_hold(&HoldReason::Quote.into(), &person.id())
}

#[test]
fn ask_is_taken_with_all_legs_as_they_are_written() {
	ExtBuilder::build_and_execute(|| {
		let id = ask(terms());
		assert_ok!(reply(MAKER, id, answer()));
		assert_ok!(accept(id, Buy, 102));
		let traded = legs(&[fill(PERPETUAL, 2, 101), fill(FUTURE, -1, 100)]);
		System::assert_last_event(
			Event::RequestFilled {
				request: id,
				taker: TAKER.account(0),
				maker: MAKER.account(0),
				side: Buy,
				legs: traded,
			}
			.into(),
		);
		assert_eq!((position(TAKER), position(MAKER)), (2, -2));
		assert!(!Requests::<Test>::contains_key(id));
		assert_eq!((held_for_quotes(TAKER), held_for_quotes(MAKER)), (0, 0));
	});
}

/// When somebody last traded for an account that has a switch.
fn last_seen(person: Person) -> u32 {
	SilenceSwitches::<Test>::get(person.account(0)).expect("it is set").seen
}

#[test]
fn every_call_renews_the_silence_switch_of_the_account_that_it_is_for() {
	ExtBuilder::build_and_execute(|| {
		for person in [MAKER, TAKER] {
			let set = Trading::set_cancel_on_silence(person.origin(), person.account(0), Some(100));
			assert_ok!(set);
		}
		let seen = || (last_seen(MAKER), last_seen(TAKER));
		run_to_block(2);
		let id = ask(RequestTerms { expiry_block: 12, ..terms() });
		assert_eq!(seen(), (1, 2));
		run_to_block(3);
		assert_ok!(reply(MAKER, id, answer()));
		assert_eq!(seen(), (3, 2));
		run_to_block(4);
		assert_ok!(Trading::withdraw_answer(MAKER.origin(), id, MAKER.account(0)));
		assert_eq!(seen(), (4, 2));
		assert_ok!(reply(MAKER, id, answer()));
		run_to_block(5);
		assert_ok!(Trading::withdraw_answer(TAKER.origin(), id, MAKER.account(0)));
		assert_eq!(seen(), (4, 5), "dismissing is the asking account's call");
		assert_ok!(reply(MAKER, id, answer()));
		run_to_block(6);
		assert_ok!(accept(id, Buy, 102));
		assert_eq!(seen(), (5, 6), "who is taken at its answer need not be there");
		let id = ask(RequestTerms { expiry_block: 12, ..terms() });
		run_to_block(7);
		assert_noop!(
			Trading::cancel_request(STRANGER.origin(), id),
			Error::<Test>::NotAllowedToTrade
		);
		assert_ok!(Trading::cancel_request(TAKER.origin(), id));
		assert_eq!(seen(), (5, 7));
	});
}

#[test]
fn bid_is_taken_with_all_legs_the_other_way() {
	ExtBuilder::build_and_execute(|| {
		let id = ask(terms());
		assert_ok!(reply(MAKER, id, answer()));
		assert_noop!(accept(id, Sell, -98), Error::<Test>::WorseThanLimit);
		assert_ok!(accept(id, Sell, -97));
		assert_eq!((position(TAKER), position(MAKER)), (-2, 2));
	});
}

#[test]
fn replaced_answer_is_not_taken_when_it_is_worse_than_the_taker_saw() {
	ExtBuilder::build_and_execute(|| {
		let id = ask(terms());
		assert_ok!(reply(MAKER, id, answer()));
		let worse = AnswerTerms { ask: Some(prices([102, 100])), ..answer() };
		assert_ok!(reply(MAKER, id, worse));
		assert_noop!(accept(id, Buy, 102), Error::<Test>::WorseThanLimit);
		let better = AnswerTerms { ask: Some(prices([100, 100])), ..answer() };
		assert_ok!(reply(MAKER, id, better));
		assert_eq!(held_for_quotes(MAKER), QuoteDeposit::get(), "one answer, one deposit");
		assert_ok!(accept(id, Buy, 102));
	});
}

#[test]
fn nothing_has_changed_when_either_side_fails_the_gate() {
	ExtBuilder::build_and_execute(|| {
		let id = ask(terms());
		assert_ok!(reply(MAKER, id, answer()));
		GateIsShut::put(true);
		assert_noop!(accept(id, Buy, 102), GATE);
		GateIsShut::put(false);
		assert_ok!(accept(id, Buy, 102));
	});
}

#[test]
fn request_is_refused_when_its_terms_are_not_in_order() {
	ExtBuilder::build_and_execute(|| {
		let mut none = terms();
		none.legs = BoundedVec::new();
		let mut twice = terms();
		twice.legs[1].instrument = PERPETUAL;
		let mut unknown = terms();
		unknown.legs[0].instrument = call_option(1);
		let mut zero = terms();
		zero.legs[0].size = Default::default();
		let mut odd = terms();
		odd.legs[0].size = plimsoll_primitives::Contracts::from_rational(1, 100);
		let late = RequestTerms { expiry_block: 0, ..terms() };
		let far = RequestTerms { expiry_block: 1 + 1 + MaxQuoteLifetime::get(), ..terms() };
		for (terms, error) in [
			(none, Error::<Test>::NoLegs),
			(twice, Error::<Test>::DuplicateInstrument),
			(unknown, Error::<Test>::UnknownInstrument),
			(zero, Error::<Test>::ZeroSize),
			(odd, Error::<Test>::SizeNotInLots),
			(late, Error::<Test>::RequestExpired),
			(far, Error::<Test>::ExpiryTooFar),
		] {
			let result = Trading::request_quote(TAKER.origin(), TAKER.account(0), terms);
			assert_noop!(result, error);
		}
		let foreign = Trading::request_quote(STRANGER.origin(), TAKER.account(0), terms());
		assert_noop!(foreign, Error::<Test>::NotAllowedToTrade);
		let unsigned = Trading::request_quote(RuntimeOrigin::none(), TAKER.account(0), terms());
		assert_noop!(unsigned, BadOrigin);
	});
}

#[test]
fn answer_is_refused_when_its_terms_are_not_in_order() {
	ExtBuilder::build_and_execute(|| {
		let id = ask(terms());
		let one_price = BoundedVec::truncate_from(vec![Price::from_u32(100)]);
		let odd = BoundedVec::truncate_from(vec![Price::from_rational(1, 4); 2]);
		for (terms, error) in [
			(AnswerTerms { ask: None, bid: None, ..answer() }, Error::<Test>::EmptyAnswer),
			(AnswerTerms { bid: Some(one_price), ..answer() }, Error::<Test>::WrongNumberOfPrices),
			(AnswerTerms { ask: Some(odd), ..answer() }, Error::<Test>::PriceNotInTicks),
			(AnswerTerms { ask: Some(prices([0, 1])), ..answer() }, Error::<Test>::ZeroPrice),
			(AnswerTerms { valid_until: 0, ..answer() }, Error::<Test>::AnswerExpired),
		] {
			assert_noop!(reply(MAKER, id, terms), error);
		}
		assert_noop!(reply(TAKER, id, answer()), Error::<Test>::SelfTrade);
		assert_noop!(reply(MAKER, id + 1, answer()), Error::<Test>::UnknownRequest);
		let foreign = Trading::answer_request(STRANGER.origin(), id, MAKER.account(0), answer());
		assert_noop!(foreign, Error::<Test>::NotAllowedToTrade);
	});
}

#[test]
fn request_of_one_direction_takes_no_bids() {
	ExtBuilder::build_and_execute(|| {
		let id = ask(RequestTerms { two_sided: false, ..terms() });
		assert_noop!(reply(MAKER, id, answer()), Error::<Test>::BidNotAsked);
		assert_ok!(reply(MAKER, id, AnswerTerms { bid: None, ..answer() }));
		assert_noop!(accept(id, Sell, 1_000), Error::<Test>::SideNotAnswered);
		assert_ok!(accept(id, Buy, 102));
	});
}

#[test]
fn only_named_makers_answer_when_makers_are_named() {
	ExtBuilder::build_and_execute(|| {
		let makers = BoundedVec::truncate_from(vec![STRANGER.id()]);
		let id = ask(RequestTerms { makers, ..terms() });
		assert_noop!(reply(MAKER, id, answer()), Error::<Test>::NotNamedMaker);
		assert_ok!(reply(STRANGER, id, answer()));
	});
}

#[test]
fn answer_of_a_maker_that_has_fallen_silent_is_not_taken() {
	ExtBuilder::build_and_execute(|| {
		let id = ask(terms());
		assert_ok!(reply(MAKER, id, answer()));
		let silence = |blocks| {
			assert_ok!(Trading::set_cancel_on_silence(MAKER.origin(), MAKER.account(0), blocks));
		};
		silence(Some(2));
		run_to_block(4);
		assert_noop!(accept(id, Buy, 102), Error::<Test>::MakerSilent);
		silence(None);
		assert_ok!(accept(id, Buy, 102));
	});
}

#[test]
fn answer_cannot_be_taken_after_its_last_block_or_the_requests() {
	ExtBuilder::build_and_execute(|| {
		let id = ask(terms());
		assert_ok!(reply(MAKER, id, answer()));
		run_to_block(9);
		assert_noop!(accept(id, Buy, 102), Error::<Test>::AnswerExpired);
		assert_ok!(reply(MAKER, id, AnswerTerms { valid_until: 99, ..answer() }));
		// Upkeep has not come by yet.
		System::set_block_number(11);
		assert_noop!(accept(id, Buy, 102), Error::<Test>::RequestExpired);
		assert_noop!(reply(STRANGER, id, answer()), Error::<Test>::RequestExpired);
	});
}

#[test]
fn answer_is_good_in_its_last_block() {
	ExtBuilder::build_and_execute(|| {
		let id = ask(terms());
		assert_ok!(reply(MAKER, id, answer()));
		run_to_block(8);
		assert_ok!(accept(id, Buy, 102));
	});
}

#[test]
fn answer_is_not_taken_too_far_from_the_mark_and_a_block_trade_neither() {
	ExtBuilder::build_and_execute(|| {
		// The mark is 100, orders fill within 20 of it and negotiated trades within 40.
		let id = ask(terms());
		let at_the_end = AnswerTerms { ask: Some(prices([140, 60])), ..answer() };
		let beyond = AnswerTerms { ask: Some(prices([141, 60])), ..answer() };
		assert_ok!(reply(MAKER, id, beyond));
		assert_noop!(accept(id, Buy, 1_000), Error::<Test>::PriceOutsideBand);
		assert_ok!(reply(MAKER, id, at_the_end));
		assert_ok!(accept(id, Buy, 1_000));

		let mut far = quote(1);
		far.legs = legs(&[fill(PERPETUAL, 1, 59)]);
		assert_noop!(take(far), Error::<Test>::PriceOutsideBand);
		let mut near = quote(1);
		near.legs = legs(&[fill(PERPETUAL, 1, 60)]);
		assert_ok!(take(near));
	});
}

#[test]
fn answers_go_by_the_maker_by_the_asking_account_and_by_anybody_once_expired() {
	ExtBuilder::build_and_execute(|| {
		let id = ask(terms());
		let withdraw =
			|person: Person| Trading::withdraw_answer(person.origin(), id, MAKER.account(0));
		assert_noop!(withdraw(MAKER), Error::<Test>::UnknownAnswer);
		for (person, block, cause) in [
			(MAKER, 1, AnswerEnd::Withdrawn),
			(TAKER, 2, AnswerEnd::Dismissed),
			(STRANGER, 9, AnswerEnd::Expired),
		] {
			assert_ok!(reply(MAKER, id, answer()));
			if cause == AnswerEnd::Expired {
				run_to_block(8);
				assert_noop!(withdraw(STRANGER), Error::<Test>::NotAllowedToTrade);
			}
			run_to_block(block);
			assert_ok!(withdraw(person));
			let maker = MAKER.account(0);
			System::assert_last_event(Event::AnswerWithdrawn { request: id, maker, cause }.into());
			assert_eq!(held_for_quotes(MAKER), 0);
			assert_noop!(accept(id, Buy, 102), Error::<Test>::UnknownAnswer);
		}
	});
}

#[test]
fn cancelled_request_gives_all_deposits_back() {
	ExtBuilder::build_and_execute(|| {
		let id = ask(terms());
		assert_ok!(reply(MAKER, id, answer()));
		assert_ok!(reply(STRANGER, id, answer()));
		assert_noop!(Trading::cancel_request(MAKER.origin(), id), Error::<Test>::NotAllowedToTrade);
		assert_ok!(Trading::cancel_request(TAKER.origin(), id));
		let (account, cause) = (TAKER.account(0), CancelCause::Requested);
		System::assert_last_event(Event::RequestCancelled { request: id, account, cause }.into());
		for person in [MAKER, TAKER, STRANGER] {
			assert_eq!(held_for_quotes(person), 0);
		}
		assert_eq!(Answers::<Test>::iter().count(), 0);
		assert!(!RequestsOf::<Test>::contains_key(TAKER.account(0)));
		assert_noop!(Trading::cancel_request(TAKER.origin(), id), Error::<Test>::UnknownRequest);
	});
}

#[test]
fn requests_are_swept_once_they_have_expired_or_cannot_trade() {
	ExtBuilder::build_and_execute(|| {
		let (first, second) = (ask(terms()), ask(RequestTerms { expiry_block: 5, ..terms() }));
		assert_ok!(reply(MAKER, second, answer()));
		let sweep = || {
			let both = BoundedVec::truncate_from(vec![first, second, second + 1]);
			Trading::sweep_requests(STRANGER.origin(), both)
		};
		run_to_block(5);
		assert_noop!(sweep(), Error::<Test>::NothingToSweep);
		// Upkeep has not come by yet.
		System::set_block_number(6);
		assert_ok!(sweep());
		assert!(Requests::<Test>::contains_key(first));
		assert!(!Requests::<Test>::contains_key(second));
		assert_eq!(held_for_quotes(MAKER), 0);
		Listed::remove(FUTURE);
		assert_ok!(sweep());
		let (account, cause) = (TAKER.account(0), CancelCause::NotTradable);
		System::assert_last_event(
			Event::RequestCancelled { request: first, account, cause }.into(),
		);
	});
}

#[test]
fn requests_and_answers_are_bounded_and_paid_for() {
	ExtBuilder::build_and_execute(|| {
		let id = ask(terms());
		ask(terms());
		let third = Trading::request_quote(TAKER.origin(), TAKER.account(0), terms());
		assert_noop!(third, Error::<Test>::TooManyRequests);
		assert_eq!(held_for_quotes(TAKER), 2 * QuoteDeposit::get());
		for number in 0..3 {
			let maker = MAKER.account(number);
			assert_ok!(Trading::answer_request(MAKER.origin(), id, maker, answer()));
		}
		assert_noop!(reply(STRANGER, id, answer()), Error::<Test>::TooManyAnswers);
		assert_ok!(Trading::withdraw_answer(TAKER.origin(), id, MAKER.account(2)));
		assert_ok!(reply(STRANGER, id, answer()));
	});
}

#[test]
fn answer_is_refused_by_name_when_there_are_no_funds_for_the_deposit() {
	ExtBuilder::build_and_execute(|| {
		use frame_support::traits::fungible::Mutate;
		let id = ask(terms());
		Balances::set_balance(&MAKER.id(), 1);
		assert!(frame_support::storage::with_storage_layer(|| reply(MAKER, id, answer())).is_err());
		assert!(!Answers::<Test>::contains_key(id, MAKER.account(0)));
	});
}

/// What anybody may do.
#[derive(Clone, Debug)]
enum Step {
	Ask(u32, bool),
	Reply(u64, u32, bool),
	Withdraw(u64, usize),
	Cancel(u64),
	Accept(u64, usize, bool, i32),
	Sweep(u64),
	Block,
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		2 => (0u32..8, any::<bool>()).prop_map(|(ahead, two)| Step::Ask(ahead, two)),
		4 => (0u64..8, 50u32..150, any::<bool>()).prop_map(|(id, usd, bid)| Step::Reply(id, usd, bid)),
		1 => (0u64..8, 0usize..3).prop_map(|(id, of)| Step::Withdraw(id, of)),
		1 => (0u64..8).prop_map(Step::Cancel),
		3 => (0u64..8, 0usize..3, any::<bool>(), -200i32..300)
			.prop_map(|(id, of, buys, most)| Step::Accept(id, of, buys, most)),
		1 => (0u64..8).prop_map(Step::Sweep),
		1 => Just(Step::Block),
	]
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

	#[test]
	fn requests_hold_together_whatever_anybody_does(
		steps in prop::collection::vec((0usize..3, any::<bool>(), step()), 1..40),
	) {
		ExtBuilder::build_and_execute(|| {
			let people = [MAKER, TAKER, STRANGER];
			for (who, shut, step) in steps {
				let person = people[who];
				GateIsShut::put(shut && matches!(step, Step::Accept(..)));
				let (origin, account) = (person.origin(), person.account(0));
				let now = System::block_number();
				// Each call that fails leaves nothing behind, as a transaction does.
				let _ = frame_support::storage::with_storage_layer(|| match step {
					Step::Ask(ahead, two_sided) => {
						let terms = RequestTerms { two_sided, expiry_block: now + ahead, ..terms() };
						Trading::request_quote(origin, account, terms)
					}
					Step::Reply(id, usd, both) => {
						let ask = Some(prices([usd, 100]));
						let bid = both.then(|| prices([usd, 100]));
						let terms = AnswerTerms { ask, bid, valid_until: now + 3 };
						Trading::answer_request(origin, id, account, terms)
					}
					Step::Withdraw(id, of) => {
						Trading::withdraw_answer(origin, id, people[of].account(0))
					}
					Step::Cancel(id) => {
						Trading::cancel_request(origin, id).map(drop).map_err(|e| e.error)
					}
					Step::Accept(id, of, buys, most) => {
						let side = if buys { Buy } else { Sell };
						let most = i128::from(most) * UsdValue::ONE.into_inner();
						let (of, most) = (people[of].account(0), UsdValue::from_inner(most));
						let done = Trading::accept_answer(origin, id, of, side, most);
						done.map(drop).map_err(|e| e.error)
					}
					Step::Sweep(id) => {
						let one = BoundedVec::truncate_from(vec![id]);
						Trading::sweep_requests(origin, one).map(drop).map_err(|e| e.error)
					}
					Step::Block => {
						run_to_block(now + 1);
						Ok(())
					}
				});
				Trading::do_try_state().expect("the state holds together");
				assert_eq!(position(MAKER) + position(TAKER) + position(STRANGER), 0);
			}
		});
	}
}
