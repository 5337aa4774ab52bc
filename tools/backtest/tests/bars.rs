//! Files of bars: what is read, and what is refused by name and line.

use flate2::{write::GzEncoder, Compression};
use plimsoll_backtest::{
	bars::{read, read_file, read_text, underlying_of, Bars},
	daily::{align, days},
	error::{BarError, Error},
	time::{parse_date, DAY, HOUR},
};
use std::{fmt::Write as _, io::Write as _, path::Path};

const HEADER: &str = "timestamp,open,high,low,close,volume\n";
const GAP: i64 = 6 * HOUR;

/// Hourly bars that rise by a dollar each, from this day on.
fn hourly(first: &str, hours: i64, skip: impl Fn(i64) -> bool) -> String {
	let start = parse_date(first).expect("a date") * DAY / 1000;
	let mut text = HEADER.to_string();
	for hour in (0..hours).filter(|hour| !skip(*hour)) {
		let (open, close) = (1000 + hour, 1001 + hour);
		let opened = start + hour * 3600;
		writeln!(text, "{opened},{open},{},{},{close},5", close + 2, open - 3).expect("memory");
	}
	text
}

fn bars(text: &str) -> Bars {
	read(text.as_bytes(), GAP).expect("well-formed bars")
}

fn refusal(lines: &str) -> BarError {
	read(format!("{HEADER}{lines}").as_bytes(), GAP).expect_err("something is wrong")
}

#[test]
fn bars_are_the_same_when_gzip() {
	let text = hourly("2024-01-01", 48, |_| false);
	let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
	encoder.write_all(text.as_bytes()).expect("memory");
	let packed = encoder.finish().expect("memory");
	let unpacked = read_text(packed.as_slice()).expect("gzip");
	assert_eq!(unpacked, text.as_bytes());
	let path = std::env::temp_dir().join(format!("plimsoll-bars-{}.csv.gz", std::process::id()));
	std::fs::write(&path, packed).expect("a temporary file");
	let from_file = read_file(&path, GAP);
	std::fs::remove_file(&path).expect("a temporary file");
	assert_eq!(from_file.expect("bars"), bars(&text));
}

#[test]
fn bars_are_found_by_the_names_of_columns() {
	let text = "close,Low,HIGH,open,timestamp_utc\n2,1,3,2,2024-01-01T00:00:00Z\n\
		2,1,3,2,2024-01-01T02:00:00Z\n";
	let bars = bars(text);
	assert_eq!((bars.length, bars.bars.len()), (2 * HOUR, 2));
	assert_eq!((bars.bars[0].low, bars.bars[0].high), (1.0, 3.0));
}

#[test]
fn files_are_refused_when_a_column_is_missing() {
	for (header, missing) in [
		("timestamp,open,high,close\n", "low"),
		("open,high,low,close\n", "timestamp"),
		("timestamp,open,high,low,price\n", "close"),
	] {
		let error = read(header.as_bytes(), GAP).expect_err("a column is missing");
		assert_eq!(error, BarError::MissingColumn(missing));
	}
}

#[test]
fn lines_are_refused_by_number_when_they_are_no_bars() {
	let good = "2024-01-01 00:00:00,2,3,1,2,9\n";
	let wrong = |line: &str| refusal(&format!("{good}{line}\n"));
	let field = |field: &str| field.to_string();
	assert_eq!(
		wrong("yesterday,2,3,1,2,9"),
		BarError::BadTimestamp { line: 3, field: field("yesterday") }
	);
	assert_eq!(
		wrong("2024-01-01 01:00:00,2,x,1,2,9"),
		BarError::BadNumber { line: 3, column: "high", field: field("x") }
	);
	assert_eq!(
		wrong("2024-01-01 01:00:00,NaN,3,1,2,9"),
		BarError::BadNumber { line: 3, column: "open", field: field("NaN") }
	);
	assert_eq!(
		wrong("2024-01-01 01:00:00,2,3"),
		BarError::BadLine { line: 3, reason: field("too few fields") }
	);
	for impossible in ["2,1,3,2", "2,3,0,2", "4,3,1,2", "2,3,-1,2"] {
		let line = format!("2024-01-01 01:00:00,{impossible},9");
		assert_eq!(wrong(&line), BarError::ImpossibleBar { line: 3 });
	}
}

