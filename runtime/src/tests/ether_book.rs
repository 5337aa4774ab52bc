//! Orders in collateral with real accounts, prices, margin and a waterfall behind them.

use super::world::{self, account, Prices, HOUR, START, USDC};
use crate::{
	genesis_config_presets::{ETH, ETH_COLLATERAL},
	Balance, Margin, Markets, Runtime, RuntimeEvent, RuntimeOrigin, Spot, System, Trading,
};
use frame_support::{assert_noop, assert_ok};
use pallet_margin::{AccountAsset, Error as MarginError, Escrows};
use pallet_spot::{
	Error as SpotError, OrderTerms, PairTerms, SelfTrade, SignedQuoteOf, TimeInForce,
};
use pallet_trading::Error as TradingError;
use plimsoll_primitives::{
	Contracts, Fill, Instrument,
	OrderSide::{self, Buy, Sell},
	Price, UsdValue,
};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave};
use sp_runtime::{DispatchError, DispatchResult, Permill};

const EXPIRY: u64 = START + 4 * HOUR;
const ETHER: Balance = 1_000_000_000_000_000_000;

/// Ether at 3,000, the pair open, Alice and Bob with cash and ether.
fn with_book(test: impl FnOnce(&mut Prices)) {
	world::from_preset("development").execute_with(|| {
		let mut prices = Prices::new(vec![EXPIRY]);
		prices.block();
		world::list(EXPIRY);
		prices.block();
		let terms = PairTerms {
			tick: Price::from_rational(1, 100),
			lot: ETHER / 1_000,
			minimum_value: UsdValue::from_u32(10),
			price_band: Permill::from_percent(20),
		};
		assert_ok!(Spot::set_pair(RuntimeOrigin::root(), ETH_COLLATERAL, Some(terms)));
		for key in [Alice, Bob] {
			assert_ok!(world::deposit(key, 10_000));
			let asset = AccountAsset::Collateral(ETH_COLLATERAL);
			let origin = RuntimeOrigin::signed(key.to_account_id());
			assert_ok!(Margin::deposit(origin, 0, asset, 2 * ETHER));
		}
		test(&mut prices);
		world::check();
	});
}

fn place(
	key: Sr25519Keyring,
	side: OrderSide,
	thousandths: Balance,
	dollars: u32,
) -> DispatchResult {
	let order = OrderTerms {
		collateral: ETH_COLLATERAL,
		side,
		price: Price::from_u32(dollars),
		amount: thousandths * ETHER / 1_000,
		time_in_force: TimeInForce::Resting { until: None, post_only: false },
		self_trade: SelfTrade::CancelResting,
	};
	let origin = RuntimeOrigin::signed(key.to_account_id());
	frame_support::storage::with_storage_layer(|| {
		Spot::place_order(origin, account(key), order, 4).map(|_| ()).map_err(|failed| failed.error)
	})
}

/// (cash, ether) of the first sub-account.
fn held(key: Sr25519Keyring) -> (i128, Balance) {
	pallet_margin::Accounts::<Runtime>::get(account(key))
		.map_or((0, 0), |record| (record.cash, record.collateral_of(ETH_COLLATERAL)))
}

fn perpetual() -> Instrument {
	Instrument::perpetual(ETH)
}

/// Alice buys so many thousandths of a perpetual of Charlie.
fn go_long(thousandths: i128) {
	assert_ok!(world::deposit(Charlie, 100_000));
	let size = Contracts::from_inner(thousandths * 1_000_000_000_000_000);
	let leg = Fill { instrument: perpetual(), size, price: Price::from_u32(3_000) };
	assert_ok!(world::trade(Alice, Charlie, vec![leg], 1));
}

#[test]
fn two_accounts_trade_collateral_in_the_book() {
	with_book(|_| {
		assert_ok!(place(Alice, Sell, 500, 3_010));
		assert_ok!(place(Bob, Buy, 200, 3_010));
		// Five hundredths of a per cent of 602, and what Alice is charged.
		let (maker, taker) = (Margin::fee_standing(&Alice.to_account_id()).maker, 301_000);
		let made = i128::try_from(maker.mul_ceil(602 * USDC)).expect("small");
		let usdc = i128::try_from(USDC).expect("small");
		assert_eq!(held(Bob), (9_398 * usdc - taker, 2_200 * ETHER / 1_000));
		assert_eq!(held(Alice), (10_602 * usdc - made, 1_500 * ETHER / 1_000));
		let aside = Escrows::<Runtime>::get(account(Alice));
		assert_eq!(aside.collateral.to_vec(), [(ETH_COLLATERAL, 300 * ETHER / 1_000)]);
	});
}

