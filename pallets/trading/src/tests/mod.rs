//! Tests, one file per subject.

mod block_trade;
mod cancel_quotes;
mod pruning;
mod quote;
mod signatures;
mod terms;
