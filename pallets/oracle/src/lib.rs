//! # Price oracle
//!
//! Prices that operators report, aggregated once a block, served only while they are fresh.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module. Other pallets read through
//! [`PriceOracle`](plimsoll_primitives::PriceOracle).
//!
//! ## Overview
//!
//! Operators (a membership outside this pallet) each send at most one signed batch of
//! [`Observation`]s a block. The pallet stamps them with chain time. At the start of the next block
//! it takes, feed by feed, the median of what is fresh, and publishes it where enough operators
//! agree. Whoever reads gets that value or a reason why there is none; who can use an old value asks
//! for it by name.
//!
//! On nodes whose keystore has an operator's key the [offchain feeder](feeder) reads the sources
//! that are listed on chain and sends the batches.
//!
//! ## Key concepts
//!
//! - **Feed**: what one underlying is priced by: its spot, and for each expiry a forward, a rate and
//!   a volatility surface. The settlement asset has a price of its own.
//! - **Fresh**: reported no longer ago, in chain time, than the maximum age.
//! - **Quorum**: how many operators must have a fresh value.
//! - **Median**: the middle report; of an even number the mean of the two middle ones, rounded down.
//! - **Dispersion**: the distance from the median within which more than half of the reports lie. A
//!   liar among three does not change it; two who disagree do. Over the limit, the feed has
//!   *diverged*.
//! - **Half width**: half of the confidence interval around spot, from dispersion and the number of
//!   operators, see [`ConfidenceLaw`].
//! - **Step**: a price moves by no more than a limit in one block, towards the median. While it is
//!   on its way it is marked, and the half width covers what is still to go.
//! - **Oldest**: the oldest stamp of the quorum that a value rests on, the `quorum`-th newest. When
//!   that is too old, so is the value, whatever the block's aggregation said.
//! - **Live block**: a block in which spot could be acted on. Consecutive ones are counted.
//! - **Settlement window**: the 30 minutes before an expiry, over which spot is averaged.
//!
//! ## Low level
//!
//! Aggregation ([`aggregate`]) is pure: records and the previous aggregate in, the next one and
//! notices out. Each underlying's aggregate is one storage value, each operator's reports on it
//! another. `on_initialize` sees the previous block's time and does nothing at block 1, which has
//! none.
//!
//! **Surfaces** are never averaged, since a mixture of two slices may admit arbitrage where neither
//! does: the one that stays closest to the medians of all at five strikes is taken whole
//! ([`surface::choose`]). A batch with a surface that admits arbitrage is refused. Where the chosen
//! one crosses the expiry before it, the last valid one is moved to the new one's level at the money,
//! and kept as it is where even that is refused ([`surface::shifted_to`]). The feeder does the same
//! with a source's surface that the chain would refuse. Surfaces and their expiries' level are
//! exempt from the step limit.
//!
//! **Settlement averages** ([`settlement`]) count each interval between two blocks exactly, cut to
//! the window and to the time for which the price was live.
//!
//! **After the chain stood still** for longer than the maximum age, the first block takes no batch:
//! those in it may have waited in the pool all the while, and the chain's stamp would make their
//! values new. What is made after that block is taken in the next.
//!
//! **Removing an operator** purges all that it has reported ([`operators`]).
//!
//! ## The feeder's JSON form
//!
//! A source of format [`SourceFormat::Json`] answers with one document per underlying:
//!
//! ```json
//! {
//!   "underlying": 1,
//!   "spot": "3000.25",
//!   "settlement_asset": "1.0",
//!   "expiries": [
//!     {
//!       "expiry": 1767225600000,
//!       "forward": "3010.5",
//!       "rate": "0.04",
//!       "svi": { "a": "0.01", "b": "0.1", "rho": "-0.3", "m": "0.0", "sigma": "0.2" }
//!     }
//!   ]
//! }
//! ```
//!
//! Every field but `expiry` and the five of `svi` may be missing. Decimals are strings, without an
//! exponent; digits beyond the eighteenth after the point are cut off. `underlying`, where it is
//! there, must be the source's. Expiries are milliseconds since the Unix epoch; those that have
//! passed are left out.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod aggregate;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
pub mod check_feeder;
pub mod feeder;
#[cfg(any(test, feature = "runtime-benchmarks"))]
mod force;
pub mod hook;
pub mod median;
#[cfg(test)]
mod mock;
pub mod operators;
mod prices;
pub mod settlement;
mod submission;
pub mod surface;
#[cfg(test)]
mod tests;
mod try_state;
pub mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use feeder::crypto;
pub use pallet::*;
pub use types::{
	Aggregate, ConfidenceLaw, ExpiryAggregate, ExpiryValues, FeedKey, FeedParams, Observation,
	OperatorValues, OracleParams, ParamsError, SettlementWindow, Source, SourceFormat, Stamped,
	UnderlyingAggregate,
};
pub use weights::WeightInfo;

