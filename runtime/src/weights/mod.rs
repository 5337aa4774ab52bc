//! What calls, hooks and authorisations weigh, as `make weights` measured it on the wasm runtime, and
//! the SDK's costs of an empty block and transaction. Pallets that are not here use the weights that
//! the SDK measured.

pub mod cumulus_pallet_weight_reclaim;
pub mod membership;
pub mod pallet_liquidation;
pub mod pallet_margin;
pub mod pallet_markets;
pub mod pallet_price_oracle;
pub mod pallet_spot;
pub mod pallet_trading;
pub mod pallet_xcm;

pub use frame_support::weights::constants::{BlockExecutionWeight, ExtrinsicBaseWeight};
