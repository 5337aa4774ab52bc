//! The smile: its shape is one for all days and expiries, its level is the volatility model's.
//!
//! Surface SVI (J. Gatheral and A. Jacquier, "Arbitrage-free SVI volatility surfaces", 2014, §4):
//! `w(k) = θ/2·(1 + ρφk + √((φk + ρ)² + 1 − ρ²))` with θ the total variance at the money and
//! `φ = η/√θ`, free of butterflies while `η·(1 + |ρ|) ≤ 2`. As a raw slice: a = θ(1 − ρ²)/2, b = θφ/2,
//! m = −ρ/φ, σ = √(1 − ρ²)/φ. With η = 0 it is flat.

use crate::{
	bars::read_text,
	error::Error,
	statistics::number,
	time::{parse_date, parse_moment, DAY, HOUR},
	volatility::YEAR,
};
use plimsoll_primitives::Svi;
use sp_arithmetic::FixedI128;
use std::{fs::File, path::Path};

/// Expiries that a shape is fitted to, days away.
const TENORS: (f64, f64) = (5.0, 200.0);
/// How many standard deviations from the forward strikes count.
const REACH: f64 = 2.0;

/// The shape of a smile.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Smile {
	/// ρ: below zero, puts are dearer.
	pub skew: f64,
	/// η: how much dearer the wings are.
	pub curvature: f64,
}

impl Smile {
	/// Total variance over that at the money, at a log-moneyness of `x` standard deviations.
	fn relative_variance(&self, x: f64) -> f64 {
		let (rho, k) = (self.skew, self.curvature * x);
		0.5 * (1.0 + rho * k + libm::sqrt((k + rho) * (k + rho) + 1.0 - rho * rho))
	}

	/// The slice of an expiry with this volatility at the money.
	pub fn slice(&self, volatility: f64, years: f64) -> Svi {
		let theta = volatility * volatility * years;
		let fixed = FixedI128::from_float;
		let (zero, one) = (FixedI128::from_inner(0), FixedI128::from_u32(1));
		if self.curvature <= 0.0 {
			return Svi { a: fixed(theta), b: zero, rho: zero, m: zero, sigma: one };
		}
		let rest = 1.0 - self.skew * self.skew;
		let phi = self.curvature / libm::sqrt(theta);
		Svi {
			a: fixed(0.5 * theta * rest),
			b: fixed(0.5 * theta * phi),
			rho: fixed(self.skew),
			m: fixed(-self.skew / phi),
			sigma: fixed(libm::sqrt(rest) / phi),
		}
	}

	/// The shape nearest to quotes, by least squares of relative variances over a grid; flat without
	/// quotes.
	pub fn fit(quotes: &[(f64, f64)]) -> Self {
		let error_of = |smile: &Self| -> f64 {
			let miss =
				|(x, variance): &(f64, f64)| (smile.relative_variance(*x) - variance).powi(2);
			quotes.iter().map(miss).sum()
		};
		let mut best = (error_of(&Self::default()), Self::default());
		for skew in -18..=18 {
			for curvature in 1..=40 {
				let smile =
					Self { skew: f64::from(skew) / 20.0, curvature: f64::from(curvature) / 20.0 };
				if smile.curvature * (1.0 + smile.skew.abs()) > 2.0 {
					continue;
				}
				let error = error_of(&smile);
				if error < best.0 {
					best = (error, smile);
				}
			}
		}
		best.1
	}
}

/// One quoted option.
struct Quote {
	expiry: i64,
	years: f64,
	/// ln(strike / forward).
	log_moneyness: f64,
	volatility: f64,
}

/// Fits the smile of one underlying to a snapshot of an option chain with the columns timestamp,
/// instrument_name (`BTC-16JAN26-82000-C`), futures_price and implied_volatility (a fraction). Of a
/// file with several moments the first counts.
///
/// # Errors
/// `File` where it cannot be read or lacks a column. Lines of other underlyings, and lines that are
/// not understood, are passed over.
pub fn read_smile(path: &Path, underlying: &str) -> Result<Smile, Error> {
	let fails = |reason: String| Error::File { path: path.display().to_string(), reason };
	let text = File::open(path).and_then(read_text).map_err(|error| fails(error.to_string()))?;
	let mut reader = csv::Reader::from_reader(text.as_slice());
	let header = reader.headers().map_err(|error| fails(error.to_string()))?.clone();
	let column = |name: &str| {
		let position = header.iter().position(|field| field == name);
		position.ok_or_else(|| fails(format!("has no column \"{name}\"")))
	};
	let columns = (
		column("timestamp")?,
		column("instrument_name")?,
		column("futures_price")?,
		column("implied_volatility")?,
	);
	let mut moment = None;
	let mut quotes = Vec::new();
	for record in reader.records().filter_map(Result::ok) {
		let at = record.get(columns.0).map(str::to_string);
		if moment.is_some() && moment != at {
			// Chains of one moment stand within one minute of each other.
			let apart =
				moment.as_deref().and_then(parse_moment).zip(at.as_deref().and_then(parse_moment));
			if apart.is_none_or(|(first, now)| now - first > 60_000) {
				break;
			}
		}
		moment = moment.or(at);
		let now = moment.as_deref().and_then(parse_moment);
		quotes.extend(now.and_then(|now| quote(&record, columns, underlying, now)));
	}
	Ok(Smile::fit(&relative(quotes)))
}

