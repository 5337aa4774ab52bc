//! The insurance fund: who pays into it, and what it pays for.

use crate::{
	ledger::Pots, open_account::OpenAccount, open_orders::Standing, Config, Error, Escrows, Event,
	InsuranceCollateral, Ledger, Pallet, SubAccountIdOf,
};
use frame_support::{ensure, traits::Get};
use plimsoll_primitives::{
	money, Amount, Balance, CollateralId, CollateralTreatment, PriceOracle, Rounding, Stance,
};
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding as Direction};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	/// Gives settlement asset to the insurance fund, for nothing in return.
	pub(crate) fn do_contribute_insurance(who: &T::AccountId, amount: Balance) -> DispatchResult {
		let (arrived, _) = Self::take_in(who, &T::SettlementAsset::get(), amount)?;
		let gift = Amount::try_from(arrived).map_err(|_| Error::<T>::Overflow)?;
		Ledger::<T>::try_mutate(|pots| pots.insure(gift).ok_or(Error::<T>::Overflow))?;
		Self::deposit_event(Event::InsuranceContributed { who: who.clone(), amount: arrived });
		Ok(())
	}

	/// Takes a fee to the fund, at most what leaves equity at mark (last prices where there are no
	/// live ones) at zero. Returns what was taken.
	pub(crate) fn do_charge_fee(
		id: &SubAccountIdOf<T>,
		fee: Balance,
	) -> Result<Balance, DispatchError> {
		let mut pots = Ledger::<T>::get();
		let mut account = OpenAccount::<T>::existing(id, &pots)?;
		let equity = Self::margin_of(&Standing::held(&account.record), Stance::Mark)?.equity;
		let units = money::units(equity, T::SettlementDecimals::get(), Rounding::Down)
			.ok_or(Error::<T>::Overflow)?;
		let most = Balance::try_from(units).unwrap_or(0);
		let taken = fee.min(most);
		if taken == 0 {
			return Ok(0);
		}
		let change = Amount::try_from(taken).map_err(|_| Error::<T>::Overflow)?;
		pots.insure(change).ok_or(Error::<T>::Overflow)?;
		// `change` is positive, so it has a negative.
		account.record.add_cash(-change).map_err(Error::<T>::from)?;
		account.close(&mut pots)?;
		Ledger::<T>::put(pots);
		Self::deposit_event(Event::FeeCharged { account: id.clone(), amount: taken });
		Ok(taken)
	}

	/// What a holding is worth to the fund: live price, less haircut, in settlement units, rounded
	/// down.
	fn haircut_value(id: CollateralId, amount: Balance) -> Result<Balance, DispatchError> {
		let terms = Self::collateral_terms(id)?;
		let price = T::Oracle::prices(terms.feed).map_err(|_| Error::<T>::StalePrice)?.spot;
		let (CollateralTreatment::RiskOffsetting { liquidity_haircut: haircut }
		| CollateralTreatment::Haircut { haircut }) = terms.treatment;
		let value = Amount::try_from(amount)
			.ok()
			.and_then(|amount| money::quantity(amount, terms.decimals))
			.and_then(|whole| {
				money::cost(price, whole, T::SettlementDecimals::get(), Rounding::Down)
			})
			.and_then(|value| Balance::try_from(value).ok())
			.ok_or(Error::<T>::Overflow)?;
		Ok(value.saturating_sub(haircut.mul_ceil(value)))
	}

	/// Buys collateral of an account in debt, asset by asset, until the debt or the fund is gone.
	/// Returns what was paid.
	pub(crate) fn do_buy_collateral(id: &SubAccountIdOf<T>) -> Result<Balance, DispatchError> {
		let mut pots = Ledger::<T>::get();
		let mut account = OpenAccount::<T>::existing(id, &pots)?;
		Self::settle_due(&mut account, &mut pots)?;
		ensure!(account.record.positions.is_empty(), Error::<T>::HasPositions);
		let mut paid: Balance = 0;
		for (collateral, held) in account.record.collateral.clone() {
			if account.record.cash >= 0 {
				break;
			}
			paid = paid
				.checked_add(Self::buy_holding(&mut account, &mut pots, collateral, held)?)
				.ok_or(Error::<T>::Overflow)?;
		}
		account.close(&mut pots)?;
		Ledger::<T>::put(pots);
		Ok(paid)
	}

	/// Buys as much of one holding as the debt needs and the fund can pay. One that is worth less
	/// than a unit is taken for nothing, so that it can't keep a debt open.
	fn buy_holding(
		account: &mut OpenAccount<T>,
		pots: &mut Pots,
		collateral: CollateralId,
		held: Balance,
	) -> Result<Balance, DispatchError> {
		let worth = Self::haircut_value(collateral, held)?;
		let debt = account.record.cash.unsigned_abs();
		let price = worth.min(debt).min(pots.insurance);
		let bought = if price == worth {
			held
		} else {
			multiply_by_rational_with_rounding(held, price, worth, Direction::Up)
				.ok_or(Error::<T>::Overflow)?
		};
		if bought == 0 {
			return Ok(0);
		}
		pots.draw(price).ok_or(Error::<T>::InsuranceFundExhausted)?;
		let credit = Amount::try_from(price).map_err(|_| Error::<T>::Overflow)?;
		account.record.add_cash(credit).map_err(Error::<T>::from)?;
		account.record.remove_collateral(collateral, bought).map_err(Error::<T>::from)?;
		let fund = InsuranceCollateral::<T>::get(collateral)
			.checked_add(bought)
			.ok_or(Error::<T>::Overflow)?;
		InsuranceCollateral::<T>::insert(collateral, fund);
		Self::deposit_event(Event::CollateralBought {
			account: account.id.clone(),
			collateral,
			amount: bought,
			price,
		});
		Ok(price)
	}

	/// Pays the debt of an account that has nothing else from the fund, and shares what the fund
	/// lacks among all positive cash. Returns (paid, shared).
	pub(crate) fn do_absorb_deficit(
		id: &SubAccountIdOf<T>,
	) -> Result<(Balance, Balance), DispatchError> {
		let mut pots = Ledger::<T>::get();
		let mut account = OpenAccount::<T>::existing(id, &pots)?;
		Self::settle_due(&mut account, &mut pots)?;
		ensure!(account.record.positions.is_empty(), Error::<T>::HasPositions);
		ensure!(account.record.collateral.is_empty(), Error::<T>::HasCollateral);
		ensure!(!Escrows::<T>::contains_key(id), Error::<T>::HasSetAside);
		if account.record.cash >= 0 {
			account.close(&mut pots)?;
			Ledger::<T>::put(pots);
			return Ok((0, 0));
		}
		let debt = account.record.cash.unsigned_abs();
		let paid = debt.min(pots.insurance);
		let shared = debt.saturating_sub(paid);
		pots.draw(paid).ok_or(Error::<T>::InsuranceFundExhausted)?;
		account.record.cash = 0;
		// Closed before the index moves: an account is written at the index it was opened with.
		account.close(&mut pots)?;
		Self::deposit_event(Event::DeficitAbsorbed { account: id.clone(), paid, shared });
		if shared > 0 {
			pots.share_loss(shared).ok_or(Error::<T>::LossExceedsCash)?;
			Self::deposit_event(Event::LossShared { amount: shared, index: pots.cash_index });
		}
		Ledger::<T>::put(pots);
		Ok((paid, shared))
	}
}
