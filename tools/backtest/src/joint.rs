//! Joint scenarios as the chain makes them, day by day.
//!
//! Nothing is computed here: covariance, residuals and scenarios are the engine's own, in its exact
//! integers ([`plimsoll_risk::covariance`], [`plimsoll_risk::joint`]). This module does once for every
//! day of a history what the chain does once an epoch of a day:
//!
//! - the day's returns enter the covariance that is learnt ([`Covariance::observe`]);
//! - the covariance in force takes one capped step towards it ([`Covariance::towards`]);
//! - margins are asked on the history of residuals with the covariance in force
//!   ([`JointHistory::today`]).
//!
//! Residuals are set by governance, not by the chain: here, too, a history stays as it is until it is
//! renewed, after so many days. A new one has the residuals of the last 256 days up to then. Until there
//! are as many it is renewed daily, as a young chain's would be.

use crate::{error::Error, time::DAY};
use plimsoll_primitives::UnderlyingId;
use plimsoll_risk::{
	joint::{Residual, MAX_JOINT_SCENARIOS},
	Covariance, CovarianceError, CovarianceRules, JointHistory, JointReturn, JointRisk,
	JointScenarios,
};
use sp_core::bounded::BoundedVec;
use std::collections::VecDeque;

/// The days that the first covariance is the plain mean of: residuals begin after them.
pub const FIRST_DAYS: usize = 30;
/// Of returns and of the epochs in which the covariance in force moves: a day, in milliseconds.
pub const STEP: u64 = DAY.unsigned_abs();
/// After how many days governance is taken to renew the history of residuals: a quarter.
pub const RENEWAL_DAYS: usize = 90;

/// What is there once there have been [`FIRST_DAYS`].
#[derive(Clone, Debug)]
struct State {
	learnt: Covariance,
	in_force: Covariance,
	/// Day by day, the oldest first, one for each underlying.
	residuals: VecDeque<Vec<Residual>>,
	/// What margins are asked on.
	history: Option<JointHistory>,
	/// Days since it was renewed.
	age: usize,
}

/// The filter as of one day.
#[derive(Clone, Debug)]
pub struct JointFilter {
	rules: CovarianceRules,
	underlyings: Vec<UnderlyingId>,
	renewal: usize,
	/// The returns of the first days.
	first: Vec<JointReturn>,
	state: Option<State>,
}

impl JointFilter {
	/// Nothing observed yet; the history is renewed every `renewal` days.
	///
	/// # Errors
	/// `Covariance` where the rules are not valid, or there are too many underlyings.
	pub fn new(
		underlyings: &[UnderlyingId],
		rules: CovarianceRules,
		renewal: usize,
	) -> Result<Self, Error> {
		rules.validate()?;
		Covariance::zero(underlyings, STEP)?;
		let underlyings = underlyings.to_vec();
		Ok(Self { rules, underlyings, renewal, first: Vec::new(), state: None })
	}

	/// Adds a day's returns, one for each underlying.
	///
	/// # Errors
	/// `Covariance` where there are more or fewer.
	pub fn observe(&mut self, returns: &[JointReturn]) -> Result<(), Error> {
		if returns.len() != self.underlyings.len() {
			return Err(CovarianceError::Shape.into());
		}
		if let Some(state) = &mut self.state {
			return state.observe(returns, &self.rules, self.renewal);
		}
		self.first.extend_from_slice(returns);
		if self.first.len() == FIRST_DAYS * self.underlyings.len() {
			let start = Covariance::sample(&self.underlyings, STEP, &self.first, &self.rules)?
				.floored(&self.rules)?;
			self.state = Some(State {
				in_force: start.clone(),
				learnt: start,
				residuals: VecDeque::new(),
				history: None,
				age: 0,
			});
		}
		Ok(())
	}

	/// The scenarios of this many milliseconds as of the last observed day; none before there are
	/// residuals.
	///
	/// # Errors
	/// `Covariance` where the horizon is out of range.
	pub fn scenarios(&self, horizon: u64) -> Result<JointScenarios, Error> {
		let known = self.state.as_ref().and_then(|state| Some((state, state.history.as_ref()?)));
		let Some((state, history)) = known else { return Ok(JointScenarios::default()) };
		Ok(history.today(&state.in_force, horizon)?)
	}

	/// What a chain is set to after the last observed day: the covariance as it is learnt (there is no
	/// epoch yet that its rise could be capped in), and a new history, for positions held this many
	/// milliseconds. `None` before there are residuals.
	///
	/// # Errors
	/// `Covariance` where a chain would refuse it, as for its horizon.
	pub fn joint(&self, horizon: u64) -> Result<Option<JointRisk>, Error> {
		let Some(state) = self.state.as_ref().filter(|state| !state.residuals.is_empty()) else {
			return Ok(None);
		};
		let (rules, covariance) = (self.rules, state.learnt.clone());
		let joint = JointRisk { rules, horizon, covariance, history: state.renewed()? };
		joint.validate()?;
		Ok(Some(joint))
	}

	/// The covariance as it is learnt; `None` before there is one.
	pub fn learnt(&self) -> Option<&Covariance> {
		self.state.as_ref().map(|state| &state.learnt)
	}

	/// The covariance in force; `None` before there is one.
	pub fn in_force(&self) -> Option<&Covariance> {
		self.state.as_ref().map(|state| &state.in_force)
	}
}

impl State {
	fn observe(
		&mut self,
		returns: &[JointReturn],
		rules: &CovarianceRules,
		renewal: usize,
	) -> Result<(), Error> {
		// One step at a time is the same as all at once: a step needs no more than the matrix before it.
		let step = JointHistory::filter(returns, rules, &self.learnt, 1)?;
		self.learnt = step.covariance;
		self.in_force = self.in_force.towards(&self.learnt, rules)?;
		self.residuals.push_back(step.history.residuals.into_inner());
		if self.residuals.len() > most_scenarios() {
			self.residuals.pop_front();
		}
		self.age += 1;
		let is_full =
			self.history.as_ref().is_some_and(|history| history.len() == most_scenarios());
		if !is_full || self.age >= renewal {
			self.history = Some(self.renewed()?);
			self.age = 0;
		}
		Ok(())
	}

	/// A history of all residuals that are kept.
	fn renewed(&self) -> Result<JointHistory, Error> {
		let residuals = self.residuals.iter().flatten().copied().collect::<Vec<_>>();
		Ok(JointHistory {
			underlyings: self.learnt.underlyings.clone(),
			step: self.learnt.step,
			residuals: BoundedVec::try_from(residuals)
				.map_err(|_| CovarianceError::TooManyScenarios)?,
		})
	}
}

/// How many residuals are kept.
fn most_scenarios() -> usize {
	usize::try_from(MAX_JOINT_SCENARIOS).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[path = "joint_tests.rs"]
mod tests;
