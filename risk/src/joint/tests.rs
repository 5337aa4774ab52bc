//! What the filter takes out and what it puts back in.

#![allow(clippy::float_arithmetic)]

use super::*;
use crate::covariance::{
	tests::{doubles, ids, reference_factor, rules, Numbers, HOUR},
	Covariance, CovarianceError, CovarianceRules, JointReturn,
};
use codec::{DecodeAll, Encode, MaxEncodedLen};
use proptest::prelude::*;

/// Returns with correlations: a common part, each with its own; a step for each deviation, in
/// billionths.
fn series(numbers: &mut Numbers, count: usize, deviations: &[i32]) -> Vec<JointReturn> {
	deviations
		.iter()
		.flat_map(|deviation| {
			let common = numbers.normal(*deviation);
			(0..count)
				.map(|_| JointReturn {
					price: common + numbers.normal(*deviation),
					volatility: numbers.normal(2 * deviation) - common,
				})
				.collect::<Vec<_>>()
		})
		.collect()
}

fn start(count: u16, returns: &[JointReturn]) -> Covariance {
	Covariance::sample(&ids(count), HOUR, returns, &rules()).expect("valid")
}

/// The logarithm of a scenario's move.
fn log(relative: i32) -> f64 {
	(f64::from(relative) / f64::from(MOVE_SCALE)).ln_1p()
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

	#[test]
	fn scenario_is_the_past_return_when_today_is_its_day(
		seed in any::<u64>(),
		count in 1u16..=8,
		steps in 1usize..20,
		deviation in 1_000_000i32..50_000_000,
	) {
		let mut numbers = Numbers(seed);
		let width = usize::from(count);
		let before = series(&mut numbers, width, &[deviation; 40]);
		let returns = series(&mut numbers, width, &vec![deviation; steps]);
		let last = (steps - 1) * width;
		let past = if last == 0 {
			start(count, &before)
		} else {
			JointHistory::filter(&returns[..last], &rules(), &start(count, &before), 1)
				.expect("valid")
				.covariance
		};
		let filtered =
			JointHistory::filter(&returns, &rules(), &start(count, &before), 1).expect("valid");
		let scenarios = filtered.history.today(&past, HOUR).expect("valid");
		prop_assert_eq!(scenarios.len(), 1);
		for (of, was) in scenarios.moves.iter().zip(&returns[last..]) {
			for (relative, log_return) in [(of.price, was.price), (of.volatility, was.volatility)] {
				let error = log(relative) - f64::from(log_return) / 1e9;
				// A unit of a move, and what residuals lost: half of 1e-7 of the deviations' sum.
				let lost = 1e-8 * (-f64::from(log_return) / 1e9).exp() + 16.0 * 5e-8 * 0.5;
				prop_assert!(error.abs() < lost, "{} {}", error, log_return);
			}
		}
	}

	#[test]
	fn filter_and_scenarios_never_fail_when_matrices_are_learnt(
		seed in any::<u64>(),
		count in 1u16..=8,
		size in prop_oneof![Just(0i32), Just(1), Just(1_000_000), Just(2_000_000_000)],
		noise in 0i32..3,
		horizon in 1u64..720,
	) {
		let mut numbers = Numbers(seed);
		let returns: Vec<_> = (0..60)
			.flat_map(|_| {
				let common = numbers.within(size);
				(0..count)
					.map(|_| JointReturn {
						price: common.saturating_add(numbers.within(noise)),
						volatility: common,
					})
					.collect::<Vec<_>>()
			})
			.collect();
		let zero = Covariance::zero(&ids(count), HOUR).expect("valid");
		let Filtered { history, covariance } =
			JointHistory::filter(&returns, &rules(), &zero, 30).expect("valid");
		prop_assert_eq!(history.validate(), Ok(()));
		let scenarios = history.today(&covariance, horizon * HOUR).expect("valid");
		prop_assert_eq!(scenarios.len(), 30);
		let is_above = |relative: i32| relative > -95_100_000 && relative < 1_910_000_000;
		prop_assert!(scenarios.moves.iter().all(|of| is_above(of.price) && is_above(of.volatility)));
	}
}

