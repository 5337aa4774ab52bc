//! Orders as traders give them and as the chain keeps them.

use crate::price_band::Pressure;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_orderbook::{Block, Lots, OrderId, Tick};
pub use plimsoll_orderbook::{SelfTrade, TimeInForce};
use plimsoll_primitives::{Contracts, Instrument, OrderSide, Price, SubAccountId};
use scale_info::TypeInfo;
use sp_runtime::{traits::UniqueSaturatedInto, DispatchError};

/// What a trader asks for.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct OrderTerms {
	/// What to trade.
	pub instrument: Instrument,
	/// Whether to buy or to sell it.
	pub side: OrderSide,
	/// The worst price that is taken, USD per contract, in whole ticks. A market order names one too.
	pub price: Price,
	/// How much, in whole lots; above zero.
	pub size: Contracts,
	/// How long it is good.
	pub time_in_force: TimeInForce,
	/// What happens where it meets an order of the same sub-account.
	pub self_trade: SelfTrade,
	/// Whether it may only take the position towards zero: it is cut to what does, and must not be
	/// one that rests.
	pub reduce_only: bool,
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
pub struct OrderRecord<AccountId, Balance> {
	/// Whose it is.
	pub account: SubAccountId<AccountId>,
	/// In which book.
	pub instrument: Instrument,
	/// On which side of it.
	pub side: OrderSide,
	/// In which level.
	pub tick: Tick,
	/// What is held of the owner's native funds for it.
	pub deposit: Balance,
}

/// In what steps an instrument's prices and sizes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Grid {
	/// USD per contract.
	pub tick: Price,
	/// Contracts.
	pub lot: Contracts,
}

impl Grid {
	/// How many ticks a price is; `None` where it is not a whole number of them, or too many.
	pub fn ticks(&self, price: Price) -> Option<Tick> {
		let ticks = price.into_inner().checked_div(self.tick.into_inner())?;
		price.is_multiple_of(self.tick).then(|| ticks.try_into().ok()).flatten()
	}

	/// How many lots a size is; `None` where it is negative, not a whole number of them, or too many.
	pub fn lots(&self, size: Contracts) -> Option<Lots> {
		size.is_multiple_of(self.lot).then(|| self.whole_lots(size)).flatten()
	}

	/// How many lots a size has room for; `None` where it is negative, or too many.
	pub fn whole_lots(&self, size: Contracts) -> Option<Lots> {
		size.into_inner().checked_div(self.lot.into_inner())?.try_into().ok()
	}

	/// The price of so many ticks.
	pub fn price(&self, ticks: Tick) -> Option<Price> {
		self.tick.into_inner().checked_mul(u128::from(ticks)).map(Price::from_inner)
	}

	/// The size of so many lots.
	pub fn size(&self, lots: Lots) -> Option<Contracts> {
		self.lot.into_inner().checked_mul(i128::from(lots)).map(Contracts::from_inner)
	}
}

/// An instrument's book, for as long as an order rests in it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct BookRecord {
	/// What its ticks and lots are worth. An instrument that is listed anew with other ones has to wait
	/// until the old orders are gone.
	pub grid: Grid,
	/// How many orders rest.
	pub orders: u32,
	/// Whether the book has left its price band, and since when.
	pub pressure: Option<Pressure>,
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
	/// It could not fill, for this reason: its account refuses the fill, or, of an order that came in,
	/// nobody could have it (the instrument's cap on open interest).
	#[codec(index = 3)]
	Refused(DispatchError),
	/// It would have filled too far from the mark, to its loss.
	#[codec(index = 4)]
	PriceBand,
	/// Nothing more was to be had within its limit, and it is not one that rests.
	#[codec(index = 5)]
	Unfilled,
	/// It has taken as many fills or removals as its call allows.
	#[codec(index = 6)]
	BoundReached,
	/// Its instrument cannot be traded any more.
	#[codec(index = 7)]
	NotTradable,
	/// Its account was below its maintenance margin.
	#[codec(index = 8)]
	Liquidation,
	/// Nobody had sent a trading call for its account for as long as the account has said.
	#[codec(index = 11)]
	Silence,
	/// It is reduce-only, and this part of it would not have reduced.
	#[codec(index = 9)]
	ReduceOnly,
	/// Positions in its instrument may only be closed, and it would not.
	#[codec(index = 10)]
	CloseOnly,
	/// As many complex orders of its package rest as may, and others pay more.
	#[codec(index = 12)]
	Displaced,
}

/// A block's number as the book counts blocks.
pub(crate) fn as_block(number: impl UniqueSaturatedInto<Block>) -> Block {
	// No chain of ours outlives 32 bits: at a block a second that is 136 years.
	number.unique_saturated_into()
}
