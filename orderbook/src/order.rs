//! Orders: as they come in and as they rest.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::OrderSide;
use scale_info::TypeInfo;

/// A price in ticks of the instrument.
pub type Tick = u32;

/// A size in lots of the instrument.
pub type Lots = u64;

/// What an order is called; the caller gives each a number of its own.
pub type OrderId = u64;

/// A block's number.
pub type Block = u32;

/// The highest price: what the index reaches.
pub const MAX_TICK: Tick = (1 << 30) - 1;

/// An order that rests in the book.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Order<Owner> {
	/// Its number.
	pub id: OrderId,
	/// Whose it is.
	pub owner: Owner,
	/// What is left of it; above zero.
	pub lots: Lots,
	/// The last block in which it is good; without one it is good till cancelled.
	pub until: Option<Block>,
}

impl<Owner> Order<Owner> {
	/// Whether its last block is over in block `now`.
	pub fn is_expired(&self, now: Block) -> bool {
		self.until.is_some_and(|until| until < now)
	}
}

/// How long an order is good.
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
pub enum TimeInForce {
	/// What does not fill at once rests in the book.
	#[codec(index = 0)]
	Resting {
		/// The last block in which it is good; none: till it is cancelled.
		until: Option<Block>,
		/// Whether it fails where it would fill at once.
		post_only: bool,
	},
	/// What does not fill at once is cancelled. A market order is this with its worst price.
	#[codec(index = 1)]
	ImmediateOrCancel,
	/// All of it fills at once, or it fails.
	#[codec(index = 2)]
	FillOrKill,
}

/// What happens where an order meets one of the same owner. They never trade.
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
pub enum SelfTrade {
	/// The resting order is removed and the taker goes on.
	#[codec(index = 0)]
	CancelResting,
	/// The taker stops; the resting order stays.
	#[codec(index = 1)]
	CancelTaking,
	/// The resting order is removed and the taker stops.
	#[codec(index = 2)]
	CancelBoth,
}

/// An order that comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder<Owner> {
	/// The number that it rests under.
	pub id: OrderId,
	/// Whose it is.
	pub owner: Owner,
	/// Whether it buys or sells.
	pub side: OrderSide,
	/// The worst price that it takes, and the one at which it rests.
	pub tick: Tick,
	/// How much.
	pub lots: Lots,
	/// How long it is good.
	pub time_in_force: TimeInForce,
	/// What happens where it meets an order of the same owner.
	pub self_trade: SelfTrade,
	/// Where it is reduce-only: the most that it may fill.
	pub reduce_to: Option<Lots>,
}

impl<Owner> NewOrder<Owner> {
	/// Whether its limit takes the opposite side's price `tick`.
	pub(crate) fn crosses(&self, tick: Tick) -> bool {
		match self.side {
			OrderSide::Buy => tick <= self.tick,
			OrderSide::Sell => tick >= self.tick,
		}
	}

	/// Whether it must not fill at once.
	pub(crate) fn is_post_only(&self) -> bool {
		matches!(self.time_in_force, TimeInForce::Resting { post_only: true, .. })
	}
}

/// How much work one order may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
	/// The most fills; being stopped at one costs it, too.
	pub fills: u32,
	/// The most removals of orders that have expired, belong to the taker or were refused. Once they are
	/// used up, each costs a fill, so that what stands in the way never keeps a taker that may fill from
	/// what stands behind it: the caller is asked no more often than there are both.
	pub removals: u32,
}
