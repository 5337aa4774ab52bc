//! What one contract is worth now, and what it pays at expiry.

use crate::{
	black76::{discounted, intrinsic, log_ratio, undiscounted, Deviation},
	error::RiskError,
	fixed::{subtract, Fixed, ZERO},
	math::ln_integer,
	state::{MarketState, UnderlyingState},
	svi::Slice,
	tenor::Tenor,
};
use plimsoll_primitives::{Contract, ExpiryPrices, Instrument, Moment, Price, Rate, UnderlyingId};

/// What a contract's price follows.
pub(crate) enum Source<'a> {
	/// The perpetual's own price.
	Perpetual(Price),
	/// The spot price: perpetuals without an own price, and what has expired but is not settled yet.
	Spot,
	/// The forward of its expiry.
	Forward(&'a ExpiryPrices),
}

/// What `instrument` follows at `now`. `NoForward` where the market state lacks its expiry.
pub(crate) fn source<'a>(
	state: &'a UnderlyingState,
	now: Moment,
	instrument: &Instrument,
) -> Result<Source<'a>, RiskError> {
	match instrument.expiry() {
		None => Ok(state.quotes.perpetual.map_or(Source::Spot, Source::Perpetual)),
		// Unless the settlement average is at hand: then its forward is.
		Some(expiry) if expiry <= now && !is_fixed(state, expiry) => Ok(Source::Spot),
		Some(expiry) => state
			.prices
			.expiries
			.iter()
			.find(|prices| prices.expiry == expiry)
			.map(Source::Forward)
			.ok_or(RiskError::NoForward { underlying: state.underlying, expiry }),
	}
}

/// Whether what the settlement average of an expiry has fixed is quoted.
fn is_fixed(state: &UnderlyingState, expiry: Moment) -> bool {
	state.quotes.expiry(expiry).is_some_and(|quotes| quotes.fixed.is_some())
}

/// The rate by which an expiry's options are discounted.
pub(crate) fn discount_rate(state: &UnderlyingState, prices: &ExpiryPrices) -> Rate {
	let quoted = state.quotes.expiry(prices.expiry).and_then(|quotes| quotes.discount_rate);
	quoted.unwrap_or(prices.rate)
}

/// The volatility slice of an expiry. `NoSurface` where there is none.
pub(crate) fn slice(state: &UnderlyingState, prices: &ExpiryPrices) -> Result<Slice, RiskError> {
	let surface = prices
		.surface
		.as_ref()
		.ok_or(RiskError::NoSurface { underlying: state.underlying, expiry: prices.expiry })?;
	Ok(Slice::new(surface)?)
}

/// σ√T at `strike` on the smile of `forward`. Zero where one of them is zero: there only the
/// intrinsic value counts.
pub(crate) fn deviation_at(
	slice: &Slice,
	forward: Price,
	strike: Price,
) -> Result<Fixed, RiskError> {
	match (ln_integer(strike.into_inner()), ln_integer(forward.into_inner())) {
		(Ok(strike), Ok(forward)) => Ok(slice.deviation(subtract(strike, forward)?)?),
		_ => Ok(ZERO),
	}
}

/// The state of an underlying with a price.
pub(crate) fn priced(
	market: &MarketState,
	underlying: UnderlyingId,
) -> Result<&UnderlyingState, RiskError> {
	market
		.underlying(underlying)
		.filter(|state| !state.prices.spot.is_zero())
		.ok_or(RiskError::NoPrice(underlying))
}

/// USD per contract now, at the aggregate itself (and what is quoted beyond it, see
/// [`Quotes`](crate::state::Quotes)): a perpetual at its own price or spot, a future at its forward, an
/// option by Black-76 on its forward with the surface's volatility, discounted; rounded down to
/// 1e-18. What has expired is worth its payoff at spot, until its settlement price is fixed. Whether
/// the prices are live is not asked: the caller gives the prices that it wants marked.
///
/// # Errors
/// `NoPrice`, `NoForward`, `NoSurface` where the market state lacks what the contract needs;
/// `OutOfDomain` or `Overflow` where an input is absurd.
pub fn mark(market: &MarketState, instrument: &Instrument) -> Result<Price, RiskError> {
	let state = priced(market, instrument.underlying)?;
	let prices = match source(state, market.now, instrument)? {
		Source::Perpetual(price) => return Ok(price),
		Source::Spot => return Ok(payoff(instrument, state.prices.spot)),
		Source::Forward(prices) => prices,
	};
	let Contract::Option { strike, kind, .. } = instrument.contract else {
		return Ok(prices.forward);
	};
	let tenor = Tenor::between(market.now, prices.expiry)?;
	let deviation = match state.quotes.volatility(prices.expiry, strike, kind) {
		Some(volatility) => tenor.deviation(volatility)?,
		None => deviation_at(&slice(state, prices)?, prices.forward, strike)?,
	};
	let ratio = log_ratio(prices.forward, strike);
	let price = undiscounted(kind, prices.forward, strike, ratio, &Deviation::new(deviation)?);
	Ok(discounted(price, tenor.discount(discount_rate(state, prices))?)?)
}

/// USD per contract when the underlying settles at `settlement_price`: an option's intrinsic value;
/// a future's and a perpetual's is the price itself (of which the entry value is taken).
pub fn payoff(instrument: &Instrument, settlement_price: Price) -> Price {
	match instrument.contract {
		Contract::Perpetual | Contract::Future { .. } => settlement_price,
		Contract::Option { strike, kind, .. } => intrinsic(kind, settlement_price, strike),
	}
}
