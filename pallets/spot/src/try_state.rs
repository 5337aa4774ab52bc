//! What must hold at every moment.

use crate::{
	BalanceOf, BookPages, Books, Config, HoldReason, Levels, NextOrderId, Orders, OrdersOf, Pairs,
	Pallet,
};
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::fungible::InspectHold};
use plimsoll_orderbook::audit;
use plimsoll_primitives::{AllSetAside, Balance, CollateralExchange, CollateralId, SubAccountId};
use sp_runtime::{
	traits::{Saturating, Zero},
	TryRuntimeError,
};

/// What an account has set aside.
type Sums<AccountId> =
	BTreeMap<SubAccountId<AccountId>, (Balance, BTreeMap<CollateralId, Balance>)>;

impl<T: Config> Pallet<T> {
	/// Checks every sentence below; the first that is untrue is the error.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_pairs()?;
		Self::check_books()?;
		Self::check_levels()?;
		Self::check_deposits()?;
		Self::check_set_aside()
	}

	fn check_pairs() -> Result<(), TryRuntimeError> {
		for (collateral, terms) in Pairs::<T>::iter() {
			let asset = Self::pair_asset(collateral);
			ensure!(asset.is_ok(), "A pair is of no collateral asset, or of the settlement asset");
			ensure!(terms.lot > 0, "A pair has a lot of nothing");
			ensure!(terms.has_price_band(), "A pair's price band is nothing, or all of the price");
			let grid = asset.and_then(|asset| Self::grid(&terms, &asset)).ok();
			ensure!(grid.is_some(), "A lot at one tick is no whole number of settlement units");
			ensure!(
				Books::<T>::get(collateral).is_none_or(|book| Some(book.grid) == grid),
				"Orders rest in other ticks or lots than their pair's"
			);
		}
		Ok(())
	}

	/// Each book as a whole.
	fn check_books() -> Result<(), TryRuntimeError> {
		let orders = audit(Levels::<T>::iter(), BookPages::<T>::iter())?;
		let counted: BTreeMap<_, _> = Books::<T>::iter()
			.map(|(collateral, book)| (collateral, usize::try_from(book.orders).unwrap_or(0)))
			.collect();
		ensure!(counted == orders, "A book does not count the orders that rest in it");
		Ok(())
	}

	/// Each order, where it stands.
	fn check_levels() -> Result<(), TryRuntimeError> {
		let next = NextOrderId::<T>::get();
		let mut standing = 0usize;
		for (collateral, (side, tick), level) in Levels::<T>::iter() {
			for order in level.orders() {
				standing = standing.saturating_add(1);
				ensure!(order.id < next, "An order has a number that was never given out");
				let is_recorded = Orders::<T>::get(order.id).is_some_and(|record| {
					(record.account, record.collateral, record.side, record.tick)
						== (order.owner.clone(), collateral, side, tick)
				});
				ensure!(is_recorded, "An order is not recorded where it stands");
				ensure!(
					OrdersOf::<T>::get(&order.owner).contains(&order.id),
					"An order is not in its account's list"
				);
			}
		}
		ensure!(
			Orders::<T>::iter().count() == standing,
			"An order is recorded that stands in no level"
		);
		let listed = OrdersOf::<T>::iter().map(|(_, ids)| ids.len()).fold(0, usize::saturating_add);
		ensure!(listed == standing, "A list has an order that does not rest, or has one twice");
		Ok(())
	}

	fn check_deposits() -> Result<(), TryRuntimeError> {
		let mut deposits: BTreeMap<T::AccountId, BalanceOf<T>> = BTreeMap::new();
		for record in Orders::<T>::iter_values() {
			let sum = deposits.entry(record.account.owner).or_insert(Zero::zero());
			*sum = sum.saturating_add(record.deposit);
		}
		for (owner, expected) in deposits {
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::Order.into(), &owner) == expected,
				"Of an owner's funds not exactly the deposits of its orders are held"
			);
		}
		Ok(())
	}

	/// What orders have set aside, account by account.
	fn check_set_aside() -> Result<(), TryRuntimeError> {
		let mut sums: Sums<T::AccountId> = BTreeMap::new();
		for (collateral, _, level) in Levels::<T>::iter() {
			for order in level.orders() {
				let held = Orders::<T>::get(order.id)
					.zip(Books::<T>::get(collateral))
					.and_then(|(record, book)| record.set_aside(&book.grid, order.lots))
					.and_then(|held| Some((held.cash_held()?, held.collateral_held())));
				let (cash, amount) = held.ok_or("What an order sets aside does not fit")?;
				let sum = sums.entry(order.owner.clone()).or_default();
				sum.0 = sum.0.saturating_add(cash);
				if amount > 0 {
					let of = sum.1.entry(collateral).or_default();
					*of = of.saturating_add(amount);
				}
			}
		}
		let expected: BTreeMap<_, _> = sums
			.into_iter()
			.map(|(account, (cash, collateral))| {
				(account, AllSetAside { cash, collateral: collateral.into_iter().collect() })
			})
			.collect();
		let stored: BTreeMap<_, _> = T::Exchange::all_set_aside().into_iter().collect();
		ensure!(stored == expected, "What is set aside is not what the orders give");
		Ok(())
	}
}
