//! A runtime around this pallet, over a small fake clearing house whose books are kept in storage,
//! so that a storage layer takes them back. Every contract is worth its underlying's price, premium
//! paid in full; a netted underlying needs 5 % of its notional as maintenance and 10 % as initial
//! margin; the one collateral asset counts for 80 % of its price and needs no margin.

use crate as pallet_liquidation;
use crate::{params::LiquidationParams, Call, Event, Liquidations, ProviderTerms, Queue};
use alloc::collections::{BTreeMap, BTreeSet};
use codec::{Decode, Encode, MaxEncodedLen};
use core::ops::Bound;
use frame_support::{
	derive_impl, parameter_types, storage::with_storage_layer, storage_alias, traits::Hooks,
	weights::Weight,
};
use frame_system::offchain::{
	CreateAuthorizedTransaction, CreateTransaction, CreateTransactionBase,
};
use plimsoll_primitives::{
	money, Amount, Balance, Cancelled, Contracts, Health, Instrument, LiquidationLedger,
	MassCancel, OpenOrders, PositionView, Price, Rounding, Stance, SubAccountId, UnderlyingId,
	UsdValue,
};
use scale_info::TypeInfo;
use sp_arithmetic::{Perbill, Permill, Perquintill};
use sp_runtime::{
	generic, testing::UintAuthorityId, traits::BlakeTwo256, BuildStorage, DispatchError,
};

pub type Account = SubAccountId<u64>;
pub type TransactionExtension = (frame_system::AuthorizeCall<Test>,);
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<u64, RuntimeCall, UintAuthorityId, TransactionExtension>;
pub type Block = generic::Block<generic::Header<u64, BlakeTwo256>, UncheckedExtrinsic>;

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
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;

	#[runtime::pallet_index(1)]
	pub type Liquidation = pallet_liquidation;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
}

parameter_types! {
	pub const MaxQueue: u32 = 4;
	pub const MaxProviders: u32 = 4;
	pub const MaxAsks: u32 = 3;
	pub const SweepShare: Perbill = Perbill::from_percent(25);
	pub const BudgetFraction: Perbill = Perbill::from_percent(50);
	pub const Reserve: Weight = Weight::from_parts(1_000_000, 1_000);
	pub const NominationPriority: u64 = 1_000;
	pub const NominationLongevity: u64 = 5;
	pub const WorkerBatch: u32 = 100;
	pub const MaxCancels: u32 = 3;
	pub const CancelWeight: Weight = Weight::from_parts(1_000, 10);
	pub static HoldersPerVisit: u32 = 100;
	pub static SweepPerBlock: u32 = 50;
	/// What one evaluation weighs: tests raise it to use the budget up.
	pub static HealthWeight: Weight = Weight::from_parts(1_000, 10);
}

impl crate::Config for Test {
	type Ledger = FakeLedger;
	type OpenOrders = FakeBook;
	type AdminOrigin = frame_system::EnsureRoot<u64>;
	type MaxQueue = MaxQueue;
	type MaxProviders = MaxProviders;
	type MaxAsks = MaxAsks;
	type HoldersPerVisit = HoldersPerVisit;
	type MaxCancels = MaxCancels;
	type SweepPerBlock = SweepPerBlock;
	type SweepShare = SweepShare;
	type BudgetFraction = BudgetFraction;
	type Reserve = Reserve;
	type NominationPriority = NominationPriority;
	type NominationLongevity = NominationLongevity;
	type WorkerBatch = WorkerBatch;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = FakeEnvironment;
}

impl CreateTransactionBase<Call<Test>> for Test {
	type RuntimeCall = RuntimeCall;
	type Extrinsic = UncheckedExtrinsic;
}

impl CreateTransaction<Call<Test>> for Test {
	type Extension = TransactionExtension;

	fn create_transaction(
		call: RuntimeCall,
		extension: TransactionExtension,
	) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_transaction(call, extension)
	}
}

