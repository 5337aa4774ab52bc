//! What positions have brought and cost since they were opened.

use crate::{mock::*, Fees, PositionTotals};
use frame_support::assert_ok;
use plimsoll_primitives::{Contracts, Instrument, LiquidationLedger, UsdValue};
use proptest::prelude::*;
use sp_arithmetic::{Permill, Perquintill};

const DOLLAR: i128 = 1_000_000_000_000_000_000;

fn totals(owner: AccountId, instrument: Instrument) -> PositionTotals {
	let report = Margin::account_report(&sub(owner)).expect("priced");
	let position = report.positions.into_iter().find(|one| one.instrument == instrument);
	position.expect("it is held").totals
}

/// The taker pays a tenth of a per cent, the maker half of that.
fn with_fees() {
	for owner in [ALICE, BOB, CHARLIE] {
		deposit_cash(owner, 1_000_000);
	}
	let [maker, taker, insurance_share] = [500, 1_000, 0].map(Permill::from_parts);
	assert_ok!(Margin::set_fees(
		RuntimeOrigin::root(),
		Fees { maker, taker, insurance_share, tiers: Default::default() }
	));
}

#[test]
fn totals_tell_what_closing_fees_and_funding_did_to_cash() {
	ExtBuilder::build_and_execute(|| {
		with_fees();
		match_one(perpetual(), lots(2), 3_000);
		let fees = 6_000_000;
		assert_eq!(totals(ALICE, perpetual()), PositionTotals { realised: 0, fees, funding: 0 });
		set_funding(5 * DOLLAR, 0);
		match_one(perpetual(), lots(-1), 3_100);
		let after = PositionTotals { realised: 100_000_000, fees: 9_100_000, funding: -10_000_000 };
		assert_eq!(totals(ALICE, perpetual()), after);
		assert_eq!(cash(ALICE), 1_000_000_000_000 + 100_000_000 - 9_100_000 - 10_000_000);
		let maker = PositionTotals { realised: -100_000_000, fees: 4_550_000, funding: 10_000_000 };
		assert_eq!(totals(BOB, perpetual()), maker);
	});
}

#[test]
fn totals_go_on_through_zero_and_begin_anew_after_it() {
	ExtBuilder::build_and_execute(|| {
		with_fees();
		match_one(perpetual(), lots(1), 3_000);
		match_one(perpetual(), lots(-2), 3_100);
		let after = PositionTotals { realised: 100_000_000, fees: 9_200_000, funding: 0 };
		assert_eq!(totals(ALICE, perpetual()), after);
		match_one(perpetual(), lots(1), 3_100);
		match_one(perpetual(), lots(1), 3_000);
		let fresh = PositionTotals { realised: 0, fees: 3_000_000, funding: 0 };
		assert_eq!(totals(ALICE, perpetual()), fresh);
	});
}

#[test]
fn premiums_are_what_an_option_has_realised() {
	ExtBuilder::build_and_execute(|| {
		with_fees();
		match_one(call(3_000), lots(2), 200);
		match_one(call(3_000), lots(-1), 250);
		let after = PositionTotals { realised: -150_000_000, fees: 650_000, funding: 0 };
		assert_eq!(totals(ALICE, call(3_000)), after);
	});
}

#[test]
fn slice_leaves_totals_with_who_had_the_position() {
	ExtBuilder::build_and_execute(|| {
		with_fees();
		match_one(perpetual(), lots(2), 3_000);
		set_funding(DOLLAR, 0);
		let half = Perquintill::from_percent(50);
		assert_ok!(<Margin as LiquidationLedger<AccountId>>::transfer_slice(
			&sub(ALICE),
			&sub(CHARLIE),
			half,
			0
		));
		let left = PositionTotals { realised: 0, fees: 6_000_000, funding: -2_000_000 };
		assert_eq!(totals(ALICE, perpetual()), left);
		assert_eq!(totals(CHARLIE, perpetual()), PositionTotals::default());
	});
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

	/// Whatever is traded, at whatever prices: cash has changed by what the totals say, and equity by that
	/// and what is not realised yet. A far long position keeps the record alive.
	#[test]
	fn totals_and_unrealised_profit_are_all_that_an_instrument_has_brought(
		fills in proptest::collection::vec((-1_000_000i128..1_000_000, 2_900u32..3_100, -DOLLAR..DOLLAR), 1..20),
	) {
		new_test_ext().execute_with(|| {
			with_fees();
			match_one(perpetual(), lots(30), 3_000);
			let mut index = 0;
			for (size, usd, step) in fills {
				if size == 0 {
					continue;
				}
				index += step;
				set_funding(index, 0);
				match_one(perpetual(), Contracts::from_inner(size * 1_000_000_000_001), usd);
				let totals = totals(ALICE, perpetual());
				let brought = totals.realised - totals.fees + totals.funding;
				prop_assert_eq!(cash(ALICE), 1_000_000_000_000 + brought);
				let report = Margin::account_report(&sub(ALICE)).expect("priced");
				let unrealised = report.positions[0].unrealised;
				let all = UsdValue::from_inner(cash(ALICE) * 1_000_000_000_000).checked_add(unrealised);
				prop_assert_eq!(Some(report.risk.margin.equity), all);
				check_all();
			}
			Ok(())
		})?;
	}
}
