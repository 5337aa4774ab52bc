//! What an owner has traded of late, which decides its fees.
//!
//! All that changed hands in the order book for any of its sub-accounts counts, as maker and as taker,
//! at the figure that fees are charged on (so no volume comes cheaper than its fees); what it traded
//! with itself does not. The last thirty days are told from two sums, of this period of thirty days
//! and of the one before: the first whole, the second by the part of it that is not yet thirty days
//! ago. That is exact where trades are spread evenly, never wrong by more than the earlier sum, costs
//! one small record, and is nothing once an owner has not traded for two periods.

use crate::{Config, Error, Event, FeeRates, Pallet, Volumes};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{ensure, traits::Time};
use plimsoll_primitives::{Balance, Moment};
use scale_info::TypeInfo;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Permill, Rounding};
use sp_runtime::DispatchResult;

/// Thirty days, in milliseconds. Periods are counted from the Unix epoch.
pub const VOLUME_PERIOD: Moment = 30 * 24 * 60 * 60 * 1_000;

/// What an owner traded, settlement units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Volume {
	/// The period of the last trade.
	pub period: u64,
	/// In that period.
	pub current: Balance,
	/// In the one before it.
	pub previous: Balance,
}

impl Volume {
	/// The same sums as they are seen at `now`.
	pub const fn at(self, now: Moment) -> Self {
		let period = now / VOLUME_PERIOD;
		match period.checked_sub(self.period) {
			Some(0) => self,
			Some(1) => Self { period, current: 0, previous: self.current },
			// A clock that went back tells nothing of what has been.
			_ => Self { period, current: 0, previous: 0 },
		}
	}

	/// What was traded in the thirty days before `now`, rounded down.
	pub fn rolling(self, now: Moment) -> Balance {
		let Self { current, previous, .. } = self.at(now);
		// Neither fails: the remainder is less than the period, and a part fits where the whole does.
		let left = VOLUME_PERIOD.saturating_sub(now % VOLUME_PERIOD);
		let part = multiply_by_rational_with_rounding(
			previous,
			left.into(),
			VOLUME_PERIOD.into(),
			Rounding::Down,
		);
		// Saturating: more than can be counted is more than any tier asks for.
		current.saturating_add(part.unwrap_or(0))
	}

	/// Counts what was traded at `now`.
	pub fn add(&mut self, now: Moment, traded: Balance) {
		*self = self.at(now);
		// Saturating: as above.
		self.current = self.current.saturating_add(traded);
	}

	/// Whether it counts for nothing.
	pub const fn is_zero(&self) -> bool {
		self.current == 0 && self.previous == 0
	}
}

/// What an owner is charged in the order book, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct FeeStanding {
	/// What all of its accounts traded there in the last thirty days, settlement units.
	pub volume: Balance,
	/// Of what changes hands when its order rested.
	pub maker: Permill,
	/// The same when its order came in.
	pub taker: Permill,
}

impl<T: Config> Pallet<T> {
	/// What `owner` is charged now.
	pub fn fee_standing(owner: &T::AccountId) -> FeeStanding {
		let volume = Volumes::<T>::get(owner).rolling(T::Time::now());
		let (maker, taker) = FeeRates::<T>::get().rates(volume);
		FeeStanding { volume, maker, taker }
	}

	/// Keeps what an owner has traded, where it counts for anything.
	pub(crate) fn put_volume(owner: &T::AccountId, volume: Volume) {
		if volume.is_zero() {
			Volumes::<T>::remove(owner);
		} else {
			Volumes::<T>::insert(owner, volume);
		}
	}

	/// Frees what is kept of an owner that has not traded for so long that it counts for nothing.
	pub(crate) fn do_forget_volume(owner: &T::AccountId) -> DispatchResult {
		ensure!(Volumes::<T>::contains_key(owner), Error::<T>::NoVolume);
		let volume = Volumes::<T>::get(owner).at(T::Time::now());
		ensure!(volume.is_zero(), Error::<T>::VolumeCounts);
		Volumes::<T>::remove(owner);
		Self::deposit_event(Event::VolumeForgotten { owner: owner.clone() });
		Ok(())
	}
}
