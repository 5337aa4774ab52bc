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
			// On its way, old ranges meet new scenarios.
			let refused = |reason| Error::<T>::InvalidRiskModel(RefusedModel(reason));
			current.towards(&model).validate().map_err(refused)?;
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
		let now = T::Time::now();
		if NextRiskModelStep::<T>::get().is_none_or(|due| now < due) {
			return false;
		}
		NextRiskModelStep::<T>::kill();
		if let Some(target) = TargetRiskModel::<T>::take() {
			Self::step_towards(target);
		}
		true
	}

	/// Puts in force what lies a step towards `target`, and remembers it where that is not there.
	fn step_towards(target: RiskModel) {
		NextRiskModelStep::<T>::kill();
		TargetRiskModel::<T>::kill();
		let next = match CurrentRiskModel::<T>::get() {
			Some(current) => current.towards(&target),
			None => target.clone(),
		};
		// The model in force may not be the one that was when this one was checked.
		let next = if next.validate().is_ok() { next } else { target.clone() };
		if next == target {
			Self::deposit_event(Event::RiskModelReached);
		} else if let Some(pace) = &next.pace {
			let due = T::Time::now().saturating_add(pace.step);
			Self::deposit_event(Event::RiskModelStepped { next: due });
			NextRiskModelStep::<T>::put(due);
			TargetRiskModel::<T>::put(target);
		}
		CurrentRiskModel::<T>::put(next);
	}
}
