//! From what sources say to what is sent: the median over sources, what the chain would refuse left
//! out, what is most overdue first.

use super::EXPIRY_MARGIN;
use crate::{
	aggregate::{find, Limits, Scaled},
	median::summarise,
	submission::Checks,
	surface,
	types::{FeedKey, Observation, OperatorValues, OracleParams, Source},
	Aggregates, Config, Error, Values, LOG_TARGET,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::traits::{Get, Time};
use plimsoll_primitives::{oracle::MAX_EXPIRIES, Moment, Svi, UnderlyingId};
use plimsoll_risk::svi;
use sp_arithmetic::{FixedI128, FixedU128};

/// An underlying's expiry.
type Series = (UnderlyingId, Moment);

/// What one source said.
pub(super) struct Reading<'a> {
	source: &'a Source,
	/// Each value once. `None` where it did not answer.
	said: Option<BTreeMap<FeedKey, Observation>>,
}

impl<'a> Reading<'a> {
	/// From the values in a source's answer. Of a value that is there twice the first counts: a
	/// source has one vote.
	pub(super) fn new(source: &'a Source, said: Option<Vec<Observation>>) -> Self {
		let said = said.map(|observations| {
			let mut values = BTreeMap::new();
			for observation in observations {
				values.entry(observation.key()).or_insert(observation);
			}
			values
		});
		Self { source, said }
	}

	/// Whether the source is one of those for `key`. Its answer shows what it gives; one that did
	/// not answer counts wherever it might have.
	fn is_for(&self, key: &FeedKey) -> bool {
		match &self.said {
			Some(values) => values.contains_key(key),
			None => self.source.may_give(key),
		}
	}
}

/// How many sources have to agree on a value of `key`: more than half of those that are listed for
/// it, so that the last one that answers is not believed by itself.
fn majority(readings: &[Reading], key: &FeedKey) -> usize {
	let listed = readings.iter().filter(|reading| reading.is_for(key)).count();
	// Saturating: there are few sources.
	(listed / 2).saturating_add(1)
}

/// The batch to send, at most `MaxBatch` long, from what all sources said.
pub(super) fn compose<T: Config>(
	checks: &Checks<T>,
	operator: &T::AccountId,
	readings: &[Reading],
) -> Vec<Observation> {
	let values =
		readings.iter().filter_map(|reading| reading.said.as_ref()).flat_map(BTreeMap::values);
	let mut by_key = BTreeMap::<FeedKey, Vec<Observation>>::new();
	let mut refused = BTreeMap::<FeedKey, Vec<Svi>>::new();
	for reading in values.copied().filter(|reading| lasts::<T>(reading)) {
		match (checks.observation(&reading), reading) {
			(Ok(()), _) => by_key.entry(reading.key()).or_default().push(reading),
			(
				Err(Error::<T>::SurfaceArbitrage | Error::<T>::CalendarArbitrage),
				Observation::Surface { surface, .. },
			) => refused.entry(reading.key()).or_default().push(surface),
			(Err(error), _) => {
				let error: &'static str = error.into();
				log::debug!(target: LOG_TARGET, "feeder leaves out {reading:?}: {error}");
			}
		}
	}
	let agreed: Vec<Observation> = by_key
		.iter()
		.filter_map(|(key, values)| middle(values, majority(readings, key), checks.params()))
		.collect();
	let max_divergence = checks.params().max_surface_divergence;
	refused.retain(|key, surfaces| {
		surface::agreeing(surfaces, max_divergence) >= majority(readings, key)
	});
	let (surfaces, mut values): (Vec<_>, Vec<_>) =
		agreed.into_iter().partition(|one| matches!(one, Observation::Surface { .. }));
	values.extend(mend_surfaces::<T>(surfaces, &refused, max_divergence));
	in_order::<T>(values, operator)
}

/// Whether a reading's expiry is far enough away to be sent.
fn lasts<T: Config>(reading: &Observation) -> bool {
	let soon = T::Time::now().saturating_add(EXPIRY_MARGIN);
	reading.key().series().is_none_or(|(_, expiry)| expiry > soon)
}

/// What several sources' readings of one value come to; `None` where fewer than `majority` of them
/// agree.
fn middle(readings: &[Observation], majority: usize, params: &OracleParams) -> Option<Observation> {
	let mut numbers = Vec::new();
	let mut surfaces = Vec::new();
	for reading in readings {
		match reading {
			Observation::Spot { price, .. }
			| Observation::Forward { price, .. }
			| Observation::SettlementAsset { price } => numbers.push(price.to_scaled()),
			Observation::Rate { rate, .. } => numbers.push(rate.to_scaled()),
			Observation::Surface { surface, .. } => surfaces.push(*surface),
		}
	}
	let first = *readings.first()?;
	let limits = match first {
		Observation::Rate { .. } => Limits::rates(params),
		_ => Limits::prices(params),
	};
	let number = || {
		let median = summarise(numbers.clone()).map(|summary| summary.median).filter(|median| {
			numbers.iter().filter(|value| limits.admit(**value, *median)).count() >= majority
		});
		if median.is_none() {
			log::debug!(target: LOG_TARGET, "feeder's sources disagree on {:?}", first.key());
		}
		median
	};
	Some(match first {
		Observation::Spot { underlying, .. } => {
			Observation::Spot { underlying, price: Scaled::from_scaled(number()?) }
		}
		Observation::Forward { underlying, expiry, .. } => {
			Observation::Forward { underlying, expiry, price: Scaled::from_scaled(number()?) }
		}
		Observation::Rate { underlying, expiry, .. } => {
			Observation::Rate { underlying, expiry, rate: Scaled::from_scaled(number()?) }
		}
		Observation::SettlementAsset { .. } => {
			Observation::SettlementAsset { price: Scaled::from_scaled(number()?) }
		}
		Observation::Surface { underlying, expiry, .. } => {
			let max_divergence = params.max_surface_divergence;
			if surface::agreeing(&surfaces, max_divergence) < majority {
				return None;
			}
			let surface = surface::choose(&surfaces, max_divergence)?.surface;
			Observation::Surface { underlying, expiry, surface }
		}
	})
}

