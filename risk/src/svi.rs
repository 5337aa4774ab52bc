//! Volatility surfaces: the raw SVI slice (J. Gatheral, "A parsimonious arbitrage-free implied
//! volatility parameterization", 2004) and the tests it must pass (J. Gatheral and A. Jacquier,
//! "Arbitrage-free SVI volatility surfaces", 2014).
//!
//! A slice gives the total variance w = σ²T at log-moneyness k = ln(strike / forward):
//! `w(k) = a + b·(ρ·(k − m) + √((k − m)² + s²))`.
//!
//! When an option is valued, k is cut to ±4·√(a + b·s) (four standard deviations at k = m) and w to
//! [`MAX_TOTAL_VARIANCE`], so that wings are never extrapolated to absurd volatilities; w below zero
//! is an error. There is no other floor: [`check`] has refused slices that go below
//! [`MIN_TOTAL_VARIANCE`].

use crate::{
	error::MathError,
	fixed::{add, divide, from_decimal, multiply, subtract, Fixed, ONE, ZERO},
	math::sqrt,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::Svi;
use scale_info::TypeInfo;
use sp_arithmetic::{FixedI128, FixedPointNumber};

/// The largest total variance that an option is valued with: a σ√T of 12.
pub const MAX_TOTAL_VARIANCE: Fixed = Fixed::from_bits(144 << 64);
/// The least minimum of a slice's total variance (1e-12): 0.6 % of volatility one second before
/// expiry.
pub const MIN_TOTAL_VARIANCE: Fixed = Fixed::from_bits(18446744);
/// The least `sigma`, 1e-7, as a scaled integer.
const MIN_SIGMA: i128 = 100_000_000_000;
/// How many points a grid has on each side of its middle, for the two grids of [`check`].
const HALF_POINTS: i32 = 32;

/// Why a surface is refused.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum SviError {
	/// `a` is beyond ±100.
	#[codec(index = 0)]
	Level,
	/// `b` is negative.
	#[codec(index = 1)]
	NegativeSlope,
	/// A wing is steeper than 2 in total variance (b·(1 + |ρ|) > 2): a moment of the price that must
	/// be finite would not be (R. Lee, 2004).
	#[codec(index = 2)]
	WingTooSteep,
	/// `rho` is not strictly between −1 and 1.
	#[codec(index = 3)]
	Correlation,
	/// `m` is beyond ±10.
	#[codec(index = 4)]
	Shift,
	/// `sigma` is below 1e-7 or above 10.
	#[codec(index = 5)]
	Smoothness,
	/// The least total variance, a + b·sigma·√(1 − ρ²), is not positive (below 1e-12).
	#[codec(index = 6)]
	VarianceNotPositive,
	/// The slice admits butterfly arbitrage: the implied density is negative somewhere.
	#[codec(index = 7)]
	Butterfly,
	/// The later slice has less total variance than the earlier one somewhere.
	#[codec(index = 8)]
	Calendar,
	/// The slice's values leave the numbers' range.
	#[codec(index = 9)]
	OutOfDomain,
}

impl From<MathError> for SviError {
	fn from(_: MathError) -> Self {
		Self::OutOfDomain
	}
}

/// A slice in binary fixed point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
	a: Fixed,
	b: Fixed,
	rho: Fixed,
	m: Fixed,
	s: Fixed,
	/// Where k is cut.
	limit: Fixed,
}

impl Slice {
	/// From the stored parameters. `Overflow` where they do not fit, `OutOfDomain` where a + b·sigma
	/// (the total variance at k = m) is negative.
	pub fn new(parameters: &Svi) -> Result<Self, MathError> {
		let [a, b, rho, m, s] =
			[parameters.a, parameters.b, parameters.rho, parameters.m, parameters.sigma]
				.map(|parameter| from_decimal(parameter.into_inner()));
		let (a, b, rho, m, s) = (a?, b?, rho?, m?, s?);
		let limit = sqrt(add(a, multiply(b, s)?)?)?;
		let limit = limit.checked_mul(Fixed::from_num(4)).ok_or(MathError::Overflow)?;
		Ok(Self { a, b, rho, m, s, limit })
	}

	/// Total variance at log-moneyness `k` as the formula has it, nothing cut.
	pub fn raw_total_variance(&self, k: Fixed) -> Result<Fixed, MathError> {
		let x = subtract(k, self.m)?;
		let radius = sqrt(add(multiply(x, x)?, multiply(self.s, self.s)?)?)?;
		add(self.a, multiply(self.b, add(multiply(self.rho, x)?, radius)?)?)
	}

	/// Total variance at log-moneyness `k` as options are valued with it: `k` cut to the limit, the
	/// result to [`MAX_TOTAL_VARIANCE`]. `OutOfDomain` where the slice is negative there. Error
	/// below 1e-18 for parameters of the order of one.
	pub fn total_variance(&self, k: Fixed) -> Result<Fixed, MathError> {
		let lowest = Fixed::from_bits(-self.limit.to_bits());
		let variance = self.raw_total_variance(k.clamp(lowest, self.limit))?;
		if variance < ZERO {
			return Err(MathError::OutOfDomain);
		}
		Ok(variance.min(MAX_TOTAL_VARIANCE))
	}

	/// σ√T at log-moneyness `k`; divided by √T it is the volatility. Errors as
	/// [`total_variance`](Self::total_variance).
	pub fn deviation(&self, k: Fixed) -> Result<Fixed, MathError> {
		sqrt(self.total_variance(k)?)
	}

