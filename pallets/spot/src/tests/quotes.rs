//! Swaps that bring quotes which makers have signed.

use crate::{
	maker_quote::DOMAIN, mock::*, Asked, Error, Event, MakerQuote, SignedQuote, SignedQuoteOf,
	SwapQuote, SwapSlice, Venue,
};
use codec::Encode;
use frame_support::{assert_noop, assert_ok, storage::with_storage_layer, BoundedVec};
use plimsoll_primitives::{
	Balance,
	OrderSide::{self, Buy, Sell},
	Price, SubAccountId,
};
use proptest::prelude::*;
use sp_core::H256;
use sp_io::hashing::blake2_256;
use sp_runtime::{DispatchError, Permill};

/// Carol's, good for anybody.
fn offer(side: OrderSide, lots: Balance, dollars: u32, nonce: u64) -> SignedQuoteOf<Test> {
	let quote = MakerQuote {
		maker: sub(CAROL),
		signer: CAROL,
		taker: None,
		collateral: ETH,
		side,
		price: Price::from_u32(dollars),
		amount: lots * LOT,
		expiry_block: 9,
		nonce,
		genesis_hash: H256::zero(),
	};
	SignedQuote { quote, signature: true }
}

fn swap(
	side: OrderSide,
	lots: Balance,
	worst: u32,
	quotes: &[SignedQuoteOf<Test>],
) -> Result<(), DispatchError> {
	let quotes = BoundedVec::try_from(quotes.to_vec()).expect("few enough");
	let (origin, worst) = (RuntimeOrigin::signed(ALICE), Price::from_u32(worst));
	with_storage_layer(|| {
		Spot::swap(origin, sub(ALICE), ETH, side, lots * LOT, worst, true, quotes)
			.map(|_| ())
			.map_err(|error| error.error)
	})
}

fn quoted(
	side: OrderSide,
	lots: Balance,
	worst: u32,
	quotes: &[SignedQuoteOf<Test>],
) -> Result<SwapQuote, DispatchError> {
	let (amount, worst_price) = (lots * LOT, Price::from_u32(worst));
	let asked = Asked { collateral: ETH, side, amount, worst_price, all_or_nothing: true };
	Spot::quote_swap(&sub(ALICE), &asked, quotes)
}

/// Carol has something to trade; the pool's marginal prices are 2,991 and 3,009.
fn with_carol(test: impl FnOnce()) {
	execute(|| {
		fund(CAROL, usd(100_000), 100 * ONE);
		FeeRates::set((Permill::from_parts(200), Permill::from_parts(500)));
		test();
	});
}

/// An error as events keep it: without words.
fn kept(error: DispatchError) -> DispatchError {
	match error {
		DispatchError::Other(_) => DispatchError::Other(""),
		named => named,
	}
}

fn passed_over() -> Vec<(u64, DispatchError)> {
	let told = |event| match event {
		Event::QuotePassedOver { nonce, error, .. } => Some((nonce, error)),
		_ => None,
	};
	events().into_iter().filter_map(told).collect()
}

#[test]
fn swap_takes_the_best_of_quotes_book_and_pool() {
	with_carol(|| {
		rest(CAROL, limit(Sell, 500, 3_001));
		let quotes = [offer(Sell, 300, 2_995, 1), offer(Sell, 400, 3_005, 2)];
		events();
		assert_ok!(swap(Buy, 1_000, 3_050, &quotes));
		let slice = |venue, lots, dollars: Balance, fees| {
			let cash = dollars * 1_000_000 * lots / 1_000 + fees;
			SwapSlice { venue, amount: lots * LOT, cash }
		};
		// All of the first, the book, a half of the second.
		let (first, second) = (898_500_000 + 449_250, 601_000_000 + 300_500);
		let taken = SwapSlice { venue: Venue::Quotes, amount: 500 * LOT, cash: first + second };
		let told = events();
		let Some(Event::Swapped { cash, slices, .. }) = told.last().cloned() else {
			panic!("a swap is told last: {told:?}");
		};
		assert_eq!(slices, [slice(Venue::Book, 500, 3_001, 750_250), taken]);
		assert_eq!(held(ALICE), (usd(100_000) - cash, 11 * ONE));
		let one = Event::QuoteTaken {
			maker: sub(CAROL),
			taker: sub(ALICE),
			nonce: 1,
			collateral: ETH,
			side: Buy,
			amount: 300 * LOT,
			price: Price::from_u32(2_995),
			cash: 898_500_000,
			taker_fee: 449_250,
			maker_fee: 179_700,
		};
		assert!(told.contains(&one), "{told:?}");
		// What was not taken of the second is Carol's again, less the fees of all three.
		assert_eq!(aside(CAROL), (0, 0));
		let fees = 179_700 + 120_200 + 300_100;
		let earned = 898_500_000 + 601_000_000 + 1_500_500_000 - fees;
		assert_eq!(held(CAROL), (usd(100_000) + earned, 99 * ONE));
	});
}

