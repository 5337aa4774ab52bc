//! What can be wrong with a file, a case, or what the engine makes of it.

use core::fmt;
use plimsoll_risk::{MathError, RiskError};
use std::path::PathBuf;

/// Why a file has no cases.
#[derive(Debug)]
pub enum FileError {
	/// It cannot be read.
	Unreadable(PathBuf, std::io::Error),
	/// A line (from 1) of it is not JSON.
	Malformed(PathBuf, usize, serde_json::Error),
	/// There is nothing in it.
	Empty(PathBuf),
	/// A case of it does not have the kind's form.
	Case(String, CaseError),
	/// The 16-point scan's parameters were not given and are not beside the file.
	NoParameters(PathBuf),
}

/// Why a case does not have its kind's form.
#[derive(Debug)]
pub enum CaseError {
	/// A field is missing.
	Missing(String),
	/// A field is not of the type that it should be.
	WrongType(String, &'static str),
	/// Not a number, or one that does not fit 18 decimals.
	NotANumber(String),
	/// A number that should not be negative is.
	Negative(String),
	/// A name that the format does not have.
	UnknownName(String),
	/// An option's expiry has no feed.
	NoFeed(u64),
	/// The case publishes another number of figures than it has scenarios.
	Length(&'static str, usize, usize),
	/// There are more of them than a model holds.
	TooMany(&'static str),
	/// The engine refuses to compute it.
	Engine(String),
}

impl CaseError {
	/// Whether the case is well-formed and only the engine has no result.
	pub const fn is_of_the_engine(&self) -> bool {
		matches!(self, Self::Engine(_))
	}
}

impl From<MathError> for CaseError {
	fn from(error: MathError) -> Self {
		Self::Engine(format!("{error:?}"))
	}
}

impl From<RiskError> for CaseError {
	fn from(error: RiskError) -> Self {
		Self::Engine(format!("{error:?}"))
	}
}

impl fmt::Display for FileError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Unreadable(file, error) => write!(f, "{}: {error}", file.display()),
			Self::Malformed(file, line, error) => {
				write!(f, "{}, line {line}: not JSON: {error}", file.display())
			}
			Self::Empty(file) => write!(f, "{}: no case in it", file.display()),
			Self::Case(case, error) => write!(f, "{case}: {error}"),
			Self::NoParameters(file) => write!(
				f,
				"{}: no params.json (with scan_points) among the files or beside it",
				file.display()
			),
		}
	}
}

impl fmt::Display for CaseError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Missing(field) => write!(f, "field {field} is missing"),
			Self::WrongType(field, wanted) => write!(f, "field {field} is not {wanted}"),
			Self::NotANumber(text) => write!(f, "{text} is not a number of 18 decimals"),
			Self::Negative(field) => write!(f, "field {field} is negative"),
			Self::UnknownName(name) => write!(f, "{name} is not a name of this format"),
			Self::NoFeed(seconds) => write!(f, "no feed for the expiry in {seconds} seconds"),
			Self::Length(what, got, wanted) => {
				write!(f, "{what} has {got} entries, the scenarios need {wanted}")
			}
			Self::TooMany(what) => write!(f, "more {what} than a model holds"),
			Self::Engine(error) => write!(f, "the engine has no result: {error}"),
		}
	}
}

impl std::error::Error for FileError {}
impl std::error::Error for CaseError {}
