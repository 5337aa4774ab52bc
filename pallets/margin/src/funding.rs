//! What a perpetual position pays and gets of funding. Pure functions on plain integers.
//!
//! The markets pallet keeps, per perpetual, an index: what one contract held long ever since the listing
//! has paid. A position remembers the index up to which it has paid, and pays its size times what the
//! index has grown since, when it is touched. Where that falls between two settlement units, the account
//! has the lower of both (who pays, pays more; who gets, gets less) and the position remembers the rest,
//! to the last step of 10⁻³⁶ USD. So a position that is touched in every block has paid what one has that
//! was never touched, to the unit, and all that is ever rounded away is the rest of positions that are
//! closed: less than a unit each, which goes to the insurance fund.
//!
//! Sizes of a perpetual sum to zero and the index is the same for all. So what is paid is what is got,
//! exactly, and
//!
//! funding pot + Σ what positions have yet to pay = Σ positions' rests + dust
//!
//! holds at every moment. When nobody has a position any more the pot is empty, and so is the dust.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::{money::MAX_DECIMALS, Amount, Contracts, UsdValue};
use scale_info::TypeInfo;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding as Direction};

/// How far the funding of a position is settled.
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
pub struct SettledFunding {
	/// The perpetual's index up to which it has paid.
	pub index: UsdValue,
	/// What it has to get besides: less than a settlement unit, in [`steps_per_unit`].
	pub rest: u128,
}

impl SettledFunding {
	/// Of a position that is just being opened.
	pub const fn at(index: UsdValue) -> Self {
		Self { index, rest: 0 }
	}

	/// What a position of `size` contracts gets (negative: pays) as the index goes on to `index`, in
	/// whole settlement units of `unit` steps, and how far it is settled then. `None` on overflow.
	pub fn settle(self, size: Contracts, index: UsdValue, unit: u128) -> Option<(Amount, Self)> {
		let growth = index.checked_sub(self.index)?;
		let a = size.into_inner().unsigned_abs();
		let b = growth.into_inner().unsigned_abs();
		let whole = multiply_by_rational_with_rounding(a, b, unit, Direction::Down)?;
		// The remainder is below `unit`, so that it is exact although the products are not.
		let part = a.wrapping_mul(b).wrapping_sub(whole.wrapping_mul(unit));
		let whole = Amount::try_from(whole).ok()?;
		let pays = size.is_negative() == growth.is_negative();
		let (amount, rest) = if pays {
			match self.rest.checked_sub(part) {
				Some(rest) => (whole.checked_neg()?, rest),
				None => {
					let short = part.checked_sub(self.rest)?;
					(whole.checked_neg()?.checked_sub(1)?, unit.checked_sub(short)?)
				}
			}
		} else {
			let rest = self.rest.checked_add(part)?;
			match rest.checked_sub(unit) {
				Some(rest) => (whole.checked_add(1)?, rest),
				None => (whole, rest),
			}
		};
		Some((amount, Self { index, rest }))
	}
}

/// The steps in which funding is exact that make a settlement unit of an asset of `decimals` decimals:
/// a size and an index have 18 each. `None` with more decimals than an asset may have.
pub fn steps_per_unit(decimals: u8) -> Option<u128> {
	let exponent = u32::from(MAX_DECIMALS).checked_sub(u32::from(decimals))?;
	10u128.checked_pow(exponent.checked_add(u32::from(MAX_DECIMALS))?)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const SIX_DECIMALS: u128 = 10u128.pow(30);

	fn contracts(inner: i128) -> Contracts {
		Contracts::from_inner(inner)
	}

	fn usd(inner: i128) -> UsdValue {
		UsdValue::from_inner(inner)
	}

	#[test]
	fn unit_has_as_many_steps_as_decimals_leave() {
		assert_eq!(steps_per_unit(6), Some(SIX_DECIMALS));
		assert_eq!(steps_per_unit(18), Some(10u128.pow(18)));
		assert_eq!(steps_per_unit(0), Some(10u128.pow(36)));
		assert_eq!(steps_per_unit(19), None);
	}

	#[test]
	fn long_pays_and_short_gets_when_the_index_rises() {
		let start = SettledFunding::at(UsdValue::ZERO);
		let to = UsdValue::from_u32(3);
		let long = start.settle(Contracts::from_u32(2), to, SIX_DECIMALS);
		assert_eq!(long, Some((-6_000_000, SettledFunding::at(to))));
		let short = start.settle(contracts(-2 * 10i128.pow(18)), to, SIX_DECIMALS);
		assert_eq!(short, Some((6_000_000, SettledFunding::at(to))));
	}

	#[test]
	fn fraction_is_paid_in_full_and_remembered() {
		// A third of a unit, three times, by one contract.
		let third = 333_333_333_333;
		let mut settled = SettledFunding::at(UsdValue::ZERO);
		let mut paid = Vec::new();
		for times in 1..=4 {
			let (amount, after) =
				settled.settle(Contracts::ONE, usd(third * times), SIX_DECIMALS).expect("fits");
			settled = after;
			paid.push(amount);
		}
		assert_eq!(paid, [-1, 0, 0, -1]);
	}

	#[test]
	fn settling_is_refused_when_it_overflows() {
		let far = SettledFunding::at(usd(i128::MIN));
		assert_eq!(far.settle(Contracts::ONE, usd(i128::MAX), SIX_DECIMALS), None);
		let start = SettledFunding::at(UsdValue::ZERO);
		assert_eq!(start.settle(contracts(i128::MAX), usd(i128::MAX), 10u128.pow(18)), None);
	}

	proptest! {
		#[test]
		fn seldom_settled_position_has_what_an_eager_one_has(
			size in -10i128.pow(27)..10i128.pow(27),
			moves in proptest::collection::vec(-10i128.pow(21)..10i128.pow(21), 1..30),
			touched in proptest::collection::vec(any::<bool>(), 30),
			decimals in 0u8..=18,
		) {
			let unit = steps_per_unit(decimals).expect("in range");
			let size = contracts(size);
			let (mut eager, mut lazy) =
				(SettledFunding::at(UsdValue::ZERO), SettledFunding::at(UsdValue::ZERO));
			let (mut eager_cash, mut lazy_cash, mut index) = (0i128, 0i128, 0i128);
			let last = moves.len() - 1;
			for (at, (step, touch)) in moves.into_iter().zip(touched).enumerate() {
				index += step;
				let (amount, after) = eager.settle(size, usd(index), unit).expect("in range");
				eager_cash += amount;
				eager = after;
				if touch || at == last {
					let (amount, after) = lazy.settle(size, usd(index), unit).expect("in range");
					lazy_cash += amount;
					lazy = after;
				}
			}
			prop_assert_eq!((eager_cash, eager), (lazy_cash, lazy));
			prop_assert!(lazy.rest < unit);
		}

		#[test]
		fn long_and_short_settle_to_zero_with_their_rests(
			size in 1i128..10i128.pow(27),
			index in -10i128.pow(21)..10i128.pow(21),
		) {
			let start = SettledFunding::at(UsdValue::ZERO);
			let (long, after) =
				start.settle(contracts(size), usd(index), SIX_DECIMALS).expect("in range");
			let (short, other) =
				start.settle(contracts(-size), usd(index), SIX_DECIMALS).expect("in range");
			let rests = after.rest + other.rest;
			// Both rests together are nothing or one unit, which neither has.
			prop_assert!(rests == 0 || rests == SIX_DECIMALS);
			prop_assert_eq!(long + short, if rests == 0 { 0 } else { -1 });
		}
	}
}
