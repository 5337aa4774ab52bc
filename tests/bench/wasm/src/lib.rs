//! # What the bench runs
//!
//! The risk engine behind one function from bytes to bytes, [`run`], so that the same code can be
//! called natively and, as a wasm module, through the node's own executor: the answers are compared
//! byte by byte and the times side by side. The module takes its memory from the host and calls as
//! a runtime does.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(target_family = "wasm")]
mod entry;
mod input;
mod task;

pub use input::{Account, Collateral, Market, OptionTerms, Position};
pub use task::{run, Job, Task};
