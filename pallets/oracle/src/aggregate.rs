//! How reports become prices: pure functions from what is stored to what will be.

use crate::{
	median::{summarise, Summary},
	surface,
	types::{
		Aggregate, ExpiryAggregate, ExpiryValues, FeedKey, FeedParams, Notice, OperatorValues,
		OracleParams, Stamped, UnderlyingAggregate,
	},
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::BoundedVec;
use plimsoll_primitives::{
	oracle::MAX_EXPIRIES, Moment, Price, PriceError, Rate, Svi, UnderlyingId,
};
use plimsoll_risk::svi;
use sp_arithmetic::{FixedI128, FixedPointNumber, FixedU128};

/// A number that can be averaged: an integer of 18 decimals.
pub trait Scaled: Copy {
	/// The scaled integer.
	fn to_scaled(self) -> i128;
	/// From the scaled integer.
	fn from_scaled(scaled: i128) -> Self;
}

impl Scaled for Price {
	fn to_scaled(self) -> i128 {
		// Feeds allow no price near the type's end.
		i128::try_from(self.into_inner()).unwrap_or(i128::MAX)
	}

	fn from_scaled(scaled: i128) -> Self {
		// What lies between two prices is not negative.
		Self::from_inner(u128::try_from(scaled).unwrap_or(0))
	}
}

impl Scaled for Rate {
	fn to_scaled(self) -> i128 {
		self.into_inner()
	}

	fn from_scaled(scaled: i128) -> Self {
		Self::from_inner(scaled)
	}
}

/// How far operators may be apart, and how far a value moves in one block.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
	divergence: FixedU128,
	step: FixedU128,
	relative: bool,
}

impl Limits {
	/// Of prices: fractions of the price.
	pub const fn prices(params: &OracleParams) -> Self {
		Self { divergence: params.max_divergence, step: params.step_limit, relative: true }
	}

	/// Of rates: fractions per year.
	pub const fn rates(params: &OracleParams) -> Self {
		Self {
			divergence: params.max_rate_divergence,
			step: params.rate_step_limit,
			relative: false,
		}
	}

	/// `limit` around `value`, as a scaled integer, rounded down.
	fn around(&self, limit: FixedU128, value: i128) -> u128 {
		if self.relative {
			// Both factors are bounded: a fraction of at most one and a price.
			limit.checked_mul_int(value.unsigned_abs()).unwrap_or(u128::MAX)
		} else {
			limit.into_inner()
		}
	}

	/// Whether reports with this summary agree.
	pub fn agree(&self, summary: &Summary) -> bool {
		summary.dispersion <= self.around(self.divergence, summary.median)
	}

	/// Whether one value lies no further from the median than reports that agree.
	pub fn admit(&self, value: i128, median: i128) -> bool {
		value.abs_diff(median) <= self.around(self.divergence, median)
	}

	/// The furthest that a value gets from `before` towards `target` in one block: always at least
	/// one unit of 1e-18.
	fn step_towards(&self, target: i128, before: i128) -> i128 {
		let step = i128::try_from(self.around(self.step, before).max(1)).unwrap_or(i128::MAX);
		// Saturating: a bound beyond the type's end is no bound.
		target.clamp(before.saturating_sub(step), before.saturating_add(step))
	}
}

/// How sure an aggregated value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
	summary: Summary,
	/// From what is published to the median.
	gap: u128,
}

/// Aggregation at one moment under one set of rules.
pub struct Aggregation<'a> {
	/// Chain time.
	pub now: Moment,
	/// The rules.
	pub params: &'a OracleParams,
	/// What changed.
	pub notices: Vec<Notice>,
}

impl<'a> Aggregation<'a> {
	/// Nothing aggregated yet.
	pub const fn new(now: Moment, params: &'a OracleParams) -> Self {
		Self { now, params, notices: Vec::new() }
	}

	fn is_fresh<V>(&self, sample: &Stamped<V>) -> bool {
		self.now.saturating_sub(sample.at) <= self.params.max_age
	}

	/// The fresh samples' values, and the oldest stamp of the newest quorum among them.
	fn quorum<V>(&self, samples: Vec<Stamped<V>>) -> Result<(Vec<V>, Moment), PriceError> {
		let mut fresh: Vec<_> = samples.into_iter().filter(|s| self.is_fresh(s)).collect();
		if fresh.is_empty() {
			return Err(PriceError::Stale);
		}
		fresh.sort_by_key(|sample| core::cmp::Reverse(sample.at));
		let last = usize::try_from(self.params.quorum).unwrap_or(usize::MAX).saturating_sub(1);
		let oldest = fresh.get(last).ok_or(PriceError::NoQuorum)?.at;
		Ok((fresh.into_iter().map(|sample| sample.value).collect(), oldest))
	}

	/// The aggregate that cannot be acted on, its last value kept; `None` where there never was one.
	fn down<V>(
		&mut self,
		feed: FeedKey,
		previous: Option<Aggregate<V>>,
		reason: PriceError,
	) -> Option<Aggregate<V>> {
		let previous = previous?;
		if previous.failure != Some(reason) {
			self.notices.push(Notice::Down { feed, reason });
		}
		Some(Aggregate { failure: Some(reason), stepped: false, ..previous })
	}

