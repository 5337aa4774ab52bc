use super::*;
use crate::{Calendar, ExpiryContracts, Instruments, Listing, ListingTerms, PendingExpiry, Stage};
use plimsoll_primitives::oracle::MAX_EXPIRIES;
use sp_runtime::DispatchResult;

fn try_list(instrument: Instrument) -> DispatchResult {
	Markets::list(RuntimeOrigin::root(), instrument, terms())
}

fn try_terms(terms: ListingTerms) -> DispatchResult {
	Markets::list(RuntimeOrigin::root(), call(EXPIRY, 2_000), terms)
}

#[test]
fn option_is_listed_when_terms_are_sound() {
	ExtBuilder::build_and_execute(|| {
		let instrument = call(EXPIRY, 2_000);
		assert_ok!(try_list(instrument));
		assert_eq!(
			Instruments::<Test>::get(instrument),
			Some(Listing {
				tick: terms().tick,
				lot: terms().lot,
				open_interest_cap: terms().open_interest_cap,
				open_interest: Contracts::ZERO,
				close_only: false,
				halted: false,
				price_band: None,
			})
		);
		assert_eq!(events(), vec![Event::Listed { instrument, terms: terms() }]);
		assert!(Windows::get().contains(&(ETH, EXPIRY)));
	});
}

#[test]
fn calendar_is_sorted_when_expiries_are_listed_in_any_order() {
	ExtBuilder::build_and_execute(|| {
		list(Instrument::future(ETH, EXPIRY + DAY));
		list(Instrument::future(BTC, EXPIRY + DAY));
		list(Instrument::future(ETH, EXPIRY));
		list(call(EXPIRY, 2_000));
		let pending =
			|expiry, underlying| PendingExpiry { expiry, underlying, stage: Stage::Trading };
		assert_eq!(
			Calendar::<Test>::get().into_inner(),
			vec![pending(EXPIRY, ETH), pending(EXPIRY + DAY, BTC), pending(EXPIRY + DAY, ETH)]
		);
		assert_eq!(ExpiryContracts::<Test>::get(ETH, EXPIRY).len(), 2);
	});
}

#[test]
fn listing_is_refused_when_origin_is_not_admin() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			Markets::list(RuntimeOrigin::signed(1), call(EXPIRY, 2_000), terms()),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn listing_is_refused_when_underlying_is_unknown() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			try_list(Instrument::perpetual(UnderlyingId(9))),
			Error::<Test>::UnknownUnderlying
		);
	});
}

#[test]
fn listing_is_refused_when_underlying_is_inactive() {
	ExtBuilder::build_and_execute(|| {
		let mut inactive = underlying_terms("Ether", "ETH");
		inactive.active = false;
		assert_ok!(Markets::register_underlying(RuntimeOrigin::root(), ETH, inactive));
		assert_noop!(try_list(call(EXPIRY, 2_000)), Error::<Test>::UnderlyingInactive);
	});
}

#[test]
fn listing_is_refused_when_listed_already() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(try_list(Instrument::perpetual(ETH)), Error::<Test>::AlreadyListed);
		list(call(EXPIRY, 2_000));
		assert_noop!(try_list(call(EXPIRY, 2_000)), Error::<Test>::AlreadyListed);
	});
}

#[test]
fn listing_is_refused_when_clock_has_not_started() {
	ExtBuilder::build_and_execute(|| {
		Now::set(0);
		assert_noop!(try_list(call(EXPIRY, 2_000)), Error::<Test>::ClockNotStarted);
		// A perpetual needs no clock.
		assert_ok!(try_list(Instrument::perpetual(DOT)));
		Now::set(START);
	});
}

#[test]
fn listing_is_refused_when_expiry_is_not_ahead_or_too_far() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(try_list(call(START - 1, 2_000)), Error::<Test>::ExpiryPassed);
		assert_noop!(try_list(call(START, 2_000)), Error::<Test>::ExpiryPassed);
		assert_noop!(try_list(call(START + 400 * DAY + 1, 2_000)), Error::<Test>::ExpiryTooFar);
		assert_noop!(try_list(call(u64::MAX, 2_000)), Error::<Test>::ExpiryTooFar);
		assert_ok!(try_list(call(START + 1, 2_000)));
		assert_ok!(try_list(call(START + 400 * DAY, 2_000)));
	});
}

