//! # Liquidation pallet
//!
//! Finds accounts whose equity has fallen below their maintenance margin and restores them, step
//! by step, or closes them.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module: [`Config`], the calls, events and errors. Users call
//! [`nominate`](Pallet::nominate) (anyone, without a signature or a fee),
//! [`opt_in`](Pallet::opt_in) and [`opt_out`](Pallet::opt_out) (back-stop providers); governance
//! calls [`set_params`](Pallet::set_params).
//!
//! ## Overview
//!
//! All of it happens in `on_initialize`, so that no transaction, however high its tip, comes before
//! it. In each block the hook
//!
//! 1. sweeps: evaluates the next accounts of a cursor that goes round all of them, so that none
//!    depends on anybody nominating it, and lets those enter that are below their line;
//! 2. serves the queue, worst first: each account in it gets one visit;
//! 3. sweeps on with what is left of its budget.
//!
//! Between blocks the offchain worker of any node evaluates accounts as well and *nominates* those
//! below the line. It makes liquidation sooner, nothing else: a nomination is evaluated again where
//! it is executed, and the sweep comes round without any.
//!
//! ## Key concepts
//!
//! - **Entry**: an account enters when its equity is below its maintenance margin at the prices
//!   *most favourable* to it, and its feeds have been live for the grace period and no halt of the
//!   whole chain has ended within it, or its equity is negative even so.
//! - **Target**: maintenance margin plus a buffer. An account leaves as soon as its equity at mark
//!   is at least that.
//! - **Healthy block**: a block in which all feeds of an account are live and its grace period is
//!   over. Only those move its clock. In others nothing of it is traded.
//! - **Halt**: while the whole chain is halted, nobody enters, leaves or moves on: every clock stands.
//!   The grace period follows, as after a stale feed: whoever could not trade has it to add margin. A
//!   halt of an underlying or an instrument changes nothing here: accounts go on being closed at live marks.
//! - **Cancelling**: the first thing that is done in a healthy block. Open orders do not count in
//!   maintenance margin, so it restores nobody; but what is being closed must not trade on.
//! - **Auction**: for its first healthy blocks, pro-rata slices of the account (cash, collateral,
//!   positions) are offered to providers, at a discount on their value that grows with the clock:
//!   see [`slice`]; never to another account of the same owner. Where the account is worth less
//!   than the discount the price is zero while it has equity; where it has none, the insurance fund
//!   pays the provider, within its caps.
//! - **Deleveraging**: afterwards positions are closed at mark against holders of the other side:
//!   see [`deleverage`]. An account whose equity at mark is not positive comes to it as soon as
//!   every provider has refused it, since waiting can only raise what others come to pay.
//! - **Close**: the insurance fund buys the collateral of an account without positions that is still
//!   below its target, and pays what it still owes; what the fund cannot pay is shared by all who
//!   have cash. The fund never pays for an account that has positions, except an auction's negative
//!   price.
//! - **Fee**: the insurance fund takes a fraction of the maintenance margin that a visit relieved,
//!   at most what leaves the account's equity at zero.
//!
//! ## Low level
//!
//! Accounts are read and changed only through [`Config::Ledger`], their orders through
//! [`Config::OpenOrders`]. Decisions are pure functions
//! ([`entry`], [`slice`], [`deleverage`], [`queue`]); [`round`] is a block's pass over the queue and
//! [`visit`], with [`auction`] and [`closing`], one account's part in it. Each slice, trade and close
//! has its own storage layer: one that fails or does not improve the account leaves no trace, and
//! an account that cannot be valued is passed over.
//!
//! The queue is one bounded value in order of service: accounts that have not had their turn, by
//! shortfall; a worse account displaces the least bad one of a full queue, which the sweep will find
//! again. What is known of each account in it is in [`Liquidations`]; deleveraging keeps its cursor
//! there and resumes.
//!
//! The hook's weight is bounded in both dimensions by the smaller of a fraction of the block and
//! what earlier hooks left of it less a reserve. Before each piece of work its most weight must be
//! left: this pallet's own, as benchmarked, plus the ledger's. Where it is not, the rest waits for
//! the next block. The sweep's share is set aside first, so that a long queue cannot starve it.
//!
//! Before block 1's timestamp there are no prices: no account can be valued and nothing happens.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod auction;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod closing;
pub mod deleverage;
pub mod entry;
#[cfg(test)]
mod mock;
pub mod nomination;
pub mod numbers;
pub mod params;
pub mod provider;
pub mod queue;
pub mod round;
pub mod slice;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
pub mod visit;
pub mod weights;

