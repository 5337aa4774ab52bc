//! Elementary functions on binary fixed point, each with its domain and error bound. Outside the
//! domain the answer is an error, never a panic and never a wrong value.
//!
//! | function | domain | error |
//! |---|---|---|
//! | [`ln`], [`ln_integer`] | above 0 | 2e-19 absolute |
//! | [`exp`] | up to 43.66 (below −45: zero) | 4e-19 relative + 6e-20 absolute |
//! | [`sqrt`] | from 0 | 2e-19 relative + 6e-20 absolute |
//! | [`density`] | everywhere | 2e-19 absolute |
//! | [`distribution`] | everywhere | 4e-19 absolute |
//! | [`tail`] | everywhere | 4e-19 absolute and, up to 12, 5e-17 relative |
//!
//! The type [`Fixed`] has 64 bits after the point: one step is 5.4e-20. `substrate-fixed` gives the
//! type and its arithmetic; its own transcendental functions are not used (its `ln` is wrong by
//! 1e-8, its `exp` by half a per cent at −40).

mod exp;
mod fast_normal;
mod ln;
mod normal;
mod normal_table;
#[cfg(test)]
mod reference;
mod sqrt;
#[cfg(test)]
mod tests;

pub use exp::exp;
pub(crate) use fast_normal::fast_tail;
pub use ln::{ln, ln_decimal, ln_integer};
pub use normal::{density, distribution, tail, Probability};
pub use sqrt::{sqrt, sqrt_integer};

pub use crate::fixed::Fixed;
