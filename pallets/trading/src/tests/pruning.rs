//! Forgetting used nonces. They are kept for 20 blocks after the trade, and four steps are taken a
//! block.

use crate::{
	mock::*, weights::WeightInfo, Error, ExpiringNonces, PruneCursor, QuoteOf, UsedNonces,
};
use frame_support::{assert_noop, assert_ok, traits::Hooks};

/// A quote that expires in this block.
fn expiring(nonce: u64, expiry_block: u32) -> QuoteOf<Test> {
	let mut quote = quote(nonce);
	quote.expiry_block = expiry_block;
	quote
}

/// Takes a quote with each of these nonces in this block.
fn take_all(nonces: core::ops::Range<u64>) {
	for nonce in nonces {
		assert_ok!(take(expiring(nonce, System::block_number())));
	}
}

fn used() -> usize {
	Trading::do_try_state().expect("the state holds together");
	assert_eq!(UsedNonces::<Test>::iter().count(), ExpiringNonces::<Test>::iter().count());
	UsedNonces::<Test>::iter().count()
}

#[test]
fn nonce_is_kept_while_quotes_may_last_and_forgotten_when_that_is_over() {
	ExtBuilder::build_and_execute(|| {
		take_all(1..2);
		run_to_block(1 + MaxQuoteLifetime::get());
		assert_eq!(used(), 1);
		run_to_block(1 + MaxQuoteLifetime::get() + 1);
		assert_eq!(used(), 0);
	});
}

#[test]
fn replay_is_refused_in_every_block_when_the_quote_lasts_as_long_as_may_be() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(take(expiring(1, 21)));
		for block in 2..=21 {
			run_to_block(block);
			assert_noop!(take(expiring(1, 21)), Error::<Test>::NonceUsed);
		}
		// The first block in which the nonce is forgotten is the first in which the quote is over.
		for block in 22..=25 {
			run_to_block(block);
			assert!(!UsedNonces::<Test>::contains_key(MAKER.account(0), 1));
			assert_noop!(take(expiring(1, 21)), Error::<Test>::QuoteExpired);
		}
	});
}

#[test]
fn replay_is_refused_in_every_block_when_the_quote_is_short() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(take(expiring(1, 10)));
		for block in 2..=10 {
			run_to_block(block);
			assert_noop!(take(expiring(1, 10)), Error::<Test>::NonceUsed);
		}
		for block in 11..=25 {
			run_to_block(block);
			assert_noop!(take(expiring(1, 10)), Error::<Test>::QuoteExpired);
		}
	});
}

#[test]
fn alternative_is_refused_in_every_block_when_a_shorter_quote_was_taken() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(take(expiring(1, 2)));
		for block in 2..=21 {
			run_to_block(block);
			assert_noop!(take(expiring(1, 21)), Error::<Test>::NonceUsed);
		}
		run_to_block(22);
		assert_noop!(take(expiring(1, 21)), Error::<Test>::QuoteExpired);
	});
}

#[test]
fn replay_is_refused_when_pruning_is_behind() {
	ExtBuilder::build_and_execute(|| {
		for nonce in 0..10 {
			assert_ok!(take(expiring(nonce, 21)));
		}
		run_to_block(22);
		assert_eq!(used(), 6);
		for nonce in 0..10 {
			assert_noop!(take(expiring(nonce, 21)), Error::<Test>::QuoteExpired);
		}
	});
}

#[test]
fn nonce_can_be_used_by_a_new_quote_when_it_was_forgotten() {
	ExtBuilder::build_and_execute(|| {
		take_all(1..2);
		run_to_block(22);
		// The maker signs the same number anew: that is a new offer, not a replay.
		assert_ok!(take(expiring(1, 23)));
		assert_eq!(UsedNonces::<Test>::get(MAKER.account(0), 1), Some(42));
	});
}

#[test]
fn pruning_goes_on_where_it_stopped_when_a_block_has_more_than_fits() {
	ExtBuilder::build_and_execute(|| {
		take_all(0..10);
		run_to_block(2);
		take_all(10..13);
		run_to_block(14);
		take_all(13..14);
		run_to_block(21);
		assert_eq!((used(), PruneCursor::<Test>::get()), (14, 21));

		// Four of the first block's ten, then four more.
		run_to_block(22);
		assert_eq!((used(), PruneCursor::<Test>::get()), (10, 21));
		run_to_block(23);
		assert_eq!((used(), PruneCursor::<Test>::get()), (6, 21));
		// Its last two, the step past it, and one of the second block's three.
		run_to_block(24);
		assert_eq!((used(), PruneCursor::<Test>::get()), (3, 22));
		// The other two, the step past that, and past one where there was no trade.
		run_to_block(25);
		assert_eq!((used(), PruneCursor::<Test>::get()), (1, 24));
		// From here on pruning is not behind any more.
		run_to_block(26);
		assert_eq!((used(), PruneCursor::<Test>::get()), (1, 26));
		run_to_block(34);
		assert_eq!((used(), PruneCursor::<Test>::get()), (1, 34));
		run_to_block(35);
		assert_eq!((used(), PruneCursor::<Test>::get()), (0, 35));
	});
}

#[test]
fn pruning_takes_no_more_than_its_limit_when_a_block_is_emptied_exactly() {
	ExtBuilder::build_and_execute(|| {
		take_all(0..4);
		run_to_block(22);
		assert_eq!((used(), PruneCursor::<Test>::get()), (0, 21));
		run_to_block(23);
		assert_eq!((used(), PruneCursor::<Test>::get()), (0, 23));
	});
}

#[test]
fn pruning_catches_up_when_the_pallet_joins_an_old_chain() {
	ExtBuilder::build_and_execute(|| {
		PruneCursor::<Test>::put(0);
		System::set_block_number(30);
		// Each block adds one and takes four.
		run_to_block(40);
		assert_eq!(PruneCursor::<Test>::get(), 40);
	});
}

fn weight(pruned: u32, watched: u32) -> frame_support::weights::Weight {
	<() as WeightInfo>::on_initialize(pruned)
		.saturating_add(<() as WeightInfo>::end_silence(watched))
		.saturating_add(<() as WeightInfo>::upkeep())
}

#[test]
fn on_initialize_charges_what_it_did_when_there_is_much_or_nothing() {
	ExtBuilder::build_and_execute(|| {
		take_all(0..9);
		run_to_block(21);
		System::set_block_number(22);
		// Watching for silence passes the block once.
		for (pruned, watched) in [(4, 1), (4, 0)] {
			assert_eq!(Trading::on_initialize(22), weight(pruned, watched));
		}
		// One nonce and the step past its block.
		assert_eq!(Trading::on_initialize(22), weight(2, 0));
		assert_eq!(Trading::on_initialize(22), weight(0, 0));
	});
}

#[test]
fn integrity_test_passes_when_the_constants_are_sound() {
	ExtBuilder::build_and_execute(Trading::integrity_test);
}
