use crate::{mock::*, CancelCause, Error, Event, HoldReason, Orders, SilenceSwitches, WeightInfo};
use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::InspectHold, Hooks},
};
use plimsoll_primitives::OrderSide::{Buy, Sell};
use proptest::prelude::*;

fn set(person: Person, blocks: Option<u32>) {
	assert_ok!(Trading::set_cancel_on_silence(person.origin(), person.account(0), blocks));
}

fn on_hold(person: Person) -> u64 {
	Balances::balance_on_hold(&HoldReason::Silence.into(), &person.id())
}

fn has_orders(person: Person) -> bool {
	crate::OrdersOf::<Test>::contains_key(person.account(0))
}

#[test]
fn orders_are_cancelled_in_the_block_after_the_silence_and_not_before() {
	ExtBuilder::build_and_execute(|| {
		let id = rest(MAKER, limit(Sell, 1, 100));
		set(MAKER, Some(5));
		let account = MAKER.account(0);
		System::assert_has_event(Event::CancelOnSilenceSet { account, blocks: Some(5) }.into());
		// Set in block 1: silent in 2 to 6.
		run_to_block(6);
		assert!(has_orders(MAKER));
		order_events();
		run_to_block(7);
		assert_eq!(order_events().1, [(id, 1, CancelCause::Silence)]);
		assert_eq!((held(MAKER), on_hold(MAKER)), (0, OrderDeposit::get()));
	});
}

#[test]
fn every_trading_call_renews_and_so_does_a_delegate() {
	ExtBuilder::build_and_execute(|| {
		let account = MAKER.account(0);
		Delegates::insert(&account, STRANGER.id(), ());
		let first = rest(MAKER, limit(Sell, 1, 100));
		rest(MAKER, limit(Sell, 1, 101));
		set(MAKER, Some(2));
		run_to_block(3);
		assert_ok!(Trading::cancel_order(STRANGER.origin(), account.clone(), first));
		run_to_block(5);
		assert_ok!(Trading::cancel_all(MAKER.origin(), account.clone(), Some(FUTURE)));
		run_to_block(7);
		assert_ok!(Trading::batch(MAKER.origin(), account.clone(), Default::default(), 0));
		run_to_block(9);
		rest(MAKER, limit(Sell, 1, 102));
		run_to_block(11);
		assert!(has_orders(MAKER));
		run_to_block(12);
		assert!(!has_orders(MAKER));
	});
}

#[test]
fn call_that_fails_or_is_another_accounts_does_not_renew() {
	ExtBuilder::build_and_execute(|| {
		let id = rest(MAKER, limit(Sell, 1, 100));
		set(MAKER, Some(2));
		run_to_block(3);
		let stranger = Trading::cancel_order(STRANGER.origin(), MAKER.account(0), id);
		assert_noop!(stranger, Error::<Test>::NotAllowedToTrade);
		let unknown = Trading::cancel_order(MAKER.origin(), MAKER.account(0), 99);
		assert_noop!(unknown, Error::<Test>::UnknownOrder);
		rest(TAKER, limit(Buy, 1, 90));
		run_to_block(4);
		assert!(!has_orders(MAKER) && has_orders(TAKER));
	});
}

#[test]
fn taking_a_quote_renews() {
	ExtBuilder::build_and_execute(|| {
		rest(TAKER, limit(Buy, 1, 90));
		set(TAKER, Some(2));
		run_to_block(3);
		assert_ok!(take(quote(1)));
		run_to_block(5);
		assert!(has_orders(TAKER));
		run_to_block(6);
		assert!(!has_orders(TAKER));
	});
}

#[test]
fn switch_is_armed_anew_by_the_next_call_after_it_has_cancelled() {
	ExtBuilder::build_and_execute(|| {
		set(MAKER, Some(1));
		run_to_block(9);
		let switch = SilenceSwitches::<Test>::get(MAKER.account(0)).expect("it stays");
		assert_eq!(switch.listed, None);
		rest(MAKER, limit(Sell, 1, 100));
		run_to_block(10);
		assert!(has_orders(MAKER));
		run_to_block(11);
		assert!(!has_orders(MAKER));
	});
}

#[test]
fn switch_is_changed_and_taken_off() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 1, 100));
		set(MAKER, Some(1));
		set(MAKER, Some(9));
		assert_eq!(on_hold(MAKER), OrderDeposit::get());
		run_to_block(5);
		set(MAKER, None);
		assert_eq!(on_hold(MAKER), 0);
		run_to_block(30);
		assert!(has_orders(MAKER));
		set(MAKER, None);
		set(MAKER, Some(u32::MAX));
		run_to_block(40);
		assert!(has_orders(MAKER));
	});
}

