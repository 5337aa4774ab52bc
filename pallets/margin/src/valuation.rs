//! From records and feeds to what the risk engine reads, and back to the gate.

use crate::{
	gate, open_orders::Standing, shared_market::SharedMarket, AccountOf, Config, CurrentRiskModel,
	CurrentScenarios, Error, Pallet,
};
use alloc::{
	collections::{btree_map::BTreeMap, btree_set::BTreeSet},
	vec::Vec,
};
use frame_support::traits::{Get, Time};
use plimsoll_primitives::{
	money, Amount, CollateralTerms, Contract, Instrument, InstrumentRegistry, Moment, Price,
	PriceOracle, Stance, UnderlyingId, UnderlyingPrices, UsdValue,
};
use plimsoll_risk::{
	AccountState, CollateralHolding, Leg, Margin, MarketState, OpenOrder, RiskModel,
	UnderlyingState,
};
use sp_runtime::DispatchResult;

/// What an account needs to know of one underlying, by expiry: whether a surface, too.
pub(crate) type Needs = BTreeMap<Moment, bool>;

/// The market as one account sees it.
pub(crate) struct Market {
	/// For the risk engine.
	pub state: MarketState,
	/// The shortest run of live blocks among the feeds, those of the expiries that the account
	/// depends on included; 0 where one is stale or incomplete, `u32::MAX` where there is none.
	pub live_blocks: u32,
}

impl<T: Config> Pallet<T> {
	/// The risk model in force.
	pub(crate) fn risk_model() -> Result<RiskModel, Error<T>> {
		CurrentRiskModel::<T>::get().ok_or(Error::<T>::NoRiskModel)
	}

	/// Terms of a collateral asset.
	pub(crate) fn collateral_terms(
		id: plimsoll_primitives::CollateralId,
	) -> Result<CollateralTerms<T::AssetId>, Error<T>> {
		T::Registry::collateral(id).ok_or(Error::<T>::UnknownCollateral)
	}

	/// Settlement units as USD at par.
	pub(crate) fn usd(amount: Amount) -> Result<UsdValue, Error<T>> {
		money::usd(amount, T::SettlementDecimals::get()).ok_or(Error::<T>::Overflow)
	}

	/// The price at which an expired instrument settles, once it is fixed.
	pub(crate) fn settled_at(instrument: &Instrument, now: Moment) -> Option<Price> {
		let expiry = instrument.expiry().filter(|expiry| *expiry <= now)?;
		T::Registry::settlement_price(instrument.underlying, expiry)
	}

	/// An account as the risk engine reads it.
	pub(crate) fn account_state(record: &AccountOf<T>) -> Result<AccountState, Error<T>> {
		let now = T::Time::now();
		let mut collateral = Vec::with_capacity(record.collateral.len());
		for (id, amount) in &record.collateral {
			let terms = Self::collateral_terms(*id)?;
			let amount = Amount::try_from(*amount).map_err(|_| Error::<T>::Overflow)?;
			let amount = money::quantity(amount, terms.decimals).ok_or(Error::<T>::Overflow)?;
			collateral.push(CollateralHolding::new(*id, terms.feed, amount, terms.treatment));
		}
		let mut legs = Vec::with_capacity(record.positions.len());
		for position in &record.positions {
			legs.push(Leg {
				instrument: position.instrument,
				size: position.size,
				entry_value: Self::usd(position.entry_value)?,
				settled_at: Self::settled_at(&position.instrument, now),
			});
		}
		Ok(AccountState { cash: Self::usd(record.cash)?, collateral, legs })
	}

	/// What the market says of all that an account and its open orders depend on.
	///
	/// At the least favourable prices the feeds are taken as they are, so that what is missing is an
	/// error. Otherwise the last known values stand in, and the underlying does not count as live.
	pub(crate) fn market_for(
		account: &AccountState,
		orders: &[OpenOrder],
		stance: Stance,
	) -> Result<Market, Error<T>> {
		let now = T::Time::now();
		frame_support::ensure!(now > 0, Error::<T>::TimeNotSet);
		let needs = Self::needs(account, orders, now);
		let mut live_blocks = u32::MAX;
		let mut underlyings = Vec::with_capacity(needs.len());
		for (underlying, needed) in &needs {
			let Some(state) = Self::underlying_state(*underlying, needed, stance) else { continue };
			let run = T::Oracle::live_blocks(*underlying);
			live_blocks = live_blocks.min(Self::live_run(&state, run, needed));
			underlyings.push(state);
		}
		let settlement_asset_price = Self::settlement_asset_price(stance)?;
		let mut state = MarketState::new(now, settlement_asset_price, underlyings);
		let is_exposed = !orders.is_empty()
			|| account.legs.iter().any(|leg| leg.settled_at.is_none())
			|| account.collateral.iter().any(|holding| holding.offsets_risk);
		if is_exposed {
			state.joint = CurrentScenarios::<T>::get();
		}
		Ok(Market { state, live_blocks })
	}

