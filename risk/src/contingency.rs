//! What margins ask for on top of scenarios, with each exposure's exact part in it.

use crate::{
	book::{Book, Exposure, Owner},
	error::{MathError, RiskError},
	fixed::{multiply_decimal, Wide},
	model::NotionalCharge,
	report::{Contingencies, Requirement},
};
use alloc::vec::Vec;
use plimsoll_primitives::{Price, Rounding, UsdValue};

/// Which contingency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
	NakedShort,
	Perpetual,
	Collateral,
	Confidence,
}

/// An exposure's or holding's part of a contingency.
pub(crate) struct Part {
	pub(crate) owner: Owner,
	kind: Kind,
	pub(crate) requirement: Requirement,
}

impl Contingencies {
	/// The sum of parts.
	pub(crate) fn of(parts: &[Part]) -> Result<Self, RiskError> {
		let mut sum = Self::default();
		for part in parts {
			let kind = match part.kind {
				Kind::NakedShort => &mut sum.naked_short,
				Kind::Perpetual => &mut sum.perpetual,
				Kind::Collateral => &mut sum.collateral,
				Kind::Confidence => &mut sum.confidence,
			};
			*kind = kind.plus(&part.requirement)?;
		}
		Ok(sum)
	}

	/// The same with each kind's requirements added to another's.
	pub(crate) fn plus(&self, other: &Self) -> Result<Self, RiskError> {
		Ok(Self {
			naked_short: self.naked_short.plus(&other.naked_short)?,
			perpetual: self.perpetual.plus(&other.perpetual)?,
			collateral: self.collateral.plus(&other.collateral)?,
			confidence: self.confidence.plus(&other.confidence)?,
			gamma_buffer: self.gamma_buffer.plus(&other.gamma_buffer)?,
			concentration: self.concentration.plus(&other.concentration)?,
		})
	}

	/// All of them together.
	pub fn total(&self) -> Result<Requirement, RiskError> {
		self.naked_short
			.plus(&self.perpetual)?
			.plus(&self.collateral)?
			.plus(&self.confidence)?
			.plus(&self.gamma_buffer)?
			.plus(&self.concentration)
	}
}

/// Every part of a book's contingencies with its levels at `prices`, each rounded up but those of
/// perpetuals, whose sum is.
pub(crate) fn parts(book: &Book, prices: &[Price]) -> Result<Vec<Part>, RiskError> {
	let spot = prices.first().copied().unwrap_or_default();
	let mut parts = Vec::new();
	for short in &book.naked {
		let charge = charge(&book.naked_charge, spot, short.quantity)?;
		let requirement = book.factors.contingency(charge, Rounding::Up)?;
		parts.push(Part { owner: Owner::Leg(short.leg), kind: Kind::NakedShort, requirement });
	}
	perpetuals(book, spot, &mut parts)?;
	for holding in &book.holdings {
		let owner = Owner::Collateral(holding.index);
		let price = prices.get(holding.level).copied().ok_or(RiskError::OutOfDomain)?;
		let charge = charge(&holding.charge, price, holding.amount)?;
		let requirement = book.factors.contingency(charge, Rounding::Up)?;
		parts.push(Part { owner, kind: Kind::Collateral, requirement });
		let requirement = initial(notional(price, holding.amount)?, holding.unsure)?;
		parts.push(Part { owner, kind: Kind::Confidence, requirement });
	}
	for (index, exposure) in book.exposures.iter().enumerate() {
		if exposure.unsure == 0 {
			continue;
		}
		let Some(size) = net(book, index, exposure) else { continue };
		let requirement = initial(notional(spot, size)?, exposure.unsure)?;
		parts.push(Part { owner: exposure.owner, kind: Kind::Confidence, requirement });
	}
	Ok(parts)
}

