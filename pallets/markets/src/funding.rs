//! Funding of perpetuals: what keeps a contract without an expiry near its index price. Pure functions
//! on plain numbers.
//!
//! The **premium** is how far the book stands from the index: where the impact bid is above it, the bid's
//! distance; where the impact ask is below it, the ask's; else nothing. So only a side that somebody could
//! trade on at once against the index binds; an empty book has no premium, a one-sided one only where
//! its side binds. (Bitmex takes the same difference. Its impact prices are averages over what is traded;
//! here each is the worst price that trading the minimum worth would meet, so that a small order at a
//! better price changes nothing.) Each sample is clamped, and the premium is smoothed over chain time, so
//! that no single block moves it by much.
//!
//! The **rate** per eight hours is the premium plus what is left between it and the interest component,
//! at most the damper either way, within the cap: `clamp(P + clamp(I − P, ±damper), ±cap)`. Premiums
//! nearer than the damper to the interest cost the interest and nothing else.
//!
//! The **index** of a perpetual grows by `spot × rate × time / 8 h` and is never reset: what one contract
//! held long since the listing has paid, USD. A position pays its size times what the index has grown
//! since the position last paid.

use crate::{
	mark::{MarkParams, RefusedMark},
	smoothing::{approached, clamped, ratio},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::{number::SCALE, ImpactPrices, Moment, Price, UnderlyingId, UsdValue};
use scale_info::TypeInfo;
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding, FixedI128, FixedU128, Rounding as Direction,
};

/// What rates are told over, milliseconds.
pub const FUNDING_PERIOD: Moment = 8 * HOUR;
/// The most chain time that one accrual counts: what lies between two blocks further apart is not
/// charged for, since no book was open to answer it.
pub const LONGEST_ACCRUAL: Moment = 10 * MINUTE;
/// The highest cap on a rate: a twentieth per eight hours.
pub const HIGHEST_CAP: FixedU128 = FixedU128::from_inner(ONE / 20);
/// The widest clamp of a premium's samples: a tenth of the index price.
pub const WIDEST_CLAMP: FixedU128 = FixedU128::from_inner(ONE / 10);
/// The least time over which premiums are smoothed.
pub const SHORTEST_SMOOTHING: Moment = MINUTE;
/// The longest.
pub const LONGEST_SMOOTHING: Moment = 24 * HOUR;

const ONE: u128 = SCALE;
const MINUTE: Moment = 60_000;
const HOUR: Moment = 60 * MINUTE;

/// How the perpetual of an underlying is funded, and marked.
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
pub struct FundingParams {
	/// What longs pay where the book stands at the index; negative: shorts. A fraction per eight hours,
	/// within the damper, which would cut it.
	pub interest: FixedI128,
	/// By how much a premium may differ from the interest and cost nothing; a fraction, within the cap.
	pub damper: FixedU128,
	/// The most that either side pays, a fraction per eight hours; at most [`HIGHEST_CAP`].
	pub cap: FixedU128,
	/// What each sample of the premium is clamped to, a fraction of the index price; at most
	/// [`WIDEST_CLAMP`].
	pub clamp: FixedU128,
	/// The time over which the premium is smoothed, milliseconds; from [`SHORTEST_SMOOTHING`] to
	/// [`LONGEST_SMOOTHING`].
	pub smoothing: Moment,
	/// For how much, USD, what a book asks for or gives is looked at; above zero. A side that has not so
	/// much in its best levels does not count.
	pub minimum_quote: UsdValue,
	/// How far its mark follows its book.
	pub mark: MarkParams,
}

/// No interest, so that a perpetual in which nobody quotes costs nothing; a damper of 0.05 % and a cap of
/// 0.5 % per eight hours; samples of up to 2 %, smoothed over an hour; quotes of 1,000 USD; marks by default.
impl Default for FundingParams {
	fn default() -> Self {
		Self {
			interest: FixedI128::from_inner(0),
			damper: FixedU128::from_inner(ONE / 2_000),
			cap: FixedU128::from_inner(ONE / 200),
			clamp: FixedU128::from_inner(ONE / 50),
			smoothing: HOUR,
			minimum_quote: UsdValue::from_u32(1_000),
			mark: MarkParams::default(),
		}
	}
}

/// Why parameters are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedFunding {
	/// The cap is above [`HIGHEST_CAP`].
	CapTooHigh,
	/// The interest is beyond the damper.
	InterestBeyondDamper,
	/// The damper is wider than the cap.
	DamperTooWide,
	/// The clamp is wider than [`WIDEST_CLAMP`].
	ClampTooWide,
	/// Too short or too long.
	SmoothingOutOfRange,
	/// Quotes that are worth nothing would count.
	MinimumQuoteNotPositive,
	/// The parameters of marks are.
	Mark(RefusedMark),
}

