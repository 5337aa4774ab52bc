//! Moments and days, UTC, in the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible
//! low-level date algorithms").

/// An hour in milliseconds.
pub const HOUR: i64 = 60 * 60 * 1000;
/// A day in milliseconds.
pub const DAY: i64 = 24 * HOUR;
/// Numeric timestamps from here on are milliseconds; below, seconds (the year 5138).
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// Days since 1970-01-01.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
	let year = if month <= 2 { year - 1 } else { year };
	let era = year.div_euclid(400);
	let year_of_era = year.rem_euclid(400);
	let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
	let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	era * 146_097 + day_of_era - 719_468
}

/// A day since 1970-01-01 as (year, month, day).
fn civil_from_days(days: i64) -> (i64, i64, i64) {
	let days = days + 719_468;
	let era = days.div_euclid(146_097);
	let day_of_era = days.rem_euclid(146_097);
	let year_of_era =
		(day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
	let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	let month = (5 * day_of_year + 2) / 153;
	let day = day_of_year - (153 * month + 2) / 5 + 1;
	let month = if month < 10 { month + 3 } else { month - 9 };
	(era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// A day since 1970-01-01, as it is written: 2020-03-12.
pub fn date(day: i64) -> String {
	let (year, month, day) = civil_from_days(day);
	format!("{year:04}-{month:02}-{day:02}")
}

/// Days since 1970-01-01 of a written date; `None` where it is none.
pub fn parse_date(text: &str) -> Option<i64> {
	let mut parts = text.splitn(3, '-');
	let year: i64 = digits(parts.next()?, 4)?;
	let month: i64 = digits(parts.next()?, 2)?;
	let day: i64 = digits(parts.next()?, 2)?;
	let days = days_from_civil(year, month, day);
	// A month or day that does not exist comes back as another.
	(civil_from_days(days) == (year, month, day)).then_some(days)
}

/// Exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i64> {
	(text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit()))
		.then(|| text.parse().ok())
		.flatten()
}

/// Milliseconds since 1970: seconds or milliseconds as a number, or `date[T| ]hour:minute[:second]`
/// with or without a fraction, `Z` or `+00:00`. Other offsets are refused: bars are cut at UTC days.
pub fn parse_moment(text: &str) -> Option<i64> {
	let text = text.trim();
	if let Ok(number) = text.parse::<i64>() {
		return if number.abs() < MILLISECONDS_FROM {
			number.checked_mul(1000)
		} else {
			Some(number)
		};
	}
	let day = parse_date(text.get(..10)?)?.checked_mul(DAY)?;
	let clock = text.get(10..)?;
	if clock.is_empty() {
		return Some(day);
	}
	let clock = clock.strip_prefix([' ', 'T'])?;
	let clock = clock.strip_suffix('Z').or(clock.strip_suffix("+00:00")).unwrap_or(clock);
	let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
	let mut parts = clock.split(':');
	let hour = digits(parts.next()?, 2).filter(|hour| *hour < 24)?;
	let minute = digits(parts.next()?, 2).filter(|minute| *minute < 60)?;
	let second = parts.next().map_or(Some(0), |second| digits(second, 2))?;
	if second >= 60 || parts.next().is_some() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
		return None;
	}
	Some(day + hour * HOUR + minute * 60_000 + second * 1000)
}

/// Milliseconds in hours.
pub fn hours(milliseconds: i64) -> f64 {
	milliseconds as f64 / HOUR as f64
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn moments_are_read_in_every_spelling() {
		let moment = 1_583_971_200_000; // 2020-03-12 00:00 UTC
		for text in [
			"2020-03-12",
			"2020-03-12 00:00:00",
			"2020-03-12T00:00:00Z",
			"2020-03-12 00:00:00.000",
			"2020-03-12T00:00:00+00:00",
			"2020-03-12 00:00",
			"1583971200",
			"1583971200000",
		] {
			assert_eq!(parse_moment(text), Some(moment), "{text}");
		}
		assert_eq!(parse_moment("2020-03-12T01:02:03Z"), Some(moment + 3_723_000));
	}

	#[test]
	fn moments_are_refused_when_no_such_moment_exists() {
		for text in
			["", "2021-02-29", "2020-13-01", "2020-03-12 24:00:00", "2020-03-12T00:00+02:00"]
		{
			assert_eq!(parse_moment(text), None, "{text}");
		}
	}

	#[test]
	fn dates_survive_there_and_back() {
		for day in (-1_000..60_000).step_by(13) {
			assert_eq!(parse_date(&date(day)), (day >= -719_528).then_some(day));
		}
	}
}
