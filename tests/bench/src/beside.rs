//! Other libraries on the same options in the same run.

use crate::{
	errors::{inputs, Maximum},
	reference::{distance, float, to_float, unsigned_decimal, Number, Reference},
	speed::least_nanoseconds,
	table::Table,
};
use implied_vol::{DefaultSpecialFn, PriceBlackScholes};
use plimsoll_bench_bits::random::Random;
use plimsoll_bench_wasm::OptionTerms;
use plimsoll_primitives::{OptionKind, Price, Rate, Volatility};
use plimsoll_risk::{
	black76::Option76,
	tenor::{Tenor, YEAR},
	MathError,
};
use std::{env, fs, hint::black_box, path::Path, process::Command};

/// How many options.
const OPTIONS: usize = 4_096;

/// An option whose every figure is exact both in 18 decimals and as a float, so that nobody is
/// charged for the conversion.
struct Sample {
	terms: OptionTerms,
	forward: f64,
	strike: f64,
	volatility: f64,
	years: f64,
}

impl Sample {
	fn is_call(&self) -> bool {
		self.terms.kind == OptionKind::Call
	}
}

/// Forwards 100 to 100,000 USD, strikes a fifth to five times the forward, volatility 5 % to 500 %,
/// nine hours to two years.
fn samples() -> Vec<Sample> {
	let mut random = Random::new(4);
	let sample = |random: &mut Random| {
		let whole = |value: f64| value.round().max(1.0) as u32;
		let forward = whole(random.between_logarithms(1e2, 1e5));
		// Sixty-fourths of a dollar, 1024ths of one and of a year: few binary and decimal digits.
		let strike = whole(f64::from(forward) * random.between_logarithms(0.2, 5.0) * 64.0);
		let volatility = whole(random.between_logarithms(0.05, 5.0) * 1024.0);
		let years = whole(random.between_logarithms(1.0, 2048.0));
		let parts = |count: u32, of: u128| u128::from(count) * 1_000_000_000_000_000_000 / of;
		Sample {
			terms: OptionTerms {
				kind: random.one_of(&[OptionKind::Call, OptionKind::Put], OptionKind::Call),
				forward: Price::from_u32(forward),
				strike: Price::from_inner(parts(strike, 64)),
				volatility: Volatility::from_inner(parts(volatility, 1024)),
				milliseconds: YEAR / 1024 * u64::from(years),
				rate: Rate::ZERO,
			},
			forward: f64::from(forward),
			strike: f64::from(strike) / 64.0,
			volatility: f64::from(volatility) / 1024.0,
			years: f64::from(years) / 1024.0,
		}
	};
	(0..OPTIONS).map(|_| sample(&mut random)).collect()
}

fn ours(sample: &Sample) -> Result<Price, MathError> {
	let OptionTerms { kind, forward, strike, volatility, milliseconds, rate } = sample.terms;
	let tenor = Tenor::from_milliseconds(milliseconds)?;
	Option76::new(kind, forward, strike, volatility, &tenor, rate)?.price()
}

fn implied_vol(sample: &Sample) -> f64 {
	PriceBlackScholes::builder()
		.forward(sample.forward)
		.strike(sample.strike)
		.volatility(sample.volatility)
		.expiry(sample.years)
		.is_call(sample.is_call())
		.build()
		.map_or(f64::NAN, |price| price.calculate::<DefaultSpecialFn>())
}

fn black_scholes_crate(sample: &Sample) -> f64 {
	let price = if sample.is_call() { black_scholes::call } else { black_scholes::put };
	price(sample.forward, sample.strike, 0.0, sample.volatility, sample.years)
}

