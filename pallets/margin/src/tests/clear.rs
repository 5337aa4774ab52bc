use crate::{mock::*, Accounts, Error, Event, Holders};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{Clearing, Contracts, Fill, Instrument, Price, UnderlyingId};
use sp_runtime::DispatchError;

fn fund(dollars: u128) {
	deposit_cash(ALICE, dollars);
	deposit_cash(BOB, dollars);
}

fn fill(instrument: Instrument, size: Contracts, usd: u32) -> Fill {
	Fill { instrument, size, price: price(usd) }
}

fn clear(fills: &[Fill]) -> Result<(), DispatchError> {
	Ok(<Margin as Clearing<AccountId>>::clear(&sub(ALICE), &sub(BOB), fills)?)
}

#[test]
fn fill_opens_both_sides_when_both_pass_the_gate() {
	ExtBuilder::build_and_execute(|| {
		fund(10_000);
		events();
		assert_ok!(clear(&[fill(perpetual(), lots(2), 3_000)]));
		assert_eq!(size(ALICE, perpetual()), lots(2));
		assert_eq!(size(BOB, perpetual()), lots(-2));
		assert_eq!(entry(ALICE, perpetual()), 6_000_000_000);
		assert_eq!(entry(BOB, perpetual()), -6_000_000_000);
		assert_eq!(cash(ALICE), 10_000_000_000, "a perpetual costs no cash");
		assert_eq!(open_interest(&perpetual()), lots(2));
		assert!(Holders::<Test>::contains_key(perpetual(), sub(BOB)));
		let changed = |account, change| Event::PositionChanged {
			account: sub(account),
			instrument: perpetual(),
			change,
			size: change,
			price: price(3_000),
			cash_change: 0,
		};
		assert_eq!(events(), vec![changed(ALICE, lots(2)), changed(BOB, lots(-2))]);
	});
}

#[test]
fn premium_is_paid_in_cash_when_an_option_trades() {
	ExtBuilder::build_and_execute(|| {
		fund(10_000);
		assert_ok!(clear(&[fill(call(3_000), lots(1), 200)]));
		assert_eq!(cash(ALICE), 9_800_000_000);
		assert_eq!(cash(BOB), 10_200_000_000);
		assert_eq!(entry(ALICE, call(3_000)), 0);
	});
}

#[test]
fn buyer_pays_up_and_seller_gets_down_when_the_price_falls_between_units() {
	ExtBuilder::build_and_execute(|| {
		fund(10_000);
		let price = Price::from_inner(200_000_000_500_000_000_000); // 200.0000005
		let fills = [Fill { instrument: call(3_000), size: lots(1), price }];
		assert_ok!(clear(&fills));
		assert_eq!(cash(ALICE), 10_000_000_000 - 200_000_001);
		assert_eq!(cash(BOB), 10_000_000_000 + 200_000_000);
		assert_eq!(insurance(), 1);
	});
}

#[test]
fn profit_is_realised_when_a_position_is_closed_in_parts_and_flipped() {
	ExtBuilder::build_and_execute(|| {
		fund(50_000);
		assert_ok!(clear(&[fill(perpetual(), lots(4), 3_000)]));
		assert_ok!(clear(&[fill(perpetual(), lots(-1), 3_100)]));
		assert_eq!(cash(ALICE), 50_100_000_000);
		assert_eq!(cash(BOB), 49_900_000_000);
		assert_eq!(entry(ALICE, perpetual()), 9_000_000_000);
		assert_ok!(clear(&[fill(perpetual(), lots(-5), 2_900)]));
		assert_eq!(size(ALICE, perpetual()), lots(-2));
		assert_eq!(cash(ALICE), 49_800_000_000);
		assert_eq!(cash(BOB), 50_200_000_000);
		assert_eq!(entry(ALICE, perpetual()), -5_800_000_000);
		assert_eq!(open_interest(&perpetual()), lots(2));
		assert_ok!(clear(&[fill(perpetual(), lots(2), 2_900)]));
		assert!(Accounts::<Test>::get(sub(ALICE)).expect("has cash").positions.is_empty());
		assert_eq!(open_interest(&perpetual()), lots(0));
	});
}

#[test]
fn open_interest_does_not_change_when_a_position_changes_hands() {
	ExtBuilder::build_and_execute(|| {
		fund(50_000);
		deposit_cash(CHARLIE, 50_000);
		set_interest_cap(perpetual(), lots(2));
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(2), price(3_000)));
		assert_ok!(trade(CHARLIE, ALICE, perpetual(), lots(2), price(3_000)));
		assert_eq!(open_interest(&perpetual()), lots(2));
	});
}

