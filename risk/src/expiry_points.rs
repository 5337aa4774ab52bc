//! Payoffs at expiry between the scenarios' prices.
//!
//! A narrow butterfly pays or owes at its middle strike what no scenario beside it sees. So for each
//! expiry that is near, the account's loss at its expiry joins the scenarios: what the expiry's
//! options are worth now less what they pay at a price, and what everything else loses at the same
//! relative move, interpolated between the *nodes*, the scenarios that move the price alone and
//! count in full. It is looked at at every strike held and at every node; the outermost nodes are
//! the ends of the scan.
//!
//! ## Why these points are enough, and keep the scan sub-additive
//!
//! For account X and expiry E let `L_X(p)` be that loss at the price p of E, between the outermost
//! nodes a and b. The payoff of E's options is linear between X's strikes, the interpolation between
//! nodes; so `L_X` is continuous and linear between the points looked at, and their largest loss is
//! `max over [a, b] of L_X`: the same set of prices for every account. At every single price the
//! loss of two accounts together is at most the sum of theirs (the payoff's part and a grid without
//! static discounting are sums; a cut by the sign of the value is super-additive in the value), so
//! the same holds of the largest over [a, b]. Where X has no option of E, `L_X` is the interpolation
//! alone and at most the worst node, which is a scenario of X already. Hence
//! `scan(A + B) ≤ scan(A) + scan(B)`, and the scan grows in proportion to the account.
//!
//! In integers: payoffs and nodes are exact, each interpolation is off by less than a unit
//! ([`Line`]), and the loss is rounded once, so the inequality holds to within 4 units of 1e-18 USD
//! (and what each scenario's own rounding and cuts take).
//!
//! Other near expiries count at a point by interpolation: each expiry's payoff is looked at by
//! itself. What has expired and is not settled follows spot, all of it together.

use crate::{
	black76::intrinsic,
	book::{Book, Exposure},
	curve::{after_cut, Curve},
	engine::{Detail, Path},
	error::RiskError,
	fixed::Wide,
	interpolation::Line,
	level::LevelKind,
	open_orders::Order,
};
use alloc::{rc::Rc, vec::Vec};
use plimsoll_primitives::{Moment, OptionKind, Price, Rounding, UsdValue};

/// A price between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Between {
	/// The next node below, as an index into the book's shocks.
	pub(crate) below: usize,
	/// The next node above.
	pub(crate) above: usize,
	/// How far above the lower one, as a price of the level; below the width.
	offset: u128,
	/// How far apart they are; above zero unless the price is the lower node's.
	width: u128,
}

impl Between {
	/// The node itself.
	const fn at(node: usize) -> Self {
		Self { below: node, above: node, offset: 0, width: 0 }
	}

	/// What is `below` and `above` at the nodes, interpolated.
	pub(crate) fn interpolate(&self, below: Wide, above: Wide) -> Result<Wide, RiskError> {
		if self.offset == 0 {
			return Ok(below);
		}
		Ok(Line::through(below, above, self.width)?.at(self.offset)?)
	}
}

/// A price at which an expiry pays off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point {
	/// The level whose options pay off, as an index into the book's.
	pub(crate) level: usize,
	/// Of the level.
	pub(crate) price: Price,
	/// Where everything else is.
	pub(crate) between: Between,
}

/// An option of a near expiry.
struct Held {
	level: usize,
	strike: Price,
	kind: OptionKind,
	size: i128,
}

/// The largest loss of `exposures`, whose losses `curve` has, at an expiry, rounded up, and where;
/// `None` where no option of them is near its expiry. `paths` are the book's levels.
///
/// The cost is one sort of the options and one step for each strike and each node of each expiry.
pub(crate) fn worst_point(
	book: &Book,
	exposures: &[Exposure],
	curve: &Curve,
	paths: &[Rc<Path>],
) -> Result<Option<(UsdValue, Point)>, RiskError> {
	worst_point_with_orders(book, exposures, curve, paths, &[])
}

