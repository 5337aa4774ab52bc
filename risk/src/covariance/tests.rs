//! What holds for every matrix, exactly where it can be, and agreement with double precision.

#![allow(clippy::float_arithmetic)]

use super::*;
use codec::{DecodeAll, MaxEncodedLen};
use plimsoll_primitives::{number::SCALE, Price, Volatility};
use proptest::prelude::*;
use sp_arithmetic::FixedU128;

pub(crate) const HOUR: u64 = 60 * MIN_STEP;

pub(crate) fn ids(count: u16) -> Vec<UnderlyingId> {
	(1..=count).map(UnderlyingId).collect()
}

fn decimal(millionths: u128) -> FixedU128 {
	FixedU128::from_inner(millionths * 1_000_000_000_000)
}

pub(crate) fn rules() -> CovarianceRules {
	CovarianceRules {
		decay: decimal(940_000),
		return_bound: decimal(2_000_000),
		price_floor: FixedU128::from_inner(1_000_000),
		volatility_floor: FixedU128::from_inner(1_000_000),
		rise: decimal(500_000),
		fall: decimal(100_000),
	}
}

/// A sequence of numbers that look random: an LCG of Knuth's, its upper half.
pub(crate) struct Numbers(pub u64);

impl Numbers {
	pub(crate) fn next(&mut self) -> u32 {
		self.0 =
			self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
		(self.0 >> 32) as u32
	}

	/// Up to `size` either way.
	pub(crate) fn within(&mut self, size: i32) -> i32 {
		let width = 2 * i64::from(size) + 1;
		i32::try_from(i64::from(self.next()) % width - i64::from(size)).expect("small")
	}

	/// About normal: the sum of twelve uniform ones, with this standard deviation.
	pub(crate) fn normal(&mut self, deviation: i32) -> i32 {
		(0..12).map(|_| self.within(deviation / 2)).sum()
	}
}

/// One step's returns of one of several kinds: ordinary, with a common part, all alike, at their
/// extremes, tiny, none.
fn step_of(numbers: &mut Numbers, count: usize) -> Vec<JointReturn> {
	let kind = numbers.next() % 8;
	let common = numbers.normal(20_000_000);
	(0..2 * count)
		.map(|_| match kind {
			0 | 1 => numbers.normal(10_000_000),
			2 | 3 => common + numbers.within(3),
			4 => common,
			5 => i32::MAX.wrapping_mul(numbers.within(1)),
			6 => numbers.within(2),
			_ => 0,
		})
		.collect::<Vec<_>>()
		.chunks_exact(2)
		.map(|pair| JointReturn { price: pair[0], volatility: pair[1] })
		.collect()
}

/// vᵀΣv, exactly.
fn quadratic(matrix: &Covariance, v: &[i64]) -> i128 {
	let of = |i: usize, j: usize| {
		i128::from(matrix.entry(i, j).expect("there")) * i128::from(v[i]) * i128::from(v[j])
	};
	(0..v.len()).map(|i| (0..v.len()).map(|j| of(i, j)).sum::<i128>()).sum()
}

/// Σ as doubles, with what factoring adds.
pub(crate) fn doubles(matrix: &Covariance, ridge: f64) -> Vec<Vec<f64>> {
	let entry = |i, j| matrix.entry(i, j).expect("there") as f64 / 1e18;
	(0..matrix.dimension())
		.map(|i| {
			(0..matrix.dimension())
				.map(|j| if i == j { entry(i, j) * (1.0 + ridge) } else { entry(i, j) })
				.collect()
		})
		.collect()
}

/// The textbook's factor.
pub(crate) fn reference_factor(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
	let mut factor = vec![vec![0.0f64; matrix.len()]; matrix.len()];
	for i in 0..matrix.len() {
		for j in 0..=i {
			let told: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
			let rest = matrix[i][j] - told;
			factor[i][j] = if i == j { rest.sqrt() } else { rest / factor[j][j] };
		}
	}
	factor
}

