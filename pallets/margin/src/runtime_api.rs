//! What clients ask of accounts without a transaction, through `state_call`.

use crate::{
	interest::InterestRates,
	report::{AccountReport, Change},
};
use alloc::vec::Vec;
use codec::{Codec, Decode, Encode};
use plimsoll_primitives::SubAccountId;
use plimsoll_risk::RiskError;
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum MarginApiError {
	/// The account cannot be valued: which price is missing, for instance.
	#[codec(index = 0)]
	Risk(RiskError),
	/// What a call of that kind would be refused with.
	#[codec(index = 1)]
	Refused(DispatchError),
}

sp_api::decl_runtime_apis! {
	/// Where accounts stand, and where they would.
	pub trait MarginApi<AccountId>
	where
		AccountId: Codec,
	{
		/// Everything about a sub-account. One that does not exist is an error.
		fn account_report(
			account: SubAccountId<AccountId>,
		) -> Result<AccountReport, MarginApiError>;

		/// The same after `changes`, applied in their order, by the same code on the same state. The
		/// account need not exist. Nothing but the account is looked at: not the owner's balance,
		/// not deposit caps, not open interest, and the gate is for the reader to judge: the changes
		/// would pass it where `free_collateral` is known and not negative (a withdrawal that leaves a
		/// debt: at least the loan margin of that debt). Orders join those that the
		/// account has open: `free_collateral` is what is left whichever of them fill, and all else is
		/// as nothing of them has.
		fn simulate(
			account: SubAccountId<AccountId>,
			changes: Vec<Change>,
		) -> Result<AccountReport, MarginApiError>;

		/// What negative cash pays and positive cash earns now.
		fn interest_rates() -> InterestRates;
	}
}