#[test]
fn quote_is_good_for_one_swap_and_one_that_is_not_taken_stays_good() {
	with_carol(|| {
		let (bid, low) = (offer(Buy, 1_000, 3_000, 1), offer(Buy, 1_000, 2_900, 2));
		assert_ok!(swap(Sell, 10, 2_900, &[low.clone(), bid.clone()]));
		assert_eq!((aside(CAROL), held(CAROL).1), ((0, 0), 100 * ONE + 10 * LOT));
		assert!(!TakenQuotes::contains_key((sub(CAROL), 2)));
		events();
		// The pool takes its place.
		assert_ok!(swap(Sell, 10, 2_900, &[bid]));
		assert_eq!(passed_over(), [(1, kept(NOT_GOOD))]);
		assert_eq!(held(CAROL).1, 100 * ONE + 10 * LOT);
		// There is no pool for so much.
		assert_ok!(swap(Sell, 1_000, 2_898, &[low]));
	});
}

#[test]
fn quotes_that_cannot_be_taken_are_passed_over_by_name() {
	with_carol(|| {
		let good = offer(Sell, 100, 2_995, 1);
		let change = |nonce, change: fn(&mut SignedQuoteOf<Test>)| {
			let mut quote = offer(Sell, 100, 2_995, nonce);
			change(&mut quote);
			quote
		};
		let error = |error: Error<Test>| DispatchError::from(error);
		let cases: Vec<(SignedQuoteOf<Test>, DispatchError)> = vec![
			(change(2, |of| of.signature = false), NOT_GOOD),
			(change(2, |of| of.quote.maker = sub(ALICE)), NOT_GOOD),
			(change(2, |of| of.quote.taker = Some(BOB)), NOT_GOOD),
			(change(2, |of| of.quote.side = Buy), error(Error::QuoteOfOtherTrade)),
			(change(2, |of| of.quote.collateral = SAME), error(Error::QuoteOfOtherTrade)),
			(change(2, |of| of.quote.amount = 0), error(Error::ZeroAmount)),
			(change(2, |of| of.quote.amount += 1), error(Error::AmountNotInLots)),
			(change(2, |of| of.quote.price = Price::from_inner(1)), error(Error::PriceNotInTicks)),
			(change(2, |of| of.quote.price = Price::ZERO), error(Error::ZeroPrice)),
			(
				change(2, |of| of.quote.price = Price::from_u32(2_699)),
				error(Error::QuoteOutsideBand),
			),
			(change(1, |of| of.quote.price = Price::from_u32(2_999)), error(Error::QuoteTwice)),
			(change(2, |of| of.quote.maker = sub(BOB)), LACKS),
		];
		for (bad, error) in cases {
			let quotes = [good.clone(), bad];
			let plan = quoted(Buy, 200, 3_050, &quotes).expect("the pool has the rest");
			assert_eq!(plan.passed_over, [(1, error)]);
			let before = held(CAROL);
			events();
			let swapped = with_storage_layer(|| {
				swap(Buy, 200, 3_050, &quotes).expect("it goes on");
				let told = passed_over();
				assert_eq!(told, [(quotes[1].quote.nonce, kept(error))]);
				assert_eq!(held(CAROL).1, before.1 - 100 * LOT);
				Err::<(), _>(DispatchError::Other("undone"))
			});
			assert_eq!(swapped, Err(DispatchError::Other("undone")));
		}
		Poor::insert(sub(CAROL), ());
		events();
		assert_ok!(swap(Buy, 200, 3_050, &[good]));
		assert_eq!(passed_over(), [(1, kept(MARGIN))]);
	});
}

#[test]
fn maker_needs_only_what_the_swap_can_take_and_its_best_quote_comes_first() {
	with_carol(|| {
		fund(BOB, 0, 300 * LOT);
		let of_bob = |mut offer: SignedQuoteOf<Test>| {
			offer.quote.maker = sub(BOB);
			offer
		};
		// Far more than he has, and more than he has together with the second.
		let quotes = [
			of_bob(offer(Sell, 900_000, 3_005, 1)),
			of_bob(offer(Sell, 900_000, 2_995, 2)),
			of_bob(offer(Sell, 900_000, 2_999, 2)),
		];
		let plan = quoted(Buy, 300, 3_050, &quotes).expect("he has that much");
		assert_eq!(plan.slices.len(), 1);
		assert_eq!(plan.passed_over, [(0, LACKS), (2, Error::<Test>::QuoteTwice.into())]);
		assert_ok!(swap(Buy, 300, 3_050, &quotes));
		assert_eq!((held(BOB).1, aside(BOB)), (0, (0, 0)));
		assert!(TakenQuotes::contains_key((sub(BOB), 2)));
		assert!(!TakenQuotes::contains_key((sub(BOB), 1)));
	});
}