	/// Notes that a value is live, where it was not before.
	fn up<V>(&mut self, feed: FeedKey, previous: &Option<Aggregate<V>>) {
		if previous.as_ref().is_none_or(|previous| previous.failure.is_some()) {
			self.notices.push(Notice::Live { feed });
		}
	}

	/// The median of the fresh samples, a step away from the previous value at most. The spread is
	/// there where the result is live.
	pub fn number<V: Scaled>(
		&mut self,
		feed: FeedKey,
		limits: Limits,
		previous: Option<Aggregate<V>>,
		samples: Vec<Stamped<V>>,
	) -> (Option<Aggregate<V>>, Option<Spread>) {
		let (values, oldest) = match self.quorum(samples) {
			Ok(quorum) => quorum,
			Err(reason) => return (self.down(feed, previous, reason), None),
		};
		let summary = summarise(values.into_iter().map(Scaled::to_scaled).collect());
		let Some(summary) = summary.filter(|summary| limits.agree(summary)) else {
			return (self.down(feed, previous, PriceError::Diverged), None);
		};
		let median = summary.median;
		let published = previous
			.as_ref()
			.map_or(median, |previous| limits.step_towards(median, previous.value.to_scaled()));
		let stepped = published != median;
		self.up(feed, &previous);
		if stepped {
			self.notices.push(Notice::Stepped {
				feed,
				published: FixedI128::from_inner(published),
				median: FixedI128::from_inner(median),
			});
		}
		let value = V::from_scaled(published);
		let spread = Spread { summary, gap: published.abs_diff(median) };
		(Some(Aggregate { value, oldest, failure: None, stepped }), Some(spread))
	}

	/// Half of the confidence interval around a published price, rounded up part by part; at most
	/// half of the price.
	fn half_width(&self, published: Price, spread: &Spread) -> Price {
		let law = &self.params.confidence;
		let median = spread.summary.median.unsigned_abs();
		let count = u128::from(spread.summary.count.max(1));
		// Saturating: what does not fit is cut to half of the price anyway.
		let part = |fraction: FixedU128, of: u128| {
			fraction.checked_mul_int(of).map_or(u128::MAX, |part| part.saturating_add(1))
		};
		let half_width = part(law.floor, median)
			.saturating_add(part(law.dispersion, spread.summary.dispersion))
			.saturating_add(part(law.scarcity, median).div_ceil(count))
			.saturating_add(spread.gap);
		Price::from_inner(half_width.min(published.into_inner() / 2))
	}

	/// The surface closest to the median of the fresh samples. Where it crosses that of the expiry
	/// before (`near`), the last valid one is kept, moved to the new one's level at the money where
	/// that passes the same checks.
	fn surface(
		&mut self,
		underlying: UnderlyingId,
		expiry: Moment,
		previous: Option<Aggregate<Svi>>,
		samples: Vec<Stamped<Svi>>,
		near: Option<&Svi>,
	) -> Option<Aggregate<Svi>> {
		let feed = FeedKey::Surface { underlying, expiry };
		let (surfaces, oldest) = match self.quorum(samples) {
			Ok(quorum) => quorum,
			Err(reason) => return self.down(feed, previous, reason),
		};
		let choice = surface::choose(&surfaces, self.params.max_surface_divergence);
		let Some(choice) = choice.filter(|choice| choice.agreed) else {
			return self.down(feed, previous, PriceError::Diverged);
		};
		let fits = |far: &Svi| near.is_none_or(|near| svi::check_calendar(near, far).is_ok());
		let live = |value| Aggregate { value, oldest, failure: None, stepped: false };
		if fits(&choice.surface) {
			self.up(feed, &previous);
			return Some(live(choice.surface));
		}
		let kept = previous?;
		let moved = surface::at_the_money(&choice.surface)
			.and_then(|level| surface::shifted_to(&kept.value, level))
			.filter(fits);
		let shifted = moved.is_some();
		// Once, and again for each new level: not in every block that keeps it.
		if !kept.stepped || moved.is_some_and(|moved| moved != kept.value) {
			self.notices.push(Notice::SurfaceKept { underlying, expiry, shifted });
		}
		match moved {
			Some(moved) => {
				self.up(feed, &previous);
				Some(Aggregate { stepped: true, ..live(moved) })
			}
			// As it was, with its old stamp: it serves until that is too old.
			None => Some(Aggregate { stepped: true, ..kept }),
		}
	}

