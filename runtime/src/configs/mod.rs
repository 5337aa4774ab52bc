//! How each pallet is set up, by what it is for.

mod clearing;
mod consensus;
mod money;
mod system;

pub use clearing::*;
pub use consensus::*;
pub use money::*;
pub use system::*;
