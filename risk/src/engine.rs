//! Full revaluation: a book at one set of price levels, in every scenario.

use crate::{
	base::Curves,
	book::{Book, Exposure, Holding, Owner},
	concentration::Concentrated,
	contingency::parts,
	curve::{Curve, CurveSums, Losses},
	error::RiskError,
	expiry_points::{worst_point, Point},
	fixed::{multiply_decimal, Fixed, Wide},
	gamma_buffer::{buffers, Buffer},
	kernel::ScaledPrice,
	level::Level,
	math::ln_integer,
	open_orders::{self, Filled},
	report::{Contingencies, Requirement},
	series::{Shift, Values},
	shock::PriceShock,
	sums::loss,
};
use alloc::{rc::Rc, vec::Vec};
use core::cell::OnceCell;
use plimsoll_primitives::{money, number::SCALE, Contracts, Price, Rounding, UsdValue};

/// A price and the logarithm of its scaled integer (`None` at zero).
#[derive(Clone, Copy)]
pub(crate) struct Quoted {
	pub(crate) price: Price,
	pub(crate) log: Option<Fixed>,
	/// Both as the array kernel takes them; `None` at zero.
	pub(crate) scaled: Option<ScaledPrice>,
}

impl Quoted {
	pub(crate) fn new(price: Price) -> Self {
		Self::with_log(price, ln_integer(price.into_inner()).ok())
	}

	/// A price whose logarithm is known.
	pub(crate) fn with_log(price: Price, log: Option<Fixed>) -> Self {
		Self { price, log, scaled: log.and_then(|log| ScaledPrice::new(price, log)) }
	}
}

/// A level's price now and in every scenario.
pub(crate) type Path = (Quoted, Vec<Quoted>);

/// What a cell has, or what `make` puts there.
pub(crate) fn once<T, E>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
	match cell.get() {
		Some(known) => Ok(known),
		None => {
			let made = make()?;
			Ok(cell.get_or_init(|| made))
		}
	}
}

/// A book's value and risk at one set of prices.
pub(crate) struct Evaluation {
	/// The price of each level.
	pub(crate) prices: Vec<Price>,
	/// Where in the confidence interval they are; `None`: anywhere.
	pub(crate) shift: Option<Shift>,
	/// Legs at mark and collateral after haircut, rounded down.
	pub(crate) equity: UsdValue,
	/// The same with collateral at full value.
	pub(crate) net_value: UsdValue,
	/// Losses before weights.
	pub(crate) curve: Curve,
	/// Loss in each scenario, rounded up; empty where nothing is exposed.
	pub(crate) losses: Losses,
	/// Loss in the basis shock, rounded up, at least zero.
	pub(crate) basis: UsdValue,
	/// The worst of them all, at least zero.
	pub(crate) scan: UsdValue,
	/// What it is the loss of; `None` where nothing loses.
	pub(crate) binding: Option<Binding>,
	/// What each near expiry is charged for jumps.
	pub(crate) gamma_buffers: Vec<Buffer>,
	/// What large positions are charged.
	pub(crate) concentration: Concentrated,
	/// What the margins for the scan would be if there were no other underlying.
	pub(crate) scan_requirement: Requirement,
	/// What margins ask for on top.
	pub(crate) contingencies: Contingencies,
	/// What open orders have changed of all this; `None` where there are none.
	pub(crate) filled: Option<Filled>,
}

/// What the scan is the loss of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
	/// The first scenario that has it.
	Scenario(usize),
	/// The basis shock, where it loses more than every scenario.
	Basis,
	/// A payoff at expiry, where it loses more than both.
	Payoff(Point),
}

/// What exposures may lose, and what they are charged on top because of it.
pub(crate) struct Outcome {
	pub(crate) losses: Losses,
	pub(crate) basis: UsdValue,
	pub(crate) scan: UsdValue,
	pub(crate) binding: Option<Binding>,
	pub(crate) gamma_buffers: Vec<Buffer>,
	pub(crate) concentration: Concentrated,
}

impl Outcome {
	/// Of some of a book's exposures, all of which and nothing else `curve` has, along paths that are
	/// those of `shift` where one is given.
	pub(crate) fn of(
		book: &Book,
		exposures: &[Exposure],
		curve: &Curve,
		(paths, shift): (&[Rc<Path>], Option<Shift>),
	) -> Result<Self, RiskError> {
		let losses = if exposures.is_empty() { Losses::default() } else { curve.losses(book)? };
		let basis = curve.basis(book)?;
		let (mut scan, mut binding) = worst(&losses.weighted, basis);
		if let Some((loss, point)) = worst_point(book, exposures, curve, paths)? {
			if loss > scan {
				(scan, binding) = (loss, Some(Binding::Payoff(point)));
			}
		}
		let spot = paths.first().map(|path| path.0.price).unwrap_or_default();
		Ok(Self {
			losses,
			basis,
			scan,
			binding,
			gamma_buffers: buffers(book, exposures, curve, (paths, shift), binding)?,
			concentration: Concentrated::of(book, exposures, curve, spot)?,
		})
	}

