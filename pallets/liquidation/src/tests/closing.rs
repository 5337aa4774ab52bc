use super::*;
use crate::{queue::Stall, Event};

fn closed(events: &[Event<Test>]) -> Option<(u128, u128, u128)> {
	events.iter().find_map(|event| match event {
		Event::Closed { collateral_bought, paid_by_fund, shared, .. } => {
			Some((*collateral_bought, *paid_by_fund, *shared))
		}
		_ => None,
	})
}

#[test]
fn fund_pays_what_is_left_when_it_can() {
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			Fund::put(30_000_000);
		},
		|| {
			set_price(ETH.underlying, 94);
			next_block();
			assert_eq!(closed(&take_events()), Some((0, 20_000_000, 0)));
			assert_eq!(Fund::get(), 10_000_000);
			assert_eq!(cash_of(1), 0);
		},
	);
}

#[test]
fn loss_is_shared_when_the_fund_is_exhausted() {
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			Fund::put(5_000_000);
		},
		|| {
			set_price(ETH.underlying, 94);
			next_block();
			assert_eq!(closed(&take_events()), Some((0, 5_000_000, 15_000_000)));
			assert_eq!(Fund::get(), 0);
			// 60 won, 15 shared.
			assert_eq!(cash_of(2), (10_000 + 60 - 15) * USD);
		},
	);
}

#[test]
fn fund_buys_collateral_before_it_pays() {
	ExtBuilder.run(
		|| {
			long_and_maker(0);
			// 40 USD, counted as 32: a margin of 50 is not met.
			give_collateral(1, 4);
			Fund::put(1_000_000_000);
		},
		|| {
			set_price(ETH.underlying, 95);
			next_block();
			// 50 lost; four pieces at 8 USD; 18 left to pay.
			assert_eq!(closed(&take_events()), Some((32_000_000, 18_000_000, 0)));
			assert_eq!(FundCollateral::get(), 4);
			assert_eq!(cash_of(1), 0);
		},
	);
}

#[test]
fn debt_without_positions_is_closed_too() {
	ExtBuilder.run(
		|| {
			fund(1, -100);
			give_collateral(1, 20);
			Fund::put(1_000_000_000);
		},
		|| {
			next_block();
			assert!(!is_queued(1), "its collateral covers it");
			set_price(DOT, 5);
			next_block();
			// 20 pieces at 4 USD.
			assert_eq!(closed(&take_events()), Some((80_000_000, 20_000_000, 0)));
			assert!(!is_queued(1));
		},
	);
}

#[test]
fn account_stays_when_its_debt_cannot_be_taken_over() {
	ExtBuilder.run(
		|| {
			fund(1, -100);
			give_collateral(1, 20);
			fund(2, 2_000);
			set_price(DOT, 5);
		},
		|| {
			// An empty fund buys no collateral, and until that is gone no loss is shared.
			next_block();
			let stalled = Event::Stalled { account: account(1), reason: Stall::NotAbsorbed };
			assert!(take_events().contains(&stalled));
			next_block();
			assert!(take_events().is_empty(), "it is reported once");
			assert!(is_queued(1));
			assert_eq!(cash_of(1), -100 * USD);
			refill_fund(2, 1_000);
			next_block();
			assert_eq!(closed(&take_events()), Some((80_000_000, 20_000_000, 0)));
		},
	);
}

#[test]
fn fund_buys_what_it_can_when_it_cannot_buy_all() {
	ExtBuilder.run(
		|| {
			fund(1, -100);
			give_collateral(1, 20);
			fund(2, 2_000);
			set_price(DOT, 5);
			Fund::put(42_000_000);
		},
		|| {
			// Ten of twenty pieces, at 4 USD; the rest of the debt waits for the rest of them.
			next_block();
			let events = take_events();
			let bought = Event::CollateralBought { account: account(1), paid: 40_000_000 };
			assert!(events.contains(&bought));
			let stalled = Event::Stalled { account: account(1), reason: Stall::NotAbsorbed };
			assert!(events.contains(&stalled));
			assert_eq!(closed(&events), None);
			assert_eq!((cash_of(1), Fund::get()), (-60 * USD, 2_000_000));
			assert_eq!(FundCollateral::get(), 10);
			assert_eq!(crate::Queue::<Test>::get()[0].shortfall, usd(20));
			next_block();
			assert!(take_events().is_empty(), "nothing more can be bought");
			assert!(is_queued(1));
			refill_fund(2, 1_000);
			next_block();
			assert_eq!(closed(&take_events()), Some((40_000_000, 20_000_000, 0)));
			assert!(!is_queued(1));
		},
	);
}

#[test]
fn fund_pays_nothing_while_there_are_positions() {
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			Fund::put(1_000_000_000);
		},
		|| {
			HoldersPerVisit::set(1);
			set_price(ETH.underlying, 90);
			// The first holder in order is the account itself.
			next_block();
			assert!(is_queued(1));
			assert_eq!(Fund::get(), 1_000_000_000);
			next_block();
			assert!(!is_queued(1));
			assert_eq!(Fund::get(), 940_000_000);
		},
	);
}
