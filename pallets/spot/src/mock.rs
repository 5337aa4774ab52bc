//! A runtime of real assets and pools, with accounts, an oracle and a register that tests set.

use crate as pallet_spot;
use crate::{
	asset_conversion::AssetConversion as SdkPools, CancelCause, OrderTerms, PairTerms, SelfTrade,
	TimeInForce,
};
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
use plimsoll_orderbook::OrderId;
use plimsoll_primitives::{
	AllSetAside, Balance, Clearing, CollateralExchange, CollateralId, CollateralTerms,
	CollateralTreatment, Contracts, Exchanged, Fill, FillError, FillFees, Instrument,
	InstrumentError, InstrumentRegistry, InstrumentTerms, Moment, OrderSide, Price, PriceError,
	PriceOracle, QuoteSeal, SetAside, SignedQuotes, Silence, SubAccountId, UnderlyingId,
	UnderlyingPrices, UsdValue,
};
use sp_core::H256;
use sp_runtime::{BuildStorage, DispatchError, DispatchResult, Permill};

pub type AccountId = u64;
pub type AssetId = u32;
pub type SubAccount = SubAccountId<AccountId>;

pub const ALICE: AccountId = 1;
/// Provides the pool's liquidity.
pub const BOB: AccountId = 2;
/// May trade for Alice.
pub const DELEGATE: AccountId = 3;
/// Makes markets.
pub const CAROL: AccountId = 5;
/// Holds what sub-accounts have.
pub const CUSTODIAN: AccountId = 4;

pub const USDC: AssetId = 1;
pub const WETH: AssetId = 2;
/// For each order that rests.
pub const DEPOSIT: Balance = 10;
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
	/// The least that an account may hold of it.
	pub static EtherMinimum: Balance = 1;
	/// And of the settlement asset.
	pub static CashPrice: Option<Price> = Some(Price::ONE);
	/// What makers and takers are charged.
	pub static FeeRates: (Permill, Permill) = (Permill::zero(), Permill::zero());
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
	type Signature = bool;
	type Quotes = FakeQuotes;
	type Silence = FakeSilence;
	type AdminOrigin = EnsureRoot<AccountId>;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type OrderDeposit = ConstU128<DEPOSIT>;
	type MaxOrdersPerLevel = ConstU32<3>;
	type MaxOrdersPerAccount = ConstU32<6>;
	type MaxFills = ConstU32<10>;
	type MaxSwapFills = ConstU32<5>;
	type MaxSwapQuotes = ConstU32<3>;
	type MaxRemovals = ConstU32<2>;
	type MaxBatch = ConstU32<8>;
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

/// The same of what is set aside; never nothing.
#[frame_support::storage_alias]
pub type Aside = StorageMap<
	Fake,
	Blake2_128Concat,
	SubAccount,
	(Balance, Balance),
	frame_support::pallet_prelude::ValueQuery,
>;

/// Fees that were paid.
#[frame_support::storage_alias]
pub type FeePot = StorageValue<Fake, Balance, frame_support::pallet_prelude::ValueQuery>;

/// Accounts that have no room for ether.
#[frame_support::storage_alias]
pub type Full = StorageMap<Fake, Blake2_128Concat, SubAccount, ()>;

/// Accounts that pass no gate.
#[frame_support::storage_alias]
pub type Poor = StorageMap<Fake, Blake2_128Concat, SubAccount, ()>;

/// Accounts of which nothing has been heard for too long.
#[frame_support::storage_alias]
pub type Silent = StorageMap<Fake, Blake2_128Concat, SubAccount, ()>;

/// Accounts for which somebody has traded.
#[frame_support::storage_alias]
pub type Seen = StorageMap<Fake, Blake2_128Concat, SubAccount, ()>;

/// Quotes that were taken.
#[frame_support::storage_alias]
pub type TakenQuotes = StorageMap<Fake, Blake2_128Concat, (SubAccount, u64), ()>;

/// A quote is good when its signature is `true`, it was not taken, and its taker may take it.
pub struct FakeQuotes;

pub const NOT_GOOD: DispatchError = DispatchError::Other("the quote is not good");

impl SignedQuotes<AccountId, H256, bool> for FakeQuotes {
	fn ensure_good(
		taker: &SubAccount,
		quote: &QuoteSeal<'_, AccountId, H256, bool>,
	) -> DispatchResult {
		let is_another = taker != quote.maker;
		let is_for = quote.taker.is_none_or(|named| *named == taker.owner);
		let is_new = !TakenQuotes::contains_key((quote.maker, quote.nonce));
		let is_good = is_another && is_for && is_new && *quote.signature;
		is_good.then_some(()).ok_or(NOT_GOOD)
	}

	fn note_taken(maker: &SubAccount, nonce: u64) {
		TakenQuotes::insert((maker, nonce), ());
	}
}

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

/// An account's trade: what moves is written at once.
pub struct FakeExchange {
	account: SubAccount,
}

pub const LACKS: DispatchError = DispatchError::Other("the account lacks what is paid");
const FULL: DispatchError = DispatchError::Other("there is no room for it");
pub const MARGIN: DispatchError = DispatchError::Other("margin");

