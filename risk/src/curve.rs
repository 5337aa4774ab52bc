//! The loss curve: losses netted scenario by scenario, expiry by expiry.
//!
//! An expiry's options are netted before anything else, because static discounting depends on the
//! sign of their net value and a skew scenario on the sign of their net profit. Both cuts, given
//! which of their sides applies, are linear, so a part of the expiry has an exact part of its loss:
//! a [`Cut`] is that choice.

use crate::{
	book::{Book, Exposure},
	discounting::StaticFactors,
	error::RiskError,
	fixed::{multiply_decimal, Fixed, Wide, ONE},
	shock::PriceShock,
	sums::LossSums,
};
use alloc::{vec, vec::Vec};
use plimsoll_primitives::{Price, Rounding, UsdValue};
use sp_arithmetic::FixedU128;

/// One price level's part of the curve.
#[derive(Clone)]
struct Row {
	/// What its options are worth now.
	options_value: Wide,
	/// Their loss in every scenario, before any cut; empty where there are none.
	options: Vec<Wide>,
	/// The loss of all that follows the level one for one; empty where there is nothing.
	linear: Vec<Wide>,
}

/// Which side of an expiry's cuts applies in a scenario.
#[derive(Clone, Copy)]
pub(crate) struct Cut {
	/// What values after the scenario are multiplied by.
	factor: Fixed,
	/// Whether the profit counts as the loss.
	opposite: bool,
}

impl Cut {
	const NONE: Self = Self { factor: ONE, opposite: false };

	/// The loss of what is worth `value` now and loses `loss` before the cut, rounded up.
	fn apply(&self, value: Wide, loss: Wide) -> Result<Wide, RiskError> {
		let rounding = if self.opposite { Rounding::Up } else { Rounding::Down };
		let loss = if self.factor == ONE {
			loss
		} else {
			value.subtract(value.subtract(loss)?.scale(self.factor, rounding)?)?
		};
		Ok(if self.opposite { loss.opposite() } else { loss })
	}

	/// The cut of an expiry's options that are worth `value` and lose `loss`.
	fn of(
		factors: Option<StaticFactors>,
		shock: &PriceShock,
		value: Wide,
		loss: Wide,
	) -> Result<Self, RiskError> {
		let mut cut = Self::NONE;
		if let Some(StaticFactors { long, short }) = factors {
			cut.factor = if value.subtract(loss)?.is_negative() { short } else { long };
		}
		if shock.volatility.is_skew() {
			cut.opposite = cut.apply(value, loss)?.is_negative();
		}
		Ok(cut)
	}
}

/// What the basis shock makes of one level.
#[derive(Clone, Copy)]
pub(crate) struct BasisSide {
	/// The shock that loses more, as an index into the book's; `None`: neither loses.
	pub(crate) shock: Option<usize>,
	/// The part of the loss that counts, 18 decimals.
	pub(crate) factor: u128,
}

/// The loss in every scenario, rounded up; empty where nothing is exposed.
#[derive(Default)]
pub(crate) struct Losses {
	/// After the scenario's weight.
	pub(crate) weighted: Vec<UsdValue>,
	/// Before it.
	pub(crate) undampened: Vec<UsdValue>,
}

/// An underlying's losses before weights.
pub(crate) struct Curve {
	rows: Vec<Row>,
}

/// One price level's part, while exposures are added.
#[derive(Clone, Default)]
struct RowSums {
	options_value: Wide,
	options: LossSums,
	linear: LossSums,
}

/// A curve in the making.
pub(crate) struct CurveSums {
	rows: Vec<RowSums>,
}

impl CurveSums {
	/// Nothing yet.
	pub(crate) fn new(book: &Book) -> Self {
		Self { rows: vec![RowSums::default(); book.levels.len()] }
	}

	/// Adds an exposure with this mark and these prices in the scenarios.
	pub(crate) fn add(
		&mut self,
		exposure: &Exposure,
		mark: Price,
		prices: &[Price],
	) -> Result<(), RiskError> {
		// Levels are the book's own.
		let row = self.rows.get_mut(exposure.level).ok_or(RiskError::OutOfDomain)?;
		if exposure.is_option() {
			let value = Wide::product(mark.into_inner(), exposure.size);
			row.options_value = row.options_value.add(value)?;
			row.options.add(exposure.size, mark, prices)
		} else {
			row.linear.add(exposure.size, mark, prices)
		}
	}

