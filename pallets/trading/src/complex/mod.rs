//! Complex orders: some legs that trade all at once at a net price, or none does.
//!
//! One that comes in meets the complex orders of others that want exactly the opposite, and the books of its
//! legs' instruments: whichever asks less of it. In the books each leg is a fill-or-kill order at the edge of
//! its price band, and all of them pass the account's margin gate together, once: a hedged package never
//! needs the margin of one of its legs. What does not trade may rest, with a price for each leg, for others'
//! complex orders to meet; the books do not see it.
//!
//! | file | what |
//! |---|---|
//! | `place.rs` | what becomes of an order |
//! | `books.rs` | its legs against the order books |
//! | `makers.rs` | the whole of it against those that rest |
//! | `resting.rs` | how orders come to rest and go |
//! | `storage.rs` | what is kept |

mod books;
mod makers;
mod place;
mod resting;
pub(crate) mod storage;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
pub(crate) mod work;

use crate::{BalanceOf, Config, LegPrices, RequestLeg};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use frame_system::pallet_prelude::BlockNumberFor;
use plimsoll_orderbook::{OrderId, SelfTrade};
use plimsoll_primitives::{Fill, SubAccountId, UsdValue};
use scale_info::TypeInfo;

/// How a complex order rests.
#[derive(
	CloneNoBound,
	DebugNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound(T: Config))]
pub struct ComplexRest<T: Config> {
	/// At what prices its legs trade, USD per contract, in the order of the legs.
	pub prices: LegPrices<T>,
	/// The last block in which it may trade.
	pub until: BlockNumberFor<T>,
}

/// What a trader asks for.
#[derive(
	CloneNoBound,
	DebugNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound(T: Config))]
pub struct ComplexTerms<T: Config> {
	/// All of them trade at once, or none does. Each instrument at most once; positive sizes are bought.
	pub legs: BoundedVec<RequestLeg, T::MaxLegs>,
	/// What all legs may cost together before fees, USD; negative: what they must bring.
	pub most: UsdValue,
	/// What happens where a leg meets an order of the same sub-account in its book.
	pub self_trade: SelfTrade,
	/// How it rests where it does not trade at once; none: it fails then.
	pub rest: Option<ComplexRest<T>>,
}

/// A complex order that rests.
#[derive(
	CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound(T: Config))]
pub struct ComplexOrder<T: Config> {
	/// Whose it is.
	pub account: SubAccountId<T::AccountId>,
	/// What its account trades, and at what prices.
	pub legs: BoundedVec<Fill, T::MaxLegs>,
	/// The last block in which it may trade.
	pub until: BlockNumberFor<T>,
	/// What is held of the owner's native funds for it.
	pub deposit: BalanceOf<T>,
}

/// Where a complex order stands among those that want the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ComplexStanding {
	/// Its number.
	pub order: OrderId,
	/// What its legs cost its account, USD; negative: what they bring it.
	pub cost: UsdValue,
}

/// What names a package: the hash of its legs, sizes included, whatever their order.
pub type PackageId = [u8; 32];
