//! The costs of an empty block and transaction, as the SDK measures them. What our own calls and
//! hooks weigh is not measured yet: `make weights` writes it here.

pub use frame_support::weights::constants::{BlockExecutionWeight, ExtrinsicBaseWeight};
