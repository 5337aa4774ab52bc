//! The runtime as a whole.

mod funding;
mod genesis;
mod offchain;
mod order;
mod order_book;
mod properties;
mod transactions;
mod world;
mod xcm;
