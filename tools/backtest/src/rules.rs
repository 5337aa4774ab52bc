//! The rules by which the chain learns covariance, chosen from returns.
//!
//! | constant | choice |
//! |---|---|
//! | decay λ | the slowest of those that prices do not reject: whose likelihood, each day under the covariance known before it, is within the 95 % region of the likeliest one's. A slower one keeps margins steadier |
//! | return bound | the largest return of all, rounded up to a tenth; at least a half. It clips no return of the history, only a false one |
//! | floors | the square of half the long-run deviation of the quietest underlying: calm does not halve what a year has taught |
//! | rise | what the variances that are learnt rise by at most on 99 days of 100; at least a quarter. On the hundredth the matrix in force takes two epochs or three |
//! | fall | (1 − λ)/2, half of what a learnt variance can fall by in a day: fast up, slowly down |
//!
//! One floor serves all underlyings, hence the quietest one's: a higher one would add to the variance of
//! others what they never had.

use crate::{
	error::Error,
	joint::{JointFilter, FIRST_DAYS, STEP},
	statistics::{mean, number, quantile},
};
use plimsoll_primitives::{number::SCALE, UnderlyingId};
use plimsoll_risk::{
	covariance::{MAX_RETURN, RETURN_SCALE},
	joint::RESIDUAL_SCALE,
	Covariance, CovarianceRules, JointHistory, JointReturn,
};
use sp_arithmetic::FixedU128;

/// The decays among which is chosen.
pub const DECAYS: [f64; 10] = [0.90, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99];
/// Half the 95 % quantile of χ² with one degree of freedom: a decay is rejected where its logarithmic
/// likelihood is this much below the largest.
const REJECTED: f64 = 1.920_729_410_347_062;
/// Degrees of freedom of the distribution that decays are judged by. Daily returns of crypto assets,
/// once standardised, have tails of about this; the normal one would judge by a single crash.
const FREEDOM: f64 = 4.0;
/// The part of the long-run deviation that is the floor.
const FLOOR_PART: f64 = 0.5;
/// Floors' deviations are rounded down to a multiple of this, and bounds up.
const FLOOR_STEP: f64 = 0.001;
const BOUND_STEP: f64 = 0.1;
const LEAST_BOUND: f64 = 0.5;
/// On which part of days the rise that is allowed is enough.
const RISING: f64 = 0.99;
const RISE_STEP: f64 = 0.05;
const LEAST_RISE: f64 = 0.25;

/// The rules, and what they come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Learning {
	/// What goes on chain.
	pub rules: CovarianceRules,
	/// λ.
	pub decay: f64,
	/// Each decay's logarithmic likelihood of all prices, up to a constant.
	pub likelihoods: Vec<(f64, f64)>,
	/// The largest return, of prices and volatilities.
	pub largest_return: f64,
	/// The long-run deviation of the quietest underlying's price and volatility, a day.
	pub deviations: (f64, f64),
	/// The square roots of the floors.
	pub floors: (f64, f64),
	/// The relative rise of a learnt variance in a day that 99 % do not exceed.
	pub rise: f64,
}

/// A constant of nine decimals, exactly: what is printed is what goes on chain. Constants are not
/// negative and below a thousand.
pub fn exactly(value: f64) -> FixedU128 {
	// A float's conversion to an integer saturates.
	let billionths = libm::round(value.max(0.0) * 1e9) as u64;
	FixedU128::from_inner(u128::from(billionths) * (SCALE / 1_000_000_000))
}

/// The next multiple of `step`, saved from rounding's last digit.
pub fn round_up(value: f64, step: f64) -> f64 {
	let steps = libm::ceil(value / step - 1e-9);
	// 0.15 and not 0.15000000000000002: constants go into a model.
	libm::round(steps * step * 1e6) / 1e6
}

/// As a float.
fn float(one: i32) -> f64 {
	f64::from(one) / f64::from(RETURN_SCALE)
}

