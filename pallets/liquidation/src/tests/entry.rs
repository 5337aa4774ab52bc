use super::*;
use crate::Event;
use frame_support::assert_ok;
use plimsoll_primitives::Price;

#[test]
fn healthy_account_is_left_alone() {
	ExtBuilder.run(
		|| long_and_maker(100),
		|| {
			let before = Books::get();
			for _ in 0..5 {
				next_block();
			}
			assert!(queue().is_empty());
			assert_eq!(Books::get(), before);
			assert!(take_events().is_empty());
		},
	);
}

#[test]
fn account_does_not_enter_when_equity_is_exactly_the_margin() {
	ExtBuilder.run(
		|| long_and_maker(50),
		|| {
			assert_eq!(health_of(1).equity, health_of(1).maintenance_margin);
			next_block();
			assert!(!is_queued(1));
		},
	);
}

#[test]
fn account_enters_when_equity_is_below_the_margin() {
	ExtBuilder.run(
		|| long_and_maker(49),
		|| {
			next_block();
			assert!(is_queued(1));
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
fn account_does_not_enter_when_favourable_prices_keep_it_above() {
	ExtBuilder.run(
		|| {
			long_and_maker(49);
			Feeds::mutate(ETH.underlying, |feed| {
				let feed = feed.as_mut().expect("set by genesis; qed");
				feed.half_width = Price::from_rational(1, 10);
			});
		},
		|| {
			next_block();
			assert!(!is_queued(1));
		},
	);
}

#[test]
fn account_waits_for_the_grace_period_when_it_has_equity() {
	ExtBuilder.run(
		|| long_and_maker(49),
		|| {
			set_live(ETH.underlying, 9);
			next_block();
			assert!(!is_queued(1));
			set_live(ETH.underlying, 10);
			next_block();
			assert!(is_queued(1));
		},
	);
}

#[test]
fn account_enters_during_the_grace_period_when_its_equity_is_negative() {
	ExtBuilder.run(
		|| long_and_maker(49),
		|| {
			set_live(ETH.underlying, 1);
			set_price(ETH.underlying, 95);
			next_block();
			assert!(take_events().iter().any(|event| matches!(event, Event::Entered { .. })));
		},
	);
}

#[test]
fn account_leaves_when_its_owner_restores_it() {
	ExtBuilder.run(
		|| long_and_maker(49),
		|| {
			next_block();
			assert!(is_queued(1));
			// At the margin is not enough: the target is a tenth above it.
			fund_from(2, 1, 5);
			next_block();
			assert!(is_queued(1));
			fund_from(2, 1, 1);
			next_block();
			assert!(!is_queued(1));
			let restored = Event::Restored {
				account: account(1),
				equity: usd(55),
				maintenance_margin: usd(50),
			};
			assert!(take_events().contains(&restored));
		},
	);
}

#[test]
fn account_that_cannot_be_valued_does_not_block_others() {
	ExtBuilder.run(
		|| {
			fund(1, 49);
			fund(2, 10_000);
			fund(3, 48);
			open(1, 2, ETH, 10);
			open(3, 2, ETH, 10);
			Broken::put(alloc::collections::BTreeSet::from([account(1)]));
		},
		|| {
			next_block();
			assert_eq!(queue(), vec![3]);
		},
	);
}

#[test]
fn queue_is_ordered_worst_first() {
	ExtBuilder.run(
		|| {
			fund(9, 10_000);
			for (owner, equity) in [(1, 45), (2, 20), (3, 40)] {
				fund(owner, equity);
				open(owner, 9, ETH, 10);
			}
		},
		|| {
			next_block();
			assert_eq!(queue(), vec![2, 3, 1]);
		},
	);
}

#[test]
fn worse_account_displaces_the_least_bad_when_the_queue_is_full() {
	ExtBuilder.run(
		|| {
			fund(9, 10_000);
			for (owner, equity) in [(1, 45), (2, 20), (3, 40), (4, 30), (5, 35), (6, 46)] {
				fund(owner, equity);
				open(owner, 9, ETH, 10);
			}
		},
		|| {
			next_block();
			assert_eq!(queue(), vec![2, 4, 5, 3]);
			assert!(take_events().contains(&Event::Displaced { account: account(1) }));
			assert!(!is_queued(1));
			assert!(!is_queued(6));
		},
	);
}

#[test]
fn nothing_happens_when_there_are_no_prices_yet() {
	ExtBuilder.run(
		|| long_and_maker(10),
		|| {
			let feed = Feeds::take(ETH.underlying);
			next_block();
			assert!(queue().is_empty());
			assert!(take_events().is_empty());
			Feeds::set(ETH.underlying, feed);
		},
	);
}

#[test]
fn vanished_account_leaves_the_queue() {
	ExtBuilder.run(
		|| long_and_maker(49),
		|| {
			next_block();
			assert!(is_queued(1));
			assert_ok!(FakeLedger::vanish(1, 2));
			next_block();
			assert!(!is_queued(1));
			assert!(take_events().contains(&Event::Gone { account: account(1) }));
		},
	);
}
