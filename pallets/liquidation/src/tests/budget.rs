use super::*;
use crate::{visit::Visit, SweepCursor, WeightInfo};
use frame_support::{dispatch::DispatchClass, traits::Get, weights::Weight};

fn block() -> Weight {
	let weights: frame_system::limits::BlockWeights =
		<Test as frame_system::Config>::BlockWeights::get();
	weights.max_block
}

/// Four accounts below their line, against owner 9.
fn four_below() {
	fund(9, 100_000);
	for (owner, equity) in [(1, 40), (2, 20), (3, 30), (4, 10)] {
		fund(owner, equity);
		open(owner, 9, ETH, 10);
	}
}

#[test]
fn hook_never_weighs_more_than_its_budget() {
	ExtBuilder.run(four_below, || {
		for health in [1_000, 1_000_000, 1_000_000_000, 100_000_000_000] {
			HealthWeight::set(Weight::from_parts(health, health / 100));
			let used = next_block();
			assert!(
				used.all_lte(Weight::from_parts(block().ref_time() / 2, block().proof_size() / 2))
			);
		}
	});
}

#[test]
fn hook_leaves_the_reserve_when_earlier_hooks_used_the_block() {
	ExtBuilder.run(four_below, || {
		let left = Reserve::get().saturating_add(Weight::from_parts(5_000, 50));
		frame_system::Pallet::<Test>::register_extra_weight_unchecked(
			block().saturating_sub(left),
			DispatchClass::Mandatory,
		);
		assert_eq!(next_block(), Weight::zero());
		assert!(queue().is_empty());
	});
}

#[test]
fn rest_of_the_queue_waits_when_the_budget_is_used_up() {
	ExtBuilder.run(four_below, || {
		next_block();
		assert_eq!(queue(), vec![4, 2, 3, 1]);
		set_price(ETH.underlying, 89);
		Fund::mutate(|fund| *fund += 0);
		// Room for one visit and what it takes to deleverage one account, not two.
		let health = block().ref_time() / 2 / 22;
		HealthWeight::set(Weight::from_parts(health, 0));
		next_block();
		let after_one = queue();
		assert!(after_one.len() < 4 && !after_one.contains(&4), "the worst went first");
		let mut blocks = 0;
		while !queue().is_empty() {
			next_block();
			blocks += 1;
			assert!(blocks < 50, "all are served in the end");
		}
		assert!(blocks > 1);
	});
}

#[test]
fn all_have_their_turn_when_the_worst_cannot_be_helped() {
	ExtBuilder.run(four_below, || {
		next_block();
		// One visit a block.
		let weight = Visit::<Test>::weight();
		assert!(weight.ref_time() > 0);
		let health = block().ref_time() / 2 / 7;
		HealthWeight::set(Weight::from_parts(health, 0));
		let mut first = Vec::new();
		for _ in 0..4 {
			let waiting = queue()[0];
			next_block();
			first.push(waiting);
		}
		first.sort_unstable();
		assert_eq!(first, vec![1, 2, 3, 4]);
	});
}

#[test]
fn sweep_has_its_share_when_the_queue_is_long() {
	ExtBuilder.run(
		|| {
			four_below();
			for owner in 20..30 {
				fund(owner, 100);
			}
		},
		|| {
			next_block();
			SweepCursor::<Test>::kill();
			// A quarter of the budget is enough for the listing and a few evaluations.
			let health = block().ref_time() / 2 / 12;
			HealthWeight::set(Weight::from_parts(health, 0));
			assert!(<() as WeightInfo>::list_accounts(16).ref_time() < health);
			for _ in 0..12 {
				next_block();
			}
			assert!(Evaluated::get().iter().any(|(account, _)| account.owner == 29));
		},
	);
}