	/// The curve of what was added.
	pub(crate) fn curve(self) -> Result<Curve, RiskError> {
		let row = |sums: RowSums| -> Result<Row, RiskError> {
			let RowSums { options_value, options, linear } = sums;
			Ok(Row { options_value, options: options.totals()?, linear: linear.totals()? })
		};
		Ok(Curve { rows: self.rows.into_iter().map(row).collect::<Result<_, _>>()? })
	}
}

impl Curve {
	/// One exposure's, with this mark and these losses.
	pub(crate) fn of_one(
		book: &Book,
		exposure: &Exposure,
		mark: Price,
		losses: Vec<Wide>,
	) -> Result<Self, RiskError> {
		let row = Row { options_value: Wide::ZERO, options: Vec::new(), linear: Vec::new() };
		let mut rows = vec![row; book.levels.len()];
		let row = rows.get_mut(exposure.level).ok_or(RiskError::OutOfDomain)?;
		if exposure.is_option() {
			row.options_value = Wide::product(mark.into_inner(), exposure.size);
			row.options = losses;
		} else {
			row.linear = losses;
		}
		Ok(Self { rows })
	}

	/// The loss in every scenario.
	pub(crate) fn losses(&self, book: &Book) -> Result<Losses, RiskError> {
		let mut losses = Losses {
			weighted: Vec::with_capacity(book.scenarios),
			undampened: Vec::with_capacity(book.scenarios),
		};
		for (index, shock) in book.shocks.iter().take(book.scenarios).enumerate() {
			let loss = self.total(book, index)?.to_decimal(Rounding::Up)?;
			losses.undampened.push(UsdValue::from_inner(loss));
			losses.weighted.push(weighted(loss, shock.weight, Rounding::Up)?);
		}
		Ok(losses)
	}

	/// The loss in a scenario before its weight.
	pub(crate) fn total(&self, book: &Book, shock: usize) -> Result<Wide, RiskError> {
		let mut total = Wide::ZERO;
		for (level, row) in self.rows.iter().enumerate() {
			if let Some(loss) = row.linear.get(shock) {
				total = total.add(*loss)?;
			}
			if row.options.is_empty() {
				continue;
			}
			total = total.add(self.options_loss(book, level, shock)?)?;
		}
		Ok(total)
	}

	/// What the options at `level` lose in a scenario, after their cut and before its weight.
	pub(crate) fn options_loss(
		&self,
		book: &Book,
		level: usize,
		shock: usize,
	) -> Result<Wide, RiskError> {
		let row = self.rows.get(level).ok_or(RiskError::OutOfDomain)?;
		match row.options.get(shock) {
			None => Ok(Wide::ZERO),
			Some(loss) => self.cut(book, level, shock)?.apply(row.options_value, *loss),
		}
	}

	/// The loss in a scenario before weights and cuts: what the market alone makes of it.
	pub(crate) fn uncut(&self, shock: usize) -> Result<Wide, RiskError> {
		let mut total = Wide::ZERO;
		for row in &self.rows {
			for sums in [&row.linear, &row.options] {
				total = total.add(sums.get(shock).copied().unwrap_or(Wide::ZERO))?;
			}
		}
		Ok(total)
	}

	/// What the options at `level` lose in a shock before any cut.
	pub(crate) fn uncut_options(&self, level: usize, shock: usize) -> Result<Wide, RiskError> {
		let row = self.rows.get(level).ok_or(RiskError::OutOfDomain)?;
		Ok(row.options.get(shock).copied().unwrap_or(Wide::ZERO))
	}

	/// What the options at `level` are worth now, exactly.
	pub(crate) fn options_now(&self, level: usize) -> Result<Wide, RiskError> {
		Ok(self.rows.get(level).ok_or(RiskError::OutOfDomain)?.options_value)
	}

