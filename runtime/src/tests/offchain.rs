//! Transactions that offchain workers make.

use super::world::from_preset;
use crate::{offchain::CHANCES, BlockNumber, Executive, Runtime, RuntimeCall, System};
use codec::Encode;
use frame_system::offchain::{AppCrypto, CreateAuthorizedTransaction, CreateSignedTransaction};
use pallet_liquidation::Call;
use plimsoll_primitives::SubAccountId;
use sp_core::{sr25519, Pair, H256};
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::{
	traits::IdentifyAccount,
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidity},
	MultiSignature, MultiSigner,
};

/// A nomination as a worker makes it in this block.
fn nomination(block: u32) -> Vec<u8> {
	System::set_block_number(block);
	let account = SubAccountId::new(Alice.to_account_id(), 0);
	let call = RuntimeCall::from(Call::<Runtime>::nominate { account });
	<Runtime as CreateAuthorizedTransaction<Call<Runtime>>>::create_authorized_transaction(call)
		.encode()
}

#[test]
fn nomination_is_the_same_for_all_workers_of_a_block_and_another_in_the_next() {
	sp_io::TestExternalities::default().execute_with(|| {
		assert_eq!(nomination(7), nomination(7));
		assert_ne!(nomination(7), nomination(8));
	});
}

/// The development chain's first operator, whose worker signs without a keystore.
struct Feeder;

fn feeder() -> sr25519::Pair {
	sr25519::Pair::from_string("//Feeder//1", None).expect("it is a derivation path; qed")
}

impl AppCrypto<MultiSigner, MultiSignature> for Feeder {
	type RuntimeAppPublic = pallet_price_oracle::crypto::AuthorityId;
	type GenericPublic = sr25519::Public;
	type GenericSignature = sr25519::Signature;

	fn sign(payload: &[u8], _public: MultiSigner) -> Option<MultiSignature> {
		Some(feeder().sign(payload).into())
	}
}

fn hash_of(block: BlockNumber) -> H256 {
	H256::from_low_u64_be(block.into())
}

/// The state after a block.
fn after<R>(block: BlockNumber, run: impl FnOnce() -> R) -> R {
	from_preset("development").execute_with(|| {
		// The preset's state is that of the first block.
		for number in 2..=block {
			System::initialize(&number, &hash_of(number - 1), &Default::default());
		}
		run()
	})
}

/// A batch as the worker makes it that sees a block.
fn batch(block: BlockNumber) -> crate::UncheckedExtrinsic {
	after(block, || {
		frame_system::BlockHash::<Runtime>::insert(block, hash_of(block));
		let call =
			pallet_price_oracle::Call::<Runtime>::submit { observations: Default::default() };
		let signer = MultiSigner::from(feeder().public());
		let account = signer.clone().into_account();
		<Runtime as CreateSignedTransaction<pallet_price_oracle::Call<Runtime>>>::create_signed_transaction::<Feeder>(
			call.into(), signer, account, 0,
		)
		.expect("it is signed")
	})
}

/// What the pool says of a batch at a block.
fn validity(batch: crate::UncheckedExtrinsic, block: BlockNumber) -> TransactionValidity {
	after(block, || {
		Executive::validate_transaction(TransactionSource::Local, batch, hash_of(block))
	})
}

#[test]
fn batch_is_taken_by_a_pool_that_is_a_block_behind_and_forgotten_after_its_chances() {
	for block in 10..14 {
		let batch = batch(block);
		// Each is for inclusion in the block after.
		for pool in block - 1..block + CHANCES {
			assert!(validity(batch.clone(), pool).is_ok(), "seen {block}, pool at {pool}");
		}
		let late = validity(batch, block + CHANCES);
		assert_eq!(late, Err(InvalidTransaction::AncientBirthBlock.into()), "seen {block}");
	}
}
