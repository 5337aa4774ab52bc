//! The runtime as a whole.

mod genesis;
mod offchain;
mod order;
mod properties;
mod world;
mod xcm;