/// Directions in which a variance could be negative: the axes' differences, random ones, and those
/// that the factor says are nearly without variance.
fn directions(matrix: &Covariance, numbers: &mut Numbers) -> Vec<Vec<i64>> {
	let d = matrix.dimension();
	let mut all: Vec<Vec<i64>> =
		(0..8).map(|_| (0..d).map(|_| i64::from(numbers.within(1_000_000))).collect()).collect();
	for i in 1..d {
		for sign in [1, -1] {
			let mut v = vec![0; d];
			(v[0], v[i]) = (1, sign);
			all.push(v);
		}
	}
	// Lᵀv = e_k: v is the direction of component k's residual.
	let factor = matrix.cholesky().expect("always has one");
	for k in (0..d).filter(|k| factor.entry(*k, *k) > 0) {
		let mut v = vec![0.0f64; d];
		for i in (0..=k).rev().filter(|i| factor.entry(*i, *i) > 0) {
			let told: f64 = (i + 1..=k).map(|j| factor.entry(j, i) as f64 * v[j]).sum();
			let own = if i == k { 1.0 } else { 0.0 };
			v[i] = (own - told) / factor.entry(i, i) as f64;
		}
		let largest = v.iter().fold(0.0f64, |most, x| most.max(x.abs()));
		all.push(v.iter().map(|x| (x / largest * 1e6).round() as i64).collect());
	}
	all
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

	#[test]
	fn matrix_stays_positive_semidefinite_when_updated_and_stepped(
		seed in any::<u64>(),
		count in 1u16..=8,
		decay in prop_oneof![
			Just(0u128), Just(1), Just(SCALE / 2), Just(SCALE * 94 / 100), Just(SCALE - 1),
			0..SCALE,
		],
	) {
		let rules = CovarianceRules { decay: FixedU128::from_inner(decay), ..rules() };
		let mut numbers = Numbers(seed);
		let mut learnt = Covariance::zero(&ids(count), HOUR).expect("valid");
		let mut used = learnt.floored(&rules).expect("valid");
		for at in 0..200 {
			learnt = learnt.observe(&step_of(&mut numbers, count.into()), &rules).expect("valid");
			if at % 4 == 0 {
				used = used.towards(&learnt, &rules).expect("valid");
			}
			for matrix in [&learnt, &used] {
				prop_assert_eq!(matrix.validate(), Ok(()));
				for v in directions(matrix, &mut numbers) {
					prop_assert!(quadratic(matrix, &v) >= 0, "{:?} {:?}", matrix, v);
				}
			}
		}
	}

	#[test]
	fn step_keeps_its_caps_and_is_the_largest_that_does(seed in any::<u64>(), count in 1u16..=8) {
		let rules = rules();
		let mut numbers = Numbers(seed);
		let mut next = |size: i32| {
			let returns: Vec<_> = (0..40 * count)
				.map(|_| JointReturn { price: numbers.within(size), volatility: numbers.within(size) })
				.collect();
			Covariance::sample(&ids(count), HOUR, &returns, &rules).expect("valid")
		};
		let (now, target) = (next(10_000_000), next(12_000_000));
		let then = now.towards(&target, &rules).expect("valid");
		// What rounding adds: two units for each component, at most, in each of two roundings.
		let units = 4 * i128::from(count) + 2;
		let (mut binds, mut arrived) = (false, true);
		for component in 0..now.dimension() {
			let of = |matrix: &Covariance| i128::from(matrix.variance(component).expect("there"));
			let (before, after, aim) = (of(&now), of(&then), of(&target));
			prop_assert!(2 * after <= 3 * before + 2 * units);
			prop_assert!(10 * after >= 9 * before);
			binds |= 2 * after >= 3 * before - 2 * units;
			arrived &= after >= aim - units;
		}
		prop_assert!(binds || arrived);
	}

	#[test]
	fn factor_multiplies_back_when_singular_or_not(
		seed in any::<u64>(),
		count in 1u16..=8,
		steps in 1usize..40,
		size in prop_oneof![Just(1i32), Just(1_000), Just(10_000_000), Just(2_000_000_000)],
		noise in prop_oneof![Just(0i32), Just(1), Just(1_000)],
	) {
		let mut numbers = Numbers(seed);
		// With fewer steps than components it is singular; with a common part and little noise, nearly.
		let returns: Vec<_> = (0..steps)
			.flat_map(|_| {
				let common = numbers.within(size);
				(0..count)
					.map(|_| JointReturn {
						price: common.saturating_add(numbers.within(noise)),
						volatility: (common / 2).saturating_add(numbers.within(size)),
					})
					.collect::<Vec<_>>()
			})
			.collect();
		let matrix = Covariance::sample(&ids(count), HOUR, &returns, &rules()).expect("valid");
		prop_assert_eq!(matrix.validate(), Ok(()));
		let factor = matrix.cholesky().expect("always has one");
		for (row, column) in positions(matrix.dimension()) {
			let thin = |of: usize| matrix.variance(of).expect("there") < rules::LEAST_VARIANCE;
			let told: i128 = (0..=column)
				.map(|k| i128::from(factor.entry(row, k)) * i128::from(factor.entry(column, k)))
				.sum();
			if thin(row) || thin(column) {
				prop_assert_eq!(told, 0);
				continue;
			}
			let entry = i128::from(matrix.entry(row, column).expect("there"));
			let ridge = if row == column { entry * 1_000_000_000 } else { 0 };
			let error = (entry * SCALE as i128 + ridge - told).abs();
			let pivot = i128::from(factor.entry(row, row).max(factor.entry(column, column)));
			prop_assert!(error <= 2 * pivot, "{} of {}", error, pivot);
			prop_assert!(factor.entry(row, row) > 0);
		}
	}
}

