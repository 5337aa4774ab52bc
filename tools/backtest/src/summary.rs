//! What a portfolio's days come to.

use crate::{
	backtest::{bindings, Observation},
	statistics::{mean, Coverage},
};

/// The probability of a breach that margins are held to: one-day coverage of 99.5 % (EU 153/2013,
/// article 24).
pub const BREACH_PROBABILITY: f64 = 0.005;
/// Tests reject at this significance.
pub const SIGNIFICANCE: f64 = 0.05;
/// Over how many days the largest rise is looked for.
const RISE_DAYS: usize = 5;

/// A portfolio's days in numbers. Margins in parts of gross notional.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
	/// All days.
	pub coverage: Coverage,
	/// Those of the part that constants were chosen from.
	pub in_sample: Coverage,
	/// The rest.
	pub out_of_sample: Coverage,
	/// Days on which the worst within the horizon exceeded the margin, where bars tell.
	pub breaches_within: Option<usize>,
	/// Mean maintenance margin.
	pub maintenance: f64,
	/// Mean initial margin.
	pub initial: f64,
	/// Mean of the legs' initial margins alone.
	pub isolated: f64,
	/// Highest over lowest maintenance margin; infinite where the lowest is nothing.
	pub peak_to_trough: f64,
	/// The largest relative rise of maintenance margin over five days, with its last day.
	pub largest_rise: (f64, i64),
	/// Mean gross notional over mean initial margin.
	pub efficiency: f64,
	/// The least of any day.
	pub least_efficiency: f64,
	/// The largest loss beyond the margin, or the nearest to it: (day, loss, maintenance margin).
	pub worst: Option<(i64, f64, f64)>,
	/// What binds, the most frequent first.
	pub bindings: Vec<(String, usize)>,
}

impl Summary {
	/// Of these days; those up to `split` are the in-sample part.
	pub fn of(observations: &[Observation], split: i64) -> Self {
		let breaches: Vec<bool> = observations.iter().map(Observation::is_breach).collect();
		let first = observations.iter().take_while(|o| o.day <= split).count();
		let (early, late) = breaches.split_at(first);
		let coverage = |breaches: &[bool]| Coverage::of(breaches, BREACH_PROBABILITY);
		let initial = mean(observations.iter().map(|o| o.initial));
		let ratio = |margin: f64| if margin > 0.0 { 1.0 / margin } else { f64::INFINITY };
		let maintenance = || observations.iter().map(|o| o.maintenance);
		let lowest = maintenance().fold(f64::INFINITY, f64::min);
		let highest = maintenance().fold(0.0, f64::max);
		let excess = |o: &Observation| o.loss - o.maintenance;
		let worst = observations.iter().max_by(|a, b| excess(a).total_cmp(&excess(b)));
		let exceeds = |o: &Observation| o.worst_within.map(|loss| loss > o.maintenance);
		let within: Option<Vec<bool>> = observations.iter().map(exceeds).collect();
		Self {
			coverage: coverage(&breaches),
			in_sample: coverage(early),
			out_of_sample: coverage(late),
			breaches_within: within.map(|days| days.into_iter().filter(|day| *day).count()),
			maintenance: mean(maintenance()),
			initial,
			isolated: mean(observations.iter().map(|o| o.isolated)),
			peak_to_trough: if lowest > 0.0 { highest / lowest } else { f64::INFINITY },
			largest_rise: largest_rise(observations),
			efficiency: ratio(initial),
			least_efficiency: ratio(observations.iter().map(|o| o.initial).fold(0.0, f64::max)),
			worst: worst.map(|o| (o.day, o.loss, o.maintenance)),
			bindings: bindings(observations),
		}
	}

	/// Whether coverage is what is demanded of a linear book: enough, and rejected by no test.
	pub fn is_covered(&self) -> bool {
		self.coverage.covered() >= 1.0 - BREACH_PROBABILITY
			&& !self.coverage.is_rejected(SIGNIFICANCE)
	}
}

/// The largest relative rise of maintenance margin from any day to a later one at most five
/// observations on, and that day; zero where it never rises.
fn largest_rise(observations: &[Observation]) -> (f64, i64) {
	let mut largest = (0.0, observations.first().map_or(0, |o| o.day));
	for (index, now) in observations.iter().enumerate() {
		for before in observations.iter().take(index).skip(index.saturating_sub(RISE_DAYS)) {
			let rise = now.maintenance / before.maintenance - 1.0;
			if before.maintenance > 0.0 && rise > largest.0 {
				largest = (rise, now.day);
			}
		}
	}
	largest
}
