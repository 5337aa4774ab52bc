//! How a premium follows its samples. Pure functions on plain numbers.

use plimsoll_primitives::Moment;
use sp_runtime::{FixedI128, FixedU128};

/// `from` after `elapsed` milliseconds on its way to `to`: the part of the way that this time is of itself
/// and of `over` milliseconds, which never leaves the way, however long it was. A step is rounded up, so
/// that what goes on long enough arrives.
pub(crate) fn approached(
	from: FixedI128,
	to: FixedI128,
	elapsed: Moment,
	over: Moment,
) -> FixedI128 {
	let (from, to) = (from.into_inner(), to.into_inner());
	let (elapsed, over) = (u128::from(elapsed), u128::from(over));
	let whole = elapsed.saturating_add(over);
	// No more than the way, which is the difference of two numbers of the same kind: it fits.
	let step = to
		.abs_diff(from)
		.checked_mul(elapsed)
		.filter(|_| whole != 0)
		.map(|product| product.div_ceil(whole))
		.and_then(|step| i128::try_from(step).ok())
		.unwrap_or(0);
	FixedI128::from_inner(if to < from {
		from.saturating_sub(step)
	} else {
		from.saturating_add(step)
	})
}

/// `value`, at most `bound` either way.
pub(crate) fn clamped(value: i128, bound: FixedU128) -> i128 {
	let bound = i128::try_from(bound.into_inner()).unwrap_or(i128::MAX);
	value.max(bound.saturating_neg()).min(bound)
}

/// `part / whole`, 18 decimals, rounded down; `u128::MAX` where it cannot be counted, zero where there is
/// no part.
pub(crate) fn ratio(part: u128, whole: u128) -> u128 {
	use plimsoll_primitives::number::SCALE;
	use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};
	multiply_by_rational_with_rounding(part, SCALE, whole, Rounding::Down).unwrap_or(u128::MAX)
}
