//! Trading fees: what is charged, where it goes, and how it leaves.

use crate::{
	ledger::Pots, open_account::OpenAccount, Config, Error, Event, FeeRates, Ledger, Pallet,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	ensure,
	traits::{ConstU32, Get},
	BoundedVec,
};
use plimsoll_primitives::{Amount, Balance, Instrument};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::Permill;
use sp_runtime::DispatchResult;

/// The most that a side may be charged: a hundredth.
pub const MAX_FEE: Permill = Permill::from_percent(1);

/// The most tiers beside the rates that all begin with.
pub const MAX_TIERS: u32 = 7;

/// What those are charged who trade much.
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
pub struct FeeTier {
	/// From which volume of thirty days on, settlement units; see `volume.rs`. Not zero.
	pub volume: Balance,
	/// What a maker is charged then.
	pub maker: Permill,
	/// What a taker is.
	pub taker: Permill,
}

/// What trades in the order book are charged. Block trades are not.
#[derive(
	Clone,
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
pub struct Fees {
	/// Of what changes hands, size × price, from the side whose order rested.
	pub maker: Permill,
	/// The same from the other.
	pub taker: Permill,
	/// The part of both that is the insurance fund's; the rest is the fee pot's.
	pub insurance_share: Permill,
	/// What is charged instead from some volume on: volumes rise from tier to tier, no rate does.
	#[serde(default)]
	pub tiers: BoundedVec<FeeTier, ConstU32<MAX_TIERS>>,
}

/// Nothing for makers, 0.05 % for takers, a fifth of it to the insurance fund.
impl Default for Fees {
	fn default() -> Self {
		Self {
			maker: Permill::zero(),
			taker: Permill::from_parts(500),
			insurance_share: Permill::from_percent(20),
			tiers: BoundedVec::new(),
		}
	}
}

impl Fees {
	/// Refuses rates above [`MAX_FEE`], and tiers that are out of order or that cost more than those
	/// before.
	pub(crate) fn ensure_valid<T: Config>(&self) -> Result<(), Error<T>> {
		ensure!(self.maker <= MAX_FEE && self.taker <= MAX_FEE, Error::<T>::FeeTooHigh);
		let mut before = FeeTier { volume: 0, maker: self.maker, taker: self.taker };
		for tier in &self.tiers {
			ensure!(tier.volume > before.volume, Error::<T>::FeeTiersOutOfOrder);
			ensure!(
				tier.maker <= before.maker && tier.taker <= before.taker,
				Error::<T>::FeeTierDearer
			);
			before = *tier;
		}
		Ok(())
	}

	/// What a maker and a taker of this volume are charged.
	pub fn rates(&self, volume: Balance) -> (Permill, Permill) {
		let reached = self.tiers.iter().rev().find(|tier| tier.volume <= volume);
		reached.map_or((self.maker, self.taker), |tier| (tier.maker, tier.taker))
	}
}

impl<T: Config> Pallet<T> {
	/// Charges one side of a trade in `instrument` for what it paid or received (`consideration`, of either
	/// sign), rounded up. The insurance fund's part is rounded up, too. Returns the fee.
	pub(crate) fn charge_trading_fee(
		account: &mut OpenAccount<T>,
		pots: &mut Pots,
		(rate, insurance_share): (Permill, Permill),
		(instrument, consideration): (&Instrument, Amount),
	) -> Result<Balance, Error<T>> {
		let fee = rate.mul_ceil(consideration.unsigned_abs());
		if fee == 0 {
			return Ok(fee);
		}
		let taken = Amount::try_from(fee).ok().and_then(Amount::checked_neg);
		account.record.add_cash(taken.ok_or(Error::<T>::Overflow)?)?;
		account.record.note_fee(instrument, fee);
		pots.earn(fee, insurance_share).ok_or(Error::<T>::Overflow)?;
		Self::deposit_event(Event::TradingFeeCharged { account: account.id.clone(), fee });
		Ok(fee)
	}

	/// Sets what trades are charged from now on.
	pub(crate) fn do_set_fees(fees: Fees) -> DispatchResult {
		fees.ensure_valid::<T>()?;
		FeeRates::<T>::put(&fees);
		Self::deposit_event(Event::FeesSet { fees });
		Ok(())
	}

	/// Pays fees out of the fee pot.
	pub(crate) fn do_withdraw_fees(to: &T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		Ledger::<T>::try_mutate(|pots| {
			pots.spend_fees(amount).ok_or(Error::<T>::InsufficientFees)
		})?;
		Self::pay_out(to, &T::SettlementAsset::get(), amount)?;
		Self::deposit_event(Event::FeesWithdrawn { to: to.clone(), amount });
		Ok(())
	}
}
