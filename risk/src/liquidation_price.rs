//! How far an underlying's price is from the maintenance margin, all else held.

use crate::{
	engine::evaluate,
	error::RiskError,
	fixed::multiply_unsigned_decimal,
	model::VolatilityShock,
	portfolio::{Portfolio, Valued},
	report::Requirement,
};
use alloc::vec::Vec;
use plimsoll_primitives::{number::SCALE, Price, Rounding, UsdValue};

/// How near the answer is to the line, as a part of spot: 2^−20, below 1e-6.
const NEARNESS: u128 = SCALE >> 20;
/// Within how many looks at most. Only a line that is crossed in a leap takes as many.
const MOST_LOOKS: u32 = 48;
/// The steps outward, as factors in sixteenths of the spot price.
const DOWN: [u128; 2] = [10, 2];
const UP: [u128; 2] = [24, 96];

/// The nearest levels of spot (below, above) at which the account is below its maintenance margin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LiquidationPrices {
	pub(crate) below: Option<Price>,
	pub(crate) above: Option<Price>,
}

/// Searches outward from the level that the underlying at `index` stands at, up to an eighth and six
/// times of it, for the first look at which equity < maintenance margin; then between that and the one
/// before it, by false position. It looks in growing steps ([`DOWN`] and [`UP`]), and at each price of
/// the scenarios at which equity, which the loss curve tells, is below the maintenance margin of now.
/// All forwards move in proportion to spot (but for what a settlement average has fixed) and
/// volatilities stay with their strikes. The answer lies below the line, by less than 1e-6 of spot. A
/// crossing and back between two looks is not seen. `None` where no look is below the line, where the
/// account cannot be computed that far out, or where it is below already.
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
	let here = margin.equity.checked_sub(margin.maintenance).ok_or(RiskError::Overflow)?;
	let search = Search { portfolio, index, valued, rest, here: here.into_inner() };
	Ok(LiquidationPrices { below: search.outward(&DOWN, false), above: search.outward(&UP, true) })
}

struct Search<'a> {
	portfolio: &'a Portfolio,
	/// Which underlying moves.
	index: usize,
	valued: &'a Valued,
	/// The equity of all the rest less its contingencies.
	rest: UsdValue,
	/// Equity less maintenance margin where spot is, USD, 18 decimals; not negative.
	here: i128,
}

/// A factor of the spot price and what equity exceeds maintenance margin by there.
#[derive(Clone, Copy)]
struct Look {
	factor: u128,
	distance: i128,
}

impl Search<'_> {
	fn outward(&self, sixteenths: &[u128], is_up: bool) -> Option<Price> {
		let mut safe = Look { factor: SCALE, distance: self.here };
		for step in self.steps(sixteenths, is_up) {
			let look = self.look(step)?;
			if look.distance < 0 {
				return self.narrow(safe, look);
			}
			safe = look;
		}
		None
	}

	/// Where to look, the nearest first.
	fn steps(&self, sixteenths: &[u128], is_up: bool) -> Vec<u128> {
		let Valued { book, evaluation } = self.valued;
		let mut steps: Vec<u128> = sixteenths.iter().map(|step| step * (SCALE / 16)).collect();
		for (shock, loss) in book.shocks.iter().zip(&evaluation.losses.undampened) {
			let is_ahead = shock.factor != SCALE && (shock.factor > SCALE) == is_up;
			let moves_price_alone = shock.volatility == VolatilityShock::None;
			if is_ahead && moves_price_alone && loss.into_inner() > self.here {
				steps.push(shock.factor);
			}
		}
		steps.sort_unstable_by_key(|factor| factor.abs_diff(SCALE));
		steps.dedup();
		steps
	}

	/// Between a factor at which the account is above the line and one at which it is below: false
	/// position, the end that stays counting less each time (N. Anderson and Å. Björck, BIT 13, 1973),
	/// and halving where that gains little.
	fn narrow(&self, mut safe: Look, mut lost: Look) -> Option<Price> {
		let (mut safe_pull, mut lost_pull) = (safe.distance, lost.distance);
		// Which end the last look moved, and how wide the gap was three looks ago.
		let (mut last, mut width) = (None, u128::MAX);
		for count in 0..MOST_LOOKS {
			let gap = safe.factor.abs_diff(lost.factor);
			if gap <= NEARNESS {
				break;
			}
			let mut part = part(gap, safe_pull, lost_pull);
			if count % 3 == 2 {
				if gap > width >> 1 {
					part = gap >> 1;
				}
				width = gap;
			}
			// Off both ends, so that either of them moves by the least that counts.
			let part = part.clamp(NEARNESS / 2, gap - NEARNESS / 2);
			let factor =
				if lost.factor < safe.factor { lost.factor + part } else { lost.factor - part };
			let look = self.look(factor)?;
			let is_lost = look.distance < 0;
			let (end, pull, other) = if is_lost {
				(&mut lost, &mut lost_pull, &mut safe_pull)
			} else {
				(&mut safe, &mut safe_pull, &mut lost_pull)
			};
			if last.replace(is_lost) == Some(is_lost) {
				*other = less(*other, look.distance, end.distance);
			}
			(*end, *pull) = (look, look.distance);
		}
		let spot = self.valued.evaluation.spot().into_inner();
		multiply_unsigned_decimal(spot, lost.factor).ok().map(Price::from_inner)
	}

	/// `None` where it cannot be computed.
	fn look(&self, factor: u128) -> Option<Look> {
		let prices = self
			.valued
			.evaluation
			.prices
			.iter()
			.zip(&self.valued.book.levels)
			.map(|(price, level)| level.moved(*price, factor))
			.collect::<Result<Vec<_>, _>>()
			.ok()?;
		let there = evaluate(&self.valued.book, prices, None).ok()?;
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
		let distance = equity.checked_sub(maintenance.checked_add(own)?)?.into_inner();
		Some(Look { factor, distance })
	}
}

/// The pull of the end that stays, where the other one's distance goes from `before` to `now`: times
/// 1 − now / before, and half where that is not above zero.
fn less(pull: i128, now: i128, before: i128) -> i128 {
	// 31 bits of all are enough.
	let bits = |value: i128| u128::BITS - value.unsigned_abs().leading_zeros();
	let shift = bits(now).max(bits(before)).saturating_sub(31);
	let (now, before) = ((now >> shift).unsigned_abs(), (before >> shift).unsigned_abs());
	match before.checked_sub(now) {
		Some(rest) if rest > 0 => {
			let scale = bits(pull).saturating_sub(94);
			let pull = (pull >> scale).saturating_mul(i128::try_from(rest).unwrap_or(0));
			(pull / i128::try_from(before).unwrap_or(i128::MAX)) << scale
		}
		_ => pull / 2,
	}
}

/// The part of `gap` from the lost end at which a straight line through both crosses zero.
fn part(gap: u128, safe: i128, lost: i128) -> u128 {
	// 53 bits of both are enough: what is cut off moves the look, not the answer.
	let (safe, lost) = (safe.unsigned_abs(), lost.unsigned_abs());
	let shift = (u128::BITS - safe.max(lost).leading_zeros()).saturating_sub(53);
	let (safe, lost) = (safe >> shift, lost >> shift);
	// A gap is below ten, with 18 decimals: below 2^64.
	(gap * lost).checked_div(safe + lost).unwrap_or(gap >> 1)
}