/// Chooses from returns, day by day one for every underlying.
///
/// # Errors
/// `Covariance` where the engine refuses, as of too many underlyings.
pub fn learn(underlyings: &[UnderlyingId], returns: &[JointReturn]) -> Result<Learning, Error> {
	let most = f64::from(MAX_RETURN) / f64::from(RETURN_SCALE);
	let all = returns.iter().flat_map(|of| [float(of.price).abs(), float(of.volatility).abs()]);
	let largest_return = all.fold(0.0, f64::max);
	let deviations = (
		least_deviation(underlyings.len(), returns, |of| of.price),
		least_deviation(underlyings.len(), returns, |of| of.volatility),
	);
	let floor = |deviation: f64| {
		let steps = libm::floor(FLOOR_PART * deviation / FLOOR_STEP + 1e-9);
		libm::round(steps.max(1.0) * FLOOR_STEP * 1e6) / 1e6
	};
	let floors = (floor(deviations.0), floor(deviations.1));
	let bound = round_up(largest_return, BOUND_STEP).clamp(LEAST_BOUND, most);
	let with = |decay: f64, rise: f64| CovarianceRules {
		decay: exactly(decay),
		return_bound: exactly(bound),
		price_floor: exactly(floors.0 * floors.0),
		volatility_floor: exactly(floors.1 * floors.1),
		rise: exactly(rise),
		fall: exactly((1.0 - decay) / 2.0),
	};
	let likelihoods = DECAYS
		.into_iter()
		.map(|decay| Ok((decay, likelihood(underlyings, returns, &with(decay, LEAST_RISE))?)))
		.collect::<Result<Vec<_>, Error>>()?;
	let best = likelihoods.iter().map(|(_, of)| *of).fold(f64::NEG_INFINITY, f64::max);
	let slowest = likelihoods.iter().rfind(|(_, of)| best - of <= REJECTED);
	let decay = slowest.map_or(DECAYS[0], |(decay, _)| *decay);
	let rise = daily_rise(underlyings, returns, with(decay, LEAST_RISE))?;
	let rules = with(decay, round_up(rise.max(LEAST_RISE), RISE_STEP).min(10.0));
	rules.validate()?;
	Ok(Learning { rules, decay, likelihoods, largest_return, deviations, floors, rise })
}

/// The root of the mean square of one component, the underlying's where it is least.
fn least_deviation(width: usize, returns: &[JointReturn], of: fn(&JointReturn) -> i32) -> f64 {
	let deviation = |underlying: usize| {
		let own = returns.iter().skip(underlying).step_by(width.max(1));
		libm::sqrt(mean(own.map(|one| float(of(one)).powi(2))))
	};
	(0..width).map(deviation).fold(f64::INFINITY, f64::min)
}

/// The logarithmic likelihood of all days' prices, up to a constant, each day under the covariance Σ
/// known before it: Student's t with ν degrees of freedom and this covariance,
/// `−½ ln|Σ| − (ν + n)/2 · ln(1 + r'Σ⁻¹r/(ν − 2))` for n prices. Volatilities are left out: theirs is a model's. Without returns of their own they
/// stand at their floor, independent of prices, and add nothing but a constant.
fn likelihood(
	underlyings: &[UnderlyingId],
	returns: &[JointReturn],
	rules: &CovarianceRules,
) -> Result<f64, Error> {
	let prices: Vec<JointReturn> =
		returns.iter().map(|of| JointReturn { volatility: 0, ..*of }).collect();
	let (first, rest) = prices.split_at(prices.len().min(FIRST_DAYS * underlyings.len()));
	let mut covariance = Covariance::sample(underlyings, STEP, first, rules)?.floored(rules)?;
	let mut sum = 0.0;
	for step in rest.chunks_exact(underlyings.len()) {
		let factor = covariance.cholesky()?;
		let pivots = (0..factor.dimension()).step_by(2).map(|row| factor.entry(row, row));
		let volume: f64 = pivots.map(|pivot| libm::log(pivot as f64 / SCALE as f64)).sum();
		let filtered = JointHistory::filter(step, rules, &covariance, 1)?;
		let residuals = filtered.history.residuals.iter();
		let scaled = |price: i32| f64::from(price) / f64::from(RESIDUAL_SCALE);
		let distance: f64 = residuals.map(|of| scaled(of.price).powi(2)).sum();
		let spread = 0.5 * (FREEDOM + number(underlyings.len()));
		sum -= volume + spread * libm::log1p(distance / (FREEDOM - 2.0));
		covariance = filtered.covariance;
	}
	Ok(sum)
}

/// What variances that are learnt rise by in a day, relative to what they were, on [`RISING`] of days
/// at most; of each day the component's that rises most.
fn daily_rise(
	underlyings: &[UnderlyingId],
	returns: &[JointReturn],
	rules: CovarianceRules,
) -> Result<f64, Error> {
	let mut filter = JointFilter::new(underlyings, rules, usize::MAX)?;
	let mut rises = Vec::new();
	for step in returns.chunks_exact(underlyings.len().max(1)) {
		let before = filter.learnt().cloned();
		filter.observe(step)?;
		if let Some((before, after)) = before.as_ref().zip(filter.learnt()) {
			let of = |component: usize| before.variance(component).zip(after.variance(component));
			let rise = (0..before.dimension())
				.filter_map(of)
				.map(|(before, after)| after as f64 / before as f64 - 1.0);
			rises.push(rise.fold(0.0, f64::max));
		}
	}
	Ok(quantile(&rises, RISING).unwrap_or(0.0))
}
