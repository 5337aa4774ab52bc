//! Scenarios worked out for one underlying and one expiry.

use crate::{
	black76::{Deviation, MAX_DEVIATION},
	error::MathError,
	fixed::{
		add, divide, from_decimal, from_unsigned_decimal, multiply, multiply_decimal, subtract,
		Fixed, ONE, ZERO,
	},
	math::{exp, ln_decimal, ln_integer},
	model::{RiskModel, SkewCap, SkewLaw, VolatilityShock, VolatilityShockLaw},
	tenor::Tenor,
};
use alloc::vec::Vec;
use plimsoll_primitives::{number::SCALE, Rounding, Volatility};
use sp_arithmetic::{FixedI128, FixedU128};

/// 30 days in milliseconds: where the law's range applies as it is.
pub const REFERENCE_TENOR: u64 = 30 * 24 * 60 * 60 * 1000;

/// The largest relative rise of a volatility.
const MAX_MULTIPLIER: Fixed = Fixed::from_bits(1 << 126);

/// A scenario's price move for one underlying.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PriceShock {
	/// What a price is multiplied by, 18 decimals; positive.
	pub(crate) factor: u128,
	/// ln of it.
	pub(crate) log_factor: Fixed,
	/// What happens to volatilities.
	pub(crate) volatility: VolatilityShock,
	/// The share of the loss that counts.
	pub(crate) weight: FixedU128,
}

/// The factor by which a move of `price_move` scan ranges multiplies a price, 18 decimals, the move
/// rounded towards a lower price. `OutOfDomain` where the price would not stay positive.
pub fn price_factor(price_move: FixedI128, scan_range: FixedU128) -> Result<u128, MathError> {
	let by = multiply_decimal(price_move.into_inner(), scan_range.into_inner(), Rounding::Down)?;
	let factor = by.checked_add(SCALE as i128).ok_or(MathError::Overflow)?;
	if factor <= 0 {
		return Err(MathError::OutOfDomain);
	}
	Ok(factor.unsigned_abs())
}

/// Every scenario of the model for an underlying of this scan range, in the model's order; then the
/// basis shock's rise and fall, where the model has one.
pub(crate) fn price_shocks(
	model: &RiskModel,
	scan_range: FixedU128,
) -> Result<Vec<PriceShock>, MathError> {
	let mut shocks: Vec<PriceShock> = Vec::with_capacity(model.scenarios.len().saturating_add(2));
	let mut last_move = None;
	for scenario in &model.scenarios {
		// Scenarios of the same price move usually stand together.
		let same = shocks.last().filter(|_| last_move == Some(scenario.price_move));
		let (factor, log_factor) = match same {
			Some(last) => (last.factor, last.log_factor),
			None => {
				let factor = price_factor(scenario.price_move, scan_range)?;
				(factor, ln_decimal(factor)?)
			}
		};
		last_move = Some(scenario.price_move);
		let (volatility, weight) = (scenario.volatility, scenario.weight);
		shocks.push(PriceShock { factor, log_factor, volatility, weight });
	}
	if let Some(basis) = &model.basis {
		let rise = SCALE.checked_add(basis.rise.into_inner());
		let fall = SCALE.checked_sub(basis.fall.into_inner());
		for factor in [rise, fall] {
			let factor = factor.ok_or(MathError::Overflow)?;
			shocks.push(PriceShock {
				factor,
				log_factor: ln_decimal(factor)?,
				volatility: VolatilityShock::None,
				weight: FixedU128::from_u32(1),
			});
		}
	}
	Ok(shocks)
}

impl VolatilityShockLaw {
	/// `(30 days / max(tenor, floor))^power`; one for what has expired, where there is no floor.
	fn term_factor(&self, tenor: &Tenor) -> Result<Fixed, MathError> {
		let milliseconds = tenor.milliseconds().max(self.expiry_floor);
		let power = if tenor.milliseconds() <= REFERENCE_TENOR {
			self.short_term_power
		} else {
			self.long_term_power
		};
		if power.into_inner() == 0 || milliseconds == 0 {
			return Ok(ONE);
		}
		let log_ratio = subtract(
			ln_integer(u128::from(REFERENCE_TENOR))?,
			ln_integer(u128::from(milliseconds))?,
		)?;
		exp(multiply(from_unsigned_decimal(power.into_inner())?, log_ratio)?)
	}

	/// What volatilities this far from expiry are multiplied by when they (rise, fall): the first at
	/// most 2^62, the second at least zero.
	pub fn multipliers(&self, tenor: &Tenor) -> Result<(Fixed, Fixed), MathError> {
		let term = match self.term_factor(tenor) {
			// Beyond the numbers' range is beyond the cut of every deviation.
			Err(MathError::Overflow) => MAX_MULTIPLIER,
			term => term?,
		};
		let scaled = |range: FixedU128| -> Result<Fixed, MathError> {
			let range = from_unsigned_decimal(range.into_inner())?;
			Ok(term.checked_mul(range).unwrap_or(MAX_MULTIPLIER).min(MAX_MULTIPLIER))
		};
		Ok((add(ONE, scaled(self.range_up)?)?, subtract(ONE, scaled(self.range_down)?)?.max(ZERO)))
	}

