use super::black76_reference::BLACK;
use crate::{
	black76::*,
	error::MathError,
	fixed::{to_decimal, Fixed, ONE},
	tenor::{Tenor, YEAR},
};
use plimsoll_primitives::{OptionKind, Price, Rate, Rounding, Volatility};
use proptest::prelude::*;

fn option(
	kind: OptionKind,
	forward: u128,
	strike: u128,
	volatility: u128,
	milliseconds: u64,
	rate: i128,
) -> (Option76, Tenor) {
	let tenor = Tenor::from_milliseconds(milliseconds).expect("every tenor has a root");
	let option = Option76::new(
		kind,
		Price::from_inner(forward),
		Price::from_inner(strike),
		Volatility::from_inner(volatility),
		&tenor,
		Rate::from_inner(rate),
	);
	(option.expect("within the domain"), tenor)
}

fn price(option: &Option76) -> u128 {
	option.price().expect("within the domain").into_inner()
}

/// 5e-18 of the forward plus a few units: the stated error and the discount's.
fn allowed(forward: u128, strike: u128) -> u128 {
	(forward / SCALE_INVERSE).max(strike / SCALE_INVERSE / 1000) + 4
}
const SCALE_INVERSE: u128 = 200_000_000_000_000_000;

#[test]
fn prices_agree_with_reference() {
	let mut largest = 0;
	for case @ (forward, strike, volatility, milliseconds, rate, call, put, ..) in BLACK {
		for (kind, expected) in [(OptionKind::Call, call), (OptionKind::Put, put)] {
			let (option, _) = option(kind, forward, strike, volatility, milliseconds, rate);
			let error = price(&option).abs_diff(expected);
			// The part of the payoff that is certain is only discounted; its error is the
			// discount's (2e-19 relative) on the larger of forward and strike.
			assert!(
				error <= allowed(forward, strike) + strike.max(forward) / (2 * SCALE_INVERSE),
				"{kind:?} {case:?}: {} off by {error}",
				price(&option)
			);
			if rate == 0 {
				// Undiscounted: 2e-18 of the forward plus a unit, whatever the strike.
				let bound = forward / 500_000_000_000_000_000 + 1;
				assert!(error <= bound, "{kind:?} {case:?}: off by {error}");
			}
			let scale = forward.max(strike) / 1_000_000_000;
			largest = largest.max(error.saturating_mul(1_000_000_000_000) / scale);
		}
	}
	println!("Black-76: largest error {largest}e-21 of the larger of forward and strike");
}

#[test]
fn derivatives_agree_with_reference() {
	for case @ (forward, strike, volatility, milliseconds, rate, _, _, delta, gamma, vega, theta) in
		BLACK
	{
		if forward > u128::MAX >> 20 || strike > u128::MAX >> 20 {
			continue;
		}
		let (option, tenor) =
			option(OptionKind::Call, forward, strike, volatility, milliseconds, rate);
		let greeks = option.greeks(&tenor, Rate::from_inner(rate)).expect("within the domain");
		let close = |got: i128, expected: i128, scale: u128, name: &str| {
			let error = got.abs_diff(expected);
			let bound =
				scale / 10_000_000_000_000_000 + expected.unsigned_abs() / 100_000_000_000 + 5;
			assert!(error <= bound, "{name} of {case:?}: {got}, expected {expected}");
		};
		close(to_decimal(greeks.delta, Rounding::Down), delta, 1_000_000_000_000_000_000, "delta");
		// At tiny σ√T, d1 carries the logarithm's error magnified by 1/(σ√T) (at most 1e-12 here),
		// and gamma and theta are as much larger themselves.
		let magnified = forward * 1_000;
		close(greeks.gamma.into_inner(), gamma, magnified, "gamma");
		close(greeks.vega.into_inner(), vega, forward, "vega");
		close(greeks.theta.into_inner(), theta, magnified, "theta");
	}
}

