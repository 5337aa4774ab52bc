//! # Plimsoll backtest
//!
//! Chooses the constants of the risk model from price history ([`calibrate`]) and tests the margins
//! that the engine asks against what portfolios lost ([`backtest`]). Every margin and every mark comes
//! from `plimsoll-risk`, the crate that the runtime runs. Floats serve for statistics and for the
//! modelled market; nothing here is part of the runtime.

#![warn(missing_docs)]

pub mod backtest;
pub mod bars;
pub mod calibrate;
pub mod chain;
pub mod daily;
pub mod error;
pub mod input;
pub mod joint;
pub mod json;
pub mod market;
pub mod plot;
pub mod portfolio;
pub mod rules;
pub mod smile;
pub mod statistics;
pub mod summary;
pub mod table;
pub mod time;
pub mod volatility;
