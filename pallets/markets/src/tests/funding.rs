use super::{
	perpetuals::{blocks, eth, fraction, price, set_quotes, set_spot, BLOCK},
	*,
};
use crate::{
	funding::{
		growth, FUNDING_PERIOD, HIGHEST_CAP, LONGEST_ACCRUAL, LONGEST_SMOOTHING,
		SHORTEST_SMOOTHING, WIDEST_CLAMP,
	},
	Funding, FundingAt, FundingParams, FundingSettings, HaltReason, HaltScope, PerpetualFunding,
};
use frame_support::weights::Weight;
use plimsoll_primitives::{ImpactPrices, InstrumentRegistry, Moment, Price, UsdValue};
use proptest::prelude::*;
use sp_runtime::{FixedI128, FixedU128};

fn params(change: impl FnOnce(&mut FundingParams)) -> FundingParams {
	let mut params = FundingParams::default();
	change(&mut params);
	params
}

#[test]
fn premium_is_that_of_the_side_that_binds() {
	let params = FundingParams::default();
	let spot = Price::from_u32(1_000);
	let sample = |bid, ask| params.sample(&ImpactPrices { bid, ask }, spot);
	let none = FixedI128::from_u32(0);
	assert_eq!(sample(None, None), none, "an empty book");
	assert_eq!(sample(price(999), price(1_001)), none, "the index lies within");
	assert_eq!(sample(price(1_005), price(1_006)), fraction(5, 1_000));
	assert_eq!(sample(price(990), price(992)), fraction(-8, 1_000));
	assert_eq!(sample(price(1_005), None), fraction(5, 1_000), "its bid binds");
	assert_eq!(sample(price(990), None), none, "its bid does not");
	assert_eq!(sample(None, price(990)), fraction(-10, 1_000));
}

#[test]
fn quotes_do_not_count_when_they_are_worth_less_than_the_minimum() {
	ExtBuilder::build_and_execute(|| {
		set_spot(Some(1_000));
		set_quotes(price(1_010), price(1_011));
		blocks(1, BLOCK);
		QuotedWorth::set(UsdValue::from_u32(999));
		blocks(10, BLOCK);
		assert_eq!(eth(), PerpetualFunding::new(ETH));
		QuotedWorth::set(UsdValue::from_u32(1_000));
		blocks(1, BLOCK);
		assert!(eth().premium > FixedI128::from_u32(0));
	});
}

#[test]
fn premium_is_clamped_however_far_the_book_stands() {
	let params = FundingParams::default();
	let spot = Price::from_inner(1);
	let quotes = ImpactPrices { bid: Some(Price::from_inner(u128::MAX)), ask: None };
	assert_eq!(params.sample(&quotes, spot), fraction(2, 100));
	let quotes = ImpactPrices { bid: None, ask: price(1) };
	assert_eq!(params.sample(&quotes, Price::from_u32(1_000)), fraction(-2, 100));
	assert_eq!(params.sample(&quotes, Price::ZERO), FixedI128::from_u32(0));
}

#[test]
fn rate_is_the_premium_beyond_the_damper_within_the_cap() {
	let params = FundingParams::default();
	let rate = |premium| params.rate(premium);
	assert_eq!(rate(fraction(4, 10_000)), FixedI128::from_u32(0));
	assert_eq!(rate(fraction(-5, 10_000)), FixedI128::from_u32(0));
	assert_eq!(rate(fraction(25, 10_000)), fraction(20, 10_000));
	assert_eq!(rate(fraction(-25, 10_000)), fraction(-20, 10_000));
	assert_eq!(rate(fraction(2, 100)), fraction(5, 1_000));
	assert_eq!(rate(fraction(-2, 100)), fraction(-5, 1_000));
}

#[test]
fn rate_is_the_interest_when_the_premium_is_near_it() {
	let params = self::params(|params| params.interest = fraction(1, 10_000));
	assert_eq!(params.rate(FixedI128::from_u32(0)), fraction(1, 10_000));
	assert_eq!(params.rate(fraction(6, 10_000)), fraction(1, 10_000));
	assert_eq!(params.rate(fraction(7, 10_000)), fraction(2, 10_000));
	assert_eq!(params.rate(fraction(-5, 10_000)), FixedI128::from_u32(0));
}

#[test]
fn index_grows_by_the_rate_over_eight_hours() {
	let spot = Price::from_u32(3_000);
	let rate = fraction(1, 1_000);
	assert_eq!(growth(spot, rate, FUNDING_PERIOD), Some(UsdValue::from_u32(3)));
	let paid = UsdValue::from_u32(3).checked_neg();
	assert_eq!(growth(spot, fraction(-1, 1_000), FUNDING_PERIOD), paid);
	assert_eq!(growth(spot, rate, 0), Some(UsdValue::ZERO));
	assert_eq!(growth(Price::from_inner(u128::MAX), fraction(5, 100), Moment::MAX), None);
}

#[test]
fn funding_is_nothing_when_nobody_quotes() {
	ExtBuilder::build_and_execute(|| {
		set_spot(Some(3_000));
		blocks(100, BLOCK);
		assert_eq!(eth(), PerpetualFunding::new(ETH));
		assert_eq!(FundingAt::<Test>::get(), Now::get());
	});
}

