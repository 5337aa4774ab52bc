//! Files of bars: timestamp of the bar's opening, open, high, low, close; gzip or plain.

use crate::{
	error::{BarError, Error},
	time::{hours, parse_moment, DAY, HOUR},
};
use flate2::read::MultiGzDecoder;
use std::{
	fs::File,
	io::{Cursor, Read},
	path::Path,
};

/// The names under which a bar's opening moment is found.
const TIMESTAMPS: [&str; 8] =
	["timestamp", "timestamp_utc", "time", "date", "datetime", "open_time", "opentime", "unix"];
/// The first bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// One bar. Prices in USD.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
	/// When it opens, milliseconds since 1970, UTC.
	pub opened: i64,
	/// The first price.
	pub open: f64,
	/// The highest.
	pub high: f64,
	/// The lowest.
	pub low: f64,
	/// The last.
	pub close: f64,
}

/// A file's bars, ascending.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
	/// How long a bar is, milliseconds; at most a day.
	pub length: i64,
	/// All of them.
	pub bars: Vec<Bar>,
	/// How many times a bar is missing; each no longer than is tolerated.
	pub gaps: usize,
}

/// Reads a file.
///
/// # Errors
/// `Bars`, with the line where there is one.
pub fn read_file(path: &Path, most_gap: i64) -> Result<Bars, Error> {
	let fails = |error| Error::Bars { path: path.display().to_string(), error };
	let unreadable = |error: std::io::Error| fails(BarError::Unreadable(error.to_string()));
	let text = read_text(File::open(path).map_err(unreadable)?).map_err(unreadable)?;
	read(&text, most_gap).map_err(fails)
}

/// All bytes of what may be gzip.
pub fn read_text(mut source: impl Read) -> std::io::Result<Vec<u8>> {
	let mut bytes = Vec::new();
	source.read_to_end(&mut bytes)?;
	if !bytes.starts_with(&GZIP) {
		return Ok(bytes);
	}
	let mut text = Vec::new();
	MultiGzDecoder::new(Cursor::new(bytes)).read_to_end(&mut text)?;
	Ok(text)
}

/// Whether a file's header is one of bars.
pub fn is_bars(text: &[u8]) -> bool {
	let mut reader = csv::Reader::from_reader(text);
	reader.headers().is_ok_and(|header| Columns::of(header).is_ok())
}

/// Where the columns stand.
struct Columns {
	timestamp: usize,
	prices: [(usize, &'static str); 4],
}

impl Columns {
	fn of(header: &csv::StringRecord) -> Result<Self, BarError> {
		let position = |name: &str| {
			header.iter().position(|field| {
				field.trim().trim_start_matches('\u{feff}').eq_ignore_ascii_case(name)
			})
		};
		let timestamp = TIMESTAMPS.iter().find_map(|name| position(name));
		let price =
			|name: &'static str| Ok((position(name).ok_or(BarError::MissingColumn(name))?, name));
		Ok(Self {
			timestamp: timestamp.ok_or(BarError::MissingColumn("timestamp"))?,
			prices: [price("open")?, price("high")?, price("low")?, price("close")?],
		})
	}

	fn bar(&self, record: &csv::StringRecord, line: u64) -> Result<Bar, BarError> {
		let field = |index: usize| {
			let missing = || BarError::BadLine { line, reason: "too few fields".into() };
			record.get(index).map(str::trim).ok_or_else(missing)
		};
		let text = field(self.timestamp)?;
		let opened = parse_moment(text)
			.ok_or_else(|| BarError::BadTimestamp { line, field: text.to_string() })?;
		let price = |(index, column): (usize, &'static str)| -> Result<f64, BarError> {
			let text = field(index)?;
			let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
			number.ok_or_else(|| BarError::BadNumber { line, column, field: text.to_string() })
		};
		let [open, high, low, close] = self.prices;
		let (open, high, low, close) = (price(open)?, price(high)?, price(low)?, price(close)?);
		let is_possible = low > 0.0 && low <= open.min(close) && high >= open.max(close);
		if !is_possible {
			return Err(BarError::ImpossibleBar { line });
		}
		Ok(Bar { opened, open, high, low, close })
	}
}

/// Reads bars from text. A bar may be missing, and gaps may be up to `most_gap` milliseconds between
/// the openings of two bars.
///
/// # Errors
/// By name, with the line (the header is line 1).
pub fn read(text: &[u8], most_gap: i64) -> Result<Bars, BarError> {
	let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
	let header = reader.headers().map_err(|error| BarError::Unreadable(error.to_string()))?;
	let columns = Columns::of(header)?;
	let mut bars: Vec<(u64, Bar)> = Vec::new();
	let mut record = csv::StringRecord::new();
	loop {
		let line = reader.position().line();
		match reader.read_record(&mut record) {
			Ok(false) => break,
			Ok(true) => {}
			Err(error) => return Err(BarError::BadLine { line, reason: error.to_string() }),
		}
		let line = record.position().map_or(line, csv::Position::line);
		let bar = columns.bar(&record, line)?;
		match bars.last() {
			Some((_, last)) if bar.opened == last.opened => {
				return Err(BarError::Duplicate { line });
			}
			Some((_, last)) if bar.opened < last.opened => return Err(BarError::Unsorted { line }),
			_ => bars.push((line, bar)),
		}
	}
	let length = length(&bars)?;
	let mut gaps = 0;
	for pair in bars.windows(2) {
		let [(_, earlier), (line, later)] = pair else { continue };
		let step = later.opened - earlier.opened;
		if step > length.max(most_gap) {
			return Err(BarError::Gap { line: *line, hours: hours(step) });
		}
		gaps += usize::from(step > length);
	}
	Ok(Bars { length, bars: bars.into_iter().map(|(_, bar)| bar).collect(), gaps })
}

/// How long bars are: the most frequent step between them.
fn length(bars: &[(u64, Bar)]) -> Result<i64, BarError> {
	let mut steps: Vec<i64> =
		bars.windows(2).map(|pair| pair[1].1.opened - pair[0].1.opened).collect();
	steps.sort_unstable();
	let most = steps.chunk_by(|a, b| a == b).max_by_key(|run| run.len());
	let length =
		most.and_then(|run| run.first().copied()).ok_or(BarError::TooFewBars(bars.len()))?;
	if length > DAY {
		return Err(BarError::BarsTooLong { hours: hours(length) });
	}
	Ok(length)
}

/// The underlying that a file's name tells of: the part before a dollar asset in the first word that
/// ends with one (`binance_BTCUSDT_2h.csv`: BTC), else the first word.
pub fn underlying_of(path: &Path) -> String {
	let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
	let words = || name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
	let base = |word: &str| {
		["USDT", "USDC", "BUSD", "USD"].iter().find_map(|quote| {
			let base = word.strip_suffix(quote)?;
			(!base.is_empty() && base.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
				.then(|| base.to_string())
		})
	};
	words().find_map(base).or_else(|| words().next().map(str::to_string)).unwrap_or_default()
}

/// The default of what is tolerated between two bars: exchanges have stood still for a day and a half.
pub const MOST_GAP: i64 = 48 * HOUR;
