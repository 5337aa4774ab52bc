//! How a chain keeps what its underlyings do together: learnt step by step from its own prices.

use super::{JointHistory, JointScenarios, MAX_JOINT_UNDERLYINGS};
use crate::covariance::{Covariance, CovarianceError, CovarianceRules, JointReturn};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::{Moment, Price, Volatility};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::{bounded::BoundedVec, ConstU32};

/// What joint scenarios come from.
#[derive(
	Clone,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct JointRisk {
	/// How covariance is learnt.
	pub rules: CovarianceRules,
	/// How long a position is held until it can be closed, milliseconds; from a minute to 30 days.
	pub horizon: u64,
	/// The covariance in force.
	pub covariance: Covariance,
	/// Past steps made alike.
	pub history: JointHistory,
}

impl JointRisk {
	/// Whether it can be used, and with which scenarios.
	///
	/// Errors: those of its parts; `DifferentUnderlyings` or `DifferentStep` where they do not fit each
	/// other; `Floor` where a variance is below its floor: margins would rest on less than is ever
	/// learnt.
	pub fn validate(&self) -> Result<JointScenarios, CovarianceError> {
		self.rules.validate()?;
		self.covariance.validate()?;
		if self.covariance.floored(&self.rules)? != self.covariance {
			return Err(CovarianceError::Floor);
		}
		self.scenarios()
	}

	/// The scenarios as of now.
	pub fn scenarios(&self) -> Result<JointScenarios, CovarianceError> {
		self.history.today(&self.covariance, self.horizon)
	}

	/// The same one epoch later: the covariance in force goes a capped step towards `learnt`.
	pub fn step(&self, learnt: &Covariance) -> Result<Self, CovarianceError> {
		Ok(Self { covariance: self.covariance.towards(learnt, &self.rules)?, ..self.clone() })
	}
}

/// What one underlying's market looked like at the end of a step.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct JointObservation {
	/// Spot.
	pub price: Price,
	/// The 30-day volatility, or the last one known; `None` where none ever was.
	pub volatility: Option<Volatility>,
}

impl JointObservation {
	/// What happened since `before`. A volatility that either moment lacks has not moved.
	pub fn since(&self, before: &Self) -> Result<JointReturn, CovarianceError> {
		let one = Volatility::from_inner(1);
		let (was, is) = before.volatility.zip(self.volatility).unwrap_or((one, one));
		Ok(JointReturn::between((before.price, was), (self.price, is))?)
	}

	/// With the volatility known before, where none is known now: the next one is then compared with
	/// it, so that no move is lost.
	pub fn or_volatility_of(self, before: Option<&Self>) -> Self {
		let volatility = self.volatility.or_else(|| before.and_then(|before| before.volatility));
		Self { volatility, ..self }
	}
}

/// The end of the last step, and when the next one ends.
#[derive(
	Clone,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct JointSample {
	/// When the next step ends, milliseconds since the Unix epoch.
	pub due: Moment,
	/// By underlying, in the order of the covariance; none before the first.
	pub observations: BoundedVec<JointObservation, ConstU32<MAX_JOINT_UNDERLYINGS>>,
}

impl JointSample {
	/// The returns of the step that ends with `observations`; `None` before there is a step to end.
	pub fn returns(
		&self,
		observations: &[JointObservation],
	) -> Result<Option<Vec<JointReturn>>, CovarianceError> {
		if self.observations.is_empty() {
			return Ok(None);
		}
		if self.observations.len() != observations.len() {
			return Err(CovarianceError::Shape);
		}
		let pairs = observations.iter().zip(&self.observations);
		pairs.map(|(after, before)| after.since(before)).collect::<Result<_, _>>().map(Some)
	}

	/// The sample that `observations` make at `now`. Steps keep their hours; those that passed without
	/// prices are one, and the next one ends a whole step from now.
	pub fn next(
		&self,
		now: Moment,
		step: u64,
		observations: Vec<JointObservation>,
	) -> Result<Self, CovarianceError> {
		let later = |from: Moment| from.checked_add(step).ok_or(CovarianceError::Overflow);
		let due = later(self.due)?;
		Ok(Self {
			due: if due > now { due } else { later(now)? },
			observations: BoundedVec::try_from(observations)
				.map_err(|_| CovarianceError::TooManyUnderlyings)?,
		})
	}
}
