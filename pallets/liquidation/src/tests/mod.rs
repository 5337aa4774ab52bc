//! One file per call or topic.

mod auction;
mod budget;
mod cancelling;
mod closing;
mod deleveraging;
mod entry;
mod nominate;
mod opt_in;
mod opt_out;
mod properties;
mod set_params;
mod stalls;
mod sweep;
mod worker;

use crate::mock::*;

/// Owner 1 is long 10 ETH at 100 USD with `equity` of its own; owner 2 is short, with plenty.
pub(crate) fn long_and_maker(equity: i32) {
	fund(1, equity);
	fund(2, 10_000);
	open(1, 2, ETH, 10);
}