impl CreateAuthorizedTransaction<Call<Test>> for Test {
	fn create_extension() -> TransactionExtension {
		(frame_system::AuthorizeCall::new(),)
	}
}

/// Decimals of the settlement asset.
pub const DECIMALS: u8 = 6;
/// One unit of USD in the settlement asset.
pub const USD: Amount = 1_000_000;
/// The size of which all positions are multiples: a tenth.
pub const LOT: Contracts = Contracts::from_inner(100_000_000_000_000_000);
/// The perpetual most tests trade.
pub const ETH: Instrument = Instrument::perpetual(UnderlyingId(1));
/// Another contract on the same underlying: the margin nets the two.
pub const ETH_FUTURE: Instrument = Instrument::future(UnderlyingId(1), 1_000);
/// A contract on another underlying.
pub const BTC: Instrument = Instrument::perpetual(UnderlyingId(0));
/// What the collateral asset follows.
pub const DOT: UnderlyingId = UnderlyingId(2);

/// An account of the fake.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Book {
	/// Settlement units.
	pub cash: Amount,
	/// Whole pieces of the collateral asset.
	pub collateral: u128,
	/// Sizes, never zero.
	pub positions: BTreeMap<Instrument, Contracts>,
}

impl Book {
	fn change(&mut self, instrument: Instrument, change: Contracts) {
		let size = self.positions.remove(&instrument).unwrap_or(Contracts::ZERO);
		let size = size.checked_add(change).expect("in range; qed");
		if !size.is_zero() {
			self.positions.insert(instrument, size);
		}
	}
}

/// A feed of the fake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Feed {
	pub price: Price,
	pub half_width: Price,
	pub live_blocks: u32,
}

#[storage_alias]
pub type Books =
	StorageValue<Fake, BTreeMap<Account, Book>, frame_support::pallet_prelude::ValueQuery>;
#[storage_alias]
pub type Feeds = StorageMap<Fake, frame_support::Twox64Concat, UnderlyingId, Feed>;
#[storage_alias]
pub type Fund = StorageValue<Fake, Balance, frame_support::pallet_prelude::ValueQuery>;
#[storage_alias]
pub type FundCollateral = StorageValue<Fake, u128, frame_support::pallet_prelude::ValueQuery>;
/// Accounts that cannot be valued.
#[storage_alias]
pub type Broken = StorageValue<Fake, BTreeSet<Account>, frame_support::pallet_prelude::ValueQuery>;
/// Accounts with which no trade succeeds.
#[storage_alias]
pub type Untradable =
	StorageValue<Fake, BTreeSet<Account>, frame_support::pallet_prelude::ValueQuery>;
/// The accounts evaluated since this was last taken.
#[storage_alias]
pub type Evaluated =
	StorageValue<Fake, Vec<(Account, Stance)>, frame_support::pallet_prelude::ValueQuery>;

/// How many orders an account has open.
#[storage_alias]
pub type Orders = StorageMap<
	Fake,
	frame_support::Twox64Concat,
	Account,
	u32,
	frame_support::pallet_prelude::ValueQuery,
>;

/// What each of them has set aside: settlement units, and whole pieces of the collateral asset.
#[storage_alias]
pub type SetAside = StorageMap<
	Fake,
	frame_support::Twox64Concat,
	Account,
	(Amount, u128),
	frame_support::pallet_prelude::ValueQuery,
>;

pub struct FakeBook;

impl OpenOrders<u64> for FakeBook {
	fn cancel_orders(account: &Account, limit: u32, _: MassCancel) -> Cancelled {
		Orders::mutate(account, |open| {
			let orders = limit.min(*open);
			*open -= orders;
			let are_left = *open > 0;
			let (cash, pieces) = SetAside::get(account);
			let holds = (cash, pieces) != (0, 0);
			if orders > 0 && holds {
				Books::mutate(|books| {
					let book = books.entry(account.clone()).or_default();
					book.cash += cash * Amount::from(orders);
					book.collateral += pieces * u128::from(orders);
				});
			}
			let released = orders > 0 && holds;
			Cancelled { orders, are_left, released, withheld: are_left && holds }
		})
	}