impl FundingParams {
	/// Refuses what would let funding run away, or be made by next to nothing.
	pub fn validate(&self) -> Result<(), RefusedFunding> {
		let refuse_if = |bad: bool, reason| if bad { Err(reason) } else { Ok(()) };
		refuse_if(self.cap > HIGHEST_CAP, RefusedFunding::CapTooHigh)?;
		let interest = self.interest.into_inner().unsigned_abs();
		refuse_if(self.damper > self.cap, RefusedFunding::DamperTooWide)?;
		refuse_if(interest > self.damper.into_inner(), RefusedFunding::InterestBeyondDamper)?;
		refuse_if(self.clamp > WIDEST_CLAMP, RefusedFunding::ClampTooWide)?;
		let range = SHORTEST_SMOOTHING..=LONGEST_SMOOTHING;
		refuse_if(!range.contains(&self.smoothing), RefusedFunding::SmoothingOutOfRange)?;
		refuse_if(!self.minimum_quote.is_positive(), RefusedFunding::MinimumQuoteNotPositive)?;
		self.mark.validate().map_err(RefusedFunding::Mark)
	}

	/// The premium that a book of these impact prices shows, a fraction of `spot`, clamped; rounded towards
	/// zero.
	pub fn sample(&self, impact: &ImpactPrices, spot: Price) -> FixedI128 {
		let above = impact.bid.and_then(|bid| bid.checked_sub(spot)).unwrap_or_default();
		let below = impact.ask.and_then(|ask| spot.checked_sub(ask)).unwrap_or_default();
		// In a book that does not cross itself one of both is zero.
		let (above, below) = (self.part(above, spot), self.part(below, spot));
		FixedI128::from_inner(above.saturating_sub(below))
	}

	/// `distance / spot`, at most the clamp.
	fn part(&self, distance: Price, spot: Price) -> i128 {
		// More than can be counted is more than the clamp; a spot of zero is no price.
		let ratio = ratio(distance.into_inner(), spot.into_inner());
		i128::try_from(ratio.min(self.clamp.into_inner())).unwrap_or(0)
	}

	/// The premium after `elapsed` milliseconds of a sample.
	pub fn smoothed(&self, premium: FixedI128, sample: FixedI128, elapsed: Moment) -> FixedI128 {
		approached(premium, sample, elapsed, self.smoothing)
	}

	/// The rate that a premium makes, a fraction per eight hours.
	pub fn rate(&self, premium: FixedI128) -> FixedI128 {
		let premium = premium.into_inner();
		let gap = self.interest.into_inner().saturating_sub(premium);
		let rate = premium.saturating_add(clamped(gap, self.damper));
		FixedI128::from_inner(clamped(rate, self.cap))
	}
}

/// By how much the index grows in `elapsed` milliseconds, USD per contract, rounded towards zero (it is
/// the same number for both sides). `None` on overflow.
pub fn growth(spot: Price, rate: FixedI128, elapsed: Moment) -> Option<UsdValue> {
	let magnitude = rate.into_inner().unsigned_abs();
	let down = Direction::Down;
	let period = multiply_by_rational_with_rounding(spot.into_inner(), magnitude, SCALE, down)?;
	let grown = multiply_by_rational_with_rounding(
		period,
		u128::from(elapsed),
		u128::from(FUNDING_PERIOD),
		down,
	)?;
	let grown = i128::try_from(grown).ok()?;
	Some(UsdValue::from_inner(if rate.into_inner() < 0 { grown.checked_neg()? } else { grown }))
}

/// A listed perpetual's funding, and its mark's premium.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PerpetualFunding {
	/// Whose perpetual.
	pub underlying: UnderlyingId,
	/// What one contract held long ever since the listing has paid, USD; negative: has received.
	pub index: UsdValue,
	/// The smoothed premium of its book, a fraction of the index price.
	pub premium: FixedI128,
	/// The rate at which the index last grew, a fraction per eight hours.
	pub rate: FixedI128,
	/// How far its mark stands above the oracle's price, a fraction of that; negative: below.
	pub mark_premium: FixedI128,
}

impl PerpetualFunding {
	/// A perpetual that is just being listed.
	pub const fn new(underlying: UnderlyingId) -> Self {
		Self {
			underlying,
			index: UsdValue::ZERO,
			premium: FixedI128::from_inner(0),
			rate: FixedI128::from_inner(0),
			mark_premium: FixedI128::from_inner(0),
		}
	}

	/// It after `elapsed` milliseconds with these impact prices and this index price; its mark is another
	/// matter. `None` where the index would be more than can be counted.
	pub fn accrued(
		&self,
		params: &FundingParams,
		impact: &ImpactPrices,
		spot: Price,
		elapsed: Moment,
	) -> Option<Self> {
		let sample = params.sample(impact, spot);
		let premium = params.smoothed(self.premium, sample, elapsed);
		let rate = params.rate(premium);
		let index = self.index.checked_add(growth(spot, rate, elapsed)?)?;
		Some(Self { index, premium, rate, ..*self })
	}
}
