use crate::{mock::*, types::SETTLEMENT_WINDOW, SettlementWindows};
use frame_support::assert_ok;
use plimsoll_primitives::{Moment, Price, PriceError, PriceOracle};
use sp_arithmetic::Permill;

/// A window that begins and ends within an interval between blocks.
const END: Moment = START + SETTLEMENT_WINDOW + 4_000;

fn open() {
	set_params(|params| params.quorum = 1);
	assert_ok!(Oracle::open_settlement_window(BTC, END));
}

fn covered() -> Moment {
	SettlementWindows::<Test>::get()[0].covered
}

fn average() -> Result<Price, PriceError> {
	Oracle::settlement_average(BTC, END)
}

/// Goes on until a hook has seen the window's end, Alice reporting in each block what `price` says
/// of its number; `None` is no report.
fn run_to_end(price: impl Fn(u64) -> Option<u32>) {
	while crate::AggregatedAt::<Test>::get().is_none_or(|at| at < END) {
		if let Some(price) = price(System::block_number()) {
			report_btc(&[(ALICE, price)]);
		}
		next_block();
	}
}

#[test]
fn average_is_exact_when_the_window_begins_and_ends_between_blocks() {
	ExtBuilder::build_and_execute(|| {
		open();
		let price = |block: u64| 64_000 + u32::try_from(block % 7).expect("small; qed") * 10;
		run_to_end(|block| Some(price(block)));

		// What block n reports, block n + 1 publishes: it holds for 6 s from block n's time.
		let mut sum = 0u128;
		for block in 1..=301u64 {
			let from = START + (block - 1) * BLOCK;
			let overlap = (from + BLOCK).min(END).saturating_sub(from.max(END - SETTLEMENT_WINDOW));
			sum += usd(price(block)).into_inner() * u128::from(overlap);
		}
		assert_eq!(SettlementWindows::<Test>::get()[0].weighted_sum, sum);
		assert_eq!(covered(), SETTLEMENT_WINDOW);
		let expected = Price::from_inner(sum / u128::from(SETTLEMENT_WINDOW));
		assert_eq!(average(), Ok(expected));
	});
}

#[test]
fn average_weighs_by_time_when_the_price_moves_once() {
	ExtBuilder::build_and_execute(|| {
		open();
		// The first 100 intervals at 60,000: of them the window lacks 4 s. It has 596 s of them.
		run_to_end(|block| Some(if block <= 100 { 60_000 } else { 63_000 }));
		let sum = usd(60_000).into_inner() * 596_000 + usd(63_000).into_inner() * 1_204_000;
		assert_eq!(average(), Ok(Price::from_inner(sum / 1_800_000)));
	});
}

#[test]
fn average_is_incomplete_until_the_last_interval_is_counted() {
	ExtBuilder::build_and_execute(|| {
		open();
		assert_eq!(average(), Err(PriceError::Incomplete));
		while Now::get() < END {
			report_btc(&[(ALICE, 64_000)]);
			next_block();
		}
		assert_eq!(average(), Err(PriceError::Incomplete));
		next_block();
		assert_eq!(average(), Ok(usd(64_000)));
	});
}

#[test]
fn average_leaves_out_the_time_when_the_price_was_not_live() {
	ExtBuilder::build_and_execute(|| {
		open();
		// No report in blocks 101 to 200: the last is of block 100, at 594 s, and holds until 654 s;
		// the next, of block 201, from 1,200 s.
		run_to_end(|block| match block {
			101..=200 => None,
			..=100 => Some(60_000),
			_ => Some(66_000),
		});
		let before = 654_000 - 4_000;
		let after = 1_804_000 - 1_200_000;
		assert_eq!(covered(), before + after);
		let sum = usd(60_000).into_inner() * u128::from(before)
			+ usd(66_000).into_inner() * u128::from(after);
		assert_eq!(average(), Ok(Price::from_inner(sum / u128::from(before + after))));
	});
}

#[test]
fn average_leaves_out_the_time_when_operators_disagreed() {
	ExtBuilder::build_and_execute(|| {
		open();
		while crate::AggregatedAt::<Test>::get().is_none_or(|at| at < END) {
			report_btc(&[(ALICE, 64_000)]);
			if (101..=110).contains(&System::block_number()) {
				report_btc(&[(BOB, 32_000)]);
			}
			next_block();
		}
		// Bob's last report is of block 110 and fresh for ten more blocks.
		assert_eq!(covered(), SETTLEMENT_WINDOW - 20 * BLOCK);
		assert_eq!(average(), Ok(usd(64_000)));
	});
}

