//! Covariance of all underlyings' returns: how it is learnt, step by step, and how it is factored.
//!
//! ## The maths
//!
//! A return vector r has two components for each underlying, one after the other: the logarithmic
//! return of its price and that of its 30-day at-the-money volatility, over one step of fixed length.
//! Their means over a step are small beside their deviations and are left out.
//!
//! - The matrix follows the returns as an exponentially weighted average, `Σ' = λΣ + (1 − λ)·r·rᵀ`
//!   (J. P. Morgan/Reuters, *RiskMetrics: technical document*, 4th edition, 1996, §5.2):
//!   [`Covariance::observe`].
//! - The matrix that margins use follows that one in capped steps, `Σ + s·(Σ_target − Σ)`:
//!   [`Covariance::towards`].
//! - Past returns are made alike by the matrix of their own day and scaled to today's by today's,
//!   `r* = L_today · L_t⁻¹ · r_t` with Cholesky factors `Σ = L·Lᵀ`, so that they have today's
//!   volatilities and correlations but keep their own tails
//!   ([`JointHistory`](crate::joint::JointHistory)). Filtered historical simulation: Barone-Adesi,
//!   Giannopoulos and Vosper, *VaR without correlations for portfolios of derivative securities*,
//!   Journal of Futures Markets 19 (1999); volatility updating: Hull and White, *Incorporating
//!   volatility updating into the historical simulation method for value at risk*, Journal of Risk 1
//!   (1998); with Cholesky factors also correlations are updated.
//!
//! ## Never indefinite
//!
//! Variances have 18 decimals and returns nine, so a product of two returns is exact. Every operation
//! here is a sum of positive semi-definite matrices with weights that are not negative, worked out
//! exactly and rounded once: off-diagonal entries towards zero, and each variance up by its own
//! remainder and by all remainders of its row. What rounding adds is then itself a symmetric matrix
//! with a dominant diagonal, so the stored matrix is positive semi-definite exactly, not merely to a
//! tolerance. Variances only grow by it: at most 2n units of 1e-18 each time.
//!
//! Factoring adds 1e-9 of each variance to it, so singular matrices (two underlyings that always
//! moved alike) have a factor too; see [`Covariance::cholesky`].

mod cholesky;
mod error;
mod returns;
mod rules;
#[cfg(test)]
pub(crate) mod tests;
mod update;

pub use cholesky::LowerTriangle;
pub use error::CovarianceError;
pub(crate) use returns::components;
pub use returns::{log_return, JointReturn, MAX_RETURN, RETURN_SCALE};
pub use rules::CovarianceRules;

use crate::joint::MAX_JOINT_UNDERLYINGS;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::UnderlyingId;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::{bounded::BoundedVec, ConstU32};

/// The most entries of a lower triangle: d(d + 1)/2 of dimension d, two for each underlying.
pub const MAX_ENTRIES: u32 = MAX_JOINT_UNDERLYINGS * (2 * MAX_JOINT_UNDERLYINGS + 1);
/// The shortest and the longest step, in milliseconds: a minute and 30 days.
pub const MIN_STEP: u64 = 60 * 1000;
/// See [`MIN_STEP`].
pub const MAX_STEP: u64 = 30 * 24 * 60 * MIN_STEP;

/// The covariance of all underlyings' returns over one step.
#[derive(
	Clone,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Covariance {
	/// Whose returns, each once. The components of underlying k are 2k (price) and 2k + 1
	/// (volatility).
	pub underlyings: BoundedVec<UnderlyingId, ConstU32<MAX_JOINT_UNDERLYINGS>>,
	/// The length of a step in milliseconds, from [`MIN_STEP`] to [`MAX_STEP`].
	pub step: u64,
	/// The lower triangle with its diagonal, row by row: entry (i, j ≤ i) is number i(i + 1)/2 + j.
	/// 18 decimals (1e-18), so at most 9.2; a variance of 4 is that of returns that are all at their
	/// bound.
	pub entries: BoundedVec<i64, ConstU32<MAX_ENTRIES>>,
}

/// Where entry (`row`, `column` ≤ `row`) of a packed lower triangle stands. Rows and columns are
/// below 2 · [`MAX_JOINT_UNDERLYINGS`].
pub(crate) const fn position(row: usize, column: usize) -> usize {
	row * (row + 1) / 2 + column
}

