//! Who may take which quote, when, and what happens then.

use crate::{mock::*, Error, Event, UsedNonces};
use frame_support::{assert_noop, assert_ok, traits::Get};
use plimsoll_primitives::{Contracts, Fill};
use sp_runtime::{traits::BadOrigin, ArithmeticError};

fn contracts(number: i32) -> Contracts {
	fill(PERPETUAL, number, 1).size
}

#[test]
fn block_trade_moves_all_legs_between_the_two_accounts() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(take(quote(7)));

		assert_eq!(Positions::get(TAKER.account(0), PERPETUAL), contracts(2));
		assert_eq!(Positions::get(TAKER.account(0), FUTURE), contracts(-1));
		assert_eq!(Positions::get(MAKER.account(0), PERPETUAL), contracts(-2));
		assert_eq!(Positions::get(MAKER.account(0), FUTURE), contracts(1));
		assert_eq!(UsedNonces::<Test>::get(MAKER.account(0), 7), Some(21));
		System::assert_last_event(
			Event::BlockTraded {
				maker: MAKER.account(0),
				taker: TAKER.account(0),
				nonce: 7,
				legs: quote(7).legs,
			}
			.into(),
		);
	});
}

#[test]
fn block_trade_refuses_when_not_signed_by_an_account() {
	ExtBuilder::build_and_execute(|| {
		let signature = MAKER.sign(&quote(1));
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			assert_noop!(
				Trading::block_trade(origin, TAKER.account(0), quote(1), signature.clone()),
				BadOrigin
			);
		}
	});
}

#[test]
fn block_trade_refuses_when_the_taker_is_someone_elses() {
	ExtBuilder::build_and_execute(|| {
		let signature = MAKER.sign(&quote(1));
		assert_noop!(
			Trading::block_trade(STRANGER.origin(), TAKER.account(0), quote(1), signature),
			Error::<Test>::NotAllowedToTrade
		);
	});
}

#[test]
fn block_trade_succeeds_when_sent_by_the_takers_delegate() {
	ExtBuilder::build_and_execute(|| {
		Delegates::insert(TAKER.account(0), STRANGER.id(), ());
		let signature = MAKER.sign(&quote(1));
		assert_ok!(Trading::block_trade(
			STRANGER.origin(),
			TAKER.account(0),
			quote(1),
			signature.clone()
		));
		assert_eq!(Positions::get(TAKER.account(0), PERPETUAL), contracts(2));

		// For that one sub-account only.
		assert_noop!(
			Trading::block_trade(STRANGER.origin(), TAKER.account(1), quote(2), signature),
			Error::<Test>::NotAllowedToTrade
		);
	});
}

#[test]
fn block_trade_refuses_when_maker_and_taker_are_the_same_account() {
	ExtBuilder::build_and_execute(|| {
		let signature = MAKER.sign(&quote(1));
		assert_noop!(
			Trading::block_trade(MAKER.origin(), MAKER.account(0), quote(1), signature.clone()),
			Error::<Test>::SelfTrade
		);
		// Two accounts of one owner may trade.
		assert_ok!(Trading::block_trade(MAKER.origin(), MAKER.account(1), quote(1), signature));
	});
}

#[test]
fn block_trade_refuses_when_another_taker_is_named() {
	ExtBuilder::build_and_execute(|| {
		let mut named = quote(1);
		named.taker = Some(STRANGER.id());
		assert_noop!(take(named), Error::<Test>::NotNamedTaker);
	});
}

#[test]
fn block_trade_succeeds_when_any_account_of_the_named_taker_takes_it() {
	ExtBuilder::build_and_execute(|| {
		let mut named = quote(1);
		named.taker = Some(TAKER.id());
		let signature = MAKER.sign(&named);
		assert_ok!(Trading::block_trade(TAKER.origin(), TAKER.account(3), named, signature));
	});
}

