//! How a covariance matrix changes.

use super::{
	position, positions, returns::components, Covariance, CovarianceError, CovarianceRules,
	JointReturn, MAX_ENTRIES,
};
use alloc::{vec, vec::Vec};
use plimsoll_primitives::UnderlyingId;
use sp_arithmetic::FixedU128;
use sp_core::{bounded::BoundedVec, ConstU32};

/// 10^18: what one is in weights and entries.
const ONE: i128 = 1_000_000_000_000_000_000;
/// 10^9: what one is in the stretch of a component.
const STRETCH_ONE: i128 = 1_000_000_000;

type Entries = BoundedVec<i64, ConstU32<MAX_ENTRIES>>;

impl Covariance {
	/// The mean of `r·rᵀ` over all returns, each alike: a matrix to begin with. `returns` step by step,
	/// each with one for every underlying, clipped at the rules' bound.
	///
	/// Rounding as [`observe`](Self::observe). Errors: as [`zero`](Self::zero), `NoScenarios` where
	/// there is no return, `Shape` where a step is incomplete.
	pub fn sample(
		underlyings: &[UnderlyingId],
		step: u64,
		returns: &[JointReturn],
		rules: &CovarianceRules,
	) -> Result<Self, CovarianceError> {
		let empty = Self::zero(underlyings, step)?;
		let steps = empty.steps(returns)?;
		let count = i128::try_from(steps.len()).map_err(|_| CovarianceError::Overflow)?;
		let mut sums = vec![0i128; empty.entries.len()];
		for step in steps {
			for (sum, product) in sums.iter_mut().zip(outer_product(step, rules.bound())) {
				*sum = sum.checked_add(product).ok_or(CovarianceError::Overflow)?;
			}
		}
		Ok(empty.with(rounded(empty.dimension(), &sums, count)?))
	}

	/// The matrix after one more step: `λΣ + (1 − λ)·r·rᵀ` with the rules' decay λ and returns clipped
	/// at their bound, one for each underlying in order.
	///
	/// Rounding: variances up, covariances towards zero, as the [module](super) says, so that a
	/// positive semi-definite matrix stays one exactly. Errors: `Shape` where there are more or fewer
	/// returns than underlyings, `Decay` where the weight is above one, `Overflow` where the matrix was
	/// not valid.
	///
	/// Cost: d(d + 1)/2 entries of dimension d, 136 for eight underlyings, each with one division.
	pub fn observe(
		&self,
		returns: &[JointReturn],
		rules: &CovarianceRules,
	) -> Result<Self, CovarianceError> {
		self.ensure_shape()?;
		if returns.len() != self.underlyings.len() {
			return Err(CovarianceError::Shape);
		}
		let past = weight(rules.decay)?;
		let products = outer_product(returns, rules.bound());
		let sums = mix(past, &self.entries, ONE - past, products)?;
		Ok(self.with(rounded(self.dimension(), &sums, ONE)?))
	}

	/// The matrix with each variance raised to the rules' floor. Covariances stay: something that is
	/// not negative is added to the diagonal, so it stays positive semi-definite.
	pub fn floored(&self, rules: &CovarianceRules) -> Result<Self, CovarianceError> {
		self.ensure_shape()?;
		let mut entries = self.entries.clone();
		for component in 0..self.dimension() {
			let floor = rules.floor(component)?;
			if let Some(variance) = entries.get_mut(position(component, component)) {
				*variance = floor.max(*variance);
			}
		}
		Ok(self.with(entries))
	}

