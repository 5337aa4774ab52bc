//! What must hold of requests and answers after every block.

use crate::{Answers, BalanceOf, Config, HoldReason, NextRequestId, Pallet, Requests, RequestsOf};
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::{
	traits::{Saturating, Zero},
	TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks every sentence below; the first that is untrue is the error.
	pub(crate) fn check_requests() -> Result<(), TryRuntimeError> {
		let next = NextRequestId::<T>::get();
		let mut deposits: BTreeMap<T::AccountId, BalanceOf<T>> = BTreeMap::new();
		let mut owe = |owner: T::AccountId, deposit| {
			let sum = deposits.entry(owner).or_insert(Zero::zero());
			*sum = sum.saturating_add(deposit);
		};
		let mut open = 0usize;
		for (id, request) in Requests::<T>::iter() {
			open = open.saturating_add(1);
			ensure!(id < next, "Each request's number was given out.");
			ensure!(
				RequestsOf::<T>::get(&request.account).contains(&id),
				"Each request is in its account's list."
			);
			let answers = Answers::<T>::iter_prefix(id).count();
			ensure!(
				usize::try_from(request.answers) == Ok(answers),
				"Each request counts its answers."
			);
			owe(request.account.owner, request.deposit);
		}
		let listed = RequestsOf::<T>::iter().map(|(_, ids)| ids.len());
		ensure!(
			listed.fold(0, usize::saturating_add) == open,
			"No list has a request that is not open, or has one twice."
		);
		for (id, maker, answer) in Answers::<T>::iter() {
			ensure!(Requests::<T>::contains_key(id), "No answer outlives its request.");
			owe(maker.owner, answer.deposit);
		}
		Self::check_complex_orders(&mut deposits)?;
		for (owner, expected) in deposits {
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::Quote.into(), &owner) == expected,
				"Of each owner's funds the deposits of its requests, answers and complex orders are held."
			);
		}
		Ok(())
	}
}
