//! The native token, the assets that are held as collateral, and fees.

use crate::{
	configs::SettlementAsset, weights::ExtrinsicBaseWeight, AccountId, AssetId, Assets, Balance,
	Balances, CollatorSelection, PoolAssets, Runtime, RuntimeEvent, RuntimeFreezeReason,
	RuntimeHoldReason, System, EXISTENTIAL_DEPOSIT, MICROUNIT, MILLIUNIT,
};
use frame_support::{
	parameter_types,
	traits::{
		tokens::imbalance::{ResolveAssetTo, ResolveTo},
		AsEnsureOriginWithArg, ConstU128, ConstU32, ConstU8, VariantCountOf,
	},
	weights::{
		ConstantMultiplier, FeePolynomial, Weight, WeightToFee as WeightToFeeT,
		WeightToFeeCoefficient, WeightToFeeCoefficients, WeightToFeePolynomial,
	},
	PalletId,
};
use frame_system::{EnsureNever, EnsureRoot};
use polkadot_runtime_common::SlowAdjustingFeeUpdate;
use sp_runtime::{Perbill, Permill};

parameter_types! {
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	pub const TransactionByteFee: Balance = 10 * MICROUNIT;
	pub const NoDeposit: Balance = 0;
	pub const PoolsPalletId: PalletId = PalletId(*b"plm/pool");
	/// What a pool keeps of what comes in, unless governance has set another fee for it.
	pub const PoolFee: Permill = Permill::from_parts(3_000);
	pub const MaxPoolFee: Permill = Permill::from_percent(10);
	pub const NoPoolFee: Permill = Permill::zero();
	pub StakingPot: AccountId = CollatorSelection::account_id();
}

impl pallet_balances::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
	type DustRemoval = ();
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type ReserveIdentifier = [u8; 8];
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type DoneSlashHandler = ();
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

/// Foreign assets, named by their location. Only governance creates them, so there are no deposits.
impl pallet_assets::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Balance = Balance;
	type AssetId = AssetId;
	type AssetIdParameter = AssetId;
	type ReserveData = ();
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type AssetDeposit = NoDeposit;
	type AssetAccountDeposit = NoDeposit;
	type MetadataDepositBase = NoDeposit;
	type MetadataDepositPerByte = NoDeposit;
	type ApprovalDeposit = ExistentialDeposit;
	type StringLimit = ConstU32<50>;
	type RemoveItemsLimit = ConstU32<1_000>;
	type Holder = ();
	type Freezer = ();
	type Extra = ();
	type CallbackHandle = ();
	type AssetIdAllocator = ();
	type WeightInfo = pallet_assets::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarking::ForeignAssets;
}

/// Shares of pools. Only the pools' pallet makes them.
impl pallet_assets::Config<pallet_assets::Instance1> for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Balance = Balance;
	type AssetId = u32;
	type AssetIdParameter = u32;
	type ReserveData = ();
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type AssetDeposit = NoDeposit;
	type AssetAccountDeposit = NoDeposit;
	type MetadataDepositBase = NoDeposit;
	type MetadataDepositPerByte = NoDeposit;
	type ApprovalDeposit = ExistentialDeposit;
	type StringLimit = ConstU32<50>;
	type RemoveItemsLimit = ConstU32<1_000>;
	type Holder = ();
	type Freezer = ();
	type Extra = ();
	type CallbackHandle = ();
	type AssetIdAllocator = ();
	type WeightInfo = pallet_assets::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// Pools of an asset against the settlement asset. Anybody may make one, since only governance makes
/// assets, and provide liquidity.
impl pallet_asset_conversion::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Balance = Balance;
	type HigherPrecisionBalance = sp_core::U256;
	type AssetKind = AssetId;
	type Assets = Assets;
	type PoolId = (AssetId, AssetId);
	type PoolLocator = pallet_asset_conversion::WithFirstAsset<
		SettlementAsset,
		AccountId,
		AssetId,
		pallet_asset_conversion::AccountIdConverter<PoolsPalletId, (AssetId, AssetId)>,
	>;
	type PoolAssetId = u32;
	type PoolAssets = PoolAssets;
	type LPFee = PoolFee;
	type AdminOrigin = EnsureRoot<AccountId>;
	type MaxSwapFee = MaxPoolFee;
	type PoolSetupFee = NoDeposit;
	type PoolSetupFeeAsset = SettlementAsset;
	type PoolSetupFeeTarget = ResolveAssetTo<StakingPot, Assets>;
	type LiquidityWithdrawalFee = NoPoolFee;
	type MintMinLiquidity = ConstU128<100>;
	type MaxSwapPathLength = ConstU32<3>;
	type PalletId = PoolsPalletId;
	type WeightInfo = pallet_asset_conversion::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarking::ForeignAssets;
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	// Fees go to the collators.
	type OnChargeTransaction =
		pallet_transaction_payment::FungibleAdapter<Balances, ResolveTo<StakingPot, Balances>>;
	type WeightToFee = WeightToFee;
	type LengthToFee = ConstantMultiplier<Balance, TransactionByteFee>;
	type FeeMultiplierUpdate = SlowAdjustingFeeUpdate<Self>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}

/// Charges for the scarcer of execution time and proof size, not for their sum.
pub struct WeightToFee;
impl WeightToFeeT for WeightToFee {
	type Balance = Balance;

	fn weight_to_fee(weight: &Weight) -> Balance {
		let time: FeePolynomial<Balance> = RefTimeToFee::polynomial().into();
		let proof: FeePolynomial<Balance> = ProofSizeToFee::polynomial().into();
		time.eval(weight.ref_time()).max(proof.eval(weight.proof_size()))
	}
}

/// `numerator / denominator` native units for each unit of weight.
fn linear_fee(numerator: Balance, denominator: Balance) -> WeightToFeeCoefficients<Balance> {
	[WeightToFeeCoefficient {
		degree: 1,
		negative: false,
		coeff_frac: Perbill::from_rational(numerator % denominator, denominator),
		coeff_integer: numerator / denominator,
	}]
	.into_iter()
	.collect()
}

/// A hundred base extrinsics cost a tenth of a thousandth of a native token.
struct RefTimeToFee;
impl WeightToFeePolynomial for RefTimeToFee {
	type Balance = Balance;
	fn polynomial() -> WeightToFeeCoefficients<Balance> {
		linear_fee(MILLIUNIT / 10, 100 * Balance::from(ExtrinsicBaseWeight::get().ref_time()))
	}
}

/// Ten kilobytes of proof cost a tenth of a thousandth of a native token.
struct ProofSizeToFee;
impl WeightToFeePolynomial for ProofSizeToFee {
	type Balance = Balance;
	fn polynomial() -> WeightToFeeCoefficients<Balance> {
		linear_fee(MILLIUNIT / 10, 10_000)
	}
}
