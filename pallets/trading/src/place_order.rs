//! Placing an order: its checks, the fills, and what becomes of the rest.

use crate::{
	book_store::BookStore,
	order::{as_block, CancelCause, Grid, OrderTerms},
	price_band::Bands,
	work::Budget,
	Books, Config, Error, Event, NextOrderId, Pallet,
};
use alloc::vec::Vec;
use frame_support::{ensure, traits::Get};
use plimsoll_orderbook::{
	place, Answer, Block, Bounds, Fill as BookFill, Leftover, Lots, NewOrder, OrderId, Outcome,
	PlaceError, Removal, Step,
};
use plimsoll_primitives::{
	money, BookClearing, Fill, FillError, FillFees, Instrument, InstrumentRegistry,
	InstrumentTerms, OrderSide, Resting, Rounding, SubAccountId, UsdValue,
};
use sp_runtime::{DispatchError, DispatchResult};

/// An account of this runtime.
type Account<T> = SubAccountId<<T as frame_system::Config>::AccountId>;

/// An account's orders of one call while they are matched.
pub(crate) type Matching<'s, T> =
	<<T as Config>::Clearing as BookClearing<<T as frame_system::Config>::AccountId>>::Matching<'s>;

/// What an order did in its book.
pub(crate) struct Met {
	/// The order's number.
	pub id: OrderId,
	/// What of it rests.
	pub rest: Option<Resting>,
	/// What its fills cost, USD, each rounded up; negative where they bring more.
	pub cost: UsdValue,
}

/// An order while it is matched.
struct Execution<'a, 's, T: Config> {
	order: &'a OrderTerms,
	terms: InstrumentTerms,
	grid: Grid,
	matching: &'a mut Matching<'s, T>,
	/// Found at the first fill.
	bands: Option<Bands>,
	/// Of each fill that was made.
	fees: Vec<FillFees>,
	/// See [`Met`].
	cost: UsdValue,
	/// Why each maker was refused that was.
	refusals: Vec<CancelCause>,
	/// Why the order was stopped, if it was.
	stop: CancelCause,
	/// Whether the best that it met stands beyond the usual band, to its harm.
	presses: bool,
	now: Block,
}

