//! The clearing house: oracle, markets, margin, trading, liquidation.

use crate::{
	weights, AccountId, AssetId, Assets, Balances, BlockNumber, Margin, Markets, Operators, Oracle,
	Runtime, RuntimeHoldReason, Signature, Spot, Timestamp, Trading, DAYS, MAXIMUM_BLOCK_WEIGHT,
	MILLIUNIT, MINUTES,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64, ConstU8},
	weights::Weight,
	PalletId,
};
use frame_system::EnsureRoot;
use plimsoll_primitives::{Balance, Moment, UsdValue};
use sp_runtime::{traits::Verify, Perbill, Permill};
use xcm::latest::prelude::*;

/// One day, in milliseconds.
const DAY: Moment = 24 * 60 * 60 * 1_000;

parameter_types! {
	/// The most oracle operators; the membership's limit too.
	pub const MaxOperators: u32 = 16;
	/// The most legs of a block trade.
	pub const MaxLegs: u32 = 8;
	/// The asset in which profit and loss is paid: USDC of the relay chain's Asset Hub.
	pub SettlementAsset: AssetId =
		Location::new(1, [Parachain(1_000), PalletInstance(50), GeneralIndex(1_337)]);
	/// Holds all collateral.
	pub const MarginPalletId: PalletId = PalletId(*b"plimsoll");
	/// The least cash of an account that has any: one USDC.
	pub const MinimumCash: Balance = 1_000_000;
	pub const SettlementShare: Perbill = Perbill::from_percent(10);
	pub const LiquidationShare: Perbill = Perbill::from_percent(25);
	pub const SweepShare: Perbill = Perbill::from_percent(20);
	/// Kept free of the waterfall: inherents with the relay proof, `on_finalize`, the message
	/// queue and operational calls.
	pub LiquidationReserve: Weight = Perbill::from_percent(40) * MAXIMUM_BLOCK_WEIGHT;
	pub const MaxQuoteLifetime: BlockNumber = DAYS;
	pub const SettlementRetryDelay: BlockNumber = 10 * MINUTES;
	pub const ListingInterval: BlockNumber = 5 * MINUTES;
	/// For each order that rests: what it stores lasts as long as it is paid for.
	pub const OrderDeposit: Balance = 10 * MILLIUNIT;
	pub const QuoteDeposit: Balance = 20 * MILLIUNIT;
	/// Ten USD.
	pub const MinimumOrderValue: UsdValue = UsdValue::from_u32(10);
	pub const LinearPriceBand: Permill = Permill::from_percent(10);
	pub const OptionPriceBand: Permill = Permill::from_percent(50);
}

impl pallet_price_oracle::Config for Runtime {
	type AuthorityId = pallet_price_oracle::crypto::FeederAuthId;
	type Operators = Operators;
	type Time = Timestamp;
	type MaxOperators = MaxOperators;
	type MaxFeeds = ConstU32<16>;
	type MaxBatch = ConstU32<64>;
	type MaxSources = ConstU32<32>;
	type MaxSettlementWindows = ConstU32<96>;
	type FeederPatience = ConstU32<{ crate::offchain::CHANCES }>;
	type WeightInfo = weights::pallet_price_oracle::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarking::Environment;
}

impl pallet_markets::Config for Runtime {
	type AssetId = AssetId;
	type SettlementAsset = SettlementAsset;
	type Oracle = Oracle;
	type Quotes = Trading;
	type Holders = Margin;
	type Time = Timestamp;
	type AdminOrigin = EnsureRoot<AccountId>;
	type HaltOrigin = EnsureRoot<AccountId>;
	type MaxUnderlyings = ConstU32<16>;
	type MaxInstrumentsPerExpiry = ConstU32<128>;
	type MaxTenor = ConstU64<{ 750 * DAY }>;
	type MaxExpiriesPerBlock = ConstU32<8>;
	type MaxSettlementsPerBlock = ConstU32<64>;
	type SettlementRetryDelay = SettlementRetryDelay;
	type SettlementShare = SettlementShare;
	type MaxListingsPerBlock = ConstU32<8>;
	type ListingInterval = ListingInterval;
	type WeightInfo = weights::pallet_markets::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarking::Environment;
}

