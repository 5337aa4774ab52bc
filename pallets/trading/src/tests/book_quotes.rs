use crate::{impl_book_quotes::MOST_LEVELS, mock::*, OrderTerms, TimeInForce};
use plimsoll_primitives::{
	BookQuotes, ImpactPrices,
	OrderSide::{self, Buy, Sell},
	Price, UsdValue,
};

fn impact(worth: u32) -> ImpactPrices {
	<Trading as BookQuotes>::impact(&PERPETUAL, UsdValue::from_u32(worth))
}

fn price(usd: u32) -> Option<Price> {
	Some(Price::from_u32(usd))
}

/// An order whose last block is the present one.
fn short_lived(side: OrderSide, size: u32, price: u32) -> OrderTerms {
	let until = Some(System::block_number());
	OrderTerms {
		time_in_force: TimeInForce::Resting { until, post_only: false },
		..limit(side, size, price)
	}
}

fn pass_blocks(count: u32) {
	System::set_block_number(System::block_number() + count);
}

#[test]
fn book_has_no_impact_prices_when_nothing_rests() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(impact(1), ImpactPrices::default());
		rest(MAKER, limit(Sell, 2, 101));
		assert_eq!(impact(1), ImpactPrices { bid: None, ask: price(101) });
	});
}

#[test]
fn impact_price_is_the_best_when_its_orders_are_worth_enough_together() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 102));
		rest(MAKER, limit(Sell, 1, 101));
		rest(STRANGER, limit(Sell, 3, 101));
		rest(MAKER, limit(Buy, 5, 98));
		rest(STRANGER, limit(Buy, 4, 99));
		assert_eq!(impact(396), ImpactPrices { bid: price(99), ask: price(101) });
	});
}

#[test]
fn impact_price_lies_behind_a_best_level_that_is_worth_too_little() {
	ExtBuilder::build_and_execute(|| {
		rest(STRANGER, limit(Sell, 1, 100));
		rest(MAKER, limit(Sell, 9, 103));
		rest(STRANGER, limit(Buy, 1, 99));
		rest(MAKER, limit(Buy, 9, 95));
		assert_eq!(impact(99), ImpactPrices { bid: price(99), ask: price(100) });
		// What stands before it counts towards it.
		assert_eq!(impact(954), ImpactPrices { bid: price(95), ask: price(103) });
		assert_eq!(impact(955), ImpactPrices { bid: None, ask: price(103) });
		assert_eq!(impact(1_027), ImpactPrices { bid: None, ask: price(103) });
		assert_eq!(impact(1_028), ImpactPrices::default());
	});
}

#[test]
fn impact_price_lies_behind_a_best_level_of_expired_orders() {
	ExtBuilder::build_and_execute(|| {
		rest(STRANGER, short_lived(Sell, 9, 100));
		rest(MAKER, limit(Sell, 9, 103));
		rest(STRANGER, short_lived(Buy, 9, 99));
		rest(MAKER, limit(Buy, 9, 95));
		pass_blocks(2);
		assert_eq!(impact(100), ImpactPrices { bid: price(95), ask: price(103) });
	});
}

#[test]
fn expired_orders_count_for_nothing_in_a_level_with_others() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, short_lived(Sell, 2, 101));
		rest(STRANGER, limit(Sell, 1, 101));
		assert_eq!(impact(303).ask, price(101));
		pass_blocks(2);
		assert_eq!(impact(303).ask, None);
		assert_eq!(impact(101).ask, price(101));
	});
}

#[test]
fn order_counts_in_the_block_after_its_last_which_looks_at_the_one_before() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, short_lived(Sell, 2, 101));
		pass_blocks(1);
		assert_eq!(impact(100).ask, price(101));
		pass_blocks(1);
		assert_eq!(impact(100).ask, None);
	});
}

#[test]
fn no_more_levels_are_looked_at_than_stated() {
	ExtBuilder::build_and_execute(|| {
		for at in 0..MOST_LEVELS - 1 {
			rest(STRANGER, limit(Sell, 1, 100 + at));
		}
		rest(MAKER, limit(Sell, 9, 105));
		assert_eq!(impact(1_000).ask, price(105));
		rest(STRANGER, limit(Sell, 1, 104));
		assert_eq!(impact(1_000).ask, None);
	});
}
