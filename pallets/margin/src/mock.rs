//! A runtime of real assets and balances, with an oracle, a register and a clock that tests set.
//! What they remember is storage, so that it is rolled back where the pallet's is.

use crate as pallet_margin;
use crate::{AccountAsset, Fees, InterestParameters, Pallet as MarginPallet, Session};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	storage::with_storage_layer,
	traits::{AsEnsureOriginWithArg, ConstU128, ConstU32, ConstU8, Time as TimeSource},
	Blake2_128Concat, PalletId,
};
use plimsoll_primitives::{
	Amount, Balance, BookClearing, Clearing, CollateralExchange, CollateralId, CollateralTerms,
	CollateralTreatment, Contracts, Exchanged, ExpiryPrices, Fill, Instrument, InstrumentError,
	InstrumentRegistry, InstrumentTerms, Moment, OptionKind, OrderSide, OrderTotals, Price,
	PriceError, PriceOracle, Rate, Resting, SubAccountId, Svi, UnderlyingId, UnderlyingPrices,
	UsdValue,
};
use plimsoll_risk::RiskModel;
use sp_arithmetic::{FixedI128, FixedU128, Permill};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

pub type AccountId = u64;
pub type AssetId = u32;
pub type SubAccount = SubAccountId<AccountId>;

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const CHARLIE: AccountId = 3;
pub const DAVE: AccountId = 4;
/// Holds nothing.
pub const EVE: AccountId = 5;

pub const USDC: AssetId = 1;
pub const WETH: AssetId = 2;
pub const DOT: AssetId = 3;
/// An asset that is nobody's collateral and is not seeded.
pub const OTHER: AssetId = 4;

pub const USDC_MINIMUM: Balance = 10_000;
pub const WETH_MINIMUM: Balance = 1_000;

/// Risk-offsetting.
pub const ETH_COLLATERAL: CollateralId = CollateralId(0);
/// With a haircut of 50 %.
pub const DOT_COLLATERAL: CollateralId = CollateralId(1);
/// Listed, but its asset is not seeded.
pub const UNSEEDED: CollateralId = CollateralId(2);

pub const BTC: UnderlyingId = UnderlyingId(0);
pub const ETH: UnderlyingId = UnderlyingId(1);
pub const DOT_FEED: UnderlyingId = UnderlyingId(2);

pub const NOW: Moment = 1_800_000_000_000;
pub const DAY: Moment = 86_400_000;
pub const EXPIRY: Moment = NOW + 30 * DAY;

pub const CASH: AccountAsset = AccountAsset::Cash;
pub const MINIMUM_CASH: Balance = 1_000_000;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Assets: pallet_assets,
		Margin: pallet_margin,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
	type Balance = Balance;
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<frame_system::EnsureSigned<AccountId>>;
	type ForceOrigin = frame_system::EnsureRoot<AccountId>;
	type Freezer = ();
	type Holder = ();
}

parameter_types! {
	pub const MarginPalletId: PalletId = PalletId(*b"plm/mrgn");
	pub const SettlementAsset: AssetId = USDC;
	/// Few, where a test wants to run out of them.
	pub static MaxPositions: u32 = 128;
	pub const RiskModelDelay: u64 = 10;
	pub static MaxSettledPerTouch: u32 = 4;
}

impl crate::Config for Test {
	type AssetId = AssetId;
	type Assets = Assets;
	type SettlementAsset = SettlementAsset;
	type SettlementDecimals = ConstU8<6>;
	type Registry = FakeRegistry;
	type Oracle = FakeOracle;
	type Time = FakeClock;
	type PalletId = MarginPalletId;
	type AdminOrigin = frame_system::EnsureRoot<AccountId>;
	type RiskModelDelay = RiskModelDelay;
	type MaxPositions = MaxPositions;
	type MaxOrderInstruments = ConstU32<4>;
	type MaxCollaterals = ConstU32<4>;
	type MaxDelegates = ConstU32<2>;
	type MaxFills = ConstU32<8>;
	type MaxSettledPerTouch = MaxSettledPerTouch;
	type MinimumCash = ConstU128<MINIMUM_CASH>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = FakeEnvironment;
}

