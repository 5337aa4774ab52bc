//! Scenarios, and the laws by which they move volatilities.

use plimsoll_primitives::Volatility;
use sp_arithmetic::{FixedI128, FixedU128};

stored! {
	/// Which way a scenario moves every implied volatility. By how much, the model's
	/// [`VolatilityShockLaw`] or [`SkewLaw`] says.
	#[derive(PartialOrd, Ord)]
	pub enum VolatilityShock {
		/// Volatility rises.
		#[codec(index = 0)]
		Up,
		/// Volatility stays.
		#[codec(index = 1)]
		None,
		/// Volatility falls.
		#[codec(index = 2)]
		Down,
		/// The smile is tilted: volatility rises for strikes above the forward and falls below. Each
		/// expiry counts at the loss of the tilt or of its opposite, |profit and loss|, so one
		/// scenario stands for both directions of every expiry.
		#[codec(index = 3)]
		LinearSkew,
		/// The smile is bent: volatility rises on both sides of the forward. Each expiry counts
		/// likewise.
		#[codec(index = 4)]
		AbsoluteSkew,
	}
}

impl VolatilityShock {
	/// Whether it moves strikes differently.
	pub const fn is_skew(self) -> bool {
		matches!(self, Self::LinearSkew | Self::AbsoluteSkew)
	}
}

stored! {
	/// One joint move of an underlying's price and volatilities.
	pub struct Scenario {
		/// The price move, as a multiple of the underlying's scan range (−1 is a fall by the whole
		/// range).
		pub price_move: FixedI128,
		/// The volatility move.
		pub volatility: VolatilityShock,
		/// The share of the scenario's loss that counts, above 0, at most 1: moves beyond the scan
		/// range are dampened, since they are less likely.
		pub weight: FixedU128,
	}
}

impl Scenario {
	/// Whether it moves the price alone and counts in full: between such scenarios losses are
	/// interpolated.
	pub fn is_node(&self) -> bool {
		self.volatility == VolatilityShock::None && self.weight == FixedU128::from_u32(1)
	}
}

stored! {
	/// By how much a volatility scenario moves an expiry's volatilities: `range · (30 days /
	/// max(time to expiry, floor))^power`, a larger relative move the nearer the expiry.
	#[derive(Default)]
	pub struct VolatilityShockLaw {
		/// Relative rise of a 30-day volatility (0.5 is half more).
		pub range_up: FixedU128,
		/// Relative fall of a 30-day volatility; a fall of 1 or more leaves no volatility.
		pub range_down: FixedU128,
		/// The power within 30 days of expiry, at most 2.
		pub short_term_power: FixedU128,
		/// The power beyond, at most 2.
		pub long_term_power: FixedU128,
		/// Nearer expiries count as this far away, in milliseconds.
		pub expiry_floor: u64,
		/// A risen volatility is at least this.
		pub minimum_shocked: Volatility,
	}
}

stored! {
	/// The largest relative move of a volatility in a skew scenario: `level + slope · √T`.
	#[derive(Default)]
	pub struct SkewCap {
		/// At expiry.
		pub level: FixedI128,
		/// Per square root of a year.
		pub slope: FixedI128,
	}
}

stored! {
	/// By how much a skew scenario moves the volatility of the strike at log-moneyness k = ln(strike
	/// / forward): by the factor `1 + k · cap / width`, k being taken absolute in
	/// [`AbsoluteSkew`](VolatilityShock::AbsoluteSkew), no further than `cap` on either side of the
	/// forward and never below zero. `width = max(minimum_width, √T · width_scale · (width_level +
	/// √T · width_slope))` is how far from the forward the smile flattens.
	#[derive(Default)]
	pub struct SkewLaw {
		/// The cap of [`LinearSkew`](VolatilityShock::LinearSkew).
		pub linear: SkewCap,
		/// The cap of [`AbsoluteSkew`](VolatilityShock::AbsoluteSkew).
		pub absolute: SkewCap,
		/// The least width, in log-moneyness.
		pub minimum_width: FixedU128,
		/// How many standard deviations wide the smile is.
		pub width_scale: FixedU128,
		/// The volatility that these standard deviations are of, at expiry.
		pub width_level: FixedI128,
		/// What it gains per square root of a year.
		pub width_slope: FixedI128,
	}
}

stored! {
	/// A price move at which an option's delta is taken, and its part in the composite delta.
	pub struct DeltaPoint {
		/// As a multiple of the scan range.
		pub price_move: FixedI128,
		/// Its part; all parts together are one.
		pub weight: FixedU128,
	}
}
