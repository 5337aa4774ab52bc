//! Black's formula and the volatility slice in floats.

use crate::figure::Figure;
use plimsoll_primitives::{OptionKind, Svi};

/// The largest σ√T.
pub const MOST: f64 = 24.0;
/// What the logarithm of a ratio of two prices may be off by.
const LOGARITHM: f64 = 1e-15;

/// P(X ≤ x) of the standard normal distribution, by the complementary error function.
fn normal(x: f64) -> f64 {
	libm::erfc(-x / std::f64::consts::SQRT_2) / 2.0
}

/// What an option pays at this price.
pub fn payoff(kind: OptionKind, price: Figure, strike: f64) -> Figure {
	let strike = Figure::of(strike);
	match kind {
		OptionKind::Call => price - strike,
		OptionKind::Put => strike - price,
	}
	.at_least_zero()
}

/// The price before discounting: the option out of the money by the formula, the other one by
/// parity.
///
/// Its error: dV/dF is at most 1; dV/d(σ√T) = F·φ(d1) = K·φ(d2) is at most 0.4 of the lesser of both;
/// a distribution's relative error is that of its argument by the square of it, and each term is at
/// most the lesser of forward and strike.
pub fn price(kind: OptionKind, forward: Figure, strike: f64, deviation: Figure) -> Figure {
	let intrinsic = payoff(kind, forward, strike);
	let (from, total) = (forward.value, deviation.value.min(MOST));
	if from <= 0.0 || strike <= 0.0 {
		return intrinsic;
	}
	let lesser = from.min(strike);
	let error = 0.4 * lesser * deviation.error.min(2.5) + 1e-13 * lesser;
	if total <= 0.0 {
		return intrinsic.off_by(error);
	}
	let d1 = (from / strike).ln() / total + total / 2.0;
	let d2 = d1 - total;
	let time_value = if strike >= from {
		from * normal(d1) - strike * normal(d2)
	} else {
		strike * normal(-d2) - from * normal(-d1)
	};
	(intrinsic + Figure::new(time_value.max(0.0), 0.0)).off_by(error)
}

/// dV/dF before discounting; the step of the payoff where only that counts.
pub fn delta(kind: OptionKind, forward: f64, strike: f64, deviation: Figure) -> Figure {
	let total = deviation.value.min(MOST);
	let d1 = (forward / strike).ln() / total + total / 2.0;
	if forward <= 0.0 || strike <= 0.0 || total <= 0.0 || !d1.is_finite() {
		let is_paid = match kind {
			OptionKind::Call => forward > strike,
			OptionKind::Put => forward < strike,
		};
		let step = f64::from(u8::from(is_paid));
		return Figure::new(if kind == OptionKind::Call { step } else { -step }, deviation.error);
	}
	// φ ≤ 0.4 and |x|·φ(x) ≤ 0.25.
	let of_d1 = 0.4 * LOGARITHM / total + 0.25 * deviation.error / total + 0.4 * deviation.error;
	let value = match kind {
		OptionKind::Call => normal(d1),
		OptionKind::Put => -normal(-d1),
	};
	Figure::new(value, of_d1.min(1.0) + LOGARITHM)
}

/// σ√T on an SVI slice at log-moneyness `k`: `k` cut to ±4·√(a + b·sigma), the variance to 144.
/// `None` where it is negative.
pub fn deviation(surface: &Svi, k: f64) -> Option<Figure> {
	let [a, b, rho, m, sigma] = [surface.a, surface.b, surface.rho, surface.m, surface.sigma]
		.map(|parameter| parameter.into_inner() as f64 / 1e18);
	let limit = 4.0 * (a + b * sigma).sqrt();
	let x = k.max(-limit).min(limit) - m;
	let radius = x.hypot(sigma);
	let variance = (a + b * (rho * x + radius)).min(144.0);
	if limit.is_nan() || variance.is_nan() || variance < 0.0 {
		return None;
	}
	// Floats: a few units in the last place of each term. The engine: a few steps of 5e-20 of each.
	let terms = a.abs() + b.abs() * ((rho * x).abs() + radius);
	let error = 1e-15 * terms + 1e-18 * (1.0 + x.abs() + radius + (rho * x).abs());
	let deviation = variance.sqrt();
	let error =
		if deviation > 0.0 { (error / (2.0 * deviation)).min(error.sqrt()) } else { error.sqrt() };
	Some(Figure::new(deviation, error + 1e-15 * deviation))
}

#[cfg(test)]
mod tests {
	use super::*;

	/// By arithmetic of 30 digits.
	#[test]
	fn known_option_has_its_price() {
		let (forward, deviation) = (Figure::of(100.0), Figure::of(0.2));
		let call = price(OptionKind::Call, forward, 100.0, deviation).value;
		assert!((call - 7.965_567_455_405_796).abs() < 1e-12, "{call}");
		let put = price(OptionKind::Put, forward, 110.0, deviation).value;
		assert!((put - 14.292_010_941_409_888).abs() < 1e-12, "{put}");
	}
}