	/// What becomes of a volatility when it (rises, falls), rounded down.
	pub fn shocked(
		&self,
		tenor: &Tenor,
		volatility: Volatility,
	) -> Result<(Volatility, Volatility), MathError> {
		let (up, down) = self.multipliers(tenor)?;
		let times = |factor| {
			crate::fixed::scale_down(volatility.into_inner(), factor).map(Volatility::from_inner)
		};
		Ok((times(up)?.max(self.minimum_shocked), times(down)?))
	}
}

impl SkewCap {
	/// The cap at an expiry whose square root of time is `root`.
	fn at(&self, root: Fixed) -> Result<Fixed, MathError> {
		let slope = multiply(from_decimal(self.slope.into_inner())?, root)?;
		add(from_decimal(self.level.into_inner())?, slope)
	}
}

/// The skew law at one expiry.
#[derive(Clone, Copy, Debug)]
struct TenorSkew {
	linear: Fixed,
	absolute: Fixed,
	width: Fixed,
}

impl SkewLaw {
	fn at(&self, tenor: &Tenor) -> Result<TenorSkew, MathError> {
		let root = tenor.root();
		let slope = multiply(from_decimal(self.width_slope.into_inner())?, root)?;
		let volatility = add(from_decimal(self.width_level.into_inner())?, slope)?;
		let scale = multiply(root, from_unsigned_decimal(self.width_scale.into_inner())?)?;
		let least = from_unsigned_decimal(self.minimum_width.into_inner())?;
		Ok(TenorSkew {
			linear: self.linear.at(root)?,
			absolute: self.absolute.at(root)?,
			width: multiply(scale, volatility)?.max(least),
		})
	}
}

impl TenorSkew {
	/// `max(0, 1 + k · cap / width)`, the move at most `cap` above the forward and at least `−cap`
	/// below it.
	fn multiplier(&self, k: Fixed, cap: Fixed) -> Result<Fixed, MathError> {
		let opposite = Fixed::from_bits(cap.to_bits().saturating_neg());
		// Without a width, or where the quotient does not fit, every strike is beyond the cap.
		let slope = multiply(k, cap)?.checked_div(self.width).filter(|_| self.width != ZERO);
		let step = match (slope, k < ZERO) {
			(Some(slope), false) => slope.min(cap),
			(Some(slope), true) => slope.max(opposite),
			(None, false) => cap,
			(None, true) => opposite,
		};
		Ok(add(ONE, step)?.max(ZERO))
	}
}

/// The volatility laws at one expiry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TenorShock {
	up: Fixed,
	down: Fixed,
	least_up: Fixed,
	/// √(time left at the horizon / time left now).
	ahead: Fixed,
	/// Only where a scenario tilts the smile.
	skew: Option<TenorSkew>,
}

/// A σ√T now, and in each volatility shock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShockedDeviations {
	pub(crate) now: Deviation,
	pub(crate) up: Deviation,
	pub(crate) none: Deviation,
	pub(crate) down: Deviation,
	pub(crate) linear_skew: Deviation,
	pub(crate) absolute_skew: Deviation,
}

impl TenorShock {
	/// What the model makes of expiries this far away, valued at its horizon.
	pub(crate) fn new(model: &RiskModel, tenor: &Tenor) -> Result<Self, MathError> {
		let (up, down) = model.volatility.multipliers(tenor)?;
		let ahead = if model.horizon == 0 || tenor.is_expired() {
			ONE
		} else {
			divide(tenor.after(model.horizon)?.root(), tenor.root())?
		};
		Ok(Self {
			up,
			down,
			least_up: tenor.deviation(model.volatility.minimum_shocked)?,
			ahead,
			skew: if model.has_skews() { Some(model.skew.at(tenor)?) } else { None },
		})
	}

	/// A σ√T in all directions, at log-moneyness `k` = ln(strike / forward).
	#[inline]
	pub(crate) fn apply(&self, deviation: Fixed, k: Fixed) -> Result<ShockedDeviations, MathError> {
		// Beyond the numbers' range is beyond the cut.
		let times = |factor| multiply(deviation, factor).unwrap_or(MAX_DEVIATION);
		let ahead = |deviation: Fixed| -> Result<Fixed, MathError> {
			if self.ahead == ONE {
				return Ok(deviation);
			}
			// Cut before, so that it fits.
			multiply(deviation.min(MAX_DEVIATION), self.ahead)
		};
		if deviation < ZERO {
			return Err(MathError::OutOfDomain);
		}
		let none = ahead(deviation)?;
		let (mut linear_skew, mut absolute_skew) = (none, none);
		if let Some(skew) = &self.skew {
			linear_skew = ahead(times(skew.multiplier(k, skew.linear)?))?;
			let distance = Fixed::from_bits(k.to_bits().saturating_abs());
			absolute_skew = ahead(times(skew.multiplier(distance, skew.absolute)?))?;
		}
		let up = ahead(times(self.up).max(self.least_up))?;
		let down = ahead(times(self.down))?;
		let none = Deviation::clamped(none);
		let skewed = |total| if self.skew.is_some() { Deviation::clamped(total) } else { none };
		Ok(ShockedDeviations {
			now: if self.ahead == ONE { none } else { Deviation::clamped(deviation) },
			up: Deviation::clamped(up),
			none,
			down: Deviation::clamped(down),
			linear_skew: skewed(linear_skew),
			absolute_skew: skewed(absolute_skew),
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
			VolatilityShock::LinearSkew => &self.linear_skew,
			VolatilityShock::AbsoluteSkew => &self.absolute_skew,
		}
	}
}
