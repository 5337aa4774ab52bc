//! What clients ask of pairs without a transaction, through `state_call`.

use crate::swap::SwapQuote;
use codec::Codec;
use plimsoll_primitives::{Balance, CollateralId, OrderSide, Price, SubAccountId};
use sp_runtime::DispatchError;

sp_api::decl_runtime_apis! {
	/// What swaps would get.
	pub trait SpotApi<AccountId>
	where
		AccountId: Codec,
	{
		/// What the call `swap` would trade with these arguments now, by the same code on the same
		/// state, and where; or why it would be refused. Of the account only its owner's fees and its own
		/// orders are looked at, not what it has.
		fn quote_swap(
			account: SubAccountId<AccountId>,
			collateral: CollateralId,
			side: OrderSide,
			amount: Balance,
			worst_price: Price,
			all_or_nothing: bool,
		) -> Result<SwapQuote, DispatchError>;
	}
}
