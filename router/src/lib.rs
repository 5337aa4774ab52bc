//! # Plimsoll router
//!
//! Splits a trade of one asset (the *base*) against another (the *quote*) over several places where
//! it can be made, by best marginal price after fees. Pure functions on integers: no storage, no
//! accounts, no FRAME. What is where comes in; a plan comes out, and what it says is what carrying it
//! out costs, to the unit.
//!
//! ## Interface
//!
//! - [`route()`]: the plan for a [`Trade`].
//! - [`Offer`]: so much at a price and a fee; a *ladder* of them is an order book's side or a standing
//!   quote, best first.
//! - [`Pool`]: a constant-product pool, computed as `pallet-asset-conversion` does. There is at most
//!   one: that pallet keeps one for each pair of assets.
//!
//! ## Words
//!
//! | word | meaning here |
//! |---|---|
//! | amount | of the base, in its smallest unit |
//! | lot | what all amounts of a plan are whole multiples of |
//! | price | units of the quote for [`Trade::unit`] units of the base |
//! | marginal price | what the next unit costs (brings), all fees included, before rounding |
//! | worst price | the marginal price beyond which nothing is taken |
//! | slice | what of the trade goes to one offer, or to the pool |
//!
//! ## How it splits
//!
//! Offers are walked from the best price after fees on. Before each, the pool gives what it has up to
//! that price: an amount in closed form, with an integer square root of 512 bits. After the last offer
//! that is within the worst price, the pool gives what it has up to the worst price. In real numbers
//! that is the optimum: every slice ends at the same marginal price, and what was left is dearer.
//!
//! In lots it is within what the pool's price moves in one lot.
//!
//! In integers each slice is rounded against the trader, which may cost more than a split saves. So the
//! plan is the best of the split, all ladders without the pool, each ladder alone, and the pool alone:
//! **it is never worse than the best single venue**. Better is what leaves more of what the trade is worth
//! at its worst price: of two that trade the same, what costs less (brings more); and what trades more
//! wherever that is within the worst price.
//!
//! **The worst price is marginal.** No unit is traded beyond it after fees, so that the average is
//! never beyond it either, but for rounding: up to two units of the quote for each slice.
//!
//! ## Cost
//!
//! With `n` offers at most `n + 1` slices, and `n + 2` square roots; `n` is at most [`MAX_OFFERS`].

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(clippy::float_arithmetic)]
#![warn(missing_docs)]

extern crate alloc;

mod offer;
mod plan;
mod pool;
mod route;
#[cfg(test)]
mod tests;
mod trade;

pub use offer::Offer;
pub use plan::{Plan, Slice, Source};
pub use plimsoll_primitives::{Balance, OrderSide};
pub use pool::Pool;
pub use route::{route, RouteError, MAX_OFFERS};
pub use trade::Trade;
