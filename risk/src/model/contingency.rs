//! What margins ask for on top of scenarios.

use sp_arithmetic::FixedU128;

stored! {
	/// A charge per USD of a position's notional (contracts · spot).
	#[derive(Default)]
	pub struct NotionalCharge {
		/// In maintenance margin.
		pub maintenance: FixedU128,
		/// In initial margin, at least the same.
		pub initial: FixedU128,
	}
}

stored! {
	/// Forwards that part from spot: each expiry by itself loses the worse of a rise and a fall of
	/// its forward with volatilities unmoved, at least zero, times `level + slope · T`. The sum over
	/// expiries is one more candidate for the worst loss.
	pub struct BasisShock {
		/// The rise, a fraction of the forward.
		pub rise: FixedU128,
		/// The fall, a fraction of the forward, below 1.
		pub fall: FixedU128,
		/// The part of the loss that counts at expiry.
		pub level: FixedU128,
		/// What it gains per year to expiry.
		pub slope: FixedU128,
	}
}

stored! {
	/// Prices of which their source is not sure: where the confidence is below `threshold`, initial
	/// margin rises by `(1 − confidence) · factor` of the notional that hangs on them.
	#[derive(Default)]
	pub struct ConfidenceCharge {
		/// Between 0 and 1. At 0 nothing is charged.
		pub threshold: FixedU128,
		/// Per USD of notional and unit of missing confidence.
		pub factor: FixedU128,
	}
}

stored! {
	/// The settlement asset below par: where its price is below `threshold`, the initial factor
	/// rises by `(threshold − price) · factor`.
	#[derive(Default)]
	pub struct DepegCharge {
		/// USD per unit of the settlement asset. At 0 nothing is charged.
		pub threshold: FixedU128,
		/// By how much the initial factor rises per USD below the threshold.
		pub factor: FixedU128,
	}
}
