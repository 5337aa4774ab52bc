//! Scenarios worked out for one underlying and one expiry.

use crate::{
	black76::{Deviation, MAX_DEVIATION},
	error::MathError,
	fixed::{add, from_unsigned_decimal, multiply, multiply_decimal, subtract, Fixed, ONE, ZERO},
	math::{exp, ln_decimal, ln_integer},
	model::{RiskModel, Scenario, VolatilityShock, VolatilityShockLaw},
	tenor::Tenor,
};
use alloc::vec::Vec;
use plimsoll_primitives::{number::SCALE, Rounding};
use sp_arithmetic::FixedU128;

/// 30 days in milliseconds: where the law's range applies as it is.
pub const REFERENCE_TENOR: u64 = 30 * 24 * 60 * 60 * 1000;

/// A scenario's price move for one underlying.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PriceShock {
	/// What a price is multiplied by, 18 decimals; positive.
	pub(crate) factor: u128,
	/// ln of it.
	pub(crate) log_factor: Fixed,
	/// The scenario itself.
	pub(crate) scenario: Scenario,
}

/// The factor by which `scenario` multiplies a price with this scan range, 18 decimals, the move
/// rounded towards a lower price. `OutOfDomain` where the price would not stay positive.
pub fn price_factor(scenario: &Scenario, scan_range: FixedU128) -> Result<u128, MathError> {
	let by = multiply_decimal(
		scenario.price_move.into_inner(),
		scan_range.into_inner(),
		Rounding::Down,
	)?;
	let factor = by.checked_add(SCALE as i128).ok_or(MathError::Overflow)?;
	if factor <= 0 {
		return Err(MathError::OutOfDomain);
	}
	Ok(factor.unsigned_abs())
}

/// Every scenario of the model for an underlying of this scan range, in the model's order.
pub(crate) fn price_shocks(
	model: &RiskModel,
	scan_range: FixedU128,
) -> Result<Vec<PriceShock>, MathError> {
	let mut shocks: Vec<PriceShock> = Vec::with_capacity(model.scenarios.len());
	for scenario in &model.scenarios {
		// Scenarios of the same price move usually stand together.
		let same = shocks.last().filter(|last| last.scenario.price_move == scenario.price_move);
		let (factor, log_factor) = match same {
			Some(last) => (last.factor, last.log_factor),
			None => {
				let factor = price_factor(scenario, scan_range)?;
				(factor, ln_decimal(factor)?)
			}
		};
		shocks.push(PriceShock { factor, log_factor, scenario: *scenario });
	}
	Ok(shocks)
}

impl VolatilityShockLaw {
	/// `(30 days / max(tenor, floor))^power`. `OutOfDomain` for a floor of zero.
	fn term_factor(&self, tenor: &Tenor) -> Result<Fixed, MathError> {
		let milliseconds = tenor.milliseconds().max(self.expiry_floor);
		let power = if milliseconds <= REFERENCE_TENOR {
			self.short_term_power
		} else {
			self.long_term_power
		};
		let log_ratio = subtract(
			ln_integer(u128::from(REFERENCE_TENOR))?,
			ln_integer(u128::from(milliseconds))?,
		)?;
		exp(multiply(from_unsigned_decimal(power.into_inner())?, log_ratio)?)
	}

	/// What the law makes of expiries this far away.
	pub(crate) fn at(&self, tenor: &Tenor) -> Result<TenorShock, MathError> {
		let term = self.term_factor(tenor)?;
		let rise = multiply(from_unsigned_decimal(self.range_up.into_inner())?, term)?;
		let fall = multiply(from_unsigned_decimal(self.range_down.into_inner())?, term)?;
		Ok(TenorShock {
			up: add(ONE, rise)?,
			down: subtract(ONE, fall)?.max(ZERO),
			least_up: tenor.deviation(self.minimum_shocked)?,
		})
	}
}

/// The volatility law at one expiry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TenorShock {
	up: Fixed,
	down: Fixed,
	least_up: Fixed,
}

/// A σ√T in each direction of the volatility shock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShockedDeviations {
	pub(crate) up: Deviation,
	pub(crate) none: Deviation,
	pub(crate) down: Deviation,
}

impl TenorShock {
	/// A σ√T in all directions.
	pub(crate) fn apply(&self, deviation: Fixed) -> Result<ShockedDeviations, MathError> {
		// Beyond the numbers' range is beyond the cut.
		let up = deviation.checked_mul(self.up).unwrap_or(MAX_DEVIATION).max(self.least_up);
		Ok(ShockedDeviations {
			up: Deviation::new(up)?,
			none: Deviation::new(deviation)?,
			down: Deviation::new(multiply(deviation, self.down)?)?,
		})
	}
}

impl ShockedDeviations {
	/// The one of this direction.
	pub(crate) fn of(&self, direction: VolatilityShock) -> &Deviation {
		match direction {
			VolatilityShock::Up => &self.up,
			VolatilityShock::None => &self.none,
			VolatilityShock::Down => &self.down,
		}
	}
}
