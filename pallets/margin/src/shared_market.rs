//! One market for many accounts: what the waterfall's sweep, the orders of a call and reports value
//! accounts on.
//!
//! Within a hook or a call no price changes. So each underlying's prices are read once, and what accounts share
//! of them is worked out once (see [`RiskArrays`]). An account's figures are those that it would have
//! alone, to the last bit; one that lacks something of a live underlying (an expiry whose feed is
//! out), which the last known values then stand in for, is valued alone.

use crate::{
	open_orders::Standing, weights::WeightInfo, AccountOf, Config, CurrentScenarios, Error, Pallet,
	SubAccountIdOf,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
	traits::{Get, Time},
	weights::Weight,
};
use plimsoll_primitives::{
	Contracts, Health, Instrument, LiquidationLedger, Price, PriceOracle, Stance, UnderlyingId,
	UsdValue,
};
use plimsoll_risk::{
	AccountState, ArraysSize, Margin, MarketState, OpenOrder, RiskArrays, MOST_VALUATIONS,
};
use sp_runtime::DispatchError;

/// What accounts share of the market. Nothing, to begin with.
#[derive(Default)]
pub struct SharedMarket {
	arrays: Option<RiskArrays<'static>>,
	/// For how many blocks in a row each underlying's own feed has been live.
	runs: BTreeMap<UnderlyingId, u32>,
	/// How many accounts had to be valued alone for the gate.
	alone: u32,
	/// Why the first of them was refused.
	lacks: Option<DispatchError>,
}

impl SharedMarket {
	fn size(&self) -> ArraysSize {
		self.arrays.as_ref().map(RiskArrays::size).unwrap_or_default()
	}

	/// What is there, to be told later what has come to it.
	pub(crate) fn mark(&self) -> MarketMark {
		MarketMark { size: self.size(), alone: self.alone }
	}

	/// What it weighed to work out all that has come since then, as positions of an account alone; and
	/// those accounts that were valued alone.
	pub(crate) fn weight_since<T: Config>(&self, then: &MarketMark) -> Weight {
		let alone = T::WeightInfo::health(T::MaxPositions::get())
			.saturating_mul(u64::from(self.alone.saturating_sub(then.alone)));
		alone.saturating_add(self.added_weight::<T>(then))
	}

	/// Without what such an account reads of the market, where no underlying is new.
	fn added_weight<T: Config>(&self, then: &MarketMark) -> Weight {
		let (before, after) = (then.size, self.size());
		let most = T::MaxPositions::get();
		// A position that was measured alone was valued as often as can be.
		let valuations = after.valuations.saturating_sub(before.valuations);
		let expiries = after.expiries.saturating_sub(before.expiries);
		let new = expiries.saturating_add(valuations.div_ceil(MOST_VALUATIONS));
		let new = u32::try_from(new).unwrap_or(most).min(most);
		if after.underlyings > before.underlyings {
			T::WeightInfo::health(new)
		} else if new > 0 {
			T::WeightInfo::health(new).saturating_sub(T::WeightInfo::health(0))
		} else {
			Weight::zero()
		}
	}
}

/// See [`SharedMarket::mark`].
pub(crate) struct MarketMark {
	size: ArraysSize,
	alone: u32,
}

impl<T: Config> Pallet<T> {
	/// An account's health and what finding it weighed: its positions on what was there, and what had
	/// to be worked out.
	pub(crate) fn health_shared(
		market: &mut SharedMarket,
		account: &SubAccountIdOf<T>,
		stance: Stance,
	) -> (Result<Health, DispatchError>, Weight) {
		let most = T::MaxPositions::get();
		let record = match Self::read(account) {
			Ok(record) => record,
			Err(error) => return (Err(error.into()), T::WeightInfo::health_in(0)),
		};
		let positions = u32::try_from(record.positions.len()).unwrap_or(most);
		let before = market.mark();
		let found = Self::value_on(market, &record, stance);
		let weight =
			T::WeightInfo::health_in(positions).saturating_add(market.added_weight::<T>(&before));
		match found {
			Ok(Some(health)) => (Ok(health), weight),
			Ok(None) => {
				let health = <Self as LiquidationLedger<_>>::health(account, stance);
				(health, T::WeightInfo::health_in(most).saturating_add(T::WeightInfo::health(most)))
			}
			Err(error) => (Err(error.into()), weight),
		}
	}

