//! Whatever is placed, cancelled and swapped by whomever: the state holds together, both assets are
//! conserved, and the book does what one written naively does.

use crate::{mock::*, Event, Levels, Operation, OrderTerms, SelfTrade, TimeInForce};
use frame_support::BoundedVec;
use plimsoll_primitives::{Balance, OrderSide, Price};
use proptest::prelude::*;
use sp_runtime::Permill;

const OWNERS: [AccountId; 3] = [ALICE, BOB, CAROL];

fn order() -> impl Strategy<Value = OrderTerms> {
	let time_in_force = prop_oneof![
		3 => (prop::option::of(1u32..8), prop::bool::weighted(0.2))
			.prop_map(|(until, post_only)| TimeInForce::Resting { until, post_only }),
		1 => Just(TimeInForce::ImmediateOrCancel),
		1 => Just(TimeInForce::FillOrKill),
	];
	let self_trade = prop_oneof![
		Just(SelfTrade::CancelResting),
		Just(SelfTrade::CancelTaking),
		Just(SelfTrade::CancelBoth),
	];
	(any::<bool>(), 4u128..40, 2_990u32..3_010, time_in_force, self_trade).prop_map(
		|(buys, lots, dollars, time_in_force, self_trade)| {
			let side = if buys { OrderSide::Buy } else { OrderSide::Sell };
			OrderTerms { time_in_force, self_trade, ..limit(side, lots, dollars) }
		},
	)
}

fn operation() -> impl Strategy<Value = Operation> {
	prop_oneof![
		4 => order().prop_map(Operation::Place),
		1 => (0u64..40).prop_map(Operation::Cancel),
		1 => (0u64..40, order()).prop_map(|(old, order)| Operation::Replace(old, order)),
	]
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

	#[test]
	fn state_holds_together_after_each_batch(
		batches in prop::collection::vec(
			(0usize..3, prop::collection::vec(operation(), 1..4), 0u32..5, prop::option::of(4u128..60)),
			1..12,
		),
		fees in (0u32..9_999, 0u32..9_999),
	) {
		execute(|| {
			FeeRates::set((Permill::from_parts(fees.0), Permill::from_parts(fees.1)));
			fund(BOB, usd(100_000), 10 * ONE);
			fund(CAROL, usd(100_000), 10 * ONE);
			for (block, (who, operations, max_fills, swaps)) in (2u64..).zip(batches) {
				let (owner, origin) = (OWNERS[who], RuntimeOrigin::signed(OWNERS[who]));
				let operations = BoundedVec::try_from(operations).expect("few enough");
				Spot::batch(origin.clone(), sub(owner), operations, max_fills)
					.expect("each fails by itself");
				if let Some(lots) = swaps {
					let side = if lots % 2 == 0 { OrderSide::Buy } else { OrderSide::Sell };
					let worst = Price::from_u32(3_000);
					let _ = frame_support::storage::with_storage_layer(|| {
						let (amount, none) = (lots * LOT, BoundedVec::new());
						Spot::swap(origin, sub(owner), ETH, side, amount, worst, false, none)
							.map_err(|error| error.error)
					});
				}
				check_all();
				System::set_block_number(block);
			}
			for owner in OWNERS {
				Spot::cancel_all(RuntimeOrigin::signed(owner), sub(owner), None)
					.expect("cancelling goes through");
				assert_eq!((aside(owner), deposits(owner)), ((0, 0), 0));
			}
		});
	}

	/// Orders without any end but fills, against a list that is searched from its beginning.
	#[test]
	fn book_fills_as_a_naive_list_does(
		orders in prop::collection::vec((0usize..3, any::<bool>(), 4u128..40, 2_990u32..3_010), 1..24),
	) {
		execute(|| {
			fund(BOB, usd(100_000), 10 * ONE);
			fund(CAROL, usd(100_000), 10 * ONE);
			let mut naive = Naive::default();
			for (who, buys, lots, dollars) in orders {
				let owner = OWNERS[who];
				let side = if buys { OrderSide::Buy } else { OrderSide::Sell };
				let id = crate::NextOrderId::<Test>::get();
				events();
				// Nobody has more than a few orders, or a level more than it may.
				if place(owner, limit(side, lots, dollars), 10).is_err() {
					continue;
				}
				let filled = |event| match event {
					Event::OrderFilled { maker_order, amount, price, .. } => {
						Some((maker_order, amount / LOT, price))
					}
					_ => None,
				};
				let fills: Vec<_> = events().into_iter().filter_map(filled).collect();
				assert_eq!(fills, naive.place(id, owner, side, lots, Price::from_u32(dollars)));
				assert_eq!(naive.resting(), resting());
			}
		});
	}
}

/// What rests: number and lots.
fn resting() -> Vec<(u64, Balance)> {
	let mut all: Vec<_> = Levels::<Test>::iter()
		.flat_map(|(.., level)| level.orders().to_vec())
		.map(|order| (order.id, Balance::from(order.lots)))
		.collect();
	all.sort_unstable();
	all
}

/// An order of the list.
#[derive(Clone)]
struct Rests {
	id: u64,
	owner: AccountId,
	side: OrderSide,
	lots: Balance,
	price: Price,
}

/// A list of all orders, oldest first.
#[derive(Default)]
struct Naive(Vec<Rests>);

impl Naive {
	/// Fills with the best of the list until nothing crosses; own orders in the way go.
	fn place(
		&mut self,
		id: u64,
		owner: AccountId,
		side: OrderSide,
		mut lots: Balance,
		price: Price,
	) -> Vec<(u64, Balance, Price)> {
		let mut fills = Vec::new();
		while lots > 0 {
			let crossing = self.0.iter().filter(|of| {
				of.side != side
					&& match side {
						OrderSide::Buy => of.price <= price,
						OrderSide::Sell => of.price >= price,
					}
			});
			// The first of those that are equal is the oldest.
			let best = match side {
				OrderSide::Buy => crossing.min_by_key(|of| of.price),
				OrderSide::Sell => crossing.min_by_key(|of| core::cmp::Reverse(of.price)),
			};
			let Some(best) = best.cloned() else { break };
			let at = self.0.iter().position(|of| of.id == best.id).expect("it is there");
			if best.owner == owner {
				self.0.remove(at);
				continue;
			}
			let filled = lots.min(best.lots);
			fills.push((best.id, filled, best.price));
			lots -= filled;
			self.0[at].lots -= filled;
			self.0.retain(|of| of.lots > 0);
		}
		if lots > 0 {
			self.0.push(Rests { id, owner, side, lots, price });
		}
		fills
	}

	fn resting(&self) -> Vec<(u64, Balance)> {
		let mut all: Vec<_> = self.0.iter().map(|of| (of.id, of.lots)).collect();
		all.sort_unstable();
		all
	}
}
