use super::*;
use crate::{queue::Stall, Error, Event, Liquidations};
use frame_support::assert_noop;
use sp_arithmetic::Permill;

fn clock() -> u32 {
	Liquidations::<Test>::get(account(1)).expect("it is queued; qed").healthy_blocks
}

#[test]
fn stale_feed_stops_the_clock_and_all_trading() {
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			fund(3, 1_000);
		},
		|| {
			next_block();
			next_block();
			assert_eq!(clock(), 1);
			take_events();
			opt_in(3, Permill::from_percent(5), 1_000);
			set_live(ETH.underlying, 0);
			let before = Books::get();
			for _ in 0..30 {
				next_block();
			}
			assert_eq!(Books::get(), before);
			assert_eq!(clock(), 1);
			let stalled = Event::Stalled { account: account(1), reason: Stall::StaleFeed };
			let reports = take_events().into_iter().filter(|event| *event == stalled).count();
			assert_eq!(reports, 1);
		},
	);
}

#[test]
fn halted_chain_stops_the_clock_and_all_trading_until_it_is_lifted() {
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			fund(3, 1_000);
			fund(7, 51);
			open(7, 2, ETH, 10);
		},
		|| {
			next_block();
			next_block();
			let before = (clock(), Books::get());
			opt_in(3, Permill::from_percent(5), 1_000);
			ChainIsHalted::put(true);
			take_events();
			for _ in 0..30 {
				next_block();
			}
			assert_eq!((clock(), Books::get()), before);
			assert!(take_events().is_empty());
			// Nor is anybody let in.
			fund_from(7, 2, 11);
			let origin = RuntimeOrigin::from(frame_system::Origin::<Test>::Authorized);
			let nominated = Liquidation::nominate(origin, account(7));
			assert_noop!(nominated, Error::<Test>::ChainHalted);
			ChainIsHalted::put(false);
			// The grace period of ten blocks follows, for who is in the waterfall and who is not.
			for _ in 0..9 {
				next_block();
				assert_eq!(clock(), before.0);
				assert!(!is_queued(7));
			}
			take_events();
			next_block();
			assert!(!take_events().is_empty());
		},
	);
}

#[test]
fn grace_period_holds_for_accounts_in_the_waterfall_too() {
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			fund(3, 1_000);
		},
		|| {
			next_block();
			opt_in(3, Permill::from_percent(5), 1_000);
			set_live(ETH.underlying, 0);
			next_block();
			set_live(ETH.underlying, 9);
			next_block();
			assert_eq!(clock(), 0);
			assert!(is_queued(1));
			set_live(ETH.underlying, 10);
			next_block();
			assert!(!is_queued(1));
			assert!(take_events().contains(&Event::Resumed { account: account(1) }));
		},
	);
}

#[test]
fn grace_period_is_skipped_when_equity_is_negative() {
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			Fund::put(1_000_000_000);
		},
		|| {
			set_live(ETH.underlying, 1);
			set_price(ETH.underlying, 95);
			next_block();
			assert!(!is_queued(1));
			assert_eq!(Fund::get(), 990_000_000);
		},
	);
}

#[test]
fn account_in_the_queue_that_cannot_be_valued_does_not_block_others() {
	ExtBuilder.run(
		|| {
			fund(2, 10_000);
			fund(1, 30);
			fund(3, 40);
			fund(4, 1_000);
			open(1, 2, ETH, 10);
			open(3, 2, ETH, 10);
		},
		|| {
			next_block();
			assert_eq!(queue(), vec![1, 3]);
			take_events();
			Broken::put(alloc::collections::BTreeSet::from([account(1)]));
			opt_in(4, Permill::from_percent(5), 1_000);
			next_block();
			assert_eq!(queue(), vec![1]);
			let stalled = Event::Stalled { account: account(1), reason: Stall::NotValued };
			assert!(take_events().contains(&stalled));
			Broken::kill();
			next_block();
			assert!(queue().is_empty());
		},
	);
}
