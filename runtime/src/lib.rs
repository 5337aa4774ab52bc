//! # The Plimsoll runtime
//!
//! A parachain whose runtime is a cross-margining clearing house. This crate only puts pallets
//! together: what they do stands in their own documentation.
//!
//! Hooks run in pallet-index order, which is therefore meaning and not numbering: system pallets,
//! then oracle, markets, margin, trading, liquidation, and only then the message queue, whose
//! `on_initialize` executes XCM: it must see this block's prices and must not take the weight
//! first. A test asserts the order.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "512"]

extern crate alloc;

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod configs;
pub mod genesis_config_presets;
mod offchain;
// The tests ask every pallet for its state check.
#[cfg(all(test, feature = "try-runtime"))]
mod tests;
mod weights;
pub mod xcm_config;

use alloc::vec::Vec;
use frame_support::weights::{constants::WEIGHT_REF_TIME_PER_SECOND, Weight};
use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature, Perbill,
};
use sp_version::RuntimeVersion;

pub use apis::{api, RUNTIME_API_VERSIONS};

/// How accounts sign.
pub type Signature = MultiSignature;
/// How accounts are named.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// An amount of the native token or of an asset.
pub type Balance = u128;
/// How many transactions an account has sent.
pub type Nonce = u32;
/// A block or transaction hash.
pub type Hash = sp_core::H256;
/// A block's height.
pub type BlockNumber = u32;
/// How transactions name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// How assets are named: by where they live.
pub type AssetId = xcm::latest::Location;

/// What is checked and charged around every transaction. All of it encodes as polkadot.js expects:
/// what that does not know (`AuthorizeCall`, `CheckFeeder`, `StorageWeightReclaim`) encodes to nothing.
pub type TxExtension = cumulus_pallet_weight_reclaim::StorageWeightReclaim<
	Runtime,
	(
		frame_system::AuthorizeCall<Runtime>,
		frame_system::CheckNonZeroSender<Runtime>,
		frame_system::CheckSpecVersion<Runtime>,
		frame_system::CheckTxVersion<Runtime>,
		frame_system::CheckGenesis<Runtime>,
		frame_system::CheckEra<Runtime>,
		frame_system::CheckNonce<Runtime>,
		frame_system::CheckWeight<Runtime>,
		pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
		frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
		pallet_price_oracle::check_feeder::CheckFeeder<Runtime>,
	),
>;

/// A transaction as it comes in.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// What a transaction's signature is over.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Runs blocks.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

impl_opaque_keys! {
	pub struct SessionKeys {
		pub aura: Aura,
	}
}

#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: alloc::borrow::Cow::Borrowed("plimsoll"),
	impl_name: alloc::borrow::Cow::Borrowed("plimsoll"),
	authoring_version: 1,
	spec_version: 1,
	impl_version: 0,
	apis: RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

/// One native token (PLIM), 12 decimals.
pub const UNIT: Balance = 1_000_000_000_000;
/// A thousandth of a native token.
pub const MILLIUNIT: Balance = UNIT / 1_000;
/// A millionth of a native token.
pub const MICROUNIT: Balance = MILLIUNIT / 1_000;
/// The least a native account may hold.
pub const EXISTENTIAL_DEPOSIT: Balance = MILLIUNIT;

/// The time between blocks on one core; more cores make more blocks, so nothing but the slot
/// counts on it.
pub const MILLISECS_PER_BLOCK: u64 = 6_000;
/// The length of an authoring slot.
pub const SLOT_DURATION: u64 = MILLISECS_PER_BLOCK;
/// Blocks in a minute at the nominal block time.
pub const MINUTES: BlockNumber = 60_000 / (MILLISECS_PER_BLOCK as BlockNumber);
/// Blocks in an hour at the nominal block time.
pub const HOURS: BlockNumber = MINUTES * 60;
/// Blocks in a day at the nominal block time.
pub const DAYS: BlockNumber = HOURS * 24;

/// How many blocks may be built on one relay-chain parent.
pub const BLOCK_PROCESSING_VELOCITY: u32 = 1;
/// How far the parachain may run ahead of its inclusion (asynchronous backing).
pub const UNINCLUDED_SEGMENT_CAPACITY: u32 = 3;
/// The length of a relay-chain slot.
pub const RELAY_CHAIN_SLOT_DURATION_MILLIS: u32 = 6_000;

/// What part of a block `on_initialize` is reckoned to take: a single transaction gets the rest.
/// The waterfall's own budget is bounded apart from it.
const AVERAGE_ON_INITIALIZE_RATIO: Perbill = Perbill::from_percent(10);
/// What part of a block ordinary transactions may fill; operational ones (price feeds) always find
/// room.
const NORMAL_DISPATCH_RATIO: Perbill = Perbill::from_percent(75);
/// Two seconds of execution and a full proof of validity.
pub const MAXIMUM_BLOCK_WEIGHT: Weight = Weight::from_parts(
	WEIGHT_REF_TIME_PER_SECOND.saturating_mul(2),
	widened(cumulus_primitives_core::relay_chain::MAX_POV_SIZE),
);

/// The same number in 64 bits, as `u64::from`, which cannot be called in a constant.
const fn widened(number: u32) -> u64 {
	let [first, second, third, fourth] = number.to_le_bytes();
	u64::from_le_bytes([first, second, third, fourth, 0, 0, 0, 0])
}

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type ParachainSystem = cumulus_pallet_parachain_system;
	#[runtime::pallet_index(2)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(3)]
	pub type ParachainInfo = parachain_info;
	#[runtime::pallet_index(4)]
	pub type WeightReclaim = cumulus_pallet_weight_reclaim;

	#[runtime::pallet_index(10)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(11)]
	pub type Assets = pallet_assets;
	#[runtime::pallet_index(12)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(13)]
	pub type PoolAssets = pallet_assets<Instance1>;
	#[runtime::pallet_index(14)]
	pub type AssetConversion = pallet_asset_conversion;

	#[runtime::pallet_index(20)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(21)]
	pub type CollatorSelection = pallet_collator_selection;
	#[runtime::pallet_index(22)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(23)]
	pub type Aura = pallet_aura;
	#[runtime::pallet_index(24)]
	pub type AuraExt = cumulus_pallet_aura_ext;

	#[runtime::pallet_index(30)]
	pub type XcmpQueue = cumulus_pallet_xcmp_queue;
	#[runtime::pallet_index(31)]
	pub type PolkadotXcm = pallet_xcm;
	#[runtime::pallet_index(32)]
	pub type CumulusXcm = cumulus_pallet_xcm;

	#[runtime::pallet_index(40)]
	pub type Sudo = pallet_sudo;
	#[runtime::pallet_index(41)]
	pub type Operators = pallet_membership;

	#[runtime::pallet_index(50)]
	pub type Oracle = pallet_price_oracle;
	#[runtime::pallet_index(51)]
	pub type Markets = pallet_markets;
	#[runtime::pallet_index(52)]
	pub type Margin = pallet_margin;
	#[runtime::pallet_index(53)]
	pub type Trading = pallet_trading;
	#[runtime::pallet_index(54)]
	pub type Liquidation = pallet_liquidation;

	// Without hooks, so that its place says nothing.
	#[runtime::pallet_index(55)]
	pub type Spot = pallet_spot;

	#[runtime::pallet_index(60)]
	pub type MessageQueue = pallet_message_queue;
}

cumulus_pallet_parachain_system::register_validate_block! {
	Runtime = Runtime,
	BlockExecutor = cumulus_pallet_aura_ext::BlockExecutor::<Runtime, Executive>,
}