#[test]
fn open_interest_is_counted_net_when_one_trade_has_several_fills_of_an_instrument() {
	ExtBuilder::build_and_execute(|| {
		fund(50_000);
		set_interest_cap(perpetual(), lots(1));
		// In between it is over the cap; in the end it is not.
		assert_ok!(clear(&[fill(perpetual(), lots(3), 3_000), fill(perpetual(), lots(-2), 3_000)]));
		assert_eq!(open_interest(&perpetual()), lots(1));
	});
}

#[test]
fn trade_is_refused_when_open_interest_would_pass_its_cap() {
	ExtBuilder::build_and_execute(|| {
		fund(50_000);
		set_interest_cap(perpetual(), lots(1));
		assert_noop!(
			clear(&[fill(perpetual(), milli(1_001), 3_000)]),
			DispatchError::Other("open interest cap")
		);
	});
}

#[test]
fn trade_is_refused_when_both_sides_are_one_account() {
	ExtBuilder::build_and_execute(|| {
		fund(10_000);
		assert_noop!(
			trade(ALICE, ALICE, perpetual(), lots(1), price(3_000)),
			Error::<Test>::SameAccount
		);
	});
}

#[test]
fn trade_is_refused_when_an_account_does_not_exist() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		for (taker, maker) in [(ALICE, EVE), (EVE, ALICE)] {
			assert_noop!(
				trade(taker, maker, perpetual(), lots(1), price(3_000)),
				Error::<Test>::AccountNotFound
			);
		}
	});
}

#[test]
fn trade_is_refused_when_there_are_no_or_too_many_fills() {
	ExtBuilder::build_and_execute(|| {
		fund(10_000);
		assert_noop!(clear(&[]), Error::<Test>::NoFills);
		let fills = vec![fill(perpetual(), milli(1), 3_000); 9];
		assert_noop!(clear(&fills), Error::<Test>::TooManyFills);
		assert_ok!(clear(&fills[..8]));
	});
}

#[test]
fn trade_is_refused_when_the_size_is_zero() {
	ExtBuilder::build_and_execute(|| {
		fund(10_000);
		assert_noop!(clear(&[fill(perpetual(), lots(0), 3_000)]), Error::<Test>::ZeroSize);
	});
}

#[test]
fn trade_is_refused_when_the_instrument_is_unknown_or_expired() {
	ExtBuilder::build_and_execute(|| {
		fund(10_000);
		let unknown = Instrument::perpetual(UnderlyingId(9));
		assert_noop!(clear(&[fill(unknown, lots(1), 1)]), Error::<Test>::UnknownInstrument);
		set_time(EXPIRY);
		assert_noop!(clear(&[fill(future(), lots(1), 1)]), Error::<Test>::InstrumentExpired);
	});
}

#[test]
fn all_fills_are_undone_when_one_is_refused() {
	ExtBuilder::build_and_execute(|| {
		fund(10_000);
		let unknown = Instrument::perpetual(UnderlyingId(9));
		assert_noop!(
			clear(&[fill(perpetual(), lots(1), 3_000), fill(unknown, lots(1), 1)]),
			Error::<Test>::UnknownInstrument
		);
	});
}

#[test]
fn trade_is_refused_when_an_account_has_no_room_for_positions() {
	ExtBuilder::build_and_execute(|| {
		MaxPositions::set(2);
		fund(100_000);
		assert_ok!(clear(&[fill(perpetual(), lots(1), 3_000), fill(future(), lots(1), 3_000)]));
		assert_noop!(clear(&[fill(call(3_000), lots(1), 100)]), Error::<Test>::TooManyPositions);
		MaxPositions::set(128);
	});
}

#[test]
fn close_only_instrument_trades_only_towards_zero() {
	ExtBuilder::build_and_execute(|| {
		fund(50_000);
		deposit_cash(CHARLIE, 50_000);
		assert_ok!(clear(&[fill(perpetual(), lots(2), 3_000)]));
		set_close_only(perpetual());
		assert_noop!(clear(&[fill(perpetual(), lots(1), 3_000)]), Error::<Test>::CloseOnly);
		assert_noop!(clear(&[fill(perpetual(), lots(-3), 3_000)]), Error::<Test>::CloseOnly);
		assert_noop!(
			trade(CHARLIE, ALICE, perpetual(), lots(1), price(3_000)),
			Error::<Test>::CloseOnly
		);
		assert_ok!(clear(&[fill(perpetual(), lots(-1), 3_000)]));
		assert_ok!(clear(&[fill(perpetual(), lots(-1), 3_000)]));
	});
}