#[test]
fn average_counts_no_more_than_the_freshest_time_when_the_chain_stands_still() {
	ExtBuilder::build_and_execute(|| {
		open();
		report_btc(&[(ALICE, 64_000)]);
		next_block_after(SETTLEMENT_WINDOW + 10_000);
		next_block();
		// From 4 s, where the window begins, to 60 s, where the report is too old.
		assert_eq!(covered(), 56_000);
		assert_eq!(average(), Err(PriceError::Incomplete));
	});
}

#[test]
fn average_is_that_of_one_observation_when_little_coverage_is_asked_for() {
	ExtBuilder::build_and_execute(|| {
		open();
		run_to_end(|block| (block == 100).then_some(61_234));
		assert_eq!(covered(), 60_000);
		assert_eq!(average(), Err(PriceError::Incomplete));
		set_params(|params| params.settlement_coverage = Permill::from_percent(3));
		assert_eq!(average(), Ok(usd(61_234)));
	});
}

#[test]
fn average_is_incomplete_when_coverage_is_one_millisecond_short() {
	ExtBuilder::build_and_execute(|| {
		open();
		run_to_end(|block| (block == 100).then_some(61_234));
		// A thirtieth of the window, rounded up to a part in a million, is 60,000.12 ms.
		let coverage = Permill::from_parts(33_334);
		set_params(|params| params.settlement_coverage = coverage);
		assert_eq!(average(), Err(PriceError::Incomplete));
		set_params(|params| params.settlement_coverage = Permill::from_parts(33_333));
		assert_eq!(average(), Ok(usd(61_234)));
	});
}

#[test]
fn average_is_incomplete_when_nothing_was_reported() {
	ExtBuilder::build_and_execute(|| {
		open();
		run_to_end(|_| None);
		assert_eq!(covered(), 0);
		assert_eq!(average(), Err(PriceError::Incomplete));
	});
}

#[test]
fn window_counts_from_its_opening_when_it_is_opened_late() {
	ExtBuilder::build_and_execute(|| {
		set_params(|params| params.quorum = 1);
		while Now::get() < START + SETTLEMENT_WINDOW / 3 {
			report_btc(&[(ALICE, 64_000)]);
			next_block();
		}
		open();
		run_to_end(|_| Some(64_000));
		// The interval in which it was opened counts whole.
		assert_eq!(covered(), END - (START + SETTLEMENT_WINDOW / 3) + BLOCK);
		assert_eq!(average(), Ok(usd(64_000)));
	});
}

#[test]
fn windows_of_other_underlyings_and_expiries_do_not_mix() {
	ExtBuilder::build_and_execute(|| {
		open();
		assert_ok!(Oracle::open_settlement_window(ETH, END));
		assert_ok!(Oracle::open_settlement_window(BTC, END + SETTLEMENT_WINDOW * 2));
		run_to_end(|_| Some(64_000));
		assert_eq!(average(), Ok(usd(64_000)));
		assert_eq!(Oracle::settlement_average(ETH, END), Err(PriceError::Incomplete));
		let later = END + SETTLEMENT_WINDOW * 2;
		assert_eq!(Oracle::settlement_average(BTC, later), Err(PriceError::Incomplete));
		assert_eq!(SettlementWindows::<Test>::get()[1].covered, 0);
	});
}

#[test]
fn window_is_refused_when_the_underlying_has_no_feed() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(Oracle::open_settlement_window(UNKNOWN, END), Err(PriceError::Unknown));
	});
}

#[test]
fn window_is_refused_when_there_are_too_many() {
	ExtBuilder::build_and_execute(|| {
		for index in 0..4 {
			assert_ok!(Oracle::open_settlement_window(BTC, END + index));
		}
		let error = Err(PriceError::TooManyWindows);
		assert_eq!(Oracle::open_settlement_window(BTC, END + 4), error);
		// Opening one again is no more.
		assert_ok!(Oracle::open_settlement_window(BTC, END));
		Oracle::close_settlement_window(BTC, END + 2);
		assert_ok!(Oracle::open_settlement_window(BTC, END + 4));
	});
}

#[test]
fn window_keeps_its_sums_when_it_is_opened_again() {
	ExtBuilder::build_and_execute(|| {
		open();
		run_to_end(|_| Some(64_000));
		assert_ok!(Oracle::open_settlement_window(BTC, END));
		assert_eq!(average(), Ok(usd(64_000)));
	});
}

#[test]
fn window_is_forgotten_when_it_is_closed() {
	ExtBuilder::build_and_execute(|| {
		open();
		Oracle::close_settlement_window(BTC, END);
		Oracle::close_settlement_window(BTC, END);
		assert!(SettlementWindows::<Test>::get().is_empty());
		assert_eq!(average(), Err(PriceError::Unknown));
	});
}
