//! Static discounting: after a scenario an expiry's options are worth less, if they are worth
//! something, and owe more, if they owe.

use sp_arithmetic::FixedU128;

stored! {
	/// After a scenario, the net value of an expiry's options is multiplied
	/// - by `long · exp(−T · (rate · long_rate_factor + long_rate_add))` where it is positive;
	/// - by `short / exp(−T · (rate · short_rate_factor + short_rate_add))`, at most by what undoes
	///   the options' discounting, where it is negative.
	///
	/// Rates below zero count as zero, and what has expired is not discounted.
	pub struct StaticDiscounting {
		/// At most 1.
		pub long: FixedU128,
		/// At most 10.
		pub long_rate_factor: FixedU128,
		/// Fraction per year, at most 10.
		pub long_rate_add: FixedU128,
		/// At least 1, at most 10.
		pub short: FixedU128,
		/// At most 10.
		pub short_rate_factor: FixedU128,
		/// Fraction per year, at most 10.
		pub short_rate_add: FixedU128,
	}
}
