//! Value at risk against its formula, and the 30-day volatility against interpolation by hand.

#![allow(clippy::float_arithmetic)]

use super::support::*;
use crate::{
	joint::volatility_30d, report, tenor::YEAR, value_at_risk, AccountState, Covariance, Leg,
	RiskReport,
};
use plimsoll_primitives::{
	Contracts, ExpiryPrices, Instrument, OptionKind, Price, Stance, UnderlyingPrices, UsdValue,
};
use sp_core::bounded::BoundedVec;

fn number(value: UsdValue) -> f64 {
	value.into_inner() as f64 / 1e18
}

/// Deviations of 3 % and 5 % for prices, 8 % for volatilities; correlation of prices 0.8.
fn covariance() -> Covariance {
	let entries = [
		900_000_000_000_000,
		0,
		6_400_000_000_000_000,
		1_200_000_000_000_000,
		0,
		2_500_000_000_000_000,
		0,
		0,
		0,
		6_400_000_000_000_000,
	];
	let zero = Covariance::zero(&[BTC, ETH], DAY).expect("valid");
	Covariance { entries: BoundedVec::truncate_from(entries.to_vec()), ..zero }
}

fn leg(instrument: Instrument, size: Contracts) -> Leg {
	Leg { instrument, size, entry_value: UsdValue::ZERO, settled_at: None }
}

fn told(legs: Vec<Leg>) -> RiskReport {
	let account = AccountState { legs, ..Default::default() };
	report(&model(), &market(), &account, Stance::Mark).expect("priced")
}

fn risk(report: &RiskReport, horizon: u64) -> f64 {
	number(value_at_risk(report, &covariance(), horizon).expect("valid"))
}

#[test]
fn value_at_risk_is_the_quantile_of_the_deltas_when_contracts_are_linear() {
	let legs = vec![
		leg(Instrument::perpetual(BTC), contracts(2_000)),
		leg(Instrument::perpetual(ETH), contracts(-10_000)),
	];
	let report = told(legs);
	let deltas: Vec<f64> = report.underlyings.iter().map(|u| number(u.greeks.delta)).collect();
	let (a, b) = (deltas[0] * 0.03, deltas[1] * 0.05);
	let expected = 2.326347874040841 * (a * a + b * b + 2.0 * 0.8 * a * b).sqrt();
	let found = risk(&report, DAY);
	assert!((found / expected - 1.0).abs() < 1e-8, "{found} against {expected}");
	// Four days are two times one.
	assert!((risk(&report, 4 * DAY) / found - 2.0).abs() < 1e-8);
}

#[test]
fn value_at_risk_counts_volatility_when_delta_is_hedged() {
	let call = Instrument::option(ETH, QUARTER, price(3_000), OptionKind::Call);
	let put = Instrument::option(ETH, QUARTER, price(3_000), OptionKind::Put);
	let report = told(vec![leg(call, contracts(5_000)), leg(put, contracts(5_000))]);
	let eth = &report.underlyings[0];
	let vega: f64 = report
		.legs
		.iter()
		.map(|leg| {
			let volatility = leg.volatility.expect("an option").into_inner() as f64 / 1e18;
			number(leg.greeks.vega) * 100.0 * volatility
		})
		.sum();
	let (a, b) = (number(eth.greeks.delta) * 0.05, vega * 0.08);
	let expected = 2.326347874040841 * (a * a + b * b).sqrt();
	let found = risk(&report, DAY);
	assert!((found / expected - 1.0).abs() < 1e-8, "{found} against {expected}");
	assert!(b > 0.0);
}

#[test]
fn value_at_risk_adds_the_scan_when_the_covariance_does_not_know_an_underlying() {
	let report = told(vec![leg(Instrument::perpetual(ETH), contracts(1_000))]);
	let zero = Covariance::zero(&[BTC], DAY).expect("valid");
	assert_eq!(value_at_risk(&report, &zero, DAY), Ok(report.underlyings[0].scan));
}

fn prices(expiries: Vec<ExpiryPrices>) -> UnderlyingPrices {
	UnderlyingPrices { spot: price(3_000), half_width: Price::ZERO, oldest: NOW, expiries }
}

/// The volatility at the money of what `market` says of ETH's expiry number `index`.
fn at_the_money(index: usize) -> (ExpiryPrices, f64, f64) {
	let market = market();
	let known = market.underlying(ETH).expect("known").prices.expiries[index].clone();
	let surface = known.surface.expect("a surface");
	let of = |value: sp_arithmetic::FixedI128| value.into_inner() as f64 / 1e18;
	let (m, s) = (of(surface.m), of(surface.sigma));
	let variance = of(surface.a) + of(surface.b) * (-of(surface.rho) * m + (m * m + s * s).sqrt());
	(known.clone(), variance, (known.expiry - NOW) as f64 / YEAR as f64)
}

#[test]
fn volatility_of_thirty_days_interpolates_total_variance_between_surfaces() {
	let ((near, low, t0), (far, high, t1)) = (at_the_money(0), at_the_money(1));
	let month = 30.0 / 365.0;
	let variance = low + (high - low) * (month - t0) / (t1 - t0);
	let all = prices(vec![near.clone(), far.clone()]);
	let found =
		volatility_30d(NOW, &all).expect("valid").expect("known").into_inner() as f64 / 1e18;
	assert!((found / (variance / month).sqrt() - 1.0).abs() < 1e-12, "{found}");

	for (expiry, variance, time) in [(near.clone(), low, t0), (far, high, t1)] {
		let one = prices(vec![expiry]);
		let found =
			volatility_30d(NOW, &one).expect("valid").expect("known").into_inner() as f64 / 1e18;
		assert!((found / (variance / time).sqrt() - 1.0).abs() < 1e-12, "{found}");
	}
	let bare = ExpiryPrices { surface: None, ..near.clone() };
	assert_eq!(volatility_30d(NOW, &prices(vec![bare])), Ok(None));
	assert_eq!(volatility_30d(near.expiry, &prices(vec![near])), Ok(None));
}
