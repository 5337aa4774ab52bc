//! The book against the naive one, over random sequences of all operations.

use super::{
	book::{Book, Owner, NOW},
	reference::Reference,
};
use crate::{
	cancel, Answer, Bounds, Lots, NewOrder, OrderId, OrderSide, Outcome, PlaceError, SelfTrade,
	Step, Store, Tick, TimeInForce,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Operation {
	/// Places an order; the makers whose numbers leave these remainders by 7 get these answers.
	Place { order: NewOrder<Owner>, bounds: Bounds, refused: u64, stopped: u64 },
	/// Cancels the n-th order that rests, or one that may not.
	Cancel { nth: usize },
	/// Cancels the n-th order that rests and places it anew at another price.
	Replace { nth: usize, tick: Tick, id: OrderId },
	/// The n-th order that rests expires.
	Expire { nth: usize },
}

fn side() -> impl Strategy<Value = OrderSide> {
	prop_oneof![Just(OrderSide::Buy), Just(OrderSide::Sell)]
}

fn time_in_force() -> impl Strategy<Value = TimeInForce> {
	let until = prop::option::of(NOW - 1..NOW + 3);
	prop_oneof![
		6 => (until, prop::bool::weighted(0.2))
			.prop_map(|(until, post_only)| TimeInForce::Resting { until, post_only }),
		2 => Just(TimeInForce::ImmediateOrCancel),
		2 => Just(TimeInForce::FillOrKill),
	]
}

fn self_trade() -> impl Strategy<Value = SelfTrade> {
	prop_oneof![
		Just(SelfTrade::CancelResting),
		Just(SelfTrade::CancelTaking),
		Just(SelfTrade::CancelBoth),
	]
}

/// Few prices, so that orders meet; some on other pages.
fn tick() -> impl Strategy<Value = Tick> {
	prop_oneof![8 => 1_020u32..1_030, 1 => 0u32..3, 1 => 2_000_000u32..2_000_003]
}

fn place() -> impl Strategy<Value = Operation> {
	let lots = 0u64..12;
	let reduce_to = prop::option::weighted(0.1, 0u64..8);
	let terms = (0u8..4, side(), tick(), lots, time_in_force(), self_trade(), reduce_to);
	let bounds = (0u32..6, 0u32..4).prop_map(|(fills, removals)| Bounds { fills, removals });
	(terms, bounds, 0u64..40, 0u64..80).prop_map(|(terms, bounds, refused, stopped)| {
		let (owner, side, tick, lots, time_in_force, self_trade, reduce_to) = terms;
		// The number is given when it is placed.
		let order =
			NewOrder { id: 0, owner, side, tick, lots, time_in_force, self_trade, reduce_to };
		Operation::Place { order, bounds, refused, stopped }
	})
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
	let operation = prop_oneof![
		8 => place(),
		1 => (0usize..20).prop_map(|nth| Operation::Cancel { nth }),
		1 => (0usize..20, tick()).prop_map(|(nth, tick)| Operation::Replace { nth, tick, id: 0 }),
		1 => (0usize..20).prop_map(|nth| Operation::Expire { nth }),
	];
	prop::collection::vec(operation, 1..80)
}

/// What the caller says to a fill against order `id`.
fn answer(id: OrderId, refused: u64, stopped: u64) -> Answer {
	if id % 7 == refused {
		Answer::RefuseMaker
	} else if id % 7 == stopped {
		Answer::StopTaker
	} else {
		Answer::Made
	}
}

/// Both books, and the checks between them.
#[derive(Default)]
struct Both {
	book: Book,
	reference: Reference,
	next: OrderId,
}

impl Both {
	fn lots(&self) -> Lots {
		self.book.levels.values().flat_map(|l| l.orders().iter()).map(|order| order.lots).sum()
	}

	fn place(&mut self, order: NewOrder<Owner>, bounds: Bounds, refused: u64, stopped: u64) {
		self.next += 1;
		let order = NewOrder { id: self.next, ..order };
		let before = self.lots();
		let made = self.book.place_with(order.clone(), bounds, |fill| {
			Ok::<_, ()>(answer(fill.maker_id, refused, stopped))
		});
		let by_hand =
			self.reference.place(order.clone(), bounds, 4, |id| answer(id, refused, stopped));
		assert_eq!(made, by_hand.map_err(PlaceError::Book));
		match made {
			Ok(outcome) => self.check_conservation(&order, &outcome, before),
			Err(_) => assert_eq!(self.lots(), before),
		}
	}

	/// No lot appears or vanishes unseen, neither of the taker's nor of those that rested.
	fn check_conservation(&self, order: &NewOrder<Owner>, outcome: &Outcome<Owner>, before: Lots) {
		let mut filled = 0;
		let mut removed = 0;
		for step in &outcome.steps {
			match step {
				Step::Filled(fill) => filled += fill.lots,
				Step::Removed { order, .. } => removed += order.lots,
			}
		}
		let cancelled = outcome.cancelled.map_or(0, |(lots, _)| lots);
		let asked = order.lots.min(order.reduce_to.unwrap_or(Lots::MAX));
		assert_eq!(filled + outcome.rested + cancelled, asked);
		assert_eq!(self.lots(), before - filled - removed + outcome.rested);
	}

	/// The n-th order that rests, and where.
	fn nth(&self, nth: usize) -> Option<(OrderSide, Tick, OrderId)> {
		self.reference.orders.get(nth).map(|(side, tick, order)| (*side, *tick, order.id))
	}

	fn cancel(&mut self, nth: usize) {
		let absent = (OrderSide::Buy, 1_025, OrderId::MAX);
		let (side, tick, id) = self.nth(nth).unwrap_or(absent);
		let out = cancel(&mut self.book, side, tick, id);
		assert_eq!(out.ok(), self.reference.cancel(side, tick, id));
	}

	fn expire(&mut self, nth: usize) {
		let Some((side, tick, id)) = self.nth(nth) else { return };
		self.reference.orders[nth].2.until = Some(NOW - 1);
		let mut level = self.book.level(side, tick);
		let all: Vec<_> = std::iter::from_fn(|| level.take_oldest()).collect();
		for mut order in all {
			if order.id == id {
				order.until = Some(NOW - 1);
			}
			level.push(order).expect("there was room");
		}
		self.book.set_level(side, tick, level);
	}

	fn apply(&mut self, operation: Operation) {
		match operation {
			Operation::Place { order, bounds, refused, stopped } => {
				self.place(order, bounds, refused, stopped)
			}
			Operation::Cancel { nth } => self.cancel(nth),
			Operation::Replace { nth, tick, id } => {
				let Some((side, ..)) = self.nth(nth) else { return };
				self.cancel(nth);
				let order = super::book::order(id, 1, side, tick, 3);
				self.place(order, super::book::ROOMY, 99, 99);
			}
			Operation::Expire { nth } => self.expire(nth),
		}
		for side in [OrderSide::Buy, OrderSide::Sell] {
			assert_eq!(self.book.resting(side), self.reference.resting(side));
		}
		self.book.check();
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

	/// Same fills in the same order, same removals, same remainders and refusals, same resting book.
	#[test]
	fn book_does_what_the_naive_book_does(operations in operations()) {
		let mut both = Both::default();
		for operation in operations {
			both.apply(operation);
		}
	}
}
