//! Swaps of collateral with real accounts, prices and pools behind them.

use super::world::{self, account, Prices, HOUR, START, USDC};
use crate::{
	configs::SettlementAsset,
	genesis_config_presets::{dot, ether, DOT_COLLATERAL, ETH, ETH_COLLATERAL},
	AccountId, AssetConversion, Assets, Balance, Margin, Runtime, RuntimeOrigin, Spot,
};
use frame_support::{assert_noop, assert_ok};
use pallet_margin::{AccountAsset, Error as MarginError};
use pallet_spot::{Error, PairTerms};
use plimsoll_primitives::{
	Contracts, Fill, Instrument,
	OrderSide::{self, Buy, Sell},
	Price, UsdValue,
};
use proptest::prelude::*;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie};
use sp_runtime::{DispatchResult, Permill};

const EXPIRY: u64 = START + 4 * HOUR;
const ETHER: Balance = 1_000_000_000_000_000_000;

fn terms() -> PairTerms {
	PairTerms {
		tick: Price::from_rational(1, 100),
		lot: ETHER / 1_000,
		minimum_value: UsdValue::from_u32(10),
		price_band: Permill::from_percent(10),
	}
}

/// Bob makes a pool of so many thousandths of an ether at 3,000.
fn provide(thousandths: Balance) {
	let origin = RuntimeOrigin::signed(Bob.to_account_id());
	let (cash, base) = (Box::new(SettlementAsset::get()), Box::new(ether()));
	assert_ok!(AssetConversion::create_pool(origin.clone(), cash.clone(), base.clone()));
	let (of_cash, of_base) = (thousandths * 3 * USDC, thousandths * ETHER / 1_000);
	let to = Bob.to_account_id();
	assert_ok!(AssetConversion::add_liquidity(origin, cash, base, of_cash, of_base, 1, 1, to));
}

/// Ether at 3,000, the pair open, a pool of ten ether.
fn with_pool(test: impl FnOnce(&Prices)) {
	world::from_preset("development").execute_with(|| {
		let prices = Prices::new(vec![EXPIRY]);
		prices.block();
		world::list(EXPIRY);
		prices.block();
		assert_ok!(Spot::set_pair(RuntimeOrigin::root(), ETH_COLLATERAL, Some(terms())));
		provide(10_000);
		test(&prices);
		world::check();
	});
}

fn deposit_ether(key: Sr25519Keyring, thousandths: Balance) {
	let asset = AccountAsset::Collateral(ETH_COLLATERAL);
	let origin = RuntimeOrigin::signed(key.to_account_id());
	assert_ok!(Margin::deposit(origin, 0, asset, thousandths * ETHER / 1_000));
}

fn swap(key: Sr25519Keyring, side: OrderSide, thousandths: Balance) -> DispatchResult {
	let worst = Price::from_u32(if side == Buy { 3_300 } else { 2_700 });
	let amount = thousandths * ETHER / 1_000;
	let origin = RuntimeOrigin::signed(key.to_account_id());
	frame_support::storage::with_storage_layer(|| {
		let none = Default::default();
		Spot::swap(origin, account(key), ETH_COLLATERAL, side, amount, worst, true, none)
			.map(|_| ())
			.map_err(|error| error.error)
	})
}

/// (cash, ether) of the first sub-account.
fn held(key: Sr25519Keyring) -> (i128, Balance) {
	pallet_margin::Accounts::<Runtime>::get(account(key))
		.map_or((0, 0), |record| (record.cash, record.collateral_of(ETH_COLLATERAL)))
}

/// All that there is of both assets, wherever it is.
fn issued() -> (Balance, Balance) {
	(Assets::total_supply(SettlementAsset::get()), Assets::total_supply(ether()))
}

#[test]
fn collateral_is_sold_and_bought_through_the_pool() {
	with_pool(|_| {
		let issued_before = issued();
		deposit_ether(Alice, 1_000);
		let asked = pallet_spot::Asked {
			collateral: ETH_COLLATERAL,
			side: Sell,
			amount: ETHER / 2,
			worst_price: Price::from_u32(2_700),
			all_or_nothing: true,
		};
		let quoted = Spot::quote_swap(&account(Alice), &asked, &[]);
		let quoted = quoted.expect("the pool is deep enough");
		assert_ok!(swap(Alice, Sell, 500));
		let got = i128::try_from(quoted.cash).expect("small");
		assert_eq!(held(Alice), (got, ETHER / 2));
		assert!(got < 1_500_000_000 && got > 1_400_000_000, "{got}");
		assert_ok!(swap(Alice, Buy, 100));
		assert_eq!(held(Alice).1, 6 * ETHER / 10);
		assert_eq!(issued(), issued_before);
		// What is left can be withdrawn.
		let (cash, _) = held(Alice);
		let origin = RuntimeOrigin::signed(Alice.to_account_id());
		let cash = Balance::try_from(cash).expect("it has some");
		assert_ok!(Margin::withdraw(origin, 0, AccountAsset::Cash, cash));
	});
}

