//! Naked short options: those that no option of the same expiry and strike covers.
//!
//! At one expiry and strike, with c calls and p puts (net of repeated legs): where both are short,
//! all of both are naked; where one is short and the other long, the short one is naked as far as
//! the long one does not match it; where none is short, nothing is.

use crate::state::Leg;
use alloc::vec::Vec;
use plimsoll_primitives::{Contract, Moment, OptionKind, Price, UnderlyingId};

/// A leg's naked part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NakedShort {
	/// The leg, as an index into the account.
	pub(crate) leg: usize,
	/// How many contracts, 18 decimals; positive.
	pub(crate) quantity: i128,
}

/// A short leg: where it stands and how much.
struct Entry {
	expiry: Moment,
	strike: Price,
	leg: usize,
	kind: OptionKind,
	size: i128,
}

/// The naked parts of all unsettled legs of `underlying`. Each strike's naked quantity goes to its
/// short legs in the account's order, each up to its size.
pub(crate) fn naked_shorts(legs: &[Leg], underlying: UnderlyingId) -> Vec<NakedShort> {
	let mut entries: Vec<Entry> = legs
		.iter()
		.enumerate()
		.filter(|(_, leg)| leg.settled_at.is_none() && leg.instrument.underlying == underlying)
		.filter_map(|(index, leg)| match leg.instrument.contract {
			Contract::Option { expiry, strike, kind } => {
				Some(Entry { expiry, strike, leg: index, kind, size: leg.size.into_inner() })
			}
			_ => None,
		})
		.collect();
	entries.sort_unstable_by_key(|entry| (entry.expiry, entry.strike, entry.leg));
	let mut naked = Vec::new();
	for strike in entries.chunk_by(|a, b| (a.expiry, a.strike) == (b.expiry, b.strike)) {
		allocate(strike, &mut naked);
	}
	naked
}

/// The naked parts at one expiry and strike.
fn allocate(strike: &[Entry], naked: &mut Vec<NakedShort>) {
	// Saturating: sizes of that order fail later, where they are multiplied by prices.
	let net = |kind| {
		let of_kind = strike.iter().filter(|entry| entry.kind == kind);
		of_kind.fold(0i128, |sum, entry| sum.saturating_add(entry.size))
	};
	let (calls, puts) = (net(OptionKind::Call), net(OptionKind::Put));
	let short = |own: i128, other: i128| own.saturating_add(other.max(0)).min(0).saturating_neg();
	for (kind, quantity) in
		[(OptionKind::Call, short(calls, puts)), (OptionKind::Put, short(puts, calls))]
	{
		let mut left = quantity;
		for entry in strike.iter().filter(|entry| entry.kind == kind && entry.size < 0) {
			let part = left.min(entry.size.saturating_neg());
			if part > 0 {
				naked.push(NakedShort { leg: entry.leg, quantity: part });
				left = left.saturating_sub(part);
			}
		}
	}
}
