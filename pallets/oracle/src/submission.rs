//! Taking a batch of reports: all of it, or an error and nothing.

use crate::{
	aggregate::find,
	types::{ExpiryValues, FeedParams, Observation, OperatorValues, OracleParams, Stamped},
	AggregatedAt, Config, Error, Feeds, Pallet, Params, SettlementAssetValues, Values,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{ensure, BoundedBTreeMap, BoundedVec};
use plimsoll_primitives::{Moment, Price, Rate, Svi, UnderlyingId};
use plimsoll_risk::svi::{self, SviError};

/// What reports are checked against, read once.
pub(crate) struct Checks<T: Config> {
	now: Moment,
	params: OracleParams,
	feeds: BoundedBTreeMap<UnderlyingId, FeedParams, T::MaxFeeds>,
}

impl<T: Config> Checks<T> {
	/// As of chain time `now`.
	pub(crate) fn new(now: Moment) -> Self {
		Self { now, params: Params::<T>::get(), feeds: Feeds::<T>::get() }
	}

	/// The rules of aggregation.
	pub(crate) const fn params(&self) -> &OracleParams {
		&self.params
	}

	fn feed(&self, underlying: UnderlyingId) -> Result<&FeedParams, Error<T>> {
		self.feeds.get(&underlying).ok_or(Error::<T>::UnknownUnderlying)
	}

	fn price(&self, underlying: UnderlyingId, price: Price) -> Result<(), Error<T>> {
		ensure!(self.feed(underlying)?.contains(price), Error::<T>::PriceOutOfBounds);
		Ok(())
	}

	fn expiry(&self, expiry: Moment) -> Result<(), Error<T>> {
		ensure!(expiry > self.now, Error::<T>::ExpiryPassed);
		Ok(())
	}

	fn rate(&self, rate: Rate) -> Result<(), Error<T>> {
		let size = rate.checked_abs().ok_or(Error::<T>::RateOutOfBounds)?;
		ensure!(size <= self.params.max_rate, Error::<T>::RateOutOfBounds);
		Ok(())
	}

	/// One report by itself.
	pub(crate) fn observation(&self, observation: &Observation) -> Result<(), Error<T>> {
		match *observation {
			Observation::Spot { underlying, price } => self.price(underlying, price),
			Observation::Forward { underlying, expiry, price } => {
				self.price(underlying, price)?;
				self.expiry(expiry)
			}
			Observation::Rate { underlying, expiry, rate } => {
				self.feed(underlying)?;
				self.expiry(expiry)?;
				self.rate(rate)
			}
			Observation::Surface { underlying, expiry, surface } => {
				self.feed(underlying)?;
				self.expiry(expiry)?;
				svi::check(&surface).map_err(surface_error)
			}
			Observation::SettlementAsset { price } => {
				ensure!(self.params.settlement_asset.contains(price), Error::<T>::PriceOutOfBounds);
				Ok(())
			}
		}
	}

	/// Each report by itself, and all together.
	pub(crate) fn batch(&self, observations: &[Observation]) -> Result<(), Error<T>> {
		ensure!(!observations.is_empty(), Error::<T>::EmptyBatch);
		let mut keys: Vec<_> = observations.iter().map(Observation::key).collect();
		keys.sort_unstable();
		let twice = keys.iter().zip(keys.iter().skip(1)).any(|(one, next)| one == next);
		ensure!(!twice, Error::<T>::DuplicateObservation);
		observations.iter().try_for_each(|observation| self.observation(observation))?;
		self.calendar(observations)
	}

	/// The batch's surfaces of each underlying, in the order of their expiries.
	fn calendar(&self, observations: &[Observation]) -> Result<(), Error<T>> {
		let surfaces: BTreeMap<(UnderlyingId, Moment), &Svi> = observations
			.iter()
			.filter_map(|observation| match observation {
				Observation::Surface { underlying, expiry, surface } => {
					Some(((*underlying, *expiry), surface))
				}
				_ => None,
			})
			.collect();
		for ((near_key, near), (far_key, far)) in surfaces.iter().zip(surfaces.iter().skip(1)) {
			if near_key.0 == far_key.0 {
				svi::check_calendar(near, far).map_err(surface_error)?;
			}
		}
		Ok(())
	}
}

/// The name of a surface's fault.
fn surface_error<T: Config>(error: SviError) -> Error<T> {
	match error {
		SviError::WingTooSteep | SviError::VarianceNotPositive | SviError::Butterfly => {
			Error::<T>::SurfaceArbitrage
		}
		SviError::Calendar => Error::<T>::CalendarArbitrage,
		SviError::Level
		| SviError::NegativeSlope
		| SviError::Correlation
		| SviError::Shift
		| SviError::Smoothness
		| SviError::OutOfDomain => Error::<T>::SurfaceOutOfDomain,
	}
}

impl OperatorValues {
	/// Forgets expiries that have passed and those whose every value is too old to count.
	pub(crate) fn prune(&mut self, now: Moment, max_age: Moment) {
		self.expiries
			.retain(|values| values.expiry > now && now.saturating_sub(values.newest()) <= max_age);
	}

	/// The entry of an expiry, made where there is none. `None` where there is no room.
	fn entry(&mut self, expiry: Moment) -> Option<&mut ExpiryValues> {
		let place = match self.expiries.binary_search_by_key(&expiry, |values| values.expiry) {
			Ok(place) => place,
			Err(place) => {
				self.expiries.try_insert(place, ExpiryValues::empty(expiry)).ok()?;
				place
			}
		};
		self.expiries.get_mut(place)
	}

	/// Takes one report in. `None` where there is no room for its expiry.
	fn record(&mut self, observation: &Observation, at: Moment) -> Option<()> {
		match *observation {
			Observation::Spot { price, .. } => self.spot = Some(Stamped { value: price, at }),
			Observation::Forward { expiry, price, .. } => {
				self.entry(expiry)?.forward = Some(Stamped { value: price, at })
			}
			Observation::Rate { expiry, rate, .. } => {
				self.entry(expiry)?.rate = Some(Stamped { value: rate, at })
			}
			Observation::Surface { expiry, surface, .. } => {
				self.entry(expiry)?.surface = Some(Stamped { value: surface, at })
			}
			// Kept elsewhere.
			Observation::SettlementAsset { .. } => {}
		}
		Some(())
	}

	/// When this operator last reported a forward for `expiry`; zero where it never did.
	pub(crate) fn reported_at(&self, expiry: Moment) -> Moment {
		find(&self.expiries, expiry, |values| values.expiry).map_or(0, ExpiryValues::newest)
	}
}

impl<T: Config> Pallet<T> {
	/// How many plain values and how many surfaces a batch has, for its weight.
	pub(crate) fn batch_shape(observations: &BoundedVec<Observation, T::MaxBatch>) -> (u32, u32) {
		let count = |surfaces: bool| {
			let matching = observations
				.iter()
				.filter(|one| matches!(one, Observation::Surface { .. }) == surfaces);
			u32::try_from(matching.count()).unwrap_or(u32::MAX)
		};
		(count(false), count(true))
	}

	/// Whether at `now` more than the maximum age has passed since the block before this one. That
	/// had its time seen by this block's aggregation; before the first aggregation there was no
	/// block in which to wait.
	pub(crate) fn stood_still(now: Moment) -> bool {
		AggregatedAt::<T>::get()
			.is_some_and(|before| now.saturating_sub(before) > Params::<T>::get().max_age)
	}

	/// Checks a batch and keeps it, stamped with `now`.
	pub(crate) fn take_batch(
		operator: &T::AccountId,
		observations: &[Observation],
		now: Moment,
	) -> Result<(), Error<T>> {
		let checks = Checks::<T>::new(now);
		checks.batch(observations)?;

		let mut records = BTreeMap::<UnderlyingId, OperatorValues>::new();
		let mut settlement_asset = None;
		for observation in observations {
			match (observation, observation.key().underlying()) {
				(Observation::SettlementAsset { price }, _) => {
					settlement_asset = Some(Stamped { value: *price, at: now })
				}
				(_, Some(underlying)) => records
					.entry(underlying)
					.or_insert_with(|| {
						let mut record = Values::<T>::get(underlying, operator);
						record.prune(now, checks.params().max_age);
						record
					})
					.record(observation, now)
					.ok_or(Error::<T>::TooManyExpiries)?,
				(_, None) => {}
			}
		}

		for (underlying, record) in records {
			Values::<T>::insert(underlying, operator, record);
		}
		if let Some(stamped) = settlement_asset {
			SettlementAssetValues::<T>::insert(operator, stamped);
		}
		Ok(())
	}
}
