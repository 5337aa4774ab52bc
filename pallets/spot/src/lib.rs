//! # Spot pallet
//!
//! Collateral assets bought and sold against the settlement asset, out of and into margined accounts.
//!
//! ## Pallet API
//!
//! See the [`pallet`] module for the calls, storage, events, errors and configuration, and
//! [`runtime_api::SpotApi`] for what a swap would get.
//!
//! ## Overview
//!
//! A *pair* is a collateral asset against the settlement asset. Governance opens one with its terms; from
//! then on an account that holds the one may [`swap`](Pallet::swap) it for the other without a withdrawal:
//! what it pays leaves its record, what it gets enters it, and it passes the gate afterwards.
//!
//! Where it is traded the router (`plimsoll-router`) says, by best marginal price after fees. The venues
//! are pools of the SDK's `pallet-asset-conversion`; whoever wants to provide liquidity there does so with
//! that pallet's own calls.
//!
//! ## Key Concepts
//!
//! - **Amount**: of the collateral asset, in its own smallest unit; a whole number of the pair's lots.
//! - **Worst price**: the marginal price, all fees included, beyond which nothing is traded. Settlement
//!   asset for one whole collateral asset, 18 decimals. Rounding, always against who swaps, costs at most
//!   two settlement units a slice besides.
//! - **Price band**: how far from the oracle's price, as a part of it, a pair trades at all. A worst price
//!   beyond it counts as its edge. Without a current price there are no swaps: a pool that nobody has
//!   looked after, or that somebody has just moved, sets no prices here.
//! - **All or nothing**: otherwise as much is traded as there is within the worst price.
//! - **Delegates** may swap, at any price within the band: whoever can move a pool could have a stolen key
//!   give away that much of what an account need not hold as margin.
//!
//! ## Low Level / Implementation
//!
//! - `pair.rs`: a pair's terms; `swap.rs`: from an order to a plan, and the plan carried out; `pool.rs`:
//!   what a pool is here; `asset_conversion.rs`: the SDK's pools as such; `runtime_api.rs`.
//! - The accounts are the margin pallet's, met through
//!   [`CollateralExchange`](plimsoll_primitives::CollateralExchange). Its account makes the exchange; what
//!   moved is measured there and compared with the plan here, to the unit.
//! - A swap is planned and carried out in one call, so that the plan holds. What it weighs does not depend
//!   on how much is traded.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod asset_conversion;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
#[cfg(test)]
mod mock;
pub mod pair;
pub mod pool;
pub mod runtime_api;
mod swap;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
pub mod weights;

pub use pair::PairTerms;
pub use pallet::*;
pub use pool::Pools;
pub use swap::{SwapQuote, SwapSlice, Venue};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use plimsoll_primitives::{
		Balance, Clearing, CollateralExchange, CollateralId, InstrumentRegistry, OrderSide, Price,
		PriceOracle, SubAccountId,
	};

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

		/// Where liquidity is.
		type Pools: Pools<Self::AccountId, Self::AssetId>;

		/// Who opens and closes pairs.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// What the pallet's work weighs.
		type WeightInfo: WeightInfo;

		/// What benchmarks need of the rest of the chain.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: benchmarking::BenchmarkHelper<Self::AccountId>;
	}

	/// The pairs that are traded.
	#[pallet::storage]
	pub type Pairs<T: Config> =
		StorageMap<_, Blake2_128Concat, CollateralId, PairTerms, OptionQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A pair is traded on these terms from now on.
		PairSet {
			/// The collateral asset.
			collateral: CollateralId,
			/// Its terms.
			terms: PairTerms,
		},
		/// A pair is not traded any more.
		PairRemoved {
			/// The collateral asset.
			collateral: CollateralId,
		},
		/// An account bought (or sold) `amount` of a collateral asset for `cash` settlement units, all
		/// fees included.
		Swapped {
			/// Whose swap it was.
			account: SubAccountId<T::AccountId>,
			/// The collateral asset.
			collateral: CollateralId,
			/// Whether it was bought or sold.
			side: OrderSide,
			/// How much of it, in its own units.
			amount: Balance,
			/// What that cost or brought, settlement units.
			cash: Balance,
			/// How much of both came from where.
			slices: Vec<SwapSlice>,
		},
	}

	#[pallet::error]
	#[derive(PartialEq, Eq)]
	pub enum Error<T> {
		/// The sender is neither the account's owner nor a delegate.
		NotAuthorised,
		/// The pair is not traded.
		UnknownPair,
		/// No collateral asset of this number is listed.
		UnknownCollateral,
		/// The collateral is the settlement asset itself.
		SameAsset,
		/// A pair's lot is zero.
		InvalidLot,
		/// A pair's price band is nothing, or all of the price.
		InvalidPriceBand,
		/// The amount is zero.
		ZeroAmount,
		/// The worst price is zero.
		ZeroPrice,
		/// The amount is not a whole number of lots.
		AmountNotInLots,
		/// The amount is worth less than the least that is traded.
		SwapTooSmall,
		/// The collateral has no current price.
		NoPrice,
		/// Nothing is to be had within the worst price and the price band.
		NothingWithinWorstPrice,
		/// Less than all is to be had within the worst price and the price band.
		NotFilled,
		/// The pool did not do what it had said.
		PlanNotMet,
		/// An amount does not fit.
		Overflow,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let weights = T::BlockWeights::get();
			let room =
				weights.get(DispatchClass::Normal).max_extrinsic.unwrap_or(weights.max_block);
			assert!(Self::swap_weight().all_lte(room), "a swap must fit a block");
			assert!(T::SettlementDecimals::get() <= 18, "prices have 18 decimals");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	// Calls 0 to 2 are left for orders that rest, once pairs have books.
	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Buys or sells `amount` of a collateral asset for cash of `account`, where it is best.
		///
		/// - `account`: the sub-account that pays and gets.
		/// - `collateral`: the pair.
		/// - `side`: whether the collateral is bought or sold.
		/// - `amount`: how much of it, in its own units; a whole number of lots.
		/// - `worst_price`: settlement asset for one whole collateral asset, all fees included, beyond
		///   which nothing is traded.
		/// - `all_or_nothing`: whether it fails where there is less within that price.
		///
		/// Origin: signed, the account's owner or a delegate. Deposits `Swapped`. Fails, and changes
		/// nothing, with one of this pallet's errors or with the clearing house's: less than it would
		/// pay in the account, a deposit cap, margin.
		#[pallet::call_index(3)]
		#[pallet::weight(Pallet::<T>::swap_weight())]
		pub fn swap(
			origin: OriginFor<T>,
			account: SubAccountId<T::AccountId>,
			collateral: CollateralId,
			side: OrderSide,
			#[pallet::compact] amount: Balance,
			worst_price: Price,
			all_or_nothing: bool,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			ensure!(T::Exchange::may_trade(&who, &account), Error::<T>::NotAuthorised);
			Self::do_swap(&account, collateral, side, amount, worst_price, all_or_nothing)
		}

		/// Opens a pair, or sets its terms; closes it where there are none.
		///
		/// Origin: [`Config::AdminOrigin`]. Deposits `PairSet` or `PairRemoved`.
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
	}
}