/// The same when those of `orders` have filled that lose there. What an order loses is linear between
/// the points, and the part of it that is above zero convex: so is the sum, and its largest value is at
/// a point still. Where an order's options do not pay off, the part above zero is taken at the nodes and
/// then interpolated, which is no less.
pub(crate) fn worst_point_with_orders(
	book: &Book,
	exposures: &[Exposure],
	curve: &Curve,
	paths: &[Rc<Path>],
	orders: &[Order],
) -> Result<Option<(UsdValue, Point)>, RiskError> {
	let held = held(book, exposures, orders);
	if held.is_empty() {
		return Ok(None);
	}
	let totals =
		book.nodes.iter().map(|node| curve.total(book, *node)).collect::<Result<Vec<_>, _>>()?;
	let mut worst: Option<(UsdValue, Point)> = None;
	for options in held.chunk_by(|a, b| a.level == b.level) {
		let Some(Held { level, .. }) = options.first() else { continue };
		let (_, path) = &**paths.get(*level).ok_or(RiskError::OutOfDomain)?;
		let mut nodes = Vec::with_capacity(book.nodes.len());
		for (node, total) in book.nodes.iter().zip(&totals) {
			let price = path.get(*node).ok_or(RiskError::OutOfDomain)?.price;
			// All but the options that pay off.
			let mut rest = total.subtract(curve.options_loss(book, *level, *node)?)?;
			for order in orders.iter().filter(|order| order.strike_at(*level).is_none()) {
				rest = rest.add(order.loss_at(book, *node)?)?;
			}
			nodes.push(Node { index: *node, price, rest });
		}
		let mut sweep = Sweep {
			level: *level,
			payoff: PayoffLine::at_zero(options)?,
			value: curve.options_now(*level)?,
			orders,
			worst,
		};
		sweep.over(options, &nodes)?;
		worst = sweep.worst;
	}
	Ok(worst)
}

/// The options of near expiries, by level and strike.
fn held(book: &Book, exposures: &[Exposure], orders: &[Order]) -> Vec<Held> {
	if book.expiry_points_within == 0 || book.nodes.is_empty() {
		return Vec::new();
	}
	let is_near = |level: usize| {
		book.levels.get(level).is_some_and(|level| {
			level.tenor.milliseconds() <= book.expiry_points_within
				&& matches!(level.kind, LevelKind::Expiry(_) | LevelKind::Spot)
		})
	};
	let mut held: Vec<_> = exposures
		.iter()
		.filter(|exposure| is_near(exposure.level))
		.filter_map(|exposure| {
			let (kind, strike) = exposure.terms()?;
			Some(Held { level: exposure.level, strike, kind, size: exposure.size })
		})
		.collect();
	// Of orders nothing is held; their strikes are looked at.
	let ordered = orders.iter().map(|order| order.exposure);
	held.extend(ordered.filter(|exposure| is_near(exposure.level)).filter_map(|exposure| {
		let (kind, strike) = exposure.terms()?;
		Some(Held { level: exposure.level, strike, kind, size: 0 })
	}));
	held.sort_unstable_by_key(|option| (option.level, option.strike));
	held
}

/// A node as an expiry sees it.
struct Node {
	index: usize,
	price: Price,
	/// What all but the expiry's options lose there.
	rest: Wide,
}

/// What options pay as the price rises: a straight line until the next strike.
struct PayoffLine {
	/// Contracts.
	slope: i128,
	intercept: Wide,
}

impl PayoffLine {
	/// Below all strikes: every put pays.
	fn at_zero(options: &[Held]) -> Result<Self, RiskError> {
		let mut line = Self { slope: 0, intercept: Wide::ZERO };
		for option in options.iter().filter(|option| option.kind == OptionKind::Put) {
			line.slope = line.slope.checked_sub(option.size).ok_or(RiskError::Overflow)?;
			let strike = Wide::product(option.strike.into_inner(), option.size);
			line.intercept = line.intercept.add(strike)?;
		}
		Ok(line)
	}

	/// Above a strike its call pays and its put no longer does: either way the slope gains the size.
	fn pass(&mut self, option: &Held) -> Result<(), RiskError> {
		self.slope = self.slope.checked_add(option.size).ok_or(RiskError::Overflow)?;
		let strike = Wide::product(option.strike.into_inner(), option.size);
		self.intercept = self.intercept.subtract(strike)?;
		Ok(())
	}

	fn at(&self, price: Price) -> Result<Wide, RiskError> {
		Ok(Wide::product(price.into_inner(), self.slope).add(self.intercept)?)
	}
}

/// A walk up one expiry's prices.
struct Sweep<'a> {
	level: usize,
	payoff: PayoffLine,
	/// What the options are worth now.
	value: Wide,
	/// What may fill besides.
	orders: &'a [Order<'a>],
	worst: Option<(UsdValue, Point)>,
}