#[test]
fn trade_is_refused_when_either_side_lacks_margin() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		deposit_cash(BOB, 1_000_000);
		for (taker, maker) in [(ALICE, BOB), (BOB, ALICE)] {
			assert_noop!(
				trade(taker, maker, perpetual(), lots(1), price(3_000)),
				Error::<Test>::InitialMarginNotMet
			);
		}
	});
}

#[test]
fn trade_is_refused_when_a_price_is_missing() {
	ExtBuilder::build_and_execute(|| {
		fund(100_000);
		list(Instrument::perpetual(UnderlyingId(7)));
		let unpriced = Instrument::perpetual(UnderlyingId(7));
		assert_noop!(clear(&[fill(unpriced, lots(1), 1)]), Error::<Test>::NoPrice);
		change_live_prices(ETH, |prices| prices.expiries[0].surface = None);
		assert_noop!(clear(&[fill(call(3_000), lots(1), 1)]), Error::<Test>::NoSurface);
		assert_ok!(clear(&[fill(future(), lots(1), 3_000)]));
		change_live_prices(ETH, |prices| prices.expiries.clear());
		assert_noop!(clear(&[fill(future(), lots(1), 3_000)]), Error::<Test>::NoForward);
		set_stale(ETH);
		assert_noop!(clear(&[fill(perpetual(), lots(1), 3_000)]), Error::<Test>::StalePrice);
	});
}

#[test]
fn trade_is_refused_when_amounts_overflow() {
	ExtBuilder::build_and_execute(|| {
		fund(100_000);
		let extremes = [
			(Contracts::from_inner(i128::MAX), Price::from_inner(u128::MAX)),
			(Contracts::from_inner(i128::MIN), Price::from_u32(1)),
			(Contracts::from_inner(i128::MIN + 1), Price::from_inner(u128::MAX)),
			(Contracts::from_inner(i128::MAX), Price::from_u32(3_000)),
		];
		for (size, price) in extremes {
			for instrument in [perpetual(), call(3_000)] {
				let fills = [Fill { instrument, size, price }];
				assert_noop!(clear(&fills), Error::<Test>::Overflow);
			}
		}
	});
}

/// Alice's margin falls below what she needs, by a fall of the price.
fn under_water() {
	deposit_cash(ALICE, 10_000);
	deposit_cash(BOB, 1_000_000);
	assert_ok!(clear(&[fill(perpetual(), lots(10), 3_000)]));
	set_price(ETH, price(2_300));
}

#[test]
fn reducing_trade_passes_when_the_account_stays_below_initial_margin() {
	ExtBuilder::build_and_execute(|| {
		under_water();
		let short = |size| clear(&[fill(perpetual(), size, 2_300)]);
		assert_noop!(short(milli(1)), Error::<Test>::InitialMarginNotMet);
		assert_ok!(short(lots(-1)));
		let after = Margin::account_report(&sub(ALICE)).expect("priced");
		assert!(after.free_collateral.expect("live").is_negative(), "still below");
	});
}

#[test]
fn reducing_trade_is_refused_when_it_costs_more_than_it_relieves() {
	ExtBuilder::build_and_execute(|| {
		under_water();
		assert_noop!(
			clear(&[fill(perpetual(), lots(-1), 1_000)]),
			Error::<Test>::InitialMarginNotMet
		);
	});
}

#[test]
fn closing_at_a_price_that_leaves_a_debt_is_refused() {
	ExtBuilder::build_and_execute(|| {
		under_water();
		// Initial margin of 5,750 would be set free; equity of 3,000 is all that may be lost.
		let close = |price| clear(&[fill(perpetual(), lots(-10), price)]);
		assert_noop!(close(1_740), Error::<Test>::InitialMarginNotMet);
		assert_noop!(close(1_999), Error::<Test>::InitialMarginNotMet);
		assert_ok!(close(2_300));
		assert_eq!(cash(ALICE), 3_000_000_000);
	});
}

#[test]
fn reducing_trade_is_refused_when_the_price_is_stale() {
	ExtBuilder::build_and_execute(|| {
		under_water();
		set_stale(ETH);
		assert_noop!(clear(&[fill(perpetual(), lots(-1), 2_300)]), Error::<Test>::StalePrice);
	});
}

#[test]
fn hedge_needs_less_margin_than_its_legs() {
	ExtBuilder::build_and_execute(|| {
		fund(1_000_000);
		assert_ok!(clear(&[fill(perpetual(), lots(10), 3_000)]));
		let bare = Margin::account_report(&sub(ALICE)).expect("priced").risk.margin;
		assert_ok!(clear(&[fill(future(), lots(-10), 3_000)]));
		let hedged = Margin::account_report(&sub(ALICE)).expect("priced").risk.margin;
		assert!(hedged.initial < bare.initial);
	});
}
