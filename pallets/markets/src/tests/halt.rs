use super::*;
use crate::{CurrentHalts, HaltReason, HaltScope};
use plimsoll_primitives::InstrumentRegistry;
use sp_runtime::Permill;

const REASON: HaltReason = HaltReason::DisorderlyMarket;

fn halt(scope: HaltScope) {
	assert_ok!(Markets::halt(RuntimeOrigin::signed(WARDEN), scope, REASON));
}

fn resume(scope: HaltScope) {
	assert_ok!(Markets::resume(RuntimeOrigin::root(), scope));
}

fn is_halted(instrument: Instrument) -> bool {
	Markets::tradable(&instrument).expect("it is listed; qed").halted
}

#[test]
fn halt_reaches_what_its_scope_says_and_is_told() {
	ExtBuilder::build_and_execute(|| {
		let perpetual = Instrument::perpetual(ETH);
		let option = call(EXPIRY, 2_000);
		list(option);
		for (scope, halted, chain) in [
			(HaltScope::Instrument(option), [false, true], false),
			(HaltScope::Underlying(ETH), [true, true], false),
			(HaltScope::Underlying(BTC), [false, false], false),
			(HaltScope::Chain, [true, true], true),
		] {
			halt(scope);
			assert_eq!(events().pop(), Some(Event::TradingHalted { scope, reason: REASON }));
			assert_eq!([perpetual, option].map(is_halted), halted, "{scope:?}");
			assert_eq!(<Markets as InstrumentRegistry>::is_halted(), chain);
			resume(scope);
			assert_eq!(events().pop(), Some(Event::TradingResumed { scope }));
			assert_eq!([perpetual, option].map(is_halted), [false, false]);
		}
		assert_eq!(CurrentHalts::<Test>::get(), Default::default());
	});
}

#[test]
fn halt_stays_when_a_narrower_one_is_lifted() {
	ExtBuilder::build_and_execute(|| {
		let perpetual = Instrument::perpetual(ETH);
		halt(HaltScope::Instrument(perpetual));
		halt(HaltScope::Underlying(ETH));
		resume(HaltScope::Instrument(perpetual));
		assert!(is_halted(perpetual));
		resume(HaltScope::Underlying(ETH));
		assert!(!is_halted(perpetual));
	});
}

#[test]
fn halt_is_refused_when_origin_or_scope_is_wrong() {
	ExtBuilder::build_and_execute(|| {
		let unlisted = HaltScope::Instrument(call(EXPIRY, 2_000));
		let origin = || RuntimeOrigin::signed(WARDEN);
		let of = |scope| Markets::halt(origin(), scope, REASON);
		let by_stranger = Markets::halt(RuntimeOrigin::signed(1), HaltScope::Chain, REASON);
		assert_noop!(by_stranger, DispatchError::BadOrigin);
		assert_noop!(of(unlisted), Error::<Test>::UnknownInstrument);
		let unknown = HaltScope::Underlying(UnderlyingId(99));
		assert_noop!(of(unknown), Error::<Test>::UnknownUnderlying);
		let known = [
			HaltScope::Chain,
			HaltScope::Underlying(ETH),
			HaltScope::Instrument(Instrument::perpetual(ETH)),
		];
		for scope in known {
			let lifted = Markets::resume(RuntimeOrigin::root(), scope);
			assert_noop!(lifted, Error::<Test>::NotHalted);
			halt(scope);
			assert_noop!(of(scope), Error::<Test>::AlreadyHalted);
			// Who may halt may not lift.
			assert_noop!(Markets::resume(origin(), scope), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn price_band_is_set_and_unset_when_admin_asks() {
	ExtBuilder::build_and_execute(|| {
		let instrument = Instrument::perpetual(ETH);
		for band in [Some(Permill::from_percent(3)), None] {
			assert_ok!(Markets::set_price_band(RuntimeOrigin::root(), instrument, band));
			assert_eq!(Markets::tradable(&instrument).expect("it is listed; qed").price_band, band);
			assert_eq!(events().pop(), Some(Event::PriceBandSet { instrument, band }));
		}
		let by_stranger = Markets::set_price_band(RuntimeOrigin::signed(1), instrument, None);
		assert_noop!(by_stranger, DispatchError::BadOrigin);
		let unknown = Markets::set_price_band(RuntimeOrigin::root(), call(EXPIRY, 2_000), None);
		assert_noop!(unknown, Error::<Test>::UnknownInstrument);
	});
}
