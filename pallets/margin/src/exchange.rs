//! Cash against collateral, at venues outside of the clearing house.
//!
//! The pallet's account makes the exchange with what it holds for all; what that cost is taken off the
//! one record whose exchange it was, which must have had it. A sale of collateral turns what counted
//! less a haircut into cash that counts in full, so it mostly passes the gate; a purchase does the
//! contrary.

use crate::{
	open_account::OpenAccount, open_orders::Standing, shared_market::SharedMarket,
	weights::WeightInfo, Config, Error, Event, Ledger, Pallet, SubAccountIdOf,
};
use frame_support::{ensure, storage::with_storage_layer, traits::Get, weights::Weight};
use plimsoll_primitives::{
	Amount, Balance, CollateralExchange, CollateralId, CollateralTerms, Exchanged,
	InstrumentRegistry, OrderSide,
};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> CollateralExchange<T::AccountId> for Pallet<T> {
	fn exchange_outside(
		account: &SubAccountIdOf<T>,
		collateral: CollateralId,
		side: OrderSide,
		paid: Balance,
		swap: impl FnOnce(&T::AccountId) -> DispatchResult,
	) -> Result<Exchanged, DispatchError> {
		with_storage_layer(|| Self::do_exchange_outside(account, collateral, (side, paid), swap))
	}

	/// Of an account of the largest size that is valued a second time, as one below its initial margin
	/// is, and has as many positions to settle as one touch may.
	fn exchange_weight() -> Weight {
		let positions = T::MaxPositions::get();
		T::WeightInfo::exchange_outside(positions)
			.saturating_add(T::WeightInfo::health(positions))
			.saturating_add(Self::lazy_settlement_weight(1))
	}
}

impl<T: Config> Pallet<T> {
	fn do_exchange_outside(
		id: &SubAccountIdOf<T>,
		collateral: CollateralId,
		(side, expected): (OrderSide, Balance),
		swap: impl FnOnce(&T::AccountId) -> DispatchResult,
	) -> Result<Exchanged, DispatchError> {
		ensure!(!T::Registry::is_halted(), Error::<T>::TradingHalted);
		let terms = Self::collateral_terms(collateral)?;
		let settlement = T::SettlementAsset::get();
		ensure!(terms.asset != settlement, Error::<T>::NothingToExchange);
		let mut pots = Ledger::<T>::get();
		let mut account = OpenAccount::<T>::existing(id, &pots)?;
		Self::settle_due(&mut account, &mut pots)?;
		Self::ensure_can_pay(&account, collateral, side, expected)?;
		let before = account.record.clone();
		let (paid, received) = match side {
			OrderSide::Buy => (&settlement, &terms.asset),
			OrderSide::Sell => (&terms.asset, &settlement),
		};
		let (paid, received, booked) = Self::exchange_held(paid, received, swap)?;
		let (amount, cash) = match side {
			OrderSide::Buy => (received, paid),
			OrderSide::Sell => (paid, received),
		};
		Self::ensure_can_pay(&account, collateral, side, paid)?;
		Self::exchange_record(&mut account, (collateral, &terms), side, (amount, cash, booked))?;
		let orders = account.orders();
		Self::ensure_admitted(
			&mut SharedMarket::default(),
			&Standing::new(&before, &orders),
			&Standing::new(&account.record, &orders),
		)?;
		Self::ensure_no_dust(&account.record)?;
		account.close(&mut pots)?;
		Ledger::<T>::put(pots);
		Self::deposit_event(Event::CollateralExchanged {
			account: id.clone(),
			collateral,
			side,
			amount,
			cash,
		});
		Ok(Exchanged { paid, received })
	}

	/// Whether the account has what is paid: no cash is borrowed to buy. Asked before the venue is, since
	/// what others have lies in the same place and the venue would name what the whole house lacks, or
	/// nothing; and again of what the venue has taken.
	fn ensure_can_pay(
		account: &OpenAccount<T>,
		collateral: CollateralId,
		side: OrderSide,
		paid: Balance,
	) -> Result<(), Error<T>> {
		let record = &account.record;
		match side {
			OrderSide::Buy => {
				let cash = Balance::try_from(record.cash).unwrap_or(0);
				ensure!(paid <= cash, Error::<T>::InsufficientCash);
			}
			OrderSide::Sell => {
				let held = record.collateral_of(collateral);
				ensure!(paid <= held, Error::<T>::InsufficientCollateral);
			}
		}
		Ok(())
	}

	/// What an exchange that the account can pay does to its record.
	fn exchange_record(
		account: &mut OpenAccount<T>,
		(collateral, terms): (CollateralId, &CollateralTerms<T::AssetId>),
		side: OrderSide,
		(amount, cash, booked): (Balance, Balance, Balance),
	) -> DispatchResult {
		let record = &mut account.record;
		let cash = Amount::try_from(cash).map_err(|_| Error::<T>::Overflow)?;
		match side {
			OrderSide::Buy => {
				Self::credit_collateral(record, collateral, terms, amount, booked)?;
				let paid = cash.checked_neg().ok_or(Error::<T>::Overflow)?;
				record.add_cash(paid).map_err(Error::<T>::from)?;
			}
			OrderSide::Sell => {
				Self::debit_collateral(record, collateral, terms, amount)?;
				record.add_cash(cash).map_err(Error::<T>::from)?;
			}
		}
		Ok(())
	}
}