impl pallet_margin::Config for Runtime {
	type AssetId = AssetId;
	type Assets = Assets;
	type SettlementAsset = SettlementAsset;
	type SettlementDecimals = ConstU8<6>;
	type Registry = Markets;
	type Oracle = Oracle;
	type Time = Timestamp;
	type PalletId = MarginPalletId;
	type AdminOrigin = EnsureRoot<AccountId>;
	type RiskModelDelay = ConstU32<DAYS>;
	type MaxPositions = ConstU32<128>;
	type MaxOrderInstruments = ConstU32<32>;
	type MaxCollaterals = ConstU32<8>;
	type MaxDelegates = ConstU32<8>;
	type MaxFills = MaxLegs;
	type MaxSettledPerTouch = ConstU32<4>;
	type MinimumCash = MinimumCash;
	type WeightInfo = weights::pallet_margin::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarking::Environment;
}

impl pallet_trading::Config for Runtime {
	type Clearing = Margin;
	type Registry = Markets;
	type Signature = Signature;
	type Signer = <Signature as Verify>::Signer;
	type MaxLegs = MaxLegs;
	type MaxQuoteLifetime = MaxQuoteLifetime;
	type MaxPrunedPerBlock = ConstU32<64>;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type OrderDeposit = OrderDeposit;
	type MinimumOrderValue = MinimumOrderValue;
	type LinearPriceBand = LinearPriceBand;
	type OptionPriceBand = OptionPriceBand;
	type BandStepBlocks = ConstU32<{ 5 * MINUTES }>;
	type MaxOrdersPerLevel = ConstU32<32>;
	type MaxOrdersPerAccount = ConstU32<64>;
	type MaxFills = ConstU32<24>;
	type MaxRemovals = ConstU32<4>;
	type MaxCancelledPerBlock = ConstU32<24>;
	type MaxBatch = ConstU32<32>;
	type MaxAnswers = ConstU32<16>;
	type MaxRequestsPerAccount = ConstU32<8>;
	type QuoteDeposit = QuoteDeposit;
	type NegotiatedBandMultiple = ConstU32<2>;
	type CollateralOrders = Spot;
	type WeightInfo = weights::pallet_trading::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarking::Environment;
}

impl pallet_spot::Config for Runtime {
	type AssetId = AssetId;
	type SettlementAsset = SettlementAsset;
	type SettlementDecimals = ConstU8<6>;
	type Exchange = Margin;
	type Registry = Markets;
	type Oracle = Oracle;
	type Pools = pallet_spot::asset_conversion::AssetConversion<Runtime>;
	type Signature = Signature;
	type Quotes = Trading;
	type Silence = Trading;
	type AdminOrigin = EnsureRoot<AccountId>;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type OrderDeposit = OrderDeposit;
	type MaxOrdersPerLevel = ConstU32<32>;
	// Two visits of the waterfall cancel them all, where its budget reaches.
	type MaxOrdersPerAccount = ConstU32<16>;
	type MaxFills = ConstU32<24>;
	type MaxSwapFills = ConstU32<8>;
	type MaxSwapQuotes = ConstU32<4>;
	type MaxRemovals = ConstU32<4>;
	type MaxBatch = ConstU32<32>;
	type WeightInfo = weights::pallet_spot::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarking::Environment;
}

impl pallet_liquidation::Config for Runtime {
	type Ledger = Margin;
	type OpenOrders = Trading;
	type AdminOrigin = EnsureRoot<AccountId>;
	type MaxQueue = ConstU32<256>;
	type MaxProviders = ConstU32<64>;
	type MaxAsks = ConstU32<8>;
	type HoldersPerVisit = ConstU32<64>;
	type MaxCancels = ConstU32<8>;
	type SweepPerBlock = ConstU32<32>;
	type SweepShare = SweepShare;
	type BudgetFraction = LiquidationShare;
	type Reserve = LiquidationReserve;
	type NominationPriority = ConstU64<{ u64::MAX / 2 }>;
	type NominationLongevity = ConstU64<5>;
	type WorkerBatch = ConstU32<256>;
	type WeightInfo = weights::pallet_liquidation::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarking::Environment;
}
