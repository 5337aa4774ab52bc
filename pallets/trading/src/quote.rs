//! The quote: what a maker offers, how it is signed, and how that signature is checked.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use plimsoll_primitives::{Fill, SubAccountId};
use scale_info::TypeInfo;
use sp_core::Get;
use sp_io::hashing::blake2_256;
use sp_runtime::traits::{IdentifyAccount, Verify};

/// What every signed quote begins with, as plain bytes with no length in front, so that a
/// signature for a block trade can be used for nothing else, and none made for anything else can
/// be used for a block trade.
pub const DOMAIN: [u8; 23] = *b"plimsoll/block-trade/v1";

/// What wallets put around bytes that a page asks them to sign.
const WRAP_START: &[u8] = b"<Bytes>";
const WRAP_END: &[u8] = b"</Bytes>";

/// A maker's offer to trade all of `legs` or nothing, made off chain.
///
/// It is good for one trade, until the end of block `expiry_block`, on one chain.
#[derive(
	CloneNoBound,
	DebugNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
)]
#[scale_info(skip_type_params(MaxLegs))]
pub struct Quote<AccountId, BlockNumber, Hash, MaxLegs>
where
	AccountId: Clone + core::fmt::Debug + PartialEq + Eq,
	BlockNumber: Clone + core::fmt::Debug + PartialEq + Eq,
	Hash: Clone + core::fmt::Debug + PartialEq + Eq,
	MaxLegs: Get<u32>,
{
	/// The sub-account that trades if the quote is taken.
	pub maker: SubAccountId<AccountId>,
	/// Who signs: the maker's owner or a delegate of that sub-account.
	pub signer: AccountId,
	/// Only sub-accounts of this owner may take it; `None`: anybody's may.
	pub taker: Option<AccountId>,
	/// What is traded, from the taker's side: a positive size is bought by the taker and sold by
	/// the maker. Each instrument at most once.
	pub legs: BoundedVec<Fill, MaxLegs>,
	/// The last block in which it may be taken.
	pub expiry_block: BlockNumber,
	/// One of the maker sub-account's own numbers; each can be traded on once.
	pub nonce: u64,
	/// Hash of the first block of the chain that it is for.
	pub genesis_hash: Hash,
}

impl<AccountId, BlockNumber, Hash, MaxLegs> Quote<AccountId, BlockNumber, Hash, MaxLegs>
where
	AccountId: Clone + core::fmt::Debug + PartialEq + Eq + Encode,
	BlockNumber: Clone + core::fmt::Debug + PartialEq + Eq + Encode,
	Hash: Clone + core::fmt::Debug + PartialEq + Eq + Encode,
	MaxLegs: Get<u32>,
{
	/// What the maker signs: blake2b-256 of [`DOMAIN`] followed by the SCALE encoding of the quote.
	pub fn signing_hash(&self) -> [u8; 32] {
		(DOMAIN, self).using_encoded(blake2_256)
	}

	/// Whether `signature` is [`Quote::signer`]'s over [`Quote::signing_hash`], either plain (as a
	/// program signs) or wrapped (as a wallet signs, see [`wrapped`]).
	pub fn is_signed_with<Signature>(&self, signature: &Signature) -> bool
	where
		Signature: Verify,
		Signature::Signer: IdentifyAccount<AccountId = AccountId>,
	{
		let hash = self.signing_hash();
		signature.verify(hash.as_slice(), &self.signer)
			|| signature.verify(wrapped(&hash).as_slice(), &self.signer)
	}
}

/// A hash as wallets sign it when a page hands them raw bytes: between `<Bytes>` and `</Bytes>`.
pub fn wrapped(hash: &[u8; 32]) -> Vec<u8> {
	[WRAP_START, hash.as_slice(), WRAP_END].concat()
}
