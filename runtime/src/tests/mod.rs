//! The runtime as a whole.

#[cfg(feature = "runtime-benchmarks")]
mod book_figures;
mod ether_book;
mod expiry;
mod funding;
mod genesis;
mod mark;
mod offchain;
mod order;
mod order_book;
mod properties;
mod spot;
mod transactions;
mod world;
mod xcm;
