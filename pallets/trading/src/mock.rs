//! A runtime around this pallet. The clearing house and the register are small fakes that keep
//! what they know in storage, so that `assert_noop!` also sees what they would have changed.

use crate as pallet_trading;
use crate::{OrderTerms, Quote, QuoteOf, SelfTrade, TimeInForce};
use frame_support::{
	derive_impl,
	dispatch::DispatchResultWithPostInfo,
	parameter_types,
	storage::with_storage_layer,
	storage_alias,
	traits::{
		fungible::{InspectHold, Mutate},
		Hooks,
	},
	weights::Weight,
	BoundedVec,
};
use plimsoll_primitives::{
	BookClearing, Clearing, CollateralId, CollateralTerms, Contracts, Fill, FillError, FillFees,
	Instrument, InstrumentError, InstrumentRegistry, InstrumentTerms, Moment, OrderSide,
	OrderTotals, Price, Resting, SubAccountId, UnderlyingId, UsdValue,
};
use sp_core::{crypto::Pair, sr25519, H256};
use sp_runtime::{
	traits::IdentityLookup, AccountId32, BuildStorage, DispatchError, DispatchResult,
	MultiSignature, MultiSigner, Permill,
};

pub type AccountId = AccountId32;
pub type Account = SubAccountId<AccountId>;

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
	pub type Trading = pallet_trading;

	#[runtime::pallet_index(2)]
	pub type Balances = pallet_balances;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountId = AccountId;
	type Block = frame_system::mocking::MockBlockU32<Test>;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

parameter_types! {
	pub const MaxLegs: u32 = 8;
	pub const MaxQuoteLifetime: u32 = 20;
	pub const MaxPrunedPerBlock: u32 = 4;
	pub const OrderDeposit: u64 = 10;
	pub const MinimumOrderValue: UsdValue = UsdValue::from_u32(10);
	pub const LinearPriceBand: Permill = Permill::from_percent(20);
	pub const OptionPriceBand: Permill = Permill::from_percent(50);
	pub const BandStepBlocks: u32 = 5;
	pub const MaxOrdersPerLevel: u32 = 3;
	pub const MaxOrdersPerAccount: u32 = 5;
	pub const MaxFills: u32 = 4;
	pub const MaxRemovals: u32 = 2;
	pub const MaxCancelledPerBlock: u32 = 3;
	pub const MaxBatch: u32 = 4;
	pub const MaxAnswers: u32 = 3;
	pub const MaxRequestsPerAccount: u32 = 2;
	pub const QuoteDeposit: u64 = 7;
	pub const NegotiatedBandMultiple: u32 = 2;
}

impl pallet_trading::Config for Test {
	type Clearing = FakeClearing;
	type Registry = FakeRegistry;
	type Signature = MultiSignature;
	type Signer = MultiSigner;
	type MaxLegs = MaxLegs;
	type MaxQuoteLifetime = MaxQuoteLifetime;
	type MaxPrunedPerBlock = MaxPrunedPerBlock;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type OrderDeposit = OrderDeposit;
	type MinimumOrderValue = MinimumOrderValue;
	type LinearPriceBand = LinearPriceBand;
	type OptionPriceBand = OptionPriceBand;
	type BandStepBlocks = BandStepBlocks;
	type MaxOrdersPerLevel = MaxOrdersPerLevel;
	type MaxOrdersPerAccount = MaxOrdersPerAccount;
	type MaxFills = MaxFills;
	type MaxRemovals = MaxRemovals;
	type MaxCancelledPerBlock = MaxCancelledPerBlock;
	type MaxBatch = MaxBatch;
	type MaxAnswers = MaxAnswers;
	type MaxRequestsPerAccount = MaxRequestsPerAccount;
	type QuoteDeposit = QuoteDeposit;
	type NegotiatedBandMultiple = NegotiatedBandMultiple;
	type CollateralOrders = ();
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = FakeEnvironment;
}

/// What an account holds of an instrument.
#[storage_alias]
pub type Positions = StorageDoubleMap<
	Fakes,
	frame_support::Blake2_128Concat,
	Account,
	frame_support::Blake2_128Concat,
	Instrument,
	Contracts,
	frame_support::pallet_prelude::ValueQuery,
>;

