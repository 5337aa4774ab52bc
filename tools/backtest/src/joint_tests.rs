//! The engine's filter, day by day, against itself at once and against floats.

use super::*;

const BOTH: [UnderlyingId; 2] = [UnderlyingId(0), UnderlyingId(1)];
const DAYS: u32 = 300;

fn rules() -> CovarianceRules {
	let part = plimsoll_primitives::number::SCALE;
	let fixed =
		|thousandths: u128| sp_arithmetic::FixedU128::from_inner(thousandths * (part / 1_000));
	CovarianceRules {
		decay: fixed(970),
		return_bound: fixed(1_000),
		price_floor: sp_arithmetic::FixedU128::from_inner(part / 1_000_000),
		volatility_floor: sp_arithmetic::FixedU128::from_inner(part / 1_000_000),
		rise: fixed(500),
		fall: fixed(15),
	}
}

/// Returns of two underlyings of different volatility that move together, `times` as large.
fn returns(day: u32, times: f64) -> [f64; 4] {
	let wave = |step: u32| libm::sin(f64::from(day * step % 997));
	let (a, b, c, d) = (wave(7), wave(13), wave(29), wave(41));
	[0.02 * a, 0.03 * c - 0.05 * a, 0.03 * a + 0.01 * b, 0.04 * d].map(|of| of * times)
}

fn observed(day: u32, times: f64) -> [JointReturn; 2] {
	let billionths = returns(day, times).map(|of| libm::round(of * 1e9) as i32);
	let [a, b, c, d] = billionths;
	[JointReturn { price: a, volatility: b }, JointReturn { price: c, volatility: d }]
}

fn filter(renewal: usize) -> JointFilter {
	let mut filter = JointFilter::new(&BOTH, rules(), renewal).expect("valid rules");
	(0..DAYS).for_each(|day| filter.observe(&observed(day, 1.0)).expect("two returns"));
	filter
}

#[test]
fn filter_is_the_same_day_by_day_as_all_at_once() {
	let all: Vec<JointReturn> = (0..DAYS).flat_map(|day| observed(day, 1.0)).collect();
	let (first, rest) = all.split_at(2 * FIRST_DAYS);
	let start = Covariance::sample(&BOTH, STEP, first, &rules()).expect("valid");
	let at_once = JointHistory::filter(rest, &rules(), &start, MAX_JOINT_SCENARIOS).expect("valid");
	let joint = filter(RENEWAL_DAYS).joint(STEP).expect("valid").expect("there are residuals");
	assert_eq!((joint.history, joint.covariance), (at_once.history, at_once.covariance));
}

/// Filtered historical simulation in floats, after the formula: `r* = L·L_t⁻¹·r_t`.
#[test]
fn scenarios_are_those_of_floats() {
	let mut covariance = [[0.0; 4]; 4];
	let first = u32::try_from(FIRST_DAYS).expect("few");
	for day in 0..first {
		let of = returns(day, 1.0);
		let add = |row: usize, column: usize| of[row] * of[column] / f64::from(first);
		(0..4)
			.for_each(|row| (0..4).for_each(|column| covariance[row][column] += add(row, column)));
	}
	let mut residuals = Vec::new();
	for day in first..DAYS {
		let of = returns(day, 1.0);
		let factor = cholesky(&covariance);
		let mut residual = [0.0; 4];
		for row in 0..4 {
			let told: f64 = (0..row).map(|column| factor[row][column] * residual[column]).sum();
			residual[row] = (of[row] - told) / factor[row][row];
		}
		residuals.push(residual);
		for row in 0..4 {
			for column in 0..4 {
				covariance[row][column] =
					0.97 * covariance[row][column] + 0.03 * of[row] * of[column];
			}
		}
	}
	let factor = cholesky(&covariance);
	let expected = residuals[residuals.len() - 256..].iter().flat_map(|residual| {
		let log = |row: usize| (0..=row).map(|at| factor[row][at] * residual[at]).sum::<f64>();
		[0, 1, 2, 3].map(|row| libm::expm1(log(row)))
	});
	let joint = filter(1).joint(STEP).expect("valid").expect("there are residuals");
	let scenarios = joint.history.today(&joint.covariance, STEP).expect("valid");
	let found = scenarios.moves.iter().flat_map(|of| [of.price, of.volatility]);
	let scale = f64::from(plimsoll_risk::joint::MOVE_SCALE);
	let mut compared = 0;
	for (found, expected) in found.zip(expected) {
		assert!((f64::from(found) / scale - expected).abs() < 1e-7, "{found} {expected}");
		compared += 1;
	}
	assert_eq!(compared, 4 * 256);
}

fn cholesky(matrix: &[[f64; 4]; 4]) -> [[f64; 4]; 4] {
	let mut factor = [[0.0; 4]; 4];
	for row in 0..4 {
		for column in 0..=row {
			let known: f64 = (0..column).map(|at| factor[row][at] * factor[column][at]).sum();
			let rest = matrix[row][column] - known;
			factor[row][column] =
				if row == column { libm::sqrt(rest) } else { rest / factor[column][column] };
		}
	}
	factor
}

#[test]
fn covariance_in_force_follows_in_capped_steps_when_markets_grow_wild() {
	let mut filter = filter(1);
	let variance = |filter: &JointFilter| {
		filter.in_force().and_then(|covariance| covariance.variance(0)).expect("learnt")
	};
	let calm = variance(&filter);
	filter.observe(&observed(302, 30.0)).expect("two returns");
	let learnt = filter.learnt().and_then(|covariance| covariance.variance(0)).expect("learnt");
	// By a half at most, whatever is learnt.
	assert!(learnt > 2 * calm);
	assert!(variance(&filter) > calm && variance(&filter) <= calm + calm / 2 + 10);
}

#[test]
fn history_stays_until_it_is_renewed() {
	let mut filter = filter(10);
	let history = |filter: &JointFilter| {
		filter.state.as_ref().and_then(|state| state.history.clone()).expect("a full history")
	};
	let mut renewals = 0;
	for day in DAYS..DAYS + 40 {
		let before = history(&filter);
		filter.observe(&observed(day, 1.0)).expect("two returns");
		renewals += u32::from(history(&filter) != before);
	}
	assert_eq!(renewals, 4);
}

#[test]
fn filter_refuses_when_returns_are_not_one_for_each_underlying() {
	let mut filter = JointFilter::new(&BOTH, rules(), 1).expect("valid rules");
	let refused = filter.observe(&observed(0, 1.0)[..1]);
	assert!(matches!(refused, Err(Error::Covariance(CovarianceError::Shape))));
	assert!(filter.joint(STEP).expect("valid").is_none());
	assert!(filter.scenarios(STEP).expect("valid").is_empty());
	let many: Vec<_> = (0..9).map(UnderlyingId).collect();
	let refused = JointFilter::new(&many, rules(), 1);
	assert!(matches!(refused, Err(Error::Covariance(CovarianceError::TooManyUnderlyings))));
}
