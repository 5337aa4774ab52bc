//! What the waterfall asks of the books, and what a pallet with books of its own asks of silence.

use crate::{
	order::{as_block, CancelCause},
	weights::WeightInfo,
	ComplexOrders, ComplexOrdersOf, Config, OrdersOf, Pallet,
};
use frame_support::{storage::with_storage_layer, weights::Weight};
use plimsoll_primitives::{Cancelled, MassCancel, OpenOrders, Silence, SubAccountId};
use sp_runtime::SaturatedConversion;

impl From<MassCancel> for CancelCause {
	fn from(cause: MassCancel) -> Self {
		match cause {
			MassCancel::Liquidation => Self::Liquidation,
			MassCancel::Silence => Self::Silence,
		}
	}
}

impl<T: Config> OpenOrders<T::AccountId> for Pallet<T> {
	fn cancel_orders(
		account: &SubAccountId<T::AccountId>,
		limit: u32,
		cause: MassCancel,
	) -> Cancelled {
		Self::cancel_latest(account, limit, cause)
	}

	fn cancel_weight() -> Weight {
		Self::cancel_any_weight()
	}
}

impl<T: Config> Silence<T::AccountId> for Pallet<T> {
	fn note_seen(account: &SubAccountId<T::AccountId>) {
		Self::note_seen(account);
	}

	fn is_silent(account: &SubAccountId<T::AccountId>) -> bool {
		Self::is_silent(account, as_block(frame_system::Pallet::<T>::block_number()))
	}

	fn note_seen_weight() -> Weight {
		T::WeightInfo::note_seen()
	}
}

impl<T: Config> Pallet<T> {
	/// Cancels up to `limit` of an account's orders: first those that have set something aside
	/// ([`Config::CollateralOrders`]), then those in the books here, complex ones last.
	///
	/// The latest first, which leaves the list of the others as it is. One that could not be cancelled,
	/// which only a broken book could bring about, is passed over and counts as left.
	pub(crate) fn cancel_latest(
		account: &SubAccountId<T::AccountId>,
		limit: u32,
		cause: MassCancel,
	) -> Cancelled {
		let in_collateral = T::CollateralOrders::cancel_orders(account, limit, cause);
		let limit = limit.saturating_sub(in_collateral.orders);
		let orders = OrdersOf::<T>::get(account);
		let mut cancelled = 0u32;
		for id in orders.iter().rev().take(limit.saturated_into()) {
			if with_storage_layer(|| Self::cancel_resting(*id, cause.into())).is_ok() {
				cancelled = cancelled.saturating_add(1);
			}
		}
		let left = limit.saturating_sub(cancelled);
		for id in ComplexOrdersOf::<T>::get(account).iter().rev().take(left.saturated_into()) {
			let Some(order) = ComplexOrders::<T>::get(id) else { continue };
			if with_storage_layer(|| Self::cancel_complex(*id, order, cause.into())).is_ok() {
				cancelled = cancelled.saturating_add(1);
			}
		}
		let are_left =
			OrdersOf::<T>::contains_key(account) || ComplexOrdersOf::<T>::contains_key(account);
		Cancelled {
			orders: in_collateral.orders.saturating_add(cancelled),
			are_left: in_collateral.are_left || are_left,
			..in_collateral
		}
	}
}
