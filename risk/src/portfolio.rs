//! The whole account: which end of each confidence interval it is judged at, and the sums.

use crate::{
	arrays::RiskArrays,
	base::{Aggregator, Base},
	book::{underlyings, Book},
	engine::{evaluate, Evaluation},
	error::RiskError,
	fixed::multiply_unsigned_decimal,
	margin_factors::MarginFactors,
	mark::payoff,
	model::RiskModel,
	report::{Margin, Requirement},
	series::Shift,
	state::{AccountState, Leg, MarketState},
};
use alloc::{vec, vec::Vec};
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
		for underlying in underlyings {
			let mut book = Book::new(arrays, account, underlying)?;
			if !orders.is_empty() {
				book.add_orders(arrays, orders)?;
			}
			let evaluation = evaluate(&book, moved(&book, Some)?, Some(Shift::Middle))?;
			books.push(Valued { book, evaluation });
		}
		let base =
			base(&aggregator, books.iter().map(|valued| (&valued.book, &valued.evaluation)))?;
		let mut portfolio = Self { certain, books, aggregator, factors, base };
		if stance != Stance::Mark {
			let ends = portfolio.ends(stance)?;
			portfolio.prefer(ends, stance)?;
		}
		Ok(portfolio)
	}

	/// Each book at both ends of its interval; nothing where there are none.
	fn ends(&self, stance: Stance) -> Result<Vec<Vec<Evaluation>>, RiskError> {
		self.books.iter().map(|valued| ends(valued, stance)).collect()
	}

	/// Takes each underlying's preferred prices, unless the account as a whole is not better (or, at
	/// unfavourable prices, not worse) for it: what is preferred of one underlying alone may offset
	/// more of another.
	fn prefer(&mut self, ends: Vec<Vec<Evaluation>>, stance: Stance) -> Result<(), RiskError> {
		let Some((picks, base)) = self.preferred(&ends, stance)? else { return Ok(()) };
		for ((valued, ends), pick) in self.books.iter_mut().zip(ends).zip(picks) {
			if let Some(end) = pick.and_then(|pick| ends.into_iter().nth(pick)) {
				valued.evaluation = end;
			}
		}
		self.base = base;
		Ok(())
	}

	/// Which end of each book the stance prefers, and the base there; `None` where it prefers all in
	/// the middle.
	fn preferred(
		&self,
		ends: &[Vec<Evaluation>],
		stance: Stance,
	) -> Result<Option<(Vec<Option<usize>>, Base)>, RiskError> {
		let pairs = self.books.iter().zip(ends);
		let picks = pairs
			.map(|(valued, ends)| better(&valued.evaluation, ends, stance))
			.collect::<Result<Vec<_>, _>>()?;
		if picks.iter().all(Option::is_none) {
			return Ok(None);
		}
		let picked = self.picked(ends, &picks);
		let base = self.base_at(&picked)?;
		let there = self.decisive(stance, &picked, &base)?;
		let here = self.decisive(stance, &self.valued_at(), &self.base)?;
		let is_better = preference(&there, stance)? >= preference(&here, stance)?;
		Ok(is_better.then_some((picks, base)))
	}

	/// Each book's evaluation at the end that was picked, or in the middle.
	fn picked<'a>(
		&'a self,
		ends: &'a [Vec<Evaluation>],
		picks: &[Option<usize>],
	) -> Vec<&'a Evaluation> {
		let all = self.books.iter().zip(ends).zip(picks);
		all.map(|((valued, ends), pick)| {
			pick.and_then(|pick| ends.get(pick)).unwrap_or(&valued.evaluation)
		})
		.collect()
	}

	/// What `margin` is at other stances, of a portfolio that was valued at mark: at the prices (least,
	/// most) favourable to the account. The same figures as valued anew, for less.
	pub(crate) fn margins_at_ends(&self) -> Result<(Result<Margin, RiskError>, Margin), RiskError> {
		let most = self.ends(Stance::Favourable)?;
		let at = |ends: &[Vec<Evaluation>], stance| match self.preferred(ends, stance)? {
			None => self.margin(),
			Some((picks, base)) => self.margin_at(&self.picked(ends, &picks), &base),
		};
		// Live prices have the same ends for both.
		let stale = self.books.iter().find(|valued| !valued.book.live);
		let least = match stale {
			Some(valued) => Err(RiskError::StalePrice(valued.book.underlying)),
			None => at(&most, Stance::Unfavourable),
		};
		Ok((least, at(&most, Stance::Favourable)?))
	}

	/// Each book's evaluation.
	fn valued_at(&self) -> Vec<&Evaluation> {
		self.books.iter().map(|valued| &valued.evaluation).collect()
	}

	/// The base, each book being valued like this.
	fn base_at(&self, at: &[&Evaluation]) -> Result<Base, RiskError> {
		base(&self.aggregator, self.books.iter().map(|valued| &valued.book).zip(at.iter().copied()))
	}

	/// The base of what is held; `None` without open orders, where it is the base.
	fn held_base(&self, at: &[&Evaluation]) -> Result<Option<UsdValue>, RiskError> {
		if at.iter().all(|evaluation| evaluation.filled.is_none()) {
			return Ok(None);
		}
		let pairs = self.books.iter().zip(at);
		let curves: Vec<_> = pairs.map(|(valued, at)| at.held_curves(&valued.book)).collect();
		Ok(Some(self.aggregator.base(&curves)?.amount))
	}

	/// What the stance's preference looks at: at unfavourable prices not at maintenance margin.
	fn decisive(
		&self,
		stance: Stance,
		at: &[&Evaluation],
		base: &Base,
	) -> Result<Margin, RiskError> {
		match stance {
			Stance::Unfavourable => self.sums(at, base),
			Stance::Mark | Stance::Favourable => self.margin_at(at, base),
		}
	}

	/// The margin of the whole.
	pub(crate) fn margin(&self) -> Result<Margin, RiskError> {
		self.margin_at(&self.valued_at(), &self.base)
	}

	fn margin_at(&self, at: &[&Evaluation], base: &Base) -> Result<Margin, RiskError> {
		let mut margin = self.sums(at, base)?;
		if let Some(held) = self.held_base(at)? {
			// Contingencies of maintenance margin do not look at orders.
			let of = |base: UsdValue| -> Result<UsdValue, RiskError> {
				Ok(self.factors.requirement(base, Rounding::Up)?.maintenance)
			};
			let held = of(held)?;
			margin.maintenance = margin
				.maintenance
				.checked_sub(of(base.amount)?)
				.and_then(|rest| rest.checked_add(held))
				.ok_or(RiskError::Overflow)?;
		}
		Ok(margin)
	}

	/// The sums, both margins of the base.
	fn sums(&self, at: &[&Evaluation], base: &Base) -> Result<Margin, RiskError> {
		let mut equity = self.certain;
		let mut net_value = self.certain;
		let mut requirement = self.factors.requirement(base.amount, Rounding::Up)?;
		for evaluation in at {
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

/// The base of the account that these books, so valued, make up.
fn base<'a>(
	aggregator: &Aggregator,
	books: impl Iterator<Item = (&'a Book, &'a Evaluation)>,
) -> Result<Base, RiskError> {
	let (curves, orders): (Vec<_>, Vec<_>) =
		books.map(|(book, at)| (at.curves(book), at.order_losses())).unzip();
	if orders.iter().all(|orders| orders.is_empty()) {
		return aggregator.base(&curves);
	}
	aggregator.base_with_orders(&curves, &orders)
}

/// A book at the lower and the upper end of the interval that the stance gives it; nothing where that
/// has no width.
fn ends(valued: &Valued, stance: Stance) -> Result<Vec<Evaluation>, RiskError> {
	let Valued { book, evaluation } = valued;
	let width = match stance {
		Stance::Mark => Price::ZERO,
		Stance::Unfavourable if !book.live => {
			return Err(RiskError::StalePrice(book.underlying));
		}
		Stance::Favourable if !book.live => {
			book.half_width.max(scan_width(book, evaluation.spot())?)
		}
		Stance::Unfavourable | Stance::Favourable => book.half_width,
	};
	if width.is_zero() {
		return Ok(Vec::new());
	}
	// Saturating at zero: an interval wider than the price itself reaches down to nothing.
	let lower = moved(book, |price| Some(price.checked_sub(width).unwrap_or(Price::ZERO)))?;
	let upper = moved(book, |price| price.checked_add(width))?;
	Ok(vec![evaluate(book, lower, Some(Shift::Down))?, evaluate(book, upper, Some(Shift::Up))?])
}

/// The end that the stance prefers to the middle and to the other end, if it does.
fn better(
	middle: &Evaluation,
	ends: &[Evaluation],
	stance: Stance,
) -> Result<Option<usize>, RiskError> {
	let mut best = (preference(&alone(middle)?, stance)?, None);
	for (index, end) in ends.iter().enumerate() {
		let value = preference(&alone(end)?, stance)?;
		if value > best.0 {
			best = (value, Some(index));
		}
	}
	Ok(best.1)
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
