use super::{offer, pool, trade};
use crate::{route, Balance, Offer, OrderSide, Pool, RouteError, Source, Trade, MAX_OFFERS};
use sp_arithmetic::Permill;

#[test]
fn pool_quotes_what_the_pallet_computes() {
	// Figures of `pallet-asset-conversion`'s own tests: reserves of 10,000 and 200, a fee of 0.3 %.
	let pool = pool(200, 10_000, 3_000);
	assert_eq!(pool.quote(OrderSide::Sell, 10), Some(474));
	assert_eq!(pool.quote(OrderSide::Buy, 10), Some(528));
}

#[test]
fn pool_quotes_nothing_when_it_would_be_emptied() {
	let keeps = Pool { base_minimum: 5, quote_minimum: 9_600, ..pool(200, 10_000, 0) };
	assert!(keeps.quote(OrderSide::Buy, 195).is_some());
	assert_eq!(keeps.quote(OrderSide::Buy, 196), None);
	assert!(keeps.quote(OrderSide::Sell, 8).is_some());
	assert_eq!(keeps.quote(OrderSide::Sell, 9), None);
	assert_eq!(pool(200, 10_000, 0).quote(OrderSide::Buy, 200), None);
	assert_eq!(pool(0, 10_000, 0).quote(OrderSide::Sell, 1), None);
	assert_eq!(pool(200, 10_000, 1_000_000).quote(OrderSide::Buy, 1), None);
	assert_eq!(pool(200, 10_000, 0).quote(OrderSide::Buy, 0), None);
}

#[test]
fn trade_is_split_where_marginal_prices_meet() {
	// The pool's marginal price begins at 100 and is 121 when a tenth and a bit of it is bought.
	let (pool, offers) = (pool(110_000, 11_000_000, 0), [offer(121, 50_000)]);
	let plan = route(&trade(OrderSide::Buy, 15_000), &[&offers], Some(&pool)).expect("routed");
	let amounts: Vec<(Source, Balance)> =
		plan.slices.iter().map(|slice| (slice.source, slice.amount)).collect();
	assert_eq!(amounts, [(Source::Offer { ladder: 0, place: 0 }, 5_000), (Source::Pool, 10_000)]);
	assert_eq!(plan.quote, 5_000 * 121 + 1_100_001);
}

#[test]
fn offers_of_several_ladders_are_taken_best_first_after_fees() {
	let dear = Offer { fee: Permill::from_percent(2), ..offer(100, 5) };
	let (book, quotes) = ([dear, offer(103, 5)], [offer(101, 5)]);
	let plan = route(&trade(OrderSide::Buy, 12), &[&book, &quotes], None).expect("routed");
	let sources: Vec<Source> = plan.slices.iter().map(|slice| slice.source).collect();
	let of = |ladder, place| Source::Offer { ladder, place };
	assert_eq!(sources, [of(1, 0), of(0, 0), of(0, 1)]);
	assert_eq!(plan.quote, 505 + 510 + 206);
	assert_eq!(plan.slices[1].fee, 10);
}

#[test]
fn single_venue_is_taken_when_rounding_eats_what_a_split_saves() {
	// The pool's first unit is as cheap as the offer's, but rounding makes it cost one more.
	let (pool, offers) = (pool(1_000_000, 1_000_000, 0), [offer(2, 10)]);
	let plan = route(&trade(OrderSide::Buy, 1), &[&offers], Some(&pool)).expect("routed");
	assert_eq!(plan.quote, 2);
	let plan = route(&trade(OrderSide::Sell, 1), &[&[offer(1, 10)]], Some(&pool)).expect("routed");
	assert_eq!((plan.quote, plan.slices[0].source), (1, Source::Offer { ladder: 0, place: 0 }));
}

#[test]
fn nothing_is_taken_beyond_the_worst_price_after_fees() {
	let charged = Offer { fee: Permill::from_percent(1), ..offer(100, 5) };
	let mut trade = Trade { worst_price: 100, ..trade(OrderSide::Buy, 5) };
	assert_eq!(route(&trade, &[&[charged]], None), Err(RouteError::NothingWithinWorstPrice));
	trade.worst_price = 101;
	assert_eq!(route(&trade, &[&[charged]], None).expect("routed").quote, 505);
	trade.amount = 6;
	assert_eq!(route(&trade, &[&[charged]], None).expect("routed").amount, 5);
	trade.all_or_nothing = true;
	assert_eq!(route(&trade, &[&[charged]], None), Err(RouteError::NotFilled));
}

#[test]
fn slices_are_whole_lots() {
	let trade = Trade { lot: 10, ..trade(OrderSide::Buy, 50) };
	let plan = route(&trade, &[&[offer(1, 19), offer(3, 45)]], Some(&pool(100, 100, 0)));
	let plan = plan.expect("routed");
	assert_eq!(plan.amount, 50);
	assert!(plan.slices.iter().all(|slice| slice.amount % 10 == 0), "{plan:?}");
}

#[test]
fn trade_is_refused_when_it_makes_no_sense() {
	let none = |trade: &Trade| route(trade, &[], None);
	let buy = trade(OrderSide::Buy, 5);
	assert_eq!(none(&buy), Err(RouteError::NothingWithinWorstPrice));
	assert_eq!(none(&Trade { amount: 0, ..buy }), Err(RouteError::ZeroAmount));
	assert_eq!(none(&Trade { lot: 2, ..buy }), Err(RouteError::NotInLots));
	assert_eq!(none(&Trade { lot: 0, ..buy }), Err(RouteError::NotInLots));
	assert_eq!(none(&Trade { unit: 0, ..buy }), Err(RouteError::NotInLots));
	let many = vec![offer(1, 1); MAX_OFFERS + 1];
	assert_eq!(route(&buy, &[&many], None), Err(RouteError::TooManyOffers));
}

#[test]
fn extremes_give_a_plan_or_none_but_never_panic() {
	let extremes = [0, 1, 1_000_000, Balance::MAX / 2, Balance::MAX];
	for side in [OrderSide::Buy, OrderSide::Sell] {
		for amount in extremes {
			for price in extremes {
				for reserve in extremes {
					for unit in [1, 10u128.pow(36), Balance::MAX] {
						let trade = Trade { worst_price: price, unit, ..trade(side, amount) };
						let pool = Pool { quote_minimum: 1, ..pool(reserve, price, 3_000) };
						let _ = route(&trade, &[&[offer(price, reserve)]], Some(&pool));
					}
				}
			}
		}
	}
}

#[test]
fn more_is_not_sold_when_it_would_bring_less_in_all() {
	// The two that the offer takes bring ten, and the six that are left nothing; all eight sold to the
	// pool would bring one.
	let pool = pool(1_596, 253, 0);
	let plan = route(&trade(OrderSide::Sell, 8), &[&[offer(5, 2)]], Some(&pool)).expect("routed");
	assert_eq!((plan.amount, plan.quote), (2, 10));
	let all = Trade { all_or_nothing: true, ..trade(OrderSide::Sell, 8) };
	let plan = route(&all, &[&[offer(5, 2)]], Some(&pool)).expect("routed");
	assert_eq!((plan.amount, plan.quote), (8, 1));
}
