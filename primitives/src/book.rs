//! Where the order book and accounts meet. Matching belongs to the trading pallet; what an order may
//! do to an account, to the margin pallet.
//!
//! A taker's order is matched in one call: opened, filled any number of times, each time against the
//! resting order of another account, closed. The maker of each fill passes the gate at that fill; the
//! taker once, when all is done.

use crate::{
	accounts::{Clearing, Fill},
	id::{Instrument, SubAccountId},
	money::Balance,
	number::{Contracts, Price, UsdValue},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::{DispatchError, DispatchResult};
use sp_weights::Weight;

/// What an order does with the instrument.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub enum OrderSide {
	/// Bids.
	#[codec(index = 0)]
	Buy,
	/// Asks.
	#[codec(index = 1)]
	Sell,
}

impl OrderSide {
	/// The side that it trades with.
	pub const fn opposite(self) -> Self {
		match self {
			Self::Buy => Self::Sell,
			Self::Sell => Self::Buy,
		}
	}

	/// The change of position that `size` contracts (not negative) of this side make: positive where
	/// it buys. `None` on overflow.
	pub fn signed(self, size: Contracts) -> Option<Contracts> {
		match self {
			Self::Buy => Some(size),
			Self::Sell => size.checked_neg(),
		}
	}
}

/// What rests in the book of an order, or is taken out of it.
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
pub struct Resting {
	/// What it buys or sells.
	pub instrument: Instrument,
	/// Which of both.
	pub side: OrderSide,
	/// How much; above zero.
	pub size: Contracts,
	/// Its limit, USD per contract.
	pub price: Price,
}

/// One account's open orders in one instrument, summed: what may yet fill.
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
pub struct OrderTotals {
	/// What they buy or sell.
	pub instrument: Instrument,
	/// The size of those that buy; not negative.
	pub buys: Contracts,
	/// What it costs at their limits, USD; rounded up.
	pub buys_value: UsdValue,
	/// The size of those that sell; not negative.
	pub sells: Contracts,
	/// What it brings at their limits, USD; rounded down.
	pub sells_value: UsdValue,
}

impl OrderTotals {
	/// No orders in `instrument`.
	pub const fn none(instrument: Instrument) -> Self {
		Self {
			instrument,
			buys: Contracts::ZERO,
			buys_value: UsdValue::ZERO,
			sells: Contracts::ZERO,
			sells_value: UsdValue::ZERO,
		}
	}

	/// Whether nothing is open.
	pub const fn is_empty(&self) -> bool {
		self.buys.is_zero() && self.sells.is_zero()
	}
}

/// What a fill cost each side, in settlement units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FillFees {
	/// The side whose order came in.
	pub taker: Balance,
	/// The side whose order rested.
	pub maker: Balance,
}

/// Why a fill was not made. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FillError {
	/// The maker cannot take its side, for this reason: its order goes, the taker's goes on.
	MakerRefused(DispatchError),
	/// Nobody could have it now, for this reason: the taker keeps what it has and stops.
	Stopped(DispatchError),
	/// The taker cannot: the call fails.
	Failed(DispatchError),
}

impl From<FillError> for DispatchError {
	fn from(error: FillError) -> Self {
		match error {
			FillError::MakerRefused(error)
			| FillError::Stopped(error)
			| FillError::Failed(error) => error,
		}
	}
}

impl From<DispatchError> for FillError {
	fn from(error: DispatchError) -> Self {
		Self::Failed(error)
	}
}

/// What the order book needs of accounts.
pub trait BookClearing<AccountId>: Clearing<AccountId> {
	/// What all orders of one call share: what accounts read of the market, worked out at first need, and
	/// a count of what has been done. No account's data are in it, so that it outlives an order that fails.
	type Session: Default;

	/// A taker's order while it is matched.
	type Matching<'s>;