/// The contingencies of an exposure alone, those of collateral being its holding's.
pub(crate) fn alone(
	book: &Book,
	prices: &[Price],
	exposure: &Exposure,
) -> Result<Requirement, RiskError> {
	let spot = prices.first().copied().unwrap_or_default();
	let size = exposure.size.checked_abs().ok_or(RiskError::Overflow)?;
	let mut sum = initial(notional(spot, size)?, exposure.unsure)?;
	let rates = if exposure.is_option() && exposure.size < 0 {
		Some(&book.naked_charge)
	} else if exposure.is_perpetual() {
		Some(&book.perpetual_charge)
	} else {
		None
	};
	if let Some(rates) = rates {
		let charge = charge(rates, spot, size)?;
		sum = sum.plus(&book.factors.contingency(charge, Rounding::Up)?)?;
	}
	if matches!(exposure.owner, Owner::Collateral(_)) {
		for part in parts(book, prices)? {
			if part.owner == exposure.owner {
				sum = sum.plus(&part.requirement)?;
			}
		}
	}
	Ok(sum)
}

/// The charge for the net perpetual position, split in proportion to the legs' sizes.
fn perpetuals(book: &Book, spot: Price, parts: &mut Vec<Part>) -> Result<(), RiskError> {
	let NotionalCharge { maintenance, initial } = book.perpetual_charge;
	if maintenance.into_inner() == 0 && initial.into_inner() == 0 {
		return Ok(());
	}
	let legs = || book.exposures.iter().filter(|exposure| exposure.is_perpetual());
	let net = legs().try_fold(0i128, |sum, leg| sum.checked_add(leg.size));
	let net = net.ok_or(RiskError::Overflow)?;
	let size = net.checked_abs().ok_or(RiskError::Overflow)?;
	let charge_of = |size: i128, rounding: Rounding| -> Result<Requirement, RiskError> {
		let value = Wide::product(spot.into_inner(), size).to_decimal(rounding)?;
		let of = |rate: u128| multiply_decimal(value, rate, rounding).map(UsdValue::from_inner);
		let charge = Requirement {
			initial: of(initial.into_inner())?,
			maintenance: of(maintenance.into_inner())?,
		};
		book.factors.contingency(charge, rounding)
	};
	let mut rest = charge_of(size, Rounding::Up)?;
	let count = legs().count();
	for (index, leg) in legs().enumerate() {
		let is_last = index.saturating_add(1) == count;
		let requirement = if is_last {
			rest
		} else {
			let along = if net < 0 { leg.size.checked_neg() } else { Some(leg.size) };
			charge_of(along.ok_or(RiskError::Overflow)?, Rounding::Down)?
		};
		rest = rest.minus(&requirement)?;
		parts.push(Part { owner: leg.owner, kind: Kind::Perpetual, requirement });
	}
	Ok(())
}

/// The size, without its sign, that an account has net of the instrument of this exposure, for the
/// first leg of it; `None` for the others.
fn net(book: &Book, index: usize, exposure: &Exposure) -> Option<i128> {
	let same = |other: &&Exposure| other.instrument == exposure.instrument;
	if book.exposures.iter().take(index).any(|other| same(&other)) {
		return None;
	}
	// Saturating: sizes of that order fail where they are multiplied by prices.
	let net =
		book.exposures.iter().filter(same).fold(0i128, |sum, other| sum.saturating_add(other.size));
	Some(net.saturating_abs())
}

/// What `quantity` contracts (not negative) are worth at this price, rounded up.
pub(crate) fn notional(price: Price, quantity: i128) -> Result<i128, MathError> {
	Wide::product(price.into_inner(), quantity).to_decimal(Rounding::Up)
}

/// A charge on a value in initial margin alone, rounded up.
pub(crate) fn initial(value: i128, rate: u128) -> Result<Requirement, RiskError> {
	let initial = multiply_decimal(value, rate, Rounding::Up)?;
	Ok(Requirement { initial: UsdValue::from_inner(initial), ..Requirement::default() })
}

/// What `quantity` contracts (not negative) are charged at this price, rounded up.
pub(crate) fn charge(
	rates: &NotionalCharge,
	price: Price,
	quantity: i128,
) -> Result<Requirement, RiskError> {
	let value = notional(price, quantity)?;
	let of = |rate: u128| multiply_decimal(value, rate, Rounding::Up).map(UsdValue::from_inner);
	Ok(Requirement {
		initial: of(rates.initial.into_inner())?,
		maintenance: of(rates.maintenance.into_inner())?,
	})
}