	/// `None` for an account that must be valued alone.
	fn value_on(
		market: &mut SharedMarket,
		record: &AccountOf<T>,
		stance: Stance,
	) -> Result<Option<Health>, Error<T>> {
		let state = Self::account_state(record)?;
		let Some((arrays, live_blocks)) = Self::arrays_for(market, &state, &[], stance)? else {
			return Ok(None);
		};
		let margin = arrays.margin(&state, stance)?;
		Ok(Some(Self::as_health(record, &margin, live_blocks)))
	}

	/// Equity and margins of an account with its open orders, on the arrays where it can be. At the least
	/// favourable prices one that cannot be lacks a price and is refused. The first such one is valued
	/// alone, which names what it lacks; any other is refused with the same word.
	pub(crate) fn margin_on(
		market: &mut SharedMarket,
		of: &Standing<T>,
		stance: Stance,
	) -> Result<Margin, DispatchError> {
		let state = Self::account_state(of.record)?;
		let orders = of.may_fill();
		if let Some((arrays, _)) = Self::arrays_for(market, &state, &orders, stance)? {
			let margin = arrays.margin_with_orders(&state, &orders, stance);
			return Ok(margin.map_err(Error::<T>::from)?);
		}
		if let Some(error) = market.lacks.filter(|_| stance == Stance::Unfavourable) {
			return Err(error);
		}
		market.alone = market.alone.saturating_add(1);
		let alone = Self::margin_of(of, stance).map_err(DispatchError::from);
		if stance == Stance::Unfavourable {
			market.lacks = alone.as_ref().err().copied();
		}
		alone
	}

	/// An instrument's price at live prices, on the arrays where it can be.
	pub(crate) fn mark_on(
		market: &mut SharedMarket,
		instrument: &Instrument,
	) -> Result<Price, Error<T>> {
		let nothing = AccountState::default();
		// Of nothing: only what it depends on is wanted.
		let (size, value) = (Contracts::ZERO, UsdValue::ZERO);
		let order = OpenOrder { instrument: *instrument, size, value };
		match Self::arrays_for(market, &nothing, &[order], Stance::Unfavourable)? {
			Some((arrays, _)) => Ok(plimsoll_risk::mark(arrays.market(), instrument)?),
			None => Self::live_mark(instrument),
		}
	}

	/// The arrays with all that an account and its orders depend on, and for how many blocks in a row all of that has
	/// been live. `None` where they are not what the account would have alone.
	pub(crate) fn arrays_for<'m>(
		market: &'m mut SharedMarket,
		state: &AccountState,
		orders: &[OpenOrder],
		stance: Stance,
	) -> Result<Option<(&'m mut RiskArrays<'static>, u32)>, Error<T>> {
		let now = T::Time::now();
		// At these prices what is missing is an error, and nothing stands in for it.
		let must_be_live = stance == Stance::Unfavourable;
		if now == 0 || (must_be_live && T::Oracle::settlement_asset_price().is_err()) {
			return Ok(None);
		}
		let arrays = match &mut market.arrays {
			Some(arrays) => arrays,
			none => {
				let price = Self::settlement_asset_price(Stance::Mark)?;
				let mut state = MarketState::new(now, price, Vec::new());
				state.joint = CurrentScenarios::<T>::get();
				none.insert(RiskArrays::owned(Self::risk_model()?, state)?)
			}
		};
		let mut live_blocks = u32::MAX;
		for (underlying, needed) in Self::needs(state, orders, now) {
			if arrays.market().underlying(underlying).is_none() {
				let whole = Default::default();
				let known = Self::underlying_state(underlying, &whole, Stance::Mark);
				let Some(known) = known else { return Ok(None) };
				arrays.add(known);
				market.runs.insert(underlying, T::Oracle::live_blocks(underlying));
			}
			let Some(known) = arrays.market().underlying(underlying) else { return Ok(None) };
			let is_whole = known.live && Self::gaps(&known.prices, &needed).is_empty();
			if !is_whole && (known.live || must_be_live) {
				return Ok(None);
			}
			let run = market.runs.get(&underlying).copied().unwrap_or(0);
			live_blocks = live_blocks.min(Self::live_run(known, run, &needed));
		}
		Ok(Some((arrays, live_blocks)))
	}
}
