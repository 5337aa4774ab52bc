//! By how much scenarios move volatilities, and what cuts do, as the model documents it.

use super::black;
use crate::figure::Figure;
use plimsoll_risk::{RiskModel, SkewCap, StaticDiscounting, VolatilityShock};
use sp_arithmetic::{FixedI128, FixedU128};

/// A year and 30 days in milliseconds.
pub const YEAR: f64 = 365.0 * 24.0 * 3_600_000.0;
const THIRTY_DAYS: f64 = 30.0 * 24.0 * 3_600_000.0;

/// A fraction as a float.
pub fn fraction(value: FixedU128) -> f64 {
	value.into_inner() as f64 / 1e18
}

/// A signed number as a float.
pub fn signed(value: FixedI128) -> f64 {
	value.into_inner() as f64 / 1e18
}

/// A model's volatility laws at one time to expiry.
pub struct Laws<'a> {
	model: &'a RiskModel,
	milliseconds: f64,
	/// √(time left at the horizon / time left now).
	ahead: f64,
}

impl<'a> Laws<'a> {
	/// At an expiry so many milliseconds away.
	pub fn new(model: &'a RiskModel, milliseconds: f64) -> Self {
		let left = (milliseconds - model.horizon as f64).max(0.0);
		let ahead = if milliseconds > 0.0 { (left / milliseconds).sqrt() } else { 1.0 };
		Self { model, milliseconds, ahead }
	}

	/// A σ√T after a scenario and at the horizon. `k` is ln(strike / forward).
	pub fn shocked(&self, deviation: Figure, k: f64, shock: VolatilityShock) -> Figure {
		let law = &self.model.volatility;
		let power = if self.milliseconds <= THIRTY_DAYS {
			law.short_term_power
		} else {
			law.long_term_power
		};
		let term =
			(THIRTY_DAYS / self.milliseconds.max(law.expiry_floor as f64)).powf(fraction(power));
		let times = |factor: f64, terms: f64| deviation * Figure::new(factor, 1e-14 * terms);
		let moved = match shock {
			VolatilityShock::None => deviation,
			VolatilityShock::Up => {
				let factor = 1.0 + fraction(law.range_up) * term;
				let root = (self.milliseconds / YEAR).sqrt();
				let least = Figure::of(fraction(law.minimum_shocked.0) * root);
				times(factor, factor).max(least)
			}
			VolatilityShock::Down => {
				let fall = fraction(law.range_down) * term;
				times((1.0 - fall).max(0.0), 1.0 + fall)
			}
			VolatilityShock::LinearSkew => {
				let factor = self.skew(k, &self.model.skew.linear);
				times(factor, 1.0 + factor)
			}
			VolatilityShock::AbsoluteSkew => {
				let factor = self.skew(k.abs(), &self.model.skew.absolute);
				times(factor, 1.0 + factor)
			}
		};
		let cut = Figure { value: moved.value.min(black::MOST), ..moved };
		cut * Figure::new(self.ahead, 1e-15)
	}

	/// What a skew multiplies the volatility of a strike by.
	fn skew(&self, k: f64, cap: &SkewCap) -> f64 {
		let law = &self.model.skew;
		let root = (self.milliseconds / YEAR).sqrt();
		let cap = signed(cap.level) + signed(cap.slope) * root;
		let level = signed(law.width_level) + signed(law.width_slope) * root;
		let width = (root * fraction(law.width_scale) * level).max(fraction(law.minimum_width));
		let step = k * cap / width;
		(1.0 + if k < 0.0 { step.max(-cap) } else { step.min(cap) }).max(0.0)
	}
}

/// What an expiry's options are multiplied by after a scenario: where they are worth something, and
/// where they owe.
pub fn static_factors(law: &StaticDiscounting, years: f64, rate: f64) -> (f64, f64) {
	let rate = rate.max(0.0);
	let exponent = |factor, add| years * (rate * fraction(factor) + fraction(add));
	let long = fraction(law.long) * (-exponent(law.long_rate_factor, law.long_rate_add)).exp();
	let short = fraction(law.short) * exponent(law.short_rate_factor, law.short_rate_add).exp();
	(long, short.min((rate * years).exp()))
}
