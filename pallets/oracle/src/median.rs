//! The statistics of aggregation, on scaled integers.

use alloc::vec::Vec;

/// What several reports of one value come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
	/// The middle value; with an even count the mean of the two middle ones, rounded down (towards
	/// negative infinity).
	pub median: i128,
	/// The distance from the median within which more than half of the reports lie: the upper
	/// median of the absolute deviations. A minority cannot widen it; two who disagree do.
	pub dispersion: u128,
	/// How many reports.
	pub count: u32,
}

/// The summary of `values`, in any order; `None` where there is none, or where values are so far
/// apart that their distance does not fit.
pub fn summarise(mut values: Vec<i128>) -> Option<Summary> {
	values.sort_unstable();
	let median = median_of_sorted(&values)?;
	let mut deviations: Vec<u128> = values.iter().map(|value| value.abs_diff(median)).collect();
	deviations.sort_unstable();
	let dispersion = *deviations.get(deviations.len().checked_div(2)?)?;
	let count = u32::try_from(values.len()).ok()?;
	Some(Summary { median, dispersion, count })
}

/// The median of ascending `values`; with an even count the mean of the two middle ones, rounded
/// down.
fn median_of_sorted(values: &[i128]) -> Option<i128> {
	let middle = values.len().checked_div(2)?;
	let upper = *values.get(middle)?;
	if values.len() % 2 == 1 {
		return Some(upper);
	}
	let lower = *values.get(middle.checked_sub(1)?)?;
	lower.checked_add(upper.checked_sub(lower)?.checked_div(2)?)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn median_is_the_middle_when_the_count_is_odd() {
		let summary = summarise(vec![100, 150, 101]).expect("three values; qed");
		assert_eq!(summary, Summary { median: 101, dispersion: 1, count: 3 });
	}

	#[test]
	fn median_is_rounded_down_when_the_count_is_even() {
		assert_eq!(summarise(vec![3, 4]).expect("two values; qed").median, 3);
		assert_eq!(summarise(vec![-3, -4]).expect("two values; qed").median, -4);
	}

	#[test]
	fn median_is_none_when_nothing_is_reported() {
		assert_eq!(summarise(vec![]), None);
	}

	#[test]
	fn median_is_none_when_the_values_do_not_fit_together() {
		assert_eq!(summarise(vec![i128::MIN, i128::MAX]), None);
	}

	#[test]
	fn dispersion_is_wide_when_two_disagree() {
		assert_eq!(summarise(vec![100, 150]).expect("two values; qed").dispersion, 25);
	}

	#[test]
	fn dispersion_is_wide_when_half_disagrees() {
		assert_eq!(summarise(vec![100, 100, 150, 150]).expect("values; qed").dispersion, 25);
		assert_eq!(summarise(vec![50, 100, 100, 150]).expect("values; qed").dispersion, 50);
	}

	#[test]
	fn dispersion_is_zero_when_one_reports() {
		assert_eq!(summarise(vec![7]).expect("a value; qed").dispersion, 0);
	}

	proptest! {
		#[test]
		fn a_minority_of_liars_never_leaves_the_honest_range(
			honest in prop::collection::vec(1_000i128..1_100, 2..9),
			lie in prop_oneof![Just(1i128), Just(1_000_000i128)],
		) {
			let liars = (honest.len() - 1) / 2;
			let low = *honest.iter().min().expect("not empty");
			let high = *honest.iter().max().expect("not empty");
			let mut values = honest;
			values.extend(core::iter::repeat_n(lie, liars));
			let summary = summarise(values).expect("not empty");
			prop_assert!(low <= summary.median && summary.median <= high);
			prop_assert!(summary.dispersion <= high.abs_diff(low));
		}
	}
}
