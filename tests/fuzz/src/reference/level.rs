//! The prices that contracts follow, now and after scenarios.

use super::{
	black,
	laws::{fraction, signed, static_factors, Laws, YEAR},
};
use crate::figure::Figure;
use plimsoll_primitives::{ExpiryPrices, Moment, OptionKind, Price};
use plimsoll_risk::{RiskModel, UnderlyingState, VolatilityShock};

/// A price as a float.
pub fn dollars(price: Price) -> Figure {
	Figure::of(price.into_inner() as f64 / 1e18)
}

/// One level.
pub struct Level<'a> {
	/// `None`: spot or the perpetual's price.
	pub expiry: Option<Moment>,
	/// USD now.
	pub price: Figure,
	/// At the model's horizon.
	ahead: Figure,
	/// The part of it that no longer moves.
	fixed: Figure,
	/// To expiry.
	pub milliseconds: u64,
	discount: Figure,
	discount_ahead: Figure,
	/// For values above and below zero.
	pub static_factors: Option<(f64, f64)>,
	/// The part of the basis shock's loss that counts.
	pub basis_factor: Option<f64>,
	prices: Option<&'a ExpiryPrices>,
	laws: Laws<'a>,
}

impl<'a> Level<'a> {
	/// Without expiry.
	pub fn spot(model: &'a RiskModel, price: Price) -> Self {
		let one = Figure::new(1.0, 0.0);
		Self {
			expiry: None,
			price: dollars(price),
			ahead: dollars(price),
			fixed: Figure::ZERO,
			milliseconds: 0,
			discount: one,
			discount_ahead: one,
			static_factors: None,
			basis_factor: None,
			prices: None,
			laws: Laws::new(model, 0.0),
		}
	}

	/// The forward of an expiry ahead.
	pub fn forward(
		model: &'a RiskModel,
		now: Moment,
		state: &UnderlyingState,
		prices: &'a ExpiryPrices,
	) -> Self {
		let milliseconds = prices.expiry.saturating_sub(now);
		let time = milliseconds as f64;
		let (years, rate) = (time / YEAR, prices.rate.into_inner() as f64 / 1e18);
		let price = dollars(prices.forward);
		let spot = dollars(state.prices.spot);
		let passed = (model.horizon as f64 / time).min(1.0);
		let ahead = if model.horizon > 0 && price.value > 0.0 {
			let factor = (spot.value / price.value).powf(passed);
			price * Figure::new(factor, 1e-14 * factor)
		} else {
			price
		};
		let window = model.settlement_window as f64;
		let averaged = if time < window { (window - time) / window } else { 0.0 };
		let discount = |years: f64| {
			let factor = (-rate * years).exp();
			// The engine's rate and years have steps of 5e-20.
			Figure::new(factor, (2e-15 + 1e-19 * (years + rate.abs())) * factor)
		};
		let left = (time - model.horizon as f64).max(0.0);
		Self {
			expiry: Some(prices.expiry),
			price,
			ahead,
			fixed: price * averaged,
			milliseconds,
			discount: discount(years),
			discount_ahead: discount(left / YEAR),
			static_factors: model.discounting.as_ref().map(|law| static_factors(law, years, rate)),
			basis_factor: model
				.basis
				.as_ref()
				.map(|basis| fraction(basis.level) + fraction(basis.slope) * years),
			prices: Some(prices),
			laws: Laws::new(model, time),
		}
	}

	/// Its price after a price shock.
	pub fn shocked(&self, factor: f64) -> Figure {
		self.moved(self.ahead, factor)
	}

	/// The same without the horizon.
	pub fn jumped(&self, factor: f64) -> Figure {
		self.moved(self.price, factor)
	}

	fn moved(&self, price: Figure, factor: f64) -> Figure {
		let moving = (price - self.fixed).at_least_zero();
		price + moving * Figure::new(factor - 1.0, 4.0 * f64::EPSILON * (1.0 + factor))
	}

	/// ln(strike / price).
	fn moneyness(&self, strike: f64) -> f64 {
		(strike / self.price.value).ln()
	}

	/// σ√T at a strike.
	pub fn deviation(&self, strike: f64) -> Option<Figure> {
		if strike <= 0.0 || self.price.value <= 0.0 {
			return Some(Figure::ZERO);
		}
		black::deviation(self.prices?.surface.as_ref()?, self.moneyness(strike))
	}

	/// What an option is worth now with its level at `price`.
	pub fn worth(&self, kind: OptionKind, strike: f64, deviation: Figure, price: Figure) -> Figure {
		black::price(kind, price, strike, deviation) * self.discount
	}

	/// dV/dF of it now.
	pub fn delta(&self, kind: OptionKind, strike: f64, deviation: Figure) -> Figure {
		black::delta(kind, self.price.value, strike, deviation) * self.discount
	}

	/// What it is worth at the horizon after a scenario.
	pub fn worth_after(
		&self,
		(kind, strike, deviation): (OptionKind, f64, Figure),
		factor: f64,
		shock: VolatilityShock,
	) -> Figure {
		let deviation = self.laws.shocked(deviation, self.moneyness(strike), shock);
		black::price(kind, self.shocked(factor), strike, deviation) * self.discount_ahead
	}
}

/// The factor of a scenario's price move.
pub fn factor(price_move: sp_arithmetic::FixedI128, scan_range: f64) -> f64 {
	1.0 + signed(price_move) * scan_range
}
