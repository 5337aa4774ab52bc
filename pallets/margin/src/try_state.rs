//! What must hold at every moment.

use crate::{
	cash_index, funding::steps_per_unit, AccountOf, Accounts, Booked, Config, CurrentJointRisk,
	CurrentRiskModel, CurrentScenarios, Delegates, Escrows, FeeRates, Holders, InsuranceCollateral,
	Interest, LastSample, LearntCovariance, Ledger, NextJointRisk, NextJointRiskAt, NextRiskModel,
	NextRiskModelAt, NextRiskModelStep, OpenOrderTotals, Pallet, PassedOver, Seeds, Settling,
	SubAccountIdOf, TargetRiskModel, Volumes,
};
use alloc::collections::btree_map::BTreeMap;
use frame_support::{ensure, traits::Get};
use plimsoll_primitives::{
	Amount, Balance, CollateralId, Contracts, Instrument, InstrumentRegistry,
};
use sp_runtime::TryRuntimeError;

const TOO_LARGE: TryRuntimeError = TryRuntimeError::Other("A sum over all accounts overflows");

fn add(sum: &mut Amount, amount: Amount) -> Result<(), TryRuntimeError> {
	*sum = sum.checked_add(amount).ok_or(TOO_LARGE)?;
	Ok(())
}

fn increase(sum: &mut Balance, amount: Balance) -> Result<(), TryRuntimeError> {
	*sum = sum.checked_add(amount).ok_or(TOO_LARGE)?;
	Ok(())
}

/// Sums over all accounts.
#[derive(Default)]
struct Sums {
	cash: Amount,
	entries: Amount,
	normalised: cash_index::Normalised,
	lenders: u64,
	/// What would be added to cash if everybody were brought up to date.
	pending: Amount,
	collateral: BTreeMap<CollateralId, Balance>,
	sizes: BTreeMap<Instrument, Amount>,
	positions: u64,
	/// Set aside; the collateral of it is in `collateral`, too.
	escrow: Balance,
}