#[frame_support::storage_alias]
type Now = StorageValue<Fake, Moment>;
#[frame_support::storage_alias]
type Prices = StorageMap<Fake, Blake2_128Concat, UnderlyingId, UnderlyingPrices>;
#[frame_support::storage_alias]
type LastPrices = StorageMap<Fake, Blake2_128Concat, UnderlyingId, UnderlyingPrices>;
#[frame_support::storage_alias]
type SettlementAssetPrice = StorageValue<Fake, Price>;
#[frame_support::storage_alias]
type Listed = StorageMap<Fake, Blake2_128Concat, Instrument, InstrumentTerms>;
#[frame_support::storage_alias]
type Collaterals = StorageMap<Fake, Blake2_128Concat, CollateralId, CollateralTerms<AssetId>>;
#[frame_support::storage_alias]
type OpenInterest = StorageMap<Fake, Blake2_128Concat, Instrument, Contracts>;
#[frame_support::storage_alias]
type InterestCap = StorageMap<Fake, Blake2_128Concat, Instrument, Contracts>;
#[frame_support::storage_alias]
pub type MarkPremiums = StorageMap<Fake, Blake2_128Concat, UnderlyingId, FixedI128>;
#[frame_support::storage_alias]
type FundingIndices = StorageValue<Fake, Vec<(UnderlyingId, UsdValue)>>;
#[frame_support::storage_alias]
type SettlementPrices = StorageMap<Fake, Blake2_128Concat, (UnderlyingId, Moment), Price>;

pub struct FakeClock;

impl TimeSource for FakeClock {
	type Moment = Moment;
	fn now() -> Moment {
		Now::get().unwrap_or(0)
	}
}

pub struct FakeOracle;

impl PriceOracle for FakeOracle {
	fn prices(underlying: UnderlyingId) -> Result<UnderlyingPrices, PriceError> {
		Prices::get(underlying).ok_or(if LastPrices::contains_key(underlying) {
			PriceError::Stale
		} else {
			PriceError::Unknown
		})
	}

	fn last_prices(underlying: UnderlyingId) -> Option<UnderlyingPrices> {
		LastPrices::get(underlying)
	}

	fn live_blocks(underlying: UnderlyingId) -> u32 {
		if Prices::contains_key(underlying) {
			7 + u32::from(underlying.0)
		} else {
			0
		}
	}

