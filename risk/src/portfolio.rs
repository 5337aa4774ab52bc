//! The whole account: which end of each confidence interval it is judged at, and the sums.

use crate::{
	book::{underlyings, Book},
	engine::{evaluate, Detail, Evaluation},
	error::RiskError,
	fixed::multiply_unsigned_decimal,
	mark::payoff,
	model::RiskModel,
	report::{Margin, Requirement},
	state::{AccountState, MarketState},
};
use alloc::vec::Vec;
use plimsoll_primitives::{money, Price, Rounding, Stance, UsdValue};

/// A book and where it was decided to value it.
pub(crate) struct Valued {
	pub(crate) book: Book,
	pub(crate) evaluation: Evaluation,
}

/// An account, valued.
pub(crate) struct Portfolio {
	/// What does not depend on any price: cash, and legs with a fixed settlement price.
	pub(crate) certain: UsdValue,
	/// By underlying, ascending.
	pub(crate) books: Vec<Valued>,
}

/// Equity and margins of an account: what the gate and the waterfall ask.
///
/// Each underlying is valued with its spot and all its forwards moved together by minus half the
/// width of the confidence interval, by nothing and by plus half of it. `Stance::Mark` takes the
/// middle one, `Favourable` the one with the largest equity − maintenance margin, `Unfavourable` the
/// one with the smallest equity − initial margin (each part of the underlying; the middle one, where
/// they are equal). Volatilities stay with their strikes.
///
/// An underlying whose prices are not live: `Unfavourable` is an error; `Mark` takes the last price;
/// `Favourable` moves it by the scan range, where that is more than the half width.
///
/// # Errors
/// What the account depends on and the market or model lacks, by name; `OutOfDomain` and `Overflow`
/// for absurd inputs.
pub fn margin(
	model: &RiskModel,
	market: &MarketState,
	account: &AccountState,
	stance: Stance,
) -> Result<Margin, RiskError> {
	Portfolio::new(model, market, account, stance)?.margin()
}

impl Portfolio {
	/// Values an account at a stance.
	pub(crate) fn new(
		model: &RiskModel,
		market: &MarketState,
		account: &AccountState,
		stance: Stance,
	) -> Result<Self, RiskError> {
		let mut certain = account.cash;
		for leg in &account.legs {
			let Some(settlement_price) = leg.settled_at else { continue };
			certain =
				money::value(payoff(&leg.instrument, settlement_price), leg.size, Rounding::Down)
					.and_then(|value| value.checked_sub(leg.entry_value))
					.and_then(|value| value.checked_add(certain))
					.ok_or(RiskError::Overflow)?;
		}
		let books = underlyings(account)
			.into_iter()
			.map(|underlying| {
				let book = Book::new(model, market, account, underlying)?;
				let evaluation = judge(&book, stance)?;
				Ok(Valued { book, evaluation })
			})
			.collect::<Result<Vec<_>, RiskError>>()?;
		Ok(Self { certain, books })
	}

	/// The sums.
	pub(crate) fn margin(&self) -> Result<Margin, RiskError> {
		let mut equity = self.certain;
		let mut net_value = self.certain;
		let mut requirement = Requirement::default();
		for Valued { evaluation, .. } in &self.books {
			equity = equity.checked_add(evaluation.equity).ok_or(RiskError::Overflow)?;
			net_value = net_value.checked_add(evaluation.net_value).ok_or(RiskError::Overflow)?;
			requirement = requirement.plus(&evaluation.requirement()?)?;
		}
		Ok(Margin {
			equity,
			net_value,
			initial: requirement.initial,
			maintenance: requirement.maintenance,
		})
	}
}

impl Valued {
	/// Each exposure's mark and losses, where the book was valued.
	pub(crate) fn details(&self) -> Result<Vec<Detail>, RiskError> {
		let mut details = Vec::with_capacity(self.book.exposures.len());
		evaluate(&self.book, self.evaluation.prices.clone(), Some(&mut details))?;
		Ok(details)
	}
}

/// Values a book at the prices that the stance prefers.
fn judge(book: &Book, stance: Stance) -> Result<Evaluation, RiskError> {
	let middle = evaluate(book, moved(book, Some)?, None)?;
	let width = match stance {
		Stance::Mark => return Ok(middle),
		Stance::Unfavourable if !book.live => {
			return Err(RiskError::StalePrice(book.underlying));
		}
		Stance::Favourable if !book.live => book.half_width.max(scan_width(book, middle.spot())?),
		Stance::Unfavourable | Stance::Favourable => book.half_width,
	};
	if width.is_zero() {
		return Ok(middle);
	}
	// Saturating at zero: an interval wider than the price itself reaches down to nothing.
	let lower = moved(book, |price| Some(price.checked_sub(width).unwrap_or(Price::ZERO)))?;
	let upper = moved(book, |price| price.checked_add(width))?;
	let mut best = (preference(&middle, stance)?, middle);
	for prices in [lower, upper] {
		let candidate = evaluate(book, prices, None)?;
		let value = preference(&candidate, stance)?;
		if value > best.0 {
			best = (value, candidate);
		}
	}
	Ok(best.1)
}

/// The scan range in USD; zero for what is not in the model.
fn scan_width(book: &Book, spot: Price) -> Result<Price, RiskError> {
	let range = book.scan_range.map_or(0, |range| range.into_inner());
	Ok(Price::from_inner(multiply_unsigned_decimal(spot.into_inner(), range)?))
}

/// What the stance looks for the most of.
fn preference(evaluation: &Evaluation, stance: Stance) -> Result<UsdValue, RiskError> {
	let Requirement { initial, maintenance } = evaluation.requirement()?;
	let difference = match stance {
		Stance::Unfavourable => initial.checked_sub(evaluation.equity),
		Stance::Favourable | Stance::Mark => evaluation.equity.checked_sub(maintenance),
	};
	difference.ok_or(RiskError::Overflow)
}

/// The book's levels, each moved; `None` from `by` is an overflow.
fn moved(book: &Book, by: impl Fn(Price) -> Option<Price>) -> Result<Vec<Price>, RiskError> {
	book.levels.iter().map(|level| by(level.price).ok_or(RiskError::Overflow)).collect()
}
