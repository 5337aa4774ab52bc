//! What must hold of this pallet's storage after every block.

use crate::{
	BalanceOf, BookPages, Books, Config, ExpiringNonces, HoldReason, Levels, NextOrderId, Orders,
	OrdersOf, Pallet, PruneCursor, SilenceChecks, SilenceCursor, SilenceSwitches, UsedNonces,
};
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::fungible::InspectHold};
use plimsoll_orderbook::audit;
use plimsoll_primitives::{
	BookClearing, Contracts, Instrument, OrderSide, OrderTotals, SubAccountId,
};
use sp_runtime::{
	traits::{Saturating, Zero},
	TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks every sentence below; the first that is untrue is the error.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_nonces()?;
		Self::check_requests()?;
		Self::check_books()?;
		Self::check_levels()?;
		Self::check_accounts()?;
		Self::check_silence()
	}

	/// Each book as a whole.
	fn check_books() -> Result<(), TryRuntimeError> {
		let orders = audit(Levels::<T>::iter(), BookPages::<T>::iter())?;
		let counted: BTreeMap<_, _> = Books::<T>::iter()
			.map(|(instrument, book)| (instrument, usize::try_from(book.orders).unwrap_or(0)))
			.collect();
		ensure!(counted == orders, "Each book counts the orders that rest in it.");
		Ok(())
	}

	/// Each order, where it stands.
	fn check_levels() -> Result<(), TryRuntimeError> {
		let next = NextOrderId::<T>::get();
		let mut standing = 0usize;
		for (instrument, (side, tick), level) in Levels::<T>::iter() {
			for order in level.orders() {
				standing = standing.saturating_add(1);
				ensure!(order.id < next, "Each order's number was given out.");
				let record = Orders::<T>::get(order.id);
				ensure!(
					record.is_some_and(|record| {
						(record.account, record.instrument, record.side, record.tick)
							== (order.owner.clone(), instrument, side, tick)
					}),
					"Each order that rests is recorded where it stands."
				);
				ensure!(
					OrdersOf::<T>::get(&order.owner).contains(&order.id),
					"Each order that rests is in its account's list."
				);
			}
		}
		ensure!(
			Orders::<T>::iter().count() == standing,
			"Each order that is recorded stands in exactly one level."
		);
		let listed = OrdersOf::<T>::iter().map(|(_, ids)| ids.len()).fold(0, usize::saturating_add);
		ensure!(listed == standing, "No list has an order that does not rest, or has one twice.");
		Ok(())
	}

	/// What the orders of each account come to.
	fn check_accounts() -> Result<(), TryRuntimeError> {
		let mut totals: BTreeMap<(SubAccountId<T::AccountId>, Instrument), OrderTotals> =
			BTreeMap::new();
		for (instrument, (side, _), level) in Levels::<T>::iter() {
			let grid = Books::<T>::get(instrument).map(|book| book.grid);
			for order in level.orders() {
				let of = totals
					.entry((order.owner.clone(), instrument))
					.or_insert(OrderTotals::none(instrument));
				let sum = match side {
					OrderSide::Buy => &mut of.buys,
					OrderSide::Sell => &mut of.sells,
				};
				let size = grid.and_then(|grid| grid.size(order.lots)).unwrap_or_default();
				*sum = sum.checked_add(size).unwrap_or(Contracts::ZERO);
			}
		}
		let counted: BTreeMap<_, _> = T::Clearing::all_order_totals()
			.into_iter()
			.map(|(account, of)| ((account, of.instrument), (of.buys, of.sells)))
			.collect();
		let expected: BTreeMap<_, _> =
			totals.into_iter().map(|(key, of)| (key, (of.buys, of.sells))).collect();
		ensure!(
			counted == expected,
			"The clearing house counts of each account what rests of its orders, and nothing else."
		);

		let mut deposits: BTreeMap<T::AccountId, BalanceOf<T>> = BTreeMap::new();
		for record in Orders::<T>::iter_values() {
			let sum = deposits.entry(record.account.owner).or_insert(Zero::zero());
			*sum = sum.saturating_add(record.deposit);
		}
		for (owner, expected) in deposits {
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::Order.into(), &owner) == expected,
				"Of each owner's funds the deposits of its orders are held, no more and no less."
			);
		}
		Ok(())
	}

	/// Switches that cancel on silence, and their index.
	fn check_silence() -> Result<(), TryRuntimeError> {
		let cursor = SilenceCursor::<T>::get();
		let mut deposits: BTreeMap<T::AccountId, BalanceOf<T>> = BTreeMap::new();
		let mut listed = 0usize;
		for (account, switch) in SilenceSwitches::<T>::iter() {
			ensure!(switch.blocks > 0, "Every silence lasts a block at least.");
			if let Some(block) = switch.listed {
				listed = listed.saturating_add(1);
				ensure!(
					SilenceChecks::<T>::contains_key(block, &account),
					"Every switch stands in the index where it says."
				);
				ensure!(block >= cursor, "No switch is listed behind the cursor.");
			}
			let sum = deposits.entry(account.owner).or_insert(Zero::zero());
			*sum = sum.saturating_add(switch.deposit);
		}
		ensure!(
			SilenceChecks::<T>::iter().count() == listed,
			"The index of switches has no other entry."
		);
		for (owner, expected) in deposits {
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::Silence.into(), &owner) == expected,
				"Of each owner's funds the deposits of its switches are held, no more and no less."
			);
		}
		Ok(())
	}

	/// Used nonces and their index.
	fn check_nonces() -> Result<(), TryRuntimeError> {
		for (maker, nonce, kept_through) in UsedNonces::<T>::iter() {
			ensure!(
				ExpiringNonces::<T>::contains_key(kept_through, (maker, nonce)),
				"Every used nonce stands in the index under the block through which it is kept."
			);
		}

		let cursor = PruneCursor::<T>::get();
		for (kept_through, (maker, nonce), ()) in ExpiringNonces::<T>::iter() {
			ensure!(
				UsedNonces::<T>::get(maker, nonce) == Some(kept_through),
				"Every entry of the index is a used nonce that is kept through that block."
			);
			ensure!(
				kept_through >= cursor,
				"No entry of the index lies behind the cursor, where it would never be pruned."
			);
		}

		ensure!(
			cursor <= frame_system::Pallet::<T>::block_number(),
			"The cursor has passed no block through which a nonce must still be kept."
		);
		Ok(())
	}
}
