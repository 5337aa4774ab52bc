//! The gamma buffer: what options about to expire may lose in a jump.

use sp_arithmetic::FixedU128;

stored! {
	/// Close to its expiry an option's delta turns about within moves far below the scan range, and
	/// faster than a position can be closed. Each expiry within `window` is asked for `w(T) · max(0, G
	/// − already)` on top of scenarios: G is what its options lose in a jump of their forward by ±j,
	/// fully revalued and without what their delta loses, on the worse side; `already` is the same
	/// part of the loss that the scan is; w rises evenly from 0 at the window's beginning to 1 at
	/// expiry.
	///
	/// The jump is the one expected until the position can be closed, which takes longer the larger
	/// it is: `j = min(most, jump + jump_per_size · N / liquidity)`, N being the contracts (net by
	/// series, without their signs) of the expiry's options times its forward, and the liquidity the
	/// underlying's of [`options`](super::Liquidity::options).
	pub struct GammaBuffer {
		/// How long before expiry it begins, milliseconds; above 0, at most 30 days.
		pub window: u64,
		/// The jump of a small position's price, a fraction of it; above 0.
		pub jump: FixedU128,
		/// What the jump gains when the position is larger by the liquidity; at most 1.
		pub jump_per_size: FixedU128,
		/// The largest jump, at least `jump` and below 1.
		pub most: FixedU128,
	}
}