pub use pallet::*;
pub use params::LiquidationParams;
pub use provider::ProviderTerms;
pub use weights::WeightInfo;

use plimsoll_primitives::SubAccountId;

/// The log target of this pallet.
pub const LOG_TARGET: &str = "runtime::liquidation";

/// A sub-account of the runtime.
pub type AccountOf<T> = SubAccountId<<T as frame_system::Config>::AccountId>;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use crate::{
		params::ParamsFault,
		provider::{looked_at, place_of, position_of, Provider},
		queue::{Liquidation, Queued, Stall},
		round::Round,
	};
	use frame_support::pallet_prelude::*;
	use frame_system::{
		ensure_authorized, offchain::CreateAuthorizedTransaction, pallet_prelude::*,
	};
	use plimsoll_primitives::{
		Amount, Balance, Contracts, Instrument, LiquidationLedger, OpenOrders, Stance, UsdValue,
	};
	use sp_arithmetic::{Perbill, Permill, Perquintill};
	use sp_runtime::{
		traits::UniqueSaturatedInto,
		transaction_validity::{TransactionLongevity, TransactionPriority},
	};

	#[pallet::config]
	pub trait Config:
		CreateAuthorizedTransaction<Call<Self>>
		+ frame_system::Config<RuntimeEvent: From<Event<Self>>>
	{
		/// The accounts.
		type Ledger: LiquidationLedger<Self::AccountId>;

		/// The order book.
		type OpenOrders: OpenOrders<Self::AccountId>;

		/// Who sets the parameters.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// How many accounts can be in the waterfall at a time.
		#[pallet::constant]
		type MaxQueue: Get<u32>;

		/// How many providers there can be.
		#[pallet::constant]
		type MaxProviders: Get<u32>;

		/// How many providers one account is offered to in a block.
		#[pallet::constant]
		type MaxAsks: Get<u32>;

		/// How many holders one account's deleveraging looks at in a block.
		#[pallet::constant]
		type HoldersPerVisit: Get<u32>;

		/// How many of one account's open orders are cancelled in a block.
		#[pallet::constant]
		type MaxCancels: Get<u32>;

		/// How many accounts the sweep evaluates in a block.
		#[pallet::constant]
		type SweepPerBlock: Get<u32>;

		/// The part of the hook's budget that is set aside for the sweep.
		#[pallet::constant]
		type SweepShare: Get<Perbill>;

		/// The most of a block that the hook may take.
		#[pallet::constant]
		type BudgetFraction: Get<Perbill>;

		/// What the hook leaves of a block in any case: for inherents, `on_finalize`, later hooks
		/// and operational calls.
		#[pallet::constant]
		type Reserve: Get<Weight>;

		/// The priority of nominations in the transaction pool.
		#[pallet::constant]
		type NominationPriority: Get<TransactionPriority>;

		/// For how many blocks a nomination stays in the pool. Short: it is made again.
		#[pallet::constant]
		type NominationLongevity: Get<TransactionLongevity>;

		/// How many accounts the offchain worker evaluates in a block.
		#[pallet::constant]
		type WorkerBatch: Get<u32>;

		/// What the pallet's own work weighs.
		type WeightInfo: WeightInfo;

		/// Sets the rest of the chain up for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: plimsoll_primitives::benchmarking::BenchmarkEnvironment<
			Self::AccountId,
		>;
	}

	/// How many providers one who wants a place on a full list may have looked at.
	const ROOM_LOOKS: u32 = 4;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// The parameters.
	#[pallet::storage]
	pub type Params<T: Config> = StorageValue<_, LiquidationParams, ValueQuery>;

	/// The accounts in the waterfall, in order of service.
	#[pallet::storage]
	pub type Queue<T: Config> =
		StorageValue<_, BoundedVec<Queued<T::AccountId>, T::MaxQueue>, ValueQuery>;

	/// How far each account in the queue has come.
	#[pallet::storage]
	pub type Liquidations<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		AccountOf<T>,
		Liquidation<T::AccountId, BlockNumberFor<T>>,
		OptionQuery,
	>;

	/// The providers, those who ask the smallest discount first.
	#[pallet::storage]
	pub type Providers<T: Config> =
		StorageValue<_, BoundedVec<Provider<T::AccountId>, T::MaxProviders>, ValueQuery>;

	/// The last account that the sweep evaluated; none when it is to begin with the first.
	#[pallet::storage]
	pub type SweepCursor<T: Config> = StorageValue<_, AccountOf<T>, OptionQuery>;

	/// The last block whose pass stood still because the whole chain was halted; none where none ever
	/// did. The grace period after a halt is counted from it.
	#[pallet::storage]
	pub type HaltedAt<T: Config> = StorageValue<_, BlockNumberFor<T>, OptionQuery>;

	/// The parameters at genesis. Building panics where they are not valid.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The parameters.
		pub params: LiquidationParams,
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(
				self.params.validate().is_ok(),
				"liquidation parameters at genesis: {:?}",
				self.params.validate()
			);
			Params::<T>::put(&self.params);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account is below its maintenance margin even at the most favourable prices and
		/// entered the waterfall. Both numbers are at those prices.
		Entered { account: AccountOf<T>, equity: UsdValue, maintenance_margin: UsdValue },
		/// A worse account took this one's place in a full queue. The sweep will find it again.
		Displaced { account: AccountOf<T> },
		/// Nothing can be done about an account in the waterfall, because of this.
		Stalled { account: AccountOf<T>, reason: Stall },
		/// What kept an account in the waterfall from being dealt with is over.
		Resumed { account: AccountOf<T> },
		/// So many open orders of an account in the waterfall were cancelled. Where some are left, their
		/// turn comes in the next blocks.
		OrdersCancelled { account: AccountOf<T>, count: u32, are_left: bool },
		/// A provider took this share of everything an account had, at this price in settlement
		/// units (where negative, the insurance fund paid it) and discount.
		SliceTaken {
			account: AccountOf<T>,
			provider: AccountOf<T>,
			share: Perquintill,
			price: Amount,
			discount: Permill,
		},
		/// The insurance fund took a liquidation fee, in settlement units.
		FeeCharged { account: AccountOf<T>, fee: Balance },
		/// No provider restored the account in time: its positions will be closed at mark. Both
		/// numbers are at mark.
		DeleveragingStarted {
			account: AccountOf<T>,
			equity: UsdValue,
			maintenance_margin: UsdValue,
			healthy_blocks: u32,
		},
		/// `account` traded `size` (signed, from its side) with `counterparty` at mark, without
		/// either's will; the counterparty's margin allowed it.
		Deleveraged {
			account: AccountOf<T>,
			counterparty: AccountOf<T>,
			instrument: Instrument,
			size: Contracts,
		},
		/// The same, whatever it did to the counterparty's margin: what it had hedged may be open.
		HedgeBroken {
			account: AccountOf<T>,
			counterparty: AccountOf<T>,
			instrument: Instrument,
			size: Contracts,
		},
		/// An account is above its target again and left the waterfall. Both numbers are at mark.
		Restored { account: AccountOf<T>, equity: UsdValue, maintenance_margin: UsdValue },
		/// The insurance fund could not buy all the collateral that an account's debt needs. What it
		/// paid for some of it, in settlement units; the account waits for the rest.
		CollateralBought { account: AccountOf<T>, paid: Balance },
		/// An account has nothing left to be margined and left the waterfall. In settlement units:
		/// what the insurance fund paid for its collateral, what the fund paid of its debt, and
		/// what all who have cash shared of it.
		Closed {
			account: AccountOf<T>,
			collateral_bought: Balance,
			paid_by_fund: Balance,
			shared: Balance,
		},
		/// An account in the waterfall does not exist any more.
		Gone { account: AccountOf<T> },
		/// A sub-account takes slices of failing accounts on these terms.
		ProviderOptedIn { provider: AccountOf<T>, terms: ProviderTerms },
		/// A sub-account takes none any more.
		ProviderOptedOut { provider: AccountOf<T> },
		/// A provider had less than the least equity (none, where its account is gone) when it was
		/// asked or its place was wanted, and is one no more.
		ProviderDropped { provider: AccountOf<T>, equity: UsdValue },
		/// New parameters hold.
		ParamsSet { params: LiquidationParams },
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No such sub-account.
		UnknownAccount,
		/// The account is not below its maintenance margin at the most favourable prices.
		NotBelowMargin,
		/// The account is below its margin, but its feeds have not been live for long enough.
		InGrace,
		/// The account is in the waterfall already.
		AlreadyQueued,
		/// The queue is full of accounts that are worse.
		QueueFull,
		/// The account cannot be valued.
		NotValued,
		/// While the whole chain is halted, nobody enters.
		ChainHalted,
		/// There are as many providers as there can be, and none of those that were looked at has
		/// to give up its place. Others are looked at in the next block.
		TooManyProviders,
		/// The sub-account is not a provider.
		NotAProvider,
		/// The sub-account has less than a provider's least equity.
		ProviderTooSmall,
		/// The provider would take over less margin in a block than every one must.
		SliceTooSmall,
		/// A discount that auctions never reach.
		DiscountNeverReached,
		/// The auction must last at least one block.
		NoAuction,
		/// The auction must open at some discount.
		NoDiscount,
		/// The discount must not shrink with time.
		DiscountShrinks,
		/// The final discount and the fee together pass the whole margin.
		ChargesTooHigh,
		/// The least equity of a provider must not be negative.
		NegativeMinimum,
		/// The least slice of a provider must be positive.
		NoMinimumSlice,
		/// A slice was too far from pro rata, because lots are indivisible.
		SliceNotFair,
		/// A slice did not improve the account.
		SliceDoesNotImprove,
		/// The counterparty cannot be made to trade in this pass.
		CounterpartyNotSuitable,
		/// A number left its range.
		Overflow,
	}

	impl<T> From<ParamsFault> for Error<T> {
		fn from(fault: ParamsFault) -> Self {
			match fault {
				ParamsFault::NoAuction => Error::NoAuction,
				ParamsFault::NoDiscount => Error::NoDiscount,
				ParamsFault::DiscountShrinks => Error::DiscountShrinks,
				ParamsFault::ChargesTooHigh => Error::ChargesTooHigh,
				ParamsFault::NegativeMinimum => Error::NegativeMinimum,
				ParamsFault::NoMinimumSlice => Error::NoMinimumSlice,
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Round::<T>::run(now)
		}

		fn offchain_worker(_now: BlockNumberFor<T>) {
			Self::nominate_from_worker();
		}

		fn integrity_test() {
			Self::check_config();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Puts an account that is below its maintenance margin into the queue, to be dealt with
		/// from the next block on. Anyone may send it, as a general transaction without a
		/// signature and without a fee: the call authorises itself by evaluating the account, and
		/// is refused (see [`nomination::Refusal`] for the codes) where it is unknown, healthy, in
		/// grace, queued already, cannot be valued, or where the queue is full of worse ones. The
		/// pool holds at most one per account.
		///
		/// Origin: authorised. Complexity: two evaluations of the account. Events: [`Event::Entered`],
		/// and [`Event::Displaced`] where the queue was full.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::nominate().saturating_add(T::Ledger::health_weight()))]
		#[pallet::authorize(Self::authorize_nominate)]
		#[pallet::weight_of_authorize(
			T::WeightInfo::authorize_nominate().saturating_add(T::Ledger::health_weight())
		)]
		pub fn nominate(origin: OriginFor<T>, account: AccountOf<T>) -> DispatchResult {
			ensure_authorized(origin)?;
			let favourable = Self::favourable_health(&account).map_err(Error::<T>::from)?;
			Self::enqueue_nominated(account, &favourable)
		}

		/// Makes the sender's sub-account `number` a provider on these terms, or changes its terms.
		/// It will be given slices of failing accounts, at the auction's discount, whenever that is
		/// at least its minimum and it passes the initial-margin gate with the slice.
		///
		/// Where the list is full, a few of those on it are looked at, and one that is gone or has
		/// less than the least equity loses its place.
		///
		/// Origin: signed, the owner. Complexity: one evaluation of the account, and of up to four
		/// others where the list is full. Events: [`Event::ProviderOptedIn`], and
		/// [`Event::ProviderDropped`] where one lost its place.
		#[pallet::call_index(1)]
		#[pallet::weight(Pallet::<T>::opt_in_weight(ROOM_LOOKS))]
		pub fn opt_in(
			origin: OriginFor<T>,
			number: u16,
			terms: ProviderTerms,
		) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let provider = SubAccountId::new(owner, number);
			ensure!(T::Ledger::exists(&provider), Error::<T>::UnknownAccount);
			let equity = T::Ledger::health(&provider, Stance::Mark)?.equity;
			let looks = Self::make_room_for(&provider);
			Self::add_provider(provider, terms, equity)?;
			Ok(Some(Self::opt_in_weight(looks)).into())
		}

		/// The sender's sub-account `number` is a provider no more.
		///
		/// Origin: signed, the owner. Event: [`Event::ProviderOptedOut`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::opt_out())]
		pub fn opt_out(origin: OriginFor<T>, number: u16) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			let provider = SubAccountId::new(owner, number);
			Providers::<T>::try_mutate(|providers| -> DispatchResult {
				let index = position_of(providers, &provider).ok_or(Error::<T>::NotAProvider)?;
				providers.remove(index);
				Ok(())
			})?;
			Self::deposit_event(Event::ProviderOptedOut { provider });
			Ok(())
		}

		/// Sets the parameters. They hold from the next block's hook, for accounts already in the
		/// waterfall too.
		///
		/// Origin: [`Config::AdminOrigin`]. Event: [`Event::ParamsSet`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::set_params())]
		pub fn set_params(origin: OriginFor<T>, params: LiquidationParams) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			params.validate().map_err(Error::<T>::from)?;
			Params::<T>::put(&params);
			Self::deposit_event(Event::ParamsSet { params });
			Ok(())
		}
	}

	impl<T: Config> Pallet<T> {
		/// What opting in weighs when this many providers were looked at for room.
		pub(crate) fn opt_in_weight(looks: u32) -> Weight {
			T::WeightInfo::opt_in().saturating_add(
				T::Ledger::health_weight().saturating_mul(u64::from(looks).saturating_add(1)),
			)
		}

		/// Where the list is full, drops one of those that are looked at in this block and are no
		/// good any more, so that nobody can fill it with accounts emptied afterwards. Returns how
		/// many were looked at. One that cannot be valued for now keeps its place.
		pub(crate) fn make_room_for(newcomer: &AccountOf<T>) -> u32 {
			let mut providers = Providers::<T>::get();
			if !providers.is_full() || position_of(&providers, newcomer).is_some() {
				return 0;
			}
			let now = frame_system::Pallet::<T>::block_number().unique_saturated_into();
			let most = usize::try_from(ROOM_LOOKS).unwrap_or(usize::MAX);
			let minimum = Params::<T>::get().minimum_provider_equity;
			let mut looks: u32 = 0;
			for index in looked_at(now, providers.len(), most) {
				let Some(account) = providers.get(index).map(|provider| provider.account.clone())
				else {
					continue;
				};
				looks = looks.saturating_add(1);
				if let Some(equity) = Self::equity_below(&account, minimum) {
					providers.remove(index);
					Providers::<T>::put(providers);
					Self::deposit_event(Event::ProviderDropped { provider: account, equity });
					break;
				}
			}
			looks
		}

		/// A provider's equity where it is known to be below `minimum`; zero where its account is
		/// gone.
		fn equity_below(account: &AccountOf<T>, minimum: UsdValue) -> Option<UsdValue> {
			if !T::Ledger::exists(account) {
				return Some(UsdValue::ZERO);
			}
			let equity = T::Ledger::health(account, Stance::Mark).ok()?.equity;
			(equity < minimum).then_some(equity)
		}

		/// Adds a provider whose equity at mark is `equity`, or changes its terms.
		pub(crate) fn add_provider(
			provider: AccountOf<T>,
			terms: ProviderTerms,
			equity: UsdValue,
		) -> DispatchResult {
			let params = Params::<T>::get();
			ensure!(terms.maximum_slice >= params.minimum_slice, Error::<T>::SliceTooSmall);
			ensure!(equity >= params.minimum_provider_equity, Error::<T>::ProviderTooSmall);
			ensure!(
				terms.minimum_discount <= params.final_discount,
				Error::<T>::DiscountNeverReached
			);
			Providers::<T>::try_mutate(|providers| -> DispatchResult {
				if let Some(index) = position_of(providers, &provider) {
					providers.remove(index);
				}
				let place = place_of(providers, terms.minimum_discount);
				let entry = Provider { account: provider.clone(), terms: terms.clone() };
				providers.try_insert(place, entry).map_err(|_| Error::<T>::TooManyProviders.into())
			})?;
			Self::deposit_event(Event::ProviderOptedIn { provider, terms });
			Ok(())
		}

		/// Records that an account entered the waterfall, and which one it displaced. The queue
		/// itself is the caller's.
		pub(crate) fn record_entry(
			account: AccountOf<T>,
			favourable: &plimsoll_primitives::Health,
			displaced: Option<AccountOf<T>>,
			now: BlockNumberFor<T>,
		) {
			if let Some(account) = displaced {
				Liquidations::<T>::remove(&account);
				Self::deposit_event(Event::Displaced { account });
			}
			let state = Liquidation::new(now, favourable.maintenance_margin);
			Liquidations::<T>::insert(&account, state);
			Self::deposit_event(Event::Entered {
				account,
				equity: favourable.equity,
				maintenance_margin: favourable.maintenance_margin,
			});
		}
	}
}