	fn cancel_weight() -> Weight {
		CancelWeight::get()
	}
}

pub struct FakeLedger;

fn feed(underlying: UnderlyingId) -> Result<Feed, DispatchError> {
	Feeds::get(underlying).ok_or(DispatchError::Other("no price"))
}

fn value_of(price: Price, size: Contracts) -> Amount {
	money::value(price, size, Rounding::Down).expect("in range; qed").into_inner()
}

fn percent(value: Amount, percent: u32) -> Amount {
	i128::try_from(Perbill::from_percent(percent).mul_ceil(value.unsigned_abs()))
		.expect("in range; qed")
}

/// Initial margin with that of the account's open orders: one USD each.
fn with_orders(account: &Account, health: Health) -> Health {
	let margin = UsdValue::from_u32(Orders::get(account));
	let initial_margin = health.initial_margin.checked_add(margin).expect("in range; qed");
	Health { initial_margin, ..health }
}

impl FakeLedger {
	pub fn book(account: &Account) -> Book {
		Books::get().remove(account).unwrap_or_default()
	}

	fn mutate(account: &Account, change: impl FnOnce(&mut Book)) {
		Books::mutate(|books| change(books.entry(account.clone()).or_default()));
	}

	/// Moves all that `from` has to `to` and forgets `from`.
	pub fn vanish(from: u64, to: u64) -> Result<(), DispatchError> {
		let share = Perquintill::one();
		Self::transfer_slice(&account(from), &account(to), share, 0)?;
		Books::mutate(|books| books.remove(&account(from)));
		Ok(())
	}

	fn evaluate(account: &Account, stance: Stance) -> Result<Health, DispatchError> {
		if Broken::get().contains(account) {
			return Err(DispatchError::Other("broken"));
		}
		let book = Books::get().remove(account).ok_or(DispatchError::Other("unknown"))?;
		let mut equity = money::usd(book.cash, DECIMALS).expect("in range; qed").into_inner();
		let mut net_value = equity;
		let mut live_blocks = u32::MAX;
		let mut net: BTreeMap<UnderlyingId, Amount> = BTreeMap::new();
		for (instrument, size) in &book.positions {
			*net.entry(instrument.underlying).or_default() += size.into_inner();
		}
		let mut notional = 0;
		for (underlying, size) in net {
			let feed = feed(underlying)?;
			live_blocks = live_blocks.min(feed.live_blocks);
			if feed.live_blocks == 0 && stance == Stance::Unfavourable {
				return Err(DispatchError::Other("stale"));
			}
			let size = Contracts::from_inner(size);
			let value = value_of(feed.price, size);
			let shift = value_of(feed.half_width, size).abs();
			let shift = match stance {
				Stance::Mark => 0,
				Stance::Favourable => shift,
				Stance::Unfavourable => -shift,
			};
			equity += value + shift;
			net_value += value;
			notional += value.abs();
		}
		if book.collateral > 0 {
			let feed = feed(DOT)?;
			live_blocks = live_blocks.min(feed.live_blocks);
			let pieces = i128::try_from(book.collateral).expect("in range; qed");
			let value = i128::try_from(feed.price.into_inner()).expect("in range; qed") * pieces;
			net_value += value;
			equity += percent(value, 80);
		}
		Ok(Health {
			equity: UsdValue::from_inner(equity),
			net_value: UsdValue::from_inner(net_value),
			initial_margin: UsdValue::from_inner(percent(notional, 10)),
			maintenance_margin: UsdValue::from_inner(percent(notional, 5)),
			live_blocks,
			positions: u32::try_from(book.positions.len()).expect("few; qed"),
		})
	}
}

/// Whether the whole chain is halted.
#[frame_support::storage_alias]
pub type ChainIsHalted = StorageValue<Fake, bool, frame_support::pallet_prelude::ValueQuery>;

