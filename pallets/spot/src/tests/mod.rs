//! One file per call or topic. Every test ends with all promises checked, see
//! [`execute`](crate::mock::execute).

mod book_properties;
mod cancel;
mod place_order;
mod quotes;
mod routing;
mod set_pair;
mod swap;
