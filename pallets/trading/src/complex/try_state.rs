//! What must hold of complex orders after every block.

use crate::{BalanceOf, ComplexBooks, ComplexOrders, ComplexOrdersOf, Config, NextOrderId, Pallet};
use alloc::collections::BTreeMap;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every sentence below; the first that is untrue is the error. Adds the deposits to those that
	/// are held for quotes.
	pub(crate) fn check_complex_orders(
		deposits: &mut BTreeMap<T::AccountId, BalanceOf<T>>,
	) -> Result<(), TryRuntimeError> {
		use sp_runtime::traits::{Saturating, Zero};
		let next = NextOrderId::<T>::get();
		let mut resting = 0usize;
		for (id, order) in ComplexOrders::<T>::iter() {
			resting = resting.saturating_add(1);
			ensure!(id < next, "Each complex order's number was given out.");
			ensure!(
				ComplexOrdersOf::<T>::get(&order.account).contains(&id),
				"Each complex order is in its account's list."
			);
			let cost = Self::net_cost(&order.legs).ok();
			let standings = ComplexBooks::<T>::get(order.package());
			ensure!(
				standings.iter().any(|of| of.order == id && Some(of.cost) == cost),
				"Each complex order stands in its package's list, with what it pays."
			);
			let sum = deposits.entry(order.account.owner).or_insert(Zero::zero());
			*sum = sum.saturating_add(order.deposit);
		}
		let listed = ComplexOrdersOf::<T>::iter().map(|(_, ids)| ids.len());
		let standing = ComplexBooks::<T>::iter().map(|(_, all)| all.len());
		ensure!(
			listed.fold(0, usize::saturating_add) == resting
				&& standing.fold(0, usize::saturating_add) == resting,
			"No list has a complex order that does not rest, or has one twice."
		);
		for (_, all) in ComplexBooks::<T>::iter() {
			let better = |pair: &[crate::ComplexStanding]| match pair {
				[first, second] => {
					first.cost > second.cost
						|| (first.cost == second.cost && first.order < second.order)
				}
				_ => true,
			};
			ensure!(all.windows(2).all(better), "Each package's best pays most, then is oldest.");
		}
		Ok(())
	}
}
