//! On which dates contracts expire by custom: every day, on Fridays, on the last Friday of a month and
//! of a quarter, always at 08:00 UTC. Pure arithmetic of the Gregorian calendar; chain time knows no
//! leap seconds.
//!
//! Days and months are counted from 0000-03-01. A year that begins in March has its leap day at its
//! end, and every third month, counted from the first, ends a quarter.

use alloc::vec::Vec;
use plimsoll_primitives::Moment;

/// One day, in milliseconds.
pub const DAY: Moment = 24 * 60 * 60 * 1_000;
/// When on its day an expiry is, in milliseconds after midnight UTC.
pub const TIME_OF_DAY: Moment = 8 * 60 * 60 * 1_000;

/// 1970-01-01, from which chain time is counted.
const EPOCH: u64 = 719_468;
/// 9999-01-01, long after all that chains will see: what is computed of days before it stays far
/// within 64 bits, so that bare operators on them are safe.
const END: u64 = 3_652_000;
/// The calendar repeats after 400 years.
const MONTHS_OF_CYCLE: u64 = 4_800;
const DAYS_OF_CYCLE: u64 = 146_097;

/// How often contracts expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
	/// Every day.
	Daily,
	/// On Fridays.
	Weekly,
	/// On the last Friday of each month.
	Monthly,
	/// On the last Friday of March, June, September and December.
	Quarterly,
}

/// The next `count` expiries later than `now`, ascending; fewer where time ends.
pub fn next_expiries(frequency: Frequency, now: Moment, count: u8) -> Vec<Moment> {
	// Saturating: it is after the end in any case.
	let today = (now / DAY).saturating_add(EPOCH);
	if today >= END {
		return Vec::new();
	}
	let days: &mut dyn Iterator<Item = u64> = match frequency {
		Frequency::Daily => &mut (today..END),
		Frequency::Weekly => &mut (friday_until(today)..END).step_by(7),
		Frequency::Monthly => &mut last_fridays(today, 1),
		Frequency::Quarterly => &mut last_fridays(today, 3),
	};
	days.filter_map(|day| day.checked_sub(EPOCH))
		.map(|day| day * DAY + TIME_OF_DAY)
		.skip_while(|expiry| *expiry <= now)
		.take(usize::from(count))
		.collect()
}

/// The last Fridays of every `step`th month, from that of `day` or somewhat before on.
fn last_fridays(day: u64, step: usize) -> impl Iterator<Item = u64> {
	// The month of `day`, or the one before or after it; `day` is long after the first months.
	let near = day * MONTHS_OF_CYCLE / DAYS_OF_CYCLE;
	(near - 3..)
		.skip_while(|month| month % 3 != 0)
		.step_by(step)
		.map(|month| friday_until(first_of_month(month + 1) - 1))
		.take_while(|friday| *friday < END)
}

/// The last Friday that is not after `day`, which is not among the first days of all.
const fn friday_until(day: u64) -> u64 {
	// 1970-01-02 was one, day 2 of a week counted from 0000-03-01.
	day - (day + 5) % 7
}

/// The first day of a month.
const fn first_of_month(month: u64) -> u64 {
	let (year, month) = (month / 12, month % 12);
	// From March on, months have 31, 30, 31, 30, 31 days, and again: 153 in five.
	365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5
}

#[cfg(test)]
mod tests {
	use super::*;

	/// 08:00 UTC on a date.
	fn at(year: u64, month: u64, day: u64) -> Moment {
		let months = year * 12 + month - 3;
		(first_of_month(months) + day - 1 - EPOCH) * DAY + TIME_OF_DAY
	}

	fn next(frequency: Frequency, now: Moment, count: u8) -> Vec<Moment> {
		next_expiries(frequency, now, count)
	}

	#[test]
	fn dates_are_those_of_the_calendar() {
		// By `date -u -d ... +%s`.
		assert_eq!(at(1970, 1, 1), TIME_OF_DAY);
		assert_eq!(at(2000, 2, 29) / 1_000, 951_811_200);
		assert_eq!(at(2024, 3, 1) / 1_000, 1_709_280_000);
		assert_eq!(at(2026, 12, 25) / 1_000, 1_798_185_600);
		assert_eq!(at(2100, 3, 1) / 1_000, 4_107_571_200);
		assert_eq!(at(9999, 1, 1) / DAY + EPOCH, END);
	}