#[test]
fn scenarios_agree_with_reference() {
	let mut numbers = Numbers(3);
	let mut largest = 0.0f64;
	for count in 1..=8u16 {
		let width = usize::from(count);
		let before = start(count, &series(&mut numbers, width, &[20_000_000; 60]));
		let returns = series(&mut numbers, width, &[30_000_000; 40]);
		let filtered = JointHistory::filter(&returns, &rules(), &before, 40).expect("valid");
		let scenarios = filtered.history.today(&filtered.covariance, 4 * HOUR).expect("valid");
		let today = reference_factor(&doubles(&filtered.covariance, 1e-9));
		let mut matrix = doubles(&before, 0.0);
		for (step, moves) in returns.chunks_exact(width).zip(scenarios.moves.chunks_exact(width)) {
			let r: Vec<f64> = step
				.iter()
				.flat_map(|of| [f64::from(of.price) / 1e9, f64::from(of.volatility) / 1e9])
				.collect();
			let mut loaded = matrix.clone();
			(0..2 * width).for_each(|i| loaded[i][i] *= 1.0 + 1e-9);
			let then = reference_factor(&loaded);
			let mut z = vec![0.0f64; 2 * width];
			for i in 0..2 * width {
				let told: f64 = (0..i).map(|j| then[i][j] * z[j]).sum();
				z[i] = (r[i] - told) / then[i][i];
			}
			let got = moves.iter().flat_map(|of| [of.price, of.volatility]);
			for (i, relative) in got.enumerate() {
				let log: f64 = (0..=i).map(|j| today[i][j] * z[j]).sum();
				let expected = (2.0 * log).exp_m1();
				largest = largest.max((f64::from(relative) / 1e8 - expected).abs());
			}
			for i in 0..2 * width {
				for j in 0..2 * width {
					matrix[i][j] = 0.94 * matrix[i][j] + 0.06 * r[i] * r[j];
				}
			}
		}
	}
	println!("Scenarios against double precision: {largest:e} of the price");
	assert!(largest < 4e-8, "{largest:e}");
}

#[test]
fn residuals_know_nothing_of_their_step_or_later_ones() {
	let mut numbers = Numbers(5);
	let before = start(2, &series(&mut numbers, 2, &[20_000_000; 40]));
	let returns = series(&mut numbers, 2, &[20_000_000; 30]);
	let of = |returns: &[JointReturn]| {
		JointHistory::filter(returns, &rules(), &before, 30).expect("valid").history.residuals
	};
	let mut crash = returns.clone();
	crash[58] = JointReturn { price: -500_000_000, volatility: 900_000_000 };
	let (calm, crash) = (of(&returns), of(&crash));
	assert_eq!(calm[..58], crash[..58]);
	// Measured by what was usual before it: some 0.028 a step.
	assert!(crash[58].price < -10 * RESIDUAL_SCALE, "{:?}", crash[58]);
}

/// The mean square of numbers.
fn mean_square(numbers: impl Iterator<Item = f64>) -> f64 {
	let (sum, count) = numbers.fold((0.0, 0.0), |(sum, count), x| (sum + x * x, count + 1.0));
	sum / count
}

#[test]
fn residuals_are_alike_when_returns_were_calm_and_wild() {
	let mut numbers = Numbers(11);
	let mut deviations = vec![5_000_000; 500];
	deviations.extend([50_000_000; 128]);
	let returns = series(&mut numbers, 1, &deviations);
	let zero = Covariance::zero(&ids(1), HOUR).expect("valid");
	let filtered = JointHistory::filter(&returns, &rules(), &zero, 256).expect("valid");
	let part = |from: usize, to: usize| {
		let of = &filtered.history.residuals[from..to];
		mean_square(of.iter().map(|z| f64::from(z.price) / f64::from(RESIDUAL_SCALE)))
	};
	let (calm, wild) = (part(0, 128), part(160, 256));
	assert!((0.7..1.5).contains(&calm), "{calm}");
	assert!((0.7..1.5).contains(&wild), "{wild}");
}

