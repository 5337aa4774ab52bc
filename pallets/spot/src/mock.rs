//! A runtime of real assets and pools, with accounts, an oracle and a register that tests set.

use crate as pallet_spot;
use crate::{asset_conversion::AssetConversion as SdkPools, PairTerms};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	storage::with_storage_layer,
	traits::{
		fungibles::Mutate, tokens::imbalance::ResolveAssetTo, AsEnsureOriginWithArg, ConstU128,
		ConstU32, ConstU8,
	},
	weights::Weight,
	Blake2_128Concat, PalletId,
};
use frame_system::{EnsureNever, EnsureRoot};
use pallet_assets::{Instance1, Instance2};
use plimsoll_primitives::{
	Balance, Clearing, CollateralExchange, CollateralId, CollateralTerms, CollateralTreatment,
	Contracts, Exchanged, Fill, FillError, Instrument, InstrumentError, InstrumentRegistry,
	InstrumentTerms, Moment, OrderSide, Price, PriceError, PriceOracle, SubAccountId, UnderlyingId,
	UnderlyingPrices, UsdValue,
};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult, Permill};

pub type AccountId = u64;
pub type AssetId = u32;
pub type SubAccount = SubAccountId<AccountId>;

pub const ALICE: AccountId = 1;
/// Provides the pool's liquidity.
pub const BOB: AccountId = 2;
/// May trade for Alice.
pub const DELEGATE: AccountId = 3;
/// Holds what sub-accounts have.
pub const CUSTODIAN: AccountId = 4;

pub const USDC: AssetId = 1;
pub const WETH: AssetId = 2;
/// Of either asset.
pub const MINIMUM: Balance = 1_000;

pub const ETH: CollateralId = CollateralId(0);
/// Is the settlement asset.
pub const SAME: CollateralId = CollateralId(1);

/// One ether.
pub const ONE: Balance = 1_000_000_000_000_000_000;
/// What amounts are multiples of.
pub const LOT: Balance = ONE / 1_000;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Assets: pallet_assets::<Instance1>,
		PoolAssets: pallet_assets::<Instance2>,
		AssetConversion: pallet_asset_conversion,
		Spot: pallet_spot,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<1>;
	type AccountStore = System;
}

/// What is traded.
impl pallet_assets::Config<Instance1> for Test {
	type RuntimeEvent = RuntimeEvent;
	type Balance = Balance;
	type AssetId = AssetId;
	type AssetIdParameter = AssetId;
	type ReserveData = ();
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type AssetDeposit = ConstU128<0>;
	type AssetAccountDeposit = ConstU128<0>;
	type MetadataDepositBase = ConstU128<0>;
	type MetadataDepositPerByte = ConstU128<0>;
	type ApprovalDeposit = ConstU128<0>;
	type StringLimit = ConstU32<50>;
	type RemoveItemsLimit = ConstU32<1_000>;
	type Holder = ();
	type Freezer = ();
	type Extra = ();
	type CallbackHandle = ();
	type AssetIdAllocator = ();
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// Shares of pools.
impl pallet_assets::Config<Instance2> for Test {
	type RuntimeEvent = RuntimeEvent;
	type Balance = Balance;
	type AssetId = AssetId;
	type AssetIdParameter = AssetId;
	type ReserveData = ();
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type AssetDeposit = ConstU128<0>;
	type AssetAccountDeposit = ConstU128<0>;
	type MetadataDepositBase = ConstU128<0>;
	type MetadataDepositPerByte = ConstU128<0>;
	type ApprovalDeposit = ConstU128<0>;
	type StringLimit = ConstU32<50>;
	type RemoveItemsLimit = ConstU32<1_000>;
	type Holder = ();
	type Freezer = ();
	type Extra = ();
	type CallbackHandle = ();
	type AssetIdAllocator = ();
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

parameter_types! {
	pub const SettlementAsset: AssetId = USDC;
	pub const PoolsPalletId: PalletId = PalletId(*b"plm/pool");
	pub const PoolFee: Permill = Permill::from_parts(3_000);
	pub const MaxPoolFee: Permill = Permill::from_percent(10);
	pub const NoFee: Permill = Permill::zero();
	pub const FeeReceiver: AccountId = BOB;
	/// What the oracle says of ether.
	pub static EtherPrice: Option<Price> = Some(Price::from_u32(3_000));
}

impl pallet_asset_conversion::Config for Test {
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
	type PoolSetupFee = ConstU128<0>;
	type PoolSetupFeeAsset = SettlementAsset;
	type PoolSetupFeeTarget = ResolveAssetTo<FeeReceiver, Assets>;
	type LiquidityWithdrawalFee = NoFee;
	type MintMinLiquidity = ConstU128<100>;
	type MaxSwapPathLength = ConstU32<3>;
	type PalletId = PoolsPalletId;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

impl crate::Config for Test {
	type AssetId = AssetId;
	type SettlementAsset = SettlementAsset;
	type SettlementDecimals = ConstU8<6>;
	type Exchange = FakeAccounts;
	type Registry = FakeRegistry;
	type Oracle = FakeOracle;
	type Pools = SdkPools<Test>;
	type AdminOrigin = EnsureRoot<AccountId>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = FakeAccounts;
}

/// What a sub-account has: (cash, ether).
#[frame_support::storage_alias]
type Holdings = StorageMap<
	Fake,
	Blake2_128Concat,
	SubAccount,
	(Balance, Balance),
	frame_support::pallet_prelude::ValueQuery,
>;

pub struct FakeAccounts;

impl Clearing<AccountId> for FakeAccounts {
	fn may_trade(who: &AccountId, account: &SubAccount) -> bool {
		*who == account.owner || *who == DELEGATE
	}