#[test]
fn factor_agrees_with_reference() {
	let (mut plain, mut singular) = (0.0f64, 0.0f64);
	let mut numbers = Numbers(1);
	for count in 1..=8u16 {
		for _ in 0..50 {
			for steps in [8 * usize::from(count), usize::from(count)] {
				let returns: Vec<_> = (0..steps * usize::from(count))
					.map(|_| JointReturn {
						price: numbers.normal(30_000_000),
						volatility: numbers.normal(60_000_000),
					})
					.collect();
				let matrix = Covariance::sample(&ids(count), HOUR, &returns, &rules()).expect("ok");
				let factor = matrix.cholesky().expect("has one");
				let reference = reference_factor(&doubles(&matrix, 1e-9));
				let largest = if steps > usize::from(count) { &mut plain } else { &mut singular };
				for (row, column) in positions(matrix.dimension()) {
					let error = factor.entry(row, column) as f64 / 1e18 - reference[row][column];
					*largest = largest.max(error.abs());
				}
			}
		}
	}
	println!("Cholesky against double precision: {plain:e}; singular matrices: {singular:e}");
	// Deviations are about 0.05. Singular ones magnify what doubles round (1e-16) by 1e9 at most.
	assert!(plain < 1e-14, "{plain:e}");
	assert!(singular < 1e-8, "{singular:e}");
}

#[test]
fn factor_is_refused_when_some_variance_would_be_negative() {
	let mut matrix = Covariance::zero(&ids(2), HOUR).expect("valid");
	// All correlations −0.5 of four components: the sum of all has a negative variance.
	for (at, (row, column)) in positions(4).enumerate() {
		matrix.entries[at] = if row == column { 1_000_000_000_000 } else { -500_000_000_000 };
	}
	assert_eq!(matrix.cholesky(), Err(CovarianceError::NotPositiveSemidefinite));
	assert_eq!(matrix.validate(), Err(CovarianceError::NotPositiveSemidefinite));
}

#[test]
fn factor_skips_components_when_they_do_not_move() {
	let mut matrix = Covariance::zero(&ids(2), HOUR).expect("valid");
	for component in [0, 3] {
		matrix.entries[position(component, component)] = 1_000_000_000_000_000;
	}
	let factor = matrix.cholesky().expect("has one");
	let diagonal: Vec<_> = (0..4).map(|at| factor.entry(at, at) > 0).collect();
	assert_eq!(diagonal, [true, false, false, true]);
	assert_eq!((factor.dimension(), factor.entry(0, 3), factor.entry(9, 0)), (4, 0, 0));
}

