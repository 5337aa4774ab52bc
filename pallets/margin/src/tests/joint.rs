use crate::{
	mock::*, CurrentJointRisk, CurrentScenarios, Error, Event, LastSample, LearntCovariance,
	NextJointRisk, RefusedJointRisk,
};
use frame_support::{assert_noop, assert_ok, traits::Hooks, BoundedVec};
use plimsoll_primitives::{Instrument, UnderlyingId, UsdValue};
use plimsoll_risk::{
	joint::{Residual, RESIDUAL_SCALE},
	BaseCandidate, Covariance, CovarianceError, CovarianceRules, JointHistory, JointRisk,
};
use sp_arithmetic::FixedU128;
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

/// BTC and ETH always move alike, by four deviations of 4 % up or down; nothing else moves.
pub(super) fn alike() -> JointRisk {
	let rules = CovarianceRules {
		decay: FixedU128::from_rational(97, 100),
		return_bound: FixedU128::from_u32(1),
		price_floor: FixedU128::from_rational(1, 10_000),
		volatility_floor: FixedU128::from_rational(1, 10_000),
		rise: FixedU128::from_rational(1, 2),
		fall: FixedU128::from_rational(1, 10),
	};
	let mut covariance = Covariance::zero(&[BTC, ETH], DAY).expect("valid");
	// Variances of 16e-4, and a covariance as large: entries of the lower triangle, row by row.
	let (variance, floor) = (1_600_000_000_000_000, 100_000_000_000_000);
	covariance.entries =
		BoundedVec::truncate_from(vec![variance, 0, floor, variance, 0, variance, 0, 0, 0, floor]);
	let deviations = |size: i32| Residual { price: size * RESIDUAL_SCALE, volatility: 0 };
	let residuals = [4, -4].map(|size| [deviations(size), deviations(0)]).concat();
	JointRisk {
		rules,
		horizon: DAY,
		history: JointHistory {
			underlyings: covariance.underlyings.clone(),
			step: DAY,
			residuals: BoundedVec::truncate_from(residuals),
		},
		covariance,
	}
}

fn set_joint(joint: JointRisk) -> DispatchResult {
	Margin::set_joint_risk(RuntimeOrigin::root(), Box::new(joint))
}

/// Puts it in force at once: the delay passes.
pub(super) fn in_force(joint: JointRisk) {
	assert_ok!(set_joint(joint));
	next_blocks(RiskModelDelay::get());
}

fn next_blocks(count: u64) {
	let block = System::block_number() + count;
	System::set_block_number(block);
	Margin::on_initialize(block);
}

fn at(time: u64) -> Vec<Event<Test>> {
	set_time(time);
	events();
	next_blocks(1);
	events()
}

fn variance(underlying: UnderlyingId) -> i64 {
	let covariance = CurrentJointRisk::<Test>::get().expect("in force").covariance;
	let place = covariance.underlyings.iter().position(|known| *known == underlying);
	covariance.variance(2 * place.expect("known")).expect("a component")
}

/// Long one bitcoin, short twenty ether: the same notional.
fn spread() -> (UsdValue, UsdValue) {
	let report = Margin::account_report(&sub(ALICE)).expect("priced");
	let sum =
		report.risk.underlyings.iter().fold(UsdValue::ZERO, |sum, underlying| {
			sum.checked_add(underlying.scan).expect("small")
		});
	(report.risk.base.amount, sum)
}

fn open_spread() {
	deposit_cash(ALICE, 100_000);
	deposit_cash(BOB, 1_000_000);
	assert_ok!(trade(ALICE, BOB, Instrument::perpetual(BTC), lots(1), price(60_000)));
	assert_ok!(trade(ALICE, BOB, perpetual(), lots(-20), price(3_000)));
}

#[test]
fn underlyings_offset_each_other_when_joint_risk_is_in_force_and_not_before() {
	ExtBuilder::build_and_execute(|| {
		open_spread();
		let (base, sum) = spread();
		assert_eq!(base, sum);
		let now = System::block_number();
		events();
		assert_ok!(set_joint(alike()));
		let at = now + RiskModelDelay::get();
		assert_eq!(events(), vec![Event::JointRiskScheduled { at }]);
		System::set_block_number(at - 1);
		Margin::on_initialize(at - 1);
		assert_eq!((events(), spread().0), (vec![], sum));

		next_blocks(1);
		assert_eq!(events(), vec![Event::JointRiskChanged]);
		assert_eq!(CurrentJointRisk::<Test>::get(), Some(alike()));
		assert!(!NextJointRisk::<Test>::exists());
		// They move alike: what is left is the largest scan of one.
		let report = Margin::account_report(&sub(ALICE)).expect("priced");
		assert!(report.risk.base.amount < sum);
		assert!(matches!(report.risk.base.binding, BaseCandidate::Largest { .. }));
		let risk = report.value_at_risk.expect("a covariance is in force");
		assert_eq!(risk.horizon, DAY);
		// Deltas cancel; what the factor's ridge leaves is dust.
		assert!(risk.loss < UsdValue::from_u32(1), "{:?}", risk.loss);
	});
}

