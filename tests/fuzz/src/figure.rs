//! A float and how far off it may be.

use std::{
	iter::Sum,
	ops::{Add, Mul, Neg, Sub},
};

/// What a conversion from 18 decimals or one operation adds to the error, relative.
const STEP: f64 = 2.0 * f64::EPSILON;

/// A value and a bound on the difference between it and the engine's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figure {
	/// In the unit that its maker says.
	pub value: f64,
	/// Not negative, in the same unit.
	pub error: f64,
}

impl Figure {
	/// Zero, exactly.
	pub const ZERO: Self = Self { value: 0.0, error: 0.0 };

	/// A value with an error.
	pub const fn new(value: f64, error: f64) -> Self {
		Self { value, error }
	}

	/// A value that was converted or computed in a few steps.
	pub fn of(value: f64) -> Self {
		Self { value, error: STEP * value.abs() }
	}

	/// The larger one. Whichever that is, it is off by no more than the worse of both.
	pub fn max(self, other: Self) -> Self {
		Self { value: self.value.max(other.value), error: self.error.max(other.error) }
	}

	/// Itself, or zero where that is more.
	pub fn at_least_zero(self) -> Self {
		self.max(Self::ZERO)
	}

	/// Without its sign.
	pub fn abs(self) -> Self {
		Self { value: self.value.abs(), ..self }
	}

	/// With more error.
	pub fn off_by(self, more: f64) -> Self {
		Self { error: self.error + more, ..self }
	}

	/// `from` at 0, `to` at 1.
	pub fn between(from: Self, to: Self, place: f64) -> Self {
		from * (1.0 - place) + to * place
	}
}

impl Add for Figure {
	type Output = Self;

	fn add(self, other: Self) -> Self {
		let value = self.value + other.value;
		Self { value, error: self.error + other.error + STEP * value.abs() }
	}
}

impl Neg for Figure {
	type Output = Self;

	fn neg(self) -> Self {
		Self { value: -self.value, ..self }
	}
}

impl Sub for Figure {
	type Output = Self;

	fn sub(self, other: Self) -> Self {
		self + -other
	}
}

impl Mul for Figure {
	type Output = Self;

	fn mul(self, other: Self) -> Self {
		let value = self.value * other.value;
		let error = self.value.abs() * other.error
			+ other.value.abs() * self.error
			+ self.error * other.error;
		Self { value, error: error + STEP * value.abs() }
	}
}

impl Mul<f64> for Figure {
	type Output = Self;

	fn mul(self, factor: f64) -> Self {
		self * Self::of(factor)
	}
}

impl Sum for Figure {
	fn sum<I: Iterator<Item = Self>>(figures: I) -> Self {
		figures.fold(Self::ZERO, Self::add)
	}
}