	/// What an account and its open orders need to know, by underlying.
	pub(crate) fn needs(
		account: &AccountState,
		orders: &[OpenOrder],
		now: Moment,
	) -> BTreeMap<UnderlyingId, Needs> {
		let mut needs: BTreeMap<UnderlyingId, Needs> = BTreeMap::new();
		for holding in &account.collateral {
			needs.entry(holding.feed).or_default();
		}
		for leg in account.legs.iter().filter(|leg| leg.settled_at.is_none()) {
			Self::note_need(&mut needs, &leg.instrument, now);
		}
		for order in orders {
			Self::note_need(&mut needs, &order.instrument, now);
		}
		needs
	}

	/// For how many blocks in a row all that is needed of an underlying has been live, whose own feed
	/// has been for `run`. What nobody needs does not count: a future is traded on while its expiry's
	/// surface is out.
	pub(crate) fn live_run(state: &UnderlyingState, run: u32, needs: &Needs) -> u32 {
		if !state.live {
			return 0;
		}
		let expiries = &state.prices.expiries;
		let runs = needs.iter().map(|(expiry, surface)| {
			let found = expiries.binary_search_by_key(expiry, |known| known.expiry);
			match found.ok().and_then(|place| expiries.get(place)) {
				Some(known) if *surface => known.live_blocks.min(known.surface_live_blocks),
				Some(known) => known.live_blocks,
				None => 0,
			}
		});
		runs.fold(run, u32::min)
	}

	fn note_need(needs: &mut BTreeMap<UnderlyingId, Needs>, instrument: &Instrument, now: Moment) {
		let needed = needs.entry(instrument.underlying).or_default();
		let (expiry, surface) = match instrument.contract {
			Contract::Perpetual => return,
			Contract::Future { expiry } => (expiry, false),
			Contract::Option { expiry, .. } => (expiry, true),
		};
		// What has expired is valued on spot until its settlement price is fixed.
		if expiry > now {
			*needed.entry(expiry).or_default() |= surface;
		}
	}

	/// `None` where nothing was ever known of it.
	pub(crate) fn underlying_state(
		underlying: UnderlyingId,
		needs: &Needs,
		stance: Stance,
	) -> Option<UnderlyingState> {
		match T::Oracle::prices(underlying) {
			Ok(prices) if stance == Stance::Unfavourable => {
				Some(Self::marked(underlying, prices, true))
			}
			Ok(mut prices) => {
				let gaps = Self::gaps(&prices, needs);
				let live = gaps.is_empty();
				if !live {
					Self::fill_gaps(underlying, &mut prices, &gaps);
				}
				Some(Self::marked(underlying, prices, live))
			}
			Err(_) => T::Oracle::last_prices(underlying)
				.map(|prices| Self::marked(underlying, prices, false)),
		}
	}

	/// An underlying at these prices, its perpetual at the mark that they make.
	fn marked(underlying: UnderlyingId, prices: UnderlyingPrices, live: bool) -> UnderlyingState {
		UnderlyingState::new(underlying, prices, live)
			.with_perpetual_premium(T::Registry::mark_premium(underlying))
	}

	/// Expiries of which something needed is missing.
	pub(crate) fn gaps(prices: &UnderlyingPrices, needs: &Needs) -> BTreeSet<Moment> {
		needs
			.iter()
			.filter(|(expiry, surface)| {
				!prices.expiries.iter().any(|known| {
					known.expiry == **expiry && (known.surface.is_some() || !**surface)
				})
			})
			.map(|(expiry, _)| *expiry)
			.collect()
	}

