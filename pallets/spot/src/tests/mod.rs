//! One file per call. Every test ends with all promises checked, see [`execute`](crate::mock::execute).

mod set_pair;
mod swap;
