//! Accounts rebuilt from this pallet's events alone: what an indexer does, and what tests hold the events
//! to. Nothing of the chain calls it.
//!
//! Every change of an account's cash is an amount in one event, rounded already, so that cash is a plain
//! sum. [`Replay::apply`] says which event changes what; the README has the same as a table.
//!
//! The sum is cash as it was when the account was last touched. Interest and losses reach all accounts at once
//! by two indices, one for positive cash and one for debts, both one at first: `InterestAccrued` tells both,
//! `LossShared` the first. An account's cash counts from the index of its sign at its last change of cash,
//! and is now worth cash · index now / index then, rounded down: a debt grows by the fraction
//! ([`cash_index::brought_up`]). That is exactly what the next `CashAccrued` takes into its cash. Funding is
//! settled at the same moments.
//!
//! An account that has nothing left is no more; `AccountClosed` tells so, perhaps before the last payment
//! of the same call. Events of other pallets tell the same changes again, as a trader or an operator sees
//! them, with prices and fees: they are not to be counted twice.

use crate::{
	cash_index, AccountAsset, AccountOf, Accounts, Config, Escrow, Escrows, Event, Ledger,
};
use alloc::collections::btree_map::BTreeMap;
use codec::FullCodec;
use plimsoll_primitives::{
	Amount, Balance, CollateralId, Contracts, Instrument, OrderSide, SubAccountId,
};
use sp_arithmetic::FixedU128;

/// An account as events tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayedAccount {
	/// Settlement units, when the account was last touched.
	pub cash: Amount,
	/// The index that its cash counts from; one where it has none.
	pub cash_index: FixedU128,
	/// Collateral in the assets' own units, none of it zero.
	pub collateral: BTreeMap<CollateralId, Balance>,
	/// Sizes, none of them zero.
	pub positions: BTreeMap<Instrument, Contracts>,
	/// Cash that is set aside for orders in collateral.
	pub set_aside_cash: Balance,
	/// The same of collateral, none of it zero.
	pub set_aside: BTreeMap<CollateralId, Balance>,
}

/// Of nothing.
impl Default for ReplayedAccount {
	fn default() -> Self {
		let (collateral, positions, set_aside) = Default::default();
		Self {
			cash: 0,
			cash_index: FixedU128::from_u32(1),
			collateral,
			positions,
			set_aside_cash: 0,
			set_aside,
		}
	}
}

impl ReplayedAccount {
	fn is_empty(&self) -> bool {
		self.cash == 0
			&& self.collateral.is_empty()
			&& self.positions.is_empty()
			&& self.set_aside_cash == 0
			&& self.set_aside.is_empty()
	}
}

/// All accounts as events tell them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay<AccountId> {
	/// What positive cash is multiplied with.
	pub cash_index: FixedU128,
	/// What negative cash is multiplied with.
	pub debt_index: FixedU128,
	/// Those that have something or owe something.
	pub accounts: BTreeMap<SubAccountId<AccountId>, ReplayedAccount>,
}

/// Before the first event.
impl<AccountId: Ord> Default for Replay<AccountId> {
	fn default() -> Self {
		let one = FixedU128::from_u32(1);
		Self { cash_index: one, debt_index: one, accounts: BTreeMap::new() }
	}
}

impl<AccountId: Ord + Clone> Replay<AccountId> {
	/// The accounts that the state of a block has: where one may begin instead of at the first block, or
	/// see that no event was left out.
	pub fn of_state<T: Config<AccountId = AccountId>>() -> Self
	where
		AccountId: FullCodec,
	{
		let pots = Ledger::<T>::get();
		let (cash_index, debt_index) = (pots.cash_index, pots.debt_index);
		let replayed = |account: AccountOf<T>, escrow: Escrow<T::MaxCollaterals>| ReplayedAccount {
			cash: account.cash,
			cash_index: match account.cash {
				0 => FixedU128::from_u32(1),
				_ => account.cash_index,
			},
			collateral: account.collateral.iter().copied().collect(),
			positions: account.positions.iter().map(|held| (held.instrument, held.size)).collect(),
			set_aside_cash: escrow.cash,
			set_aside: escrow.collateral.iter().copied().collect(),
		};
		let accounts = Accounts::<T>::iter()
			.map(|(id, account)| {
				let escrow = Escrows::<T>::get(&id);
				(id, replayed(account, escrow))
			})
			.filter(|(_, account)| !account.is_empty())
			.collect();
		Self { cash_index, debt_index, accounts }
	}

	/// What an account's cash is now, with the interest and losses that it will be told of when it is next
	/// touched, but without its funding. `None` where there is no such account, or on overflow.
	pub fn cash_now(&self, account: &SubAccountId<AccountId>) -> Option<Amount> {
		let replayed = self.accounts.get(account)?;
		let index = self.index_of(replayed.cash);
		cash_index::brought_up(replayed.cash, replayed.cash_index, index)
	}

