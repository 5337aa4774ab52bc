use crate::{mock::*, Asked, Error, Event, PairTerms, SwapQuote, SwapSlice, Venue};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use plimsoll_primitives::{
	Balance, CollateralId,
	OrderSide::{self, Buy, Sell},
	Price, UsdValue,
};
use proptest::prelude::*;
use sp_runtime::{DispatchError, DispatchResult, Permill};

fn swap(side: OrderSide, amount: Balance, worst: u32, all_or_nothing: bool) -> DispatchResult {
	let origin = RuntimeOrigin::signed(ALICE);
	let worst = Price::from_u32(worst);
	frame_support::storage::with_storage_layer(|| {
		Spot::swap(origin, sub(ALICE), ETH, side, amount, worst, all_or_nothing, BoundedVec::new())
			.map(|_| ())
			.map_err(|error| error.error)
	})
}

fn quote(side: OrderSide, amount: Balance, worst: u32) -> Result<SwapQuote, DispatchError> {
	let worst_price = Price::from_u32(worst);
	let asked = Asked { collateral: ETH, side, amount, worst_price, all_or_nothing: false };
	Spot::quote_swap(&sub(ALICE), &asked, &[])
}

/// What the pool itself would give.
fn pool_quote(side: OrderSide, amount: Balance) -> Option<Balance> {
	match side {
		Buy => AssetConversion::quote_price_tokens_for_exact_tokens(USDC, WETH, amount, true),
		Sell => AssetConversion::quote_price_exact_tokens_for_tokens(WETH, USDC, amount, true),
	}
}

#[test]
fn sale_gets_what_the_pool_gives() {
	execute(|| {
		let cash = pool_quote(Sell, ONE).expect("the pool trades");
		assert_ok!(swap(Sell, ONE, 2_900, true));
		assert_eq!(held(ALICE), (usd(100_000) + cash, 9 * ONE));
		let slices = vec![SwapSlice { venue: Venue::Pool, amount: ONE, cash }];
		let account = sub(ALICE);
		System::assert_last_event(RuntimeEvent::Spot(Event::Swapped {
			account,
			collateral: ETH,
			side: Sell,
			amount: ONE,
			cash,
			slices,
		}));
	});
}

#[test]
fn purchase_costs_what_the_pool_asks() {
	execute(|| {
		let cash = pool_quote(Buy, 2 * ONE).expect("the pool trades");
		assert_ok!(swap(Buy, 2 * ONE, 3_100, true));
		assert_eq!(held(ALICE), (usd(100_000) - cash, 12 * ONE));
	});
}

#[test]
fn as_much_is_traded_as_the_worst_price_allows() {
	execute(|| {
		// The pool's marginal price, 3,009 after its fee, is at 3,020 when 0.18 % of it is bought.
		let all = 10 * ONE;
		assert_noop!(swap(Buy, all, 3_020, true), Error::<Test>::NotFilled);
		let got = quote(Buy, all, 3_020).expect("a part is to be had");
		assert!(got.amount > ONE && got.amount < 2 * ONE, "{got:?}");
		assert_eq!(got.amount % LOT, 0);
		assert!(got.cash <= got.amount / ONE * usd(3_020) + usd(3_020));
		assert_ok!(swap(Buy, all, 3_020, false));
		assert_eq!(held(ALICE), (usd(100_000) - got.cash, 10 * ONE + got.amount));
		assert_noop!(swap(Buy, all, 3_020, false), Error::<Test>::NothingWithinWorstPrice);
		assert_noop!(swap(Buy, LOT * 4, 3_020, false), Error::<Test>::NothingWithinWorstPrice);
	});
}

#[test]
fn swap_stays_within_the_price_band_however_bad_a_price_is_allowed() {
	execute(|| {
		fund(ALICE, usd(10_000_000), 0);
		let at_edge = quote(Buy, 500 * ONE, 3_300).expect("the band's edge");
		assert_eq!(quote(Buy, 500 * ONE, 1_000_000), Ok(at_edge.clone()));
		assert!(at_edge.amount < 100 * ONE);
		assert_eq!(quote(Sell, 500 * ONE, 2_700), quote(Sell, 500 * ONE, 1));
		// The pool is where it was, and the market has moved away.
		EtherPrice::set(Some(Price::from_u32(2_000)));
		assert_noop!(swap(Buy, ONE, 1_000_000, false), Error::<Test>::NothingWithinWorstPrice);
		EtherPrice::set(None);
		assert_noop!(swap(Sell, ONE, 1, false), Error::<Test>::NoPrice);
	});
}

#[test]
fn swap_is_refused_when_it_makes_no_sense() {
	execute(|| {
		// What others have is not Alice's.
		fund(BOB, 0, 10 * ONE);
		assert_noop!(swap(Buy, 0, 3_100, true), Error::<Test>::ZeroAmount);
		assert_noop!(swap(Buy, ONE, 0, true), Error::<Test>::ZeroPrice);
		assert_noop!(swap(Buy, ONE + 1, 3_100, true), Error::<Test>::AmountNotInLots);
		assert_noop!(swap(Buy, 3 * LOT, 3_100, true), Error::<Test>::SwapTooSmall);
		assert_noop!(swap(Buy, Balance::MAX, 3_100, true), Error::<Test>::Overflow);
		assert_noop!(
			swap(Sell, 11 * ONE, 1, true),
			DispatchError::Other("the account lacks what is paid")
		);
		let origin = RuntimeOrigin::signed(ALICE);
		let worst = Price::from_u32(3_100);
		let other = CollateralId(9);
		let refused =
			Spot::swap(origin, sub(ALICE), other, Buy, ONE, worst, true, BoundedVec::new());
		assert_eq!(refused.map_err(|error| error.error), Err(Error::<Test>::UnknownPair.into()));
	});
}

