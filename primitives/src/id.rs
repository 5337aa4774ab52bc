//! Identifiers: who is margined, and what is traded.

use crate::number::Price;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch, as `pallet-timestamp` keeps them.
pub type Moment = u64;

/// What a contract's price follows (BTC, ETH, DOT), as numbered by the markets pallet.
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
pub struct UnderlyingId(pub u16);

/// A collateral asset, as numbered by the markets pallet. The settlement asset ("cash") is not
/// among them.
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
pub struct CollateralId(pub u16);

/// The unit that is margined: one of an owner's numbered accounts. Margin never crosses
/// sub-accounts.
#[derive(
	Clone,
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
pub struct SubAccountId<AccountId> {
	/// Who owns it; the only one who may withdraw.
	pub owner: AccountId,
	/// Which of the owner's accounts.
	pub number: u16,
}

impl<AccountId> SubAccountId<AccountId> {
	/// The owner's sub-account of this number.
	pub fn new(owner: AccountId, number: u16) -> Self {
		Self { owner, number }
	}
}

/// The right an option gives.
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
pub enum OptionKind {
	/// Pays max(0, settlement price − strike).
	#[codec(index = 0)]
	Call,
	/// Pays max(0, strike − settlement price).
	#[codec(index = 1)]
	Put,
}

/// A contract's terms apart from its underlying. All are for one unit of the underlying and settle
/// in the settlement asset.
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
pub enum Contract {
	/// A perpetual swap on the spot price.
	#[codec(index = 0)]
	Perpetual,
	/// A dated future, settled at the average price before `expiry`.
	#[codec(index = 1)]
	Future { expiry: Moment },
	/// A European option, settled at the average price before `expiry`.
	#[codec(index = 2)]
	Option { expiry: Moment, strike: Price, kind: OptionKind },
}

/// What is traded. It names itself by its terms, so a position can be valued without looking its
/// instrument up, and an identifier can never come to mean another contract.
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
pub struct Instrument {
	/// What its price follows.
	pub underlying: UnderlyingId,
	/// Its terms.
	pub contract: Contract,
}

impl Instrument {
	/// The perpetual of `underlying`.
	pub const fn perpetual(underlying: UnderlyingId) -> Self {
		Self { underlying, contract: Contract::Perpetual }
	}

	/// The future of `underlying` that settles at `expiry`.
	pub const fn future(underlying: UnderlyingId, expiry: Moment) -> Self {
		Self { underlying, contract: Contract::Future { expiry } }
	}

	/// The option on `underlying` with these terms.
	pub const fn option(
		underlying: UnderlyingId,
		expiry: Moment,
		strike: Price,
		kind: OptionKind,
	) -> Self {
		Self { underlying, contract: Contract::Option { expiry, strike, kind } }
	}

	/// When it settles; `None` for a perpetual.
	pub const fn expiry(&self) -> Option<Moment> {
		match self.contract {
			Contract::Perpetual => None,
			Contract::Future { expiry } | Contract::Option { expiry, .. } => Some(expiry),
		}
	}

	/// Whether its price is paid in full when it is traded (an option's premium). A perpetual's or
	/// a future's price is only what profit and loss are counted from.
	pub const fn is_premium_paid(&self) -> bool {
		matches!(self.contract, Contract::Option { .. })
	}
}
