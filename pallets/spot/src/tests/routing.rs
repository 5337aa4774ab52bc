//! Swaps that take from the book and the pool what is best.

use crate::{
	mock::*, Asked, CancelCause, Error, Event, Orders, SwapQuote, SwapSlice, TimeInForce, Venue,
};
use frame_support::{assert_noop, assert_ok, storage::with_storage_layer, BoundedVec};
use plimsoll_primitives::{
	Balance,
	OrderSide::{self, Buy, Sell},
	Price,
};
use proptest::prelude::*;
use sp_runtime::{DispatchError, DispatchResult, Permill};

fn swap(side: OrderSide, lots: Balance, worst: u32, all_or_nothing: bool) -> DispatchResult {
	let worst = Price::from_u32(worst);
	with_storage_layer(|| {
		let origin = RuntimeOrigin::signed(ALICE);
		let (amount, none) = (lots * LOT, BoundedVec::new());
		Spot::swap(origin, sub(ALICE), ETH, side, amount, worst, all_or_nothing, none)
			.map(|_| ())
			.map_err(|error| error.error)
	})
}

fn quote(side: OrderSide, lots: Balance, worst: u32) -> Result<SwapQuote, DispatchError> {
	let (amount, worst_price) = (lots * LOT, Price::from_u32(worst));
	let asked = Asked { collateral: ETH, side, amount, worst_price, all_or_nothing: false };
	Spot::quote_swap(&sub(ALICE), &asked, &[])
}

/// What of a quote is traded where, in lots: (book, pool).
fn lots_of(quote: &SwapQuote) -> (Balance, Balance) {
	let of = |venue| {
		let slices = quote.slices.iter().filter(|slice| slice.venue == venue);
		slices.map(|slice| slice.amount / LOT).sum()
	};
	(of(Venue::Book), of(Venue::Pool))
}

/// Carol makes a market; the pool's marginal prices are 2,991 and 3,009.
fn with_market(test: impl FnOnce()) {
	execute(|| {
		fund(CAROL, usd(100_000), 100 * ONE);
		FeeRates::set((Permill::from_parts(200), Permill::from_parts(500)));
		test();
	});
}

#[test]
fn swap_takes_from_the_book_what_is_better_than_the_pool() {
	with_market(|| {
		let ask = rest(CAROL, limit(Sell, 500, 3_001));
		rest(CAROL, limit(Sell, 500, 3_100));
		let quoted = quote(Buy, 1_000, 3_050).expect("there is enough");
		assert_eq!(lots_of(&quoted), (500, 500));
		// 1,500.5 and a fee of five hundredths of a per cent.
		assert_eq!(
			quoted.slices[0],
			SwapSlice { venue: Venue::Book, amount: 500 * LOT, cash: 1_500_500_000 + 750_250 }
		);
		events();
		assert_ok!(swap(Buy, 1_000, 3_050, true));
		assert_eq!(held(ALICE), (usd(100_000) - quoted.cash, 11 * ONE));
		let told = events();
		assert!(matches!(&told[0], Event::OrderPlaced { account, .. } if *account == sub(ALICE)));
		assert!(matches!(&told[1], Event::OrderFilled { maker_order, .. } if *maker_order == ask));
		let SwapQuote { amount, cash, slices, .. } = quoted;
		let (account, collateral, side) = (sub(ALICE), ETH, Buy);
		assert_eq!(told[2], Event::Swapped { account, collateral, side, amount, cash, slices });
	});
}

#[test]
fn sale_takes_the_best_bids_first() {
	with_market(|| {
		rest(CAROL, limit(Buy, 300, 2_999));
		rest(CAROL, limit(Buy, 300, 2_998));
		let quoted = quote(Sell, 500, 2_900).expect("there is enough");
		assert_eq!(lots_of(&quoted), (500, 0));
		assert_ok!(swap(Sell, 500, 2_900, true));
		assert_eq!(held(ALICE), (usd(100_000) + quoted.cash, 10 * ONE - 500 * LOT));
		assert_eq!(aside(CAROL).0, usd(2_998) / 10 + 59_960);
	});
}

