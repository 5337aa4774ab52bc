//! Arbitrary-precision reference: the formulas of the risk engine at 384 bits (115 digits), none of
//! its code.

use astro_float_num::{BigFloat, Consts, RoundingMode};

/// Binary digits of every operation. What cancels in the tests' domain is at most a hundred of them.
const PRECISION: usize = 384;
const ROUNDING: RoundingMode = RoundingMode::ToEven;
/// From here on the upper tail is a continued fraction, below it a series.
const FRACTION_FROM: f64 = 6.0;
/// From here on the upper tail counts as zero (it is below 1e-217,000).
const NOTHING_FROM: f64 = 1_000.0;

/// A number.
pub type Number = BigFloat;

/// The arithmetic with its constants.
pub struct Reference {
	constants: Consts,
	root_two_pi: Number,
}

/// What an option is worth and how that changes, per contract.
pub struct Black {
	/// USD, discounted.
	pub price: Number,
	/// dV/dF.
	pub delta: Number,
	/// F² · d²V/dF².
	pub gamma: Number,
	/// dV/dσ.
	pub vega: Number,
	/// −dV/dT.
	pub theta: Number,
}

/// Black's inputs.
pub struct Inputs {
	/// Whether it is a call.
	pub is_call: bool,
	/// USD.
	pub forward: Number,
	/// USD.
	pub strike: Number,
	/// Fraction per square root of a year.
	pub volatility: Number,
	/// To expiry.
	pub years: Number,
	/// Fraction per year.
	pub rate: Number,
}

/// An integer.
pub fn integer(value: i128) -> Number {
	BigFloat::from_i128(value, PRECISION)
}

/// An unsigned integer.
pub fn unsigned(value: u128) -> Number {
	BigFloat::from_u128(value, PRECISION)
}

/// A float, exactly.
pub fn float(value: f64) -> Number {
	BigFloat::from_f64(value, PRECISION)
}

/// a + b.
pub fn add(a: &Number, b: &Number) -> Number {
	a.add(b, PRECISION, ROUNDING)
}

/// a − b.
pub fn subtract(a: &Number, b: &Number) -> Number {
	a.sub(b, PRECISION, ROUNDING)
}

/// a · b.
pub fn multiply(a: &Number, b: &Number) -> Number {
	a.mul(b, PRECISION, ROUNDING)
}

/// a / b.
pub fn divide(a: &Number, b: &Number) -> Number {
	a.div(b, PRECISION, ROUNDING)
}

/// √a.
pub fn sqrt(a: &Number) -> Number {
	a.sqrt(PRECISION, ROUNDING)
}

/// A scaled integer of 18 decimals.
pub fn decimal(value: i128) -> Number {
	divide(&integer(value), &unsigned(1_000_000_000_000_000_000))
}

/// A scaled unsigned integer of 18 decimals.
pub fn unsigned_decimal(value: u128) -> Number {
	divide(&unsigned(value), &unsigned(1_000_000_000_000_000_000))
}

/// An integer with 64 bits after the point.
pub fn bits(value: i128) -> Number {
	divide(&integer(value), &unsigned(1 << 64))
}

/// The nearest float or the one next to it; beyond their range zero or infinite.
pub fn to_float(value: &Number) -> f64 {
	let Some((words, _, _, exponent, _)) = value.as_raw_parts() else { return f64::NAN };
	let Some(top) = words.last() else { return 0.0 };
	// The mantissa is a fraction in [1/2, 1) whose first digits are the last word. Scaled in two
	// steps, since a power of two alone may be beyond a float's range where the product is not.
	let exponent = exponent.clamp(-2_200, 2_200);
	let magnitude =
		(*top as f64) * 2f64.powi(exponent / 2 - 64) * 2f64.powi(exponent - exponent / 2);
	if value.is_negative() {
		-magnitude
	} else {
		magnitude
	}
}

/// |a − b| as a float.
pub fn distance(a: &Number, b: &Number) -> f64 {
	to_float(&subtract(a, b)).abs()
}

/// How many steps of the continued fraction leave an error below 1e-70: after n steps it falls as
/// e^(−2x·√(2n)), and more slowly only while n is small beside x².
fn fraction_steps(place: f64) -> u32 {
	let mut steps = 80;
	while 2.0 * place * f64::from(2 * steps).sqrt() < 350.0 {
		steps += 20;
	}
	steps
}