	/// The cut of the options at `level` in a scenario.
	pub(crate) fn cut(&self, book: &Book, level: usize, shock: usize) -> Result<Cut, RiskError> {
		let (Some(row), Some(level), Some(at)) =
			(self.rows.get(level), book.levels.get(level), book.shocks.get(shock))
		else {
			return Err(RiskError::OutOfDomain);
		};
		match row.options.get(shock) {
			None => Ok(Cut::NONE),
			Some(loss) => Cut::of(level.static_factors, at, row.options_value, *loss),
		}
	}

	/// What the options at `level` are worth now and in a scenario, USD, rounded down: before static
	/// discounting.
	pub(crate) fn options_value(&self, level: usize) -> Result<UsdValue, RiskError> {
		let row = self.rows.get(level).ok_or(RiskError::OutOfDomain)?;
		Ok(UsdValue::from_inner(row.options_value.to_decimal(Rounding::Down)?))
	}

	/// The side of the basis shock that loses more at a level, and its loss.
	fn basis_side(&self, book: &Book, level: usize) -> Result<(BasisSide, Wide), RiskError> {
		let none = (BasisSide { shock: None, factor: 0 }, Wide::ZERO);
		let (Some(row), Some(at)) = (self.rows.get(level), book.levels.get(level)) else {
			return Err(RiskError::OutOfDomain);
		};
		let Some(factor) = at.basis_factor else { return Ok(none) };
		let mut worst = none;
		for shock in book.scenarios..book.shocks.len() {
			let of = |sums: &[Wide]| sums.get(shock).copied().unwrap_or(Wide::ZERO);
			let loss = of(&row.options).add(of(&row.linear))?;
			if worst.1.subtract(loss)?.is_negative() {
				worst = (BasisSide { shock: Some(shock), factor }, loss);
			}
		}
		Ok(worst)
	}

	/// The side of the basis shock that loses more at a level.
	pub(crate) fn basis_shock(&self, book: &Book, level: usize) -> Result<BasisSide, RiskError> {
		Ok(self.basis_side(book, level)?.0)
	}

	/// The loss in the basis shock: every expiry by itself, rounded up; zero without one.
	pub(crate) fn basis(&self, book: &Book) -> Result<UsdValue, RiskError> {
		let mut total = UsdValue::ZERO;
		for level in 0..self.rows.len() {
			let (side, loss) = self.basis_side(book, level)?;
			total = total.checked_add(side.part(loss, Rounding::Up)?).ok_or(RiskError::Overflow)?;
		}
		Ok(total)
	}
}

impl BasisSide {
	/// The part of a loss that counts.
	pub(crate) fn part(&self, loss: Wide, rounding: Rounding) -> Result<UsdValue, RiskError> {
		if self.shock.is_none() {
			return Ok(UsdValue::ZERO);
		}
		let part = multiply_decimal(loss.to_decimal(rounding)?, self.factor, rounding)?;
		Ok(UsdValue::from_inner(part))
	}
}

/// An exposure's part of a scenario's loss, after its expiry's cut and the scenario's weight,
/// rounded down.
pub(crate) fn part(
	cut: Cut,
	exposure: &Exposure,
	mark: Price,
	loss: Wide,
	weight: FixedU128,
) -> Result<UsdValue, RiskError> {
	let loss = after_cut(cut, exposure, mark, loss)?.to_decimal(Rounding::Down)?;
	weighted(loss, weight, Rounding::Down)
}

/// An exposure's part of a scenario's loss after its expiry's cut.
pub(crate) fn after_cut(
	cut: Cut,
	exposure: &Exposure,
	mark: Price,
	loss: Wide,
) -> Result<Wide, RiskError> {
	if !exposure.is_option() {
		return Ok(loss);
	}
	cut.apply(Wide::product(mark.into_inner(), exposure.size), loss)
}

/// A scenario's loss after its weight, in 18 decimals, rounded as told.
pub(crate) fn weighted(
	loss: i128,
	weight: FixedU128,
	rounding: Rounding,
) -> Result<UsdValue, RiskError> {
	if weight == FixedU128::from_u32(1) {
		return Ok(UsdValue::from_inner(loss));
	}
	Ok(UsdValue::from_inner(multiply_decimal(loss, weight.into_inner(), rounding)?))
}
