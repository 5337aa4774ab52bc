use super::{pool, trade};
use crate::{route, trade::NetPrice, Balance, Offer, OrderSide, Plan, Pool, Source, Trade};
use proptest::prelude::*;
use sp_arithmetic::Permill;
use sp_core::{U256, U512};

fn side() -> impl Strategy<Value = OrderSide> {
	prop_oneof![Just(OrderSide::Buy), Just(OrderSide::Sell)]
}

fn offer() -> impl Strategy<Value = Offer> {
	(1u128..300, 1u128..9, 0u32..100_000).prop_map(|(price, amount, fee)| Offer {
		price,
		amount,
		fee: Permill::from_parts(fee),
	})
}

/// Best first after fees.
fn ladder(side: OrderSide) -> impl Strategy<Value = Vec<Offer>> {
	proptest::collection::vec(offer(), 0..4).prop_map(move |mut offers| {
		offers.sort_by_key(|offer| offer.net_price(side));
		if side == OrderSide::Sell {
			offers.reverse();
		}
		offers
	})
}

fn small_pool() -> impl Strategy<Value = Pool> {
	(2u128..60, 2u128..6_000, 0u32..100_000).prop_map(|(base, quote, fee)| pool(base, quote, fee))
}

/// Deep enough that its price hardly moves within a lot.
fn deep_pool() -> impl Strategy<Value = Pool> {
	(200u128..2_000, 200u128..6_000, 0u32..100_000)
		.prop_map(|(base, quote, fee)| pool(base, quote, fee))
}

fn small() -> impl Strategy<Value = (Trade, Vec<Offer>, Vec<Offer>, Option<Pool>)> {
	(side(), 1u128..14, any::<bool>(), 1u128..400, 1u128..4).prop_flat_map(
		|(side, amount, any_price, worst, unit)| {
			let mut trade = Trade { unit, ..trade(side, amount) };
			if !any_price {
				trade.worst_price = worst;
			}
			let venues = (ladder(side), ladder(side), proptest::option::of(small_pool()));
			venues.prop_map(move |(one, other, pool)| (trade, one, other, pool))
		},
	)
}

/// What a plan's slices cost when they are made.
fn executed(trade: &Trade, plan: &Plan, ladders: &[&[Offer]], pool: Option<&Pool>) -> Balance {
	plan.slices
		.iter()
		.map(|slice| match slice.source {
			Source::Offer { ladder, place } => {
				ladders[ladder][place].quote(trade, slice.amount).expect("made").0
			}
			Source::Pool => {
				pool.expect("there is one").quote(trade.side, slice.amount).expect("made")
			}
		})
		.sum()
}

/// What so much of a ladder comes to; what brings nothing is not traded.
fn from_the_best_on(trade: &Trade, ladder: &[Offer], amount: Balance) -> Option<Balance> {
	let (mut left, mut sum) = (amount, 0);
	for offer in ladder {
		let here = left.min(offer.amount);
		if here > 0 {
			sum += offer.quote(trade, here).map(|(quote, _)| quote).filter(|quote| *quote > 0)?;
		}
		left -= here;
	}
	(left == 0).then_some(sum)
}

