//! Accounts, as the margin pallet keeps them and the others use them. Each trait is what one other
//! pallet needs, no more.

use crate::{
	book::FillError,
	id::{Instrument, SubAccountId},
	money::{Amount, Balance},
	number::{Contracts, Price, UsdValue},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::Perquintill;
use sp_runtime::DispatchError;
use sp_weights::Weight;

/// Which end of the oracle's confidence interval an account is judged at.
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
	Serialize,
	Deserialize,
)]
pub enum Stance {
	/// The aggregate itself.
	#[codec(index = 0)]
	Mark,
	/// The best for the account: before anything is taken from it. A stale feed counts at its last
	/// price, one scan range in the account's favour.
	#[codec(index = 1)]
	Favourable,
	/// The worst for the account: before it may take risk or withdraw. A stale feed is an error.
	#[codec(index = 2)]
	Unfavourable,
}

/// Where an account stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Health {
	/// Cash, collateral after haircut, and positions at mark.
	pub equity: UsdValue,
	/// The same with collateral at full value: what all of it would fetch at mark.
	pub net_value: UsdValue,
	/// Needed to take more risk.
	pub initial_margin: UsdValue,
	/// Below it, the waterfall.
	pub maintenance_margin: UsdValue,
	/// The shortest run of live blocks among the feeds that the account depends on; 0 where one of
	/// them is stale now; `u32::MAX` where it depends on none.
	pub live_blocks: u32,
	/// How many positions it has.
	pub positions: u32,
}

/// One position as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionView {
	/// What is held.
	pub instrument: Instrument,
	/// How much; never zero.
	pub size: Contracts,
}

/// One leg of a trade, from the taker's side.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Fill {
	/// What changes hands.
	pub instrument: Instrument,
	/// How much the taker buys (positive) or sells (negative).
	pub size: Contracts,
	/// USD per contract.
	pub price: Price,
}

/// What the trading pallet needs.
pub trait Clearing<AccountId> {
	/// Whether `who` may trade for `account`: its owner or a delegate.
	fn may_trade(who: &AccountId, account: &SubAccountId<AccountId>) -> bool;

	/// Applies all fills between two accounts or none, then asks both to pass the gate. Refuses, by
	/// name and by whose fault it is: the same account on both sides, an instrument that is not tradable,
	/// a cap, too many positions, a missing price, margin.
	fn clear(
		taker: &SubAccountId<AccountId>,
		maker: &SubAccountId<AccountId>,
		fills: &[Fill],
	) -> Result<(), FillError>;

	/// The most that `clear` weighs beyond what it does between accounts that are well funded and
	/// hold nothing that has expired: what a caller adds to its own measured weight.
	fn clear_surcharge() -> Weight;
}

/// What the markets pallet needs.
pub trait ContractHolders {
	/// Settles up to `limit` holders of an expired instrument in cash at its settlement price.
	/// Returns how many it settled and whether any are left. One that cannot be settled is passed
	/// over, reported by event, and stays.
	fn settle(instrument: &Instrument, price: Price, limit: u32) -> (u32, bool);

	/// Whether anybody holds it.
	fn is_held(instrument: &Instrument) -> bool;

	/// The most that settling one holder weighs.
	fn settle_weight() -> Weight;
}

/// What the liquidation pallet needs. Each call is all or nothing: on an error the ledger is as it
/// was.
pub trait LiquidationLedger<AccountId> {
	/// What accounts share of the market: worked out at first need, for as long as no price changes,
	/// which is within one hook or call.
	type Market: Default;

	/// Where an account stands. An account that does not exist is an error.
	fn health(account: &SubAccountId<AccountId>, stance: Stance) -> Result<Health, DispatchError>;

	/// The same with all of its open orders, as the gate sees it: initial margin is what the account may
	/// need whichever of them fill. Nothing else differs.
	fn health_with_orders(
		account: &SubAccountId<AccountId>,
		stance: Stance,
	) -> Result<Health, DispatchError>;