	fn settlement_asset_price() -> Result<Price, PriceError> {
		SettlementAssetPrice::get().ok_or(PriceError::Stale)
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

/// Whether the whole chain is halted.
#[frame_support::storage_alias]
pub type ChainIsHalted = StorageValue<Fake, bool, frame_support::pallet_prelude::ValueQuery>;

impl InstrumentRegistry for FakeRegistry {
	type AssetId = AssetId;

	fn is_halted() -> bool {
		ChainIsHalted::get()
	}

	fn tradable(instrument: &Instrument) -> Result<InstrumentTerms, InstrumentError> {
		let terms = Listed::get(instrument).ok_or(InstrumentError::Unknown)?;
		if instrument.expiry().is_some_and(|expiry| expiry <= FakeClock::now()) {
			return Err(InstrumentError::Expired);
		}
		Ok(terms)
	}

	fn settlement_price(underlying: UnderlyingId, expiry: Moment) -> Option<Price> {
		SettlementPrices::get((underlying, expiry))
	}

	fn change_open_interest(
		instrument: &Instrument,
		change: Contracts,
	) -> Result<(), DispatchError> {
		let after = open_interest(instrument)
			.checked_add(change)
			.ok_or(DispatchError::Other("open interest overflows"))?;
		let cap = InterestCap::get(instrument);
		if change.is_positive() && cap.is_some_and(|cap| after > cap) {
			return Err(DispatchError::Other("open interest cap"));
		}
		OpenInterest::insert(instrument, after);
		Ok(())
	}

	fn collateral(id: CollateralId) -> Option<CollateralTerms<AssetId>> {
		Collaterals::get(id)
	}

	fn mark_premium(underlying: UnderlyingId) -> FixedI128 {
		MarkPremiums::get(underlying).unwrap_or_default()
	}

	fn funding_indices() -> Vec<(UnderlyingId, UsdValue)> {
		FundingIndices::get().unwrap_or_default()
	}
}

/// An arbitrage-free surface of about 60 % a year at a month.
pub fn surface() -> Svi {
	Svi {
		a: FixedI128::from_rational(2, 100),
		b: FixedI128::from_rational(2, 100),
		rho: FixedI128::from_inner(-300_000_000_000_000_000),
		m: FixedI128::from_u32(0),
		sigma: FixedI128::from_rational(3, 10),
	}
}

/// A whole number of USD per contract.
pub fn price(usd: u32) -> Price {
	Price::from_u32(usd)
}

/// Contracts in thousandths.
pub fn milli(thousandths: i128) -> Contracts {
	Contracts::from_inner(thousandths * 1_000_000_000_000_000)
}

/// Contracts.
pub fn lots(whole: i128) -> Contracts {
	milli(whole * 1000)
}

/// USD in settlement units.
pub const fn usd(whole: u128) -> Balance {
	whole * 1_000_000
}

/// WETH in its own units.
pub const fn weth(thousandths: u128) -> Balance {
	thousandths * 1_000_000_000_000_000
}

pub fn sub(owner: AccountId) -> SubAccount {
	SubAccountId::new(owner, 0)
}

pub fn perpetual() -> Instrument {
	Instrument::perpetual(ETH)
}

pub fn future() -> Instrument {
	Instrument::future(ETH, EXPIRY)
}

pub fn call(strike: u32) -> Instrument {
	Instrument::option(ETH, EXPIRY, price(strike), OptionKind::Call)
}

pub fn put(strike: u32) -> Instrument {
	Instrument::option(ETH, EXPIRY, price(strike), OptionKind::Put)
}

/// Puts an underlying's prices: spot, and a forward and a surface for [`EXPIRY`] at the same level.
pub fn set_price(underlying: UnderlyingId, spot: Price) {
	let expiries = vec![ExpiryPrices {
		expiry: EXPIRY,
		forward: spot,
		rate: Rate::ZERO,
		surface: Some(surface()),
		live_blocks: 20,
		surface_live_blocks: 20,
	}];
	set_prices(
		underlying,
		UnderlyingPrices { spot, half_width: Price::ZERO, oldest: FakeClock::now(), expiries },
	);
}

/// Puts an underlying's prices as given.
pub fn set_prices(underlying: UnderlyingId, prices: UnderlyingPrices) {
	LastPrices::insert(underlying, &prices);
	Prices::insert(underlying, prices);
}

/// Takes a piece out of the live prices; the last ones stay.
pub fn change_live_prices(underlying: UnderlyingId, change: impl FnOnce(&mut UnderlyingPrices)) {
	let mut prices = Prices::get(underlying).expect("the feed is live");
	change(&mut prices);
	Prices::insert(underlying, prices);
}

/// Lets a feed go stale.
pub fn set_stale(underlying: UnderlyingId) {
	Prices::remove(underlying);
}

/// Lets the settlement asset's price go stale.
pub fn set_settlement_asset_stale() {
	SettlementAssetPrice::kill();
}

/// Forgets the clock.
pub fn set_no_time() {
	Now::kill();
}

pub fn set_time(now: Moment) {
	Now::put(now);
}

/// Sets the funding indices of the ETH and the BTC perpetual, in 10⁻¹⁸ USD per contract.
pub fn set_funding(eth: i128, btc: i128) {
	let indices = [(BTC, btc), (ETH, eth)];
	FundingIndices::put(indices.map(|(id, index)| (id, UsdValue::from_inner(index))).to_vec());
}

/// Has the indices go on by so much.
pub fn accrue_funding(eth: i128, btc: i128) {
	let now = |at: usize| FundingIndices::get().map_or(0, |indices| indices[at].1.into_inner());
	set_funding(now(1) + eth, now(0) + btc);
}

/// Passes [`EXPIRY`] and fixes the settlement price.
pub fn expire_at(price: Price) {
	set_time(EXPIRY);
	SettlementPrices::insert((ETH, EXPIRY), price);
}

/// Lets so many milliseconds pass, and the next block begin.
pub fn pass(elapsed: Moment) {
	set_time(FakeClock::now() + elapsed);
	let next = System::block_number() + 1;
	System::set_block_number(next);
	<Margin as frame_support::traits::Hooks<u64>>::on_initialize(next);
}

pub fn list(instrument: Instrument) {
	let terms = InstrumentTerms {
		tick: Price::from_rational(1, 100),
		lot: milli(1),
		close_only: false,
		halted: false,
		price_band: None,
	};
	Listed::insert(instrument, terms);
}

pub fn set_close_only(instrument: Instrument) {
	let mut terms = Listed::get(instrument).expect("listed");
	terms.close_only = true;
	Listed::insert(instrument, terms);
}

pub fn set_halted(instrument: Instrument) {
	let mut terms = Listed::get(instrument).expect("listed");
	terms.halted = true;
	Listed::insert(instrument, terms);
}

pub fn set_interest_cap(instrument: Instrument, cap: Contracts) {
	InterestCap::insert(instrument, cap);
}

pub fn open_interest(instrument: &Instrument) -> Contracts {
	OpenInterest::get(instrument).unwrap_or_default()
}

pub fn set_collateral_terms(id: CollateralId, change: impl FnOnce(&mut CollateralTerms<AssetId>)) {
	let mut terms = Collaterals::get(id).expect("registered");
	change(&mut terms);
	Collaterals::insert(id, terms);
}

/// Registers another collateral asset on the same terms.
pub fn copy_collateral(id: CollateralId, terms: &CollateralTerms<AssetId>) {
	Collaterals::insert(id, terms);
}

fn register_collateral(
	id: CollateralId,
	asset: AssetId,
	decimals: u8,
	feed: UnderlyingId,
	treatment: CollateralTreatment,
) {
	let unit = 10u128.pow(u32::from(decimals));
	let terms = CollateralTerms {
		asset,
		decimals,
		feed,
		treatment,
		deposit_cap: 1_000 * unit,
		minimum: unit / 100,
	};
	Collaterals::insert(id, terms);
}

fn register_all() {
	set_time(NOW);
	set_price(BTC, price(60_000));
	set_price(ETH, price(3_000));
	set_price(DOT_FEED, price(5));
	SettlementAssetPrice::put(Price::ONE);
	let offsetting =
		CollateralTreatment::RiskOffsetting { liquidity_haircut: Permill::from_percent(5) };
	let cut = CollateralTreatment::Haircut { haircut: Permill::from_percent(50) };
	register_collateral(ETH_COLLATERAL, WETH, 18, ETH, offsetting);
	register_collateral(DOT_COLLATERAL, DOT, 10, DOT_FEED, cut);
	register_collateral(UNSEEDED, OTHER, 6, DOT_FEED, cut);
	for instrument in [
		perpetual(),
		Instrument::perpetual(BTC),
		future(),
		call(2_900),
		call(3_000),
		call(3_100),
		put(2_900),
		put(3_000),
	] {
		list(instrument);
	}
}

/// The model that tests run with.
pub fn model() -> RiskModel {
	let range = FixedU128::from_rational(15, 100);
	RiskModel::standard(&[(BTC, range), (ETH, range), (DOT_FEED, range)])
}

fn assets_genesis() -> pallet_assets::GenesisConfig<Test> {
	let owners = [ALICE, BOB, CHARLIE, DAVE];
	let rich = |asset: AssetId, amount: Balance| owners.map(|owner| (asset, owner, amount));
	pallet_assets::GenesisConfig {
		assets: vec![
			(USDC, ALICE, true, USDC_MINIMUM),
			(WETH, ALICE, true, WETH_MINIMUM),
			(DOT, ALICE, true, 100),
			(OTHER, ALICE, true, 100),
		],
		accounts: [
			rich(USDC, usd(10_000_000)),
			rich(WETH, weth(100_000_000)),
			rich(DOT, 100_000 * 10_000_000_000),
			rich(OTHER, usd(1_000_000)),
		]
		.concat(),
		..Default::default()
	}
}

/// A new chain: time, prices, listed instruments, collateral, and four rich owners.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("system genesis is valid; qed");
	assets_genesis().assimilate_storage(&mut storage).expect("assets genesis is valid; qed");
	pallet_margin::GenesisConfig::<Test> {
		risk_model: Some(model()),
		joint_risk: None,
		seeds: vec![(USDC, USDC_MINIMUM), (WETH, WETH_MINIMUM), (DOT, 100)],
		fees: Fees::default(),
		interest: InterestParameters::default(),
	}
	.assimilate_storage(&mut storage)
	.expect("margin genesis is valid; qed");
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		register_all();
	});
	ext
}

