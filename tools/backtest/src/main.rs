//! The command line.

use clap::{Args, Parser, Subcommand};
use plimsoll_backtest::{
	backtest::{run, Setting, WARM_UP},
	bars::MOST_GAP,
	calibrate::{calibrate, split, Calibration, LEAST_DAYS, RANGES},
	chain::{self, Chain},
	error::Error,
	input::{data_folder, read_set, set_of, sets_of, snapshot_of, Histories, Reading, Set},
	joint::RENEWAL_DAYS,
	json, plot,
	portfolio::Portfolio,
	summary::Summary,
	table,
	time::{date, HOUR},
	volatility::VolatilityLaw,
};
use plimsoll_risk::{CovarianceRules, RiskModel};
use serde_json::{json, Value};
use std::{
	path::{Path, PathBuf},
	process::ExitCode,
};

#[derive(Parser)]
#[command(about = "Chooses the risk model's constants from history and tests margins against it")]
struct Cli {
	#[command(subcommand)]
	command: Command,
}

#[derive(Subcommand)]
enum Command {
	/// Chooses scan ranges, volatility ranges, φ, factors and what joint scenarios need.
	Calibrate(Common),
	/// Runs portfolios through history: margins against what they lost.
	Run {
		#[command(flatten)]
		common: Common,
		/// What is tested: "calibrated" (from the in-sample part of the same history), "standard"
		/// (with the calibrated scan ranges), or a JSON file: what "calibrate" writes for the chain,
		/// or a model by itself.
		#[arg(long, default_value = "calibrated")]
		model: String,
		/// The share of the history that constants are chosen from.
		#[arg(long, default_value_t = 0.5)]
		split: f64,
		/// After how many days governance renews the history of joint scenarios.
		#[arg(long, default_value_t = RENEWAL_DAYS)]
		renewal_days: usize,
	},
}

#[derive(Args)]
struct Common {
	/// Bar files, [NAME=]FILE, CSV or CSV.GZ: timestamp (UTC, bar open), open, high, low, close. None:
	/// every set of the folder that PLIMSOLL_DATA names, else of ../shared/data.
	files: Vec<String>,
	/// One more file, as NAME=FILE.
	#[arg(long)]
	underlying: Vec<String>,
	/// The liquidation horizon.
	#[arg(long, default_value_t = 24.0)]
	horizon_hours: f64,
	/// The longest time between two bars that is tolerated.
	#[arg(long, default_value_t = 48.0)]
	max_gap_hours: f64,
	/// A snapshot of an option chain that the smile is fitted to; without one it is flat.
	#[arg(long)]
	smile: Option<PathBuf>,
	/// The least scan range of an underlying, as NAME=FRACTION.
	#[arg(long, value_parser = named::<f64>)]
	least_range: Vec<(String, f64)>,
	/// The number of an underlying on chain, as NAME=NUMBER; BTC is 0, ETH 1, DOT 2, others the next
	/// free ones.
	#[arg(long, value_parser = named::<u16>)]
	id: Vec<(String, u16)>,
	/// Print JSON instead of tables.
	#[arg(long)]
	json: bool,
	/// The folder that plots and JSON are written to.
	#[arg(long)]
	out: Option<PathBuf>,
}

/// NAME=VALUE.
fn named<T: std::str::FromStr>(text: &str) -> Result<(String, T), String> {
	let (name, value) = text.split_once('=').ok_or("it must be NAME=VALUE")?;
	let value = value.parse().map_err(|_| format!("\"{value}\" is no value"))?;
	Ok((name.to_string(), value))
}

fn main() -> ExitCode {
	let cli = Cli::parse();
	let result = match &cli.command {
		Command::Calibrate(common) => each_set(common, calibrate_set),
		Command::Run { common, model, split, renewal_days } => {
			each_set(common, |common, set, histories| {
				run_set(common, set, histories, model, *split, *renewal_days)
			})
		}
	};
	match result {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("{error}");
			ExitCode::FAILURE
		}
	}
}

