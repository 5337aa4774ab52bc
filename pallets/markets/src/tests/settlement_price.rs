use super::*;
use crate::{PriceSource, SettlementPrices};
use plimsoll_primitives::PriceError;
use sp_runtime::DispatchResult;

const PRICE: Price = Price::from_u32(2_100);

fn set(price: Price) -> DispatchResult {
	Markets::set_settlement_price(RuntimeOrigin::root(), ETH, EXPIRY, price)
}

#[test]
fn settlement_price_is_set_by_hand_when_there_is_no_average() {
	ExtBuilder::build_and_execute(|| {
		let instrument = call(EXPIRY, 2_000);
		list(instrument);
		open(instrument, 1, 2, Contracts::ONE);
		next_block(EXPIRY);
		System::reset_events();
		assert_ok!(set(PRICE));
		assert_eq!(
			events(),
			vec![Event::SettlementPriceFixed {
				underlying: ETH,
				expiry: EXPIRY,
				price: PRICE,
				source: PriceSource::Fallback,
			}]
		);
		// The hook does the rest, at that price, even if an average turns up.
		Averages::mutate(|all| all.insert((ETH, EXPIRY), Ok(Price::from_u32(9))));
		next_block(EXPIRY + 1);
		assert_eq!(Settled::get(), vec![(1, instrument, PRICE), (2, instrument, PRICE)]);
		assert!(!SettlementPrices::<Test>::contains_key(ETH, EXPIRY));
	});
}

#[test]
fn settlement_price_is_refused_when_origin_is_not_admin() {
	ExtBuilder::build_and_execute(|| {
		list(call(EXPIRY, 2_000));
		Now::set(EXPIRY);
		assert_noop!(
			Markets::set_settlement_price(RuntimeOrigin::signed(1), ETH, EXPIRY, PRICE),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn settlement_price_is_refused_when_nothing_expires_then() {
	ExtBuilder::build_and_execute(|| {
		list(Instrument::future(BTC, EXPIRY));
		Now::set(EXPIRY);
		assert_noop!(set(PRICE), Error::<Test>::UnknownExpiry);
	});
}

#[test]
fn settlement_price_is_refused_when_expiry_has_not_come() {
	ExtBuilder::build_and_execute(|| {
		list(call(EXPIRY, 2_000));
		Now::set(EXPIRY - 1);
		assert_noop!(set(PRICE), Error::<Test>::NotExpired);
	});
}

#[test]
fn settlement_price_is_refused_when_fixed_already() {
	ExtBuilder::build_and_execute(|| {
		list(call(EXPIRY, 2_000));
		Now::set(EXPIRY);
		assert_ok!(set(PRICE));
		assert_noop!(set(Price::ONE), Error::<Test>::SettlementPriceAlreadyFixed);
	});
}

#[test]
fn settlement_price_is_refused_when_zero() {
	ExtBuilder::build_and_execute(|| {
		list(call(EXPIRY, 2_000));
		Now::set(EXPIRY);
		assert_noop!(set(Price::ZERO), Error::<Test>::ZeroSettlementPrice);
	});
}

#[test]
fn missing_average_is_reported_once_and_asked_for_again_in_each_block() {
	ExtBuilder::build_and_execute(|| {
		list(call(EXPIRY, 2_000));
		System::reset_events();
		Averages::mutate(|all| all.insert((ETH, EXPIRY), Err(PriceError::Stale)));
		for later in 0..3 {
			next_block(EXPIRY + later);
		}
		assert_eq!(
			events(),
			vec![Event::SettlementPriceMissing {
				underlying: ETH,
				expiry: EXPIRY,
				reason: PriceError::Stale,
			}]
		);
		assert_eq!(AskedForAverage::get().len(), 3);
		Averages::mutate(|all| all.insert((ETH, EXPIRY), Ok(PRICE)));
		next_block(EXPIRY + 3);
		assert!(events().contains(&Event::ExpiryClosed { underlying: ETH, expiry: EXPIRY }));
	});
}

#[test]
fn average_of_zero_is_no_average() {
	ExtBuilder::build_and_execute(|| {
		list(call(EXPIRY, 2_000));
		System::reset_events();
		Averages::mutate(|all| all.insert((ETH, EXPIRY), Ok(Price::ZERO)));
		next_block(EXPIRY);
		assert_eq!(
			events(),
			vec![Event::SettlementPriceMissing {
				underlying: ETH,
				expiry: EXPIRY,
				reason: PriceError::Incomplete,
			}]
		);
	});
}
