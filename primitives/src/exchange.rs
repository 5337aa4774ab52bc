//! Where markets in collateral and accounts meet: cash against a collateral asset, with venues outside of
//! the clearing house and with orders of other accounts that rest.
//!
//! What an order gives is *set aside* when it comes to rest: it leaves its account's record, counts for
//! nothing there, and comes back where the order goes. So a fill asks no gate of its maker, which is refused
//! only where it has no room for another asset.

use crate::{
	accounts::Clearing,
	book::{FillError, FillFees, OrderSide},
	id::{CollateralId, SubAccountId},
	money::Balance,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::Permill;
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

/// What is left of an order in a collateral asset that rests, and so what is set aside for it.
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
pub struct SetAside {
	/// What it buys or sells.
	pub collateral: CollateralId,
	/// Which of both.
	pub side: OrderSide,
	/// How much is left of it, in the asset's own units.
	pub amount: Balance,
	/// What that comes to at the order's price, settlement units, before its fee.
	pub cash: Balance,
	/// The part of what changes hands that it is charged.
	pub fee: Permill,
}

impl SetAside {
	/// The fee for all that is left, rounded up. A part that fills is charged what this falls by, so that
	/// the fees of an order come to that of all of it, however it fills.
	pub fn fee_left(&self) -> Balance {
		self.fee.mul_ceil(self.cash)
	}

	/// What is set aside of cash: the price and the fee of what is to be bought. `None` on overflow.
	pub fn cash_held(&self) -> Option<Balance> {
		match self.side {
			OrderSide::Buy => self.cash.checked_add(self.fee_left()),
			OrderSide::Sell => Some(0),
		}
	}

	/// What is set aside of the collateral: what is to be sold.
	pub const fn collateral_held(&self) -> Balance {
		match self.side {
			OrderSide::Buy => 0,
			OrderSide::Sell => self.amount,
		}
	}

	/// What a fill moves that leaves `left`: of the collateral, of cash, and the fee. `None` where that is
	/// no part of this.
	pub fn filled(&self, left: &Self) -> Option<(Balance, Balance, Balance)> {
		let is_same =
			(self.collateral, self.side, self.fee) == (left.collateral, left.side, left.fee);
		let fee = self.fee_left().checked_sub(left.fee_left())?;
		let moved = (self.amount.checked_sub(left.amount)?, self.cash.checked_sub(left.cash)?, fee);
		(is_same && moved.0 > 0).then_some(moved)
	}
}

/// All that is set aside of an account's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AllSetAside {
	/// Settlement units.
	pub cash: Balance,
	/// In the assets' own units; ascending, none of them zero.
	pub collateral: Vec<(CollateralId, Balance)>,
}

/// What a market in collateral needs of accounts.
///
/// An account's trade is made in one call: opened, filled against resting orders of others any number of
/// times, perhaps also swapped outside, closed. It passes the gate once, when all is done.
pub trait CollateralExchange<AccountId>: Clearing<AccountId> {
	/// What all trades of one call share: what accounts read of the market, worked out at first need, and a
	/// count of what has been done. No account's data are in it, so that it outlives a trade that fails.
	type Session: Default;

	/// An account's trade of one collateral asset while it is made.
	type Exchange<'s>;

