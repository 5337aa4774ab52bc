//! A chain without a node: the real runtime, its hooks run in their order.

use crate::{
	configs::SettlementAsset,
	genesis_config_presets::{get_preset, operators, BTC, ETH, ETH_COLLATERAL},
	AccountId, AllPalletsWithSystem, Assets, Balance, BlockNumber, Liquidation, Margin, Markets,
	Oracle, Runtime, RuntimeGenesisConfig, RuntimeOrigin, System, Trading, SLOT_DURATION,
};
use frame_support::{
	assert_ok,
	genesis_builder_helper::build_state,
	traits::{Hooks, TryState, TryStateSelect},
	weights::Weight,
	BoundedVec,
};
use pallet_margin::AccountAsset;
use pallet_price_oracle::Observation;
use pallet_spot::{MakerQuote, SignedQuote, SignedQuoteOf};
use pallet_trading::Quote;
use plimsoll_primitives::{
	Contracts, Fill, Instrument, Moment, OptionKind, OrderSide, Price, Rate, SubAccountId, Svi,
	UnderlyingId,
};
use sp_consensus_aura::Slot;
use sp_core::Pair;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{traits::Zero, DispatchResult, FixedI128, MultiSignature};

/// When the tests' chain begins: 2027-01-01.
pub const START: Moment = 1_798_761_600_000;
/// Between blocks.
pub const BLOCK_TIME: Moment = 6_000;
/// One hour.
pub const HOUR: Moment = 60 * 60 * 1_000;
/// One whole USDC.
pub const USDC: u128 = 1_000_000;

/// A preset's genesis laid over the default one.
fn merge(base: &mut serde_json::Value, patch: serde_json::Value) {
	match (base, patch) {
		(serde_json::Value::Object(base), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(base.entry(key).or_insert(serde_json::Value::Null), value);
			}
		}
		(base, patch) => *base = patch,
	}
}

/// The state that a preset makes.
pub fn from_preset(name: &str) -> sp_io::TestExternalities {
	let patch = get_preset(&name.into()).expect("the preset exists; qed");
	let patch = serde_json::from_slice(&patch).expect("it is JSON; qed");
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default())
		.expect("a genesis can be written as JSON; qed");
	merge(&mut config, patch);
	let config = serde_json::to_vec(&config).expect("JSON can be written; qed");
	let mut externalities = sp_io::TestExternalities::default();
	externalities.execute_with(|| {
		build_state::<RuntimeGenesisConfig>(config).expect("the preset builds; qed");
		System::set_block_number(1);
		set_time(START);
	});
	externalities
}

/// What every pallet says must always hold.
pub fn check() {
	let now = System::block_number();
	<AllPalletsWithSystem as TryState<BlockNumber>>::try_state(now, TryStateSelect::All)
		.expect("every pallet's state holds together");
}

/// Sets chain time, and the slot that a block of that time has.
fn set_time(moment: Moment) {
	pallet_timestamp::Now::<Runtime>::put(moment);
	pallet_aura::CurrentSlot::<Runtime>::put(Slot::from(moment / SLOT_DURATION));
}

/// Chain time.
pub fn now() -> Moment {
	pallet_timestamp::Now::<Runtime>::get()
}

/// Ends the block and begins the next, `elapsed` milliseconds later: hooks in pallet order, before
/// the timestamp is set, as in a real block.
pub fn next_block(elapsed: Moment) {
	weigh_next_block(elapsed);
}

/// The same. Returns what the hook of the markets weighed.
pub fn weigh_next_block(elapsed: Moment) -> Weight {
	let number = System::block_number() + 1;
	System::initialize(&number, &System::parent_hash(), &Default::default());
	let used_before = Oracle::on_initialize(number);
	System::register_extra_weight_unchecked(
		used_before,
		frame_support::dispatch::DispatchClass::Mandatory,
	);
	let markets = Markets::on_initialize(number);
	let mut weight = markets;
	for hook in [Margin::on_initialize, Trading::on_initialize, Liquidation::on_initialize] {
		System::register_extra_weight_unchecked(
			weight,
			frame_support::dispatch::DispatchClass::Mandatory,
		);
		weight = hook(number);
	}
	set_time(now() + elapsed);
	markets
}

/// Lets time pass in one leap. Where that is longer than a report is fresh for, one more block
/// passes, since the one after the leap takes no reports.
pub fn leap(elapsed: Moment) {
	next_block(elapsed);
	if elapsed > pallet_price_oracle::Params::<Runtime>::get().max_age {
		next_block(BLOCK_TIME);
	}
}

/// What the operators see.
#[derive(Clone, Debug)]
pub struct Prices {
	/// Spot of bitcoin and ether, USD cents.
	pub spot: [(UnderlyingId, u64); 2],
	/// The expiries that they give forwards and surfaces for.
	pub expiries: Vec<Moment>,
}