/// Builds a chain and checks all promises at the end.
pub struct ExtBuilder;

impl ExtBuilder {
	pub fn build_and_execute(test: impl FnOnce()) {
		new_test_ext().execute_with(|| {
			test();
			check_all();
		});
	}
}

/// Everything that must hold, here also that nobody's assets came past the books, and that the
/// register's open interest is the sum of long positions.
pub fn check_all() {
	assert_ok!(Margin::do_try_state());
	for asset in [USDC, WETH, DOT, OTHER] {
		assert_eq!(Margin::unbooked(&asset), Some(0), "asset {asset} is conserved");
	}
	let mut longs = std::collections::BTreeMap::<Instrument, i128>::new();
	for (_, record) in crate::Accounts::<Test>::iter() {
		for position in record.positions.iter().filter(|p| p.size.is_positive()) {
			*longs.entry(position.instrument).or_default() += position.size.into_inner();
		}
	}
	for (instrument, interest) in OpenInterest::iter() {
		let long = longs.get(&instrument).copied().unwrap_or(0);
		assert_eq!(long, interest.into_inner(), "open interest of {instrument:?}");
	}
}

pub fn deposit_cash(owner: AccountId, dollars: u128) {
	assert_ok!(Margin::deposit(RuntimeOrigin::signed(owner), 0, CASH, usd(dollars)));
}