#[test]
fn observation_weighs_past_and_present() {
	let rules = CovarianceRules { decay: decimal(500_000), ..rules() };
	let zero = Covariance::zero(&ids(1), HOUR).expect("valid");
	let one = zero
		.observe(&[JointReturn { price: 20_000_000, volatility: -40_000_000 }], &rules)
		.expect("valid");
	assert_eq!(
		one.entries.as_slice(),
		[200_000_000_000_000, -400_000_000_000_000, 800_000_000_000_000]
	);
	let two = one.observe(&[JointReturn::default()], &rules).expect("valid");
	assert_eq!(
		two.entries.as_slice(),
		[100_000_000_000_000, -200_000_000_000_000, 400_000_000_000_000]
	);
}

#[test]
fn observation_rounds_variance_up_by_all_that_its_row_lost() {
	let rules = CovarianceRules { decay: decimal(500_000), ..rules() };
	let mut matrix = Covariance::zero(&ids(1), HOUR).expect("valid");
	for (entry, value) in matrix.entries.iter_mut().zip([4, -3, 4]) {
		*entry = value;
	}
	let after = matrix.observe(&[JointReturn::default()], &rules).expect("valid");
	// Of the covariance −1.5 is cut to −1; the half, added to both variances, takes 2 to 3.
	assert_eq!(after.entries.as_slice(), [3, -1, 3]);
}

#[test]
fn observation_clips_returns_when_beyond_their_bound() {
	let rules = CovarianceRules { decay: decimal(0), return_bound: decimal(100_000), ..rules() };
	let zero = Covariance::zero(&ids(1), HOUR).expect("valid");
	let of =
		|price: i32| zero.observe(&[JointReturn { price, volatility: 0 }], &rules).expect("ok");
	assert_eq!(of(i32::MIN), of(-100_000_000));
	assert_eq!(of(i32::MAX).variance(0), Some(10_000_000_000_000_000));
	assert_eq!(of(i32::MAX).variance(1), Some(0));
}

#[test]
fn observation_agrees_with_reference() {
	let rules = rules();
	let mut numbers = Numbers(7);
	let mut matrix = Covariance::zero(&ids(4), HOUR).expect("valid");
	let mut reference = [[0.0f64; 8]; 8];
	let mut largest = 0.0f64;
	for _ in 0..2_000 {
		let step: Vec<_> = (0..4)
			.map(|_| JointReturn {
				price: numbers.normal(30_000_000),
				volatility: numbers.normal(60_000_000),
			})
			.collect();
		let r: Vec<f64> = components(&step, MAX_RETURN).map(|of| f64::from(of) / 1e9).collect();
		matrix = matrix.observe(&step, &rules).expect("valid");
		for (i, j) in positions(8) {
			reference[i][j] = 0.94 * reference[i][j] + 0.06 * r[i] * r[j];
			let error = matrix.entry(i, j).expect("there") as f64 / 1e18 - reference[i][j];
			largest = largest.max(error.abs());
		}
	}
	println!("2,000 updates against double precision: {largest:e}");
	// Eight units of 1e-18 at most a step, forgotten by 6 % a step.
	assert!(largest < 1.4e-16, "{largest:e}");
}

/// Returns of (price, volatility) in millionths that average to these variances.
fn matrix_of(rows: &[[i32; 4]]) -> Covariance {
	let returns: Vec<_> = rows
		.iter()
		.flat_map(|row| row.chunks_exact(2))
		.map(|pair| JointReturn { price: pair[0] * 1_000, volatility: pair[1] * 1_000 })
		.collect();
	Covariance::sample(&ids(2), HOUR, &returns, &rules()).expect("valid")
}

#[test]
fn step_arrives_exactly_when_within_the_caps() {
	let now = matrix_of(&[[10_000, 20_000, 10_000, 20_000], [-5_000, 20_000, 4_000, 1_000]]);
	let target = matrix_of(&[[11_000, 21_000, 10_500, 20_000], [-5_000, 20_000, 4_000, 1_100]]);
	assert_eq!(now.towards(&target, &rules()), Ok(target));
}