/// Adds to what an account has (or takes from it): (cash, ether).
fn change(account: &SubAccount, cash: i128, ether: i128) -> DispatchResult {
	let (has_cash, has_ether) = Holdings::get(account);
	let after = (has_cash.checked_add_signed(cash), has_ether.checked_add_signed(ether));
	Holdings::insert(account, (after.0.ok_or(LACKS)?, after.1.ok_or(LACKS)?));
	Ok(())
}

/// The same of what is set aside.
fn change_aside(account: &SubAccount, cash: i128, ether: i128) -> DispatchResult {
	let (has_cash, has_ether) = Aside::get(account);
	let after = (has_cash.checked_add_signed(cash), has_ether.checked_add_signed(ether));
	let after = (after.0.ok_or(LACKS)?, after.1.ok_or(LACKS)?);
	if after == (0, 0) {
		Aside::remove(account);
	} else {
		Aside::insert(account, after);
	}
	Ok(())
}

fn signed(amount: Balance) -> i128 {
	amount.try_into().expect("small")
}

impl CollateralExchange<AccountId> for FakeAccounts {
	/// How many trades were opened.
	type Session = u32;
	type Exchange<'s> = FakeExchange;

	fn open_exchange(
		session: &mut u32,
		account: &SubAccount,
		_: CollateralId,
	) -> Result<FakeExchange, DispatchError> {
		*session += 1;
		Ok(FakeExchange { account: account.clone() })
	}

	fn fee_rates(_: &AccountId) -> (Permill, Permill) {
		FeeRates::get()
	}

	fn has_room(account: &SubAccount, _: CollateralId) -> bool {
		!Full::contains_key(account)
	}

	fn fill_set_aside(
		exchange: &mut FakeExchange,
		maker: &SubAccount,
		resting: &SetAside,
		left: &SetAside,
	) -> Result<FillFees, FillError> {
		assert_ne!(exchange.account, *maker, "nobody fills its own order");
		let (amount, cash, maker_fee) = resting.filled(left).expect("a part fills");
		let taker_fee = FeeRates::get().1.mul_ceil(cash);
		let (ether, money) = (signed(amount), signed(cash));
		let (made, took) = (signed(maker_fee), signed(taker_fee));
		with_storage_layer(|| {
			match resting.side {
				OrderSide::Buy => {
					change(&exchange.account, money - took, -ether).map_err(FillError::Failed)?;
					if Full::contains_key(maker) {
						return Err(FillError::MakerRefused(FULL));
					}
					change_aside(maker, -money - made, 0).expect("it is set aside");
					change(maker, 0, ether).expect("it fits");
				}
				OrderSide::Sell => {
					change(&exchange.account, -money - took, ether).map_err(FillError::Failed)?;
					change_aside(maker, 0, -ether).expect("it is set aside");
					change(maker, money - made, 0).expect("it fits");
				}
			}
			FeePot::mutate(|pot| *pot += maker_fee + taker_fee);
			Ok(FillFees { taker: taker_fee, maker: maker_fee })
		})
	}

	fn swap_outside(
		exchange: &mut FakeExchange,
		side: OrderSide,
		_: Balance,
		swap: impl FnOnce(&AccountId) -> DispatchResult,
	) -> Result<Exchanged, DispatchError> {
		Self::exchange(&exchange.account, side, swap)
	}

	fn release_during(
		_: &mut FakeExchange,
		account: &SubAccount,
		cancelled: &SetAside,
	) -> DispatchResult {
		Self::release(account, cancelled)
	}

	fn close_exchange(exchange: FakeExchange, rest: Option<&SetAside>) -> DispatchResult {
		if Poor::contains_key(&exchange.account) {
			return Err(MARGIN);
		}
		let Some(rest) = rest else { return Ok(()) };
		let (cash, ether) = (rest.cash_held().expect("small"), rest.collateral_held());
		change(&exchange.account, -signed(cash), -signed(ether))?;
		change_aside(&exchange.account, signed(cash), signed(ether))
	}

	fn release(account: &SubAccount, cancelled: &SetAside) -> DispatchResult {
		let (cash, ether) = (cancelled.cash_held().expect("small"), cancelled.collateral_held());
		change_aside(account, -signed(cash), -signed(ether))?;
		change(account, signed(cash), signed(ether))
	}

	fn all_set_aside() -> Vec<(SubAccount, AllSetAside)> {
		let aside = |(cash, ether): (Balance, Balance)| AllSetAside {
			cash,
			collateral: (ether > 0).then_some((ETH, ether)).into_iter().collect(),
		};
		Aside::iter().map(|(account, of)| (account, aside(of))).collect()
	}

	fn exchange_weight() -> Weight {
		Weight::from_parts(1_000_000, 1_000)
	}

