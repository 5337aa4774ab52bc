//! Matching an order against the opposite side.

use crate::{
	error::{BookError, PlaceError},
	index,
	level::Level,
	order::{Block, Bounds, Lots, NewOrder, Order, SelfTrade, Tick, TimeInForce, MAX_TICK},
	outcome::{Answer, Fill, Leftover, Outcome, Removal, Step},
	resting,
	store::Store,
};
use alloc::vec::Vec;

/// Matches `order` in block `now` and rests what is to rest. Takes what it uses off `bounds`, also where
/// it fails.
///
/// `make` is asked before each fill and makes it, or says who must not have it; an error of its ends
/// all.
///
/// # Errors
///
/// One of [`BookError`]'s but [`BookError::NoSuchOrder`], or `make`'s. The store may have changed then,
/// and fills may have been made: the caller undoes both.
pub fn place<S: Store, Error>(
	store: &mut S,
	order: NewOrder<S::Owner>,
	now: Block,
	bounds: &mut Bounds,
	make: impl FnMut(&Fill<S::Owner>) -> Result<Answer, Error>,
) -> Result<Outcome<S::Owner>, PlaceError<Error>> {
	let left = size_to_fill(&order, now)?;
	if order.time_in_force == TimeInForce::FillOrKill {
		let mut room = *bounds;
		if bounds.fills == 0 || !can_fill(store, &order, now, &mut room, left) {
			// What it has looked at it has used.
			*bounds = room;
			return Err(BookError::NotFilled.into());
		}
	}
	let mut matching = Matching { order, now, bounds, make, left, steps: Vec::new() };
	let end = matching.run(store)?;
	matching.settle_rest(store, end)
}

/// Why matching ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
	/// Nothing is left of the order, or nothing crosses it.
	Done,
	/// What is left is cancelled.
	Cancelled(Leftover),
}

/// Checks the order's terms and cuts it to what it may fill.
fn size_to_fill<Owner>(order: &NewOrder<Owner>, now: Block) -> Result<Lots, BookError> {
	if order.lots == 0 {
		return Err(BookError::ZeroLots);
	}
	if order.tick == 0 || order.tick > MAX_TICK {
		return Err(BookError::TickOutOfRange);
	}
	if let TimeInForce::Resting { until, .. } = order.time_in_force {
		if order.reduce_to.is_some() {
			return Err(BookError::ReduceOnlyRests);
		}
		if until.is_some_and(|until| until < now) {
			return Err(BookError::AlreadyExpired);
		}
	}
	match order.reduce_to {
		Some(0) => Err(BookError::NothingToReduce),
		Some(most) => Ok(order.lots.min(most)),
		None => Ok(order.lots),
	}
}

/// Whether the book could fill `lots` of the order within the bounds, whatever the caller will say to the
/// fills: false only where it surely cannot, so that nobody need be asked.
fn can_fill<S: Store>(
	store: &S,
	order: &NewOrder<S::Owner>,
	now: Block,
	room: &mut Bounds,
	lots: Lots,
) -> bool {
	let side = order.side.opposite();
	let mut left = lots;
	let mut at = index::best(store, side);
	while let Some(tick) = at.filter(|tick| order.crosses(*tick)) {
		for resting in store.level(side, tick).orders() {
			let is_own = resting.owner == order.owner;
			if resting.is_expired(now) || is_own && order.self_trade == SelfTrade::CancelResting {
				if !spend_removal(room) {
					return false;
				}
				continue;
			}
			if is_own {
				return false;
			}
			// It fills, or it is refused and costs what a removal does: then its fill is left for the next.
			if !(spend(&mut room.fills) || spend(&mut room.removals)) {
				return false;
			}
			left = left.saturating_sub(resting.lots);
			if left == 0 {
				return true;
			}
		}
		at = index::next(store, side, tick);
	}
	false
}

/// Takes one off what may still be done; false where nothing may.
fn spend(left: &mut u32) -> bool {
	let spent = left.checked_sub(1);
	*left = spent.unwrap_or(0);
	spent.is_some()
}

/// Pays for a removal, with a fill only where nothing else is left: orders that have expired shall not
/// keep a taker that has fills left from what stands behind them. False where there are none, either.
fn spend_removal(bounds: &mut Bounds) -> bool {
	spend(&mut bounds.removals) || spend(&mut bounds.fills)
}

/// An order while it is matched.
struct Matching<'b, Owner, Make> {
	order: NewOrder<Owner>,
	now: Block,
	/// What is left of them.
	bounds: &'b mut Bounds,
	make: Make,
	/// What is still to fill.
	left: Lots,
	steps: Vec<Step<Owner>>,
}

