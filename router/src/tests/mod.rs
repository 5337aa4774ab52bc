//! Tests of splitting: examples by hand, and properties against all splits of small trades.

mod examples;
mod properties;

use crate::{Balance, Offer, OrderSide, Pool, Trade};
use sp_arithmetic::Permill;

/// Of `amount`, with lots and prices of single units, at any price.
fn trade(side: OrderSide, amount: Balance) -> Trade {
	let worst_price = match side {
		OrderSide::Buy => Balance::MAX,
		OrderSide::Sell => 0,
	};
	Trade { side, amount, lot: 1, worst_price, unit: 1, all_or_nothing: false }
}

/// Without a fee.
fn offer(price: Balance, amount: Balance) -> Offer {
	Offer { price, amount, fee: Permill::zero() }
}

/// With a fee in parts of a million, and nothing that it must keep.
fn pool(base: Balance, quote: Balance, fee: u32) -> Pool {
	Pool { base, quote, base_minimum: 0, quote_minimum: 0, fee: Permill::from_parts(fee) }
}
