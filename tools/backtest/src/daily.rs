//! Days: what bars tell of each day's end and of the horizon after it.

use crate::{
	bars::Bars,
	error::Error,
	time::{hours, DAY},
};

/// What happens within the horizon after a day's end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
	/// The price at the horizon's end.
	pub close: f64,
	/// The highest within it.
	pub high: f64,
	/// The lowest within it.
	pub low: f64,
	/// The sum of the bars' squared logarithmic returns.
	pub variance: f64,
}

/// A day of one underlying, UTC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
	/// Since 1970-01-01.
	pub day: i64,
	/// The last price.
	pub close: f64,
	/// Whether that is the price at the day's end: the last bar is there.
	pub is_complete: bool,
	/// The sum of the bars' squared logarithmic returns.
	pub variance: f64,
	/// `None` where the bar at the horizon's end is missing.
	pub outcome: Option<Outcome>,
}

/// Cuts bars into days; `horizon` in milliseconds, a multiple of the bars' length, at most a day.
///
/// # Errors
/// `Horizon`.
pub fn days(bars: &Bars, horizon: i64) -> Result<Vec<Day>, Error> {
	let length = bars.length;
	if horizon <= 0 || horizon > DAY || horizon % length != 0 || DAY % length != 0 {
		return Err(Error::Horizon { hours: hours(horizon), bar_hours: hours(length) });
	}
	let bars = &bars.bars;
	let day_of = |index: usize| bars[index].opened.div_euclid(DAY);
	// A bar's squared return, from the close before it; the first from its own opening.
	let squared = |index: usize| {
		let before = if index == 0 { bars[index].open } else { bars[index - 1].close };
		libm::log(bars[index].close / before).powi(2)
	};
	let mut days = Vec::new();
	let mut start = 0;
	while start < bars.len() {
		let day = day_of(start);
		let mut end = start;
		while end < bars.len() && day_of(end) == day {
			end += 1;
		}
		let midnight = (day + 1) * DAY;
		let mut last = end;
		while last < bars.len() && bars[last].opened < midnight + horizon {
			last += 1;
		}
		let is_there = last > end && bars[last - 1].opened == midnight + horizon - length;
		let outcome = is_there.then(|| Outcome {
			close: bars[last - 1].close,
			high: bars[end..last].iter().map(|bar| bar.high).fold(0.0, f64::max),
			low: bars[end..last].iter().map(|bar| bar.low).fold(f64::INFINITY, f64::min),
			variance: (end..last).map(squared).sum(),
		});
		days.push(Day {
			day,
			close: bars[end - 1].close,
			is_complete: bars[end - 1].opened == midnight - length,
			variance: (start..end).map(squared).sum(),
			outcome,
		});
		start = end;
	}
	Ok(days)
}

/// The days that all underlyings have, in the order of the underlyings: row by row one [`Day`] each.
pub fn align(series: &[Vec<Day>]) -> Vec<Vec<Day>> {
	let Some((first, others)) = series.split_first() else { return Vec::new() };
	let mut next = vec![0; others.len()];
	let mut rows = Vec::new();
	for day in first {
		let mut row = vec![*day];
		for (days, next) in others.iter().zip(&mut next) {
			while days.get(*next).is_some_and(|other| other.day < day.day) {
				*next += 1;
			}
			row.extend(days.get(*next).filter(|other| other.day == day.day));
		}
		if row.len() == series.len() {
			rows.push(row);
		}
	}
	rows
}
