//! What the trades of one call share, and what they weigh.

use crate::{
	shared_market::{MarketMark, SharedMarket},
	weights::WeightInfo,
	AccountOf, Config, OrdersOf, Pallet,
};
use frame_support::{traits::Get, weights::Weight};

/// See [`plimsoll_primitives::BookClearing::Session`] and
/// [`plimsoll_primitives::CollateralExchange::Session`].
#[derive(Default)]
pub struct Session {
	/// What accounts share of the market.
	pub(crate) market: SharedMarket,
	/// What all trades have weighed.
	pub(crate) used: Weight,
	/// How much of its proof is the market.
	market_proof: u64,
}

impl Session {
	pub(crate) fn charge(&mut self, weight: Weight) {
		self.used = self.used.saturating_add(weight);
	}

	/// What came to the market since `known`. An account of the largest size reads all of it, and however
	/// many do, it is in the proof once.
	pub(crate) fn charge_market<T: Config>(&mut self, known: &MarketMark) {
		let weight = self.market.weight_since::<T>(known);
		let whole = T::WeightInfo::health(T::MaxPositions::get()).proof_size();
		let proof = weight.proof_size().min(whole.saturating_sub(self.market_proof));
		self.market_proof = self.market_proof.saturating_add(proof);
		self.charge(weight.set_proof_size(proof));
	}
}

/// What an account's part in a trade weighs by.
#[derive(Default)]
pub(crate) struct AccountSize {
	pub(crate) positions: usize,
	pub(crate) orders: usize,
	/// How many positions are settled first.
	pub(crate) settles: usize,
}

impl AccountSize {
	/// With one more of each, as a fill or what rests may add.
	pub(crate) fn of<T: Config>(record: &AccountOf<T>, orders: &OrdersOf<T>) -> Self {
		Self {
			positions: record.positions.len().saturating_add(1),
			orders: orders.len().saturating_add(1),
			settles: Pallet::<T>::due_positions(record).len(),
		}
	}

	/// Of the largest account, with as many positions to settle as one touch may.
	pub(crate) fn largest<T: Config>() -> Self {
		let size = |most: u32| usize::try_from(most).unwrap_or(usize::MAX);
		Self {
			positions: size(T::MaxPositions::get()),
			orders: size(T::MaxOrderInstruments::get()),
			settles: size(T::MaxSettledPerTouch::get()),
		}
	}

	fn parts<T: Config>(&self) -> (u32, u32) {
		let least = |count: usize, most: u32| u32::try_from(count).unwrap_or(most).min(most);
		(
			least(self.positions, T::MaxPositions::get()),
			least(self.orders, T::MaxOrderInstruments::get()),
		)
	}

	/// A fill against an order of this account, valued twice.
	pub(crate) fn fill_weight<T: Config>(&self) -> Weight {
		let (positions, orders) = self.parts::<T>();
		T::WeightInfo::fill_order(positions, orders).saturating_add(self.besides::<T>())
	}

	/// Opening and closing the matching of an order of this account, valued twice.
	pub(crate) fn match_weight<T: Config>(&self) -> Weight {
		let (positions, orders) = self.parts::<T>();
		T::WeightInfo::match_order(positions, orders).saturating_add(self.besides::<T>())
	}

	/// Opening and closing a trade of collateral of this account, valued twice. It was measured with as many
	/// orders as there may be.
	pub(crate) fn exchange_weight<T: Config>(&self) -> Weight {
		let (positions, _) = self.parts::<T>();
		T::WeightInfo::exchange_outside(positions)
			.max(T::WeightInfo::set_aside(positions))
			.saturating_add(self.besides::<T>())
	}

	/// What is not measured with any.
	fn besides<T: Config>(&self) -> Weight {
		let (positions, orders) = self.parts::<T>();
		let settled = u64::try_from(self.settles).unwrap_or(u64::MAX);
		Pallet::<T>::second_valuation_weight(positions, orders)
			.saturating_add(T::WeightInfo::settle_holder().saturating_mul(settled))
	}
}
