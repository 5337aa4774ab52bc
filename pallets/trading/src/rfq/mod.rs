//! Requests for quotes: an account asks makers for prices of some legs, they answer on the chain, and it
//! takes one answer whole or none.
//!
//! | file | what |
//! |---|---|
//! | `request.rs` | asking, and how a request ends without a trade |
//! | `answer.rs` | answering, and how an answer goes |
//! | `accept.rs` | taking an answer |
//! | `storage.rs` | what is kept |

mod accept;
mod answer;
mod request;
pub(crate) mod storage;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
pub(crate) mod work;

use crate::{BalanceOf, Config};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use frame_system::pallet_prelude::BlockNumberFor;
use plimsoll_primitives::{Contracts, Instrument, Price, SubAccountId};
use scale_info::TypeInfo;

/// A request's number.
pub type RequestId = u64;

/// What is asked of one instrument.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct RequestLeg {
	/// What is to change hands.
	pub instrument: Instrument,
	/// How much the asking account buys (positive) or sells (negative) where it takes an ask; the other
	/// way round where it takes a bid.
	pub size: Contracts,
}

/// One price for each leg, USD per contract, in the order of the legs.
pub type LegPrices<T> = BoundedVec<Price, <T as Config>::MaxLegs>;

/// What an account asks for.
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
pub struct RequestTerms<T: Config> {
	/// All of them trade at once, or none does. Each instrument at most once.
	pub legs: BoundedVec<RequestLeg, T::MaxLegs>,
	/// Whether the account keeps to itself which way it will trade: makers may answer with bids too.
	/// Otherwise it trades the legs as they are written and takes asks only.
	pub two_sided: bool,
	/// The owners whose accounts may answer; none: anybody's may.
	pub makers: BoundedVec<T::AccountId, T::MaxAnswers>,
	/// The last block in which it may be answered and an answer taken.
	pub expiry_block: BlockNumberFor<T>,
}

/// A request that is open.
#[derive(
	CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound(T: Config))]
pub struct Request<T: Config> {
	/// Who asks.
	pub account: SubAccountId<T::AccountId>,
	/// For what.
	pub terms: RequestTerms<T>,
	/// What is held of the owner's native funds for it.
	pub deposit: BalanceOf<T>,
	/// How many answers it has.
	pub answers: u32,
}

/// What a maker answers. At least one of both sides.
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
pub struct AnswerTerms<T: Config> {
	/// At what prices the asking account may trade the legs as they are written.
	pub ask: Option<LegPrices<T>>,
	/// At what prices it may trade each of them the other way; where the request is two-sided.
	pub bid: Option<LegPrices<T>>,
	/// The last block in which it may be taken, if the request lasts as long.
	pub valid_until: BlockNumberFor<T>,
}

/// An answer that may be taken.
#[derive(
	CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound(T: Config))]
pub struct Answer<T: Config> {
	/// What the maker offers.
	pub terms: AnswerTerms<T>,
	/// What is held of the maker's owner's native funds for it.
	pub deposit: BalanceOf<T>,
}

/// Why an answer went while its request stayed.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum AnswerEnd {
	/// The maker has taken it back.
	#[codec(index = 0)]
	Withdrawn,
	/// The asking account does not want it.
	#[codec(index = 1)]
	Dismissed,
	/// Its last block is over.
	#[codec(index = 2)]
	Expired,
}
