//! Where markets in collateral and accounts meet: cash against a collateral asset.

use crate::{
	accounts::Clearing,
	book::OrderSide,
	id::{CollateralId, SubAccountId},
	money::Balance,
};
use sp_runtime::{DispatchError, DispatchResult};
use sp_weights::Weight;

/// What an exchange moved, each in the asset's own units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchanged {
	/// What the account gave: cash where it bought, collateral where it sold.
	pub paid: Balance,
	/// What it got.
	pub received: Balance,
}

/// What a market in collateral needs of accounts.
pub trait CollateralExchange<AccountId>: Clearing<AccountId> {
	/// Has `account` buy (or sell) collateral against cash at a venue outside of the clearing house, for
	/// which it expects to pay `paid`: without that the venue is not asked.
	/// `swap` makes the exchange on what the clearing house's own account, which it is told, holds of
	/// both assets; it may change nothing else there, and no sub-account. What moved is measured, and is
	/// the account's: it must have had what was paid, and then pass the gate. All or nothing.
	///
	/// Refuses, by name: an account that does not exist, collateral that is not listed, more than it
	/// has, cash that it would have to borrow, a deposit cap, margin.
	fn exchange_outside(
		account: &SubAccountId<AccountId>,
		collateral: CollateralId,
		side: OrderSide,
		paid: Balance,
		swap: impl FnOnce(&AccountId) -> DispatchResult,
	) -> Result<Exchanged, DispatchError>;

	/// The most that `exchange_outside` weighs beyond `swap`.
	fn exchange_weight() -> Weight;
}