impl<T: Config> Pallet<T> {
	/// Checks everything that this pallet promises of its storage.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut sums = Sums::default();
		for (id, record) in Accounts::<T>::iter() {
			Self::check_record(&id, &record)?;
			Self::add_record(&mut sums, &record)?;
		}
		Self::check_escrows(&mut sums)?;
		ensure!(
			sums.positions == u64::try_from(Holders::<T>::iter_keys().count()).unwrap_or(u64::MAX),
			"The index of holders names somebody who does not hold the instrument"
		);
		Self::check_delegates()?;
		Self::check_orders()?;
		Self::check_contracts(&sums)?;
		Self::check_pots(&sums)?;
		Self::check_funding()?;
		Self::check_collateral(&sums)?;
		Self::check_risk_models()?;
		Self::check_joint_risk()?;
		Self::check_custody()
	}

	fn check_risk_models() -> Result<(), TryRuntimeError> {
		let models =
			[CurrentRiskModel::<T>::get(), NextRiskModel::<T>::get(), TargetRiskModel::<T>::get()];
		for model in models.into_iter().flatten() {
			ensure!(model.validate().is_ok(), "A risk model leaves risk unmargined");
		}
		ensure!(
			NextRiskModel::<T>::exists() == NextRiskModelAt::<T>::exists(),
			"A risk model has no time, or a time no risk model"
		);
		ensure!(
			!TargetRiskModel::<T>::exists() || NextRiskModelStep::<T>::exists(),
			"Ranges on their way never arrive"
		);
		Ok(())
	}

	fn check_joint_risk() -> Result<(), TryRuntimeError> {
		ensure!(
			NextJointRisk::<T>::exists() == NextJointRiskAt::<T>::exists(),
			"A joint risk has no time, or a time no joint risk"
		);
		if let Some(next) = NextJointRisk::<T>::get() {
			ensure!(next.validate().is_ok(), "A joint risk that cannot be used is to come");
		}
		let (learnt, sample) = (LearntCovariance::<T>::get(), LastSample::<T>::get());
		let Some(joint) = CurrentJointRisk::<T>::get() else {
			ensure!(
				learnt.is_none() && sample.is_none() && CurrentScenarios::<T>::get().is_empty(),
				"Something is learnt, or used, of a joint risk that is not in force"
			);
			return Ok(());
		};
		ensure!(
			joint.validate() == Ok(CurrentScenarios::<T>::get()),
			"The joint scenarios are not those of the joint risk in force"
		);
		ensure!(sample.is_some(), "A joint risk is in force and no step is under way");
		let alike = |learnt: &plimsoll_risk::Covariance| {
			learnt.underlyings == joint.covariance.underlyings
				&& learnt.step == joint.covariance.step
				&& learnt.validate().is_ok()
		};
		ensure!(
			learnt.as_ref().is_some_and(alike),
			"What is learnt does not fit the joint risk in force"
		);
		Ok(())
	}

	fn check_record(id: &SubAccountIdOf<T>, record: &AccountOf<T>) -> Result<(), TryRuntimeError> {
		ensure!(
			!Self::is_abandoned(id, record),
			"An account that holds nothing, has nothing set aside and no order open is kept"
		);
		ensure!(
			record.positions.windows(2).all(|pair| pair[0].instrument < pair[1].instrument),
			"An account's positions are not in ascending order of instruments"
		);
		ensure!(
			record.positions.iter().all(|position| !position.size.is_zero()),
			"An account has a position of size zero"
		);
		ensure!(
			record.positions.iter().all(|position| {
				position.entry_value == 0 || !position.instrument.is_premium_paid()
			}),
			"An option has an entry value although its premium was paid"
		);
		ensure!(
			record.collateral.windows(2).all(|pair| pair[0].0 < pair[1].0),
			"An account's collateral is not in ascending order"
		);
		ensure!(
			record.collateral.iter().all(|(_, amount)| *amount > 0),
			"An account has a collateral entry of zero"
		);
		ensure!(
			record
				.positions
				.iter()
				.all(|position| Holders::<T>::contains_key(position.instrument, id)),
			"A holder is missing in the index of holders"
		);
		ensure!(
			(cash_index::LOWEST_INDEX..=cash_index::HIGHEST_INDEX).contains(&record.cash_index),
			"An account's cash was written at an index that there cannot be"
		);
		ensure!(
			record.cash >= 0 || record.cash_index <= Ledger::<T>::get().debt_index,
			"A debt's index is above the present one"
		);
		Ok(())
	}

	fn add_record(sums: &mut Sums, record: &AccountOf<T>) -> Result<(), TryRuntimeError> {
		let index = Ledger::<T>::get().index_of(record.cash);
		let now = cash_index::brought_up(record.cash, record.cash_index, index).ok_or(TOO_LARGE)?;
		add(&mut sums.cash, record.cash)?;
		add(&mut sums.entries, record.entry_sum().ok_or(TOO_LARGE)?)?;
		add(&mut sums.pending, now.checked_sub(record.cash).ok_or(TOO_LARGE)?)?;
		let normalised = cash_index::normalised(record.cash, record.cash_index).ok_or(TOO_LARGE)?;
		increase(&mut sums.normalised.cash, normalised.cash)?;
		increase(&mut sums.normalised.debt, normalised.debt)?;
		sums.lenders = sums.lenders.saturating_add(u64::from(record.cash > 0));
		for (id, amount) in &record.collateral {
			increase(sums.collateral.entry(*id).or_default(), *amount)?;
		}
		for position in &record.positions {
			let size = position.size.into_inner();
			add(sums.sizes.entry(position.instrument).or_default(), size)?;
			sums.positions = sums.positions.saturating_add(1);
		}
		Ok(())
	}

	fn check_escrows(sums: &mut Sums) -> Result<(), TryRuntimeError> {
		let most = usize::try_from(T::MaxCollaterals::get()).unwrap_or(usize::MAX);
		for (id, escrow) in Escrows::<T>::iter() {
			ensure!(!escrow.is_empty(), "Nothing is set aside, and that is kept");
			ensure!(
				escrow.collateral.windows(2).all(|pair| pair[0].0 < pair[1].0)
					&& escrow.collateral.iter().all(|(_, amount)| *amount > 0),
				"What is set aside is not in ascending order, or an entry is zero"
			);
			let record = Accounts::<T>::get(&id);
			ensure!(record.is_some(), "Something is set aside of an account that is gone");
			let held = record.map(|record| record.collateral.into_inner()).unwrap_or_default();
			let is_new = |of: &CollateralId| held.iter().all(|(id, _)| id != of);
			let returning = escrow.collateral.iter().filter(|(of, _)| is_new(of)).count();
			ensure!(
				held.len().saturating_add(returning) <= most,
				"What is set aside has no place to come back to"
			);
			increase(&mut sums.escrow, escrow.cash)?;
			for (id, amount) in &escrow.collateral {
				increase(sums.collateral.entry(*id).or_default(), *amount)?;
			}
		}
		Ok(())
	}

	fn check_delegates() -> Result<(), TryRuntimeError> {
		for (id, delegates) in Delegates::<T>::iter() {
			ensure!(Accounts::<T>::contains_key(&id), "An account that is gone has delegates");
			ensure!(!delegates.is_empty(), "An empty list of delegates is kept");
			ensure!(
				delegates.windows(2).all(|pair| pair[0] < pair[1]),
				"An account's delegates are not in ascending order"
			);
		}
		Ok(())
	}

	fn check_orders() -> Result<(), TryRuntimeError> {
		ensure!(
			FeeRates::<T>::get().ensure_valid::<T>().is_ok(),
			"Fees are charged that could not be set"
		);
		ensure!(
			Volumes::<T>::iter_values().all(|volume| !volume.is_zero()),
			"A volume of nothing is kept"
		);
		for (id, orders) in OpenOrderTotals::<T>::iter() {
			ensure!(Accounts::<T>::contains_key(&id), "An account that is gone has orders open");
			ensure!(
				!orders.is_empty(),
				"An account without open orders is among those that have some"
			);
			ensure!(
				orders.windows(2).all(|pair| pair[0].instrument < pair[1].instrument),
				"An account's open orders are not in ascending order of instruments"
			);
			for totals in orders {
				ensure!(!totals.is_empty(), "Open orders are kept of which nothing is open");
				for (size, value) in
					[(totals.buys, totals.buys_value), (totals.sells, totals.sells_value)]
				{
					ensure!(
						!size.is_negative() && !value.is_negative(),
						"Open orders come to less than nothing"
					);
					ensure!(
						!size.is_zero() || value.is_zero(),
						"Open orders have a value although nothing is open"
					);
				}
			}
		}
		Ok(())
	}

	fn check_contracts(sums: &Sums) -> Result<(), TryRuntimeError> {
		let settling: BTreeMap<Instrument, Contracts> =
			Settling::<T>::iter().map(|(instrument, totals)| (instrument, totals.size)).collect();
		ensure!(
			settling.keys().all(|instrument| sums.sizes.contains_key(instrument)),
			"An instrument is in settlement although nobody holds it any more"
		);
		ensure!(
			PassedOver::<T>::iter_keys().all(|instrument| sums.sizes.contains_key(&instrument)),
			"A holder was passed over in an instrument that nobody holds"
		);
		for (instrument, held) in &sums.sizes {
			let settled = settling.get(instrument).map_or(0, |size| size.into_inner());
			ensure!(
				held.checked_add(settled) == Some(0),
				"The sizes of an instrument's positions do not sum to zero"
			);
		}
		Ok(())
	}

	fn check_pots(sums: &Sums) -> Result<(), TryRuntimeError> {
		let pots = Ledger::<T>::get();
		let mut claims = sums.entries;
		for totals in Settling::<T>::iter_values() {
			add(&mut claims, totals.paid)?;
		}
		ensure!(
			pots.settlement.checked_add(claims) == Some(0),
			"The settlement pot is not what positions' entry values and paid settlements leave"
		);
		ensure!(
			pots.accrued >= sums.pending,
			"The accrual pot has less than what accounts are still to get"
		);
		ensure!(
			pots.cash == sums.cash && pots.lenders == sums.lenders,
			"The sum of cash is not that of the accounts"
		);
		ensure!(
			pots.escrow == sums.escrow,
			"The sum of what is set aside is not that of the accounts"
		);
		ensure!(
			(pots.normalised_cash, pots.normalised_debt)
				== (sums.normalised.cash, sums.normalised.debt),
			"The sums of normalised cash and debts are not those of the accounts"
		);
		ensure!(
			pots.cash_index >= cash_index::LOWEST_INDEX
				&& pots.cash_index.max(pots.debt_index) <= cash_index::HIGHEST_INDEX,
			"An index is beyond its range"
		);
		ensure!(Interest::<T>::get().validate().is_ok(), "Interest is beyond its limits");
		let booked = Booked::<T>::get(T::SettlementAsset::get());
		let ledger = pots.held();
		let same_asset = Self::collateral_of_asset(sums, &T::SettlementAsset::get())?;
		ensure!(
			ledger == booked.checked_sub(same_asset).and_then(|rest| Amount::try_from(rest).ok()),
			"Cash, insurance fund, fees and pots do not sum to the settlement asset that was taken in"
		);
		Ok(())
	}

	/// In whole units and in the steps beyond them apart: a sum in steps alone would not fit.
	fn check_funding() -> Result<(), TryRuntimeError> {
		let pots = Ledger::<T>::get();
		let unit = steps_per_unit(T::SettlementDecimals::get()).ok_or(TOO_LARGE)?;
		let signed = |steps: u128| Amount::try_from(steps).map_err(|_| TOO_LARGE);
		ensure!(pots.funding_dust < unit, "A whole unit of funding is kept as dust");
		let indices: BTreeMap<_, _> = T::Registry::funding_indices().into_iter().collect();
		let mut units = pots.funding;
		let mut steps = signed(pots.funding_dust)?.checked_neg().ok_or(TOO_LARGE)?;
		for position in Accounts::<T>::iter_values().flat_map(|record| record.positions) {
			ensure!(
				position.funding.is_some() == position.is_funded(),
				"A position bears funding that is no perpetual, or none although it is one"
			);
			let Some(settled) = position.funding else { continue };
			ensure!(settled.rest < unit, "A position has a whole unit of funding as its rest");
			let index = indices.get(&position.instrument.underlying).copied();
			let (gets, after) = settled
				.settle(position.size, index.unwrap_or(settled.index), unit)
				.ok_or(TOO_LARGE)?;
			add(&mut units, gets.checked_neg().ok_or(TOO_LARGE)?)?;
			add(&mut steps, signed(after.rest)?.checked_neg().ok_or(TOO_LARGE)?)?;
		}
		let (whole, part) = (signed(unit)?, steps);
		ensure!(
			part.checked_rem(whole) == Some(0)
				&& part.checked_div(whole).and_then(|steps| units.checked_add(steps)) == Some(0),
			"The funding pot is not what positions have yet to pay of funding, and its rests, leave"
		);
		Ok(())
	}

	/// Collateral that is one asset, in accounts and in the insurance fund.
	fn collateral_of_asset(sums: &Sums, asset: &T::AssetId) -> Result<Balance, TryRuntimeError> {
		let mut total = 0;
		for (id, held) in Self::all_collateral(sums)? {
			let terms = Self::collateral_terms(id).map_err(|_| {
				TryRuntimeError::Other("A collateral asset that is held has no terms")
			})?;
			if terms.asset == *asset {
				increase(&mut total, held)?;
			}
		}
		Ok(total)
	}

	fn all_collateral(sums: &Sums) -> Result<BTreeMap<CollateralId, Balance>, TryRuntimeError> {
		let mut all = sums.collateral.clone();
		for (id, held) in InsuranceCollateral::<T>::iter() {
			increase(all.entry(id).or_default(), held)?;
		}
		Ok(all)
	}

	fn check_collateral(sums: &Sums) -> Result<(), TryRuntimeError> {
		let settlement = T::SettlementAsset::get();
		for (asset, booked) in Booked::<T>::iter().filter(|(asset, _)| *asset != settlement) {
			ensure!(
				Self::collateral_of_asset(sums, &asset)? == booked,
				"Collateral in accounts and in the insurance fund is not what was taken in"
			);
		}
		for id in Self::all_collateral(sums)?.into_keys() {
			let terms = Self::collateral_terms(id).map_err(|_| {
				TryRuntimeError::Other("A collateral asset that is held has no terms")
			})?;
			ensure!(
				Booked::<T>::contains_key(&terms.asset),
				"Collateral is held of which nothing was taken in"
			);
		}
		Ok(())
	}

	fn check_custody() -> Result<(), TryRuntimeError> {
		for asset in Booked::<T>::iter_keys().chain(Seeds::<T>::iter_keys()) {
			ensure!(
				Self::unbooked(&asset).is_some(),
				"The pallet holds less of an asset than its seed and what is booked"
			);
		}
		Ok(())
	}
}
