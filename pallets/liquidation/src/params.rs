//! What governance decides about liquidation.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::{Balance, UsdValue};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::{
	traits::{CheckedAdd, Saturating},
	Perbill, Permill,
};

/// The waterfall's parameters.
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
#[serde(rename_all = "camelCase")]
pub struct LiquidationParams {
	/// How far above its maintenance margin an account is brought back, as a fraction of it.
	pub buffer: Permill,
	/// For how many blocks in a row an account's feeds must have been live before it is touched.
	pub grace_blocks: u32,
	/// For how many healthy blocks an account is offered to providers before it is deleveraged;
	/// at least one.
	pub auction_blocks: u32,
	/// The discount at which an auction opens, as a fraction of maintenance margin; not zero.
	pub initial_discount: Permill,
	/// The discount at which it ends.
	pub final_discount: Permill,
	/// What the insurance fund gets, as a fraction of the maintenance margin relieved.
	pub fee: Permill,
	/// The most that the insurance fund pays providers for one account, in settlement units.
	pub fund_cap_per_account: Balance,
	/// The most that it pays providers in one block, in settlement units.
	pub fund_cap_per_block: Balance,
	/// The least equity of a provider, in USD.
	pub minimum_provider_equity: UsdValue,
	/// The least margin that a provider must be ready to take over in one block, in USD; not zero.
	pub minimum_slice: UsdValue,
}

/// Why a set of parameters is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamsFault {
	/// The auction has no block.
	NoAuction,
	/// The auction opens at no discount: rounding could then cost the provider.
	NoDiscount,
	/// The discount shrinks with time.
	DiscountShrinks,
	/// The final discount and the fee together pass the whole margin.
	ChargesTooHigh,
	/// The least equity of a provider is negative.
	NegativeMinimum,
	/// The least slice is not positive: providers could take up places and nothing else.
	NoMinimumSlice,
}

impl Default for LiquidationParams {
	/// For a chain whose settlement asset has six decimals and whose blocks take six seconds.
	fn default() -> Self {
		Self {
			buffer: Permill::from_percent(10),
			grace_blocks: 10,
			auction_blocks: 20,
			initial_discount: Permill::from_percent(5),
			final_discount: Permill::from_percent(50),
			fee: Permill::from_percent(2),
			fund_cap_per_account: 50_000_000_000,
			fund_cap_per_block: 200_000_000_000,
			minimum_provider_equity: UsdValue::from_u32(1_000),
			minimum_slice: UsdValue::from_u32(100),
		}
	}
}

impl LiquidationParams {
	/// Whether the parameters make sense together.
	pub fn validate(&self) -> Result<(), ParamsFault> {
		if self.auction_blocks == 0 {
			return Err(ParamsFault::NoAuction);
		}
		if self.initial_discount.is_zero() {
			return Err(ParamsFault::NoDiscount);
		}
		if self.final_discount < self.initial_discount {
			return Err(ParamsFault::DiscountShrinks);
		}
		if self.final_discount.checked_add(&self.fee).is_none() {
			return Err(ParamsFault::ChargesTooHigh);
		}
		if self.minimum_provider_equity.is_negative() {
			return Err(ParamsFault::NegativeMinimum);
		}
		if !self.minimum_slice.is_positive() {
			return Err(ParamsFault::NoMinimumSlice);
		}
		Ok(())
	}

	/// The discount after this many healthy blocks, as a fraction of maintenance margin: linear
	/// from the initial one, rounded down, to the final one at the auction's last block.
	pub fn discount(&self, healthy_blocks: u32) -> Permill {
		if healthy_blocks >= self.auction_blocks {
			return self.final_discount;
		}
		let growth = self.final_discount.saturating_sub(self.initial_discount);
		let elapsed = Perbill::from_rational(healthy_blocks, self.auction_blocks);
		let grown = elapsed.mul_floor(growth.deconstruct());
		// At most `final_discount`, since `elapsed` is at most one.
		Permill::from_parts(self.initial_discount.deconstruct().saturating_add(grown))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn defaults_are_valid() {
		assert_eq!(LiquidationParams::default().validate(), Ok(()));
	}

	#[test]
	fn discount_grows_linearly_and_stops_at_the_final_one() {
		let params = LiquidationParams::default();
		assert_eq!(params.discount(0), params.initial_discount);
		assert_eq!(params.discount(10), Permill::from_parts(275_000));
		assert_eq!(params.discount(20), params.final_discount);
		assert_eq!(params.discount(u32::MAX), params.final_discount);
	}

	#[test]
	fn params_are_refused_when_they_contradict_themselves() {
		let valid = LiquidationParams::default;
		let faults = [
			(LiquidationParams { auction_blocks: 0, ..valid() }, ParamsFault::NoAuction),
			(
				LiquidationParams { initial_discount: Permill::zero(), ..valid() },
				ParamsFault::NoDiscount,
			),
			(
				LiquidationParams { initial_discount: Permill::from_percent(51), ..valid() },
				ParamsFault::DiscountShrinks,
			),
			(
				LiquidationParams { fee: Permill::from_percent(51), ..valid() },
				ParamsFault::ChargesTooHigh,
			),
			(
				LiquidationParams { minimum_provider_equity: UsdValue::from_inner(-1), ..valid() },
				ParamsFault::NegativeMinimum,
			),
			(
				LiquidationParams { minimum_slice: UsdValue::ZERO, ..valid() },
				ParamsFault::NoMinimumSlice,
			),
		];
		for (params, fault) in faults {
			assert_eq!(params.validate(), Err(fault));
		}
	}
}