#[test]
fn step_lets_one_rise_when_another_falls_far() {
	let now = matrix_of(&[[10_000, 0, 0, 0], [0, 20_000, 0, 0], [0, 0, 10_000, 20_000]]);
	let target = matrix_of(&[[12_000, 0, 0, 0], [0, 1_000, 0, 0], [0, 0, 10_000, 20_000]]);
	let then = now.towards(&target, &rules()).expect("valid");
	assert_eq!(then.variance(0), target.variance(0));
	// Nine tenths of 0.02²/3, rounded up a little.
	let least = 120_000_000_000_000;
	let fallen = then.variance(1).expect("there");
	assert!((least..least + 1_000_000).contains(&fallen), "{fallen}");
}

#[test]
fn step_keeps_correlations_of_the_target_when_variances_fall_slowly() {
	let now = matrix_of(&[[10_000, 10_000, 10_000, 10_000], [10_000, -10_000, 10_000, -10_000]]);
	let target = matrix_of(&[[1_000, 1_000, 1_000, 1_000], [1_000, -1_000, 1_000, -1_000]]);
	let then = now.towards(&target, &rules()).expect("valid");
	// Both prices moved alike before, and do after.
	let (variance, covariance) =
		(then.variance(0).expect("there"), then.entry(0, 2).expect("there"));
	assert!(variance - covariance < 1_000, "{variance} {covariance}");
	assert!((90_000_000_000_000..90_001_000_000_000).contains(&variance), "{variance}");
	assert_eq!(then.entry(1, 0), Some(0));
}

#[test]
fn step_raises_variances_to_their_floors() {
	let rules = CovarianceRules { price_floor: decimal(100), ..rules() };
	let zero = Covariance::zero(&ids(1), HOUR).expect("valid");
	let then = zero.towards(&zero, &rules).expect("valid");
	assert_eq!(then.entries.as_slice(), [100_000_000_000_000, 0, 1_000_000]);
	// From its floor a variance rises by the cap, though it was nothing before.
	let target =
		Covariance { entries: vec![SCALE as i64, 0, 0].try_into().expect("short"), ..zero };
	let next = then.towards(&target, &rules).expect("valid");
	assert_eq!(next.variance(0), Some(150_000_000_000_000));
}

#[test]
fn step_refuses_when_matrices_do_not_belong_together() {
	let of = |count, step| Covariance::zero(&ids(count), step).expect("valid");
	let now = of(2, HOUR);
	assert_eq!(now.towards(&of(1, HOUR), &rules()), Err(CovarianceError::DifferentUnderlyings));
	assert_eq!(now.towards(&of(2, 2 * HOUR), &rules()), Err(CovarianceError::DifferentStep));
	assert_eq!(now.observe(&[JointReturn::default()], &rules()), Err(CovarianceError::Shape));
	let heavy = CovarianceRules { decay: FixedU128::from_u32(2), ..rules() };
	assert_eq!(now.observe(&[JointReturn::default(); 2], &heavy), Err(CovarianceError::Decay));
}

#[test]
fn matrix_is_refused_by_name_when_it_cannot_be_used() {
	let of = |ids: &[UnderlyingId], step| Covariance::zero(ids, step).map(|_| ());
	assert_eq!(of(&[], HOUR), Err(CovarianceError::NoUnderlyings));
	assert_eq!(of(&ids(9), HOUR), Err(CovarianceError::TooManyUnderlyings));
	assert_eq!(of(&[UnderlyingId(1); 2], HOUR), Err(CovarianceError::DuplicateUnderlying));
	assert_eq!(of(&ids(1), MIN_STEP - 1), Err(CovarianceError::Step));
	assert_eq!(of(&ids(1), MAX_STEP + 1), Err(CovarianceError::Step));
	let with = |entries: &[i64]| Covariance {
		entries: entries.to_vec().try_into().expect("short"),
		..Covariance::zero(&ids(1), HOUR).expect("valid")
	};
	assert_eq!(with(&[1, 0]).validate(), Err(CovarianceError::Shape));
	assert_eq!(with(&[1, 0]).cholesky(), Err(CovarianceError::Shape));
	assert_eq!(with(&[1, 0, -1]).validate(), Err(CovarianceError::NegativeVariance));
	assert_eq!(with(&[4, 7, 9]).validate(), Err(CovarianceError::CorrelationAboveOne));
	assert_eq!(
		with(&[i64::MAX, i64::MIN, i64::MAX]).validate(),
		Err(CovarianceError::CorrelationAboveOne)
	);
	assert_eq!(with(&[4, -6, 9]).validate(), Ok(()));
	assert_eq!(with(&[i64::MAX, -i64::MAX, i64::MAX]).validate(), Ok(()));
}