	#[test]
	fn dailies_begin_today_before_eight_and_tomorrow_from_eight_on() {
		let eight = at(2026, 11, 25);
		assert_eq!(next(Frequency::Daily, eight - 1, 2), [eight, at(2026, 11, 26)]);
		assert_eq!(next(Frequency::Daily, eight, 2), [at(2026, 11, 26), at(2026, 11, 27)]);
	}

	#[test]
	fn weeklies_are_fridays() {
		let fridays = [at(2026, 11, 27), at(2026, 12, 4), at(2026, 12, 11)];
		assert_eq!(next(Frequency::Weekly, at(2026, 11, 25), 3), fridays);
		assert_eq!(next(Frequency::Weekly, fridays[0] - 1, 3), fridays);
		assert_eq!(next(Frequency::Weekly, fridays[0], 2), fridays[1..]);
		assert_eq!(next(Frequency::Weekly, 0, 1), [at(1970, 1, 2)]);
	}

	#[test]
	fn monthlies_are_last_fridays() {
		assert_eq!(
			next(Frequency::Monthly, at(2026, 11, 27), 4),
			[at(2026, 12, 25), at(2027, 1, 29), at(2027, 2, 26), at(2027, 3, 26)]
		);
		// A month that ends on a Friday; a leap year's February; the end of a year.
		assert_eq!(next(Frequency::Monthly, at(2026, 7, 1), 1), [at(2026, 7, 31)]);
		assert_eq!(next(Frequency::Monthly, at(2024, 2, 1), 1), [at(2024, 2, 23)]);
		assert_eq!(next(Frequency::Monthly, at(2027, 12, 31), 1), [at(2028, 1, 28)]);
	}

	#[test]
	fn quarterlies_are_last_fridays_of_the_quarters_last_months() {
		assert_eq!(
			next(Frequency::Quarterly, at(2026, 11, 25), 5),
			[at(2026, 12, 25), at(2027, 3, 26), at(2027, 6, 25), at(2027, 9, 24), at(2027, 12, 31)]
		);
		assert_eq!(next(Frequency::Quarterly, at(2027, 3, 26), 1), [at(2027, 6, 25)]);
		assert_eq!(next(Frequency::Quarterly, at(2027, 3, 26) - 1, 1), [at(2027, 3, 26)]);
	}

	/// Each day of three centuries against what a month is by counting.
	#[test]
	fn monthlies_and_quarterlies_are_right_on_every_day() {
		let lengths = |year: u64| {
			let leap =
				year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
			[31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
		};
		let mut ends = Vec::new();
		let mut first = 0;
		for year in 1970..2270 {
			for (month, length) in lengths(year).into_iter().enumerate() {
				let last = (first..first + length).rev().find(|day| day % 7 == 1).expect("one is");
				ends.push((month, last * DAY + TIME_OF_DAY));
				first += length;
			}
		}
		let (mut at_month, mut at_quarter) = (0, 0);
		let quarters: Vec<_> = ends.iter().filter(|(month, _)| month % 3 == 2).collect();
		for day in 0..109_000 {
			// The worst moment: just when an expiry passes.
			let now = day * DAY + TIME_OF_DAY;
			while ends[at_month].1 <= now {
				at_month += 1;
			}
			while quarters[at_quarter].1 <= now {
				at_quarter += 1;
			}
			assert_eq!(next(Frequency::Monthly, now, 1), [ends[at_month].1]);
			assert_eq!(next(Frequency::Quarterly, now, 1), [quarters[at_quarter].1]);
		}
	}

	#[test]
	fn expiries_end_with_time() {
		for frequency in
			[Frequency::Daily, Frequency::Weekly, Frequency::Monthly, Frequency::Quarterly]
		{
			assert!(next(frequency, Moment::MAX, 3).is_empty());
			assert!(next(frequency, at(9999, 1, 1), 3).is_empty());
			assert!(next(frequency, at(9998, 12, 30), u8::MAX).len() <= 2);
			assert_eq!(next(frequency, 0, 3).len(), 3);
			assert!(next(frequency, 0, 0).is_empty());
		}
	}
}
