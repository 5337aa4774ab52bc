//! One file per call or topic. Each test ends with a check of the whole storage.

mod collateral;
mod delist;
mod funding;
mod genesis;
mod halt;
mod limits;
mod list;
mod listing_rule;
mod mark;
mod perpetuals;
mod registry;
mod settlement;
mod settlement_price;
mod settlement_weight;
mod underlying;

use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{Contracts, Instrument, OptionKind, Price, UnderlyingId};
use sp_runtime::DispatchError;
