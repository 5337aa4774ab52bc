//! Placing an order: its checks, the fills, and what becomes of the rest.

use crate::{
	book_store::BookStore,
	order::{as_block, CancelCause, Grid, OrderTerms},
	pair::{Band, Market},
	work::Budget,
	Config, Error, Event, NextOrderId, Orders, Pallet,
};
use alloc::vec::Vec;
use frame_support::ensure;
use plimsoll_orderbook::{
	place, Answer, Bounds, Fill as BookFill, Leftover, Lots, NewOrder, OrderId, Outcome,
	PlaceError, Removal, Step, Tick,
};
use plimsoll_primitives::{
	Balance, CollateralExchange, FillError, FillFees, OrderSide, SetAside, Silence, SubAccountId,
	UsdValue,
};
use sp_runtime::{DispatchError, DispatchResult};

/// An account of this runtime.
pub(crate) type Account<T> = SubAccountId<<T as frame_system::Config>::AccountId>;

/// An account's trade while it is made.
pub(crate) type ExchangeOf<'s, T> = <<T as Config>::Exchange as CollateralExchange<
	<T as frame_system::Config>::AccountId,
>>::Exchange<'s>;

/// What an order did in its book.
pub(crate) struct Met {
	/// How much has filled.
	pub amount: Balance,
	/// What that cost, or brought, fees included; settlement units.
	pub cash: Balance,
	/// What of it rests.
	pub rest: Option<SetAside>,
}

/// An order while it is matched.
struct Execution<'a, 's, T: Config> {
	order: &'a OrderTerms,
	market: &'a Market<T>,
	exchange: &'a mut ExchangeOf<'s, T>,
	/// Found at the first fill.
	band: Option<Band>,
	/// Of each fill that was made.
	fees: Vec<FillFees>,
	/// Why each maker was refused that was.
	refusals: Vec<CancelCause>,
}

