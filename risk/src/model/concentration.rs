//! What positions cost that are large against their market.

use sp_arithmetic::FixedU128;

stored! {
	/// How much of an underlying can be closed within one liquidation horizon at normal cost, in USD
	/// of notional; zero where it is not known, which charges nothing.
	#[derive(Default)]
	pub struct Liquidity {
		/// By its perpetual, its futures and spot: what follows its price one for one.
		pub delta: FixedU128,
		/// By its options: contracts times spot.
		pub options: FixedU128,
	}
}

stored! {
	/// What large positions cost on top of scenarios: `rate · N · max(0, N / liquidity − 1)`, for each
	/// of an underlying's two markets.
	///
	/// Closing N within a fixed time at a price impact that is linear in the speed of trading costs
	/// `rate · N² / liquidity` (R. Almgren, N. Chriss, "Optimal execution of portfolio transactions",
	/// Journal of Risk 3, 2001), where `rate` is what the liquidity itself costs per USD. `rate · N`
	/// of it is normal, and scan ranges and factors allow for it; the rest is charged. It grows
	/// faster than the position on purpose, so it cannot be part of the base.
	#[derive(Default)]
	pub struct Concentration {
		/// Of the delta notional: the most that the account's delta comes to within the scan range,
		/// volatilities unmoved. That is what hedging or closing its price risk trades, gamma
		/// included, and it nets over all expiries since one market closes it.
		pub delta_rate: FixedU128,
		/// Of the options' contract notional: contracts, net by series but not between series, times
		/// spot. No hedge closes an option; each series is closed in its own book, whatever delta,
		/// gamma and vega come to together.
		pub option_rate: FixedU128,
	}
}
