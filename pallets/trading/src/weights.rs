//! What this pallet's work costs. The runtime measures it; the implementation for `()` is for
//! mocks.

use frame_support::weights::Weight;

/// Weights of this pallet's calls and hooks.
pub trait WeightInfo {
	/// A block trade of `legs` legs between two sub-accounts that hold as many positions as they
	/// may, with the check of the signature and with clearing.
	fn block_trade(legs: u32) -> Weight;
	/// Cancelling a maker's quotes.
	fn cancel_quotes() -> Weight;
	/// A block's pruning that takes `steps` steps.
	fn on_initialize(steps: u32) -> Weight;
	/// Placing an order that fills against `fills` others, each the only one of its level, and rests.
	fn place_order(fills: u32) -> Weight;
	/// Cancelling the only order of its level, of an account that has as many as it may.
	fn cancel_order() -> Weight;
	/// Cancelling all orders of an account that has `orders`, each the only one of its level.
	fn cancel_all(orders: u32) -> Weight;
	/// Replacing an order by one that rests.
	fn replace_order() -> Weight;
	/// A batch of `operations` replacements by orders that rest.
	fn batch(operations: u32) -> Weight;
	/// Noting that a trading call has come for an account whose switch has to be listed anew.
	fn note_seen() -> Weight;
	/// Setting a switch where there was one.
	fn set_cancel_on_silence() -> Weight;
	/// Looking at `checks` switches of accounts that were not silent, or passing as many blocks.
	fn end_silence(checks: u32) -> Weight;
	/// Sweeping `orders` orders that have expired.
	fn sweep_orders(orders: u32) -> Weight;
	/// Asking for quotes of `legs` legs, of as many named makers as there may be.
	fn request_quote(legs: u32) -> Weight;
	/// Answering both sides of a request of `legs` legs for the first time.
	fn answer_request(legs: u32) -> Weight;
	/// Dismissing an answer.
	fn withdraw_answer() -> Weight;
	/// Cancelling a request that has `answers` answers.
	fn cancel_request(answers: u32) -> Weight;
	/// Taking the only answer to a request of `legs` legs, between two sub-accounts that hold as many
	/// positions as they may, with clearing.
	fn accept_answer(legs: u32) -> Weight;
	/// Sweeping `requests` requests that have expired, of as many legs as there may be and without
	/// answers.
	fn sweep_requests(requests: u32) -> Weight;
	/// Resting a complex order of `legs` legs, of a package of which as many rest as may.
	fn rest_complex_order(legs: u32) -> Weight;
	/// Taking the only complex order of a package of `legs` legs, between two sub-accounts that hold as many
	/// positions as they may, with clearing.
	fn take_complex_order(legs: u32) -> Weight;
	/// Cancelling a complex order of as many legs as there may be.
	fn cancel_complex_order() -> Weight;
	/// Looking at a book, a complex order and a request that are alive, each with as many legs as there may be.
	fn upkeep() -> Weight;
	/// Finding the impact prices of a book all of whose levels that are looked at are full.
	fn impact_prices() -> Weight;
}

impl WeightInfo for () {
	fn block_trade(legs: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(legs)))
	}

	fn cancel_quotes() -> Weight {
		Weight::from_parts(10_000, 0)
	}

	fn on_initialize(steps: u32) -> Weight {
		Weight::from_parts(1_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(steps)))
	}

	fn place_order(fills: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(fills)))
	}

	fn cancel_order() -> Weight {
		Weight::from_parts(10_000, 0)
	}

	fn cancel_all(orders: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(orders)))
	}

	fn replace_order() -> Weight {
		Weight::from_parts(10_000, 0)
	}

	fn batch(operations: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(operations)))
	}

	fn note_seen() -> Weight {
		Weight::from_parts(1_000, 0)
	}

	fn set_cancel_on_silence() -> Weight {
		Weight::from_parts(10_000, 0)
	}

	fn end_silence(checks: u32) -> Weight {
		Weight::from_parts(1_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(checks)))
	}

	fn sweep_orders(orders: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(orders)))
	}

	fn request_quote(legs: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(legs)))
	}

	fn answer_request(legs: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(legs)))
	}

	fn withdraw_answer() -> Weight {
		Weight::from_parts(10_000, 0)
	}

	fn cancel_request(answers: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(answers)))
	}

	fn accept_answer(legs: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(legs)))
	}

	fn sweep_requests(requests: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(requests)))
	}

	fn rest_complex_order(legs: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(legs)))
	}

	fn take_complex_order(legs: u32) -> Weight {
		Weight::from_parts(10_000, 0)
			.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(legs)))
	}

	fn cancel_complex_order() -> Weight {
		Weight::from_parts(10_000, 0)
	}

	fn upkeep() -> Weight {
		Weight::from_parts(1_000, 0)
	}

	fn impact_prices() -> Weight {
		Weight::from_parts(10_000, 0)
	}
}
