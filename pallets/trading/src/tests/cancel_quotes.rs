//! Cancelling quotes.

use crate::{mock::*, Error, Event, MinimumNonce};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::traits::BadOrigin;

#[test]
fn cancel_quotes_ends_all_quotes_below_the_nonce_and_no_other() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(Trading::cancel_quotes(MAKER.origin(), 0, 5));
		System::assert_last_event(
			Event::QuotesCancelled { maker: MAKER.account(0), below_nonce: 5 }.into(),
		);
		assert_noop!(take(quote(0)), Error::<Test>::NonceCancelled);
		assert_noop!(take(quote(4)), Error::<Test>::NonceCancelled);
		assert_ok!(take(quote(5)));

		let mut of_another_account = quote(4);
		of_another_account.maker = MAKER.account(1);
		assert_ok!(take(of_another_account));
	});
}

#[test]
fn cancel_quotes_refuses_when_the_minimum_is_already_that_high() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(Trading::cancel_quotes(MAKER.origin(), 0, 0), Error::<Test>::NonceNotRaised);
		assert_ok!(Trading::cancel_quotes(MAKER.origin(), 0, 5));
		for below_nonce in [0, 4, 5] {
			assert_noop!(
				Trading::cancel_quotes(MAKER.origin(), 0, below_nonce),
				Error::<Test>::NonceNotRaised
			);
		}
		assert_ok!(Trading::cancel_quotes(MAKER.origin(), 0, 6));
		assert_ok!(Trading::cancel_quotes(MAKER.origin(), 0, u64::MAX));
		assert_ok!(take(quote(u64::MAX)));
	});
}

#[test]
fn cancel_quotes_touches_only_the_senders_own_account_when_sent_by_a_delegate() {
	ExtBuilder::build_and_execute(|| {
		Delegates::insert(MAKER.account(0), STRANGER.id(), ());
		assert_ok!(Trading::cancel_quotes(STRANGER.origin(), 0, 5));
		assert_eq!(MinimumNonce::<Test>::get(MAKER.account(0)), 0);
		assert_ok!(take(quote(4)));
	});
}

#[test]
fn cancel_quotes_refuses_when_not_signed_by_an_account() {
	ExtBuilder::build_and_execute(|| {
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			assert_noop!(Trading::cancel_quotes(origin, 0, 5), BadOrigin);
		}
	});
}

#[test]
fn cancelled_quotes_stay_cancelled_when_they_come_into_reach() {
	ExtBuilder::build_and_execute(|| {
		let mut far = quote(4);
		far.expiry_block = 40;
		assert_ok!(Trading::cancel_quotes(MAKER.origin(), 0, 5));
		run_to_block(39);
		assert_noop!(take(far), Error::<Test>::NonceCancelled);
	});
}
