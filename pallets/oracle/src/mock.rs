//! A runtime around this pallet: four operators, two feeds, and a clock that tests move.

use crate::{
	self as pallet_price_oracle, types::Aggregate, Aggregates, FeedKey, FeedParams, Observation,
	OracleParams, Source, SourceFormat,
};
use codec::Encode;
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{ChangeMembers, Hooks, SortedMembers, Time},
	BoundedVec,
};
use frame_system::offchain::{
	AppCrypto, CreateSignedTransaction, CreateTransactionBase, SigningTypes,
};
use plimsoll_primitives::{Moment, Price, Rate, Svi, UnderlyingId};
use sp_arithmetic::{FixedI128, FixedU128};
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, IdentifyAccount, IdentityLookup, Verify},
	AccountId32, BuildStorage, MultiSignature, MultiSigner,
};

pub type AccountId = AccountId32;
pub type Extrinsic = generic::UncheckedExtrinsic<AccountId, RuntimeCall, MultiSignature, ()>;
pub type Block = generic::Block<generic::Header<u64, BlakeTwo256>, Extrinsic>;

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
	pub type Oracle = pallet_price_oracle;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountId = AccountId;
	type Block = Block;
	type Lookup = IdentityLookup<AccountId>;
}

parameter_types! {
	pub static Members: Vec<AccountId> = vec![];
	pub static Now: Moment = 0;
	pub const MaxOperators: u32 = 5;
	pub const MaxFeeds: u32 = 3;
	pub const MaxBatch: u32 = 24;
	pub const MaxSources: u32 = 8;
	pub const MaxSettlementWindows: u32 = 4;
	pub const FeederPatience: u32 = 4;
}

pub struct Clock;

impl Time for Clock {
	type Moment = Moment;

	fn now() -> Moment {
		Now::get()
	}
}

pub struct Membership;

impl SortedMembers<AccountId> for Membership {
	fn sorted_members() -> Vec<AccountId> {
		Members::get()
	}
}

impl crate::Config for Test {
	type AuthorityId = crate::crypto::FeederAuthId;
	type Operators = Membership;
	type Time = Clock;
	type MaxOperators = MaxOperators;
	type MaxFeeds = MaxFeeds;
	type MaxBatch = MaxBatch;
	type MaxSources = MaxSources;
	type MaxSettlementWindows = MaxSettlementWindows;
	type FeederPatience = FeederPatience;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Helper;
}

impl SigningTypes for Test {
	type Public = <MultiSignature as Verify>::Signer;
	type Signature = MultiSignature;
}

impl CreateTransactionBase<crate::Call<Test>> for Test {
	type Extrinsic = Extrinsic;
	type RuntimeCall = RuntimeCall;
}

impl CreateSignedTransaction<crate::Call<Test>> for Test {
	fn create_signed_transaction<C: AppCrypto<MultiSigner, MultiSignature>>(
		call: RuntimeCall,
		public: MultiSigner,
		account: AccountId,
		nonce: u32,
	) -> Option<Extrinsic> {
		let signature = (&call, nonce).using_encoded(|payload| C::sign(payload, public))?;
		Some(Extrinsic::new_signed(call, account, signature, ()))
	}
}

#[cfg(feature = "runtime-benchmarks")]
pub struct Helper;

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for Helper {
	fn set_operators(operators: &[AccountId]) {
		let mut members = operators.to_vec();
		members.sort();
		Members::set(members);
	}

	fn set_time(now: Moment) {
		Now::set(now);
	}
}

pub const ALICE: AccountId = AccountId::new([1; 32]);
pub const BOB: AccountId = AccountId::new([2; 32]);
pub const CAROL: AccountId = AccountId::new([3; 32]);
pub const DAVE: AccountId = AccountId::new([4; 32]);
pub const STRANGER: AccountId = AccountId::new([9; 32]);

pub const BTC: UnderlyingId = UnderlyingId(0);
pub const ETH: UnderlyingId = UnderlyingId(1);
pub const UNKNOWN: UnderlyingId = UnderlyingId(7);

/// Chain time of block 1.
pub const START: Moment = 1_700_000_000_000;
/// Chain time from block to block.
pub const BLOCK: Moment = 6_000;
/// An expiry a day away.
pub const EXPIRY: Moment = START + 86_400_000;

pub fn usd(price: u32) -> Price {
	Price::from_u32(price)
}

pub fn spot(underlying: UnderlyingId, price: u32) -> Observation {
	Observation::Spot { underlying, price: usd(price) }
}

pub fn forward(underlying: UnderlyingId, expiry: Moment, price: u32) -> Observation {
	Observation::Forward { underlying, expiry, price: usd(price) }
}

/// A rate in hundredths.
pub fn rate(underlying: UnderlyingId, expiry: Moment, percent: u32) -> Observation {
	Observation::Rate { underlying, expiry, rate: Rate::from_rational(percent, 100) }
}

