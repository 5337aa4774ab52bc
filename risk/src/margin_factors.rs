//! What margins ask for per USD of loss.

use crate::{
	error::{MathError, RiskError},
	fixed::multiply_decimal,
	model::{ConfidenceCharge, DepegCharge, RiskModel},
	report::Requirement,
	state::Confidence,
};
use plimsoll_primitives::{number::SCALE, Price, Rounding, UsdValue};
use sp_arithmetic::FixedU128;

/// The model's factors, as the settlement asset's price makes them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MarginFactors {
	pub(crate) initial: FixedU128,
	pub(crate) maintenance: FixedU128,
	/// Whether initial contingencies are multiplied by the initial factor.
	scale_contingencies: bool,
}

impl MarginFactors {
	pub(crate) fn new(model: &RiskModel, settlement_asset_price: Price) -> Result<Self, RiskError> {
		let initial = model
			.initial_factor
			.into_inner()
			.checked_add(model.depeg.rise(settlement_asset_price)?)
			.ok_or(RiskError::Overflow)?;
		Ok(Self {
			initial: FixedU128::from_inner(initial),
			maintenance: model.maintenance_factor,
			scale_contingencies: model.scale_contingencies,
		})
	}

	/// The margins for a loss, rounded as told.
	pub(crate) fn requirement(
		&self,
		loss: UsdValue,
		rounding: Rounding,
	) -> Result<Requirement, RiskError> {
		let of = |factor: FixedU128| -> Result<UsdValue, RiskError> {
			let raw = multiply_decimal(loss.into_inner(), factor.into_inner(), rounding)?;
			Ok(UsdValue::from_inner(raw))
		};
		Ok(Requirement { initial: of(self.initial)?, maintenance: of(self.maintenance)? })
	}

	/// A contingency as it enters the margins, rounded as told.
	pub(crate) fn contingency(
		&self,
		charge: Requirement,
		rounding: Rounding,
	) -> Result<Requirement, RiskError> {
		if !self.scale_contingencies {
			return Ok(charge);
		}
		let raw =
			multiply_decimal(charge.initial.into_inner(), self.initial.into_inner(), rounding)?;
		Ok(Requirement { initial: UsdValue::from_inner(raw), ..charge })
	}

	/// A charge that is the same in both margins as it enters them, rounded as told.
	pub(crate) fn same(
		&self,
		charge: UsdValue,
		rounding: Rounding,
	) -> Result<Requirement, RiskError> {
		self.contingency(Requirement { initial: charge, maintenance: charge }, rounding)
	}
}

impl DepegCharge {
	/// By how much the initial factor rises, rounded up.
	fn rise(&self, price: Price) -> Result<u128, MathError> {
		// Saturating at zero: above the threshold there is nothing to charge.
		let gap = self.threshold.into_inner().saturating_sub(price.into_inner());
		rounded_up(gap, self.factor)
	}
}

impl ConfidenceCharge {
	/// What initial margin asks for per USD of notional at this confidence, 18 decimals, rounded
	/// up.
	pub(crate) fn rate(&self, confidence: Confidence) -> Result<u128, MathError> {
		if confidence.0 >= self.threshold {
			return Ok(0);
		}
		// Saturating: the threshold may lie above one.
		rounded_up(SCALE.saturating_sub(confidence.0.into_inner()), self.factor)
	}
}

/// `value · factor`.
fn rounded_up(value: u128, factor: FixedU128) -> Result<u128, MathError> {
	let value = i128::try_from(value).map_err(|_| MathError::Overflow)?;
	Ok(multiply_decimal(value, factor.into_inner(), Rounding::Up)?.unsigned_abs())
}
