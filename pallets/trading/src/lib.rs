//! # Trading pallet
//!
//! How two accounts come to trade. In the order book: an order meets those that rest, best price first,
//! then oldest first. By complex orders: several legs trade at once at a net price, in their books or with
//! another's complex order. By requests for quotes: an account asks on the chain, makers answer there, and all
//! legs trade at once at the answer it takes. And by block trades: a maker signs a quote off chain, a
//! taker submits it, and all of its legs trade at once or none does.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for the calls, events, errors and configuration.
//!
//! ## Overview
//!
//! The chain never sees a quote that nobody takes. A maker makes as many as it likes, for nothing,
//! and hands them to whom it likes; the taker pays for the one that trades. What the maker has
//! signed it is held to until the quote expires or is cancelled, so a maker keeps expiries short.
//!
//! This pallet decides whether the two sides want the trade: who signed what, for which chain,
//! until when, and whether already. Whether they can carry it is decided by the clearing house
//! ([`Clearing`](plimsoll_primitives::Clearing)), which also moves positions and cash; whether an
//! instrument can be traded, in what sizes and at what prices, by the register of instruments
//! ([`InstrumentRegistry`](plimsoll_primitives::InstrumentRegistry)).
//!
//! In the order book each instrument has its own book. Matching is done in the call that brings the
//! order, by the crate `plimsoll-orderbook`, for a constant cost whatever the book's depth; the caller
//! says how many fills its order may take ([`Config::MaxFills`] at most) and pays for those it took.
//!
//! ## Key Concepts
//!
//! - **Order** ([`order::OrderTerms`]): an offer of one sub-account, at a limit: good till cancelled or
//!   till a block, perhaps post-only; immediate-or-cancel (with the worst price as its limit, a market
//!   order); fill-or-kill. What rests counts for its account's margin as if it might fill at any time.
//! - **Maker, taker**: of a fill, whose order rested and whose came in. The maker passes the margin gate
//!   at each fill; where it cannot, its order is cancelled and the taker goes on. The taker passes once,
//!   at the end; where it cannot, the whole call fails. Where the next fill cannot be, as with open
//!   interest at its cap, it keeps what it has and the rest is cancelled. They are never the same
//!   sub-account.
//! - **Reduce-only**: an order that is cut to what takes the position towards zero. It must be
//!   immediate-or-cancel or fill-or-kill: it never rests.
//! - **Price band**: nothing fills further from the mark than a share of it. A taker stops at a price
//!   that would harm it; a resting order that would be harmed is cancelled. A band widens in steps
//!   while the best of a book's other side stays beyond it ([`price_band`]).
//! - **Deposit**: what is held of the owner's native funds for each resting order, and comes back with
//!   its end, however it ends.
//! - **Cancel-on-silence**: a switch that cancels an account's orders when nobody has traded for it for a
//!   number of blocks that it has chosen ([`silence`]). Where many fall silent at once the cancelling may
//!   take blocks; an order of a silent account is not filled meanwhile, but cancelled when it is met. Orders
//!   in collateral ([`Config::CollateralOrders`]) go with the others, and calls about them count.
//! - **Sweeping**: cancelling orders that can't fill any more, because they or their instrument have
//!   expired, it is delisted or listed anew with other ticks or lots, or it may only be closed and they
//!   don't. Anybody may.
//! - **Upkeep**: where an instrument cannot be traded any more, the chain cancels all that rests in its book by
//!   itself, a few orders a block; also complex orders and requests that have expired.
//!
//! While an instrument is halted its book is still: it takes no orders, reduce-only ones neither, and
//! matches none, since those that rest were priced for another market. They can be cancelled. Positions can
//! be reduced by block trades, which both sides agree to anew, where they close for both and the mark is live.
//!
//! An order must not rest that is known never to fill: one that opens a position in an instrument that may
//! only be closed, or for which its account has no room, is refused when it is placed. A maker that cannot
//! fill when it is met costs the taker nothing but one of the removals that each call has, and one of its
//! fills once those are used up.
//!
//! Of complex orders ([`complex`]):
//!
//! - **Net price**: what all legs cost together, before fees. A leg's own price is not asked about, but it
//!   stays within its instrument's band: in the books the usual one, between two accounts the negotiated one.
//! - **Package**: the legs with their sizes. Two complex orders meet where their packages are exact opposites,
//!   at the prices of the one that rests.
//! - **Resting**: for a deposit, up to [`Config::MaxQuoteLifetime`] blocks. It takes no margin, as an answer to a
//!   request takes none: both sides pass the gate at the trade; one that fails it, has expired or is silent is
//!   cancelled when it is met. Silence and the waterfall cancel them with the account's other orders. A package's list that is full makes room for one that pays more.
//!
//! Of block trades:
//!
//! - **Quote** ([`quote::Quote`]): a maker's signed offer. Its legs are written from the taker's
//!   side. [`quote`] says how it is signed.
//! - **Maker, taker**: the sub-account whose quote is taken, and the one that takes it. They may
//!   have the same owner, but cannot be the same.
//! - **Signer**: who signs a quote: the maker's owner or a delegate.
//! - **Nonce**: a number of the maker sub-account's own choice; each is good for one trade. Two
//!   quotes with one nonce are alternatives: the first that is taken ends the other. That holds for
//!   quotes that expire within [`Config::MaxQuoteLifetime`] of the block in which they are signed; a
//!   maker should sign no others, and use a nonce anew only for alternatives.
//! - **Minimum nonce**: raising it cancels all quotes below, however many there are.
//!
//! Of requests for quotes:
//!
//! - **Request** ([`RequestTerms`]): legs, without prices. Where it is *two-sided*, makers don't learn
//!   which way the account will trade: an *ask* is taken as the legs are written, a *bid* the other way.
//! - **Answer** ([`AnswerTerms`]): a maker's prices, one for each leg. It binds the maker until its last
//!   block or the request's, or until it is withdrawn or replaced. Nothing of it is in the maker's margin
//!   before: both sides pass the gate when it is taken, and where one fails, nothing happens.
//! - **Limit**: what the taker names with the answer that it takes: the most that all legs may cost. An
//!   answer that was replaced by a worse one in the meantime is refused.
//! - **Dismissing**: the asking account takes out an answer, so that nobody fills all places with answers
//!   that are never taken.
//! - **Negotiated band**: legs of answers and of block trades trade within
//!   [`Config::NegotiatedBandMultiple`] times the book's price band. A net price alone would let two
//!   accounts move money through leg prices that no market knows.
//!
//! ## Low Level / Implementation
//!
//! - `order.rs`: orders as they are given and kept; `place_order.rs`: matching one; `resting_orders.rs`:
//!   how orders come to rest and go; `batch.rs`; `price_band.rs`; `book_store.rs`: the books' storage;
//!   `work.rs`: what a call may do and weighs; `impl_open_orders.rs`: what the waterfall asks;
//!   `impl_book_quotes.rs`: what funding and marks ask; `candles.rs`: candles from events alone.
//! - A level, all of one side's orders at one price, is one record of at most
//!   [`Config::MaxOrdersPerLevel`]; which levels exist is told by pages of 1,024 bits, three to a level.
//!   [`Orders`] and [`OrdersOf`] say where an account's orders stand.
//! - An order that cannot be matched or rested fails as a whole; what it has changed is undone. In a
//!   batch that holds for each operation.
//! - `quote.rs`: the quote and its signature; `block_trade.rs`: the checks of a block trade and the
//!   trade; `impl_signed_quotes.rs`: which signed quotes are good, those that swaps of collateral bring too;
//!   `terms.rs`: what any trade of an instrument must keep to; `nonces.rs`: nonces that were used or
//!   cancelled, and their pruning.
//! - `complex/`: complex orders. Of one package and side all that rest stand in one record, the best first.
//! - `rfq/`: requests for quotes. A request is one record, each answer another; both end together, so that
//!   a request costs at most [`Config::MaxAnswers`] removals more than itself.
//! - A used nonce is kept in [`UsedNonces`] for [`Config::MaxQuoteLifetime`] blocks: as long as its
//!   quote or an alternative might be offered. An index by the block through which each is kept,
//!   [`ExpiringNonces`], lets `on_initialize` remove those that are over in at most
//!   [`Config::MaxPrunedPerBlock`] steps a block, from where it stopped ([`PruneCursor`]). What is
//!   stored is bounded by the trades of one such span and what pruning is behind after a rush, each
//!   paid for by the fee of a trade or a swap.
//! - A minimum nonce is kept for good: it may be the only thing that stands against a quote that was
//!   signed with an expiry far away.
//! - The domain's first two bytes are 112 and 108. A transaction's signed payload begins with its
//!   call's two indices and is signed by hash where it is long, so that a runtime with a call 108
//!   in a pallet 112 would blur the line between quotes and transactions: don't give a pallet that
//!   index.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod batch;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmark_helper;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod block_trade;
mod book_store;
pub mod candles;
pub mod complex;
mod errors;
mod event;
mod hooks;
mod impl_book_quotes;
mod impl_open_orders;
mod impl_signed_quotes;
#[cfg(test)]
mod mock;
mod nonces;
pub mod order;
mod place_order;
pub mod price_band;
pub mod quote;
mod resting_orders;
pub mod rfq;
pub mod silence;
mod terms;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
mod upkeep;
pub mod weights;
mod work;

