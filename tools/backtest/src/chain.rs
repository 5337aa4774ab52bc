//! What goes on chain: the risk model, and all that joint scenarios need.
//!
//! One file holds both as the chain's own types write them (JSON, exact integers), for genesis, and as
//! they are encoded (SCALE, hexadecimal), for governance. It is read back into the same types and put
//! to the same tests that the chain puts it to.

use crate::{calibrate::Calibration, error::Error, market::Asset, time::date};
use codec::Encode;
use plimsoll_risk::{JointRisk, RiskModel};
use serde::Deserialize;
use serde_json::{json, Map, Value};
use std::{fmt::Write as _, path::Path};

/// What a chain is set to.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Chain {
	/// The risk model.
	pub model: RiskModel,
	/// For joint scenarios; a model may come without.
	pub joint: Option<JointRisk>,
}

impl Chain {
	/// Reads a file: one that [`write`] gives, or a model by itself.
	///
	/// # Errors
	/// `File` where it cannot be read; `Model` and `Covariance` where the chain would refuse it.
	pub fn read(path: &Path) -> Result<Self, Error> {
		let fails = |reason: String| Error::File { path: path.display().to_string(), reason };
		let text = std::fs::read_to_string(path).map_err(|error| fails(error.to_string()))?;
		Self::parse(&text).map_err(fails)?.validated()
	}

	/// From JSON, not yet validated.
	///
	/// # Errors
	/// Why not, in words.
	pub fn parse(text: &str) -> Result<Self, String> {
		let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
		let has_model = value.get("model").is_some();
		let chain = if has_model {
			serde_json::from_value(value)
		} else {
			serde_json::from_value(value).map(|model| Self { model, joint: None })
		};
		chain.map_err(|error| error.to_string())
	}

	/// Itself, if the chain takes it.
	///
	/// # Errors
	/// `Model`, `Covariance`.
	pub fn validated(self) -> Result<Self, Error> {
		self.model.validate()?;
		if let Some(joint) = &self.joint {
			joint.validate()?;
		}
		Ok(self)
	}
}

/// As JSON: `model` and `joint` as the chain's types write them, `encoded` the same in SCALE.
/// Which number is which underlying, and which days it comes from, stand beside them.
pub fn json(assets: &[Asset], found: &Calibration) -> Value {
	let underlyings: Map<String, Value> =
		assets.iter().map(|asset| (asset.name.clone(), asset.id.0.into())).collect();
	json!({
		"underlyings": underlyings,
		"first_day": date(found.days.0),
		"last_day": date(found.days.1),
		"model": found.model,
		"joint": found.joint,
		"encoded": {
			"model": hexadecimal(&found.model),
			"joint": hexadecimal(&found.joint),
		},
	})
}

/// In SCALE, as clients take it.
fn hexadecimal(of: &impl Encode) -> String {
	of.encode().iter().fold(String::from("0x"), |mut text, byte| {
		// Writing into memory does not fail.
		let _ = write!(text, "{byte:02x}");
		text
	})
}
