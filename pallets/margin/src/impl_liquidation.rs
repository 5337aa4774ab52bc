//! What the liquidation pallet asks of accounts. Each call is one storage layer.

use crate::{
	open_account::OpenAccount, open_orders::Standing, shared_market::SharedMarket,
	weights::WeightInfo, AccountOf, Accounts, Config, Error, Holders, Ledger, OpenOrderTotals,
	Pallet, SubAccountIdOf,
};
use alloc::vec::Vec;
use frame_support::{storage::with_storage_layer, traits::Get, weights::Weight};
use plimsoll_primitives::{
	money, Amount, Balance, Contracts, Health, Instrument, InstrumentRegistry, LiquidationLedger,
	PositionView, Rounding, Stance, UsdValue,
};
use plimsoll_risk::Margin;
use sp_arithmetic::Perquintill;
use sp_runtime::DispatchError;

fn limit_of(limit: u32) -> usize {
	usize::try_from(limit).unwrap_or(usize::MAX)
}

impl<T: Config> Pallet<T> {
	/// An account's record as it stands now, with interest, shared losses and funding in its cash.
	pub(crate) fn read(account: &SubAccountIdOf<T>) -> Result<AccountOf<T>, Error<T>> {
		Ok(OpenAccount::<T>::existing(account, &Ledger::<T>::get())?.record)
	}
}

impl<T: Config> Pallet<T> {
	/// Margins as the waterfall reads them.
	pub(crate) fn as_health(record: &AccountOf<T>, margin: &Margin, live_blocks: u32) -> Health {
		Health {
			equity: margin.equity,
			net_value: margin.net_value,
			initial_margin: margin.initial,
			maintenance_margin: margin.maintenance,
			live_blocks,
			positions: u32::try_from(record.positions.len()).unwrap_or(u32::MAX),
		}
	}
}

impl<T: Config> LiquidationLedger<T::AccountId> for Pallet<T> {
	type Market = SharedMarket;

	fn health(account: &SubAccountIdOf<T>, stance: Stance) -> Result<Health, DispatchError> {
		let record = Self::read(account)?;
		let (margin, live_blocks) = Self::margin_and_live_blocks(&Standing::held(&record), stance)?;
		Ok(Self::as_health(&record, &margin, live_blocks))
	}

	fn health_with_orders(
		account: &SubAccountIdOf<T>,
		stance: Stance,
	) -> Result<Health, DispatchError> {
		let record = Self::read(account)?;
		let orders = OpenOrderTotals::<T>::get(account);
		let of = Standing::new(&record, &orders);
		let (margin, live_blocks) = Self::margin_and_live_blocks(&of, stance)?;
		Ok(Self::as_health(&record, &margin, live_blocks))
	}

	fn health_in(
		market: &mut SharedMarket,
		account: &SubAccountIdOf<T>,
		stance: Stance,
	) -> (Result<Health, DispatchError>, Weight) {
		Self::health_shared(market, account, stance)
	}

	fn is_halted() -> bool {
		T::Registry::is_halted()
	}

	fn exists(account: &SubAccountIdOf<T>) -> bool {
		Accounts::<T>::contains_key(account)
	}

	fn accounts_after(after: Option<SubAccountIdOf<T>>, limit: u32) -> Vec<SubAccountIdOf<T>> {
		match after {
			Some(after) => Accounts::<T>::iter_keys_from(Accounts::<T>::hashed_key_for(after))
				.take(limit_of(limit))
				.collect(),
			None => Accounts::<T>::iter_keys().take(limit_of(limit)).collect(),
		}
	}

	fn positions(account: &SubAccountIdOf<T>) -> Vec<PositionView> {
		Accounts::<T>::get(account).map_or_else(Vec::new, |record| {
			record
				.positions
				.iter()
				.map(|position| PositionView {
					instrument: position.instrument,
					size: position.size,
				})
				.collect()
		})
	}

	fn holders_after(
		instrument: &Instrument,
		after: Option<SubAccountIdOf<T>>,
		limit: u32,
	) -> Vec<SubAccountIdOf<T>> {
		match after {
			Some(after) => {
				let start = Holders::<T>::hashed_key_for(instrument, after);
				Holders::<T>::iter_key_prefix_from(instrument, start)
					.take(limit_of(limit))
					.collect()
			}
			None => Holders::<T>::iter_key_prefix(instrument).take(limit_of(limit)).collect(),
		}
	}

	/// What cannot be traded any more has no lots: its sizes are rounded to the last decimal.
	fn lot(instrument: &Instrument) -> Contracts {
		let smallest = Contracts::from_inner(1);
		T::Registry::tradable(instrument).map_or(smallest, |terms| terms.lot.max(smallest))
	}

	fn transfer_slice(
		from: &SubAccountIdOf<T>,
		to: &SubAccountIdOf<T>,
		share: Perquintill,
		price: Amount,
	) -> Result<(), DispatchError> {
		with_storage_layer(|| Self::do_transfer_slice(from, to, share, price))
	}

	fn trade_at_mark(
		from: &SubAccountIdOf<T>,
		to: &SubAccountIdOf<T>,
		instrument: &Instrument,
		size: Contracts,
	) -> Result<(), DispatchError> {
		with_storage_layer(|| Self::do_trade_at_mark(from, to, instrument, size))
	}

	fn charge_fee(account: &SubAccountIdOf<T>, fee: Balance) -> Result<Balance, DispatchError> {
		with_storage_layer(|| Self::do_charge_fee(account, fee))
	}

	fn buy_collateral(account: &SubAccountIdOf<T>) -> Result<Balance, DispatchError> {
		with_storage_layer(|| Self::do_buy_collateral(account))
	}

	fn absorb_deficit(account: &SubAccountIdOf<T>) -> Result<(Balance, Balance), DispatchError> {
		with_storage_layer(|| Self::do_absorb_deficit(account))
	}

	fn insurance_fund() -> Balance {
		Ledger::<T>::get().insurance
	}

	fn settlement_units(value: UsdValue, rounding: Rounding) -> Option<Amount> {
		money::units(value, T::SettlementDecimals::get(), rounding)
	}

	fn health_weight() -> Weight {
		T::WeightInfo::health(T::MaxPositions::get())
	}

	fn health_with_orders_weight() -> Weight {
		Self::health_weight().saturating_add(Self::orders_weight(T::MaxOrderInstruments::get()))
	}

	/// One that finds nothing that it needs, and is valued alone in the end.
	fn health_in_weight() -> Weight {
		T::WeightInfo::health_in(T::MaxPositions::get()).saturating_add(Self::health_weight())
	}

	/// With a second valuation of the receiver and its orders, and positions to settle in both.
	fn transfer_slice_weight() -> Weight {
		T::WeightInfo::transfer_slice(T::MaxPositions::get())
			.saturating_add(Self::health_with_orders_weight())
			.saturating_add(Self::lazy_settlement_weight(2))
	}

	fn trade_at_mark_weight() -> Weight {
		T::WeightInfo::trade_at_mark(T::MaxPositions::get())
			.saturating_add(Self::lazy_settlement_weight(2))
	}

	/// `buy_collateral` and `absorb_deficit` settle, `charge_fee` does not.
	fn close_weight() -> Weight {
		T::WeightInfo::charge_fee(T::MaxPositions::get())
			.saturating_add(
				T::WeightInfo::buy_collateral().saturating_mul(u64::from(T::MaxCollaterals::get())),
			)
			.saturating_add(T::WeightInfo::absorb_deficit())
			.saturating_add(Self::lazy_settlement_weight(2))
	}
}
