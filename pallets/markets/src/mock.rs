//! A runtime of this pallet alone: its oracle and its ledger are fakes that tests set.

use crate as pallet_markets;
use crate::{
	GenesisConfig, GenesisPerpetual, GenesisUnderlying, ListingTerms, Pallet, UnderlyingTerms,
};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU32, ConstU64, Hooks, Time},
	weights::Weight,
};
use frame_system::limits::BlockWeights;
use plimsoll_primitives::{
	BookQuotes, CollateralId, CollateralTerms, CollateralTreatment, ContractHolders, Contracts,
	ExpiryPrices, ImpactPrices, Instrument, InstrumentRegistry, Moment, OptionKind, Price,
	PriceError, PriceOracle, Rate, UnderlyingId, UnderlyingPrices, UsdValue,
};
use sp_runtime::{BuildStorage, Perbill, Permill};
use std::collections::{BTreeMap, BTreeSet};

pub type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeTask,
		RuntimeHoldReason,
		RuntimeFreezeReason
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Markets = pallet_markets;
}

pub const BTC: UnderlyingId = UnderlyingId(0);
pub const ETH: UnderlyingId = UnderlyingId(1);
/// Registered, but without a feed.
pub const DOT: UnderlyingId = UnderlyingId(2);
pub const START: Moment = 1_700_000_000_000;
pub const DAY: Moment = 86_400_000;
pub const EXPIRY: Moment = START + DAY;
pub const SETTLEMENT_ASSET: u32 = 1;
pub const MAX_UNDERLYINGS: u32 = 4;
pub const MAX_INSTRUMENTS: u32 = 8;
pub const MAX_SETTLEMENTS: u32 = 10;
pub const RETRY_DELAY: u64 = 5;
pub const MAX_LISTINGS: u32 = 3;
pub const LISTING_INTERVAL: u64 = 20;

/// Who may halt.
pub const WARDEN: u64 = 77;

frame_support::ord_parameter_types! {
	pub const Warden: u64 = WARDEN;
}

parameter_types! {
	pub static Now: Moment = START;
	pub static Share: Perbill = Perbill::from_percent(50);
	pub static SettleWeight: Weight = Weight::from_parts(1_000, 100);
	pub static Feeds: BTreeSet<UnderlyingId> = BTreeSet::from([BTC, ETH]);
	pub static Spots: BTreeMap<UnderlyingId, Price> = BTreeMap::new();
	pub static Quotes: BTreeMap<Instrument, ImpactPrices> = BTreeMap::new();
	pub static QuotedWorth: UsdValue = UsdValue::from_u32(5_000);
	pub static WindowsFull: bool = false;
	pub static Forwards: BTreeMap<(UnderlyingId, Moment), Price> = BTreeMap::new();
	pub static Windows: BTreeSet<(UnderlyingId, Moment)> = BTreeSet::new();
	pub static Averages: BTreeMap<(UnderlyingId, Moment), Result<Price, PriceError>> =
		BTreeMap::new();
	pub static Positions: BTreeMap<Instrument, Vec<Position>> = BTreeMap::new();
	pub static Settled: Vec<(u64, Instrument, Price)> = Vec::new();
	pub static AskedForAverage: Vec<(UnderlyingId, Moment)> = Vec::new();
	pub Weights: BlockWeights =
		BlockWeights::simple_max(Weight::from_parts(2_000_000_000_000, 5 * 1024 * 1024));
	pub const SettlementAsset: u32 = SETTLEMENT_ASSET;
}

/// What one holder has of an instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
	pub holder: u64,
	pub size: Contracts,
	/// Whether settling it fails.
	pub fails: bool,
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type BlockWeights = Weights;
}

/// Chain time that tests set.
pub struct Clock;

impl Time for Clock {
	type Moment = Moment;

	fn now() -> Moment {
		Now::get()
	}
}

/// An oracle that knows only what tests tell it.
pub struct FakeOracle;

