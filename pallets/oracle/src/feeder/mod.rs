//! The offchain feeder: reads the sources listed on chain, takes the median over them, and sends
//! one signed batch.
//!
//! It runs after every imported block, on nodes whose keystore holds the key of an operator under
//! the type [`KEY_TYPE`](crypto::KEY_TYPE), and otherwise does nothing. It never runs twice at once
//! (a lock with a deadline, in the node's own storage) and sends nothing while its last batch is
//! unconfirmed. It believes a value only where more than half of the sources listed for it agree on
//! it, those that do not answer counted, so that the last venue that is left is not believed by
//! itself. All requests are started before any is waited for, and all share one deadline. What the
//! chain would refuse is left out, value by value, so that one bad value does not keep the others
//! back.

mod compose;
mod decimal;
mod formats;
mod http;

pub use decimal::{parse_decimal, DecimalError};
pub use formats::{parse, FormatError};
pub use http::{FetchError, FETCH_DEADLINE, MAX_BODY};

use self::compose::Reading;
use crate::{
	submission::Checks,
	types::{Observation, Source},
	Call, Config, LastBatch, Pallet, Sources, LOG_TARGET,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use frame_support::{
	traits::{Get, Time},
	BoundedVec,
};
use frame_system::{
	offchain::{Account, SendSignedTransaction, Signer},
	pallet_prelude::BlockNumberFor,
};
use sp_core::offchain::Duration;
use sp_runtime::{
	offchain::{storage::StorageValueRef, storage_lock::StorageLock},
	traits::Saturating,
};

/// The feeder's key.
pub mod crypto {
	use sp_runtime::{app_crypto::KeyTypeId, MultiSignature, MultiSigner};

	/// Under what the keystore holds it.
	pub const KEY_TYPE: KeyTypeId = KeyTypeId(*b"feed");

	mod app {
		use sp_runtime::app_crypto::{app_crypto, sr25519};
		app_crypto!(sr25519, super::KEY_TYPE);
	}

	/// An operator's public key, sr25519.
	pub type AuthorityId = app::Public;
	/// A signature by it.
	pub type AuthoritySignature = app::Signature;

	/// Ties the key to the runtime's signatures.
	#[derive(Clone, Copy, Debug, PartialEq, Eq)]
	pub struct FeederAuthId;

	impl frame_system::offchain::AppCrypto<MultiSigner, MultiSignature> for FeederAuthId {
		type RuntimeAppPublic = AuthorityId;
		type GenericPublic = sp_core::sr25519::Public;
		type GenericSignature = sp_core::sr25519::Signature;
	}
}

/// Where the node keeps the feeder's lock.
pub const LOCK_KEY: &[u8] = b"plimsoll/oracle/feeder/lock";
/// Where the node keeps what the feeder last sent.
pub const SENT_KEY: &[u8] = b"plimsoll/oracle/feeder/sent";
/// How long a lock holds at most, in milliseconds, should its holder die. Well above the time that
/// fetching may take.
pub const LOCK_DEADLINE: u64 = 15_000;
/// The feeder leaves out expiries nearer than this, in milliseconds: they may have passed when the
/// batch is included.
pub const EXPIRY_MARGIN: u64 = 30_000;

/// The last batch that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Sent<AccountId, BlockNumber, Nonce> {
	/// By whom.
	pub operator: AccountId,
	/// After which block.
	pub block: BlockNumber,
	/// With which nonce.
	pub nonce: Nonce,
}

/// Why the feeder sends nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
	/// No source is listed.
	NoSources,
	/// No local key is an operator's.
	NoKey,
	/// It is running already.
	Locked,
	/// The chain has no time yet.
	NoTime,
	/// The last batch is neither included nor lost.
	Unconfirmed,
	/// No source gave a value that the chain would take.
	NothingToSend,
	/// The chain would refuse the batch as a whole.
	Refused(&'static str),
	/// The batch could not be signed or was not taken by the pool.
	NotSent,
}

type SentBy<T> = Sent<
	<T as frame_system::Config>::AccountId,
	BlockNumberFor<T>,
	<T as frame_system::Config>::Nonce,
>;

