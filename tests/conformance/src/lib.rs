//! # Conformance
//!
//! Published risk figures of other venues, computed by the engine that the chain runs: each venue's
//! model is written as a [`RiskModel`](plimsoll_risk::RiskModel), its market and portfolio as the
//! engine's own types, and [`report`](plimsoll_risk::report()) gives the figures. Nothing of a model
//! is computed here.
//!
//! | kind | published | one case is |
//! |---|---|---|
//! | `pmrm2` | a 33-scenario portfolio margin: margins, contingencies, every scenario | a file |
//! | `pmrm1` | its 21-scenario predecessor: margins | a line |
//! | `span` | the classic 16-point scan: risk array and composite delta of a contract | a line |
//! | `black76` | option prices and deltas, SVI volatilities, elementary functions | a file |
//!
//! The files are not part of the project: `PLIMSOLL_VECTORS` names their folder, or they are in
//! `../shared/vectors` beside the checkout.

mod black76;
pub mod case;
pub mod error;
mod field;
mod figures;
pub mod input;
pub mod number;
mod pmrm1;
mod pmrm2;
mod span;

pub use case::Case;
pub use error::FileError;

use input::{documents, Document};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// 10^18.
const SCALE: u128 = plimsoll_primitives::number::SCALE;

/// Whose figures a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
	/// The 33-scenario portfolio model.
	Pmrm2,
	/// The 21-scenario portfolio model.
	Pmrm1,
	/// The classic 16-point scan.
	Span,
	/// Black-76, SVI and elementary functions.
	Black76,
}

impl Kind {
	/// By its name on the command line.
	pub fn named(name: &str) -> Option<Self> {
		match name {
			"pmrm2" => Some(Self::Pmrm2),
			"pmrm1" => Some(Self::Pmrm1),
			"span" => Some(Self::Span),
			"black76" => Some(Self::Black76),
			_ => None,
		}
	}
}

/// Computes every case of the files, in their order.
///
/// # Errors
/// A file that cannot be read, is not JSON or has a case that does not have the kind's form. A
/// well-formed case that the engine refuses is a case that fails.
pub fn run(kind: Kind, files: &[PathBuf]) -> Result<Vec<Case>, FileError> {
	let mut parameters = None;
	let mut all = Vec::new();
	for file in files {
		let mut found = documents(file)?;
		if kind == Kind::Span {
			if let Some(index) = found.iter().position(span::is_parameters) {
				parameters = Some(found.remove(index).value);
			}
		}
		all.push((file, found));
	}
	let mut cases = Vec::new();
	for (file, found) in &all {
		for document in found {
			let beside;
			let parameters = match (kind, &parameters) {
				(Kind::Span, None) => {
					beside = parameters_beside(file)?;
					Some(&beside)
				}
				(_, given) => given.as_ref(),
			};
			cases.push(case(kind, document, parameters)?);
		}
	}
	Ok(cases)
}

fn case(kind: Kind, document: &Document, parameters: Option<&Value>) -> Result<Case, FileError> {
	let outcome = match kind {
		Kind::Pmrm2 => pmrm2::case(document),
		Kind::Pmrm1 => pmrm1::case(document),
		Kind::Span => span::case(document, parameters.unwrap_or(&Value::Null)),
		Kind::Black76 => black76::case(document),
	};
	match outcome {
		Ok(case) => Ok(case),
		Err(error) if error.is_of_the_engine() => {
			let published = ["Result", "expected"]
				.iter()
				.find_map(|name| document.value.get(name).cloned())
				.unwrap_or_else(|| document.value.clone());
			Ok(Case::failed(document.name.clone(), published, error.to_string()))
		}
		Err(error) => Err(FileError::Case(document.name.clone(), error)),
	}
}

/// The scan's parameters from the folder of a file of contracts.
fn parameters_beside(file: &Path) -> Result<Value, FileError> {
	let beside = file.with_file_name("params.json");
	documents(&beside)
		.ok()
		.and_then(|found| found.into_iter().find(span::is_parameters))
		.map(|document| document.value)
		.ok_or_else(|| FileError::NoParameters(file.to_path_buf()))
}
