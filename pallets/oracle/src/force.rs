//! Setting prices by hand. Only in tests and benchmarks.

use crate::{
	types::{Aggregate, ExpiryAggregate, FeedParams, UnderlyingAggregate, ABSURD_PRICE},
	AggregatedAt, Aggregates, Config, Feeds, Pallet, SettlementAsset,
};
use frame_support::{traits::Time, BoundedVec};
use plimsoll_primitives::{Price, UnderlyingId, UnderlyingPrices};

impl<T: Config> Pallet<T> {
	/// Writes a live aggregate as of now, long live, with a feed of the widest bounds where there is
	/// none. Any `oldest` of `prices` is overridden with chain time, runs of live blocks with the
	/// longest; the half width is cut to half of
	/// spot. The next block's aggregation replaces it. For tests and benchmarks only.
	pub fn force_prices(underlying: UnderlyingId, prices: UnderlyingPrices) {
		let now = T::Time::now();
		Feeds::<T>::mutate(|feeds| {
			if !feeds.contains_key(&underlying) {
				let widest = FeedParams { min: Price::from_inner(1), max: ABSURD_PRICE };
				feeds.try_insert(underlying, widest).expect("there is room for a feed; qed");
			}
		});
		let expiries = prices
			.expiries
			.into_iter()
			.map(|expiry| ExpiryAggregate {
				expiry: expiry.expiry,
				forward: Some(live(expiry.forward, now)),
				rate: Some(live(expiry.rate, now)),
				surface: expiry.surface.map(|surface| live(surface, now)),
				live_blocks: u32::MAX,
				surface_live_blocks: expiry.surface.map_or(0, |_| u32::MAX),
			})
			.collect();
		let half = Price::from_inner(prices.spot.into_inner() / 2);
		let aggregate = UnderlyingAggregate {
			spot: Some(live(prices.spot, now)),
			half_width: prices.half_width.min(half),
			live_blocks: u32::MAX,
			expiries: BoundedVec::truncate_from(expiries),
		};
		Aggregates::<T>::insert(underlying, aggregate);
		AggregatedAt::<T>::put(now);
	}

	/// Writes a live price of the settlement asset as of now. For tests and benchmarks only.
	pub fn force_settlement_asset_price(price: Price) {
		SettlementAsset::<T>::put(live(price, T::Time::now()));
	}
}

fn live<V>(value: V, now: plimsoll_primitives::Moment) -> Aggregate<V> {
	Aggregate { value, oldest: now, failure: None, stepped: false }
}
