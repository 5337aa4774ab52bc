//! The largest errors, measured against arbitrary precision.

use crate::{
	reference::{
		add, bits, decimal, distance, divide, integer, multiply, sqrt, subtract, to_float,
		unsigned, unsigned_decimal, Inputs, Number, Reference,
	},
	table::Table,
};
use plimsoll_bench_bits::{cases, random::Random};
use plimsoll_bench_wasm::OptionTerms;
use plimsoll_primitives::{OptionKind, Price, Svi};
use plimsoll_risk::{
	black76::{log_ratio, undiscounted, Deviation, Option76},
	kernel::{self, ScaledDeviation, ScaledPrice},
	math::{self, Fixed},
	svi::{self, Slice},
	tenor::{Tenor, YEAR},
	MathError,
};
use sp_arithmetic::FixedI128;

/// Chosen once.
const SEED: u64 = 76;

/// The largest error so far and where it was.
#[derive(Default)]
pub struct Maximum {
	count: usize,
	error: f64,
	place: String,
}

impl Maximum {
	/// One more measurement.
	pub fn observe(&mut self, error: f64, place: impl Fn() -> String) {
		self.count += 1;
		if error > self.error || error.is_nan() {
			self.error = error;
			self.place = place();
		}
	}

	/// As a line of the table.
	pub fn row(&self, table: &mut Table, measure: &str, unit: &'static str, asked: &'static str) {
		let place = if self.place.is_empty() { "everywhere" } else { &self.place };
		table.row(measure, self.error, unit, asked, format!("of {}, at {place}", self.count));
	}
}

/// Measures everything. `samples` is how many random inputs each function gets besides its edges.
pub fn run(table: &mut Table, samples: usize) -> Result<(), String> {
	let mut reference = Reference::new().ok_or("no memory for the reference")?;
	let mut random = Random::new(SEED);
	table.section(format!(
		"errors, native, against 384 bits: the largest of edges and {samples} random inputs each"
	));
	let words = |error: MathError| format!("an input of the domain was refused: {error:?}");
	functions(table, &mut reference, &mut random, samples).map_err(words)?;
	normal(table, &mut reference, &mut random, samples);
	deviation_prices(table, &mut reference, &mut random, samples).map_err(words)?;
	kernel_prices(table, &mut reference, &mut random, samples).map_err(words)?;
	options(table, &mut reference, &mut random, samples).map_err(words)?;
	surfaces(table, &mut random, samples).map_err(words)
}

/// Numbers with 64 bits after the point, evenly over all magnitudes up to `most` bits.
fn magnitude(random: &mut Random, most: u64) -> i128 {
	let whole = (u128::from(random.word()) << 64) | u128::from(random.word());
	let shift = 128 - most + random.below(most);
	i128::try_from(whole >> shift).unwrap_or(i128::MAX).max(1)
}

fn functions(
	table: &mut Table,
	reference: &mut Reference,
	random: &mut Random,
	samples: usize,
) -> Result<(), MathError> {
	let edges = [1, 2, (1 << 64) - 1, 1 << 64, (1 << 64) + 1, i128::MAX - 1, i128::MAX];
	let mut positive: Vec<_> = edges.to_vec();
	positive.extend((0..samples).map(|_| magnitude(random, 127)));
	let (mut ln, mut sqrt_relative) = (Maximum::default(), Maximum::default());
	for raw in positive {
		let (argument, exact) = (Fixed::from_bits(raw), bits(raw));
		let place = || format!("{:.6e}", to_float(&exact));
		let got = bits(math::ln(argument)?.to_bits());
		ln.observe(distance(&got, &reference.ln(&exact)), place);
		let root = sqrt(&exact);
		let error = distance(&bits(math::sqrt(argument)?.to_bits()), &root);
		// The last digit is beyond what a relative bound can promise.
		sqrt_relative.observe((error - 6e-20).max(0.0) / to_float(&root), place);
	}
	ln.row(table, "ln", "absolute", "");
	sqrt_relative.row(table, "sqrt, beyond half a step", "relative", "");
	let mut exp = Maximum::default();
	let highest = 43 * (1i128 << 64) + (1 << 63);
	let lowest = -45 * (1i128 << 64);
	let mut arguments = vec![lowest, -1, 0, 1, highest];
	arguments.extend((0..samples).map(|_| (random.between(-45.0, 43.5) * 2f64.powi(64)) as i128));
	for raw in arguments {
		let exact = reference.exp(&bits(raw));
		let error = distance(&bits(math::exp(Fixed::from_bits(raw))?.to_bits()), &exact);
		let error = (error - 6e-20).max(0.0) / to_float(&exact);
		exp.observe(error, || format!("{:.6}", to_float(&bits(raw))));
	}
	exp.row(table, "exp on [-45, 43.5], beyond half a step", "relative", "");
	Ok(())
}

