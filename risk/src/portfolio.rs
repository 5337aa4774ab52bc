//! The whole account: which end of each confidence interval it is judged at, and the sums.

use crate::{
	arrays::RiskArrays,
	base::{Aggregator, Base},
	book::{underlyings, Book},
	engine::{evaluate, Detail, Evaluation},
	error::RiskError,
	fixed::multiply_unsigned_decimal,
	margin_factors::MarginFactors,
	mark::payoff,
	model::RiskModel,
	report::{Margin, Requirement},
	series::Shift,
	state::{AccountState, Leg, MarketState},
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
	/// How the losses of underlyings come together.
	pub(crate) aggregator: Aggregator,
	/// What margins ask for per USD of the base.
	pub(crate) factors: MarginFactors,
	/// What the margins are factors of; with open orders, what initial margin is.
	pub(crate) base: Base,
}

/// Equity and margins of an account: what the gate and the waterfall ask.
///
/// Each underlying is valued with its spot and all its forwards moved together by minus half the
/// width of the confidence interval, by nothing and by plus half of it. `Stance::Mark` takes the
/// middle one, `Favourable` the one with the largest equity − maintenance margin, `Unfavourable` the
/// one with the smallest equity − initial margin, each underlying judged as if there were no other
/// (the middle one, where they are equal; and the middle of all, where the account as a whole does
/// better, or worse, there). Volatilities stay with their strikes.
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
	RiskArrays::new(model, market)?.margin(account, stance)
}

impl Portfolio {
	/// Values an account at a stance.
	pub(crate) fn new(
		arrays: &mut RiskArrays,
		account: &AccountState,
		stance: Stance,
	) -> Result<Self, RiskError> {
		Self::with_orders(arrays, account, &[], stance)
	}

	/// The same with open orders, as legs of what would fill of each.
	pub(crate) fn with_orders(
		arrays: &mut RiskArrays,
		account: &AccountState,
		orders: &[Leg],
		stance: Stance,
	) -> Result<Self, RiskError> {
		let factors = arrays.factors;
		let certain = certain(account)?;
		let mut underlyings = underlyings(account);
		if !orders.is_empty() {
			underlyings.extend(orders.iter().map(|order| order.instrument.underlying));
			underlyings.sort_unstable();
			underlyings.dedup();
		}
		let aggregator = arrays.aggregator(&underlyings)?;
		let mut books = Vec::with_capacity(underlyings.len());
		let mut preferred = Vec::with_capacity(underlyings.len());
		for underlying in underlyings {
			let mut book = Book::new(arrays, account, underlying)?;
			if !orders.is_empty() {
				book.add_orders(arrays, orders)?;
			}
			let Judged { middle, better } = judge(&book, stance)?;
			books.push(Valued { book, evaluation: middle });
			preferred.push(better);
		}
		let base = base(&aggregator, &books)?;
		let mut portfolio = Self { certain, books, aggregator, factors, base };
		if preferred.iter().any(Option::is_some) {
			portfolio.prefer(preferred, stance)?;
		}
		Ok(portfolio)
	}

	/// Takes each underlying's preferred prices, unless the account as a whole is not better (or, at
	/// unfavourable prices, not worse) for it: what is preferred of one underlying alone may offset
	/// more of another.
	fn prefer(
		&mut self,
		preferred: Vec<Option<Evaluation>>,
		stance: Stance,
	) -> Result<(), RiskError> {
		let before = preference(&self.decisive(stance)?, stance)?;
		let middle = swap(&mut self.books, preferred);
		let middle_base = core::mem::replace(&mut self.base, base(&self.aggregator, &self.books)?);
		if preference(&self.decisive(stance)?, stance)? < before {
			swap(&mut self.books, middle);
			self.base = middle_base;
		}
		Ok(())
	}

	/// The base of what is held; `None` without open orders, where it is the base.
	fn held_base(&self) -> Result<Option<UsdValue>, RiskError> {
		if self.books.iter().all(|valued| valued.evaluation.filled.is_none()) {
			return Ok(None);
		}
		let books = self.books.iter();
		let curves: Vec<_> =
			books.map(|valued| valued.evaluation.held_curves(&valued.book)).collect();
		Ok(Some(self.aggregator.base(&curves)?.amount))
	}

	/// What the stance's preference looks at: at unfavourable prices not at maintenance margin.
	fn decisive(&self, stance: Stance) -> Result<Margin, RiskError> {
		match stance {
			Stance::Unfavourable => self.sums(),
			Stance::Mark | Stance::Favourable => self.margin(),
		}
	}

	/// The margin of the whole.
	pub(crate) fn margin(&self) -> Result<Margin, RiskError> {
		let mut margin = self.sums()?;
		if let Some(held) = self.held_base()? {
			// Contingencies of maintenance margin do not look at orders.
			let of = |base: UsdValue| -> Result<UsdValue, RiskError> {
				Ok(self.factors.requirement(base, Rounding::Up)?.maintenance)
			};
			let held = of(held)?;
			margin.maintenance = margin
				.maintenance
				.checked_sub(of(self.base.amount)?)
				.and_then(|rest| rest.checked_add(held))
				.ok_or(RiskError::Overflow)?;
		}
		Ok(margin)
	}

