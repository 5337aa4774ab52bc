//! History made alike, and what it says of today.

use super::{JointMove, JointScenarios, MAX_JOINT_SCENARIOS, MAX_JOINT_UNDERLYINGS, MOVE_SCALE};
use crate::{
	covariance::{
		components, validate_header, Covariance, CovarianceError, CovarianceRules, JointReturn,
		LowerTriangle, MAX_RETURN, MAX_STEP, MIN_STEP,
	},
	fixed::{divide, from_decimal, scale_down, Fixed, ONE},
	math::{exp, sqrt_integer},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::UnderlyingId;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::{bounded::BoundedVec, ConstU32};

/// What one is in residuals: they are in ten-millionths of a standard deviation.
pub const RESIDUAL_SCALE: i32 = 10_000_000;
/// The largest residual: 200 standard deviations, up or down.
pub const MAX_RESIDUAL: i32 = 200 * RESIDUAL_SCALE;
/// The most residuals: one for every underlying in every scenario.
pub const MAX_RESIDUALS: u32 = MAX_JOINT_SCENARIOS * MAX_JOINT_UNDERLYINGS;

/// Residuals are worked out in twelve decimals, five more than are kept.
const FINE_PER_RESIDUAL: i128 = 100_000;
/// What gives a return, of nine decimals, the 30 of a factor (18) times a fine residual (12).
const FINE_PER_RETURN: i128 = 1_000_000_000_000_000_000_000;
/// The largest logarithmic move of a scenario, up or down: ±3, in the 25 decimals of a factor (18)
/// times a residual (7). Prices rise to 20 times, or fall by 95.03 %.
const LARGEST_MOVE: i128 = 30_000_000_000_000_000_000_000_000;
/// What makes these 25 decimals 18.
const MOVE_PER_DECIMAL: u128 = 10_000_000;

/// What is left of one underlying's return once its own and the correlated part of the others' that
/// stand before it are taken out by the factor of its day, in ten-millionths of a standard deviation
/// ([`RESIDUAL_SCALE`]).
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
pub struct Residual {
	/// Of its price.
	pub price: i32,
	/// Of its volatility.
	pub volatility: i32,
}

/// Past steps made alike: standardised residuals `z_t = L_t⁻¹·r_t`, of no volatility and correlation
/// but their own tails.
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
pub struct JointHistory {
	/// Whose, each once, in the order of the covariance matrix.
	pub underlyings: BoundedVec<UnderlyingId, ConstU32<MAX_JOINT_UNDERLYINGS>>,
	/// The length of a step in milliseconds.
	pub step: u64,
	/// Step by step, the oldest first, each with one for every underlying in order; at most
	/// [`MAX_JOINT_SCENARIOS`] steps.
	pub residuals: BoundedVec<Residual, ConstU32<MAX_RESIDUALS>>,
}

/// What [`JointHistory::filter`] gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filtered {
	/// The residuals.
	pub history: JointHistory,
	/// The covariance after the last step.
	pub covariance: Covariance,
}

