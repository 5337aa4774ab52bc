//! What this pallet's benchmarks need from outside.

use plimsoll_primitives::{benchmarking::BenchmarkEnvironment, SubAccountId};
use sp_core::{crypto::KeyTypeId, sr25519};
use sp_runtime::{traits::IdentifyAccount, AccountId32, MultiSignature, MultiSigner};

/// The environment of the benchmarks, with what trading adds. Panics where something fails: a
/// benchmark without its state measures nothing.
pub trait BenchmarkHelper<AccountId, Signature>: BenchmarkEnvironment<AccountId> {
	/// A new account for which [`BenchmarkHelper::sign`] can sign.
	fn new_signer() -> AccountId;

	/// A signature of that account over `message`.
	fn sign(signer: &AccountId, message: &[u8]) -> Signature;

	/// Lets `delegate` trade for `account`.
	fn add_delegate(account: &SubAccountId<AccountId>, delegate: &AccountId);

	/// How many positions a sub-account may hold; at least `MaxLegs`.
	fn max_positions() -> u32;
}

/// sr25519 keys in the keystore of the benchmark's host: [`BenchmarkHelper::new_signer`] and
/// [`BenchmarkHelper::sign`] for every runtime whose accounts are public keys.
pub struct Sr25519Keystore;

impl Sr25519Keystore {
	const KEY_TYPE: KeyTypeId = KeyTypeId(*b"quot");

	/// A new key's account.
	pub fn new_signer() -> AccountId32 {
		MultiSigner::from(sp_io::crypto::sr25519_generate(Self::KEY_TYPE, None)).into_account()
	}

	/// A signature of an account that [`Sr25519Keystore::new_signer`] made.
	pub fn sign(signer: &AccountId32, message: &[u8]) -> MultiSignature {
		// An sr25519 account is its public key.
		let key = sr25519::Public::from_raw(signer.clone().into());
		sp_io::crypto::sr25519_sign(Self::KEY_TYPE, &key, message)
			.expect("the key was generated in this keystore; qed")
			.into()
	}
}
