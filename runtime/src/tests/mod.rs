//! The runtime as a whole.

mod genesis;
mod order;
mod properties;
mod world;
mod xcm;
