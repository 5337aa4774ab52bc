//! One price: all of its orders in one record.

use crate::{
	error::BookError,
	order::{Block, Order, OrderId},
};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, Get};

/// The orders of one side at one price, oldest first.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo)]
#[scale_info(skip_type_params(Max))]
#[codec(mel_bound(Owner: MaxEncodedLen))]
pub struct Level<Owner, Max: Get<u32>> {
	orders: BoundedVec<Order<Owner>, Max>,
}

impl<Owner, Max: Get<u32>> Default for Level<Owner, Max> {
	fn default() -> Self {
		Self { orders: BoundedVec::new() }
	}
}

impl<Owner: Clone, Max: Get<u32>> Clone for Level<Owner, Max> {
	fn clone(&self) -> Self {
		Self { orders: self.orders.clone() }
	}
}

impl<Owner, Max: Get<u32>> Level<Owner, Max> {
	/// Whether no order rests here.
	pub fn is_empty(&self) -> bool {
		self.orders.is_empty()
	}

	/// Its orders, oldest first.
	pub fn orders(&self) -> &[Order<Owner>] {
		&self.orders
	}

	/// The oldest order.
	pub(crate) fn oldest_mut(&mut self) -> Option<&mut Order<Owner>> {
		self.orders.iter_mut().next()
	}

	/// Adds an order behind all others.
	pub(crate) fn push(&mut self, order: Order<Owner>) -> Result<(), BookError> {
		self.orders.try_push(order).map_err(|_| BookError::LevelFull)
	}

	/// Takes the oldest order out.
	pub(crate) fn take_oldest(&mut self) -> Option<Order<Owner>> {
		(!self.orders.is_empty()).then(|| self.orders.remove(0))
	}

	/// Whether no other order fits.
	pub(crate) fn is_full(&self) -> bool {
		self.orders.is_full()
	}

	/// Takes out the oldest orders that have expired by block `now`, each for one of `removals`.
	pub(crate) fn take_expired(&mut self, now: Block, removals: &mut u32) -> Vec<Order<Owner>> {
		let mut expired = Vec::new();
		while let Some(left) = removals.checked_sub(1) {
			let found = self.orders.iter().position(|order| order.is_expired(now));
			let Some(at) = found else { break };
			expired.push(self.orders.remove(at));
			*removals = left;
		}
		expired
	}

	/// Takes the order numbered `id` out.
	pub(crate) fn take(&mut self, id: OrderId) -> Option<Order<Owner>> {
		let at = self.orders.iter().position(|order| order.id == id)?;
		Some(self.orders.remove(at))
	}
}
