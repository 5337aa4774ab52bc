//! Sums of price × size, scenario by scenario, over many exposures: what netting an account's risk
//! arrays comes to.
//!
//! Adding exact products one by one would take a 256-bit product and a 256-bit sum for every exposure
//! in every scenario. Here prices and sizes are split into three digits of 27 bits, so that a product
//! is nine short ones, which add up without a carry; carries come once, at the end. The totals are
//! the same to the last bit. Numbers with more digits, which is 2.4 million USD or contracts, take the
//! long way.

use crate::{
	error::RiskError,
	fixed::{low_half, Wide},
};
use alloc::{vec, vec::Vec};
use plimsoll_primitives::Price;

/// Bits of a digit.
const DIGIT_BITS: u32 = 27;
const DIGIT: u64 = (1 << DIGIT_BITS) - 1;
/// A column has up to three products below 2^54 from each addition: so many stay below 2^63.
const MOST_ADDED: u32 = 128;

/// A number below 2^81 in three digits, the lowest first; each has the number's sign.
#[derive(Clone, Copy)]
struct Digits([i64; 3]);

impl Digits {
	#[inline]
	fn new(value: u128) -> Option<Self> {
		if value >> (3 * DIGIT_BITS) != 0 {
			return None;
		}
		let digit = |by: u32| low_half(value >> by) & DIGIT;
		// Below 2^27: they fit.
		Some(Self([digit(0), digit(DIGIT_BITS), digit(2 * DIGIT_BITS)].map(u64::cast_signed)))
	}

	fn signed(value: i128) -> Option<Self> {
		let Self(digits) = Self::new(value.unsigned_abs())?;
		Some(Self(if value < 0 { digits.map(i64::wrapping_neg) } else { digits }))
	}

	/// Digit by digit: they may differ in sign.
	#[inline]
	fn minus(self, other: Self) -> Self {
		let (Self([a, b, c]), Self([x, y, z])) = (self, other);
		// All are below 2^27 without their signs.
		Self([a.wrapping_sub(x), b.wrapping_sub(y), c.wrapping_sub(z)])
	}
}

/// A sum of products by the weight of their digits: 1, 2^27, 2^54, 2^81, 2^108.
#[derive(Clone, Copy, Default)]
struct Columns([i64; 5]);

impl Columns {
	/// Adds a product.
	#[inline]
	fn add(&mut self, Digits([a, b, c]): Digits, Digits([x, y, z]): Digits) {
		let times = |p: i64, q: i64| p.wrapping_mul(q);
		let Self([one, two, three, four, five]) = self;
		// Products of digits are below 2^54 and `MOST_ADDED` sums of three of them below 2^63: nothing
		// wraps.
		*one = one.wrapping_add(times(a, x));
		*two = two.wrapping_add(times(a, y)).wrapping_add(times(b, x));
		*three =
			three.wrapping_add(times(a, z)).wrapping_add(times(b, y)).wrapping_add(times(c, x));
		*four = four.wrapping_add(times(b, z)).wrapping_add(times(c, y));
		*five = five.wrapping_add(times(c, z));
	}

	/// The sum.
	fn total(&self) -> Result<Wide, RiskError> {
		let [one, two, three, four, five] = self.0.map(i128::from);
		// Below 2^(63 + 54 + 2), and 2^(63 + 27 + 1).
		let low = one.wrapping_add(two << DIGIT_BITS).wrapping_add(three << (2 * DIGIT_BITS));
		let high = four.wrapping_add(five << DIGIT_BITS);
		Ok(Wide::product(1 << (3 * DIGIT_BITS), high).add(Wide::from_units(low))?)
	}
}

/// What exposures lose in every scenario, netted.
#[derive(Clone, Default)]
pub(crate) struct LossSums {
	/// By scenario: what was added since `sums` had all.
	columns: Vec<Columns>,
	/// How often was added to them.
	added: u32,
	/// By scenario, or nothing yet.
	sums: Vec<Wide>,
}

