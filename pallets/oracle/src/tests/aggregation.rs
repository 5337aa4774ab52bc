use crate::{mock::*, Aggregates, Event, FeedKey};
use frame_support::traits::Hooks;
use plimsoll_primitives::{PriceError, PriceOracle};
use sp_arithmetic::FixedI128;

const SPOT: FeedKey = FeedKey::Spot { underlying: BTC };

#[test]
fn hook_does_nothing_when_the_chain_has_no_time() {
	ExtBuilder::build_and_execute(|| {
		Now::set(0);
		System::set_block_number(2);
		Oracle::on_initialize(2);
		assert_eq!(crate::AggregatedAt::<Test>::get(), None);
		assert!(events().is_empty());
	});
}

#[test]
fn hook_weighs_more_when_there_is_more_to_do() {
	ExtBuilder::build_and_execute(|| {
		set_params(|params| params.quorum = 1);
		let before = Oracle::on_initialize(1);
		report(&ALICE, &[spot(BTC, 64_000), forward(BTC, EXPIRY, 64_000)]);
		let with_an_expiry = Oracle::on_initialize(1);
		assert!(with_an_expiry.ref_time() > before.ref_time());
		Members::set(vec![ALICE, BOB]);
		assert!(Oracle::on_initialize(1).ref_time() < with_an_expiry.ref_time());
	});
}

#[test]
fn price_is_the_middle_one_when_three_report() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000), (BOB, 64_100), (CAROL, 63_900)]);
		assert_eq!(Oracle::prices(BTC), Err(PriceError::NoQuorum));
		next_block();
		assert_eq!(btc().value, usd(64_000));
		assert_eq!(Oracle::prices(BTC).expect("live").spot, usd(64_000));
		assert!(events().contains(&Event::FeedLive { feed: SPOT }));
	});
}

#[test]
fn price_is_the_mean_of_the_middle_ones_when_an_even_number_reports() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000), (BOB, 64_100), (CAROL, 63_900), (DAVE, 64_200)]);
		next_block();
		assert_eq!(btc().value, usd(64_050));
	});
}

#[test]
fn liar_is_outvoted_when_two_others_agree() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000), (BOB, 64_010), (CAROL, 32_000)]);
		next_block();
		assert_eq!(btc().value, usd(64_000));
		assert_eq!(btc().failure, None);

		report_btc(&[(ALICE, 64_000), (BOB, 64_010), (CAROL, 96_000)]);
		next_block();
		assert_eq!(btc().value, usd(64_010));
		assert_eq!(btc().failure, None);
	});
}

#[test]
fn feed_diverges_when_the_only_two_disagree() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000), (BOB, 64_000)]);
		next_block();
		report_btc(&[(ALICE, 64_000), (BOB, 32_000)]);
		next_block();
		assert_eq!(Oracle::prices(BTC), Err(PriceError::Diverged));
		assert_eq!(Oracle::live_blocks(BTC), 0);
		assert_eq!(Oracle::last_prices(BTC).expect("known").spot, usd(64_000));
		assert!(events().contains(&Event::FeedDown { feed: SPOT, reason: PriceError::Diverged }));

		report_btc(&[(CAROL, 64_000)]);
		next_block();
		assert_eq!(Oracle::prices(BTC).expect("two against one").spot, usd(64_000));
		assert_eq!(Oracle::live_blocks(BTC), 1);
	});
}

#[test]
fn feed_stays_live_when_the_divergence_is_exactly_the_limit() {
	ExtBuilder::build_and_execute(|| {
		// Each is 2 % from the mean.
		report_btc(&[(ALICE, 98), (BOB, 102)]);
		next_block();
		assert_eq!(btc().failure, None);
		report_btc(&[(ALICE, 97), (BOB, 102)]);
		next_block();
		assert_eq!(btc().failure, Some(PriceError::Diverged));
	});
}

#[test]
fn feed_has_no_quorum_when_one_alone_reports() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000)]);
		next_block();
		assert_eq!(Aggregates::<Test>::get(BTC), None);
		assert_eq!(Oracle::prices(BTC), Err(PriceError::NoQuorum));

		report_btc(&[(BOB, 64_000)]);
		next_block();
		assert_eq!(btc().failure, None);

		// Only Alice goes on reporting.
		for _ in 0..11 {
			report_btc(&[(ALICE, 64_000)]);
			next_block();
		}
		assert_eq!(btc().failure, Some(PriceError::NoQuorum));
		assert_eq!(Oracle::prices(BTC), Err(PriceError::NoQuorum));
	});
}