#[test]
fn switch_is_refused_when_its_silence_is_nothing_or_the_sender_may_not_trade() {
	ExtBuilder::build_and_execute(|| {
		let account = MAKER.account(0);
		let nothing = Trading::set_cancel_on_silence(MAKER.origin(), account.clone(), Some(0));
		assert_noop!(nothing, Error::<Test>::NoSilence);
		let stranger = Trading::set_cancel_on_silence(STRANGER.origin(), account, Some(1));
		assert_noop!(stranger, Error::<Test>::NotAllowedToTrade);
	});
}

#[test]
fn cancelling_goes_on_in_the_next_blocks_when_there_is_too_much() {
	ExtBuilder::build_and_execute(|| {
		// Three orders a block.
		for person in [MAKER, TAKER] {
			for price in 0..4 {
				rest(person, limit(Buy, 1, 80 + price));
			}
			set(person, Some(1));
		}
		let weight = |cancels, checks| {
			let cancelled = Trading::cancel_weight().saturating_mul(cancels);
			<() as WeightInfo>::end_silence(checks).saturating_add(cancelled)
		};
		run_to_block(2);
		let mut left = vec![Orders::<Test>::iter().count()];
		for block in 3..=6 {
			System::set_block_number(block);
			let used = Trading::on_initialize(block);
			assert!(used.ref_time() >= weight(0, 1).ref_time());
			assert!(used.ref_time() <= weight(3, 4).ref_time() + 10_000);
			left.push(Orders::<Test>::iter().count());
		}
		assert_eq!(left, [8, 5, 2, 0, 0]);
	});
}

#[test]
fn silent_account_fills_nothing_while_its_orders_wait_to_be_cancelled() {
	ExtBuilder::build_and_execute(|| {
		for price in 0..5 {
			rest(MAKER, limit(Buy, 1, 80 + price));
		}
		set(MAKER, Some(1));
		run_to_block(2);
		assert_ok!(place(TAKER, taking(Sell, 1, 80)));
		assert_eq!(order_events().0.len(), 1);
		run_to_block(3);
		assert!(has_orders(MAKER));
		order_events();
		assert_ok!(place(TAKER, taking(Sell, 1, 80)));
		let (fills, cancelled) = order_events();
		assert_eq!(fills.len(), 0);
		assert!(cancelled.iter().any(|(_, _, cause)| *cause == CancelCause::Silence));
		assert!(!has_orders(MAKER));
	});
}

#[test]
fn account_that_comes_back_keeps_what_is_left() {
	ExtBuilder::build_and_execute(|| {
		for price in 0..5 {
			rest(MAKER, limit(Buy, 1, 80 + price));
		}
		set(MAKER, Some(1));
		run_to_block(3);
		assert_eq!(Orders::<Test>::iter().count(), 2);
		assert_ok!(Trading::cancel_all(MAKER.origin(), MAKER.account(0), Some(FUTURE)));
		run_to_block(4);
		assert_eq!(Orders::<Test>::iter().count(), 2);
		run_to_block(5);
		assert_eq!(Orders::<Test>::iter().count(), 0);
	});
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

	/// Against a count of blocks by hand: with room for all, orders go exactly when they should.
	#[test]
	fn orders_go_when_a_naive_count_says_so(
		blocks in 1u32..5,
		calls in proptest::collection::vec(any::<bool>(), 1..40),
	) {
		ExtBuilder::build_and_execute(|| {
			set(MAKER, Some(blocks));
			rest(MAKER, limit(Buy, 1, 80));
			let mut seen = 1;
			for (now, call) in (2u32..).zip(calls) {
				run_to_block(now);
				assert_eq!(has_orders(MAKER), now - seen <= blocks, "block {now}");
				if call || !has_orders(MAKER) {
					if has_orders(MAKER) {
						let account = MAKER.account(0);
						assert_ok!(Trading::batch(MAKER.origin(), account, Default::default(), 0));
					} else {
						rest(MAKER, limit(Buy, 1, 80));
					}
					seen = now;
				}
			}
		});
	}
}

#[test]
fn signed_quote_of_a_silent_maker_is_not_taken() {
	ExtBuilder::build_and_execute(|| {
		set(MAKER, Some(3));
		run_to_block(4);
		assert_ok!(take(quote(1)));
		run_to_block(5);
		assert_noop!(take(quote(2)), Error::<Test>::MakerSilent);
		set(MAKER, None);
		assert_ok!(take(quote(2)));
	});
}
