//! What tests of funding and of marks share.

use super::*;
use crate::{Funding, PerpetualFunding};
use plimsoll_primitives::{ImpactPrices, Moment};
use sp_runtime::FixedI128;

pub const BLOCK: Moment = 6_000;

pub fn fraction(numerator: i128, denominator: i128) -> FixedI128 {
	FixedI128::from_inner(numerator * 1_000_000_000_000_000_000 / denominator)
}

pub fn price(usd: u32) -> Option<Price> {
	Some(Price::from_u32(usd))
}

pub fn set_quotes(bid: Option<Price>, ask: Option<Price>) {
	Quotes::mutate(|all| all.insert(Instrument::perpetual(ETH), ImpactPrices { bid, ask }));
}

pub fn set_spot(spot: Option<u32>) {
	Spots::mutate(|all| match spot {
		Some(spot) => all.insert(ETH, Price::from_u32(spot)),
		None => all.remove(&ETH),
	});
}

pub fn eth() -> PerpetualFunding {
	*Funding::<Test>::get().iter().find(|funding| funding.underlying == ETH).expect("listed")
}

/// One block after the other, each `elapsed` long.
pub fn blocks(count: u32, elapsed: Moment) {
	for _ in 0..count {
		next_block(Now::get() + elapsed);
	}
}
