//! Halts: trading stops in an instrument, an underlying or the whole chain.
//!
//! What stops is what adds risk: order books take no orders and match none, and block trades and quotes
//! trade only what closes for both sides. Orders stay where they rest and can be cancelled; deposits go on.
//! A halt of an instrument or an underlying leaves the waterfall at work, at live marks: what is below its
//! margin does not get safer by waiting. A halt of the chain stops the waterfall and its clock, and
//! withdrawals; it says that prices or the ledger itself can't be trusted. Settlement at expiry goes on
//! always.

use crate::{Config, CurrentHalts, Error, Event, Pallet, Underlyings};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	ensure, pallet_prelude::DispatchResult, traits::Get, BoundedVec, CloneNoBound, DebugNoBound,
	DefaultNoBound, PartialEqNoBound,
};
use plimsoll_primitives::{Instrument, UnderlyingId};
use scale_info::TypeInfo;

/// Where trading halts.
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
pub enum HaltScope {
	/// Everywhere.
	#[codec(index = 0)]
	Chain,
	/// In all contracts on one underlying.
	#[codec(index = 1)]
	Underlying(UnderlyingId),
	/// In one contract.
	#[codec(index = 2)]
	Instrument(Instrument),
}

/// Why trading halts.
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
pub enum HaltReason {
	/// Prices can't be trusted.
	#[codec(index = 0)]
	Prices,
	/// The market is disorderly.
	#[codec(index = 1)]
	DisorderlyMarket,
	/// Something of the underlying's own: a fork, a halt where it is traded.
	#[codec(index = 2)]
	Underlying,
	/// A fault of this chain, or work on it.
	#[codec(index = 3)]
	Technical,
	/// The law.
	#[codec(index = 4)]
	Legal,
}

/// What is halted apart from single instruments, whose listings say it. Read with every look at an
/// instrument's terms, so it is one small value.
#[derive(
	CloneNoBound,
	DebugNoBound,
	DefaultNoBound,
	PartialEqNoBound,
	Encode,
	Decode,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(Max))]
#[codec(mel_bound())]
pub struct Halts<Max: Get<u32>> {
	/// Whether everything is.
	pub chain: bool,
	/// The underlyings that are; ascending.
	pub underlyings: BoundedVec<UnderlyingId, Max>,
}

impl<Max: Get<u32>> Halts<Max> {
	/// Whether trading on this underlying is halted.
	pub fn stop(&self, underlying: UnderlyingId) -> bool {
		self.chain || self.underlyings.binary_search(&underlying).is_ok()
	}
}

/// Sets a flag that must not be set that way already.
fn turn<T: Config>(flag: &mut bool, on: bool) -> DispatchResult {
	ensure!(*flag != on, if on { Error::<T>::AlreadyHalted } else { Error::<T>::NotHalted });
	*flag = on;
	Ok(())
}

impl<T: Config> Pallet<T> {
	/// Halts trading.
	pub(crate) fn do_halt(scope: HaltScope, reason: HaltReason) -> DispatchResult {
		Self::set_halted(scope, true)?;
		Self::deposit_event(Event::TradingHalted { scope, reason });
		Ok(())
	}

	/// Lifts a halt. Another that reaches as far stays.
	pub(crate) fn do_resume(scope: HaltScope) -> DispatchResult {
		Self::set_halted(scope, false)?;
		Self::deposit_event(Event::TradingResumed { scope });
		Ok(())
	}

	fn set_halted(scope: HaltScope, on: bool) -> DispatchResult {
		match scope {
			HaltScope::Chain => {
				CurrentHalts::<T>::try_mutate(|halts| turn::<T>(&mut halts.chain, on))
			}
			HaltScope::Instrument(instrument) => {
				Self::mutate_listing(&instrument, |listing| turn::<T>(&mut listing.halted, on))
			}
			HaltScope::Underlying(underlying) => Self::set_underlying_halted(underlying, on),
		}
	}

	fn set_underlying_halted(underlying: UnderlyingId, on: bool) -> DispatchResult {
		ensure!(Underlyings::<T>::contains_key(underlying), Error::<T>::UnknownUnderlying);
		CurrentHalts::<T>::try_mutate(|halts| {
			match (halts.underlyings.binary_search(&underlying), on) {
				(Ok(_), true) => Err(Error::<T>::AlreadyHalted.into()),
				(Err(_), false) => Err(Error::<T>::NotHalted.into()),
				(Ok(at), false) => {
					halts.underlyings.remove(at);
					Ok(())
				}
				(Err(at), true) => {
					let added = halts.underlyings.try_insert(at, underlying);
					added.map_err(|_| Error::<T>::TooManyUnderlyings.into())
				}
			}
		})
	}

	/// Whether a listed instrument is halted, by itself or with more.
	pub(crate) fn is_stopped(instrument: &Instrument, halted: bool) -> bool {
		halted || CurrentHalts::<T>::get().stop(instrument.underlying)
	}

	/// Sets how far from its mark an instrument fills.
	pub(crate) fn do_set_price_band(
		instrument: Instrument,
		band: Option<sp_runtime::Permill>,
	) -> DispatchResult {
		Self::mutate_listing(&instrument, |listing| {
			listing.price_band = band;
			Ok(())
		})?;
		Self::deposit_event(Event::PriceBandSet { instrument, band });
		Ok(())
	}
}