fn normal(table: &mut Table, reference: &mut Reference, random: &mut Random, samples: usize) {
	let (mut density, mut distribution) = (Maximum::default(), Maximum::default());
	let (mut relative, mut near) = (Maximum::default(), Maximum::default());
	// Both sides of each end of the table's segments, up to 40.
	let mut arguments: Vec<i128> = (-320i128..=320)
		.flat_map(|eighths| [-1, 0, 1].map(|step| (eighths << 61) + step))
		.collect();
	arguments.extend((0..samples).map(|_| (random.between(-40.0, 40.0) * 2f64.powi(64)) as i128));
	arguments.extend((0..samples).map(|_| (random.between(-12.0, 12.0) * 2f64.powi(64)) as i128));
	for raw in arguments {
		let (argument, exact) = (Fixed::from_bits(raw), bits(raw));
		let place = || format!("{:.6}", to_float(&exact));
		let got = bits(math::density(argument).to_bits());
		density.observe(distance(&got, &reference.density(&exact)), place);
		let got = bits(math::distribution(argument).to_bits());
		distribution.observe(distance(&got, &reference.distribution(&exact)), place);
		let probability = math::tail(argument);
		let shift = unsigned(1u128 << 63);
		let mut got = divide(&unsigned(u128::from(probability.mantissa)), &shift);
		for _ in 0..probability.shift {
			got = divide(&got, &integer(2));
		}
		let tail = reference.tail(&exact);
		let error = distance(&got, &tail) / to_float(&tail);
		let size = to_float(&exact).abs();
		if size < 9.0 {
			near.observe(error, place);
		} else if size < 12.0 {
			relative.observe(error, place);
		}
	}
	density.row(table, "normal density on ±40", "absolute", "");
	distribution.row(table, "normal distribution on ±40", "absolute", "2e-18");
	near.row(table, "upper tail, |x| < 9", "relative", "");
	relative.row(table, "upper tail, 9 ≤ |x| < 12", "relative", "");
}

/// The deviations and d1 that `undiscounted` is measured at: every magnitude of one, ±40 of the
/// other.
fn deviation_prices(
	table: &mut Table,
	reference: &mut Reference,
	random: &mut Random,
	samples: usize,
) -> Result<(), MathError> {
	let mut maximum = Maximum::default();
	for _ in 0..samples {
		let deviation = random.between_logarithms(1e-6, 24.0);
		let d1 = random.between(-40.0, 40.0);
		let ratio = ((deviation / 2.0 - d1) * deviation).exp().clamp(1e-3, 1e3);
		let forward = Price::from_inner(cases::unsigned_scaled(1e6));
		let strike = Price::from_inner(cases::unsigned_scaled(1e6 * ratio));
		let raw = (deviation * 2f64.powi(64)) as i128;
		let got = undiscounted(
			OptionKind::Call,
			forward,
			strike,
			log_ratio(forward, strike),
			&Deviation::new(Fixed::from_bits(raw))?,
		);
		let (f, k) =
			(unsigned_decimal(forward.into_inner()), unsigned_decimal(strike.into_inner()));
		let exact = reference.undiscounted(true, &f, &k, &bits(raw));
		let error = distance(&unsigned_decimal(got.into_inner()), &exact) / to_float(&f);
		maximum.observe(error, || format!("deviation {deviation:.3e}, d1 {d1:.2}"));
	}
	maximum.row(table, "Black-76 of a given deviation", "of the forward", "1e-15");
	Ok(())
}

