//! The model's constants, chosen from history.
//!
//! | constant | choice |
//! |---|---|
//! | scan range | such that the farthest move of the grid at full weight (4/3 ranges) is the larger of the expected shortfall at 99 % of moves over all days and their 99 % quantile in the wildest 250 days; at least a floor; rounded up to half a percent |
//! | volatility ranges | the 99 % quantile of the modelled 30-day volatility's relative rise and fall, and no less than the standard model's |
//! | φ | what covers the expected shortfall at 99 % of the worst pair held against each other, in parts of the sum of both scans; at least a half |
//! | initial factor | a long or short account at its initial margin stays above maintenance throughout nine days of ten; at least 1.25 |
//! | how covariance is learnt | see [`rules`](crate::rules) |
//!
//! A move is the worst within the horizon, in either direction, not only that from close to close.
//! The stressed window and the floors keep calm years from lowering a constant below what a crisis
//! asks (EU 153/2013, article 28: weight to stressed observations, and a long look-back as a floor).

use crate::{
	daily::{Day, Outcome},
	error::Error,
	joint::{JointFilter, RENEWAL_DAYS},
	market::{Asset, Moments, Walk},
	rules::{exactly, learn, round_up, Learning},
	statistics::{expected_shortfall, number, quantile},
	volatility::{VolatilityLaw, YEAR},
};
use plimsoll_primitives::number::SCALE;
use plimsoll_risk::{Aggregation, JointRisk, RiskModel, Scenario, VolatilityShock};
use sp_arithmetic::{FixedI128, FixedU128};
use sp_core::bounded::BoundedVec;

/// Of which moves' distribution scan ranges and φ cover the tail.
pub const CONFIDENCE: f64 = 0.99;
/// How long the stressed window is, days.
pub const STRESS_DAYS: usize = 250;
/// The fewest days that constants are chosen from.
pub const LEAST_DAYS: usize = 100;
/// Scan ranges are rounded up to a multiple of this.
const RANGE_STEP: f64 = 0.005;
/// φ and factors are.
const FACTOR_STEP: f64 = 0.05;
/// The least and the largest scan range: a history without a crash proves nothing, and three ranges
/// down must leave a price.
pub const RANGES: (f64, f64) = (0.15, 0.33);
/// The least φ and initial factor.
const LEAST_FLOOR: f64 = 0.5;
const LEAST_INITIAL: f64 = 1.25;
/// The days of ten on which an account at initial margin stays above maintenance.
const STAYING: f64 = 0.9;
/// The part of joint scenarios whose mean is the joint loss.
const TAIL: f64 = 0.01;

/// What was found of one underlying.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
	/// Expected shortfall of moves over all days.
	pub shortfall: f64,
	/// Quantile of moves in the stressed window.
	pub stressed: f64,
	/// The last day of the stressed window.
	pub stress_end: i64,
	/// The worst move of all.
	pub worst: f64,
	/// The chosen scan range.
	pub scan_range: f64,
}

/// What was found of modelled volatilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VolatilityRange {
	/// Relative rise and fall at the confidence.
	pub observed: (f64, f64),
	/// The chosen ranges.
	pub chosen: (f64, f64),
}

/// The constants, and what they come from.
#[derive(Clone, Debug)]
pub struct Calibration {
	/// The first and the last day.
	pub days: (i64, i64),
	/// How many of them are observations.
	pub observations: usize,
	/// By asset.
	pub ranges: Vec<Range>,
	/// Over all assets.
	pub volatility: VolatilityRange,
	/// The shortfall of the worst pair, in parts of the sum of both scans; zero of one underlying.
	pub pair_shortfall: f64,
	/// φ.
	pub floor: f64,
	/// The initial factor.
	pub initial_factor: f64,
	/// How covariance is learnt.
	pub learning: Learning,
	/// The model with all of these.
	pub model: RiskModel,
	/// Joint scenarios as of the last day.
	pub joint: JointRisk,
}

/// The farthest that a price (rises, falls) within the horizon, fractions; at least nothing.
fn moves(before: f64, outcome: &Outcome) -> (f64, f64) {
	let rise = outcome.high / before - 1.0;
	let fall = 1.0 - outcome.low / before;
	(rise.max(0.0), fall.max(0.0))
}