	/// Puts the last known values where something is missing.
	fn fill_gaps(underlying: UnderlyingId, prices: &mut UnderlyingPrices, gaps: &BTreeSet<Moment>) {
		let Some(last) = T::Oracle::last_prices(underlying) else { return };
		for old in last.expiries.into_iter().filter(|old| gaps.contains(&old.expiry)) {
			match prices.expiries.binary_search_by_key(&old.expiry, |known| known.expiry) {
				Ok(at) => {
					if let Some(known) = prices.expiries.get_mut(at) {
						known.surface = known.surface.or(old.surface);
					}
				}
				Err(at) => prices.expiries.insert(at, old),
			}
		}
	}

	pub(crate) fn settlement_asset_price(stance: Stance) -> Result<Price, Error<T>> {
		match (T::Oracle::settlement_asset_price(), stance) {
			(Ok(price), _) => Ok(price),
			(Err(_), Stance::Unfavourable) => Err(Error::<T>::NoSettlementAssetPrice),
			// Never known: par, which is what cash counts at.
			(Err(_), _) => Ok(T::Oracle::last_settlement_asset_price().unwrap_or(Price::ONE)),
		}
	}

	/// Equity and margins of an account with its open orders.
	pub(crate) fn margin_of(of: &Standing<T>, stance: Stance) -> Result<Margin, Error<T>> {
		Self::margin_and_live_blocks(of, stance).map(|(margin, _)| margin)
	}

	/// The same, and for how many blocks in a row all that it depends on has been live.
	pub(crate) fn margin_and_live_blocks(
		of: &Standing<T>,
		stance: Stance,
	) -> Result<(Margin, u32), Error<T>> {
		let account = Self::account_state(of.record)?;
		let orders = of.may_fill();
		let market = Self::market_for(&account, &orders, stance)?;
		let model = Self::risk_model()?;
		let margin =
			plimsoll_risk::margin_with_orders(&model, &market.state, &account, &orders, stance)?;
		Ok((margin, market.live_blocks))
	}

	/// The price of an instrument at live prices.
	pub(crate) fn live_mark(instrument: &Instrument) -> Result<Price, Error<T>> {
		let now = T::Time::now();
		let mut needs = BTreeMap::new();
		Self::note_need(&mut needs, instrument, now);
		let underlying = instrument.underlying;
		let prices = T::Oracle::prices(underlying).map_err(|error| match error {
			plimsoll_primitives::PriceError::Unknown => Error::<T>::NoPrice,
			_ => Error::<T>::StalePrice,
		})?;
		let state = MarketState::new(
			now,
			Self::settlement_asset_price(Stance::Mark)?,
			alloc::vec![Self::marked(underlying, prices, true)],
		);
		plimsoll_risk::mark(&state, instrument).map_err(Error::<T>::from)
	}

	/// Lets a risk-adding change through if equity covers initial margin at the least favourable
	/// prices. One that leaves nothing owed needs no prices.
	pub(crate) fn ensure_covered(after: &Standing<T>) -> DispatchResult {
		if after.owes_nothing() {
			return Ok(());
		}
		let margin = Self::margin_of(after, Stance::Unfavourable)?;
		Self::ensure_initial_margin(&margin)
	}

	/// The same on a market that is shared.
	pub(crate) fn ensure_covered_on(
		market: &mut SharedMarket,
		after: &Standing<T>,
	) -> DispatchResult {
		if after.owes_nothing() {
			return Ok(());
		}
		let margin = Self::margin_on(market, after, Stance::Unfavourable)?;
		Self::ensure_initial_margin(&margin)
	}

	fn ensure_initial_margin(margin: &Margin) -> DispatchResult {
		let is_covered = gate::covers_initial_margin(margin);
		frame_support::ensure!(is_covered, Error::<T>::InitialMarginNotMet);
		Ok(())
	}

	/// Lets a trade, or an order that comes to rest, through if the account is then covered with all its
	/// open orders, or safer than before.
	pub(crate) fn ensure_admitted(
		market: &mut SharedMarket,
		before: &Standing<T>,
		after: &Standing<T>,
	) -> DispatchResult {
		if after.owes_nothing() {
			return Ok(());
		}
		let later = Self::margin_on(market, after, Stance::Unfavourable)?;
		if gate::covers_initial_margin(&later) {
			return Ok(());
		}
		let earlier = Self::margin_on(market, before, Stance::Unfavourable)?;
		let has_orders = !before.orders.is_empty() || !after.orders.is_empty();
		let is_safer = gate::reduces_risk(&earlier, &later)
			&& (!has_orders || gate::keeps_held_risk(&earlier, &later));
		frame_support::ensure!(is_safer, Error::<T>::InitialMarginNotMet);
		Ok(())
	}
}
