//! # Spot pallet
//!
//! Collateral assets bought and sold against the settlement asset, out of and into margined accounts: by
//! orders in a book, and by swaps that take from the book and from pools what is best.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for the calls, storage, events, errors and configuration, and
//! [`runtime_api::SpotApi`] for what a swap would get.
//!
//! ## Overview
//!
//! A *pair* is a collateral asset against the settlement asset. Governance opens one with its terms; from
//! then on an account that holds the one may trade it for the other without a withdrawal: what it pays leaves
//! its record, what it gets enters it, and it passes the gate afterwards.
//!
//! Each pair has an order book, matched in the call that brings an order by the crate `plimsoll-orderbook`, as
//! the trading pallet's are. A [`swap`](Pallet::swap) is split by the router (`plimsoll-router`) over the book's
//! best orders, quotes that makers have signed for it, and the pair's pool of the SDK's
//! `pallet-asset-conversion`, by best marginal price after fees. Whoever wants to provide liquidity to the pool
//! does so with that pallet's own calls.
//!
//! ## Key Concepts
//!
//! - **Amount**: of the collateral asset, in its own smallest unit; a whole number of the pair's lots.
//! - **Price**: settlement asset for one whole collateral asset, 18 decimals; an order's is a whole number of
//!   ticks, before fees. A lot at one tick comes to a whole number of settlement units, so that what fills in
//!   the book is exact; only fees are rounded, up.
//! - **Set aside**: what an order that rests gives (the collateral that it sells; the price and the maker's
//!   fee of what it buys). It leaves the account's record, backs nothing there, and comes back where the order
//!   goes; the account must have its initial margin without it. So a fill needs no margin of its maker: it
//!   is refused only where a bid's account has no room for another asset. See [`SetAside`](plimsoll_primitives::SetAside).
//! - **Maker, taker**: of a fill, whose order rested and whose came in. A maker is charged at the rate that it
//!   had when its order came to rest. A taker passes the gate once, at the end.
//! - **Quote**: what a maker has signed off the chain and a swap brings, see [`MakerQuote`]. For the length of
//!   the call it is an order that rests, without a deposit: its maker sets aside what the swap could take of it,
//!   is charged as a maker, and gets back what the swap leaves. One that cannot be taken is passed over: the
//!   swap goes on.
//! - **Worst price** of a swap: the marginal price, all fees included, beyond which nothing is traded.
//!   Rounding, always against who swaps, costs at most two settlement units a slice besides.
//! - **Price band**: how far from the oracle's price, as a part of it, a pair trades at all. A taker stops at
//!   its edge; a resting order that would fill beyond it, to its loss, is cancelled. Without a current price
//!   nothing fills: a pool that nobody has looked after, or that somebody has just moved, sets no prices here.
//! - **All or nothing**: otherwise as much is swapped as there is within the worst price.
//! - **Delegates** may trade, at any price within the band: whoever can move a pool could have a stolen key
//!   give away that much of what an account need not hold as margin.
//! - **Deposit**: what is held of the owner's native funds for each resting order, and comes back with its
//!   end, however it ends.
//! - **Silence** ([`Config::Silence`]): the switch that cancels an account's orders when nobody trades for it
//!   cancels those here, too; calls about them count as trading. The waterfall cancels them first of all.
//! - **Sweeping**: cancelling orders that have expired or whose pair is not traded any more. Anybody may.
//!
//! A pair whose ticks or lots are to change is removed first; until its orders are gone (swept, cancelled)
//! it cannot be opened with others.
//!
//! ## Low Level / Implementation
//!
//! - `pair.rs`: a pair's terms and its price band; `order.rs`: orders as they are given and kept, and the steps
//!   of a book; `place_order.rs`: matching one; `resting_orders.rs`: how orders come to rest and go; `batch.rs`;
//!   `book_store.rs`: the books' storage; `work.rs`: what a call may do and weighs; `impl_open_orders.rs`:
//!   what the waterfall and silence ask.
//! - `ladder.rs`: a book's best orders as the router reads them; `maker_quote.rs`: what makers sign;
//!   `brought.rs`: quotes that a swap brings; `swap.rs`: from what is asked to a plan, and the plan carried out; `pool.rs`: what a pool is here; `asset_conversion.rs`: the SDK's pools as such;
//!   `runtime_api.rs`.
//! - The accounts are the margin pallet's, met through
//!   [`CollateralExchange`](plimsoll_primitives::CollateralExchange). At a pool its account makes the
//!   exchange; what moved is measured there and compared with the plan here, to the unit.
//! - A swap is planned and carried out in one call, so that the plan holds: each order of the ladder is an
//!   offer of its own, and the part that it takes of the book is an order that is matched as all are.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod asset_conversion;
mod batch;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod book_store;
mod brought;
mod errors;
mod event;
mod impl_open_orders;
mod ladder;
pub mod maker_quote;
#[cfg(test)]
mod mock;
pub mod order;
pub mod pair;
mod place_order;
pub mod pool;
mod resting_orders;
pub mod runtime_api;
mod swap;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
pub mod weights;
mod work;

