//! Deposits, withdrawals and delegates: what owners do with their accounts.

use crate::{
	account::AccountAsset, open_account::OpenAccount, open_orders::Standing, weights::WeightInfo,
	AccountOf, Accounts, Config, Delegates, Error, Event, InsuranceCollateral, Ledger, Pallet,
	SubAccountIdOf,
};
use frame_support::{ensure, storage::with_storage_layer, traits::Get, weights::Weight};
use plimsoll_primitives::{Amount, Balance, CollateralId, CollateralTerms, InstrumentRegistry};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	/// Moves an asset from `who` into a sub-account, which is made where there is none. What arrives
	/// is credited, see `receive`. All or nothing.
	pub fn do_deposit(
		who: &T::AccountId,
		account: &SubAccountIdOf<T>,
		asset: AccountAsset,
		amount: Balance,
	) -> DispatchResult {
		with_storage_layer(|| {
			let (asset_id, terms) = Self::asset_terms(asset)?;
			let (arrived, booked) = Self::take_in(who, &asset_id, amount)?;
			let mut pots = Ledger::<T>::get();
			let mut open = OpenAccount::<T>::existing_or_new(account, &pots)?;
			match (asset, terms) {
				(AccountAsset::Collateral(id), Some(terms)) => {
					Self::credit_collateral(&mut open, id, &terms, (arrived, booked))?
				}
				_ => {
					let cash = Amount::try_from(arrived).map_err(|_| Error::<T>::Overflow)?;
					open.record.add_cash(cash).map_err(Error::<T>::from)?;
				}
			}
			Self::ensure_no_dust(&open.record)?;
			open.close(&mut pots)?;
			Ledger::<T>::put(pots);
			Self::deposit_event(Event::Deposited {
				account: account.clone(),
				asset,
				amount: arrived,
			});
			Ok(())
		})
	}

	/// Adds what arrived of a collateral asset, of which `booked` are booked now.
	pub(crate) fn credit_collateral(
		account: &mut OpenAccount<T>,
		id: CollateralId,
		terms: &CollateralTerms<T::AssetId>,
		(arrived, booked): (Balance, Balance),
	) -> DispatchResult {
		let in_accounts = booked.saturating_sub(InsuranceCollateral::<T>::get(id));
		ensure!(in_accounts <= terms.deposit_cap, Error::<T>::DepositCapExceeded);
		account.add_collateral(id, arrived)?;
		ensure!(
			account.record.collateral_of(id) >= terms.minimum,
			Error::<T>::BelowMinimumCollateral
		);
		Ok(())
	}

	/// Takes collateral, and leaves no less than its minimum but nothing.
	pub(crate) fn debit_collateral(
		record: &mut AccountOf<T>,
		id: CollateralId,
		terms: &CollateralTerms<T::AssetId>,
		amount: Balance,
	) -> DispatchResult {
		record.remove_collateral(id, amount).map_err(Error::<T>::from)?;
		let left = record.collateral_of(id);
		ensure!(left == 0 || left >= terms.minimum, Error::<T>::BelowMinimumCollateral);
		Ok(())
	}

	/// Takes an asset out of an account and pays it to the account's owner. Cash that it does not have
	/// is a loan, which what it holds must carry and the others' cash must allow. All or nothing.
	/// Returns how many positions the account had.
	pub(crate) fn do_withdraw(
		account: &SubAccountIdOf<T>,
		asset: AccountAsset,
		amount: Balance,
	) -> Result<u32, DispatchError> {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		ensure!(!T::Registry::is_halted(), Error::<T>::WithdrawalsHalted);
		with_storage_layer(|| {
			let mut pots = Ledger::<T>::get();
			let mut open = OpenAccount::<T>::existing(account, &pots)?;
			let positions = u32::try_from(open.record.positions.len()).unwrap_or(u32::MAX);
			Self::settle_due(&mut open, &mut pots)?;
			let (asset_id, terms) = Self::asset_terms(asset)?;
			match (asset, terms) {
				(AccountAsset::Collateral(id), Some(terms)) => {
					Self::debit_collateral(&mut open.record, id, &terms, amount)?
				}
				_ => {
					let taken = Amount::try_from(amount)
						.ok()
						.and_then(Amount::checked_neg)
						.ok_or(Error::<T>::Overflow)?;
					open.record.add_cash(taken).map_err(Error::<T>::from)?;
				}
			}
			let orders = open.orders();
			let leaves_orders = open.record.is_empty() && !orders.is_empty();
			ensure!(!leaves_orders, Error::<T>::HasOpenOrders);
			let covered = Self::with_loan_margin(&open.record)?;
			Self::ensure_covered(&Standing::new(&covered, &orders))?;
			Self::ensure_no_dust(&open.record)?;
			let is_lent = asset == AccountAsset::Cash && open.record.cash < 0;
			open.close(&mut pots)?;
			if is_lent {
				Self::ensure_lendable(&pots)?;
			}
			Ledger::<T>::put(pots);
			Self::pay_out(&account.owner, &asset_id, amount)?;
			Self::deposit_event(Event::Withdrawn { account: account.clone(), asset, amount });
			Ok(positions)
		})
	}

	/// A record costs every node something for ever: one that holds nothing but cash holds at least
	/// [`Config::MinimumCash`], or nothing.
	pub(crate) fn ensure_no_dust(record: &AccountOf<T>) -> DispatchResult {
		let only_cash = record.collateral.is_empty() && record.positions.is_empty();
		let dust = Balance::try_from(record.cash)
			.is_ok_and(|cash| cash > 0 && cash < T::MinimumCash::get());
		ensure!(!(only_cash && dust), Error::<T>::BelowMinimumCash);
		Ok(())
	}

	/// The most that a withdrawal weighs from an account with this many positions.
	pub(crate) fn withdraw_weight(positions: u32) -> Weight {
		let settled = positions.min(T::MaxSettledPerTouch::get());
		T::WeightInfo::withdraw(positions)
			.saturating_add(T::WeightInfo::settle_holder().saturating_mul(u64::from(settled)))
	}

	pub(crate) fn do_add_delegate(
		account: &SubAccountIdOf<T>,
		delegate: T::AccountId,
	) -> DispatchResult {
		ensure!(Accounts::<T>::contains_key(account), Error::<T>::AccountNotFound);
		ensure!(delegate != account.owner, Error::<T>::OwnerNeedsNoDelegation);
		Delegates::<T>::try_mutate(account, |delegates| {
			let Err(at) = delegates.binary_search(&delegate) else {
				return Err(Error::<T>::AlreadyDelegate);
			};
			delegates.try_insert(at, delegate.clone()).map_err(|_| Error::<T>::TooManyDelegates)
		})?;
		Self::deposit_event(Event::DelegateAdded { account: account.clone(), delegate });
		Ok(())
	}

	pub(crate) fn do_remove_delegate(
		account: &SubAccountIdOf<T>,
		delegate: T::AccountId,
	) -> DispatchResult {
		Delegates::<T>::try_mutate_exists(account, |stored| {
			let mut delegates = stored.take().ok_or(Error::<T>::NotDelegate)?;
			let at = delegates.binary_search(&delegate).map_err(|_| Error::<T>::NotDelegate)?;
			delegates.remove(at);
			*stored = (!delegates.is_empty()).then_some(delegates);
			Ok::<(), Error<T>>(())
		})?;
		Self::deposit_event(Event::DelegateRemoved { account: account.clone(), delegate });
		Ok(())
	}
}
