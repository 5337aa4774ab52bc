//! Genesis presets: a development chain of one node, and a local test network of two collators.
//!
//! Both trade the same markets. They name no expiry: dated contracts are listed once there is chain
//! time.

use crate::{
	configs::SettlementAsset, AccountId, AssetId, AssetsConfig, Balance, BalancesConfig,
	CollatorSelectionConfig, MarginConfig, MarketsConfig, OperatorsConfig, OracleConfig,
	ParachainInfoConfig, PolkadotXcmConfig, RuntimeGenesisConfig, SessionConfig, SessionKeys,
	SudoConfig, EXISTENTIAL_DEPOSIT, UNIT,
};
use alloc::{format, string::String, vec, vec::Vec};
use frame_support::build_struct_json_patch;
use hex_literal::hex;
use pallet_markets::{GenesisCollateral, GenesisPerpetual, GenesisUnderlying};
use pallet_price_oracle::{FeedKey, FeedParams, OracleParams, SourceFormat};
use plimsoll_primitives::{CollateralId, CollateralTreatment, Contracts, Price, UnderlyingId};
use plimsoll_risk::RiskModel;
use serde_json::Value;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_genesis_builder::PresetId;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{FixedU128, Permill};
use xcm::latest::prelude::*;

/// The parachain's number in both presets.
pub const PARA_ID: u32 = 2000;

/// Bitcoin.
pub const BTC: UnderlyingId = UnderlyingId(0);
/// Ether.
pub const ETH: UnderlyingId = UnderlyingId(1);
/// Polkadot's token.
pub const DOT: UnderlyingId = UnderlyingId(2);
/// Bridged ether as collateral: it offsets positions in ether.
pub const ETH_COLLATERAL: CollateralId = CollateralId(0);
/// DOT as collateral, at a haircut.
pub const DOT_COLLATERAL: CollateralId = CollateralId(1);

/// Where a development chain's feeder looks for prices: `tools/price-replay` listens there.
const PRICES: &str = "http://127.0.0.1:8787";

/// Where ether is, seen from here.
pub fn ether() -> AssetId {
	Location::new(2, [GlobalConsensus(Ethereum { chain_id: 1 })])
}

/// Where DOT is, seen from here.
pub fn dot() -> AssetId {
	Location::parent()
}

/// The collateral assets and the settlement asset: location, name, symbol, decimals, least balance,
/// what each development account is given.
fn assets() -> Vec<(AssetId, &'static str, &'static str, u8, Balance, Balance)> {
	vec![
		(SettlementAsset::get(), "USD Coin", "USDC", 6, 10_000, 10_000_000_000_000),
		(ether(), "Ether", "ETH", 18, 1_000_000_000_000, 15_000_000_000_000_000_000),
		(dot(), "Polkadot", "DOT", 10, 100_000_000, 1_000_000_000_000_000),
	]
}

/// The development accounts: well known, so never for anything of value.
fn development_accounts() -> Vec<AccountId> {
	Sr25519Keyring::well_known().map(|key| key.to_account_id()).collect()
}

/// The accounts of the development operators, `//Feeder//1` to `//Feeder//3`.
pub fn operators() -> Vec<AccountId> {
	// Derived beforehand: deriving keys needs cryptography that a runtime leaves to its host. A test
	// derives them anew.
	[
		hex!("d8be2262b89182513d80fc842174d3c5d7d9d5cbc1dba0d011ea079782010c2b"),
		hex!("4c02fede050bd840c3427e15c59cbcc64a849de3fcff25b4b795b81ebdb6ca65"),
		hex!("728bd05334524e035fa08f0b8aab397fa711d163e6c1ae52d00dfddd67350f7e"),
	]
	.into_iter()
	.map(AccountId::from)
	.collect()
}

fn assets_genesis(owner: &AccountId) -> AssetsConfig {
	let mut config = AssetsConfig::default();
	for (location, name, symbol, decimals, minimum, endowment) in assets() {
		config.assets.push((location.clone(), owner.clone(), true, minimum));
		config.metadata.push((location.clone(), name.into(), symbol.into(), decimals));
		for account in development_accounts() {
			config.accounts.push((location.clone(), account, endowment));
		}
	}
	config
}

fn underlyings() -> Vec<(UnderlyingId, &'static str, &'static str, Price, Price, FixedU128)> {
	vec![
		(BTC, "Bitcoin", "BTC", Price::from_u32(500), Price::from_u32(10_000_000), percent(15)),
		(ETH, "Ether", "ETH", Price::from_u32(10), Price::from_u32(1_000_000), percent(18)),
		(DOT, "Polkadot", "DOT", Price::from_rational(1, 10), Price::from_u32(10_000), percent(22)),
	]
}

fn percent(percent: u128) -> FixedU128 {
	FixedU128::from_rational(percent, 100)
}