impl<Owner: Clone + Eq, Make> Matching<'_, Owner, Make> {
	/// Meets level after level, from the best on.
	fn run<S, Error>(&mut self, store: &mut S) -> Result<End, PlaceError<Error>>
	where
		S: Store<Owner = Owner>,
		Make: FnMut(&Fill<Owner>) -> Result<Answer, Error>,
	{
		let side = self.order.side.opposite();
		// Each turn but the last empties a level, which takes a step for each of its orders.
		while self.left > 0 {
			let best = index::best(store, side).filter(|tick| self.order.crosses(*tick));
			let Some(tick) = best else { return Ok(End::Done) };
			let mut level = store.level(side, tick);
			let end = self.meet_level(tick, &mut level)?;
			let goes_on = level.is_empty();
			resting::write_back(store, side, tick, level);
			match end {
				End::Cancelled(_) => return Ok(end),
				End::Done if goes_on => {}
				End::Done => break,
			}
		}
		Ok(End::Done)
	}

	/// Meets the orders of one level, oldest first, until the order is filled, is stopped, or none is
	/// left.
	fn meet_level<Max, Error>(
		&mut self,
		tick: Tick,
		level: &mut Level<Owner, Max>,
	) -> Result<End, PlaceError<Error>>
	where
		Max: sp_core::Get<u32>,
		Make: FnMut(&Fill<Owner>) -> Result<Answer, Error>,
	{
		while let Some(resting) = level.oldest_mut().filter(|_| self.left > 0) {
			let removal = match self.in_the_way(resting) {
				Some(Removal::SelfTrade) if self.order.self_trade == SelfTrade::CancelTaking => {
					return Ok(End::Cancelled(Leftover::SelfTrade));
				}
				Some(cause) => {
					if !spend_removal(self.bounds) {
						return Ok(End::Cancelled(Leftover::BoundReached));
					}
					Some(cause)
				}
				None => {
					if self.order.is_post_only() {
						return Err(BookError::WouldFill.into());
					}
					// The taker may have another fill, or nobody is asked.
					if self.bounds.fills == 0 {
						return Ok(End::Cancelled(Leftover::BoundReached));
					}
					match self.propose(tick, resting)? {
						Answer::Made => {
							spend(&mut self.bounds.fills);
							None
						}
						Answer::RefuseMaker => {
							spend_removal(self.bounds);
							Some(Removal::Refused)
						}
						Answer::StopTaker => {
							spend(&mut self.bounds.fills);
							return Ok(End::Cancelled(Leftover::Stopped));
						}
					}
				}
			};
			let gone = removal.is_some() || resting.lots == 0;
			let order = if gone { level.take_oldest() } else { None };
			if let Some((order, cause)) = order.zip(removal) {
				self.steps.push(Step::Removed { tick, order, cause });
			}
			if removal == Some(Removal::SelfTrade) && self.order.self_trade == SelfTrade::CancelBoth
			{
				return Ok(End::Cancelled(Leftover::SelfTrade));
			}
		}
		Ok(End::Done)
	}

	/// Rests or cancels what is left, and says what the order did.
	fn settle_rest<S, Error>(
		self,
		store: &mut S,
		end: End,
	) -> Result<Outcome<Owner>, PlaceError<Error>>
	where
		S: Store<Owner = Owner>,
	{
		let Self { order, now, bounds, left, mut steps, .. } = self;
		if left == 0 {
			return Ok(Outcome { steps, rested: 0, cancelled: None });
		}
		let cause = match (order.time_in_force, end) {
			(TimeInForce::FillOrKill, _) => return Err(BookError::NotFilled.into()),
			(_, End::Cancelled(cause)) => cause,
			(TimeInForce::ImmediateOrCancel, End::Done) => Leftover::Unfilled,
			(TimeInForce::Resting { until, .. }, End::Done) => {
				let NewOrder { id, owner, side, tick, .. } = order;
				let rests = Order { id, owner, lots: left, until };
				let cause = Removal::Expired;
				for order in resting::rest(store, side, tick, rests, (now, bounds))? {
					steps.push(Step::Removed { tick, order, cause });
				}
				return Ok(Outcome { steps, rested: left, cancelled: None });
			}
		};
		Ok(Outcome { steps, rested: 0, cancelled: Some((left, cause)) })
	}

	/// Why a resting order is to be removed before it is even asked, if so.
	fn in_the_way(&self, resting: &Order<Owner>) -> Option<Removal> {
		if resting.is_expired(self.now) {
			Some(Removal::Expired)
		} else {
			(resting.owner == self.order.owner).then_some(Removal::SelfTrade)
		}
	}

	/// Proposes a fill against a resting order, and notes it where it is made.
	fn propose<Error>(
		&mut self,
		tick: Tick,
		resting: &mut Order<Owner>,
	) -> Result<Answer, PlaceError<Error>>
	where
		Make: FnMut(&Fill<Owner>) -> Result<Answer, Error>,
	{
		let lots = self.left.min(resting.lots);
		let maker_left = resting.lots.saturating_sub(lots);
		let maker = resting.owner.clone();
		let fill = Fill { maker_id: resting.id, maker, tick, lots, maker_left };
		let answer = (self.make)(&fill).map_err(PlaceError::Fill)?;
		if answer == Answer::Made {
			resting.lots = maker_left;
			self.left = self.left.saturating_sub(lots);
			self.steps.push(Step::Filled(fill));
		}
		Ok(answer)
	}
}