pub use maker_quote::{MakerQuote, SignedQuote};
pub use order::{CancelCause, Operation, OrderTerms, SelfTrade, TimeInForce};
pub use pair::PairTerms;
pub use pallet::*;
pub use pool::Pools;
pub use swap::{Asked, SwapQuote, SwapSlice, Venue};
pub use weights::WeightInfo;

use frame_support::{pallet_macros::import_section, traits::fungible::Inspect};
use plimsoll_primitives::SubAccountId;

/// Native funds of this runtime.
pub type BalanceOf<T> =
	<<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// A level of a book of this runtime.
pub type LevelOf<T> = plimsoll_orderbook::Level<
	SubAccountId<<T as frame_system::Config>::AccountId>,
	<T as Config>::MaxOrdersPerLevel,
>;

/// A signed quote of this runtime.
pub type SignedQuoteOf<T> = SignedQuote<
	<T as frame_system::Config>::AccountId,
	<T as frame_system::Config>::Hash,
	<T as Config>::Signature,
>;

#[import_section(book_store::book_storage)]
#[import_section(event::event)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use crate::{
		order::{BookRecord, OrderRecord},
		work::Budget,
	};
	use alloc::vec::Vec;
	use frame_support::{pallet_prelude::*, traits::fungible::MutateHold};
	use frame_system::pallet_prelude::*;
	use plimsoll_orderbook::{OrderId, Page, PageId, Tick};
	use plimsoll_primitives::{
		Balance, Clearing, CollateralExchange, CollateralId, InstrumentRegistry, OrderSide, Price,
		PriceOracle, SignedQuotes, Silence, SubAccountId,
	};
	use sp_runtime::SaturatedConversion;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// How assets are named.
		type AssetId: Parameter;

		/// The settlement asset.
		type SettlementAsset: Get<Self::AssetId>;

		/// The settlement asset's decimals, at most 18.
		type SettlementDecimals: Get<u8>;

		/// Accounts, and who may trade for them.
		type Exchange: CollateralExchange<Self::AccountId>;

		/// Listed collateral.
		type Registry: InstrumentRegistry<AssetId = Self::AssetId>;

		/// Prices.
		type Oracle: PriceOracle;

		/// Where liquidity is outside.
		type Pools: Pools<Self::AccountId, Self::AssetId>;

		/// How makers sign quotes.
		type Signature: Parameter;

		/// Which of these are good.
		type Quotes: SignedQuotes<Self::AccountId, Self::Hash, Self::Signature>;

		/// Whether accounts are heard of.
		type Silence: Silence<Self::AccountId>;

		/// Who opens and closes pairs.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Native funds, of which deposits for resting orders are held.
		type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// What they are held for.
		type RuntimeHoldReason: From<HoldReason>;

		/// What is held for each order that rests: at least what its storage costs the chain.
		#[pallet::constant]
		type OrderDeposit: Get<BalanceOf<Self>>;

		/// The most orders of one side at one price.
		#[pallet::constant]
		type MaxOrdersPerLevel: Get<u32>;

		/// The most orders of a sub-account that rest. The waterfall cancels them before it does anything else
		/// about an account, a few a block: so few that this is soon.
		#[pallet::constant]
		type MaxOrdersPerAccount: Get<u32>;

		/// The most fills of one call.
		#[pallet::constant]
		type MaxFills: Get<u32>;

		/// The most orders of the book that a swap takes; at most [`Config::MaxFills`].
		#[pallet::constant]
		type MaxSwapFills: Get<u32>;

		/// The most quotes that a swap brings.
		#[pallet::constant]
		type MaxSwapQuotes: Get<u32>;

		/// The most resting orders that one call removes because they stand in its way.
		#[pallet::constant]
		type MaxRemovals: Get<u32>;

		/// The most operations of a batch, and orders of a sweep.
		#[pallet::constant]
		type MaxBatch: Get<u32>;

		/// What the pallet's work weighs.
		type WeightInfo: WeightInfo;

		/// What benchmarks need of the rest of the chain.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: benchmarking::BenchmarkHelper<Self::AccountId, Self::Signature>;
	}

	/// Why native funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The deposit of an order that rests.
		#[codec(index = 0)]
		Order,
	}

	/// The pairs that are traded.
	#[pallet::storage]
	pub type Pairs<T: Config> =
		StorageMap<_, Blake2_128Concat, CollateralId, PairTerms, OptionQuery>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let weights = T::BlockWeights::get();
			let room =
				weights.get(DispatchClass::Normal).max_extrinsic.unwrap_or(weights.max_block);
			for (call, weight) in [
				("a swap", Self::swap_weight(T::MaxSwapQuotes::get())),
				("an order", Self::place_weight(T::MaxFills::get())),
				("a replacement", Self::replace_weight(T::MaxFills::get())),
				("a batch", Self::batch_weight(T::MaxBatch::get(), T::MaxFills::get())),
				("cancelling all", Self::cancel_all_weight(T::MaxOrdersPerAccount::get())),
				("a sweep", Self::sweep_weight(T::MaxBatch::get())),
			] {
				assert!(weight.all_lte(room), "{call} at its largest must fit a block: {weight:?}");
			}
			assert!(T::MaxSwapFills::get() <= T::MaxFills::get(), "a swap is an order in the book");
			let offers = T::MaxSwapFills::get().saturating_add(T::MaxSwapQuotes::get());
			assert!(
				usize::try_from(offers).unwrap_or(usize::MAX) <= plimsoll_router::MAX_OFFERS,
				"the router must be able to read the ladder and the quotes"
			);
			assert!(T::SettlementDecimals::get() <= 18, "prices have 18 decimals");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Places an order: matches it against those that rest, and rests what is left where it is one
		/// that rests.
		///
		/// - `account`: the sub-account whose order it is.
		/// - `order`: what to trade and how.
		/// - `max_fills`: how many fills it may take; at most [`Config::MaxFills`]. Where more would cross,
		///   the rest is cancelled. 0 for an order that is only to rest. Orders in the way that cannot fill
		///   cost none, up to [`Config::MaxRemovals`]; each further one costs a fill.
		///
		/// Origin: signed by the account's owner or a delegate.
		///
		/// Emits [`Event::OrderPlaced`], [`Event::OrderFilled`] for each fill, [`Event::OrderCancelled`]
		/// for each order that was removed and for what was left and does not rest. Fails, and changes
		/// nothing, with one of this pallet's errors, or with the clearing house's: less than it would pay or
		/// set aside in the account, margin, no room for the asset.
		///
		/// Linear in the number of fills; what was not used is given back.
		#[pallet::call_index(0)]
		#[pallet::weight(Pallet::<T>::place_weight(*max_fills))]
		pub fn place_order(
			origin: OriginFor<T>,
			account: SubAccountId<T::AccountId>,
			order: OrderTerms,
			max_fills: u32,
		) -> DispatchResultWithPostInfo {
			Self::ensure_may_trade(origin, &account)?;
			let mut budget = Budget::<T>::new(max_fills)?;
			Self::do_place_order(&account, &order, &mut budget)?;
			Ok(Some(Self::placed_weight(budget.used())).into())
		}

		/// Cancels an order that rests. What was set aside for it comes back.
		///
		/// - `account`: the sub-account whose order it is.
		/// - `order`: its number.
		///
		/// Origin: signed by the account's owner or a delegate.
		///
		/// Emits [`Event::OrderCancelled`]. Fails with [`Error::UnknownOrder`] or
		/// [`Error::NotYourOrder`].
		#[pallet::call_index(1)]
		#[pallet::weight(
			Pallet::<T>::cancel_weight().saturating_add(T::Silence::note_seen_weight())
		)]
		pub fn cancel_order(
			origin: OriginFor<T>,
			account: SubAccountId<T::AccountId>,
			order: OrderId,
		) -> DispatchResult {
			Self::ensure_may_trade(origin, &account)?;
			Self::do_cancel_order(&account, order)
		}

		/// Cancels all orders of an account in collateral, or all that it has in one pair. It is no error to
		/// have none.
		///
		/// - `account`: the sub-account whose orders they are.
		/// - `collateral`: the only pair whose orders are cancelled, if any.
		///
		/// Origin: signed by the account's owner or a delegate.
		///
		/// Emits [`Event::OrderCancelled`] for each. Linear in the orders of the account; what was not
		/// used is given back.
		#[pallet::call_index(2)]
		#[pallet::weight(Pallet::<T>::cancel_all_weight(T::MaxOrdersPerAccount::get()))]
		pub fn cancel_all(
			origin: OriginFor<T>,
			account: SubAccountId<T::AccountId>,
			collateral: Option<CollateralId>,
		) -> DispatchResultWithPostInfo {
			Self::ensure_may_trade(origin, &account)?;
			let looked_at = OrdersOf::<T>::decode_len(&account).unwrap_or(0);
			Self::do_cancel_all(&account, collateral)?;
			Ok(Some(Self::cancel_all_weight(looked_at.saturated_into())).into())
		}

		/// Buys or sells `amount` of a collateral asset for cash of `account`, where it is best.
		///
		/// - `account`: the sub-account that pays and gets.
		/// - `collateral`: the pair.
		/// - `side`: whether the collateral is bought or sold.
		/// - `amount`: how much of it, in its own units; a whole number of lots.
		/// - `worst_price`: settlement asset for one whole collateral asset, all fees included, beyond
		///   which nothing is traded.
		/// - `all_or_nothing`: whether it fails where there is less within that price.
		/// - `quotes`: what makers have signed for it, see [`MakerQuote`]; often none. It may take any part of
		///   each. One that cannot be taken is passed over.
		///
		/// It takes from these, from the pool, and of the book up to [`Config::MaxSwapFills`] orders, none behind
		/// one of the account's own. Orders in the way that cannot fill cost it none of these, up to
		/// [`Config::MaxRemovals`]; each further one costs one. They go only where it takes one behind them.
		///
		/// Origin: signed, the account's owner or a delegate. Emits [`Event::Swapped`], what an order emits
		/// that takes the book's part, and [`Event::QuoteTaken`] or [`Event::QuotePassedOver`] for a quote. Fails, and changes nothing, with one of this pallet's errors or with the
		/// clearing house's: less than it would pay in the account, a deposit cap, margin.
		///
		/// Linear in the orders that it looks at and in the quotes that it brings; what it did not use of the book is
		/// given back.
		#[pallet::call_index(3)]
		#[pallet::weight(Pallet::<T>::swap_weight(quotes.len().saturated_into()))]
		pub fn swap(
			origin: OriginFor<T>,
			account: SubAccountId<T::AccountId>,
			collateral: CollateralId,
			side: OrderSide,
			#[pallet::compact] amount: Balance,
			worst_price: Price,
			all_or_nothing: bool,
			quotes: BoundedVec<SignedQuoteOf<T>, T::MaxSwapQuotes>,
		) -> DispatchResultWithPostInfo {
			Self::ensure_may_trade(origin, &account)?;
			let asked = Asked { collateral, side, amount, worst_price, all_or_nothing };
			let used = Self::do_swap(&account, &asked, &quotes)?;
			Ok(Some(Self::swapped_weight(quotes.len().saturated_into(), used)).into())
		}

		/// Opens a pair, or sets its terms; closes it where there are none. Orders that rest in a pair that
		/// is closed can be cancelled and swept; ticks and lots can be others only once they are gone.
		///
		/// Origin: [`Config::AdminOrigin`]. Emits [`Event::PairSet`] or [`Event::PairRemoved`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_pair())]
		pub fn set_pair(
			origin: OriginFor<T>,
			collateral: CollateralId,
			terms: Option<PairTerms>,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_pair(collateral, terms)
		}

		/// Cancels an order that rests and places another: both or neither.
		///
		/// - `account`: the sub-account whose orders they are.
		/// - `old`: the number of the one that rests.
		/// - `order`, `max_fills`: see [`Pallet::place_order`].
		///
		/// Origin: signed by the account's owner or a delegate.
		///
		/// Emits and fails as [`Pallet::cancel_order`] and [`Pallet::place_order`] do.
		#[pallet::call_index(5)]
		#[pallet::weight(Pallet::<T>::replace_weight(*max_fills))]
		pub fn replace_order(
			origin: OriginFor<T>,
			account: SubAccountId<T::AccountId>,
			old: OrderId,
			order: OrderTerms,
			max_fills: u32,
		) -> DispatchResultWithPostInfo {
			Self::ensure_may_trade(origin, &account)?;
			let mut budget = Budget::<T>::new(max_fills)?;
			Self::do_replace_order(&account, old, &order, &mut budget)?;
			Ok(Some(Self::replaced_weight(budget.used())).into())
		}

		/// Does many operations on one account's orders, each by itself: one that fails is undone and
		/// passed over.
		///
		/// - `account`: the sub-account whose orders they are.
		/// - `operations`: done in this order.
		/// - `max_fills`: how many fills all of them may take together; at most [`Config::MaxFills`].
		///
		/// Origin: signed by the account's owner or a delegate.
		///
		/// Emits what the operations emit, and [`Event::OperationFailed`] for each that failed. Linear in
		/// operations and fills; what was not used is given back. All share the fills and
		/// [`Config::MaxRemovals`]; one that fails has used what it used.
		#[pallet::call_index(6)]
		#[pallet::weight(Pallet::<T>::batch_weight(operations.len().saturated_into(), *max_fills))]
		pub fn batch(
			origin: OriginFor<T>,
			account: SubAccountId<T::AccountId>,
			operations: BoundedVec<Operation, T::MaxBatch>,
			max_fills: u32,
		) -> DispatchResultWithPostInfo {
			Self::ensure_may_trade(origin, &account)?;
			let mut budget = Budget::<T>::new(max_fills)?;
			Self::do_batch(&account, &operations, &mut budget);
			let used = budget.used();
			Ok(Some(Self::batched_weight(operations.len().saturated_into(), used)).into())
		}

		/// Cancels orders that cannot fill any more: they have expired, or their pair is not traded. Others
		/// among them are passed over.
		///
		/// - `orders`: their numbers, of any account.
		///
		/// Origin: signed by anybody.
		///
		/// Emits [`Event::OrderCancelled`] for each. Fails with [`Error::NothingToSweep`].
		#[pallet::call_index(7)]
		#[pallet::weight(Pallet::<T>::sweep_weight(orders.len().saturated_into()))]
		pub fn sweep_orders(
			origin: OriginFor<T>,
			orders: BoundedVec<OrderId, T::MaxBatch>,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_sweep_orders(&orders)
		}
	}

	impl<T: Config> Pallet<T> {
		/// Whether the sender may trade for `account`, which is noted as a sign of life.
		fn ensure_may_trade(
			origin: OriginFor<T>,
			account: &SubAccountId<T::AccountId>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			ensure!(T::Exchange::may_trade(&who, account), Error::<T>::NotAuthorised);
			T::Silence::note_seen(account);
			Ok(())
		}
	}
}
