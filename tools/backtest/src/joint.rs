//! Joint scenarios: what all underlyings' prices and volatilities did together on past days, as it
//! would be today.
//!
//! Filtered historical simulation with correlations (G. Barone-Adesi, K. Giannopoulos and L. Vosper,
//! 1999; J. Hull and A. White, 1998): each day's logarithmic returns are freed of the covariance that
//! was known before that day, `z_t = L_t⁻¹·r_t`, and given today's, `r*_t = L_today·z_t`, L the
//! Cholesky factors of exponentially weighted covariances.

use plimsoll_primitives::UnderlyingId;
use plimsoll_risk::{joint::MOVE_SCALE, JointMove, JointScenarios};
use std::collections::VecDeque;

/// Days before the first residual: a covariance needs a past.
pub const FIRST_DAYS: usize = 30;
/// Of a pivot: below this part of its variance a return follows from the others.
const LEAST_PIVOT: f64 = 1e-9;
/// The bounds of a move, so that prices stay positive and moves fit their type.
const MOVES: (f64, f64) = (-0.99, 20.0);

/// The filter, as of one day.
#[derive(Clone, Debug)]
pub struct JointFilter {
	underlyings: Vec<UnderlyingId>,
	/// The weight that the covariance keeps from day to day.
	decay: f64,
	/// How many residuals are kept at most.
	most: usize,
	days: usize,
	covariance: Vec<Vec<f64>>,
	residuals: VecDeque<Vec<f64>>,
}

impl JointFilter {
	/// Nothing observed yet; each underlying has two returns: its price's and its volatility's.
	pub fn new(underlyings: Vec<UnderlyingId>, decay: f64, most: usize) -> Self {
		let size = 2 * underlyings.len();
		let covariance = vec![vec![0.0; size]; size];
		Self { underlyings, decay, most, days: 0, covariance, residuals: VecDeque::new() }
	}

	/// Adds a day's logarithmic returns: for each underlying its price's, then its volatility's.
	pub fn observe(&mut self, returns: &[f64]) {
		if self.days >= FIRST_DAYS {
			self.residuals.push_back(solve(&cholesky(&self.covariance), returns));
			if self.residuals.len() > self.most {
				self.residuals.pop_front();
			}
		}
		self.days += 1;
		// While days are few the weights are those of a plain mean.
		let kept = self.decay.min(1.0 - 1.0 / self.days as f64);
		for (row, a) in self.covariance.iter_mut().zip(returns) {
			for (entry, b) in row.iter_mut().zip(returns) {
				*entry = kept * *entry + (1.0 - kept) * a * b;
			}
		}
	}

	/// The scenarios as of the last observed day; none before there are residuals.
	pub fn scenarios(&self) -> JointScenarios {
		let factor = cholesky(&self.covariance);
		let mut moves = Vec::with_capacity(self.residuals.len() * self.underlyings.len());
		for residual in &self.residuals {
			let returns: Vec<f64> = factor.iter().map(|row| dot(row, residual)).collect();
			for pair in returns.chunks_exact(2) {
				moves.push(JointMove {
					price: units(libm::expm1(pair[0]).clamp(MOVES.0, MOVES.1)),
					volatility: units(libm::expm1(pair[1]).clamp(MOVES.0, MOVES.1)),
				});
			}
		}
		JointScenarios { underlyings: self.underlyings.clone(), moves }
	}

	/// Standardised residuals, oldest first, in hundred-millionths.
	pub fn residuals(&self) -> Vec<Vec<i32>> {
		self.residuals.iter().map(|row| row.iter().copied().map(units).collect()).collect()
	}

	/// Today's covariance of daily logarithmic returns.
	pub fn covariance(&self) -> &[Vec<f64>] {
		&self.covariance
	}

	/// The logarithmic likelihood of a day's prices under the covariance known before it (normal, prices
	/// only): what a decay is chosen by. `None` while days are few.
	pub fn price_likelihood(&self, returns: &[f64]) -> Option<f64> {
		if self.days < FIRST_DAYS {
			return None;
		}
		let prices: Vec<f64> = returns.iter().step_by(2).copied().collect();
		let covariance: Vec<Vec<f64>> = self
			.covariance
			.iter()
			.step_by(2)
			.map(|row| row.iter().step_by(2).copied().collect())
			.collect();
		let factor = cholesky(&covariance);
		let residual = solve(&factor, &prices);
		let pivots = factor.iter().enumerate().map(|(index, row)| row[index]);
		let volume: f64 = pivots.filter(|pivot| *pivot > 0.0).map(libm::log).sum();
		Some(-volume - 0.5 * dot(&residual, &residual))
	}
}