impl Sweep<'_> {
	/// Past every strike between the outermost nodes, and every node.
	fn over(&mut self, options: &[Held], nodes: &[Node]) -> Result<(), RiskError> {
		let mut options = options.iter().peekable();
		let mut below: Option<&Node> = None;
		for node in nodes {
			let mut line = None;
			let mut last = None;
			while let Some(option) = options.next_if(|option| option.strike < node.price) {
				self.payoff.pass(option)?;
				// Strikes at or below the lower node are none of this interval.
				let Some((lower, offset, width)) = interval(below, option.strike, node) else {
					continue;
				};
				if last.replace(option.strike) == Some(option.strike) {
					continue;
				}
				let line = match &line {
					Some(line) => line,
					None => line.insert(Line::through(lower.rest, node.rest, width)?),
				};
				let between = Between { below: lower.index, above: node.index, offset, width };
				self.look(option.strike, between, line.at(offset)?)?;
			}
			self.look(node.price, Between::at(node.index), node.rest)?;
			below = Some(node);
		}
		Ok(())
	}

	/// One price, at which all else loses `rest`.
	fn look(&mut self, price: Price, between: Between, rest: Wide) -> Result<(), RiskError> {
		let mut own = self.value.subtract(self.payoff.at(price)?)?;
		for order in self.orders {
			let Some((kind, strike)) = order.strike_at(self.level) else { continue };
			own = own.add(order.loss_to(intrinsic(kind, price, strike))?)?;
		}
		let loss = UsdValue::from_inner(own.add(rest)?.to_decimal(Rounding::Up)?);
		if self.worst.is_none_or(|(worst, _)| loss > worst) {
			self.worst = Some((loss, Point { level: self.level, price, between }));
		}
		Ok(())
	}
}

/// The lower node, how far `strike` is above it and how far `above` is; `None` where the strike is
/// not above one.
fn interval<'a>(
	below: Option<&'a Node>,
	strike: Price,
	above: &Node,
) -> Option<(&'a Node, u128, u128)> {
	let below = below?;
	let offset = strike.into_inner().checked_sub(below.price.into_inner())?;
	let width = above.price.into_inner().checked_sub(below.price.into_inner())?;
	(offset > 0 && width > 0).then_some((below, offset, width))
}

impl Point {
	/// The expiry whose options pay off; `None` for those that have expired.
	pub(crate) fn expiry(&self, book: &Book) -> Option<Moment> {
		match book.levels.get(self.level)?.kind {
			LevelKind::Expiry(expiry) => Some(expiry),
			_ => None,
		}
	}

	/// An exposure's part of the loss here, rounded down.
	pub(crate) fn part(
		&self,
		book: &Book,
		curve: &Curve,
		exposure: &Exposure,
		detail: &Detail,
	) -> Result<UsdValue, RiskError> {
		let loss = match exposure.terms() {
			Some((kind, strike)) if exposure.level == self.level => {
				let payoff = intrinsic(kind, self.price, strike);
				let value = Wide::product(detail.mark.into_inner(), exposure.size);
				value.subtract(Wide::product(payoff.into_inner(), exposure.size))?
			}
			_ => {
				let at = |node: usize| -> Result<Wide, RiskError> {
					let loss = detail.losses.get(node).copied().ok_or(RiskError::OutOfDomain)?;
					let cut = curve.cut(book, exposure.level, node)?;
					after_cut(cut, exposure, detail.mark, loss)
				};
				self.between.interpolate(at(self.between.below)?, at(self.between.above)?)?
			}
		};
		Ok(UsdValue::from_inner(loss.to_decimal(Rounding::Down)?))
	}

	/// What the options of a level lose here, before rounding.
	pub(crate) fn options_loss(
		&self,
		book: &Book,
		exposures: &[Exposure],
		curve: &Curve,
		level: usize,
	) -> Result<Wide, RiskError> {
		if level != self.level {
			let at = |node: usize| curve.options_loss(book, level, node);
			return self.between.interpolate(at(self.between.below)?, at(self.between.above)?);
		}
		let mut loss = curve.options_now(level)?;
		for exposure in exposures.iter().filter(|exposure| exposure.level == level) {
			let Some((kind, strike)) = exposure.terms() else { continue };
			let payoff = intrinsic(kind, self.price, strike);
			loss = loss.subtract(Wide::product(payoff.into_inner(), exposure.size))?;
		}
		Ok(loss)
	}

	/// The price of a level here, rounded down.
	pub(crate) fn level_price(&self, path: &Path, level: usize) -> Result<Price, RiskError> {
		if level == self.level {
			return Ok(self.price);
		}
		let at = |node: usize| -> Result<Wide, RiskError> {
			let price = path.1.get(node).ok_or(RiskError::OutOfDomain)?.price.into_inner();
			Ok(Wide::product(price, 1))
		};
		let price = self.between.interpolate(at(self.between.below)?, at(self.between.above)?)?;
		// In steps of a price as they were put in: divided by one.
		let (price, _) = price.divide(1)?;
		u128::try_from(price).map(Price::from_inner).map_err(|_| RiskError::Overflow)
	}
}
