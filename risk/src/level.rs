//! Price levels: what contracts of one kind follow.

use crate::{
	discounting::StaticFactors,
	engine::{Path, Quoted},
	error::{MathError, RiskError},
	fixed::{
		add, divide, multiply, multiply_decimal, multiply_unsigned_decimal, scale_down, subtract,
		to_decimal, Fixed, ONE,
	},
	math::{exp, ln_integer},
	model::{BasisShock, RiskModel},
	series::ByShift,
	shock::PriceShock,
	tenor::Tenor,
};
use alloc::rc::Rc;
use plimsoll_primitives::{number::SCALE, Moment, Price, Rate, Rounding};

/// Which price it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LevelKind {
	Spot,
	/// The perpetual's, where it is not spot.
	Perpetual,
	/// A collateral asset's own, as an index into the account.
	Collateral(usize),
	/// The forward of an expiry.
	Expiry(Moment),
}

/// A price that contracts of one kind follow. Price level 0 of a book is spot.
pub(crate) struct Level {
	pub(crate) kind: LevelKind,
	/// USD, as the market has it.
	pub(crate) price: Price,
	/// ln of its scaled integer; `None` at zero.
	pub(crate) log: Option<Fixed>,
	/// The part of it that no longer moves: what the settlement average has fixed.
	pub(crate) fixed: Price,
	/// Time to expiry.
	pub(crate) tenor: Tenor,
	/// Rate by which options are discounted.
	pub(crate) rate: Rate,
	/// Discount factor to expiry.
	pub(crate) discount: Fixed,
	/// The same at the model's horizon.
	pub(crate) discount_ahead: Fixed,
	/// The part of the way to expiry that the horizon goes, 0 to 1.
	pub(crate) passed: Fixed,
	/// `None`: options are worth after a scenario what they are worth.
	pub(crate) static_factors: Option<StaticFactors>,
	/// The part of the basis loss that counts, 18 decimals; `None`: no basis charge.
	pub(crate) basis_factor: Option<u128>,
	/// What becomes of it in every scenario.
	pub(crate) paths: ByShift<Rc<Path>>,
}

impl Level {
	/// A price without expiry.
	pub(crate) fn perpetual(kind: LevelKind, price: Price) -> Result<Self, MathError> {
		Ok(Self {
			kind,
			price,
			log: ln_integer(price.into_inner()).ok(),
			fixed: Price::ZERO,
			tenor: Tenor::from_milliseconds(0)?,
			rate: Rate::ZERO,
			discount: ONE,
			discount_ahead: ONE,
			passed: Fixed::from_bits(0),
			static_factors: None,
			basis_factor: None,
			paths: ByShift::default(),
		})
	}

	/// The forward of an expiry, whose options are discounted by `discount_rate`. `fixed` is what
	/// the settlement average is quoted to have fixed of it.
	pub(crate) fn expiry(
		model: &RiskModel,
		expiry: Moment,
		tenor: Tenor,
		forward: Price,
		fixed: Option<Price>,
		rate: Rate,
		discount_rate: Rate,
	) -> Result<Self, RiskError> {
		let fixed = match fixed {
			Some(fixed) => fixed.min(forward),
			None => averaged(forward, &tenor, model.settlement_window)?,
		};
		let static_factors = match &model.discounting {
			Some(discounting) => Some(discounting.at(&tenor, rate, discount_rate)?),
			None => None,
		};
		let basis_factor = match &model.basis {
			Some(basis) => Some(basis_factor(basis, &tenor)?),
			None => None,
		};
		let passed = if model.horizon == 0 || tenor.is_expired() {
			Fixed::from_bits(0)
		} else {
			let horizon = Tenor::from_milliseconds(model.horizon.min(tenor.milliseconds()))?;
			divide(horizon.years(), tenor.years())?
		};
		Ok(Self {
			kind: LevelKind::Expiry(expiry),
			price: forward,
			log: ln_integer(forward.into_inner()).ok(),
			fixed,
			tenor,
			rate: discount_rate,
			discount: tenor.discount(discount_rate)?,
			discount_ahead: tenor.after(model.horizon)?.discount(discount_rate)?,
			passed,
			static_factors,
			basis_factor,
			paths: ByShift::default(),
		})
	}

	/// This level, which is at `now`, at the horizon: forwards run towards spot as time passes.
	pub(crate) fn ahead(&self, now: Quoted, spot: Quoted) -> Result<Quoted, RiskError> {
		let (Some(log), Some(spot)) = (now.log, spot.log) else { return Ok(now) };
		if self.passed.to_bits() == 0 {
			return Ok(now);
		}
		let fall = multiply(subtract(log, spot)?, self.passed)?;
		let factor = exp(Fixed::from_bits(fall.to_bits().saturating_neg()))?;
		let price = Price::from_inner(scale_down(now.price.into_inner(), factor)?);
		let log = if price.is_zero() { None } else { Some(subtract(log, fall)?) };
		Ok(Quoted::with_log(price, log))
	}

	/// After a price shock of what still moves; the price rounded down.
	pub(crate) fn shocked(&self, quoted: &Quoted, shock: &PriceShock) -> Result<Quoted, RiskError> {
		if self.fixed.is_zero() {
			let price = multiply_unsigned_decimal(quoted.price.into_inner(), shock.factor)?;
			let log = match quoted.log {
				Some(log) if price != 0 => Some(add(log, shock.log_factor)?),
				_ => None,
			};
			return Ok(Quoted::with_log(Price::from_inner(price), log));
		}
		if shock.factor == SCALE {
			return Ok(*quoted);
		}
		Ok(Quoted::new(self.moved(quoted.price, shock.factor)?))
	}

	/// `price` with what still moves of it multiplied by `factor`, 18 decimals; rounded down.
	pub(crate) fn moved(&self, price: Price, factor: u128) -> Result<Price, MathError> {
		// Saturating: a price below what is fixed has nothing that moves.
		let moving = price.into_inner().saturating_sub(self.fixed.into_inner());
		let rest = price.into_inner() - moving;
		multiply_unsigned_decimal(moving, factor)?
			.checked_add(rest)
			.map(Price::from_inner)
			.ok_or(MathError::Overflow)
	}

	/// ln(strike / this level's price), of the strike's logarithm; zero where one of them is zero:
	/// there only the intrinsic value counts.
	pub(crate) fn log_moneyness(&self, log_strike: Option<Fixed>) -> Result<Fixed, MathError> {
		match (log_strike, self.log) {
			(Some(strike), Some(price)) => subtract(strike, price),
			_ => Ok(Fixed::from_bits(0)),
		}
	}
}

/// What a settlement average over the last `window` milliseconds has fixed of `forward`, rounded
/// down.
fn averaged(forward: Price, tenor: &Tenor, window: u64) -> Result<Price, MathError> {
	let Some(passed) = window.checked_sub(tenor.milliseconds()).filter(|passed| *passed > 0) else {
		return Ok(Price::ZERO);
	};
	// Both below 2^64: the product is below 2^124.
	let part = u128::from(passed) * SCALE / u128::from(window);
	multiply_unsigned_decimal(forward.into_inner(), part).map(Price::from_inner)
}

/// `level + slope · T`, rounded up.
fn basis_factor(basis: &BasisShock, tenor: &Tenor) -> Result<u128, MathError> {
	let years = to_decimal(tenor.years(), Rounding::Up);
	multiply_decimal(years, basis.slope.into_inner(), Rounding::Up)?
		.unsigned_abs()
		.checked_add(basis.level.into_inner())
		.ok_or(MathError::Overflow)
}
