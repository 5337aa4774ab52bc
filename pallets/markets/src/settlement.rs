//! Expiry: fixing the settlement price, then settling all holders in cash, some in each block.
//!
//! Expiries take turns. Each block starts with the next one after the one that the last block
//! started with, so that none waits for ever behind another whose price is missing or whose
//! holders cannot be settled. Within an expiry, contracts take turns as well: one that still has
//! holders goes to the end of its queue, and waits there for a while if no holder of it could be
//! settled.

use crate::{
	calendar::{self, ExpiryKey, PendingExpiries, PendingExpiry, QueuedContract, Stage},
	weights::WeightInfo,
	Calendar, Config, Cursor, Error, Event, ExpiryContracts, Instruments, Pallet, SettlementPrices,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::Get,
	weights::{Weight, WeightMeter},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use plimsoll_primitives::{
	ContractHolders, Instrument, Moment, Price, PriceError, PriceOracle, UnderlyingId,
};
use scale_info::TypeInfo;
use sp_runtime::traits::{Saturating, Zero};

/// Where a settlement price comes from.
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
pub enum PriceSource {
	/// The oracle's average over the last minutes before the expiry.
	#[codec(index = 0)]
	Average,
	/// Set by hand, because there was no average.
	#[codec(index = 1)]
	Fallback,
}

/// What one block may still spend on settlement.
pub(crate) struct Allowance {
	/// Weight.
	pub meter: WeightMeter,
	/// How many holders may still be tried; an instrument without holders counts as one.
	pub holders: u32,
}

/// What became of one expiry's turn.
pub(crate) enum Turn {
	/// Something of it is left.
	Pending,
	/// Nothing of it is left.
	Closed,
	/// The weight did not reach for it.
	OutOfWeight,
}

/// What became of one contract's turn.
pub(crate) enum Progress {
	/// All holders are settled; it is delisted.
	Done,
	/// Some are left.
	Left,
	/// Some are left, and none could be settled.
	Stuck,
	/// The allowance did not reach for it.
	OutOfAllowance,
}

impl<T: Config> Pallet<T> {
	/// Fixes prices of, and settles, what is due at chain time. Returns the weight used in the hook,
	/// `spent` before this included.
	pub(crate) fn settle_due(spent: Weight) -> Weight {
		let mut allowance = Self::block_allowance(spent);
		let now = Self::now();
		let calendar = Calendar::<T>::get();
		let due = calendar.partition_point(|pending| pending.expiry <= now);
		// Before the first timestamp nothing is due, whatever the calendar says.
		if now > 0
			&& due > 0
			&& allowance.meter.try_consume(T::WeightInfo::on_initialize_due()).is_ok()
		{
			Self::take_turns(calendar, now, due, &mut allowance);
		}
		allowance.meter.consumed()
	}

	/// What the hook may spend in this block, with its least expense and what it has spent already taken.
	fn block_allowance(spent: Weight) -> Allowance {
		let idle = T::WeightInfo::on_initialize_idle().saturating_add(spent);
		let share = T::SettlementShare::get() * T::BlockWeights::get().max_block;
		let remaining = frame_system::Pallet::<T>::remaining_block_weight().remaining();
		// The least expense arises however little is left.
		let mut meter = WeightMeter::with_limit(share.min(remaining).max(idle));
		meter.consume(idle);
		Allowance { meter, holders: T::MaxSettlementsPerBlock::get() }
	}

	/// Gives as many of the first `due` expiries of the calendar as a block may look at their
	/// turn.
	pub(crate) fn take_turns(
		mut calendar: PendingExpiries<T>,
		now: Moment,
		due: usize,
		allowance: &mut Allowance,
	) {
		let before = calendar.clone();
		let order = Self::order(&calendar, due);
		for key in &order {
			let Ok(at) = calendar::find(&calendar, *key) else { continue };
			let Some(pending) = calendar.get_mut(at) else { continue };
			match Self::take_turn(pending, allowance) {
				Turn::Pending => {}
				Turn::Closed => {
					calendar.remove(at);
				}
				Turn::OutOfWeight => break,
			}
		}
		match order.first() {
			Some(first) if calendar.first().is_some_and(|pending| pending.expiry <= now) => {
				Cursor::<T>::put(first);
			}
			_ => Cursor::<T>::kill(),
		}
		if calendar != before {
			Calendar::<T>::put(calendar);
		}
	}

	/// The expiries that have their turn in this block, in this order.
	fn order(calendar: &[PendingExpiry], due: usize) -> Vec<ExpiryKey> {
		let due: Vec<ExpiryKey> = calendar.iter().take(due).map(PendingExpiry::key).collect();
		let start =
			Cursor::<T>::get().map_or(0, |cursor| due.partition_point(|expiry| *expiry <= cursor));
		let most = usize::try_from(T::MaxExpiriesPerBlock::get()).unwrap_or(usize::MAX);
		due.iter().cycle().skip(start).take(due.len().min(most)).copied().collect()
	}

	/// One expiry's turn: its price, where it has none; then its contracts.
	pub(crate) fn take_turn(pending: &mut PendingExpiry, allowance: &mut Allowance) -> Turn {
		if pending.stage != Stage::Settling {
			if allowance.meter.try_consume(T::WeightInfo::seek_settlement_price()).is_err() {
				return Turn::OutOfWeight;
			}
			Self::seek_price(pending);
		}
		if pending.stage != Stage::Settling || allowance.holders == 0 {
			return Turn::Pending;
		}
		if allowance.meter.try_consume(T::WeightInfo::visit_expiry()).is_err() {
			return Turn::OutOfWeight;
		}
		Self::settle_contracts(pending, allowance)
	}

	/// Fixes an expiry's price at the oracle's average, or reports once that there is none.
	pub(crate) fn seek_price(pending: &mut PendingExpiry) {
		let PendingExpiry { expiry, underlying, .. } = *pending;
		let reason = match T::Oracle::settlement_average(underlying, expiry) {
			Ok(price) if !price.is_zero() => {
				Self::fix_price(pending, price, PriceSource::Average);
				return;
			}
			// An average of nothing is no average.
			Ok(_) => PriceError::Incomplete,
			Err(reason) => reason,
		};
		if pending.stage == Stage::Trading {
			pending.stage = Stage::PriceMissing;
			Self::deposit_event(Event::SettlementPriceMissing { underlying, expiry, reason });
		}
	}

	/// Fixes an expiry's price.
	pub(crate) fn fix_price(pending: &mut PendingExpiry, price: Price, source: PriceSource) {
		let PendingExpiry { expiry, underlying, .. } = *pending;
		pending.stage = Stage::Settling;
		SettlementPrices::<T>::insert(underlying, expiry, price);
		Self::deposit_event(Event::SettlementPriceFixed { underlying, expiry, price, source });
	}

	/// Fixes the price of an expiry that is due and has none.
	pub(crate) fn do_set_settlement_price(
		underlying: UnderlyingId,
		expiry: Moment,
		price: Price,
	) -> DispatchResult {
		ensure!(!price.is_zero(), Error::<T>::ZeroSettlementPrice);
		Calendar::<T>::try_mutate(|calendar| {
			let pending = calendar
				.iter_mut()
				.find(|pending| pending.key() == (expiry, underlying))
				.ok_or(Error::<T>::UnknownExpiry)?;
			ensure!(expiry <= Self::now(), Error::<T>::NotExpired);
			ensure!(pending.stage != Stage::Settling, Error::<T>::SettlementPriceAlreadyFixed);
			Self::fix_price(pending, price, PriceSource::Fallback);
			Ok(())
		})
	}

	/// Settles as many holders of an expiry's contracts as the allowance lets.
	fn settle_contracts(pending: &PendingExpiry, allowance: &mut Allowance) -> Turn {
		let PendingExpiry { expiry, underlying, .. } = *pending;
		// An expiry that is settling has a price: `try_state` says so.
		let Some(price) = SettlementPrices::<T>::get(underlying, expiry) else {
			return Turn::Pending;
		};
		let block = frame_system::Pallet::<T>::block_number();
		let before = ExpiryContracts::<T>::get(underlying, expiry);
		let mut had_turn = Vec::new();
		let mut contracts = before.iter().copied();
		let mut interrupted = None;
		for queued in contracts.by_ref() {
			if queued.retry_at > block {
				had_turn.push(queued);
				continue;
			}
			let QueuedContract { contract, .. } = queued;
			let instrument = Instrument { underlying, contract };
			match Self::settle_instrument(&instrument, price, allowance) {
				Progress::Done => {}
				Progress::Left => {
					let retry_at = BlockNumberFor::<T>::zero();
					had_turn.push(QueuedContract { contract, retry_at });
				}
				Progress::Stuck => {
					let retry_at = block.saturating_add(T::SettlementRetryDelay::get());
					had_turn.push(QueuedContract { contract, retry_at });
					Self::deposit_event(Event::SettlementDelayed { instrument, retry_at });
				}
				Progress::OutOfAllowance => {
					interrupted = Some(queued);
					break;
				}
			}
		}
		// Those that had no turn come first the next time.
		let after: Vec<_> = interrupted.into_iter().chain(contracts).chain(had_turn).collect();
		if after.is_empty() {
			Self::close_expiry(underlying, expiry);
			return Turn::Closed;
		}
		if after != *before {
			// Truncating: it is a part of what was within the bound.
			ExpiryContracts::<T>::insert(underlying, expiry, BoundedVec::truncate_from(after));
		}
		Turn::Pending
	}

	/// Settles as many holders of one instrument as the allowance lets, and delists it where none
	/// is left.
	pub(crate) fn settle_instrument(
		instrument: &Instrument,
		price: Price,
		allowance: &mut Allowance,
	) -> Progress {
		let limit = Self::affordable_holders(allowance);
		if limit == 0 {
			return Progress::OutOfAllowance;
		}
		let (settled, left) = T::Holders::settle(instrument, price, limit);
		// Where some are left, those that could not be settled were tried as well.
		let tried = if left { limit } else { settled.min(limit) };
		// Saturating: neither can be more than what `limit` was computed from.
		allowance.holders = allowance.holders.saturating_sub(tried.max(1));
		allowance.meter.consume(Self::settlement_weight(tried));
		match (left, settled) {
			(false, _) => {
				Instruments::<T>::remove(instrument);
				Self::deposit_event(Event::Settled { instrument: *instrument });
				Progress::Done
			}
			(true, 0) => Progress::Stuck,
			(true, _) => Progress::Left,
		}
	}

	/// How many holders of one instrument the allowance reaches for.
	fn affordable_holders(allowance: &Allowance) -> u32 {
		let fixed = T::WeightInfo::settle_instrument(0);
		let Some(remaining) = allowance.meter.remaining().checked_sub(&fixed) else { return 0 };
		let by_weight =
			remaining.checked_div_per_component(&Self::holder_weight()).unwrap_or(u64::MAX);
		allowance.holders.min(u32::try_from(by_weight).unwrap_or(u32::MAX))
	}

	/// What trying `holders` holders of one instrument weighs, at most.
	pub(crate) fn settlement_weight(holders: u32) -> Weight {
		T::WeightInfo::settle_instrument(0)
			.saturating_add(Self::holder_weight().saturating_mul(u64::from(holders)))
	}

	/// What one more holder weighs: the larger of what this pallet's benchmark measures on small
	/// accounts and what their keeper says of the largest.
	fn holder_weight() -> Weight {
		T::WeightInfo::settle_instrument(1)
			.saturating_sub(T::WeightInfo::settle_instrument(0))
			.max(T::Holders::settle_weight())
	}
}
