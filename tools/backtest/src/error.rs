//! Why there is no result.

use core::fmt;
use plimsoll_risk::{CovarianceError, MathError, ModelError, RiskError};

/// What is wrong with a file of bars.
#[derive(Clone, Debug, PartialEq)]
pub enum BarError {
	/// It cannot be read.
	Unreadable(String),
	/// Its header lacks a column.
	MissingColumn(&'static str),
	/// A line has fewer fields than the header, or no text.
	BadLine {
		/// Where.
		line: u64,
		/// Why.
		reason: String,
	},
	/// A field is no number.
	BadNumber {
		/// Where.
		line: u64,
		/// In which column.
		column: &'static str,
		/// What stands there.
		field: String,
	},
	/// A field is no moment.
	BadTimestamp {
		/// Where.
		line: u64,
		/// What stands there.
		field: String,
	},
	/// Prices that no bar can have: not positive, or beyond the bar's own high and low.
	ImpossibleBar {
		/// Where.
		line: u64,
	},
	/// A bar before the one above it.
	Unsorted {
		/// Where.
		line: u64,
	},
	/// The same moment as the bar above it.
	Duplicate {
		/// Where.
		line: u64,
	},
	/// More time between two bars than is tolerated.
	Gap {
		/// The bar after it.
		line: u64,
		/// Between the openings of both bars.
		hours: f64,
	},
	/// Too few bars to tell how long they are.
	TooFewBars(usize),
	/// Bars longer than a day, which tell nothing of one-day losses.
	BarsTooLong {
		/// Of one bar.
		hours: f64,
	},
}

impl fmt::Display for BarError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Unreadable(reason) => write!(f, "cannot be read: {reason}"),
			Self::MissingColumn(column) => write!(f, "has no column \"{column}\""),
			Self::BadLine { line, reason } => write!(f, "line {line}: {reason}"),
			Self::BadNumber { line, column, field } => {
				write!(f, "line {line}: {column} \"{field}\" is no number")
			}
			Self::BadTimestamp { line, field } => {
				write!(f, "line {line}: \"{field}\" is no moment in UTC")
			}
			Self::ImpossibleBar { line } => {
				write!(f, "line {line}: prices are not positive, or beyond the bar's high and low")
			}
			Self::Unsorted { line } => write!(f, "line {line}: earlier than the line above"),
			Self::Duplicate { line } => write!(f, "line {line}: same moment as the line above"),
			Self::Gap { line, hours } => {
				write!(f, "line {line}: {hours:.1} hours after the bar above; see --max-gap-hours")
			}
			Self::TooFewBars(bars) => write!(f, "has only {bars} bars"),
			Self::BarsTooLong { hours } => {
				write!(f, "has bars of {hours:.1} hours; a day is the most")
			}
		}
	}
}

/// Why a command fails.
#[derive(Debug)]
pub enum Error {
	/// A file of bars is refused.
	Bars {
		/// Which.
		path: String,
		/// Why.
		error: BarError,
	},
	/// The files have too few days in common.
	TooFewDays {
		/// At least.
		needed: usize,
		/// There are.
		found: usize,
	},
	/// The horizon is no multiple of the bars' length, or above a day.
	Horizon {
		/// The horizon.
		hours: f64,
		/// A bar.
		bar_hours: f64,
	},
	/// Two files of the same underlying.
	SameUnderlying(String),
	/// Two underlyings of the same number.
	SameNumber {
		/// The second one.
		name: String,
		/// On chain.
		number: u16,
	},
	/// An argument that is not understood.
	Argument(String),
	/// A model that the engine refuses.
	Model(ModelError),
	/// The engine cannot compute.
	Risk(RiskError),
	/// Rules, a covariance or a joint history that the engine refuses.
	Covariance(CovarianceError),
	/// A return that the engine cannot take.
	Return(MathError),
	/// A number that the engine's types do not hold.
	OutOfRange(f64),
	/// Something cannot be written or read.
	File {
		/// Which.
		path: String,
		/// Why.
		reason: String,
	},
	/// A plot cannot be drawn.
	Plot(String),
}

impl fmt::Display for Error {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Bars { path, error } => write!(f, "{path} {error}"),
			Self::TooFewDays { needed, found } => {
				write!(f, "{found} days that all files have; {needed} are needed")
			}
			Self::Horizon { hours, bar_hours } => write!(
				f,
				"a horizon of {hours} hours; it must be a multiple of the bars' {bar_hours} hours, \
				at most 24"
			),
			Self::SameUnderlying(name) => write!(f, "two files of {name}; name them NAME=FILE"),
			Self::SameNumber { name, number } => {
				write!(f, "{name} has the number {number} of another underlying; see --id")
			}
			Self::Argument(reason) => write!(f, "{reason}"),
			Self::Model(error) => write!(f, "the risk model is refused: {error:?}"),
			Self::Risk(error) => write!(f, "the risk engine refuses: {error:?}"),
			Self::Covariance(error) => write!(f, "joint scenarios are refused: {error:?}"),
			Self::Return(error) => write!(f, "a return cannot be taken: {error:?}"),
			Self::OutOfRange(value) => write!(f, "{value} is beyond the engine's numbers"),
			Self::File { path, reason } => write!(f, "{path}: {reason}"),
			Self::Plot(reason) => write!(f, "a plot cannot be drawn: {reason}"),
		}
	}
}

impl std::error::Error for Error {}

impl From<RiskError> for Error {
	fn from(error: RiskError) -> Self {
		Self::Risk(error)
	}
}

impl From<ModelError> for Error {
	fn from(error: ModelError) -> Self {
		Self::Model(error)
	}
}

impl From<CovarianceError> for Error {
	fn from(error: CovarianceError) -> Self {
		Self::Covariance(error)
	}
}

impl From<MathError> for Error {
	fn from(error: MathError) -> Self {
		Self::Return(error)
	}
}
