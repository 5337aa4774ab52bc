//! Nominations: how an account is brought to the hook's notice sooner than the sweep would.

use crate::{
	entry::{standing, Standing},
	queue::{admit, has_room, Queued},
	round::is_last_page,
	AccountOf, Call, Config, Error, Liquidations, Pallet, Params, Queue, LOG_TARGET,
};
use frame_support::{
	dispatch::DispatchResult,
	pallet_prelude::{TransactionSource, TransactionValidityWithRefund},
	traits::Get,
	weights::Weight,
};
use frame_system::offchain::SubmitTransaction;
use plimsoll_primitives::{Health, LiquidationLedger, Stance, UsdValue};
use sp_runtime::{
	offchain::{
		storage::StorageValueRef,
		storage_lock::{StorageLock, Time},
		Duration,
	},
	transaction_validity::{InvalidTransaction, TransactionValidityError, ValidTransaction},
};

/// Where the worker keeps its lock, so that no two run at once.
const WORKER_LOCK: &[u8] = b"plimsoll/liquidation/lock";
/// Where the worker keeps the last account it evaluated.
const WORKER_CURSOR: &[u8] = b"plimsoll/liquidation/cursor";
/// After how long a worker that did not end, because the node was stopped, is taken for dead.
const WORKER_DEADLINE: Duration = Duration::from_millis(60_000);
/// How many accounts the worker lists at a time.
const WORKER_PAGE: u32 = 64;

/// Why a nomination is refused. As a transaction's validity each is
/// `InvalidTransaction::Custom(code)`: see [`Refusal::code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
	/// No such sub-account.
	Unknown,
	/// Not below its maintenance margin at the most favourable prices.
	Healthy,
	/// Below it, but its feeds have not been live for long enough.
	InGrace,
	/// In the waterfall already.
	AlreadyQueued,
	/// The queue is full of accounts that are worse.
	QueueFull,
	/// It cannot be valued.
	NotValued,
	/// The whole chain is halted.
	Halted,
}

impl Refusal {
	/// Its number among the custom invalidities.
	pub const fn code(self) -> u8 {
		match self {
			Self::Unknown => 1,
			Self::Healthy => 2,
			Self::InGrace => 3,
			Self::AlreadyQueued => 4,
			Self::QueueFull => 5,
			Self::NotValued => 6,
			Self::Halted => 7,
		}
	}
}

impl From<Refusal> for TransactionValidityError {
	fn from(refusal: Refusal) -> Self {
		InvalidTransaction::Custom(refusal.code()).into()
	}
}

