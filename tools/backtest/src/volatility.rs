//! Modelled implied volatility: what an option market would ask, as far as prices tell.
//!
//! Realised variance (the sum of the bars' squared returns) is weighted exponentially into the
//! variance of now and averaged without weights into the long-run variance. Between them the mean
//! variance to expiry reverts exponentially (S. Heston, 1993, expected integrated variance):
//! `v(T) = θ + (v − θ)·(1 − e^(−κT))/(κT)`, and the volatility is `premium · √v(T)`, with a floor.
//! Every number follows from the past only.

/// Days of a year.
pub const YEAR: f64 = 365.0;

/// The constants of the volatility model. They come from no fit: a daily decay and a premium that
/// are usual, and a half-life of three weeks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VolatilityLaw {
	/// The weight that the variance of now keeps after a day (RiskMetrics, 1996).
	pub decay: f64,
	/// κ, per year.
	pub reversion: f64,
	/// Implied over expected volatility: sellers ask for more than they expect.
	pub premium: f64,
	/// No implied volatility is below it.
	pub least: f64,
}

impl Default for VolatilityLaw {
	fn default() -> Self {
		Self { decay: 0.94, reversion: 12.0, premium: 1.1, least: 0.2 }
	}
}

/// What is known at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VolatilityState {
	law: VolatilityLaw,
	/// Variance of now, per year.
	short: f64,
	/// Sum of daily variances since the start, per year, and how many days.
	sum: f64,
	days: f64,
}

impl VolatilityState {
	/// Nothing known yet.
	pub fn new(law: VolatilityLaw) -> Self {
		Self { law, short: 0.0, sum: 0.0, days: 0.0 }
	}

	/// The state once a part of a day (1: all of it) has realised a variance.
	pub fn after(&self, variance: f64, part: f64) -> Self {
		let yearly = variance / part * YEAR;
		let (sum, days) = (self.sum + yearly * part, self.days + part);
		// While days are few the weights are those of a plain mean.
		let kept = libm::pow(self.law.decay, part).min(self.days / days);
		Self { short: kept * self.short + (1.0 - kept) * yearly, sum, days, ..*self }
	}

	/// The implied volatility at the money so many years from expiry, fraction per √year.
	pub fn implied(&self, years: f64) -> f64 {
		if self.days <= 0.0 {
			return self.law.least;
		}
		let long = self.sum / self.days;
		let reach = self.law.reversion * years.max(1e-9);
		let share = -libm::expm1(-reach) / reach;
		let variance = long + (self.short - long) * share;
		(self.law.premium * libm::sqrt(variance.max(0.0))).max(self.law.least)
	}
}
