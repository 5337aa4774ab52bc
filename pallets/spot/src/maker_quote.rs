//! What makers sign off the chain for swaps to take.
//!
//! ## Signing
//!
//! What is signed is 32 bytes: blake2b-256 of the 16 bytes `plimsoll/swap/v1` (no length in front) followed by
//! the SCALE encoding of the quote; over these bytes, or over `<Bytes>` + the 32 bytes + `</Bytes>`, as for block
//! trades. The quote's layout, all integers little endian:
//!
//! | bytes | field |
//! |---|---|
//! | 32 | `maker.owner` |
//! | 2 | `maker.number`: u16 |
//! | 32 | `signer` |
//! | 1 or 33 | `taker`: 0, or 1 and the owner's account |
//! | 2 | `collateral`: u16 |
//! | 1 | `side`: what the maker does; 0 buys, 1 sells |
//! | 16 | `price`: u128, scaled by 10^18 |
//! | 16 | `amount`: u128 |
//! | 4 | `expiry_block`: u32 |
//! | 8 | `nonce`: u64 |
//! | 32 | `genesis_hash` |

use codec::{Decode, DecodeWithMemTracking, Encode};
use plimsoll_primitives::{Balance, CollateralId, OrderSide, Price, QuoteSeal, SubAccountId};
use scale_info::TypeInfo;
use sp_runtime::traits::{BlakeTwo256, Hash as _};

/// What every signed quote begins with, as plain bytes with no length in front, so that its signature can be
/// used for nothing else.
pub const DOMAIN: [u8; 16] = *b"plimsoll/swap/v1";

/// A maker's offer to trade as much of `amount` as a swap takes, made off chain. It is good for one swap, until
/// the end of block `expiry_block`, on one chain. One swap uses it up, however little it takes: who signs for
/// anybody lets anybody do so.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct MakerQuote<AccountId, Hash> {
	/// The sub-account that trades if the quote is taken.
	pub maker: SubAccountId<AccountId>,
	/// Who signs: the maker's owner or a delegate of that sub-account.
	pub signer: AccountId,
	/// Only sub-accounts of this owner may take it; `None`: anybody's may.
	pub taker: Option<AccountId>,
	/// The pair.
	pub collateral: CollateralId,
	/// Whether the maker buys the collateral or sells it.
	pub side: OrderSide,
	/// Settlement asset for one whole collateral asset, before fees; whole ticks.
	pub price: Price,
	/// The most that is traded, in the asset's own units; whole lots, above zero.
	pub amount: Balance,
	/// The last block in which it may be taken; no further ahead than the trading pallet's `MaxQuoteLifetime`.
	pub expiry_block: u32,
	/// One of the maker sub-account's own numbers; each can be traded on once, here or in a block trade.
	pub nonce: u64,
	/// Hash of the first block of the chain that it is for.
	pub genesis_hash: Hash,
}

impl<AccountId: Encode, Hash: Encode> MakerQuote<AccountId, Hash> {
	/// What the maker signs: blake2b-256 of [`DOMAIN`] followed by the SCALE encoding of the quote.
	pub fn signing_hash(&self) -> [u8; 32] {
		BlakeTwo256::hash_of(&(DOMAIN, self)).into()
	}
}

/// A quote with its signature.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SignedQuote<AccountId, Hash, Signature> {
	/// What is offered.
	pub quote: MakerQuote<AccountId, Hash>,
	/// [`MakerQuote::signer`]'s, over [`MakerQuote::signing_hash`].
	pub signature: Signature,
}

impl<AccountId: Encode, Hash: Encode, Signature> SignedQuote<AccountId, Hash, Signature> {
	/// What it says of itself.
	pub(crate) fn seal(&self) -> QuoteSeal<'_, AccountId, Hash, Signature> {
		let Self { quote, signature } = self;
		QuoteSeal {
			maker: &quote.maker,
			signer: &quote.signer,
			taker: quote.taker.as_ref(),
			expiry_block: quote.expiry_block,
			nonce: quote.nonce,
			genesis_hash: &quote.genesis_hash,
			signing_hash: quote.signing_hash(),
			signature,
		}
	}
}