#[test]
fn listing_is_refused_when_strike_is_not_allowed() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(try_list(call(EXPIRY, 0)), Error::<Test>::ZeroStrike);
		assert_noop!(try_list(call(EXPIRY, 2_001)), Error::<Test>::StrikeOffStep);
		assert_noop!(try_list(call(EXPIRY, 1_000_050)), Error::<Test>::StrikeTooHigh);
		assert_ok!(try_list(call(EXPIRY, 1_000_000)));
	});
}

#[test]
fn listing_is_refused_when_tick_lot_or_cap_makes_no_sense() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			try_terms(ListingTerms { tick: Price::ZERO, ..terms() }),
			Error::<Test>::ZeroTick
		);
		assert_noop!(
			try_terms(ListingTerms { lot: Contracts::ZERO, ..terms() }),
			Error::<Test>::LotNotPositive
		);
		assert_noop!(
			try_terms(ListingTerms { lot: Contracts::from_inner(-1), ..terms() }),
			Error::<Test>::LotNotPositive
		);
		let open_interest_cap = Contracts::from_inner(-1);
		assert_noop!(
			try_terms(ListingTerms { open_interest_cap, ..terms() }),
			Error::<Test>::OpenInterestCapNegative
		);
	});
}

#[test]
fn listing_is_refused_when_one_lot_at_one_tick_is_inexact() {
	ExtBuilder::build_and_execute(|| {
		let tick = Price::from_inner(1);
		// 0.01 of 10^-18 USD.
		assert_noop!(
			try_terms(ListingTerms { tick, ..terms() }),
			Error::<Test>::TickTimesLotInexact
		);
		// 1.5 of 10^-18 USD.
		let lot = Contracts::from_rational(3, 2);
		assert_noop!(
			try_terms(ListingTerms { tick, lot, ..terms() }),
			Error::<Test>::TickTimesLotInexact
		);
		let highest = ListingTerms { tick: Price::from_inner(u128::MAX), ..terms() };
		let lot = Contracts::from_inner(i128::MAX);
		assert_noop!(
			try_terms(ListingTerms { lot, ..highest }),
			Error::<Test>::TickTimesLotInexact
		);
		assert_ok!(try_terms(ListingTerms { tick, lot: Contracts::ONE, ..terms() }));
	});
}

#[test]
fn listing_is_refused_when_underlying_has_too_many_expiries() {
	ExtBuilder::build_and_execute(|| {
		for number in 0..MAX_EXPIRIES {
			list(Instrument::future(ETH, EXPIRY + u64::from(number)));
		}
		let next = EXPIRY + u64::from(MAX_EXPIRIES);
		assert_noop!(try_list(Instrument::future(ETH, next)), Error::<Test>::TooManyExpiries);
		// One that is there already, and another underlying's, are none more.
		assert_ok!(try_list(call(EXPIRY, 2_000)));
		assert_ok!(try_list(Instrument::future(BTC, next)));
	});
}

#[test]
fn listing_is_refused_when_expiry_has_too_many_contracts() {
	ExtBuilder::build_and_execute(|| {
		for number in 1..=MAX_INSTRUMENTS {
			list(call(EXPIRY, number * 50));
		}
		let put = Instrument::option(ETH, EXPIRY, Price::from_u32(50), OptionKind::Put);
		assert_noop!(try_list(put), Error::<Test>::TooManyInstruments);
	});
}

#[test]
fn listing_is_refused_when_oracle_keeps_no_average() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(try_list(Instrument::future(DOT, EXPIRY)), Error::<Test>::NoPriceFeed);
		WindowsFull::set(true);
		assert_noop!(
			try_list(Instrument::future(ETH, EXPIRY)),
			Error::<Test>::SettlementWindowRefused
		);
	});
}
