//! The volatility that joint scenarios move: at the money, 30 days ahead.

use crate::{
	error::MathError,
	fixed::{add, divide, multiply, subtract, to_decimal, Fixed, ZERO},
	math::sqrt,
	svi::Slice,
	tenor::Tenor,
};
use plimsoll_primitives::{ExpiryPrices, Moment, Rounding, UnderlyingPrices, Volatility};

/// The maturity, milliseconds: 30 days.
const MATURITY: u64 = 30 * 24 * 60 * 60 * 1000;

/// The at-the-money volatility of a maturity of 30 days, fraction per square root of a year.
///
/// Between the two surfaces around it total variance is interpolated linearly in time, as variance
/// is what adds up; before the first and after the last surface volatility stays what it is there.
/// `None` where no living expiry has a surface, or where the volatility rounds (down) to nothing.
///
/// Errors: those of the surfaces, see [`Slice::total_variance`].
pub fn volatility_30d(
	now: Moment,
	prices: &UnderlyingPrices,
) -> Result<Option<Volatility>, MathError> {
	let mut before = None;
	let mut after = None;
	// Ascending by expiry.
	for expiry in prices.expiries.iter().filter(|expiry| expiry.expiry > now) {
		let Some(point) = at_the_money(now, expiry)? else { continue };
		if point.0.milliseconds() <= MATURITY {
			before = Some(point);
		} else {
			after = Some(point);
			break;
		}
	}
	let target = Tenor::from_milliseconds(MATURITY)?;
	let volatility = match (before, after) {
		(Some(near), Some(far)) => target.volatility(sqrt(between(&target, near, far)?)?)?,
		(Some((tenor, variance)), None) | (None, Some((tenor, variance))) => {
			tenor.volatility(sqrt(variance)?)?
		}
		(None, None) => return Ok(None),
	};
	let raw = to_decimal(volatility, Rounding::Down).unsigned_abs();
	Ok(Some(Volatility::from_inner(raw)).filter(|volatility| !volatility.is_zero()))
}

/// The total variance at `target`, which lies between the two tenors.
fn between(
	target: &Tenor,
	(near, low): (Tenor, Fixed),
	(far, high): (Tenor, Fixed),
) -> Result<Fixed, MathError> {
	let way =
		divide(subtract(target.years(), near.years())?, subtract(far.years(), near.years())?)?;
	// A later slice has no less total variance; where two of different moments meet, it may.
	Ok(add(low, multiply(subtract(high, low)?, way)?)?.max(ZERO))
}

/// Time to an expiry and its total variance at the money; `None` without a surface.
fn at_the_money(now: Moment, expiry: &ExpiryPrices) -> Result<Option<(Tenor, Fixed)>, MathError> {
	let Some(surface) = &expiry.surface else { return Ok(None) };
	let variance = Slice::new(surface)?.total_variance(ZERO)?;
	Ok(Some((Tenor::between(now, expiry.expiry)?, variance)))
}