/// The best quote of all ways to trade exactly `amount`: ladders in their order, the rest with the pool.
fn brute_force(
	trade: &Trade,
	amount: Balance,
	ladders: &[&[Offer]],
	pool: Option<&Pool>,
) -> Option<Balance> {
	let better = |one: Option<Balance>, other: Option<Balance>| match (one, other) {
		(Some(one), Some(other)) if trade.side == OrderSide::Buy => Some(one.min(other)),
		(Some(one), Some(other)) => Some(one.max(other)),
		(one, other) => one.or(other),
	};
	let Some((ladder, rest)) = ladders.split_first() else {
		return if amount == 0 { Some(0) } else { pool?.quote(trade.side, amount) };
	};
	let mut best = None;
	for taken in 0..=amount {
		let Some(quote) = from_the_best_on(trade, ladder, taken) else { continue };
		let others = brute_force(trade, amount - taken, rest, pool);
		best = better(best, others.map(|others| others + quote));
	}
	best
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	#[test]
	fn plan_is_what_carrying_it_out_costs((trade, one, other, pool) in small()) {
		let ladders: [&[Offer]; 2] = [&one, &other];
		if let Ok(plan) = route(&trade, &ladders, pool.as_ref()) {
			prop_assert_eq!(plan.quote, executed(&trade, &plan, &ladders, pool.as_ref()));
			prop_assert_eq!(plan.amount, plan.slices.iter().map(|slice| slice.amount).sum::<Balance>());
			prop_assert!(plan.amount <= trade.amount);
			prop_assert!(plan.slices.iter().all(|slice| slice.amount > 0 && slice.quote > 0));
			for (number, slice) in plan.slices.iter().enumerate() {
				if let Source::Offer { ladder, place } = slice.source {
					prop_assert!(slice.amount <= ladders[ladder][place].amount);
				}
				let again = plan.slices[..number].iter().any(|other| other.source == slice.source);
				prop_assert!(!again, "a source is named twice");
			}
		}
	}

	#[test]
	fn plan_is_never_worse_than_the_best_single_venue((trade, one, other, pool) in small()) {
		let plan = route(&trade, &[&one, &other], pool.as_ref()).unwrap_or_default();
		let singles = [
			route(&trade, &[&one], None),
			route(&trade, &[&other], None),
			route(&trade, &[], pool.as_ref()),
		];
		for single in singles.into_iter().flatten() {
			prop_assert!(!single.is_better(&trade, &plan), "{single:?} beats {plan:?}");
		}
	}

	#[test]
	fn ladders_are_taken_from_their_best_offers_on((trade, one, other, pool) in small()) {
		let ladders: [&[Offer]; 2] = [&one, &other];
		let plan = route(&trade, &ladders, pool.as_ref()).unwrap_or_default();
		let taken = |of, at| plan.slices.iter().any(|slice| {
			slice.source == Source::Offer { ladder: of, place: at }
				&& slice.amount == ladders[of][at].amount
		});
		for slice in &plan.slices {
			if let Source::Offer { ladder, place } = slice.source {
				prop_assert!((0..place).all(|before| taken(ladder, before)));
			}
		}
	}

	#[test]
	fn plan_is_within_its_rounding_of_the_best_of_all_splits(
		(trade, one, other, _) in small(),
		pool in deep_pool(),
	) {
		let ladders: [&[Offer]; 2] = [&one, &other];
		let plan = route(&trade, &ladders, Some(&pool)).unwrap_or_default();
		if plan.amount == 0 {
			return Ok(());
		}
		let best = brute_force(&trade, plan.amount, &ladders, Some(&pool));
		let best = best.expect("the plan itself is a way");
		let rounding = 2 * Balance::try_from(plan.slices.len()).expect("few") + 1;
		prop_assert!(plan.quote.abs_diff(best) <= rounding, "{plan:?}, best {best}");
	}

	#[test]
	fn no_slice_is_beyond_the_worst_price_but_for_rounding((trade, one, other, pool) in small()) {
		let plan = route(&trade, &[&one, &other], pool.as_ref()).unwrap_or_default();
		for slice in plan.slices {
			let (quote, worst) = (
				U256::from(slice.quote) * U256::from(trade.unit),
				U256::from(slice.amount) * U256::from(trade.worst_price),
			);
			let rounding = U256::from(2 * trade.unit);
			match trade.side {
				OrderSide::Buy => prop_assert!(quote <= worst + rounding),
				OrderSide::Sell => prop_assert!(quote + rounding >= worst),
			}
		}
	}

	#[test]
	fn pool_gives_all_up_to_a_marginal_price_and_no_more(
		side in side(),
		base in 1u128..1 << 90,
		quote in 1u128..1 << 90,
		fee in 0u32..100_000,
		price in 1u128..1 << 100,
		unit in 1u128..1 << 60,
	) {
		let pool = pool(base, quote, fee);
		let trade = Trade { unit, ..trade(side, 1) };
		let limit = NetPrice::new(side, price, Permill::zero());
		let amount = pool.up_to(&trade, &limit);
		let wide = |value: u128| U512::from(value);
		let (million, kept) = (wide(1_000_000), wide(u128::from(1_000_000 - fee)));
		let product = wide(quote) * wide(base) * wide(unit);
		// Whether the marginal price at an amount is within the limit, with no division.
		let is_within = |amount: u128| match side {
			OrderSide::Buy => {
				let left = wide(base - amount);
				product * million <= wide(price) * kept * left * left
			}
			OrderSide::Sell => {
				let grown = wide(base) * million + kept * wide(amount);
				product * kept * million >= wide(price) * grown * grown
			}
		};
		if amount > 0 {
			prop_assert!(is_within(amount));
		}
		let is_all = side == OrderSide::Buy && amount + 1 >= base;
		prop_assert!(is_all || !is_within(amount + 1));
	}

	#[test]
	fn large_trades_cost_no_less_than_real_numbers_say(
		side in side(),
		base in 1u128 << 60..1 << 80,
		quote in 1u128 << 40..1 << 60,
		part in 1u128..1_000,
		price in 1u128..1 << 70,
		depth in 1u128 << 50..1 << 70,
	) {
		// A price for 10^18 units, as the chain has them.
		let unit = 10u128.pow(18);
		let pool = pool(base, quote, 3_000);
		let offers = [Offer { price, amount: depth, fee: Permill::from_parts(500) }];
		let amount = base / 1_000 * part;
		let trade = Trade { unit, ..trade(side, amount) };
		let plan = route(&trade, &[&offers], Some(&pool)).unwrap_or_default();
		for single in [route(&trade, &[&offers], None), route(&trade, &[], Some(&pool))] {
			let single = single.unwrap_or_default();
			prop_assert!(!single.is_better(&trade, &plan));
		}
		// Moving a thousandth of the trade from one to the other gains nothing beyond rounding.
		if let [Some(of_offer), Some(of_pool)] = [0, 1].map(|at| plan.slices.get(at)) {
			let moved = amount / 1_000;
			for (offered, pooled) in [
				(of_offer.amount.checked_sub(moved), of_pool.amount.checked_add(moved)),
				(of_offer.amount.checked_add(moved), of_pool.amount.checked_sub(moved)),
			] {
				let (Some(offered), Some(pooled)) = (offered, pooled) else { continue };
				if offered > depth {
					continue;
				}
				let there = offers[0].quote(&trade, offered).map(|(quote, _)| quote);
				let here = pool.quote(side, pooled);
				let (Some(there), Some(here)) = (there, here) else { continue };
				match side {
					OrderSide::Buy => prop_assert!(plan.quote <= there + here + 4),
					OrderSide::Sell => prop_assert!(plan.quote + 4 >= there + here),
				}
			}
		}
	}
}