/// A surface whose level is `level` ten-thousandths of total variance; free of arbitrage, by itself
/// and before any of a higher level.
pub fn slice(level: u32) -> Svi {
	let fraction = |numerator: u128, denominator| {
		let value = FixedU128::from_rational(numerator, denominator).into_inner();
		FixedI128::from_inner(i128::try_from(value).expect("small; qed"))
	};
	Svi {
		a: fraction(level.into(), 10_000),
		b: fraction(2, 100),
		rho: FixedI128::from_inner(-fraction(3, 10).into_inner()),
		m: fraction(0, 1),
		sigma: fraction(1, 10),
	}
}

/// A surface that admits arbitrage between strikes though its wings are flat: Axel Vogt's example
/// (Gatheral and Jacquier, "Arbitrage-free SVI volatility surfaces", 2014, section 2.2).
pub fn bad_slice() -> Svi {
	let fraction =
		|ten_thousandths: i128| FixedI128::from_inner(ten_thousandths * 100_000_000_000_000);
	Svi {
		a: fraction(-410),
		b: fraction(1_331),
		rho: fraction(3_060),
		m: fraction(3_586),
		sigma: fraction(4_153),
	}
}

pub fn surface(underlying: UnderlyingId, expiry: Moment, level: u32) -> Observation {
	Observation::Surface { underlying, expiry, surface: slice(level) }
}

pub fn settlement_asset(cents: u32) -> Observation {
	Observation::SettlementAsset { price: Price::from_rational(cents, 100) }
}

pub fn batch(observations: &[Observation]) -> BoundedVec<Observation, MaxBatch> {
	observations.to_vec().try_into().expect("few enough; qed")
}

/// `operator` reports; that succeeds.
pub fn report(operator: &AccountId, observations: &[Observation]) {
	assert_ok!(Oracle::submit(RuntimeOrigin::signed(operator.clone()), batch(observations)));
}

/// Each of these operators reports this spot price of BTC.
pub fn report_btc(prices: &[(AccountId, u32)]) {
	for (operator, price) in prices {
		report(operator, &[spot(BTC, *price)]);
	}
}

/// Goes on to the next block: its hook sees the time so far, then `milliseconds` have passed.
pub fn next_block_after(milliseconds: Moment) {
	let block = System::block_number() + 1;
	System::set_block_number(block);
	Oracle::on_initialize(block);
	Now::set(Now::get() + milliseconds);
}

pub fn next_block() {
	next_block_after(BLOCK);
}

/// Removes an operator as the membership pallet would.
pub fn remove_operator(operator: &AccountId) {
	let members: Vec<_> = Members::get().into_iter().filter(|one| one != operator).collect();
	Members::set(members.clone());
	Oracle::change_members_sorted(&[], core::slice::from_ref(operator), &members);
}

/// The aggregate of BTC's spot.
pub fn btc() -> Aggregate<Price> {
	Aggregates::<Test>::get(BTC).and_then(|known| known.spot).expect("BTC has a spot price")
}

pub fn set_params(change: impl FnOnce(&mut OracleParams)) {
	let mut params = crate::Params::<Test>::get();
	change(&mut params);
	assert_ok!(Oracle::set_params(RuntimeOrigin::root(), params));
}

pub fn source(feed: FeedKey, format: SourceFormat, url: &str) -> Source {
	Source { feed, format, url: url.as_bytes().to_vec().try_into().expect("short; qed") }
}

pub fn events() -> Vec<crate::Event<Test>> {
	System::read_events_for_pallet()
}

pub struct ExtBuilder;

impl ExtBuilder {
	/// Block 1 at [`START`], operators Alice to Dave, feeds of BTC and ETH.
	pub fn build() -> sp_io::TestExternalities {
		let bounds = FeedParams { min: usd(1), max: usd(1_000_000) };
		let oracle = pallet_price_oracle::GenesisConfig::<Test> {
			feeds: vec![(BTC, bounds), (ETH, bounds)],
			..Default::default()
		};
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.expect("the default genesis is sound; qed");
		oracle.assimilate_storage(&mut storage).expect("the genesis is sound; qed");
		let mut ext = sp_io::TestExternalities::new(storage);
		Members::set(vec![ALICE, BOB, CAROL, DAVE]);
		Now::set(0);
		ext.execute_with(|| {
			System::set_block_number(1);
			Oracle::on_initialize(1);
			Now::set(START);
		});
		ext
	}

	/// Runs a test, then checks what must always hold.
	pub fn build_and_execute(test: impl FnOnce()) {
		Self::execute(&mut Self::build(), test);
	}

	/// Runs a test in `ext`, then checks what must always hold.
	pub fn execute(ext: &mut sp_io::TestExternalities, test: impl FnOnce()) {
		ext.execute_with(|| {
			test();
			Oracle::do_try_state().expect("the state holds together");
		});
	}
}

/// The account of a public key.
pub fn account_of(public: sp_core::sr25519::Public) -> AccountId {
	MultiSigner::from(public).into_account()
}
