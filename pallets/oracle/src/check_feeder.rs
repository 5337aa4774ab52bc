//! The transaction extension that lets feeds in first.

use crate::{Call, Config, WeightInfo};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::marker::PhantomData;
use frame_support::{
	pallet_prelude::{TransactionSource, Weight},
	traits::{IsSubType, OriginTrait, SortedMembers},
	CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound,
};
use frame_system::Config as SystemConfig;
use scale_info::TypeInfo;
use sp_runtime::{
	impl_tx_ext_default,
	traits::{DispatchInfoOf, TransactionExtension, ValidateResult},
	transaction_validity::{InvalidTransaction, TransactionPriority, ValidTransaction},
};

type RuntimeCallOf<T> = <T as SystemConfig>::RuntimeCall;

/// What the pool answers to a batch that is not an operator's: `InvalidTransaction::Custom` of this.
pub const NOT_OPERATOR: u8 = 80;

/// Puts operators' batches before all other transactions, and keeps everybody else's out of the
/// pool.
///
/// Tips would not do: a block's author tries transactions by priority until time runs out, so that
/// enough tipped transfers, though there is no room left for them, would keep a batch from being
/// tried. And a batch of anyone else would take room that is kept for operational calls.
///
/// Encodes to nothing.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	DefaultNoBound,
	CloneNoBound,
	EqNoBound,
	PartialEqNoBound,
	DebugNoBound,
	TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct CheckFeeder<T: Config>(PhantomData<T>);

impl<T: Config> CheckFeeder<T> {
	/// The extension; there is nothing to choose.
	pub fn new() -> Self {
		Self(PhantomData)
	}

	/// What the pool is told of a batch that `who` signed, where anybody did.
	pub(crate) fn check(
		who: Option<&T::AccountId>,
	) -> Result<ValidTransaction, InvalidTransaction> {
		match who {
			Some(who) if T::Operators::contains(who) => {
				Ok(ValidTransaction { priority: TransactionPriority::MAX, ..Default::default() })
			}
			_ => Err(InvalidTransaction::Custom(NOT_OPERATOR)),
		}
	}
}

impl<T> TransactionExtension<RuntimeCallOf<T>> for CheckFeeder<T>
where
	T: Config + Send + Sync,
	RuntimeCallOf<T>: IsSubType<Call<T>>,
{
	const IDENTIFIER: &'static str = "CheckFeeder";
	type Implicit = ();
	type Val = ();
	type Pre = ();

	fn weight(&self, call: &RuntimeCallOf<T>) -> Weight {
		match call.is_sub_type() {
			Some(Call::submit { .. }) => T::WeightInfo::check_feeder(),
			_ => Weight::zero(),
		}
	}

	fn validate(
		&self,
		origin: <T as SystemConfig>::RuntimeOrigin,
		call: &RuntimeCallOf<T>,
		_info: &DispatchInfoOf<RuntimeCallOf<T>>,
		_len: usize,
		_self_implicit: Self::Implicit,
		_inherited_implication: &impl Encode,
		_source: TransactionSource,
	) -> ValidateResult<Self::Val, RuntimeCallOf<T>> {
		if !matches!(call.is_sub_type(), Some(Call::submit { .. })) {
			return Ok((ValidTransaction::default(), (), origin));
		}
		Ok((Self::check(origin.as_signer())?, (), origin))
	}

	impl_tx_ext_default!(RuntimeCallOf<T>; prepare);
}