/// Delegates of an account.
#[storage_alias]
pub type Delegates = StorageDoubleMap<
	Fakes,
	frame_support::Blake2_128Concat,
	Account,
	frame_support::Blake2_128Concat,
	AccountId,
	(),
>;

/// What is open of an account's orders in an instrument: bought and sold.
#[storage_alias]
pub type Totals = StorageDoubleMap<
	Fakes,
	frame_support::Blake2_128Concat,
	Account,
	frame_support::Blake2_128Concat,
	Instrument,
	OrderTotals,
>;

/// Accounts that the gate refuses as makers.
#[storage_alias]
pub type Broke = StorageMap<Fakes, frame_support::Blake2_128Concat, Account, ()>;

/// What is left of the cap on open interest of all instruments, in whole contracts, where there is one.
#[storage_alias]
pub type RoomLeft = StorageValue<Fakes, u32>;

/// Instruments' marks where they aren't 100; `None` where they are not live.
#[storage_alias]
pub type Marks = StorageMap<Fakes, frame_support::Blake2_128Concat, Instrument, Option<Price>>;

/// Whether the margin gate refuses everybody.
#[storage_alias]
pub type GateIsShut = StorageValue<Fakes, bool, frame_support::pallet_prelude::ValueQuery>;

/// Listed instruments, and whether they have expired.
#[storage_alias]
pub type Listed =
	StorageMap<Fakes, frame_support::Blake2_128Concat, Instrument, (InstrumentTerms, bool)>;

/// What the margin gate of the fake clearing house answers when it is shut.
pub const GATE: DispatchError = DispatchError::Other("margin");

pub struct FakeClearing;

impl FakeClearing {
	fn change(account: &Account, instrument: &Instrument, by: Option<Contracts>) -> DispatchResult {
		Positions::try_mutate(account, instrument, |held| {
			let sum = by.and_then(|by| held.checked_add(by));
			*held = sum.ok_or(DispatchError::Arithmetic(sp_runtime::ArithmeticError::Overflow))?;
			Ok(())
		})
	}
}

impl Clearing<AccountId> for FakeClearing {
	fn may_trade(who: &AccountId, account: &Account) -> bool {
		*who == account.owner || Delegates::contains_key(account, who)
	}

	fn clear(taker: &Account, maker: &Account, fills: &[Fill]) -> Result<(), FillError> {
		if Broke::contains_key(maker) {
			return Err(FillError::MakerRefused(BROKE));
		}
		with_storage_layer(|| {
			for fill in fills {
				Self::change(taker, &fill.instrument, Some(fill.size))?;
				Self::change(maker, &fill.instrument, fill.size.checked_neg())?;
			}
			if GateIsShut::get() {
				return Err(GATE.into());
			}
			Ok(())
		})
	}

	fn clear_surcharge() -> Weight {
		Weight::zero()
	}
}

impl FakeClearing {
	/// Adds an order to an account's totals, or takes it off.
	fn change_totals(account: &Account, order: &Resting, adds: bool) {
		let mut totals =
			Totals::get(account, order.instrument).unwrap_or(OrderTotals::none(order.instrument));
		let size = match order.side {
			OrderSide::Buy => &mut totals.buys,
			OrderSide::Sell => &mut totals.sells,
		};
		let changed =
			if adds { size.checked_add(order.size) } else { size.checked_sub(order.size) };
		*size = changed.expect("small; qed");
		assert!(!size.is_negative(), "no more is released than is open");
		Totals::set(account, order.instrument, Some(totals).filter(|totals| !totals.is_empty()));
	}
}

/// What the fake clearing house charges for every fill.
pub const FEES: FillFees = FillFees { taker: 2, maker: 1 };

/// What the fake clearing house answers for a maker that is broke.
pub const BROKE: DispatchError = DispatchError::Unavailable;

/// What it answers where open interest is at its cap.
pub const CAPPED: DispatchError = DispatchError::Exhausted;