/// All positions of a lower triangle of this dimension, in the order in which they are stored.
pub(crate) fn positions(dimension: usize) -> impl Iterator<Item = (usize, usize)> {
	(0..dimension).flat_map(|row| (0..=row).map(move |column| (row, column)))
}

/// Whether the underlyings of a joint structure are at least one, each once, and its step is in range.
pub(crate) fn validate_header(
	underlyings: &[UnderlyingId],
	step: u64,
) -> Result<(), CovarianceError> {
	if underlyings.is_empty() {
		return Err(CovarianceError::NoUnderlyings);
	}
	let twice =
		|(at, id): (usize, &UnderlyingId)| underlyings.iter().take(at).any(|other| other == id);
	if underlyings.iter().enumerate().any(twice) {
		return Err(CovarianceError::DuplicateUnderlying);
	}
	if !(MIN_STEP..=MAX_STEP).contains(&step) {
		return Err(CovarianceError::Step);
	}
	Ok(())
}

impl Covariance {
	/// No variance at all: where learning begins. Errors: as [`Self::validate`], and
	/// `TooManyUnderlyings`.
	pub fn zero(underlyings: &[UnderlyingId], step: u64) -> Result<Self, CovarianceError> {
		validate_header(underlyings, step)?;
		let ids = BoundedVec::try_from(underlyings.to_vec())
			.map_err(|_| CovarianceError::TooManyUnderlyings)?;
		let dimension = 2 * ids.len();
		let entries: Vec<i64> = positions(dimension).map(|_| 0).collect();
		let entries = BoundedVec::try_from(entries).map_err(|_| CovarianceError::Shape)?;
		Ok(Self { underlyings: ids, step, entries })
	}

	/// How many components a return has: two for each underlying.
	pub fn dimension(&self) -> usize {
		// At most 16.
		2 * self.underlyings.len()
	}

	/// The covariance of two components, 18 decimals, in either order; `None` where there is no such
	/// component.
	pub fn entry(&self, row: usize, column: usize) -> Option<i64> {
		let (row, column) = (row.max(column), row.min(column));
		if row >= self.dimension() {
			return None;
		}
		self.entries.get(position(row, column)).copied()
	}

	/// The variance of a component.
	pub fn variance(&self, component: usize) -> Option<i64> {
		self.entry(component, component)
	}

	/// Whether it can be used: underlyings that are there once each, a step in range, as many entries
	/// as the dimension asks for, no negative variance, no correlation beyond ±1, and positive
	/// semi-definite to within 5e-10 of each variance, which is half of what
	/// [`cholesky`](Self::cholesky) adds: what passes has a factor, and so has all that
	/// [`observe`](Self::observe) and [`towards`](Self::towards) make of it.
	///
	/// Matrices that these make are positive semi-definite exactly and always pass. Symmetric it is by
	/// being half of a matrix.
	pub fn validate(&self) -> Result<(), CovarianceError> {
		validate_header(&self.underlyings, self.step)?;
		self.ensure_shape()?;
		let variances: Vec<i128> = (0..self.dimension())
			.map(|of| self.variance(of).map(i128::from).ok_or(CovarianceError::Shape))
			.collect::<Result<_, _>>()?;
		if variances.iter().any(|variance| *variance < 0) {
			return Err(CovarianceError::NegativeVariance);
		}
		for ((row, column), entry) in positions(self.dimension()).zip(self.entries.iter()) {
			let of = |at: usize| variances.get(at).copied().ok_or(CovarianceError::Shape);
			let covariance = i128::from(*entry);
			// 64-bit numbers: the products are below 2^127.
			if row != column && covariance * covariance > of(row)? * of(column)? {
				return Err(CovarianceError::CorrelationAboveOne);
			}
		}
		self.has_factor()
	}

	/// Whether there are as many entries as the dimension asks for.
	pub(crate) fn ensure_shape(&self) -> Result<(), CovarianceError> {
		if self.entries.len() == positions(self.dimension()).count() {
			Ok(())
		} else {
			Err(CovarianceError::Shape)
		}
	}

	/// Whether both tell of the same underlyings, in the same order, over the same step.
	pub(crate) fn ensure_alike(
		&self,
		underlyings: &[UnderlyingId],
		step: u64,
	) -> Result<(), CovarianceError> {
		if self.underlyings.as_slice() != underlyings {
			return Err(CovarianceError::DifferentUnderlyings);
		}
		if self.step != step {
			return Err(CovarianceError::DifferentStep);
		}
		Ok(())
	}
}
