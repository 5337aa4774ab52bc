//! Composite delta: an option's delta averaged over price moves, as clearing houses publish it.

use crate::{
	black76::Option76,
	book::{Exposure, Payoff},
	engine::Quoted,
	error::RiskError,
	fixed::{add, divide, from_unsigned_decimal, multiply, to_decimal, Fixed, ONE, ZERO},
	level::Level,
	math::ln_decimal,
	model::{RiskModel, VolatilityShock},
	shock::{price_factor, PriceShock},
};
use plimsoll_primitives::{OptionKind, Price, Rounding};
use sp_arithmetic::{FixedI128, FixedU128};

/// `Σ weight · dV/dS` per contract over the model's delta points: the change of the contract's price
/// per unit of spot, its level moving in proportion, after each point's price move, at the model's
/// horizon and with volatilities unmoved. Zero where the model has no points. 18 decimals, rounded
/// down.
pub(crate) fn composite_delta(
	model: &RiskModel,
	scan_range: FixedU128,
	exposure: &Exposure,
	level: &Level,
	price: Price,
	spot: Price,
) -> Result<FixedI128, RiskError> {
	let ahead = level.ahead(Quoted::new(price), Quoted::new(spot))?;
	let mut sum = ZERO;
	for point in &model.delta_points {
		let factor = price_factor(point.price_move, scan_range)?;
		let shock = PriceShock {
			factor,
			log_factor: ln_decimal(factor)?,
			volatility: VolatilityShock::None,
			weight: point.weight,
		};
		let delta = delta(exposure, level, level.shocked(&ahead, &shock)?.price)?;
		let weight = from_unsigned_decimal(point.weight.into_inner())?;
		sum = add(sum, multiply(delta, weight)?)?;
	}
	// What the level moves by when spot moves by one: in proportion.
	let moving = ahead.price.into_inner().saturating_sub(level.fixed.into_inner());
	let per_spot =
		divide(from_unsigned_decimal(moving)?, from_unsigned_decimal(spot.into_inner())?)?;
	let raw = to_decimal(multiply(sum, per_spot)?, Rounding::Down);
	Ok(FixedI128::from_inner(raw))
}

/// dV/dF at the horizon with the level at `price`.
fn delta(exposure: &Exposure, level: &Level, price: Price) -> Result<Fixed, RiskError> {
	let step = |kind: OptionKind, strike: Price| match kind {
		OptionKind::Call if price > strike => ONE,
		OptionKind::Put if price < strike => Fixed::from_bits(-ONE.to_bits()),
		_ => ZERO,
	};
	match &exposure.payoff {
		Payoff::Linear => Ok(ONE),
		Payoff::Expired { kind, strike } => Ok(step(*kind, *strike)),
		Payoff::Option(series) => {
			let option = Option76 {
				kind: series.kind,
				forward: price,
				strike: series.strike,
				deviation: series.deviations.none,
				discount: level.discount_ahead,
			};
			Ok(option.greeks(&level.tenor, level.rate)?.delta)
		}
	}
}
