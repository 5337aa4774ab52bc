//! What is set aside for orders in collateral that rest: out of the account's record, so that it counts for
//! nothing there, until they fill or go. It is kept by account, summed over its orders; the orders
//! themselves are the spot pallet's.
//!
//! What comes back always finds its place: a collateral asset that is set aside keeps its entry of
//! [`Config::MaxCollaterals`] taken, see [`OpenAccount::add_collateral`].

use crate::{
	account::{add_to, take_from, AccountAsset, AccountError},
	ledger::Pots,
	open_account::OpenAccount,
	AccountOf, Accounts, Booked, Config, Error, Escrows, Event, Pallet, SubAccountIdOf,
};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	ensure, traits::Get, BoundedVec, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound,
	PartialEqNoBound,
};
use plimsoll_primitives::{AllSetAside, Amount, Balance, CollateralId, SetAside};
use scale_info::TypeInfo;
use sp_runtime::DispatchResult;

/// What is set aside of a sub-account's.
#[derive(
	CloneNoBound,
	DebugNoBound,
	DefaultNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(MaxCollaterals))]
#[codec(mel_bound())]
pub struct Escrow<MaxCollaterals: Get<u32>> {
	/// Settlement units.
	pub cash: Balance,
	/// In the assets' own units; ascending, none of them zero.
	pub collateral: BoundedVec<(CollateralId, Balance), MaxCollaterals>,
}

impl<MaxCollaterals: Get<u32>> Escrow<MaxCollaterals> {
	/// Whether nothing is set aside: it is not kept then.
	pub fn is_empty(&self) -> bool {
		self.cash == 0 && self.collateral.is_empty()
	}

	/// Adds cash and so much of a collateral asset.
	fn add(
		&mut self,
		(cash, id, amount): (Balance, CollateralId, Balance),
	) -> Result<(), AccountError> {
		self.cash = self.cash.checked_add(cash).ok_or(AccountError::Overflow)?;
		add_to(&mut self.collateral, id, amount)
	}

	/// Takes cash and so much of a collateral asset. `None`, perhaps half done, where there is less.
	fn take(&mut self, (cash, id, amount): (Balance, CollateralId, Balance)) -> Option<()> {
		self.cash = self.cash.checked_sub(cash)?;
		take_from(&mut self.collateral, id, amount).ok()
	}
}

impl<MaxCollaterals: Get<u32>> From<Escrow<MaxCollaterals>> for AllSetAside {
	fn from(escrow: Escrow<MaxCollaterals>) -> Self {
		Self { cash: escrow.cash, collateral: escrow.collateral.into_inner() }
	}
}

impl<T: Config> Pallet<T> {
	/// Writes what is set aside of an account's.
	fn put_escrow(account: &SubAccountIdOf<T>, escrow: Escrow<T::MaxCollaterals>) {
		if escrow.is_empty() {
			Escrows::<T>::remove(account);
		} else {
			Escrows::<T>::insert(account, escrow);
		}
	}

	/// Sets aside what an order to rest gives, which the account must have.
	pub(crate) fn set_aside(
		account: &mut OpenAccount<T>,
		pots: &mut Pots,
		order: &SetAside,
	) -> DispatchResult {
		let cash = order.cash_held().ok_or(Error::<T>::Overflow)?;
		let amount = order.collateral_held();
		let record = &mut account.record;
		let owned = Balance::try_from(record.cash).unwrap_or(0);
		ensure!(cash <= owned, Error::<T>::InsufficientCash);
		let taken = Amount::try_from(cash).ok().and_then(Amount::checked_neg);
		record.add_cash(taken.ok_or(Error::<T>::Overflow)?).map_err(Error::<T>::from)?;
		record.remove_collateral(order.collateral, amount).map_err(Error::<T>::from)?;
		let mut escrow = Escrows::<T>::get(&account.id);
		escrow.add((cash, order.collateral, amount)).map_err(Error::<T>::from)?;
		Self::put_escrow(&account.id, escrow);
		pots.escrow = pots.escrow.checked_add(cash).ok_or(Error::<T>::Overflow)?;
		// No more than could be withdrawn: what is lent out is not there to be set aside, either.
		let booked = Booked::<T>::get(T::SettlementAsset::get());
		ensure!(cash == 0 || pots.escrow <= booked, Error::<T>::InsufficientLiquidity);
		if let Some((asset, amount)) = Self::parts(order, cash) {
			let account = account.id.clone();
			Self::deposit_event(Event::SetAside { account, asset, amount });
		}
		Ok(())
	}

