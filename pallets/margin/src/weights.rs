//! What the pallet's work weighs. The runtime gives generated values; `()` is for mocks.

use frame_support::weights::Weight;

/// What the pallet's work weighs.
pub trait WeightInfo {
	/// The call `deposit`.
	fn deposit() -> Weight;
	/// The call `withdraw` from an account with `p` positions, none of them to be settled.
	fn withdraw(p: u32) -> Weight;
	/// An exchange at a venue outside, whose own work is not in it, of an account with `p` positions.
	fn exchange_outside(p: u32) -> Weight;
	/// Setting something aside for an order of an account with `p` positions, valued once.
	fn set_aside(p: u32) -> Weight;
	/// A fill against what is set aside of an account with `p` positions.
	fn fill_set_aside(p: u32) -> Weight;
	/// Giving an account with `p` positions back what was set aside.
	fn release_set_aside(p: u32) -> Weight;
	/// The call `add_delegate`.
	fn add_delegate() -> Weight;
	/// The call `remove_delegate`.
	fn remove_delegate() -> Weight;
	/// The call `contribute_insurance`.
	fn contribute_insurance() -> Weight;
	/// The call `set_risk_model`.
	fn set_risk_model() -> Weight;
	/// The call `cancel_risk_model`.
	fn cancel_risk_model() -> Weight;
	/// A block in which no risk model comes into force.
	fn on_initialize_idle() -> Weight;
	/// Accruing interest, in each block.
	fn on_initialize_accrue() -> Weight;
	/// A block in which a risk model comes into force.
	fn on_initialize_change() -> Weight;
	/// The call `set_joint_risk`.
	fn set_joint_risk() -> Weight;
	/// The call `cancel_joint_risk`.
	fn cancel_joint_risk() -> Weight;
	/// A block in which a joint risk comes into force.
	fn on_initialize_change_joint() -> Weight;
	/// A block in which a step of learning is due.
	fn on_initialize_learn() -> Weight;
	/// The call `seed`.
	fn seed() -> Weight;
	/// Valuing an account with `p` positions.
	fn health(p: u32) -> Weight;
	/// Valuing an account with `p` positions on a market that others were valued on before.
	fn health_in(p: u32) -> Weight;
	/// Clearing `f` fills between two accounts of the largest size, each valued once.
	fn clear(f: u32) -> Weight;
	/// Settling one holder's position.
	fn settle_holder() -> Weight;
	/// Moving a slice of `p` positions; the receiver is valued once.
	fn transfer_slice(p: u32) -> Weight;
	/// Trading one instrument between two accounts with `p` positions each, with no gate.
	fn trade_at_mark(p: u32) -> Weight;
	/// Charging a fee to an account with `p` positions.
	fn charge_fee(p: u32) -> Weight;
	/// Buying one collateral asset of an account.
	fn buy_collateral() -> Weight;
	/// Absorbing an account's deficit and sharing the rest.
	fn absorb_deficit() -> Weight;
	/// The call `set_fees`.
	fn set_fees() -> Weight;
	/// The call `set_interest`.
	fn set_interest() -> Weight;
	/// The call `withdraw_fees`.
	fn withdraw_fees() -> Weight;
	/// The call `forget_volume`.
	fn forget_volume() -> Weight;
	/// Opening and closing the matching of an order that rests, of an account with `p` positions and
	/// open orders in `o` instruments, valued once on a market on which it was valued before.
	fn match_order(p: u32, o: u32) -> Weight;
	/// A fill against an order of an account with `p` positions and open orders in `o` instruments,
	/// valued once likewise.
	fn fill_order(p: u32, o: u32) -> Weight;
	/// Taking a cancelled order off an account's.
	fn release_order() -> Weight;
}

fn per_position(p: u32) -> Weight {
	Weight::from_parts(10_000, 0)
		.saturating_add(Weight::from_parts(1_000, 0).saturating_mul(u64::from(p)))
}

/// For mocks only.
impl WeightInfo for () {
	fn deposit() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn withdraw(p: u32) -> Weight {
		per_position(p)
	}
	fn exchange_outside(p: u32) -> Weight {
		per_position(p)
	}
	fn set_aside(p: u32) -> Weight {
		per_position(p)
	}
	fn fill_set_aside(p: u32) -> Weight {
		per_position(p)
	}
	fn release_set_aside(p: u32) -> Weight {
		per_position(p)
	}
	fn add_delegate() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn remove_delegate() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn contribute_insurance() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn set_risk_model() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn cancel_risk_model() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn on_initialize_idle() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn on_initialize_accrue() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn on_initialize_change() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn set_joint_risk() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn cancel_joint_risk() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn on_initialize_change_joint() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn on_initialize_learn() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn seed() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn health(p: u32) -> Weight {
		per_position(p)
	}
	fn health_in(p: u32) -> Weight {
		per_position(p)
	}
	fn clear(f: u32) -> Weight {
		per_position(f)
	}
	fn settle_holder() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn transfer_slice(p: u32) -> Weight {
		per_position(p)
	}
	fn trade_at_mark(p: u32) -> Weight {
		per_position(p)
	}
	fn charge_fee(p: u32) -> Weight {
		per_position(p)
	}
	fn buy_collateral() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn absorb_deficit() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn set_fees() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn forget_volume() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn set_interest() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn withdraw_fees() -> Weight {
		Weight::from_parts(10_000, 0)
	}
	fn match_order(p: u32, o: u32) -> Weight {
		per_position(p.saturating_add(o))
	}
	fn fill_order(p: u32, o: u32) -> Weight {
		per_position(p.saturating_add(o))
	}
	fn release_order() -> Weight {
		Weight::from_parts(10_000, 0)
	}
}