impl PriceOracle for FakeOracle {
	fn prices(underlying: UnderlyingId) -> Result<UnderlyingPrices, PriceError> {
		let spot = *Spots::get().get(&underlying).ok_or(PriceError::Stale)?;
		let expiry = |((_, expiry), forward): (&(UnderlyingId, Moment), &Price)| ExpiryPrices {
			expiry: *expiry,
			forward: *forward,
			rate: Rate::ZERO,
			surface: None,
			live_blocks: 1,
			surface_live_blocks: 0,
		};
		let forwards = Forwards::get();
		let expiries = forwards.range((underlying, 0)..=(underlying, Moment::MAX)).map(expiry);
		let expiries = expiries.collect();
		Ok(UnderlyingPrices { spot, half_width: Price::ZERO, oldest: Now::get(), expiries })
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

	fn open_settlement_window(underlying: UnderlyingId, expiry: Moment) -> Result<(), PriceError> {
		if !Feeds::get().contains(&underlying) {
			return Err(PriceError::Unknown);
		}
		if WindowsFull::get() {
			return Err(PriceError::TooManyWindows);
		}
		Windows::mutate(|windows| windows.insert((underlying, expiry)));
		Ok(())
	}

	fn settlement_average(underlying: UnderlyingId, expiry: Moment) -> Result<Price, PriceError> {
		AskedForAverage::mutate(|asked| asked.push((underlying, expiry)));
		Averages::get().get(&(underlying, expiry)).copied().unwrap_or(Err(PriceError::Incomplete))
	}

	fn close_settlement_window(underlying: UnderlyingId, expiry: Moment) {
		Windows::mutate(|windows| windows.remove(&(underlying, expiry)));
	}
}

/// Books of nothing but the quotes that tests set, each worth as much as they say.
pub struct FakeQuotes;

impl BookQuotes for FakeQuotes {
	fn impact(instrument: &Instrument, worth: UsdValue) -> ImpactPrices {
		let quotes = Quotes::get().get(instrument).copied();
		quotes.filter(|_| worth <= QuotedWorth::get()).unwrap_or_default()
	}

	fn impact_weight() -> Weight {
		Weight::from_parts(50, 5)
	}
}

/// A ledger of nothing but positions.
pub struct Ledger;

impl ContractHolders for Ledger {
	fn settle(instrument: &Instrument, price: Price, limit: u32) -> (u32, bool) {
		let mut positions = Positions::get().remove(instrument).unwrap_or_default();
		let tried = positions.len().min(usize::try_from(limit).expect("it is small; qed"));
		let mut settled = 0;
		for position in positions.drain(..tried).collect::<Vec<_>>() {
			if position.fails {
				positions.push(position);
				continue;
			}
			settled += 1;
			if position.size.is_positive() {
				let change = position.size.checked_neg().expect("it is small; qed");
				Markets::change_open_interest(instrument, change).expect("a fall is never refused");
			}
			Settled::mutate(|all| all.push((position.holder, *instrument, price)));
		}
		let left = !positions.is_empty();
		Positions::mutate(|all| match left {
			true => all.insert(*instrument, positions),
			false => all.remove(instrument),
		});
		(settled, left)
	}

	fn is_held(instrument: &Instrument) -> bool {
		Positions::get().contains_key(instrument)
	}