	/// The sums, both margins of the base.
	fn sums(&self) -> Result<Margin, RiskError> {
		let mut equity = self.certain;
		let mut net_value = self.certain;
		let mut requirement = self.factors.requirement(self.base.amount, Rounding::Up)?;
		for Valued { evaluation, .. } in &self.books {
			equity = equity.checked_add(evaluation.equity).ok_or(RiskError::Overflow)?;
			net_value = net_value.checked_add(evaluation.net_value).ok_or(RiskError::Overflow)?;
			requirement = requirement.plus(&evaluation.contingencies.total()?)?;
		}
		Ok(Margin {
			equity,
			net_value,
			initial: requirement.initial,
			maintenance: requirement.maintenance,
		})
	}
}

/// Cash, and legs with a fixed settlement price at their payoff; rounded down.
fn certain(account: &AccountState) -> Result<UsdValue, RiskError> {
	let mut certain = account.cash;
	for leg in &account.legs {
		let Some(settlement_price) = leg.settled_at else { continue };
		certain = money::value(payoff(&leg.instrument, settlement_price), leg.size, Rounding::Down)
			.and_then(|value| value.checked_sub(leg.entry_value))
			.and_then(|value| value.checked_add(certain))
			.ok_or(RiskError::Overflow)?;
	}
	Ok(certain)
}

/// Puts other evaluations, where there are, into the books and gives back those that were there.
fn swap(books: &mut [Valued], others: Vec<Option<Evaluation>>) -> Vec<Option<Evaluation>> {
	books
		.iter_mut()
		.zip(others)
		.map(|(valued, other)| other.map(|other| core::mem::replace(&mut valued.evaluation, other)))
		.collect()
}

/// The base of the account that these books make up.
pub(crate) fn base(aggregator: &Aggregator, books: &[Valued]) -> Result<Base, RiskError> {
	let curves: Vec<_> =
		books.iter().map(|valued| valued.evaluation.curves(&valued.book)).collect();
	let orders: Vec<_> = books.iter().map(|valued| valued.evaluation.order_losses()).collect();
	if orders.iter().all(|orders| orders.is_empty()) {
		return aggregator.base(&curves);
	}
	aggregator.base_with_orders(&curves, &orders)
}

impl Valued {
	/// Each exposure's mark and losses, where the book was valued.
	pub(crate) fn details(&self) -> Result<Vec<Detail>, RiskError> {
		let mut details = Vec::with_capacity(self.book.exposures.len());
		let Evaluation { prices, shift, .. } = &self.evaluation;
		evaluate(&self.book, prices.clone(), *shift, Some(&mut details))?;
		Ok(details)
	}
}

/// A book at its middle prices, and where the stance prefers others.
struct Judged {
	middle: Evaluation,
	better: Option<Evaluation>,
}

/// Values a book at the middle prices and at those that the stance prefers.
fn judge(book: &Book, stance: Stance) -> Result<Judged, RiskError> {
	let middle = evaluate(book, moved(book, Some)?, Some(Shift::Middle), None)?;
	let width = match stance {
		Stance::Mark => return Ok(Judged { middle, better: None }),
		Stance::Unfavourable if !book.live => {
			return Err(RiskError::StalePrice(book.underlying));
		}
		Stance::Favourable if !book.live => book.half_width.max(scan_width(book, middle.spot())?),
		Stance::Unfavourable | Stance::Favourable => book.half_width,
	};
	if width.is_zero() {
		return Ok(Judged { middle, better: None });
	}
	// Saturating at zero: an interval wider than the price itself reaches down to nothing.
	let lower = moved(book, |price| Some(price.checked_sub(width).unwrap_or(Price::ZERO)))?;
	let upper = moved(book, |price| price.checked_add(width))?;
	let mut best = (preference(&alone(&middle)?, stance)?, None);
	for (prices, shift) in [(lower, Shift::Down), (upper, Shift::Up)] {
		let candidate = evaluate(book, prices, Some(shift), None)?;
		let value = preference(&alone(&candidate)?, stance)?;
		if value > best.0 {
			best = (value, Some(candidate));
		}
	}
	Ok(Judged { middle, better: best.1 })
}

/// Where the account would stand if there were no other underlying.
fn alone(evaluation: &Evaluation) -> Result<Margin, RiskError> {
	let Requirement { initial, maintenance } = evaluation.requirement()?;
	let Evaluation { equity, net_value, .. } = *evaluation;
	Ok(Margin { equity, net_value, initial, maintenance })
}

/// The scan range in USD; zero for what is not in the model.
fn scan_width(book: &Book, spot: Price) -> Result<Price, RiskError> {
	let range = book.scan_range.map_or(0, |range| range.into_inner());
	Ok(Price::from_inner(multiply_unsigned_decimal(spot.into_inner(), range)?))
}

/// What the stance looks for the most of.
fn preference(margin: &Margin, stance: Stance) -> Result<UsdValue, RiskError> {
	let difference = match stance {
		Stance::Unfavourable => margin.initial.checked_sub(margin.equity),
		Stance::Favourable | Stance::Mark => margin.equity.checked_sub(margin.maintenance),
	};
	difference.ok_or(RiskError::Overflow)
}

/// The book's levels, each moved; `None` from `by` is an overflow.
fn moved(book: &Book, by: impl Fn(Price) -> Option<Price>) -> Result<Vec<Price>, RiskError> {
	book.levels.iter().map(|level| by(level.price).ok_or(RiskError::Overflow)).collect()
}
