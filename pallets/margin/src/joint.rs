//! What underlyings do together: set by governance, then learnt from the oracle step by step.
//!
//! Governance gives the rules, a history of residuals and a covariance to begin with. From then on,
//! at the end of each step the hook takes what the oracle says of every underlying, adds the step's
//! returns to the covariance that is *learnt*, takes the one in *force* a capped step towards it, and
//! works out the joint scenarios of the new day, which margins use until the next step ends.
//!
//! A step ends only in a block in which all of its underlyings have a live price: while one has none,
//! nothing is learnt and margins keep what they have; the return over the pause then counts as one
//! step's.

use crate::{Config, RefusedJointRisk};
use crate::{
	CurrentJointRisk, CurrentScenarios, Error, Event, LastSample, LearntCovariance, NextJointRisk,
	NextJointRiskAt, Pallet,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	traits::{Get, Time},
};
use frame_system::pallet_prelude::BlockNumberFor;
use plimsoll_primitives::{Moment, PriceOracle};
use plimsoll_risk::{
	volatility_30d, CovarianceError, JointObservation, JointRisk, JointSample, JointScenarios,
};
use sp_runtime::{traits::CheckedAdd, DispatchResult};

/// What a step leads to.
struct Learnt {
	joint: JointRisk,
	scenarios: JointScenarios,
	covariance: plimsoll_risk::Covariance,
}

impl<T: Config> Pallet<T> {
	/// Checks a joint risk and has it come into force after the delay.
	pub(crate) fn schedule_joint_risk(joint: JointRisk) -> DispatchResult {
		joint
			.validate()
			.map_err(|reason| Error::<T>::InvalidJointRisk(RefusedJointRisk(reason)))?;
		let at = frame_system::Pallet::<T>::block_number()
			.checked_add(&T::RiskModelDelay::get())
			.ok_or(Error::<T>::Overflow)?;
		NextJointRisk::<T>::put(joint);
		NextJointRiskAt::<T>::put(at);
		Self::deposit_event(Event::JointRiskScheduled { at });
		Ok(())
	}

	/// Has the joint risk that is to come not come.
	pub(crate) fn cancel_scheduled_joint_risk() -> DispatchResult {
		ensure!(NextJointRiskAt::<T>::take().is_some(), Error::<T>::NothingScheduled);
		NextJointRisk::<T>::kill();
		Self::deposit_event(Event::JointRiskCancelled);
		Ok(())
	}

	/// The hook: puts the next joint risk in force in its block. Returns whether one was due.
	pub(crate) fn change_joint_risk_when_due(now: BlockNumberFor<T>) -> bool {
		if NextJointRiskAt::<T>::get().is_none_or(|at| now < at) {
			return false;
		}
		NextJointRiskAt::<T>::kill();
		if let Some(joint) = NextJointRisk::<T>::take() {
			match Self::put_joint_risk_in_force(joint) {
				Ok(()) => Self::deposit_event(Event::JointRiskChanged),
				// It was checked when it was scheduled.
				Err(reason) => Self::deposit_event(Event::CovarianceNotLearnt { reason }),
			}
		}
		true
	}

	/// Puts a joint risk in force. Learning begins with its covariance, and the first step in the next
	/// block with live prices.
	pub(crate) fn put_joint_risk_in_force(joint: JointRisk) -> Result<(), CovarianceError> {
		CurrentScenarios::<T>::put(joint.validate()?);
		LearntCovariance::<T>::put(&joint.covariance);
		LastSample::<T>::put(JointSample::default());
		CurrentJointRisk::<T>::put(joint);
		Ok(())
	}

	/// The hook: ends the step that is due. Returns whether one was.
	pub(crate) fn learn_when_due() -> bool {
		let Some(sample) = LastSample::<T>::get() else { return false };
		// That of the block before; none yet in the first one.
		let now = T::Time::now();
		if now == 0 || now < sample.due {
			return false;
		}
		let Some(joint) = CurrentJointRisk::<T>::get() else { return false };
		if let Some(observations) = Self::observe(&joint, &sample, now) {
			Self::end_step(joint, &sample, now, observations);
		}
		true
	}

	/// What the oracle says of each underlying; `None` while one has no live price.
	fn observe(
		joint: &JointRisk,
		sample: &JointSample,
		now: Moment,
	) -> Option<Vec<JointObservation>> {
		let mut observations = Vec::with_capacity(joint.covariance.underlyings.len());
		for (index, underlying) in joint.covariance.underlyings.iter().enumerate() {
			let prices = T::Oracle::prices(*underlying).ok()?;
			// A surface that cannot be read is as good as none.
			let volatility = volatility_30d(now, &prices).ok().flatten();
			let observation = JointObservation { price: prices.spot, volatility };
			observations.push(observation.or_volatility_of(sample.observations.get(index)));
		}
		Some(observations)
	}

	/// Writes all that a step leads to; where it cannot be computed, says why and begins a new one.
	fn end_step(
		joint: JointRisk,
		sample: &JointSample,
		now: Moment,
		observations: Vec<JointObservation>,
	) {
		let learnt = Self::learn(&joint, sample, &observations);
		match sample.next(now, joint.covariance.step, observations) {
			Ok(next) => LastSample::<T>::put(next),
			Err(reason) => {
				Self::deposit_event(Event::CovarianceNotLearnt { reason });
				return;
			}
		}
		match learnt {
			Ok(None) => {}
			Ok(Some(Learnt { joint, scenarios, covariance })) => {
				LearntCovariance::<T>::put(covariance);
				CurrentScenarios::<T>::put(scenarios);
				CurrentJointRisk::<T>::put(joint);
				Self::deposit_event(Event::CovarianceLearnt);
			}
			Err(reason) => Self::deposit_event(Event::CovarianceNotLearnt { reason }),
		}
	}

	/// `None` for the first sample, with which a step only begins.
	fn learn(
		joint: &JointRisk,
		sample: &JointSample,
		observations: &[JointObservation],
	) -> Result<Option<Learnt>, CovarianceError> {
		let Some(returns) = sample.returns(observations)? else { return Ok(None) };
		let before = LearntCovariance::<T>::get().unwrap_or_else(|| joint.covariance.clone());
		let covariance = before.observe(&returns, &joint.rules)?.floored(&joint.rules)?;
		let joint = joint.step(&covariance)?;
		Ok(Some(Learnt { scenarios: joint.scenarios()?, joint, covariance }))
	}
}
