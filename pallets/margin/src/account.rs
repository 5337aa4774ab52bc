//! The record of a sub-account.

use crate::{
	fill::{self, Outcome},
	funding::SettledFunding,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::Get, BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use plimsoll_primitives::{Amount, Balance, CollateralId, Contract, Contracts, Instrument};
use scale_info::TypeInfo;
use sp_arithmetic::FixedU128;

/// What can be deposited and withdrawn.
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
pub enum AccountAsset {
	/// The settlement asset.
	#[codec(index = 0)]
	Cash,
	/// A collateral asset.
	#[codec(index = 1)]
	Collateral(CollateralId),
}

/// What a position has brought and cost in cash since it was opened: from nothing, to nothing. Going
/// through zero it stays the same position. For information: no margin hangs on it, and what does not fit
/// stays at the end of the type.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct PositionTotals {
	/// Profit and loss of what was closed, settlement units; of an option, premiums received less
	/// premiums paid.
	pub realised: Amount,
	/// Trading fees paid, settlement units.
	pub fees: Amount,
	/// Funding received less funding paid, settlement units.
	pub funding: Amount,
}

/// What is held of one instrument.
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
pub struct Position {
	/// What is held.
	pub instrument: Instrument,
	/// How much; never zero, negative is short.
	pub size: Contracts,
	/// What was paid for it, in settlement units, and is still to be counted against its value:
	/// negative for shorts, zero for options (their premium was paid in cash).
	pub entry_value: Amount,
	/// How far a perpetual's funding is settled; none for what bears no funding, and for a perpetual
	/// that is being opened: the account sets it when it is written.
	pub funding: Option<SettledFunding>,
	/// What it has brought and cost since it was opened.
	pub totals: PositionTotals,
}

impl Position {
	/// Whether it bears funding.
	pub fn is_funded(&self) -> bool {
		self.instrument.contract == Contract::Perpetual
	}
}

/// Why a record cannot be changed as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountError {
	/// An amount does not fit.
	Overflow,
	/// No room for another collateral asset.
	TooManyCollaterals,
	/// No room for another position.
	TooManyPositions,
	/// Less is held than is to be taken.
	InsufficientCollateral,
}

/// Adds so much of a collateral asset to a list of them; ascending, none of them zero.
pub(crate) fn add_to<Max: Get<u32>>(
	held: &mut BoundedVec<(CollateralId, Balance), Max>,
	id: CollateralId,
	amount: Balance,
) -> Result<(), AccountError> {
	if amount == 0 {
		return Ok(());
	}
	match held.binary_search_by_key(&id, |(of, _)| *of) {
		Ok(at) => {
			let (_, sum) = held.get_mut(at).ok_or(AccountError::Overflow)?;
			*sum = sum.checked_add(amount).ok_or(AccountError::Overflow)?;
			Ok(())
		}
		Err(at) => held.try_insert(at, (id, amount)).map_err(|_| AccountError::TooManyCollaterals),
	}
}

/// Takes so much of a collateral asset out of such a list.
pub(crate) fn take_from<Max: Get<u32>>(
	held: &mut BoundedVec<(CollateralId, Balance), Max>,
	id: CollateralId,
	amount: Balance,
) -> Result<(), AccountError> {
	if amount == 0 {
		return Ok(());
	}
	let at = held
		.binary_search_by_key(&id, |(of, _)| *of)
		.map_err(|_| AccountError::InsufficientCollateral)?;
	let (_, sum) = held.get_mut(at).ok_or(AccountError::InsufficientCollateral)?;
	*sum = sum.checked_sub(amount).ok_or(AccountError::InsufficientCollateral)?;
	if *sum == 0 {
		held.remove(at);
	}
	Ok(())
}

/// All that a sub-account holds.
#[derive(
	CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(MaxCollaterals, MaxPositions))]
#[codec(mel_bound())]
pub struct Account<MaxCollaterals: Get<u32>, MaxPositions: Get<u32>> {
	/// Settlement units; negative is a debt. Interest and losses since `cash_index` are not in it yet.
	pub cash: Amount,
	/// The index of cash of this sign when it was last brought up to date.
	pub cash_index: FixedU128,
	/// Collateral in the assets' own units; ascending, none of them zero.
	pub collateral: BoundedVec<(CollateralId, Balance), MaxCollaterals>,
	/// Ascending by instrument, none of size zero.
	pub positions: BoundedVec<Position, MaxPositions>,
}

