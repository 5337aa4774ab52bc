//! A case: what was published, what the engine gives, and how far they are apart.

use crate::number::decimal;
use serde_json::{json, Map, Value};

/// How far apart a figure and its published value may be.
#[derive(Clone, Copy, Debug)]
pub enum Tolerance {
	/// So much of the published value; absolutely so much where that is below `floor`.
	Relative {
		/// The part, and the absolute difference below the floor.
		part: f64,
		/// Published values below this are compared absolutely.
		floor: f64,
	},
	/// So much.
	Absolute(f64),
	/// So much of a unit.
	OfUnit {
		/// The unit.
		unit: f64,
		/// The part of it.
		part: f64,
	},
	/// So much of each value, at least of one.
	OfOneOrMore(f64),
}

impl Tolerance {
	/// (error, the most that it may be) of a scaled difference and the scaled published magnitude.
	/// The difference is exact, the quotient a float.
	fn measure(self, difference: u128, published: u128) -> (f64, f64) {
		let (difference, published) = (magnitude(difference), magnitude(published));
		match self {
			Self::Relative { part, floor } if published >= floor => (difference / published, part),
			Self::Relative { part, .. } => (difference, part),
			Self::Absolute(most) => (difference, most),
			Self::OfUnit { unit, part } => (difference / unit, part),
			Self::OfOneOrMore(part) => (difference / published.max(1.0), part),
		}
	}
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Case {
	/// The file's name without its ending, or the line's `id`.
	pub name: String,
	/// Every published figure as the engine gives it, under the published names.
	pub ours: Value,
	/// The figures as published.
	pub published: Value,
	/// The largest error, in the measure of its tolerance.
	pub max_error: f64,
	/// Whether every figure is within its tolerance.
	pub pass: bool,
}

impl Case {
	/// Compares figure by figure. `tolerance` gives the measure of a top-level name; figures of a
	/// name for which it gives none are shown and not judged.
	pub fn new(
		name: String,
		ours: Map<String, Value>,
		published: Map<String, Value>,
		tolerance: impl Fn(&str) -> Option<Tolerance>,
	) -> Self {
		let mut case =
			Self { name, max_error: 0.0, pass: true, ours: Value::Null, published: Value::Null };
		for (figure, value) in &published {
			let Some(tolerance) = tolerance(figure) else { continue };
			let own = ours.get(figure).unwrap_or(&Value::Null);
			case.compare(figure, own, value, tolerance);
		}
		case.ours = Value::Object(ours);
		case.published = Value::Object(published);
		case
	}

	/// A case of which the engine has no result.
	pub fn failed(name: String, published: Value, error: String) -> Self {
		Self { name, ours: json!({ "error": error }), published, max_error: f64::MAX, pass: false }
	}

	/// Judges the figures under a name.
	fn compare(&mut self, name: &str, ours: &Value, published: &Value, tolerance: Tolerance) {
		match (ours, published) {
			(Value::Array(ours), Value::Array(published)) => {
				self.pass &= ours.len() == published.len();
				for (own, value) in ours.iter().zip(published) {
					self.compare(name, own, value, tolerance);
				}
			}
			(Value::Object(ours), Value::Object(published)) => {
				for (name, value) in published {
					self.compare(name, ours.get(name).unwrap_or(&Value::Null), value, tolerance);
				}
			}
			(ours, published) => match distance(name, ours, published) {
				Some((difference, size)) => {
					let (error, most) = tolerance.measure(difference, size);
					self.max_error = self.max_error.max(error);
					// An error that is not a number is no pass.
					self.pass &= error <= most;
				}
				// Names: the same, or not.
				None => self.pass &= ours == published,
			},
		}
	}

	/// The line that is printed.
	pub fn line(&self) -> String {
		json!({
			"case": self.name,
			"ours": self.ours,
			"published": self.published,
			"max_error": self.max_error,
			"pass": self.pass,
		})
		.to_string()
	}
}

/// (difference, published magnitude) of two numbers or texts of one, scaled by 18 decimals. What is
/// named `…_wei` is scaled already.
fn distance(name: &str, ours: &Value, published: &Value) -> Option<(u128, u128)> {
	if name.ends_with("_wei") {
		let whole = |value: &Value| value.as_str().and_then(|text| text.parse::<u128>().ok());
		let (ours, published) = (whole(ours)?, whole(published)?);
		return Some((ours.abs_diff(published), published));
	}
	let (ours, published) = (figure(ours)?, figure(published)?);
	Some((ours.abs_diff(published), published.unsigned_abs()))
}

/// A number, or a text of one, of 18 decimals.
fn figure(value: &Value) -> Option<i128> {
	match value {
		Value::Number(_) | Value::String(_) => decimal(value).ok(),
		_ => None,
	}
}

/// A scaled magnitude as the nearest float.
fn magnitude(raw: u128) -> f64 {
	format!("{raw}e-18").parse().unwrap_or(f64::MAX)
}
