//! Option prices, volatility surfaces and elementary functions, each by the engine's own.

use crate::{
	case::{Case, Tolerance},
	error::CaseError,
	field::Fields,
	figures::{ONE, YEAR},
	input::Document,
	number::{parse, text},
};
use plimsoll_primitives::{OptionKind, Price, Rate, Rounding, Svi};
use plimsoll_risk::{
	black76::{Deviation, Option76},
	fixed::{
		add, divide, from_decimal, from_unsigned_decimal, multiply, to_decimal, Fixed, ONE as UNIT,
	},
	math,
	svi::Slice,
	tenor::Tenor,
};
use serde_json::{json, Map, Value};
use sp_arithmetic::FixedI128;

/// Runs a file: every section that it has.
pub fn case(document: &Document) -> Result<Case, CaseError> {
	let fields = Fields::new(&document.value);
	let (mut ours, mut published) = (Map::new(), Map::new());
	let sections: [(&str, Section); 4] = [
		("black76", options),
		("svi", surfaces),
		("annualise", years),
		("fixed_point_18dec", functions),
	];
	for (name, section) in sections {
		if fields.optional(name).is_some() {
			let (own, theirs) = section(&fields.object(name)?)?;
			ours.insert(name.to_string(), own);
			published.insert(name.to_string(), theirs);
		}
	}
	if published.is_empty() {
		return Err(CaseError::Missing("black76".to_string()));
	}
	Ok(Case::new(document.name.clone(), ours, published, |name| {
		Some(match name {
			"svi" => Tolerance::Absolute(1e-14),
			// The published normal distribution is off by up to 2e-17 itself.
			"fixed_point_18dec" => Tolerance::OfOneOrMore(1e-14),
			_ => Tolerance::Absolute(1e-12),
		})
	}))
}

/// (ours, published) of a section.
type Section = fn(&Fields) -> Result<(Value, Value), CaseError>;

/// Prices and deltas.
fn options(section: &Fields) -> Result<(Value, Value), CaseError> {
	let (mut ours, mut published) = (Vec::<Value>::new(), Vec::<Value>::new());
	for case in section.list("cases")? {
		let (mut own, mut theirs) = (Map::new(), Map::new());
		let tenor = Tenor::from_milliseconds(case.scaled("seconds", 1000)?)?;
		let option = |kind| -> Result<Option76, CaseError> {
			Ok(Option76 {
				kind,
				forward: Price::from_inner(amount(&case, "fwd")?),
				strike: Price::from_inner(amount(&case, "strike")?),
				deviation: Deviation::new(tenor.deviation(case.volatility("vol")?)?)?,
				discount: from_unsigned_decimal(case.unsigned("discount")?)?,
			})
		};
		for (kind, name) in [(OptionKind::Call, "call"), (OptionKind::Put, "put")] {
			let price = option(kind)?.price()?.into_inner();
			let in_wei = format!("{name}_wei");
			if let Some(value) = case.optional(name) {
				own.insert(name.to_string(), decimal_text(price));
				theirs.insert(name.to_string(), value.clone());
			} else if let Some(value) = case.optional(&in_wei) {
				own.insert(in_wei.clone(), price.to_string().into());
				theirs.insert(in_wei, value.clone());
			}
		}
		let name = "call_delta_undiscounted";
		if let Some(value) = case.optional(name) {
			let undiscounted = Option76 { discount: UNIT, ..option(OptionKind::Call)? };
			let delta = undiscounted.greeks(&tenor, Rate::ZERO)?.delta;
			own.insert(name.to_string(), fixed_text(delta));
			theirs.insert(name.to_string(), value.clone());
		}
		ours.push(own.into());
		published.push(theirs.into());
	}
	Ok((json!({ "cases": Value::Array(ours) }), json!({ "cases": Value::Array(published) })))
}

/// An amount in units, or in the 10^18th parts of `…_wei`.
fn amount(case: &Fields, name: &str) -> Result<u128, CaseError> {
	let in_wei = format!("{name}_wei");
	if case.optional(&in_wei).is_none() {
		return case.unsigned(name);
	}
	case.text(&in_wei)?.parse().map_err(|_| CaseError::NotANumber(in_wei))
}

/// Volatilities of a surface's strikes.
fn surfaces(section: &Fields) -> Result<(Value, Value), CaseError> {
	let (mut own, mut theirs) = (Map::new(), Map::new());
	if section.optional("sets").is_some() {
		let (mut ours, mut published) = (Vec::<Value>::new(), Vec::<Value>::new());
		for set in section.list("sets")? {
			let smile = Smile::new(&set)?;
			let vols = set
				.list("strikes")?
				.iter()
				.map(|strike| {
					let strike = crate::number::decimal(strike.value())?;
					Ok(fixed_text(smile.volatility(strike)?.1))
				})
				.collect::<Result<Vec<_>, CaseError>>()?;
			ours.push(json!({ "vols": vols }));
			published.push(json!({ "vols": set.raw("vols")? }));
		}
		own.insert("sets".into(), ours.into());
		theirs.insert("sets".into(), published.into());
	}
	if section.optional("edge").is_some() {
		let (mut ours, mut published) = (Vec::<Value>::new(), Vec::<Value>::new());
		for set in section.list("edge")? {
			let (k, volatility) = Smile::new(&set)?.volatility(set.signed("strike")?)?;
			let (mut own, mut theirs) = (Map::new(), Map::new());
			for (name, value) in [("k_floor_1e6", k), ("vol_floor_1e6", volatility)] {
				if let Some(published) = set.optional(name) {
					// Towards zero, as integers are cut there.
					let millionths = to_decimal(value, Rounding::Down) / 1_000_000_000_000;
					own.insert(name.into(), text(millionths * ONE).into());
					theirs.insert(name.into(), published.clone());
				}
			}
			ours.push(own.into());
			published.push(theirs.into());
		}
		own.insert("edge".into(), ours.into());
		theirs.insert("edge".into(), published.into());
	}
	Ok((own.into(), theirs.into()))
}