	/// Begins a trade of `account`. Refuses an account that does not exist, collateral that is not listed or
	/// is the settlement asset itself, and any while its feed's underlying or the whole chain is halted. Until it is closed, accounts
	/// may be changed through it only. A session must not outlive the call: prices may change then.
	fn open_exchange<'s>(
		session: &'s mut Self::Session,
		account: &SubAccountId<AccountId>,
		collateral: CollateralId,
	) -> Result<Self::Exchange<'s>, DispatchError>;

	/// What an owner is charged of what changes hands: as maker, and as taker.
	fn fee_rates(owner: &AccountId) -> (Permill, Permill);

	/// Whether an account has room to get a collateral asset.
	fn has_room(account: &SubAccountId<AccountId>, collateral: CollateralId) -> bool;

	/// One fill against an order of `maker`, of which there was `resting` and will be `left`. Moves what
	/// changes hands and both fees. All or nothing. The maker's account is never the trade's own. A maker is
	/// refused that has no room for what it would get; the trade fails where its account lacks what it
	/// would pay. Returns the fees.
	fn fill_set_aside(
		exchange: &mut Self::Exchange<'_>,
		maker: &SubAccountId<AccountId>,
		resting: &SetAside,
		left: &SetAside,
	) -> Result<FillFees, FillError>;

	/// Buys (or sells) collateral against cash at a venue outside of the clearing house, for which `paid` is
	/// expected to be paid: where the account lacks that, the venue is not asked.
	/// `swap` makes the exchange on what the clearing house's own account, which it is told, holds of
	/// both assets; it may change nothing else there, and no sub-account. What moved is measured, and is
	/// the account's, which must have had what was paid. On an error the caller must undo all since
	/// `open_exchange`.
	///
	/// Refuses, by name: more than the account has, cash that it would have to borrow, a deposit cap.
	fn swap_outside(
		exchange: &mut Self::Exchange<'_>,
		side: OrderSide,
		paid: Balance,
		swap: impl FnOnce(&AccountId) -> DispatchResult,
	) -> Result<Exchanged, DispatchError>;

	/// [`release`](Self::release) while a trade is open, of any account.
	fn release_during(
		exchange: &mut Self::Exchange<'_>,
		account: &SubAccountId<AccountId>,
		cancelled: &SetAside,
	) -> DispatchResult;

	/// Sets aside what is to rest, if anything is, asks the account to pass the gate where it has changed,
	/// and writes it. What is set aside must be there: nothing is borrowed for it, and the account must have
	/// its initial margin without it. On an error the caller must undo all since `open_exchange`.
	fn close_exchange(exchange: Self::Exchange<'_>, rest: Option<&SetAside>) -> DispatchResult;

	/// Gives back what was set aside for an order, or what is left of one, that is cancelled: at any time.
	/// Fails only where less is set aside than is to be given back, which must never be.
	fn release(account: &SubAccountId<AccountId>, cancelled: &SetAside) -> DispatchResult;

	/// All that is set aside, of all accounts: for checks of state only, since it reads all.
	fn all_set_aside() -> Vec<(SubAccountId<AccountId>, AllSetAside)>;

	/// The most that opening and closing a session's first trade weigh together, with a swap outside, but
	/// without what the venue does.
	fn exchange_weight() -> Weight;

	/// The same of each further trade of the same account in the session.
	fn further_exchange_weight() -> Weight;

	/// What opening and closing all of a session's trades has weighed, those that failed too: a caller that
	/// has paid for more gives the rest back.
	fn exchanged_weight(session: &Self::Session) -> Weight;

	/// The most that one `fill_set_aside` weighs, whether it is made or not.
	fn set_aside_fill_weight() -> Weight;

	/// The most that one `release` weighs.
	fn set_aside_release_weight() -> Weight;
}

#[cfg(test)]
mod tests {
	use super::*;

	fn bid(amount: Balance, cash: Balance) -> SetAside {
		let (collateral, side) = (CollateralId(0), OrderSide::Buy);
		SetAside { collateral, side, amount, cash, fee: Permill::from_parts(333_333) }
	}

	#[test]
	fn fees_of_parts_come_to_the_fee_of_all_however_an_order_fills() {
		let all = bid(10, 100);
		let mut left = all;
		let mut fees = 0;
		for (amount, cash) in [(9, 91), (5, 50), (1, 1), (0, 0)] {
			let after = bid(amount, cash);
			let (_, _, fee) = left.filled(&after).expect("a part fills");
			fees += fee;
			left = after;
			assert_eq!(left.cash_held(), Some(cash + left.fee_left()));
		}
		assert_eq!(fees, all.fee_left());
		assert_eq!(all.fee_left(), 34);
	}

	#[test]
	fn nothing_fills_where_more_is_left_or_another_order_is() {
		let all = bid(10, 100);
		assert_eq!(all.filled(&bid(11, 100)), None);
		assert_eq!(all.filled(&bid(9, 101)), None);
		assert_eq!(all.filled(&all), None);
		let other = SetAside { side: OrderSide::Sell, ..bid(1, 10) };
		assert_eq!(all.filled(&other), None);
		assert_eq!(bid(1, Balance::MAX).cash_held(), None);
	}
}
