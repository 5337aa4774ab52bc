//! # Plimsoll order book
//!
//! Price-time priority matching as pure functions over a store that the caller brings: no accounts,
//! no blocks, no FRAME. What an order did to the book comes back as a list of steps.
//!
//! ## Interface
//!
//! - [`place()`]: matches an order against the opposite side and rests what is to rest.
//! - [`cancel()`]: takes a resting order out.
//! - [`best()`] and [`next()`]: the levels of a side, best first.
//! - [`Store`]: where levels and index pages are kept; [`audit()`]: whether all that is kept is in order.
//!
//! Replacing an order is cancelling and placing in one layer of the caller's storage.
//!
//! ## Words
//!
//! | word | meaning here |
//! |---|---|
//! | tick | a price, as a whole number of the instrument's ticks |
//! | lots | a size, as a whole number of the instrument's lots |
//! | bid, ask | a resting order that buys, that sells |
//! | taker, maker | the order that comes in; the resting one that it meets |
//! | level | all resting orders of one side and tick, oldest first: one record |
//! | rank | a level's place from the best end of its side: the tick of an ask, [`MAX_TICK`] less the tick of a bid |
//! | page | 1,024 bits of the index of levels |
//! | to cross | to have a limit that the opposite side's best level meets |
//! | step | a fill, or the removal of a resting order that stood in the way |
//!
//! ## What an order does
//!
//! It meets the opposite side's levels from the best on, as far as its limit, and in each the oldest
//! order first, at the maker's price. A resting order in the way is removed and reported where it has
//! expired, belongs to the taker (unless that stops the taker), or is refused by the caller. Before each
//! fill the caller is asked ([`Answer`]): it makes the fill, refuses the maker or
//! stops the taker.
//!
//! | order | matched | what is left |
//! |---|---|---|
//! | [`TimeInForce::Resting`] | yes, or where post-only not at all: an order that would fill fails | rests at its limit |
//! | [`TimeInForce::ImmediateOrCancel`] | yes | is cancelled. With the worst price as its limit this is a market order |
//! | [`TimeInForce::FillOrKill`] | in full or not at all | none: it fails |
//!
//! A reduce-only order ([`NewOrder::reduce_to`]) is cut to what the caller says may fill. It never
//! rests: a position may be gone by the time that a resting order is met.
//!
//! An order takes at most [`Bounds::fills`] fills and [`Bounds::removals`] removals; when no removal is
//! left, one costs a fill, so that neither refusals nor expired orders make a taker's order endless, or
//! end it where it may still fill. An order that comes to rest in a full level removes expired ones of it
//! first. What is left then rests, if it would and nothing crosses it any more, and is cancelled otherwise.
//!
//! What holds after each operation, and is tested against a book written naively: the best bid is below
//! the best ask; a level exists if and only if its bit is set on each of its three pages, and none is
//! empty; no lot appears or vanishes but by a fill, a cancellation or a removal that was reported.
//!
//! **Failures.** A function that fails may have changed the store: the caller undoes it, as it does all
//! else that a failing call has done.
//!
//! ## Cost
//!
//! The index is a tree of three pages' height over all 2^30 ticks, so that no cost depends on how many
//! levels or orders there are:
//!
//! | operation | levels read | pages read at most |
//! |---|---|---|
//! | best level | 0 | 3 |
//! | next level | 0 | 5 |
//! | rest an order | 1 | 3, where it opens a level; else none |
//! | cancel | 1 | 3, where it empties a level; else none |
//! | match | 1 a level met | 3, and 6 for each level that it empties |
//!
//! Within a level orders are found and removed linearly: a level holds at most [`Store::MaxOrders`].
//! A fill-or-kill order first walks what it would meet, which doubles its reads and no writes.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(clippy::float_arithmetic)]
#![warn(missing_docs)]

extern crate alloc;

mod audit;
mod error;
pub mod index;
mod level;
mod matching;
mod order;
mod outcome;
mod resting;
mod store;
#[cfg(test)]
mod tests;

pub use audit::audit;
pub use error::{BookError, PlaceError};
pub use index::{best, next, Page, PageId};
pub use level::Level;
pub use matching::place;
pub use order::{
	Block, Bounds, Lots, NewOrder, Order, OrderId, SelfTrade, Tick, TimeInForce, MAX_TICK,
};
pub use outcome::{Answer, Fill, Leftover, Outcome, Removal, Step};
pub use plimsoll_primitives::OrderSide;
pub use resting::cancel;
pub use store::Store;
