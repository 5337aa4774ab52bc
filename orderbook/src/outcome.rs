//! What an order did to the book.

use crate::order::{Lots, Order, OrderId, Tick};
use alloc::vec::Vec;

/// A fill that the book proposes, and has made once the caller has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill<Owner> {
	/// The resting order's number.
	pub maker_id: OrderId,
	/// Whose the resting order is.
	pub maker: Owner,
	/// The resting order's price.
	pub tick: Tick,
	/// How much; above zero.
	pub lots: Lots,
	/// What is left of the resting order; at zero it is gone.
	pub maker_left: Lots,
}

/// What the caller says to a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
	/// It is made.
	Made,
	/// The maker must not have it: its order is removed, the taker goes on.
	RefuseMaker,
	/// The taker must not have it: it stops. The resting order stays.
	StopTaker,
}

/// Why a resting order that stood in the way was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
	/// Its last block is over.
	Expired,
	/// It belongs to the taker.
	SelfTrade,
	/// The caller refused it the fill.
	Refused,
}

/// One thing that happened, in the order in which it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<Owner> {
	/// Lots changed hands.
	Filled(Fill<Owner>),
	/// A resting order was removed: of the opposite side, or an expired one of the order's own level,
	/// which was full.
	Removed {
		/// Its price.
		tick: Tick,
		/// The order with what was left of it.
		order: Order<Owner>,
		/// Why.
		cause: Removal,
	},
}

/// Why lots of the order neither filled nor rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leftover {
	/// Nothing more was to be had within its limit, and it is not one that rests.
	Unfilled,
	/// It met an order of the same owner and was the one to stop.
	SelfTrade,
	/// The caller stopped it.
	Stopped,
	/// It has taken as many fills or removals as it may.
	BoundReached,
}

/// What an order did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<Owner> {
	/// Fills and removals, in the order in which they happened.
	pub steps: Vec<Step<Owner>>,
	/// The lots that rest, at the order's limit, under its number; zero if none.
	pub rested: Lots,
	/// The lots that were cancelled and why, if any were. What a reduce-only order was cut by is not
	/// among them.
	pub cancelled: Option<(Lots, Leftover)>,
}