	/// What is charged on top of the scan as (gamma buffer, concentration).
	pub(crate) fn charges(&self, book: &Book) -> Result<(Requirement, Requirement), RiskError> {
		let mut gamma = Requirement::default();
		for buffer in &self.gamma_buffers {
			gamma = gamma.plus(&book.factors.same(buffer.charge, Rounding::Up)?)?;
		}
		Ok((gamma, book.factors.same(self.concentration.charge()?, Rounding::Up)?))
	}
}

/// What the report needs of each exposure.
pub(crate) struct Detail {
	/// USD per contract.
	pub(crate) mark: Price,
	/// Loss in each scenario (then in the basis shock) before its weight, exact in 36 decimals.
	pub(crate) losses: Vec<Wide>,
}

impl Evaluation {
	/// What is held, without open orders.
	pub(crate) fn held_curves<'a>(&'a self, book: &Book) -> Curves<'a> {
		let Some(Filled { held_losses, held_scan, .. }) = &self.filled else {
			return self.curves(book);
		};
		Curves { losses: held_losses, scan: *held_scan, ..self.curves(book) }
	}

	/// What it adds to the base.
	pub(crate) fn curves<'a>(&'a self, book: &Book) -> Curves<'a> {
		Curves {
			underlying: book.underlying,
			losses: &self.losses.weighted,
			undampened: &self.losses.undampened,
			scan: self.scan,
		}
	}

	/// Spot.
	pub(crate) fn spot(&self) -> Price {
		self.prices.first().copied().unwrap_or_default()
	}

	/// Both margins, if there were no other underlying.
	pub(crate) fn requirement(&self) -> Result<Requirement, RiskError> {
		self.scan_requirement.plus(&self.contingencies.total()?)
	}
}

impl Requirement {
	/// The sum.
	pub(crate) fn plus(&self, other: &Self) -> Result<Self, RiskError> {
		Ok(Self {
			initial: self.initial.checked_add(other.initial).ok_or(RiskError::Overflow)?,
			maintenance: self
				.maintenance
				.checked_add(other.maintenance)
				.ok_or(RiskError::Overflow)?,
		})
	}

	/// The difference.
	pub(crate) fn minus(&self, other: &Self) -> Result<Self, RiskError> {
		Ok(Self {
			initial: self.initial.checked_sub(other.initial).ok_or(RiskError::Overflow)?,
			maintenance: self
				.maintenance
				.checked_sub(other.maintenance)
				.ok_or(RiskError::Overflow)?,
		})
	}
}

/// The largest loss of scenarios and basis shock, at least zero, and what it is the loss of, if it is above zero.
fn worst(losses: &[UsdValue], basis: UsdValue) -> (UsdValue, Option<Binding>) {
	let mut scan = UsdValue::ZERO;
	let mut binding = None;
	for (candidate, loss) in losses.iter().enumerate() {
		if *loss > scan {
			scan = *loss;
			binding = Some(Binding::Scenario(candidate));
		}
	}
	if basis > scan {
		return (basis, Some(Binding::Basis));
	}
	(scan, binding)
}

/// Values `book` with its levels at `prices` (in the book's order), which are those of `shift` where
/// one is given.
pub(crate) fn evaluate(
	book: &Book,
	prices: Vec<Price>,
	shift: Option<Shift>,
) -> Result<Evaluation, RiskError> {
	let paths = paths(book, &prices, shift)?;
	let mut sums = CurveSums::new(book);
	let mut equity = UsdValue::ZERO;
	let mut room = Values::default();
	for exposure in &book.exposures {
		// Levels and prices are the book's own, in the same order.
		let path = paths.get(exposure.level).ok_or(RiskError::OutOfDomain)?;
		let level = book.levels.get(exposure.level).ok_or(RiskError::OutOfDomain)?;
		let values = exposure.values(path, &book.shocks, level, shift, &mut room)?;
		let mark = values.mark;
		if matches!(exposure.owner, Owner::Leg(_)) {
			equity = plus(equity, leg_value(exposure, mark)?)?;
		}
		sums.add(exposure, mark, &values.prices)?;
	}
	let curve = sums.curve()?;
	let (held, cut) = collateral(book, &prices)?;
	let outcome = Outcome::of(book, &book.exposures, &curve, (&paths, shift))?;
	let mut contingencies = Contingencies::of(&parts(book, &prices)?)?;
	(contingencies.gamma_buffer, contingencies.concentration) = outcome.charges(book)?;
	let Outcome { losses, basis, scan, binding, gamma_buffers, concentration } = outcome;
	let mut evaluation = Evaluation {
		equity: plus(equity, cut)?,
		net_value: plus(equity, held)?,
		curve,
		losses,
		basis,
		scan,
		binding,
		gamma_buffers,
		concentration,
		scan_requirement: book.factors.requirement(scan, Rounding::Up)?,
		contingencies,
		prices,
		shift,
		filled: None,
	};
	if !book.orders.is_empty() {
		open_orders::fill(book, &paths, &mut evaluation)?;
	}
	Ok(evaluation)
}

