//! The worst of an underlying's loss curve, its payoffs at expiry and the basis shock.

use super::{black, book::Book};
use crate::figure::Figure;
use std::collections::BTreeMap;

/// What the worst is the loss of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Worst {
	/// A scenario, by index.
	Scenario(usize),
	/// The basis shock.
	Basis,
	/// An expiry's payoff.
	Payoff(Point),
}

/// A price at which a level's options pay off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
	/// Of this level.
	pub level: usize,
	/// USD.
	pub price: Figure,
	/// The nodes around it.
	pub nodes: (usize, usize),
	/// How far from the lower to the upper one, 0 to 1.
	place: f64,
	place_error: f64,
}

/// An underlying's losses.
pub struct Scan {
	/// In each scenario, before its weight.
	pub undampened: Vec<Figure>,
	/// In each scenario, after it.
	pub losses: Vec<Figure>,
	/// In the basis shock.
	pub basis: Figure,
	/// The worst of all, at least zero.
	pub amount: Figure,
	/// What it is, where nothing else comes near and something loses.
	pub worst: Option<Worst>,
}

impl Scan {
	/// Of a book; nothing where nothing is exposed.
	pub fn of(book: &Book) -> Self {
		let scenarios = if book.exposures.is_empty() { 0 } else { book.model.scenarios.len() };
		let undampened: Vec<_> =
			(0..scenarios).map(|index| book.loss(index).off_by(1e-18)).collect();
		let weigh = |(loss, index): (&Figure, usize)| *loss * book.shocks[index].weight;
		let losses: Vec<_> = undampened.iter().zip(0..).map(weigh).collect();
		let basis = (0..book.levels.len()).map(|level| book.basis_side(level).1).sum();
		let mut candidates: Vec<_> =
			losses.iter().zip(0..).map(|(loss, index)| (*loss, Worst::Scenario(index))).collect();
		candidates.push((basis, Worst::Basis));
		candidates.extend(points(book).map(|(loss, point)| (loss, Worst::Payoff(point))));
		let amount = candidates.iter().fold(Figure::ZERO, |amount, (loss, _)| amount.max(*loss));
		let mut near = candidates.iter().filter(|(loss, _)| {
			loss.value > 0.0 && loss.value + 4.0 * amount.error >= amount.value
		});
		let worst = match (near.next(), near.next()) {
			(Some((_, worst)), None) => Some(*worst),
			_ => None,
		};
		Self { undampened, losses, basis, amount, worst }
	}
}

impl Point {
	/// What is `of` the nodes, interpolated.
	pub fn interpolate(&self, of: impl Fn(usize) -> Figure) -> Figure {
		let (below, above) = (of(self.nodes.0), of(self.nodes.1));
		let moved = self.place_error * (below.value - above.value).abs();
		Figure::between(below, above, self.place).off_by(moved)
	}

	/// What the level's own options lose.
	pub fn own_loss(&self, book: &Book) -> Figure {
		let paid = book.at(self.level, true).filter_map(|option| {
			let terms = option.option?;
			Some(black::payoff(terms.kind, self.price, terms.strike) * option.size)
		});
		book.options_value(self.level) - paid.sum()
	}
}

/// The loss at every strike and every node of every near expiry with options.
fn points<'a>(book: &'a Book) -> impl Iterator<Item = (Figure, Point)> + 'a {
	let within = book.model.expiry_points_within;
	(0..book.levels.len())
		.filter(move |level| within > 0 && book.levels[*level].milliseconds <= within)
		.flat_map(move |level| {
			let places = places(book, level);
			let nodes = if places.is_empty() { &[] } else { book.nodes.as_slice() };
			let rest = |node: &usize| (*node, book.loss(*node) - book.options_loss(level, *node));
			let rests: BTreeMap<_, _> = nodes.iter().map(rest).collect();
			let loss = move |point: Point| {
				(point.own_loss(book) + point.interpolate(|node| rests[&node]), point)
			};
			places.into_iter().map(loss)
		})
}

fn places(book: &Book, level: usize) -> Vec<Point> {
	let mut strikes: Vec<_> = book.at(level, true).filter_map(|o| Some(o.option?.strike)).collect();
	if strikes.is_empty() {
		return Vec::new();
	}
	strikes.sort_by(f64::total_cmp);
	strikes.dedup();
	let price = |node: usize| book.levels[level].shocked(book.shocks[node].factor);
	let mut places: Vec<_> = book
		.nodes
		.iter()
		.map(|node| Point {
			level,
			price: price(*node),
			nodes: (*node, *node),
			place: 0.0,
			place_error: 0.0,
		})
		.collect();
	for pair in book.nodes.windows(2) {
		let (below, above) = (price(pair[0]), price(pair[1]));
		let inside = strikes.iter().filter(|k| **k > below.value && **k < above.value);
		places.extend(inside.map(|strike| {
			let width = above.value - below.value;
			let place = (strike - below.value) / width;
			let place_error = 2.0 * (above.error + below.error) / width;
			let (price, nodes) = (Figure::of(*strike), (pair[0], pair[1]));
			Point { level, price, nodes, place, place_error }
		}));
	}
	places
}
