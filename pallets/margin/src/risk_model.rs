//! How the risk model changes: checked at once, in force after a delay.

use crate::{Config, CurrentRiskModel, Error, Event, NextRiskModel, NextRiskModelAt, Pallet};
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
	ensure,
	traits::{Get, PalletError},
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
			CurrentRiskModel::<T>::put(model);
			Self::deposit_event(Event::RiskModelChanged);
		}
		true
	}
}