/// The same of every day of one underlying.
fn all_moves(moments: &[Moments], asset: usize) -> Vec<(f64, f64)> {
	let of =
		|moment: &Moments| Some(moves(moment.before.get(asset)?.spot, moment.outcomes.get(asset)?));
	moments.iter().filter_map(of).collect()
}

/// Chooses the constants from days of aligned history; `floors` are the least scan ranges by asset.
///
/// # Errors
/// `TooFewDays`; `Model` and `Covariance` where the engine would refuse what is chosen.
pub fn calibrate(
	assets: &[Asset],
	rows: &[Vec<Day>],
	law: VolatilityLaw,
	horizon: i64,
	floors: &[f64],
) -> Result<Calibration, Error> {
	let mut walk = Walk::new(assets, law, horizon);
	let (mut moments, mut returns) = (Vec::new(), Vec::new());
	for row in rows {
		let step = walk.step(row)?;
		returns.extend(step.returns.into_iter().flatten());
		moments.extend(step.moments);
	}
	let (Some(first), Some(last)) = (moments.first(), moments.last()) else {
		return Err(Error::TooFewDays { needed: LEAST_DAYS, found: 0 });
	};
	if moments.len() < LEAST_DAYS {
		return Err(Error::TooFewDays { needed: LEAST_DAYS, found: moments.len() });
	}
	let reach = reach(&RiskModel::standard(&[]));
	let floor_of = |asset: usize| floors.get(asset).copied().unwrap_or(RANGES.0);
	let ranges: Vec<Range> =
		(0..assets.len()).map(|asset| range(&moments, asset, floor_of(asset), reach)).collect();
	let volatility = volatility_range(&moments);
	let pairs = assets.iter().map(|asset| asset.id).zip(ranges.iter().map(|r| r.scan_range));
	let pairs: Vec<_> = pairs.map(|(id, range)| (id, exactly(range))).collect();
	let mut model = RiskModel::standard(&pairs);
	let pair_shortfall = pair_shortfall(&moments, &ranges) / (2.0 * reach);
	let floor = round_up(pair_shortfall.max(LEAST_FLOOR), FACTOR_STEP).min(1.0);
	let initial_factor = initial_factor(&moments, &ranges, reach);
	model.volatility.range_up = exactly(volatility.chosen.0);
	model.volatility.range_down = exactly(volatility.chosen.1);
	model.initial_factor = exactly(initial_factor);
	model.aggregation = Some(Aggregation {
		one_market: one_market(&model),
		floor: exactly(floor),
		tail: exactly(TAIL),
	});
	model.validate()?;
	let ids: Vec<_> = assets.iter().map(|asset| asset.id).collect();
	let learning = learn(&ids, &returns)?;
	let mut filter = JointFilter::new(&ids, learning.rules, RENEWAL_DAYS)?;
	returns.chunks_exact(ids.len()).try_for_each(|day| filter.observe(day))?;
	let joint = filter
		.joint(horizon.unsigned_abs())?
		.ok_or(Error::TooFewDays { needed: LEAST_DAYS, found: 0 })?;
	Ok(Calibration {
		days: (first.day, last.day),
		observations: moments.len(),
		ranges,
		volatility,
		pair_shortfall,
		floor,
		initial_factor,
		learning,
		model,
		joint,
	})
}

/// The largest move that counts in full, in scan ranges.
fn reach(model: &RiskModel) -> f64 {
	let full = model.scenarios.iter().filter(|scenario| scenario.weight == FixedU128::from_u32(1));
	full.map(|scenario| scenario.price_move.to_float().abs()).fold(0.0, f64::max)
}

/// The scenarios that befall all underlyings at once: ±2/3, ±1 and ±4/3 ranges in full, with
/// volatility up and down.
fn one_market(
	model: &RiskModel,
) -> BoundedVec<u8, sp_core::ConstU32<{ plimsoll_risk::model::MAX_SCENARIOS }>> {
	let half = FixedI128::from_rational(1, 2);
	let befalls = |scenario: &Scenario| {
		let is_far = scenario.price_move > half
			|| scenario.price_move < FixedI128::from_inner(-half.into_inner());
		is_far
			&& scenario.weight.into_inner() == SCALE
			&& matches!(scenario.volatility, VolatilityShock::Up | VolatilityShock::Down)
	};
	let indices = (0u8..).zip(&model.scenarios).filter(|(_, scenario)| befalls(scenario));
	BoundedVec::truncate_from(indices.map(|(index, _)| index).collect())
}