pub fn deposit_weth(owner: AccountId, thousandths: u128) {
	let asset = AccountAsset::Collateral(ETH_COLLATERAL);
	assert_ok!(Margin::deposit(RuntimeOrigin::signed(owner), 0, asset, weth(thousandths)));
}

/// `taker` buys `size` from `maker`.
pub fn trade(
	taker: AccountId,
	maker: AccountId,
	instrument: Instrument,
	size: Contracts,
	price: Price,
) -> Result<(), DispatchError> {
	let fills = [Fill { instrument, size, price }];
	Ok(<Margin as Clearing<AccountId>>::clear(&sub(taker), &sub(maker), &fills)?)
}

/// Has an order of `owner` match nothing and come to rest.
pub fn try_rest(owner: AccountId, resting: Resting) -> Result<(), DispatchError> {
	with_storage_layer(|| {
		let mut session = Default::default();
		let matching =
			<Margin as BookClearing<AccountId>>::open_matching(&mut session, &sub(owner))?;
		<Margin as BookClearing<AccountId>>::close_matching(matching, Some(resting))
	})
}

/// Has an account exchange so much at a venue and no more.
pub fn exchange_outside(
	account: &SubAccount,
	collateral: CollateralId,
	side: OrderSide,
	paid: Balance,
	swap: impl FnOnce(&AccountId) -> DispatchResult,
) -> Result<Exchanged, DispatchError> {
	with_storage_layer(|| {
		let mut session = Session::default();
		let mut exchange = Margin::open_exchange(&mut session, account, collateral)?;
		let moved = Margin::swap_outside(&mut exchange, side, paid, swap)?;
		Margin::close_exchange(exchange, None)?;
		Ok(moved)
	})
}

pub fn resting(side: OrderSide, instrument: Instrument, size: Contracts, usd: u32) -> Resting {
	Resting { instrument, side, size, price: price(usd) }
}

/// The same, which must pass.
pub fn rest(owner: AccountId, side: OrderSide, instrument: Instrument, size: Contracts, usd: u32) {
	assert_ok!(try_rest(owner, resting(side, instrument, size, usd)));
}

/// Alice takes what Bob has resting.
pub fn match_one(instrument: Instrument, size: Contracts, usd: u32) {
	let side = if size.is_negative() { OrderSide::Buy } else { OrderSide::Sell };
	rest(BOB, side, instrument, size.checked_abs().expect("small"), usd);
	let mut session = Default::default();
	let mut matching =
		<Margin as BookClearing<AccountId>>::open_matching(&mut session, &sub(ALICE))
			.expect("Alice has an account");
	let fill = Fill { instrument, size, price: price(usd) };
	assert_ok!(<Margin as BookClearing<AccountId>>::fill(&mut matching, &sub(BOB), &fill));
	assert_ok!(<Margin as BookClearing<AccountId>>::close_matching(matching, None));
}