/// An option that is out of the money and neither too near expiry nor too far from it.
fn quote(
	record: &csv::StringRecord,
	(_, name, forward, volatility): (usize, usize, usize, usize),
	underlying: &str,
	now: i64,
) -> Option<Quote> {
	let mut words = record.get(name)?.split('-');
	if words.next()? != underlying {
		return None;
	}
	let expiry = expiry(words.next()?)?;
	let strike: f64 = words.next()?.parse().ok()?;
	let is_call = words.next()? == "C";
	let forward: f64 = record.get(forward)?.parse().ok()?;
	let volatility: f64 = record.get(volatility)?.parse().ok()?;
	let days = (expiry - now) as f64 / DAY as f64;
	let log_moneyness = libm::log(strike / forward);
	let counts = days > TENORS.0
		&& days < TENORS.1
		&& is_call == (log_moneyness >= 0.0)
		&& volatility > 0.0
		&& log_moneyness.is_finite();
	counts.then_some(Quote { expiry, years: days / YEAR, log_moneyness, volatility })
}

/// `16JAN26`, at 08:00 UTC.
fn expiry(text: &str) -> Option<i64> {
	const MONTHS: [&str; 12] =
		["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
	let split = text.find(|c: char| c.is_ascii_alphabetic())?;
	let (day, rest) = text.split_at(split);
	let month = MONTHS.iter().zip(1..).find(|(name, _)| rest.starts_with(**name))?.1;
	let date = format!("20{}-{month:02}-{day:0>2}", rest.get(3..)?);
	Some(parse_date(&date)? * DAY + 8 * HOUR)
}

/// (standard deviations from the forward, variance over that at the money) of every quote near enough,
/// each expiry by the mean of its two quotes nearest the forward.
fn relative(mut quotes: Vec<Quote>) -> Vec<(f64, f64)> {
	quotes.sort_by_key(|quote| quote.expiry);
	let mut points = Vec::new();
	for chain in quotes.chunk_by(|a, b| a.expiry == b.expiry) {
		let mut nearest: Vec<&Quote> = chain.iter().collect();
		nearest.sort_by(|a, b| a.log_moneyness.abs().total_cmp(&b.log_moneyness.abs()));
		nearest.truncate(2);
		let sum: f64 = nearest.iter().map(|quote| quote.volatility).sum();
		let middle = sum / number(nearest.len());
		for quote in chain {
			let x = quote.log_moneyness / (middle * libm::sqrt(quote.years));
			if x.abs() <= REACH {
				points.push((x, (quote.volatility / middle).powi(2)));
			}
		}
	}
	points
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn fit_finds_the_shape_when_quotes_have_one() {
		let shape = Smile { skew: -0.25, curvature: 0.8 };
		let quotes: Vec<_> = (-20..=20)
			.map(|x| f64::from(x) / 10.0)
			.map(|x| (x, shape.relative_variance(x)))
			.collect();
		assert_eq!(Smile::fit(&quotes), shape);
		assert_eq!(Smile::fit(&[]), Smile::default());
	}

	#[test]
	fn slice_has_the_volatility_at_the_money_when_it_smiles() {
		let slice = Smile { skew: -0.3, curvature: 0.9 }.slice(0.6, 0.25);
		plimsoll_risk::svi::check(&slice).expect("a surface that the chain takes");
		let float = |fixed: FixedI128| fixed.to_float();
		let (a, b, rho) = (float(slice.a), float(slice.b), float(slice.rho));
		let (m, sigma) = (float(slice.m), float(slice.sigma));
		let middle = a + b * (rho * -m + libm::sqrt(m * m + sigma * sigma));
		assert!((middle - 0.09).abs() < 1e-12);
	}

	#[test]
	fn expiry_is_read_from_an_instrument_name() {
		assert_eq!(expiry("16JAN26"), parse_moment("2026-01-16T08:00:00Z"));
		assert_eq!(expiry("9FEB26"), parse_moment("2026-02-09T08:00:00Z"));
		assert_eq!(expiry("PERPETUAL"), None);
	}
}