	/// Gatheral's g, which has the sign of the implied density:
	/// `(1 − k·w'/(2w))² − w'²/4·(1/w + 1/4) + w''/2`.
	fn density_sign(&self, k: Fixed) -> Result<Fixed, MathError> {
		let x = subtract(k, self.m)?;
		let radius = sqrt(add(multiply(x, x)?, multiply(self.s, self.s)?)?)?;
		let w = add(self.a, multiply(self.b, add(multiply(self.rho, x)?, radius)?)?)?;
		let slope = multiply(self.b, add(self.rho, divide(x, radius)?)?)?;
		let ratio = divide(self.s, radius)?;
		let curvature = divide(multiply(self.b, multiply(ratio, ratio)?)?, radius)?;
		let relative = divide(slope, w)?;
		let halves = |value: Fixed| Fixed::from_bits(value.to_bits() >> 1);
		let first = subtract(ONE, halves(multiply(k, relative)?))?;
		let second = add(multiply(slope, relative)?, halves(halves(multiply(slope, slope)?)))?;
		add(subtract(multiply(first, first)?, halves(halves(second)))?, halves(curvature))
	}

	/// The points at which a slice is tested: 65 equally spaced ones over the strikes that matter
	/// (±(|m| + the larger of 8·sigma and eight standard deviations)), and 65 around m, a quarter of
	/// sigma apart, where its curvature is.
	fn grid(&self) -> Result<impl Iterator<Item = Result<Fixed, MathError>> + '_, MathError> {
		let eight_s = self.s.checked_mul(Fixed::from_num(8)).ok_or(MathError::Overflow)?;
		let reach = add(self.limit, self.limit)?.max(eight_s);
		let reach = add(reach, Fixed::from_bits(self.m.to_bits().saturating_abs()))?;
		let step = Fixed::from_bits(reach.to_bits() / i128::from(HALF_POINTS));
		let fine_step = Fixed::from_bits(self.s.to_bits() >> 2);
		let point = |middle: Fixed, step: Fixed, index: i32| {
			add(middle, step.checked_mul(Fixed::from_num(index)).ok_or(MathError::Overflow)?)
		};
		let points = -HALF_POINTS..=HALF_POINTS;
		let coarse = points.clone().map(move |index| point(ZERO, step, index));
		let fine = points.map(move |index| point(self.m, fine_step, index));
		Ok(coarse.chain(fine))
	}
}

/// Whether a parameter lies within ±`most`.
fn is_within(parameter: FixedI128, most: u32) -> bool {
	parameter >= FixedI128::from_inner(-FixedI128::from_u32(most).into_inner())
		&& parameter <= FixedI128::from_u32(most)
}

/// Refuses parameters that are no volatility surface at all.
fn check_parameters(parameters: &Svi) -> Result<Slice, SviError> {
	let Svi { a, b, rho, m, sigma } = *parameters;
	let one = FixedI128::from_u32(1);
	if !is_within(a, 100) {
		return Err(SviError::Level);
	}
	if b.is_negative() {
		return Err(SviError::NegativeSlope);
	}
	if !is_within(rho, 1) || rho == one || rho == FixedI128::from_inner(-one.into_inner()) {
		return Err(SviError::Correlation);
	}
	if !is_within(m, 10) {
		return Err(SviError::Shift);
	}
	if sigma.into_inner() < MIN_SIGMA || !is_within(sigma, 10) {
		return Err(SviError::Smoothness);
	}
	// Checked before the slope, so that the product below is small.
	if !is_within(b, 2) {
		return Err(SviError::WingTooSteep);
	}
	let (b, rho) = (from_decimal(b.into_inner())?, from_decimal(rho.into_inner())?);
	let steepest = multiply(b, add(ONE, Fixed::from_bits(rho.to_bits().saturating_abs()))?)?;
	if steepest > Fixed::from_num(2) {
		return Err(SviError::WingTooSteep);
	}
	let cosine = sqrt(subtract(ONE, multiply(rho, rho)?)?)?;
	let lift = multiply(multiply(b, from_decimal(sigma.into_inner())?)?, cosine)?;
	if add(from_decimal(a.into_inner())?, lift)? < MIN_TOTAL_VARIANCE {
		return Err(SviError::VarianceNotPositive);
	}
	Ok(Slice::new(parameters)?)
}

/// Refuses, by name, a slice that admits arbitrage between strikes of its expiry: parameters out of
/// their sane range, wings steeper than 2, variance that is not positive, and a negative implied
/// density (Gatheral's g below zero) at any of 130 grid points: 65 equally spaced over
/// ±(|m| + max(8·sigma, 8·√(a + b·sigma))), and 65 a quarter of sigma apart around m. Between the
/// points nothing is proved.
pub fn check(parameters: &Svi) -> Result<(), SviError> {
	let slice = check_parameters(parameters)?;
	for k in slice.grid()? {
		if slice.density_sign(k?)? < ZERO {
			return Err(SviError::Butterfly);
		}
	}
	Ok(())
}

/// Refuses, by name, two slices of one underlying (`near` expires first) between which there is
/// arbitrage: less total variance at the same log-moneyness in `far` than in `near`, at any point of
/// either slice's grid (see [`check`]), both cut as options are valued with them. Slices that
/// [`check`] refuses may be refused here by its names.
pub fn check_calendar(near: &Svi, far: &Svi) -> Result<(), SviError> {
	let near = check_parameters(near)?;
	let far = check_parameters(far)?;
	for k in near.grid()?.chain(far.grid()?) {
		let k = k?;
		if far.total_variance(k)? < near.total_variance(k)? {
			return Err(SviError::Calendar);
		}
	}
	Ok(())
}
