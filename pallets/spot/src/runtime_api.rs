//! What clients ask of pairs without a transaction, through `state_call`.

use crate::{maker_quote::SignedQuote, swap::SwapQuote};
use alloc::vec::Vec;
use codec::Codec;
use plimsoll_primitives::{Balance, CollateralId, OrderSide, Price, SubAccountId};
use sp_runtime::DispatchError;

sp_api::decl_runtime_apis! {
	/// What swaps would get.
	pub trait SpotApi<AccountId, Hash, Signature>
	where
		AccountId: Codec,
		Hash: Codec,
		Signature: Codec,
	{
		/// What the call `swap` would trade with these arguments now, by the same code on the same
		/// state, and where; or why it would be refused. Of the account only its owner's fees, its own
		/// orders and what quotes it may take are looked at, not what it has; nor whether trading is halted. A
		/// quote whose last block is this one is good here and not for a call, which comes in a later one.
		fn quote_swap(
			account: SubAccountId<AccountId>,
			collateral: CollateralId,
			side: OrderSide,
			amount: Balance,
			worst_price: Price,
			all_or_nothing: bool,
			quotes: Vec<SignedQuote<AccountId, Hash, Signature>>,
		) -> Result<SwapQuote, DispatchError>;
	}
}
