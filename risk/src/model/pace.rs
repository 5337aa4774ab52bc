//! How fast parameters move, and how low.
//!
//! Margins that follow volatility at once ask most when everybody has least. So ranges in force go
//! towards new ones in capped steps, up faster than down, and never below floors (EU 153/2013, article
//! 28: procyclicality): the same for what governance sets as for a forecast.

use super::{ModelError, RiskModel, VolatilityShockLaw};
use crate::fixed::multiply_unsigned_decimal;
use plimsoll_primitives::number::SCALE;
use sp_arithmetic::FixedU128;

/// A minute and 30 days, milliseconds.
const STEPS: core::ops::RangeInclusive<u64> = 60_000..=30 * 24 * 60 * 60 * 1000;

stored! {
	/// Floors and rate limits of the scan ranges and the volatility ranges.
	pub struct Pace {
		/// How long a step is, milliseconds; from a minute to 30 days.
		pub step: u64,
		/// What a range rises by in a step at most, relatively; from a thousandth to ten.
		pub rise: FixedU128,
		/// What a range falls by in a step at most, relatively; from a thousandth to below one.
		pub fall: FixedU128,
		/// The least scan range.
		pub least_scan_range: FixedU128,
		/// The least volatility range up.
		pub least_range_up: FixedU128,
		/// The least volatility range down.
		pub least_range_down: FixedU128,
	}
}

impl Pace {
	pub(super) fn validate(&self, model: &RiskModel) -> Result<(), ModelError> {
		let (one, ten) = (FixedU128::from_u32(1), FixedU128::from_u32(10));
		// Less would take ranges nowhere.
		let is_part = |part: FixedU128| part.into_inner() >= SCALE / 1_000;
		let is_pace = STEPS.contains(&self.step)
			&& is_part(self.rise)
			&& self.rise <= ten
			&& is_part(self.fall)
			&& self.fall < one;
		if !is_pace {
			return Err(ModelError::Pace);
		}
		let law = &model.volatility;
		let are_above = model.underlyings.iter().all(|of| of.scan_range >= self.least_scan_range)
			&& law.range_up >= self.least_range_up
			&& law.range_down >= self.least_range_down;
		if are_above {
			Ok(())
		} else {
			Err(ModelError::BelowFloor)
		}
	}

	fn with_lower_floors(&self, other: &Self) -> Self {
		Self {
			least_scan_range: self.least_scan_range.min(other.least_scan_range),
			least_range_up: self.least_range_up.min(other.least_range_up),
			least_range_down: self.least_range_down.min(other.least_range_down),
			..*self
		}
	}

	fn without_floors(&self) -> Self {
		let none = FixedU128::from_u32(0);
		Self { least_scan_range: none, least_range_up: none, least_range_down: none, ..*self }
	}

	/// One step from `from` towards `to`, rounded towards where it is.
	fn step(&self, from: FixedU128, to: FixedU128) -> FixedU128 {
		let of = |part: FixedU128| {
			// A range is at most ten: what does not fit is no step.
			multiply_unsigned_decimal(from.into_inner(), part.into_inner()).unwrap_or(0)
		};
		let next = if to > from {
			from.into_inner().saturating_add(of(self.rise)).min(to.into_inner())
		} else {
			from.into_inner().saturating_sub(of(self.fall)).max(to.into_inner())
		};
		FixedU128::from_inner(next)
	}
}

impl RiskModel {
	/// The model that is in force after this one when `target` is to be: `target` itself, with the
	/// ranges one step of this one's pace away from what they are. Until they are there this one's pace
	/// holds, with the lower of both floors, so that no new pace lets them leap on their way. An
	/// underlying that this one does not know has its range at once; without a pace everything is.
	pub fn towards(&self, target: &Self) -> Self {
		self.pace.map_or_else(|| target.clone(), |pace| self.moved_by(&pace, target))
	}

	/// The same between two steps: the ranges stay where they are.
	pub fn on_the_way(&self, target: &Self) -> Self {
		let Some(pace) = self.pace else { return target.clone() };
		let none = FixedU128::from_u32(0);
		let mut held = self.moved_by(&Pace { rise: none, fall: none, ..pace }, target);
		if held != *target {
			let still = held.pace.unwrap_or(pace);
			held.pace = Some(Pace { rise: pace.rise, fall: pace.fall, ..still });
		}
		held
	}

	fn moved_by(&self, pace: &Pace, target: &Self) -> Self {
		let mut next = target.clone();
		for underlying in &mut next.underlyings {
			if let Some(now) = self.scan_range(underlying.underlying) {
				underlying.scan_range = pace.step(now, underlying.scan_range);
			}
		}
		let VolatilityShockLaw { range_up, range_down, .. } = self.volatility;
		next.volatility.range_up = pace.step(range_up, target.volatility.range_up);
		next.volatility.range_down = pace.step(range_down, target.volatility.range_down);
		if next != *target {
			next.pace = Some(match &target.pace {
				Some(new) => pace.with_lower_floors(new),
				None => pace.without_floors(),
			});
		}
		next
	}
}

/// A day's steps: ranges rise by a half and fall by a twentieth at most.
pub(super) fn standard() -> Pace {
	let percent = |percent: u32| FixedU128::from_inner(u128::from(percent) * (SCALE / 100));
	Pace {
		step: 24 * 60 * 60 * 1000,
		rise: percent(50),
		fall: percent(5),
		least_scan_range: percent(5),
		least_range_up: percent(25),
		least_range_down: percent(15),
	}
}