impl JointHistory {
	/// How many scenarios there are; an incomplete last one does not count.
	pub fn len(&self) -> usize {
		self.residuals.len().checked_div(self.underlyings.len()).unwrap_or(0)
	}

	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		self.len() == 0
	}

	/// Whether it can be used: underlyings that are there once each, a step in range, at least one
	/// scenario and at most [`MAX_JOINT_SCENARIOS`], all complete, no residual beyond
	/// ±[`MAX_RESIDUAL`].
	pub fn validate(&self) -> Result<(), CovarianceError> {
		validate_header(&self.underlyings, self.step)?;
		if self.is_empty() {
			return Err(CovarianceError::NoScenarios);
		}
		if !self.residuals.len().is_multiple_of(self.underlyings.len()) {
			return Err(CovarianceError::Shape);
		}
		if u32::try_from(self.len()).map_or(true, |scenarios| scenarios > MAX_JOINT_SCENARIOS) {
			return Err(CovarianceError::TooManyScenarios);
		}
		let is_bounded = |of: i32| (-MAX_RESIDUAL..=MAX_RESIDUAL).contains(&of);
		if !self.residuals.iter().all(|of| is_bounded(of.price) && is_bounded(of.volatility)) {
			return Err(CovarianceError::Residual);
		}
		Ok(())
	}

	/// Runs the exponentially weighted filter over a series and keeps the residuals of its last `keep`
	/// steps. `returns` step by step, each with one for every underlying of `start`, which is the
	/// covariance before the first step.
	///
	/// Each step's residuals are taken with the factor of the covariance *before* it, floored by the
	/// rules: nothing of a step is known in what it is measured by. Returns count in full (up to
	/// ±[`MAX_RETURN`]) in residuals, and clipped at the rules' bound in the covariance.
	///
	/// Residuals are worked out to 1e-12 and rounded to the nearest 1e-7. A component without variance
	/// has none (zero); beyond ±[`MAX_RESIDUAL`] they are clipped.
	///
	/// Errors: `NoScenarios` where `returns` or `keep` is nothing, `TooManyScenarios` where `keep` is
	/// above [`MAX_JOINT_SCENARIOS`], `Shape` where a step is incomplete, and those of `start` and
	/// of the rules that are not valid.
	pub fn filter(
		returns: &[JointReturn],
		rules: &CovarianceRules,
		start: &Covariance,
		keep: u32,
	) -> Result<Filtered, CovarianceError> {
		rules.validate()?;
		start.validate()?;
		if keep == 0 {
			return Err(CovarianceError::NoScenarios);
		}
		if keep > MAX_JOINT_SCENARIOS {
			return Err(CovarianceError::TooManyScenarios);
		}
		let keep = usize::try_from(keep).map_err(|_| CovarianceError::Overflow)?;
		let steps = start.steps(returns)?;
		let unused = steps.len().saturating_sub(keep); // none where all are kept
		let mut covariance = start.floored(rules)?;
		let mut residuals = Vec::with_capacity(returns.len());
		for (at, step) in steps.enumerate() {
			if at >= unused {
				residuals.extend(residuals_of(step, &covariance.cholesky()?)?);
			}
			covariance = covariance.observe(step, rules)?.floored(rules)?;
		}
		let history = Self {
			underlyings: start.underlyings.clone(),
			step: start.step,
			residuals: BoundedVec::try_from(residuals)
				.map_err(|_| CovarianceError::TooManyScenarios)?,
		};
		Ok(Filtered { history, covariance })
	}

	/// The scenarios as of today: each past step with the volatilities and correlations of
	/// `covariance`, `r* = √h · L·z`, as relative moves `exp(r*) − 1`.
	///
	/// `horizon`, in milliseconds, from a minute to 30 days, is how long a position is held; h is how
	/// many steps of the history that is. Scaling by the root takes the steps as independent and alike,
	/// so it overstates volatilities' moves (they return to their mean) and understates prices' where
	/// they trend. One step's horizon scales by exactly one.
	///
	/// Rounding: away from zero, to 1e-8, so that no loss is understated; what comes before is within
	/// 1e-7/2 · √h · Σ_j|L_ij| of the filter's residuals. Clipped at r* = ±3, so moves lie between
	/// −0.951 and 19.1. Errors: `DifferentUnderlyings`, `DifferentStep`, `Horizon`, and those of
	/// [`validate`](Self::validate) and [`Covariance::cholesky`].
	///
	/// Cost: for each scenario (2n)²/2 products and 2n exponentials: with eight underlyings and 256
	/// scenarios, 34,816 and 4,096.
	pub fn today(
		&self,
		covariance: &Covariance,
		horizon: u64,
	) -> Result<JointScenarios, CovarianceError> {
		self.validate()?;
		covariance.ensure_alike(&self.underlyings, self.step)?;
		if !(MIN_STEP..=MAX_STEP).contains(&horizon) {
			return Err(CovarianceError::Horizon);
		}
		let scale = divide(sqrt_integer(horizon)?, sqrt_integer(self.step)?)?;
		let rows = scaled_rows(&covariance.cholesky()?, scale)?;
		let mut moves = Vec::with_capacity(self.residuals.len());
		for scenario in self.residuals.chunks_exact(self.underlyings.len()) {
			let residuals: Vec<i128> = scenario
				.iter()
				.flat_map(|of| [i128::from(of.price), i128::from(of.volatility)])
				.collect();
			let relative = |row: &Vec<i128>| {
				// A scaled factor is below 2^62 · 208 and a residual below 2^31; there are at most 16.
				let log = row.iter().zip(&residuals).map(|(entry, of)| entry * of).sum();
				relative_move(log)
			};
			for pair in rows.chunks_exact(2) {
				if let [price, volatility] = pair {
					moves.push(JointMove {
						price: relative(price)?,
						volatility: relative(volatility)?,
					});
				}
			}
		}
		Ok(JointScenarios { underlyings: self.underlyings.to_vec(), moves })
	}
}

