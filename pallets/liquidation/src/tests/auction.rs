use super::*;
use crate::{Event, Providers};
use sp_arithmetic::{Permill, Perquintill};

const FIVE: Permill = Permill::from_percent(5);

/// Owner 1 long below its margin; owner 3 a provider.
fn with_provider(equity: i32) {
	long_and_maker(equity);
	fund(3, 1_000);
}

fn slices(events: &[Event<Test>]) -> Vec<(u64, Perquintill, i128, Permill)> {
	events
		.iter()
		.filter_map(|event| match event {
			Event::SliceTaken { provider, share, price, discount, .. } => {
				Some((provider.owner, *share, *price, *discount))
			}
			_ => None,
		})
		.collect()
}

#[test]
fn auction_restores_an_account_with_no_more_than_it_needs() {
	ExtBuilder.run(
		|| with_provider(40),
		|| {
			opt_in(3, FIVE, 1_000);
			next_block();
			assert!(!is_queued(1));
			let health = health_of(1);
			assert!(health.positions == 1, "only a part was taken");
			let target = crate::entry::target(health.maintenance_margin, Permill::from_percent(10))
				.expect("in range; qed");
			assert!(health.equity >= target);
			// f = (55 − 40) / ((55 − 40) + 40 − 2.5) = 2/7, in lots.
			assert_eq!(size_of(3, ETH), plimsoll_primitives::Contracts::from_rational(29, 10));
			let taken = slices(&take_events());
			assert_eq!(taken.len(), 1);
			assert_eq!((taken[0].0, taken[0].3), (3, FIVE));
			// The provider took over 14.3 of margin for 5 % of it, or a lot more.
			let gained = health_of(3).net_value.into_inner() - usd(1_000).into_inner();
			assert!(gained > 0 && gained < 2 * usd(1).into_inner());
		},
	);
}

#[test]
fn discount_grows_until_a_provider_is_content() {
	ExtBuilder.run(
		|| with_provider(40),
		|| {
			opt_in(3, Permill::from_percent(10), 1_000);
			next_block();
			let mut blocks = 1;
			while is_queued(1) {
				next_block();
				blocks += 1;
			}
			// 5 % and 2.25 % more per block: 11.75 % in the third block after the first.
			assert_eq!(blocks, 4);
			assert_eq!(slices(&take_events())[0].3, Permill::from_parts(117_500));
		},
	);
}

#[test]
fn auction_asks_the_cheapest_provider_first_and_others_for_the_rest() {
	ExtBuilder.run(
		|| {
			with_provider(40);
			fund(4, 1_000);
		},
		|| {
			opt_in(3, FIVE, 1_000);
			opt_in(4, Permill::from_percent(1), 5);
			next_block();
			let taken = slices(&take_events());
			assert_eq!(taken.iter().map(|slice| slice.0).collect::<Vec<_>>(), vec![4, 3]);
			// 5 USD of 50 USD of margin.
			assert_eq!(taken[0].1, Perquintill::from_percent(10));
			assert!(!is_queued(1));
		},
	);
}

#[test]
fn providers_who_ask_the_same_take_turns() {
	ExtBuilder.run(
		|| {
			fund(2, 100_000);
			fund(1, 40);
			fund(5, 39);
			fund(3, 10_000);
			fund(4, 10_000);
			open(1, 2, ETH, 10);
			open(5, 2, ETH, 10);
		},
		|| {
			opt_in(3, FIVE, 1_000);
			opt_in(4, FIVE, 1_000);
			next_block();
			let who = slices(&take_events()).iter().map(|slice| slice.0).collect::<Vec<_>>();
			assert_eq!(who, vec![3, 4]);
		},
	);
}

#[test]
fn provider_takes_no_more_in_a_block_than_its_terms_say() {
	ExtBuilder.run(
		|| {
			fund(2, 100_000);
			fund(1, 40);
			fund(5, 39);
			fund(3, 10_000);
			open(1, 2, ETH, 10);
			open(5, 2, ETH, 10);
		},
		|| {
			opt_in(3, FIVE, 10);
			next_block();
			let taken = slices(&take_events());
			assert_eq!(taken.len(), 1, "the worst account used the slice up");
			assert_eq!(taken[0].1, Perquintill::from_percent(20));
			next_block();
			assert_eq!(slices(&take_events()).len(), 1);
		},
	);
}