/// The array kernel over its domain, by the lesser of forward and strike, on which its bound is
/// stated.
fn kernel_prices(
	table: &mut Table,
	reference: &mut Reference,
	random: &mut Random,
	samples: usize,
) -> Result<(), MathError> {
	let mut maximum = Maximum::default();
	for _ in 0..samples {
		let deviation = random.between_logarithms(1e-7, 1.99);
		let d1 = random.between(-13.0, 13.0);
		let ratio = ((deviation / 2.0 - d1) * deviation).exp().clamp(1e-3, 1e3);
		let forward = Price::from_inner(cases::unsigned_scaled(1e6));
		let strike = Price::from_inner(cases::unsigned_scaled(1e6 * ratio));
		let raw = (deviation * 2f64.powi(64)) as i128;
		let scaled_price = |price: Price| {
			let log = math::ln_integer(price.into_inner())?;
			ScaledPrice::new(price, log).ok_or(MathError::OutOfDomain)
		};
		let scaled_deviation =
			ScaledDeviation::new(Fixed::from_bits(raw)).ok_or(MathError::OutOfDomain)?;
		let got = kernel::undiscounted(
			OptionKind::Call,
			&scaled_price(forward)?,
			&scaled_price(strike)?,
			&scaled_deviation,
		);
		let (f, k) =
			(unsigned_decimal(forward.into_inner()), unsigned_decimal(strike.into_inner()));
		let exact = reference.undiscounted(true, &f, &k, &bits(raw));
		let lesser = to_float(&f).min(to_float(&k));
		let error = distance(&unsigned_decimal(got.into_inner()), &exact) / lesser;
		maximum.observe(error, || format!("deviation {deviation:.3e}, d1 {d1:.2}"));
	}
	maximum.row(table, "array kernel of a given deviation", "of the lesser of F and K", "1e-13");
	Ok(())
}

/// An option in words.
fn described(terms: &OptionTerms) -> String {
	let forward = to_float(&unsigned_decimal(terms.forward.into_inner()));
	let strike = to_float(&unsigned_decimal(terms.strike.into_inner()));
	let volatility = to_float(&unsigned_decimal(terms.volatility.into_inner()));
	format!(
		"{:?}, forward {forward:.6}, strike/forward {:.6e}, volatility {volatility:.4}, {:.3e} s",
		terms.kind,
		strike / forward,
		terms.milliseconds as f64 / 1e3
	)
}

/// The reference's inputs of an option.
pub fn inputs(terms: &OptionTerms) -> Inputs {
	Inputs {
		is_call: terms.kind == OptionKind::Call,
		forward: unsigned_decimal(terms.forward.into_inner()),
		strike: unsigned_decimal(terms.strike.into_inner()),
		volatility: unsigned_decimal(terms.volatility.into_inner()),
		years: divide(&unsigned(u128::from(terms.milliseconds)), &unsigned(u128::from(YEAR))),
		rate: decimal(terms.rate.into_inner()),
	}
}