	/// Takes in the next event. `None` where an amount does not fit, as it never does where no event has
	/// been left out; what was replayed may be half changed then.
	///
	/// Each kind of event is named here, so that none can be added without saying what it does.
	#[must_use = "what was replayed is of no use where an event does not fit"]
	pub fn apply<T: Config<AccountId = AccountId>>(&mut self, event: &Event<T>) -> Option<()> {
		match event {
			Event::Deposited { account, asset, amount } => {
				self.move_asset(account, *asset, Amount::try_from(*amount).ok()?)
			}
			Event::Withdrawn { account, asset, amount } => {
				self.move_asset(account, *asset, Amount::try_from(*amount).ok()?.checked_neg()?)
			}
			Event::CashAccrued { account, amount }
			| Event::FundingPaid { account, amount, instrument: _, index: _ } => {
				self.add_cash(account, *amount)
			}
			Event::TradingFeeCharged { account, fee: amount }
			| Event::FeeCharged { account, amount } => {
				self.add_cash(account, Amount::try_from(*amount).ok()?.checked_neg()?)
			}
			Event::DeficitAbsorbed { account, paid, shared } => {
				self.add_cash(account, Amount::try_from(paid.checked_add(*shared)?).ok()?)
			}
			Event::InterestAccrued { cash_index, debt_index } => {
				(self.cash_index, self.debt_index) = (*cash_index, *debt_index);
				Some(())
			}
			Event::LossShared { amount: _, index } => {
				self.cash_index = *index;
				Some(())
			}
			Event::PositionChanged { .. }
			| Event::Settled { .. }
			| Event::PositionTransferred { .. } => self.apply_to_positions(event),
			Event::CollateralExchanged { .. }
			| Event::CollateralBought { .. }
			| Event::SliceTransferred { .. } => self.apply_exchange(event),
			Event::SetAside { .. } | Event::Released { .. } | Event::SetAsideExchanged { .. } => {
				self.apply_set_aside(event)
			}
			// What an account has is not changed by these, or told by the others.
			Event::AccountClosed { .. }
			| Event::InterestParametersSet { .. }
			| Event::DelegateAdded { .. }
			| Event::DelegateRemoved { .. }
			| Event::SettlementFailed { .. }
			| Event::SettlementFinished { .. }
			| Event::InsuranceContributed { .. }
			| Event::FeesSet { .. }
			| Event::VolumeForgotten { .. }
			| Event::FeesWithdrawn { .. }
			| Event::Seeded { .. }
			| Event::RiskModelChanged
			| Event::RiskModelScheduled { .. }
			| Event::RiskModelCancelled
			| Event::RiskModelStepped { .. }
			| Event::RiskModelReached
			| Event::JointRiskChanged
			| Event::JointRiskScheduled { .. }
			| Event::JointRiskCancelled
			| Event::CovarianceLearnt
			| Event::CovarianceNotLearnt { .. }
			| Event::__Ignore(..) => Some(()),
		}
	}

	/// Trades, expiries, and positions that pass with a slice.
	fn apply_to_positions<T: Config<AccountId = AccountId>>(
		&mut self,
		event: &Event<T>,
	) -> Option<()> {
		match event {
			Event::PositionChanged { account, instrument, change, cash_change, .. } => {
				self.add_position(account, *instrument, *change)?;
				self.add_cash(account, *cash_change)
			}
			Event::Settled { account, instrument, size, cash_change, .. } => {
				self.add_position(account, *instrument, size.checked_neg()?)?;
				self.add_cash(account, *cash_change)
			}
			Event::PositionTransferred { from, to, instrument, size, cash_change, .. } => {
				self.add_position(from, *instrument, size.checked_neg()?)?;
				self.add_position(to, *instrument, *size)?;
				self.add_cash(to, *cash_change)
			}
			_ => Some(()),
		}
	}

	/// Cash against collateral, and slices but for their positions.
	fn apply_exchange<T: Config<AccountId = AccountId>>(&mut self, event: &Event<T>) -> Option<()> {
		match event {
			Event::CollateralExchanged { account, collateral, side, amount, cash } => {
				let (amount, cash) =
					(Amount::try_from(*amount).ok()?, Amount::try_from(*cash).ok()?);
				let (amount, cash) = match side {
					OrderSide::Buy => (amount, cash.checked_neg()?),
					OrderSide::Sell => (amount.checked_neg()?, cash),
				};
				self.add_collateral(account, *collateral, amount)?;
				self.add_cash(account, cash)
			}
			Event::CollateralBought { account, collateral, amount, price } => {
				let amount = Amount::try_from(*amount).ok()?.checked_neg()?;
				self.add_collateral(account, *collateral, amount)?;
				self.add_cash(account, Amount::try_from(*price).ok()?)
			}
			Event::SliceTransferred { from, to, price, cash, collateral, part: _ } => {
				for (id, amount) in collateral {
					let amount = Amount::try_from(*amount).ok()?;
					self.add_collateral(from, *id, amount.checked_neg()?)?;
					self.add_collateral(to, *id, amount)?;
				}
				// Where it is negative, the insurance fund paid it.
				let received: Amount = (*price).max(0);
				self.add_cash(from, received.checked_sub(*cash)?)?;
				self.add_cash(to, cash.checked_sub(*price)?)
			}
			_ => Some(()),
		}
	}

