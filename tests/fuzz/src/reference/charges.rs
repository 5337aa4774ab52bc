//! What margins ask for on top of the base.

use super::{
	book::{Book, Terms},
	laws::fraction,
	scan::{Point, Scan, Worst},
};
use crate::figure::Figure;
use plimsoll_primitives::{Contract, Instrument, OptionKind, Price};
use plimsoll_risk::{GammaBuffer, Leg, NotionalCharge};
use sp_arithmetic::FixedU128;
use std::collections::BTreeMap;

/// A figure for each margin.
#[derive(Clone, Copy, Debug, Default)]
pub struct Both {
	pub initial: Figure,
	pub maintenance: Figure,
}

impl Both {
	/// A charge on a notional.
	fn of(notional: Figure, rates: &NotionalCharge) -> Self {
		Self {
			initial: notional * fraction(rates.initial),
			maintenance: notional * fraction(rates.maintenance),
		}
	}

	/// The same in both.
	fn same(charge: Figure) -> Self {
		Self { initial: charge, maintenance: charge }
	}

	/// The sum.
	pub fn plus(self, other: Self) -> Self {
		Self {
			initial: self.initial + other.initial,
			maintenance: self.maintenance + other.maintenance,
		}
	}

	/// With the initial one multiplied.
	pub fn scaled(self, factor: f64) -> Self {
		Self { initial: self.initial * factor, ..self }
	}
}

/// One underlying's charges.
pub struct Charges {
	pub naked_short: Both,
	pub perpetual: Both,
	/// `None` where it hangs on which of two equal losses the scan is.
	pub gamma_buffer: Option<Both>,
	/// The least and the most that the gamma buffer may be: nothing, and no jump taken off.
	pub gamma_most: Figure,
	pub concentration: Both,
	pub delta_notional: Figure,
	pub option_notional: Figure,
}

impl Charges {
	/// Of a book, `legs` being the account's. What `scales` is initial charges are multiplied by.
	pub fn of(book: &Book, scan: &Scan, legs: &[Leg], scales: f64) -> Self {
		let legs: Vec<_> = legs
			.iter()
			.filter(|leg| leg.settled_at.is_none() && leg.instrument.underlying == book.id)
			.collect();
		let (gamma, gamma_most) = gamma_buffer(book, scan);
		let (delta_notional, delta) = delta_charge(book);
		let (option_notional, options) = option_charge(book, &legs);
		Self {
			naked_short: naked(book, &legs).scaled(scales),
			perpetual: perpetual(book, &legs).scaled(scales),
			gamma_buffer: gamma.map(|charge| Both::same(charge).scaled(scales)),
			gamma_most,
			concentration: Both::same(delta + options).scaled(scales),
			delta_notional,
			option_notional,
		}
	}

	/// All of them.
	pub fn total(&self) -> Option<Both> {
		let sum = self.naked_short.plus(self.perpetual).plus(self.concentration);
		self.gamma_buffer.map(|gamma| sum.plus(gamma))
	}
}

/// Contracts, 18 decimals, net by what `key` makes of a leg.
fn net<K: Ord>(legs: &[&Leg], key: impl Fn(&Instrument) -> Option<K>) -> BTreeMap<K, i128> {
	let mut sums = BTreeMap::new();
	for leg in legs {
		if let Some(key) = key(&leg.instrument) {
			let sum: &mut i128 = sums.entry(key).or_default();
			*sum = sum.saturating_add(leg.size.into_inner());
		}
	}
	sums
}

/// Contracts as a float.
fn contracts(raw: i128) -> Figure {
	Figure::of(raw as f64 / 1e18)
}