#[test]
fn scenarios_have_todays_volatilities_and_correlations() {
	let mut numbers = Numbers(13);
	let independent: Vec<_> = (0..400)
		.map(|_| JointReturn {
			price: numbers.normal(10_000_000),
			volatility: numbers.normal(10_000_000),
		})
		.collect();
	let history = JointHistory::filter(
		&independent,
		&CovarianceRules { decay: sp_arithmetic::FixedU128::from_rational(99, 100), ..rules() },
		&start(2, &independent[..200]),
		100,
	)
	.expect("valid")
	.history;
	let mut today = Covariance::zero(&ids(2), HOUR).expect("valid");
	// Deviations of 4 % and 3 %, prices correlated by 0.9.
	let triangle = [16, -2, 9, 0, 0, 9, 0, 0, 0, 9];
	today
		.entries
		.iter_mut()
		.zip(triangle)
		.for_each(|(entry, of)| *entry = of * 100_000_000_000_000);
	today.entries[3] = 1_080_000_000_000_000;
	assert_eq!(today.validate(), Ok(()));
	let scenarios = history.today(&today, HOUR).expect("valid");
	let of = |id: u16| -> Vec<f64> {
		let moves = scenarios.moves_of(UnderlyingId(id)).expect("there");
		moves.map(|of| log(of.price)).collect()
	};
	let (one, two) = (of(1), of(2));
	let variance = mean_square(one.iter().copied());
	let product: f64 = one.iter().zip(&two).map(|(a, b)| a * b).sum::<f64>() / 100.0;
	let correlation = product / (variance * mean_square(two.iter().copied())).sqrt();
	assert!((0.03..0.05).contains(&variance.sqrt()), "{}", variance.sqrt());
	assert!((0.85..0.95).contains(&correlation), "{correlation}");
}

/// One scenario of one underlying, and a matrix with these deviations, in hundredths.
fn one_of(residual: Residual, price: i64, volatility: i64) -> (JointHistory, Covariance) {
	let mut matrix = Covariance::zero(&ids(1), HOUR).expect("valid");
	let square = |hundredths: i64| hundredths * hundredths * 100_000_000_000_000;
	matrix.entries[0] = square(price);
	matrix.entries[2] = square(volatility);
	let history = JointHistory {
		underlyings: matrix.underlyings.clone(),
		step: HOUR,
		residuals: vec![residual].try_into().expect("short"),
	};
	(history, matrix)
}

#[test]
fn scenario_rounds_moves_away_from_zero() {
	let residual = Residual { price: RESIDUAL_SCALE, volatility: -RESIDUAL_SCALE };
	let (history, matrix) = one_of(residual, 10, 10);
	// exp(±0.1·(1 + 5e-10)) − 1: 0.105170918…, −0.095162581….
	let moves = history.today(&matrix, HOUR).expect("valid").moves;
	assert_eq!(moves, [JointMove { price: 10_517_092, volatility: -9_516_259 }]);
}

#[test]
fn scenario_grows_by_the_root_of_the_horizon() {
	let residual = Residual { price: RESIDUAL_SCALE, volatility: -2 * RESIDUAL_SCALE };
	let (history, matrix) = one_of(residual, 5, 5);
	let (_, twice) = one_of(residual, 10, 10);
	assert_eq!(history.today(&matrix, 4 * HOUR), history.today(&twice, HOUR));
	assert_eq!(history.today(&matrix, MAX_HORIZON + 1), Err(CovarianceError::Horizon));
	assert_eq!(history.today(&matrix, 59_999), Err(CovarianceError::Horizon));
}

const MAX_HORIZON: u64 = crate::covariance::MAX_STEP;

#[test]
fn scenario_is_clipped_when_a_price_would_vanish() {
	let residual = Residual { price: -MAX_RESIDUAL, volatility: MAX_RESIDUAL };
	let (history, matrix) = one_of(residual, 100, 100);
	// exp(−3) − 1 and exp(3) − 1.
	let moves = history.today(&matrix, HOUR).expect("valid").moves;
	assert_eq!(moves, [JointMove { price: -95_021_294, volatility: 1_908_553_693 }]);
}