	/// `health` with what earlier valuations left in `market`, to the same figures; and what it
	/// weighed.
	fn health_in(
		market: &mut Self::Market,
		account: &SubAccountId<AccountId>,
		stance: Stance,
	) -> (Result<Health, DispatchError>, Weight);

	/// Whether trading is halted on the whole chain: nothing is taken from anybody then. By default it
	/// never is.
	fn is_halted() -> bool {
		false
	}

	/// Whether the account exists.
	fn exists(account: &SubAccountId<AccountId>) -> bool;

	/// Up to `limit` accounts in storage order, after `after` (from the first, where `None` or
	/// where the end was reached on the last call).
	fn accounts_after(
		after: Option<SubAccountId<AccountId>>,
		limit: u32,
	) -> Vec<SubAccountId<AccountId>>;

	/// An account's positions, in the order they are kept.
	fn positions(account: &SubAccountId<AccountId>) -> Vec<PositionView>;

	/// Up to `limit` holders of an instrument in storage order, after `after`.
	fn holders_after(
		instrument: &Instrument,
		after: Option<SubAccountId<AccountId>>,
		limit: u32,
	) -> Vec<SubAccountId<AccountId>>;

	/// The size of which all positions in an instrument are whole multiples. Deleveraging closes
	/// parts of positions in whole lots, so that what is left can be traded. A ledger that lists
	/// instruments with lots must override it; by default sizes are not rounded.
	fn lot(instrument: &Instrument) -> Contracts {
		let _ = instrument;
		Contracts::from_inner(1)
	}

	/// Moves a pro-rata slice of everything `from` has (cash of either sign, collateral, positions
	/// rounded up to lots) to `to`. `price` is what `to` pays for it in settlement units; where it is
	/// negative the insurance fund pays `to`. Then `to` must pass the initial-margin gate.
	fn transfer_slice(
		from: &SubAccountId<AccountId>,
		to: &SubAccountId<AccountId>,
		share: Perquintill,
		price: Amount,
	) -> Result<(), DispatchError>;

	/// Trades `size` (signed, from `from`'s side) of one instrument between two accounts at mark,
	/// with no gate.
	fn trade_at_mark(
		from: &SubAccountId<AccountId>,
		to: &SubAccountId<AccountId>,
		instrument: &Instrument,
		size: Contracts,
	) -> Result<(), DispatchError>;

	/// Takes a liquidation fee from an account's cash to the insurance fund, at most what keeps
	/// its equity at zero. Returns what was taken, in settlement units.
	fn charge_fee(
		account: &SubAccountId<AccountId>,
		fee: Balance,
	) -> Result<Balance, DispatchError>;

	/// The insurance fund buys, at haircut value, as much collateral of an account without
	/// positions as its negative cash needs. Returns what it paid, in settlement units.
	fn buy_collateral(account: &SubAccountId<AccountId>) -> Result<Balance, DispatchError>;

	/// The insurance fund pays the negative cash of an account that has neither positions nor
	/// collateral, as far as it reaches; what is left is shared by all who have positive cash, at
	/// once. Returns (paid by the fund, shared), in settlement units.
	fn absorb_deficit(
		account: &SubAccountId<AccountId>,
	) -> Result<(Balance, Balance), DispatchError>;

	/// What the insurance fund holds, in settlement units.
	fn insurance_fund() -> Balance;

	/// USD as settlement units, against whoever asks.
	fn settlement_units(value: UsdValue, rounding: crate::Rounding) -> Option<Amount>;

	/// The most that one `health` weighs.
	fn health_weight() -> Weight;

	/// The most that one `health_with_orders` weighs.
	fn health_with_orders_weight() -> Weight;

	/// The most that one `health_in` weighs.
	fn health_in_weight() -> Weight;

	/// The most that one `transfer_slice` weighs.
	fn transfer_slice_weight() -> Weight;

	/// The most that one `trade_at_mark` weighs.
	fn trade_at_mark_weight() -> Weight;

	/// The most that `charge_fee`, `buy_collateral` and `absorb_deficit` weigh together.
	fn close_weight() -> Weight;
}
