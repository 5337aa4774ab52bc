use super::*;
use crate::Event;
use plimsoll_primitives::Contracts;
use sp_arithmetic::Permill;

/// (counterparty, size, whether its hedge was broken)
fn trades(events: &[Event<Test>]) -> Vec<(u64, Contracts, bool)> {
	events
		.iter()
		.filter_map(|event| match event {
			Event::Deleveraged { counterparty, size, .. } => {
				Some((counterparty.owner, *size, false))
			}
			Event::HedgeBroken { counterparty, size, .. } => {
				Some((counterparty.owner, *size, true))
			}
			_ => None,
		})
		.collect()
}

fn blocks(count: u32) {
	for _ in 0..count {
		next_block();
	}
}

#[test]
fn account_is_deleveraged_when_the_auction_had_its_time() {
	ExtBuilder.run(
		|| long_and_maker(40),
		|| {
			next_block();
			take_events();
			blocks(19);
			assert!(take_events().is_empty(), "nobody offers for it");
			next_block();
			let events = take_events();
			assert_eq!(
				events[0],
				Event::DeleveragingStarted {
					account: account(1),
					equity: usd(40),
					maintenance_margin: usd(50),
					healthy_blocks: 20,
				}
			);
			// g = 1 − 40/55, in lots; the maker's margin falls.
			let size = Contracts::from_inner(-2_800_000_000_000_000_000);
			assert_eq!(trades(&events), vec![(2, size, false)]);
			assert!(!is_queued(1));
			assert_eq!(health_of(1).equity, usd(40));
		},
	);
}

#[test]
fn account_without_equity_is_deleveraged_completely_at_once_when_nobody_offers() {
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			Fund::put(1_000_000_000);
		},
		|| {
			set_price(ETH.underlying, 95);
			next_block();
			assert_eq!(size_of(1, ETH), Contracts::ZERO);
			assert_eq!(size_of(2, ETH), Contracts::ZERO);
			assert!(!is_queued(1));
			assert_eq!(Fund::get(), 990_000_000);
		},
	);
}

#[test]
fn hedges_stay_hedges_when_a_part_is_closed() {
	ExtBuilder.run(
		|| {
			fund(1, 20);
			fund(2, 10_000);
			fund(3, 10_000);
			open(1, 2, ETH_FUTURE, 10);
			// Half of it is hedged, by the leg that comes first.
			open(3, 1, ETH, 5);
		},
		|| {
			blocks(21);
			assert!(!is_queued(1));
			// 1 − 20 / 27.5 of each, in lots.
			assert_eq!(size_of(1, ETH), Contracts::from_inner(-3_600_000_000_000_000_000));
			assert_eq!(size_of(1, ETH_FUTURE), Contracts::from_inner(7_200_000_000_000_000_000));
		},
	);
}

#[test]
fn counterparties_whose_margin_falls_come_first() {
	ExtBuilder.run(
		|| {
			fund(1, 40);
			fund(2, 10_000);
			fund(3, 10_000);
			fund(9, 10_000);
			// Owner 2's short hedges its long future: closing it raises its margin.
			open(1, 2, ETH, 10);
			open(2, 9, ETH_FUTURE, 10);
			open(9, 3, ETH, 10);
		},
		|| {
			set_price(ETH.underlying, 95);
			next_block();
			let events = take_events();
			assert_eq!(trades(&events), vec![(3, contracts(-10), false)]);
			assert_eq!(size_of(2, ETH), contracts(-10));
		},
	);
}

#[test]
fn counterparties_who_can_bear_it_come_second() {
	ExtBuilder.run(
		|| {
			fund(1, 40);
			fund(2, 10_000);
			fund(9, 10_000);
			open(1, 2, ETH, 10);
			open(2, 9, ETH_FUTURE, 10);
		},
		|| {
			set_price(ETH.underlying, 95);
			next_block();
			let events = take_events();
			assert_eq!(trades(&events), vec![(2, contracts(-10), false)]);
			assert_eq!(size_of(2, ETH_FUTURE), contracts(10), "its other leg is now open");
		},
	);
}

