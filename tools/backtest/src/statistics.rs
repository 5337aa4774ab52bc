//! Quantiles, and the tests of coverage.
//!
//! - P. Kupiec, "Techniques for verifying the accuracy of risk measurement models", Journal of
//!   Derivatives 3 (1995): proportion of failures.
//! - P. Christoffersen, "Evaluating interval forecasts", International Economic Review 39 (1998):
//!   independence and conditional coverage.
//!
//! Each likelihood ratio is also tested one-sided, since a margin that covers more than it must is
//! not wrong. The square root of the ratio, signed, is asymptotically standard normal; the sum of two
//! such halves follows ¼χ²₀ + ½χ²₁ + ¼χ²₂ (S. Self and K.-Y. Liang, "Asymptotic properties of maximum
//! likelihood estimators and likelihood ratio tests under nonstandard conditions", 1987, case 7 with
//! independent parameters).

/// A number of things, as a float: exact below 2^53.
pub fn number(count: usize) -> f64 {
	count as f64
}

/// The mean; zero of nothing.
pub fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
	let (sum, count) =
		values.into_iter().fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
	if count > 0.0 {
		sum / count
	} else {
		0.0
	}
}

/// The least value that at least the share `level` of all values do not exceed; `None` of nothing.
pub fn quantile(values: &[f64], level: f64) -> Option<f64> {
	let mut sorted = values.to_vec();
	sorted.sort_unstable_by(f64::total_cmp);
	let rank = libm::ceil(level * number(sorted.len()));
	let ranked = sorted.iter().enumerate();
	ranked
		.map(|(index, value)| (number(index + 1), *value))
		.find(|(at, _)| *at >= rank)
		.map(|(_, v)| v)
}

/// The mean of the largest values, so many that they are the share `1 − level` of all, the last one
/// counted in part; `None` of nothing.
pub fn expected_shortfall(values: &[f64], level: f64) -> Option<f64> {
	let mut sorted = values.to_vec();
	sorted.sort_unstable_by(|a, b| b.total_cmp(a));
	let tail = (1.0 - level) * number(sorted.len());
	if sorted.is_empty() || tail <= 0.0 {
		return sorted.first().copied();
	}
	let mut left = tail;
	let mut sum = 0.0;
	for value in sorted {
		let part = left.clamp(0.0, 1.0);
		sum += part * value;
		left -= part;
	}
	Some(sum / tail)
}

/// The standard normal distribution function.
pub fn normal_distribution(x: f64) -> f64 {
	0.5 * libm::erfc(-x / core::f64::consts::SQRT_2)
}

/// The probability that χ² with one degree of freedom exceeds `x`.
fn chi_squared_1(x: f64) -> f64 {
	libm::erfc(libm::sqrt(x.max(0.0) / 2.0))
}

/// The same with two degrees of freedom.
fn chi_squared_2(x: f64) -> f64 {
	libm::exp(-x.max(0.0) / 2.0)
}

/// A likelihood-ratio test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
	/// The likelihood ratio, −2 ln Λ.
	pub ratio: f64,
	/// The probability of a ratio at least as large, in either direction.
	pub two_sided: f64,
	/// The same for too many breaches, or breaches that follow each other, only.
	pub one_sided: f64,
}

/// The tests of one sequence of breaches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
	/// How many days.
	pub days: usize,
	/// How many of them lost more than the margin.
	pub breaches: usize,
	/// How many breaches followed a breach on the day before.
	pub repeated: usize,
	/// Kupiec: the proportion of failures.
	pub proportion: Test,
	/// Christoffersen: whether a breach makes another more likely.
	pub independence: Test,
	/// Christoffersen: both at once.
	pub conditional: Test,
}

/// `count · ln p`, zero where nothing was counted.
fn log_likelihood(count: f64, probability: f64) -> f64 {
	if count > 0.0 {
		count * libm::log(probability)
	} else {
		0.0
	}
}

/// One-sided and two-sided, with one degree of freedom; `excess` says whether the ratio counts.
fn test(ratio: f64, excess: bool) -> Test {
	// Rounding leaves a hair below zero of equal likelihoods.
	let ratio = ratio.max(0.0);
	let root = libm::sqrt(ratio);
	let one_sided = normal_distribution(if excess { -root } else { root });
	Test { ratio, two_sided: chi_squared_1(ratio), one_sided }
}

/// Kupiec's proportion of failures: `breaches` in `days` where each has the probability
/// `probability`.
pub fn proportion_of_failures(days: usize, breaches: usize, probability: f64) -> Test {
	let (days, breaches) = (number(days), number(breaches));
	let kept = days - breaches;
	let share = if days > 0.0 { breaches / days } else { 0.0 };
	let expected = log_likelihood(kept, 1.0 - probability) + log_likelihood(breaches, probability);
	let observed = log_likelihood(kept, 1.0 - share) + log_likelihood(breaches, share);
	test(2.0 * (observed - expected), share > probability)
}

/// Christoffersen's independence, from the numbers of transitions: nothing after nothing, a breach
/// after nothing, nothing after a breach, a breach after a breach.
pub fn independence(transitions: [[usize; 2]; 2]) -> Test {
	let [[quiet, first], [ended, repeated]] = transitions.map(|row| row.map(number));
	let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
	let after_quiet = share(first, quiet + first);
	let after_breach = share(repeated, ended + repeated);
	let overall = share(first + repeated, quiet + first + ended + repeated);
	let alike =
		log_likelihood(quiet + ended, 1.0 - overall) + log_likelihood(first + repeated, overall);
	let apart = log_likelihood(quiet, 1.0 - after_quiet)
		+ log_likelihood(first, after_quiet)
		+ log_likelihood(ended, 1.0 - after_breach)
		+ log_likelihood(repeated, after_breach);
	test(2.0 * (apart - alike), after_breach > after_quiet)
}

/// Christoffersen's conditional coverage: the sum of both ratios.
pub fn conditional(proportion: Test, independence: Test) -> Test {
	let ratio = proportion.ratio + independence.ratio;
	let excess = |test: Test| if test.one_sided < 0.5 { test.ratio } else { 0.0 };
	let half = excess(proportion) + excess(independence);
	let one_sided =
		if half > 0.0 { 0.5 * chi_squared_1(half) + 0.25 * chi_squared_2(half) } else { 1.0 };
	Test { ratio, two_sided: chi_squared_2(ratio), one_sided }
}

impl Coverage {
	/// The tests of breaches, day by day, where each has the probability `probability`.
	pub fn of(breaches: &[bool], probability: f64) -> Self {
		let mut transitions = [[0usize; 2]; 2];
		for pair in breaches.windows(2) {
			let [before, now] = [usize::from(pair[0]), usize::from(pair[1])];
			transitions[before][now] += 1;
		}
		let count = breaches.iter().filter(|breach| **breach).count();
		let proportion = proportion_of_failures(breaches.len(), count, probability);
		let independence = independence(transitions);
		Self {
			days: breaches.len(),
			breaches: count,
			repeated: transitions[1][1],
			proportion,
			independence,
			conditional: conditional(proportion, independence),
		}
	}

	/// The share of days that the margin covered; one of none.
	pub fn covered(&self) -> f64 {
		if self.days == 0 {
			return 1.0;
		}
		1.0 - number(self.breaches) / number(self.days)
	}

	/// Whether a test is rejected, one-sided, at this significance.
	pub fn is_rejected(&self, significance: f64) -> bool {
		[self.proportion, self.independence, self.conditional]
			.iter()
			.any(|test| test.one_sided < significance)
	}
}
