//! Orders as traders give them and as the chain keeps them.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_orderbook::{Block, Lots, OrderId, Tick};
pub use plimsoll_orderbook::{SelfTrade, TimeInForce};
use plimsoll_primitives::{
	Balance, CollateralId, MassCancel, OrderSide, Price, SetAside, SubAccountId,
};
use scale_info::TypeInfo;
use sp_core::U256;
use sp_runtime::{traits::UniqueSaturatedInto, DispatchError, Permill};

/// What a trader asks for.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct OrderTerms {
	/// What to trade, against the settlement asset.
	pub collateral: CollateralId,
	/// Whether to buy or to sell it.
	pub side: OrderSide,
	/// The worst price that is taken, before fees: settlement asset for one whole collateral asset, in whole
	/// ticks. A market order names one too.
	pub price: Price,
	/// How much, in the asset's own units; whole lots, above zero.
	pub amount: Balance,
	/// How long it is good.
	pub time_in_force: TimeInForce,
	/// What happens where it meets an order of the same sub-account.
	pub self_trade: SelfTrade,
}

/// One operation of a batch.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Operation {
	/// Places an order.
	#[codec(index = 0)]
	Place(OrderTerms),
	/// Cancels one that rests.
	#[codec(index = 1)]
	Cancel(OrderId),
	/// Cancels one that rests and places another: both or neither.
	#[codec(index = 2)]
	Replace(OrderId, OrderTerms),
}

/// Where a resting order stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct OrderRecord<AccountId, Funds> {
	/// Whose it is.
	pub account: SubAccountId<AccountId>,
	/// In which book.
	pub collateral: CollateralId,
	/// On which side of it.
	pub side: OrderSide,
	/// In which level.
	pub tick: Tick,
	/// What it is charged of what fills: what its account was charged as maker when it came to rest.
	pub fee: Permill,
	/// What is held of the owner's native funds for it.
	pub deposit: Funds,
}

impl<AccountId, Funds> OrderRecord<AccountId, Funds> {
	/// What is set aside for so many lots of it.
	pub fn set_aside(&self, grid: &Grid, lots: Lots) -> Option<SetAside> {
		grid.set_aside((self.collateral, self.side, self.tick, self.fee), lots)
	}
}

/// In what steps a pair's prices and amounts go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Grid {
	/// Settlement asset for one whole collateral asset.
	pub tick: Price,
	/// The asset's own units.
	pub lot: Balance,
	/// What one lot at one tick comes to, settlement units; above zero.
	pub unit: Balance,
}

/// The units of an asset that prices are for: so many that a price's 18 decimals and both assets'
/// decimals come out whole.
pub(crate) fn price_unit(decimals: u8, settlement_decimals: u8) -> Option<Balance> {
	let exponent =
		18u32.checked_add(u32::from(decimals))?.checked_sub(u32::from(settlement_decimals))?;
	10u128.checked_pow(exponent)
}

impl Grid {
	/// Steps of a pair whose assets have these decimals (the collateral's, the settlement asset's). `None`
	/// where a lot at one tick does not come to a whole number of settlement units.
	pub fn new(tick: Price, lot: Balance, (decimals, settlement): (u8, u8)) -> Option<Self> {
		let whole = U256::from(tick.into_inner()).checked_mul(U256::from(lot))?;
		let unit = U256::from(price_unit(decimals, settlement)?);
		let (quotient, rest) = (whole.checked_div(unit)?, whole.checked_rem(unit)?);
		let unit = Balance::try_from(quotient).ok().filter(|unit| *unit > 0 && rest.is_zero())?;
		Some(Self { tick, lot, unit })
	}

	/// How many ticks a price is; `None` where it is not a whole number of them, or too many.
	pub fn ticks(&self, price: Price) -> Option<Tick> {
		let ticks = price.into_inner().checked_div(self.tick.into_inner())?;
		price.is_multiple_of(self.tick).then(|| ticks.try_into().ok()).flatten()
	}

	/// How many lots an amount is; `None` where it is not a whole number of them, or too many.
	pub fn lots(&self, amount: Balance) -> Option<Lots> {
		let (lots, rest) = (amount.checked_div(self.lot)?, amount.checked_rem(self.lot)?);
		(rest == 0).then(|| lots.try_into().ok()).flatten()
	}

