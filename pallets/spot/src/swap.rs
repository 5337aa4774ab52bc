//! Swaps: from what is asked to a plan, and the plan carried out.

use crate::{
	brought::Brought,
	ladder::{Ladder, Swapper},
	order::{price_unit, OrderTerms, SelfTrade, TimeInForce},
	pair::{Band, Market},
	place_order::{Account, ExchangeOf},
	pool::Pools,
	work::{Budget, Used},
	Config, Error, Event, Pallet, SignedQuoteOf,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::{iter, slice};
use frame_support::{ensure, storage::with_transaction, traits::Get};
use plimsoll_orderbook::Bounds;
use plimsoll_primitives::{
	Balance, CollateralExchange, CollateralId, Exchanged, OrderSide, Price, PriceOracle, UsdValue,
};
use plimsoll_router::{route, Offer, Plan, RouteError, Source, Trade};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult, TransactionOutcome};

/// Where a part of a swap is traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Venue {
	/// The pool of the pair.
	#[codec(index = 0)]
	Pool,
	/// The pair's order book here.
	#[codec(index = 1)]
	Book,
	/// Quotes that the swap brings.
	#[codec(index = 2)]
	Quotes,
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
	/// The quotes that it brings and cannot take: their places, from 0, and why.
	pub passed_over: Vec<(u32, DispatchError)>,
}

/// What is asked for: see the call `swap`.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
	/// The pair.
	pub collateral: CollateralId,
	/// Whether its collateral is bought or sold.
	pub side: OrderSide,
	/// How much, in its own units; whole lots.
	pub amount: Balance,
	/// Settlement asset for one whole collateral asset, fees included, beyond which nothing is traded.
	pub worst_price: Price,
	/// Whether it fails where there is less within that price.
	pub all_or_nothing: bool,
}

/// Where a swap is made.
struct Place<T: Config> {
	market: Market<T>,
	band: Band,
	/// The worst price after fees that is taken.
	worst: Price,
}

/// A swap that can be carried out.
pub(crate) struct Planned<T: Config> {
	market: Market<T>,
	quote: SwapQuote,
	/// What is taken of the book: the part, how many orders it is of, and the price of the last.
	book: Option<(SwapSlice, u32, Price)>,
	/// What is taken of the quotes: the place of each among the good ones, and the part.
	quotes: Vec<(usize, SwapSlice)>,
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
	/// What a swap of `account` that brings these quotes would get: the plan that it would carry out, from
	/// the same state, which is as it was afterwards.
	pub fn quote_swap(
		account: &Account<T>,
		asked: &Asked,
		quotes: &[SignedQuoteOf<T>],
	) -> Result<SwapQuote, DispatchError> {
		let is_few = u32::try_from(quotes.len()).is_ok_and(|few| few <= T::MaxSwapQuotes::get());
		ensure!(is_few, Error::<T>::TooManyQuotes);
		with_transaction(|| {
			let quoted = Self::place_of(asked).and_then(|place| {
				let mut session = Default::default();
				let at = (&place.market, &place.band);
				let brought = Self::bring(account, asked, at, quotes, &mut session);
				let planned = Self::plan(account, asked, place, &brought.good)?;
				Ok(SwapQuote { passed_over: brought.passed_over, ..planned.quote })
			});
			TransactionOutcome::Rollback(quoted)
		})
	}

