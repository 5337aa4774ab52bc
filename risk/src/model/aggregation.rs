//! How the losses of several underlyings come together.

use super::MAX_SCENARIOS;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::FixedU128;
use sp_core::{bounded::BoundedVec, ConstU32};

/// Underlyings do not all fall together, nor independently of each other. The base of both margins
/// is the largest of
/// - the joint loss: the expected shortfall over joint scenarios of all underlyings' prices and
///   volatilities;
/// - one market: the worst of some scenarios, befalling all underlyings at once;
/// - the largest scan of one underlying;
/// - a part of the sum of all scans, since no correlation is trusted entirely.
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
pub struct Aggregation {
	/// The scenarios, as indices into the model's, that befall all underlyings at once.
	pub one_market: BoundedVec<u8, ConstU32<MAX_SCENARIOS>>,
	/// The part of the sum of scans that is asked for at least, at most 1.
	pub floor: FixedU128,
	/// The part of the joint scenarios, the worst ones, whose mean is the joint loss; above 0, at
	/// most 1.
	pub tail: FixedU128,
}
