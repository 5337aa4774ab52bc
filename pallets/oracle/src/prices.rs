//! What other pallets read. Freshness is checked again at every read: between the hook that
//! aggregated and now, chain time has moved on.

use crate::{
	types::{ExpiryAggregate, UnderlyingAggregate},
	Aggregates, Config, Feeds, Pallet, Params, SettlementAsset,
};
use frame_support::traits::Time;
use plimsoll_primitives::{
	ExpiryPrices, Moment, Price, PriceError, PriceOracle, Rate, UnderlyingId, UnderlyingPrices,
};

/// An expiry that can be acted on, and the oldest stamp behind it. Its forward must be live; so
/// must its rate, once there has been one (going from a known rate to zero would move every
/// option); a surface that is not is left out.
fn current_expiry(
	aggregate: &ExpiryAggregate,
	now: Moment,
	max_age: Moment,
) -> Option<(ExpiryPrices, Moment)> {
	if aggregate.expiry <= now {
		return None;
	}
	let forward = aggregate.forward?;
	let mut oldest = forward.oldest;
	let rate = match aggregate.rate {
		Some(rate) => {
			oldest = oldest.min(rate.oldest);
			rate.current(now, max_age).ok()?
		}
		None => Rate::ZERO,
	};
	let live_surface = aggregate.surface.filter(|one| one.current(now, max_age).is_ok());
	if let Some(surface) = live_surface {
		oldest = oldest.min(surface.oldest);
	}
	let prices = ExpiryPrices {
		expiry: aggregate.expiry,
		forward: forward.current(now, max_age).ok()?,
		rate,
		surface: live_surface.map(|surface| surface.value),
		live_blocks: aggregate.live_blocks,
		surface_live_blocks: live_surface.map_or(0, |_| aggregate.surface_live_blocks),
	};
	Some((prices, oldest))
}

/// An expiry as it was last known.
fn last_expiry(aggregate: &ExpiryAggregate) -> Option<(ExpiryPrices, Moment)> {
	let forward = aggregate.forward?;
	let rate = aggregate.rate;
	let surface = aggregate.surface;
	let oldest = [rate.map(|rate| rate.oldest), surface.map(|surface| surface.oldest)]
		.into_iter()
		.flatten()
		.fold(forward.oldest, Moment::min);
	let prices = ExpiryPrices {
		expiry: aggregate.expiry,
		forward: forward.value,
		rate: rate.map_or(Rate::ZERO, |rate| rate.value),
		surface: surface.map(|surface| surface.value),
		live_blocks: 0,
		surface_live_blocks: 0,
	};
	Some((prices, oldest))
}

fn assemble(
	spot: Price,
	oldest: Moment,
	aggregate: &UnderlyingAggregate,
	expiry: impl Fn(&ExpiryAggregate) -> Option<(ExpiryPrices, Moment)>,
) -> UnderlyingPrices {
	let mut prices = UnderlyingPrices {
		spot,
		half_width: aggregate.half_width,
		oldest,
		expiries: Default::default(),
	};
	for (one, oldest) in aggregate.expiries.iter().filter_map(expiry) {
		prices.oldest = prices.oldest.min(oldest);
		prices.expiries.push(one);
	}
	prices
}

impl<T: Config> Pallet<T> {
	/// The aggregate of a known feed.
	fn aggregate_of(underlying: UnderlyingId) -> Result<UnderlyingAggregate, PriceError> {
		match Aggregates::<T>::get(underlying) {
			Some(aggregate) => Ok(aggregate),
			None if Feeds::<T>::get().contains_key(&underlying) => Err(PriceError::NoQuorum),
			None => Err(PriceError::Unknown),
		}
	}
}

impl<T: Config> PriceOracle for Pallet<T> {
	fn prices(underlying: UnderlyingId) -> Result<UnderlyingPrices, PriceError> {
		let aggregate = Self::aggregate_of(underlying)?;
		let (now, max_age) = (T::Time::now(), Params::<T>::get().max_age);
		let spot = aggregate.spot.ok_or(PriceError::NoQuorum)?;
		let price = spot.current(now, max_age)?;
		Ok(assemble(price, spot.oldest, &aggregate, |one| current_expiry(one, now, max_age)))
	}

	fn last_prices(underlying: UnderlyingId) -> Option<UnderlyingPrices> {
		let aggregate = Aggregates::<T>::get(underlying)?;
		let spot = aggregate.spot?;
		Some(assemble(spot.value, spot.oldest, &aggregate, last_expiry))
	}

	fn live_blocks(underlying: UnderlyingId) -> u32 {
		let Some(aggregate) = Aggregates::<T>::get(underlying) else { return 0 };
		let (now, max_age) = (T::Time::now(), Params::<T>::get().max_age);
		match aggregate.spot.map(|spot| spot.current(now, max_age)) {
			Some(Ok(_)) => aggregate.live_blocks,
			Some(Err(_)) | None => 0,
		}
	}

	fn settlement_asset_price() -> Result<Price, PriceError> {
		let aggregate = SettlementAsset::<T>::get().ok_or(PriceError::NoQuorum)?;
		aggregate.current(T::Time::now(), Params::<T>::get().max_age)
	}

	fn last_settlement_asset_price() -> Option<Price> {
		SettlementAsset::<T>::get().map(|aggregate| aggregate.value)
	}

	fn open_settlement_window(underlying: UnderlyingId, expiry: Moment) -> Result<(), PriceError> {
		Self::open_window(underlying, expiry)
	}

	fn settlement_average(underlying: UnderlyingId, expiry: Moment) -> Result<Price, PriceError> {
		Self::average(underlying, expiry)
	}

	fn close_settlement_window(underlying: UnderlyingId, expiry: Moment) {
		Self::close_window(underlying, expiry)
	}
}
