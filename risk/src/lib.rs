//! # Plimsoll risk
//!
//! The risk engine: plain structs in, margins and a report out. No storage, no blocks, no FRAME, no
//! floats; every function is pure, native and wasm give the same bits, and what cannot be computed
//! is an error, never a panic.
//!
//! ## Interface
//!
//! - [`margin()`]: equity, initial and maintenance margin of an account. The gate and the waterfall.
//! - [`margin_with_orders()`]: the same with open orders, whichever of them fill.
//! - [`report()`]: the same, told in full: scenario losses, Greeks, contributions, isolated margins,
//!   liquidation prices.
//! - [`RiskArrays`]: both for any number of accounts on one market, what they share worked out once.
//! - [`mark()`] and [`payoff()`]: what one contract is worth now and at expiry.
//! - [`RiskModel`]: the model as data, with [`RiskModel::validate`] and [`RiskModel::standard`]. The
//!   published models that `tests/conformance` runs are values of it.
//! - [`Covariance`]: what prices and volatilities do together, learnt step by step;
//!   [`JointHistory`]: past steps, as scenarios of today; [`JointRisk`]: both, as a chain keeps them.
//! - [`value_at_risk()`]: what the covariance alone says may be lost.
//! - [`svi::check()`] and [`svi::check_calendar()`]: whether a volatility surface may be used.
//!
//! ## Words
//!
//! | word | meaning here |
//! |---|---|
//! | leg | a position: so many contracts of an instrument |
//! | level | a price that contracts follow: spot, a perpetual's own price, or the forward of an expiry |
//! | scenario | a joint move of price (a multiple of the scan range) and of volatilities (all alike, or tilting or bending the smile) |
//! | weight | the share of a scenario's loss that counts; below one for moves beyond the scan range |
//! | loss curve | the account's loss in every scenario of one underlying, netted over all its legs |
//! | horizon | how far ahead of now scenarios are valued |
//! | static discounting | cutting an expiry's net value after a scenario, by its sign |
//! | basis shock | each expiry's forward moving by itself, to its worse side |
//! | node | a scenario that moves the price alone and counts in full; losses are interpolated between nodes |
//! | point | a price at which a near expiry's payoff is looked at: every strike held and every node |
//! | scan | the worst of a loss curve, its points and the basis shock, at least zero |
//! | joint scenario | a move of all underlyings' prices and volatilities together |
//! | base | how the scans and losses of all underlyings come together: what both margins are factors of |
//! | contingency | what margins ask for on top of the base |
//! | deviation | σ√T, the standard deviation of the logarithm of the price at expiry |
//! | total variance | σ²T, its square |
//! | stance | at which end of the oracle's confidence interval the account is judged |
//! | gamma buffer | what options about to expire lose in a jump, their delta's part removed, beyond what the scan has of it |
//! | concentration | what a position costs because it is large against its market |
//! | isolated margin | the same engine applied to one leg alone |
//!
//! ## How the margins come about
//!
//! For each underlying, every leg is revalued in full (Black-76 on the forward of its expiry, with
//! the volatility of its strike) in every scenario, and losses are netted scenario by scenario,
//! expiry by expiry: `loss[s] = weight[s] · (Σ of what follows a price one for one, size · (value now −
//! value in s), + Σ over expiries of cut_s(their options))`. The cut is static discounting by the
//! sign of the expiry's value, and in skew scenarios the absolute value; without either it is the
//! same sum. Between the scenarios' prices a near expiry counts at its payoff at every strike held, all
//! else interpolated, so that no narrow spread hides there. The worst of all, and of the basis shock,
//! is the underlying's scan.
//!
//! The base is the largest of the joint loss (expected shortfall over the joint scenarios, each
//! underlying's loss interpolated on its own curve before weights), the worst scenario that befalls
//! all underlyings at once, the largest scan, and a part of the sum of all scans. Underlyings that no
//! joint scenario tells of add their scans to the joint loss, so that without any nothing is offset
//! between underlyings. See [`Aggregation`]; a model without one adds up all scans.
//!
//! - maintenance margin = maintenance factor · base + contingencies;
//! - initial margin = the same with the initial factor (which a settlement asset below par raises)
//!   and the initial charges;
//! - contingencies: naked short options, perpetuals, collateral, prices of low confidence, the gamma
//!   buffer and concentration;
//! - equity = cash at par + Σ size · mark − entry values + collateral after haircut.
//!
//! Collateral whose treatment is risk-offsetting joins its underlying's losses at full value and is
//! cut only for liquidity; other collateral is cut by its haircut and joins none. Never both.
//!
//! What holds, and is tested: margins are never negative and initial is at least maintenance; the
//! base of an account is at most the sum of its parts' (sub-additive; with static discounting where
//! joint scenarios lie within the grid, beyond which a weight is negative) and grows in proportion to
//! it, and so do its margins but for three charges: confidence, which counts all of an underlying at the
//! perpetual's once perpetuals are held; the gamma buffer, which takes off what the scan has already;
//! and concentration, which grows faster than the position on purpose. No payoff of a near expiry
//! within the scan range exceeds the scan; cash moves equity by itself and margins not at all;
//! risk-offsetting collateral frees at least what it does alone, but for the same charges;
//! contributions sum to the margins to the unit; valuing at favourable prices never lowers equity −
//! maintenance margin and at unfavourable ones never raises equity − initial margin.
//!
//! ## Numbers and rounding
//!
//! Prices, sizes and USD at the boundary are the 18-decimal newtypes of `plimsoll-primitives`; inside,
//! logarithms, volatilities and probabilities are binary fixed point ([`fixed`], [`math`]). A
//! contract's price is rounded down to 1e-18 USD once, in every scenario alike; sums of price × size
//! are exact in 256 bits and rounded once: requirements up, equity down.
//!
//! Marks are within 2e-18 of the forward (plus 1e-18 USD) of the exact Black-76 value of the same
//! deviation; see [`black76`]. Prices in scenarios are within 4e-14 of the lesser of forward and
//! strike of the marks' formula; see [`kernel`]. A scenario that moves nothing leaves the mark and
//! loses nothing.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(clippy::float_arithmetic)]
#![warn(missing_docs)]