impl Prices {
	/// Bitcoin at 60,000, ether at 3,000.
	pub fn new(expiries: Vec<Moment>) -> Self {
		Self { spot: [(BTC, 6_000_000), (ETH, 300_000)], expiries }
	}

	fn observations(&self) -> Vec<Observation> {
		let mut observations = vec![Observation::SettlementAsset { price: Price::ONE }];
		for (underlying, cents) in self.spot {
			let price = Price::from_inner(u128::from(cents) * 10_000_000_000_000_000);
			observations.push(Observation::Spot { underlying, price });
			for expiry in self.expiries.iter().copied().filter(|expiry| *expiry > now()) {
				observations.push(Observation::Forward { underlying, expiry, price });
				observations.push(Observation::Rate { underlying, expiry, rate: Rate::ZERO });
				observations.push(Observation::Surface {
					underlying,
					expiry,
					surface: surface(expiry - now()),
				});
			}
		}
		observations
	}

	/// Every operator reports.
	pub fn feed(&self) {
		for operator in operators() {
			let batch: BoundedVec<_, _> =
				self.observations().try_into().expect("a batch has room; qed");
			assert_ok!(Oracle::submit(RuntimeOrigin::signed(operator), batch));
		}
	}

	/// A block in which every operator has reported.
	pub fn block(&self) {
		self.feed();
		next_block(BLOCK_TIME);
	}
}

/// A smile around 70 % volatility for this time to expiry, in milliseconds.
fn surface(tenor: Moment) -> Svi {
	let year = 365 * 24 * HOUR;
	let variance =
		FixedI128::from_rational(49, 100) * FixedI128::from_rational(tenor.into(), year.into());
	let scaled =
		|numerator, denominator| variance * FixedI128::from_rational(numerator, denominator);
	// At the money the total variance is a + b·sigma.
	Svi {
		a: scaled(9, 10),
		b: scaled(1, 5),
		rho: FixedI128::from_rational(1, 10),
		m: FixedI128::zero(),
		sigma: FixedI128::from_rational(1, 2),
	}
}

/// The contracts that tests trade: perpetuals of both underlyings, a future and options on ether.
pub fn list(expiry: Moment) -> Vec<Instrument> {
	let strike = |price| Price::from_u32(price);
	let dated = [
		Instrument::future(ETH, expiry),
		Instrument::option(ETH, expiry, strike(3_000), OptionKind::Call),
		Instrument::option(ETH, expiry, strike(2_500), OptionKind::Put),
	];
	for instrument in dated {
		assert_ok!(Markets::list(
			RuntimeOrigin::root(),
			instrument,
			pallet_markets::ListingTerms {
				tick: Price::from_rational(1, 100),
				lot: Contracts::from_rational(1, 1_000),
				open_interest_cap: Contracts::from_u32(100_000),
			},
		));
	}
	[Instrument::perpetual(BTC), Instrument::perpetual(ETH)].into_iter().chain(dated).collect()
}

/// A development account's first sub-account.
pub fn account(key: Sr25519Keyring) -> SubAccountId<AccountId> {
	SubAccountId::new(key.to_account_id(), 0)
}

/// Deposits whole USDC into a development account's first sub-account.
pub fn deposit(key: Sr25519Keyring, usdc: u128) -> DispatchResult {
	Margin::deposit(RuntimeOrigin::signed(key.to_account_id()), 0, AccountAsset::Cash, usdc * USDC)
}

/// A block trade on a quote that the maker signs for the taker to take at once.
pub fn trade(
	taker: Sr25519Keyring,
	maker: Sr25519Keyring,
	legs: Vec<Fill>,
	nonce: u64,
) -> DispatchResult {
	let quote = Quote {
		maker: account(maker),
		signer: maker.to_account_id(),
		taker: None,
		legs: legs.try_into().expect("few legs; qed"),
		expiry_block: System::block_number() + 5,
		nonce,
		genesis_hash: System::block_hash(0),
	};
	let signature = MultiSignature::Sr25519(maker.pair().sign(&quote.signing_hash()));
	Trading::block_trade(
		RuntimeOrigin::signed(taker.to_account_id()),
		account(taker),
		quote,
		signature,
	)
}

/// A maker's signed quote for ether, good for anybody for some blocks.
pub fn ether_quote(
	maker: Sr25519Keyring,
	(side, price): (OrderSide, Price),
	amount: Balance,
	nonce: u64,
) -> SignedQuoteOf<Runtime> {
	let quote = MakerQuote {
		maker: account(maker),
		signer: maker.to_account_id(),
		taker: None,
		collateral: ETH_COLLATERAL,
		side,
		price,
		amount,
		expiry_block: System::block_number() + 5,
		nonce,
		genesis_hash: System::block_hash(0),
	};
	let signature = MultiSignature::Sr25519(maker.pair().sign(&quote.signing_hash()));
	SignedQuote { quote, signature }
}

/// What an account holds of the settlement asset outside the clearing house.
pub fn plain_balance(owner: &AccountId) -> u128 {
	Assets::balance(SettlementAsset::get(), owner)
}
