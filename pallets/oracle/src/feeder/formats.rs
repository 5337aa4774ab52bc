//! What venues answer. Only the fields that are used are looked at; a body that lacks one, or has it
//! in another form, is refused as a whole.

use super::decimal::{parse_decimal, DecimalError};
use crate::types::{FeedKey, Observation, Source, SourceFormat};
use alloc::{collections::BTreeMap, string::String, vec::Vec};
use plimsoll_primitives::{oracle::MAX_EXPIRIES, Moment, Price, Rate, Svi, UnderlyingId};
use serde::Deserialize;
use sp_arithmetic::FixedI128;

/// Why a body is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatError {
	/// It is not JSON of the format's shape.
	Shape,
	/// The venue reports an error.
	Venue,
	/// A number is not a decimal.
	Decimal(DecimalError),
	/// A price is zero or negative.
	NotPositive,
	/// It is about another underlying or in another currency.
	Other,
	/// It has more expiries than an underlying may have.
	TooManyExpiries,
}

/// Kraken: `{"error":[],"result":{"XXBTZUSD":{"c":["64000.10000","0.1"],…}}}`.
#[derive(Deserialize)]
struct Kraken {
	error: Vec<String>,
	#[serde(default)]
	result: BTreeMap<String, KrakenTicker>,
}

#[derive(Deserialize)]
struct KrakenTicker {
	/// Price and size of the last trade.
	c: Vec<String>,
}

/// Coinbase: `{"data":{"amount":"64000.1","base":"BTC","currency":"USD"}}`.
#[derive(Deserialize)]
struct Coinbase {
	data: CoinbaseData,
}

#[derive(Deserialize)]
struct CoinbaseData {
	amount: String,
	currency: String,
}

/// Binance: `{"symbol":"BTCUSDT","price":"64000.10"}`.
#[derive(Deserialize)]
struct Binance {
	price: String,
}

/// Plimsoll's own document, see the crate's documentation.
#[derive(Deserialize)]
struct Document {
	underlying: Option<u16>,
	spot: Option<String>,
	settlement_asset: Option<String>,
	#[serde(default)]
	expiries: Vec<DocumentExpiry>,
}

#[derive(Deserialize)]
struct DocumentExpiry {
	expiry: Moment,
	forward: Option<String>,
	rate: Option<String>,
	svi: Option<DocumentSvi>,
}

#[derive(Deserialize)]
struct DocumentSvi {
	a: String,
	b: String,
	rho: String,
	m: String,
	sigma: String,
}

/// The values in a source's answer.
pub fn parse(source: &Source, body: &[u8]) -> Result<Vec<Observation>, FormatError> {
	match source.format {
		SourceFormat::Kraken => one(&source.feed, &kraken(from_json(body)?)?),
		SourceFormat::Coinbase => one(&source.feed, &coinbase(from_json(body)?)?),
		SourceFormat::Binance => one(&source.feed, &from_json::<Binance>(body)?.price),
		SourceFormat::Json => document(&source.feed, &from_json(body)?),
	}
}

fn from_json<'a, V: Deserialize<'a>>(body: &'a [u8]) -> Result<V, FormatError> {
	serde_json::from_slice(body).map_err(|_| FormatError::Shape)
}

/// The last trade of the only pair. Which key a pair goes by is Kraken's own affair.
fn kraken(answer: Kraken) -> Result<String, FormatError> {
	if !answer.error.is_empty() {
		return Err(FormatError::Venue);
	}
	let mut pairs = answer.result.into_values();
	match (pairs.next(), pairs.next()) {
		(Some(ticker), None) => ticker.c.into_iter().next().ok_or(FormatError::Shape),
		_ => Err(FormatError::Shape),
	}
}

fn coinbase(answer: Coinbase) -> Result<String, FormatError> {
	if answer.data.currency != "USD" {
		return Err(FormatError::Other);
	}
	Ok(answer.data.amount)
}

fn decimal(text: &str) -> Result<i128, FormatError> {
	parse_decimal(text).map_err(FormatError::Decimal)
}

fn price(text: &str) -> Result<Price, FormatError> {
	let scaled = u128::try_from(decimal(text)?).map_err(|_| FormatError::NotPositive)?;
	if scaled == 0 {
		return Err(FormatError::NotPositive);
	}
	Ok(Price::from_inner(scaled))
}

/// The one price of a ticker.
fn one(feed: &FeedKey, text: &str) -> Result<Vec<Observation>, FormatError> {
	let price = price(text)?;
	let observation = match *feed {
		FeedKey::Spot { underlying } => Observation::Spot { underlying, price },
		FeedKey::Forward { underlying, expiry } => {
			Observation::Forward { underlying, expiry, price }
		}
		FeedKey::SettlementAsset => Observation::SettlementAsset { price },
		FeedKey::Rate { .. } | FeedKey::Surface { .. } => return Err(FormatError::Other),
	};
	Ok(Vec::from([observation]))
}

fn document(feed: &FeedKey, document: &Document) -> Result<Vec<Observation>, FormatError> {
	let mut observations = Vec::new();
	if let Some(text) = &document.settlement_asset {
		observations.push(Observation::SettlementAsset { price: price(text)? });
	}
	let Some(underlying) = feed.underlying() else { return Ok(observations) };
	if document.underlying.is_some_and(|named| UnderlyingId(named) != underlying) {
		return Err(FormatError::Other);
	}
	if let Some(text) = &document.spot {
		observations.push(Observation::Spot { underlying, price: price(text)? });
	}
	if document.expiries.len() > usize::try_from(MAX_EXPIRIES).unwrap_or(usize::MAX) {
		return Err(FormatError::TooManyExpiries);
	}
	for one in &document.expiries {
		let expiry = one.expiry;
		if let Some(text) = &one.forward {
			let price = price(text)?;
			observations.push(Observation::Forward { underlying, expiry, price });
		}
		if let Some(text) = &one.rate {
			let rate = Rate::from_inner(decimal(text)?);
			observations.push(Observation::Rate { underlying, expiry, rate });
		}
		if let Some(svi) = &one.svi {
			let surface = surface(svi)?;
			observations.push(Observation::Surface { underlying, expiry, surface });
		}
	}
	Ok(observations)
}

fn surface(svi: &DocumentSvi) -> Result<Svi, FormatError> {
	let parameter = |text: &str| decimal(text).map(FixedI128::from_inner);
	Ok(Svi {
		a: parameter(&svi.a)?,
		b: parameter(&svi.b)?,
		rho: parameter(&svi.rho)?,
		m: parameter(&svi.m)?,
		sigma: parameter(&svi.sigma)?,
	})
}
