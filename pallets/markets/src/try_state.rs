//! What is always true of the pallet's storage.

use crate::{
	calendar::{find, PendingExpiry, Stage},
	funding::{HIGHEST_CAP, WIDEST_CLAMP},
	mark::WIDEST_MARK_CLAMP,
	Calendar, CollateralAssets, Collaterals, Config, CurrentHalts, ExpiryContracts, Funding,
	FundingAt, FundingSettings, Instruments, ListingRefusals, ListingRound, ListingRules,
	ListingTerms, Pallet, SettlementPrices, Underlyings,
};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{ensure, traits::Get};
use plimsoll_primitives::{oracle::MAX_EXPIRIES, Contract, ContractHolders, Instrument};
use sp_runtime::{FixedI128, FixedU128, TryRuntimeError};

impl<T: Config> Pallet<T> {
	/// Checks all of it. Each check is a sentence.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_underlyings()?;
		Self::check_collaterals()?;
		Self::check_instruments()?;
		Self::check_halts()?;
		Self::check_expiry_contracts()?;
		Self::check_calendar()?;
		Self::check_settlement_prices()?;
		Self::check_funding()?;
		Self::check_listing_rules()
	}

	fn check_underlyings() -> Result<(), TryRuntimeError> {
		ensure!(
			Underlyings::<T>::count() <= T::MaxUnderlyings::get(),
			"there are no more underlyings than there may be"
		);
		for terms in Underlyings::<T>::iter_values() {
			ensure!(
				!terms.name.is_empty() && !terms.ticker.is_empty(),
				"every underlying has a name and a ticker"
			);
			ensure!(
				!terms.strike_step.is_zero() && terms.highest_strike >= terms.strike_step,
				"every underlying has a strike that could be listed"
			);
		}
		Ok(())
	}

	fn check_collaterals() -> Result<(), TryRuntimeError> {
		for (id, terms) in Collaterals::<T>::iter() {
			ensure!(
				CollateralAssets::<T>::get(&terms.asset) == Some(id),
				"every collateral is found by its asset"
			);
			ensure!(
				Self::ensure_collateral_terms(&terms).is_ok(),
				"every collateral's terms are such as could be registered"
			);
		}
		ensure!(
			CollateralAssets::<T>::iter().count() == Collaterals::<T>::iter_keys().count(),
			"no asset leads to a collateral that is not registered"
		);
		Ok(())
	}

	fn check_halts() -> Result<(), TryRuntimeError> {
		let halted = CurrentHalts::<T>::get().underlyings;
		ensure!(
			halted.iter().all(Underlyings::<T>::contains_key),
			"every underlying that is halted is registered"
		);
		ensure!(
			halted.iter().zip(halted.iter().skip(1)).all(|(one, next)| one < next),
			"underlyings that are halted ascend"
		);
		Ok(())
	}

	fn check_instruments() -> Result<(), TryRuntimeError> {
		for (instrument, listing) in Instruments::<T>::iter() {
			ensure!(
				Underlyings::<T>::contains_key(instrument.underlying),
				"every listed instrument's underlying is registered"
			);
			let terms = ListingTerms {
				tick: listing.tick,
				lot: listing.lot,
				open_interest_cap: listing.open_interest_cap,
			};
			ensure!(
				terms.ensure_valid::<T>().is_ok(),
				"every listed instrument's terms are such as could be listed"
			);
			if let Contract::Option { strike, .. } = instrument.contract {
				ensure!(!strike.is_zero(), "every listed option has a strike");
			}
			ensure!(!listing.open_interest.is_negative(), "open interest is never negative");
			ensure!(
				listing.open_interest.is_zero() || T::Holders::is_held(&instrument),
				"what is open is held by somebody"
			);
			if let Some(expiry) = instrument.expiry() {
				ensure!(
					ExpiryContracts::<T>::get(instrument.underlying, expiry)
						.iter()
						.any(|queued| queued.contract == instrument.contract),
					"every dated instrument is among the contracts of its expiry"
				);
			}
		}
		Ok(())
	}

	fn check_expiry_contracts() -> Result<(), TryRuntimeError> {
		let calendar = Calendar::<T>::get();
		for (underlying, expiry, contracts) in ExpiryContracts::<T>::iter() {
			ensure!(!contracts.is_empty(), "every expiry that is kept has contracts");
			ensure!(
				find(&calendar, (expiry, underlying)).is_ok(),
				"every expiry that has contracts is on the calendar"
			);
			let distinct: BTreeSet<_> = contracts.iter().map(|queued| queued.contract).collect();
			ensure!(distinct.len() == contracts.len(), "an expiry has each contract once");
			for contract in distinct {
				let instrument = Instrument { underlying, contract };
				ensure!(
					instrument.expiry() == Some(expiry),
					"the contracts of an expiry expire then"
				);
				ensure!(
					Instruments::<T>::contains_key(instrument),
					"the contracts of an expiry are listed"
				);
			}
		}
		Ok(())
	}

	fn check_calendar() -> Result<(), TryRuntimeError> {
		let calendar = Calendar::<T>::get();
		ensure!(
			calendar.is_sorted_by(|earlier, later| earlier.key() < later.key()),
			"the calendar is ascending, with each expiry once"
		);
		let now = Self::now();
		for PendingExpiry { expiry, underlying, stage } in &calendar {
			let expiries =
				calendar.iter().filter(|pending| pending.underlying == *underlying).count();
			ensure!(
				u32::try_from(expiries).is_ok_and(|expiries| expiries <= MAX_EXPIRIES),
				"no underlying has more expiries than it may have"
			);
			ensure!(
				ExpiryContracts::<T>::contains_key(underlying, expiry),
				"every expiry on the calendar has contracts"
			);
			ensure!(
				*stage == Stage::Trading || *expiry <= now,
				"only an expiry that has passed is settled"
			);
			ensure!(
				(*stage == Stage::Settling)
					== SettlementPrices::<T>::contains_key(underlying, expiry),
				"an expiry settles when, and only when, its price is fixed"
			);
		}
		Ok(())
	}

	fn check_funding() -> Result<(), TryRuntimeError> {
		let all = Funding::<T>::get();
		ensure!(
			all.is_sorted_by(|one, next| one.underlying < next.underlying),
			"perpetuals' funding is ascending, each perpetual's once"
		);
		let mut listed: Vec<_> = Instruments::<T>::iter_keys()
			.filter(|instrument| instrument.contract == Contract::Perpetual)
			.map(|instrument| instrument.underlying)
			.collect();
		listed.sort();
		ensure!(
			all.iter().map(|funding| funding.underlying).eq(listed),
			"a perpetual is funded when, and only when, it is listed"
		);
		for funding in &all {
			let within = |value: FixedI128, bound: FixedU128| {
				value.into_inner().unsigned_abs() <= bound.into_inner()
			};
			ensure!(within(funding.premium, WIDEST_CLAMP), "no premium is beyond any clamp");
			ensure!(within(funding.rate, HIGHEST_CAP), "no funding rate is beyond any cap");
			ensure!(
				within(funding.mark_premium, WIDEST_MARK_CLAMP),
				"no mark stands further from the oracle's price than any clamp"
			);
		}
		for (underlying, params) in FundingSettings::<T>::iter() {
			ensure!(
				Underlyings::<T>::contains_key(underlying),
				"only registered underlyings have parameters of funding"
			);
			ensure!(params.validate().is_ok(), "parameters of funding are such as could be set");
		}
		ensure!(FundingAt::<T>::get() <= Self::now(), "funding is not ahead of chain time");
		Ok(())
	}

	fn check_settlement_prices() -> Result<(), TryRuntimeError> {
		let calendar = Calendar::<T>::get();
		for (underlying, expiry, price) in SettlementPrices::<T>::iter() {
			ensure!(
				find(&calendar, (expiry, underlying)).is_ok(),
				"no settlement price is kept without contracts of its expiry"
			);
			ensure!(!price.is_zero(), "no settlement price is zero");
		}
		Ok(())
	}

	fn check_listing_rules() -> Result<(), TryRuntimeError> {
		let rules = ListingRules::<T>::get();
		ensure!(
			ListingRound::<T>::exists() != rules.is_empty(),
			"listing by rule goes on when, and only when, there is a rule"
		);
		for (underlying, rule) in &rules {
			ensure!(
				Underlyings::<T>::contains_key(underlying),
				"every listing rule's underlying is registered"
			);
			ensure!(rule.ensure_valid::<T>().is_ok(), "every listing rule could be set");
		}
		let refusals = ListingRefusals::<T>::get();
		ensure!(
			refusals.iter().collect::<BTreeSet<_>>().len() == refusals.len(),
			"each expiry is told of once that its rule cannot be kept"
		);
		Ok(())
	}
}