#[test]
fn step_is_learnt_when_it_ends_and_not_before() {
	ExtBuilder::build_and_execute(|| {
		in_force(alike());
		assert_eq!(LastSample::<Test>::get().expect("begun").due, NOW + DAY);
		let before = variance(ETH);
		set_price(ETH, price(4_500));
		assert_eq!(at(NOW + DAY - 1), vec![]);
		assert_eq!(at(NOW + DAY), vec![Event::CovarianceLearnt]);
		// (ln 1.5)² is far above: learnt in part, and taken up by no more than a half.
		let learnt = LearntCovariance::<Test>::get().expect("learnt");
		assert!(learnt.variance(2).expect("a component") > before * 3);
		let after = variance(ETH);
		assert!(after > before && after <= before + before / 2 + 10, "{before} to {after}");
		assert_eq!(LastSample::<Test>::get().expect("begun").due, NOW + 2 * DAY);
		// A quiet day: what is in force still follows what is learnt.
		assert_eq!(at(NOW + 2 * DAY), vec![Event::CovarianceLearnt]);
		assert!(variance(ETH) > after);
	});
}

#[test]
fn covariance_falls_slowly_when_markets_are_quiet() {
	ExtBuilder::build_and_execute(|| {
		in_force(alike());
		let mut last = variance(ETH);
		for day in 1..=20 {
			assert_eq!(at(NOW + day * DAY), vec![Event::CovarianceLearnt]);
			let now = variance(ETH);
			assert!(now < last && now >= last - last / 10 - 10, "{last} to {now}");
			last = now;
		}
	});
}

#[test]
fn learning_waits_when_a_price_is_stale_and_nothing_of_the_move_is_lost() {
	ExtBuilder::build_and_execute(|| {
		in_force(alike());
		let scenarios = CurrentScenarios::<Test>::get();
		set_stale(ETH);
		assert_eq!(at(NOW + DAY), vec![]);
		assert_eq!(at(NOW + 5 * DAY), vec![]);
		assert_eq!(CurrentScenarios::<Test>::get(), scenarios);
		let before = LearntCovariance::<Test>::get().expect("set").variance(2).expect("there");
		set_price(ETH, price(6_000));
		assert_eq!(at(NOW + 5 * DAY + 1), vec![Event::CovarianceLearnt]);
		let after = LearntCovariance::<Test>::get().expect("set").variance(2).expect("there");
		assert!(after > 5 * before);
		// A whole step from when prices were back.
		assert_eq!(LastSample::<Test>::get().expect("begun").due, NOW + 6 * DAY + 1);
	});
}

#[test]
fn surface_that_is_out_for_a_step_does_not_lose_the_move_of_its_volatility() {
	ExtBuilder::build_and_execute(|| {
		in_force(alike());
		let known = LastSample::<Test>::get().expect("begun").observations[1].volatility;
		assert!(known.is_some());
		change_live_prices(ETH, |prices| prices.expiries.clear());
		assert_eq!(at(NOW + DAY), vec![Event::CovarianceLearnt]);
		assert_eq!(LastSample::<Test>::get().expect("begun").observations[1].volatility, known);
	});
}

#[test]
fn nothing_is_learnt_when_chain_time_is_not_known() {
	ExtBuilder::build_and_execute(|| {
		set_no_time();
		in_force(alike());
		assert_eq!(LastSample::<Test>::get().expect("begun").observations.len(), 0);
		set_time(NOW);
	});
}

#[test]
fn joint_risk_is_refused_when_it_cannot_be_used() {
	ExtBuilder::build_and_execute(|| {
		let refused = |change: fn(&mut JointRisk), reason: CovarianceError| {
			let mut joint = alike();
			change(&mut joint);
			let error = Error::<Test>::InvalidJointRisk(RefusedJointRisk(reason));
			assert_noop!(set_joint(joint), error);
		};
		refused(|joint| joint.rules.decay = FixedU128::from_u32(1), CovarianceError::Decay);
		refused(|joint| joint.horizon = 0, CovarianceError::Horizon);
		refused(|joint| joint.history.step = 2 * DAY, CovarianceError::DifferentStep);
		refused(|joint| joint.history.residuals.clear(), CovarianceError::NoScenarios);
		refused(|joint| joint.covariance.entries[0] = -1, CovarianceError::NegativeVariance);
		refused(|joint| joint.covariance.entries[3] *= 2, CovarianceError::CorrelationAboveOne);
		refused(|joint| joint.covariance.entries[2] -= 1, CovarianceError::Floor);
		let other = |joint: &mut JointRisk| joint.history.underlyings[1] = DOT_FEED;
		refused(other, CovarianceError::DifferentUnderlyings);
		let anybody = RuntimeOrigin::signed(ALICE);
		assert_noop!(Margin::set_joint_risk(anybody, Box::new(alike())), DispatchError::BadOrigin);
	});
}

#[test]
fn scheduled_joint_risk_does_not_come_when_it_is_cancelled() {
	ExtBuilder::build_and_execute(|| {
		let cancel = || Margin::cancel_joint_risk(RuntimeOrigin::root());
		assert_noop!(cancel(), Error::<Test>::NothingScheduled);
		assert_ok!(set_joint(alike()));
		events();
		assert_ok!(cancel());
		assert_eq!(events(), vec![Event::JointRiskCancelled]);
		next_blocks(RiskModelDelay::get());
		assert!(CurrentJointRisk::<Test>::get().is_none());
		let anybody = RuntimeOrigin::signed(ALICE);
		assert_noop!(Margin::cancel_joint_risk(anybody), DispatchError::BadOrigin);
	});
}

#[test]
fn joint_risk_is_in_force_from_genesis_when_genesis_has_one() {
	let config = crate::GenesisConfig::<Test> { joint_risk: Some(alike()), ..Default::default() };
	let mut ext = sp_io::TestExternalities::new(config.build_storage().expect("valid"));
	ext.execute_with(|| {
		assert_eq!(CurrentJointRisk::<Test>::get(), Some(alike()));
		assert_eq!(CurrentScenarios::<Test>::get().len(), 2);
		assert_ok!(Margin::do_try_state());
	});
}
