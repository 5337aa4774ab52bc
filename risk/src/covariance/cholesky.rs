//! Cholesky factors.

use super::{position, positions, rules::LEAST_VARIANCE, Covariance, CovarianceError};
use alloc::{vec, vec::Vec};

/// 10^18: what one is in entries and factors.
const ONE: i128 = 1_000_000_000_000_000_000;
/// What is added to each variance before factoring, in units of 1e-18 of it: 1e-9.
const RIDGE: i128 = 1_000_000_000;
/// The same for judging whether a matrix can be used: half of it, so that rounding later cannot take
/// the factor away.
const VALIDATION_RIDGE: i128 = RIDGE / 2;

/// A lower triangular matrix L with `L·Lᵀ` a covariance matrix: applied to independent standard
/// residuals it gives returns of that covariance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LowerTriangle {
	dimension: usize,
	/// Row by row, 18 decimals.
	entries: Vec<i64>,
}

impl LowerTriangle {
	/// How many rows and columns it has.
	pub fn dimension(&self) -> usize {
		self.dimension
	}

	/// An entry, 18 decimals; zero above the diagonal and outside.
	pub fn entry(&self, row: usize, column: usize) -> i64 {
		if column > row {
			return 0;
		}
		self.entries.get(position(row, column)).copied().unwrap_or(0)
	}

	/// The entries of one row up to its diagonal; none where there is no such row.
	pub(crate) fn row(&self, row: usize) -> &[i64] {
		self.entries.get(position(row, 0)..position(row + 1, 0)).unwrap_or(&[])
	}

	fn set(&mut self, row: usize, column: usize, value: i64) {
		if let Some(entry) = self.entries.get_mut(position(row, column)) {
			*entry = value;
		}
	}
}

impl Covariance {
	/// L with `L·Lᵀ = Σ + 1e-9·diag(Σ)`, but for components whose variance is below 1e-12 (a standard
	/// deviation of a millionth): their rows and columns are zero.
	///
	/// Error: each entry of `L·Lᵀ` differs from what is stated by at most 1e-18 times twice the larger
	/// of its two components' diagonal entries of L. It does not accumulate, since products are summed exactly
	/// (36 decimals) and only each root and each quotient is rounded, towards zero.
	///
	/// It never fails for a matrix that passes [`validate`](Self::validate) or was made by this
	/// module: rounding is a change of the matrix by at most 1.7e-11, relative to the variances, and
	/// what is added to the diagonal is larger. For others `NotPositiveSemidefinite`, and `Shape` where
	/// entries are missing.
	///
	/// Cost: (2n)³/6 products, 816 for eight underlyings.
	pub fn cholesky(&self) -> Result<LowerTriangle, CovarianceError> {
		self.factor(RIDGE)
	}

	/// Whether it is positive semi-definite to within half of what [`Self::cholesky`] adds.
	pub(super) fn has_factor(&self) -> Result<(), CovarianceError> {
		self.factor(VALIDATION_RIDGE).map(|_| ())
	}

	/// Cholesky–Banachiewicz, row by row.
	fn factor(&self, ridge: i128) -> Result<LowerTriangle, CovarianceError> {
		self.ensure_shape()?;
		let dimension = self.dimension();
		let mut factor = LowerTriangle { dimension, entries: vec![0; self.entries.len()] };
		for ((row, column), entry) in positions(dimension).zip(self.entries.iter()) {
			let moves =
				|of: usize| self.variance(of).is_some_and(|variance| variance >= LEAST_VARIANCE);
			if !moves(row) || !moves(column) {
				continue;
			}
			// An entry is below 2^63 and one is below 2^60: 36 decimals.
			let scale = if row == column { ONE + ridge } else { ONE };
			let rest = i128::from(*entry) * scale;
			let pairs = factor.row(row).iter().zip(factor.row(column)).take(column);
			let rest = pairs
				// Of 64-bit numbers: below 2^126.
				.map(|(a, b)| i128::from(*a) * i128::from(*b))
				.try_fold(rest, i128::checked_sub)
				.ok_or(CovarianceError::NotPositiveSemidefinite)?;
			let value = if row == column {
				if rest <= 0 {
					return Err(CovarianceError::NotPositiveSemidefinite);
				}
				rest.isqrt()
			} else {
				let pivot = i128::from(factor.entry(column, column));
				rest.checked_div(pivot).ok_or(CovarianceError::NotPositiveSemidefinite)?
			};
			// No entry of a row is larger than the root of its variance, where there is a factor.
			let value =
				i64::try_from(value).map_err(|_| CovarianceError::NotPositiveSemidefinite)?;
			factor.set(row, column, value);
		}
		Ok(factor)
	}
}