#[test]
fn provider_that_cannot_bear_the_slice_takes_what_it_can() {
	ExtBuilder.run(
		|| {
			fund(2, 100_000);
			fund(1, 4_000);
			fund(3, 600);
			open(1, 2, ETH, 1_000);
		},
		|| {
			opt_in(3, FIVE, 100_000);
			next_block();
			let taken = slices(&take_events());
			assert_eq!(taken.len(), 1);
			assert!(taken[0].1 < Perquintill::from_percent(10));
			let provider = health_of(3);
			assert!(provider.equity >= provider.initial_margin);
			assert!(is_queued(1));
		},
	);
}

#[test]
fn provider_with_open_orders_takes_what_they_leave_it_room_for() {
	ExtBuilder.run(
		|| {
			fund(2, 100_000);
			fund(1, 4_000);
			fund(3, 1_100);
			open(1, 2, ETH, 1_000);
			// They may need 500 of its 1,100.
			Orders::insert(account(3), 500);
		},
		|| {
			opt_in(3, FIVE, 100_000);
			next_block();
			let taken = slices(&take_events());
			assert_eq!(taken.len(), 1);
			let provider = health_of(3);
			let orders = usd(500);
			let needed = provider.initial_margin.checked_add(orders).expect("in range; qed");
			assert!(provider.equity >= needed);
		},
	);
}

#[test]
fn provider_without_the_least_equity_is_dropped_when_asked() {
	ExtBuilder.run(
		|| with_provider(40),
		|| {
			opt_in(3, FIVE, 1_000);
			fund_from(3, 2, 991);
			next_block();
			assert!(Providers::<Test>::get().is_empty());
			let dropped = Event::ProviderDropped { provider: account(3), equity: usd(9) };
			assert!(take_events().contains(&dropped));
			assert!(is_queued(1));
		},
	);
}

#[test]
fn provider_whose_account_is_gone_is_dropped_when_asked() {
	ExtBuilder.run(
		|| with_provider(40),
		|| {
			opt_in(3, FIVE, 1_000);
			FakeLedger::vanish(3, 2).expect("the maker can bear it; qed");
			next_block();
			assert!(Providers::<Test>::get().is_empty());
			let dropped = Event::ProviderDropped { provider: account(3), equity: usd(0) };
			assert!(take_events().contains(&dropped));
			assert!(is_queued(1));
		},
	);
}

#[test]
fn provider_that_cannot_be_valued_for_now_is_kept() {
	ExtBuilder.run(
		|| with_provider(40),
		|| {
			opt_in(3, FIVE, 1_000);
			Broken::put(alloc::collections::BTreeSet::from([account(3)]));
			next_block();
			assert_eq!(Providers::<Test>::get().len(), 1);
			Broken::kill();
			next_block();
			assert!(!is_queued(1));
		},
	);
}

#[test]
fn provider_in_the_waterfall_is_not_asked() {
	ExtBuilder.run(
		|| {
			with_provider(40);
			open(3, 2, BTC, 10);
		},
		|| {
			opt_in(3, FIVE, 1_000);
			set_price(BTC.underlying, 930);
			next_block();
			assert!(is_queued(3));
			assert!(slices(&take_events()).iter().all(|slice| slice.0 != 3));
		},
	);
}

#[test]
fn account_is_not_its_own_provider() {
	ExtBuilder.run(
		|| long_and_maker(100),
		|| {
			opt_in(1, FIVE, 1_000);
			fund_from(1, 2, 60);
			next_block();
			assert!(slices(&take_events()).is_empty());
		},
	);
}

#[test]
fn account_is_not_offered_to_another_of_the_same_owner() {
	let second = plimsoll_primitives::SubAccountId::new(1, 1);
	ExtBuilder.run(
		|| {
			long_and_maker(40);
			fund_account(&second, 1_000);
		},
		|| {
			let terms = crate::ProviderTerms { minimum_discount: FIVE, maximum_slice: usd(1_000) };
			let signed = RuntimeOrigin::signed(1);
			frame_support::assert_ok!(Liquidation::opt_in(signed, 1, terms));
			next_block();
			assert!(slices(&take_events()).is_empty());
			assert!(is_queued(1));
		},
	);
}

