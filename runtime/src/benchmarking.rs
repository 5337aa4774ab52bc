//! Benchmarks on the real pallets: what they need set up, and which pallets are measured.

use crate::{
	configs::SettlementAsset,
	genesis_config_presets::{ether, ETH, ETH_COLLATERAL},
	AccountId, AllPalletsWithSystem, AssetConversion, AssetId, Assets, Balance, Balances, Margin,
	Markets, Operators, Oracle, Runtime, RuntimeOrigin, UNIT,
};
use alloc::{boxed::Box, string::String, vec::Vec};
use frame_benchmarking::{account, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{
	fungible::Mutate as _, fungibles::Mutate as _, Get, StorageInfo, StorageInfoTrait,
	WhitelistedStorageKeys,
};
use pallet_margin::AccountAsset;
use pallet_markets::{ListingTerms, UnderlyingTerms};
use pallet_trading::benchmark_helper::{BenchmarkHelper as TradingHelper, Sr25519Keystore};
use plimsoll_primitives::{
	benchmarking::BenchmarkEnvironment, oracle::MAX_EXPIRIES, Clearing, CollateralId, Contracts,
	ExpiryPrices, Fill, Instrument, Moment, OptionKind, Price, Rate, SubAccountId, Svi,
	UnderlyingId, UnderlyingPrices,
};
use plimsoll_risk::{Liquidity, UnderlyingModel};
use sp_runtime::{FixedI128, FixedU128, MultiSignature};
use xcm::latest::prelude::*;

/// Chain time of the benchmarks: 2027-01-01.
const NOW: Moment = 1_798_761_600_000;
/// When the benchmarks' options expire: so soon that their payoffs and jumps are looked at too.
const EXPIRY: Moment = NOW + DAY;
/// Milliseconds.
const DAY: Moment = 24 * 60 * 60 * 1_000;
/// Spot before the crash, USD.
const SPOT: u32 = 3_000;

/// The rest of the chain, for the benchmark of one pallet.
pub struct Environment;

/// Chain time as the inherent would set it; Aura, who would compare it with the slot, isn't told.
fn set_time(now: Moment) {
	pallet_timestamp::Now::<Runtime>::put(now);
}

/// All underlyings that there can be, ether first: an account may hold contracts on each.
fn underlyings() -> impl Iterator<Item = UnderlyingId> {
	let most = <<Runtime as pallet_markets::Config>::MaxUnderlyings as Get<u32>>::get();
	let others = (0..u16::try_from(most).expect("a small number; qed")).map(UnderlyingId);
	core::iter::once(ETH).chain(others.filter(|underlying| *underlying != ETH))
}

/// Registers those that the preset has not, has the risk model know them, and as many of them as can
/// be offset each other.
fn register_underlyings() {
	let mut model =
		pallet_margin::CurrentRiskModel::<Runtime>::get().expect("the preset has a risk model");
	let scan_range = FixedU128::from_rational(20, 100);
	let liquidity =
		Liquidity { delta: FixedU128::from_u32(1_000), options: FixedU128::from_u32(1_000) };
	for underlying in underlyings() {
		if !pallet_markets::Underlyings::<Runtime>::contains_key(underlying) {
			let terms = UnderlyingTerms {
				name: b"Other".to_vec().try_into().expect("a short name; qed"),
				ticker: b"OTHER".to_vec().try_into().expect("a short ticker; qed"),
				strike_step: Price::from_u32(10),
				highest_strike: Price::from_u32(10_000),
				active: true,
			};
			Markets::register_underlying(RuntimeOrigin::root(), underlying, terms)
				.expect("there is room for all underlyings");
		}
		if !model.underlyings.iter().any(|known| known.underlying == underlying) {
			model
				.underlyings
				.try_push(UnderlyingModel { underlying, scan_range, liquidity })
				.expect("the model has room for all underlyings");
		}
	}
	model.underlyings.sort_by_key(|known| known.underlying);
	model.underlyings.iter_mut().for_each(|known| known.liquidity = liquidity);
	model.validate().expect("the model is in order");
	pallet_margin::CurrentRiskModel::<Runtime>::put(model);
	let all: Vec<UnderlyingId> = underlyings().collect();
	pallet_margin::benchmarking::force_joint_risk::<Runtime>(&all);
}

/// Has the marks of all perpetuals stand off spot: each is a price level of its own then, which takes the
/// most work.
fn set_marks_apart() {
	pallet_markets::Funding::<Runtime>::mutate(|all| {
		for funding in all.iter_mut() {
			funding.mark_premium = FixedI128::from_rational(1, 1_000);
		}
	});
}

/// Every operator sees this spot price of every underlying, with as many expiries as there can be.
fn price_at(spot: Price) {
	let ratio = |numerator, denominator| FixedI128::from_rational(numerator, denominator);
	let expiry = |number: u32| ExpiryPrices {
		expiry: EXPIRY + Moment::from(number) * DAY,
		forward: spot,
		rate: Rate::from_inner(ratio(4, 100).into_inner()),
		// 70 % at the money for the first: a + b·sigma = 0.49 / 365.
		surface: Some(Svi {
			a: ratio(12, 10_000),
			b: ratio(3, 10_000),
			rho: ratio(1, 10),
			m: ratio(0, 1),
			sigma: ratio(1, 2),
		}),
		live_blocks: u32::MAX,
		surface_live_blocks: u32::MAX,
	};
	let prices = UnderlyingPrices {
		spot,
		half_width: Price::from_rational(1, 2),
		oldest: NOW,
		expiries: (0..MAX_EXPIRIES).map(expiry).collect(),
	};
	Oracle::force_settlement_asset_price(Price::ONE);
	underlyings().for_each(|underlying| Oracle::force_prices(underlying, prices.clone()));
}

impl BenchmarkEnvironment<AccountId> for Environment {
	fn feed() -> UnderlyingId {
		set_time(NOW);
		price_at(Price::from_u32(SPOT));
		ETH
	}

	fn instruments(count: u32) -> Vec<Instrument> {
		let first = Self::feed();
		register_underlyings();
		let terms = ListingTerms {
			tick: Price::from_rational(1, 100),
			lot: Contracts::from_rational(1, 1_000),
			open_interest_cap: Contracts::from_u32(1_000_000),
		};
		// From one underlying to the next, then with the next strike and expiry all over again: what is
		// near to its expiry takes the most work, and so do many expiries, of which there are as many as
		// can be settled.
		let windows =
			<<Runtime as pallet_price_oracle::Config>::MaxSettlementWindows as Get<u32>>::get();
		let known = u32::try_from(underlyings().count()).expect("a small number; qed");
		let most = (windows / known).clamp(1, MAX_EXPIRIES);
		let options = (0u32..).flat_map(move |number| {
			let strike = Price::from_u32(1_000 + 500 * number);
			let expiry = EXPIRY + Moment::from(number % most) * DAY;
			underlyings().map(move |underlying| {
				Instrument::option(underlying, expiry, strike, OptionKind::Call)
			})
		});
		let instruments = core::iter::once(Instrument::perpetual(first))
			.chain(options.skip(1))
			.take(usize::try_from(count).expect("a small number; qed"))
			.inspect(|instrument| {
				if !pallet_markets::Instruments::<Runtime>::contains_key(instrument) {
					Markets::list(RuntimeOrigin::root(), *instrument, terms)
						.expect("a benchmark's instrument can be listed");
				}
			})
			.collect();
		set_marks_apart();
		instruments
	}

	fn sub_account(seed: u32, cash: Balance) -> SubAccountId<AccountId> {
		let owner: AccountId = account("trader", seed, 0);
		Balances::set_balance(&owner, 1_000 * UNIT);
		let minimum = 10_000;
		Assets::mint_into(SettlementAsset::get(), &owner, cash.saturating_mul(2).max(minimum))
			.expect("the settlement asset exists in the preset");
		if cash > 0 {
			Margin::deposit(RuntimeOrigin::signed(owner.clone()), 0, AccountAsset::Cash, cash)
				.expect("a benchmark's deposit is in order");
		}
		SubAccountId::new(owner, 0)
	}

	fn collateral(owner: &AccountId) -> Option<(CollateralId, Balance)> {
		// One ether: it offsets risk, so valuing it takes more work than a haircut does.
		let amount: Balance = 1_000_000_000_000_000_000;
		Assets::mint_into(ether(), owner, amount.saturating_mul(2))
			.expect("the collateral asset exists in the preset");
		Some((ETH_COLLATERAL, amount))
	}

	fn open(
		long: &SubAccountId<AccountId>,
		short: &SubAccountId<AccountId>,
		instruments: &[Instrument],
	) {
		let fills: Vec<Fill> = instruments
			.iter()
			.map(|instrument| Fill {
				instrument: *instrument,
				size: Contracts::from_rational(1, 1_000),
				price: Price::from_u32(SPOT / 10),
			})
			.collect();
		for fills in fills.chunks(8) {
			Margin::clear(long, short, fills).expect("a benchmark's accounts have the margin");
		}
	}

	fn crash() {
		price_at(Price::from_u32(SPOT / 20));
	}
}

impl pallet_price_oracle::BenchmarkHelper<AccountId> for Environment {
	fn set_operators(operators: &[AccountId]) {
		Operators::reset_members(RuntimeOrigin::root(), operators.to_vec())
			.expect("there is room for the benchmark's operators");
	}

	fn set_time(now: Moment) {
		set_time(now);
	}
}

impl TradingHelper<AccountId, MultiSignature> for Environment {
	fn new_signer() -> AccountId {
		let signer = Sr25519Keystore::new_signer();
		Balances::set_balance(&signer, 1_000 * UNIT);
		signer
	}

	fn sign(signer: &AccountId, message: &[u8]) -> MultiSignature {
		Sr25519Keystore::sign(signer, message)
	}

	fn add_delegate(account: &SubAccountId<AccountId>, delegate: &AccountId) {
		Margin::add_delegate(
			RuntimeOrigin::signed(account.owner.clone()),
			account.number,
			delegate.clone(),
		)
		.expect("a benchmark's account has room for a delegate");
	}

	fn max_positions() -> u32 {
		128
	}
}

/// Names assets for the SDK's own benchmarks.
pub struct ForeignAssets;

impl pallet_assets::BenchmarkHelper<AssetId, ()> for ForeignAssets {
	fn create_asset_id_parameter(id: u32) -> AssetId {
		Location::new(1, [Parachain(id)])
	}

	fn create_reserve_id_parameter(_: u32) {}
}

impl pallet_asset_conversion::BenchmarkHelper<AssetId> for ForeignAssets {
	fn create_pair(_: u32, seed: u32) -> (AssetId, AssetId) {
		(SettlementAsset::get(), Location::new(1, [Parachain(seed)]))
	}
}

impl pallet_spot::benchmarking::BenchmarkHelper<AccountId, MultiSignature> for Environment {
	fn market() -> (CollateralId, SubAccountId<AccountId>, Balance) {
		Self::feed();
		let provider: AccountId = account("provider", 0, 0);
		Balances::set_balance(&provider, 1_000 * UNIT);
		// A thousand ether against what they are worth.
		let (base, quote) = (1_000_000_000_000_000_000_000, Balance::from(SPOT) * 1_000_000_000);
		for (asset, amount) in [(ether(), base), (SettlementAsset::get(), quote)] {
			Assets::mint_into(asset, &provider, 2 * amount).expect("it exists in the preset");
		}
		let (first, second) = (Box::new(SettlementAsset::get()), Box::new(ether()));
		let origin = RuntimeOrigin::signed(provider.clone());
		AssetConversion::create_pool(origin.clone(), first.clone(), second.clone())
			.expect("there is no pool yet");
		AssetConversion::add_liquidity(origin, first, second, quote, base, 1, 1, provider)
			.expect("the provider has both");
		let account = Self::sub_account(7, 0);
		let (collateral, amount) = Self::collateral(&account.owner).expect("ether is collateral");
		let asset = AccountAsset::Collateral(collateral);
		Margin::deposit(RuntimeOrigin::signed(account.owner.clone()), 0, asset, amount)
			.expect("a benchmark's deposit is in order");
		(collateral, account, amount)
	}

	fn maker(seed: u32) -> SubAccountId<AccountId> {
		let account = Self::sub_account(20 + seed, 1_000_000_000_000);
		let (collateral, amount) = Self::collateral(&account.owner).expect("ether is collateral");
		let asset = AccountAsset::Collateral(collateral);
		Margin::deposit(RuntimeOrigin::signed(account.owner.clone()), 0, asset, amount)
			.expect("a benchmark's deposit is in order");
		account
	}

	fn new_delegate(account: &SubAccountId<AccountId>) -> AccountId {
		let signer = Sr25519Keystore::new_signer();
		<Self as TradingHelper<_, _>>::add_delegate(account, &signer);
		signer
	}

	/// As wallets sign: that takes two verifications, since the plain form is tried first.
	fn sign(signer: &AccountId, hash: &[u8; 32]) -> MultiSignature {
		Sr25519Keystore::sign(signer, &pallet_trading::quote::wrapped(hash))
	}
}

mod pallets {
	use super::*;
	use crate::*;
	use sp_storage::TrackedStorageKey;

	frame_benchmarking::define_benchmarks!(
		[pallet_price_oracle, Oracle]
		[pallet_markets, Markets]
		[pallet_margin, Margin]
		[pallet_trading, Trading]
		[pallet_spot, Spot]
		[pallet_liquidation, Liquidation]
		[cumulus_pallet_weight_reclaim, WeightReclaim]
		[pallet_xcm, pallet_xcm::benchmarking::Pallet::<Runtime>]
	);

	pub fn list(list: &mut Vec<BenchmarkList>, extra: bool) {
		list_benchmarks!(list, extra);
	}

	pub fn run(
		config: &BenchmarkConfig,
		whitelist: &Vec<TrackedStorageKey>,
		batches: &mut Vec<BenchmarkBatch>,
	) -> Result<(), String> {
		let params = (config, whitelist);
		add_benchmarks!(params, batches);
		Ok(())
	}
}

impl pallet_xcm::benchmarking::Config for Runtime {
	// XCM is closed: what could only be measured by sending is not to be had, and weighs a block.
	type DeliveryHelper = ();

	fn get_asset() -> Asset {
		Asset { id: xcm::latest::AssetId(Location::here()), fun: Fungible(UNIT) }
	}
}

/// Which benchmarks there are.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	let mut list = Vec::<BenchmarkList>::new();
	pallets::list(&mut list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

/// Runs one.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::<BenchmarkBatch>::new();
	pallets::run(&config, &whitelist, &mut batches)?;
	if batches.is_empty() {
		return Err("no benchmark of that name".into());
	}
	Ok(batches)
}
