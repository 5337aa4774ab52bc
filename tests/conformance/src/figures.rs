//! What all kinds share: the moment of valuation, and reading the engine's report.

use crate::error::CaseError;
use plimsoll_primitives::{CollateralId, Moment, Stance, UnderlyingId, UsdValue};
use plimsoll_risk::{report, AccountState, MarketState, RiskModel, RiskReport, UnderlyingReport};
use sp_arithmetic::{
	helpers_128bit::multiply_by_rational_with_rounding, FixedI128, FixedU128, Rounding,
};

/// Every case is valued at the same moment: only times to expiry count.
pub const NOW: Moment = 1_000_000_000_000;
/// The one underlying of a case.
pub const UNDERLYING: UnderlyingId = UnderlyingId(0);
/// A year of 365 days in seconds and in milliseconds.
pub const YEAR: u64 = 365 * 86_400;
pub const YEAR_MS: u64 = YEAR * 1000;
/// One as a scaled integer.
pub const ONE: i128 = 1_000_000_000_000_000_000;

/// The collateral asset of this place in the portfolio.
pub fn collateral(index: usize) -> Result<CollateralId, CaseError> {
	u16::try_from(index).map(CollateralId).map_err(|_| CaseError::TooMany("assets"))
}

/// The scan range that models in shocks are written with, and the move that multiplies a price by
/// `shock`: ten times as many tenths, so that no digit is lost.
pub fn tenth() -> FixedU128 {
	FixedU128::from_rational(1, 10)
}

/// `(shock − 1) / tenth`.
pub fn price_move(shock: i128) -> Result<FixedI128, CaseError> {
	shock
		.checked_sub(ONE)
		.and_then(|step| step.checked_mul(10))
		.map(FixedI128::from_inner)
		.ok_or_else(|| CaseError::NotANumber(shock.to_string()))
}

/// What the engine reports at mark, and its part on the underlying.
pub fn reported(
	model: &RiskModel,
	market: &MarketState,
	account: &AccountState,
) -> Result<RiskReport, CaseError> {
	Ok(report(model, market, account, Stance::Mark)?)
}

/// The underlying's part of a report.
pub fn underlying(report: &RiskReport) -> Option<&UnderlyingReport> {
	report.underlyings.first()
}

/// The difference of two amounts.
pub fn minus(a: UsdValue, b: UsdValue) -> Result<i128, CaseError> {
	a.checked_sub(b)
		.map(UsdValue::into_inner)
		.ok_or_else(|| CaseError::Engine("Overflow".to_string()))
}

/// `a / b` of scaled integers, rounded to the nearest.
pub fn divided(a: u128, b: u128) -> Option<u128> {
	multiply_by_rational_with_rounding(a, crate::SCALE, b, Rounding::NearestPrefUp)
}

/// `a · b` of scaled integers, rounded to the nearest.
pub fn product(a: u128, b: u128) -> Option<u128> {
	multiply_by_rational_with_rounding(a, b, crate::SCALE, Rounding::NearestPrefUp)
}