/// What a command says of one set: text and JSON.
type Told = (String, Value);

fn each_set(
	common: &Common,
	tell: impl Fn(&Common, &Set, &Histories) -> Result<Told, Error>,
) -> Result<(), Error> {
	let arguments: Vec<String> = common.files.iter().chain(&common.underlying).cloned().collect();
	let (sets, smile) = if arguments.is_empty() {
		let Some(folder) = data_folder() else {
			println!("skipped: no files are given, and neither PLIMSOLL_DATA nor ../shared/data is a folder");
			return Ok(());
		};
		(sets_of(&folder)?, snapshot_of(&folder)?)
	} else {
		(vec![set_of(&arguments)?], None)
	};
	if sets.is_empty() {
		println!("skipped: the folder of market data has no file of bars");
	}
	ensure_named(common, &sets)?;
	let smile = common.smile.clone().or(smile);
	let mut all = Vec::new();
	for set in &sets {
		let reading = Reading {
			horizon: milliseconds(common.horizon_hours)?,
			most_gap: milliseconds(common.max_gap_hours)?.clamp(1, 100 * MOST_GAP),
			smile: smile.as_deref(),
			numbers: &common.id,
		};
		let histories = read_set(set, &reading)?;
		let (text, json) = tell(common, set, &histories)?;
		if !common.json {
			println!("== {} ==", set.name);
			histories.notes.iter().for_each(|note| println!("{note}"));
			println!("{text}");
		}
		all.push(json);
	}
	if common.json {
		println!("{}", Value::Array(all));
	}
	Ok(())
}

fn milliseconds(hours: f64) -> Result<i64, Error> {
	if !(hours > 0.0 && hours < 1e6) {
		return Err(Error::Argument(format!("{hours} hours are no horizon")));
	}
	// Bounded above; a float's conversion to an integer saturates.
	Ok(libm::round(hours * HOUR as f64) as i64)
}

/// Whether every underlying that an option names is in some set.
fn ensure_named(common: &Common, sets: &[Set]) -> Result<(), Error> {
	let is_there = |name: &str| sets.iter().flat_map(|set| &set.files).any(|(of, _)| of == name);
	let ids = common.id.iter().map(|(name, _)| name);
	let names = ids.chain(common.least_range.iter().map(|(name, _)| name));
	match names.into_iter().find(|name| !is_there(name)) {
		Some(name) => Err(Error::Argument(format!("no file is of {name}"))),
		None => Ok(()),
	}
}

/// The least scan ranges that were asked for, by asset; the default for others.
fn least_ranges(common: &Common, histories: &Histories) -> Vec<f64> {
	let least = |name: &str| common.least_range.iter().find(|(of, _)| of == name);
	let assets = histories.assets.iter();
	assets.map(|asset| least(&asset.name).map_or(RANGES.0, |(_, range)| *range)).collect()
}

fn calibrated(common: &Common, histories: &Histories, rows: usize) -> Result<Calibration, Error> {
	let rows = histories.rows.get(..rows).unwrap_or(&histories.rows);
	let horizon = milliseconds(common.horizon_hours)?;
	let floors = least_ranges(common, histories);
	calibrate(&histories.assets, rows, VolatilityLaw::default(), horizon, &floors)
}

fn calibrate_set(common: &Common, set: &Set, histories: &Histories) -> Result<Told, Error> {
	let found = calibrated(common, histories, histories.rows.len())?;
	let constants = json::calibration(&histories.assets, &found);
	let chain = chain::json(&histories.assets, &found);
	write(common, &format!("{}-calibration.json", set.name), &constants)?;
	write(common, &format!("{}-chain.json", set.name), &chain)?;
	let json = json!({ "set": set.name, "calibration": constants, "chain": chain });
	Ok((table::calibration(&histories.assets, &found), json))
}

