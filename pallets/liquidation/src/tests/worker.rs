use super::*;
use crate::Call;
use codec::Decode;
use frame_support::traits::Hooks;
use sp_core::offchain::{
	testing::{TestOffchainExt, TestTransactionPoolExt},
	OffchainDbExt, OffchainWorkerExt, TransactionPoolExt,
};
use sp_runtime::offchain::{
	storage_lock::{StorageLock, Time},
	Duration,
};

/// Runs the worker of the current block and returns whom it nominated.
fn nominated(set_up: impl FnOnce(), runs: u32) -> Vec<u64> {
	let mut ext = ExtBuilder.build();
	let (offchain, _state) = TestOffchainExt::new();
	let (pool, pool_state) = TestTransactionPoolExt::new();
	ext.register_extension(OffchainDbExt::new(offchain.clone()));
	ext.register_extension(OffchainWorkerExt::new(offchain));
	ext.register_extension(TransactionPoolExt::new(pool));
	ext.execute_with(|| {
		set_up();
		for _ in 0..runs {
			Liquidation::offchain_worker(System::block_number());
		}
		Liquidation::do_try_state().expect("the storage is as it must be; qed");
	});
	let mut pool = pool_state.write();
	pool.transactions
		.drain(..)
		.map(|encoded| {
			let transaction =
				UncheckedExtrinsic::decode(&mut &encoded[..]).expect("we encoded it; qed");
			match transaction.function {
				RuntimeCall::Liquidation(Call::nominate { account }) => account.owner,
				other => panic!("not a nomination: {other:?}"),
			}
		})
		.collect()
}

#[test]
fn worker_nominates_those_below_their_margin_only() {
	let set_up = || {
		long_and_maker(49);
		fund(3, 40);
		open(3, 2, ETH, 10);
		fund(4, 60);
		open(4, 2, ETH, 10);
	};
	assert_eq!(nominated(set_up, 1), vec![1, 3]);
}

#[test]
fn worker_nominates_nobody_when_they_are_queued_already() {
	let set_up = || {
		long_and_maker(49);
		next_block();
		assert!(is_queued(1));
	};
	assert!(nominated(set_up, 1).is_empty());
}

#[test]
fn worker_does_nothing_when_another_one_is_at_it() {
	let hold = || {
		let mut lock = StorageLock::<Time>::with_deadline(
			b"plimsoll/liquidation/lock",
			Duration::from_millis(60_000),
		);
		lock.try_lock().expect("nobody holds it; qed").forget();
	};
	let set_up = move || {
		long_and_maker(49);
		hold();
	};
	assert!(nominated(set_up, 1).is_empty());
}

#[test]
fn worker_goes_on_where_it_ended() {
	let set_up = || {
		fund(500, 100_000);
		for owner in 1..=150 {
			fund(owner, 49);
			open(owner, 500, ETH, 10);
		}
	};
	let nominated = nominated(set_up, 2);
	assert_eq!(nominated, (1..=150).collect::<Vec<_>>());
}
