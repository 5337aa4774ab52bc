//! What clients ask of pairs without a transaction, through `state_call`.

use crate::swap::SwapQuote;
use plimsoll_primitives::{Balance, CollateralId, OrderSide, Price};
use sp_runtime::DispatchError;

sp_api::decl_runtime_apis! {
	/// What swaps would get.
	pub trait SpotApi {
		/// What the call `swap` would trade with these arguments now, by the same code on the same
		/// state, and where; or why it would be refused. No account is looked at.
		fn quote_swap(
			collateral: CollateralId,
			side: OrderSide,
			amount: Balance,
			worst_price: Price,
			all_or_nothing: bool,
		) -> Result<SwapQuote, DispatchError>;
	}
}
