//! Which contracts of an underlying should be listed: its rule, and what that makes of a moment and a
//! price. Nothing here reads storage.

use crate::{
	expiry_dates::{next_expiries, Frequency},
	Config, Error, ListingTerms, UnderlyingTerms,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use plimsoll_primitives::{oracle::MAX_EXPIRIES, Contract, Moment, OptionKind, Price};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::Permill;

/// The most strikes on each side of the forward that a rule may ask for.
pub const MAX_STRIKES_EACH_SIDE: u8 = 50;

/// Expiries of one frequency, and the strikes of their options.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Series {
	/// How many of the next expiries stand; none, where zero.
	pub count: u8,
	/// How many strikes stand on each side of the one nearest to the forward. Calls and puts are
	/// listed at each.
	pub strikes_each_side: u8,
	/// How far strikes are apart, at most, as a part of the forward; not zero. See
	/// [`strike_step`].
	pub strike_step: Permill,
}

/// Which contracts of an underlying stand at any time.
///
/// An expiry that is of several frequencies is of the most frequent one: the series that was
/// quarterly when it was listed becomes a weekly in its last weeks and a daily in its last days, and
/// gets their strikes in addition. What is listed stays until it is settled, so an expiry has more
/// strikes the longer it stands and the more its forward has moved, up to
/// [`Config::MaxInstrumentsPerExpiry`].
#[derive(
	Clone,
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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListingRule {
	/// Every day, 08:00 UTC, as all others.
	pub daily: Series,
	/// On Fridays.
	pub weekly: Series,
	/// On the last Friday of each month.
	pub monthly: Series,
	/// On the last Friday of March, June, September and December.
	pub quarterly: Series,
	/// The terms of its options.
	pub options: ListingTerms,
	/// The terms of its futures, where each expiry is to have one.
	pub futures: Option<ListingTerms>,
}

impl ListingRule {
	/// Refuses a rule that could not be kept.
	pub(crate) fn ensure_valid<T: Config>(&self) -> DispatchResult {
		self.options.ensure_valid::<T>()?;
		self.futures.map_or(Ok(()), |terms| terms.ensure_valid::<T>())?;
		let expiries: u32 =
			self.by_frequency().map(|(_, series)| u32::from(series.count)).iter().sum();
		ensure!(expiries > 0, Error::<T>::EmptyListingRule);
		ensure!(expiries <= MAX_EXPIRIES, Error::<T>::TooManyExpiries);
		for (_, series) in self.by_frequency() {
			let contracts = series.contracts().saturating_add(u32::from(self.futures.is_some()));
			ensure!(
				series.strikes_each_side <= MAX_STRIKES_EACH_SIDE
					&& contracts <= T::MaxInstrumentsPerExpiry::get(),
				Error::<T>::TooManyInstruments
			);
			ensure!(series.count == 0 || !series.strike_step.is_zero(), Error::<T>::ZeroStrikeStep);
		}
		Ok(())
	}

	/// The most frequent first.
	fn by_frequency(&self) -> [(Frequency, Series); 4] {
		[
			(Frequency::Daily, self.daily),
			(Frequency::Weekly, self.weekly),
			(Frequency::Monthly, self.monthly),
			(Frequency::Quarterly, self.quarterly),
		]
	}

	/// The expiries that stand at `now`, ascending, each once.
	pub fn expiries(&self, now: Moment) -> Vec<(Moment, Series)> {
		let mut standing: Vec<(Moment, Series)> = Vec::new();
		for (frequency, series) in self.by_frequency() {
			for expiry in next_expiries(frequency, now, series.count) {
				if standing.iter().all(|(known, _)| *known != expiry) {
					standing.push((expiry, series));
				}
			}
		}
		standing.sort_by_key(|(expiry, _)| *expiry);
		standing
	}

	/// The contracts of an expiry that stand with the forward at `forward`: the future, then options,
	/// those nearest to the money first. With each, its terms.
	pub fn contracts(
		&self,
		(expiry, series): (Moment, Series),
		forward: Price,
		underlying: &UnderlyingTerms,
	) -> Vec<(Contract, ListingTerms)> {
		let future = self.futures.map(|terms| (Contract::Future { expiry }, terms));
		let options = strikes(&series, forward, underlying).into_iter().flat_map(|strike| {
			[OptionKind::Call, OptionKind::Put]
				.map(|kind| (Contract::Option { expiry, strike, kind }, self.options))
		});
		future.into_iter().chain(options).collect()
	}
}

impl Series {
	/// How many options an expiry has at least.
	fn contracts(&self) -> u32 {
		// Saturating: a small number.
		u32::from(self.strikes_each_side).saturating_mul(2).saturating_add(1).saturating_mul(2)
	}
}

/// How far strikes are apart: 1, 2, 2.5 or 5 times a power of ten of the underlying's own steps,
/// the most of these that is no more than `share` of the forward; one step at least. `None` where
/// the underlying has no step.
pub fn strike_step(share: Permill, forward: Price, underlying_step: Price) -> Option<Price> {
	let least = underlying_step.into_inner();
	let most_steps = share.mul_floor(forward.into_inner()).checked_div(least)?;
	let power = 10u128.checked_pow(most_steps.checked_ilog10().unwrap_or(0))?;
	// Two and a half of a single step is not a whole number of steps.
	let halves = [Some(10), Some(5).filter(|_| power > 1), Some(4), Some(2)];
	let steps = halves
		.into_iter()
		.flatten()
		.filter_map(|halves: u128| halves.checked_mul(power).map(|halves| halves / 2))
		.find(|steps| *steps <= most_steps)
		.unwrap_or(1);
	least.checked_mul(steps).map(Price::from_inner)
}

/// The strikes that stand with the forward at `forward`: that nearest to it first, then outwards by
/// pairs. Those are left out that would be zero or higher than the underlying allows.
pub fn strikes(series: &Series, forward: Price, underlying: &UnderlyingTerms) -> Vec<Price> {
	let Some(step) = strike_step(series.strike_step, forward, underlying.strike_step) else {
		return Vec::new();
	};
	let step = step.into_inner();
	// The nearest multiple, the higher of two; of a price at the end of its type none.
	let Some(nearest) =
		forward.into_inner().checked_add(step / 2).and_then(|sum| sum.checked_div(step))
	else {
		return Vec::new();
	};
	let above = |distance: u8| nearest.checked_add(u128::from(distance));
	let below = |distance: u8| nearest.checked_sub(u128::from(distance));
	core::iter::once(Some(nearest))
		.chain((1..=series.strikes_each_side).flat_map(|each| [above(each), below(each)]))
		.flatten()
		.filter_map(|multiple| multiple.checked_mul(step).map(Price::from_inner))
		.filter(|strike| !strike.is_zero() && *strike <= underlying.highest_strike)
		.collect()
}