impl LossSums {
	/// Adds size × (mark − price) for each scenario's price.
	pub(crate) fn add(
		&mut self,
		size: i128,
		mark: Price,
		prices: &[Price],
	) -> Result<(), RiskError> {
		if self.add_digits(size, mark, prices).is_some() {
			return Ok(());
		}
		self.carry()?;
		self.sums.resize(self.sums.len().max(prices.len()), Wide::ZERO);
		for (sum, price) in self.sums.iter_mut().zip(prices) {
			*sum = sum.add(loss(size, mark, *price)?)?;
		}
		Ok(())
	}

	/// The same digit by digit; `None`, and nothing is added, where a number is too large for that.
	fn add_digits(&mut self, size: i128, mark: Price, prices: &[Price]) -> Option<()> {
		let (size, mark) = (Digits::signed(size)?, Digits::new(mark.into_inner())?);
		let is_short = |price: &Price| price.into_inner() >> (3 * DIGIT_BITS) == 0;
		if self.added == MOST_ADDED || !prices.iter().all(is_short) {
			return None;
		}
		if self.columns.is_empty() {
			self.columns = vec![Columns::default(); prices.len()];
		}
		for (columns, price) in self.columns.iter_mut().zip(prices) {
			columns.add(mark.minus(Digits::new(price.into_inner())?), size);
		}
		self.added = self.added.saturating_add(1);
		Some(())
	}

	/// Brings what the columns have to the sums.
	fn carry(&mut self) -> Result<(), RiskError> {
		self.sums.resize(self.sums.len().max(self.columns.len()), Wide::ZERO);
		for (sum, columns) in self.sums.iter_mut().zip(self.columns.drain(..)) {
			*sum = sum.add(columns.total()?)?;
		}
		self.added = 0;
		Ok(())
	}

	/// Each scenario's loss; empty where nothing was added.
	pub(crate) fn totals(mut self) -> Result<Vec<Wide>, RiskError> {
		self.carry()?;
		Ok(self.sums)
	}
}

/// What `size` contracts lose between two prices, exact in 36 decimals.
pub(crate) fn loss(size: i128, mark: Price, price: Price) -> Result<Wide, RiskError> {
	let (fall, size) = match mark.checked_sub(price) {
		Some(fall) => (fall, size),
		None => {
			let rise = price.checked_sub(mark).ok_or(RiskError::Overflow)?;
			(rise, size.checked_neg().ok_or(RiskError::Overflow)?)
		}
	};
	Ok(Wide::product(fall.into_inner(), size))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::{collection::vec, prelude::*};

	/// Of up to 110 bits, most of them few enough for digits.
	fn number() -> impl Strategy<Value = u128> {
		let below =
			|bits: u32| (any::<u128>(), 128 - bits..128).prop_map(|(value, by)| value >> by);
		prop_oneof![8 => below(81), 1 => below(110), 1 => Just((1 << 81) - 1)]
	}

	proptest! {
		#![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

		#[test]
		fn sums_are_those_of_exact_products(
			added in vec((number(), any::<bool>(), number(), vec(number(), 3)), 0..6),
			times in prop_oneof![Just(1usize), Just(40), Just(130)],
		) {
			let mut sums = LossSums::default();
			let mut expected = vec![Wide::ZERO; if added.is_empty() { 0 } else { 3 }];
			for _ in 0..times {
				for (size, is_short, mark, prices) in &added {
					let size = size.cast_signed();
					let size = if *is_short { -size } else { size };
					let mark = Price::from_inner(*mark);
					let prices: Vec<_> = prices.iter().copied().map(Price::from_inner).collect();
					sums.add(size, mark, &prices).expect("fits");
					for (sum, price) in expected.iter_mut().zip(&prices) {
						*sum = sum.add(loss(size, mark, *price).expect("fits")).expect("fits");
					}
				}
			}
			prop_assert_eq!(sums.totals().expect("fits"), expected);
		}
	}
}
