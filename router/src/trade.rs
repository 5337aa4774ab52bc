//! What is to be traded, and prices after fees.

use plimsoll_primitives::{Balance, OrderSide};
use sp_arithmetic::{PerThing, Permill};
use sp_core::U256;

/// What is to be traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
	/// Whether the base is bought or sold.
	pub side: OrderSide,
	/// How much of it; a whole number of lots above zero.
	pub amount: Balance,
	/// What all slices are whole multiples of; above zero.
	pub lot: Balance,
	/// The marginal price, fees included, beyond which nothing is taken.
	pub worst_price: Balance,
	/// The units of the base that prices are for; above zero.
	pub unit: Balance,
	/// Whether all of it is traded or nothing.
	pub all_or_nothing: bool,
}

/// A price after fees, times a million so that it is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NetPrice(pub U256);

/// A fee's parts in a million, and the million less these.
pub(crate) fn parts(fee: Permill) -> (U256, U256) {
	let parts = U256::from(fee.deconstruct());
	// A fee has at most a million parts.
	(parts, million().saturating_sub(parts))
}

pub(crate) fn million() -> U256 {
	U256::from(Permill::ACCURACY)
}

impl NetPrice {
	/// `price` with `fee` on top of it for who buys, taken off for who sells. A price has 128 bits and
	/// the factor 21, so the product fits.
	pub fn new(side: OrderSide, price: Balance, fee: Permill) -> Self {
		let (parts, rest) = parts(fee);
		let factor = match side {
			OrderSide::Buy => million().saturating_add(parts),
			OrderSide::Sell => rest,
		};
		Self(U256::from(price).saturating_mul(factor))
	}

	/// Whether it is no worse than `limit` for who trades on `side`.
	pub fn is_within(&self, side: OrderSide, limit: &Self) -> bool {
		match side {
			OrderSide::Buy => self <= limit,
			OrderSide::Sell => self >= limit,
		}
	}
}

impl Trade {
	/// The worst price, which has its fees in it.
	pub(crate) fn limit(&self) -> NetPrice {
		NetPrice::new(self.side, self.worst_price, Permill::zero())
	}

	/// The largest whole number of lots in `amount`.
	pub(crate) fn whole_lots(&self, amount: Balance) -> Balance {
		amount.saturating_sub(amount.checked_rem(self.lot).unwrap_or(amount))
	}
}
