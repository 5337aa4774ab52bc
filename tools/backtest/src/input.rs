//! Which files are read.

use crate::{
	bars::{is_bars, read_file, read_text, underlying_of},
	daily::{align, days, Day},
	error::Error,
	market::Asset,
	smile::{read_smile, Smile},
};
use plimsoll_primitives::UnderlyingId;
use std::{
	collections::BTreeMap,
	fs::File,
	path::{Path, PathBuf},
};

/// The underlyings that chains list from genesis, in the order of their numbers.
const LISTED: [&str; 3] = ["BTC", "ETH", "DOT"];

/// The number on chain of each of these underlyings: what `chosen` says, else what chains list from
/// genesis, else the next that none has.
///
/// # Errors
/// `SameNumber`; `Argument` where there are too many.
pub fn numbers(names: &[&str], chosen: &[(String, u16)]) -> Result<Vec<UnderlyingId>, Error> {
	let listed = |name: &str| {
		let position = LISTED.iter().position(|listed| listed.eq_ignore_ascii_case(name))?;
		u16::try_from(position).ok()
	};
	let known = |name: &str| {
		let explicit = chosen.iter().find(|(of, _)| of == name).map(|(_, number)| *number);
		explicit.or_else(|| listed(name))
	};
	let mut taken: Vec<u16> = names.iter().filter_map(|name| known(name)).collect();
	let first = u16::try_from(LISTED.len()).unwrap_or(u16::MAX);
	let mut numbers: Vec<UnderlyingId> = Vec::new();
	for name in names {
		let number = match known(name) {
			Some(number) => number,
			None => (first..=u16::MAX)
				.find(|number| !taken.contains(number))
				.ok_or_else(|| Error::Argument("too many files".into()))?,
		};
		if numbers.contains(&UnderlyingId(number)) {
			return Err(Error::SameNumber { name: (*name).into(), number });
		}
		taken.push(number);
		numbers.push(UnderlyingId(number));
	}
	Ok(numbers)
}

/// Files of bars that belong together, by underlying.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
	/// What it is called in tables and file names.
	pub name: String,
	/// Each underlying's file.
	pub files: Vec<(String, PathBuf)>,
}

/// `NAME=FILE`, or a file whose name tells of its underlying.
fn named(argument: &str) -> (String, PathBuf) {
	match argument.split_once('=') {
		Some((name, path)) if !name.is_empty() && !name.contains('/') => {
			(name.to_string(), PathBuf::from(path))
		}
		_ => (underlying_of(Path::new(argument)), PathBuf::from(argument)),
	}
}

/// The set of all these files.
///
/// # Errors
/// `SameUnderlying`.
pub fn set_of(arguments: &[String]) -> Result<Set, Error> {
	let files: Vec<(String, PathBuf)> = arguments.iter().map(|text| named(text)).collect();
	for (index, (name, _)) in files.iter().enumerate() {
		if files.iter().skip(index + 1).any(|(other, _)| other == name) {
			return Err(Error::SameUnderlying(name.clone()));
		}
	}
	let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
	Ok(Set { name: names.join("-"), files })
}

/// The folder of market data: what `PLIMSOLL_DATA` names, else `../shared/data` beside the checkout;
/// `None` where there is none.
pub fn data_folder() -> Option<PathBuf> {
	let beside = [
		PathBuf::from("../shared/data"),
		Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
	];
	let named = std::env::var_os("PLIMSOLL_DATA").map(PathBuf::from);
	match named {
		Some(folder) => folder.is_dir().then_some(folder),
		None => beside.into_iter().find(|folder| folder.is_dir()),
	}
}

/// The files of a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
	let fails = |error: std::io::Error| Error::File {
		path: folder.display().to_string(),
		reason: error.to_string(),
	};
	let mut paths = std::fs::read_dir(folder)
		.map_err(fails)?
		.map(|entry| entry.map(|entry| entry.path()).map_err(fails))
		.collect::<Result<Vec<_>, _>>()?;
	paths.retain(|path| {
		let name = path.to_string_lossy();
		name.ends_with(".csv") || name.ends_with(".csv.gz")
	});
	paths.sort();
	Ok(paths)
}

/// Every set of a folder: files of bars whose names differ in the underlying alone are one.
///
/// # Errors
/// `File`, `SameUnderlying`.
pub fn sets_of(folder: &Path) -> Result<Vec<Set>, Error> {
	let mut sets: BTreeMap<String, Vec<String>> = BTreeMap::new();
	for path in files(folder)? {
		let text = File::open(&path).and_then(read_text).unwrap_or_default();
		if is_bars(&text) {
			let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
			let key = name.unwrap_or_default().replacen(&underlying_of(&path), "*", 1);
			sets.entry(key).or_default().push(path.display().to_string());
		}
	}
	let named = |(key, paths): (String, Vec<String>)| {
		let set = set_of(&paths)?;
		let plain = key.split('.').next().unwrap_or_default().replace("*", &set.name);
		Ok(Set { name: plain, ..set })
	};
	sets.into_iter().map(named).collect()
}

/// The snapshot of an option chain in a folder, if it has one.
///
/// # Errors
/// `File`.
pub fn snapshot_of(folder: &Path) -> Result<Option<PathBuf>, Error> {
	Ok(files(folder)?.into_iter().find(|path| path.to_string_lossy().contains("options_snapshot")))
}

/// A set's underlyings and their common days.
pub struct Histories {
	/// In the order of the files.
	pub assets: Vec<Asset>,
	/// Row by row one day of each.
	pub rows: Vec<Vec<Day>>,
	/// What a reader should know: bars missing, days that not all have.
	pub notes: Vec<String>,
}

/// How a set is read.
pub struct Reading<'a> {
	/// The liquidation horizon, milliseconds.
	pub horizon: i64,
	/// The longest time between two bars that is tolerated, milliseconds.
	pub most_gap: i64,
	/// A snapshot of an option chain, if smiles are not flat.
	pub smile: Option<&'a Path>,
	/// Numbers of underlyings that are not the usual ones.
	pub numbers: &'a [(String, u16)],
}

/// Reads a set.
///
/// # Errors
/// `Bars`, `Horizon`, `File`, `SameNumber`.
pub fn read_set(set: &Set, reading: &Reading<'_>) -> Result<Histories, Error> {
	let (mut assets, mut series, mut notes) = (Vec::new(), Vec::new(), Vec::new());
	let names: Vec<&str> = set.files.iter().map(|(name, _)| name.as_str()).collect();
	let numbers = numbers(&names, reading.numbers)?;
	for ((name, path), id) in set.files.iter().zip(numbers) {
		let bars = read_file(path, reading.most_gap)?;
		if bars.gaps > 0 {
			notes.push(format!("{name}: {} times a bar is missing", bars.gaps));
		}
		series.push(days(&bars, reading.horizon)?);
		let smile = match reading.smile {
			Some(path) => read_smile(path, name)?,
			None => Smile::default(),
		};
		assets.push(Asset { name: name.clone(), id, smile });
	}
	let rows = align(&series);
	for ((name, _), days) in set.files.iter().zip(&series) {
		if days.len() > rows.len() {
			notes.push(format!("{name}: {} days that not all have", days.len() - rows.len()));
		}
	}
	Ok(Histories { assets, rows, notes })
}
