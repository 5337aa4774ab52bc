//! Black's formula for European options on a forward (F. Black, "The pricing of commodity
//! contracts", 1976), and its derivatives.
//!
//! The price is worked out for the option that is out of the money; the other one of the same strike
//! is that plus the difference of forward and strike, so put-call parity holds to the last digit
//! before discounting. Forward and strike are taken as they are (18-decimal integers, any of 128
//! bits), and only probabilities multiply them, so there is no ratio that could overflow.
//!
//! Error before discounting: below 2e-18 of the forward for strikes up to the forward's thousandfold
//! and beyond, plus one unit (1e-18 USD) of rounding down. It does not grow where σ√T is small,
//! because an error common to d1 and d2 cancels to first order (F·φ(d1) = K·φ(d2)).
//!
//! Domain: forwards and strikes from 0; σ√T from 0 (where the price is intrinsic), counted as at
//! most [`MAX_DEVIATION`]; any tenor.

use crate::{
	error::MathError,
	fixed::{
		divide, high_half, high_product, low_half, multiply, scale_down, subtract, wide_product,
		Fixed, ONE, ZERO,
	},
	kernel::ScaledDeviation,
	math::{density, distribution, ln_integer, tail, Probability},
	tenor::Tenor,
};
use plimsoll_primitives::{OptionKind, Price, Rate, UsdValue, Volatility};

/// The largest σ√T: at 24 a call is worth the discounted forward and a put the discounted strike,
/// to within 1e-32 of either.
pub const MAX_DEVIATION: Fixed = Fixed::from_bits(24 << 64);

/// Up to here 1/(σ√T) does not fit: the time value is below 5e-20 of the forward.
const NEGLIGIBLE_DEVIATION: Fixed = Fixed::from_bits(2);

/// A standard deviation of ln(price at expiry / forward) with what pricing needs of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deviation {
	total: Fixed,
	/// The same for the array kernel; `None` outside its domain.
	scaled: Option<ScaledDeviation>,
}

impl Deviation {
	/// From σ√T, cut to [`MAX_DEVIATION`]. `OutOfDomain` below zero.
	pub fn new(total: Fixed) -> Result<Self, MathError> {
		if total < ZERO {
			return Err(MathError::OutOfDomain);
		}
		Ok(Self::clamped(total))
	}

	/// From σ√T, cut to between zero and [`MAX_DEVIATION`].
	#[inline]
	pub(crate) fn clamped(total: Fixed) -> Self {
		let total = total.clamp(ZERO, MAX_DEVIATION);
		Self { total, scaled: ScaledDeviation::new(total) }
	}

	/// σ√T.
	pub const fn total(&self) -> Fixed {
		self.total
	}

	/// Half of it.
	const fn half(&self) -> Fixed {
		Fixed::from_bits(self.total.to_bits() >> 1)
	}

	/// The same as the array kernel takes it; `None` outside its domain.
	pub(crate) const fn scaled(&self) -> Option<&ScaledDeviation> {
		self.scaled.as_ref()
	}

	/// d1 and d2 of `log_ratio` = ln(forward / strike); `None` where they are beyond all tables, so
	/// that only the intrinsic value counts.
	fn arguments(&self, log_ratio: Fixed) -> Option<(Fixed, Fixed)> {
		if self.total <= NEGLIGIBLE_DEVIATION {
			return None;
		}
		let middle = divide(log_ratio, self.total).ok()?;
		let half = self.half();
		Some((middle.checked_add(half)?, middle.checked_sub(half)?))
	}
}

/// ln(`forward` / `strike`); `None` where one of them is zero (the option is then worth its
/// intrinsic value).
pub fn log_ratio(forward: Price, strike: Price) -> Option<Fixed> {
	let forward = ln_integer(forward.into_inner()).ok()?;
	let strike = ln_integer(strike.into_inner()).ok()?;
	forward.checked_sub(strike)
}

/// What a contract pays at this price: max(0, price − strike) for a call, max(0, strike − price)
/// for a put.
pub fn intrinsic(kind: OptionKind, price: Price, strike: Price) -> Price {
	let (plus, minus) = match kind {
		OptionKind::Call => (price, strike),
		OptionKind::Put => (strike, price),
	};
	// Saturating at zero is what an option does.
	Price::from_inner(plus.into_inner().saturating_sub(minus.into_inner()))
}