#[test]
fn price_is_intrinsic_when_expired() {
	let one = 1_000_000_000_000_000_000u128;
	for (kind, forward, strike, expected) in [
		(OptionKind::Call, 110, 100, 10),
		(OptionKind::Call, 90, 100, 0),
		(OptionKind::Put, 90, 100, 10),
		(OptionKind::Put, 110, 100, 0),
		(OptionKind::Call, 100, 100, 0),
	] {
		let (option, tenor) = option(kind, forward * one, strike * one, one, 0, 0);
		assert_eq!(price(&option), expected * one);
		let greeks = option.greeks(&tenor, Rate::ZERO).expect("within the domain");
		let expected_delta = match (expected, kind) {
			(0, _) => 0,
			(_, OptionKind::Call) => 1,
			(_, OptionKind::Put) => -1,
		};
		assert_eq!(greeks.delta, Fixed::from_num(expected_delta));
		assert!(greeks.gamma.is_zero() && greeks.vega.is_zero() && greeks.theta.is_zero());
	}
}

#[test]
fn price_is_defined_when_forward_or_strike_is_zero() {
	let one = 1_000_000_000_000_000_000u128;
	for (kind, forward, strike, expected) in [
		(OptionKind::Call, one, 0, one),
		(OptionKind::Put, one, 0, 0),
		(OptionKind::Call, 0, one, 0),
		(OptionKind::Put, 0, one, one),
		(OptionKind::Call, 0, 0, 0),
	] {
		let (option, _) = option(kind, forward, strike, one, YEAR, 0);
		assert_eq!(price(&option), expected);
	}
}

#[test]
fn inputs_are_refused_when_absurd() {
	let tenor = Tenor::from_milliseconds(YEAR).expect("a year");
	let new = |volatility, rate, tenor| {
		Option76::new(OptionKind::Call, Price::ONE, Price::ONE, volatility, tenor, rate)
	};
	let most = Volatility::from_inner(u128::MAX);
	assert_eq!(new(most, Rate::ZERO, &tenor).err(), Some(MathError::Overflow));
	let steep = Rate::from_inner(17_000_000_000_000_000_000);
	assert_eq!(new(Volatility::ONE, steep, &tenor).err(), Some(MathError::OutOfDomain));
	let absurd = Rate::from_inner(i128::MIN);
	assert_eq!(new(Volatility::ONE, absurd, &tenor).err(), Some(MathError::Overflow));
	assert_eq!(Deviation::new(Fixed::from_num(-1)).err(), Some(MathError::OutOfDomain));
}

#[test]
fn tenor_is_exact_when_it_is_whole_years() {
	let tenor = Tenor::from_milliseconds(4 * YEAR).expect("four years");
	assert_eq!(tenor.years(), Fixed::from_num(4));
	assert!((tenor.root().to_bits() - (2i128 << 64)).abs() <= 8);
	assert!(Tenor::from_milliseconds(u64::MAX).is_ok());
	assert!(Tenor::between(10, 5).expect("expired").is_expired());
}

prop_compose! {
	/// A forward of 1e-6 to 1e9 USD and a strike of a thousandth to a thousand times of it.
	fn forward_and_strike()(
		forward in 1_000_000_000_000u128..1_000_000_000_000_000_000_000_000_000,
		ratio in 1_000u128..=1_000_000_000,
	) -> (u128, u128) {
		(forward, forward / 1_000_000 * ratio)
	}
}

/// Volatility of 1 % to 1,000 %.
const VOLATILITIES: core::ops::Range<u128> = 10_000_000_000_000_000..10_000_000_000_000_000_000;
/// A second to ten years.
const TENORS: core::ops::Range<u64> = 1_000..10 * YEAR;
/// −10 % to 30 % a year.
const RATES: core::ops::Range<i128> = -100_000_000_000_000_000..300_000_000_000_000_000;