#[test]
fn fund_pays_nobody_when_the_account_has_equity() {
	ExtBuilder.run(
		|| {
			// Two of equity, when the opening discount is 2.5.
			with_provider(2);
			Fund::put(1_000_000_000);
		},
		|| {
			opt_in(3, FIVE, 1_000);
			next_block();
			let taken = slices(&take_events());
			assert_eq!(taken, vec![(3, Perquintill::one(), 0, FIVE)]);
			assert_eq!(Fund::get(), 1_000_000_000);
			assert_eq!(health_of(3).net_value, usd(1_002));
			assert!(!is_queued(1));
		},
	);
}

#[test]
fn fund_pays_the_provider_when_the_account_owes() {
	ExtBuilder.run(
		|| {
			with_provider(40);
			Fund::put(1_000_000_000);
		},
		|| {
			opt_in(3, FIVE, 1_000);
			// Equity −10, margin 47.5.
			set_price(ETH.underlying, 95);
			next_block();
			let events = take_events();
			let taken = slices(&events);
			// −10 − 5 % of 47.5, rounded down.
			assert_eq!(taken, vec![(3, Perquintill::one(), -12_375_000, FIVE)]);
			assert_eq!(Fund::get(), 1_000_000_000 - 12_375_000);
			assert!(!is_queued(1));
			assert_eq!(size_of(3, ETH), contracts(10));
			assert_eq!(cash_of(1), 0);
			assert!(events.iter().any(|event| matches!(event, Event::Closed { .. })));
		},
	);
}

#[test]
fn fund_pays_no_more_for_an_account_than_its_cap() {
	ExtBuilder.run(
		|| {
			with_provider(40);
			Fund::put(1_000_000_000);
		},
		|| {
			opt_in(3, FIVE, 1_000);
			with_params(|params| params.fund_cap_per_account = 6_000_000);
			set_price(ETH.underlying, 95);
			next_block();
			let taken = slices(&take_events());
			assert_eq!(taken.len(), 1);
			assert!(taken[0].1 < Perquintill::from_percent(50));
			assert!(Fund::get() >= 994_000_000);
			// What the fund may no longer pay for is deleveraged.
			next_block();
			next_block();
			assert!(!is_queued(1));
		},
	);
}

#[test]
fn fund_pays_no_more_in_a_block_than_its_cap() {
	ExtBuilder.run(
		|| {
			with_provider(40);
			fund(5, 39);
			open(5, 2, ETH, 10);
			Fund::put(1_000_000_000);
		},
		|| {
			opt_in(3, FIVE, 1_000);
			with_params(|params| params.fund_cap_per_block = 14_000_000);
			set_price(ETH.underlying, 95);
			next_block();
			let paid: i128 = slices(&take_events()).iter().map(|slice| -slice.2).sum();
			assert!(paid > 12_000_000 && paid <= 14_000_000);
		},
	);
}

#[test]
fn fee_is_taken_for_the_margin_relieved() {
	ExtBuilder.run(
		|| with_provider(40),
		|| {
			with_params(|params| params.fee = Permill::from_percent(2));
			opt_in(3, FIVE, 1_000);
			next_block();
			assert!(!is_queued(1), "the fee was reckoned with");
			let fee = take_events()
				.into_iter()
				.find_map(|event| match event {
					Event::FeeCharged { fee, .. } => Some(fee),
					_ => None,
				})
				.expect("a fee was charged; qed");
			assert_eq!(Fund::get(), fee);
			let relieved = usd(50).into_inner() - health_of(1).maintenance_margin.into_inner();
			assert_eq!(i128::try_from(fee).expect("small; qed"), relieved / 50 / 1_000_000_000_000);
		},
	);
}