#[test]
fn swap_passes_over_what_matching_would_remove() {
	with_market(|| {
		fund(BOB, usd(10_000), ONE);
		let until = TimeInForce::Resting { until: Some(3), post_only: false };
		let expired =
			rest(BOB, crate::OrderTerms { time_in_force: until, ..limit(Sell, 100, 2_995) });
		let silent = rest(BOB, limit(Sell, 100, 2_996));
		rest(CAROL, limit(Sell, 100, 3_000));
		Silent::insert(sub(BOB), ());
		System::set_block_number(4);
		let quoted = quote(Buy, 100, 3_005).expect("the third is good");
		assert_eq!(lots_of(&quoted), (100, 0));
		events();
		assert_ok!(swap(Buy, 100, 3_005, true));
		assert_eq!(
			cancellations(),
			[(expired, 100, CancelCause::Expired), (silent, 100, CancelCause::Silence)]
		);
		// Three are one more than it may remove: that costs a fill.
		for dollars in [2_990, 2_991, 2_992] {
			rest(BOB, limit(Sell, 50, dollars));
		}
		for lots in [10, 20, 30, 40, 50] {
			rest(CAROL, limit(Sell, lots, 3_000 + u32::try_from(lots).expect("small") / 10));
		}
		let quoted = quote(Buy, 200, 3_007).expect("four of five");
		assert_eq!(lots_of(&quoted), (100, 0));
		events();
		assert_ok!(swap(Buy, 200, 3_007, false));
		assert_eq!(cancellations().len(), 3);
		assert_eq!(aside(CAROL).1, 50 * LOT);
	});
}

#[test]
fn bid_of_an_account_without_room_takes_nobody_in() {
	with_market(|| {
		fund(BOB, usd(10_000), 0);
		let full = rest(BOB, limit(Buy, 100, 3_000));
		rest(CAROL, limit(Buy, 100, 2_999));
		Full::insert(sub(BOB), ());
		assert_ok!(swap(Sell, 100, 2_995, true));
		assert!(!Orders::<Test>::contains_key(full));
		assert_eq!(held(BOB).0, usd(10_000));
	});
}

#[test]
fn swap_does_not_look_behind_an_order_of_its_own_account() {
	with_market(|| {
		let own = rest(ALICE, limit(Sell, 100, 2_999));
		rest(CAROL, limit(Sell, 100, 3_000));
		assert_eq!(quote(Buy, 100, 3_003), Err(Error::<Test>::NothingWithinWorstPrice.into()));
		assert_ok!(swap(Buy, 100, 3_050, true));
		assert!(Orders::<Test>::contains_key(own));
	});
}

#[test]
fn swap_takes_no_more_orders_than_it_may() {
	with_market(|| {
		for dollars in 3_000..3_006 {
			rest(CAROL, limit(Sell, 10, dollars));
		}
		let quoted = quote(Buy, 60, 3_007).expect("five of them");
		assert_eq!(lots_of(&quoted), (50, 0));
	});
}