impl<MaxCollaterals: Get<u32>, MaxPositions: Get<u32>> Account<MaxCollaterals, MaxPositions> {
	/// A record of nothing, up to date at `cash_index`.
	pub fn empty(cash_index: FixedU128) -> Self {
		Self { cash: 0, cash_index, collateral: BoundedVec::new(), positions: BoundedVec::new() }
	}

	/// Whether nothing is held and nothing owed: such a record is not kept.
	pub fn is_empty(&self) -> bool {
		self.cash == 0 && self.collateral.is_empty() && self.positions.is_empty()
	}

	/// Whether no price can ever make it owe anything: it holds no position and has no debt.
	pub fn owes_nothing(&self) -> bool {
		self.cash >= 0 && self.positions.is_empty()
	}

	/// How much of an instrument is held; zero where none is.
	pub fn size_of(&self, instrument: &Instrument) -> Contracts {
		self.position(instrument).map_or(Contracts::ZERO, |position| position.size)
	}

	/// The position in an instrument.
	pub fn position(&self, instrument: &Instrument) -> Option<&Position> {
		self.find(instrument).ok().and_then(|at| self.positions.get(at))
	}

	/// The instruments held, ascending.
	pub fn instruments(&self) -> Vec<Instrument> {
		self.positions.iter().map(|position| position.instrument).collect()
	}

	/// The sum of entry values; `None` on overflow.
	pub fn entry_sum(&self) -> Option<Amount> {
		self.positions
			.iter()
			.try_fold(0, |sum: Amount, position| sum.checked_add(position.entry_value))
	}

	/// The sum of what positions have to get besides settled funding, in
	/// [`steps_per_unit`](crate::funding::steps_per_unit); `None` on overflow.
	pub fn funding_rests(&self) -> Option<u128> {
		self.positions
			.iter()
			.filter_map(|position| position.funding)
			.try_fold(0, |sum: u128, settled| sum.checked_add(settled.rest))
	}

	/// Adds to cash (or takes from it).
	pub fn add_cash(&mut self, change: Amount) -> Result<(), AccountError> {
		self.cash = self.cash.checked_add(change).ok_or(AccountError::Overflow)?;
		Ok(())
	}

	/// How much of a collateral asset is held.
	pub fn collateral_of(&self, id: CollateralId) -> Balance {
		self.collateral.iter().find(|(held, _)| *held == id).map_or(0, |(_, amount)| *amount)
	}

	/// Adds collateral.
	pub fn add_collateral(
		&mut self,
		id: CollateralId,
		amount: Balance,
	) -> Result<(), AccountError> {
		add_to(&mut self.collateral, id, amount)
	}

	/// Takes collateral.
	pub fn remove_collateral(
		&mut self,
		id: CollateralId,
		amount: Balance,
	) -> Result<(), AccountError> {
		take_from(&mut self.collateral, id, amount)
	}

	/// Buys `change` contracts (negative: sells) for `consideration` settlement units, see
	/// [`fill::apply`]. Returns what it did.
	pub fn trade(
		&mut self,
		instrument: &Instrument,
		change: Contracts,
		consideration: Amount,
	) -> Result<Outcome, AccountError> {
		let found = self.find(instrument);
		let held = found.ok().and_then(|at| self.positions.get(at));
		let (size, entry) = held.map_or((Contracts::ZERO, 0), |p| (p.size, p.entry_value));
		let funding = held.and_then(|position| position.funding);
		let mut totals = held.map(|position| position.totals).unwrap_or_default();
		let outcome = fill::apply(size, entry, change, consideration, instrument.is_premium_paid())
			.ok_or(AccountError::Overflow)?;
		totals.realised = totals.realised.saturating_add(outcome.cash_change);
		let position = Position {
			instrument: *instrument,
			size: outcome.size,
			entry_value: outcome.entry_value,
			funding,
			totals,
		};
		self.place(found, position)?;
		self.add_cash(outcome.cash_change)?;
		Ok(outcome)
	}

	/// Notes a trading fee that was paid for trading an instrument; of a position that the trade has
	/// closed nothing is kept.
	pub fn note_fee(&mut self, instrument: &Instrument, fee: Balance) {
		let Ok(at) = self.find(instrument) else { return };
		let Some(position) = self.positions.get_mut(at) else { return };
		let fee = Amount::try_from(fee).unwrap_or(Amount::MAX);
		position.totals.fees = position.totals.fees.saturating_add(fee);
	}

