//! # The same bits
//!
//! A chain needs every node to come to the same margins, whatever it runs the engine on. This crate
//! makes inputs ([`cases`], [`random`]), builds the engine as a wasm module ([`module`]) and compares
//! its answers with the native ones byte by byte ([`same`]). Its test does so in an interpreter; the
//! bench does the same in the node's executor.

pub mod cases;
pub mod module;
pub mod random;
pub mod same;