	fn clear(_: &SubAccount, _: &SubAccount, _: &[Fill]) -> Result<(), FillError> {
		Err(DispatchError::Other("nothing is cleared here").into())
	}

	fn clear_surcharge() -> Weight {
		Weight::zero()
	}
}

impl CollateralExchange<AccountId> for FakeAccounts {
	fn exchange_outside(
		account: &SubAccount,
		_: CollateralId,
		side: OrderSide,
		_: Balance,
		swap: impl FnOnce(&AccountId) -> DispatchResult,
	) -> Result<Exchanged, DispatchError> {
		with_storage_layer(|| Self::exchange(account, side, swap))
	}

	fn exchange_weight() -> Weight {
		Weight::zero()
	}
}

impl FakeAccounts {
	fn exchange(
		account: &SubAccount,
		side: OrderSide,
		swap: impl FnOnce(&AccountId) -> DispatchResult,
	) -> Result<Exchanged, DispatchError> {
		let held = || (Assets::balance(USDC, CUSTODIAN), Assets::balance(WETH, CUSTODIAN));
		let before = held();
		swap(&CUSTODIAN)?;
		let after = held();
		let (cash, ether) = (before.0.abs_diff(after.0), before.1.abs_diff(after.1));
		let lacks = DispatchError::Other("the account lacks what is paid");
		let (has_cash, has_ether) = Holdings::get(account);
		let (moved, left) = match side {
			OrderSide::Buy => (
				Exchanged { paid: cash, received: ether },
				(has_cash.checked_sub(cash), has_ether.checked_add(ether)),
			),
			OrderSide::Sell => (
				Exchanged { paid: ether, received: cash },
				(has_cash.checked_add(cash), has_ether.checked_sub(ether)),
			),
		};
		Holdings::insert(account, (left.0.ok_or(lacks)?, left.1.ok_or(lacks)?));
		Ok(moved)
	}
}

pub struct FakeOracle;

impl PriceOracle for FakeOracle {
	fn prices(_: UnderlyingId) -> Result<UnderlyingPrices, PriceError> {
		let spot = EtherPrice::get().ok_or(PriceError::Stale)?;
		Ok(UnderlyingPrices { spot, half_width: Price::ZERO, oldest: 0, expiries: vec![] })
	}

	fn last_prices(_: UnderlyingId) -> Option<UnderlyingPrices> {
		None
	}

	fn live_blocks(_: UnderlyingId) -> u32 {
		0
	}

	fn settlement_asset_price() -> Result<Price, PriceError> {
		Ok(Price::ONE)
	}

	fn last_settlement_asset_price() -> Option<Price> {
		Some(Price::ONE)
	}

	fn open_settlement_window(_: UnderlyingId, _: Moment) -> Result<(), PriceError> {
		Ok(())
	}

	fn settlement_average(_: UnderlyingId, _: Moment) -> Result<Price, PriceError> {
		Err(PriceError::Incomplete)
	}

	fn close_settlement_window(_: UnderlyingId, _: Moment) {}
}

pub struct FakeRegistry;

impl InstrumentRegistry for FakeRegistry {
	type AssetId = AssetId;

