use super::*;
use crate::{Calendar, ExpiryContracts, Instruments, SettlementPrices};
use sp_runtime::DispatchResult;

fn delist(instrument: Instrument) -> DispatchResult {
	Markets::delist(RuntimeOrigin::root(), instrument)
}

#[test]
fn perpetual_is_delisted_when_nobody_holds_it() {
	ExtBuilder::build_and_execute(|| {
		let instrument = Instrument::perpetual(ETH);
		assert_ok!(delist(instrument));
		assert!(!Instruments::<Test>::contains_key(instrument));
		assert_eq!(events(), vec![Event::Delisted { instrument }]);
	});
}

#[test]
fn delisting_is_refused_when_origin_is_not_admin() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			Markets::delist(RuntimeOrigin::signed(1), Instrument::perpetual(ETH)),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn delisting_is_refused_when_not_listed() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(delist(Instrument::perpetual(DOT)), Error::<Test>::UnknownInstrument);
	});
}

#[test]
fn delisting_is_refused_when_somebody_holds_it() {
	ExtBuilder::build_and_execute(|| {
		let instrument = Instrument::perpetual(ETH);
		open(instrument, 1, 2, Contracts::ONE);
		assert_noop!(delist(instrument), Error::<Test>::StillHeld);
		// Not even where only a short position is left.
		Positions::mutate(|all| {
			all.entry(instrument).or_default().retain(|position| position.size.is_negative())
		});
		Instruments::<Test>::mutate(instrument, |listing| {
			if let Some(listing) = listing {
				listing.open_interest = Contracts::ZERO;
			}
		});
		assert_noop!(delist(instrument), Error::<Test>::StillHeld);
	});
}

#[test]
fn expiry_stays_when_another_contract_of_it_is_listed() {
	ExtBuilder::build_and_execute(|| {
		list(call(EXPIRY, 2_000));
		list(call(EXPIRY, 2_050));
		System::reset_events();
		assert_ok!(delist(call(EXPIRY, 2_000)));
		assert_eq!(ExpiryContracts::<Test>::get(ETH, EXPIRY).len(), 1);
		assert_eq!(Calendar::<Test>::get().len(), 1);
		assert!(Windows::get().contains(&(ETH, EXPIRY)));
		assert_eq!(events(), vec![Event::Delisted { instrument: call(EXPIRY, 2_000) }]);
	});
}

#[test]
fn expiry_is_freed_when_its_last_contract_is_delisted() {
	ExtBuilder::build_and_execute(|| {
		list(call(EXPIRY, 2_000));
		list(Instrument::future(BTC, EXPIRY));
		System::reset_events();
		assert_ok!(delist(call(EXPIRY, 2_000)));
		assert!(!ExpiryContracts::<Test>::contains_key(ETH, EXPIRY));
		assert_eq!(Calendar::<Test>::get().len(), 1);
		assert!(!Windows::get().contains(&(ETH, EXPIRY)));
		assert_eq!(
			events(),
			vec![
				Event::Delisted { instrument: call(EXPIRY, 2_000) },
				Event::ExpiryClosed { underlying: ETH, expiry: EXPIRY },
			]
		);
	});
}

#[test]
fn expiry_is_freed_with_its_price_when_delisted_before_the_hook_settles_it() {
	ExtBuilder::build_and_execute(|| {
		list(call(EXPIRY, 2_000));
		Now::set(EXPIRY);
		let price = Price::from_u32(2_100);
		assert_ok!(Markets::set_settlement_price(RuntimeOrigin::root(), ETH, EXPIRY, price));
		assert_ok!(delist(call(EXPIRY, 2_000)));
		assert!(!SettlementPrices::<Test>::contains_key(ETH, EXPIRY));
		assert!(Calendar::<Test>::get().is_empty());
	});
}