#[test]
fn block_trade_refuses_when_the_named_takers_delegate_takes_it_for_itself() {
	ExtBuilder::build_and_execute(|| {
		Delegates::insert(TAKER.account(0), STRANGER.id(), ());
		let mut named = quote(1);
		named.taker = Some(TAKER.id());
		let signature = MAKER.sign(&named);
		assert_noop!(
			Trading::block_trade(STRANGER.origin(), STRANGER.account(0), named, signature),
			Error::<Test>::NotNamedTaker
		);
	});
}

#[test]
fn block_trade_refuses_when_the_quote_is_for_another_chain() {
	ExtBuilder::build_and_execute(|| {
		let mut foreign = quote(1);
		foreign.genesis_hash = sp_core::H256::repeat_byte(1);
		assert_noop!(take(foreign), Error::<Test>::WrongChain);
	});
}

#[test]
fn block_trade_knows_the_chain_when_old_block_hashes_are_forgotten() {
	ExtBuilder::build_and_execute(|| {
		let genesis_hash = genesis_hash();
		let kept: u32 = <Test as frame_system::Config>::BlockHashCount::get();
		run_to_block(kept.saturating_mul(3));
		assert_eq!(System::block_hash(1), Default::default());

		let mut late = quote(1);
		late.genesis_hash = genesis_hash;
		late.expiry_block = System::block_number();
		assert_ok!(take(late));
	});
}

#[test]
fn block_trade_succeeds_when_in_the_expiry_block_and_refuses_when_after() {
	ExtBuilder::build_and_execute(|| {
		run_to_block(10);
		assert_ok!(take(quote(1)));
		run_to_block(11);
		assert_noop!(take(quote(2)), Error::<Test>::QuoteExpired);
	});
}

#[test]
fn block_trade_refuses_when_the_expiry_is_too_far() {
	ExtBuilder::build_and_execute(|| {
		let mut far = quote(1);
		far.expiry_block = 1 + MaxQuoteLifetime::get() + 1;
		assert_noop!(take(far.clone()), Error::<Test>::ExpiryTooFar);
		let mut farthest = quote(1);
		farthest.expiry_block = u32::MAX;
		assert_noop!(take(farthest), Error::<Test>::ExpiryTooFar);

		// The same quote can be taken once it is near enough.
		run_to_block(2);
		assert_ok!(take(far));
	});
}

#[test]
fn block_trade_refuses_when_the_quote_is_replayed() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(take(quote(1)));
		assert_noop!(take(quote(1)), Error::<Test>::NonceUsed);
		run_to_block(10);
		assert_noop!(take(quote(1)), Error::<Test>::NonceUsed);
	});
}

#[test]
fn block_trade_refuses_when_another_quote_used_the_nonce() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(take(quote(1)));
		let mut other = quote(1);
		other.legs = legs(&[fill(PERPETUAL, 1, 50)]);
		other.expiry_block = 12;
		assert_noop!(take(other), Error::<Test>::NonceUsed);
	});
}

#[test]
fn nonces_are_each_sub_accounts_own() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(take(quote(1)));
		let mut other = quote(1);
		other.maker = MAKER.account(1);
		assert_ok!(take(other));
		// In any order.
		assert_ok!(take(quote(u64::MAX)));
		assert_ok!(take(quote(0)));
	});
}

#[test]
fn block_trade_changes_nothing_when_the_clearing_house_refuses() {
	ExtBuilder::build_and_execute(|| {
		GateIsShut::put(true);
		assert_noop!(take(quote(1)), GATE);
		// The quote is still good.
		GateIsShut::put(false);
		assert_ok!(take(quote(1)));
	});
}

#[test]
fn block_trade_changes_nothing_when_the_size_overflows() {
	ExtBuilder::build_and_execute(|| {
		let lot = Contracts::from_rational(1, 10).into_inner();
		let most = Contracts::from_inner(i128::MAX / lot * lot);
		let mut vast = quote(1);
		vast.legs = legs(&[fill(FUTURE, 1, 100), Fill { size: most, ..fill(PERPETUAL, 1, 100) }]);
		assert_ok!(take(vast.clone()));
		vast.nonce = 2;
		assert_noop!(take(vast), ArithmeticError::Overflow);
	});
}