impl Reference {
	/// With its constants worked out; `None` where there is no memory for them.
	pub fn new() -> Option<Self> {
		let mut constants = Consts::new().ok()?;
		let two_pi = multiply(&integer(2), &constants.pi(PRECISION, ROUNDING));
		Some(Self { constants, root_two_pi: sqrt(&two_pi) })
	}

	/// ln a.
	pub fn ln(&mut self, a: &Number) -> Number {
		a.ln(PRECISION, ROUNDING, &mut self.constants)
	}

	/// e^a.
	pub fn exp(&mut self, a: &Number) -> Number {
		a.exp(PRECISION, ROUNDING, &mut self.constants)
	}

	/// e^(−x²/2) / √(2π).
	pub fn density(&mut self, x: &Number) -> Number {
		if to_float(x).abs() >= NOTHING_FROM {
			return integer(0);
		}
		let exponent = divide(&multiply(x, x), &integer(-2));
		divide(&self.exp(&exponent), &self.root_two_pi)
	}

	/// P(X > |x|), to a relative 1e-70 or better.
	pub fn tail(&mut self, x: &Number) -> Number {
		let x = x.abs();
		let place = to_float(&x);
		if place >= NOTHING_FROM {
			return integer(0);
		}
		if place >= FRACTION_FROM {
			self.tail_by_fraction(&x, fraction_steps(place))
		} else {
			self.tail_by_series(&x)
		}
	}

	/// 1/2 − φ(x)·(x + x³/3 + x⁵/(3·5) + …): every term positive. The difference loses log2(1/tail)
	/// digits, thirty at 6.
	fn tail_by_series(&mut self, x: &Number) -> Number {
		let square = multiply(x, x);
		let (mut term, mut sum) = (x.clone(), x.clone());
		let mut odd = 1i128;
		// At x = 6 and below the terms fall below 2^-384 of the sum before the thousandth.
		while odd < 2_000 && !term.is_zero() {
			odd += 2;
			term = divide(&multiply(&term, &square), &integer(odd));
			let next = add(&sum, &term);
			if next.cmp(&sum) == Some(0) {
				break;
			}
			sum = next;
		}
		subtract(&float(0.5), &multiply(&self.density(x), &sum))
	}

	/// φ(x) / (x + 1/(x + 2/(x + 3/(x + …)))), Laplace's continued fraction, from the end of so many
	/// steps.
	fn tail_by_fraction(&mut self, x: &Number, steps: u32) -> Number {
		let mut value = x.clone();
		for step in (1..=steps).rev() {
			value = add(x, &divide(&integer(i128::from(step)), &value));
		}
		divide(&self.density(x), &value)
	}

	/// P(X ≤ x).
	pub fn distribution(&mut self, x: &Number) -> Number {
		let tail = self.tail(x);
		if x.is_negative() {
			tail
		} else {
			subtract(&integer(1), &tail)
		}
	}

	/// Black's price before discounting, from σ√T. The option out of the money is worked out; the
	/// other one is that and the difference of forward and strike.
	pub fn undiscounted(
		&mut self,
		is_call: bool,
		forward: &Number,
		strike: &Number,
		deviation: &Number,
	) -> Number {
		let call_is_worth = subtract(forward, strike);
		let in_the_money = call_is_worth.is_positive() == is_call && !call_is_worth.is_zero();
		let intrinsic = if in_the_money { call_is_worth.abs() } else { integer(0) };
		if deviation.is_zero() {
			return intrinsic;
		}
		let (d1, d2) = self.arguments(forward, strike, deviation);
		let time_value = if call_is_worth.is_positive() && !call_is_worth.is_zero() {
			let paid = multiply(strike, &self.distribution(&d2.neg()));
			subtract(&paid, &multiply(forward, &self.distribution(&d1.neg())))
		} else {
			let got = multiply(forward, &self.distribution(&d1));
			subtract(&got, &multiply(strike, &self.distribution(&d2)))
		};
		add(&intrinsic, &time_value)
	}

	/// d1 and d2.
	fn arguments(
		&mut self,
		forward: &Number,
		strike: &Number,
		deviation: &Number,
	) -> (Number, Number) {
		let ratio = self.ln(&divide(forward, strike));
		let middle = divide(&ratio, deviation);
		let half = divide(deviation, &integer(2));
		(add(&middle, &half), subtract(&middle, &half))
	}