impl<T: Config> Execution<'_, '_, T> {
	/// Makes a fill, or says who must not have it.
	fn make(&mut self, fill: &BookFill<Account<T>>) -> Result<Answer, DispatchError> {
		let size = self.grid.size(fill.lots).ok_or(Error::<T>::TooLarge)?;
		let size = self.order.side.signed(size).ok_or(Error::<T>::TooLarge)?;
		let price = self.grid.price(fill.tick).ok_or(Error::<T>::TooLarge)?;
		let instrument = self.order.instrument;
		let bands = match self.bands {
			Some(bands) => bands,
			None => *self.bands.insert(Pallet::<T>::price_bands(&instrument, &self.terms)?),
		};
		if self.fees.is_empty() && bands.usual.harmed(price) == Some(self.order.side) {
			self.presses = true;
		}
		match bands.present.harmed(price) {
			Some(side) if side == self.order.side => return Ok(Answer::StopTaker),
			Some(_) => {
				self.refusals.push(CancelCause::PriceBand);
				return Ok(Answer::RefuseMaker);
			}
			None => {}
		}
		if Pallet::<T>::is_silent(&fill.maker, self.now) {
			self.refusals.push(CancelCause::Silence);
			return Ok(Answer::RefuseMaker);
		}
		let fill_of = Fill { instrument, size, price };
		match T::Clearing::fill(self.matching, &fill.maker, &fill_of) {
			Ok(fees) => {
				self.fees.push(fees);
				let cost = Pallet::<T>::net_cost(&[fill_of])?;
				self.cost = self.cost.checked_add(cost).ok_or(Error::<T>::TooLarge)?;
				Ok(Answer::Made)
			}
			Err(FillError::MakerRefused(error)) => {
				self.refusals.push(CancelCause::Refused(error));
				Ok(Answer::RefuseMaker)
			}
			Err(FillError::Stopped(error)) => {
				self.stop = CancelCause::Refused(error);
				Ok(Answer::StopTaker)
			}
			Err(FillError::Failed(error)) => Err(error),
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
		let mut matching = T::Clearing::open_matching(session, account)?;
		// What is left of a position may be worth less.
		let least = if order.reduce_only { UsdValue::ZERO } else { T::MinimumOrderValue::get() };
		let met = Self::meet_book(account, order, least, &mut matching, bounds)?;
		T::Clearing::close_matching(matching, met.rest)
	}

	/// Matches an order of `account`, worth `least` USD at its limit or more, against its instrument's
	/// book within `bounds`, and tells and notes all that it did. That the account may have what it has
	/// taken on, and what rests, is asked when the caller closes the matching.
	pub(crate) fn meet_book(
		account: &Account<T>,
		order: &OrderTerms,
		least: UsdValue,
		matching: &mut Matching<'_, T>,
		bounds: &mut Bounds,
	) -> Result<Met, DispatchError> {
		let (terms, grid) = Self::book_terms(&order.instrument)?;
		ensure!(!terms.halted, Error::<T>::TradingHalted);
		if terms.close_only && !order.reduce_only {
			ensure!(Self::only_closes(account, order), Error::<T>::CloseOnly);
		}
		let new_order = Self::new_order(account, order, &grid, least)?;
		let kept = new_order.reduce_to.unwrap_or(new_order.lots);
		let cut = new_order.lots.saturating_sub(kept);
		let id = new_order.id;
		Self::deposit_event(Event::OrderPlaced {
			order: id,
			account: account.clone(),
			terms: order.clone(),
		});
		let (fees, refusals) = (Vec::new(), Vec::new());
		let stop = CancelCause::PriceBand;
		let now = as_block(frame_system::Pallet::<T>::block_number());
		let mut execution = Execution::<T> {
			order,
			terms,
			grid,
			matching,
			bands: None,
			fees,
			cost: UsdValue::ZERO,
			refusals,
			stop,
			presses: false,
			now,
		};
		let mut store = BookStore::<T>::new(order.instrument);
		let outcome = place(&mut store, new_order, now, bounds, |fill| execution.make(fill));
		let outcome = outcome.map_err(|error| match error {
			PlaceError::Book(error) => Error::<T>::from(error).into(),
			PlaceError::Fill(error) => error,
		})?;
		let (presses, cost) = (execution.presses, execution.cost);
		let rest = Self::finish(account, id, execution, outcome)?;
		if presses {
			Self::press_band(&order.instrument, order.side);
		}
		if cut > 0 {
			Self::report_leftover((account, id), order, &grid, cut, CancelCause::ReduceOnly)?;
		}
		Ok(Met { id, rest, cost })
	}

	/// An instrument's terms, where it can be traded, and what its prices and sizes go in.
	pub(crate) fn book_terms(
		instrument: &Instrument,
	) -> Result<(InstrumentTerms, Grid), DispatchError> {
		let terms = T::Registry::tradable(instrument).map_err(Error::<T>::from)?;
		let grid = Grid { tick: terms.tick, lot: terms.lot };
		let is_known = Books::<T>::get(instrument).is_none_or(|book| book.grid == grid);
		ensure!(is_known, Error::<T>::BookOfOtherTerms);
		Ok((terms, grid))
	}

	/// Whether an order, and all that rest of its account on its side with it, takes the position no
	/// further than to zero.
	fn only_closes(account: &Account<T>, order: &OrderTerms) -> bool {
		let held = T::Clearing::position(account, &order.instrument);
		let resting = T::Clearing::order_totals(account, &order.instrument);
		let (closable, resting) = match order.side {
			OrderSide::Buy => (held.checked_neg(), resting.buys),
			OrderSide::Sell => (Some(held), resting.sells),
		};
		closable
			.zip(resting.checked_add(order.size))
			.is_some_and(|(closable, asked)| asked <= closable)
	}

	/// The order as the book takes it, under the next number.
	fn new_order(
		account: &Account<T>,
		order: &OrderTerms,
		grid: &Grid,
		least: UsdValue,
	) -> Result<NewOrder<Account<T>>, DispatchError> {
		ensure!(order.size.is_positive(), Error::<T>::ZeroSize);
		ensure!(!order.price.is_zero(), Error::<T>::ZeroPrice);
		ensure!(order.size.is_multiple_of(grid.lot), Error::<T>::SizeNotInLots);
		ensure!(order.price.is_multiple_of(grid.tick), Error::<T>::PriceNotInTicks);
		let lots = grid.lots(order.size).ok_or(Error::<T>::TooLarge)?;
		let tick = grid.ticks(order.price).ok_or(Error::<T>::PriceOutOfRange)?;
		let value =
			money::value(order.price, order.size, Rounding::Down).ok_or(Error::<T>::TooLarge)?;
		ensure!(value >= least, Error::<T>::OrderTooSmall);
		let id = NextOrderId::<T>::get();
		NextOrderId::<T>::put(id.checked_add(1).ok_or(Error::<T>::TooLarge)?);
		Ok(NewOrder {
			id,
			owner: account.clone(),
			side: order.side,
			tick,
			lots,
			time_in_force: order.time_in_force,
			self_trade: order.self_trade,
			reduce_to: order.reduce_only.then(|| Self::reducible(account, order, grid)),
		})
	}

	/// How many lots of the order take the account's position towards zero.
	fn reducible(account: &Account<T>, order: &OrderTerms, grid: &Grid) -> Lots {
		let held = T::Clearing::position(account, &order.instrument);
		let reduces = match order.side {
			OrderSide::Buy => held.is_negative(),
			OrderSide::Sell => held.is_positive(),
		};
		held.checked_abs().filter(|_| reduces).and_then(|size| grid.whole_lots(size)).unwrap_or(0)
	}

	/// Tells what an order did, and notes what became of the resting ones that it met and of its own rest,
	/// which it returns.
	fn finish(
		account: &Account<T>,
		id: OrderId,
		execution: Execution<T>,
		outcome: Outcome<Account<T>>,
	) -> Result<Option<Resting>, DispatchError> {
		let Execution { order, grid, fees, refusals, stop, .. } = execution;
		let (mut fees, mut refusals) = (fees.into_iter(), refusals.into_iter());
		for step in outcome.steps {
			match step {
				Step::Filled(fill) => {
					let fees = fees.next().unwrap_or_default();
					Self::note_fill((account, id), order, &grid, fill, fees)?;
				}
				Step::Removed { order, cause, .. } => {
					let cause = match cause {
						Removal::Expired => CancelCause::Expired,
						Removal::SelfTrade => CancelCause::SelfTrade,
						Removal::Refused => refusals.next().unwrap_or(CancelCause::PriceBand),
					};
					Self::note_cancelled(order.id, order.lots, &grid, cause)?;
				}
			}
		}
		let rest = Self::note_rest(account, id, order, &grid, outcome.rested)?;
		if let Some((lots, why)) = outcome.cancelled {
			let cause = match why {
				Leftover::Unfilled => CancelCause::Unfilled,
				Leftover::SelfTrade => CancelCause::SelfTrade,
				Leftover::Stopped => stop,
				Leftover::BoundReached => CancelCause::BoundReached,
			};
			Self::report_leftover((account, id), order, &grid, lots, cause)?;
		}
		Ok(rest)
	}

	/// A fill was made: tells it, and forgets the maker's order where nothing is left of it.
	fn note_fill(
		(taker, taker_order): (&Account<T>, OrderId),
		order: &OrderTerms,
		grid: &Grid,
		fill: BookFill<Account<T>>,
		fees: FillFees,
	) -> DispatchResult {
		if fill.maker_left == 0 {
			Self::forget_order(fill.maker_id)?;
		}
		Self::deposit_event(Event::OrderFilled {
			taker_order,
			maker_order: fill.maker_id,
			taker: taker.clone(),
			maker: fill.maker,
			instrument: order.instrument,
			side: order.side,
			size: grid.size(fill.lots).ok_or(Error::<T>::TooLarge)?,
			price: grid.price(fill.tick).ok_or(Error::<T>::TooLarge)?,
			taker_fee: fees.taker,
			maker_fee: fees.maker,
		});
		Ok(())
	}

	/// Notes what rests, if anything does.
	fn note_rest(
		account: &Account<T>,
		id: OrderId,
		order: &OrderTerms,
		grid: &Grid,
		lots: Lots,
	) -> Result<Option<Resting>, DispatchError> {
		if lots == 0 {
			return Ok(None);
		}
		let OrderTerms { instrument, side, price, .. } = *order;
		let tick = grid.ticks(price).ok_or(Error::<T>::PriceOutOfRange)?;
		Self::note_resting(id, account, (instrument, *grid), (side, tick))?;
		let size = grid.size(lots).ok_or(Error::<T>::TooLarge)?;
		Ok(Some(Resting { instrument, side, size, price }))
	}

	/// Tells what of an order neither filled nor rests.
	fn report_leftover(
		(account, id): (&Account<T>, OrderId),
		order: &OrderTerms,
		grid: &Grid,
		lots: Lots,
		cause: CancelCause,
	) -> DispatchResult {
		Self::deposit_event(Event::OrderCancelled {
			order: id,
			account: account.clone(),
			instrument: order.instrument,
			size: grid.size(lots).ok_or(Error::<T>::TooLarge)?,
			cause,
		});
		Ok(())
	}
}