impl LiquidationLedger<u64> for FakeLedger {
	type Market = ();

	fn is_halted() -> bool {
		ChainIsHalted::get()
	}

	fn health_in(
		_market: &mut (),
		account: &Account,
		stance: Stance,
	) -> (Result<Health, DispatchError>, Weight) {
		(Self::health(account, stance), Self::health_in_weight())
	}

	fn health_in_weight() -> Weight {
		Self::health_weight()
	}

	fn health(account: &Account, stance: Stance) -> Result<Health, DispatchError> {
		Evaluated::append((account, stance));
		Self::evaluate(account, stance)
	}

	fn health_with_orders(account: &Account, stance: Stance) -> Result<Health, DispatchError> {
		Self::health(account, stance).map(|health| with_orders(account, health))
	}

	fn health_with_orders_weight() -> Weight {
		Self::health_weight()
	}

	fn exists(account: &Account) -> bool {
		Books::get().contains_key(account)
	}

	fn accounts_after(after: Option<Account>, limit: u32) -> Vec<Account> {
		let from = after.map_or(Bound::Unbounded, Bound::Excluded);
		let books = Books::get();
		let keys = books.range((from, Bound::Unbounded)).map(|(account, _)| account.clone());
		keys.take(usize::try_from(limit).expect("small; qed")).collect()
	}

	fn positions(account: &Account) -> Vec<PositionView> {
		Self::book(account)
			.positions
			.into_iter()
			.map(|(instrument, size)| PositionView { instrument, size })
			.collect()
	}

	fn holders_after(instrument: &Instrument, after: Option<Account>, limit: u32) -> Vec<Account> {
		let from = after.map_or(Bound::Unbounded, Bound::Excluded);
		Books::get()
			.range((from, Bound::Unbounded))
			.filter(|(_, book)| book.positions.contains_key(instrument))
			.map(|(account, _)| account.clone())
			.take(usize::try_from(limit).expect("small; qed"))
			.collect()
	}

	fn lot(_instrument: &Instrument) -> Contracts {
		LOT
	}

	fn transfer_slice(
		from: &Account,
		to: &Account,
		share: Perquintill,
		price: Amount,
	) -> Result<(), DispatchError> {
		with_storage_layer(|| {
			let book = Self::book(from);
			let part = i128::try_from(share.mul_floor(book.cash.unsigned_abs()))
				.expect("in range; qed")
				* book.cash.signum();
			let paid_by_provider = price.max(0);
			let paid_by_fund = price.min(0).unsigned_abs();
			let fund = Fund::get()
				.checked_sub(paid_by_fund)
				.ok_or(DispatchError::Other("insurance fund exhausted"))?;
			Fund::put(fund);
			let from_fund = i128::try_from(paid_by_fund).expect("in range; qed");
			Self::mutate(from, |book| book.cash += paid_by_provider - part);
			Self::mutate(to, |book| book.cash += part - paid_by_provider + from_fund);
			let collateral = share.mul_floor(book.collateral);
			Self::mutate(from, |book| book.collateral -= collateral);
			Self::mutate(to, |book| book.collateral += collateral);
			for (instrument, size) in book.positions {
				let lot = LOT.into_inner().unsigned_abs();
				let size = size.into_inner();
				let held = size.unsigned_abs();
				let moved = share.mul_ceil(held).div_ceil(lot).saturating_mul(lot).min(held);
				let moved = i128::try_from(moved).expect("in range; qed") * size.signum();
				Self::mutate(from, |book| book.change(instrument, Contracts::from_inner(-moved)));
				Self::mutate(to, |book| book.change(instrument, Contracts::from_inner(moved)));
			}
			let provider = with_orders(to, Self::evaluate(to, Stance::Unfavourable)?);
			if provider.equity < provider.initial_margin {
				return Err(DispatchError::Other("margin"));
			}
			Ok(())
		})
	}