	/// What is set aside for orders in collateral, comes back, and fills.
	fn apply_set_aside<T: Config<AccountId = AccountId>>(
		&mut self,
		event: &Event<T>,
	) -> Option<()> {
		match event {
			Event::SetAside { account, asset, amount } => {
				let amount = Amount::try_from(*amount).ok()?;
				self.move_set_aside(account, *asset, amount)?;
				self.move_asset(account, *asset, amount.checked_neg()?)
			}
			Event::Released { account, asset, amount } => {
				let amount = Amount::try_from(*amount).ok()?;
				self.move_set_aside(account, *asset, amount.checked_neg()?)?;
				self.move_asset(account, *asset, amount)
			}
			Event::SetAsideExchanged { account, collateral, side, amount, cash, fee } => {
				let [amount, cash, fee] =
					[amount, cash, fee].map(|units| Amount::try_from(*units).ok());
				let (amount, cash, fee) = (amount?, cash?, fee?);
				let asset = AccountAsset::Collateral(*collateral);
				match side {
					OrderSide::Buy => {
						let paid = cash.checked_add(fee)?.checked_neg()?;
						self.move_set_aside(account, AccountAsset::Cash, paid)?;
						self.move_asset(account, asset, amount)
					}
					OrderSide::Sell => {
						self.move_set_aside(account, asset, amount.checked_neg()?)?;
						self.add_cash(account, cash.checked_sub(fee)?)
					}
				}
			}
			_ => Some(()),
		}
	}

	fn move_set_aside(
		&mut self,
		account: &SubAccountId<AccountId>,
		asset: AccountAsset,
		change: Amount,
	) -> Option<()> {
		self.change(account, |record| {
			match asset {
				AccountAsset::Cash => {
					record.set_aside_cash = record.set_aside_cash.checked_add_signed(change)?;
				}
				AccountAsset::Collateral(id) => {
					let held = record.set_aside.remove(&id).unwrap_or(0);
					let held = held.checked_add_signed(change)?;
					if held > 0 {
						record.set_aside.insert(id, held);
					}
				}
			}
			Some(())
		})
	}

	fn index_of(&self, cash: Amount) -> FixedU128 {
		match cash.signum() {
			0 => FixedU128::from_u32(1),
			1 => self.cash_index,
			_ => self.debt_index,
		}
	}

	/// Changes an account, which is made where there is none and dropped where nothing is left of it.
	fn change(
		&mut self,
		account: &SubAccountId<AccountId>,
		change: impl FnOnce(&mut ReplayedAccount) -> Option<()>,
	) -> Option<()> {
		let record = self.accounts.entry(account.clone()).or_default();
		change(record)?;
		if record.is_empty() {
			self.accounts.remove(account);
		}
		Some(())
	}

	fn add_cash(&mut self, account: &SubAccountId<AccountId>, change: Amount) -> Option<()> {
		let before = self.accounts.get(account).map_or(0, |record| record.cash);
		let cash = before.checked_add(change)?;
		let cash_index = self.index_of(cash);
		self.change(account, |record| {
			(record.cash, record.cash_index) = (cash, cash_index);
			Some(())
		})
	}

	fn add_collateral(
		&mut self,
		account: &SubAccountId<AccountId>,
		id: CollateralId,
		change: Amount,
	) -> Option<()> {
		self.change(account, |record| {
			let held = record.collateral.remove(&id).unwrap_or(0).checked_add_signed(change)?;
			if held > 0 {
				record.collateral.insert(id, held);
			}
			Some(())
		})
	}

	fn move_asset(
		&mut self,
		account: &SubAccountId<AccountId>,
		asset: AccountAsset,
		change: Amount,
	) -> Option<()> {
		match asset {
			AccountAsset::Cash => self.add_cash(account, change),
			AccountAsset::Collateral(id) => self.add_collateral(account, id, change),
		}
	}

	fn add_position(
		&mut self,
		account: &SubAccountId<AccountId>,
		instrument: Instrument,
		change: Contracts,
	) -> Option<()> {
		self.change(account, |record| {
			let held = record.positions.remove(&instrument).unwrap_or(Contracts::ZERO);
			let size = held.checked_add(change)?;
			if !size.is_zero() {
				record.positions.insert(instrument, size);
			}
			Some(())
		})
	}
}
