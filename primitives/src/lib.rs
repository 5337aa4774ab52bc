//! # Plimsoll primitives
//!
//! What every other crate of Plimsoll shares and nothing more: identifiers ([`id`]), numbers that
//! cannot be mixed up ([`number`]), the one place where USD values become units of the settlement
//! asset ([`money`]), and the traits by which pallets meet without naming each other: prices
//! ([`oracle`]), listed contracts and collateral ([`registry`]), accounts ([`accounts`]), the
//! order book ([`book`]), markets in collateral ([`exchange`]), and signed quotes ([`quotes`]).

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod accounts;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
pub mod book;
pub mod exchange;
pub mod id;
pub mod money;
pub mod number;
pub mod oracle;
pub mod quotes;
pub mod registry;

pub use accounts::{
	Clearing, ContractHolders, Fill, Health, LiquidationLedger, PositionView, Stance,
};
pub use book::{
	BookClearing, BookQuotes, Cancelled, FillError, FillFees, ImpactPrices, MassCancel, OpenOrders,
	OrderSide, OrderTotals, Resting, Silence,
};
pub use exchange::{AllSetAside, CollateralExchange, Exchanged, SetAside};
pub use id::{CollateralId, Contract, Instrument, Moment, OptionKind, SubAccountId, UnderlyingId};
pub use money::{Amount, Balance, Rounding};
pub use number::{Contracts, Price, Rate, UsdValue, Volatility};
pub use oracle::{ExpiryPrices, PriceError, PriceOracle, Svi, UnderlyingPrices};
pub use quotes::{QuoteSeal, SignedQuotes};
pub use registry::{
	CollateralTerms, CollateralTreatment, InstrumentError, InstrumentRegistry, InstrumentTerms,
};