fn plus(a: UsdValue, b: UsdValue) -> Result<UsdValue, RiskError> {
	a.checked_add(b).ok_or(RiskError::Overflow)
}

/// Each level's price, and what it is in every scenario.
pub(crate) fn paths(
	book: &Book,
	prices: &[Price],
	shift: Option<Shift>,
) -> Result<Vec<Rc<Path>>, RiskError> {
	let spot = prices.first().copied().unwrap_or_default();
	// Where nothing is exposed there are no shocks, and nothing that others could use.
	let shift = shift.filter(|_| !book.exposures.is_empty() || !book.orders.is_empty());
	let pairs = prices.iter().zip(&book.levels);
	pairs
		.map(|(price, level)| {
			let make = || path(level, *price, spot, &book.shocks).map(Rc::new);
			match shift {
				Some(shift) => level.paths.at(shift, make).cloned(),
				None => make(),
			}
		})
		.collect()
}

/// One level's.
fn path(
	level: &Level,
	price: Price,
	spot: Price,
	shocks: &[PriceShock],
) -> Result<Path, RiskError> {
	let now = Quoted::new(price);
	let ahead = level.ahead(now, Quoted::new(spot))?;
	let mut path: Vec<Quoted> = Vec::with_capacity(shocks.len());
	let mut last_factor = None;
	for shock in shocks {
		// Scenarios of the same price move usually stand together.
		let same = path.last().filter(|_| last_factor == Some(shock.factor));
		let quoted = match same {
			Some(last) => *last,
			None => level.shocked(&ahead, shock)?,
		};
		last_factor = Some(shock.factor);
		path.push(quoted);
	}
	Ok((now, path))
}

/// What the report needs of each exposure of a book along these paths.
pub(crate) fn details(
	book: &Book,
	paths: &[Rc<Path>],
	shift: Option<Shift>,
) -> Result<Vec<Detail>, RiskError> {
	let mut room = Values::default();
	let detail = |exposure: &Exposure| {
		let path = paths.get(exposure.level).ok_or(RiskError::OutOfDomain)?;
		let level = book.levels.get(exposure.level).ok_or(RiskError::OutOfDomain)?;
		let values = exposure.values(path, &book.shocks, level, shift, &mut room)?;
		let mark = values.mark;
		// Collecting results would not know how many there are.
		let mut losses = Vec::with_capacity(values.prices.len());
		for price in &values.prices {
			losses.push(loss(exposure.size, mark, *price)?);
		}
		Ok(Detail { mark, losses })
	};
	book.exposures.iter().map(detail).collect()
}

/// What a leg adds to equity: size × mark − entry value, rounded down.
pub(crate) fn leg_value(exposure: &Exposure, mark: Price) -> Result<UsdValue, RiskError> {
	let value = Wide::product(mark.into_inner(), exposure.size).to_decimal(Rounding::Down)?;
	UsdValue::from_inner(value)
		.checked_sub(UsdValue::from_inner(exposure.entry_value))
		.ok_or(RiskError::Overflow)
}

/// One collateral asset's (full value, value after its haircut), rounded down.
pub(crate) fn holding_value(
	prices: &[Price],
	holding: &Holding,
) -> Result<(UsdValue, UsdValue), RiskError> {
	let price = prices.get(holding.level).copied().ok_or(RiskError::OutOfDomain)?;
	let full = money::value(price, Contracts::from_inner(holding.amount), Rounding::Down)
		.ok_or(RiskError::Overflow)?;
	if holding.haircut.into_inner() == 0 {
		return Ok((full, full));
	}
	// The book holds no haircut above one.
	let left = SCALE.checked_sub(holding.haircut.into_inner()).ok_or(RiskError::OutOfDomain)?;
	let rest = multiply_decimal(full.into_inner(), left, Rounding::Down)?;
	Ok((full, UsdValue::from_inner(rest)))
}

/// All collateral's (full value, value after haircuts).
fn collateral(book: &Book, prices: &[Price]) -> Result<(UsdValue, UsdValue), RiskError> {
	let mut sums = (UsdValue::ZERO, UsdValue::ZERO);
	for holding in &book.holdings {
		let (full, rest) = holding_value(prices, holding)?;
		sums = (plus(sums.0, full)?, plus(sums.1, rest)?);
	}
	Ok(sums)
}
