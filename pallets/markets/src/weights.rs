//! What the pallet's calls and the parts of its hook weigh. The runtime brings the measured
//! numbers; those here are for mocks.

use frame_support::weights::Weight;

/// The weights that the benchmarks measure.
pub trait WeightInfo {
	/// [`crate::Call::register_underlying`].
	fn register_underlying() -> Weight;
	/// [`crate::Call::register_collateral`].
	fn register_collateral() -> Weight;
	/// [`crate::Call::list`] of the first contract of an expiry.
	fn list() -> Weight;
	/// [`crate::Call::set_open_interest_cap`].
	fn set_open_interest_cap() -> Weight;
	/// [`crate::Call::set_close_only`].
	fn set_close_only() -> Weight;
	/// [`crate::Call::halt`] of an underlying where all others are halted.
	fn halt() -> Weight;
	/// [`crate::Call::resume`] of an underlying where all are halted.
	fn resume() -> Weight;
	/// [`crate::Call::set_price_band`].
	fn set_price_band() -> Weight;
	/// [`crate::Call::delist`] of the last contract of an expiry.
	fn delist() -> Weight;
	/// [`crate::Call::set_settlement_price`].
	fn set_settlement_price() -> Weight;
	/// The hook where no expiry is due.
	fn on_initialize_idle() -> Weight;
	/// What the hook does once, in addition, where an expiry is due.
	fn on_initialize_due() -> Weight;
	/// Asking for one expiry's average, and fixing its price.
	fn seek_settlement_price() -> Weight;
	/// Going through one expiry's contracts, without settling any, and closing it.
	fn visit_expiry() -> Weight;
	/// Settling `n` holders of one instrument, and delisting it.
	fn settle_instrument(n: u32) -> Weight;
	/// [`crate::Call::set_funding`].
	fn set_funding() -> Weight;
	/// Accruing the funding of `n` perpetuals and following their marks, without the reading of their books.
	fn accrue_funding(n: u32) -> Weight;
	/// [`crate::Call::set_listing_rule`].
	fn set_listing_rule() -> Weight;
	/// The hook's listing by rule where it rests.
	fn listing_rests() -> Weight;
	/// One expiry's turn in a round of listing by rule, without what it lists.
	fn visit_listing_rule() -> Weight;
}

/// For mocks only.
impl WeightInfo for () {
	fn register_underlying() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn register_collateral() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn list() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn set_open_interest_cap() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn set_close_only() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn halt() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn resume() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn set_price_band() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn delist() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn set_settlement_price() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn on_initialize_idle() -> Weight {
		Weight::from_parts(1_000, 10)
	}
	fn on_initialize_due() -> Weight {
		Weight::from_parts(2_000, 20)
	}
	fn seek_settlement_price() -> Weight {
		Weight::from_parts(3_000, 30)
	}
	fn visit_expiry() -> Weight {
		Weight::from_parts(4_000, 40)
	}
	fn settle_instrument(n: u32) -> Weight {
		Weight::from_parts(5_000, 50)
			.saturating_add(Weight::from_parts(100, 1).saturating_mul(u64::from(n)))
	}
	fn set_funding() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn accrue_funding(n: u32) -> Weight {
		Weight::from_parts(100, 1).saturating_mul(u64::from(n))
	}
	fn set_listing_rule() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn listing_rests() -> Weight {
		Weight::from_parts(1_000, 10)
	}
	fn visit_listing_rule() -> Weight {
		Weight::from_parts(4_000, 40)
	}
}