#[test]
fn price_is_corrected_when_lots_make_a_slice_unfair() {
	ExtBuilder.run(
		|| {
			// One lot of a contract worth 10,000: a part of it cannot be cut.
			fund(2, 100_000);
			fund(1, 40);
			fund(3, 10_000);
			set_price(BTC.underlying, 10_000);
			let lot = LOT;
			use plimsoll_primitives::LiquidationLedger;
			FakeLedger::trade_at_mark(&account(1), &account(2), &BTC, lot).expect("priced; qed");
		},
		|| {
			opt_in(3, FIVE, 1_000);
			next_block();
			let taken = slices(&take_events());
			// Two sevenths of the debt of 960 come with the only lot, and the discount is on all
			// of the margin, since all of it goes.
			assert_eq!(taken.len(), 1);
			assert_eq!(size_of(3, BTC), LOT);
			assert_eq!(cash_of(1), 37_500_000);
			assert_eq!(cash_of(3), 10_000 * USD - 997_500_000);
			assert!(!is_queued(1));
		},
	);
}

#[test]
fn asking_goes_on_where_it_ended_when_providers_are_many() {
	ExtBuilder.run(
		|| {
			fund(2, 100_000);
			fund(1, 4_000);
			open(1, 2, ETH, 1_000);
			for owner in 3..7 {
				fund(owner, 20);
			}
		},
		|| {
			// Each takes a crumb at most, and only three are asked in a block.
			for owner in 3..7 {
				opt_in(owner, FIVE, 20);
			}
			next_block();
			let first: Vec<u64> = slices(&take_events()).iter().map(|slice| slice.0).collect();
			assert_eq!(first, vec![3, 4, 5]);
			next_block();
			let second: Vec<u64> = slices(&take_events()).iter().map(|slice| slice.0).collect();
			assert!(second.contains(&6));
		},
	);
}

#[test]
fn account_without_equity_is_offered_to_everybody_before_it_is_deleveraged() {
	ExtBuilder.run(
		|| {
			with_provider(40);
			for owner in 4..7 {
				// All of its equity is initial margin.
				fund(owner, 100);
				open(owner, 2, BTC, 1);
			}
			Fund::put(1_000_000_000);
		},
		|| {
			// Three are asked in a block, and the first three cannot bear any of it.
			for owner in [4, 5, 6, 3] {
				opt_in(owner, FIVE, 1_000);
			}
			set_price(ETH.underlying, 95);
			next_block();
			let events = take_events();
			assert!(slices(&events).is_empty());
			assert!(!events.iter().any(|event| matches!(event, Event::DeleveragingStarted { .. })));
			next_block();
			assert_eq!(slices(&take_events()).first().map(|slice| slice.0), Some(3));
			assert!(!is_queued(1));
		},
	);
}

#[test]
fn account_without_equity_is_deleveraged_once_everybody_has_refused() {
	ExtBuilder.run(
		|| {
			with_provider(40);
			for owner in 4..7 {
				fund(owner, 20);
			}
			Fund::put(1_000_000_000);
		},
		|| {
			for owner in 3..7 {
				opt_in(owner, FIVE, 1_000);
			}
			// Whom they were asked for before does not count.
			Broken::put((3..7).map(account).collect::<alloc::collections::BTreeSet<_>>());
			next_block();
			assert_eq!(refusals(), 0);
			set_price(ETH.underlying, 95);
			next_block();
			assert_eq!(refusals(), 3);
			assert!(is_queued(1));
			next_block();
			assert!(!is_queued(1));
			assert!(slices(&take_events()).is_empty());
		},
	);
}

/// How many refused account 1 in a row.
fn refusals() -> u32 {
	crate::Liquidations::<Test>::get(account(1)).expect("it is queued; qed").refusals
}

#[test]
fn account_without_margin_is_not_offered() {
	ExtBuilder.run(
		|| {
			fund(1, -5);
			fund(2, 10_000);
			fund(3, 1_000);
			open(1, 2, ETH, 10);
			open(2, 1, ETH_FUTURE, 10);
			Fund::put(1_000_000_000);
		},
		|| {
			opt_in(3, FIVE, 1_000);
			next_block();
			assert!(slices(&take_events()).is_empty());
			assert_eq!(health_of(1).positions, 0);
			assert_eq!(Fund::get(), 995_000_000);
		},
	);
}
