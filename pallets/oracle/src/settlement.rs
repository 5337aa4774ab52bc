//! Settlement averages: time-weighted spot over the last 30 minutes before an expiry.
//!
//! The price that a block's hook publishes holds from that block's chain time (as the hook sees it)
//! until the next block's, or until it is too old. Each such interval is cut to the window and
//! counted exactly; what was not live is not counted at all.

use crate::{
	types::{Aggregate, SettlementWindow, SETTLEMENT_WINDOW},
	AggregatedAt, Config, Feeds, Pallet, Params, SettlementWindows,
};
use plimsoll_primitives::{Moment, Price, PriceError, UnderlyingId};

impl SettlementWindow {
	/// A window with nothing counted.
	pub const fn new(underlying: UnderlyingId, expiry: Moment) -> Self {
		Self { underlying, expiry, weighted_sum: 0, covered: 0 }
	}

	/// Its place among windows.
	pub const fn key(&self) -> (UnderlyingId, Moment) {
		(self.underlying, self.expiry)
	}

	/// Counts what of [`from`, `to`) lies in the window and saw `spot` live. Returns whether there
	/// was any.
	pub fn accumulate(
		&mut self,
		spot: &Aggregate<Price>,
		from: Moment,
		to: Moment,
		max_age: Moment,
	) -> bool {
		if spot.failure.is_some() {
			return false;
		}
		// Saturating: times near the ends of their type are cut, which shortens what is counted.
		let start = from.max(self.expiry.saturating_sub(SETTLEMENT_WINDOW));
		let end = to.min(self.expiry).min(spot.oldest.saturating_add(max_age));
		let Some(length) = end.checked_sub(start).filter(|length| *length > 0) else {
			return false;
		};
		let part = spot.value.into_inner().checked_mul(u128::from(length));
		let sum = part.and_then(|part| self.weighted_sum.checked_add(part));
		let covered = self.covered.checked_add(length);
		match (sum, covered) {
			(Some(sum), Some(covered)) => {
				self.weighted_sum = sum;
				self.covered = covered;
				true
			}
			_ => false,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// See [`plimsoll_primitives::PriceOracle::open_settlement_window`].
	pub(crate) fn open_window(underlying: UnderlyingId, expiry: Moment) -> Result<(), PriceError> {
		if !Feeds::<T>::get().contains_key(&underlying) {
			return Err(PriceError::Unknown);
		}
		SettlementWindows::<T>::try_mutate(|windows| {
			match windows.binary_search_by_key(&(underlying, expiry), SettlementWindow::key) {
				Ok(_) => Ok(()),
				Err(place) => windows
					.try_insert(place, SettlementWindow::new(underlying, expiry))
					.map_err(|_| PriceError::TooManyWindows),
			}
		})
	}

	/// See [`plimsoll_primitives::PriceOracle::settlement_average`]. Rounded down.
	pub(crate) fn average(underlying: UnderlyingId, expiry: Moment) -> Result<Price, PriceError> {
		let windows = SettlementWindows::<T>::get();
		let window = windows
			.binary_search_by_key(&(underlying, expiry), SettlementWindow::key)
			.ok()
			.and_then(|place| windows.get(place))
			.ok_or(PriceError::Unknown)?;
		// Not chain time: the last interval must have been counted too.
		if AggregatedAt::<T>::get().is_none_or(|at| at < expiry) {
			return Err(PriceError::Incomplete);
		}
		let needed = Params::<T>::get().settlement_coverage.mul_ceil(SETTLEMENT_WINDOW);
		if window.covered < needed {
			return Err(PriceError::Incomplete);
		}
		window
			.weighted_sum
			.checked_div(u128::from(window.covered))
			.map(Price::from_inner)
			.ok_or(PriceError::Incomplete)
	}

	/// See [`plimsoll_primitives::PriceOracle::close_settlement_window`].
	pub(crate) fn close_window(underlying: UnderlyingId, expiry: Moment) {
		SettlementWindows::<T>::mutate(|windows| {
			windows.retain(|window| window.key() != (underlying, expiry));
		});
	}
}