	/// The price of so many ticks.
	pub fn price(&self, ticks: Tick) -> Option<Price> {
		self.tick.into_inner().checked_mul(u128::from(ticks)).map(Price::from_inner)
	}

	/// The amount of so many lots.
	pub fn amount(&self, lots: Lots) -> Option<Balance> {
		self.lot.checked_mul(Balance::from(lots))
	}

	/// What so many lots come to at so many ticks, settlement units: exact.
	pub fn cash(&self, lots: Lots, ticks: Tick) -> Option<Balance> {
		self.unit.checked_mul(Balance::from(lots))?.checked_mul(Balance::from(ticks))
	}

	/// What an order of so many lots sets aside.
	pub fn set_aside(
		&self,
		(collateral, side, tick, fee): (CollateralId, OrderSide, Tick, Permill),
		lots: Lots,
	) -> Option<SetAside> {
		let (amount, cash) = (self.amount(lots)?, self.cash(lots, tick)?);
		Some(SetAside { collateral, side, amount, cash, fee })
	}
}

/// A pair's book, for as long as an order rests in it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct BookRecord {
	/// What its ticks and lots are worth.
	pub grid: Grid,
	/// How many orders rest.
	pub orders: u32,
}

/// Why an order, or what was left of one, was cancelled.
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
pub enum CancelCause {
	/// Somebody who may trade for the account has cancelled it.
	#[codec(index = 0)]
	Requested,
	/// Its last block is over.
	#[codec(index = 1)]
	Expired,
	/// It met an order of the same account.
	#[codec(index = 2)]
	SelfTrade,
	/// Its account cannot have the fill, for this reason.
	#[codec(index = 3)]
	Refused(DispatchError),
	/// It would have filled too far from the oracle's price, to its loss.
	#[codec(index = 4)]
	PriceBand,
	/// Nothing more was to be had within its limit, and it is not one that rests.
	#[codec(index = 5)]
	Unfilled,
	/// It has taken as many fills or removals as its call allows.
	#[codec(index = 6)]
	BoundReached,
	/// Its pair is not traded any more.
	#[codec(index = 7)]
	NotTraded,
	/// Its account was below its maintenance margin.
	#[codec(index = 8)]
	Liquidation,
	/// Nobody had sent a trading call for its account for as long as the account has said.
	#[codec(index = 9)]
	Silence,
}

impl From<MassCancel> for CancelCause {
	fn from(cause: MassCancel) -> Self {
		match cause {
			MassCancel::Liquidation => Self::Liquidation,
			MassCancel::Silence => Self::Silence,
		}
	}
}

/// A block's number as the book counts blocks.
pub(crate) fn as_block(number: impl UniqueSaturatedInto<Block>) -> Block {
	// No chain of ours outlives 32 bits: at a block a second that is 136 years.
	number.unique_saturated_into()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_lot_at_one_tick_comes_to_whole_settlement_units() {
		let cent = Price::from_rational(1, 100);
		let grid = Grid::new(cent, 1_000_000_000_000_000, (18, 6)).expect("ten units");
		assert_eq!(grid.unit, 10);
		assert_eq!(grid.cash(1_500, 300_000), Some(4_500_000_000));
		assert_eq!(Grid::new(cent, 10_000_000_000_000, (18, 6)), None, "a tenth of a unit");
		assert_eq!(Grid::new(cent, 150_000_000_000_000, (18, 6)), None, "one and a half");
		assert_eq!(Grid::new(cent, 0, (18, 6)), None);
		assert_eq!(Grid::new(Price::ZERO, 1, (18, 6)), None);
		assert_eq!(Grid::new(Price::ONE, 1, (0, 18)).map(|grid| grid.unit), Some(10u128.pow(18)));
		assert_eq!(Grid::new(Price::from_inner(u128::MAX), u128::MAX, (0, 18)), None);
		assert_eq!(grid.lots(1_000_000_000_000_001), None);
		assert_eq!(grid.ticks(Price::from_rational(1, 1_000)), None);
		assert!(grid.cash(u64::MAX, u32::MAX).is_some());
	}
}