#[test]
fn longs_pay_when_the_book_stays_above_the_index() {
	ExtBuilder::build_and_execute(|| {
		set_spot(Some(1_000));
		set_quotes(price(1_010), price(1_011));
		// The first block has no time to count.
		blocks(1, BLOCK);
		assert_eq!(eth().premium, FixedI128::from_u32(0));
		// One block moves the premium by a 601st of the way only, rounded up; the damper takes that.
		blocks(1, BLOCK);
		assert_eq!(eth().premium, FixedI128::from_inner(10_000_000_000_000_000 / 601 + 1));
		assert!(eth().index.is_zero());
		// In the long run it is the book's, and the rate the premium less the damper, capped.
		blocks(6_000, BLOCK);
		assert!(eth().premium > fraction(99, 10_000));
		assert_eq!(eth().rate, fraction(5, 1_000));
		let before = eth().index;
		assert!(before.is_positive());
		blocks(1, BLOCK);
		// 1,000 × 0.5 % × 6 s / 8 h.
		let grown = eth().index.checked_sub(before);
		assert_eq!(grown, Some(UsdValue::from_inner(5_000_000_000_000_000_000 / 4_800)));
		assert_eq!(Markets::funding_indices(), vec![(BTC, UsdValue::ZERO), (ETH, eth().index)]);
	});
}

#[test]
fn shorts_pay_when_the_book_stays_below_the_index() {
	ExtBuilder::build_and_execute(|| {
		set_spot(Some(1_000));
		set_quotes(None, price(990));
		blocks(3_000, BLOCK);
		assert!(eth().rate < FixedI128::from_u32(0));
		assert!(eth().index.is_negative());
	});
}

#[test]
fn nothing_accrues_while_the_index_price_is_stale() {
	ExtBuilder::build_and_execute(|| {
		set_spot(Some(1_000));
		set_quotes(price(1_010), None);
		blocks(3_000, BLOCK);
		let before = eth();
		set_spot(None);
		blocks(3_000, BLOCK);
		assert_eq!(eth(), before);
		// What passed meanwhile is not made up for.
		set_spot(Some(1_000));
		blocks(1, BLOCK);
		let grown = eth().index.checked_sub(before.index).expect("it fits");
		assert!(grown <= growth(Price::from_u32(1_000), eth().rate, BLOCK).expect("it fits"));
	});
}

#[test]
fn nothing_accrues_while_the_perpetual_is_halted() {
	ExtBuilder::build_and_execute(|| {
		set_spot(Some(1_000));
		set_quotes(price(1_010), None);
		blocks(10, BLOCK);
		let perpetual = Instrument::perpetual(ETH);
		for scope in
			[HaltScope::Instrument(perpetual), HaltScope::Underlying(ETH), HaltScope::Chain]
		{
			let before = eth();
			assert_ok!(Markets::halt(RuntimeOrigin::signed(WARDEN), scope, HaltReason::Prices));
			blocks(100, BLOCK);
			assert_eq!(eth(), before, "{scope:?}");
			assert_ok!(Markets::resume(RuntimeOrigin::root(), scope));
			blocks(1, BLOCK);
			assert!(eth().premium > before.premium, "{scope:?}");
		}
	});
}

#[test]
fn long_gap_between_blocks_counts_as_the_longest_accrual() {
	ExtBuilder::build_and_execute(|| {
		let interest = fraction(1, 2_000);
		let params = params(|params| params.interest = interest);
		assert_ok!(Markets::set_funding(RuntimeOrigin::root(), ETH, params));
		set_spot(Some(1_000));
		blocks(1, BLOCK);
		blocks(1, 30 * DAY);
		assert_eq!(Some(eth().index), growth(Price::from_u32(1_000), interest, LONGEST_ACCRUAL));
		// A clock that stands still, or goes back, counts nothing.
		let before = eth();
		blocks(1, 0);
		next_block(Now::get() - 1);
		Now::set(Now::get() + 1);
		assert_eq!(eth(), before);
	});
}

#[test]
fn nothing_happens_when_there_is_no_chain_time_yet() {
	ExtBuilder::build_and_execute(|| {
		set_spot(Some(1_000));
		set_quotes(price(1_010), None);
		next_block(0);
		assert_eq!(FundingAt::<Test>::get(), 0);
		// The first moment is where measuring begins, not what has elapsed.
		next_block(START);
		assert_eq!(eth(), PerpetualFunding::new(ETH));
		assert_eq!(FundingAt::<Test>::get(), START);
	});
}

#[test]
fn hook_weighs_what_reading_every_perpetuals_book_does() {
	ExtBuilder::build_and_execute(|| {
		let weight = next_block(Now::get() + BLOCK);
		let idle = <() as crate::WeightInfo>::on_initialize_idle()
			.saturating_add(<() as crate::WeightInfo>::listing_rests());
		let two = <() as crate::WeightInfo>::accrue_funding(2)
			.saturating_add(Weight::from_parts(100, 10));
		assert_eq!(weight, idle.saturating_add(two));
	});
}

