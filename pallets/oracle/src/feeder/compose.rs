//! From what sources say to what is sent: the median over sources, what the chain would refuse left
//! out, what is most overdue first.

use super::EXPIRY_MARGIN;
use crate::{
	aggregate::{find, Limits, Scaled},
	median::summarise,
	submission::Checks,
	surface,
	types::{FeedKey, Observation, OperatorValues, OracleParams},
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

/// The batch to send, at most `MaxBatch` long, from all readings of all sources.
pub(super) fn compose<T: Config>(
	checks: &Checks<T>,
	operator: &T::AccountId,
	readings: Vec<Observation>,
) -> Vec<Observation> {
	let mut by_key = BTreeMap::<FeedKey, Vec<Observation>>::new();
	let mut refused = BTreeMap::<FeedKey, Vec<Svi>>::new();
	for reading in readings.into_iter().filter(|reading| lasts::<T>(reading)) {
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
	let agreed: Vec<Observation> =
		by_key.values().filter_map(|readings| middle(readings, checks.params())).collect();
	let (surfaces, mut values): (Vec<_>, Vec<_>) =
		agreed.into_iter().partition(|one| matches!(one, Observation::Surface { .. }));
	values.extend(mend_surfaces::<T>(surfaces, &refused, checks.params().max_surface_divergence));
	in_order::<T>(values, operator)
}

/// Whether a reading's expiry is far enough away to be sent.
fn lasts<T: Config>(reading: &Observation) -> bool {
	let soon = T::Time::now().saturating_add(EXPIRY_MARGIN);
	reading.key().series().is_none_or(|(_, expiry)| expiry > soon)
}

/// What several sources' readings of one value come to; `None` where they disagree.
fn middle(readings: &[Observation], params: &OracleParams) -> Option<Observation> {
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
		let summary = summarise(numbers).filter(|summary| limits.agree(summary));
		if summary.is_none() {
			log::debug!(target: LOG_TARGET, "feeder's sources disagree on {:?}", first.key());
		}
		summary.map(|summary| summary.median)
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
			let choice = surface::choose(&surfaces, params.max_surface_divergence)?;
			let surface = choice.agreed.then_some(choice.surface)?;
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
