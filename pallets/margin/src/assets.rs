//! Assets coming in and going out. What the pallet's account holds of an asset is its seed (the
//! minimum balance that keeps it alive, nobody's) plus what is booked to accounts, funds and pots.

use crate::{
	account::AccountAsset, AccountAssetTerms, Booked, Config, Error, Event, Pallet, Seeds,
};
use frame_support::{
	ensure,
	traits::{
		fungibles::{Inspect, Mutate},
		tokens::{DepositConsequence, Preservation, Provenance, WithdrawConsequence},
		Get,
	},
};
use plimsoll_primitives::Balance;
use sp_runtime::{traits::AccountIdConversion, DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	/// The pallet's own account, which holds all collateral and cash.
	pub fn account_id() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// The asset behind what an account names, with its terms where it is collateral.
	pub(crate) fn asset_terms(asset: AccountAsset) -> Result<AccountAssetTerms<T>, Error<T>> {
		match asset {
			AccountAsset::Cash => Ok((T::SettlementAsset::get(), None)),
			AccountAsset::Collateral(id) => {
				let terms = Self::collateral_terms(id)?;
				Ok((terms.asset.clone(), Some(terms)))
			}
		}
	}

	/// Moves `amount` from `who` to the pallet's account, and returns what arrived. Where the rest
	/// of `who`'s balance would be below the asset's minimum, it comes along: a transfer would
	/// otherwise destroy it.
	fn receive(
		who: &T::AccountId,
		asset: &T::AssetId,
		amount: Balance,
	) -> Result<Balance, DispatchError> {
		let amount = match T::Assets::can_withdraw(asset.clone(), who, amount) {
			WithdrawConsequence::ReducedToZero(rest) => {
				amount.checked_add(rest).ok_or(Error::<T>::Overflow)?
			}
			// More than one has, or than there is at all.
			WithdrawConsequence::BalanceLow | WithdrawConsequence::Underflow => {
				return Err(Error::<T>::InsufficientBalance.into())
			}
			// Anything else the transfer says by its own name.
			_ => amount,
		};
		let pallet = Self::account_id();
		let before = T::Assets::balance(asset.clone(), &pallet);
		T::Assets::transfer(asset.clone(), who, &pallet, amount, Preservation::Expendable)?;
		let after = T::Assets::balance(asset.clone(), &pallet);
		ensure!(after.checked_sub(before) == Some(amount), Error::<T>::AmountDidNotArrive);
		Ok(amount)
	}

	/// Takes an asset in and books it. Returns (what arrived, all that is booked of the asset).
	pub(crate) fn take_in(
		who: &T::AccountId,
		asset: &T::AssetId,
		amount: Balance,
	) -> Result<(Balance, Balance), DispatchError> {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		ensure!(T::Assets::asset_exists(asset.clone()), Error::<T>::UnknownAsset);
		let minimum = T::Assets::minimum_balance(asset.clone());
		ensure!(Seeds::<T>::get(asset) >= minimum, Error::<T>::NotSeeded);
		let arrived = Self::receive(who, asset, amount)?;
		let booked = Booked::<T>::get(asset).checked_add(arrived).ok_or(Error::<T>::Overflow)?;
		Booked::<T>::insert(asset, booked);
		Ok((arrived, booked))
	}

	/// Pays an asset out of what is booked, never out of the seed.
	pub(crate) fn pay_out(
		who: &T::AccountId,
		asset: &T::AssetId,
		amount: Balance,
	) -> DispatchResult {
		let booked =
			Booked::<T>::get(asset).checked_sub(amount).ok_or(Error::<T>::InsufficientLiquidity)?;
		match T::Assets::can_deposit(asset.clone(), who, amount, Provenance::Extant) {
			DepositConsequence::Success => {}
			DepositConsequence::BelowMinimum => {
				return Err(Error::<T>::BelowRecipientMinimum.into())
			}
			DepositConsequence::CannotCreate | DepositConsequence::Blocked => {
				return Err(Error::<T>::RecipientCannotReceive.into())
			}
			DepositConsequence::UnknownAsset => return Err(Error::<T>::UnknownAsset.into()),
			DepositConsequence::Overflow => return Err(Error::<T>::Overflow.into()),
		}
		Booked::<T>::insert(asset, booked);
		let pallet = Self::account_id();
		T::Assets::transfer(asset.clone(), &pallet, who, amount, Preservation::Preserve)?;
		Ok(())
	}

	/// Has `swap` exchange one asset that the pallet's account holds for another, and books what it
	/// moved, as the balances before and after tell. Returns (paid, received, all that is booked of what
	/// was received).
	pub(crate) fn exchange_held(
		paid: &T::AssetId,
		received: &T::AssetId,
		swap: impl FnOnce(&T::AccountId) -> DispatchResult,
	) -> Result<(Balance, Balance, Balance), DispatchError> {
		let minimum = T::Assets::minimum_balance(received.clone());
		ensure!(Seeds::<T>::get(received) >= minimum, Error::<T>::NotSeeded);
		let pallet = Self::account_id();
		let held = |asset: &T::AssetId| T::Assets::balance(asset.clone(), &pallet);
		let (paid_before, received_before) = (held(paid), held(received));
		swap(&pallet)?;
		// Zero where it went the wrong way.
		let out = paid_before.saturating_sub(held(paid));
		let came = held(received).saturating_sub(received_before);
		ensure!(out > 0 && came > 0, Error::<T>::VenueFailed);
		let left =
			Booked::<T>::get(paid).checked_sub(out).ok_or(Error::<T>::InsufficientLiquidity)?;
		let booked = Booked::<T>::get(received).checked_add(came).ok_or(Error::<T>::Overflow)?;
		Booked::<T>::insert(paid, left);
		Booked::<T>::insert(received, booked);
		Ok((out, came, booked))
	}

	/// Adds to an asset's seed.
	pub(crate) fn do_seed(
		who: &T::AccountId,
		asset: &T::AssetId,
		amount: Balance,
	) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		ensure!(T::Assets::asset_exists(asset.clone()), Error::<T>::UnknownAsset);
		let arrived = Self::receive(who, asset, amount)?;
		let seed = Seeds::<T>::get(asset).checked_add(arrived).ok_or(Error::<T>::Overflow)?;
		Seeds::<T>::insert(asset, seed);
		Self::deposit_event(Event::Seeded {
			who: who.clone(),
			asset: asset.clone(),
			amount: arrived,
		});
		Ok(())
	}

	/// What the pallet's account holds of an asset beyond its seed and what is booked: assets that
	/// somebody sent to it past the calls. `None` where it holds less, which must never be.
	pub fn unbooked(asset: &T::AssetId) -> Option<Balance> {
		T::Assets::balance(asset.clone(), &Self::account_id())
			.checked_sub(Seeds::<T>::get(asset))?
			.checked_sub(Booked::<T>::get(asset))
	}
}
