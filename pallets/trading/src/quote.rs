//! The quote: what a maker offers, how it is signed, and how that signature is checked.
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

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use plimsoll_primitives::{Fill, QuoteSeal, SubAccountId};
use scale_info::TypeInfo;
use sp_core::Get;
use sp_io::hashing::blake2_256;
use sp_runtime::traits::{IdentifyAccount, UniqueSaturatedInto, Verify};

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

	/// What it says of itself, with this signature.
	pub(crate) fn sealed<'q, Signature>(
		&'q self,
		signature: &'q Signature,
	) -> QuoteSeal<'q, AccountId, Hash, Signature>
	where
		BlockNumber: UniqueSaturatedInto<u32>,
	{
		QuoteSeal {
			maker: &self.maker,
			signer: &self.signer,
			taker: self.taker.as_ref(),
			expiry_block: self.expiry_block.clone().unique_saturated_into(),
			nonce: self.nonce,
			genesis_hash: &self.genesis_hash,
			signing_hash: self.signing_hash(),
			signature,
		}
	}
}

/// Whether `signature` is `signer`'s over the 32 bytes, either plain (as a program signs) or wrapped (as a
/// wallet signs, see [`wrapped`]).
pub fn is_signed<AccountId, Signature>(
	hash: &[u8; 32],
	signer: &AccountId,
	signature: &Signature,
) -> bool
where
	Signature: Verify,
	Signature::Signer: IdentifyAccount<AccountId = AccountId>,
{
	signature.verify(hash.as_slice(), signer) || signature.verify(wrapped(hash).as_slice(), signer)
}

/// A hash as wallets sign it when a page hands them raw bytes: between `<Bytes>` and `</Bytes>`.
pub fn wrapped(hash: &[u8; 32]) -> Vec<u8> {
	[WRAP_START, hash.as_slice(), WRAP_END].concat()
}