/// Replaces each surface that the chain would refuse, by itself or beside the expiry before it, by
/// the last valid one moved to the same level at the money; leaves it out where that is refused
/// too.
fn mend_surfaces<T: Config>(
	agreed: Vec<Observation>,
	refused: &BTreeMap<FeedKey, Vec<Svi>>,
	max_divergence: FixedU128,
) -> Vec<Observation> {
	let mut wanted = BTreeMap::<Series, (Option<Svi>, FixedI128)>::new();
	for (key, surfaces) in refused {
		let level = surface::choose(surfaces, max_divergence)
			.filter(|choice| choice.agreed)
			.and_then(|choice| surface::at_the_money(&choice.surface));
		if let (Some(series), Some(level)) = (key.series(), level) {
			wanted.insert(series, (None, level));
		}
	}
	for observation in agreed {
		if let Observation::Surface { underlying, expiry, surface } = observation {
			if let Some(level) = surface::at_the_money(&surface) {
				wanted.insert((underlying, expiry), (Some(surface), level));
			}
		}
	}

	let mut mended = Vec::new();
	let mut near: Option<(UnderlyingId, Svi)> = None;
	for ((underlying, expiry), (surface, level)) in wanted {
		let fits = |far: &Svi| match &near {
			Some((of, near)) if *of == underlying => svi::check_calendar(near, far).is_ok(),
			_ => true,
		};
		let shifted = || {
			let last = last_surface::<T>(underlying, expiry)?;
			surface::shifted_to(&last, level).filter(fits)
		};
		match surface.filter(fits).or_else(shifted) {
			Some(surface) => {
				near = Some((underlying, surface));
				mended.push(Observation::Surface { underlying, expiry, surface });
			}
			None => {
				log::debug!(target: LOG_TARGET, "feeder has no surface for {underlying:?} {expiry}")
			}
		}
	}
	mended
}

/// The last surface that the chain knows of an expiry.
fn last_surface<T: Config>(underlying: UnderlyingId, expiry: Moment) -> Option<Svi> {
	let aggregate = Aggregates::<T>::get(underlying)?;
	let known = find(&aggregate.expiries, expiry, |known| known.expiry)?;
	known.surface.map(|surface| surface.value)
}

/// The values in the order in which they are sent, cut to a batch: the settlement asset and spots,
/// then expiry by expiry what this operator has not reported for longest.
fn in_order<T: Config>(values: Vec<Observation>, operator: &T::AccountId) -> Vec<Observation> {
	let mut batch = Vec::new();
	let mut series = BTreeMap::<Series, Vec<Observation>>::new();
	for value in values {
		match value.key().series() {
			Some(key) => series.entry(key).or_default().push(value),
			None => batch.push(value),
		}
	}
	let limit = usize::try_from(T::MaxBatch::get()).unwrap_or(usize::MAX);
	let mut overdue: Vec<(Moment, Series, Vec<Observation>)> = Vec::new();
	let mut records = BTreeMap::<UnderlyingId, (OperatorValues, BTreeSet<Moment>)>::new();
	for ((underlying, expiry), group) in series {
		let (record, expiries) =
			records.entry(underlying).or_insert_with(|| stored::<T>(underlying, operator));
		let room = expiries.len() < usize::try_from(MAX_EXPIRIES).unwrap_or(usize::MAX);
		if expiries.contains(&expiry) || room {
			expiries.insert(expiry);
			overdue.push((record.reported_at(expiry), (underlying, expiry), group));
		}
	}
	overdue.sort_by_key(|(reported_at, series, _)| (*reported_at, *series));
	for (_, _, group) in overdue {
		if batch.len().saturating_add(group.len()) <= limit {
			batch.extend(group);
		}
	}
	batch.truncate(limit);
	batch
}

/// What the chain keeps of this operator's reports, and which expiries take room there.
fn stored<T: Config>(
	underlying: UnderlyingId,
	operator: &T::AccountId,
) -> (OperatorValues, BTreeSet<Moment>) {
	let mut record = Values::<T>::get(underlying, operator);
	record.prune(T::Time::now(), crate::Params::<T>::get().max_age);
	let expiries = record.expiries.iter().map(|values| values.expiry).collect();
	(record, expiries)
}
