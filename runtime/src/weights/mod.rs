//! What our calls and hooks weigh, measured on the wasm runtime by `make weights`; and the costs of
//! an empty block and transaction, as the SDK measures them.

pub use frame_support::weights::constants::{BlockExecutionWeight, ExtrinsicBaseWeight};