	fn trade_at_mark(
		from: &Account,
		to: &Account,
		instrument: &Instrument,
		size: Contracts,
	) -> Result<(), DispatchError> {
		if Untradable::get().contains(to) {
			return Err(DispatchError::Other("untradable"));
		}
		assert!(size.is_multiple_of(LOT), "only whole lots are traded");
		let price = feed(instrument.underlying)?.price;
		let cost = money::cost(price, size, DECIMALS, Rounding::Up).expect("in range; qed");
		let opposite = size.checked_neg().expect("in range; qed");
		Self::mutate(from, |book| {
			book.cash -= cost;
			book.change(*instrument, size);
		});
		Self::mutate(to, |book| {
			book.cash += cost;
			book.change(*instrument, opposite);
		});
		Ok(())
	}

	fn charge_fee(account: &Account, fee: Balance) -> Result<Balance, DispatchError> {
		let equity = Self::evaluate(account, Stance::Mark)?.equity;
		let most = money::units(equity, DECIMALS, Rounding::Down).expect("in range; qed").max(0);
		let fee = fee.min(most.unsigned_abs());
		Self::mutate(account, |book| book.cash -= i128::try_from(fee).expect("in range; qed"));
		Fund::mutate(|fund| *fund += fee);
		Ok(fee)
	}

	fn buy_collateral(account: &Account) -> Result<Balance, DispatchError> {
		let book = Self::book(account);
		if !book.positions.is_empty() {
			return Err(DispatchError::Other("has positions"));
		}
		if book.cash >= 0 || book.collateral == 0 {
			return Ok(0);
		}
		// Units per piece at 80 % of its price.
		let piece = money::cost(feed(DOT)?.price, Contracts::ONE, DECIMALS, Rounding::Down)
			.expect("in range; qed")
			.unsigned_abs()
			* 8 / 10;
		let debt = book.cash.unsigned_abs();
		let pieces = book.collateral.min(debt.div_ceil(piece)).min(Fund::get() / piece);
		let paid = pieces * piece;
		Fund::mutate(|fund| *fund -= paid);
		FundCollateral::mutate(|held| *held += pieces);
		Self::mutate(account, |book| {
			book.cash += i128::try_from(paid).expect("in range; qed");
			book.collateral -= pieces;
		});
		Ok(paid)
	}

	fn absorb_deficit(account: &Account) -> Result<(Balance, Balance), DispatchError> {
		let book = Self::book(account);
		if !book.positions.is_empty() || book.collateral > 0 {
			return Err(DispatchError::Other("not empty"));
		}
		let debt = book.cash.min(0).unsigned_abs();
		let paid = debt.min(Fund::get());
		Fund::mutate(|fund| *fund -= paid);
		Self::mutate(account, |book| book.cash += i128::try_from(debt).expect("in range; qed"));
		let mut left = i128::try_from(debt - paid).expect("in range; qed");
		Books::mutate(|books| {
			for book in books.values_mut() {
				let taken = left.min(book.cash.max(0));
				book.cash -= taken;
				left -= taken;
			}
		});
		assert_eq!(left, 0, "somebody has cash");
		Ok((paid, debt - paid))
	}

	fn insurance_fund() -> Balance {
		Fund::get()
	}

	fn settlement_units(value: UsdValue, rounding: Rounding) -> Option<Amount> {
		money::units(value, DECIMALS, rounding)
	}

	fn health_weight() -> Weight {
		HealthWeight::get()
	}

	fn transfer_slice_weight() -> Weight {
		HealthWeight::get()
	}

	fn trade_at_mark_weight() -> Weight {
		HealthWeight::get()
	}

	fn close_weight() -> Weight {
		HealthWeight::get()
	}
}

/// Owner `owner`'s first sub-account.
pub fn account(owner: u64) -> Account {
	SubAccountId::new(owner, 0)
}

pub fn usd(whole: i32) -> UsdValue {
	UsdValue::from_inner(i128::from(whole) * UsdValue::ONE.into_inner())
}

