//! Swaps: from what is asked to a plan, and the plan carried out.

use crate::{
	ladder::{Ladder, Swapper},
	order::{price_unit, OrderTerms, SelfTrade, TimeInForce},
	pair::Market,
	place_order::{Account, ExchangeOf},
	pool::Pools,
	work::{Budget, Used},
	Config, Error, Event, Pallet,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{ensure, traits::Get};
use plimsoll_orderbook::Bounds;
use plimsoll_primitives::{
	Balance, CollateralExchange, CollateralId, Exchanged, OrderSide, Price, PriceOracle, UsdValue,
};
use plimsoll_router::{route, Offer, Plan, RouteError, Source, Trade};
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

/// Where a part of a swap is traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Venue {
	/// The pool of the pair.
	#[codec(index = 0)]
	Pool,
	/// The pair's order book here.
	#[codec(index = 1)]
	Book,
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

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
	pub collateral: CollateralId,
	pub side: OrderSide,
	pub amount: Balance,
	pub worst_price: Price,
	pub all_or_nothing: bool,
}

/// A swap that can be carried out.
pub(crate) struct Planned<T: Config> {
	market: Market<T>,
	quote: SwapQuote,
	/// What is taken of the book: the part, how many orders it is of, and the price of the last.
	book: Option<(SwapSlice, u32, Price)>,
	/// What is taken of the pool.
	pool: Option<SwapSlice>,
	/// How many orders of the book were looked at, and how many of those in the way cost a fill.
	looked_at: u32,
	paid: u32,
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

impl<T: Config> Pallet<T> {
	/// What a swap of `account` would get: the plan that it would carry out, from the same state.
	pub fn quote_swap(
		account: &Account<T>,
		collateral: CollateralId,
		side: OrderSide,
		amount: Balance,
		worst_price: Price,
		all_or_nothing: bool,
	) -> Result<SwapQuote, DispatchError> {
		let asked = Asked { collateral, side, amount, worst_price, all_or_nothing };
		Ok(Self::plan(account, &asked)?.quote)
	}

	/// Returns what it used, as its weight counts it.
	pub(crate) fn do_swap(account: &Account<T>, asked: &Asked) -> Result<Used, DispatchError> {
		let planned = Self::plan(account, asked)?;
		let most = T::MaxSwapFills::get();
		let mut budget = Budget::<T>::new(most)?;
		let Budget { bounds, session, .. } = &mut budget;
		let mut exchange = T::Exchange::open_exchange(session, account, asked.collateral)?;
		Self::take_from_book(account, asked, &planned, (&mut exchange, bounds))?;
		Self::take_from_pool(asked, &planned, &mut exchange)?;
		T::Exchange::close_exchange(exchange, None)?;
		let SwapQuote { amount, cash, slices } = planned.quote;
		Self::deposit_event(Event::Swapped {
			account: account.clone(),
			collateral: asked.collateral,
			side: asked.side,
			amount,
			cash,
			slices,
		});
		// Orders that were looked at and not taken have been read all the same.
		let used = budget.used();
		let looked_at = planned.looked_at;
		let beyond = looked_at.saturating_sub(most);
		Ok(Used {
			fills: used.fills.max(looked_at.min(most)),
			removals: used.removals.max(beyond.min(T::MaxRemovals::get())),
			..used
		})
	}