#[test]
fn scenario_stands_still_when_its_component_has_no_variance() {
	let residual = Residual { price: RESIDUAL_SCALE, volatility: RESIDUAL_SCALE };
	let (history, matrix) = one_of(residual, 0, 10);
	let moves = history.today(&matrix, HOUR).expect("valid").moves;
	assert_eq!(moves, [JointMove { price: 0, volatility: 10_517_092 }]);
}

#[test]
fn history_is_refused_by_name_when_it_cannot_be_used() {
	let (good, matrix) = one_of(Residual::default(), 1, 1);
	assert_eq!(good.validate(), Ok(()));
	let with = |count: u16, residuals: Vec<Residual>| JointHistory {
		underlyings: ids(count).try_into().expect("short"),
		residuals: residuals.try_into().expect("short"),
		..good.clone()
	};
	let one = Residual::default();
	assert_eq!(with(0, vec![one]).validate(), Err(CovarianceError::NoUnderlyings));
	assert_eq!(with(1, vec![]).validate(), Err(CovarianceError::NoScenarios));
	assert_eq!(with(2, vec![one; 3]).validate(), Err(CovarianceError::Shape));
	assert_eq!(with(1, vec![one; 257]).validate(), Err(CovarianceError::TooManyScenarios));
	let far = Residual { price: MAX_RESIDUAL + 1, volatility: 0 };
	assert_eq!(with(1, vec![far]).validate(), Err(CovarianceError::Residual));
	let early = Residual { price: 0, volatility: i32::MIN };
	assert_eq!(with(1, vec![early]).validate(), Err(CovarianceError::Residual));
	let other = with(2, vec![one; 2]).today(&matrix, HOUR);
	assert_eq!(other, Err(CovarianceError::DifferentUnderlyings));
	let slow = JointHistory { step: 2 * HOUR, ..good.clone() };
	assert_eq!(slow.today(&matrix, HOUR), Err(CovarianceError::DifferentStep));
	assert_eq!(JointHistory { step: 0, ..good }.validate(), Err(CovarianceError::Step));
}

#[test]
fn filter_refuses_when_there_is_nothing_or_too_much_to_keep() {
	let zero = Covariance::zero(&ids(2), HOUR).expect("valid");
	let of = |returns: usize, keep: u32| {
		JointHistory::filter(&vec![JointReturn::default(); returns], &rules(), &zero, keep)
			.map(|filtered| filtered.history.len())
	};
	assert_eq!(of(0, 1), Err(CovarianceError::NoScenarios));
	assert_eq!(of(2, 0), Err(CovarianceError::NoScenarios));
	assert_eq!(of(3, 1), Err(CovarianceError::Shape));
	assert_eq!(of(2, 257), Err(CovarianceError::TooManyScenarios));
	assert_eq!(of(2, 256), Ok(1));
	assert_eq!(of(600, 256), Ok(256));
}

#[test]
fn history_survives_encoding_and_text() {
	let mut numbers = Numbers(17);
	let residuals: Vec<_> = (0..MAX_RESIDUALS)
		.map(|_| Residual {
			price: numbers.within(MAX_RESIDUAL),
			volatility: numbers.within(MAX_RESIDUAL),
		})
		.collect();
	let history = JointHistory {
		underlyings: ids(8).try_into().expect("eight"),
		step: HOUR,
		residuals: residuals.try_into().expect("all"),
	};
	assert_eq!(history.validate(), Ok(()));
	assert_eq!(JointHistory::decode_all(&mut history.encode().as_slice()), Ok(history.clone()));
	let text = serde_json::to_string(&history).expect("text");
	assert_eq!(serde_json::from_str::<JointHistory>(&text).expect("the same"), history);
	// Eight ids of two bytes, eight of step, 2,048 residuals of eight, and two lengths.
	assert_eq!(JointHistory::max_encoded_len(), 1 + 16 + 8 + 2 + 16_384);
	assert_eq!(history.encoded_size(), JointHistory::max_encoded_len());
	println!("JointHistory: {} bytes at most", JointHistory::max_encoded_len());
}