pub fn contracts(whole: i32) -> Contracts {
	Contracts::from_inner(i128::from(whole) * Contracts::ONE.into_inner())
}

/// Prices of all underlyings, live for a long time.
pub fn set_feeds() {
	for (underlying, price) in [(BTC.underlying, 1_000), (ETH.underlying, 100), (DOT, 10)] {
		let price = Price::from_u32(price);
		Feeds::insert(underlying, Feed { price, half_width: Price::ZERO, live_blocks: 100 });
	}
}

pub fn set_price(underlying: UnderlyingId, price: u32) {
	Feeds::mutate(underlying, |feed| {
		if let Some(feed) = feed {
			feed.price = Price::from_u32(price);
		}
	});
}

pub fn set_live(underlying: UnderlyingId, live_blocks: u32) {
	Feeds::mutate(underlying, |feed| {
		if let Some(feed) = feed {
			feed.live_blocks = live_blocks;
		}
	});
}

/// Gives an account cash (whole USD).
pub fn fund(owner: u64, cash: i32) {
	fund_account(&account(owner), cash);
}

/// Gives any account cash (whole USD).
pub fn fund_account(account: &Account, cash: i32) {
	FakeLedger::mutate(account, |book| book.cash += i128::from(cash) * USD);
}

/// Moves cash (whole USD) from one account to another.
pub fn fund_from(from: u64, to: u64, cash: i32) {
	fund(from, -cash);
	fund(to, cash);
}

/// Moves cash (whole USD) from an account to the insurance fund, making the account if need be.
pub fn refill_fund(from: u64, cash: u32) {
	FakeLedger::mutate(&account(from), |book| book.cash -= i128::from(cash) * USD);
	Fund::mutate(|fund| *fund += u128::from(cash) * USD.unsigned_abs());
}

pub fn give_collateral(owner: u64, pieces: u128) {
	FakeLedger::mutate(&account(owner), |book| book.collateral += pieces);
}

/// `long` buys `size` whole contracts from `short` at the price of the day.
pub fn open(long: u64, short: u64, instrument: Instrument, size: u32) {
	let size = Contracts::from_u32(size);
	FakeLedger::trade_at_mark(&account(long), &account(short), &instrument, size)
		.expect("there is a price; qed");
}

/// Makes an account a provider on these terms.
pub fn opt_in(owner: u64, minimum_discount: Permill, maximum_slice: i32) {
	let terms = ProviderTerms { minimum_discount, maximum_slice: usd(maximum_slice) };
	frame_support::assert_ok!(Liquidation::opt_in(RuntimeOrigin::signed(owner), 0, terms));
}

pub fn size_of(owner: u64, instrument: Instrument) -> Contracts {
	let book = FakeLedger::book(&account(owner));
	book.positions.get(&instrument).copied().unwrap_or(Contracts::ZERO)
}

pub fn cash_of(owner: u64) -> Amount {
	FakeLedger::book(&account(owner)).cash
}

pub fn health_of(owner: u64) -> Health {
	FakeLedger::evaluate(&account(owner), Stance::Mark).expect("it has prices; qed")
}

pub fn is_queued(owner: u64) -> bool {
	Liquidations::<Test>::contains_key(account(owner))
}

pub fn queue() -> Vec<u64> {
	Queue::<Test>::get().iter().map(|queued| queued.account.owner).collect()
}

/// Changes the parameters.
pub fn with_params(change: impl FnOnce(&mut LiquidationParams)) {
	crate::Params::<Test>::mutate(change);
}

/// The next block's hook.
pub fn next_block() -> Weight {
	let now = System::block_number() + 1;
	System::set_block_number(now);
	Liquidation::on_initialize(now)
}

/// This pallet's events since they were last taken.
pub fn take_events() -> Vec<Event<Test>> {
	let events = System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Liquidation(event) => Some(event),
			RuntimeEvent::System(_) => None,
		})
		.collect();
	System::reset_events();
	events
}

