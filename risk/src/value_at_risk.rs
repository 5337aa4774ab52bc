//! What the covariance of prices and volatilities alone says an account may lose: for the report, no
//! margin hangs on it.

use crate::{
	covariance::Covariance,
	error::RiskError,
	fixed::{divide, multiply_decimal, scale_down, Wide},
	math::sqrt_integer,
	report::RiskReport,
};
use alloc::vec::Vec;
use plimsoll_primitives::{Rounding, UnderlyingId, UsdValue};
use sp_core::U256;

/// The normal distribution's quantile at 99 %, 18 decimals.
const QUANTILE: u128 = 2_326_347_874_040_841_101;
/// Points of volatility in one.
const POINTS: i128 = 100;

/// The loss that an account stays below with 99 % probability over `horizon` milliseconds, if returns
/// were normal and the account as straight as its delta and vega: z·√(xᵀΣx·h), USD, rounded up (the
/// root to within a unit of 1e-18). x has for each underlying its delta (USD per relative move of the
/// price) and what it gains if all its volatilities move alike, relatively (vega times volatility).
/// J. P. Morgan/Reuters, *RiskMetrics: technical document*, 4th edition, 1996, §1.2.
///
/// Underlyings that `covariance` does not tell of add their scans.
///
/// # Errors
/// `OutOfDomain` where the matrix has no factor, `Overflow`.
pub fn value_at_risk(
	report: &RiskReport,
	covariance: &Covariance,
	horizon: u64,
) -> Result<UsdValue, RiskError> {
	let factor = covariance.cholesky().map_err(|_| RiskError::OutOfDomain)?;
	let mut exposures = Vec::with_capacity(covariance.dimension());
	for underlying in &covariance.underlyings {
		exposures.push(delta(report, *underlying));
		exposures.push(volatility_exposure(report, *underlying)?);
	}
	// xᵀΣx = |Lᵀx|².
	let mut square = U256::zero();
	for column in 0..factor.dimension() {
		let mut sum = Wide::ZERO;
		for (row, exposure) in exposures.iter().enumerate() {
			let entry = i128::from(factor.entry(row, column));
			let opposite = exposure.checked_neg().ok_or(RiskError::Overflow)?;
			let signed = if entry < 0 { opposite } else { *exposure };
			sum = sum.add(Wide::product(entry.unsigned_abs(), signed))?;
		}
		let part = U256::from(sum.to_decimal(Rounding::Up)?.unsigned_abs());
		let next = part.checked_mul(part).and_then(|part| square.checked_add(part));
		square = next.ok_or(RiskError::Overflow)?;
	}
	let root = u128::try_from(square.integer_sqrt()).map_err(|_| RiskError::Overflow)?;
	let time = divide(sqrt_integer(horizon)?, sqrt_integer(covariance.step)?)?;
	let deviation = i128::try_from(scale_down(root, time)?).map_err(|_| RiskError::Overflow)?;
	let known = multiply_decimal(deviation, QUANTILE, Rounding::Up)?;
	let mut total = UsdValue::from_inner(known);
	for apart in &report.underlyings {
		if !covariance.underlyings.contains(&apart.underlying) {
			total = total.checked_add(apart.scan).ok_or(RiskError::Overflow)?;
		}
	}
	Ok(total)
}

/// What a move of the price by all of itself would gain, USD.
fn delta(report: &RiskReport, underlying: UnderlyingId) -> i128 {
	let found = report.underlyings.iter().find(|known| known.underlying == underlying);
	found.map_or(0, |known| known.greeks.delta.into_inner())
}

/// What a rise of all volatilities by all of themselves would gain, USD.
fn volatility_exposure(report: &RiskReport, underlying: UnderlyingId) -> Result<i128, RiskError> {
	let mut sum = 0i128;
	for leg in report.legs.iter().filter(|leg| leg.instrument.underlying == underlying) {
		let Some(volatility) = leg.volatility else { continue };
		let vega = leg.greeks.vega.into_inner().checked_mul(POINTS).ok_or(RiskError::Overflow)?;
		let part = multiply_decimal(vega, volatility.into_inner(), Rounding::Down)?;
		sum = sum.checked_add(part).ok_or(RiskError::Overflow)?;
	}
	Ok(sum)
}
