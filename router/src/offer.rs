//! Offers at a price: what rests in an order book, or a standing quote.

use crate::trade::{million, parts, NetPrice, Trade};
use plimsoll_primitives::{Balance, OrderSide};
use sp_arithmetic::Permill;
use sp_core::U256;

/// So much at a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
	/// Units of the quote for [`Trade::unit`] units of the base, before the fee.
	pub price: Balance,
	/// How much of the base there is.
	pub amount: Balance,
	/// What is charged of the quote that changes hands: on top of it where the base is bought, out of it
	/// where it is sold.
	pub fee: Permill,
}

impl Offer {
	pub(crate) fn net_price(&self, side: OrderSide) -> NetPrice {
		NetPrice::new(side, self.price, self.fee)
	}

	/// What `amount` of it costs who buys, or brings who sells, and the fee in that: the price rounded
	/// against the trader, and of that the fee, rounded up. `None` on overflow.
	pub fn quote(&self, trade: &Trade, amount: Balance) -> Option<(Balance, Balance)> {
		let product = U256::from(self.price).checked_mul(U256::from(amount))?;
		let unit = U256::from(trade.unit);
		let gross = match trade.side {
			OrderSide::Buy => ceiling(product, unit)?,
			OrderSide::Sell => product.checked_div(unit)?,
		};
		let (charged, _) = parts(self.fee);
		let fee = ceiling(gross.checked_mul(charged)?, million())?;
		let net = match trade.side {
			OrderSide::Buy => gross.checked_add(fee)?,
			OrderSide::Sell => gross.checked_sub(fee)?,
		};
		Some((Balance::try_from(net).ok()?, Balance::try_from(fee).ok()?))
	}
}

/// `dividend / divisor`, rounded up; `None` by zero.
fn ceiling(dividend: U256, divisor: U256) -> Option<U256> {
	let (quotient, rest) = (dividend.checked_div(divisor)?, dividend.checked_rem(divisor)?);
	if rest.is_zero() {
		Some(quotient)
	} else {
		quotient.checked_add(U256::one())
	}
}
