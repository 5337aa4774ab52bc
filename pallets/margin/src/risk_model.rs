//! How the risk model changes: checked at once, in force after a delay, its ranges then in steps.
//!
//! A model that comes into force may have other ranges than the one before. They go there by the pace
//! of the one before (see [`Pace`](plimsoll_risk::Pace)), a step each time that its step's time has
//! passed; all else is in force at once.

use crate::{
	Config, CurrentRiskModel, Error, Event, NextRiskModel, NextRiskModelAt, NextRiskModelStep,
	Pallet, TargetRiskModel,
};
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
	ensure,
	traits::{Get, PalletError, Time},
};
use frame_system::pallet_prelude::BlockNumberFor;
use plimsoll_risk::{CovarianceError, ModelError, RiskModel};
use scale_info::TypeInfo;
use sp_runtime::{traits::CheckedAdd, DispatchResult};

/// Why a risk model is refused, as a part of the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct RefusedModel(pub ModelError);

impl PalletError for RefusedModel {
	/// An enum without fields.
	const MAX_ENCODED_SIZE: usize = 1;
}

/// Why a joint risk is refused, as a part of the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct RefusedJointRisk(pub CovarianceError);

impl PalletError for RefusedJointRisk {
	/// An enum without fields.
	const MAX_ENCODED_SIZE: usize = 1;
}

impl<T: Config> Pallet<T> {
	/// Checks a risk model and has it come into force after the delay.
	pub(crate) fn schedule_risk_model(model: RiskModel) -> DispatchResult {
		model.validate().map_err(|reason| Error::<T>::InvalidRiskModel(RefusedModel(reason)))?;
		if let Some(current) = CurrentRiskModel::<T>::get() {
			let keeps = current
				.underlyings
				.iter()
				.all(|known| model.scan_range(known.underlying).is_some());
			ensure!(keeps, Error::<T>::UnderlyingLeftOut);
			// On its way, old ranges meet new scenarios: those of now, and those that the ranges may have
			// reached when it comes.
			let refused = |reason| Error::<T>::InvalidRiskModel(RefusedModel(reason));
			current.on_the_way(&model).validate().map_err(refused)?;
			if let Some(target) = TargetRiskModel::<T>::get() {
				target.on_the_way(&model).validate().map_err(refused)?;
			}
		}
		let at = frame_system::Pallet::<T>::block_number()
			.checked_add(&T::RiskModelDelay::get())
			.ok_or(Error::<T>::Overflow)?;
		NextRiskModel::<T>::put(model);
		NextRiskModelAt::<T>::put(at);
		Self::deposit_event(Event::RiskModelScheduled { at });
		Ok(())
	}

	/// Has the risk model that is to come not come.
	pub(crate) fn cancel_scheduled_risk_model() -> DispatchResult {
		ensure!(NextRiskModelAt::<T>::take().is_some(), Error::<T>::NothingScheduled);
		NextRiskModel::<T>::kill();
		Self::deposit_event(Event::RiskModelCancelled);
		Ok(())
	}

	/// The hook: puts the next risk model in force in its block. Returns whether one was due.
	pub(crate) fn change_risk_model_when_due(now: BlockNumberFor<T>) -> bool {
		if NextRiskModelAt::<T>::get().is_none_or(|at| now < at) {
			return false;
		}
		NextRiskModelAt::<T>::kill();
		if let Some(model) = NextRiskModel::<T>::take() {
			Self::deposit_event(Event::RiskModelChanged);
			Self::step_towards(model);
		}
		true
	}

	/// The hook: takes the ranges in force a step towards those of the last model that was put in
	/// force. Returns whether a step was due.
	pub(crate) fn step_risk_model_when_due() -> bool {
		if NextRiskModelStep::<T>::get().is_none_or(|due| T::Time::now() < due) {
			return false;
		}
		NextRiskModelStep::<T>::kill();
		if let Some(target) = TargetRiskModel::<T>::get() {
			Self::step_towards(target);
		}
		true
	}

	/// Whether the last step is as long ago as a step takes.
	fn may_step() -> bool {
		NextRiskModelStep::<T>::get().is_none_or(|due| T::Time::now() >= due)
	}

	/// Puts in force what lies a step towards `target`, or with the ranges as they are where no step is
	/// due, and remembers it where that is not there.
	fn step_towards(target: RiskModel) {
		let current = CurrentRiskModel::<T>::get();
		let next = match &current {
			Some(current) if Self::may_step() => {
				if let Some(pace) = &current.pace {
					NextRiskModelStep::<T>::put(T::Time::now().saturating_add(pace.step));
				}
				current.towards(&target)
			}
			Some(current) => current.on_the_way(&target),
			None => target.clone(),
		};
		// All on the way was checked when the model was scheduled. If it is not valid nonetheless, the
		// model in force, which is, stays until the next step.
		let next = if next.validate().is_ok() { next } else { current.unwrap_or(next) };
		if next == target {
			TargetRiskModel::<T>::kill();
			Self::deposit_event(Event::RiskModelReached);
		} else {
			let due = NextRiskModelStep::<T>::get().unwrap_or_else(T::Time::now);
			NextRiskModelStep::<T>::put(due);
			TargetRiskModel::<T>::put(target);
			Self::deposit_event(Event::RiskModelStepped { next: due });
		}
		CurrentRiskModel::<T>::put(next);
	}
}