	/// Price and derivatives. The time to expiry and the volatility must be above zero.
	pub fn black(&mut self, inputs: &Inputs) -> Black {
		let Inputs { is_call, forward, strike, volatility, years, rate } = inputs;
		let root = sqrt(years);
		let deviation = multiply(volatility, &root);
		let discount = self.exp(&multiply(&rate.neg(), years));
		let undiscounted = self.undiscounted(*is_call, forward, strike, &deviation);
		let price = multiply(&discount, &undiscounted);
		let (d1, _) = self.arguments(forward, strike, &deviation);
		let below = self.distribution(&d1);
		let delta = if *is_call { below } else { subtract(&below, &integer(1)) };
		let dense = multiply(&multiply(&discount, forward), &self.density(&d1));
		let decay = divide(&multiply(&dense, volatility), &multiply(&integer(2), &root));
		Black {
			delta: multiply(&discount, &delta),
			gamma: divide(&dense, &deviation),
			vega: multiply(&dense, &root),
			theta: subtract(&multiply(rate, &price), &decay),
			price,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use astro_float_num::Radix;

	fn parsed(digits: &str, reference: &mut Reference) -> Number {
		Number::parse(digits, Radix::Dec, PRECISION, ROUNDING, &mut reference.constants)
	}

	fn assert_close(got: &Number, expected: &Number, relative: f64) {
		// As numbers: a float has no 1e-350.
		let error = distance(&divide(got, expected), &integer(1));
		assert!(error < relative, "relative error {error:e}");
	}

	/// From mpmath 1.4.1 at 80 digits: erfc(x / √2) / 2.
	const TAILS: [(&str, &str); 8] = [
		("0.25", "4.012936743170762757591462084189662607179525187589685596573265367078174e-1"),
		("1", "1.586552539314570514147674543679620775220870332733956090126055497570086e-1"),
		("2.5", "6.209665325776135166978104574192221127897746923092768268562854703330236e-3"),
		("5.5", "1.898956246588771938385127403358018631635748911929679385567549465788158e-8"),
		("6.5", "4.016000583859117808346145422400687488697070652113231248357898503992388e-11"),
		("8", "6.220960574271784123515995172588188422488717278900275801523763526568604e-16"),
		("12", "1.776482112077678997696171001845557092392666434178953185038661173349444e-33"),
		("40", "3.655893540915029703748985802688283665053944619977372624987757295676595e-350"),
	];

	#[test]
	fn tail_agrees_with_known_values() {
		let mut reference = Reference::new().expect("memory");
		for (x, expected) in TAILS {
			let (x, expected) = (parsed(x, &mut reference), parsed(expected, &mut reference));
			assert_close(&reference.tail(&x), &expected, 1e-60);
		}
	}

	#[test]
	fn tail_by_series_and_by_fraction_agree_where_they_meet() {
		let mut reference = Reference::new().expect("memory");
		for place in [5.5, 6.0, 6.5, 8.0] {
			let x = float(place);
			let series = reference.tail_by_series(&x);
			let fraction = reference.tail_by_fraction(&x, fraction_steps(place));
			assert_close(&fraction, &series, 1e-70);
		}
	}

	#[test]
	fn tail_by_fraction_has_converged_wherever_it_is_used() {
		let mut reference = Reference::new().expect("memory");
		for place in [6.0, 8.0, 12.0, 20.0, 40.0, 100.0, 999.0] {
			let (x, steps) = (float(place), fraction_steps(place));
			let longer = reference.tail_by_fraction(&x, 3 * steps);
			assert_close(&reference.tail_by_fraction(&x, steps), &longer, 1e-70);
		}
	}

	#[test]
	fn black_agrees_with_known_price() {
		let mut reference = Reference::new().expect("memory");
		let price = reference.undiscounted(true, &integer(100), &integer(110), &float(0.25));
		let expected = parsed(
			"6.190426413768347417180527554614068489716683176781854216213306123317909",
			&mut reference,
		);
		assert_close(&price, &expected, 1e-60);
	}

	#[test]
	fn to_float_gives_the_float_back() {
		for value in [1.0, -0.1, 1e300, 1e-300, 12345.678] {
			assert!((to_float(&float(value)) - value).abs() <= value.abs() * 1e-15);
		}
	}
}
