//! What must hold of this pallet's storage after every block.

use crate::{
	types::{ExpiryValues, SettlementWindow, SETTLEMENT_WINDOW},
	AggregatedAt, Aggregates, Config, Feeds, LastBatch, Pallet, Params, SettlementAssetValues,
	SettlementWindows, Sources, Values,
};
use frame_support::{
	ensure,
	traits::{Get, SortedMembers, Time},
};
use plimsoll_primitives::Moment;
use sp_runtime::TryRuntimeError;

/// Whether every item comes strictly before the next.
fn is_ascending<K: Ord>(keys: impl Iterator<Item = K> + Clone) -> bool {
	keys.clone().zip(keys.skip(1)).all(|(one, next)| one < next)
}

impl<T: Config> Pallet<T> {
	/// Checks every sentence below; the first that is untrue is the error.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::try_state_of_settings()?;
		Self::try_state_of_reports(T::Time::now())?;
		Self::try_state_of_aggregates(T::Time::now())?;
		Self::try_state_of_windows()
	}

	fn try_state_of_settings() -> Result<(), TryRuntimeError> {
		ensure!(
			Params::<T>::get().validate(T::MaxOperators::get()).is_ok(),
			"The rules of aggregation are valid."
		);
		let feeds = Feeds::<T>::get();
		ensure!(feeds.values().all(|feed| feed.is_valid()), "Every feed's bounds are valid.");
		for source in Sources::<T>::get() {
			ensure!(source.has_valid_url(), "Every source has a URL.");
			ensure!(source.has_valid_feed(), "Every source can give what it is to give.");
			ensure!(
				source.feed.underlying().is_none_or(|underlying| feeds.contains_key(&underlying)),
				"Every source's underlying has a feed."
			);
		}
		Ok(())
	}

	fn try_state_of_reports(now: Moment) -> Result<(), TryRuntimeError> {
		let feeds = Feeds::<T>::get();
		for (underlying, operator, values) in Values::<T>::iter() {
			ensure!(
				feeds.contains_key(&underlying),
				"Every underlying that is reported on has a feed."
			);
			ensure!(
				T::Operators::contains(&operator),
				"Whoever's reports are kept is an operator."
			);
			ensure!(
				is_ascending(values.expiries.iter().map(|values| values.expiry)),
				"An operator's expiries are ascending, each once."
			);
			let newest = values.expiries.iter().map(ExpiryValues::newest).max().unwrap_or(0);
			let spot = values.spot.map_or(0, |spot| spot.at);
			ensure!(newest.max(spot) <= now, "No report is stamped later than now.");
		}
		for operator in SettlementAssetValues::<T>::iter_keys() {
			ensure!(
				T::Operators::contains(&operator),
				"Whoever's settlement-asset price is kept is an operator."
			);
		}
		let block = frame_system::Pallet::<T>::block_number();
		for (operator, last) in LastBatch::<T>::iter() {
			ensure!(
				T::Operators::contains(&operator),
				"Whoever's last batch is remembered is an operator."
			);
			ensure!(last <= block, "No last batch is of a later block.");
		}
		Ok(())
	}

	fn try_state_of_aggregates(now: Moment) -> Result<(), TryRuntimeError> {
		let feeds = Feeds::<T>::get();
		for (underlying, aggregate) in Aggregates::<T>::iter() {
			ensure!(feeds.contains_key(&underlying), "Every aggregate's underlying has a feed.");
			ensure!(
				is_ascending(aggregate.expiries.iter().map(|known| known.expiry)),
				"An aggregate's expiries are ascending, each once."
			);
			let live = aggregate.spot.is_some_and(|spot| spot.failure.is_none());
			ensure!(
				live == (aggregate.live_blocks > 0),
				"Live blocks are counted while, and only while, spot is live."
			);
			for known in &aggregate.expiries {
				let up = known.forward.is_some_and(|forward| forward.failure.is_none())
					&& known.rate.is_none_or(|rate| rate.failure.is_none());
				ensure!(
					known.live_blocks == 0 || up,
					"An expiry's live blocks are counted only while its forward and rate are live."
				);
				ensure!(
					known.surface_live_blocks == 0
						|| known.surface.is_some_and(|surface| surface.failure.is_none()),
					"A surface's live blocks are counted only while it is live."
				);
			}
			if let Some(spot) = aggregate.spot {
				ensure!(!spot.value.is_zero(), "No spot price is zero.");
				ensure!(spot.oldest <= now, "No aggregate rests on a report later than now.");
				ensure!(
					aggregate.half_width.into_inner() <= spot.value.into_inner() / 2,
					"The half width is at most half of spot."
				);
			}
		}
		Ok(())
	}

	fn try_state_of_windows() -> Result<(), TryRuntimeError> {
		let feeds = Feeds::<T>::get();
		let windows = SettlementWindows::<T>::get();
		ensure!(
			is_ascending(windows.iter().map(SettlementWindow::key)),
			"Settlement windows are ascending by underlying and expiry, each once."
		);
		let at = AggregatedAt::<T>::get().unwrap_or(0);
		for window in windows {
			ensure!(
				feeds.contains_key(&window.underlying),
				"Every settlement window's underlying has a feed."
			);
			ensure!(
				window.covered <= SETTLEMENT_WINDOW,
				"No settlement window counts more time than it has."
			);
			ensure!(
				window.covered == 0 || at > window.expiry.saturating_sub(SETTLEMENT_WINDOW),
				"No settlement window counts time before it began."
			);
			ensure!(
				(window.covered == 0) == (window.weighted_sum == 0),
				"A settlement window has a sum where it has counted time, and only there."
			);
		}
		Ok(())
	}
}