	fn tradable(_: &Instrument) -> Result<InstrumentTerms, InstrumentError> {
		Err(InstrumentError::Unknown)
	}

	fn settlement_price(_: UnderlyingId, _: Moment) -> Option<Price> {
		None
	}

	fn change_open_interest(_: &Instrument, _: Contracts) -> DispatchResult {
		Ok(())
	}

	fn collateral(id: CollateralId) -> Option<CollateralTerms<AssetId>> {
		let (asset, decimals) = match id {
			ETH => (WETH, 18),
			SAME => (USDC, 6),
			_ => return None,
		};
		let treatment = CollateralTreatment::Haircut { haircut: Permill::from_percent(10) };
		let feed = UnderlyingId(1);
		Some(CollateralTerms {
			asset,
			decimals,
			feed,
			treatment,
			deposit_cap: Balance::MAX,
			minimum: 1,
		})
	}
}

/// A new chain: both assets, no pair, no pool.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("system genesis is valid; qed");
	pallet_balances::GenesisConfig::<Test> {
		balances: vec![(BOB, 1_000_000), (ALICE, 1_000_000)],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.expect("balances genesis is valid; qed");
	pallet_assets::GenesisConfig::<Test, Instance1> {
		assets: vec![(USDC, BOB, true, MINIMUM), (WETH, BOB, true, MINIMUM)],
		accounts: vec![(USDC, CUSTODIAN, MINIMUM), (WETH, CUSTODIAN, MINIMUM)],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.expect("assets genesis is valid; qed");
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		EtherPrice::set(Some(Price::from_u32(3_000)));
	});
	ext
}

/// Runs a test on a chain with the pair open and a pool of a thousand ether at 3,000, and checks all
/// promises at its end.
pub fn execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		assert_ok!(Spot::set_pair(RuntimeOrigin::root(), ETH, Some(terms())));
		provide(1_000 * ONE, usd(3_000_000));
		fund(ALICE, usd(100_000), 10 * ONE);
		test();
		check_all();
	});
}

/// All that must hold, here also that what the custodian holds is what accounts have.
pub fn check_all() {
	assert_ok!(Spot::do_try_state());
	let (mut cash, mut ether) = (MINIMUM, MINIMUM);
	for (of_cash, of_ether) in Holdings::iter_values() {
		cash += of_cash;
		ether += of_ether;
	}
	assert_eq!(Assets::balance(USDC, CUSTODIAN), cash);
	assert_eq!(Assets::balance(WETH, CUSTODIAN), ether);
}

pub fn terms() -> PairTerms {
	PairTerms {
		lot: LOT,
		minimum_value: UsdValue::from_u32(10),
		price_band: Permill::from_percent(10),
	}
}

/// Makes the pool where there is none, and adds to it.
pub fn provide(ether: Balance, cash: Balance) {
	assert_ok!(Assets::mint_into(WETH, &BOB, ether + MINIMUM));
	assert_ok!(Assets::mint_into(USDC, &BOB, cash + MINIMUM));
	let origin = RuntimeOrigin::signed(BOB);
	let (one, other) = (Box::new(USDC), Box::new(WETH));
	let _ = AssetConversion::create_pool(origin.clone(), one.clone(), other.clone());
	assert_ok!(AssetConversion::add_liquidity(origin, one, other, cash, ether, 1, 1, BOB));
}

/// Gives a sub-account more.
pub fn fund(owner: AccountId, cash: Balance, ether: Balance) {
	assert_ok!(Assets::mint_into(USDC, &CUSTODIAN, cash));
	assert_ok!(Assets::mint_into(WETH, &CUSTODIAN, ether));
	Holdings::mutate(sub(owner), |held| *held = (held.0 + cash, held.1 + ether));
}

/// (cash, ether)
pub fn held(owner: AccountId) -> (Balance, Balance) {
	Holdings::get(sub(owner))
}

pub fn sub(owner: AccountId) -> SubAccount {
	SubAccountId::new(owner, 0)
}

/// Settlement units.
pub const fn usd(whole: Balance) -> Balance {
	whole * 1_000_000
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId> for FakeAccounts {
	fn market() -> (CollateralId, SubAccount, Balance) {
		provide(1_000 * ONE, usd(3_000_000));
		fund(ALICE, 0, ONE);
		(ETH, sub(ALICE), ONE)
	}
}