extern crate alloc;

pub mod arrays;
mod base;
pub mod black76;
mod book;
mod composite_delta;
mod concentration;
mod contingency;
pub mod covariance;
mod curve;
pub mod discounting;
mod engine;
pub mod error;
mod expiry_points;
pub mod fixed;
mod gamma_buffer;
mod grid;
mod interpolation;
pub mod joint;
pub mod kernel;
mod level;
mod liquidation_price;
mod margin_factors;
mod mark;
pub mod math;
pub mod model;
mod naked;
mod open_orders;
mod portfolio;
pub mod report;
mod reporting;
mod series;
pub mod shock;
pub mod state;
mod sums;
pub mod svi;
pub mod tenor;
#[cfg(test)]
mod tests;
mod value_at_risk;

pub use arrays::{ArraysSize, RiskArrays, MOST_VALUATIONS};
pub use covariance::{
	log_return, Covariance, CovarianceError, CovarianceRules, JointReturn, LowerTriangle,
};
pub use error::{MathError, RiskError};
pub use joint::{
	volatility_30d, JointHistory, JointMove, JointObservation, JointRisk, JointSample,
	JointScenarios,
};
pub use mark::{mark, payoff};
pub use model::{
	Aggregation, BasisShock, Concentration, ConfidenceCharge, DeltaPoint, DepegCharge, GammaBuffer,
	Liquidity, ModelError, NotionalCharge, Pace, RiskModel, Scenario, SkewCap, SkewLaw,
	StaticDiscounting, UnderlyingModel, VolatilityShock, VolatilityShockLaw,
};
pub use open_orders::{margin_with_orders, OpenOrder};
pub use portfolio::margin;
pub use report::{
	BaseCandidate, BaseReport, CollateralReport, Contingencies, ExpiryReport, GreeksUsd, LegReport,
	Margin, PayoffView, Requirement, RiskReport, ScenarioView, Standing, UnderlyingReport,
	WorstLoss,
};
pub use reporting::report;
pub use state::{
	AccountState, CollateralHolding, Confidence, ExpiryQuotes, Leg, MarketState, Quotes,
	SeriesVolatility, UnderlyingState,
};
pub use value_at_risk::value_at_risk;
