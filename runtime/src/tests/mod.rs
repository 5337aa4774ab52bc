//! The runtime as a whole.

mod genesis;
mod offchain;
mod order;
mod properties;
mod transactions;
mod world;
mod xcm;