/// Alice swaps so many thousandths, with a quote of Bob's. Returns whether it was taken, and why not.
fn swap_with(
	side: OrderSide,
	thousandths: Balance,
	quote: &SignedQuoteOf<Runtime>,
) -> Result<Option<DispatchError>, DispatchError> {
	let quotes = vec![quote.clone()].try_into().expect("one; qed");
	let (origin, amount) =
		(RuntimeOrigin::signed(Alice.to_account_id()), thousandths * ETHER / 1_000);
	let worst = Price::from_u32(if side == Buy { 3_300 } else { 2_700 });
	System::reset_events();
	frame_support::storage::with_storage_layer(|| {
		Spot::swap(origin, account(Alice), ETH_COLLATERAL, side, amount, worst, true, quotes)
			.map(|_| ())
			.map_err(|failed| failed.error)
	})?;
	let why = |event| match event {
		RuntimeEvent::Spot(pallet_spot::Event::QuotePassedOver { error, .. }) => Some(error),
		_ => None,
	};
	Ok(System::events().into_iter().find_map(|record| why(record.event)))
}

/// Why a swap that Alice asks about, all or less, would pass over a quote, if so.
fn quote_of_alice(
	side: OrderSide,
	thousandths: Balance,
	quote: &SignedQuoteOf<Runtime>,
) -> Vec<(u32, DispatchError)> {
	let asked = pallet_spot::Asked {
		collateral: ETH_COLLATERAL,
		side,
		amount: thousandths * ETHER / 1_000,
		worst_price: Price::from_u32(if side == Buy { 3_300 } else { 2_700 }),
		all_or_nothing: false,
	};
	let quoted = Spot::quote_swap(&account(Alice), &asked, std::slice::from_ref(quote));
	quoted.expect("the book has some").passed_over
}

#[test]
fn swap_takes_what_a_maker_has_signed_once() {
	with_book(|_| {
		let price = Price::from_u32(2_990);
		let quote = world::ether_quote(Bob, (Sell, price), ETHER / 2, 7);
		assert_eq!(swap_with(Buy, 200, &quote), Ok(None));
		let usdc = i128::try_from(USDC).expect("small");
		// 598, and five hundredths of a per cent of that.
		assert_eq!(held(Alice), (9_402 * usdc - 299_000, 2_200 * ETHER / 1_000));
		let maker = Margin::fee_standing(&Bob.to_account_id()).maker;
		let made = i128::try_from(maker.mul_ceil(598 * USDC)).expect("small");
		assert_eq!(held(Bob), (10_598 * usdc - made, 1_800 * ETHER / 1_000));
		assert!(!Escrows::<Runtime>::contains_key(account(Bob)));
		// Without it there is nothing to be had.
		let nothing = SpotError::<Runtime>::NothingWithinWorstPrice;
		assert_eq!(swap_with(Buy, 200, &quote), Err(nothing.into()));
		// Nor can a block trade be made on its number.
		let leg = Fill { instrument: perpetual(), size: Contracts::from_u32(1), price };
		let used = TradingError::<Runtime>::NonceUsed;
		assert_noop!(world::trade(Alice, Bob, vec![leg], 7), used);
	});
}

#[test]
fn quote_that_is_not_good_is_passed_over_by_name() {
	with_book(|_| {
		assert_ok!(world::deposit(Charlie, 2_000));
		assert_ok!(place(Charlie, Buy, 500, 2_950));
		let bid = |nonce| world::ether_quote(Bob, (Buy, Price::from_u32(2_990)), ETHER / 10, nonce);
		let mut changed = bid(1);
		changed.quote.amount += ETHER / 1_000;
		let bad = TradingError::<Runtime>::BadSignature;
		assert_eq!(swap_with(Sell, 50, &changed), Ok(Some(bad.into())));
		let owner = RuntimeOrigin::signed(Bob.to_account_id());
		assert_ok!(Trading::cancel_quotes(owner, 0, 5));
		let cancelled = TradingError::<Runtime>::NonceCancelled;
		assert_eq!(swap_with(Sell, 50, &bid(4)), Ok(Some(cancelled.into())));
		let late = bid(6);
		System::set_block_number(System::block_number() + 6);
		let expired = TradingError::<Runtime>::QuoteExpired;
		assert_eq!(swap_with(Sell, 50, &late), Ok(Some(expired.into())));
		let nobodys = world::ether_quote(Dave, (Buy, Price::from_u32(2_990)), ETHER, 8);
		let no_account = MarginError::<Runtime>::AccountNotFound;
		assert_eq!(swap_with(Sell, 50, &nobodys), Ok(Some(no_account.into())));
		let owner = RuntimeOrigin::signed(Bob.to_account_id());
		assert_ok!(Trading::set_cancel_on_silence(owner.clone(), account(Bob), Some(1)));
		let good = bid(9);
		System::set_block_number(System::block_number() + 2);
		let silent = TradingError::<Runtime>::MakerSilent;
		assert_eq!(swap_with(Sell, 50, &good), Ok(Some(silent.into())));
		assert_ok!(Trading::set_cancel_on_silence(owner, account(Bob), None));
		assert_eq!(swap_with(Sell, 50, &good), Ok(None));
	});
}