/// What is open of an account's orders in an instrument.
pub fn open_orders(owner: AccountId, instrument: Instrument) -> OrderTotals {
	let orders = crate::OpenOrderTotals::<Test>::get(sub(owner));
	orders
		.iter()
		.find(|totals| totals.instrument == instrument)
		.copied()
		.unwrap_or(OrderTotals::none(instrument))
}

/// Cash as it counts now, with interest and shared losses.
pub fn cash(owner: AccountId) -> Amount {
	MarginPallet::<Test>::read(&sub(owner)).map_or(0, |record| record.cash)
}

pub fn size(owner: AccountId, instrument: Instrument) -> Contracts {
	crate::Accounts::<Test>::get(sub(owner))
		.map_or(Contracts::ZERO, |record| record.size_of(&instrument))
}

pub fn entry(owner: AccountId, instrument: Instrument) -> Amount {
	crate::Accounts::<Test>::get(sub(owner))
		.and_then(|record| record.position(&instrument).map(|p| p.entry_value))
		.unwrap_or(0)
}

pub fn balance(asset: AssetId, owner: AccountId) -> Balance {
	Assets::balance(asset, owner)
}

pub fn insurance() -> Balance {
	crate::Ledger::<Test>::get().insurance
}

/// Cash passes from one account to another, as when one loses what the other wins.
pub fn lose(from: AccountId, to: AccountId, amount: Balance) {
	let amount = Amount::try_from(amount).expect("small");
	force_cash(from, cash(from) - amount);
	force_cash(to, cash(to) + amount);
}

/// Sets an account's cash, and the insurance fund so that the books still balance.
pub fn force_cash(owner: AccountId, amount: Amount) {
	let id = sub(owner);
	let mut pots = crate::Ledger::<Test>::get();
	let mut account =
		crate::open_account::OpenAccount::<Test>::existing(&id, &pots).expect("exists");
	let change = account.record.cash - amount;
	account.record.cash = amount;
	account.close(&mut pots).expect("fits");
	let fund = Amount::try_from(pots.insurance).expect("small") + change;
	pots.insurance = Balance::try_from(fund).expect("the fund covers it");
	crate::Ledger::<Test>::put(pots);
}

/// Events of this pallet, since the last call of this.
pub fn events() -> Vec<crate::Event<Test>> {
	let events = System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Margin(event) => Some(event),
			_ => None,
		})
		.collect();
	System::reset_events();
	events
}

#[cfg(feature = "runtime-benchmarks")]
pub use environment::FakeEnvironment;

#[cfg(feature = "runtime-benchmarks")]
mod environment {
	use super::*;
	use frame_support::traits::fungibles::Mutate;
	use plimsoll_primitives::benchmarking::BenchmarkEnvironment;

	pub struct FakeEnvironment;

	impl BenchmarkEnvironment<AccountId> for FakeEnvironment {
		fn feed() -> UnderlyingId {
			// Benchmarks forget what is not genesis.
			register_all();
			ETH
		}

		fn instruments(count: u32) -> Vec<Instrument> {
			(0..count)
				.map(|at| if at == 0 { perpetual() } else { call(2_000 + 10 * at) })
				.inspect(|instrument| list(*instrument))
				.collect()
		}

		fn sub_account(seed: u32, cash: Balance) -> SubAccount {
			let owner = 1_000 + u64::from(seed);
			Assets::mint_into(USDC, &owner, cash * 2 + USDC_MINIMUM).expect("USDC exists");
			let origin = RuntimeOrigin::signed(owner);
			assert_ok!(Margin::deposit(origin, 0, CASH, cash));
			sub(owner)
		}

		fn open(long: &SubAccount, short: &SubAccount, instruments: &[Instrument]) {
			for chunk in instruments.chunks(8) {
				let fills: Vec<Fill> = chunk
					.iter()
					.map(|instrument| Fill {
						instrument: *instrument,
						size: milli(1),
						price: price(100),
					})
					.collect();
				assert_ok!(<Margin as Clearing<AccountId>>::clear(long, short, &fills));
			}
		}

		fn crash() {
			set_price(ETH, price(300));
		}

		fn collateral(owner: &AccountId) -> Option<(CollateralId, Balance)> {
			Assets::mint_into(WETH, owner, weth(10_000)).expect("WETH exists");
			Some((ETH_COLLATERAL, weth(10_000)))
		}
	}
}
