//! Numbers of the files as the engine's, and back: 18 decimals on both ways.

use crate::error::CaseError;
use plimsoll_primitives::number::SCALE;
use serde_json::Value;

/// A JSON number, or a string of one, as a scaled integer of 18 decimals, rounded to the nearest.
/// Floats are taken at the shortest decimal that names them, which is what was written.
pub fn decimal(value: &Value) -> Result<i128, CaseError> {
	match value {
		Value::String(text) => parse(text),
		Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
			(Some(whole), _, _) => parse(&whole.to_string()),
			(_, Some(whole), _) => parse(&whole.to_string()),
			(_, _, Some(float)) => parse(&float.to_string()),
			_ => Err(CaseError::NotANumber(value.to_string())),
		},
		Value::Bool(truth) => Ok(if *truth { SCALE as i128 } else { 0 }),
		_ => Err(CaseError::NotANumber(value.to_string())),
	}
}

/// A decimal text, with or without exponent.
pub fn parse(text: &str) -> Result<i128, CaseError> {
	read(text.trim()).ok_or_else(|| CaseError::NotANumber(text.to_string()))
}

fn read(text: &str) -> Option<i128> {
	let (mantissa, exponent) = match text.split_once(['e', 'E']) {
		Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
		None => (text, 0),
	};
	let (negative, mantissa) = match mantissa.strip_prefix('-') {
		Some(rest) => (true, rest),
		None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
	};
	let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
	let digits = format!("{whole}{fraction}");
	if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
		return None;
	}
	// How many digits are left of the point once 18 decimals are.
	let places = i32::try_from(whole.len()).ok()?.checked_add(exponent)?.checked_add(18)?;
	let places = usize::try_from(places.max(0)).ok()?;
	let (kept, cut) = if places <= digits.len() {
		// A negative exponent beyond the digits leaves nothing.
		let is_beyond =
			i32::try_from(whole.len()).ok()?.checked_add(exponent)?.checked_add(18)? < 0;
		if is_beyond {
			("", "")
		} else {
			digits.split_at(places)
		}
	} else {
		(digits.as_str(), "")
	};
	let zeros = "0".repeat(places.saturating_sub(digits.len()).min(60));
	let kept = format!("0{kept}{zeros}");
	let magnitude = kept.parse::<i128>().ok()?;
	let up = cut.bytes().next().is_some_and(|digit| digit >= b'5');
	let magnitude = magnitude.checked_add(i128::from(up))?;
	Some(if negative { -magnitude } else { magnitude })
}

/// A scaled integer as a decimal text.
pub fn text(raw: i128) -> String {
	let magnitude = raw.unsigned_abs();
	let sign = if raw < 0 { "-" } else { "" };
	let digits = format!("{sign}{}.{:018}", magnitude / SCALE, magnitude % SCALE);
	digits.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// A scaled integer as the nearest float.
pub fn float(raw: i128) -> f64 {
	text(raw).parse().unwrap_or(f64::NAN)
}

/// A scaled integer as a JSON number.
pub fn number(raw: i128) -> Value {
	Value::from(float(raw))
}