	fn further_exchange_weight() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}

	/// A small account's.
	fn exchanged_weight(opened: &u32) -> Weight {
		Weight::from_parts(100_000 * u64::from(*opened), if *opened > 0 { 1_000 } else { 0 })
	}

	fn set_aside_fill_weight() -> Weight {
		Weight::from_parts(1_000, 0)
	}

	fn set_aside_release_weight() -> Weight {
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
		match side {
			OrderSide::Buy => {
				change(account, -signed(cash), signed(ether))?;
				Ok(Exchanged { paid: cash, received: ether })
			}
			OrderSide::Sell => {
				change(account, signed(cash), -signed(ether))?;
				Ok(Exchanged { paid: ether, received: cash })
			}
		}
	}
}

/// Accounts that are silent.
pub struct FakeSilence;

impl Silence<AccountId> for FakeSilence {
	fn note_seen(account: &SubAccount) {
		Seen::insert(account, ());
	}

	fn is_silent(account: &SubAccount) -> bool {
		Silent::contains_key(account)
	}

	fn note_seen_weight() -> Weight {
		Weight::zero()
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
		CashPrice::get().ok_or(PriceError::Stale)
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
			minimum: EtherMinimum::get(),
		})
	}
}

/// A new chain: both assets, no pair, no pool.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("system genesis is valid; qed");
	pallet_balances::GenesisConfig::<Test> {
		balances: vec![(BOB, 1_000_000), (ALICE, 1_000_000), (CAROL, 1_000_000)],
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
		EtherMinimum::set(1);
		CashPrice::set(Some(Price::ONE));
		FeeRates::set((Permill::zero(), Permill::zero()));
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
	let (mut cash, mut ether) = (MINIMUM + FeePot::get(), MINIMUM);
	for (of_cash, of_ether) in Holdings::iter_values().chain(Aside::iter_values()) {
		cash += of_cash;
		ether += of_ether;
	}
	assert_eq!(Assets::balance(USDC, CUSTODIAN), cash);
	assert_eq!(Assets::balance(WETH, CUSTODIAN), ether);
}

pub fn terms() -> PairTerms {
	PairTerms {
		tick: Price::from_rational(1, 100),
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

/// (cash, ether) that is set aside.
pub fn aside(owner: AccountId) -> (Balance, Balance) {
	Aside::get(sub(owner))
}

/// What an owner's deposits come to.
pub fn deposits(owner: AccountId) -> Balance {
	use frame_support::traits::fungible::InspectHold;
	Balances::balance_on_hold(&crate::HoldReason::Order.into(), &owner)
}

/// An order of so many lots at a price in whole dollars that rests.
pub fn limit(side: OrderSide, lots: Balance, dollars: u32) -> OrderTerms {
	OrderTerms {
		collateral: ETH,
		side,
		price: Price::from_u32(dollars),
		amount: lots * LOT,
		time_in_force: TimeInForce::Resting { until: None, post_only: false },
		self_trade: SelfTrade::CancelResting,
	}
}

/// The same, of which nothing rests.
pub fn immediate(side: OrderSide, lots: Balance, dollars: u32) -> OrderTerms {
	let time_in_force = TimeInForce::ImmediateOrCancel;
	OrderTerms { time_in_force, ..limit(side, lots, dollars) }
}

/// Places an order, as the call does.
pub fn place(owner: AccountId, order: OrderTerms, max_fills: u32) -> DispatchResult {
	with_storage_layer(|| {
		let origin = RuntimeOrigin::signed(owner);
		Spot::place_order(origin, sub(owner), order, max_fills)
			.map(|_| ())
			.map_err(|error| error.error)
	})
}

/// Has an order come to rest. Returns its number.
pub fn rest(owner: AccountId, order: OrderTerms) -> OrderId {
	let id = crate::NextOrderId::<Test>::get();
	assert_ok!(place(owner, order, 0));
	assert!(crate::Orders::<Test>::contains_key(id), "it rests");
	id
}

/// This pallet's events, since the last call of this.
pub fn events() -> Vec<crate::Event<Test>> {
	let events = System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Spot(event) => Some(event),
			_ => None,
		})
		.collect();
	System::reset_events();
	events
}

/// What was cancelled since events were last looked at, how much and why.
pub fn cancellations() -> Vec<(OrderId, Balance, CancelCause)> {
	let of = |event| match event {
		crate::Event::OrderCancelled { order, amount, cause, .. } => {
			Some((order, amount / LOT, cause))
		}
		_ => None,
	};
	events().into_iter().filter_map(of).collect()
}

/// Settlement units.
pub const fn usd(whole: Balance) -> Balance {
	whole * 1_000_000
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<AccountId, bool> for FakeAccounts {
	fn market() -> (CollateralId, SubAccount, Balance) {
		provide(1_000 * ONE, usd(3_000_000));
		fund(ALICE, 0, ONE);
		(ETH, sub(ALICE), ONE)
	}

	fn maker(seed: u32) -> SubAccount {
		let owner = 1_000 + u64::from(seed);
		let funds = <Balances as frame_support::traits::Currency<AccountId>>::deposit_creating(
			&owner, 1_000_000,
		);
		drop(funds);
		fund(owner, usd(1_000_000), 1_000 * ONE);
		sub(owner)
	}

	fn new_delegate(_: &SubAccount) -> AccountId {
		DELEGATE
	}

	fn sign(_: &AccountId, _: &[u8; 32]) -> bool {
		true
	}
}
