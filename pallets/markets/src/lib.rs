//! # Markets pallet
//!
//! What is traded: underlyings, collateral assets, listed contracts with their limits, what perpetuals
//! cost to hold, and what happens to contracts at expiry.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for calls, storage, events and errors. Other pallets use it through
//! [`plimsoll_primitives::InstrumentRegistry`].
//!
//! ## Overview
//!
//! - **Underlying**: what a contract's price follows. Its terms say which strikes options may have
//!   and whether new contracts may be listed.
//! - **Collateral asset**: an asset that accounts may hold apart from cash; how it is priced, how
//!   it counts, and how much of it may be held in all.
//! - **Instrument**: a listed contract: a perpetual, a dated future, or an option. Its *tick* is
//!   the step of prices, its *lot* that of sizes; *open interest* is the sum of its long
//!   positions, which a cap bounds.
//! - **Expiry**: a moment at which contracts of one underlying settle. It is pending from the first
//!   listing until its last contract is gone.
//! - **Settlement price**: the price at which all contracts of an expiry settle: the oracle's
//!   time-weighted average over the last minutes before it, or, where there is none, one that the
//!   admin origin sets.
//! - **Listing rule**: which expiries of an underlying stand at any time (the next dailies, Fridays,
//!   last Fridays of months and quarters, see `expiry_dates.rs`), with which strikes around the
//!   forward (see `listing_rule.rs`), on which terms.
//!
//! - **Funding**: what the two sides of a perpetual pay each other for holding it, so that its price
//!   stays near the index. A *funding index* per perpetual grows once a block by the index price times
//!   a rate, which follows the smoothed *premium* of its book. Accounts pay what it has grown since they
//!   last paid whenever they are touched. See [`funding`] for all formulas.
//!
//! - **Mark premium**: how far the mark of a perpetual, at which it is valued, stands from the oracle's
//!   price. It follows the middle of its book, slowly and not far. See [`mark`].
//!
//! - **Halt**: trading stops in an instrument, on an underlying or on the whole chain, until it is lifted.
//!   What stops is what adds risk: books match nothing and take no orders, and block trades must close for
//!   both sides. Cancelling, depositing, settlement at expiry and, unless the whole chain is halted, the
//!   waterfall, withdrawals and swaps of collateral go on.
//!
//! All calls are the admin origin's; a halt may also be another's ([`Config::HaltOrigin`]). Contracts
//! name themselves by their terms
//! ([`plimsoll_primitives::Instrument`]), so listing one needs no identifier, and a position can
//! be valued without this pallet.
//!
//! ## Low Level / Implementation
//!
//! `on_initialize` looks at the calendar of pending expiries, which is sorted. For those that came
//! due by chain time (of the previous block: the timestamp arrives later) it fixes the price, then
//! has the ledger ([`plimsoll_primitives::ContractHolders`]) settle holders, as many as one block
//! may; a contract without holders is delisted, an expiry without contracts is forgotten, with its
//! price and the oracle's window. What one block can't do, the next ones continue. A missing
//! average is asked for again in each block; a contract none of whose holders can be settled is
//! tried again after a delay. Neither holds up others: expiries and contracts take turns. See
//! `settlement.rs`.
//!
//! Before that the hook accrues funding and follows marks: for each perpetual one look at the oracle and one
//! at the impact prices of its book, which is a few levels of each side, at a constant cost. A perpetual
//! without a current price, or that is halted, accrues nothing for this block, and its mark goes back to the
//! oracle's price; blocks further apart than [`funding::LONGEST_ACCRUAL`] count for funding as that far apart.
//!
//! Whoever wants to hide a premium must hold all levels of a side that are looked at, together worth less
//! than the minimum: each at a loss against the index to whoever takes it, or with orders that have expired,
//! for as long as nobody sweeps them.
//!
//! The hook spends at most a share of the block's weight, in both dimensions, and at most what
//! earlier hooks left. `integrity_test` checks that this share reaches for one holder at least.
//!
//! What is left of that share goes to listing by rule, one expiry in each block and a few of its
//! contracts, in rounds with rests between them (see `rule_keeping.rs`). A rule lists through the same
//! checks as the call. Where one refuses (there are as many contracts or expiries as there may be, the
//! oracle has no room for a window) it is told of once, in [`Event::ListingRefused`], and the other
//! expiries go on. A rule never delists: what the market has left behind is settled at its expiry, or
//! delisted by call.
//!
//! An expiry that is listed when less than the oracle's averaging window is left may never have an
//! average: it is then settled by [`Pallet::set_settlement_price`].

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod accrual;
mod calendar;
mod collateral;
mod errors;
mod event;
pub mod expiry_dates;
pub mod funding;
mod genesis;
mod halt;
mod impl_registry;
mod listing;
pub mod listing_rule;
pub mod mark;
mod rule_keeping;
mod settlement;
mod smoothing;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
mod underlying;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use calendar::{ExpiryKey, MaxPending, PendingExpiries, PendingExpiry, QueuedContract, Stage};
pub use funding::{FundingParams, PerpetualFunding};
pub use genesis::{GenesisCollateral, GenesisListingRule, GenesisPerpetual, GenesisUnderlying};
pub use halt::{HaltReason, HaltScope, Halts};
pub use listing::{Listing, ListingTerms};
pub use listing_rule::{ListingRule, Series};
pub use mark::MarkParams;
pub use pallet::*;
pub use rule_keeping::Round;
pub use settlement::PriceSource;
pub use underlying::{UnderlyingTerms, MAX_NAME, MAX_TICKER};
pub use weights::WeightInfo;