/// The price before discounting, rounded down to 1e-18 USD. `log_ratio` is ln(forward / strike) as
/// [`log_ratio`] gives it (a caller with many forwards of one strike adds up logarithms instead).
/// Never below [`intrinsic`], never above the forward (call) or the strike (put).
pub fn undiscounted(
	kind: OptionKind,
	forward: Price,
	strike: Price,
	log_ratio: Option<Fixed>,
	deviation: &Deviation,
) -> Price {
	let intrinsic = intrinsic(kind, forward, strike);
	let Some((d1, d2)) = log_ratio.and_then(|ratio| deviation.arguments(ratio)) else {
		return intrinsic;
	};
	let (forward, strike) = (forward.into_inner(), strike.into_inner());
	let time_value = if strike >= forward {
		// The call is out of the money.
		difference(forward, probability_below(d1), strike, probability_below(d2))
	} else {
		difference(
			strike,
			probability_below(negative(d2)),
			forward,
			probability_below(negative(d1)),
		)
	};
	// An in-the-money call is at most the forward and a put at most the strike, since the other is
	// at most the strike or the forward.
	Price::from_inner(intrinsic.into_inner().saturating_add(time_value))
}

/// −x; saturating, far beyond the tables.
fn negative(x: Fixed) -> Fixed {
	Fixed::from_bits(x.to_bits().saturating_neg())
}

/// P(X ≤ d), to all significant bits where it is small.
fn probability_below(d: Fixed) -> Probability {
	if d < ZERO {
		tail(d)
	} else {
		tail(d).complement()
	}
}

/// max(0, a·p − b·q), rounded down. The terms keep 128 significant bits of the larger of `a` and
/// `b`.
fn difference(a: u128, p: Probability, b: u128, q: Probability) -> u128 {
	let zeros = a.max(b).leading_zeros().min(127);
	let plus = times(a << zeros, p);
	let minus = times(b << zeros, q);
	// Below zero only by rounding.
	let rest = plus.saturating_sub(minus);
	if zeros == 0 {
		// `times` gives at most half of 2^128.
		rest << 1
	} else {
		rest >> (zeros - 1)
	}
}

/// `value · probability / 2`, rounded down.
fn times(value: u128, probability: Probability) -> u128 {
	let factor = probability.mantissa;
	// The first product is at most 2^127, the second's upper half below 2^63.
	let product = wide_product(high_half(value), factor)
		.wrapping_add(u128::from(high_product(low_half(value), factor)));
	product.checked_shr(probability.shift).unwrap_or(0)
}

/// An option's terms and market, ready to be priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Option76 {
	/// Call or put.
	pub kind: OptionKind,
	/// USD per unit of the underlying, for the option's expiry.
	pub forward: Price,
	/// USD per unit of the underlying.
	pub strike: Price,
	/// σ√T.
	pub deviation: Deviation,
	/// Discount factor to expiry.
	pub discount: Fixed,
}

impl Option76 {
	/// From a volatility (fraction per square root of a year), the time to expiry and a rate per
	/// year. Errors where one of them is beyond its domain (see [`Tenor`]).
	pub fn new(
		kind: OptionKind,
		forward: Price,
		strike: Price,
		volatility: Volatility,
		tenor: &Tenor,
		rate: Rate,
	) -> Result<Self, MathError> {
		Ok(Self {
			kind,
			forward,
			strike,
			deviation: Deviation::new(tenor.deviation(volatility)?)?,
			discount: tenor.discount(rate)?,
		})
	}

	/// The price, USD per contract, rounded down to 1e-18. Between discount · intrinsic value and
	/// discount · forward (call) or strike (put). `Overflow` where a negative rate takes it beyond
	/// the type.
	pub fn price(&self) -> Result<Price, MathError> {
		self.price_of(log_ratio(self.forward, self.strike))
	}

	fn price_of(&self, ratio: Option<Fixed>) -> Result<Price, MathError> {
		let price = undiscounted(self.kind, self.forward, self.strike, ratio, &self.deviation);
		discounted(price, self.discount)
	}

	/// dV/dF, units of forward per contract; a step at the strike where only the intrinsic value
	/// counts. `Overflow` where a negative rate takes it beyond the type.
	pub fn delta(&self) -> Result<Fixed, MathError> {
		let ratio = log_ratio(self.forward, self.strike);
		match ratio.and_then(|ratio| self.deviation.arguments(ratio)) {
			Some((d1, _)) => self.delta_of(d1),
			None => Ok(self.delta_at_expiry()),
		}
	}

