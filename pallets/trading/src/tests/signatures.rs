//! Whose signature makes a quote binding, and in what form.

use crate::{mock::*, quote::wrapped, Error, QuoteOf};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::Price;
use sp_core::{crypto::Pair, ecdsa, ed25519};
use sp_runtime::{traits::IdentifyAccount, DispatchResult, MultiSignature, MultiSigner};

fn take_with(quote: QuoteOf<Test>, signature: MultiSignature) -> DispatchResult {
	Trading::block_trade(TAKER.origin(), TAKER.account(0), quote, signature)
}

/// A quote of the account of `signer`, over its own first sub-account.
fn quote_of(signer: MultiSigner) -> QuoteOf<Test> {
	let owner = signer.into_account();
	let mut theirs = quote(1);
	theirs.maker.owner = owner.clone();
	theirs.signer = owner;
	theirs
}

#[test]
fn quote_binds_when_signed_with_an_sr25519_key() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(take_with(quote(1), MAKER.sign(&quote(1))));
	});
}

#[test]
fn quote_binds_when_signed_with_an_ed25519_key() {
	ExtBuilder::build_and_execute(|| {
		let pair = ed25519::Pair::from_seed(&[1; 32]);
		let theirs = quote_of(pair.public().into());
		let signature = pair.sign(&theirs.signing_hash());
		assert_ok!(take_with(theirs, signature.into()));
	});
}

#[test]
fn quote_binds_when_signed_with_an_ecdsa_key() {
	ExtBuilder::build_and_execute(|| {
		let pair = ecdsa::Pair::from_seed(&[1; 32]);
		let theirs = quote_of(pair.public().into());
		let signature = pair.sign(&theirs.signing_hash());
		assert_ok!(take_with(theirs, signature.into()));
	});
}

#[test]
fn quote_binds_when_signed_in_a_wallets_wrapping_with_any_key() {
	ExtBuilder::build_and_execute(|| {
		let signature = MAKER.pair().sign(&wrapped(&quote(1).signing_hash()));
		assert_ok!(take_with(quote(1), signature.into()));

		let pair = ed25519::Pair::from_seed(&[2; 32]);
		let theirs = quote_of(pair.public().into());
		let signature = pair.sign(&wrapped(&theirs.signing_hash()));
		assert_ok!(take_with(theirs, signature.into()));

		let pair = ecdsa::Pair::from_seed(&[2; 32]);
		let theirs = quote_of(pair.public().into());
		let signature = pair.sign(&wrapped(&theirs.signing_hash()));
		assert_ok!(take_with(theirs, signature.into()));
	});
}

#[test]
fn quote_is_refused_when_anything_else_than_its_hash_was_signed() {
	ExtBuilder::build_and_execute(|| {
		use codec::Encode;
		let pair = MAKER.pair();
		let hash = quote(1).signing_hash();
		let without_domain = quote(1).using_encoded(sp_io::hashing::blake2_256);
		let messages = [
			quote(1).encode(),
			without_domain.to_vec(),
			wrapped(&without_domain),
			[b"<Bytes>", &hash[..]].concat(),
			[&hash[..], b"</Bytes>"].concat(),
			Vec::new(),
		];
		for message in messages {
			assert_noop!(
				take_with(quote(1), pair.sign(&message).into()),
				Error::<Test>::BadSignature
			);
		}
	});
}

#[test]
fn quote_is_refused_when_any_field_was_changed_after_signing() {
	ExtBuilder::build_and_execute(|| {
		Delegates::insert(MAKER.account(0), STRANGER.id(), ());
		let changes: [fn(&mut QuoteOf<Test>); 6] = [
			|quote| quote.maker.number = 1,
			|quote| quote.signer = STRANGER.id(),
			|quote| quote.taker = Some(TAKER.id()),
			|quote| quote.legs[0].price = Price::from_u32(99),
			|quote| quote.expiry_block = 11,
			|quote| quote.nonce = 2,
		];
		let signature = MAKER.sign(&quote(1));
		for change in changes {
			let mut changed = quote(1);
			change(&mut changed);
			assert_noop!(take_with(changed, signature.clone()), Error::<Test>::BadSignature);
		}
	});
}

#[test]
fn quote_is_refused_when_a_stranger_signed_it() {
	ExtBuilder::build_and_execute(|| {
		// In the maker's name.
		assert_noop!(take_with(quote(1), STRANGER.sign(&quote(1))), Error::<Test>::BadSignature);
		// In the stranger's own.
		let mut theirs = quote(1);
		theirs.signer = STRANGER.id();
		let signature = STRANGER.sign(&theirs);
		assert_noop!(take_with(theirs, signature), Error::<Test>::SignerNotAllowed);
		// By the taker.
		let mut own = quote(1);
		own.signer = TAKER.id();
		let signature = TAKER.sign(&own);
		assert_noop!(take_with(own, signature), Error::<Test>::SignerNotAllowed);
	});
}

#[test]
fn quote_binds_when_signed_by_a_delegate_and_only_while_it_is_one() {
	ExtBuilder::build_and_execute(|| {
		Delegates::insert(MAKER.account(0), STRANGER.id(), ());
		let mut theirs = quote(1);
		theirs.signer = STRANGER.id();
		assert_ok!(take_with(theirs.clone(), STRANGER.sign(&theirs)));

		theirs.nonce = 2;
		let mut of_another_account = theirs.clone();
		of_another_account.maker = MAKER.account(1);
		let signature = STRANGER.sign(&of_another_account);
		assert_noop!(take_with(of_another_account, signature), Error::<Test>::SignerNotAllowed);

		Delegates::remove(MAKER.account(0), STRANGER.id());
		let signature = STRANGER.sign(&theirs);
		assert_noop!(take_with(theirs, signature), Error::<Test>::SignerNotAllowed);
	});
}

#[test]
fn quote_is_refused_when_the_signature_is_of_another_kind() {
	ExtBuilder::build_and_execute(|| {
		let MultiSignature::Sr25519(signature) = MAKER.sign(&quote(1)) else {
			unreachable!("the maker's key is sr25519")
		};
		let as_ed25519 = ed25519::Signature::from_raw(signature.0);
		assert_noop!(take_with(quote(1), as_ed25519.into()), Error::<Test>::BadSignature);
		let zeros = sp_core::sr25519::Signature::from_raw([0; 64]);
		assert_noop!(take_with(quote(1), zeros.into()), Error::<Test>::BadSignature);
		let zeros = ecdsa::Signature::from_raw([0; 65]);
		assert_noop!(take_with(quote(1), zeros.into()), Error::<Test>::BadSignature);
	});
}
