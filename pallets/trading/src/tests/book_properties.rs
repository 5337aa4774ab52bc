//! Whatever is placed and cancelled by whomever, the state holds together and contracts are zero-sum.

use crate::{mock::*, Operation, OrderTerms, SelfTrade, TimeInForce};
use frame_support::BoundedVec;
use plimsoll_primitives::{Contracts, OrderSide, Price};
use proptest::prelude::*;

fn terms() -> impl Strategy<Value = OrderTerms> {
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
	(any::<bool>(), 1u32..8, 75u32..125, time_in_force, self_trade, prop::bool::weighted(0.1))
		.prop_map(|(buys, size, price, time_in_force, self_trade, reduce_only)| OrderTerms {
			instrument: PERPETUAL,
			side: if buys { OrderSide::Buy } else { OrderSide::Sell },
			price: Price::from_u32(price),
			size: Contracts::from_u32(size),
			time_in_force,
			self_trade,
			reduce_only,
		})
}

fn operation() -> impl Strategy<Value = Operation> {
	prop_oneof![
		4 => terms().prop_map(Operation::Place),
		1 => (0u64..40).prop_map(Operation::Cancel),
		1 => (0u64..40, terms()).prop_map(|(old, terms)| Operation::Replace(old, terms)),
	]
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

	#[test]
	fn state_holds_together_after_each_batch(
		batches in prop::collection::vec(
			(0usize..3, prop::collection::vec(operation(), 1..4), 0u32..5, any::<bool>()),
			1..12,
		),
	) {
		ExtBuilder::build_and_execute(|| {
			for (block, (who, operations, max_fills, is_broke)) in (2u32..).zip(batches) {
				let person = [MAKER, TAKER, STRANGER][who];
				Broke::set(STRANGER.account(0), is_broke.then_some(()));
				let operations = BoundedVec::try_from(operations).expect("few enough");
				Trading::batch(person.origin(), person.account(0), operations, max_fills)
					.expect("each fails by itself");
				Trading::do_try_state().expect("the state holds together");
				assert_eq!(position(MAKER) + position(TAKER) + position(STRANGER), 0);
				run_to_block(block);
			}
		});
	}
}