/// In [`MOVE_SCALE`], to the nearest.
fn units(value: f64) -> i32 {
	// A float's conversion to an integer saturates; moves are bounded before.
	libm::round(value * f64::from(MOVE_SCALE)) as i32
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
	a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The lower factor of a positive semi-definite matrix. A return that follows from those before it
/// gets no pivot of its own.
fn cholesky(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
	let size = matrix.len();
	let mut factor = vec![vec![0.0; size]; size];
	for row in 0..size {
		for column in 0..=row {
			let known = dot(&factor[row][..column], &factor[column][..column]);
			let rest = matrix[row][column] - known;
			factor[row][column] = if row == column {
				let least = LEAST_PIVOT * matrix[row][row];
				if rest > least {
					libm::sqrt(rest)
				} else {
					0.0
				}
			} else if factor[column][column] > 0.0 {
				rest / factor[column][column]
			} else {
				0.0
			};
		}
	}
	factor
}

/// `factor⁻¹ · values` of a lower triangular factor; zero where it has no pivot.
fn solve(factor: &[Vec<f64>], values: &[f64]) -> Vec<f64> {
	let mut solution = Vec::with_capacity(values.len());
	for (row, (line, value)) in factor.iter().zip(values).enumerate() {
		let rest = value - dot(line, &solution);
		solution.push(if line[row] > 0.0 { rest / line[row] } else { 0.0 });
	}
	solution
}

#[cfg(test)]
mod tests {
	use super::*;

	const BOTH: [UnderlyingId; 2] = [UnderlyingId(0), UnderlyingId(1)];

	/// Returns of two underlyings of different volatility that move together, day by day.
	fn returns(day: u32) -> [f64; 4] {
		let wave = |step: u32| libm::sin(f64::from(day * step % 997));
		let (a, b, c, d) = (wave(7), wave(13), wave(29), wave(41));
		[0.02 * a, 0.03 * c - 0.05 * a, 0.03 * a + 0.01 * b, 0.04 * d]
	}

	#[test]
	fn factor_times_its_transpose_is_the_matrix() {
		let mut filter = JointFilter::new(BOTH.to_vec(), 0.97, 256);
		(0..200).for_each(|day| filter.observe(&returns(day)));
		let factor = cholesky(filter.covariance());
		for (row, line) in factor.iter().enumerate() {
			for (column, other) in factor.iter().enumerate() {
				assert!((dot(line, other) - filter.covariance[row][column]).abs() < 1e-15);
			}
		}
		assert_eq!(solve(&factor, &factor.iter().map(|row| row[0]).collect::<Vec<_>>())[0], 1.0);
	}

	#[test]
	fn scenarios_grow_with_today_when_markets_grow_wild() {
		let mut filter = JointFilter::new(BOTH.to_vec(), 0.94, 256);
		(0..300).for_each(|day| filter.observe(&returns(day)));
		let calm = filter.scenarios();
		(300..360).for_each(|day| filter.observe(&returns(day).map(|r| 4.0 * r)));
		let wild = filter.scenarios();
		let widest = |scenarios: &JointScenarios| {
			scenarios.moves.iter().take(300).map(|m| m.price.abs()).max().unwrap_or(0)
		};
		assert_eq!((calm.len(), wild.len()), (256, 256));
		assert!(widest(&wild) > 2 * widest(&calm));
	}

	#[test]
	fn scenarios_repeat_the_dependence_when_one_return_follows_from_another() {
		let mut filter = JointFilter::new(BOTH.to_vec(), 0.97, 256);
		for day in 0..100 {
			let [a, _, _, d] = returns(day);
			filter.observe(&[a, d, a, d]);
		}
		let scenarios = filter.scenarios();
		for pair in scenarios.moves.chunks_exact(2) {
			assert_eq!(pair[0], pair[1]);
		}
	}
}