#[test]
fn swap_is_refused_when_the_account_has_not_what_it_pays() {
	with_pool(|_| {
		// Others have enough of both.
		assert_ok!(world::deposit(Bob, 100_000));
		deposit_ether(Bob, 4_000);
		deposit_ether(Alice, 100);
		assert_ok!(world::deposit(Alice, 100));
		assert_noop!(swap(Alice, Sell, 101), MarginError::<Runtime>::InsufficientCollateral);
		assert_noop!(swap(Alice, Buy, 100), MarginError::<Runtime>::InsufficientCash);
		assert_noop!(swap(Charlie, Buy, 100), MarginError::<Runtime>::AccountNotFound);
	});
}

#[test]
fn swap_is_refused_by_the_same_names_when_the_whole_house_has_not_what_it_pays() {
	with_pool(|_| {
		// Nobody else has anything: the pallet's account cannot pay either.
		deposit_ether(Alice, 100);
		assert_noop!(swap(Alice, Sell, 400), MarginError::<Runtime>::InsufficientCollateral);
		assert_ok!(world::deposit(Alice, 100));
		assert_noop!(swap(Alice, Buy, 400), MarginError::<Runtime>::InsufficientCash);
		assert_ok!(swap(Alice, Sell, 100));
	});
}

#[test]
fn sale_that_would_uncover_a_position_is_refused() {
	with_pool(|_| {
		// Short seven quarters of an ether against a half that is held: the initial margin is that of the
		// rest, and of all of it once the half is sold.
		deposit_ether(Alice, 500);
		assert_ok!(world::deposit(Bob, 100_000));
		let short = Fill {
			instrument: Instrument::perpetual(ETH),
			size: Contracts::from_rational(175, 100).checked_neg().expect("it has a negative"),
			price: Price::from_u32(3_000),
		};
		assert_ok!(world::trade(Alice, Bob, vec![short], 1));
		assert_noop!(swap(Alice, Sell, 475), MarginError::<Runtime>::InitialMarginNotMet);
		assert_ok!(swap(Alice, Sell, 25));
	});
}

#[test]
fn pair_without_a_current_price_is_not_traded() {
	with_pool(|_| {
		deposit_ether(Alice, 1_000);
		world::leap(HOUR);
		assert_noop!(swap(Alice, Sell, 500), Error::<Runtime>::NoPrice);
	});
}

#[test]
fn pools_are_of_the_settlement_asset_only() {
	with_pool(|_| {
		let origin = RuntimeOrigin::signed(Bob.to_account_id());
		let (one, other) = (Box::new(dot()), Box::new(ether()));
		let refused = pallet_asset_conversion::Error::<Runtime>::InvalidAssetPair;
		assert_noop!(AssetConversion::create_pool(origin, one, other), refused);
		// A pair may be open without a pool: there is nothing to be had then.
		let terms = PairTerms { lot: 10_000_000_000, ..terms() };
		assert_ok!(Spot::set_pair(RuntimeOrigin::root(), DOT_COLLATERAL, Some(terms)));
	});
}

/// What of an asset everybody holds who takes part here, and the pool.
fn everywhere(asset: crate::AssetId) -> Balance {
	use pallet_asset_conversion::PoolLocator;
	type Locator = <Runtime as pallet_asset_conversion::Config>::PoolLocator;
	let pool: AccountId = Locator::pool_address(&SettlementAsset::get(), &ether()).expect("a pair");
	[Alice.to_account_id(), Bob.to_account_id(), Margin::account_id(), pool]
		.iter()
		.map(|holder| Assets::balance(asset.clone(), holder))
		.sum()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(8))]

	#[test]
	fn swaps_conserve_both_assets_and_all_books(
		swaps in proptest::collection::vec((any::<bool>(), any::<bool>(), 4u128..900), 1..10),
	) {
		with_pool(|_| {
			for key in [Alice, Bob] {
				deposit_ether(key, 2_000);
				assert_ok!(world::deposit(key, 5_000));
			}
			let before = [SettlementAsset::get(), ether()].map(everywhere);
			for (alice, buys, thousandths) in swaps {
				let (key, other) = if alice { (Alice, Bob) } else { (Bob, Alice) };
				let (mine, others) = (held(key), held(other));
				let done = swap(key, if buys { Buy } else { Sell }, thousandths).is_ok();
				assert_eq!(held(other), others);
				let amount = thousandths * ETHER / 1_000;
				let ether_now = match (done, buys) {
					(false, _) => mine.1,
					(true, true) => mine.1 + amount,
					(true, false) => mine.1 - amount,
				};
				assert_eq!(held(key).1, ether_now);
				assert_eq!(done, held(key).0 != mine.0);
				assert_eq!([SettlementAsset::get(), ether()].map(everywhere), before);
				world::check();
			}
		});
	}
}