#[test]
fn swap_needs_no_pool_and_keeps_to_band_and_margin() {
	new_test_ext().execute_with(|| {
		assert_ok!(Spot::set_pair(RuntimeOrigin::root(), ETH, Some(terms())));
		fund(ALICE, usd(100_000), ONE);
		fund(CAROL, usd(100_000), 10 * ONE);
		rest(CAROL, limit(Sell, 100, 3_001));
		rest(CAROL, limit(Sell, 100, 3_301));
		assert_eq!(lots_of(&quote(Buy, 200, 9_000).expect("one")), (100, 0));
		assert_noop!(swap(Buy, 200, 9_000, true), Error::<Test>::NotFilled);
		Poor::insert(sub(ALICE), ());
		assert_noop!(swap(Buy, 100, 3_100, true), DispatchError::Other("margin"));
		Poor::remove(sub(ALICE));
		assert_ok!(swap(Buy, 100, 3_100, true));
		check_all();
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	/// Whatever rests and whatever the pool has: a swap gets what was quoted, to the unit, and never less than
	/// the book or the pool alone would give.
	#[test]
	fn swaps_get_what_was_quoted_and_never_less_than_one_venue_alone(
		depth in 1u128..20_000,
		fees in (0u32..3_000, 0u32..3_000, 0u32..5_000),
		orders in proptest::collection::vec((any::<bool>(), 4u128..400, 1u32..120), 0..6),
		swaps in proptest::collection::vec((any::<bool>(), 4u128..2_000, 0u32..300), 1..5),
	) {
		new_test_ext().execute_with(|| {
			assert_ok!(Spot::set_pair(RuntimeOrigin::root(), ETH, Some(terms())));
			provide(depth * ONE / 10, depth * usd(3_000) / 10);
			let pool_fee = Permill::from_parts(fees.0);
			assert_ok!(AssetConversion::set_pool_fee(RuntimeOrigin::root(), (USDC, WETH), pool_fee));
			FeeRates::set((Permill::from_parts(fees.1), Permill::from_parts(fees.2)));
			fund(ALICE, usd(100_000_000), 100_000 * ONE);
			fund(CAROL, usd(100_000_000), 100_000 * ONE);
			for (buys, lots, distance) in orders {
				let order = if buys {
					limit(Buy, lots, 3_000 - distance)
				} else {
					limit(Sell, lots, 3_000 + distance)
				};
				rest(CAROL, order);
			}
			for (buys, lots, distance) in swaps {
				let (side, worst) =
					if buys { (Buy, 3_000 + distance) } else { (Sell, 3_000 - distance) };
				let before = held(ALICE);
				let Ok(quoted) = quote(side, lots, worst) else {
					assert!(swap(side, lots, worst, false).is_err());
					continue;
				};
				let alone = [book_alone(side, lots, worst), pool_alone(side, lots, worst)];
				for other in alone.into_iter().flatten() {
					assert!(surplus(side, worst, &quoted) >= surplus(side, worst, &other), "{quoted:?} {other:?}");
				}
				assert_ok!(swap(side, lots, worst, false));
				let after = match side {
					Buy => (before.0 - quoted.cash, before.1 + quoted.amount),
					Sell => (before.0 + quoted.cash, before.1 - quoted.amount),
				};
				assert_eq!(held(ALICE), after);
				check_all();
			}
		});
	}
}

/// What a swap leaves of what it is worth at the worst price, in millionths of a settlement unit for a lot.
fn surplus(side: OrderSide, worst: u32, quote: &SwapQuote) -> i128 {
	let worth = quote.amount / LOT * usd(u128::from(worst)) / 1_000;
	let (worth, cash): (i128, i128) =
		(worth.try_into().expect("small"), quote.cash.try_into().expect("small"));
	match side {
		Buy => worth - cash,
		Sell => cash - worth,
	}
}

/// What the book alone gives: an immediate order at the best limit that leaves the fee within the worst
/// price, on a state that is dropped.
fn book_alone(side: OrderSide, lots: Balance, worst: u32) -> Option<SwapQuote> {
	let fee = FeeRates::get().1.deconstruct();
	let cents = u64::from(worst) * 100;
	let limit_cents = match side {
		Buy => cents * 1_000_000 / (1_000_000 + u64::from(fee)),
		Sell => (cents * 1_000_000).div_ceil(1_000_000 - u64::from(fee)),
	};
	let price = Price::from_rational(u32::try_from(limit_cents).expect("small"), 100);
	let order = crate::OrderTerms { price, ..immediate(side, lots, 1) };
	let before = held(ALICE);
	let traded = frame_support::storage::with_transaction(|| {
		let done = place(ALICE, order, 5);
		let after = held(ALICE);
		sp_runtime::TransactionOutcome::Rollback(done.map(|()| after))
	});
	let (cash, ether) = traded.ok()?;
	let (cash, amount) = (cash.abs_diff(before.0), ether.abs_diff(before.1));
	(amount > 0).then_some(SwapQuote { amount, cash, slices: vec![], passed_over: vec![] })
}

/// What the pool alone gives, of as much as the quote can be of.
fn pool_alone(side: OrderSide, lots: Balance, worst: u32) -> Option<SwapQuote> {
	let alone = frame_support::storage::with_transaction(|| {
		for owner in [ALICE, CAROL] {
			let _ = Spot::cancel_all(RuntimeOrigin::signed(owner), sub(owner), None);
		}
		sp_runtime::TransactionOutcome::Rollback(quote(side, lots, worst))
	});
	alone.ok()
}