#[test]
fn perpetual_begins_at_zero_when_it_is_listed_anew() {
	ExtBuilder::build_and_execute(|| {
		set_spot(Some(1_000));
		set_quotes(price(1_010), None);
		blocks(1_000, BLOCK);
		assert!(eth().index.is_positive());
		let instrument = Instrument::perpetual(ETH);
		assert_ok!(Markets::delist(RuntimeOrigin::root(), instrument));
		assert!(Funding::<Test>::get().iter().all(|funding| funding.underlying != ETH));
		list(instrument);
		assert_eq!(eth(), PerpetualFunding::new(ETH));
	});
}

#[test]
fn parameters_are_set_when_admin_asks() {
	ExtBuilder::build_and_execute(|| {
		let params = params(|params| params.cap = HIGHEST_CAP);
		assert_ok!(Markets::set_funding(RuntimeOrigin::root(), ETH, params));
		assert_eq!(FundingSettings::<Test>::get(ETH), params);
		assert_eq!(FundingSettings::<Test>::get(BTC), FundingParams::default());
		assert_eq!(events(), vec![Event::FundingSet { underlying: ETH, params }]);
	});
}

#[test]
fn parameters_are_refused_by_name_when_they_are_out_of_bounds() {
	ExtBuilder::build_and_execute(|| {
		let refused = |change: fn(&mut FundingParams), error: Error<Test>| {
			assert_noop!(Markets::set_funding(RuntimeOrigin::root(), ETH, params(change)), error);
		};
		refused(
			|params| params.cap = FixedU128::from_inner(HIGHEST_CAP.into_inner() + 1),
			Error::FundingCapTooHigh,
		);
		refused(
			|params| params.interest = fraction(-51, 100_000),
			Error::FundingInterestBeyondDamper,
		);
		refused(
			|params| params.interest = FixedI128::from_inner(i128::MIN),
			Error::FundingInterestBeyondDamper,
		);
		refused(|params| params.damper = HIGHEST_CAP, Error::FundingDamperTooWide);
		refused(
			|params| params.clamp = FixedU128::from_inner(WIDEST_CLAMP.into_inner() + 1),
			Error::PremiumClampTooWide,
		);
		for smoothing in [0, SHORTEST_SMOOTHING - 1, LONGEST_SMOOTHING + 1, Moment::MAX] {
			let params = params(|params| params.smoothing = smoothing);
			assert_noop!(
				Markets::set_funding(RuntimeOrigin::root(), ETH, params),
				Error::<Test>::PremiumSmoothingOutOfRange
			);
		}
		refused(|params| params.minimum_quote = UsdValue::ZERO, Error::MinimumQuoteNotPositive);
		let default = FundingParams::default();
		assert_noop!(
			Markets::set_funding(RuntimeOrigin::signed(1), ETH, default),
			DispatchError::BadOrigin
		);
		assert_noop!(
			Markets::set_funding(RuntimeOrigin::root(), UnderlyingId(9), default),
			Error::<Test>::UnknownUnderlying
		);
	});
}

#[test]
fn funding_is_kept_in_order_when_perpetuals_are_listed_in_any() {
	ExtBuilder::build_and_execute(|| {
		assert_ok!(Markets::delist(RuntimeOrigin::root(), Instrument::perpetual(BTC)));
		list(Instrument::perpetual(DOT));
		list(Instrument::perpetual(BTC));
		let all = Funding::<Test>::get();
		assert_eq!(
			all.iter().map(|funding| funding.underlying).collect::<Vec<_>>(),
			[BTC, ETH, DOT]
		);
	});
}

proptest! {
	/// Whatever books do: the premium stays within its clamp, the rate within its cap, and neither
	/// passes the sample it goes to.
	#[test]
	fn premium_and_rate_stay_within_bounds_whatever_books_do(
		steps in proptest::collection::vec(
			(1u128..10u128.pow(25), 1u128..10u128.pow(25), 1u128..10u128.pow(25), 0u64..2 * LONGEST_ACCRUAL),
			1..40,
		),
		interest in -500_000_000_000_000i128..500_000_000_000_000,
	) {
		let params = params(|params| params.interest = FixedI128::from_inner(interest));
		let mut funding = PerpetualFunding::new(ETH);
		for (bid, ask, spot, elapsed) in steps {
			let side = |price| Some(Price::from_inner(price));
			let quotes = ImpactPrices { bid: side(bid.min(ask)), ask: side(bid.max(ask)) };
			let spot = Price::from_inner(spot);
			let after = funding.accrued(&params, &quotes, spot, elapsed).expect("it fits");
			let sample = params.sample(&quotes, spot);
			let (low, high) = (funding.premium.min(sample), funding.premium.max(sample));
			prop_assert!(low <= after.premium && after.premium <= high);
			prop_assert!(after.rate.into_inner().unsigned_abs() <= params.cap.into_inner());
			let grown = after.index.checked_sub(funding.index).expect("it fits");
			prop_assert!(grown.is_zero() || grown.is_negative() == (after.rate.into_inner() < 0));
			funding = after;
		}
	}
}
