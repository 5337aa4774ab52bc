use super::{
	perpetuals::{blocks, eth, fraction, price, set_quotes, set_spot, BLOCK},
	*,
};
use crate::{
	mark::{LONGEST_SAMPLE, WIDEST_MARK_CLAMP},
	FundingParams, HaltReason, HaltScope, MarkParams, PerpetualFunding,
};
use plimsoll_primitives::{ImpactPrices, InstrumentRegistry, Moment, UsdValue};
use proptest::prelude::*;
use sp_runtime::{FixedI128, FixedU128};

const NOTHING: FixedI128 = FixedI128::from_inner(0);

fn premium() -> FixedI128 {
	eth().mark_premium
}

/// Has the book stand 0.4 % above the oracle's price for so long that the mark does.
fn stand_above() {
	set_spot(Some(1_000));
	set_quotes(price(1_003), price(1_005));
	blocks(2_000, BLOCK);
	assert_eq!(premium(), fraction(4, 1_000));
}

/// In 10⁻¹⁸, without its sign.
fn size(premium: FixedI128) -> u128 {
	premium.into_inner().unsigned_abs()
}

#[test]
fn sample_is_the_middle_of_the_book_within_the_clamp() {
	let params = MarkParams::default();
	let sample = |bid, ask, spot| {
		let impact = ImpactPrices { bid: price(bid), ask: price(ask) };
		params.sample(&impact, Price::from_u32(spot))
	};
	assert_eq!(sample(999, 1_001, 1_000), Some(NOTHING));
	assert_eq!(sample(1_000, 1_004, 1_000), Some(fraction(2, 1_000)));
	assert_eq!(sample(996, 999, 1_000), Some(fraction(-25, 10_000)));
	assert_eq!(sample(1_020, 1_021, 1_000), Some(fraction(5, 1_000)));
	assert_eq!(sample(10, 11, 1_000), Some(fraction(-5, 1_000)));
	assert_eq!(sample(999, 1_001, 0), None);
}

#[test]
fn book_says_nothing_when_a_side_is_missing_or_both_are_far_apart() {
	let params = MarkParams::default();
	let sample = |bid, ask| params.sample(&ImpactPrices { bid, ask }, Price::from_u32(1_000));
	assert_eq!(sample(None, None), None);
	assert_eq!(sample(price(1_010), None), None);
	assert_eq!(sample(None, price(990)), None);
	assert_eq!(sample(price(1_000), price(1_005)), Some(fraction(25, 10_000)));
	assert_eq!(sample(price(1_000), price(1_006)), None);
	let absurd = Some(Price::from_inner(u128::MAX));
	assert_eq!(sample(absurd, absurd), None, "more than can be counted");
}

#[test]
fn mark_follows_the_book_slowly_and_arrives() {
	ExtBuilder::build_and_execute(|| {
		set_spot(Some(1_000));
		set_quotes(price(1_003), price(1_005));
		// The first block has no time to count.
		blocks(1, BLOCK);
		assert_eq!(premium(), NOTHING);
		// A 51st of the way, rounded up.
		blocks(1, BLOCK);
		assert_eq!(premium(), FixedI128::from_inner(4_000_000_000_000_000 / 51 + 1));
		assert_eq!(Markets::mark_premium(ETH), premium());
		assert_eq!(Markets::mark_premium(BTC), NOTHING);
		assert_eq!(Markets::mark_premium(DOT), NOTHING, "it is not listed");
		blocks(2_000, BLOCK);
		assert_eq!(premium(), fraction(4, 1_000));
		// Funding is over the oracle's price, of which the bid is 0.3 % above.
		assert!(eth().premium < fraction(3, 1_000) && eth().premium > fraction(28, 10_000));
	});
}

#[test]
fn mark_goes_back_to_the_oracle_when_a_side_does_not_quote_the_minimum() {
	type Change = fn();
	let changes: [Change; 3] = [
		|| set_quotes(price(1_003), None),
		|| set_quotes(None, price(1_005)),
		|| QuotedWorth::set(UsdValue::from_u32(999)),
	];
	for change in changes {
		ExtBuilder::build_and_execute(|| {
			stand_above();
			change();
			blocks(50, BLOCK);
			// By more than half in five minutes.
			assert!(premium() < fraction(2, 1_000) && premium() > fraction(1, 1_000));
			blocks(3_000, BLOCK);
			assert_eq!(premium(), NOTHING);
		});
	}
}

#[test]
fn mark_goes_back_to_the_oracle_while_its_price_is_stale() {
	ExtBuilder::build_and_execute(|| {
		stand_above();
		let funding = eth().premium;
		set_spot(None);
		blocks(50, BLOCK);
		assert!(premium() < fraction(2, 1_000));
		blocks(3_000, BLOCK);
		assert_eq!(premium(), NOTHING);
		assert_eq!(eth().premium, funding, "funding stands still");
	});
}

