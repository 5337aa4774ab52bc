use crate::{mock::*, Aggregates, ConfidenceLaw};
use plimsoll_primitives::Price;
use sp_arithmetic::FixedU128;

fn half_width() -> u128 {
	Aggregates::<Test>::get(BTC).expect("aggregated").half_width.into_inner()
}

/// Rounding adds less than this.
const DUST: u128 = 4;

fn assert_about(width: u128, expected: Price) {
	let expected = expected.into_inner();
	assert!((expected..expected + DUST).contains(&width), "{width} against {expected}");
}

/// 0.1 % at least, the dispersion, and 1 % over the number of operators.
fn with_law() {
	set_params(|params| {
		params.quorum = 1;
		params.confidence = ConfidenceLaw {
			floor: FixedU128::from_rational(1, 1_000),
			dispersion: FixedU128::from_u32(1),
			scarcity: FixedU128::from_rational(1, 100),
		}
	});
}

#[test]
fn half_width_is_wide_when_one_alone_reports() {
	ExtBuilder::build_and_execute(|| {
		with_law();
		report_btc(&[(ALICE, 10_000)]);
		next_block();
		assert_about(half_width(), usd(10 + 100));
	});
}

#[test]
fn half_width_is_narrow_when_many_agree() {
	ExtBuilder::build_and_execute(|| {
		with_law();
		report_btc(&[(ALICE, 10_000), (BOB, 10_000), (CAROL, 10_000), (DAVE, 10_000)]);
		next_block();
		assert_about(half_width(), usd(10 + 25));
	});
}

#[test]
fn half_width_grows_when_operators_are_apart() {
	ExtBuilder::build_and_execute(|| {
		with_law();
		report_btc(&[(ALICE, 9_900), (BOB, 10_100)]);
		next_block();
		assert_about(half_width(), usd(10 + 100 + 50));
	});
}

#[test]
fn half_width_covers_what_is_to_go_when_the_price_moves_in_steps() {
	ExtBuilder::build_and_execute(|| {
		with_law();
		report_btc(&[(ALICE, 10_000)]);
		next_block();
		report_btc(&[(ALICE, 8_000)]);
		next_block();
		assert_about(half_width(), usd(8 + 80 + 1_000));
	});
}

#[test]
fn half_width_is_at_most_half_of_the_price() {
	ExtBuilder::build_and_execute(|| {
		with_law();
		report_btc(&[(ALICE, 100)]);
		next_block();
		report_btc(&[(ALICE, 10_000)]);
		next_block();
		assert_eq!(btc().value, usd(110));
		assert_eq!(half_width(), usd(55).into_inner());
	});
}
