//! Swaps: from what is asked to a plan, and the plan carried out.

use crate::{pool::Pools, weights::WeightInfo, Config, Error, Event, PairTerms, Pairs, Pallet};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{ensure, traits::Get, weights::Weight};
use plimsoll_primitives::{
	money, Amount, Balance, CollateralExchange, CollateralId, CollateralTerms, Exchanged,
	OrderSide, Price, PriceOracle, Rounding, SubAccountId,
};
use plimsoll_router::{route, Plan, RouteError, Slice, Trade};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult};

/// Where a part of a swap is traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Venue {
	/// The pool of the pair.
	#[codec(index = 0)]
	Pool,
}

/// How much of a swap is traded where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SwapSlice {
	/// Where.
	pub venue: Venue,
	/// Of the collateral asset, in its own units.
	pub amount: Balance,
	/// What it costs or brings, settlement units, all fees included.
	pub cash: Balance,
}

/// What a swap would get.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SwapQuote {
	/// How much of the collateral asset would be traded, in its own units.
	pub amount: Balance,
	/// What that costs or brings, settlement units, all fees included.
	pub cash: Balance,
	/// How much of both would come from where.
	pub slices: Vec<SwapSlice>,
}

impl SwapSlice {
	fn of(slice: &Slice) -> Self {
		// There are no offers to be routed to.
		Self { venue: Venue::Pool, amount: slice.amount, cash: slice.quote }
	}
}

impl From<Plan> for SwapQuote {
	fn from(plan: Plan) -> Self {
		let slices = plan.slices.iter().map(SwapSlice::of).collect();
		Self { amount: plan.amount, cash: plan.quote, slices }
	}
}

impl<T> From<RouteError> for Error<T> {
	fn from(error: RouteError) -> Self {
		match error {
			RouteError::ZeroAmount => Self::ZeroAmount,
			RouteError::NotInLots => Self::AmountNotInLots,
			RouteError::NothingWithinWorstPrice => Self::NothingWithinWorstPrice,
			RouteError::NotFilled => Self::NotFilled,
			RouteError::TooManyOffers => Self::Overflow,
		}
	}
}

/// The units of an asset that prices are for: so many that a price's 18 decimals and both assets'
/// decimals come out whole.
fn price_unit(decimals: u8, settlement_decimals: u8) -> Option<Balance> {
	let exponent =
		18u32.checked_add(u32::from(decimals))?.checked_sub(u32::from(settlement_decimals))?;
	10u128.checked_pow(exponent)
}

impl<T: Config> Pallet<T> {
	/// The most that a swap weighs.
	pub(crate) fn swap_weight() -> Weight {
		T::WeightInfo::swap().saturating_add(T::Exchange::exchange_weight())
	}

	/// What a swap would get: the plan that it would carry out, from the same state.
	pub fn quote_swap(
		collateral: CollateralId,
		side: OrderSide,
		amount: Balance,
		worst_price: Price,
		all_or_nothing: bool,
	) -> Result<SwapQuote, DispatchError> {
		let (_, plan) = Self::plan(collateral, side, amount, worst_price, all_or_nothing)?;
		Ok(plan.into())
	}

	pub(crate) fn do_swap(
		account: &SubAccountId<T::AccountId>,
		collateral: CollateralId,
		side: OrderSide,
		amount: Balance,
		worst_price: Price,
		all_or_nothing: bool,
	) -> DispatchResult {
		let (asset, plan) = Self::plan(collateral, side, amount, worst_price, all_or_nothing)?;
		let SwapQuote { amount, cash, slices } = plan.into();
		let planned = match side {
			OrderSide::Buy => Exchanged { paid: cash, received: amount },
			OrderSide::Sell => Exchanged { paid: amount, received: cash },
		};
		let settlement = T::SettlementAsset::get();
		let moved =
			T::Exchange::exchange_outside(account, collateral, side, planned.paid, |custodian| {
				for slice in &slices {
					let assets = (&asset.asset, &settlement);
					T::Pools::trade(custodian, assets, side, slice.amount, slice.cash)?;
				}
				Ok(())
			})?;
		ensure!(moved == planned, Error::<T>::PlanNotMet);
		let account = account.clone();
		Self::deposit_event(Event::Swapped { account, collateral, side, amount, cash, slices });
		Ok(())
	}

	/// How a swap would be made.
	fn plan(
		collateral: CollateralId,
		side: OrderSide,
		amount: Balance,
		worst_price: Price,
		all_or_nothing: bool,
	) -> Result<(CollateralTerms<T::AssetId>, Plan), DispatchError> {
		let terms = Pairs::<T>::get(collateral).ok_or(Error::<T>::UnknownPair)?;
		let asset = Self::pair_asset(collateral)?;
		ensure!(!worst_price.is_zero(), Error::<T>::ZeroPrice);
		let spot = T::Oracle::prices(asset.feed).map_err(|_| Error::<T>::NoPrice)?.spot;
		Self::ensure_large_enough(&terms, &asset, spot, amount)?;
		let trade = Trade {
			side,
			amount,
			lot: terms.lot,
			worst_price: Self::within_band(&terms, side, spot, worst_price)?,
			unit: price_unit(asset.decimals, T::SettlementDecimals::get())
				.ok_or(Error::<T>::Overflow)?,
			all_or_nothing,
		};
		let pool = T::Pools::pool(&asset.asset, &T::SettlementAsset::get());
		let plan = route(&trade, &[], pool.as_ref()).map_err(Error::<T>::from)?;
		Ok((asset, plan))
	}

	fn ensure_large_enough(
		terms: &PairTerms,
		asset: &CollateralTerms<T::AssetId>,
		spot: Price,
		amount: Balance,
	) -> Result<(), Error<T>> {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let value = Amount::try_from(amount)
			.ok()
			.and_then(|amount| money::quantity(amount, asset.decimals))
			.and_then(|whole| money::value(spot, whole, Rounding::Down))
			.ok_or(Error::<T>::Overflow)?;
		ensure!(value >= terms.minimum_value, Error::<T>::SwapTooSmall);
		Ok(())
	}

	/// The worst price, or the edge of the price band where that is nearer.
	fn within_band(
		terms: &PairTerms,
		side: OrderSide,
		spot: Price,
		worst_price: Price,
	) -> Result<Balance, Error<T>> {
		let (spot, worst) = (spot.into_inner(), worst_price.into_inner());
		let width = terms.price_band.mul_floor(spot);
		Ok(match side {
			OrderSide::Buy => worst.min(spot.checked_add(width).ok_or(Error::<T>::Overflow)?),
			// The band is a part of the price.
			OrderSide::Sell => worst.max(spot.saturating_sub(width)),
		})
	}
}