/// An SVI slice with its forward and time.
struct Smile {
	slice: Slice,
	forward: Fixed,
	root: Fixed,
	limit: Fixed,
}

impl Smile {
	fn new(set: &Fields) -> Result<Self, CaseError> {
		let parameter = |name| set.signed(name).map(FixedI128::from_inner);
		let parameters = Svi {
			a: parameter("a")?,
			b: parameter("b")?,
			rho: parameter("rho")?,
			m: parameter("m")?,
			sigma: parameter("sigma")?,
		};
		let [a, b, sigma] = [parameters.a, parameters.b, parameters.sigma]
			.map(|parameter| from_decimal(parameter.into_inner()));
		let middle = math::sqrt(add(a?, multiply(b?, sigma?)?)?)?;
		Ok(Self {
			slice: Slice::new(&parameters)?,
			forward: from_unsigned_decimal(set.unsigned("fwd")?)?,
			root: math::sqrt(from_unsigned_decimal(set.unsigned("tau")?)?)?,
			limit: multiply(middle, Fixed::from_bits(4 << 64))?,
		})
	}

	/// (log-moneyness as the surface takes it, volatility) of a strike.
	fn volatility(&self, strike: i128) -> Result<(Fixed, Fixed), CaseError> {
		let k = math::ln(divide(from_decimal(strike)?, self.forward)?)?;
		let volatility = divide(self.slice.deviation(k)?, self.root)?;
		let opposite = Fixed::from_bits(-self.limit.to_bits());
		Ok((k.clamp(opposite, self.limit), volatility))
	}
}

/// Seconds as years.
fn years(section: &Fields) -> Result<(Value, Value), CaseError> {
	let (mut ours, mut published) = (Vec::<Value>::new(), Vec::<Value>::new());
	for pair in section.list("cases")? {
		let (seconds, value) = two(&pair)?;
		let whole = parse(&seconds.to_string())? / ONE;
		let milliseconds = u64::try_from(whole)
			.ok()
			.and_then(|seconds| seconds.checked_mul(1000))
			.ok_or_else(|| CaseError::NotANumber(seconds.to_string()))?;
		let tenor = Tenor::from_milliseconds(milliseconds)?;
		debug_assert_eq!(plimsoll_risk::tenor::YEAR, YEAR * 1000);
		ours.push(json!([seconds, fixed_text(tenor.years())]));
		published.push(json!([seconds, value]));
	}
	Ok((json!({ "cases": Value::Array(ours) }), json!({ "cases": Value::Array(published) })))
}

fn two<'a>(pair: &Fields<'a>) -> Result<(&'a Value, &'a Value), CaseError> {
	match pair.value().as_array().map(Vec::as_slice) {
		Some([a, b]) => Ok((a, b)),
		_ => Err(CaseError::WrongType("annualise.cases".to_string(), "a list of pairs")),
	}
}

/// ln, exp, sqrt, the normal distribution and density, and powers as the volatility law takes them.
fn functions(section: &Fields) -> Result<(Value, Value), CaseError> {
	let (mut ours, mut published) = (Map::new(), Map::new());
	let tables: [(&str, Function); 5] = [
		("ln", math::ln),
		("exp", math::exp),
		("sqrt", math::sqrt),
		("norm_cdf", |x| Ok(math::distribution(x))),
		("norm_pdf", |x| Ok(math::density(x))),
	];
	for (name, function) in tables {
		let Some(table) = section.optional(name) else { continue };
		let mut values = Map::new();
		for argument in table.as_object().into_iter().flat_map(Map::keys) {
			let value = function(from_decimal(parse(argument)?)?)?;
			values.insert(argument.clone(), fixed_text(value));
		}
		ours.insert(name.to_string(), values.into());
		published.insert(name.to_string(), table.clone());
	}
	if section.optional("pow").is_some() {
		let mut rows = Vec::new();
		for row in section.list("pow")? {
			let Some([base, power, _]) = row.value().as_array().map(Vec::as_slice) else {
				return Err(CaseError::WrongType("pow".to_string(), "a list of triples"));
			};
			let number = |value: &Value| -> Result<Fixed, CaseError> {
				Ok(from_decimal(crate::number::decimal(value)?)?)
			};
			let value = math::exp(multiply(number(power)?, math::ln(number(base)?)?)?)?;
			rows.push(json!([base, power, fixed_text(value)]));
		}
		ours.insert("pow".into(), rows.into());
		published.insert("pow".into(), section.raw("pow")?.clone());
	}
	Ok((ours.into(), published.into()))
}

/// An elementary function.
type Function = fn(Fixed) -> Result<Fixed, plimsoll_risk::MathError>;

/// A scaled integer that may be any of 128 bits.
fn decimal_text(raw: u128) -> Value {
	let digits = format!("{}.{:018}", raw / crate::SCALE, raw % crate::SCALE);
	digits.into()
}

fn fixed_text(value: Fixed) -> Value {
	text(to_decimal(value, Rounding::Down)).into()
}
