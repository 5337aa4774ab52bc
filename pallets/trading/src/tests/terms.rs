//! What the legs of a quote must be like.

use crate::{mock::*, Error};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{Contracts, Fill, Instrument, Price, UnderlyingId};
use sp_runtime::DispatchResult;

/// Takes a quote with these legs.
fn take_legs(fills: &[Fill]) -> DispatchResult {
	let mut with_legs = quote(1);
	with_legs.legs = legs(fills);
	take(with_legs)
}

#[test]
fn block_trade_refuses_when_there_are_no_legs() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(take_legs(&[]), Error::<Test>::NoLegs);
	});
}

#[test]
fn block_trade_succeeds_when_there_are_as_many_legs_as_may_be() {
	ExtBuilder::build_and_execute(|| {
		let fills: Vec<_> = (1..=MaxLegs::get())
			.map(|strike| {
				list(call_option(strike));
				fill(call_option(strike), 1, 5)
			})
			.collect();
		assert_ok!(take_legs(&fills));
	});
}

#[test]
fn block_trade_refuses_when_an_instrument_stands_twice() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			take_legs(&[fill(PERPETUAL, 1, 100), fill(FUTURE, 1, 100), fill(PERPETUAL, -1, 101)]),
			Error::<Test>::DuplicateInstrument
		);
	});
}

#[test]
fn block_trade_refuses_when_an_instrument_is_unknown() {
	ExtBuilder::build_and_execute(|| {
		let unknown = Instrument::perpetual(UnderlyingId(9));
		assert_noop!(
			take_legs(&[fill(PERPETUAL, 1, 100), fill(unknown, 1, 100)]),
			Error::<Test>::UnknownInstrument
		);
		assert_noop!(take_legs(&[fill(call_option(1), 1, 5)]), Error::<Test>::UnknownInstrument);
	});
}

#[test]
fn block_trade_refuses_when_an_instrument_has_expired() {
	ExtBuilder::build_and_execute(|| {
		Listed::mutate(FUTURE, |listed| {
			if let Some((_, expired)) = listed {
				*expired = true;
			}
		});
		assert_noop!(take(quote(1)), Error::<Test>::ExpiredInstrument);
	});
}

#[test]
fn block_trade_refuses_when_a_size_is_zero() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			take_legs(&[fill(PERPETUAL, 1, 100), fill(FUTURE, 0, 100)]),
			Error::<Test>::ZeroSize
		);
	});
}

#[test]
fn block_trade_refuses_when_a_size_is_not_in_lots() {
	ExtBuilder::build_and_execute(|| {
		let lot = Contracts::from_rational(1, 10).into_inner();
		for size in [1, lot - 1, lot + 1, -1, 1 - lot, lot / 2, i128::MIN, i128::MAX] {
			let leg = Fill { size: Contracts::from_inner(size), ..fill(PERPETUAL, 1, 100) };
			assert_noop!(take_legs(&[leg]), Error::<Test>::SizeNotInLots);
		}
		let one_lot = Fill { size: Contracts::from_inner(-lot), ..fill(PERPETUAL, 1, 100) };
		assert_ok!(take_legs(&[one_lot]));
	});
}

#[test]
fn block_trade_refuses_when_a_price_is_zero() {
	ExtBuilder::build_and_execute(|| {
		list(call_option(100));
		for instrument in [PERPETUAL, FUTURE, call_option(100)] {
			assert_noop!(take_legs(&[fill(instrument, 1, 0)]), Error::<Test>::ZeroPrice);
		}
	});
}

#[test]
fn block_trade_refuses_when_a_price_is_not_in_ticks() {
	ExtBuilder::build_and_execute(|| {
		let tick = Price::from_rational(1, 2).into_inner();
		for price in [1, tick - 1, tick + 1, u128::MAX] {
			let leg = Fill { price: Price::from_inner(price), ..fill(PERPETUAL, 1, 100) };
			assert_noop!(take_legs(&[leg]), Error::<Test>::PriceNotInTicks);
		}
		let one_tick = Fill { price: Price::from_inner(201 * tick), ..fill(PERPETUAL, 1, 100) };
		assert_ok!(take_legs(&[one_tick]));
	});
}
