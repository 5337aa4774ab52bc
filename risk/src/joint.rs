//! Joint scenarios: what all underlyings' prices and volatilities do together.

mod history;
mod maturity;
mod risk;
#[cfg(test)]
mod tests;

pub use history::{Filtered, JointHistory, Residual, MAX_RESIDUAL, MAX_RESIDUALS, RESIDUAL_SCALE};
pub use maturity::volatility_30d;
pub use risk::{JointObservation, JointRisk, JointSample};

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::UnderlyingId;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_core::{bounded::BoundedVec, ConstU32};

/// The most joint scenarios.
pub const MAX_JOINT_SCENARIOS: u32 = 256;
/// The most underlyings that joint scenarios tell of.
pub const MAX_JOINT_UNDERLYINGS: u32 = 8;
/// What one is in the moves of joint scenarios.
pub const MOVE_SCALE: i32 = 100_000_000;

/// What one underlying does in a joint scenario, in hundred-millionths ([`MOVE_SCALE`]).
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
pub struct JointMove {
	/// The relative move of its price; above −1.
	pub price: i32,
	/// The relative move of its 30-day volatility; above −1.
	pub volatility: i32,
}

/// Joint scenarios as of today.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct JointScenarios {
	/// Whose moves they are, each once. Other underlyings are not offset against any.
	pub underlyings: Vec<UnderlyingId>,
	/// Scenario by scenario, each with one move for every underlying in the order of `underlyings`.
	pub moves: Vec<JointMove>,
}

/// Of what [`JointHistory::today`] makes: at most [`MAX_JOINT_SCENARIOS`] and
/// [`MAX_JOINT_UNDERLYINGS`].
impl MaxEncodedLen for JointScenarios {
	fn max_encoded_len() -> usize {
		BoundedVec::<UnderlyingId, ConstU32<MAX_JOINT_UNDERLYINGS>>::max_encoded_len()
			+ BoundedVec::<JointMove, ConstU32<MAX_RESIDUALS>>::max_encoded_len()
	}
}

impl JointScenarios {
	/// How many scenarios there are; an incomplete last one does not count.
	pub fn len(&self) -> usize {
		self.moves.len().checked_div(self.underlyings.len()).unwrap_or(0)
	}

	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		self.len() == 0
	}

	/// One underlying's moves, scenario by scenario; `None` where they do not tell of it.
	pub fn moves_of(
		&self,
		underlying: UnderlyingId,
	) -> Option<impl Iterator<Item = JointMove> + '_> {
		let column = self.underlyings.iter().position(|known| *known == underlying)?;
		Some(
			self.moves
				.chunks_exact(self.underlyings.len())
				.filter_map(move |row| row.get(column).copied()),
		)
	}
}