#[test]
fn swap_is_for_the_owner_and_delegates() {
	execute(|| {
		let worst = Price::from_u32(3_100);
		let of = |origin| {
			let none = BoundedVec::new();
			match Spot::swap(origin, sub(ALICE), ETH, Buy, ONE, worst, true, none) {
				Ok(_) => Ok(()),
				Err(error) => Err(error.error),
			}
		};
		assert_noop!(of(RuntimeOrigin::signed(BOB)), Error::<Test>::NotAuthorised);
		assert_ok!(of(RuntimeOrigin::signed(DELEGATE)));
		assert_noop!(of(RuntimeOrigin::none()), DispatchError::BadOrigin);
	});
}

#[test]
fn swap_is_refused_when_there_is_no_pool() {
	new_test_ext().execute_with(|| {
		assert_ok!(Spot::set_pair(RuntimeOrigin::root(), ETH, Some(terms())));
		fund(ALICE, usd(100_000), ONE);
		assert_noop!(swap(Sell, ONE, 1, false), Error::<Test>::NothingWithinWorstPrice);
		// Assets that lie where it would be make none.
		use pallet_asset_conversion::PoolLocator;
		type Locator = <Test as pallet_asset_conversion::Config>::PoolLocator;
		let place = Locator::pool_address(&USDC, &WETH).expect("a pair");
		for asset in [USDC, WETH] {
			let amount = 1_000 * ONE;
			assert_ok!(<Assets as frame_support::traits::fungibles::Mutate<_>>::mint_into(
				asset, &place, amount
			));
		}
		assert_noop!(swap(Sell, ONE, 1, false), Error::<Test>::NothingWithinWorstPrice);
		check_all();
	});
}

#[test]
fn pool_is_left_with_what_it_must_keep() {
	new_test_ext().execute_with(|| {
		let terms = PairTerms {
			// A lot at one tick must come to a unit.
			tick: Price::from_inner(10u128.pow(30)),
			lot: 1,
			minimum_value: UsdValue::ZERO,
			price_band: Permill::from_parts(999_999),
		};
		assert_ok!(Spot::set_pair(RuntimeOrigin::root(), ETH, Some(terms)));
		// So small a pool, and so low a price, that all of it is within the band.
		provide(MINIMUM * 2, MINIMUM * 2);
		EtherPrice::set(Some(Price::from_inner(
			Price::from_u32(1_000_000_000).into_inner() * 1_000_000,
		)));
		fund(ALICE, usd(1_000_000), ONE);
		let worst = Price::from_inner(u128::MAX);
		assert_ok!(Spot::swap(
			RuntimeOrigin::signed(ALICE),
			sub(ALICE),
			ETH,
			Buy,
			MINIMUM * 2,
			worst,
			false,
			BoundedVec::new(),
		));
		assert_eq!(held(ALICE).1, ONE + MINIMUM);
		check_all();
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn swaps_get_what_was_quoted_and_what_the_pool_computes(
		depth in 1u128..100_000,
		price in 2_800u128..3_200,
		fee in 0u32..100_000,
		swaps in proptest::collection::vec((any::<bool>(), 1u128..20_000), 1..8),
	) {
		new_test_ext().execute_with(|| {
			assert_ok!(Spot::set_pair(RuntimeOrigin::root(), ETH, Some(terms())));
			provide(depth * ONE / 10, depth * usd(price) / 10);
			let fee = Permill::from_parts(fee);
			assert_ok!(AssetConversion::set_pool_fee(RuntimeOrigin::root(), (USDC, WETH), fee));
			fund(ALICE, usd(100_000_000), 100_000 * ONE);
			for (buys, lots) in swaps {
				let (side, worst) = if buys { (Buy, 3_300) } else { (Sell, 2_700) };
				let (cash, ether) = held(ALICE);
				let Ok(quoted) = quote(side, lots * LOT, worst) else {
					assert!(swap(side, lots * LOT, worst, false).is_err());
					assert_eq!(held(ALICE), (cash, ether));
					continue;
				};
				assert_eq!(Some(quoted.cash), pool_quote(side, quoted.amount));
				assert_ok!(swap(side, lots * LOT, worst, false));
				let after = match side {
					Buy => (cash - quoted.cash, ether + quoted.amount),
					Sell => (cash + quoted.cash, ether - quoted.amount),
				};
				assert_eq!(held(ALICE), after);
				// The average is within the worst price, but for two units of rounding.
				let worst_cash = quoted.amount / LOT * usd(u128::from(worst)) / 1_000;
				match side {
					Buy => assert!(quoted.cash <= worst_cash + 2),
					Sell => assert!(quoted.cash + 2 >= worst_cash),
				}
				check_all();
			}
		});
	}
}