/// An underlying's scan range, `reach` ranges being the farthest move at full weight.
fn range(moments: &[Moments], asset: usize, floor: f64, reach: f64) -> Range {
	let both = all_moves(moments, asset);
	let moves: Vec<f64> = both.into_iter().map(|(rise, fall)| rise.max(fall)).collect();
	let wildness = |window: &[f64]| window.iter().map(|x| x * x).sum::<f64>();
	let length = STRESS_DAYS.min(moves.len()).max(1);
	let windows = moves.windows(length).enumerate();
	let wildest = windows.max_by(|a, b| wildness(a.1).total_cmp(&wildness(b.1)));
	let (start, window) = wildest.unwrap_or((0, &[]));
	let shortfall = expected_shortfall(&moves, CONFIDENCE).unwrap_or(0.0);
	let stressed = quantile(window, CONFIDENCE).unwrap_or(0.0);
	Range {
		shortfall,
		stressed,
		stress_end: moments.get(start + length - 1).map_or(0, |moment| moment.day),
		worst: moves.iter().copied().fold(0.0, f64::max),
		scan_range: round_up((shortfall.max(stressed) / reach).max(floor), RANGE_STEP)
			.min(RANGES.1),
	}
}

/// The relative moves of modelled 30-day volatilities.
fn volatility_range(moments: &[Moments]) -> VolatilityRange {
	let years = 30.0 / YEAR;
	let (mut rises, mut falls) = (Vec::new(), Vec::new());
	for moment in moments {
		for (before, after) in moment.before.iter().zip(&moment.after) {
			let change = after.volatility.implied(years) / before.volatility.implied(years) - 1.0;
			rises.push(change);
			falls.push(-change);
		}
	}
	let observed = |moves: &[f64]| quantile(moves, CONFIDENCE).unwrap_or(0.0).max(0.0);
	let observed = (observed(&rises), observed(&falls));
	let standard = RiskModel::standard(&[]).volatility;
	let chosen =
		|observed: f64, least: FixedU128| round_up(observed.max(least.to_float()), FACTOR_STEP);
	let chosen =
		(chosen(observed.0, standard.range_up), chosen(observed.1, standard.range_down).min(0.9));
	VolatilityRange { observed, chosen }
}

/// The shortfall of two underlyings held against each other, in equal parts of their scan ranges;
/// the worst pair's.
fn pair_shortfall(moments: &[Moments], ranges: &[Range]) -> f64 {
	let mut worst: f64 = 0.0;
	for (one, first) in ranges.iter().enumerate() {
		for (other, second) in ranges.iter().enumerate().skip(one + 1) {
			let change = |moment: &Moments, asset: usize| {
				let (before, outcome) = (moment.before.get(asset)?, moment.outcomes.get(asset)?);
				Some(outcome.close / before.spot - 1.0)
			};
			let apart: Vec<f64> = moments
				.iter()
				.filter_map(|moment| {
					let (a, b) = (change(moment, one)?, change(moment, other)?);
					Some((a / first.scan_range - b / second.scan_range).abs())
				})
				.collect();
			worst = worst.max(expected_shortfall(&apart, CONFIDENCE).unwrap_or(0.0));
		}
	}
	worst
}

/// 1 + the rises or falls of nine days of ten over what maintenance margin covers, the worst
/// underlying's.
fn initial_factor(moments: &[Moments], ranges: &[Range], reach: f64) -> f64 {
	let mut factor = LEAST_INITIAL;
	for (asset, range) in ranges.iter().enumerate() {
		let (rises, falls): (Vec<f64>, Vec<f64>) = all_moves(moments, asset).into_iter().unzip();
		for moves in [rises, falls] {
			let usual = quantile(&moves, STAYING).unwrap_or(0.0);
			factor = factor.max(1.0 + usual / (reach * range.scan_range));
		}
	}
	round_up(factor, FACTOR_STEP)
}

/// How many observations lie up to the end of the first `share` of them: the in-sample part.
pub fn split(rows: usize, share: f64) -> usize {
	(0..rows).take_while(|row| number(row + 1) <= share * number(rows) + 1e-9).count()
}
