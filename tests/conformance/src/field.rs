//! Reading a case's fields.

use crate::{error::CaseError, number::decimal};
use plimsoll_primitives::{Contracts, Price, Rate, UsdValue, Volatility};
use serde_json::Value;
use sp_arithmetic::{FixedI128, FixedU128};

/// An object with the path that led to it, for messages.
#[derive(Clone)]
pub struct Fields<'a> {
	value: &'a Value,
	path: String,
}

impl<'a> Fields<'a> {
	/// A whole case.
	pub fn new(value: &'a Value) -> Self {
		Self { value, path: String::new() }
	}

	fn name(&self, name: &str) -> String {
		if self.path.is_empty() {
			name.to_string()
		} else {
			format!("{}.{name}", self.path)
		}
	}

	/// The value itself.
	pub fn value(&self) -> &'a Value {
		self.value
	}

	/// A field as it is; `None` where it is missing or null.
	pub fn optional(&self, name: &str) -> Option<&'a Value> {
		self.value.get(name).filter(|value| !value.is_null())
	}

	/// A field as it is.
	pub fn raw(&self, name: &str) -> Result<&'a Value, CaseError> {
		self.optional(name).ok_or_else(|| CaseError::Missing(self.name(name)))
	}

	/// An object in it.
	pub fn object(&self, name: &str) -> Result<Fields<'a>, CaseError> {
		let value = self.raw(name)?;
		if !value.is_object() {
			return Err(CaseError::WrongType(self.name(name), "an object"));
		}
		Ok(Fields { value, path: self.name(name) })
	}

	/// A list in it.
	pub fn list(&self, name: &str) -> Result<Vec<Fields<'a>>, CaseError> {
		let list = self
			.raw(name)?
			.as_array()
			.ok_or_else(|| CaseError::WrongType(self.name(name), "a list"))?;
		let path = self.name(name);
		Ok(list
			.iter()
			.enumerate()
			.map(|(index, value)| Fields { value, path: format!("{path}[{index}]") })
			.collect())
	}

	/// A text in it.
	pub fn text(&self, name: &str) -> Result<&'a str, CaseError> {
		self.raw(name)?.as_str().ok_or_else(|| CaseError::WrongType(self.name(name), "a text"))
	}

	/// A truth value, or 0 and 1.
	pub fn truth(&self, name: &str) -> Result<bool, CaseError> {
		match self.raw(name)? {
			Value::Bool(truth) => Ok(*truth),
			value => Ok(decimal(value)? != 0),
		}
	}

	/// A number as a scaled integer of 18 decimals.
	pub fn signed(&self, name: &str) -> Result<i128, CaseError> {
		decimal(self.raw(name)?)
	}

	/// A number that is not negative, likewise.
	pub fn unsigned(&self, name: &str) -> Result<u128, CaseError> {
		u128::try_from(self.signed(name)?).map_err(|_| CaseError::Negative(self.name(name)))
	}

	/// A number of units of `parts` each as a whole number of parts, rounded to the nearest: seconds
	/// as milliseconds, years as seconds.
	pub fn scaled(&self, name: &str, parts: u64) -> Result<u64, CaseError> {
		let too_large = || CaseError::NotANumber(self.name(name));
		let scaled = self.unsigned(name)?.checked_mul(u128::from(parts)).ok_or_else(too_large)?;
		let whole = scaled.checked_add(crate::SCALE / 2).ok_or_else(too_large)? / crate::SCALE;
		u64::try_from(whole).map_err(|_| too_large())
	}

	/// A fraction or factor.
	pub fn fraction(&self, name: &str) -> Result<FixedU128, CaseError> {
		self.unsigned(name).map(FixedU128::from_inner)
	}

	/// A fraction or factor of either sign.
	pub fn factor(&self, name: &str) -> Result<FixedI128, CaseError> {
		self.signed(name).map(FixedI128::from_inner)
	}

	/// A price.
	pub fn price(&self, name: &str) -> Result<Price, CaseError> {
		self.unsigned(name).map(Price::from_inner)
	}

	/// A volatility.
	pub fn volatility(&self, name: &str) -> Result<Volatility, CaseError> {
		self.unsigned(name).map(Volatility::from_inner)
	}

	/// A rate.
	pub fn rate(&self, name: &str) -> Result<Rate, CaseError> {
		self.signed(name).map(Rate::from_inner)
	}

	/// A number of contracts.
	pub fn contracts(&self, name: &str) -> Result<Contracts, CaseError> {
		self.signed(name).map(Contracts::from_inner)
	}

	/// An amount of USD.
	pub fn usd(&self, name: &str) -> Result<UsdValue, CaseError> {
		self.signed(name).map(UsdValue::from_inner)
	}
}