/// The factor's rows times `scale`, 18 decimals, cut towards zero.
fn scaled_rows(factor: &LowerTriangle, scale: Fixed) -> Result<Vec<Vec<i128>>, CovarianceError> {
	let scaled = |entry: &i64| {
		let size = i128::try_from(scale_down(u128::from(entry.unsigned_abs()), scale)?)
			.map_err(|_| CovarianceError::Overflow)?;
		Ok(if *entry < 0 { -size } else { size })
	};
	(0..factor.dimension()).map(|row| factor.row(row).iter().map(scaled).collect()).collect()
}

/// exp(`log`) − 1 in [`MOVE_SCALE`], rounded away from zero, of a logarithm of 25 decimals clipped at
/// ±[`LARGEST_MOVE`].
fn relative_move(log: i128) -> Result<i32, CovarianceError> {
	let clipped = log.clamp(-LARGEST_MOVE, LARGEST_MOVE);
	let size = i128::try_from(clipped.unsigned_abs().div_ceil(MOVE_PER_DECIMAL))
		.map_err(|_| CovarianceError::Overflow)?;
	let change = exp(from_decimal(size * clipped.signum())?)?.to_bits() - ONE.to_bits();
	// Below 20 with 64 bits after the point, times 2^27.
	let scaled = change.unsigned_abs() * u128::from(MOVE_SCALE.unsigned_abs());
	let size = i32::try_from(scaled.div_ceil(1 << 64)).map_err(|_| CovarianceError::Overflow)?;
	Ok(if change < 0 { -size } else { size })
}

/// `L⁻¹·r` by forward substitution.
fn residuals_of(
	returns: &[JointReturn],
	factor: &LowerTriangle,
) -> Result<Vec<Residual>, CovarianceError> {
	let bound = i128::from(MAX_RESIDUAL) * FINE_PER_RESIDUAL;
	let mut fine: Vec<i128> = Vec::with_capacity(factor.dimension());
	for (row, of) in components(returns, MAX_RETURN).enumerate() {
		let (pivot, others) = factor.row(row).split_last().ok_or(CovarianceError::Shape)?;
		// 30 decimals: a return of nine times 10^21 is below 2^101; a factor of 18 decimals, below
		// 2^62, times a residual of twelve, at most 2e14, is below 2^110, and there are at most 16.
		let whole = i128::from(of) * FINE_PER_RETURN;
		let told: i128 =
			others.iter().zip(&fine).map(|(entry, residual)| i128::from(*entry) * residual).sum();
		// No pivot: the component does not move.
		let residual = (whole - told).checked_div(i128::from(*pivot)).unwrap_or(0);
		fine.push(residual.clamp(-bound, bound));
	}
	let coarse = |fine: i128| {
		let half = FINE_PER_RESIDUAL / 2 * fine.signum();
		i32::try_from((fine + half) / FINE_PER_RESIDUAL).map_err(|_| CovarianceError::Overflow)
	};
	fine.chunks_exact(2)
		.map(|pair| match pair {
			[price, volatility] => {
				Ok(Residual { price: coarse(*price)?, volatility: coarse(*volatility)? })
			}
			_ => Err(CovarianceError::Shape),
		})
		.collect()
}
