use crate::mock::*;
use plimsoll_primitives::{ExpiryPrices, Price, PriceError, PriceOracle, Rate, UnderlyingPrices};

#[test]
fn reads_fail_when_the_underlying_has_no_feed() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(Oracle::prices(UNKNOWN), Err(PriceError::Unknown));
		assert_eq!(Oracle::last_prices(UNKNOWN), None);
		assert_eq!(Oracle::live_blocks(UNKNOWN), 0);
	});
}

#[test]
fn reads_fail_when_nothing_was_ever_aggregated() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(Oracle::prices(BTC), Err(PriceError::NoQuorum));
		assert_eq!(Oracle::last_prices(BTC), None);
		assert_eq!(Oracle::live_blocks(BTC), 0);
	});
}

#[test]
fn old_price_is_never_served_when_time_has_passed_since_the_hook() {
	ExtBuilder::build_and_execute(|| {
		for operator in [ALICE, BOB] {
			report(&operator, &[spot(BTC, 64_000), forward(BTC, EXPIRY, 64_000)]);
		}
		next_block();
		Now::set(START + 60_000);
		assert_eq!(Oracle::prices(BTC).expect("live").expiries.len(), 1);
		Now::set(START + 60_001);
		assert_eq!(Oracle::prices(BTC), Err(PriceError::Stale));
		assert_eq!(Oracle::last_prices(BTC).expect("known").spot, usd(64_000));
	});
}

#[test]
fn forced_prices_are_live() {
	ExtBuilder::build_and_execute(|| {
		let expiry = ExpiryPrices {
			expiry: EXPIRY,
			forward: usd(10_100),
			rate: Rate::ZERO,
			surface: Some(slice(100)),
			live_blocks: u32::MAX,
			surface_live_blocks: u32::MAX,
		};
		let prices = UnderlyingPrices {
			spot: usd(10_000),
			half_width: usd(10),
			oldest: 0,
			expiries: vec![expiry],
		};
		Oracle::force_prices(UNKNOWN, prices.clone());
		let served = Oracle::prices(UNKNOWN).expect("live");
		assert_eq!(served, UnderlyingPrices { oldest: START, ..prices });
		assert_eq!(Oracle::live_blocks(UNKNOWN), u32::MAX);
		Oracle::force_settlement_asset_price(Price::ONE);
		assert_eq!(Oracle::settlement_asset_price(), Ok(Price::ONE));
	});
}