#[test]
fn lines_are_refused_by_number_when_time_does_not_run_forward() {
	let at = |hours: &[&str]| {
		hours.iter().map(|hour| format!("2024-01-01 {hour}:00,2,3,1,2,9\n")).collect::<String>()
	};
	assert_eq!(refusal(&at(&["00:00", "02:00", "01:00"])), BarError::Unsorted { line: 4 });
	assert_eq!(refusal(&at(&["00:00", "01:00", "01:00"])), BarError::Duplicate { line: 4 });
	assert_eq!(
		refusal(&at(&["00:00", "01:00", "02:00", "09:00"])),
		BarError::Gap { line: 5, hours: 7.0 }
	);
	let error = Error::Bars { path: "x.csv".into(), error: refusal(&at(&["00:00", "00:00"])) };
	assert_eq!(error.to_string(), "x.csv line 3: same moment as the line above");
}

#[test]
fn bars_are_refused_when_too_few_or_too_long() {
	assert_eq!(refusal(""), BarError::TooFewBars(0));
	assert_eq!(refusal("2024-01-01,2,3,1,2,9\n"), BarError::TooFewBars(1));
	assert_eq!(
		refusal("2024-01-01,2,3,1,2,9\n2024-01-08,2,3,1,2,9\n"),
		BarError::BarsTooLong { hours: 168.0 }
	);
}

#[test]
fn days_end_at_midnight_and_see_the_horizon_after() {
	let bars = bars(&hourly("2024-01-01", 60, |_| false));
	let day = days(&bars, DAY).expect("hours divide a day");
	assert_eq!(day.len(), 3);
	assert_eq!((day[0].close, day[0].is_complete, day[1].is_complete), (1024.0, true, true));
	let outcome = day[0].outcome.expect("the next day is whole");
	assert_eq!((outcome.close, outcome.high, outcome.low), (1048.0, 1050.0, 1021.0));
	assert_eq!((day[1].outcome, day[2].is_complete), (None, false));
	let short = days(&bars, 6 * HOUR).expect("hours divide six hours");
	assert_eq!(short[0].outcome.map(|outcome| outcome.close), Some(1030.0));
	assert!(matches!(days(&bars, 90 * 60_000), Err(Error::Horizon { .. })));
	assert!(matches!(days(&bars, 2 * DAY), Err(Error::Horizon { .. })));
}

#[test]
fn days_without_their_last_bar_are_no_observations() {
	let bars = bars(&hourly("2024-01-01", 72, |hour| hour == 47));
	assert_eq!(bars.gaps, 1);
	let days = days(&bars, DAY).expect("hours divide a day");
	assert_eq!(days.iter().map(|day| day.is_complete).collect::<Vec<_>>(), [true, false, true]);
	assert_eq!(days[0].outcome, None);
}

#[test]
fn two_underlyings_keep_only_the_days_that_both_have() {
	let of = |first: &str, hours: i64, skip: fn(i64) -> bool| {
		let bars = read(hourly(first, hours, skip).as_bytes(), 2 * DAY).expect("bars");
		days(&bars, DAY).expect("hours divide a day")
	};
	let early = of("2024-01-01", 120, |_| false);
	let late = of("2024-01-02", 120, |hour| (24..48).contains(&hour));
	let rows = align(&[early, late]);
	let dates: Vec<_> = rows.iter().map(|row| plimsoll_backtest::time::date(row[0].day)).collect();
	assert_eq!(dates, ["2024-01-02", "2024-01-04", "2024-01-05"]);
	assert!(rows.iter().all(|row| row.len() == 2 && row[0].day == row[1].day));
	assert!(align(&[]).is_empty());
}

#[test]
fn underlyings_are_read_from_file_names() {
	for (name, underlying) in [
		("binance_BTCUSDT_2h_20170817_20250826.csv.gz", "BTC"),
		("/data/binance_usdm_ETHUSDT_1h.csv", "ETH"),
		("DOTUSD.csv", "DOT"),
		("sol-daily.csv", "sol"),
	] {
		assert_eq!(underlying_of(Path::new(name)), underlying);
	}
}