/// Short options that no option of the other kind at their strike covers.
fn naked(book: &Book, legs: &[&Leg]) -> Both {
	let of_kind = |wanted: OptionKind| {
		net(legs, |instrument| match instrument.contract {
			Contract::Option { expiry, strike, kind } if kind == wanted => Some((expiry, strike)),
			_ => None,
		})
	};
	let (calls, puts) = (of_kind(OptionKind::Call), of_kind(OptionKind::Put));
	let uncovered = |own: &BTreeMap<(u64, Price), i128>, others: &BTreeMap<(u64, Price), i128>| {
		let short = |(at, size): (&(u64, Price), &i128)| {
			let cover = others.get(at).copied().unwrap_or(0).max(0);
			contracts(size.saturating_add(cover).min(0).saturating_neg())
		};
		own.iter().map(short).sum::<Figure>()
	};
	let quantity = uncovered(&calls, &puts) + uncovered(&puts, &calls);
	Both::of(quantity * book.spot, &book.model.naked_short)
}

/// The net perpetual position.
fn perpetual(book: &Book, legs: &[&Leg]) -> Both {
	let is_perpetual = |i: &Instrument| (i.contract == Contract::Perpetual).then_some(());
	let size = net(legs, is_perpetual).get(&()).copied().unwrap_or(0);
	Both::of(contracts(size).abs() * book.spot, &book.model.perpetual)
}

/// `rate · N · max(0, N / liquidity − 1)`.
fn large(notional: Figure, rate: FixedU128, liquidity: FixedU128) -> Figure {
	let liquidity = fraction(liquidity);
	let excess = (notional * (1.0 / liquidity) - Figure::new(1.0, 0.0)).at_least_zero();
	notional * fraction(rate) * excess
}

/// The steepest slope of the loss curve between neighbouring nodes, and what it costs.
fn delta_charge(book: &Book) -> (Figure, Figure) {
	let rate = book.model.concentration.delta_rate;
	let liquidity = book.model.liquidity(book.id).delta;
	if rate.into_inner() == 0 || liquidity.into_inner() == 0 {
		return (Figure::ZERO, Figure::ZERO);
	}
	let loss = |node: usize| -> Figure {
		book.exposures.iter().map(|exposure| exposure.losses[node]).sum()
	};
	let mut steepest = Figure::ZERO;
	for pair in book.nodes.windows(2) {
		let width = book.shocks[pair[1]].factor - book.shocks[pair[0]].factor;
		if width < 8.0 * f64::EPSILON {
			// Floats do not tell these nodes apart.
			let unknown = Figure::new(0.0, f64::INFINITY);
			return (unknown, unknown);
		}
		let step = Figure::new(1.0 / width, 8.0 * f64::EPSILON / (width * width));
		steepest = steepest.max((loss(pair[0]) - loss(pair[1])).abs() * step);
	}
	(steepest, large(steepest, rate, liquidity))
}

/// Living options' contracts, net by series, times spot, and what they cost.
fn option_charge(book: &Book, legs: &[&Leg]) -> (Figure, Figure) {
	let rate = book.model.concentration.option_rate;
	let liquidity = book.model.liquidity(book.id).options;
	if rate.into_inner() == 0 || liquidity.into_inner() == 0 {
		return (Figure::ZERO, Figure::ZERO);
	}
	let expiries: Vec<_> = book.levels.iter().filter_map(|level| level.expiry).collect();
	let notional = series(legs, |expiry| expiries.contains(&expiry)) * book.spot;
	(notional, large(notional, rate, liquidity))
}

/// Options' contracts of some expiries, net by series and without their signs.
fn series(legs: &[&Leg], is_counted: impl Fn(u64) -> bool) -> Figure {
	let sums = net(legs, |instrument| match instrument.contract {
		Contract::Option { expiry, strike, kind } if is_counted(expiry) => {
			Some((expiry, strike, kind == OptionKind::Call))
		}
		_ => None,
	});
	sums.values().map(|size| contracts(*size).abs()).sum()
}

