//! # Fuzzing the risk engine
//!
//! Any bytes become a [`case`]: a risk model, a market and an account, at sizes that markets have or
//! at any, up to the ends of their types. [`check()`] values it with the engine and with an
//! independent reference in floats that carries a bound on its own error, and compares every figure
//! that both have: marks, equity, the loss in every scenario, basis shock, scan, the candidates for
//! the base, each contingency, both margins. What no formula says is checked as well: that margins
//! are never negative, that contributions sum exactly, that nothing panics or wraps (the crate is
//! built with overflow checks), and that inputs of ordinary size always have a value.
//!
//! Left out: what [`Quotes`](plimsoll_risk::Quotes) adds, prices within confidence intervals (there
//! only soundness is checked), Greeks, isolated margins and liquidation prices. A gamma buffer hangs
//! on which loss the scan is: where two are within the error of each other only its ends are checked.
//!
//! The bounded run is a test; `PLIMSOLL_FUZZ_CASES` makes it longer and `PLIMSOLL_FUZZ_SEED` another.
//! A coverage-guided fuzzer calls [`check_bytes`] with its own bytes.

pub mod bytes;
pub mod case;
mod compare;
mod figure;
mod model;
mod reference;

pub use compare::{check, check_bytes, Outcome};
