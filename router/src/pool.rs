//! A constant-product pool, as `pallet-asset-conversion` computes it.
//!
//! With reserves `B` of the base and `Q` of the quote and a fee `f` on what comes in, buying `x` costs
//! `Q·x / ((1 − f)·(B − x))`, the marginal price of which is `Q·B / ((1 − f)·(B − x)²)`; selling `y`
//! brings `(1 − f)·y·Q / (B + (1 − f)·y)`, at the margin `(1 − f)·B·Q / (B + (1 − f)·y)²`. Set equal to
//! a price, either is solved by one square root.

use crate::trade::{million, parts, NetPrice, Trade};
use plimsoll_primitives::{Balance, OrderSide};
use sp_arithmetic::Permill;
use sp_core::{U256, U512};

/// A pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
	/// What it has of the base.
	pub base: Balance,
	/// What it has of the quote.
	pub quote: Balance,
	/// What it keeps of the base, whatever is bought.
	pub base_minimum: Balance,
	/// What it keeps of the quote, whatever is sold.
	pub quote_minimum: Balance,
	/// Its fee, of what comes in.
	pub fee: Permill,
}

fn wide(value: impl Into<U256>) -> U512 {
	U512::from(value.into())
}

/// The amount, or all there can be where it is larger than that.
fn amount(value: U512) -> Balance {
	Balance::try_from(value).unwrap_or(Balance::MAX)
}

fn ceiling(dividend: U512, divisor: U512) -> Option<U512> {
	let (quotient, rest) = (dividend.checked_div(divisor)?, dividend.checked_rem(divisor)?);
	if rest.is_zero() {
		Some(quotient)
	} else {
		quotient.checked_add(U512::one())
	}
}

fn root_up(value: U512) -> U512 {
	let root = value.integer_sqrt();
	// A root has half the bits of its square.
	if root.saturating_mul(root) < value {
		root.saturating_add(U512::one())
	} else {
		root
	}
}

impl Pool {
	/// What `amount` costs who buys it, or brings who sells it, fee included. `None` where it cannot be
	/// traded: for want of reserves, or because the pallet's 256 bits do not hold it.
	pub fn quote(&self, side: OrderSide, amount: Balance) -> Option<Balance> {
		match side {
			OrderSide::Buy => self.cost(amount),
			OrderSide::Sell => self.proceeds(amount),
		}
	}

	/// One more than the pool needs, rounded down: always above what it needs.
	fn cost(&self, amount: Balance) -> Option<Balance> {
		let left = self.base.checked_sub(amount)?;
		if amount == 0 || self.quote == 0 || left == 0 || left < self.base_minimum {
			return None;
		}
		let (_, kept) = parts(self.fee);
		let dividend = U256::from(self.quote).checked_mul(amount.into())?.checked_mul(million())?;
		let divisor = U256::from(left).checked_mul(kept)?;
		let cost = dividend.checked_div(divisor)?.checked_add(U256::one())?;
		Balance::try_from(cost).ok()
	}

	fn proceeds(&self, amount: Balance) -> Option<Balance> {
		if self.base == 0 || self.quote == 0 {
			return None;
		}
		let (_, kept) = parts(self.fee);
		let after_fee = U256::from(amount).checked_mul(kept)?;
		let dividend = after_fee.checked_mul(self.quote.into())?;
		let divisor = U256::from(self.base).checked_mul(million())?.checked_add(after_fee)?;
		let proceeds = Balance::try_from(dividend.checked_div(divisor)?).ok()?;
		let left = self.quote.checked_sub(proceeds)?;
		(proceeds > 0 && left >= self.quote_minimum).then_some(proceeds)
	}

	/// The most whole lots that it trades before its marginal price passes `limit`; zero where none are.
	pub(crate) fn up_to(&self, trade: &Trade, limit: &NetPrice) -> Balance {
		let most = match trade.side {
			OrderSide::Buy => self.bought_up_to(trade, limit),
			OrderSide::Sell => self.sold_down_to(trade, limit),
		};
		trade.whole_lots(most.unwrap_or(0))
	}

	/// The widest product has 128 + 128 + 128 + 20 + 20 bits.
	fn square(&self, trade: &Trade) -> Option<U512> {
		wide(self.base)
			.checked_mul(wide(self.quote))?
			.checked_mul(wide(trade.unit))?
			.checked_mul(wide(million()))?
			.checked_mul(wide(million()))
	}

	/// `B − √(million² · Q·B·unit / (kept · limit))`, the root rounded up.
	fn bought_up_to(&self, trade: &Trade, limit: &NetPrice) -> Option<Balance> {
		let (_, kept) = parts(self.fee);
		let divisor = wide(limit.0).checked_mul(wide(kept))?;
		let left = root_up(ceiling(self.square(trade)?, divisor)?);
		let within = wide(self.base).saturating_sub(left);
		// One unit stays where nothing has to.
		let available = self.base.saturating_sub(self.base_minimum.max(1));
		Some(amount(within).min(available))
	}

	/// `(√(million² · kept · B·Q·unit / limit) − million · B) / kept`, rounded down; at most what leaves
	/// the minimum of the quote.
	fn sold_down_to(&self, trade: &Trade, limit: &NetPrice) -> Option<Balance> {
		let (_, kept) = parts(self.fee);
		let whole = wide(self.base).checked_mul(wide(million()))?;
		let within = if limit.0.is_zero() {
			U512::from(Balance::MAX)
		} else {
			let square = self.square(trade)?.checked_mul(wide(kept))?;
			let root = square.checked_div(wide(limit.0))?.integer_sqrt();
			root.saturating_sub(whole).checked_div(wide(kept))?
		};
		let available = self.quote.saturating_sub(self.quote_minimum);
		let stays = wide(self.quote_minimum).checked_mul(wide(kept))?;
		let drained = if stays.is_zero() {
			U512::from(Balance::MAX)
		} else {
			whole.checked_mul(wide(available))?.checked_div(stays)?
		};
		Some(amount(within.min(drained)))
	}
}
