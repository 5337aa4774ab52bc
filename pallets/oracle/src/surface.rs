//! Volatility surfaces: which of several is taken, and what is served when a new one is refused.

use crate::median::{summarise, Summary};
use alloc::vec::Vec;
use plimsoll_primitives::Svi;
use plimsoll_risk::svi;
use sp_arithmetic::{
	traits::{CheckedAdd, CheckedMul, CheckedSub, Zero},
	FixedI128, FixedPointNumber, FixedU128,
};

/// Where surfaces are compared: at the money and one and three standard deviations either side.
const DEVIATIONS: [i128; 5] = [-3, -1, 0, 1, 3];

/// Total implied variance of a slice at log-moneyness `k`: `a + b·(rho·(k − m) + sqrt((k − m)² +
/// sigma²))`, each product rounded to the nearest unit of 1e-18. `None` on overflow or where it is
/// negative.
pub fn total_variance(slice: &Svi, k: FixedI128) -> Option<FixedI128> {
	let distance = k.checked_sub(&slice.m)?;
	let square = distance.checked_mul(&distance)?;
	let root = square.checked_add(&slice.sigma.checked_mul(&slice.sigma)?)?.checked_sqrt()?;
	let wings = slice.rho.checked_mul(&distance)?.checked_add(&root)?;
	let variance = slice.a.checked_add(&slice.b.checked_mul(&wings)?)?;
	(variance >= FixedI128::zero()).then_some(variance)
}

/// Total implied variance at the money, where strike equals forward.
pub fn at_the_money(slice: &Svi) -> Option<FixedI128> {
	total_variance(slice, FixedI128::zero())
}

/// `slice` moved as a whole so that its variance at the money is `target`; refused where the result
/// admits arbitrage.
pub fn shifted_to(slice: &Svi, target: FixedI128) -> Option<Svi> {
	let shift = target.checked_sub(&at_the_money(slice)?)?;
	let shifted = Svi { a: slice.a.checked_add(&shift)?, ..*slice };
	svi::check(&shifted).is_ok().then_some(shifted)
}

/// The surface that stands for several, and whether they agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
	/// One of them, whole: the one that stays closest to the median of all.
	pub surface: Svi,
	/// Whether more than half of them lie within the limit, at every point of comparison.
	pub agreed: bool,
}

/// Chooses among `surfaces`. At each point of comparison the median of their variances is taken;
/// the surface whose largest relative distance from it is the smallest is chosen (never a mixture,
/// which could admit arbitrage; the smaller one in order where two are equally close).
/// `max_divergence` is the widest dispersion that counts as agreement, a fraction of the median.
/// `None` where no surface can be valued.
pub fn choose(surfaces: &[Svi], max_divergence: FixedU128) -> Option<Choice> {
	let points = compare(surfaces)?;
	let (_, surface) = surfaces
		.iter()
		.filter_map(|slice| Some((furthest(slice, &points)?, *slice)))
		.min_by(|left, right| left.cmp(right))?;
	let agreed = points.iter().all(|point| {
		let limit = max_divergence.checked_mul_int(point.summary.median.unsigned_abs());
		limit.is_some_and(|limit| point.summary.dispersion <= limit)
	});
	Some(Choice { surface, agreed })
}

/// How many of `surfaces` lie within `max_divergence` of the median of all, a fraction of it, at
/// every point of comparison.
pub fn agreeing(surfaces: &[Svi], max_divergence: FixedU128) -> usize {
	let Some(points) = compare(surfaces) else { return 0 };
	let is_close =
		|slice: &&Svi| furthest(slice, &points).is_some_and(|distance| distance <= max_divergence);
	surfaces.iter().filter(is_close).count()
}

/// The surfaces at all points of comparison. `None` where at one of them none can be valued.
fn compare(surfaces: &[Svi]) -> Option<Vec<Point>> {
	let center = summarise(surfaces.iter().filter_map(at_the_money).map(scaled).collect())?;
	let deviation = FixedI128::from_inner(center.median).checked_sqrt()?;
	let points: Vec<Point> =
		DEVIATIONS.iter().filter_map(|steps| Point::at(surfaces, *steps, deviation)).collect();
	(points.len() == DEVIATIONS.len()).then_some(points)
}

/// What the surfaces say at one log-moneyness.
struct Point {
	k: FixedI128,
	summary: Summary,
}

impl Point {
	/// `None` where no surface can be valued there.
	fn at(surfaces: &[Svi], steps: i128, deviation: FixedI128) -> Option<Self> {
		let k = FixedI128::from_inner(deviation.into_inner().checked_mul(steps)?);
		let variances = surfaces.iter().filter_map(|slice| total_variance(slice, k)).map(scaled);
		Some(Self { k, summary: summarise(variances.collect())? })
	}
}

/// The largest relative distance of a slice from the medians.
fn furthest(slice: &Svi, points: &[Point]) -> Option<FixedU128> {
	points.iter().try_fold(FixedU128::zero(), |largest, point| {
		let distance = scaled(total_variance(slice, point.k)?).abs_diff(point.summary.median);
		// A median of zero has no relative distance: any other value is as far as can be.
		let relative =
			FixedU128::checked_from_rational(distance, point.summary.median.unsigned_abs().max(1))
				.unwrap_or(FixedU128::from_inner(u128::MAX));
		Some(largest.max(relative))
	})
}

fn scaled(value: FixedI128) -> i128 {
	value.into_inner()
}
