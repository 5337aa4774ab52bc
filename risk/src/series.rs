//! One option series on one market, and what it is worth at the prices that every account is judged
//! at.

use crate::{
	engine::once, error::RiskError, fixed::Fixed, kernel::ScaledPrice, shock::ShockedDeviations,
};
use alloc::vec::Vec;
use core::cell::OnceCell;
use plimsoll_primitives::{OptionKind, Price};

/// Where in the confidence interval an underlying's prices stand: all of them moved together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shift {
	/// In the middle.
	Middle,
	/// At its lower end.
	Down,
	/// At its upper end.
	Up,
}

/// Something for each [`Shift`], worked out at first need.
pub(crate) struct ByShift<T>([OnceCell<T>; 3]);

impl<T> Default for ByShift<T> {
	fn default() -> Self {
		Self([OnceCell::new(), OnceCell::new(), OnceCell::new()])
	}
}

impl<T> ByShift<T> {
	fn cell(&self, shift: Shift) -> &OnceCell<T> {
		let [middle, down, up] = &self.0;
		match shift {
			Shift::Middle => middle,
			Shift::Down => down,
			Shift::Up => up,
		}
	}

	/// At how many shifts something is known.
	pub(crate) fn count(&self) -> usize {
		self.0.iter().filter(|cell| cell.get().is_some()).count()
	}

	/// What is known at `shift`.
	pub(crate) fn known(&self, shift: Shift) -> Option<&T> {
		self.cell(shift).get()
	}

	/// What is known at `shift`, or what `make` makes of it.
	pub(crate) fn at(
		&self,
		shift: Shift,
		make: impl FnOnce() -> Result<T, RiskError>,
	) -> Result<&T, RiskError> {
		once(self.cell(shift), make)
	}
}

/// What one contract is worth, USD.
#[derive(Default)]
pub(crate) struct Values {
	/// Now.
	pub(crate) mark: Price,
	/// In every scenario, and in the basis shock.
	pub(crate) prices: Vec<Price>,
}

/// A living option series.
pub(crate) struct Series {
	pub(crate) kind: OptionKind,
	pub(crate) strike: Price,
	/// ln of the strike's scaled integer; `None` for a strike of zero.
	pub(crate) log_strike: Option<Fixed>,
	/// The strike as the array kernel takes it; `None` likewise.
	pub(crate) scaled_strike: Option<ScaledPrice>,
	pub(crate) deviations: ShockedDeviations,
	/// Its array.
	pub(crate) values: ByShift<Values>,
	/// Its slope now, dV/dF per contract.
	pub(crate) delta: ByShift<Fixed>,
	/// What it is worth after the least jump of the gamma buffer, (up, down).
	pub(crate) jumped: ByShift<(Price, Price)>,
}
