//! Quotes that makers sign off the chain, whatever it is that they offer.

use crate::id::SubAccountId;
use sp_runtime::DispatchResult;

/// What a signed quote says of itself, with its signature.
#[derive(Clone, Copy, Debug)]
pub struct QuoteSeal<'q, AccountId, Hash, Signature> {
	/// The sub-account that trades if the quote is taken.
	pub maker: &'q SubAccountId<AccountId>,
	/// Who signs: the maker's owner or a delegate of that sub-account.
	pub signer: &'q AccountId,
	/// Only sub-accounts of this owner may take it; `None`: anybody's may.
	pub taker: Option<&'q AccountId>,
	/// The last block in which it may be taken.
	pub expiry_block: u32,
	/// One of the maker sub-account's own numbers; each can be traded on once, whatever is traded.
	pub nonce: u64,
	/// Hash of the first block of the chain that it is for.
	pub genesis_hash: &'q Hash,
	/// What is signed: 32 bytes that stand for all of the quote and for what kind of quote it is.
	pub signing_hash: [u8; 32],
	/// The signature.
	pub signature: &'q Signature,
}

/// Which signed quotes are good.
pub trait SignedQuotes<AccountId, Hash, Signature> {
	/// Whether `taker` may take a quote now. Refuses, by name, one of its own, one for another taker, chain or
	/// time, one that was taken or cancelled, one whose maker has fallen silent, and one that nobody has signed
	/// who may trade for its maker.
	fn ensure_good(
		taker: &SubAccountId<AccountId>,
		quote: &QuoteSeal<'_, AccountId, Hash, Signature>,
	) -> DispatchResult;

	/// Notes that a quote was taken: none of its maker's with this nonce can be taken again.
	fn note_taken(maker: &SubAccountId<AccountId>, nonce: u64);
}
