//! What a trade becomes.

use crate::trade::Trade;
use alloc::vec::Vec;
use plimsoll_primitives::{Balance, OrderSide};
use sp_core::U512;

/// Where a slice is traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
	/// With an offer.
	Offer {
		/// Which ladder it is on.
		ladder: usize,
		/// Its place there.
		place: usize,
	},
	/// With the pool.
	Pool,
}

/// A part of a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
	/// Where it is traded.
	pub source: Source,
	/// How much of the base.
	pub amount: Balance,
	/// What it costs who buys, or brings who sells, in units of the quote; fee included.
	pub quote: Balance,
	/// The offer's fee in that; the pool's is part of its price.
	pub fee: Balance,
}

/// How a trade is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
	/// Its slices, offers from the best price on and last the pool's; none of them nothing.
	pub slices: Vec<Slice>,
	/// How much of the base they come to.
	pub amount: Balance,
	/// What they cost who buys, or bring who sells.
	pub quote: Balance,
}

impl Plan {
	/// Adds a slice. `None`, and unchanged, on overflow.
	pub(crate) fn push(&mut self, slice: Slice) -> Option<()> {
		let amount = self.amount.checked_add(slice.amount)?;
		self.quote = self.quote.checked_add(slice.quote)?;
		self.amount = amount;
		self.slices.push(slice);
		Some(())
	}

	/// Whether it is better than `other` for who makes `trade`: leaves more of what all of it would be
	/// worth to them at the worst price; of two that leave the same, what trades more.
	pub fn is_better(&self, trade: &Trade, other: &Self) -> bool {
		// What is traded at the worst price, and what it comes to, in terms without differences.
		let worth = |plan: &Self| wide(plan.amount).saturating_mul(wide(trade.worst_price));
		let quote = |plan: &Self| wide(plan.quote).saturating_mul(wide(trade.unit));
		let (own, others) = match trade.side {
			OrderSide::Buy => {
				(worth(self).saturating_add(quote(other)), worth(other).saturating_add(quote(self)))
			}
			OrderSide::Sell => {
				(quote(self).saturating_add(worth(other)), quote(other).saturating_add(worth(self)))
			}
		};
		own > others || (own == others && self.amount > other.amount)
	}
}

/// Sums of two products of 128 bits fit with room to spare.
fn wide(value: Balance) -> U512 {
	U512::from(value)
}