	fn settle_weight() -> Weight {
		SettleWeight::get()
	}
}

impl pallet_markets::Config for Test {
	type AssetId = u32;
	type SettlementAsset = SettlementAsset;
	type Oracle = FakeOracle;
	type Quotes = FakeQuotes;
	type Holders = Ledger;
	type Time = Clock;
	type AdminOrigin = frame_system::EnsureRoot<u64>;
	type HaltOrigin = frame_system::EnsureSignedBy<Warden, u64>;
	type MaxUnderlyings = ConstU32<MAX_UNDERLYINGS>;
	type MaxInstrumentsPerExpiry = ConstU32<MAX_INSTRUMENTS>;
	type MaxTenor = ConstU64<{ 400 * DAY }>;
	type MaxExpiriesPerBlock = ConstU32<4>;
	type MaxSettlementsPerBlock = ConstU32<MAX_SETTLEMENTS>;
	type SettlementRetryDelay = ConstU64<RETRY_DELAY>;
	type SettlementShare = Share;
	type MaxListingsPerBlock = ConstU32<MAX_LISTINGS>;
	type ListingInterval = ConstU64<LISTING_INTERVAL>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Environment;
}

/// Moves `size` contracts from `short`, who may have some short already, to `long`, who has none.
pub fn open(instrument: Instrument, long: u64, short: u64, size: Contracts) {
	Markets::change_open_interest(&instrument, size).expect("within the cap; qed");
	Positions::mutate(|all| {
		let positions = all.entry(instrument).or_default();
		positions.push(Position { holder: long, size, fails: false });
		let opposite = size.checked_neg().expect("it is small; qed");
		match positions.iter_mut().find(|position| position.holder == short) {
			Some(position) => {
				position.size = position.size.checked_add(opposite).expect("it is small; qed");
			}
			None => positions.push(Position { holder: short, size: opposite, fails: false }),
		}
	});
}

/// Opens one lot each for `holders` (at least two) holders, numbered from 1: the last is short of
/// what all others have.
pub fn open_many(instrument: Instrument, holders: u64) {
	for holder in 1..holders {
		open(instrument, holder, holders, terms().lot);
	}
}

/// How many hold `instrument`.
pub fn holders(instrument: Instrument) -> usize {
	Positions::get().get(&instrument).map_or(0, Vec::len)
}

/// Has settling this holder of `instrument` fail, or succeed again.
pub fn set_fails(instrument: Instrument, holder: u64, fails: bool) {
	Positions::mutate(|all| {
		for position in all.entry(instrument).or_default() {
			if position.holder == holder {
				position.fails = fails;
			}
		}
	});
}

/// Terms under which anything usual may be listed.
pub fn underlying_terms(name: &str, ticker: &str) -> UnderlyingTerms {
	UnderlyingTerms {
		name: name.as_bytes().to_vec().try_into().expect("it is short; qed"),
		ticker: ticker.as_bytes().to_vec().try_into().expect("it is short; qed"),
		strike_step: Price::from_u32(50),
		highest_strike: Price::from_u32(1_000_000),
		active: true,
	}
}

/// A tick of 0.1, a lot of 0.01, a cap of 1000.
pub fn terms() -> ListingTerms {
	ListingTerms {
		tick: Price::from_rational(1, 10),
		lot: Contracts::from_rational(1, 100),
		open_interest_cap: Contracts::from_u32(1_000),
	}
}

/// An 18-decimal asset that counts as its underlying does.
pub fn collateral_terms(asset: u32) -> CollateralTerms<u32> {
	CollateralTerms {
		asset,
		decimals: 18,
		feed: ETH,
		treatment: CollateralTreatment::RiskOffsetting {
			liquidity_haircut: Permill::from_percent(2),
		},
		deposit_cap: 1_000_000_000_000_000_000_000_000,
		minimum: 1_000_000_000_000_000,
	}
}

/// The ETH call of this expiry.
pub fn call(expiry: Moment, strike: u32) -> Instrument {
	Instrument::option(ETH, expiry, Price::from_u32(strike), OptionKind::Call)
}

/// Lists `instrument` under [`terms`].
pub fn list(instrument: Instrument) {
	frame_support::assert_ok!(Markets::list(RuntimeOrigin::root(), instrument, terms()));
}

/// Starts the next block, with the previous one's time at `now`. Returns what the hook weighs.
pub fn next_block(now: Moment) -> Weight {
	Now::set(now);
	let number = System::block_number() + 1;
	System::set_block_number(number);
	Markets::on_initialize(number)
}

/// This pallet's events so far.
pub fn events() -> Vec<crate::Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Markets(event) => Some(event),
			RuntimeEvent::System(_) => None,
		})
		.collect()
}

/// Makes the state that a test starts in: three underlyings, of which the last has no feed, and
/// the perpetuals of the others.
pub struct ExtBuilder;

