//! What those who owe cash pay to those who have it: a rate by how much of it is lent out.

use crate::{
	account::Account, ledger::Pots, AccountOf, Config, Error, Event, Interest, Ledger, Pallet,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{ensure, traits::Time};
use plimsoll_primitives::{Amount, Moment};
use plimsoll_risk::tenor::YEAR;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::{
	helpers_128bit::multiply_by_rational_with_rounding, traits::Zero, FixedU128, PerThing, Permill,
	Perquintill, Rounding,
};
use sp_runtime::DispatchResult;

/// The highest rate that there can be: 400 % a year.
pub const HIGHEST_RATE: FixedU128 = FixedU128::from_u32(4);

/// The longest time that one accrual counts, an hour in milliseconds: a chain that stood still does not
/// charge all of that to those who owe something when it goes on.
pub const LONGEST_STEP: Moment = 60 * 60 * 1_000;

/// What borrowers pay, and how much may be lent. Rates are fractions per year; between the three of
/// them they are straight lines over *utilisation*, the part of all positive cash that is owed.
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
	Serialize,
	Deserialize,
)]
pub struct InterestParameters {
	/// The rate when nothing is owed.
	pub base_rate: FixedU128,
	/// The utilisation up to which rates rise slowly.
	pub kink: Permill,
	/// The rate there.
	pub kink_rate: FixedU128,
	/// The rate when all of it, or more, is owed.
	pub full_rate: FixedU128,
	/// The part of what borrowers pay that is the insurance fund's.
	pub reserve_share: Permill,
	/// The utilisation up to which cash is paid out as loans; nothing, and none are.
	pub lending_cap: Permill,
	/// Of a debt that a withdrawal leaves, what must be free beyond initial margin: so that the next
	/// price does not liquidate it.
	pub loan_margin: Permill,
}

/// 1 % a year at first, 8 % when four fifths are lent, then up to 80 %; a tenth is the insurance
/// fund's. Loans up to four fifths of all cash, with a tenth of the debt free.
impl Default for InterestParameters {
	fn default() -> Self {
		Self {
			base_rate: FixedU128::from_rational(1, 100),
			kink: Permill::from_percent(80),
			kink_rate: FixedU128::from_rational(8, 100),
			full_rate: FixedU128::from_rational(80, 100),
			reserve_share: Permill::from_percent(10),
			lending_cap: Permill::from_percent(80),
			loan_margin: Permill::from_percent(10),
		}
	}
}

/// Why interest parameters cannot be used.
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
	frame_support::PalletError,
)]
pub enum RefusedInterest {
	/// A rate is lower than one of less utilisation.
	#[codec(index = 0)]
	RateFalls,
	/// A rate is above [`HIGHEST_RATE`].
	#[codec(index = 1)]
	RateTooHigh,
}

/// What is paid and earned now, fractions per year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct InterestRates {
	/// The part of all positive cash that is owed; one where it is more.
	pub utilisation: Perquintill,
	/// What negative cash pays.
	pub borrow: FixedU128,
	/// What positive cash earns, the insurance fund's part taken off.
	pub lend: FixedU128,
}

/// `value · part / whole`, rounded down; `None` on overflow or where `whole` is zero.
fn scaled(value: FixedU128, part: u128, whole: u128) -> Option<FixedU128> {
	multiply_by_rational_with_rounding(value.into_inner(), part, whole, Rounding::Down)
		.map(FixedU128::from_inner)
}

/// A part as fine as utilisation is.
fn fine(part: Permill) -> Perquintill {
	Perquintill::from_rational(u64::from(part.deconstruct()), u64::from(Permill::ACCURACY))
}

impl InterestParameters {
	/// Whether they can be used.
	pub fn validate(&self) -> Result<(), RefusedInterest> {
		let rises = self.base_rate <= self.kink_rate && self.kink_rate <= self.full_rate;
		ensure!(rises, RefusedInterest::RateFalls);
		ensure!(self.full_rate <= HIGHEST_RATE, RefusedInterest::RateTooHigh);
		Ok(())
	}

	/// What borrowers pay at a utilisation, per year, rounded up by less than 2e-18.
	pub fn borrow_rate(&self, utilisation: Perquintill) -> FixedU128 {
		let kink = fine(self.kink);
		if utilisation <= kink {
			between(self.base_rate, self.kink_rate, utilisation, kink)
		} else {
			// Both are parts of one, the first above the second.
			let (above, width) = (utilisation - kink, kink.left_from_one());
			between(self.kink_rate, self.full_rate, above, width)
		}
	}

	/// What a debt grows by in `elapsed` milliseconds, as a part of itself, rounded up.
	pub(crate) fn growth(&self, utilisation: Perquintill, elapsed: Moment) -> Option<FixedU128> {
		let rate = self.borrow_rate(utilisation).into_inner();
		multiply_by_rational_with_rounding(rate, elapsed.into(), YEAR.into(), Rounding::Up)
			.map(FixedU128::from_inner)
	}
}

/// So far on the way from one rate to a higher one, rounded up; the higher one where the way has no
/// length.
fn between(from: FixedU128, to: FixedU128, way: Perquintill, length: Perquintill) -> FixedU128 {
	let whole = to.into_inner().saturating_sub(from.into_inner());
	let (way, length) = (way.deconstruct().into(), length.deconstruct().into());
	let part = multiply_by_rational_with_rounding(whole, way, length, Rounding::Up);
	// Rates are at most a few, far from the end of the type.
	FixedU128::from_inner(from.into_inner().saturating_add(part.unwrap_or(whole)))
}

