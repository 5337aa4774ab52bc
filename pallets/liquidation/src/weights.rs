//! What this pallet's own work weighs. Work of the ledger (evaluating an account, moving a slice,
//! trading at mark, closing) is not in these numbers: the pallet adds the weight that the ledger
//! gives for it. Only the two listings are measured with the ledger in them, because it gives none.

use frame_support::weights::Weight;

/// What each piece weighs.
pub trait WeightInfo {
	/// Queueing a nominated account, without its evaluation.
	fn nominate() -> Weight;
	/// Judging a nomination, without the account's evaluation.
	fn authorize_nominate() -> Weight;
	/// Adding a provider in place of another to a full list, without their evaluation.
	fn opt_in() -> Weight;
	/// Removing a provider.
	fn opt_out() -> Weight;
	/// Storing parameters.
	fn set_params() -> Weight;
	/// The hook with a full queue and all providers, before anything is looked at.
	fn hook() -> Weight;
	/// Listing `n` accounts, the ledger included.
	fn list_accounts(n: u32) -> Weight;
	/// What the sweep does with an account that enters, without its evaluation.
	fn sweep_account() -> Weight;
	/// Taking an account from the queue and putting it back, with the events of a visit.
	fn visit() -> Weight;
	/// What the pallet does around a slice.
	fn auction_slice() -> Weight;
	/// Listing `n` holders of an instrument, the ledger included.
	fn list_holders(n: u32) -> Weight;
	/// What the pallet does around a deleveraging trade.
	fn deleverage_trade() -> Weight;
	/// Forgetting an account that leaves.
	fn close() -> Weight;
}

/// For mocks only.
impl WeightInfo for () {
	fn nominate() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn authorize_nominate() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn opt_in() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn opt_out() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn set_params() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn hook() -> Weight {
		Weight::from_parts(10_000, 100)
	}
	fn list_accounts(n: u32) -> Weight {
		Weight::from_parts(100, 1).saturating_mul(u64::from(n))
	}
	fn sweep_account() -> Weight {
		Weight::from_parts(1_000, 10)
	}
	fn visit() -> Weight {
		Weight::from_parts(1_000, 10)
	}
	fn auction_slice() -> Weight {
		Weight::from_parts(1_000, 10)
	}
	fn list_holders(n: u32) -> Weight {
		Weight::from_parts(100, 1).saturating_mul(u64::from(n))
	}
	fn deleverage_trade() -> Weight {
		Weight::from_parts(1_000, 10)
	}
	fn close() -> Weight {
		Weight::from_parts(1_000, 10)
	}
}