proptest! {
	#![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

	#[test]
	fn put_call_parity_holds(
		(forward, strike) in forward_and_strike(),
		volatility in VOLATILITIES,
		milliseconds in TENORS,
		rate in RATES,
	) {
		let (call, _) = option(OptionKind::Call, forward, strike, volatility, milliseconds, rate);
		let put = Option76 { kind: OptionKind::Put, ..call };
		let (call, put, discount) = (price(&call), price(&put), call.discount);
		let difference = i128::try_from(forward).expect("small") - i128::try_from(strike).expect("small");
		let discounted = discounted(Price::from_inner(difference.unsigned_abs()), discount)
			.expect("small")
			.into_inner();
		let error = if difference >= 0 {
			call.abs_diff(put + discounted)
		} else {
			put.abs_diff(call + discounted)
		};
		// Each of the three is rounded down once.
		prop_assert!(error <= 2);
	}

	#[test]
	fn price_stays_within_arbitrage_bounds(
		(forward, strike) in forward_and_strike(),
		volatility in VOLATILITIES,
		milliseconds in TENORS,
		rate in RATES,
	) {
		for kind in [OptionKind::Call, OptionKind::Put] {
			let (option, _) = option(kind, forward, strike, volatility, milliseconds, rate);
			let highest = if kind == OptionKind::Call { forward } else { strike };
			let cut = |raw| discounted(Price::from_inner(raw), option.discount).expect("small");
			let floor = intrinsic(kind, option.forward, option.strike).into_inner();
			let price = option.price().expect("within the domain");
			prop_assert!(price >= cut(floor) && price <= cut(highest));
		}
	}

	#[test]
	fn price_rises_with_spot_and_volatility(
		(forward, strike) in forward_and_strike(),
		volatility in VOLATILITIES,
		milliseconds in TENORS,
		more in 1u128..1_000,
	) {
		let at = |kind, forward, volatility| {
			price(&option(kind, forward, strike, volatility, milliseconds, 0).0)
		};
		// The error of two prices.
		let slack = allowed(2 * forward, 2 * strike);
		let higher = forward + forward / 1_000 * more;
		prop_assert!(
			at(OptionKind::Call, higher, volatility) + slack
				>= at(OptionKind::Call, forward, volatility)
		);
		prop_assert!(
			at(OptionKind::Put, higher, volatility)
				<= at(OptionKind::Put, forward, volatility) + slack
		);
		let livelier = volatility + volatility / 1_000 * more;
		for kind in [OptionKind::Call, OptionKind::Put] {
			prop_assert!(at(kind, forward, livelier) + slack >= at(kind, forward, volatility));
		}
	}

	#[test]
	fn nothing_panics_at_any_input(
		forward in any::<u128>(),
		strike in any::<u128>(),
		volatility in any::<u128>(),
		milliseconds in any::<u64>(),
		rate in any::<i128>(),
		deviation in 0..i128::MAX,
	) {
		let tenor = Tenor::from_milliseconds(milliseconds).expect("every tenor has a root");
		let rate = Rate::from_inner(rate);
		let (forward, strike) = (Price::from_inner(forward), Price::from_inner(strike));
		for kind in [OptionKind::Call, OptionKind::Put] {
			let volatility = Volatility::from_inner(volatility);
			if let Ok(option) = Option76::new(kind, forward, strike, volatility, &tenor, rate) {
				let _ = (option.price(), option.greeks(&tenor, rate));
			}
			let deviation = Deviation::new(Fixed::from_bits(deviation)).expect("not negative");
			let option = Option76 { kind, forward, strike, deviation, discount: ONE };
			let price = option.price().expect("undiscounted");
			prop_assert!(price >= intrinsic(kind, forward, strike));
			let highest = if kind == OptionKind::Call { forward } else { strike };
			prop_assert!(price <= highest);
			let _ = option.greeks(&tenor, rate);
		}
	}
}
