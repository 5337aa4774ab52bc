//! The block's aggregation, and what it weighs.

use crate::{
	aggregate::{Aggregation, Limits},
	types::{Aggregate, FeedKey, Notice, OperatorValues, SettlementWindow},
	AggregatedAt, Aggregates, Config, Event, Feeds, Pallet, Params, SettlementAsset,
	SettlementAssetValues, SettlementWindows, Values, WeightInfo,
};
use alloc::vec::Vec;
use frame_support::{traits::Time, weights::Weight};
use plimsoll_primitives::{oracle::MAX_EXPIRIES, Moment, Price, UnderlyingId};

/// How much a block's aggregation had to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
	/// Feeds.
	pub feeds: u32,
	/// Operators.
	pub operators: u32,
	/// Expiries of all feeds together.
	pub expiries: u32,
	/// Operators' reports on expiries, of all feeds together.
	pub reports: u32,
	/// Settlement windows.
	pub windows: u32,
}

impl Work {
	/// The most that there can be.
	pub const fn most(max_feeds: u32, max_operators: u32, max_windows: u32) -> Self {
		// Saturating: the product of two configured limits, a bound in any case.
		let expiries = max_feeds.saturating_mul(MAX_EXPIRIES);
		Self {
			feeds: max_feeds,
			operators: max_operators,
			expiries,
			reports: expiries.saturating_mul(max_operators),
			windows: max_windows,
		}
	}

	/// What it weighs: each part by the slope of its own benchmark. A report's slope is measured on
	/// operators that each report on every expiry.
	pub fn weight<W: WeightInfo>(&self) -> Weight {
		let slope =
			|one: Weight, none: Weight, count: u64| one.saturating_sub(none).saturating_mul(count);
		// The settlement asset counts as one more feed.
		let records =
			u64::from(self.operators).saturating_mul(u64::from(self.feeds).saturating_add(1));
		let per_operator = W::on_initialize_reports(2).saturating_sub(W::on_initialize_reports(1));
		W::on_initialize_feeds(self.feeds)
			.saturating_add(slope(
				W::on_initialize_operators(1),
				W::on_initialize_operators(0),
				records,
			))
			.saturating_add(slope(
				W::on_initialize_expiries(1),
				W::on_initialize_expiries(0),
				self.expiries.into(),
			))
			.saturating_add(
				per_operator
					.saturating_mul(u64::from(self.reports))
					.saturating_div(u64::from(MAX_EXPIRIES)),
			)
			.saturating_add(slope(
				W::on_initialize_windows(1),
				W::on_initialize_windows(0),
				self.windows.into(),
			))
	}
}

fn count<V>(items: &[V]) -> u32 {
	// Saturating: every list here is bounded by a `u32`.
	u32::try_from(items.len()).unwrap_or(u32::MAX)
}

impl<T: Config> Pallet<T> {
	/// Aggregates what was reported up to the last block and counts the time since then into the
	/// settlement windows. Does nothing before the chain has a time.
	pub(crate) fn aggregate() -> Weight {
		let now = T::Time::now();
		if now == 0 {
			return T::WeightInfo::on_initialize_feeds(0);
		}
		let params = Params::<T>::get();
		let operators = Self::operators();
		let feeds = Feeds::<T>::get();
		let since = AggregatedAt::<T>::get();
		let mut windows = SettlementWindows::<T>::get();
		let mut counted = false;
		let mut aggregation = Aggregation::new(now, &params);
		let mut work =
			Work { operators: count(&operators), windows: count(&windows), ..Default::default() };

		for (underlying, feed) in &feeds {
			let stored = Aggregates::<T>::get(underlying);
			let previous = stored.clone().unwrap_or_default();
			if let (Some(since), Some(spot)) = (since, &previous.spot) {
				counted |=
					accumulate(windows.iter_mut(), *underlying, spot, since, now, params.max_age);
			}
			let records: Vec<OperatorValues> = operators
				.iter()
				.filter_map(|operator| Values::<T>::try_get(underlying, operator).ok())
				.collect();
			let next = aggregation.underlying(*underlying, feed, previous, &records);
			// Saturating: counts of bounded things.
			work.feeds = work.feeds.saturating_add(1);
			work.expiries = work.expiries.saturating_add(count(&next.expiries));
			for record in &records {
				work.reports = work.reports.saturating_add(count(&record.expiries));
			}
			let anything = next.spot.is_some() || !next.expiries.is_empty();
			if anything && stored.as_ref() != Some(&next) {
				Aggregates::<T>::insert(underlying, next);
			}
		}

		Self::aggregate_settlement_asset(&mut aggregation, &operators);
		if counted {
			SettlementWindows::<T>::put(windows);
		}
		AggregatedAt::<T>::put(now);
		aggregation.notices.into_iter().for_each(Self::report);
		work.weight::<T::WeightInfo>()
	}

	fn aggregate_settlement_asset(aggregation: &mut Aggregation, operators: &[T::AccountId]) {
		let stored = SettlementAsset::<T>::get();
		let bounds = aggregation.params.settlement_asset;
		let samples = operators
			.iter()
			.filter_map(SettlementAssetValues::<T>::get)
			.filter(|sample| bounds.contains(sample.value))
			.collect();
		let limits = Limits::prices(aggregation.params);
		let (next, _) = aggregation.number(FeedKey::SettlementAsset, limits, stored, samples);
		if let Some(next) = next.filter(|next| stored.as_ref() != Some(next)) {
			SettlementAsset::<T>::put(next);
		}
	}

	fn report(notice: Notice) {
		Self::deposit_event(match notice {
			Notice::Live { feed } => Event::FeedLive { feed },
			Notice::Down { feed, reason } => Event::FeedDown { feed, reason },
			Notice::Stepped { feed, published, median } => {
				Event::FeedStepped { feed, published, median }
			}
			Notice::SurfaceKept { underlying, expiry, shifted } => {
				Event::SurfaceKept { underlying, expiry, shifted }
			}
		});
	}
}

/// Counts [`from`, `to`) into the windows of `underlying`. Returns whether that changed any.
fn accumulate<'a>(
	windows: impl Iterator<Item = &'a mut SettlementWindow>,
	underlying: UnderlyingId,
	spot: &Aggregate<Price>,
	from: Moment,
	to: Moment,
	max_age: Moment,
) -> bool {
	let mut counted = false;
	for window in windows.filter(|window| window.underlying == underlying) {
		counted |= window.accumulate(spot, from, to, max_age);
	}
	counted
}
