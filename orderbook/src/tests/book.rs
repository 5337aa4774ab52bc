//! A store in memory that counts its reads, and shorthands for orders.

use crate::{
	best, index, place, Answer, Bounds, Fill, Level, Lots, NewOrder, OrderId, OrderSide, Outcome,
	Page, PageId, PlaceError, SelfTrade, Step, Store, Tick, TimeInForce,
};
use sp_core::ConstU32;
use std::{cell::Cell, collections::BTreeMap};

pub type Owner = u8;
pub type MaxOrders = ConstU32<4>;

/// Enough for any test that is not about bounds.
pub const ROOMY: Bounds = Bounds { fills: 1_000, removals: 1_000 };

/// The block of any test that is not about expiry.
pub const NOW: u32 = 10;

#[derive(Clone, Default)]
pub struct Book {
	pub levels: BTreeMap<(bool, Tick), Level<Owner, MaxOrders>>,
	pub pages: BTreeMap<(bool, PageId), Page>,
	pub level_reads: Cell<u32>,
	pub page_reads: Cell<u32>,
}

fn buys(side: OrderSide) -> bool {
	side == OrderSide::Buy
}

fn side(buys: bool) -> OrderSide {
	if buys {
		OrderSide::Buy
	} else {
		OrderSide::Sell
	}
}

impl Store for Book {
	type Owner = Owner;
	type MaxOrders = MaxOrders;

	fn level(&self, side: OrderSide, tick: Tick) -> Level<Owner, MaxOrders> {
		self.level_reads.set(self.level_reads.get() + 1);
		self.levels.get(&(buys(side), tick)).cloned().unwrap_or_default()
	}

	fn set_level(&mut self, side: OrderSide, tick: Tick, level: Level<Owner, MaxOrders>) {
		if level.is_empty() {
			self.levels.remove(&(buys(side), tick));
		} else {
			self.levels.insert((buys(side), tick), level);
		}
	}

	fn page(&self, side: OrderSide, id: PageId) -> Page {
		self.page_reads.set(self.page_reads.get() + 1);
		self.pages.get(&(buys(side), id)).copied().unwrap_or_default()
	}

	fn set_page(&mut self, side: OrderSide, id: PageId, page: Page) {
		if page.is_empty() {
			self.pages.remove(&(buys(side), id));
		} else {
			self.pages.insert((buys(side), id), page);
		}
	}
}

impl Book {
	/// Places an order; every fill is made.
	pub fn place(
		&mut self,
		order: NewOrder<Owner>,
		bounds: Bounds,
	) -> Result<Outcome<Owner>, PlaceError<()>> {
		self.place_with(order, bounds, |_| Ok(Answer::Made))
	}

	/// Places an order, undoing what a failure has changed.
	pub fn place_with<E>(
		&mut self,
		order: NewOrder<Owner>,
		bounds: Bounds,
		make: impl FnMut(&Fill<Owner>) -> Result<Answer, E>,
	) -> Result<Outcome<Owner>, PlaceError<E>> {
		let before = self.clone();
		let outcome = place(self, order, NOW, &mut bounds.clone(), make);
		if outcome.is_err() {
			*self = before;
		}
		outcome
	}

	/// Rests an order that crosses nothing.
	pub fn rest(&mut self, order: NewOrder<Owner>) {
		let lots = order.lots;
		let outcome = self.place(order, ROOMY).expect("it rests");
		assert_eq!((outcome.steps.len(), outcome.rested), (0, lots));
	}

	/// All resting orders of a side, best first: tick, number, owner, lots.
	pub fn resting(&self, side: OrderSide) -> Vec<(Tick, OrderId, Owner, Lots)> {
		let mut all = Vec::new();
		let mut at = best(self, side);
		while let Some(tick) = at {
			let level = self.level(side, tick);
			all.extend(level.orders().iter().map(|o| (tick, o.id, o.owner, o.lots)));
			at = index::next(self, side, tick);
		}
		all
	}

	/// All levels, by side and tick.
	pub fn all_levels(
		&self,
	) -> impl Iterator<Item = ((OrderSide, Tick), Level<Owner, MaxOrders>)> + '_ {
		self.levels.iter().map(|((buys, tick), level)| ((side(*buys), *tick), level.clone()))
	}

	/// All pages of the index, by side and number.
	pub fn all_pages(&self) -> impl Iterator<Item = ((OrderSide, PageId), Page)> + '_ {
		self.pages.iter().map(|((buys, id), page)| ((side(*buys), *id), *page))
	}

	/// What must hold after every operation.
	pub fn check(&self) {
		let levels = self.all_levels().map(|(at, level)| ((), at, level));
		let pages = self.all_pages().map(|(at, page)| ((), at, page));
		crate::audit(levels, pages).expect("the book is in order");
	}

	/// Starts to count reads anew.
	pub fn reset_reads(&self) {
		self.level_reads.set(0);
		self.page_reads.set(0);
	}
}

/// An order of `owner`, good till cancelled.
pub fn order(
	id: OrderId,
	owner: Owner,
	side: OrderSide,
	tick: Tick,
	lots: Lots,
) -> NewOrder<Owner> {
	NewOrder {
		id,
		owner,
		side,
		tick,
		lots,
		time_in_force: TimeInForce::Resting { until: None, post_only: false },
		self_trade: SelfTrade::CancelResting,
		reduce_to: None,
	}
}

pub fn bid(id: OrderId, owner: Owner, tick: Tick, lots: Lots) -> NewOrder<Owner> {
	order(id, owner, OrderSide::Buy, tick, lots)
}

pub fn ask(id: OrderId, owner: Owner, tick: Tick, lots: Lots) -> NewOrder<Owner> {
	order(id, owner, OrderSide::Sell, tick, lots)
}

impl NewOrder<Owner> {
	/// The same with this time in force.
	pub fn with(self, time_in_force: TimeInForce) -> Self {
		Self { time_in_force, ..self }
	}

	/// The same, good till a block.
	pub fn until(self, until: u32) -> Self {
		self.with(TimeInForce::Resting { until: Some(until), post_only: false })
	}

	/// The same, post-only.
	pub fn post_only(self) -> Self {
		self.with(TimeInForce::Resting { until: None, post_only: true })
	}
}

/// The fills of an outcome: maker's order, tick, lots.
pub fn fills(outcome: &Outcome<Owner>) -> Vec<(OrderId, Tick, Lots)> {
	let fill = |step: &Step<Owner>| match step {
		Step::Filled(fill) => Some((fill.maker_id, fill.tick, fill.lots)),
		Step::Removed { .. } => None,
	};
	outcome.steps.iter().filter_map(fill).collect()
}

/// The removals of an outcome: order, cause.
pub fn removals(outcome: &Outcome<Owner>) -> Vec<(OrderId, crate::Removal)> {
	let removal = |step: &Step<Owner>| match step {
		Step::Filled(_) => None,
		Step::Removed { order, cause, .. } => Some((order.id, *cause)),
	};
	outcome.steps.iter().filter_map(removal).collect()
}
