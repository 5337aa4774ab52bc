//! # Plimsoll risk
//!
//! The risk engine: plain structs in, margins and a report out. No storage, no blocks, no FRAME, no
//! floats; every function is pure, native and wasm give the same bits, and what cannot be computed
//! is an error, never a panic.
//!
//! ## Interface
//!
//! - [`margin()`]: equity, initial and maintenance margin of an account. The gate and the waterfall.
//! - [`report()`]: the same, told in full: scenario losses, Greeks, contributions, isolated margins,
//!   liquidation prices.
//! - [`mark()`] and [`payoff()`]: what one contract is worth now and at expiry.
//! - [`RiskModel`]: the model as data, with [`RiskModel::validate`] and [`RiskModel::standard`].
//! - [`svi::check()`] and [`svi::check_calendar()`]: whether a volatility surface may be used.
//!
//! ## Words
//!
//! | word | meaning here |
//! |---|---|
//! | leg | a position: so many contracts of an instrument |
//! | level | a price that contracts follow: spot, or the forward of an expiry |
//! | scenario | a joint move of price (a multiple of the scan range) and volatility |
//! | weight | the share of a scenario's loss that counts; below one for moves beyond the scan range |
//! | loss curve | the account's loss in every scenario of one underlying, netted over all its legs |
//! | scan | the worst of a loss curve, at least zero |
//! | deviation | σ√T, the standard deviation of the logarithm of the price at expiry |
//! | total variance | σ²T, its square |
//! | stance | at which end of the oracle's confidence interval the account is judged |
//! | isolated margin | the same engine applied to one leg alone |
//!
//! ## How the margins come about
//!
//! For each underlying, every leg is revalued in full (Black-76 on the forward of its expiry, with
//! the volatility of its strike) in every scenario, and losses are netted scenario by scenario:
//! `loss[s] = weight[s] · Σ size · (value now − value in s)`. The worst is the underlying's scan.
//!
//! - maintenance margin = Σ over underlyings of (maintenance factor · scan + naked-short charge);
//! - initial margin = the same with the initial factor and charge;
//! - equity = cash at par + Σ size · mark − entry values + collateral after haircut.
//!
//! Nothing is offset between underlyings yet. Collateral whose treatment is risk-offsetting joins
//! its underlying's losses at full value and is cut only for liquidity; other collateral is cut by
//! its haircut and joins none. Never both.
//!
//! What holds, and is tested: margins are never negative and initial is at least maintenance; the
//! margins of an account are at most the sum of its parts' (sub-additive) and grow in proportion to
//! it; cash moves equity by itself and margins not at all; contributions sum to the margins to the
//! unit; valuing at favourable prices never lowers equity − maintenance margin and at unfavourable
//! ones never raises equity − initial margin.
//!
//! ## Numbers and rounding
//!
//! Prices, sizes and USD at the boundary are the 18-decimal newtypes of `plimsoll-primitives`; inside,
//! logarithms, volatilities and probabilities are binary fixed point ([`fixed`], [`math`]). A
//! contract's price is rounded down to 1e-18 USD once, in every scenario alike; sums of price × size
//! are exact in 256 bits and rounded once: requirements up, equity down.
//!
//! Option prices are within 2e-18 of the forward (plus 1e-18 USD) of the exact Black-76 value of the
//! same deviation; see [`black76`].

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(clippy::float_arithmetic)]
#![warn(missing_docs)]

extern crate alloc;

pub mod black76;
mod book;
mod engine;
pub mod error;
pub mod fixed;
mod liquidation_price;
mod mark;
pub mod math;
pub mod model;
mod naked;
mod portfolio;
pub mod report;
mod reporting;
pub mod shock;
pub mod state;
pub mod svi;
pub mod tenor;
#[cfg(test)]
mod tests;

pub use error::{MathError, RiskError};
pub use mark::{mark, payoff};
pub use model::{
	ModelError, NakedShortCharge, RiskModel, Scenario, UnderlyingModel, VolatilityShock,
	VolatilityShockLaw,
};
pub use portfolio::margin;
pub use report::{
	CollateralReport, GreeksUsd, LegReport, Margin, Requirement, RiskReport, ScenarioView,
	UnderlyingReport,
};
pub use reporting::report;
pub use state::{AccountState, CollateralHolding, Leg, MarketState, UnderlyingState};