#[test]
fn swap_without_enough_fails_and_leaves_its_quotes_alone() {
	with_carol(|| {
		let quotes = [offer(Sell, 100, 2_995, 1)];
		assert_noop!(swap(Buy, 200, 3_000, &quotes), Error::<Test>::NotFilled);
		assert_noop!(quoted(Buy, 200, 3_000, &quotes), Error::<Test>::NotFilled);
		assert_noop!(swap(Buy, 100, 2_990, &quotes), Error::<Test>::NothingWithinWorstPrice);
		let named = |taker| {
			let mut quote = offer(Sell, 100, 2_995, 1);
			quote.quote.taker = Some(taker);
			quote
		};
		assert_ok!(swap(Buy, 100, 3_000, &[named(ALICE)]));
		let four: Vec<_> = (0..4).map(|nonce| offer(Sell, 100, 2_995, nonce)).collect();
		assert_noop!(quoted(Buy, 100, 3_050, &four), Error::<Test>::TooManyQuotes);
	});
}

#[test]
fn price_that_harms_the_taker_is_never_taken() {
	with_carol(|| {
		// The band ends a tenth below the oracle's 3,000.
		EtherPrice::set(Some(Price::from_u32(3_400)));
		let bid = offer(Buy, 100, 3_059, 1);
		assert_noop!(swap(Sell, 100, 2_000, &[bid]), Error::<Test>::NothingWithinWorstPrice);
		assert_ok!(swap(Sell, 100, 2_000, &[offer(Buy, 100, 3_070, 1)]));
	});
}

#[test]
fn swap_is_charged_for_each_quote() {
	with_carol(|| {
		let weighed = |quotes: Vec<SignedQuoteOf<Test>>| {
			let most = Spot::swap_weight(quotes.len() as u32);
			let quotes = BoundedVec::truncate_from(quotes);
			let (origin, worst) = (RuntimeOrigin::signed(ALICE), Price::from_u32(3_050));
			let post = Spot::swap(origin, sub(ALICE), ETH, Buy, 200 * LOT, worst, true, quotes);
			let used = post.expect("it passes").actual_weight.expect("it is told");
			assert!(used.all_lte(most));
			used.ref_time()
		};
		let none = weighed(vec![]);
		let one = weighed(vec![offer(Sell, 100, 2_995, 1)]);
		let two = weighed(vec![offer(Sell, 100, 2_995, 2), offer(Sell, 100, 2_990, 3)]);
		// The maker's trade weighs a hundred thousand, the call for each quote ten, its fill one.
		assert_eq!((one - none, two - one), (111_000, 111_000));
	});
}

#[test]
fn what_is_signed_is_the_domain_and_the_quote() {
	let quote = MakerQuote {
		maker: SubAccountId { owner: [1u8; 32], number: 2 },
		signer: [3u8; 32],
		taker: Some([4u8; 32]),
		collateral: ETH,
		side: Sell,
		price: Price::from_u32(3_000),
		amount: 5,
		expiry_block: 6,
		nonce: 7,
		genesis_hash: [8u8; 32],
	};
	let mut bytes = DOMAIN.to_vec();
	bytes.extend([[1; 32].as_slice(), &[2, 0], &[3; 32], &[1], &[4; 32], &[0, 0], &[1]].concat());
	bytes.extend((3_000 * ONE).to_le_bytes());
	bytes.extend(5u128.to_le_bytes());
	bytes.extend(6u32.to_le_bytes());
	bytes.extend(7u64.to_le_bytes());
	bytes.extend([8; 32]);
	assert_eq!((DOMAIN, &quote).encode(), bytes);
	assert_eq!(quote.signing_hash(), blake2_256(&bytes));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	/// Whatever it brings, a swap gets what was quoted, to the unit, and no less than without.
	#[test]
	fn quotes_never_make_a_swap_worse(
		side in prop_oneof![Just(Buy), Just(Sell)],
		lots in 4u128..3_000,
		book in prop::collection::vec((1u128..500, 2_900u32..3_100), 0..5),
		offers in prop::collection::vec((1u128..1_000, 2_900u32..3_100), 0..4),
	) {
		with_carol(|| {
			fund(BOB, usd(100_000), 100 * ONE);
			for (lots, price) in &book {
				let order = limit(side.opposite(), lots + 3, *price);
				let _ = with_storage_layer(|| place(BOB, order, 0));
			}
			let quotes: Vec<_> = offers
				.iter()
				.zip(0..)
				.map(|((lots, price), nonce)| offer(side.opposite(), *lots, *price, nonce))
				.collect();
			let worst = match side {
				Buy => 3_200,
				Sell => 2_800,
			};
			let alone = quoted(side, lots, worst, &[]).expect("the pool is deep");
			let with = quoted(side, lots, worst, &quotes).expect("the pool is deep");
			let is_no_worse = match side {
				Buy => with.cash <= alone.cash,
				Sell => with.cash >= alone.cash,
			};
			assert!(is_no_worse, "{with:?} {alone:?}");
			let before = held(ALICE);
			swap(side, lots, worst, &quotes).expect("what was quoted is to be had");
			let after = held(ALICE);
			let (cash, ether) = (before.0.abs_diff(after.0), before.1.abs_diff(after.1));
			assert_eq!((cash, ether), (with.cash, lots * LOT));
			assert_eq!(aside(CAROL), (0, 0));
			check_all();
		});
	}
}