	/// Returns what it used, as its weight counts it.
	pub(crate) fn do_swap(
		account: &Account<T>,
		asked: &Asked,
		quotes: &[SignedQuoteOf<T>],
	) -> Result<Used, DispatchError> {
		let most = T::MaxSwapFills::get();
		let mut budget = Budget::<T>::new(most)?;
		let Budget { bounds, session, .. } = &mut budget;
		let place = Self::place_of(asked)?;
		let at = (&place.market, &place.band);
		let brought = Self::bring(account, asked, at, quotes, session).good;
		let planned = Self::plan(account, asked, place, &brought)?;
		let mut exchange = T::Exchange::open_exchange(session, account, asked.collateral)?;
		Self::take_from_quotes(account, &planned, &brought, &mut exchange)?;
		Self::take_from_book(account, asked, &planned, (&mut exchange, bounds))?;
		Self::take_from_pool(asked, &planned, &mut exchange)?;
		T::Exchange::close_exchange(exchange, None)?;
		let SwapQuote { amount, cash, slices, .. } = planned.quote;
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

	/// Takes what is planned from each quote, to the unit, and leaves the others.
	fn take_from_quotes(
		account: &Account<T>,
		planned: &Planned<T>,
		brought: &[Brought<T>],
		exchange: &mut ExchangeOf<'_, T>,
	) -> DispatchResult {
		let market = &planned.market;
		for (place, quote) in brought.iter().enumerate() {
			let Some((_, slice)) = planned.quotes.iter().find(|(of, _)| *of == place) else {
				Self::leave_quote(market, exchange, quote)?;
				continue;
			};
			let cash = Self::take_quote(account, market, exchange, (quote, slice.amount))?;
			ensure!(cash == slice.cash, Error::<T>::PlanNotMet);
		}
		Ok(())
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

	/// Whether a swap can be asked for, and where it is made.
	fn place_of(asked: &Asked) -> Result<Place<T>, DispatchError> {
		let market = Market::<T>::of(asked.collateral)?;
		ensure!(!asked.worst_price.is_zero(), Error::<T>::ZeroPrice);
		ensure!(asked.amount > 0, Error::<T>::ZeroAmount);
		let spot = T::Oracle::prices(market.asset.feed).map_err(|_| Error::<T>::NoPrice)?.spot;
		let value = market.value(spot, asked.amount)?;
		ensure!(value >= market.terms.minimum_value, Error::<T>::SwapTooSmall);
		let band = market.band()?;
		let worst = band.limit(asked.side, asked.worst_price);
		Ok(Place { market, band, worst })
	}

	/// How a swap would be made.
	fn plan(
		account: &Account<T>,
		asked: &Asked,
		Place { market, band, worst }: Place<T>,
		brought: &[Brought<T>],
	) -> Result<Planned<T>, DispatchError> {
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
		let book: Vec<Offer> = ladder.rungs.iter().map(|rung| rung.offer).collect();
		// Each quote is a ladder of one offer.
		let quotes: Vec<Offer> =
			brought.iter().map(|quote| quote.offer(&market, fee)).collect::<Result<_, _>>()?;
		let ladders: Vec<&[Offer]> =
			iter::once(&*book).chain(quotes.iter().map(slice::from_ref)).collect();
		let plan = route(&trade, &ladders, pool.as_ref()).map_err(Error::<T>::from)?;
		Self::planned(market, &ladder, plan).ok_or(Error::<T>::Overflow.into())
	}

	/// A plan's slices by venue.
	fn planned(market: Market<T>, ladder: &Ladder, plan: Plan) -> Option<Planned<T>> {
		let (mut book, mut pool, mut quotes) = (None, None, Vec::new());
		for slice in plan.slices {
			let (amount, cash) = (slice.amount, slice.quote);
			match slice.source {
				Source::Pool => pool = Some(SwapSlice { venue: Venue::Pool, amount, cash }),
				Source::Offer { ladder: 0, place } => {
					let none = SwapSlice { venue: Venue::Book, amount: 0, cash: 0 };
					let (so_far, count, _) = book.unwrap_or((none, 0u32, Price::ZERO));
					let price = market.grid.price(ladder.rungs.get(place)?.tick)?;
					let slice = SwapSlice { venue: Venue::Book, amount, cash };
					book = Some((so_far.plus(&slice)?, count.checked_add(1)?, price));
				}
				Source::Offer { ladder: after_book, .. } => {
					let place = after_book.checked_sub(1)?;
					quotes.push((place, SwapSlice { venue: Venue::Quotes, amount, cash }));
				}
			}
		}
		let none = SwapSlice { venue: Venue::Quotes, amount: 0, cash: 0 };
		let quoted = quotes.iter().try_fold(none, |sum, (_, slice)| sum.plus(slice))?;
		let slices = book
			.map(|(slice, ..)| slice)
			.into_iter()
			.chain(Some(quoted).filter(|sum| sum.amount > 0))
			.chain(pool)
			.collect();
		let quote =
			SwapQuote { amount: plan.amount, cash: plan.quote, slices, passed_over: Vec::new() };
		let Ladder { looked_at, paid, .. } = *ladder;
		Some(Planned { market, quote, book, quotes, pool, looked_at, paid })
	}
}

impl SwapSlice {
	/// Both together; `None` on overflow.
	fn plus(self, other: &Self) -> Option<Self> {
		let amount = self.amount.checked_add(other.amount)?;
		let cash = self.cash.checked_add(other.cash)?;
		Some(Self { amount, cash, ..self })
	}
}