#[test]
fn feed_goes_stale_when_nobody_reports() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000), (BOB, 64_000)]);
		next_block_after(60_000);
		assert!(Oracle::prices(BTC).is_ok());
		next_block_after(1);
		assert_eq!(Oracle::prices(BTC), Err(PriceError::Stale));
		assert_eq!(btc().failure, None);
		next_block();
		assert_eq!(btc().failure, Some(PriceError::Stale));
		assert!(events().contains(&Event::FeedDown { feed: SPOT, reason: PriceError::Stale }));
		next_block();
		let downs = events().into_iter().filter(|event| matches!(event, Event::FeedDown { .. }));
		assert_eq!(downs.count(), 1);
	});
}

#[test]
fn feed_stays_live_when_one_of_three_stops_reporting() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000), (BOB, 64_000), (CAROL, 64_000)]);
		next_block();
		for block in 1..=20 {
			report_btc(&[(ALICE, 64_000), (BOB, 64_000)]);
			next_block();
			assert!(Oracle::prices(BTC).is_ok());
			assert_eq!(Oracle::live_blocks(BTC), block + 1);
		}
	});
}

#[test]
fn oldest_is_the_oldest_of_the_newest_quorum() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000)]);
		next_block();
		report_btc(&[(BOB, 64_000)]);
		next_block();
		report_btc(&[(CAROL, 64_000)]);
		next_block();
		assert_eq!(btc().oldest, START + BLOCK);
		assert_eq!(Oracle::prices(BTC).expect("live").oldest, START + BLOCK);
	});
}

#[test]
fn price_moves_in_steps_when_it_moves_beyond_the_limit() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 50_000), (BOB, 50_000)]);
		next_block();
		report_btc(&[(ALICE, 40_000), (BOB, 40_000)]);
		next_block();
		assert_eq!(btc().value, usd(45_000));
		assert!(btc().stepped);
		assert_eq!(
			events().last(),
			Some(&Event::FeedStepped {
				feed: SPOT,
				published: FixedI128::from_u32(45_000),
				median: FixedI128::from_u32(40_000),
			})
		);
		next_block();
		assert_eq!(btc().value, usd(40_500));
		next_block();
		assert_eq!(btc().value, usd(40_000));
		assert!(!btc().stepped);
	});
}

#[test]
fn price_rises_in_steps_when_it_rises_beyond_the_limit() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 50_000), (BOB, 50_000)]);
		next_block();
		report_btc(&[(ALICE, 55_000), (BOB, 55_000)]);
		next_block();
		assert_eq!(btc().value, usd(55_000));
		assert!(!btc().stepped);
		report_btc(&[(ALICE, 70_000), (BOB, 70_000)]);
		next_block();
		assert_eq!(btc().value, usd(60_500));
	});
}

#[test]
fn price_moves_in_steps_when_it_comes_back_after_an_outage() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 50_000), (BOB, 50_000)]);
		next_block_after(3_600_000);
		next_block();
		report_btc(&[(ALICE, 20_000), (BOB, 20_000)]);
		next_block();
		assert_eq!(btc().value, usd(45_000));
		assert_eq!(btc().failure, None);
	});
}

#[test]
fn live_blocks_start_again_when_a_block_was_not_live() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000), (BOB, 64_000)]);
		next_block();
		next_block();
		assert_eq!(Oracle::live_blocks(BTC), 2);
		// The chain stands still for an hour: in the block after it nothing is live.
		next_block_after(3_600_000);
		assert_eq!(Oracle::live_blocks(BTC), 0);
		next_block();
		report_btc(&[(ALICE, 64_000), (BOB, 64_000)]);
		next_block();
		assert_eq!(Oracle::live_blocks(BTC), 1);
		next_block();
		assert_eq!(Oracle::live_blocks(BTC), 2);
	});
}

#[test]
fn reports_stop_counting_when_new_bounds_exclude_them() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000), (BOB, 64_000)]);
		next_block();
		let narrow = crate::FeedParams { min: usd(1), max: usd(1_000) };
		frame_support::assert_ok!(Oracle::set_feed(RuntimeOrigin::root(), BTC, narrow));
		next_block();
		assert_eq!(btc().failure, Some(PriceError::Stale));
	});
}

#[test]
fn settlement_asset_is_aggregated_like_a_price() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(Oracle::settlement_asset_price(), Err(PriceError::NoQuorum));
		assert_eq!(Oracle::last_settlement_asset_price(), None);
		report(&ALICE, &[settlement_asset(100)]);
		report(&BOB, &[settlement_asset(98)]);
		next_block();
		let price = plimsoll_primitives::Price::from_rational(99, 100);
		assert_eq!(Oracle::settlement_asset_price(), Ok(price));
		next_block_after(60_000);
		assert_eq!(Oracle::settlement_asset_price(), Err(PriceError::Stale));
		next_block();
		assert_eq!(Oracle::settlement_asset_price(), Err(PriceError::Stale));
		assert_eq!(Oracle::last_settlement_asset_price(), Some(price));
	});
}