use frame_support::pallet_macros::import_section;

#[import_section(event::event)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
	use super::{
		ExpiryKey, FundingParams, GenesisCollateral, GenesisListingRule, GenesisPerpetual,
		GenesisUnderlying, HaltReason, HaltScope, Halts, Listing, ListingRule, ListingTerms,
		MaxPending, PendingExpiries, PerpetualFunding, PriceSource, QueuedContract, Round,
		UnderlyingTerms, WeightInfo,
	};
	use alloc::vec::Vec;
	use frame_support::{pallet_prelude::*, traits::Time};
	use frame_system::pallet_prelude::*;
	use plimsoll_primitives::{
		BookQuotes, CollateralId, CollateralTerms, ContractHolders, Contracts, Instrument, Moment,
		Price, PriceError, PriceOracle, UnderlyingId,
	};
	use sp_runtime::{Perbill, Permill};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// How assets are named.
		type AssetId: Parameter + Member + MaybeSerializeDeserialize + MaxEncodedLen;

		/// The asset in which profit and loss is paid. It is never collateral.
		#[pallet::constant]
		type SettlementAsset: Get<Self::AssetId>;

		/// Gives index prices and settlement averages.
		type Oracle: PriceOracle;

		/// The books of the perpetuals, from which their premiums and marks come.
		type Quotes: BookQuotes;

		/// Settles holders. It must not try more holders than the limit that it is given, and must
		/// try others the next time where some could not be settled.
		type Holders: ContractHolders;

		/// Chain time, in milliseconds.
		type Time: Time<Moment = Moment>;

		/// Who registers, lists and delists.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who halts trading, in an emergency; only the admin origin lifts a halt.
		type HaltOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The most underlyings.
		#[pallet::constant]
		type MaxUnderlyings: Get<u32>;

		/// The most contracts of one expiry of one underlying.
		#[pallet::constant]
		type MaxInstrumentsPerExpiry: Get<u32>;

		/// How far ahead an expiry may be listed, in milliseconds.
		#[pallet::constant]
		type MaxTenor: Get<Moment>;

		/// How many due expiries one block looks at.
		#[pallet::constant]
		type MaxExpiriesPerBlock: Get<u32>;

		/// How many holders one block tries to settle.
		#[pallet::constant]
		type MaxSettlementsPerBlock: Get<u32>;

		/// For how many blocks a contract is left alone none of whose holders could be settled.
		#[pallet::constant]
		type SettlementRetryDelay: Get<BlockNumberFor<Self>>;

		/// The share of a block's weight, in both dimensions, that the hook may use.
		#[pallet::constant]
		type SettlementShare: Get<Perbill>;

		/// How many contracts one block lists by rule.
		#[pallet::constant]
		type MaxListingsPerBlock: Get<u32>;

		/// For how many blocks listing by rule rests once all that should stand is looked at.
		#[pallet::constant]
		type ListingInterval: Get<BlockNumberFor<Self>>;

		/// What calls and hook weigh.
		type WeightInfo: WeightInfo;

		/// Sets up holders for the benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: plimsoll_primitives::benchmarking::BenchmarkEnvironment<
			Self::AccountId,
		>;
	}

	/// What contracts are written on.
	#[pallet::storage]
	pub type Underlyings<T: Config> =
		CountedStorageMap<_, Blake2_128Concat, UnderlyingId, UnderlyingTerms>;

	/// The collateral assets.
	#[pallet::storage]
	pub type Collaterals<T: Config> =
		StorageMap<_, Blake2_128Concat, CollateralId, CollateralTerms<T::AssetId>>;

	/// The number of each asset that is collateral.
	#[pallet::storage]
	pub type CollateralAssets<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AssetId, CollateralId>;

	/// The listed instruments.
	#[pallet::storage]
	pub type Instruments<T: Config> = StorageMap<_, Blake2_128Concat, Instrument, Listing>;

	/// Where trading is halted, but for single instruments.
	#[pallet::storage]
	pub type CurrentHalts<T: Config> = StorageValue<_, Halts<T::MaxUnderlyings>, ValueQuery>;

	/// The listed contracts of each pending expiry: those that are settled next first.
	#[pallet::storage]
	pub type ExpiryContracts<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		UnderlyingId,
		Blake2_128Concat,
		Moment,
		BoundedVec<QueuedContract<BlockNumberFor<T>>, T::MaxInstrumentsPerExpiry>,
		ValueQuery,
	>;

	/// The pending expiries, ascending by expiry, then underlying.
	#[pallet::storage]
	pub type Calendar<T: Config> = StorageValue<_, PendingExpiries<T>, ValueQuery>;

	/// The prices at which expiries settle: from when each is fixed until its last contract is
	/// gone. USD per unit of the underlying.
	#[pallet::storage]
	pub type SettlementPrices<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, UnderlyingId, Blake2_128Concat, Moment, Price>;

	/// The expiry that had the first turn in the last block in which one was due.
	#[pallet::storage]
	pub type Cursor<T: Config> = StorageValue<_, ExpiryKey>;

	/// The funding and the mark's premium of each listed perpetual, ascending by underlying: one value, since
	/// an account reads those of all its perpetuals at once.
	#[pallet::storage]
	pub type Funding<T: Config> =
		StorageValue<_, BoundedVec<PerpetualFunding, T::MaxUnderlyings>, ValueQuery>;

	/// Chain time up to which funding has accrued and marks have followed.
	#[pallet::storage]
	pub type FundingAt<T: Config> = StorageValue<_, Moment, ValueQuery>;

	/// How the perpetual of each underlying is funded and marked; the default where nothing is set.
	#[pallet::storage]
	pub type FundingSettings<T: Config> =
		StorageMap<_, Blake2_128Concat, UnderlyingId, FundingParams, ValueQuery>;

	/// By which rules contracts are listed, where not by call.
	#[pallet::storage]
	pub type ListingRules<T: Config> =
		StorageValue<_, BoundedBTreeMap<UnderlyingId, ListingRule, T::MaxUnderlyings>, ValueQuery>;

	/// How far listing by rule has come; none where there is no rule.
	#[pallet::storage]
	pub type ListingRound<T: Config> = StorageValue<_, Round<BlockNumberFor<T>>>;

	/// The expiries of which was told that their rule cannot be kept.
	#[pallet::storage]
	pub type ListingRefusals<T: Config> =
		StorageValue<_, BoundedVec<(UnderlyingId, Moment), MaxPending<T>>, ValueQuery>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The underlyings.
		pub underlyings: Vec<GenesisUnderlying>,
		/// The collateral assets.
		pub collaterals: Vec<GenesisCollateral<T::AssetId>>,
		/// The perpetuals. Dated contracts are listed by call or by rule: there is no chain time yet.
		pub perpetuals: Vec<GenesisPerpetual>,
		/// By which rules dated contracts are listed once there is.
		pub listing_rules: Vec<GenesisListingRule>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// Panics on what a call would refuse: such a chain must not start.
		fn build(&self) {
			for underlying in &self.underlyings {
				if let Err(error) = Pallet::<T>::build_underlying(underlying) {
					panic!("genesis underlying {:?}: {error:?}", underlying.id);
				}
			}
			for collateral in &self.collaterals {
				if let Err(error) = Pallet::<T>::build_collateral(collateral) {
					panic!("genesis collateral {:?}: {error:?}", collateral.id);
				}
			}
			for perpetual in &self.perpetuals {
				if let Err(error) = Pallet::<T>::build_perpetual(perpetual) {
					panic!("genesis perpetual of {:?}: {error:?}", perpetual.underlying);
				}
			}
			for rule in &self.listing_rules {
				if let Err(error) = Pallet::<T>::build_listing_rule(rule) {
					panic!("genesis listing rule of {:?}: {error:?}", rule.underlying);
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Accrues funding and follows marks, settles what came due, then lists what should stand by rule. Weighs at most
		/// the share of the block that the configuration gives it.
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			let accrual = Self::accrue_funding();
			let settled = Self::settle_due(accrual);
			settled.saturating_add(Self::keep_rules(settled))
		}

		fn integrity_test() {
			assert!(T::MaxUnderlyings::get() > 0, "there must be room for underlyings");
			assert!(T::MaxInstrumentsPerExpiry::get() > 0, "there must be room for contracts");
			assert!(T::MaxExpiriesPerBlock::get() > 0, "no expiry would ever have its turn");
			assert!(T::MaxSettlementsPerBlock::get() > 0, "no holder would ever be settled");
			assert!(T::MaxTenor::get() > 0, "no expiry could ever be listed");
			assert!(T::MaxListingsPerBlock::get() > 0, "no contract would ever be listed by rule");
			Self::check_listing_weight();
			let share = T::SettlementShare::get() * T::BlockWeights::get().max_block;
			let least = T::WeightInfo::on_initialize_idle()
				.saturating_add(Self::accrual_weight(T::MaxUnderlyings::get()))
				.saturating_add(T::WeightInfo::on_initialize_due())
				.saturating_add(T::WeightInfo::seek_settlement_price())
				.saturating_add(T::WeightInfo::visit_expiry())
				.saturating_add(Self::settlement_weight(1));
			assert!(
				least.all_lte(share),
				"settling one holder ({least:?}) must fit the hook's share of a block ({share:?})"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Registers an underlying, or replaces the terms of a registered one. Contracts that are
		/// listed keep their strikes.
		///
		/// Origin: admin. Complexity: O(1). Events: [`Event::UnderlyingRegistered`] or
		/// [`Event::UnderlyingUpdated`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_underlying())]
		pub fn register_underlying(
			origin: OriginFor<T>,
			underlying: UnderlyingId,
			terms: UnderlyingTerms,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_register_underlying(underlying, terms)
		}

		/// Registers a collateral asset, or replaces the terms of a registered one, whose asset and
		/// decimals never change.
		///
		/// Origin: admin. Complexity: O(1). Events: [`Event::CollateralRegistered`] or
		/// [`Event::CollateralUpdated`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::register_collateral())]
		pub fn register_collateral(
			origin: OriginFor<T>,
			collateral: CollateralId,
			terms: CollateralTerms<T::AssetId>,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_register_collateral(collateral, terms)
		}

		/// Lists a contract. The first one of an expiry has the oracle keep the average that it
		/// will settle at.
		///
		/// Origin: admin. Complexity: O(pending expiries). Event: [`Event::Listed`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::list())]
		pub fn list(
			origin: OriginFor<T>,
			instrument: Instrument,
			terms: ListingTerms,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_list(instrument, terms)
		}

		/// Sets the most that may be open of an instrument, contracts. Below what is open,
		/// positions stay and may fall.
		///
		/// Origin: admin. Complexity: O(1). Event: [`Event::OpenInterestCapSet`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::set_open_interest_cap())]
		pub fn set_open_interest_cap(
			origin: OriginFor<T>,
			instrument: Instrument,
			cap: Contracts,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_open_interest_cap(instrument, cap)
		}

		/// Sets whether positions in an instrument may only be closed.
		///
		/// Origin: admin. Complexity: O(1). Event: [`Event::CloseOnlySet`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_close_only())]
		pub fn set_close_only(
			origin: OriginFor<T>,
			instrument: Instrument,
			close_only: bool,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_close_only(instrument, close_only)
		}

		/// Delists an instrument that nobody holds.
		///
		/// Origin: admin. Complexity: O(pending expiries + contracts of the expiry). Events:
		/// [`Event::Delisted`], and [`Event::ExpiryClosed`] where it was its expiry's last.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::delist())]
		pub fn delist(origin: OriginFor<T>, instrument: Instrument) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_delist(instrument)
		}

		/// Fixes the settlement price of an expiry that is due and has none, USD per unit of the
		/// underlying. Settlement follows in the next blocks.
		///
		/// Origin: admin. Complexity: O(pending expiries). Event: [`Event::SettlementPriceFixed`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::set_settlement_price())]
		pub fn set_settlement_price(
			origin: OriginFor<T>,
			underlying: UnderlyingId,
			expiry: Moment,
			price: Price,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_settlement_price(underlying, expiry, price)
		}

		/// Sets how the perpetual of an underlying is funded and marked from now on, see [`FundingParams`].
		///
		/// Origin: admin. Complexity: O(1). Event: [`Event::FundingSet`].
		#[pallet::call_index(20)]
		#[pallet::weight(T::WeightInfo::set_funding())]
		pub fn set_funding(
			origin: OriginFor<T>,
			underlying: UnderlyingId,
			params: FundingParams,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_funding(underlying, params)
		}

		/// Halts trading in an instrument, on an underlying or everywhere: order books match nothing
		/// and take no orders, and block trades must close for both sides. Cancelling and depositing go
		/// on, and so does settlement; withdrawals, swaps of collateral and the waterfall stop where
		/// everything does.
		///
		/// Origin: the halt origin. Complexity: O(halted underlyings). Event:
		/// [`Event::TradingHalted`].
		#[pallet::call_index(25)]
		#[pallet::weight(T::WeightInfo::halt())]
		pub fn halt(origin: OriginFor<T>, scope: HaltScope, reason: HaltReason) -> DispatchResult {
			T::HaltOrigin::ensure_origin(origin)?;
			Self::do_halt(scope, reason)
		}

		/// Lifts a halt that was made with this scope.
		///
		/// Origin: admin. Complexity: O(halted underlyings). Event: [`Event::TradingResumed`].
		#[pallet::call_index(26)]
		#[pallet::weight(T::WeightInfo::resume())]
		pub fn resume(origin: OriginFor<T>, scope: HaltScope) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_resume(scope)
		}

		/// Sets how far from its mark an instrument fills, as a share of it; none: as such contracts do.
		///
		/// Origin: admin. Complexity: O(1). Event: [`Event::PriceBandSet`].
		#[pallet::call_index(27)]
		#[pallet::weight(T::WeightInfo::set_price_band())]
		pub fn set_price_band(
			origin: OriginFor<T>,
			instrument: Instrument,
			band: Option<Permill>,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_price_band(instrument, band)
		}

		/// Sets the rule by which an underlying's dated contracts are listed, in place of the one that
		/// it has, or takes it away. What is listed stays until it is settled or delisted by call; what
		/// is delisted while it should stand is listed again.
		///
		/// Origin: admin. Complexity: O(underlyings). Event: [`Event::ListingRuleSet`].
		#[pallet::call_index(30)]
		#[pallet::weight(T::WeightInfo::set_listing_rule())]
		pub fn set_listing_rule(
			origin: OriginFor<T>,
			underlying: UnderlyingId,
			rule: Option<ListingRule>,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_listing_rule(underlying, rule)
		}
	}

	impl<T: Config> Pallet<T> {
		/// Asserts that listing one contract by rule fits the hook's share.
		fn check_listing_weight() {
			let share = T::SettlementShare::get() * T::BlockWeights::get().max_block;
			let least = T::WeightInfo::on_initialize_idle()
				.saturating_add(Self::accrual_weight(T::MaxUnderlyings::get()))
				.saturating_add(T::WeightInfo::listing_rests())
				.saturating_add(T::WeightInfo::visit_listing_rule())
				.saturating_add(T::WeightInfo::list());
			assert!(
				least.all_lte(share),
				"listing one contract ({least:?}) must fit the hook's share of a block ({share:?})"
			);
		}

		/// Chain time, in milliseconds; zero before the first block's timestamp.
		pub(crate) fn now() -> Moment {
			T::Time::now()
		}
	}
}