/// The model and the rules to test; rules are the calibrated ones where a file has none.
fn tested(name: &str, found: &Calibration) -> Result<(RiskModel, CovarianceRules), Error> {
	let rules = found.learning.rules;
	match name {
		"calibrated" => Ok((found.model.clone(), rules)),
		"standard" => {
			let ranges = found.model.underlyings.iter().map(|u| (u.underlying, u.scan_range));
			let standard = RiskModel::standard(&ranges.collect::<Vec<_>>());
			Ok((standard, rules))
		}
		path => {
			let Chain { model, joint } = Chain::read(Path::new(path))?;
			Ok((model, joint.map_or(rules, |joint| joint.rules)))
		}
	}
}

fn run_set(
	common: &Common,
	set: &Set,
	histories: &Histories,
	model: &str,
	share: f64,
	renewal: usize,
) -> Result<Told, Error> {
	let (assets, rows) = (&histories.assets, &histories.rows);
	let needed = LEAST_DAYS.max(WARM_UP) + 1;
	if rows.len() < needed {
		return Err(Error::TooFewDays { needed, found: rows.len() });
	}
	let early = split(rows.len(), share).max(needed).min(rows.len());
	let found = calibrated(common, histories, early)?;
	let (model, rules) = tested(model, &found)?;
	let portfolios = Portfolio::all(assets.len());
	let setting = Setting {
		assets,
		law: VolatilityLaw::default(),
		horizon: milliseconds(common.horizon_hours)?,
		rules,
		renewal,
		model: &model,
	};
	let observed = run(&setting, rows, &portfolios)?;
	let results: Vec<(Portfolio, Summary)> = portfolios
		.iter()
		.zip(&observed)
		.map(|(portfolio, observations)| (*portfolio, Summary::of(observations, found.days.1)))
		.collect();
	if let Some(folder) = &common.out {
		draw(folder, set, histories, &results, &observed)?;
	}
	let summaries =
		results.iter().map(|(portfolio, summary)| json::summary(assets, portfolio, summary));
	let json = json!({
		"set": set.name,
		"horizon_hours": common.horizon_hours,
		"calibration": json::calibration(assets, &found),
		"model": model,
		"rules": rules,
		"renewal_days": renewal,
		"portfolios": summaries.collect::<Vec<_>>(),
	});
	write(common, &format!("{}-backtest.json", set.name), &json)?;
	let text = format!(
		"In-sample (constants chosen from): {}\nMaintenance margin against the loss within {} hours; \
		 in-sample until {}, * rejected at 5 % (one-sided)\n{}\n{}",
		table::calibration(assets, &found),
		common.horizon_hours,
		date(found.days.1),
		table::coverage(assets, &results),
		table::margins(assets, &results),
	);
	Ok((text, json))
}

fn draw(
	folder: &Path,
	set: &Set,
	histories: &Histories,
	results: &[(Portfolio, Summary)],
	observed: &[Vec<plimsoll_backtest::backtest::Observation>],
) -> Result<(), Error> {
	create(folder)?;
	for ((portfolio, _), observations) in results.iter().zip(observed) {
		let title = format!("{} {}", set.name, portfolio.name(&histories.assets));
		plot::days(&folder.join(plot::file_name(&title)), &title, observations)?;
	}
	let title = format!("{} capital efficiency", set.name);
	plot::efficiency(&folder.join(plot::file_name(&title)), &title, &histories.assets, results)
}

fn create(folder: &Path) -> Result<(), Error> {
	std::fs::create_dir_all(folder).map_err(|error| Error::File {
		path: folder.display().to_string(),
		reason: error.to_string(),
	})
}

/// Writes JSON into the output folder, where there is one.
fn write(common: &Common, name: &str, json: &Value) -> Result<(), Error> {
	let Some(folder) = &common.out else { return Ok(()) };
	create(folder)?;
	let path = folder.join(name);
	std::fs::write(&path, json.to_string()).map_err(|error| Error::File {
		path: path.display().to_string(),
		reason: error.to_string(),
	})
}