	/// Takes cash and so much of a collateral asset out of what is set aside.
	pub(crate) fn take_set_aside(
		account: &SubAccountIdOf<T>,
		pots: &mut Pots,
		taken: (Balance, CollateralId, Balance),
	) -> Result<(), Error<T>> {
		let mut escrow = Escrows::<T>::get(account);
		escrow.take(taken).ok_or(Error::<T>::NotSetAside)?;
		Self::put_escrow(account, escrow);
		pots.escrow = pots.escrow.checked_sub(taken.0).ok_or(Error::<T>::NotSetAside)?;
		Ok(())
	}

	/// Gives an account back what was set aside for an order that is cancelled.
	pub(crate) fn give_back(
		account: &mut OpenAccount<T>,
		pots: &mut Pots,
		cancelled: &SetAside,
	) -> DispatchResult {
		let cash = cancelled.cash_held().ok_or(Error::<T>::Overflow)?;
		let (id, amount) = (cancelled.collateral, cancelled.collateral_held());
		Self::take_set_aside(&account.id, pots, (cash, id, amount))?;
		let added = Amount::try_from(cash).map_err(|_| Error::<T>::Overflow)?;
		account.record.add_cash(added).map_err(Error::<T>::from)?;
		account.add_collateral(id, amount)?;
		if let Some((asset, amount)) = Self::parts(cancelled, cash) {
			let account = account.id.clone();
			Self::deposit_event(Event::Released { account, asset, amount });
		}
		Ok(())
	}

	/// What is set aside for an order, as events tell it: one asset, of which there is some.
	fn parts(order: &SetAside, cash: Balance) -> Option<(AccountAsset, Balance)> {
		let collateral = (AccountAsset::Collateral(order.collateral), order.collateral_held());
		[(AccountAsset::Cash, cash), collateral].into_iter().find(|(_, amount)| *amount > 0)
	}

	/// Whether an account with this record could hold a collateral asset, too.
	pub(crate) fn has_room_for(
		account: &SubAccountIdOf<T>,
		record: &AccountOf<T>,
		id: CollateralId,
	) -> bool {
		if record.collateral_of(id) > 0 {
			return true;
		}
		let escrow = Escrows::<T>::get(account).collateral;
		let comes_back = |of: &CollateralId| *of != id && record.collateral_of(*of) == 0;
		let reserved = escrow.iter().filter(|(of, _)| comes_back(of)).count();
		let most = usize::try_from(T::MaxCollaterals::get()).unwrap_or(usize::MAX);
		record.collateral.len().saturating_add(reserved) < most
	}

	/// Whether nothing of an account is left: its record, its open orders, what is set aside for others.
	pub(crate) fn is_abandoned(account: &SubAccountIdOf<T>, record: &AccountOf<T>) -> bool {
		record.is_empty()
			&& !crate::OpenOrderTotals::<T>::contains_key(account)
			&& !Escrows::<T>::contains_key(account)
	}

	/// What is set aside of all accounts.
	pub(crate) fn all_escrows() -> Vec<(SubAccountIdOf<T>, AllSetAside)> {
		Escrows::<T>::iter().map(|(account, escrow)| (account, escrow.into())).collect()
	}

	/// Whether an account that exists could hold a collateral asset, too.
	pub(crate) fn account_has_room(account: &SubAccountIdOf<T>, id: CollateralId) -> bool {
		Accounts::<T>::get(account).is_some_and(|record| Self::has_room_for(account, &record, id))
	}
}

impl<T: Config> OpenAccount<T> {
	/// Adds collateral. One more asset is refused where the account would have no place for what comes
	/// back to it of what is set aside.
	pub fn add_collateral(&mut self, id: CollateralId, amount: Balance) -> Result<(), Error<T>> {
		let has_room = amount == 0 || Pallet::<T>::has_room_for(&self.id, &self.record, id);
		ensure!(has_room, Error::<T>::TooManyCollaterals);
		self.record.add_collateral(id, amount).map_err(Into::into)
	}
}
