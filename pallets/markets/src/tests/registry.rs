use super::*;
use crate::Instruments;
use plimsoll_primitives::{InstrumentError, InstrumentRegistry, InstrumentTerms};

fn open_interest(instrument: Instrument) -> Contracts {
	Instruments::<Test>::get(instrument).expect("it is listed; qed").open_interest
}

fn negative(size: Contracts) -> Contracts {
	size.checked_neg().expect("it is small; qed")
}

#[test]
fn instrument_is_tradable_when_listed() {
	ExtBuilder::build_and_execute(|| {
		let instrument = Instrument::perpetual(ETH);
		let expected = InstrumentTerms {
			tick: terms().tick,
			lot: terms().lot,
			close_only: false,
			halted: false,
			price_band: None,
		};
		assert_eq!(Markets::tradable(&instrument), Ok(expected.clone()));
		assert_ok!(Markets::set_close_only(RuntimeOrigin::root(), instrument, true));
		assert_eq!(
			Markets::tradable(&instrument),
			Ok(InstrumentTerms { close_only: true, ..expected })
		);
	});
}

#[test]
fn instrument_is_not_tradable_when_unknown() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(Markets::tradable(&call(EXPIRY, 2_000)), Err(InstrumentError::Unknown));
	});
}

#[test]
fn instrument_is_not_tradable_when_its_expiry_has_come() {
	ExtBuilder::build_and_execute(|| {
		let instrument = call(EXPIRY, 2_000);
		list(instrument);
		Now::set(EXPIRY - 1);
		assert!(Markets::tradable(&instrument).is_ok());
		Now::set(EXPIRY);
		assert_eq!(Markets::tradable(&instrument), Err(InstrumentError::Expired));
		assert!(Markets::tradable(&Instrument::perpetual(ETH)).is_ok());
	});
}

#[test]
fn open_interest_rises_up_to_its_cap() {
	ExtBuilder::build(ExtBuilder::genesis()).execute_with(|| {
		let instrument = Instrument::perpetual(ETH);
		assert_ok!(Markets::change_open_interest(&instrument, terms().open_interest_cap));
		assert_eq!(open_interest(instrument), terms().open_interest_cap);
		assert_noop!(
			Markets::change_open_interest(&instrument, Contracts::from_inner(1)),
			Error::<Test>::OpenInterestCap
		);
	});
}

#[test]
fn open_interest_falls_when_above_a_cap_that_was_lowered() {
	ExtBuilder::build_and_execute(|| {
		let instrument = Instrument::perpetual(ETH);
		open(instrument, 1, 2, Contracts::from_u32(10));
		let cap = Contracts::from_u32(1);
		assert_ok!(Markets::set_open_interest_cap(RuntimeOrigin::root(), instrument, cap));
		assert_ok!(Markets::change_open_interest(&instrument, negative(Contracts::from_u32(2))));
		assert_eq!(open_interest(instrument), Contracts::from_u32(8));
		assert_ok!(Markets::change_open_interest(&instrument, Contracts::ZERO));
		assert_noop!(
			Markets::change_open_interest(&instrument, Contracts::from_inner(1)),
			Error::<Test>::OpenInterestCap
		);
	});
}

#[test]
fn open_interest_change_is_refused_when_it_would_be_negative() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			Markets::change_open_interest(&Instrument::perpetual(ETH), Contracts::from_inner(-1)),
			Error::<Test>::OpenInterestNegative
		);
	});
}

#[test]
fn open_interest_change_is_refused_when_it_overflows() {
	ExtBuilder::build_and_execute(|| {
		let instrument = Instrument::perpetual(ETH);
		open(instrument, 1, 2, Contracts::ONE);
		assert_noop!(
			Markets::change_open_interest(&instrument, Contracts::from_inner(i128::MAX)),
			Error::<Test>::OpenInterestOverflow
		);
	});
}

#[test]
fn open_interest_change_is_refused_when_unknown() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			Markets::change_open_interest(&call(EXPIRY, 2_000), Contracts::ONE),
			Error::<Test>::UnknownInstrument
		);
	});
}

#[test]
fn open_interest_falls_when_expired() {
	ExtBuilder::build_and_execute(|| {
		let instrument = call(EXPIRY, 2_000);
		list(instrument);
		open(instrument, 1, 2, Contracts::from_u32(2));
		Now::set(EXPIRY + DAY);
		assert_ok!(Markets::change_open_interest(&instrument, negative(Contracts::ONE)));
		assert_eq!(open_interest(instrument), Contracts::ONE);
	});
}

#[test]
fn settlement_price_is_none_until_it_is_fixed() {
	ExtBuilder::build_and_execute(|| {
		list(call(EXPIRY, 2_000));
		open(call(EXPIRY, 2_000), 1, 2, Contracts::ONE);
		Now::set(EXPIRY);
		assert_eq!(Markets::settlement_price(ETH, EXPIRY), None);
		let price = Price::from_u32(2_100);
		assert_ok!(Markets::set_settlement_price(RuntimeOrigin::root(), ETH, EXPIRY, price));
		assert_eq!(Markets::settlement_price(ETH, EXPIRY), Some(price));
	});
}
