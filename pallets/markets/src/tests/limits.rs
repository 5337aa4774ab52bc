use super::*;
use crate::Instruments;

#[test]
fn open_interest_cap_is_set_when_admin_asks() {
	ExtBuilder::build_and_execute(|| {
		let instrument = Instrument::perpetual(ETH);
		let cap = Contracts::from_u32(5);
		assert_ok!(Markets::set_open_interest_cap(RuntimeOrigin::root(), instrument, cap));
		let listing = Instruments::<Test>::get(instrument).expect("it is listed; qed");
		assert_eq!(listing.open_interest_cap, cap);
		assert_eq!(events(), vec![Event::OpenInterestCapSet { instrument, cap }]);
	});
}

#[test]
fn open_interest_cap_is_refused_when_origin_instrument_or_cap_is_wrong() {
	ExtBuilder::build_and_execute(|| {
		let instrument = Instrument::perpetual(ETH);
		assert_noop!(
			Markets::set_open_interest_cap(RuntimeOrigin::signed(1), instrument, Contracts::ONE),
			DispatchError::BadOrigin
		);
		assert_noop!(
			Markets::set_open_interest_cap(
				RuntimeOrigin::root(),
				Instrument::perpetual(DOT),
				Contracts::ONE
			),
			Error::<Test>::UnknownInstrument
		);
		assert_noop!(
			Markets::set_open_interest_cap(
				RuntimeOrigin::root(),
				instrument,
				Contracts::from_inner(-1)
			),
			Error::<Test>::OpenInterestCapNegative
		);
	});
}

#[test]
fn close_only_is_set_and_unset_when_admin_asks() {
	ExtBuilder::build_and_execute(|| {
		let instrument = Instrument::perpetual(ETH);
		for close_only in [true, false] {
			assert_ok!(Markets::set_close_only(RuntimeOrigin::root(), instrument, close_only));
			let listing = Instruments::<Test>::get(instrument).expect("it is listed; qed");
			assert_eq!(listing.close_only, close_only);
			let last = events().pop();
			assert_eq!(last, Some(Event::CloseOnlySet { instrument, close_only }));
		}
	});
}

#[test]
fn close_only_is_refused_when_origin_or_instrument_is_wrong() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			Markets::set_close_only(RuntimeOrigin::signed(1), Instrument::perpetual(ETH), true),
			DispatchError::BadOrigin
		);
		assert_noop!(
			Markets::set_close_only(RuntimeOrigin::root(), Instrument::perpetual(DOT), true),
			Error::<Test>::UnknownInstrument
		);
	});
}