impl BookClearing<AccountId> for FakeClearing {
	type Session = Weight;
	type Matching<'s> = (&'s mut Weight, Account);

	fn open_matching<'s>(
		session: &'s mut Weight,
		taker: &Account,
	) -> Result<Self::Matching<'s>, DispatchError> {
		let is_first = *session == Weight::zero();
		session.saturating_accrue(Weight::from_parts(if is_first { 60_000 } else { 6_000 }, 0));
		Ok((session, taker.clone()))
	}

	fn fill(
		(session, taker): &mut Self::Matching<'_>,
		maker: &Account,
		fill: &Fill,
	) -> Result<FillFees, FillError> {
		session.saturating_accrue(Self::fill_weight());
		if Broke::contains_key(maker) {
			return Err(FillError::MakerRefused(BROKE));
		}
		if let Some(room) = RoomLeft::get() {
			let size = fill.size.checked_abs().expect("small; qed");
			let left = Contracts::from_u32(room).checked_sub(size).expect("small; qed");
			if left.is_negative() {
				return Err(FillError::Stopped(CAPPED));
			}
			let whole = left.into_inner() / Contracts::ONE.into_inner();
			RoomLeft::put(u32::try_from(whole).expect("small; qed"));
		}
		assert_ne!(&*taker, maker, "an account never trades with itself");
		Self::change(taker, &fill.instrument, Some(fill.size))?;
		Self::change(maker, &fill.instrument, fill.size.checked_neg())?;
		let side = if fill.size.is_positive() { OrderSide::Sell } else { OrderSide::Buy };
		let size = fill.size.checked_abs().expect("small; qed");
		let Fill { instrument, price, .. } = *fill;
		Self::change_totals(maker, &Resting { instrument, side, size, price }, false);
		Ok(FEES)
	}

	fn close_matching((_, taker): Self::Matching<'_>, rest: Option<Resting>) -> DispatchResult {
		if let Some(rest) = rest {
			Self::change_totals(&taker, &rest, true);
		}
		frame_support::ensure!(!GateIsShut::get(), GATE);
		Ok(())
	}

	fn release_order(account: &Account, cancelled: &Resting) {
		Self::change_totals(account, cancelled, false);
	}

	fn position(account: &Account, instrument: &Instrument) -> Contracts {
		Positions::get(account, instrument)
	}

	fn mark(instrument: &Instrument) -> Result<Price, DispatchError> {
		Marks::get(instrument)
			.unwrap_or(Some(Price::from_u32(100)))
			.ok_or(DispatchError::Other("no mark"))
	}

	fn order_totals(account: &Account, instrument: &Instrument) -> OrderTotals {
		Totals::get(account, instrument).unwrap_or(OrderTotals::none(*instrument))
	}

	fn all_order_totals() -> Vec<(Account, OrderTotals)> {
		Totals::iter().map(|(account, _, totals)| (account, totals)).collect()
	}

	fn matching_weight() -> Weight {
		Weight::from_parts(100_000, 0)
	}

	fn fill_weight() -> Weight {
		Weight::from_parts(50_000, 0)
	}

	fn further_matching_weight() -> Weight {
		Weight::from_parts(10_000, 0)
	}

	fn used_weight(session: &Weight) -> Weight {
		*session
	}

	fn release_weight() -> Weight {
		Weight::from_parts(5_000, 0)
	}
}

pub struct FakeRegistry;

impl InstrumentRegistry for FakeRegistry {
	type AssetId = u32;

	fn tradable(instrument: &Instrument) -> Result<InstrumentTerms, InstrumentError> {
		match Listed::get(instrument) {
			None => Err(InstrumentError::Unknown),
			Some((_, true)) => Err(InstrumentError::Expired),
			Some((terms, false)) => Ok(terms),
		}
	}

	fn settlement_price(_: UnderlyingId, _: Moment) -> Option<Price> {
		None
	}

	fn change_open_interest(_: &Instrument, _: Contracts) -> DispatchResult {
		Ok(())
	}

	fn collateral(_: CollateralId) -> Option<CollateralTerms<u32>> {
		None
	}
}

/// Lists an instrument with a tick of half a dollar and a lot of a tenth of a contract.
pub fn list(instrument: Instrument) {
	let terms = InstrumentTerms {
		tick: Price::from_rational(1, 2),
		lot: Contracts::from_rational(1, 10),
		close_only: false,
		halted: false,
		price_band: None,
	};
	Listed::insert(instrument, (terms, false));
}

/// The perpetual of the first underlying; listed.
pub const PERPETUAL: Instrument = Instrument::perpetual(UnderlyingId(0));
/// A future of the first underlying; listed.
pub const FUTURE: Instrument = Instrument::future(UnderlyingId(0), 1_700_000_000_000);