	/// The matrix one epoch nearer to `target`: `Σ + s·(Σ_target − Σ)` with the largest s from 0 to 1,
	/// in steps of 1e-18, for which no variance rises by more than the rules' `rise`, relative to what
	/// it is (or to its floor, where that is more). Then no variance is below its floor.
	///
	/// No variance falls by more than `fall`: where the target asks for that, its component is first
	/// stretched to the least variance allowed, with its correlations kept. So a component that may
	/// fall only slowly does not keep another from rising.
	///
	/// Rounding as [`observe`](Self::observe): caps of rises are kept to within 2n units of 1e-18. A
	/// convex combination of positive semi-definite matrices and of one stretched by rows and columns is
	/// one too. Errors: `DifferentUnderlyings`, `DifferentStep`, `Floor`, `Overflow`; all but the last
	/// for arguments that do not fit each other or are not valid.
	pub fn towards(&self, target: &Self, rules: &CovarianceRules) -> Result<Self, CovarianceError> {
		self.ensure_shape()?;
		target.ensure_alike(&self.underlyings, self.step)?;
		let target = self.limit_falls(&target.floored(rules)?, rules)?;
		let step = self.largest_step(&target, rules)?;
		let entries = target.entries.iter().map(|entry| i128::from(*entry));
		let sums = mix(ONE - step, &self.entries, step, entries)?;
		self.with(rounded(self.dimension(), &sums, ONE)?).floored(rules)
	}

	/// The target with each component stretched so that its variance is at least what is left of this
	/// matrix's after the largest fall. The target's variances are at least their floors.
	fn limit_falls(&self, target: &Self, rules: &CovarianceRules) -> Result<Self, CovarianceError> {
		let kept = ONE.checked_sub(weight(rules.fall)?).ok_or(CovarianceError::Fall)?;
		let mut stretches = Vec::with_capacity(self.dimension());
		for component in 0..self.dimension() {
			let now = self.variance(component).ok_or(CovarianceError::Shape)?;
			let then = target.variance(component).ok_or(CovarianceError::Shape)?;
			// A variance is below 2^63 and one is below 2^60; so is what is left of it, below.
			let least = divide_up(i128::from(now) * kept, ONE)?;
			stretches.push(if i128::from(then) >= least {
				STRETCH_ONE
			} else {
				// The root of a number of 18 decimals has nine.
				let square = divide_up(least * ONE, i128::from(then))?;
				root_up(square)
			});
		}
		let mut sums = Vec::with_capacity(target.entries.len());
		for ((row, column), entry) in positions(self.dimension()).zip(target.entries.iter()) {
			let stretch = |of: usize| stretches.get(of).copied().ok_or(CovarianceError::Shape);
			let sum = i128::from(*entry)
				.checked_mul(stretch(row)?)
				.and_then(|part| part.checked_mul(stretch(column).ok()?))
				.ok_or(CovarianceError::Overflow)?;
			sums.push(sum);
		}
		Ok(self.with(rounded(self.dimension(), &sums, ONE)?))
	}

	/// The largest share of the way to `target`, 18 decimals, that no variance's cap forbids.
	fn largest_step(
		&self,
		target: &Self,
		rules: &CovarianceRules,
	) -> Result<i128, CovarianceError> {
		let rise = i128::try_from(rules.rise.into_inner()).map_err(|_| CovarianceError::Rise)?;
		let mut largest = ONE;
		for component in 0..self.dimension() {
			let now = self.variance(component).ok_or(CovarianceError::Shape)?;
			let then = target.variance(component).ok_or(CovarianceError::Shape)?;
			let change = i128::from(then) - i128::from(now);
			if change <= 0 {
				continue;
			}
			let base = i128::from(now.max(rules.floor(component)?));
			let allowed = base.checked_mul(rise).ok_or(CovarianceError::Overflow)?;
			largest = largest.min(allowed / change);
		}
		Ok(largest)
	}

	/// The same underlyings and step with other entries.
	fn with(&self, entries: Entries) -> Self {
		Self { underlyings: self.underlyings.clone(), step: self.step, entries }
	}

	/// Returns, step by step.
	pub(crate) fn steps<'a>(
		&self,
		returns: &'a [JointReturn],
	) -> Result<core::slice::ChunksExact<'a, JointReturn>, CovarianceError> {
		self.ensure_shape()?;
		let width = self.underlyings.len();
		if width == 0 || returns.is_empty() {
			return Err(CovarianceError::NoScenarios);
		}
		if !returns.len().is_multiple_of(width) {
			return Err(CovarianceError::Shape);
		}
		Ok(returns.chunks_exact(width))
	}
}

