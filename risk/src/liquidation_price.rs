//! How far an underlying's price is from the maintenance margin, all else held.

use crate::{
	engine::evaluate,
	error::RiskError,
	fixed::multiply_unsigned_decimal,
	portfolio::{Portfolio, Valued},
	report::Requirement,
};
use alloc::vec::Vec;
use plimsoll_primitives::{number::SCALE, Price, Rounding, UsdValue};

/// How often an interval is halved once the line lies in it: to 2^−24 of the step, below 1e-7 of
/// the spot price.
const HALVINGS: u32 = 24;
/// The steps outward, as factors in sixteenths of the spot price.
const DOWN: [u128; 15] = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
const UP: [u128; 24] = [
	17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 36, 40, 44, 48, 64, 96, 128,
	160,
];

/// The nearest levels of spot (below, above) at which the account is below its maintenance margin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LiquidationPrices {
	pub(crate) below: Option<Price>,
	pub(crate) above: Option<Price>,
}

/// Searches outward from the level that the underlying at `index` stands at, in steps of a sixteenth of the spot
/// price (wider ones above twice of it) between a sixteenth and ten times of it, for the first at
/// which equity < maintenance margin; then halves that step. All forwards move in proportion to spot (but for what
/// a settlement average has fixed)
/// and volatilities stay with their strikes. The answer lies below the line, by less than 1e-6 of
/// spot. A crossing and back between two steps is not seen. `None` where no step is below the line,
/// where the account cannot be computed that far out, or where it is below already.
pub(crate) fn liquidation_prices(
	portfolio: &Portfolio,
	index: usize,
) -> Result<LiquidationPrices, RiskError> {
	let margin = portfolio.margin()?;
	if margin.equity < margin.maintenance {
		return Ok(LiquidationPrices::default());
	}
	let valued = portfolio.books.get(index).ok_or(RiskError::OutOfDomain)?;
	let rest = margin.equity.checked_sub(valued.evaluation.equity).ok_or(RiskError::Overflow)?;
	let mut contingencies = Requirement::default();
	let others = portfolio.books.iter().enumerate().filter(|(other, _)| *other != index);
	for (_, other) in others {
		contingencies = contingencies.plus(&other.evaluation.contingencies.total()?)?;
	}
	let rest = rest.checked_sub(contingencies.maintenance).ok_or(RiskError::Overflow)?;
	let search = Search { portfolio, index, valued, rest };
	Ok(LiquidationPrices { below: search.outward(&DOWN), above: search.outward(&UP) })
}

struct Search<'a> {
	portfolio: &'a Portfolio,
	/// Which underlying moves.
	index: usize,
	valued: &'a Valued,
	/// The equity of all the rest less its contingencies.
	rest: UsdValue,
}

impl Search<'_> {
	fn outward(&self, sixteenths: &[u128]) -> Option<Price> {
		let mut safe = SCALE;
		for step in sixteenths {
			let factor = step * (SCALE / 16);
			if self.is_below_the_line(factor)? {
				return self.halve(safe, factor);
			}
			safe = factor;
		}
		None
	}

	/// Between a factor at which the account is above the line and one at which it is below.
	fn halve(&self, mut safe: u128, mut unsafe_: u128) -> Option<Price> {
		for _ in 0..HALVINGS {
			// Factors are at most ten.
			let middle = (safe + unsafe_) / 2;
			if self.is_below_the_line(middle)? {
				unsafe_ = middle;
			} else {
				safe = middle;
			}
		}
		let spot = self.valued.evaluation.spot().into_inner();
		multiply_unsigned_decimal(spot, unsafe_).ok().map(Price::from_inner)
	}

	/// `None` where it cannot be computed.
	fn is_below_the_line(&self, factor: u128) -> Option<bool> {
		let prices = self
			.valued
			.evaluation
			.prices
			.iter()
			.zip(&self.valued.book.levels)
			.map(|(price, level)| level.moved(*price, factor))
			.collect::<Result<Vec<_>, _>>()
			.ok()?;
		let there = evaluate(&self.valued.book, prices, None, None).ok()?;
		let curves: Vec<_> = self
			.portfolio
			.books
			.iter()
			.enumerate()
			.map(|(index, valued)| {
				let evaluation = if index == self.index { &there } else { &valued.evaluation };
				evaluation.curves(&valued.book)
			})
			.collect();
		let base = self.portfolio.aggregator.base(&curves).ok()?.amount;
		let maintenance = self.portfolio.factors.requirement(base, Rounding::Up).ok()?.maintenance;
		let own = there.contingencies.total().ok()?.maintenance;
		let equity = there.equity.checked_add(self.rest)?;
		Some(equity < maintenance.checked_add(own)?)
	}
}