/// Where this pallet logs.
pub const LOG_TARGET: &str = "runtime::oracle";

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::{string::String, vec::Vec};
	use frame_support::{
		dispatch::{DispatchClass, DispatchResultWithPostInfo, Pays},
		pallet_prelude::*,
		traits::{SortedMembers, Time},
	};
	use frame_system::{
		offchain::{AppCrypto, CreateSignedTransaction},
		pallet_prelude::*,
	};
	use plimsoll_primitives::{Moment, Price, PriceError, UnderlyingId};
	use sp_arithmetic::FixedI128;

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>> + CreateSignedTransaction<Call<Self>>
	{
		/// The feeder's key in the keystore.
		type AuthorityId: AppCrypto<Self::Public, Self::Signature>;

		/// Who may report: at most `MaxOperators` accounts. Whoever keeps the membership calls this
		/// pallet's [`ChangeMembers`](frame_support::traits::ChangeMembers).
		type Operators: SortedMembers<Self::AccountId>;

		/// Chain time, milliseconds since the Unix epoch.
		type Time: Time<Moment = Moment>;

		/// The most operators.
		#[pallet::constant]
		type MaxOperators: Get<u32>;

		/// The most underlyings with a feed.
		#[pallet::constant]
		type MaxFeeds: Get<u32>;

		/// The most observations in a batch.
		#[pallet::constant]
		type MaxBatch: Get<u32>;

		/// The most sources of the feeder.
		#[pallet::constant]
		type MaxSources: Get<u32>;

		/// The most settlement windows at a time.
		#[pallet::constant]
		type MaxSettlementWindows: Get<u32>;

		/// After how many blocks the feeder takes an unconfirmed batch for lost. At least as many as
		/// those for which the runtime signs it: a batch must not be included long after it was
		/// made, since its values are stamped when it is.
		#[pallet::constant]
		type FeederPatience: Get<u32>;

		/// What things weigh.
		type WeightInfo: WeightInfo;

		/// State outside this pallet that its benchmarks need.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// The rules of aggregation.
	#[pallet::storage]
	pub type Params<T: Config> = StorageValue<_, OracleParams, ValueQuery>;

	/// The feeds, and what their prices may be.
	#[pallet::storage]
	pub type Feeds<T: Config> =
		StorageValue<_, BoundedBTreeMap<UnderlyingId, FeedParams, T::MaxFeeds>, ValueQuery>;

	/// Where feeders find values.
	#[pallet::storage]
	pub type Sources<T: Config> = StorageValue<_, BoundedVec<Source, T::MaxSources>, ValueQuery>;

	/// What each operator last reported of each underlying.
	#[pallet::storage]
	pub type Values<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		UnderlyingId,
		Blake2_128Concat,
		T::AccountId,
		OperatorValues,
		ValueQuery,
	>;

	/// What each operator last reported of the settlement asset.
	#[pallet::storage]
	pub type SettlementAssetValues<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Stamped<Price>>;

	/// The block of each operator's last batch.
	#[pallet::storage]
	pub type LastBatch<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, BlockNumberFor<T>>;

	/// What the operators together say of each underlying.
	#[pallet::storage]
	pub type Aggregates<T: Config> = StorageMap<_, Twox64Concat, UnderlyingId, UnderlyingAggregate>;

	/// What the operators together say of the settlement asset.
	#[pallet::storage]
	pub type SettlementAsset<T: Config> = StorageValue<_, Aggregate<Price>>;

	/// The open settlement windows, by underlying and expiry.
	#[pallet::storage]
	pub type SettlementWindows<T: Config> =
		StorageValue<_, BoundedVec<SettlementWindow, T::MaxSettlementWindows>, ValueQuery>;

	/// Chain time of the last aggregation, which is that of the block before the one it ran in: up
	/// to here settlement windows have been counted, and from here on the chain may have stood
	/// still.
	#[pallet::storage]
	pub type AggregatedAt<T: Config> = StorageValue<_, Moment>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The rules of aggregation.
		pub params: OracleParams,
		/// The feeds.
		pub feeds: Vec<(UnderlyingId, FeedParams)>,
		/// Sources: what, in which format, where.
		pub sources: Vec<(FeedKey, SourceFormat, String)>,
		/// Nothing.
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			self.params.validate(T::MaxOperators::get()).expect("genesis rules are valid");
			Params::<T>::put(self.params);
			for (underlying, feed) in &self.feeds {
				Pallet::<T>::store_feed(*underlying, *feed).expect("genesis feeds are valid");
			}
			let sources = self.sources.iter().map(|(feed, format, url)| Source {
				feed: *feed,
				format: *format,
				url: url.as_bytes().to_vec().try_into().expect("genesis URLs are short"),
			});
			let sources = sources.collect::<Vec<_>>().try_into().expect("genesis sources are few");
			Pallet::<T>::store_sources(sources).expect("genesis sources are valid");
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An operator's batch was taken.
		BatchSubmitted { operator: T::AccountId, observations: u32 },
		/// A feed was added, or its bounds changed.
		FeedSet { underlying: UnderlyingId, feed: FeedParams },
		/// A feed and all that was reported of it were removed.
		FeedRemoved { underlying: UnderlyingId },
		/// The rules of aggregation changed.
		ParamsSet { params: OracleParams },
		/// The feeder's sources changed.
		SourcesSet { count: u32 },
		/// A value can be acted on (again).
		FeedLive { feed: FeedKey },
		/// A value cannot be acted on any more.
		FeedDown { feed: FeedKey, reason: PriceError },
		/// A value moved by a block's limit and is still on its way to the median.
		FeedStepped { feed: FeedKey, published: FixedI128, median: FixedI128 },
		/// The operators' surface crossed that of the expiry before. The last valid one was kept;
		/// where `shifted`, moved to the new one's level at the money.
		SurfaceKept { underlying: UnderlyingId, expiry: Moment, shifted: bool },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The sender is not an operator.
		NotOperator,
		/// The operator has already sent a batch in this block.
		AlreadySubmitted,
		/// The chain has no time yet.
		NoTime,
		/// The batch has no observation.
		EmptyBatch,
		/// The batch has two observations of the same value.
		DuplicateObservation,
		/// The underlying has no feed.
		UnknownUnderlying,
		/// A price lies outside what its feed allows.
		PriceOutOfBounds,
		/// A rate lies outside what the rules allow.
		RateOutOfBounds,
		/// An expiry has passed.
		ExpiryPassed,
		/// The operator reports on too many expiries of one underlying.
		TooManyExpiries,
		/// A surface's parameters lie outside their domain.
		SurfaceOutOfDomain,
		/// A surface admits arbitrage between strikes.
		SurfaceArbitrage,
		/// Two surfaces admit arbitrage between expiries.
		CalendarArbitrage,
		/// A feed's lowest price is zero or not below its highest, or that is absurd.
		InvalidFeed,
		/// There are as many feeds as there may be.
		TooManyFeeds,
		/// A source or a settlement window depends on the feed.
		FeedInUse,
		/// The quorum is zero or above the most operators.
		InvalidQuorum,
		/// The maximum age is zero or above a day.
		InvalidMaxAge,
		/// A divergence limit is zero or above one.
		InvalidDivergence,
		/// A step limit is zero or above one.
		InvalidStepLimit,
		/// The highest rate is not positive.
		InvalidMaxRate,
		/// The confidence interval could be wider than the price.
		InvalidConfidence,
		/// The settlement asset's bounds are not valid.
		InvalidSettlementAsset,
		/// The coverage of the settlement window is zero.
		InvalidSettlementCoverage,
		/// A source's URL is not one.
		InvalidUrl,
		/// A source's format cannot give what it is to give.
		InvalidSourceFeed,
		/// More than the maximum age passed since the block before: the batch may be as old as
		/// that, and would be stamped as new. One made after this block is taken in the next.
		ChainStoodStill,
	}

	impl<T> From<ParamsError> for Error<T> {
		fn from(error: ParamsError) -> Self {
			match error {
				ParamsError::Quorum => Self::InvalidQuorum,
				ParamsError::MaxAge => Self::InvalidMaxAge,
				ParamsError::Divergence => Self::InvalidDivergence,
				ParamsError::StepLimit => Self::InvalidStepLimit,
				ParamsError::MaxRate => Self::InvalidMaxRate,
				ParamsError::Confidence => Self::InvalidConfidence,
				ParamsError::SettlementAsset => Self::InvalidSettlementAsset,
				ParamsError::SettlementCoverage => Self::InvalidSettlementCoverage,
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_now: BlockNumberFor<T>) -> Weight {
			Self::aggregate()
		}

		fn offchain_worker(now: BlockNumberFor<T>) {
			Self::run_feeder(now);
		}

		fn integrity_test() {
			assert!(T::MaxOperators::get() > 0, "there can be an operator");
			assert!(T::MaxFeeds::get() > 0, "there can be a feed");
			assert!(T::MaxBatch::get() > 0, "a batch can have an observation");
			let most = hook::Work::most(
				T::MaxFeeds::get(),
				T::MaxOperators::get(),
				T::MaxSettlementWindows::get(),
			);
			let block = T::BlockWeights::get().max_block;
			assert!(
				most.weight::<T::WeightInfo>().all_lte(block.saturating_div(2)),
				"aggregation takes at most half a block",
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Reports a batch of values. All of it is taken, stamped with chain time, or none. Refused
		/// in a block that comes more than the maximum age after the one before it.
		///
		/// Origin: signed by an operator. One batch a block. Free where it succeeds.
		/// Complexity: one record read and written per underlying; an arbitrage check per surface.
		/// Event: `BatchSubmitted`.
		#[pallet::call_index(0)]
		#[pallet::weight({
			let (values, surfaces) = Pallet::<T>::batch_shape(observations);
			(T::WeightInfo::submit(values, surfaces), DispatchClass::Operational)
		})]
		pub fn submit(
			origin: OriginFor<T>,
			observations: BoundedVec<Observation, T::MaxBatch>,
		) -> DispatchResultWithPostInfo {
			let operator = ensure_signed(origin)?;
			ensure!(Self::operators().contains(&operator), Error::<T>::NotOperator);
			let block = frame_system::Pallet::<T>::block_number();
			ensure!(LastBatch::<T>::get(&operator) != Some(block), Error::<T>::AlreadySubmitted);
			let now = T::Time::now();
			ensure!(now > 0, Error::<T>::NoTime);
			ensure!(!Self::stood_still(now), Error::<T>::ChainStoodStill);

			Self::take_batch(&operator, &observations, now)?;
			LastBatch::<T>::insert(&operator, block);
			// Never truncated: bounded by `MaxBatch`.
			let observations = u32::try_from(observations.len()).unwrap_or(u32::MAX);
			Self::deposit_event(Event::BatchSubmitted { operator, observations });
			Ok(Pays::No.into())
		}

		/// Adds the feed of an underlying, or changes what its prices may be. Reports outside new
		/// bounds stop counting.
		///
		/// Origin: root. Event: `FeedSet`.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_feed())]
		pub fn set_feed(
			origin: OriginFor<T>,
			underlying: UnderlyingId,
			feed: FeedParams,
		) -> DispatchResult {
			ensure_root(origin)?;
			Self::store_feed(underlying, feed)?;
			Self::deposit_event(Event::FeedSet { underlying, feed });
			Ok(())
		}

		/// Sets the rules of aggregation.
		///
		/// Origin: root. Event: `ParamsSet`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_params())]
		pub fn set_params(origin: OriginFor<T>, params: OracleParams) -> DispatchResult {
			ensure_root(origin)?;
			params.validate(T::MaxOperators::get()).map_err(Error::<T>::from)?;
			Params::<T>::put(params);
			Self::deposit_event(Event::ParamsSet { params });
			Ok(())
		}

		/// Sets where feeders find values.
		///
		/// Origin: root. Event: `SourcesSet`.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::set_sources(sources.len().try_into().unwrap_or(u32::MAX)))]
		pub fn set_sources(
			origin: OriginFor<T>,
			sources: BoundedVec<Source, T::MaxSources>,
		) -> DispatchResult {
			ensure_root(origin)?;
			// Never truncated: bounded by `MaxSources`.
			let count = u32::try_from(sources.len()).unwrap_or(u32::MAX);
			Self::store_sources(sources)?;
			Self::deposit_event(Event::SourcesSet { count });
			Ok(())
		}

		/// Removes the feed of an underlying with all that was reported of it. Refused while a
		/// source or a settlement window depends on it. Whether contracts do, the caller must know.
		///
		/// Origin: root. Complexity: one removal per operator. Event: `FeedRemoved`.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::remove_feed())]
		pub fn remove_feed(origin: OriginFor<T>, underlying: UnderlyingId) -> DispatchResult {
			ensure_root(origin)?;
			let sources = Sources::<T>::get();
			let windows = SettlementWindows::<T>::get();
			let used = sources.iter().any(|source| source.feed.underlying() == Some(underlying))
				|| windows.iter().any(|window| window.underlying == underlying);
			Feeds::<T>::try_mutate(|feeds| {
				feeds.remove(&underlying).ok_or(Error::<T>::UnknownUnderlying)?;
				ensure!(!used, Error::<T>::FeedInUse);
				Ok::<_, Error<T>>(())
			})?;
			for operator in Self::operators() {
				Values::<T>::remove(underlying, operator);
			}
			Aggregates::<T>::remove(underlying);
			Self::deposit_event(Event::FeedRemoved { underlying });
			Ok(())
		}
	}

	impl<T: Config> Pallet<T> {
		fn store_feed(underlying: UnderlyingId, feed: FeedParams) -> Result<(), Error<T>> {
			ensure!(feed.is_valid(), Error::<T>::InvalidFeed);
			Feeds::<T>::try_mutate(|feeds| feeds.try_insert(underlying, feed).map(|_| ()))
				.map_err(|_| Error::<T>::TooManyFeeds)
		}

		fn store_sources(sources: BoundedVec<Source, T::MaxSources>) -> Result<(), Error<T>> {
			let feeds = Feeds::<T>::get();
			for source in &sources {
				ensure!(source.has_valid_url(), Error::<T>::InvalidUrl);
				ensure!(source.has_valid_feed(), Error::<T>::InvalidSourceFeed);
				let known = source
					.feed
					.underlying()
					.is_none_or(|underlying| feeds.contains_key(&underlying));
				ensure!(known, Error::<T>::UnknownUnderlying);
			}
			Sources::<T>::put(sources);
			Ok(())
		}
	}
}
