//! One underlying's part of an account: its exposures and its loss curve.

use super::{
	black,
	laws::{fraction, YEAR},
	level::{dollars, factor, Level},
};
use crate::{case::Case, figure::Figure};
use plimsoll_primitives::{Contract, Instrument, OptionKind, UnderlyingId};
use plimsoll_risk::{RiskModel, UnderlyingState, VolatilityShock};
use sp_arithmetic::FixedU128;

/// What rounding to 1e-18 USD takes of a contract's price, at most, over a few steps.
const ROUNDED: f64 = 6e-18;

/// An option's terms.
#[derive(Clone, Copy)]
pub struct Terms {
	pub kind: OptionKind,
	pub strike: f64,
	/// σ√T now; `None` once expired.
	pub deviation: Option<Figure>,
}

/// Something whose value moves with the price.
pub struct Exposure {
	/// Its leg; `None`: collateral.
	pub leg: Option<usize>,
	/// Index of its level.
	pub level: usize,
	/// Contracts.
	pub size: f64,
	/// `None`: it follows its level one for one.
	pub option: Option<Terms>,
	pub mark: Figure,
	/// In every shock, before cuts.
	pub losses: Vec<Figure>,
}

/// A price shock.
pub struct Shock {
	pub factor: f64,
	pub volatility: VolatilityShock,
	pub weight: f64,
}

/// One underlying.
pub struct Book<'a> {
	pub model: &'a RiskModel,
	pub id: UnderlyingId,
	pub spot: Figure,
	pub levels: Vec<Level<'a>>,
	pub exposures: Vec<Exposure>,
	/// The model's scenarios, then the basis shock's sides.
	pub shocks: Vec<Shock>,
	/// The scenarios that move the price alone and count in full, ascending.
	pub nodes: Vec<usize>,
}

impl<'a> Book<'a> {
	/// Of a case; `None` where the market lacks something.
	pub fn new(case: &'a Case, id: UnderlyingId) -> Option<Self> {
		let state = case.market.underlying(id)?;
		let mut book = Self {
			model: &case.model,
			id,
			spot: dollars(state.prices.spot),
			levels: vec![Level::spot(&case.model, state.prices.spot)],
			exposures: Vec::new(),
			shocks: Vec::new(),
			nodes: Vec::new(),
		};
		for (index, leg) in case.account.legs.iter().enumerate() {
			if leg.instrument.underlying == id && leg.settled_at.is_none() {
				let size = leg.size.into_inner() as f64 / 1e18;
				book.leg(case.market.now, state, index, size, &leg.instrument)?;
			}
		}
		for holding in case.account.collateral.iter().filter(|h| h.feed == id && h.offsets_risk) {
			let (size, mark) = (holding.amount.into_inner() as f64 / 1e18, book.spot);
			book.expose(Exposure {
				leg: None,
				level: 0,
				size,
				option: None,
				mark,
				losses: Vec::new(),
			});
		}
		if !book.exposures.is_empty() {
			book.revalue()?;
		}
		Some(book)
	}

	fn leg(
		&mut self,
		now: u64,
		state: &'a UnderlyingState,
		leg: usize,
		size: f64,
		instrument: &Instrument,
	) -> Option<()> {
		let level = match instrument.expiry().filter(|expiry| *expiry > now) {
			None => 0,
			Some(expiry) => self.level_of(now, state, expiry)?,
		};
		let at = &self.levels[level];
		let (option, mark) = match instrument.contract {
			Contract::Option { strike, kind, .. } => {
				let strike = dollars(strike).value;
				let deviation =
					if at.expiry.is_some() { Some(at.deviation(strike)?) } else { None };
				let mark = match deviation {
					Some(deviation) => at.worth(kind, strike, deviation, at.price),
					None => black::payoff(kind, at.price, strike),
				};
				(Some(Terms { kind, strike, deviation }), mark)
			}
			_ => (None, at.price),
		};
		let mark = mark.off_by(ROUNDED);
		self.expose(Exposure { leg: Some(leg), level, size, option, mark, losses: Vec::new() });
		Some(())
	}

	fn expose(&mut self, exposure: Exposure) {
		self.exposures.push(exposure);
	}

	fn level_of(&mut self, now: u64, state: &'a UnderlyingState, expiry: u64) -> Option<usize> {
		if let Some(index) = self.levels.iter().position(|level| level.expiry == Some(expiry)) {
			return Some(index);
		}
		let prices = state.prices.expiries.iter().find(|prices| prices.expiry == expiry)?;
		self.levels.push(Level::forward(self.model, now, state, prices));
		Some(self.levels.len() - 1)
	}