impl<T> From<Refusal> for Error<T> {
	fn from(refusal: Refusal) -> Self {
		match refusal {
			Refusal::Unknown => Error::UnknownAccount,
			Refusal::Healthy => Error::NotBelowMargin,
			Refusal::InGrace => Error::InGrace,
			Refusal::AlreadyQueued => Error::AlreadyQueued,
			Refusal::QueueFull => Error::QueueFull,
			Refusal::NotValued => Error::NotValued,
			Refusal::Halted => Error::ChainHalted,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Whether a nomination is valid now, and how the pool is to treat it: at most one per account
	/// (whatever the block, so that no copy of it gets in), of short life. It is safe whoever sends
	/// it: it can do no more than what the sweep will do anyway.
	pub(crate) fn authorize_nominate(
		_source: TransactionSource,
		account: &AccountOf<T>,
	) -> TransactionValidityWithRefund {
		// Before the evaluation, because it is so much cheaper.
		if Liquidations::<T>::contains_key(account) {
			return Err(Refusal::AlreadyQueued.into());
		}
		let favourable = Self::favourable_health(account)?;
		Self::authorize_evaluated(account, &favourable)
	}

	/// The part of the authorisation that comes after the account's evaluation.
	pub(crate) fn authorize_evaluated(
		account: &AccountOf<T>,
		favourable: &Health,
	) -> TransactionValidityWithRefund {
		Self::entering_shortfall(account, favourable)?;
		let validity = ValidTransaction::with_tag_prefix("PlimsollLiquidation")
			.priority(T::NominationPriority::get())
			.longevity(T::NominationLongevity::get())
			.and_provides(("nominate", account))
			.propagate(true)
			.build()?;
		Ok((validity, Weight::zero()))
	}

	/// An account's health at the prices most favourable to it.
	pub(crate) fn favourable_health(account: &AccountOf<T>) -> Result<Health, Refusal> {
		if !T::Ledger::exists(account) {
			return Err(Refusal::Unknown);
		}
		T::Ledger::health(account, Stance::Favourable).map_err(|_| Refusal::NotValued)
	}

	/// The shortfall with which an account of this health would enter the queue now.
	fn entering_shortfall(
		account: &AccountOf<T>,
		favourable: &Health,
	) -> Result<UsdValue, Refusal> {
		if T::Ledger::is_halted() {
			return Err(Refusal::Halted);
		}
		if Liquidations::<T>::contains_key(account) {
			return Err(Refusal::AlreadyQueued);
		}
		match standing(favourable, Pallet::<T>::since_halt(), Params::<T>::get().grace_blocks) {
			Standing::Healthy => Err(Refusal::Healthy),
			Standing::InGrace => Err(Refusal::InGrace),
			Standing::Enters(shortfall) => {
				if has_room(&Queue::<T>::get(), T::MaxQueue::get(), shortfall) {
					Ok(shortfall)
				} else {
					Err(Refusal::QueueFull)
				}
			}
		}
	}

	/// Puts a nominated account into the queue.
	pub(crate) fn enqueue_nominated(account: AccountOf<T>, favourable: &Health) -> DispatchResult {
		let shortfall = Self::entering_shortfall(&account, favourable).map_err(Error::<T>::from)?;
		let displaced = Queue::<T>::try_mutate(|queue| {
			admit(queue, Queued { account: account.clone(), shortfall, served: false })
				.map_err(|_| Error::<T>::QueueFull)
		})?;
		let now = frame_system::Pallet::<T>::block_number();
		Self::record_entry(account, favourable, displaced, now);
		Ok(())
	}

	/// The offchain worker: evaluates the next accounts of a cursor of its own and nominates those
	/// that the chain would take. Does nothing while another one is at it.
	pub(crate) fn nominate_from_worker() {
		let mut lock = StorageLock::<Time>::with_deadline(WORKER_LOCK, WORKER_DEADLINE);
		let Ok(_guard) = lock.try_lock() else {
			log::debug!(target: LOG_TARGET, "another worker is still nominating");
			return;
		};
		let stored = StorageValueRef::persistent(WORKER_CURSOR);
		// A cursor that cannot be read is as good as none.
		let mut cursor = stored.get::<Option<AccountOf<T>>>().ok().flatten().flatten();
		let mut left = T::WorkerBatch::get();
		while left > 0 {
			let page = left.min(WORKER_PAGE);
			let accounts = T::Ledger::accounts_after(cursor.take(), page);
			let ended = is_last_page(&accounts, page);
			for account in &accounts {
				Self::nominate_if_valid(account);
			}
			if ended {
				// The end: the next block's worker begins with the first.
				break;
			}
			cursor = accounts.into_iter().last();
			left = left.saturating_sub(page);
		}
		stored.set(&cursor);
	}

	/// Submits a nomination of an account, if it would be valid.
	fn nominate_if_valid(account: &AccountOf<T>) {
		if Self::authorize_nominate(TransactionSource::Local, account).is_err() {
			return;
		}
		let call = Call::<T>::nominate { account: account.clone() };
		let transaction = T::create_authorized_transaction(call.into());
		if SubmitTransaction::<T, Call<T>>::submit_transaction(transaction).is_err() {
			// The pool has it already, which is as well.
			log::debug!(target: LOG_TARGET, "nomination of {account:?} not accepted by the pool");
		}
	}
}
