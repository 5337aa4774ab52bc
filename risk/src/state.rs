//! What goes in: the market and the account, as plain data. Nothing here knows storage or blocks.

use crate::{
	fixed::multiply_unsigned_decimal, joint::JointScenarios, model::NotionalCharge,
	shock::price_factor,
};
use alloc::vec::Vec;
use plimsoll_primitives::{
	CollateralId, CollateralTreatment, Contracts, Instrument, Moment, OptionKind, Price, Rate,
	UnderlyingId, UnderlyingPrices, UsdValue, Volatility,
};
use sp_arithmetic::{FixedI128, FixedU128, Permill};

/// How sure a source is of its value: from 0 to 1 (the default).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Confidence(pub FixedU128);

impl Default for Confidence {
	fn default() -> Self {
		Self(FixedU128::from_u32(1))
	}
}

/// What is known of an expiry beyond the oracle's aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiryQuotes {
	/// Of this expiry.
	pub expiry: Moment,
	/// The least of the confidences in forward, rate and volatility.
	pub confidence: Confidence,
	/// The part of the forward, USD, that the settlement average has fixed already; `None`: what the
	/// model's settlement window makes of the time to expiry.
	pub fixed: Option<Price>,
	/// The rate by which options are discounted; `None`: the aggregate's. Zero for options whose
	/// premium is paid at expiry.
	pub discount_rate: Option<Rate>,
}

/// The volatility of one option series, which takes the surface's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesVolatility {
	/// When it expires.
	pub expiry: Moment,
	/// USD.
	pub strike: Price,
	/// Call or put.
	pub kind: OptionKind,
	/// Fraction per square root of a year.
	pub volatility: Volatility,
}

/// What is known of an underlying beyond the oracle's aggregate. All of it may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quotes {
	/// USD per contract of the perpetual; `None`: spot.
	pub perpetual: Option<Price>,
	/// How sure the spot price is.
	pub spot_confidence: Confidence,
	/// How sure the perpetual's price is.
	pub perpetual_confidence: Confidence,
	/// Each expiry at most once.
	pub expiries: Vec<ExpiryQuotes>,
	/// Each series at most once.
	pub volatilities: Vec<SeriesVolatility>,
}

impl Quotes {
	/// What is known of one expiry.
	pub fn expiry(&self, expiry: Moment) -> Option<&ExpiryQuotes> {
		self.expiries.iter().find(|quotes| quotes.expiry == expiry)
	}

	/// The volatility quoted for one series.
	pub fn volatility(
		&self,
		expiry: Moment,
		strike: Price,
		kind: OptionKind,
	) -> Option<Volatility> {
		self.volatilities
			.iter()
			.find(|series| (series.expiry, series.strike, series.kind) == (expiry, strike, kind))
			.map(|series| series.volatility)
	}
}

/// An underlying's prices and whether they may be traded on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderlyingState {
	/// Which one.
	pub underlying: UnderlyingId,
	/// Its prices: current ones where `live`, else the last known.
	pub prices: UnderlyingPrices,
	/// Whether the prices are current.
	pub live: bool,
	/// What is known beyond them.
	pub quotes: Quotes,
}

impl UnderlyingState {
	/// With nothing known beyond the aggregate.
	pub fn new(underlying: UnderlyingId, prices: UnderlyingPrices, live: bool) -> Self {
		Self { underlying, prices, live, quotes: Quotes::default() }
	}

	/// The same with the perpetual's price this far above spot (negative: below), a fraction of spot; rounded
	/// down. Where that is nothing, or no price that can be counted, the perpetual stays at spot.
	pub fn with_perpetual_premium(mut self, premium: FixedI128) -> Self {
		let stands_off = premium != FixedI128::from_inner(0);
		let factor =
			stands_off.then(|| price_factor(premium, FixedU128::from_u32(1)).ok()).flatten();
		self.quotes.perpetual = factor
			.and_then(|factor| {
				multiply_unsigned_decimal(self.prices.spot.into_inner(), factor).ok()
			})
			.map(Price::from_inner);
		self
	}
}

/// All that is known of the market at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketState {
	/// The moment of valuation, milliseconds since the Unix epoch.
	pub now: Moment,
	/// USD per unit of the settlement asset. Cash counts at par; the depeg charge looks at it.
	pub settlement_asset_price: Price,
	/// Each underlying at most once, in any order. Those that an account does not depend on are not
	/// looked at.
	pub underlyings: Vec<UnderlyingState>,
	/// What all underlyings do together. Looked at where the model aggregates.
	pub joint: JointScenarios,
}

impl MarketState {
	/// The market at a moment, with no joint scenarios.
	pub fn new(
		now: Moment,
		settlement_asset_price: Price,
		underlyings: Vec<UnderlyingState>,
	) -> Self {
		Self { now, settlement_asset_price, underlyings, joint: JointScenarios::default() }
	}

	/// The state of one underlying.
	pub fn underlying(&self, underlying: UnderlyingId) -> Option<&UnderlyingState> {
		self.underlyings.iter().find(|state| state.underlying == underlying)
	}
}

/// A position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
	/// What is held.
	pub instrument: Instrument,
	/// How much; positive is long.
	pub size: Contracts,
	/// What was paid for it and is still to be counted against its value: for perpetuals and
	/// futures the signed cost of what is held, positive for longs; zero for options, whose
	/// premium was paid in cash.
	pub entry_value: UsdValue,
	/// The price at which the expired contract settles, once it is fixed: the leg is then worth its
	/// payoff, certain and without risk.
	pub settled_at: Option<Price>,
}

/// An amount of a collateral asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollateralHolding {
	/// Which asset.
	pub collateral: CollateralId,
	/// The feed that prices it, USD per whole asset.
	pub feed: UnderlyingId,
	/// USD per whole asset, where it is not the feed's spot price but moves in proportion to it (a
	/// staked ether); `None`: spot.
	pub price: Option<Price>,
	/// How much, in whole assets (18 decimals).
	pub amount: Contracts,
	/// Whether it joins its feed's losses, so that it offsets positions.
	pub offsets_risk: bool,
	/// The part of its value, at most 1, that equity leaves out.
	pub haircut: FixedU128,
	/// What margins ask for on top, per USD of its value.
	pub charge: NotionalCharge,
	/// How sure its own price is; the feed's confidence counts besides.
	pub confidence: Confidence,
}

impl CollateralHolding {
	/// `amount` whole assets on the registry's terms, priced by `feed`.
	pub fn new(
		collateral: CollateralId,
		feed: UnderlyingId,
		amount: Contracts,
		treatment: CollateralTreatment,
	) -> Self {
		let (offsets_risk, haircut) = match treatment {
			CollateralTreatment::Haircut { haircut } => (false, haircut),
			CollateralTreatment::RiskOffsetting { liquidity_haircut } => (true, liquidity_haircut),
		};
		Self {
			collateral,
			feed,
			price: None,
			amount,
			offsets_risk,
			haircut: fraction(haircut),
			charge: NotionalCharge::default(),
			confidence: Confidence::default(),
		}
	}
}

/// In 18 decimals, exactly: a millionth is 10^12.
fn fraction(part: Permill) -> FixedU128 {
	FixedU128::from_inner(u128::from(part.deconstruct()) * 1_000_000_000_000)
}

/// All that an account has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountState {
	/// The settlement asset at par; negative is a loan.
	pub cash: UsdValue,
	/// Collateral assets.
	pub collateral: Vec<CollateralHolding>,
	/// Positions. Legs of the same instrument may repeat; they are netted.
	pub legs: Vec<Leg>,
}
