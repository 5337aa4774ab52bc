//! Marks of perpetuals: at what they are valued, margined, liquidated and banded. Pure functions on plain
//! numbers.
//!
//! The **mark** of a perpetual is the oracle's price and a *mark premium* on top, a fraction of that price:
//! `spot × (1 + premium)`. So it moves with the oracle at once, and with its book only as far and as fast
//! as nobody could use against others.
//!
//! A **sample** is how far the middle of the book stands from the oracle's price: the middle of the two
//! prices down to and up to which the minimum worth can be traded (see
//! [`FundingParams::minimum_quote`](crate::FundingParams)), clamped. There is one only where both sides have so
//! much, no further apart than the clamp: between prices further apart nobody has said where the price is,
//! and the other side of a lone quote could be put anywhere for nothing. So whoever moves the middle away
//! from the quotes of others stands within their spread, where others may trade with it, or, where others
//! quote on one side only, moves it by half the clamp at most.
//!
//! The premium follows its samples over chain time, a sample counting for at most [`LONGEST_SAMPLE`].
//! Where there is none (a side is missing, the oracle's price is not current, the perpetual is halted) it
//! goes back to zero at the same pace, for as long as that lasts: what a book showed before an outage is
//! not what contracts are worth after it.
//!
//! So one block of `t` milliseconds moves a mark against the oracle by no more than twice the clamp times
//! `t / (t + smoothing)`: of the default terms, by a fiftieth of a per cent in six seconds.
//!
//! Funding does not look at marks: its premium is over the oracle's price.

use crate::{
	funding::{LONGEST_SMOOTHING, SHORTEST_SMOOTHING},
	smoothing::{approached, clamped, ratio},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::{number::SCALE, ImpactPrices, Moment, Price};
use scale_info::TypeInfo;
use sp_runtime::{FixedI128, FixedU128};

/// The widest clamp of marks: a fiftieth of the oracle's price.
pub const WIDEST_MARK_CLAMP: FixedU128 = FixedU128::from_inner(SCALE / 50);
/// The most chain time, milliseconds, that one sample counts for: of a book that was not open in between
/// nobody knows what it would have shown.
pub const LONGEST_SAMPLE: Moment = 60_000;

const ZERO: FixedI128 = FixedI128::from_inner(0);

/// How the perpetual of an underlying is marked.
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
pub struct MarkParams {
	/// The most that a mark stands from the oracle's price, a fraction of it; at most
	/// [`WIDEST_MARK_CLAMP`]. Zero: marks are the oracle's prices.
	pub clamp: FixedU128,
	/// The time over which the premium of marks is smoothed, milliseconds; from [`SHORTEST_SMOOTHING`] to
	/// [`LONGEST_SMOOTHING`].
	pub smoothing: Moment,
}

/// Up to half a per cent, smoothed over five minutes.
impl Default for MarkParams {
	fn default() -> Self {
		Self { clamp: FixedU128::from_inner(SCALE / 200), smoothing: 300_000 }
	}
}

/// Why parameters of marks are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedMark {
	/// The clamp is wider than [`WIDEST_MARK_CLAMP`].
	ClampTooWide,
	/// Too short or too long.
	SmoothingOutOfRange,
}

impl MarkParams {
	/// Refuses what would have marks run away from the oracle, or follow a single block's book.
	pub fn validate(&self) -> Result<(), RefusedMark> {
		if self.clamp > WIDEST_MARK_CLAMP {
			return Err(RefusedMark::ClampTooWide);
		}
		if !(SHORTEST_SMOOTHING..=LONGEST_SMOOTHING).contains(&self.smoothing) {
			return Err(RefusedMark::SmoothingOutOfRange);
		}
		Ok(())
	}

	/// How far the middle of a book stands from `spot`, a fraction of it, clamped; rounded towards zero.
	/// `None` where the book does not say.
	pub fn sample(&self, impact: &ImpactPrices, spot: Price) -> Option<FixedI128> {
		let (bid, ask) = (impact.bid?.into_inner(), impact.ask?.into_inner());
		let spot = Some(spot.into_inner()).filter(|spot| *spot != 0)?;
		// A book does not cross itself.
		if ratio(ask.saturating_sub(bid), spot) > self.clamp.into_inner() {
			return None;
		}
		let (both, twice) = (bid.checked_add(ask)?, spot.checked_mul(2)?);
		let distance = i128::try_from(ratio(both.abs_diff(twice), twice)).unwrap_or(i128::MAX);
		let signed = if both < twice { distance.saturating_neg() } else { distance };
		Some(FixedI128::from_inner(clamped(signed, self.clamp)))
	}

	/// The premium after `elapsed` milliseconds, at the end of which the book shows `sample`; within the
	/// clamp.
	pub fn followed(
		&self,
		premium: FixedI128,
		sample: Option<FixedI128>,
		elapsed: Moment,
	) -> FixedI128 {
		let counted = if sample.is_some() { elapsed.min(LONGEST_SAMPLE) } else { 0 };
		let rest = elapsed.saturating_sub(counted);
		let faded = approached(premium, ZERO, rest, self.smoothing);
		let after = approached(faded, sample.unwrap_or(ZERO), counted, self.smoothing);
		// Where the clamp has been made narrower it is cut at once.
		FixedI128::from_inner(clamped(after.into_inner(), self.clamp))
	}
}
