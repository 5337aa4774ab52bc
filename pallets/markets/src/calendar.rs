//! Which expiries are pending, and which contracts each has.

use crate::{Calendar, Config, Error, Event, ExpiryContracts, Pallet, SettlementPrices};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use plimsoll_primitives::{
	oracle::MAX_EXPIRIES, Contract, Instrument, Moment, PriceError, PriceOracle, UnderlyingId,
};
use scale_info::TypeInfo;
use sp_runtime::traits::Zero;

/// How far an expiry is.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Stage {
	/// Its contracts trade, or it has just come due.
	#[codec(index = 0)]
	Trading,
	/// It is due and has been reported to have no settlement price yet.
	#[codec(index = 1)]
	PriceMissing,
	/// Its settlement price is fixed; its contracts are being settled.
	#[codec(index = 2)]
	Settling,
}

/// What orders expiries, and names one of an underlying.
pub type ExpiryKey = (Moment, UnderlyingId);

/// One expiry of one underlying, from its first listing until its last contract is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PendingExpiry {
	/// When its contracts expire.
	pub expiry: Moment,
	/// What they are written on.
	pub underlying: UnderlyingId,
	/// How far it is.
	pub stage: Stage,
}

impl PendingExpiry {
	/// What orders it in the calendar.
	pub const fn key(&self) -> ExpiryKey {
		(self.expiry, self.underlying)
	}
}

/// One contract in the queue of its expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct QueuedContract<BlockNumber> {
	/// Which.
	pub contract: Contract,
	/// The first block in which it is tried again, where none of the holders that are left could
	/// be settled; zero otherwise.
	pub retry_at: BlockNumber,
}

/// The most entries that the calendar can have.
pub struct MaxPending<T>(PhantomData<T>);

impl<T: Config> Get<u32> for MaxPending<T> {
	fn get() -> u32 {
		// Saturating: both are small constants, and a bound that is too low only refuses listings.
		T::MaxUnderlyings::get().saturating_mul(MAX_EXPIRIES)
	}
}

/// The calendar: ascending by expiry and underlying, each at most once.
pub type PendingExpiries<T> = BoundedVec<PendingExpiry, MaxPending<T>>;

/// Where `key` is in a calendar, or would be.
pub(crate) fn find(calendar: &[PendingExpiry], key: ExpiryKey) -> Result<usize, usize> {
	calendar.binary_search_by_key(&key, PendingExpiry::key)
}

impl<T: Config> Pallet<T> {
	/// Puts a new contract on its expiry's queue, and the expiry on the calendar where it is the
	/// first one.
	pub(crate) fn schedule(instrument: Instrument, expiry: Moment) -> DispatchResult {
		let now = Self::now();
		ensure!(now > 0, Error::<T>::ClockNotStarted);
		ensure!(expiry > now, Error::<T>::ExpiryPassed);
		// Saturating: `expiry` is later.
		ensure!(expiry.saturating_sub(now) <= T::MaxTenor::get(), Error::<T>::ExpiryTooFar);
		let Instrument { underlying, contract } = instrument;
		ExpiryContracts::<T>::try_mutate(underlying, expiry, |contracts| {
			if contracts.is_empty() {
				Self::open_expiry(underlying, expiry)?;
			}
			contracts
				.try_push(QueuedContract { contract, retry_at: BlockNumberFor::<T>::zero() })
				.map_err(|_| Error::<T>::TooManyInstruments.into())
		})
	}

	/// Puts an expiry on the calendar, and has the oracle keep its average.
	fn open_expiry(underlying: UnderlyingId, expiry: Moment) -> DispatchResult {
		Calendar::<T>::try_mutate(|calendar| {
			let others = calendar.iter().filter(|pending| pending.underlying == underlying).count();
			ensure!(
				u32::try_from(others).is_ok_and(|others| others < MAX_EXPIRIES),
				Error::<T>::TooManyExpiries
			);
			match find(calendar, (expiry, underlying)) {
				Ok(_) => Ok(()),
				Err(at) => calendar
					.try_insert(at, PendingExpiry { expiry, underlying, stage: Stage::Trading })
					.map_err(|_| Error::<T>::TooManyExpiries),
			}
		})?;
		T::Oracle::open_settlement_window(underlying, expiry).map_err(|error| match error {
			PriceError::Unknown => Error::<T>::NoPriceFeed,
			// Every other reason is the oracle's limits.
			_ => Error::<T>::SettlementWindowRefused,
		})?;
		Ok(())
	}

	/// Takes a contract off its expiry's queue, and the expiry off the calendar where it was the
	/// last one.
	pub(crate) fn unschedule(instrument: Instrument, expiry: Moment) {
		let Instrument { underlying, contract } = instrument;
		let mut contracts = ExpiryContracts::<T>::get(underlying, expiry);
		contracts.retain(|queued| queued.contract != contract);
		if contracts.is_empty() {
			Calendar::<T>::mutate(|calendar| {
				calendar.retain(|pending| pending.key() != (expiry, underlying));
			});
			Self::close_expiry(underlying, expiry);
		} else {
			ExpiryContracts::<T>::insert(underlying, expiry, contracts);
		}
	}

	/// Frees all that is kept for an expiry besides its entry in the calendar.
	pub(crate) fn close_expiry(underlying: UnderlyingId, expiry: Moment) {
		ExpiryContracts::<T>::remove(underlying, expiry);
		SettlementPrices::<T>::remove(underlying, expiry);
		T::Oracle::close_settlement_window(underlying, expiry);
		Self::deposit_event(Event::ExpiryClosed { underlying, expiry });
	}
}