fn markets_genesis() -> MarketsConfig {
	MarketsConfig {
		underlyings: underlyings()
			.into_iter()
			.map(|(id, name, ticker, strike_step, highest_strike, _)| GenesisUnderlying {
				id,
				name: name.into(),
				ticker: ticker.into(),
				strike_step,
				highest_strike,
			})
			.collect(),
		collaterals: vec![
			GenesisCollateral {
				id: ETH_COLLATERAL,
				asset: ether(),
				decimals: 18,
				feed: ETH,
				treatment: CollateralTreatment::RiskOffsetting {
					liquidity_haircut: Permill::from_percent(3),
				},
				deposit_cap: 100_000_000_000_000_000_000_000,
				minimum: 1_000_000_000_000_000,
			},
			GenesisCollateral {
				id: DOT_COLLATERAL,
				asset: dot(),
				decimals: 10,
				feed: DOT,
				treatment: CollateralTreatment::Haircut { haircut: Permill::from_percent(30) },
				deposit_cap: 100_000_000_000_000_000,
				minimum: 10_000_000_000,
			},
		],
		perpetuals: [
			(BTC, Price::from_rational(1, 2), Contracts::from_rational(1, 10_000), 10_000),
			(ETH, Price::from_rational(1, 100), Contracts::from_rational(1, 1_000), 200_000),
			(DOT, Price::from_rational(1, 10_000), Contracts::from_rational(1, 10), 20_000_000),
		]
		.into_iter()
		.map(|(underlying, tick, lot, cap)| GenesisPerpetual {
			underlying,
			tick,
			lot,
			open_interest_cap: Contracts::from_u32(cap),
		})
		.collect(),
		// Dated contracts are listed by call there: those who test choose their own expiries.
		listing_rules: Vec::new(),
	}
}

/// Three venues for each underlying's index price, and our own document for forwards, rates,
/// surfaces and the settlement asset.
fn sources() -> Vec<(FeedKey, SourceFormat, String)> {
	let mut sources = Vec::new();
	for (underlying, _, ticker, ..) in underlyings() {
		let spot = FeedKey::Spot { underlying };
		let kraken = if underlying == BTC { "XBT" } else { ticker };
		sources.push((
			spot,
			SourceFormat::Kraken,
			format!("{PRICES}/0/public/Ticker?pair={kraken}USD"),
		));
		sources.push((
			spot,
			SourceFormat::Coinbase,
			format!("{PRICES}/v2/prices/{ticker}-USD/spot"),
		));
		sources.push((
			spot,
			SourceFormat::Binance,
			format!("{PRICES}/api/v3/ticker/price?symbol={ticker}USDT"),
		));
		sources.push((
			spot,
			SourceFormat::Json,
			format!("{PRICES}/plimsoll/v1/surface?underlying={}", underlying.0),
		));
	}
	sources
}

fn oracle_genesis(quorum: u32) -> OracleConfig {
	let bounds = |min: Price, max: u32| FeedParams { min, max: Price::from_u32(max) };
	OracleConfig {
		params: OracleParams { quorum, ..Default::default() },
		feeds: vec![
			(BTC, bounds(Price::from_u32(100), 10_000_000)),
			(ETH, bounds(Price::from_u32(1), 1_000_000)),
			(DOT, bounds(Price::from_rational(1, 100), 10_000)),
		],
		sources: sources(),
		..Default::default()
	}
}

/// The genesis of a chain with these collators. `quorum` is how many operators must report.
fn genesis(collators: Vec<Sr25519Keyring>, quorum: u32) -> Value {
	let root = Sr25519Keyring::Alice.to_account_id();
	let native: Vec<(AccountId, Balance)> = development_accounts()
		.into_iter()
		.chain(operators())
		.map(|account| (account, 1_000_000 * UNIT))
		.collect();
	let keys = |collator: &Sr25519Keyring| {
		let account = collator.to_account_id();
		let aura = AuraId::from(collator.public());
		(account.clone(), account, SessionKeys { aura })
	};
	let model: Vec<(UnderlyingId, FixedU128)> =
		underlyings().into_iter().map(|(id, .., scan_range)| (id, scan_range)).collect();
	build_struct_json_patch!(RuntimeGenesisConfig {
		balances: BalancesConfig { balances: native },
		assets: assets_genesis(&root),
		parachain_info: ParachainInfoConfig { parachain_id: PARA_ID.into() },
		collator_selection: CollatorSelectionConfig {
			invulnerables: collators.iter().map(|key| key.to_account_id()).collect(),
			candidacy_bond: EXISTENTIAL_DEPOSIT * 16,
		},
		session: SessionConfig { keys: collators.iter().map(keys).collect() },
		polkadot_xcm: PolkadotXcmConfig { safe_xcm_version: Some(xcm::prelude::XCM_VERSION) },
		sudo: SudoConfig { key: Some(root) },
		operators: OperatorsConfig {
			members: operators().try_into().expect("there are three operators; qed"),
		},
		oracle: oracle_genesis(quorum),
		markets: markets_genesis(),
		margin: MarginConfig {
			risk_model: Some(RiskModel::standard(&model)),
			seeds: assets()
				.into_iter()
				.map(|(asset, _, _, _, minimum, _)| (asset, minimum))
				.collect(),
			// No joint risk: it comes from a market's history, and governance sets it.
			..Default::default()
		},
	})
}

/// The preset of this name, as a patch of the default genesis, in JSON.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_ref() {
		sp_genesis_builder::DEV_RUNTIME_PRESET => genesis(vec![Sr25519Keyring::Alice], 1),
		sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET => {
			genesis(vec![Sr25519Keyring::Alice, Sr25519Keyring::Bob], 2)
		}
		_ => return None,
	};
	Some(serde_json::to_string(&patch).expect("a JSON value can be written; qed").into_bytes())
}

/// The presets there are.
pub fn preset_names() -> Vec<PresetId> {
	vec![
		PresetId::from(sp_genesis_builder::DEV_RUNTIME_PRESET),
		PresetId::from(sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET),
	]
}
