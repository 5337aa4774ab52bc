use super::*;
use crate::SweepCursor;
use plimsoll_primitives::Stance;

fn swept() -> Vec<u64> {
	Evaluated::take()
		.into_iter()
		.filter(|(_, stance)| *stance == Stance::Favourable)
		.map(|(account, _)| account.owner)
		.collect()
}

#[test]
fn sweep_goes_round_all_accounts() {
	ExtBuilder.run(
		|| {
			for owner in 1..=5 {
				fund(owner, 100);
			}
			SweepPerBlock::set(2);
		},
		|| {
			let mut rounds = Vec::new();
			for _ in 0..6 {
				next_block();
				rounds.push(swept());
			}
			let expected: Vec<Vec<u64>> =
				vec![vec![1, 2], vec![3, 4], vec![5], vec![1, 2], vec![3, 4], vec![5]];
			assert_eq!(rounds, expected);
		},
	);
}

#[test]
fn sweep_begins_anew_at_once_when_the_last_block_ended_with_the_last_account() {
	ExtBuilder.run(
		|| {
			for owner in 1..=4 {
				fund(owner, 100);
			}
			SweepPerBlock::set(2);
		},
		|| {
			next_block();
			next_block();
			assert_eq!(swept(), vec![1, 2, 3, 4]);
			next_block();
			assert_eq!(swept(), vec![1, 2]);
		},
	);
}

#[test]
fn sweep_evaluates_each_account_once_a_block() {
	ExtBuilder.run(
		|| {
			for owner in 1..=40 {
				fund(owner, 100);
			}
		},
		|| {
			next_block();
			assert_eq!(swept(), (1..=40).collect::<Vec<_>>());
			assert_eq!(SweepCursor::<Test>::get(), None);
		},
	);
}

#[test]
fn sweep_does_nothing_when_there_are_no_accounts() {
	ExtBuilder.build_and_execute(|| {
		next_block();
		assert!(swept().is_empty());
	});
}
