//! What this pallet's work costs. The runtime measures it; the implementation for `()` is for
//! mocks.

use frame_support::weights::Weight;

/// Weights of this pallet's calls and hooks.
pub trait WeightInfo {
	/// A batch of `values` prices and rates and `surfaces` surfaces that touches all feeds.
	fn submit(values: u32, surfaces: u32) -> Weight;
	/// Whether a batch's sender is an operator, among as many as there may be.
	fn check_feeder() -> Weight;
	/// A change of members by which `operators` operators go, who had reported on all feeds.
	fn change_members(operators: u32) -> Weight;
	/// Setting a feed's bounds.
	fn set_feed() -> Weight;
	/// Removing a feed that all operators report on.
	fn remove_feed() -> Weight;
	/// Setting the rules of aggregation.
	fn set_params() -> Weight;
	/// Setting a list of sources.
	fn set_sources(sources: u32) -> Weight;
	/// A block's aggregation of `feeds` feeds that nobody reports on.
	fn on_initialize_feeds(feeds: u32) -> Weight;
	/// A block's aggregation of one feed on whose spot, and on the settlement asset, `operators`
	/// operators report again after both had gone stale.
	fn on_initialize_operators(operators: u32) -> Weight;
	/// A block's aggregation of one feed on whose `expiries` expiries one operator reports all
	/// again after they had gone stale.
	fn on_initialize_expiries(expiries: u32) -> Weight;
	/// A block's aggregation of one feed on whose every expiry `operators` operators report all.
	fn on_initialize_reports(operators: u32) -> Weight;
	/// A block's aggregation of one feed with `windows` open settlement windows.
	fn on_initialize_windows(windows: u32) -> Weight;
}

/// A base and a slope.
fn linear(count: u32) -> Weight {
	Weight::from_parts(10_000, 0)
		.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(count)))
}

impl WeightInfo for () {
	fn submit(values: u32, surfaces: u32) -> Weight {
		linear(values).saturating_add(linear(surfaces))
	}

	fn check_feeder() -> Weight {
		linear(0)
	}

	fn change_members(operators: u32) -> Weight {
		linear(operators)
	}

	fn set_feed() -> Weight {
		linear(0)
	}

	fn remove_feed() -> Weight {
		linear(0)
	}

	fn set_params() -> Weight {
		linear(0)
	}

	fn set_sources(sources: u32) -> Weight {
		linear(sources)
	}

	fn on_initialize_feeds(feeds: u32) -> Weight {
		linear(feeds)
	}

	fn on_initialize_operators(operators: u32) -> Weight {
		linear(operators)
	}

	fn on_initialize_expiries(expiries: u32) -> Weight {
		linear(expiries)
	}

	fn on_initialize_reports(operators: u32) -> Weight {
		linear(operators)
	}

	fn on_initialize_windows(windows: u32) -> Weight {
		linear(windows)
	}
}