impl Pots {
	/// What is paid and earned on cash now.
	pub fn rates(&self, parameters: &InterestParameters) -> InterestRates {
		let utilisation = self.utilisation().unwrap_or(Perquintill::one());
		let borrow = parameters.borrow_rate(utilisation);
		let kept = parameters.reserve_share.left_from_one();
		let part = u128::from((fine(kept) * utilisation).deconstruct());
		let lend = scaled(borrow, part, Perquintill::ACCURACY.into()).unwrap_or(FixedU128::zero());
		InterestRates { utilisation, borrow, lend }
	}
}

impl<T: Config> Pallet<T> {
	/// What negative cash pays and positive cash earns now, fractions per year.
	pub fn interest_rates() -> InterestRates {
		Ledger::<T>::get().rates(&Interest::<T>::get())
	}

	/// Brings both indices up to chain time, once a block. Time that is not known is none.
	pub(crate) fn accrue_interest() {
		let now = T::Time::now();
		if now > 0 {
			let parameters = Interest::<T>::get();
			let mut pots = Ledger::<T>::get();
			let before = (pots.cash_index, pots.debt_index);
			pots.accrue(&parameters, now);
			let (cash_index, debt_index) = (pots.cash_index, pots.debt_index);
			Ledger::<T>::put(pots);
			if (cash_index, debt_index) != before {
				Self::deposit_event(Event::InterestAccrued { cash_index, debt_index });
			}
		}
	}

	/// Sets what interest is worked out by from now on.
	pub(crate) fn do_set_interest(parameters: InterestParameters) -> DispatchResult {
		parameters.validate().map_err(Error::<T>::InvalidInterestParameters)?;
		Interest::<T>::put(parameters);
		Self::deposit_event(Event::InterestParametersSet { parameters });
		Ok(())
	}

	/// What must be covered after a withdrawal: what is held, any debt with its loan margin.
	pub(crate) fn with_loan_margin(record: &AccountOf<T>) -> Result<AccountOf<T>, Error<T>> {
		let mut covered: Account<_, _> = record.clone();
		if record.cash < 0 {
			let margin = Interest::<T>::get().loan_margin.mul_ceil(record.cash.unsigned_abs());
			let margin = Amount::try_from(margin).map_err(|_| Error::<T>::Overflow)?;
			// It is positive, so it has a negative.
			covered.add_cash(-margin)?;
		}
		Ok(covered)
	}

	/// Whether a loan that has just been paid out of the pots leaves enough for those whose cash it is.
	/// What the pallet really holds must do so, too: it has less where profits were taken out before
	/// their losses came in.
	pub(crate) fn ensure_lendable(pots: &Pots) -> DispatchResult {
		let cap = Interest::<T>::get().lending_cap;
		let cash = pots.total_cash().ok_or(Error::<T>::Overflow)?;
		let debt = pots.total_debt().ok_or(Error::<T>::Overflow)?;
		ensure!(debt <= cap.mul_floor(cash), Error::<T>::LendingCapExceeded);
		// What is set aside is not there to be lent: it may come back to its accounts at any time.
		let escrow = Amount::try_from(pots.escrow).map_err(|_| Error::<T>::Overflow)?;
		let held = pots.held().ok_or(Error::<T>::Overflow)?;
		let left = held.checked_sub(escrow).ok_or(Error::<T>::Overflow)?;
		let reserved = Amount::try_from(cap.left_from_one().mul_ceil(cash));
		ensure!(reserved.is_ok_and(|reserved| left >= reserved), Error::<T>::InsufficientLiquidity);
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn percent(hundredths: u128) -> FixedU128 {
		FixedU128::from_rational(hundredths, 100)
	}

	fn at(hundredths: u64) -> Perquintill {
		Perquintill::from_percent(hundredths)
	}

	#[test]
	fn rate_runs_straight_to_the_kink_and_straight_to_the_end() {
		let parameters = InterestParameters::default();
		assert_eq!(parameters.borrow_rate(at(0)), percent(1));
		assert_eq!(parameters.borrow_rate(at(40)), FixedU128::from_rational(45, 1_000));
		assert_eq!(parameters.borrow_rate(at(80)), percent(8));
		assert_eq!(parameters.borrow_rate(at(90)), percent(44));
		assert_eq!(parameters.borrow_rate(at(100)), percent(80));
	}

	#[test]
	fn rate_has_no_kink_when_it_is_at_an_end() {
		let with = |kink| InterestParameters { kink, ..Default::default() };
		let first = with(Permill::zero());
		assert_eq!(first.borrow_rate(at(0)), percent(8));
		assert_eq!(first.borrow_rate(at(50)), percent(44));
		let last = with(Permill::one());
		assert_eq!(last.borrow_rate(at(50)), FixedU128::from_rational(45, 1_000));
		assert_eq!(last.borrow_rate(at(100)), percent(8));
	}

	#[test]
	fn parameters_are_refused_when_rates_fall_or_are_too_high() {
		let default = InterestParameters::default();
		assert_eq!(default.validate(), Ok(()));
		let falling = InterestParameters { base_rate: percent(9), ..default };
		assert_eq!(falling.validate(), Err(RefusedInterest::RateFalls));
		let falling = InterestParameters { full_rate: percent(7), ..default };
		assert_eq!(falling.validate(), Err(RefusedInterest::RateFalls));
		let high = InterestParameters { full_rate: percent(401), ..default };
		assert_eq!(high.validate(), Err(RefusedInterest::RateTooHigh));
	}
}