	/// Takes what is planned from the book, to the unit.
	fn take_from_book(
		account: &Account<T>,
		asked: &Asked,
		planned: &Planned<T>,
		(exchange, bounds): (&mut ExchangeOf<'_, T>, &mut Bounds),
	) -> Result<(), DispatchError> {
		let Some((slice, fills, price)) = planned.book else { return Ok(()) };
		let order = OrderTerms {
			collateral: asked.collateral,
			side: asked.side,
			price,
			amount: slice.amount,
			time_in_force: TimeInForce::ImmediateOrCancel,
			self_trade: SelfTrade::CancelTaking,
		};
		let fills = fills.saturating_add(planned.paid);
		let unused = bounds.fills.saturating_sub(fills);
		bounds.fills = bounds.fills.min(fills);
		let met =
			Self::meet_book(account, &order, (&planned.market, UsdValue::ZERO), exchange, bounds)?;
		bounds.fills = bounds.fills.saturating_add(unused);
		ensure!((met.amount, met.cash) == (slice.amount, slice.cash), Error::<T>::PlanNotMet);
		Ok(())
	}

	/// Takes what is planned from the pool, to the unit.
	fn take_from_pool(
		asked: &Asked,
		planned: &Planned<T>,
		exchange: &mut ExchangeOf<'_, T>,
	) -> Result<(), DispatchError> {
		let Some(slice) = planned.pool else { return Ok(()) };
		let side = asked.side;
		let expected = match side {
			OrderSide::Buy => Exchanged { paid: slice.cash, received: slice.amount },
			OrderSide::Sell => Exchanged { paid: slice.amount, received: slice.cash },
		};
		let settlement = T::SettlementAsset::get();
		let pair = (&planned.market.asset.asset, &settlement);
		let moved = T::Exchange::swap_outside(exchange, side, expected.paid, |custodian| {
			T::Pools::trade(custodian, pair, side, slice.amount, slice.cash)
		})?;
		ensure!(moved == expected, Error::<T>::PlanNotMet);
		Ok(())
	}

	/// How a swap would be made.
	fn plan(account: &Account<T>, asked: &Asked) -> Result<Planned<T>, DispatchError> {
		let market = Market::<T>::of(asked.collateral)?;
		ensure!(!asked.worst_price.is_zero(), Error::<T>::ZeroPrice);
		ensure!(asked.amount > 0, Error::<T>::ZeroAmount);
		let spot = T::Oracle::prices(market.asset.feed).map_err(|_| Error::<T>::NoPrice)?.spot;
		let value = market.value(spot, asked.amount)?;
		ensure!(value >= market.terms.minimum_value, Error::<T>::SwapTooSmall);
		let band = market.band()?;
		let worst = band.limit(asked.side, asked.worst_price);
		let trade = Trade {
			side: asked.side,
			amount: asked.amount,
			lot: market.terms.lot,
			worst_price: worst.into_inner(),
			unit: price_unit(market.asset.decimals, T::SettlementDecimals::get())
				.ok_or(Error::<T>::Overflow)?,
			all_or_nothing: asked.all_or_nothing,
		};
		let pool = T::Pools::pool(&market.asset.asset, &T::SettlementAsset::get());
		let (_, fee) = T::Exchange::fee_rates(&account.owner);
		let ladder =
			Self::ladder(&market, &band, &Swapper { account, side: asked.side, worst, fee });
		let offers: Vec<Offer> = ladder.rungs.iter().map(|rung| rung.offer).collect();
		let plan = route(&trade, &[&offers], pool.as_ref()).map_err(Error::<T>::from)?;
		Self::planned(market, &ladder, plan).ok_or(Error::<T>::Overflow.into())
	}

	/// A plan's slices by venue.
	fn planned(market: Market<T>, ladder: &Ladder, plan: Plan) -> Option<Planned<T>> {
		let (mut book, mut pool) = (None, None);
		for slice in plan.slices {
			match slice.source {
				Source::Pool => {
					let (venue, amount, cash) = (Venue::Pool, slice.amount, slice.quote);
					pool = Some(SwapSlice { venue, amount, cash });
				}
				Source::Offer { place, .. } => {
					let none = SwapSlice { venue: Venue::Book, amount: 0, cash: 0 };
					let (so_far, count, _) = book.unwrap_or((none, 0u32, Price::ZERO));
					let price = market.grid.price(ladder.rungs.get(place)?.tick)?;
					let amount = so_far.amount.checked_add(slice.amount)?;
					let cash = so_far.cash.checked_add(slice.quote)?;
					book = Some((SwapSlice { amount, cash, ..none }, count.checked_add(1)?, price));
				}
			}
		}
		let slices = book.map(|(slice, ..)| slice).into_iter().chain(pool).collect();
		let quote = SwapQuote { amount: plan.amount, cash: plan.quote, slices };
		let Ladder { looked_at, paid, .. } = *ladder;
		Some(Planned { market, quote, book, pool, looked_at, paid })
	}
}