pub use complex::{ComplexOrder, ComplexRest, ComplexStanding, ComplexTerms, PackageId};
pub use order::{CancelCause, Operation, OrderTerms, SelfTrade, TimeInForce};
pub use pallet::*;
pub use quote::Quote;
pub use rfq::{
	Answer, AnswerEnd, AnswerTerms, LegPrices, Request, RequestId, RequestLeg, RequestTerms,
};
pub use weights::WeightInfo;

use frame_support::traits::fungible::Inspect;
use frame_system::pallet_prelude::BlockNumberFor;
use plimsoll_primitives::SubAccountId;

/// Native funds of this runtime.
pub type BalanceOf<T> =
	<<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// A level of a book of this runtime.
pub type LevelOf<T> = plimsoll_orderbook::Level<
	SubAccountId<<T as frame_system::Config>::AccountId>,
	<T as Config>::MaxOrdersPerLevel,
>;

/// A quote of this runtime.
pub type QuoteOf<T> = Quote<
	<T as frame_system::Config>::AccountId,
	BlockNumberFor<T>,
	<T as frame_system::Config>::Hash,
	<T as Config>::MaxLegs,
>;

use frame_support::pallet_macros::import_section;

#[import_section(book_store::book_storage)]
#[import_section(nonces::nonce_storage)]
#[import_section(hooks::hooks)]
#[import_section(event::event)]
#[import_section(errors::errors)]
#[import_section(rfq::storage::rfq_storage)]
#[import_section(complex::storage::complex_storage)]
#[import_section(silence::storage::silence_storage)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use crate::{
		order::{as_block, BookRecord, OrderRecord},
		silence::SilenceSwitch,
		work::Budget,
	};
	use frame_support::{pallet_prelude::*, traits::fungible::MutateHold};
	use frame_system::pallet_prelude::*;
	use plimsoll_orderbook::{Block, OrderId, Page, PageId, Tick};
	use plimsoll_primitives::{
		Balance, BookClearing, Clearing, Contracts, Fill, Instrument, InstrumentRegistry,
		OpenOrders, OrderSide, Price, SubAccountId, UsdValue,
	};
	use sp_runtime::{
		traits::{IdentifyAccount, Verify},
		Perbill, Permill, SaturatedConversion,
	};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Moves positions and cash, and says who may trade for an account.
		type Clearing: BookClearing<Self::AccountId>;

		/// Which instruments can be traded, in what sizes and at what prices.
		type Registry: InstrumentRegistry;

		/// How quotes are signed.
		type Signature: Verify<Signer = Self::Signer> + Parameter;

		/// Whose signatures they are.
		type Signer: IdentifyAccount<AccountId = Self::AccountId>;

		/// The most legs of one quote. Every pair of legs is compared, so it has to stay small.
		#[pallet::constant]
		type MaxLegs: Get<u32>;

		/// The most blocks between the one in which a quote is taken and the one in which it
		/// expires; also for how many blocks a used nonce is kept. Raised on a running chain, it
		/// lets alternatives of quotes that were taken before come into reach.
		#[pallet::constant]
		type MaxQuoteLifetime: Get<BlockNumberFor<Self>>;

		/// The most steps that a block takes to forget used nonces; at least 2, since the index
		/// grows by one block in each.
		#[pallet::constant]
		type MaxPrunedPerBlock: Get<u32>;

		/// Native funds, of which deposits for resting orders are held.
		type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// What they are held for.
		type RuntimeHoldReason: From<HoldReason>;

		/// What is held for each order that rests: at least what its storage costs the chain.
		#[pallet::constant]
		type OrderDeposit: Get<BalanceOf<Self>>;

		/// The least that an order is worth at its limit, USD; one that only reduces may be smaller.
		#[pallet::constant]
		type MinimumOrderValue: Get<UsdValue>;

		/// How far from the mark perpetuals and futures fill, as a share of it.
		#[pallet::constant]
		type LinearPriceBand: Get<Permill>;

		/// How far from the mark options fill, as a share of it.
		#[pallet::constant]
		type OptionPriceBand: Get<Permill>;

		/// For how many blocks a book must be pressed for its price band to widen by a step; above zero.
		#[pallet::constant]
		type BandStepBlocks: Get<u32>;

		/// The most orders of one side at one price.
		#[pallet::constant]
		type MaxOrdersPerLevel: Get<u32>;

		/// The most orders of a sub-account that rest.
		#[pallet::constant]
		type MaxOrdersPerAccount: Get<u32>;

		/// The most fills of one call.
		#[pallet::constant]
		type MaxFills: Get<u32>;

		/// The most resting orders that one call removes because they stand in its way.
		#[pallet::constant]
		type MaxRemovals: Get<u32>;

		/// The most orders that a block cancels by itself: because of silence, and in books that are dead.
		#[pallet::constant]
		type MaxCancelledPerBlock: Get<u32>;

		/// The most operations of a batch, and orders of a sweep.
		#[pallet::constant]
		type MaxBatch: Get<u32>;

		/// The most answers of a request for quotes, and makers that it names.
		#[pallet::constant]
		type MaxAnswers: Get<u32>;

		/// The most open requests of a sub-account, and complex orders of its that rest.
		#[pallet::constant]
		type MaxRequestsPerAccount: Get<u32>;

		/// What is held for each request, for each answer and for each complex order that rests: at least
		/// what its storage costs the chain.
		#[pallet::constant]
		type QuoteDeposit: Get<BalanceOf<Self>>;

		/// How many times as far from the mark as orders fill, legs of block trades and of requests
		/// trade.
		#[pallet::constant]
		type NegotiatedBandMultiple: Get<u32>;

		/// Orders in collateral of the same accounts: silence and the waterfall cancel them with those here.
		type CollateralOrders: OpenOrders<Self::AccountId>;

		/// What this pallet's work costs.
		type WeightInfo: WeightInfo;

		/// How the benchmarks get the rest of the chain into the state that they need.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: benchmark_helper::BenchmarkHelper<Self::AccountId, Self::Signature>;
	}

	/// Why native funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The deposit of an order that rests.
		#[codec(index = 0)]
		Order,
		/// The deposit of a request for quotes, of an answer to one, or of a complex order that rests.
		#[codec(index = 1)]
		Quote,
		/// The deposit of a switch that cancels on silence.
		#[codec(index = 2)]
		Silence,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Takes a maker's quote: trades all of its legs between `taker` and the maker, or none.
		///
		/// - `taker`: the sub-account that takes it.
		/// - `quote`: the quote as the maker signed it; its legs are from the taker's side.
		/// - `signature`: the quote's signer's, over [`Quote::signing_hash`], plain or wrapped.
		///
		/// Origin: signed by the taker's owner or a delegate.
		///
		/// Emits [`Event::BlockTraded`]. Fails, and changes nothing, with one of this pallet's errors
		/// or with the clearing house's: an instrument that may only be closed, a cap, too many
		/// positions, a missing price, margin.
		///
		/// Linear in the number of legs and in what the two accounts hold, which is charged at its
		/// most.
		#[pallet::call_index(0)]
		#[pallet::weight(Pallet::<T>::block_trade_weight(quote.legs.len().saturated_into()))]
		pub fn block_trade(
			origin: OriginFor<T>,
			taker: SubAccountId<T::AccountId>,
			quote: QuoteOf<T>,
			signature: T::Signature,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_block_trade(&who, taker, quote, &signature)
		}

		/// Cancels all quotes of one of the sender's sub-accounts with nonces below `below_nonce`,
		/// for good.
		///
		/// - `number`: which of the sender's sub-accounts.
		/// - `below_nonce`: the lowest nonce that stays good; above the present one.
		///
		/// Origin: signed by the owner. A delegate may quote, but not silence the owner's quotes or
		/// those of other delegates.
		///
		/// Emits [`Event::QuotesCancelled`]. Fails with [`Error::NonceNotRaised`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::cancel_quotes())]
		pub fn cancel_quotes(
			origin: OriginFor<T>,
			number: u16,
			below_nonce: u64,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_cancel_quotes(SubAccountId::new(owner, number), below_nonce)
		}

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
		/// nothing, with one of this pallet's errors, or with the clearing house's where the account
		/// does not pass its gate.
		///
		/// Linear in the number of fills; what was not used is given back.
		#[pallet::call_index(2)]
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
			Ok(Some(Self::placed_weight(&budget)).into())
		}

		/// Cancels an order that rests.
		///
		/// - `account`: the sub-account whose order it is.
		/// - `order`: its number.
		///
		/// Origin: signed by the account's owner or a delegate.
		///
		/// Emits [`Event::OrderCancelled`]. Fails with [`Error::UnknownOrder`] or
		/// [`Error::NotYourOrder`].
		#[pallet::call_index(3)]
		#[pallet::weight(
			Pallet::<T>::cancel_weight().saturating_add(T::WeightInfo::note_seen())
		)]
		pub fn cancel_order(
			origin: OriginFor<T>,
			account: SubAccountId<T::AccountId>,
			order: OrderId,
		) -> DispatchResult {
			Self::ensure_may_trade(origin, &account)?;
			Self::do_cancel_order(&account, order)
		}

		/// Cancels all orders of an account, or all that it has in one instrument. It is no error to have
		/// none. Its complex orders go with all, not with those of one instrument; orders in collateral are another
		/// pallet's.
		///
		/// - `account`: the sub-account whose orders they are.
		/// - `instrument`: the only one whose orders are cancelled, if any.
		///
		/// Origin: signed by the account's owner or a delegate.
		///
		/// Emits [`Event::OrderCancelled`] for each. Linear in the orders of the account; what was not
		/// used is given back.
		#[pallet::call_index(4)]
		#[pallet::weight(Pallet::<T>::cancel_all_weight(T::MaxOrdersPerAccount::get()))]
		pub fn cancel_all(
			origin: OriginFor<T>,
			account: SubAccountId<T::AccountId>,
			instrument: Option<Instrument>,
		) -> DispatchResultWithPostInfo {
			Self::ensure_may_trade(origin, &account)?;
			let looked_at = OrdersOf::<T>::decode_len(&account).unwrap_or(0);
			Self::do_cancel_all(&account, instrument)?;
			if instrument.is_none() {
				Self::cancel_all_complex(&account)?;
			}
			Ok(Some(Self::cancel_all_weight(looked_at.saturated_into())).into())
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
			Ok(Some(Self::replaced_weight(&budget)).into())
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
			let count = operations.len().saturated_into();
			Ok(Some(Self::batched_weight(count, &budget)).into())
		}

		/// Cancels orders that cannot fill any more: they have expired, or their instrument can't be
		/// traded. Others among them are passed over.
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

		/// Has all orders of an account cancelled once nobody who may trade for it has had a trading call
		/// for it go through for `blocks` blocks; this call counts as one. With none, a switch that was
		/// set is taken off.
		///
		/// - `account`: the sub-account whose orders they are.
		/// - `blocks`: for how many blocks; above zero.
		///
		/// The orders go at the beginning of the block that comes after those, or of the next ones where
		/// many accounts fall silent at once. A deposit, as of an order that rests, is held of the owner.
		/// Sweeping is no trading call, nor is making quotes off chain.
		///
		/// Origin: signed by the account's owner or a delegate.
		///
		/// Emits [`Event::CancelOnSilenceSet`]. Fails with [`Error::NoSilence`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_cancel_on_silence())]
		pub fn set_cancel_on_silence(
			origin: OriginFor<T>,
			account: SubAccountId<T::AccountId>,
			blocks: Option<Block>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			ensure!(T::Clearing::may_trade(&who, &account), Error::<T>::NotAllowedToTrade);
			Self::do_set_cancel_on_silence(account, blocks)
		}

		/// Asks makers for quotes: prices at which all of some legs trade at once, or none does.
		///
		/// - `account`: the sub-account that asks, and that trades where it takes an answer.
		/// - `terms`: what it asks for, of whom, until when: at most [`Config::MaxQuoteLifetime`] ahead.
		///
		/// Origin: signed by the account's owner or a delegate.
		///
		/// Emits [`Event::QuoteRequested`]. Holds [`Config::QuoteDeposit`] of the owner's funds until the
		/// request ends. Linear in the number of legs.
		#[pallet::call_index(15)]
		#[pallet::weight(
			T::WeightInfo::request_quote(terms.legs.len().saturated_into())
				.saturating_add(T::WeightInfo::note_seen())
		)]
		pub fn request_quote(
			origin: OriginFor<T>,
			account: SubAccountId<T::AccountId>,
			terms: RequestTerms<T>,
		) -> DispatchResult {
			Self::ensure_may_trade(origin, &account)?;
			Self::do_request_quote(account, terms)
		}

		/// Answers a request, or replaces the answer that `maker` has given.
		///
		/// An answer binds the maker until its last block, the request's, or its withdrawal; the maker's
		/// margin is looked at when it is taken, not before.
		///
		/// - `request`: the request's number.
		/// - `maker`: the sub-account that trades if the answer is taken.
		/// - `terms`: its prices, one for each leg.
		///
		/// Origin: signed by the maker's owner or a delegate.
		///
		/// Emits [`Event::RequestAnswered`]. Holds [`Config::QuoteDeposit`] of the maker's owner's funds
		/// until the answer or the request ends. Linear in the number of legs.
		#[pallet::call_index(16)]
		#[pallet::weight(
			T::WeightInfo::answer_request(T::MaxLegs::get())
				.saturating_add(T::WeightInfo::note_seen())
		)]
		pub fn answer_request(
			origin: OriginFor<T>,
			request: RequestId,
			maker: SubAccountId<T::AccountId>,
			terms: AnswerTerms<T>,
		) -> DispatchResult {
			Self::ensure_may_trade(origin, &maker)?;
			Self::do_answer_request(request, maker, terms)
		}

		/// Takes an answer out, so that it can't be taken any more.
		///
		/// - `request`: the request's number.
		/// - `maker`: whose answer.
		///
		/// Origin: signed by the owner or a delegate of the maker, which takes it back, or of the asking
		/// account, which makes room for others; once the answer has expired, by anybody.
		///
		/// Emits [`Event::AnswerWithdrawn`].
		#[pallet::call_index(17)]
		#[pallet::weight(
			T::WeightInfo::withdraw_answer().saturating_add(T::WeightInfo::note_seen())
		)]
		pub fn withdraw_answer(
			origin: OriginFor<T>,
			request: RequestId,
			maker: SubAccountId<T::AccountId>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_answer(&who, request, maker)
		}

		/// Cancels a request, and all answers to it.
		///
		/// Origin: signed by the asking account's owner or a delegate.
		///
		/// Emits [`Event::RequestCancelled`]. Linear in the number of answers; what was not used is given
		/// back.
		#[pallet::call_index(18)]
		#[pallet::weight(Pallet::<T>::cancel_request_weight(T::MaxAnswers::get()))]
		pub fn cancel_request(
			origin: OriginFor<T>,
			request: RequestId,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let answers = Self::do_cancel_request(&who, request)?;
			Ok(Some(Self::cancel_request_weight(answers)).into())
		}

		/// Takes an answer: trades all legs of the request with its maker, or none. The request and its
		/// other answers end.
		///
		/// - `request`: the request's number.
		/// - `maker`: whose answer.
		/// - `side`: `Buy` takes the ask and trades the legs as they are written; `Sell` takes the bid and
		///   trades each the other way.
		/// - `most`: what all legs may cost together, USD; negative: what they must bring. The maker may
		///   have changed its answer since the taker saw it: a worse one than this is not taken.
		///
		/// Origin: signed by the asking account's owner or a delegate.
		///
		/// Emits [`Event::RequestFilled`]. Fails, and changes nothing, with one of this pallet's errors
		/// or with the clearing house's, as [`Pallet::block_trade`] does.
		#[pallet::call_index(19)]
		#[pallet::weight(Pallet::<T>::accept_weight())]
		pub fn accept_answer(
			origin: OriginFor<T>,
			request: RequestId,
			maker: SubAccountId<T::AccountId>,
			side: OrderSide,
			most: UsdValue,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let done = Self::do_accept_answer(&who, request, maker, side, most)?;
			Ok(Some(Self::accepted_weight(done)).into())
		}

		/// Ends requests that have expired or whose instruments can't be traded. Others among them are
		/// passed over.
		///
		/// - `requests`: their numbers.
		///
		/// Origin: signed by anybody.
		///
		/// Emits [`Event::RequestCancelled`] for each. Fails with [`Error::NothingToSweep`].
		#[pallet::call_index(20)]
		#[pallet::weight(Pallet::<T>::sweep_requests_weight(requests.len().saturated_into()))]
		pub fn sweep_requests(
			origin: OriginFor<T>,
			requests: BoundedVec<RequestId, T::MaxBatch>,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let answers = Self::do_sweep_requests(&requests)?;
			let count = requests.len().saturated_into();
			Ok(Some(Self::swept_weight(count, answers)).into())
		}

		/// Places a complex order: trades all of its legs at once, at a net price, or none.
		///
		/// - `account`: the sub-account whose order it is.
		/// - `terms`: the legs, what they may cost together, and how it rests where it does not trade.
		/// - `max_fills`: how many fills all legs may take together in their books, at most
		///   [`Config::MaxFills`]; 0 where the books are not to be asked.
		///
		/// It meets the books and complex orders of others that want exactly the opposite: the books where
		/// their fills cost less than the best of those asks, before fees. Of the latter
		/// two are looked at; those that cannot trade are cancelled on the way.
		/// In the books each leg is a fill-or-kill order within its price band. Where the best offer comes to
		/// nothing, the books are asked again with the fills that are left of `max_fills`.
		///
		/// Origin: signed by the account's owner or a delegate.
		///
		/// Emits [`Event::OrderPlaced`], [`Event::OrderFilled`] and [`Event::ComplexOrderFilled`], or
		/// [`Event::ComplexOrderTaken`], or [`Event::ComplexOrderRests`]; where nothing came of it but that
		/// others' orders were cancelled on the way, [`Event::ComplexOrderUnfilled`]. Holds [`Config::QuoteDeposit`]
		/// for one that rests, [`Config::MaxQuoteLifetime`] blocks at most. Fails, and changes nothing, with
		/// one of this pallet's errors or with the clearing house's.
		///
		/// Linear in legs and fills; what was not used is given back.
		#[pallet::call_index(21)]
		#[pallet::weight(
			Pallet::<T>::place_complex_weight(terms.legs.len().saturated_into(), *max_fills)
		)]
		pub fn place_complex_order(
			origin: OriginFor<T>,
			account: SubAccountId<T::AccountId>,
			terms: ComplexTerms<T>,
			max_fills: u32,
		) -> DispatchResultWithPostInfo {
			Self::ensure_may_trade(origin, &account)?;
			let mut budget = Budget::<T>::new(max_fills)?;
			let work = Self::do_place_complex_order(&account, &terms, &mut budget)?;
			let size = (terms.legs.len().saturated_into(), max_fills);
			Ok(Some(Self::placed_complex_weight(size, work, &budget)).into())
		}

		/// Cancels a complex order that rests.
		///
		/// - `order`: its number.
		///
		/// Origin: signed by the account's owner or a delegate; by anybody where it has expired or an
		/// instrument of its cannot be traded.
		///
		/// Emits [`Event::ComplexOrderCancelled`]. Fails with [`Error::UnknownOrder`] or
		/// [`Error::NotYourOrder`].
		#[pallet::call_index(22)]
		#[pallet::weight(
			T::WeightInfo::cancel_complex_order().saturating_add(T::WeightInfo::note_seen())
		)]
		pub fn cancel_complex_order(origin: OriginFor<T>, order: OrderId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_cancel_complex_order(&who, order)
		}
	}

	impl<T: Config> Pallet<T> {
		/// Whether the sender may trade for `account`, which is noted as a sign of life.
		fn ensure_may_trade(
			origin: OriginFor<T>,
			account: &SubAccountId<T::AccountId>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			ensure!(T::Clearing::may_trade(&who, account), Error::<T>::NotAllowedToTrade);
			Self::note_seen(account);
			Ok(())
		}
	}
}