/// A share as a signed number of 18 decimals, at most one.
fn weight(share: FixedU128) -> Result<i128, CovarianceError> {
	i128::try_from(share.into_inner())
		.ok()
		.filter(|share| *share <= ONE)
		.ok_or(CovarianceError::Decay)
}

/// The lower triangle of `r·rᵀ`, 18 decimals: exact, since returns have nine.
fn outer_product(returns: &[JointReturn], bound: i32) -> impl Iterator<Item = i128> {
	let of: Vec<i128> = components(returns, bound).map(i128::from).collect();
	let mut products = Vec::with_capacity(position(of.len(), 0));
	for (at, one) in of.iter().enumerate() {
		// Of 32-bit numbers.
		products.extend(of.iter().take(at + 1).map(|other| one * other));
	}
	products.into_iter()
}

/// `a·entries + b·others`, 36 decimals, for weights from 0 to 1 of 18 decimals and numbers below 2^63.
fn mix(
	a: i128,
	entries: &[i64],
	b: i128,
	others: impl Iterator<Item = i128>,
) -> Result<Vec<i128>, CovarianceError> {
	entries
		.iter()
		.zip(others)
		.map(|(entry, other)| {
			let parts = a.checked_mul(i128::from(*entry)).zip(b.checked_mul(other));
			parts.and_then(|(one, two)| one.checked_add(two)).ok_or(CovarianceError::Overflow)
		})
		.collect()
}

/// A positive semi-definite matrix divided by `denominator` and rounded so that it stays one: what is
/// cut from a covariance is added, by size, to both of its variances, which are then rounded up. The
/// difference from the exact matrix has a dominant diagonal (Gershgorin), so it is positive
/// semi-definite. Where nothing is cut, nothing is added.
fn rounded(dimension: usize, sums: &[i128], denominator: i128) -> Result<Entries, CovarianceError> {
	let mut cut = vec![0i128; dimension];
	let mut entries = Vec::with_capacity(sums.len());
	for ((row, column), sum) in positions(dimension).zip(sums) {
		let quotient = sum.checked_div(denominator).ok_or(CovarianceError::Overflow)?;
		let rest = sum.checked_rem(denominator).ok_or(CovarianceError::Overflow)?;
		if row != column {
			for component in [row, column] {
				if let Some(cut) = cut.get_mut(component) {
					*cut = cut.checked_add(rest.abs()).ok_or(CovarianceError::Overflow)?;
				}
			}
		}
		entries.push(i64::try_from(quotient).map_err(|_| CovarianceError::Overflow)?);
	}
	for (component, cut) in cut.into_iter().enumerate() {
		let at = position(component, component);
		let exact = sums.get(at).copied().ok_or(CovarianceError::Shape)?;
		let raised = exact.checked_add(cut).ok_or(CovarianceError::Overflow)?;
		let variance = i64::try_from(divide_up(raised, denominator)?)
			.map_err(|_| CovarianceError::Overflow)?;
		*entries.get_mut(at).ok_or(CovarianceError::Shape)? = variance;
	}
	BoundedVec::try_from(entries).map_err(|_| CovarianceError::Shape)
}

/// A root rounded up, of a number that is not negative.
fn root_up(value: i128) -> i128 {
	let root = value.isqrt();
	// Below 2^64, so its square fits.
	root + i128::from(root * root < value)
}

/// A quotient rounded up, of numbers that are not negative.
fn divide_up(value: i128, by: i128) -> Result<i128, CovarianceError> {
	let quotient = value.checked_div(by).ok_or(CovarianceError::Overflow)?;
	let more = value.checked_rem(by).is_some_and(|rest| rest > 0);
	quotient.checked_add(i128::from(more)).ok_or(CovarianceError::Overflow)
}