#[test]
fn mark_goes_back_to_the_oracle_while_the_perpetual_is_halted() {
	ExtBuilder::build_and_execute(|| {
		for scope in [
			HaltScope::Instrument(Instrument::perpetual(ETH)),
			HaltScope::Underlying(ETH),
			HaltScope::Chain,
		] {
			stand_above();
			assert_ok!(Markets::halt(RuntimeOrigin::signed(WARDEN), scope, HaltReason::Prices));
			blocks(3_000, BLOCK);
			assert_eq!(premium(), NOTHING, "{scope:?}");
			assert_ok!(Markets::resume(RuntimeOrigin::root(), scope));
		}
	});
}

#[test]
fn premium_does_not_survive_a_standstill_of_the_chain() {
	ExtBuilder::build_and_execute(|| {
		stand_above();
		// The book still shows it, for which a minute counts; the hours before it have nearly undone it.
		blocks(1, 10 * 60 * 60 * 1_000);
		assert!(premium() < fraction(1, 1_000));
		// What a sample adds is a sixth of the way, as after a minute.
		set_quotes(price(997), price(999));
		let before = premium();
		blocks(1, 30 * DAY);
		let after = premium();
		assert!(after < before && size(after) < size(fraction(2, 1_000)) / 5);
	});
}

#[test]
fn mark_is_the_oracles_price_when_the_clamp_is_zero() {
	ExtBuilder::build_and_execute(|| {
		stand_above();
		let mark = MarkParams { clamp: FixedU128::from_u32(0), ..Default::default() };
		let params = FundingParams { mark, ..Default::default() };
		assert_ok!(Markets::set_funding(RuntimeOrigin::root(), ETH, params));
		blocks(1, BLOCK);
		assert_eq!(premium(), NOTHING);
	});
}

#[test]
fn mark_parameters_are_refused_by_name_when_they_are_out_of_bounds() {
	ExtBuilder::build_and_execute(|| {
		let refused = |mark: MarkParams, error: Error<Test>| {
			let params = FundingParams { mark, ..Default::default() };
			assert_noop!(Markets::set_funding(RuntimeOrigin::root(), ETH, params), error);
		};
		let clamp = FixedU128::from_inner(WIDEST_MARK_CLAMP.into_inner() + 1);
		refused(MarkParams { clamp, ..Default::default() }, Error::MarkClampTooWide);
		for smoothing in [0, 59_999, 86_400_001, Moment::MAX] {
			let mark = MarkParams { smoothing, ..Default::default() };
			refused(mark, Error::MarkSmoothingOutOfRange);
		}
		let widest = MarkParams { clamp: WIDEST_MARK_CLAMP, smoothing: 60_000 };
		let params = FundingParams { mark: widest, ..Default::default() };
		assert_ok!(Markets::set_funding(RuntimeOrigin::root(), ETH, params));
	});
}

#[test]
fn perpetual_is_marked_at_the_oracle_when_it_is_listed_anew() {
	ExtBuilder::build_and_execute(|| {
		stand_above();
		let perpetual = Instrument::perpetual(ETH);
		assert_ok!(Markets::delist(RuntimeOrigin::root(), perpetual));
		assert_eq!(Markets::mark_premium(ETH), NOTHING);
		list(perpetual);
		assert_eq!(eth(), PerpetualFunding::new(ETH));
	});
}

proptest! {
	/// Whatever books do: marks stay within the clamp of the oracle's price, and no block moves them by more
	/// than its time allows.
	#[test]
	fn mark_stays_within_its_clamp_and_no_block_moves_it_far(
		steps in proptest::collection::vec(
			(
				(1u128..10u128.pow(25), 0u128..10u128.pow(23), 1u128..10u128.pow(25)),
				prop_oneof![Just(6_000u64), 0..10 * LONGEST_SAMPLE, any::<u64>()],
				0u8..4,
			),
			1..40,
		),
		clamp in 0u128..=20_000_000_000_000_000,
		smoothing in 60_000u64..3_600_000,
	) {
		let params = MarkParams { clamp: FixedU128::from_inner(clamp), smoothing };
		prop_assert_eq!(params.validate(), Ok(()));
		let mut premium = NOTHING;
		for ((bid, spread, spot), elapsed, sides) in steps {
			let side = |usd: u128, is: bool| is.then(|| Price::from_inner(usd));
			let impact = ImpactPrices {
				bid: side(bid, sides != 1),
				ask: side(bid + spread % (spot / 1_000 + 1), sides != 2),
			};
			// Some books stand near the oracle's price.
			let spot = if sides == 3 { bid } else { spot };
			let sample = params.sample(&impact, Price::from_inner(spot));
			let after = params.followed(premium, sample, elapsed);
			prop_assert!(size(after) <= clamp);
			if let Some(sample) = sample {
				prop_assert!(size(sample) <= clamp);
			} else {
				prop_assert!(size(after) <= size(premium), "nothing is learnt");
			}
			if elapsed <= LONGEST_SAMPLE {
				let most = 2 * clamp * u128::from(elapsed) / u128::from(elapsed + smoothing) + 1;
				let moved = premium.into_inner().abs_diff(after.into_inner());
				prop_assert!(moved <= most, "{} is more than {}", moved, most);
			}
			premium = after;
		}
		// Without quotes it is gone in the end, whatever the time between blocks.
		for _ in 0..3_000 {
			premium = params.followed(premium, None, 60_000);
		}
		prop_assert_eq!(premium, NOTHING);
	}
}