#[test]
fn rules_are_refused_by_name_when_out_of_bounds() {
	let (zero, one) = (FixedU128::from_u32(0), FixedU128::from_u32(1));
	let good = rules();
	assert_eq!(good.validate(), Ok(()));
	let bad = [
		(CovarianceRules { decay: one, ..good }, CovarianceError::Decay),
		(CovarianceRules { return_bound: zero, ..good }, CovarianceError::ReturnBound),
		(
			CovarianceRules { return_bound: decimal(2_000_001), ..good },
			CovarianceError::ReturnBound,
		),
		(CovarianceRules { price_floor: zero, ..good }, CovarianceError::Floor),
		(CovarianceRules { volatility_floor: decimal(1_000_001), ..good }, CovarianceError::Floor),
		(CovarianceRules { rise: zero, ..good }, CovarianceError::Rise),
		(CovarianceRules { rise: decimal(10_000_001), ..good }, CovarianceError::Rise),
		(CovarianceRules { fall: zero, ..good }, CovarianceError::Fall),
		(CovarianceRules { rise: one, fall: one, ..good }, CovarianceError::Fall),
		(CovarianceRules { fall: decimal(500_001), ..good }, CovarianceError::Fall),
	];
	for (rules, error) in bad {
		assert_eq!(rules.validate(), Err(error), "{rules:?}");
	}
}

#[test]
fn matrix_survives_encoding_and_text() {
	let matrix = matrix_of(&[[10_000, -20_000, 10_000, 20_000], [-5_000, 20_000, 4_000, 1_000]]);
	assert_eq!(Covariance::decode_all(&mut matrix.encode().as_slice()), Ok(matrix.clone()));
	let text = serde_json::to_string(&matrix).expect("text");
	assert_eq!(serde_json::from_str::<Covariance>(&text).expect("the same"), matrix);
	let text = serde_json::to_string(&rules()).expect("text");
	assert_eq!(serde_json::from_str::<CovarianceRules>(&text).expect("the same"), rules());
	// Eight ids of two bytes, eight of step, 136 entries of eight, and two lengths.
	assert_eq!(Covariance::max_encoded_len(), 1 + 16 + 8 + 2 + 1_088);
	assert_eq!(Covariance::zero(&ids(8), HOUR).expect("valid").encoded_size(), 1_115);
	println!("Covariance: {} bytes at most", Covariance::max_encoded_len());
}

#[test]
fn log_return_rounds_away_from_zero_and_is_clipped() {
	let price = Price::from_u32;
	// ln 1.1 = 0.0953101798…, ln 0.9 = −0.1053605156….
	assert_eq!(log_return(price(10), price(11)), Ok(95_310_180));
	assert_eq!(log_return(price(10), price(9)), Ok(-105_360_516));
	assert_eq!(log_return(price(10), price(10)), Ok(0));
	assert_eq!(log_return(price(1), price(u32::MAX)), Ok(MAX_RETURN));
	assert_eq!(log_return(price(u32::MAX), Price::from_inner(1)), Ok(-MAX_RETURN));
	let volatility = |percent| Volatility::from_rational(percent, 100);
	let both = JointReturn::between((price(10), volatility(80)), (price(9), volatility(88)));
	assert_eq!(both, Ok(JointReturn { price: -105_360_516, volatility: 95_310_180 }));
}

#[test]
fn log_return_refuses_when_a_price_is_zero() {
	let none = Err(crate::MathError::OutOfDomain);
	assert_eq!(log_return(Price::ZERO, Price::ONE), none);
	assert_eq!(log_return(Price::ONE, Price::ZERO), none);
}