/// What options about to expire lose in a jump beyond what the scan has of it; `None` where it is
/// open what the scan is. And the same without anything taken off.
fn gamma_buffer(book: &Book, scan: &Scan) -> (Option<Figure>, Figure) {
	let (mut charge, mut most) = (Some(Figure::ZERO), Figure::ZERO);
	let Some(terms) = &book.model.gamma_buffer else { return (charge, most) };
	for (index, level) in book.levels.iter().enumerate() {
		let has_options = book.at(index, true).any(|option| option.option.is_some());
		if level.expiry.is_none() || level.milliseconds >= terms.window || !has_options {
			continue;
		}
		let share = (terms.window - level.milliseconds) as f64 / terms.window as f64;
		let jump = jump(book, terms, index);
		let loss = [1.0 + jump, 1.0 - jump]
			.map(|factor| beyond_delta(book, index, level.jumped(factor)))
			.into_iter()
			.fold(Figure::ZERO, Figure::max);
		most = most + loss * share;
		let already = if scan.amount.value == 0.0 && scan.amount.error == 0.0 {
			Some(Figure::ZERO)
		} else {
			scan.worst.and_then(|worst| already(book, index, worst))
		};
		charge = match (charge, already) {
			(Some(charge), Some(already)) => {
				Some(charge + (loss - already.at_least_zero()).at_least_zero() * share)
			}
			_ => None,
		};
	}
	(charge, most)
}

/// j of an expiry.
fn jump(book: &Book, terms: &GammaBuffer, level: usize) -> f64 {
	let liquidity = fraction(book.model.liquidity(book.id).options);
	let (least, most) = (fraction(terms.jump), fraction(terms.most));
	if liquidity == 0.0 {
		return least.min(most);
	}
	let mut sums = BTreeMap::new();
	for option in book.at(level, true) {
		if let Some(Terms { kind, strike, .. }) = option.option {
			*sums.entry((strike.to_bits(), kind == OptionKind::Call)).or_insert(0.0) += option.size;
		}
	}
	let size: f64 = sums.values().map(|size: &f64| size.abs()).sum();
	let notional = size * book.levels[level].price.value;
	(least + fraction(terms.jump_per_size) * notional / liquidity).min(most)
}

/// `V(F) − V(p) + Δ·(p − F)` of an expiry's options.
fn beyond_delta(book: &Book, level: usize, price: Figure) -> Figure {
	let at = &book.levels[level];
	let fall = |option: &super::book::Exposure| {
		let Terms { kind, strike, deviation } = option.option?;
		let after = at.worth(kind, strike, deviation?, price).off_by(6e-18);
		Some((option.mark - after) * option.size)
	};
	book.at(level, true).filter_map(fall).sum::<Figure>() + delta_gain(book, level, price)
}

/// `Δ·(p − F)` of an expiry's options.
fn delta_gain(book: &Book, level: usize, price: Figure) -> Figure {
	let at = &book.levels[level];
	let gain = |option: &super::book::Exposure| {
		let Terms { kind, strike, deviation } = option.option?;
		let gain = at.delta(kind, strike, deviation?) * (price - at.price);
		Some(gain.off_by(6e-18) * option.size)
	};
	book.at(level, true).filter_map(gain).sum()
}

/// What an expiry's options lose in what the scan is, beyond what their delta loses there.
fn already(book: &Book, level: usize, worst: Worst) -> Option<Figure> {
	let at = |shock: usize| book.levels[level].shocked(book.shocks[shock].factor);
	let (price, loss, weight) = match worst {
		Worst::Scenario(index) => {
			(at(index), book.options_loss(level, index), book.shocks[index].weight)
		}
		Worst::Payoff(point) if point.level == level => (point.price, point.own_loss(book), 1.0),
		Worst::Payoff(point) => elsewhere(book, level, &point),
		Worst::Basis => match book.basis_side(level).0 {
			None => return Some(Figure::ZERO),
			Some(side) => {
				let part = book.levels[level].basis_factor?;
				(at(side), book.uncut(level, true, side), part)
			}
		},
	};
	Some((loss + delta_gain(book, level, price)) * weight)
}

/// The price and the options' loss of a level at another one's point.
fn elsewhere(book: &Book, level: usize, point: &Point) -> (Figure, Figure, f64) {
	let price = |node: usize| book.levels[level].shocked(book.shocks[node].factor);
	let loss = point.interpolate(|node| book.options_loss(level, node));
	(point.interpolate(price), loss, 1.0)
}
