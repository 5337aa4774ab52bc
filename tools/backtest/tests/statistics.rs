//! The tests of coverage against published values, and the arithmetic around them.

use plimsoll_backtest::statistics::{
	conditional, expected_shortfall, independence, normal_distribution, proportion_of_failures,
	quantile, Coverage,
};

/// The 95 % quantile of χ² with one degree of freedom.
const CRITICAL: f64 = 3.841_458_820_694_124;

fn is_near(a: f64, b: f64, tolerance: f64) -> bool {
	(a - b).abs() <= tolerance
}

/// MathWorks Risk Management Toolbox, examples of `varbacktest`: EquityIndex against Normal95, 1043
/// observations, 57 failures, N00 932, N10 53, N01 53, N11 4.
#[test]
fn tests_equal_the_published_example() {
	let proportion = proportion_of_failures(1043, 57, 0.05);
	let apart = independence([[932, 53], [53, 4]]);
	let both = conditional(proportion, apart);
	assert!(is_near(proportion.ratio, 0.46147, 5e-6), "{proportion:?}");
	assert!(is_near(proportion.two_sided, 0.49694, 5e-6));
	assert!(is_near(apart.ratio, 0.25866, 5e-6), "{apart:?}");
	assert!(is_near(apart.two_sided, 0.61104, 5e-6));
	assert!(is_near(both.ratio, 0.72013, 5e-6));
	assert!(is_near(both.two_sided, 0.69763, 5e-6));
}

/// Kupiec (1995), the table of non-rejection regions at 95 % (also P. Jorion, "Value at Risk", 2007,
/// table 6-2): by probability and number of days, the fewest and the most failures that are rejected
/// on either side.
#[test]
fn proportion_is_rejected_outside_the_published_regions() {
	for (probability, days, few, many) in [
		(0.01, 255, None, 7),
		(0.01, 510, Some(1), 11),
		(0.01, 1000, Some(4), 17),
		(0.025, 255, Some(2), 12),
		(0.025, 510, Some(6), 21),
		(0.025, 1000, Some(15), 36),
		(0.05, 255, Some(6), 21),
		(0.05, 510, Some(16), 36),
		(0.05, 1000, Some(37), 65),
	] {
		let ratio = |failures| proportion_of_failures(days, failures, probability).ratio;
		assert!(ratio(many) > CRITICAL, "{probability} {days} {many}");
		assert!(ratio(many - 1) < CRITICAL, "{probability} {days} {many}");
		if let Some(few) = few {
			assert!(ratio(few) > CRITICAL, "{probability} {days} {few}");
			assert!(ratio(few + 1) < CRITICAL, "{probability} {days} {few}");
		}
	}
}

#[test]
fn one_sided_proportion_forgives_when_there_are_too_few_breaches() {
	let few = proportion_of_failures(5_000, 1, 0.01);
	assert!(few.two_sided < 1e-6 && few.one_sided > 0.99);
	let many = proportion_of_failures(5_000, 100, 0.01);
	assert!(is_near(many.one_sided, many.two_sided / 2.0, 1e-12) && many.one_sided < 1e-6);
	assert!(proportion_of_failures(1000, 0, 0.005).one_sided > 0.99);
}

#[test]
fn one_sided_independence_rejects_when_breaches_cluster_and_not_when_they_spread() {
	let mut clustered = vec![false; 1000];
	clustered[100..110].fill(true);
	let mut spread = vec![false; 1000];
	(0..10).for_each(|index| spread[index * 100] = true);
	let [clustered, spread] = [clustered, spread].map(|days| Coverage::of(&days, 0.01));
	assert_eq!((clustered.breaches, clustered.repeated), (10, 9));
	assert_eq!((spread.breaches, spread.repeated), (10, 0));
	assert!(clustered.independence.one_sided < 1e-6 && clustered.is_rejected(0.05));
	assert!(spread.independence.one_sided > 0.5 && !spread.is_rejected(0.05));
	assert!(is_near(spread.proportion.ratio, 0.0, 1e-12));
}

#[test]
fn conditional_has_half_the_weight_of_each_side_when_both_exceed() {
	// P(¼χ²₀ + ½χ²₁ + ¼χ²₂ > 4.2306) is 5 % (Self and Liang, 1987).
	let proportion = proportion_of_failures(1000, 17, 0.01);
	let none = independence([[982, 17], [17, 0]]);
	let sum = conditional(proportion, none);
	assert!(is_near(sum.ratio, proportion.ratio + none.ratio, 1e-12));
	let expected = 0.5 * 2.0 * normal_distribution(-proportion.ratio.sqrt())
		+ 0.25 * (-proportion.ratio / 2.0).exp();
	assert!(is_near(sum.one_sided, expected, 1e-12));
	assert_eq!(conditional(proportion_of_failures(1000, 1, 0.01), none).one_sided, 1.0);
}

#[test]
fn coverage_counts_breaches_and_their_share() {
	let mut days = vec![false; 200];
	days[3] = true;
	days[4] = true;
	let coverage = Coverage::of(&days, 0.005);
	assert_eq!((coverage.days, coverage.breaches, coverage.repeated), (200, 2, 1));
	assert!(is_near(coverage.covered(), 0.99, 1e-15));
	assert_eq!(Coverage::of(&[], 0.005).covered(), 1.0);
}

#[test]
fn quantile_and_shortfall_take_the_tail_exactly() {
	let values: Vec<f64> = (1..=250).map(f64::from).collect();
	assert_eq!(quantile(&values, 0.99), Some(248.0));
	assert_eq!(quantile(&values, 1.0), Some(250.0));
	assert_eq!(quantile(&[], 0.99), None);
	// 2.5 days: 250, 249 and half of 248.
	let shortfall = expected_shortfall(&values, 0.99).expect("there are values");
	assert!(is_near(shortfall, (250.0 + 249.0 + 124.0) / 2.5, 1e-9));
	assert_eq!(expected_shortfall(&values, 1.0), Some(250.0));
}

#[test]
fn normal_distribution_equals_known_values() {
	for (x, p) in [(0.0, 0.5), (1.959_963_984_540_054, 0.975), (-2.326_347_874_040_841, 0.01)] {
		assert!(is_near(normal_distribution(x), p, 1e-15));
	}
}