	fn delta_of(&self, d1: Fixed) -> Result<Fixed, MathError> {
		let delta = match self.kind {
			OptionKind::Call => distribution(d1),
			OptionKind::Put => subtract(distribution(d1), ONE)?,
		};
		multiply(delta, self.discount)
	}

	/// The slope of the discounted intrinsic value.
	fn delta_at_expiry(&self) -> Fixed {
		let in_the_money = !intrinsic(self.kind, self.forward, self.strike).is_zero();
		match (in_the_money, self.kind) {
			(false, _) => ZERO,
			(true, OptionKind::Call) => self.discount,
			(true, OptionKind::Put) => negative(self.discount),
		}
	}

	/// The derivatives. `tenor` and `rate` are those that the option was made with.
	pub fn greeks(&self, tenor: &Tenor, rate: Rate) -> Result<Greeks, MathError> {
		let ratio = log_ratio(self.forward, self.strike);
		let Some((d1, _)) = ratio.and_then(|ratio| self.deviation.arguments(ratio)) else {
			return self.greeks_at_expiry(tenor, rate, ratio);
		};
		let forward = self.forward.into_inner();
		let density = multiply(density(d1), self.discount)?;
		// `arguments` gave a result, so the inverse fits.
		let inverse = divide(ONE, self.deviation.total)?;
		let vega = scale_down(forward, multiply(density, tenor.root())?)?;
		let decay = if tenor.is_expired() {
			ZERO
		} else {
			// σ/2 · φ / √T: the root keeps its digits where the years are few.
			divide(multiply(density, divide(self.deviation.half(), tenor.root())?)?, tenor.root())?
		};
		Ok(Greeks {
			delta: self.delta_of(d1)?,
			gamma: value(scale_down(forward, multiply(density, inverse)?)?)?,
			vega: value(vega)?,
			theta: self
				.carry(rate, ratio)?
				.checked_sub(value(scale_down(forward, decay)?)?)
				.ok_or(MathError::Overflow)?,
		})
	}

	/// Where only the intrinsic value counts: a step for delta, nothing else but the carry.
	fn greeks_at_expiry(
		&self,
		tenor: &Tenor,
		rate: Rate,
		ratio: Option<Fixed>,
	) -> Result<Greeks, MathError> {
		let delta = self.delta_at_expiry();
		let theta = if tenor.is_expired() { UsdValue::ZERO } else { self.carry(rate, ratio)? };
		Ok(Greeks { delta, gamma: UsdValue::ZERO, vega: UsdValue::ZERO, theta })
	}

	/// What the discount's unwinding adds per year: rate × price.
	fn carry(&self, rate: Rate, ratio: Option<Fixed>) -> Result<UsdValue, MathError> {
		let rate_magnitude = rate.into_inner().unsigned_abs();
		let price = self.price_of(ratio)?.into_inner();
		let carry = crate::fixed::multiply_unsigned_decimal(price, rate_magnitude)?;
		let carry = value(carry)?;
		if rate.is_negative() {
			carry.checked_neg().ok_or(MathError::Overflow)
		} else {
			Ok(carry)
		}
	}
}

/// The price after discounting, rounded down.
pub fn discounted(price: Price, discount: Fixed) -> Result<Price, MathError> {
	scale_down(price.into_inner(), discount).map(Price::from_inner)
}

fn value(raw: u128) -> Result<UsdValue, MathError> {
	i128::try_from(raw).map(UsdValue::from_inner).map_err(|_| MathError::Overflow)
}

/// Derivatives of one contract's price, in the units in which positions add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Greeks {
	/// dV/dF: units of forward per contract.
	pub delta: Fixed,
	/// d²V/dF² · F²: by how many USD delta · F grows per unit of relative move of the forward (at
	/// unchanged valuation).
	pub gamma: UsdValue,
	/// dV/dσ: USD per 1.00 of volatility.
	pub vega: UsdValue,
	/// −dV/dT at an unchanged forward: USD per year that passes.
	pub theta: UsdValue,
}

impl Greeks {
	/// delta · F, in USD, rounded towards zero.
	pub fn delta_value(&self, forward: Price) -> Result<UsdValue, MathError> {
		let magnitude = Fixed::from_bits(self.delta.to_bits().saturating_abs());
		let usd = value(scale_down(forward.into_inner(), magnitude)?)?;
		if self.delta < ZERO {
			usd.checked_neg().ok_or(MathError::Overflow)
		} else {
			Ok(usd)
		}
	}
}