	/// Everything of one underlying. `records` are what its operators last reported.
	pub fn underlying(
		&mut self,
		underlying: UnderlyingId,
		feed: &FeedParams,
		previous: UnderlyingAggregate,
		records: &[OperatorValues],
	) -> UnderlyingAggregate {
		let was_live =
			previous.spot.is_some_and(|spot| spot.current(self.now, self.params.max_age).is_ok());
		let samples = records.iter().filter_map(|record| record.spot);
		let (spot, spread) = self.number(
			FeedKey::Spot { underlying },
			Limits::prices(self.params),
			previous.spot,
			samples.filter(|sample| feed.contains(sample.value)).collect(),
		);
		let half_width = match (spot, spread) {
			(Some(spot), Some(spread)) => self.half_width(spot.value, &spread),
			_ => previous.half_width,
		};
		let live_blocks = run(spread.is_some(), was_live, previous.live_blocks);
		let expiries = self.expiries(underlying, feed, &previous, records);
		UnderlyingAggregate { spot, half_width, live_blocks, expiries }
	}

	/// Every expiry of one underlying that has not passed.
	fn expiries(
		&mut self,
		underlying: UnderlyingId,
		feed: &FeedParams,
		previous: &UnderlyingAggregate,
		records: &[OperatorValues],
	) -> BoundedVec<ExpiryAggregate, frame_support::traits::ConstU32<MAX_EXPIRIES>> {
		let mut expiries = Vec::new();
		let mut near: Option<Svi> = None;
		for expiry in self.expiries_to_keep(previous, records) {
			let before = find(&previous.expiries, expiry, |known| known.expiry)
				.copied()
				.unwrap_or(ExpiryAggregate::empty(expiry));
			let values: Vec<&ExpiryValues> = records
				.iter()
				.filter_map(|record| find(&record.expiries, expiry, |values| values.expiry))
				.collect();
			let after = self.expiry(underlying, feed, before, &values, near.as_ref());
			let surface = after
				.surface
				.and_then(|surface| surface.current(self.now, self.params.max_age).ok());
			near = surface.or(near);
			if after != ExpiryAggregate::empty(expiry) {
				expiries.push(after);
			}
		}
		BoundedVec::truncate_from(expiries)
	}

	fn expiry(
		&mut self,
		underlying: UnderlyingId,
		feed: &FeedParams,
		before: ExpiryAggregate,
		values: &[&ExpiryValues],
		near: Option<&Svi>,
	) -> ExpiryAggregate {
		let expiry = before.expiry;
		let forwards = values.iter().filter_map(|values| values.forward);
		let (forward, _) = self.number(
			FeedKey::Forward { underlying, expiry },
			Limits::prices(self.params),
			before.forward,
			forwards.filter(|sample| feed.contains(sample.value)).collect(),
		);
		let (rate, _) = self.number(
			FeedKey::Rate { underlying, expiry },
			Limits::rates(self.params),
			before.rate,
			values.iter().filter_map(|values| values.rate).collect(),
		);
		let surfaces = values.iter().filter_map(|values| values.surface).collect();
		let surface = self.surface(underlying, expiry, before.surface, surfaces, near);
		let after = ExpiryAggregate { forward, rate, surface, ..before };
		let (now, max_age) = (self.now, self.params.max_age);
		ExpiryAggregate {
			live_blocks: run(
				after.is_live(now, max_age),
				before.is_live(now, max_age),
				before.live_blocks,
			),
			surface_live_blocks: run(
				after.has_live_surface(now, max_age),
				before.has_live_surface(now, max_age),
				before.surface_live_blocks,
			),
			..after
		}
	}

	/// Which expiries have room, ascending: first those that a quorum has reported on, then those
	/// known from before, the nearest first in both. So a minority cannot crowd out the others.
	fn expiries_to_keep(
		&self,
		previous: &UnderlyingAggregate,
		records: &[OperatorValues],
	) -> BTreeSet<Moment> {
		let mut reporters = BTreeMap::<Moment, u32>::new();
		for values in records.iter().flat_map(|record| record.expiries.iter()) {
			if self.now.saturating_sub(values.newest()) <= self.params.max_age {
				let count = reporters.entry(values.expiry).or_default();
				// Saturating: there are fewer operators than that.
				*count = count.saturating_add(1);
			}
		}
		let reported = reporters
			.into_iter()
			.filter(|(_, count)| *count >= self.params.quorum)
			.map(|(expiry, _)| expiry);
		let known = previous.expiries.iter().map(|known| known.expiry);
		let limit = usize::try_from(MAX_EXPIRIES).unwrap_or(usize::MAX);
		let mut kept = BTreeSet::new();
		for expiry in reported.chain(known).filter(|expiry| *expiry > self.now) {
			if kept.len() < limit {
				kept.insert(expiry);
			}
		}
		kept
	}
}

/// A run of live blocks, one block on: whether the value is live, whether the one before still was
/// until now, and how long the run was.
const fn run(is_live: bool, was_live: bool, before: u32) -> u32 {
	match (is_live, was_live) {
		(false, _) => 0,
		(true, false) => 1,
		// Saturating: after 2^32 blocks a run is long enough.
		(true, true) => before.saturating_add(1),
	}
}

/// The item of an expiry, in a slice by ascending expiry.
pub fn find<V>(items: &[V], expiry: Moment, expiry_of: impl Fn(&V) -> Moment) -> Option<&V> {
	items.binary_search_by_key(&expiry, expiry_of).ok().and_then(|index| items.get(index))
}