impl ExtBuilder {
	/// The genesis that tests start with.
	pub fn genesis() -> GenesisConfig<Test> {
		let underlying = |id, name: &str, ticker: &str| GenesisUnderlying {
			id,
			name: name.into(),
			ticker: ticker.into(),
			strike_step: Price::from_u32(50),
			highest_strike: Price::from_u32(1_000_000),
		};
		let perpetual = |underlying| GenesisPerpetual {
			underlying,
			tick: terms().tick,
			lot: terms().lot,
			open_interest_cap: terms().open_interest_cap,
		};
		GenesisConfig {
			underlyings: vec![
				underlying(BTC, "Bitcoin", "BTC"),
				underlying(ETH, "Ether", "ETH"),
				underlying(DOT, "Polkadot", "DOT"),
			],
			collaterals: vec![],
			perpetuals: vec![perpetual(BTC), perpetual(ETH)],
			listing_rules: vec![],
		}
	}

	/// Builds storage from a genesis.
	pub fn build(genesis: GenesisConfig<Test>) -> sp_io::TestExternalities {
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.expect("the system's genesis is valid; qed");
		genesis.assimilate_storage(&mut storage).expect("the genesis is valid; qed");
		Self::reset_fakes();
		let mut ext = sp_io::TestExternalities::from(storage);
		ext.execute_with(|| System::set_block_number(1));
		ext
	}

	/// Forgets what an earlier test on the same thread told the fakes.
	fn reset_fakes() {
		Now::set(START);
		Share::set(Perbill::from_percent(50));
		SettleWeight::set(Weight::from_parts(1_000, 100));
		Feeds::set(BTreeSet::from([BTC, ETH]));
		Spots::set(BTreeMap::new());
		Quotes::set(BTreeMap::new());
		QuotedWorth::set(UsdValue::from_u32(5_000));
		WindowsFull::set(false);
		Forwards::set(BTreeMap::new());
		Windows::set(BTreeSet::new());
		Averages::set(BTreeMap::new());
		Positions::set(BTreeMap::new());
		Settled::set(Vec::new());
		AskedForAverage::set(Vec::new());
	}

	/// Runs a test in the usual state, then checks that the pallet's storage is sound.
	pub fn build_and_execute(test: impl FnOnce()) {
		Self::build(Self::genesis()).execute_with(|| {
			test();
			Pallet::<Test>::do_try_state().expect("the state is sound");
		});
	}
}

/// The number under which tests register collateral.
pub const WETH: CollateralId = CollateralId(0);

#[cfg(feature = "runtime-benchmarks")]
pub use environment::Environment;

#[cfg(feature = "runtime-benchmarks")]
mod environment {
	use super::*;
	use plimsoll_primitives::{benchmarking::BenchmarkEnvironment, Balance, SubAccountId};

	/// The fakes, as a benchmark wants them.
	pub struct Environment;

	impl BenchmarkEnvironment<u64> for Environment {
		fn feed() -> UnderlyingId {
			Now::set(START);
			Spots::set((0..4).map(|id| (UnderlyingId(id), Price::from_u32(3_000))).collect());
			ETH
		}

		fn instruments(count: u32) -> Vec<Instrument> {
			let options = (1..count).map(|number| call(EXPIRY, number * 50));
			let instruments: Vec<_> =
				core::iter::once(Instrument::perpetual(ETH)).chain(options).collect();
			for instrument in &instruments {
				if Markets::tradable(instrument).is_err() {
					list(*instrument);
				}
			}
			instruments
		}

		fn sub_account(seed: u32, _: Balance) -> SubAccountId<u64> {
			SubAccountId::new(u64::from(seed), 0)
		}

		fn open(long: &SubAccountId<u64>, short: &SubAccountId<u64>, instruments: &[Instrument]) {
			for instrument in instruments {
				super::open(*instrument, long.owner, short.owner, terms().lot);
			}
		}

		/// Nothing here depends on prices.
		fn crash() {}
	}
}