/// Measures all of them. `python` is an interpreter that has QuantLib, numpy and scipy.
pub fn run(table: &mut Table, python: Option<&Path>, scratch: &Path) -> Result<(), String> {
	let mut reference = Reference::new().ok_or("no memory for the reference")?;
	let samples = samples();
	let exact: Vec<_> =
		samples.iter().map(|sample| reference.black(&inputs(&sample.terms)).price).collect();
	table.section(format!(
		"side by side: {OPTIONS} undiscounted prices from terms, one core, the same options for all"
	));
	let mut row = |name: &str, time: f64, errors: Maximum, remark: &str| {
		table.row(format!("{name}: time"), time, "ns per price", "", remark);
		errors.row(table, &format!("{name}: largest error"), "of the forward", "");
	};
	let own = samples.iter().map(ours).collect::<Result<Vec<_>, _>>();
	let own = own.map_err(|error| format!("an option was refused: {error:?}"))?;
	let own = own.iter().map(|price| unsigned_decimal(price.into_inner()));
	let errors = largest(&samples, &exact, own);
	let time = timed(&samples, |sample| {
		black_box(ours(sample)).ok();
	});
	row("plimsoll-risk, precise path", time, errors, "native, fixed point");
	let prices = samples.iter().map(|sample| float(implied_vol(sample)));
	let errors = largest(&samples, &exact, prices);
	let time = timed(&samples, |sample| {
		black_box(implied_vol(sample));
	});
	row("implied-vol 2", time, errors, "f64");
	let prices = samples.iter().map(|sample| float(black_scholes_crate(sample)));
	let errors = largest(&samples, &exact, prices);
	let time = timed(&samples, |sample| {
		black_box(black_scholes_crate(sample));
	});
	row("black_scholes 0.11", time, errors, "f64");
	let Some(python) = python else {
		println!("QuantLib and numpy are left out: there is no Python that has them.\n");
		return Ok(());
	};
	for (name, time, prices) in with_python(python, &samples, scratch)? {
		let errors = largest(&samples, &exact, prices.into_iter().map(float));
		row(&name, time, errors, "f64, called from Python");
	}
	Ok(())
}

/// Nanoseconds per option.
fn timed(samples: &[Sample], price: impl Fn(&Sample)) -> f64 {
	let all = least_nanoseconds(|| samples.iter().for_each(|sample| price(black_box(sample))));
	all / samples.len() as f64
}

/// The largest error, of the forward.
fn largest(samples: &[Sample], exact: &[Number], prices: impl Iterator<Item = Number>) -> Maximum {
	let mut maximum = Maximum::default();
	for ((sample, exact), price) in samples.iter().zip(exact).zip(prices) {
		let error = distance(&price, exact) / sample.forward;
		maximum.observe(error, || {
			let Sample { forward, strike, volatility, years, .. } = sample;
			format!(
				"{:?}, strike/forward {:.4}, volatility {volatility:.4}, {years:.4} years, price {:.3e}",
				sample.terms.kind,
				strike / forward,
				to_float(exact)
			)
		});
	}
	maximum
}

/// A library's name, nanoseconds per price, and its prices.
type Measured = (String, f64, Vec<f64>);

/// Lets `beside.py` price the same options. It prints a line for each library: name, nanoseconds
/// per price, and all prices, between tabs.
fn with_python(python: &Path, samples: &[Sample], scratch: &Path) -> Result<Vec<Measured>, String> {
	let words = |error: &dyn std::fmt::Display| error.to_string();
	let mut lines = String::new();
	for sample in samples {
		let Sample { forward, strike, volatility, years, .. } = sample;
		let sign = if sample.is_call() { 1 } else { -1 };
		// A float's shortest decimal form reads back as the same float.
		lines += &format!("{sign} {forward:?} {strike:?} {volatility:?} {years:?}\n");
	}
	fs::create_dir_all(scratch).map_err(|error| words(&error))?;
	let path = scratch.join("bench-options.txt");
	fs::write(&path, lines).map_err(|error| words(&error))?;
	let output = Command::new(python)
		.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("beside.py"))
		.arg(&path)
		.output()
		.map_err(|error| words(&error))?;
	if !output.status.success() {
		return Err(String::from_utf8_lossy(&output.stderr).into_owned());
	}
	let answer = String::from_utf8(output.stdout).map_err(|error| words(&error))?;
	let parsed = |field: &str| field.parse::<f64>().map_err(|error| words(&error));
	let line = |line: &str| {
		let mut fields = line.split('\t');
		let name = fields.next().ok_or("a line without a name")?.to_owned();
		let time = parsed(fields.next().ok_or("a line without a time")?)?;
		let prices = fields.map(parsed).collect::<Result<Vec<_>, String>>()?;
		if prices.len() != samples.len() {
			return Err(format!("{name} gave {} prices", prices.len()));
		}
		Ok((name, time, prices))
	};
	answer.lines().map(line).collect()
}

/// The interpreter that the environment names.
pub fn python() -> Option<std::path::PathBuf> {
	env::var_os("PLIMSOLL_BENCH_PYTHON").map(Into::into)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn samples_are_the_same_number_in_decimal_and_as_floats() {
		for sample in samples() {
			let exact = inputs(&sample.terms);
			assert_eq!(distance(&exact.strike, &float(sample.strike)), 0.0);
			assert_eq!(distance(&exact.volatility, &float(sample.volatility)), 0.0);
			assert_eq!(distance(&exact.years, &float(sample.years)), 0.0);
			assert_eq!(distance(&exact.forward, &float(sample.forward)), 0.0);
		}
	}
}
