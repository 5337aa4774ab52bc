//! Numbers at the boundary (storage, calls, events, runtime APIs): 18-decimal fixed point inside
//! newtypes, so that a price cannot be added to a quantity. Clients see the scaled integer:
//! 1 USD is `1_000_000_000_000_000_000`.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::{FixedI128, FixedPointNumber, FixedU128};

/// 10^18: how many scaled units make one.
pub const SCALE: u128 = FixedU128::DIV;

macro_rules! newtype {
	($(#[$doc:meta])* $name:ident, $inner:ty, $raw:ty) => {
		$(#[$doc])*
		#[derive(
			Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode,
			DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
		)]
		pub struct $name(pub $inner);

		// By hand: the SDK's fixed-point types have no `Hash` to derive from.
		impl core::hash::Hash for $name {
			fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
				self.into_inner().hash(state);
			}
		}

		impl $name {
			/// Zero.
			pub const ZERO: Self = Self(<$inner>::from_inner(0));
			/// One.
			pub const ONE: Self = Self(<$inner>::from_inner(SCALE as $raw));

			/// From the scaled integer (18 decimals).
			pub const fn from_inner(inner: $raw) -> Self {
				Self(<$inner>::from_inner(inner))
			}

			/// The scaled integer (18 decimals).
			pub const fn into_inner(self) -> $raw {
				self.0.into_inner()
			}

			/// A whole number.
			pub const fn from_u32(whole: u32) -> Self {
				Self(<$inner>::from_u32(whole))
			}

			/// `numerator / denominator`, rounded down; for constants and tests. The denominator
			/// must not be zero.
			pub fn from_rational(numerator: u32, denominator: u32) -> Self {
				Self::from_inner(SCALE as $raw * numerator as $raw / denominator as $raw)
			}

			/// Whether it is zero.
			pub const fn is_zero(self) -> bool {
				self.0.into_inner() == 0
			}

			/// The sum, or `None` on overflow.
			pub fn checked_add(self, other: Self) -> Option<Self> {
				self.into_inner().checked_add(other.into_inner()).map(Self::from_inner)
			}

			/// The difference, or `None` on overflow (below zero, where unsigned).
			pub fn checked_sub(self, other: Self) -> Option<Self> {
				self.into_inner().checked_sub(other.into_inner()).map(Self::from_inner)
			}

			/// Whether it is a whole multiple of `step`; never, where `step` is zero.
			pub fn is_multiple_of(self, step: Self) -> bool {
				self.into_inner().checked_rem(step.into_inner()) == Some(0)
			}
		}
	};
}

newtype!(
	/// USD per unit of an underlying (or per contract, for an option's premium), 18 decimals,
	/// never negative.
	Price, FixedU128, u128
);
newtype!(
	/// A volatility, fraction per square root of a year, 18 decimals (0.8 is 80 %).
	Volatility, FixedU128, u128
);
newtype!(
	/// A signed amount of USD, 18 decimals.
	UsdValue, FixedI128, i128
);
newtype!(
	/// A signed number of contracts (or of units of an underlying), 18 decimals; positive is long.
	Contracts, FixedI128, i128
);
newtype!(
	/// A signed fraction per year, continuously compounded, 18 decimals.
	Rate, FixedI128, i128
);

macro_rules! signed {
	($name:ident) => {
		impl $name {
			/// The absolute value; `None` for the most negative value.
			pub fn checked_abs(self) -> Option<Self> {
				self.into_inner().checked_abs().map(Self::from_inner)
			}

			/// The negative; `None` for the most negative value.
			pub fn checked_neg(self) -> Option<Self> {
				self.into_inner().checked_neg().map(Self::from_inner)
			}

			/// Whether it is below zero.
			pub const fn is_negative(self) -> bool {
				self.into_inner() < 0
			}

			/// Whether it is above zero.
			pub const fn is_positive(self) -> bool {
				self.into_inner() > 0
			}
		}
	};
}

signed!(UsdValue);
signed!(Contracts);
signed!(Rate);