impl<T: Config> Pallet<T> {
	/// The offchain worker.
	pub(crate) fn run_feeder(block: BlockNumberFor<T>) {
		match Self::feed(block) {
			Ok(count) => log::debug!(target: LOG_TARGET, "feeder sent {count} values"),
			Err(Idle::Refused(error)) => {
				log::warn!(target: LOG_TARGET, "feeder's batch would be refused: {error}")
			}
			Err(idle) => log::debug!(target: LOG_TARGET, "feeder sends nothing: {idle:?}"),
		}
	}

	/// Fetches, composes and sends. Returns how many values it sent.
	pub(crate) fn feed(block: BlockNumberFor<T>) -> Result<usize, Idle> {
		let sources = Sources::<T>::get();
		if sources.is_empty() {
			return Err(Idle::NoSources);
		}
		let account = Self::local_operator().ok_or(Idle::NoKey)?;
		let mut lock = StorageLock::with_deadline(LOCK_KEY, Duration::from_millis(LOCK_DEADLINE));
		let _guard = lock.try_lock().map_err(|_| Idle::Locked)?;
		if !Self::last_batch_is_done(&account.id, block) {
			return Err(Idle::Unconfirmed);
		}

		let now = T::Time::now();
		if now == 0 {
			return Err(Idle::NoTime);
		}
		let readings = read(&sources);
		let checks = Checks::<T>::new(now);
		let batch = compose::compose::<T>(&checks, &account.id, &readings);
		let observations = BoundedVec::truncate_from(batch);
		if observations.is_empty() {
			return Err(Idle::NothingToSend);
		}
		checks.batch(&observations).map_err(|error| Idle::Refused(error.into()))?;
		Self::send(&account, observations, block)
	}

	/// The first key of the local keystore that is an operator's.
	fn local_operator() -> Option<Account<T>> {
		let operators = Self::operators();
		Signer::<T, T::AuthorityId>::keystore_accounts()
			.find(|account| operators.contains(&account.id))
	}

	/// Whether nothing of what was sent is still on its way: the last batch has been included (well
	/// or not), or so many blocks have passed that it never will be.
	fn last_batch_is_done(operator: &T::AccountId, block: BlockNumberFor<T>) -> bool {
		let Ok(Some(sent)) = StorageValueRef::persistent(SENT_KEY).get::<SentBy<T>>() else {
			return true;
		};
		if sent.operator != *operator {
			return true;
		}
		let taken = LastBatch::<T>::get(operator).is_some_and(|last| last > sent.block);
		let included = frame_system::Pallet::<T>::account_nonce(operator) > sent.nonce;
		// A chain that began anew may be behind the block in which it was sent.
		let apart = block.max(sent.block).saturating_sub(block.min(sent.block));
		taken || included || apart > T::FeederPatience::get().into()
	}

	fn send(
		account: &Account<T>,
		observations: BoundedVec<Observation, T::MaxBatch>,
		block: BlockNumberFor<T>,
	) -> Result<usize, Idle> {
		let count = observations.len();
		let nonce = frame_system::Pallet::<T>::account_nonce(&account.id);
		let signer = Signer::<T, T::AuthorityId>::any_account();
		match signer.send_single_signed_transaction(account, Call::submit { observations }) {
			Some(Ok(())) => {
				let sent = SentBy::<T> { operator: account.id.clone(), block, nonce };
				StorageValueRef::persistent(SENT_KEY).set(&sent);
				Ok(count)
			}
			Some(Err(())) | None => Err(Idle::NotSent),
		}
	}
}

/// What the sources say. One that is down, slow or malformed says nothing.
fn read(sources: &[Source]) -> Vec<Reading<'_>> {
	let mut readings = Vec::new();
	for (source, fetched) in sources.iter().zip(http::fetch_all(sources)) {
		let url = core::str::from_utf8(&source.url).unwrap_or("?");
		let said = match fetched {
			Ok(body) => parse(source, &body)
				.inspect_err(
					|error| log::debug!(target: LOG_TARGET, "{url} makes no sense: {error:?}"),
				)
				.ok(),
			Err(error) => {
				log::debug!(target: LOG_TARGET, "{url} does not answer: {error:?}");
				None
			}
		};
		readings.push(Reading::new(source, said));
	}
	readings
}