	/// Begins to match an order of `taker`. Refuses an account that does not exist. Until it is closed,
	/// accounts may be changed through this trait only. A session must not outlive the call: prices may
	/// change then.
	fn open_matching<'s>(
		session: &'s mut Self::Session,
		taker: &SubAccountId<AccountId>,
	) -> Result<Self::Matching<'s>, DispatchError>;

	/// One fill, from the taker's side, against what rests of `maker` at the fill's price. Moves
	/// positions and cash of both, fees included; takes what filled off the maker's open orders; asks
	/// the maker to pass the gate with those that are left. All or nothing. That both are accounts of
	/// the same owner is allowed, that they are the same account is not. Returns the fees.
	fn fill(
		matching: &mut Self::Matching<'_>,
		maker: &SubAccountId<AccountId>,
		fill: &Fill,
	) -> Result<FillFees, FillError>;

	/// Adds what is left of the order, where it is to rest, to the taker's open orders, asks the taker
	/// to pass the gate with all of them, and writes what the matching has changed. On an error the
	/// caller must undo all since `open_matching`, as a failing call does.
	fn close_matching(matching: Self::Matching<'_>, rest: Option<Resting>) -> DispatchResult;

	/// Takes what was cancelled off an account's open orders: at any time, of any account, the taker
	/// too. It never fails and asks no gate: a cancellation always goes through.
	fn release_order(account: &SubAccountId<AccountId>, cancelled: &Resting);

	/// What an account holds of an instrument; zero where it or the account does not exist.
	fn position(account: &SubAccountId<AccountId>, instrument: &Instrument) -> Contracts;

	/// An instrument's mark. An error where a price that it needs is not live.
	fn mark(instrument: &Instrument) -> Result<Price, DispatchError>;

	/// What is open of an account's orders in one instrument.
	fn order_totals(account: &SubAccountId<AccountId>, instrument: &Instrument) -> OrderTotals;

	/// The same of all accounts and instruments: for checks of state only, since it reads all.
	fn all_order_totals() -> Vec<(SubAccountId<AccountId>, OrderTotals)>;

	/// The most that opening and closing a session's first matching weigh together, with the account's
	/// position and the mark in between.
	fn matching_weight() -> Weight;

	/// The same of each further matching of the same account in the session.
	fn further_matching_weight() -> Weight;

	/// The most that one `fill` weighs, whether it is made or not.
	fn fill_weight() -> Weight;

	/// What the session's matchings have weighed, those that failed too: a caller that has paid for more
	/// gives the rest back.
	fn used_weight(session: &Self::Session) -> Weight;

	/// The most that one `release_order` weighs.
	fn release_weight() -> Weight;
}

/// What it takes to trade so much at once, on each side of a book. None on a side that has not so much
/// within the levels that are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImpactPrices {
	/// Down to which price so much can be sold, USD per contract.
	pub bid: Option<Price>,
	/// Up to which price so much can be bought, USD per contract.
	pub ask: Option<Price>,
}

/// What funding and marks need of the order book.
pub trait BookQuotes {
	/// The impact prices of an instrument's book for `worth`, USD, above zero: on each side the worst price
	/// that trading so much at once would meet. Orders that had expired before the previous block count for
	/// nothing, wherever they stand: in a hook it is that block's book that is looked at.
	fn impact(instrument: &Instrument, worth: UsdValue) -> ImpactPrices;

	/// The most that one `impact` weighs: a constant, whatever the book's depth.
	fn impact_weight() -> Weight;
}

/// A chain without an order book.
impl BookQuotes for () {
	fn impact(_: &Instrument, _: UsdValue) -> ImpactPrices {
		ImpactPrices::default()
	}

	fn impact_weight() -> Weight {
		Weight::zero()
	}
}

/// What cancelling an account's orders has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cancelled {
	/// How many were cancelled.
	pub orders: u32,
	/// Whether any are left.
	pub are_left: bool,
	/// Whether something that was set aside for them came back to the account.
	pub released: bool,
	/// Whether something is still set aside for those that are left.
	pub withheld: bool,
}

/// What the waterfall, and a switch that cancels on silence, need of order books.
pub trait OpenOrders<AccountId> {
	/// Cancels up to `limit` of an account's orders, because of this.
	fn cancel_orders(account: &SubAccountId<AccountId>, limit: u32, cause: MassCancel)
		-> Cancelled;

	/// The most that cancelling one order weighs, and so does finding that there is none.
	fn cancel_weight() -> Weight;
}

/// Why all orders of an account are cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MassCancel {
	/// It is below its maintenance margin.
	Liquidation,
	/// Nobody has sent a trading call for it for as long as it has said.
	Silence,
}

/// A chain without order books.
impl<AccountId> OpenOrders<AccountId> for () {
	fn cancel_orders(_: &SubAccountId<AccountId>, _: u32, _: MassCancel) -> Cancelled {
		Cancelled::default()
	}

	fn cancel_weight() -> Weight {
		Weight::zero()
	}
}

/// Whether accounts are heard of: one may have its orders cancelled where nobody trades for it any more.
pub trait Silence<AccountId> {
	/// Notes that a trading call for an account has come.
	fn note_seen(account: &SubAccountId<AccountId>);

	/// Whether an account has been silent for as long as it said: its orders don't fill any more, and its
	/// quotes aren't taken.
	fn is_silent(account: &SubAccountId<AccountId>) -> bool;

	/// The most that `note_seen` weighs.
	fn note_seen_weight() -> Weight;
}

/// A chain on which nobody is missed.
impl<AccountId> Silence<AccountId> for () {
	fn note_seen(_: &SubAccountId<AccountId>) {}

	fn is_silent(_: &SubAccountId<AccountId>) -> bool {
		false
	}

	fn note_seen_weight() -> Weight {
		Weight::zero()
	}
}
