//! A book as one would write it on paper: a list of all orders in the order in which they came,
//! searched from end to end for everything. It shares no code with the real one but the types.

use super::book::{Owner, NOW};
use crate::{
	Answer, BookError, Bounds, Fill, Leftover, Lots, NewOrder, Order, OrderId, OrderSide, Outcome,
	Removal, SelfTrade, Step, Tick, TimeInForce, MAX_TICK,
};

#[derive(Clone, Default)]
pub struct Reference {
	/// Side, tick and order, in order of arrival.
	pub orders: Vec<(OrderSide, Tick, Order<Owner>)>,
}

impl Reference {
	/// Resting orders of a side by priority: tick, number, owner, lots.
	pub fn resting(&self, side: OrderSide) -> Vec<(Tick, OrderId, Owner, Lots)> {
		let mut found: Vec<_> = self
			.orders
			.iter()
			.filter(|(of, ..)| *of == side)
			.map(|(_, tick, order)| (*tick, order.id, order.owner, order.lots))
			.collect();
		// A stable sort keeps the order of arrival.
		match side {
			OrderSide::Buy => found.sort_by_key(|(tick, ..)| std::cmp::Reverse(*tick)),
			OrderSide::Sell => found.sort_by_key(|(tick, ..)| *tick),
		}
		found
	}

	pub fn cancel(&mut self, side: OrderSide, tick: Tick, id: OrderId) -> Option<Order<Owner>> {
		let at =
			self.orders.iter().position(|(s, t, order)| (*s, *t, order.id) == (side, tick, id))?;
		Some(self.orders.remove(at).2)
	}

	/// The first order by priority that `taker` may meet, as its place in the list.
	fn first_crossing(&self, taker: &NewOrder<Owner>) -> Option<usize> {
		let (_, id, ..) = *self.resting(taker.side.opposite()).first()?;
		let at = self.orders.iter().position(|(_, _, order)| order.id == id)?;
		let tick = self.orders[at].1;
		let crosses = match taker.side {
			OrderSide::Buy => tick <= taker.tick,
			OrderSide::Sell => tick >= taker.tick,
		};
		crosses.then_some(at)
	}

	/// Places an order; on an error the book is as it was.
	pub fn place(
		&mut self,
		taker: NewOrder<Owner>,
		bounds: Bounds,
		max_orders: usize,
		answer: impl Fn(OrderId) -> Answer,
	) -> Result<Outcome<Owner>, BookError> {
		let before = self.clone();
		let outcome = self.try_place(taker, bounds, max_orders, answer);
		if outcome.is_err() {
			*self = before;
		}
		outcome
	}

	fn try_place(
		&mut self,
		taker: NewOrder<Owner>,
		bounds: Bounds,
		max_orders: usize,
		answer: impl Fn(OrderId) -> Answer,
	) -> Result<Outcome<Owner>, BookError> {
		let (until, rests, post_only) = match taker.time_in_force {
			TimeInForce::Resting { until, post_only } => (until, true, post_only),
			_ => (None, false, false),
		};
		if taker.lots == 0 {
			return Err(BookError::ZeroLots);
		}
		if !(1..=MAX_TICK).contains(&taker.tick) {
			return Err(BookError::TickOutOfRange);
		}
		if rests && taker.reduce_to.is_some() {
			return Err(BookError::ReduceOnlyRests);
		}
		if until.is_some_and(|until| until < NOW) {
			return Err(BookError::AlreadyExpired);
		}
		let mut left = taker.lots.min(taker.reduce_to.unwrap_or(Lots::MAX));
		if left == 0 {
			return Err(BookError::NothingToReduce);
		}
		let mut steps = Vec::new();
		let (mut filled, mut removed) = (0, 0);
		let mut stopped = None;
		while let Some(at) = self.first_crossing(&taker).filter(|_| left > 0 && stopped.is_none()) {
			let (_, tick, order) = self.orders[at].clone();
			let is_expired = order.until.is_some_and(|until| until < NOW);
			let is_own = order.owner == taker.owner;
			let stops = is_own && !is_expired && taker.self_trade == SelfTrade::CancelTaking;
			let at_bound = match is_expired || is_own {
				true => removed == bounds.removals && filled == bounds.fills && !stops,
				false => filled == bounds.fills && !post_only,
			};
			if at_bound {
				stopped = Some(Leftover::BoundReached);
				break;
			}
			let mut pay = || match removed == bounds.removals {
				true => filled += 1,
				false => removed += 1,
			};
			let cause = if is_expired {
				pay();
				Removal::Expired
			} else if is_own {
				if !stops {
					pay();
				}
				match taker.self_trade {
					SelfTrade::CancelResting => {}
					SelfTrade::CancelTaking => {
						stopped = Some(Leftover::SelfTrade);
						break;
					}
					SelfTrade::CancelBoth => stopped = Some(Leftover::SelfTrade),
				}
				Removal::SelfTrade
			} else if post_only {
				return Err(BookError::WouldFill);
			} else {
				match answer(order.id) {
					Answer::Made => {
						filled += 1;
						let lots = left.min(order.lots);
						left -= lots;
						let maker_left = order.lots - lots;
						if maker_left == 0 {
							self.orders.remove(at);
						} else {
							self.orders[at].2.lots = maker_left;
						}
						let (maker_id, maker) = (order.id, order.owner);
						let fill = Fill { maker_id, maker, tick, lots, maker_left };
						steps.push(Step::Filled(fill));
						continue;
					}
					Answer::RefuseMaker => {
						pay();
						Removal::Refused
					}
					Answer::StopTaker => {
						stopped = Some(Leftover::Stopped);
						break;
					}
				}
			};
			self.orders.remove(at);
			steps.push(Step::Removed { tick, order, cause });
		}
		if left == 0 {
			return Ok(Outcome { steps, rested: 0, cancelled: None });
		}
		if taker.time_in_force == TimeInForce::FillOrKill {
			return Err(BookError::NotFilled);
		}
		if !rests || stopped.is_some() {
			let cause = stopped.unwrap_or(Leftover::Unfilled);
			return Ok(Outcome { steps, rested: 0, cancelled: Some((left, cause)) });
		}
		let same = |(side, tick, _): &&(_, _, _)| (*side, *tick) == (taker.side, taker.tick);
		if self.orders.iter().filter(same).count() == max_orders {
			let cause = Removal::Expired;
			for (side, tick, order) in self.orders.clone() {
				let is_expired = order.until.is_some_and(|until| until < NOW);
				if same(&&(side, tick, order.clone())) && is_expired && removed < bounds.removals {
					removed += 1;
					self.cancel(side, tick, order.id);
					steps.push(Step::Removed { tick, order, cause });
				}
			}
			if self.orders.iter().filter(same).count() == max_orders {
				return Err(BookError::LevelFull);
			}
		}
		let order = Order { id: taker.id, owner: taker.owner, lots: left, until };
		self.orders.push((taker.side, taker.tick, order));
		Ok(Outcome { steps, rested: left, cancelled: None })
	}
}
