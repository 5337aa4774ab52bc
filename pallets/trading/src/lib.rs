//! # Trading pallet
//!
//! How two accounts come to trade. So far by block trades: a maker signs a quote off chain, a taker
//! submits it, and all of its legs trade at once or none does.
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
//! ## Key Concepts
//!
//! - **Quote** ([`quote::Quote`]): a maker's signed offer. Its legs are written from the taker's
//!   side.
//! - **Maker, taker**: the sub-account whose quote is taken, and the one that takes it. They may
//!   have the same owner, but cannot be the same.
//! - **Signer**: who signs a quote: the maker's owner or a delegate.
//! - **Nonce**: a number of the maker sub-account's own choice; each is good for one trade. Two
//!   quotes with one nonce are alternatives: the first that is taken ends the other. That holds for
//!   quotes that expire within [`Config::MaxQuoteLifetime`] of the block in which they are signed; a
//!   maker should sign no others, and use a nonce anew only for alternatives.
//! - **Minimum nonce**: raising it cancels all quotes below, however many there are.
//!
//! ## Signing a quote
//!
//! What is signed is 32 bytes: blake2b-256 of the 23 bytes `plimsoll/block-trade/v1` (no length in
//! front) followed by the SCALE encoding of the quote. The signature is a `MultiSignature`
//! (Ed25519, Sr25519, Ecdsa or Eth) either over these 32 bytes, as a program signs, or over
//! `<Bytes>` + the 32 bytes + `</Bytes>`, as a wallet's `signRaw` signs.
//!
//! The quote's layout, all integers little endian, prices and sizes scaled by 10^18:
//!
//! | bytes | field |
//! |---|---|
//! | 32 | `maker.owner` |
//! | 2 | `maker.number`: u16 |
//! | 32 | `signer` |
//! | 1 or 33 | `taker`: 0, or 1 and the owner's account |
//! | 1 | number of legs, compact (legs × 4) |
//! | 35 to 60 each | legs, see below |
//! | 4 | `expiry_block`: u32 |
//! | 8 | `nonce`: u64 |
//! | 32 | `genesis_hash` |
//!
//! and a leg's:
//!
//! | bytes | field |
//! |---|---|
//! | 2 | `instrument.underlying`: u16 |
//! | 1, 9 or 26 | `instrument.contract`: 0 for the perpetual; 1 and `expiry` (u64, milliseconds) for a future; 2, `expiry` (u64), `strike` (u128) and 0 for a call or 1 for a put, for an option |
//! | 16 | `size`: i128, positive: the taker buys |
//! | 16 | `price`: u128, USD per contract |
//!
//! With polkadot.js the chain's metadata does the encoding; the call's second argument is the quote:
//!
//! ```js
//! import { stringToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
//! import { blake2AsU8a } from '@polkadot/util-crypto';
//!
//! const one = 10n ** 18n;
//! const now = (await api.rpc.chain.getHeader()).number.toNumber();
//! const quote = {
//!     maker: { owner: maker.address, number: 0 },
//!     signer: maker.address,
//!     taker: taker.address, // or null: anybody
//!     legs: [{
//!         instrument: { underlying: 1, contract: 'Perpetual' },
//!         size: 2n * one, // the taker buys 2 ...
//!         price: 3000n * one, // ... at 3,000 USD each
//!     }],
//!     expiryBlock: now + 50,
//!     nonce: 1,
//!     genesisHash: api.genesisHash,
//! };
//! const takerAccount = { owner: taker.address, number: 0 };
//! const draft = api.tx.trading.blockTrade(takerAccount, quote, { Sr25519: new Uint8Array(64) });
//! const hash = blake2AsU8a(
//!     u8aConcat(stringToU8a('plimsoll/block-trade/v1'), draft.method.args[1].toU8a()),
//!     256,
//! );
//!
//! // A key pair at hand signs the hash; a wallet, through its extension, wraps it.
//! const signature = { Sr25519: maker.sign(hash) };
//! // const { signature } = await injector.signer.signRaw(
//! //     { address, data: u8aToHex(hash), type: 'bytes' });  // then { Sr25519: signature }
//!
//! await api.tx.trading.blockTrade(takerAccount, quote, signature).signAndSend(taker);
//! ```
//!
//! ## Low Level / Implementation
//!
//! - `quote.rs`: the quote and its signature; `block_trade.rs`: the checks of a block trade and the
//!   trade; `terms.rs`: what any trade of an instrument must keep to; `nonces.rs`: nonces that were
//!   used or cancelled, and their pruning.
//! - A used nonce is kept in [`UsedNonces`] for [`Config::MaxQuoteLifetime`] blocks: as long as its
//!   quote or an alternative might be offered. An index by the block through which each is kept,
//!   [`ExpiringNonces`], lets `on_initialize` remove those that are over in at most
//!   [`Config::MaxPrunedPerBlock`] steps a block, from where it stopped ([`PruneCursor`]). What is
//!   stored is bounded by the trades of one such span and what pruning is behind after a rush, each
//!   paid for by a trade's fee.
//! - A minimum nonce is kept for good: it may be the only thing that stands against a quote that was
//!   signed with an expiry far away.
//! - The domain's first two bytes are 112 and 108. A transaction's signed payload begins with its
//!   call's two indices and is signed by hash where it is long, so that a runtime with a call 108
//!   in a pallet 112 would blur the line between quotes and transactions: don't give a pallet that
//!   index.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmark_helper;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod block_trade;
#[cfg(test)]
mod mock;
mod nonces;
pub mod quote;
mod terms;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
pub mod weights;