impl<T: Config> Execution<'_, '_, T> {
	/// Makes a fill, or says who must not have it.
	fn make(&mut self, fill: &BookFill<Account<T>>) -> Result<Answer, DispatchError> {
		let grid = &self.market.grid;
		let price = grid.price(fill.tick).ok_or(Error::<T>::Overflow)?;
		let band = match self.band {
			Some(band) => band,
			None => *self.band.insert(self.market.band()?),
		};
		match band.harmed(price) {
			Some(side) if side == self.order.side => return Ok(Answer::StopTaker),
			Some(_) => {
				self.refusals.push(CancelCause::PriceBand);
				return Ok(Answer::RefuseMaker);
			}
			None => {}
		}
		if T::Silence::is_silent(&fill.maker) {
			self.refusals.push(CancelCause::Silence);
			return Ok(Answer::RefuseMaker);
		}
		let record = Orders::<T>::get(fill.maker_id).ok_or(Error::<T>::UnknownOrder)?;
		// It was one order before.
		let lots = fill.lots.saturating_add(fill.maker_left);
		let resting = record.set_aside(grid, lots).ok_or(Error::<T>::Overflow)?;
		let left = record.set_aside(grid, fill.maker_left).ok_or(Error::<T>::Overflow)?;
		match T::Exchange::fill_set_aside(self.exchange, &fill.maker, &resting, &left) {
			Ok(fees) => {
				self.fees.push(fees);
				Ok(Answer::Made)
			}
			Err(FillError::MakerRefused(error)) => {
				self.refusals.push(CancelCause::Refused(error));
				Ok(Answer::RefuseMaker)
			}
			Err(FillError::Stopped(error) | FillError::Failed(error)) => Err(error),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Places an order of `account`: matches it within `budget`, rests or cancels what is left, and asks
	/// the account to pass the gate.
	pub(crate) fn do_place_order(
		account: &Account<T>,
		order: &OrderTerms,
		budget: &mut Budget<T>,
	) -> DispatchResult {
		let Budget { bounds, session, .. } = budget;
		let market = Market::<T>::of(order.collateral)?;
		let mut exchange = T::Exchange::open_exchange(session, account, order.collateral)?;
		let least = market.terms.minimum_value;
		let met = Self::meet_book(account, order, (&market, least), &mut exchange, bounds)?;
		T::Exchange::close_exchange(exchange, met.rest.as_ref())
	}

	/// Matches an order, worth `least` USD at its limit or more, against its pair's book within `bounds`, and
	/// tells and notes all that it did. That the account may have what it has traded, and set aside what
	/// rests, is asked when the caller closes the trade.
	pub(crate) fn meet_book(
		account: &Account<T>,
		order: &OrderTerms,
		(market, least): (&Market<T>, UsdValue),
		exchange: &mut ExchangeOf<'_, T>,
		bounds: &mut Bounds,
	) -> Result<Met, DispatchError> {
		let new_order = Self::new_order(account, order, (market, least))?;
		let id = new_order.id;
		Self::deposit_event(Event::OrderPlaced {
			order: id,
			account: account.clone(),
			terms: order.clone(),
		});
		let (fees, refusals) = (Vec::new(), Vec::new());
		let mut execution =
			Execution::<'_, '_, T> { order, market, exchange, band: None, fees, refusals };
		let now = as_block(frame_system::Pallet::<T>::block_number());
		let mut store = BookStore::<T>::new(order.collateral);
		let outcome = place(&mut store, new_order, now, bounds, |fill| execution.make(fill));
		let outcome = outcome.map_err(|error| match error {
			PlaceError::Book(error) => Error::<T>::from(error).into(),
			PlaceError::Fill(error) => error,
		})?;
		Self::finish(account, id, execution, outcome)
	}

	/// The order as the book takes it, under the next number.
	fn new_order(
		account: &Account<T>,
		order: &OrderTerms,
		(market, least): (&Market<T>, UsdValue),
	) -> Result<NewOrder<Account<T>>, DispatchError> {
		let grid = &market.grid;
		ensure!(order.amount > 0, Error::<T>::ZeroAmount);
		ensure!(!order.price.is_zero(), Error::<T>::ZeroPrice);
		ensure!(order.amount.checked_rem(grid.lot) == Some(0), Error::<T>::AmountNotInLots);
		ensure!(order.price.is_multiple_of(grid.tick), Error::<T>::PriceNotInTicks);
		let lots = grid.lots(order.amount).ok_or(Error::<T>::Overflow)?;
		let tick = grid.ticks(order.price).ok_or(Error::<T>::PriceOutOfRange)?;
		let value = market.value(order.price, order.amount)?;
		ensure!(value >= least, Error::<T>::OrderTooSmall);
		let id = NextOrderId::<T>::get();
		NextOrderId::<T>::put(id.checked_add(1).ok_or(Error::<T>::Overflow)?);
		Ok(NewOrder {
			id,
			owner: account.clone(),
			side: order.side,
			tick,
			lots,
			time_in_force: order.time_in_force,
			self_trade: order.self_trade,
			reduce_to: None,
		})
	}

	/// Tells what an order did, and notes what became of the resting ones that it met and of its own rest.
	fn finish(
		account: &Account<T>,
		id: OrderId,
		execution: Execution<'_, '_, T>,
		outcome: Outcome<Account<T>>,
	) -> Result<Met, DispatchError> {
		let Execution { order, market, exchange, fees, refusals, .. } = execution;
		let (mut fees, mut refusals) = (fees.into_iter(), refusals.into_iter());
		let mut met = Met { amount: 0, cash: 0, rest: None };
		for step in outcome.steps {
			match step {
				Step::Filled(fill) => {
					let fees = fees.next().unwrap_or_default();
					Self::note_fill((account, id), (order, market), (fill, fees), &mut met)?;
				}
				Step::Removed { order, cause, .. } => {
					let cause = match cause {
						Removal::Expired => CancelCause::Expired,
						Removal::SelfTrade => CancelCause::SelfTrade,
						Removal::Refused => refusals.next().unwrap_or(CancelCause::PriceBand),
					};
					Self::note_cancelled(order.id, order.lots, cause, Some(&mut *exchange))?;
				}
			}
		}
		met.rest = Self::note_rest(account, id, (order, market), outcome.rested)?;
		if let Some((lots, why)) = outcome.cancelled {
			let cause = match why {
				Leftover::Unfilled => CancelCause::Unfilled,
				Leftover::SelfTrade => CancelCause::SelfTrade,
				Leftover::Stopped => CancelCause::PriceBand,
				Leftover::BoundReached => CancelCause::BoundReached,
			};
			Self::deposit_event(Event::OrderCancelled {
				order: id,
				account: account.clone(),
				collateral: order.collateral,
				amount: market.grid.amount(lots).ok_or(Error::<T>::Overflow)?,
				cause,
			});
		}
		Ok(met)
	}

	/// A fill was made: tells it, and forgets the maker's order where nothing is left of it.
	fn note_fill(
		(taker, taker_order): (&Account<T>, OrderId),
		(order, market): (&OrderTerms, &Market<T>),
		(fill, fees): (BookFill<Account<T>>, FillFees),
		met: &mut Met,
	) -> DispatchResult {
		if fill.maker_left == 0 {
			Self::forget_order(fill.maker_id)?;
		}
		let grid = &market.grid;
		let (amount, cash) = Self::filled(grid, fill.lots, fill.tick)?;
		let with_fee = match order.side {
			OrderSide::Buy => cash.checked_add(fees.taker),
			OrderSide::Sell => cash.checked_sub(fees.taker),
		};
		met.amount = met.amount.checked_add(amount).ok_or(Error::<T>::Overflow)?;
		met.cash =
			with_fee.and_then(|more| met.cash.checked_add(more)).ok_or(Error::<T>::Overflow)?;
		Self::deposit_event(Event::OrderFilled {
			taker_order,
			maker_order: fill.maker_id,
			taker: taker.clone(),
			maker: fill.maker,
			collateral: order.collateral,
			side: order.side,
			amount,
			price: grid.price(fill.tick).ok_or(Error::<T>::Overflow)?,
			cash,
			taker_fee: fees.taker,
			maker_fee: fees.maker,
		});
		Ok(())
	}

	/// What so many lots are, and come to.
	fn filled(grid: &Grid, lots: Lots, tick: Tick) -> Result<(Balance, Balance), Error<T>> {
		grid.amount(lots).zip(grid.cash(lots, tick)).ok_or(Error::<T>::Overflow)
	}

	/// Notes what rests, if anything does.
	fn note_rest(
		account: &Account<T>,
		id: OrderId,
		(order, market): (&OrderTerms, &Market<T>),
		lots: Lots,
	) -> Result<Option<SetAside>, DispatchError> {
		if lots == 0 {
			return Ok(None);
		}
		let tick = market.grid.ticks(order.price).ok_or(Error::<T>::PriceOutOfRange)?;
		let record = Self::note_resting(id, account, (order, &market.grid), tick)?;
		let rest = record.set_aside(&market.grid, lots).ok_or(Error::<T>::Overflow)?;
		Ok(Some(rest))
	}
}
