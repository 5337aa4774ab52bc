//! What is always true of this pallet's storage.

use crate::{queue::Stage, AccountOf, Config, Liquidations, Pallet, Params, Providers, Queue};
use alloc::collections::BTreeSet;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks it.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		ensure!(Params::<T>::get().validate().is_ok(), "the parameters are valid");
		Self::check_queue()?;
		Self::check_providers()
	}

	fn check_queue() -> Result<(), TryRuntimeError> {
		let queue = Queue::<T>::get();
		let accounts: BTreeSet<AccountOf<T>> =
			queue.iter().map(|queued| queued.account.clone()).collect();
		ensure!(accounts.len() == queue.len(), "no account is in the queue twice");
		ensure!(
			accounts.iter().all(Liquidations::<T>::contains_key),
			"something is known of every account in the queue"
		);
		ensure!(
			Liquidations::<T>::iter_keys().count() == queue.len(),
			"nothing is known of an account that is not in the queue"
		);
		let mut sorted = queue.clone();
		crate::queue::sort(sorted.as_mut());
		ensure!(sorted == queue, "the queue is in order of service");
		ensure!(
			queue.iter().all(|queued| !queued.shortfall.is_negative()),
			"no account in the queue lacks less than nothing"
		);
		for (_, state) in Liquidations::<T>::iter() {
			ensure!(state.entered_at <= state.last_seen, "no account was seen before it entered");
			if let Stage::Deleverage(plan) = state.stage {
				let closing = plan.leg.is_none_or(|leg| !leg.to_close.is_zero());
				ensure!(closing, "a position that is being closed is not closed yet");
			}
		}
		Ok(())
	}

	fn check_providers() -> Result<(), TryRuntimeError> {
		let providers = Providers::<T>::get();
		let accounts: BTreeSet<AccountOf<T>> =
			providers.iter().map(|provider| provider.account.clone()).collect();
		ensure!(accounts.len() == providers.len(), "no account is a provider twice");
		ensure!(
			providers.is_sorted_by_key(|provider| provider.terms.minimum_discount),
			"the providers stand in order of the discount they ask"
		);
		ensure!(
			providers.iter().all(|provider| provider.terms.maximum_slice.is_positive()),
			"every provider takes something"
		);
		Ok(())
	}
}