/// Cash of all accounts, with what is set aside of it, and the fund.
pub fn all_cash() -> Amount {
	let accounts: Amount = Books::get().values().map(|book| book.cash).sum();
	let aside: Amount = SetAside::iter()
		.map(|(account, (each, _))| each * Amount::from(Orders::get(account)))
		.sum();
	accounts + aside + i128::try_from(Fund::get()).expect("in range; qed")
}

/// Collateral of all accounts, with what is set aside of it.
fn all_collateral() -> u128 {
	let aside: u128 =
		SetAside::iter().map(|(account, (_, each))| each * u128::from(Orders::get(account))).sum();
	Books::get().values().map(|book| book.collateral).sum::<u128>() + aside
}

fn check_conservation(cash: Amount, collateral: u128) {
	assert_eq!(all_cash(), cash, "cash is conserved");
	let books = Books::get();
	assert_eq!(all_collateral() + FundCollateral::get(), collateral, "collateral is conserved");
	let mut sums: BTreeMap<Instrument, i128> = BTreeMap::new();
	for book in books.values() {
		for (instrument, size) in &book.positions {
			*sums.entry(*instrument).or_default() += size.into_inner();
		}
	}
	assert!(sums.values().all(|sum| *sum == 0), "contracts are zero-sum");
}

#[derive(Default)]
pub struct ExtBuilder;

impl ExtBuilder {
	pub fn build(self) -> sp_io::TestExternalities {
		HoldersPerVisit::set(100);
		SweepPerBlock::set(50);
		HealthWeight::set(Weight::from_parts(1_000, 10));
		let genesis = RuntimeGenesisConfig {
			liquidation: crate::GenesisConfig {
				params: LiquidationParams {
					fee: Permill::zero(),
					minimum_provider_equity: usd(10),
					minimum_slice: usd(5),
					..Default::default()
				},
				..Default::default()
			},
			..Default::default()
		};
		let mut ext: sp_io::TestExternalities =
			genesis.build_storage().expect("genesis is valid; qed").into();
		ext.execute_with(|| {
			System::set_block_number(1);
			set_feeds();
		});
		ext
	}

	/// Runs `set_up`, then `test`; at the end checks that nothing came from nowhere or went there,
	/// and this pallet's own storage.
	pub fn run(self, set_up: impl FnOnce(), test: impl FnOnce()) {
		self.build().execute_with(|| {
			set_up();
			let cash = all_cash();
			let collateral = all_collateral();
			test();
			check_conservation(cash, collateral);
			Liquidation::do_try_state().expect("the storage is as it must be; qed");
		});
	}

	/// The same, for tests that do not change the books themselves.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.run(|| {}, test);
	}
}

/// The rest of the chain, for benchmarks: the fake itself.
#[cfg(feature = "runtime-benchmarks")]
pub struct FakeEnvironment;

#[cfg(feature = "runtime-benchmarks")]
impl plimsoll_primitives::benchmarking::BenchmarkEnvironment<u64> for FakeEnvironment {
	fn feed() -> UnderlyingId {
		set_feeds();
		ETH.underlying
	}

	fn instruments(count: u32) -> Vec<Instrument> {
		(0..count)
			.map(|index| match index {
				0 => ETH,
				_ => Instrument::future(ETH.underlying, u64::from(index)),
			})
			.collect()
	}

	fn sub_account(seed: u32, cash: Balance) -> Account {
		let account = account(u64::from(seed));
		FakeLedger::mutate(&account, |book| {
			book.cash += i128::try_from(cash).expect("in range; qed");
		});
		account
	}

	fn open(long: &Account, short: &Account, instruments: &[Instrument]) {
		for instrument in instruments {
			FakeLedger::trade_at_mark(long, short, instrument, LOT).expect("priced; qed");
		}
	}

	fn crash() {
		set_price(ETH.underlying, 1);
	}
}
