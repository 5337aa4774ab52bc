use super::*;
use crate::{nomination::Refusal, Call, Error, Event};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::GetDispatchInfo,
	pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError},
	traits::Authorize,
};
use sp_runtime::traits::{Applyable, Checkable};

fn call(owner: u64) -> RuntimeCall {
	RuntimeCall::Liquidation(Call::nominate { account: account(owner) })
}

fn authorize(owner: u64) -> frame_support::pallet_prelude::TransactionValidityWithRefund {
	call(owner).authorize(TransactionSource::External).expect("it authorises itself; qed")
}

fn refused(refusal: Refusal) -> TransactionValidityError {
	InvalidTransaction::Custom(refusal.code()).into()
}

/// Sends the nomination as anybody would: a general transaction.
fn send(owner: u64) -> Result<sp_runtime::DispatchResult, TransactionValidityError> {
	let transaction =
		UncheckedExtrinsic::new_transaction(call(owner), (frame_system::AuthorizeCall::new(),));
	let info = transaction.get_dispatch_info();
	let checked = transaction
		.check(&frame_system::ChainContext::<Test>::default())
		.expect("there is nothing to check; qed");
	checked.apply::<Test>(&info, 100).map(|result| result.map(|_| ()).map_err(|error| error.error))
}

#[test]
fn nomination_is_valid_when_the_account_is_below_its_margin() {
	ExtBuilder.run(
		|| long_and_maker(49),
		|| {
			let (validity, unspent) = authorize(1).expect("it is below; qed");
			assert_eq!(validity.longevity, 5);
			assert_eq!(validity.priority, 1_000);
			assert!(validity.propagate);
			assert_eq!(unspent, frame_support::weights::Weight::zero());
		},
	);
}

#[test]
fn nomination_has_one_tag_per_account_whatever_the_block() {
	ExtBuilder.run(
		|| {
			long_and_maker(49);
			fund(3, 40);
			open(3, 2, ETH, 10);
		},
		|| {
			let tag = |owner| authorize(owner).expect("it is below; qed").0.provides;
			let before = tag(1);
			assert_eq!(before.len(), 1);
			assert_ne!(before, tag(3));
			System::set_block_number(7);
			assert_eq!(before, tag(1));
		},
	);
}

#[test]
fn nomination_puts_the_account_into_the_queue() {
	ExtBuilder.run(
		|| long_and_maker(49),
		|| {
			assert_eq!(send(1), Ok(Ok(())));
			assert_eq!(queue(), vec![1]);
			assert_eq!(
				take_events(),
				vec![Event::Entered {
					account: account(1),
					equity: usd(49),
					maintenance_margin: usd(50)
				}]
			);
		},
	);
}

#[test]
fn nomination_is_refused_when_the_account_is_healthy() {
	ExtBuilder.run(
		|| long_and_maker(50),
		|| {
			assert_eq!(authorize(1), Err(refused(Refusal::Healthy)));
			assert_eq!(send(1), Err(refused(Refusal::Healthy)));
			assert!(queue().is_empty());
		},
	);
}

#[test]
fn nomination_is_refused_when_the_account_is_unknown() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(authorize(77), Err(refused(Refusal::Unknown)));
	});
}

#[test]
fn nomination_is_refused_when_the_account_is_queued_already() {
	ExtBuilder.run(
		|| long_and_maker(49),
		|| {
			assert_eq!(send(1), Ok(Ok(())));
			assert_eq!(send(1), Err(refused(Refusal::AlreadyQueued)));
			assert_eq!(queue(), vec![1]);
		},
	);
}

#[test]
fn nomination_is_refused_when_the_account_is_in_grace() {
	ExtBuilder.run(
		|| long_and_maker(49),
		|| {
			set_live(ETH.underlying, 3);
			assert_eq!(authorize(1), Err(refused(Refusal::InGrace)));
		},
	);
}

#[test]
fn nomination_is_refused_when_the_account_cannot_be_valued() {
	ExtBuilder.run(
		|| long_and_maker(49),
		|| {
			Feeds::remove(ETH.underlying);
			assert_eq!(authorize(1), Err(refused(Refusal::NotValued)));
		},
	);
}

#[test]
fn nomination_is_refused_when_the_queue_is_full_of_worse_ones() {
	ExtBuilder.run(
		|| {
			fund(9, 100_000);
			for (owner, equity) in [(1, 40), (2, 20), (3, 30), (4, 10), (5, 45), (6, 35)] {
				fund(owner, equity);
				open(owner, 9, ETH, 10);
			}
		},
		|| {
			for owner in 1..=4 {
				assert_eq!(send(owner), Ok(Ok(())));
			}
			assert_eq!(send(5), Err(refused(Refusal::QueueFull)));
			assert_eq!(send(6), Ok(Ok(())));
			assert_eq!(queue(), vec![4, 2, 3, 6]);
			assert!(take_events().contains(&Event::Displaced { account: account(1) }));
			assert_eq!(send(1), Err(refused(Refusal::QueueFull)), "nobody displaces in circles");
		},
	);
}

#[test]
fn nomination_needs_to_be_authorised() {
	ExtBuilder.run(
		|| long_and_maker(49),
		|| {
			let origins = [RuntimeOrigin::signed(1), RuntimeOrigin::none(), RuntimeOrigin::root()];
			for origin in origins {
				assert_noop!(
					Liquidation::nominate(origin, account(1)),
					sp_runtime::DispatchError::BadOrigin
				);
			}
		},
	);
}

#[test]
fn nomination_is_judged_again_where_it_is_executed() {
	ExtBuilder.run(
		|| long_and_maker(50),
		|| {
			let origin = RuntimeOrigin::from(frame_system::Origin::<Test>::Authorized);
			assert_noop!(
				Liquidation::nominate(origin.clone(), account(1)),
				Error::<Test>::NotBelowMargin
			);
			fund_from(1, 2, 1);
			assert_ok!(Liquidation::nominate(origin.clone(), account(1)));
			assert_noop!(Liquidation::nominate(origin, account(1)), Error::<Test>::AlreadyQueued);
		},
	);
}

#[test]
fn nominated_account_is_dealt_with_in_the_next_block() {
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			fund(3, 1_000);
		},
		|| {
			assert_eq!(send(1), Ok(Ok(())));
			opt_in(3, sp_arithmetic::Permill::from_percent(5), 1_000);
			next_block();
			assert!(!is_queued(1));
		},
	);
}
