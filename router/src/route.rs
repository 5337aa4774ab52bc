//! From venues to a plan.

use crate::{
	offer::Offer,
	plan::{Plan, Slice, Source},
	pool::Pool,
	trade::{NetPrice, Trade},
};
use alloc::vec::Vec;
use core::cmp::Reverse;
use plimsoll_primitives::{Balance, OrderSide};

/// The most offers of all ladders together.
pub const MAX_OFFERS: usize = 64;

/// Why there is no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteError {
	/// The amount is zero.
	ZeroAmount,
	/// The amount is not a whole number of lots, or lot or unit is zero.
	NotInLots,
	/// There are more than [`MAX_OFFERS`] offers.
	TooManyOffers,
	/// Nothing is to be had within the worst price.
	NothingWithinWorstPrice,
	/// Less than all is to be had within the worst price, and it is all or nothing.
	NotFilled,
}

/// An offer with where it stands.
#[derive(Clone, Copy)]
struct Standing {
	ladder: usize,
	place: usize,
	net_price: NetPrice,
	offer: Offer,
}

/// Splits a trade over ladders of offers (each best first) and a pool, see the [crate](crate).
pub fn route(trade: &Trade, ladders: &[&[Offer]], pool: Option<&Pool>) -> Result<Plan, RouteError> {
	if trade.amount == 0 {
		return Err(RouteError::ZeroAmount);
	}
	if trade.lot == 0 || trade.unit == 0 || trade.whole_lots(trade.amount) != trade.amount {
		return Err(RouteError::NotInLots);
	}
	let offers: usize = ladders.iter().map(|ladder| ladder.len()).sum();
	if offers > MAX_OFFERS {
		return Err(RouteError::TooManyOffers);
	}
	let all = standing(trade, ladders);
	let mut best = fill(trade, &all, pool);
	let is_enough = |plan: &Plan| !trade.all_or_nothing || plan.amount == trade.amount;
	let mut consider = |plan: Plan| {
		if is_enough(&plan) && (!is_enough(&best) || plan.is_better(trade, &best)) {
			best = plan;
		}
	};
	if pool.is_some() {
		consider(fill(trade, &all, None));
		consider(fill(trade, &[], pool));
	}
	if ladders.len() > 1 {
		for index in 0..ladders.len() {
			let alone: Vec<Standing> =
				all.iter().filter(|standing| standing.ladder == index).copied().collect();
			consider(fill(trade, &alone, None));
		}
	}
	if best.amount == 0 {
		return Err(RouteError::NothingWithinWorstPrice);
	}
	if !is_enough(&best) {
		return Err(RouteError::NotFilled);
	}
	Ok(best)
}

/// All offers within the worst price, best first after fees; those of one price in the order given.
fn standing(trade: &Trade, ladders: &[&[Offer]]) -> Vec<Standing> {
	let limit = trade.limit();
	let mut all = Vec::new();
	for (ladder, offers) in ladders.iter().enumerate() {
		for (place, offer) in offers.iter().enumerate() {
			let net_price = offer.net_price(trade.side);
			if net_price.is_within(trade.side, &limit) {
				all.push(Standing { ladder, place, net_price, offer: *offer });
			}
		}
	}
	match trade.side {
		OrderSide::Buy => all.sort_by_key(|standing| standing.net_price),
		OrderSide::Sell => all.sort_by_key(|standing| Reverse(standing.net_price)),
	}
	all
}

/// As much of the trade as these give, by marginal price. What cannot be computed is left out.
fn fill(trade: &Trade, offers: &[Standing], pool: Option<&Pool>) -> Plan {
	let mut plan = Plan::default();
	let mut left = trade.amount;
	let mut pooled: Balance = 0;
	// What more the pool gives up to a price.
	let more = |limit: &NetPrice, pooled: Balance, left: Balance| {
		pool.map_or(0, |pool| pool.up_to(trade, limit).saturating_sub(pooled).min(left))
	};
	for standing in offers {
		let from_pool = more(&standing.net_price, pooled, left);
		pooled = pooled.saturating_add(from_pool);
		left = left.saturating_sub(from_pool);
		let amount = trade.whole_lots(standing.offer.amount).min(left);
		if amount == 0 {
			continue;
		}
		let Some((quote, fee)) =
			standing.offer.quote(trade, amount).filter(|(quote, _)| *quote > 0)
		else {
			continue;
		};
		let source = Source::Offer { ladder: standing.ladder, place: standing.place };
		if plan.push(Slice { source, amount, quote, fee }).is_some() {
			left = left.saturating_sub(amount);
		}
	}
	pooled = pooled.saturating_add(more(&trade.limit(), pooled, left));
	let quoted = pool.filter(|_| pooled > 0).and_then(|pool| pool.quote(trade.side, pooled));
	if let Some(quote) = quoted {
		// Without it the plan is worth less, and another is chosen.
		let _ = plan.push(Slice { source: Source::Pool, amount: pooled, quote, fee: 0 });
	}
	plan
}