pub use pallet::*;
pub use quote::Quote;
pub use weights::WeightInfo;

use frame_system::pallet_prelude::BlockNumberFor;

/// A quote of this runtime.
pub type QuoteOf<T> = Quote<
	<T as frame_system::Config>::AccountId,
	BlockNumberFor<T>,
	<T as frame_system::Config>::Hash,
	<T as Config>::MaxLegs,
>;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use plimsoll_primitives::{Clearing, Fill, InstrumentRegistry, SubAccountId};
	use sp_runtime::{
		traits::{IdentifyAccount, Verify},
		Perbill, SaturatedConversion,
	};

	/// The most of a block that pruning may take, asserted by `integrity_test`.
	const MAX_PRUNING_SHARE: Perbill = Perbill::from_percent(10);

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Moves positions and cash, and says who may trade for an account.
		type Clearing: Clearing<Self::AccountId>;

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

		/// What this pallet's work costs.
		type WeightInfo: WeightInfo;

		/// How the benchmarks get the rest of the chain into the state that they need.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: benchmark_helper::BenchmarkHelper<Self::AccountId, Self::Signature>;
	}

	/// The lowest nonce at which a maker's quotes can be taken; those below are cancelled.
	#[pallet::storage]
	pub type MinimumNonce<T: Config> =
		StorageMap<_, Blake2_128Concat, SubAccountId<T::AccountId>, u64, ValueQuery>;

	/// Nonces that were traded on, by maker and nonce, with the block through which they are kept;
	/// removed some time after it.
	#[pallet::storage]
	pub type UsedNonces<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		SubAccountId<T::AccountId>,
		Blake2_128Concat,
		u64,
		BlockNumberFor<T>,
		OptionQuery,
	>;

	/// The same nonces by the block through which they are kept, so that pruning reads only what it
	/// removes.
	#[pallet::storage]
	pub type ExpiringNonces<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		BlockNumberFor<T>,
		Blake2_128Concat,
		(SubAccountId<T::AccountId>, u64),
		(),
		OptionQuery,
	>;

	/// The first block through which nonces may still be kept: all before were passed.
	#[pallet::storage]
	pub type PruneCursor<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A quote was taken: all of its legs were traded.
		BlockTraded {
			/// Whose quote it was.
			maker: SubAccountId<T::AccountId>,
			/// Who took it.
			taker: SubAccountId<T::AccountId>,
			/// The quote's nonce, now used.
			nonce: u64,
			/// What was traded, from the taker's side: the taker bought positive sizes.
			legs: BoundedVec<Fill, T::MaxLegs>,
		},
		/// A maker's quotes with nonces below `below_nonce` can no longer be taken.
		QuotesCancelled {
			/// Whose quotes.
			maker: SubAccountId<T::AccountId>,
			/// The lowest nonce that is still good.
			below_nonce: u64,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The sender is neither the owner nor a delegate of the taking sub-account.
		NotAllowedToTrade,
		/// Maker and taker are the same sub-account.
		SelfTrade,
		/// The quote is for another owner's sub-accounts.
		NotNamedTaker,
		/// The quote is for another chain: its genesis hash isn't this chain's.
		WrongChain,
		/// The quote's expiry block has passed.
		QuoteExpired,
		/// The quote's expiry block is further away than quotes may last.
		ExpiryTooFar,
		/// A quote with this nonce of this maker was already taken.
		NonceUsed,
		/// The maker has cancelled its quotes with nonces as low as this.
		NonceCancelled,
		/// The quote has no legs.
		NoLegs,
		/// Two legs are in the same instrument.
		DuplicateInstrument,
		/// An instrument isn't listed.
		UnknownInstrument,
		/// An instrument's expiry has passed.
		ExpiredInstrument,
		/// A leg's size is zero.
		ZeroSize,
		/// A leg's size isn't a whole number of the instrument's lots.
		SizeNotInLots,
		/// A leg's price is zero.
		ZeroPrice,
		/// A leg's price isn't a whole number of the instrument's ticks.
		PriceNotInTicks,
		/// The quote's signer is neither the owner nor a delegate of the maker.
		SignerNotAllowed,
		/// The signature isn't the signer's over this quote.
		BadSignature,
		/// The minimum nonce is already that high.
		NonceNotRaised,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Forgets used nonces that no quote which might still be taken can bear.
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			T::WeightInfo::on_initialize(Self::prune_nonces(now, T::MaxPrunedPerBlock::get()))
		}

		fn integrity_test() {
			let weights = T::BlockWeights::get();

			assert!(T::MaxLegs::get() > 0, "a quote must be able to have a leg");
			let largest = Self::block_trade_weight(T::MaxLegs::get());
			let room =
				weights.get(DispatchClass::Normal).max_extrinsic.unwrap_or(weights.max_block);
			assert!(largest.all_lte(room), "a block trade of MaxLegs legs must fit a block");

			let steps = T::MaxPrunedPerBlock::get();
			assert!(steps >= 2, "pruning must get further than the one block that passes");
			assert!(
				T::WeightInfo::on_initialize(steps).all_lte(MAX_PRUNING_SHARE * weights.max_block),
				"MaxPrunedPerBlock steps must leave the block to others"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
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
	}
}