	/// Works out the shocks and every exposure's loss in each: size × (mark − price there).
	fn revalue(&mut self) -> Option<()> {
		let range = fraction(self.model.scan_range(self.id)?);
		let one = FixedU128::from_u32(1);
		for scenario in &self.model.scenarios {
			self.shocks.push(Shock {
				factor: factor(scenario.price_move, range),
				volatility: scenario.volatility,
				weight: fraction(scenario.weight),
			});
		}
		let is_node = |index: &usize| {
			let scenario = &self.model.scenarios[*index];
			scenario.volatility == VolatilityShock::None && scenario.weight == one
		};
		self.nodes = (0..self.model.scenarios.len()).filter(is_node).collect();
		let shocks = &self.shocks;
		self.nodes.sort_by(|a, b| shocks[*a].factor.total_cmp(&shocks[*b].factor));
		if let Some(basis) = &self.model.basis {
			for factor in [1.0 + fraction(basis.rise), 1.0 - fraction(basis.fall)] {
				self.shocks.push(Shock { factor, volatility: VolatilityShock::None, weight: 1.0 });
			}
		}
		for exposure in &mut self.exposures {
			let level = &self.levels[exposure.level];
			let loss = |shock: &Shock| {
				let price = match exposure.option {
					None => level.shocked(shock.factor),
					Some(Terms { kind, strike, deviation: None }) => {
						black::payoff(kind, level.shocked(shock.factor), strike)
					}
					Some(Terms { kind, strike, deviation: Some(deviation) }) => {
						let terms = (kind, strike, deviation);
						level.worth_after(terms, shock.factor, shock.volatility)
					}
				};
				(exposure.mark - price.off_by(ROUNDED)) * exposure.size
			};
			exposure.losses = self.shocks.iter().map(loss).collect();
		}
		Some(())
	}

	/// The exposures of a level: its options, or what follows it one for one.
	pub fn at(&self, level: usize, options: bool) -> impl Iterator<Item = &Exposure> {
		self.exposures
			.iter()
			.filter(move |exposure| exposure.level == level && exposure.option.is_some() == options)
	}

	/// What a level's options are worth now.
	pub fn options_value(&self, level: usize) -> Figure {
		self.at(level, true).map(|option| option.mark * option.size).sum()
	}

	/// What a level's options lose, or what follows it one for one does, before cuts.
	pub fn uncut(&self, level: usize, options: bool, shock: usize) -> Figure {
		self.at(level, options).map(|exposure| exposure.losses[shock]).sum()
	}

	/// What a level's options lose in a scenario after static discounting, |profit and loss| in a
	/// skew. Each of these cuts is continuous in value and loss.
	pub fn options_loss(&self, level: usize, shock: usize) -> Figure {
		let mut loss = self.uncut(level, true, shock);
		if let Some((long, short)) = self.levels[level].static_factors {
			let value = self.options_value(level);
			let after = value - loss;
			let factor = if after.value < 0.0 { short } else { long };
			let most = long.max(short) * 1.000_000_1;
			let cut = Figure::new(after.value * factor, after.error * most);
			let years = self.levels[level].milliseconds as f64 / YEAR;
			loss = value - cut.off_by((4e-15 + 1e-18 * years) * cut.value.abs());
		}
		if self.shocks[shock].volatility.is_skew() {
			loss = loss.abs();
		}
		loss
	}

	/// The loss in a scenario before its weight.
	pub fn loss(&self, shock: usize) -> Figure {
		(0..self.levels.len())
			.map(|level| self.uncut(level, false, shock) + self.options_loss(level, shock))
			.sum()
	}

	/// The side of the basis shock that loses more at a level, and what counts of it.
	pub fn basis_side(&self, level: usize) -> (Option<usize>, Figure) {
		let mut worst = (None, Figure::ZERO);
		let Some(part) = self.levels[level].basis_factor else { return worst };
		for shock in self.model.scenarios.len()..self.shocks.len() {
			let loss = self.uncut(level, true, shock) + self.uncut(level, false, shock);
			let side = if loss.value > worst.1.value { Some(shock) } else { worst.0 };
			worst = (side, worst.1.max(loss));
		}
		(worst.0, worst.1 * part)
	}
}