/// The call on the first underlying with this strike; not listed.
pub fn call_option(strike: u32) -> Instrument {
	let kind = plimsoll_primitives::OptionKind::Call;
	Instrument::option(UnderlyingId(0), 1_700_000_000_000, Price::from_u32(strike), kind)
}

/// A person with an sr25519 key.
#[derive(Clone, Copy)]
pub struct Person(&'static str);

pub const MAKER: Person = Person("//Maker");
pub const TAKER: Person = Person("//Taker");
pub const STRANGER: Person = Person("//Stranger");

impl Person {
	pub fn pair(&self) -> sr25519::Pair {
		sr25519::Pair::from_string(self.0, None).expect("a derivation of the well-known seed; qed")
	}

	pub fn id(&self) -> AccountId {
		self.pair().public().into()
	}

	pub fn account(&self, number: u16) -> Account {
		Account::new(self.id(), number)
	}

	pub fn origin(&self) -> RuntimeOrigin {
		RuntimeOrigin::signed(self.id())
	}

	pub fn sign(&self, quote: &QuoteOf<Test>) -> MultiSignature {
		self.pair().sign(&quote.signing_hash()).into()
	}
}

/// A fill of `size` contracts at `price` USD.
pub fn fill(instrument: Instrument, size: i32, price: u32) -> Fill {
	let magnitude = Contracts::from_u32(size.unsigned_abs());
	let size = if size < 0 { magnitude.checked_neg() } else { Some(magnitude) };
	Fill { instrument, size: size.expect("small; qed"), price: Price::from_u32(price) }
}

/// A good quote: the maker's first sub-account sells 2 perpetuals at 100 and buys 1 future at 101,
/// from anybody, until block 10.
pub fn quote(nonce: u64) -> QuoteOf<Test> {
	Quote {
		maker: MAKER.account(0),
		signer: MAKER.id(),
		taker: None,
		legs: legs(&[fill(PERPETUAL, 2, 100), fill(FUTURE, -1, 101)]),
		expiry_block: 10,
		nonce,
		genesis_hash: genesis_hash(),
	}
}

pub fn legs(fills: &[Fill]) -> BoundedVec<Fill, MaxLegs> {
	BoundedVec::try_from(fills.to_vec()).expect("few enough; qed")
}

pub fn genesis_hash() -> H256 {
	System::block_hash(0)
}

/// The taker's first sub-account takes `quote`, signed by the maker.
pub fn take(quote: QuoteOf<Test>) -> DispatchResult {
	let signature = MAKER.sign(&quote);
	Trading::block_trade(TAKER.origin(), TAKER.account(0), quote, signature)
}

/// What each person has of native funds, deposits included.
pub const NATIVE_FUNDS: u64 = 1_000;

/// A limit order for `size` perpetuals at `price`, good till cancelled.
pub fn limit(side: OrderSide, size: u32, price: u32) -> OrderTerms {
	OrderTerms {
		instrument: PERPETUAL,
		side,
		price: Price::from_u32(price),
		size: Contracts::from_u32(size),
		time_in_force: TimeInForce::Resting { until: None, post_only: false },
		self_trade: SelfTrade::CancelResting,
		reduce_only: false,
	}
}

/// The same, immediate-or-cancel.
pub fn taking(side: OrderSide, size: u32, price: u32) -> OrderTerms {
	OrderTerms { time_in_force: TimeInForce::ImmediateOrCancel, ..limit(side, size, price) }
}

/// The same, good till block `until`.
pub fn until(until: u32, order: OrderTerms) -> OrderTerms {
	let time_in_force = TimeInForce::Resting { until: Some(until), post_only: false };
	OrderTerms { time_in_force, ..order }
}

/// Places an order of a person's first sub-account, with as many fills as there may be.
pub fn place(person: Person, order: OrderTerms) -> DispatchResultWithPostInfo {
	Trading::place_order(person.origin(), person.account(0), order, MaxFills::get())
}

/// Places an order that takes nothing, and gives its number.
pub fn rest(person: Person, order: OrderTerms) -> u64 {
	let id = crate::NextOrderId::<Test>::get();
	Trading::place_order(person.origin(), person.account(0), order, 0).expect("it rests; qed");
	assert!(crate::Orders::<Test>::contains_key(id), "it rests");
	id
}

/// What is held of a person's funds.
pub fn held(person: Person) -> u64 {
	Balances::balance_on_hold(&crate::HoldReason::Order.into(), &person.id())
}

/// What a person's first sub-account has of the perpetual, in whole contracts.
pub fn position(person: Person) -> i128 {
	Positions::get(person.account(0), PERPETUAL).into_inner() / Contracts::ONE.into_inner()
}

/// This pallet's events about orders since the last call: fills as (maker's order, size, price),
/// cancellations as (order, size, cause).
pub fn order_events() -> (Vec<(u64, i128, u128)>, Vec<(u64, i128, crate::CancelCause)>) {
	let whole = |size: Contracts| size.into_inner() / Contracts::ONE.into_inner();
	let (mut fills, mut cancelled) = (Vec::new(), Vec::new());
	for event in System::read_events_for_pallet::<crate::Event<Test>>() {
		match event {
			crate::Event::OrderFilled { maker_order, size, price, .. } => {
				let usd = price.into_inner() / Price::ONE.into_inner();
				fills.push((maker_order, whole(size), usd));
			}
			crate::Event::OrderCancelled { order, size, cause, .. } => {
				cancelled.push((order, whole(size), cause));
			}
			_ => {}
		}
	}
	System::reset_events();
	(fills, cancelled)
}

/// Goes on to block `n`, with every hook on the way.
pub fn run_to_block(n: u32) {
	System::run_to_block::<AllPalletsWithSystem>(n);
}

pub struct ExtBuilder;

impl ExtBuilder {
	/// Block 1, with [`PERPETUAL`] and [`FUTURE`] listed.
	pub fn build() -> sp_io::TestExternalities {
		let storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.expect("the default genesis is sound; qed");
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.register_extension(sp_keystore::KeystoreExt::new(
			sp_keystore::testing::MemoryKeystore::new(),
		));
		ext.execute_with(|| {
			System::set_block_number(1);
			Trading::on_initialize(1);
			list(PERPETUAL);
			list(FUTURE);
			for person in [MAKER, TAKER, STRANGER] {
				Balances::set_balance(&person.id(), NATIVE_FUNDS);
			}
		});
		ext
	}

	/// Runs a test, then checks what must always hold.
	pub fn build_and_execute(test: impl FnOnce()) {
		Self::build().execute_with(|| {
			test();
			Trading::do_try_state().expect("the state holds together");
		});
	}
}

#[cfg(feature = "runtime-benchmarks")]
pub struct FakeEnvironment;

#[cfg(feature = "runtime-benchmarks")]
impl plimsoll_primitives::benchmarking::BenchmarkEnvironment<AccountId> for FakeEnvironment {
	fn feed() -> UnderlyingId {
		UnderlyingId(0)
	}

	fn instruments(count: u32) -> Vec<Instrument> {
		let options = (1..count).map(call_option);
		let instruments: Vec<_> = core::iter::once(PERPETUAL).chain(options).collect();
		instruments.iter().copied().for_each(list);
		instruments
	}

	fn sub_account(seed: u32, _cash: plimsoll_primitives::Balance) -> Account {
		let owner = frame_benchmarking::account("owner", seed, 0);
		Balances::set_balance(&owner, NATIVE_FUNDS);
		Account::new(owner, 0)
	}

	fn open(long: &Account, short: &Account, instruments: &[Instrument]) {
		let fills: Vec<_> = instruments.iter().map(|held| fill(*held, 1, 1)).collect();
		FakeClearing::clear(long, short, &fills).expect("the gate is open; qed");
	}

	fn crash() {}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmark_helper::BenchmarkHelper<AccountId, MultiSignature> for FakeEnvironment {
	fn new_signer() -> AccountId {
		crate::benchmark_helper::Sr25519Keystore::new_signer()
	}

	fn sign(signer: &AccountId, message: &[u8]) -> MultiSignature {
		crate::benchmark_helper::Sr25519Keystore::sign(signer, message)
	}

	fn add_delegate(account: &Account, delegate: &AccountId) {
		Delegates::insert(account, delegate, ());
	}

	fn max_positions() -> u32 {
		16
	}
}