fn options(
	table: &mut Table,
	reference: &mut Reference,
	random: &mut Random,
	samples: usize,
) -> Result<(), MathError> {
	let mut sample = cases::edge_options();
	sample.extend((0..samples).map(|_| cases::option(random)));
	let [mut price, mut delta, mut gamma, mut vega, mut theta]: [Maximum; 5] = Default::default();
	for terms in &sample {
		let OptionTerms { kind, forward, strike, volatility, milliseconds, rate } = *terms;
		let tenor = Tenor::from_milliseconds(milliseconds)?;
		let option = Option76::new(kind, forward, strike, volatility, &tenor, rate)?;
		let (got, greeks) = (option.price()?, option.greeks(&tenor, rate)?);
		let inputs = inputs(terms);
		let exact = reference.black(&inputs);
		let [forward, volatility, years, rate] =
			[&inputs.forward, &inputs.volatility, &inputs.years, &inputs.rate].map(to_float);
		let discount = (-rate * years).exp().max(1.0);
		let at_the_money = forward * discount * 0.3989;
		let root = years.sqrt();
		let place = || described(terms);
		let raw = |value: i128| decimal(value);
		let error = distance(&unsigned_decimal(got.into_inner()), &exact.price);
		// A strike above the forward and a growing discount factor raise what is rounded.
		price.observe(error / (forward * discount), place);
		delta.observe(distance(&bits(greeks.delta.to_bits()), &exact.delta), place);
		let error = distance(&raw(greeks.gamma.into_inner()), &exact.gamma);
		gamma.observe(error / (at_the_money / (volatility * root)), place);
		let error = distance(&raw(greeks.vega.into_inner()), &exact.vega);
		vega.observe(error / (at_the_money * root), place);
		let error = distance(&raw(greeks.theta.into_inner()), &exact.theta);
		theta.observe(error / (at_the_money * (volatility / (2.0 * root) + rate.abs())), place);
	}
	price.row(table, "Black-76 price, from terms", "of the forward", "1e-15");
	delta.row(table, "delta", "absolute", "");
	gamma.row(table, "gamma", "of that at the money", "");
	vega.row(table, "vega", "of that at the money", "");
	theta.row(table, "theta", "of that at the money", "");
	Ok(())
}

/// Surfaces that the oracle would take.
fn surface(random: &mut Random) -> Option<(Svi, u64)> {
	let milliseconds = random.between_logarithms(3.6e6, 3.1536e11);
	let years = milliseconds / 3.1536e10;
	let level = random.between_logarithms(0.01, 10.0).powi(2) * years;
	let inner = |value: f64| FixedI128::from_inner(cases::scaled(value));
	let sigma = random.between_logarithms(0.01, 2.0);
	let surface = Svi {
		a: inner(level * random.between(0.1, 0.9)),
		b: inner(level * random.between_logarithms(0.01, 1.0)),
		rho: inner(random.between(-0.9, 0.9)),
		m: inner(random.between(-0.3, 0.3)),
		sigma: inner(sigma),
	};
	svi::check(&surface).ok().map(|()| (surface, milliseconds as u64))
}

fn surfaces(table: &mut Table, random: &mut Random, samples: usize) -> Result<(), MathError> {
	let (mut absolute, mut relative) = (Maximum::default(), Maximum::default());
	let mut tried = 0;
	while absolute.count < samples && tried < 20 * samples {
		tried += 1;
		let Some((parameters, milliseconds)) = surface(random) else { continue };
		let slice = Slice::new(&parameters)?;
		let tenor = Tenor::from_milliseconds(milliseconds)?;
		let raw = (random.between(-7.0, 7.0) * 2f64.powi(64)) as i128;
		let got = tenor.volatility(slice.deviation(Fixed::from_bits(raw))?)?;
		let variance = total_variance(&parameters, &bits(raw));
		let years = divide(&unsigned(u128::from(milliseconds)), &unsigned(u128::from(YEAR)));
		let exact = sqrt(&divide(&variance, &years));
		let error = distance(&bits(got.to_bits()), &exact);
		let place = || {
			let k = to_float(&bits(raw));
			format!(
				"volatility {:.4}, k {k:.3}, {:.3e} s",
				to_float(&exact),
				milliseconds as f64 / 1e3
			)
		};
		absolute.observe(error, place);
		relative.observe(error / to_float(&exact), place);
	}
	absolute.row(table, "SVI volatility", "absolute", "");
	relative.row(table, "SVI volatility", "relative", "");
	Ok(())
}

/// The slice's total variance with k and the result cut as the engine documents it.
fn total_variance(parameters: &Svi, k: &Number) -> Number {
	let [a, b, rho, m, s] =
		[parameters.a, parameters.b, parameters.rho, parameters.m, parameters.sigma]
			.map(|parameter| decimal(parameter.into_inner()));
	let limit = multiply(&integer(4), &sqrt(&add(&a, &multiply(&b, &s))));
	let x = subtract(&k.clamp(&limit.neg(), &limit), &m);
	let radius = sqrt(&add(&multiply(&x, &x), &multiply(&s, &s)));
	let variance = add(&a, &multiply(&b, &add(&multiply(&rho, &x), &radius)));
	variance.min(&integer(144))
}
