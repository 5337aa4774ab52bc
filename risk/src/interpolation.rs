//! Straight lines through exact losses.

use crate::{
	error::MathError,
	fixed::{full_product, Wide},
};

/// A straight line over an interval of prices, exact at both ends.
#[derive(Clone, Copy)]
pub(crate) struct Line {
	start: Wide,
	/// Per unit of price, towards zero.
	slope: i128,
	/// What the slope leaves over the whole width, without its sign.
	rest: u128,
	falls: bool,
	width: u128,
}

impl Line {
	/// From `start` to `end` over a `width` above zero. `Overflow` where the slope does not fit.
	pub(crate) fn through(start: Wide, end: Wide, width: u128) -> Result<Self, MathError> {
		let difference = end.subtract(start)?;
		let (slope, rest) = difference.divide(width)?;
		Ok(Self { start, slope, rest, falls: difference.is_negative(), width })
	}

	/// The value `offset` from the start, at most the width; off by less than `width` · 2^−62 steps
	/// of 1e-36, far below one of 1e-18 for every price below 1e17 USD.
	pub(crate) fn at(&self, offset: u128) -> Result<Wide, MathError> {
		let along = Wide::product(offset, self.slope);
		// The offset's part of the width with 63 bits or more: both are cut to the 64 bits that the
		// width has, so the quotient does not exceed 2^64.
		let shift = 64u32.saturating_sub(self.width.leading_zeros());
		let part = ((offset >> shift) << 64)
			.checked_div(self.width >> shift)
			.ok_or(MathError::Overflow)?;
		let (high, low) = full_product(self.rest, part);
		// Below 2^128 · 2^64, so the high word has 64 bits.
		let rest = (high << 64) | (low >> 64);
		let rest = Wide::product(rest, if self.falls { -1 } else { 1 });
		self.start.add(along)?.add(rest)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn decimal(value: i128) -> Wide {
		Wide::from_decimal(value)
	}

	proptest! {
		#[test]
		fn line_is_exact_at_its_ends_and_between_them_elsewhere(
			start in -(1i128 << 90)..1 << 90,
			end in -(1i128 << 90)..1 << 90,
			width in 1u128..1 << 96,
			part in 0u64..=u64::MAX,
		) {
			let line = Line::through(decimal(start), decimal(end), width).expect("small");
			let off = |at: u128, exact: Wide| {
				let gap = line.at(at).expect("small").subtract(exact).expect("small");
				let gap = if gap.is_negative() { gap.opposite() } else { gap };
				// Below one unit.
				gap.subtract(decimal(1)).expect("small").is_negative()
			};
			prop_assert!(off(0, decimal(start)));
			prop_assert!(off(width, decimal(end)));
			// At an offset that divides the difference exactly.
			let slope = i128::from(part >> 32) - (1 << 31);
			let steep = Wide::product(width, slope);
			let line = Line::through(decimal(start), decimal(start).add(steep).expect("small"), width)
				.expect("small");
			let offset = width / 3;
			let exact = decimal(start).add(Wide::product(offset, slope)).expect("small");
			prop_assert_eq!(line.at(offset).expect("small"), exact);
		}
	}
}