	/// Takes `moved` contracts (of the position's sign, no more than it has) out of a position
	/// together with their part of its entry value, which is returned. Cash stays.
	pub fn take_position(
		&mut self,
		instrument: &Instrument,
		moved: Contracts,
	) -> Result<Amount, AccountError> {
		let found = self.find(instrument);
		let held = found
			.ok()
			.and_then(|at| self.positions.get(at))
			.copied()
			.ok_or(AccountError::Overflow)?;
		let entry =
			fill::moved_entry(held.entry_value, held.size, moved).ok_or(AccountError::Overflow)?;
		let rest = Position {
			instrument: *instrument,
			size: held.size.checked_sub(moved).ok_or(AccountError::Overflow)?,
			entry_value: held.entry_value.checked_sub(entry).ok_or(AccountError::Overflow)?,
			funding: held.funding,
			totals: held.totals,
		};
		self.place(found, rest)?;
		Ok(entry)
	}

	/// Takes a whole position out of the record. Cash stays.
	pub fn remove_position(&mut self, instrument: &Instrument) -> Option<Position> {
		let at = self.find(instrument).ok()?;
		Some(self.positions.remove(at))
	}

	fn find(&self, instrument: &Instrument) -> Result<usize, usize> {
		self.positions.binary_search_by_key(instrument, |position| position.instrument)
	}

	/// Writes a position where it was found or belongs; removes it where its size is zero.
	fn place(
		&mut self,
		found: Result<usize, usize>,
		position: Position,
	) -> Result<(), AccountError> {
		match found {
			Ok(at) if position.size.is_zero() => {
				self.positions.remove(at);
			}
			Ok(at) => {
				*self.positions.get_mut(at).ok_or(AccountError::Overflow)? = position;
			}
			Err(_) if position.size.is_zero() => {}
			Err(at) => self
				.positions
				.try_insert(at, position)
				.map_err(|_| AccountError::TooManyPositions)?,
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use frame_support::traits::ConstU32;
	use plimsoll_primitives::UnderlyingId;

	type Record = Account<ConstU32<2>, ConstU32<2>>;

	fn record() -> Record {
		Account::empty(FixedU128::from_u32(1))
	}

	fn perpetual(underlying: u16) -> Instrument {
		Instrument::perpetual(UnderlyingId(underlying))
	}

	#[test]
	fn positions_stay_sorted_when_traded_in_any_order() {
		let mut record = record();
		record.trade(&perpetual(2), Contracts::ONE, 5).expect("room");
		record.trade(&perpetual(1), Contracts::ONE, 7).expect("room");
		assert_eq!(record.instruments(), vec![perpetual(1), perpetual(2)]);
		assert_eq!(record.entry_sum(), Some(12));
	}

	#[test]
	fn trade_is_refused_when_there_is_no_room() {
		let mut record = record();
		record.trade(&perpetual(1), Contracts::ONE, 5).expect("room");
		record.trade(&perpetual(2), Contracts::ONE, 5).expect("room");
		assert_eq!(
			record.trade(&perpetual(3), Contracts::ONE, 5),
			Err(AccountError::TooManyPositions)
		);
	}

	#[test]
	fn collateral_is_removed_when_it_reaches_zero() {
		let mut record = record();
		record.add_collateral(CollateralId(3), 5).expect("room");
		record.add_collateral(CollateralId(1), 5).expect("room");
		assert_eq!(
			record.add_collateral(CollateralId(2), 5),
			Err(AccountError::TooManyCollaterals)
		);
		assert_eq!(
			record.remove_collateral(CollateralId(3), 6),
			Err(AccountError::InsufficientCollateral)
		);
		record.remove_collateral(CollateralId(3), 5).expect("held");
		assert_eq!(record.collateral.to_vec(), vec![(CollateralId(1), 5)]);
	}

	#[test]
	fn part_of_a_position_takes_its_part_of_the_entry_value() {
		let mut record = record();
		let three = Contracts::from_u32(3);
		record.trade(&perpetual(1), three, 100).expect("room");
		assert_eq!(record.take_position(&perpetual(1), Contracts::ONE), Ok(34));
		assert_eq!(record.entry_sum(), Some(66));
		assert_eq!(record.take_position(&perpetual(1), Contracts::from_u32(2)), Ok(66));
		assert!(record.is_empty());
	}
}