/// Owners 2 and 3 are short 10 and 30 against owner 1's long 20 and owner 9's 20; all of their
/// shorts hedge futures, and they have next to nothing else.
fn thin_hedgers() {
	fund(1, 80);
	fund(9, 100_000);
	for (owner, size) in [(2, 10), (3, 30)] {
		fund(owner, 5);
		open(9, owner, ETH, size);
		open(owner, 9, ETH_FUTURE, size);
	}
	open(1, 9, ETH, 20);
}

#[test]
fn rest_is_torn_up_pro_rata_when_nobody_can_bear_it() {
	ExtBuilder.run(thin_hedgers, || {
		set_price(ETH.underlying, 95);
		next_block();
		let events = take_events();
		assert_eq!(
			trades(&events),
			vec![(2, contracts(-5), true), (3, contracts(-15), true)],
			"each half of what it holds"
		);
		assert_eq!(size_of(1, ETH), Contracts::ZERO);
		assert!(!is_queued(1));
	});
}

#[test]
fn holder_that_cannot_be_traded_with_is_passed_over() {
	ExtBuilder.run(thin_hedgers, || {
		Untradable::put(alloc::collections::BTreeSet::from([account(2)]));
		set_price(ETH.underlying, 95);
		next_block();
		assert_eq!(size_of(2, ETH), contracts(-10));
		assert_eq!(size_of(3, ETH), contracts(-10));
		assert_eq!(size_of(1, ETH), Contracts::ZERO);
	});
}

#[test]
fn deleveraging_resumes_in_the_next_block_when_it_looked_at_enough_holders() {
	ExtBuilder.run(thin_hedgers, || {
		HoldersPerVisit::set(2);
		set_price(ETH.underlying, 95);
		let mut waited = 0;
		next_block();
		while is_queued(1) {
			next_block();
			waited += 1;
			assert!(waited < 20, "it comes to an end");
		}
		assert!(waited > 3);
		assert_eq!(size_of(1, ETH), Contracts::ZERO);
		assert_eq!(size_of(2, ETH), contracts(-5));
		assert_eq!(size_of(3, ETH), contracts(-15));
	});
}

#[test]
fn deleveraging_ends_when_holders_move_between_blocks() {
	ExtBuilder.run(thin_hedgers, || {
		HoldersPerVisit::set(1);
		set_price(ETH.underlying, 95);
		for round in 0..200 {
			next_block();
			if !is_queued(1) {
				break;
			}
			// Owner 3 passes its position to owner 0 and back: before and behind the cursor.
			let (from, to) = if round % 2 == 0 { (3, 0) } else { (0, 3) };
			let size = size_of(from, ETH);
			if !size.is_zero() {
				use plimsoll_primitives::LiquidationLedger;
				FakeLedger::trade_at_mark(&account(to), &account(from), &ETH, size)
					.expect("there is a price; qed");
			}
		}
		assert!(!is_queued(1));
		assert_eq!(size_of(1, ETH), Contracts::ZERO);
	});
}

#[test]
fn position_closed_by_its_owner_is_not_closed_twice() {
	ExtBuilder.run(thin_hedgers, || {
		HoldersPerVisit::set(1);
		set_price(ETH.underlying, 95);
		next_block();
		assert!(is_queued(1));
		open(9, 1, ETH, 20);
		for _ in 0..5 {
			next_block();
		}
		assert_eq!(size_of(1, ETH), Contracts::ZERO);
		assert!(!is_queued(1));
		assert!(trades(&take_events()).is_empty());
	});
}

#[test]
fn fee_is_taken_for_deleveraging_too() {
	ExtBuilder.run(
		|| long_and_maker(40),
		|| {
			with_params(|params| params.fee = Permill::from_percent(2));
			blocks(21);
			assert!(!is_queued(1));
			let health = health_of(1);
			let relieved = usd(50).into_inner() - health.maintenance_margin.into_inner();
			assert_eq!(
				i128::try_from(Fund::get()).expect("small; qed"),
				relieved / 50 / 1_000_000_000_000
			);
		},
	);
}