#[test]
fn maker_of_a_quote_keeps_its_initial_margin_without_what_it_gives() {
	with_book(|_| {
		assert_ok!(place(Bob, Sell, 500, 3_050));
		assert_ok!(world::deposit(Charlie, 100_000));
		let size = Contracts::from_u32(12);
		let leg = Fill { instrument: perpetual(), size, price: Price::from_u32(3_000) };
		assert_ok!(world::trade(Bob, Charlie, vec![leg], 1));
		let offer = |amount| world::ether_quote(Bob, (Sell, Price::from_u32(2_990)), amount, 2);
		let refused = MarginError::<Runtime>::InitialMarginNotMet;
		let all = offer(3 * ETHER / 2);
		assert_eq!(quote_of_alice(Buy, 1_500, &all), [(0, refused.into())]);
		assert_eq!(swap_with(Buy, 50, &all), Ok(None));
	});
}

#[test]
fn what_is_set_aside_backs_nothing_and_must_not_be_needed() {
	with_book(|_| {
		go_long(12_000);
		let margin = || {
			let report = Margin::account_report(&account(Alice)).expect("everything is priced");
			report.least_favourable.expect("live")
		};
		let before = margin();
		assert_noop!(place(Alice, Sell, 2_000, 3_200), MarginError::<Runtime>::InitialMarginNotMet);
		assert_ok!(place(Alice, Sell, 100, 3_200));
		assert!(margin().equity < before.equity);
	});
}

#[test]
fn nothing_is_traded_in_collateral_whose_underlying_is_halted_but_orders_can_go() {
	with_book(|_| {
		assert_ok!(place(Alice, Sell, 500, 3_010));
		let scope = pallet_markets::HaltScope::Underlying(ETH);
		assert_ok!(Markets::halt(RuntimeOrigin::root(), scope, pallet_markets::HaltReason::Prices));
		assert_noop!(place(Bob, Buy, 100, 3_010), MarginError::<Runtime>::TradingHalted);
		let origin = RuntimeOrigin::signed(Alice.to_account_id());
		assert_ok!(Spot::cancel_all(origin, account(Alice), None));
		assert_eq!(held(Alice).1, 2 * ETHER);
	});
}

#[test]
fn waterfall_gives_back_what_was_set_aside_before_it_sells_anything() {
	with_book(|prices| {
		go_long(10_000);
		for dollars in [3_300, 3_310, 3_320] {
			assert_ok!(place(Alice, Sell, 600, dollars));
		}
		// Below maintenance margin without the ether, above the target with it.
		prices.spot[1].1 = 250_000;
		System::reset_events();
		// The grace period of a chain that has just begun.
		let grace = pallet_liquidation::Params::<Runtime>::get().grace_blocks;
		for _ in 0..grace + 2 {
			prices.block();
			if !Escrows::<Runtime>::contains_key(account(Alice)) {
				break;
			}
		}
		assert!(!Escrows::<Runtime>::contains_key(account(Alice)));
		assert_eq!(held(Alice).1, 2 * ETHER);
		let told = System::events();
		let waterfall = |event: &crate::RuntimeEvent| match event {
			crate::RuntimeEvent::Liquidation(event) => Some(event.clone()),
			_ => None,
		};
		let told: Vec<_> = told.iter().filter_map(|record| waterfall(&record.event)).collect();
		use pallet_liquidation::Event;
		assert!(
			told.iter().any(|event| matches!(event, Event::OrdersCancelled { count: 3, .. })),
			"{told:?}"
		);
		assert!(
			told.iter().any(|event| matches!(event, Event::Restored { .. })),
			"it needed no more: {told:?}"
		);
	});
}

#[test]
fn silence_takes_orders_in_collateral_too() {
	with_book(|prices| {
		assert_ok!(place(Alice, Sell, 500, 3_100));
		let origin = RuntimeOrigin::signed(Alice.to_account_id());
		assert_ok!(Trading::set_cancel_on_silence(origin, account(Alice), Some(3)));
		prices.block();
		// A call about collateral is a sign of life.
		assert_ok!(place(Alice, Sell, 100, 3_100));
		(0..3).for_each(|_| prices.block());
		assert!(Escrows::<Runtime>::contains_key(account(Alice)));
		prices.block();
		assert!(!Escrows::<Runtime>::contains_key(account(Alice)));
		assert_eq!(held(Alice).1, 2 * ETHER);
	});
}
