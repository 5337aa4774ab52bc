//! The report: the same valuation as the gate's, told in full.

use crate::{
	black76::{intrinsic, Greeks, Option76},
	book::{Exposure, Level, Owner, Payoff},
	engine::{holding_value, leg_value, weighted, worst, Detail},
	error::RiskError,
	fixed::{to_decimal, Wide},
	liquidation_price::liquidation_prices,
	mark::payoff,
	model::RiskModel,
	naked::charge,
	portfolio::{Portfolio, Valued},
	report::{
		CollateralReport, GreeksUsd, LegReport, Margin, Requirement, RiskReport, ScenarioView,
		UnderlyingReport,
	},
	state::{AccountState, CollateralHolding, Leg, MarketState},
};
use alloc::vec::Vec;
use plimsoll_primitives::{money, OptionKind, Price, Rounding, Stance, UsdValue, Volatility};
use sp_arithmetic::FixedI128;

/// Everything that is known of an account's risk, at the prices that [`margin`](crate::margin())
/// judges it at and with the same sums.
///
/// A leg's (or risk-offsetting collateral's) contribution is its part of the loss in its
/// underlying's worst scenario (what Euler's theorem allocates, since the loss is a sum), times the
/// margin factors and rounded down, plus its naked-short charge; what rounding leaves of an
/// underlying goes to the last exposure of it. `isolated` applies the engine to the leg alone at the
/// same prices; the isolated total also counts risk-offsetting collateral, which has a risk of its
/// own. At `Stance::Mark` that equals [`margin`](crate::margin()) of an account that holds nothing
/// else.
///
/// # Errors
/// As [`margin`](crate::margin()).
pub fn report(
	model: &RiskModel,
	market: &MarketState,
	account: &AccountState,
	stance: Stance,
) -> Result<RiskReport, RiskError> {
	let portfolio = Portfolio::new(model, market, account, stance)?;
	let margin = portfolio.margin()?;
	let mut report = RiskReport {
		stance,
		margin,
		underlyings: Vec::with_capacity(portfolio.books.len()),
		legs: account.legs.iter().map(settled_leg).collect::<Result<_, _>>()?,
		collateral: account.collateral.iter().map(empty_holding).collect(),
		naked_short: Requirement::default(),
		isolated: Requirement::default(),
	};
	for valued in &portfolio.books {
		let details = valued.details(model)?;
		legs(&mut report, valued, &details)?;
		holdings(&mut report, valued)?;
		contributions(&mut report, model, valued, &details)?;
		isolated(&mut report, model, valued, &details)?;
		let naked = &valued.evaluation.naked;
		report.naked_short = report.naked_short.plus(naked)?;
		let underlying = underlying(model, valued, &margin)?;
		report.underlyings.push(underlying);
	}
	for leg in &report.legs {
		report.isolated = report.isolated.plus(&leg.isolated)?;
	}
	for holding in &report.collateral {
		report.isolated = report.isolated.plus(&holding.isolated)?;
	}
	Ok(report)
}

/// A leg as it stands before its underlying's book is looked at: complete, where it is settled.
fn settled_leg(leg: &Leg) -> Result<LegReport, RiskError> {
	let (mark, value) = match leg.settled_at {
		None => (Price::ZERO, UsdValue::ZERO),
		Some(settlement_price) => {
			let mark = payoff(&leg.instrument, settlement_price);
			let value = money::value(mark, leg.size, Rounding::Down)
				.and_then(|value| value.checked_sub(leg.entry_value))
				.ok_or(RiskError::Overflow)?;
			(mark, value)
		}
	};
	Ok(LegReport {
		instrument: leg.instrument,
		size: leg.size,
		mark,
		value,
		volatility: None,
		greeks: GreeksUsd::default(),
		contribution: Requirement::default(),
		isolated: Requirement::default(),
	})
}

fn empty_holding(holding: &CollateralHolding) -> CollateralReport {
	CollateralReport {
		collateral: holding.collateral,
		value: UsdValue::ZERO,
		equity: UsdValue::ZERO,
		contribution: Requirement::default(),
		isolated: Requirement::default(),
	}
}

/// Marks, values, volatilities and Greeks of a book's legs.
fn legs(report: &mut RiskReport, valued: &Valued, details: &[Detail]) -> Result<(), RiskError> {
	for (exposure, detail) in valued.book.exposures.iter().zip(details) {
		let Owner::Leg(index) = exposure.owner else { continue };
		let leg = report.legs.get_mut(index).ok_or(RiskError::OutOfDomain)?;
		let level = valued.book.levels.get(exposure.level).ok_or(RiskError::OutOfDomain)?;
		leg.mark = detail.mark;
		leg.value = leg_value(exposure, detail.mark)?;
		leg.volatility = volatility(exposure, level)?;
		leg.greeks = greeks(valued, exposure)?;
	}
	Ok(())
}

/// The implied volatility of a living option.
fn volatility(exposure: &Exposure, level: &Level) -> Result<Option<Volatility>, RiskError> {
	let Payoff::Option { deviations, .. } = &exposure.payoff else { return Ok(None) };
	let volatility = level.tenor.volatility(deviations.none.total())?;
	let raw = to_decimal(volatility, Rounding::Down).unsigned_abs();
	Ok(Some(Volatility::from_inner(raw)))
}

/// An exposure's sensitivities.
fn greeks(valued: &Valued, exposure: &Exposure) -> Result<GreeksUsd, RiskError> {
	let level = valued.book.levels.get(exposure.level).ok_or(RiskError::OutOfDomain)?;
	let price = *valued.evaluation.prices.get(exposure.level).ok_or(RiskError::OutOfDomain)?;
	let linear =
		|delta: i128| Ok(GreeksUsd { delta: UsdValue::from_inner(delta), ..Default::default() });
	let greeks = match &exposure.payoff {
		Payoff::Linear => {
			let delta = Wide::product(price.into_inner(), exposure.size);
			return linear(delta.to_decimal(Rounding::Down)?);
		}
		Payoff::Expired { kind, strike } => {
			// The slope of its payoff.
			let size = match kind {
				_ if intrinsic(*kind, price, *strike).is_zero() => 0,
				OptionKind::Call => exposure.size,
				OptionKind::Put => exposure.size.checked_neg().ok_or(RiskError::Overflow)?,
			};
			let delta = Wide::product(price.into_inner(), size);
			return linear(delta.to_decimal(Rounding::Down)?);
		}
		Payoff::Option { kind, strike, deviations, .. } => Option76 {
			kind: *kind,
			forward: price,
			strike: *strike,
			deviation: deviations.none,
			discount: level.discount,
		}
		.greeks(&level.tenor, level.rate)?,
	};
	position_greeks(&greeks, price, exposure.size)
}

/// One contract's derivatives as a position's.
fn position_greeks(greeks: &Greeks, forward: Price, size: i128) -> Result<GreeksUsd, RiskError> {
	let times = |per_contract: UsdValue, divisor: i128| -> Result<UsdValue, RiskError> {
		let opposite = size.checked_neg().ok_or(RiskError::Overflow)?;
		let size = if per_contract.is_negative() { opposite } else { size };
		let raw = Wide::product(per_contract.into_inner().unsigned_abs(), size)
			.to_decimal(Rounding::Down)?;
		// The divisors are constants above zero.
		Ok(UsdValue::from_inner(raw / divisor))
	};
	Ok(GreeksUsd {
		delta: times(greeks.delta_value(forward)?, 1)?,
		gamma: times(greeks.gamma, 100)?,
		vega: times(greeks.vega, 100)?,
		theta: times(greeks.theta, 365)?,
	})
}

/// Collateral's values.
fn holdings(report: &mut RiskReport, valued: &Valued) -> Result<(), RiskError> {
	for holding in &valued.book.holdings {
		let entry = report.collateral.get_mut(holding.index).ok_or(RiskError::OutOfDomain)?;
		(entry.value, entry.equity) = holding_value(valued.evaluation.spot(), holding)?;
	}
	Ok(())
}

/// Where an exposure's parts of the margins are written.
fn entry(
	report: &mut RiskReport,
	owner: Owner,
) -> Result<(&mut Requirement, &mut Requirement), RiskError> {
	match owner {
		Owner::Leg(index) => {
			report.legs.get_mut(index).map(|leg| (&mut leg.contribution, &mut leg.isolated))
		}
		Owner::Collateral(index) => report
			.collateral
			.get_mut(index)
			.map(|holding| (&mut holding.contribution, &mut holding.isolated)),
	}
	.ok_or(RiskError::OutOfDomain)
}

/// Splits a book's margins over its exposures, exactly.
fn contributions(
	report: &mut RiskReport,
	model: &RiskModel,
	valued: &Valued,
	details: &[Detail],
) -> Result<(), RiskError> {
	let evaluation = &valued.evaluation;
	let binding = evaluation.worst.and_then(|index| Some((index, valued.book.shocks.get(index)?)));
	if let Some((index, shock)) = binding {
		let mut rest = evaluation.scan_requirement;
		for (exposure, detail) in valued.book.exposures.iter().zip(details) {
			let loss = *detail.losses.get(index).ok_or(RiskError::OutOfDomain)?;
			let loss = weighted(loss, &shock.scenario, Rounding::Down)?;
			let part = model.requirement(loss, Rounding::Down)?;
			let (contribution, _) = entry(report, exposure.owner)?;
			*contribution = contribution.plus(&part)?;
			rest = rest.minus(&part)?;
		}
		if let Some(last) = valued.book.exposures.last() {
			let (contribution, _) = entry(report, last.owner)?;
			*contribution = contribution.plus(&rest)?;
		}
	}
	for short in &valued.book.naked {
		let part = charge(&model.naked_short, evaluation.spot(), short.quantity)?;
		let (contribution, _) = entry(report, Owner::Leg(short.leg))?;
		*contribution = contribution.plus(&part)?;
	}
	Ok(())
}

/// Applies the engine to each exposure alone.
fn isolated(
	report: &mut RiskReport,
	model: &RiskModel,
	valued: &Valued,
	details: &[Detail],
) -> Result<(), RiskError> {
	for (exposure, detail) in valued.book.exposures.iter().zip(details) {
		let losses = detail
			.losses
			.iter()
			.zip(&valued.book.shocks)
			.map(|(loss, shock)| weighted(*loss, &shock.scenario, Rounding::Up))
			.collect::<Result<Vec<_>, _>>()?;
		let mut alone = model.requirement(worst(&losses).0, Rounding::Up)?;
		if exposure.is_option() && exposure.size < 0 {
			let quantity = exposure.size.checked_neg().ok_or(RiskError::Overflow)?;
			let naked = charge(&model.naked_short, valued.evaluation.spot(), quantity)?;
			alone = alone.plus(&naked)?;
		}
		let (_, isolated) = entry(report, exposure.owner)?;
		*isolated = alone;
	}
	Ok(())
}

/// One underlying's summary.
fn underlying(
	model: &RiskModel,
	valued: &Valued,
	account: &Margin,
) -> Result<UnderlyingReport, RiskError> {
	let Valued { book, evaluation } = valued;
	let mut net = GreeksUsd::default();
	for exposure in &book.exposures {
		net = net.plus(&greeks(valued, exposure)?)?;
	}
	let worst = match evaluation.worst.and_then(|index| Some((index, book.shocks.get(index)?))) {
		None => None,
		Some((index, shock)) => Some(ScenarioView {
			index: u32::try_from(index).map_err(|_| RiskError::Overflow)?,
			price_move: FixedI128::from_inner(price_move(shock.factor)?),
			volatility: shock.scenario.volatility,
			weight: shock.scenario.weight,
		}),
	};
	let liquidation = liquidation_prices(model, valued, account)?;
	Ok(UnderlyingReport {
		underlying: book.underlying,
		spot: evaluation.spot(),
		live: book.live,
		scan: evaluation.scan,
		worst,
		losses: evaluation.losses.clone(),
		greeks: net,
		liquidation_below: liquidation.below,
		liquidation_above: liquidation.above,
		requirement: evaluation.requirement()?,
	})
}

/// A price factor as a relative move.
fn price_move(factor: u128) -> Result<i128, RiskError> {
	let factor = i128::try_from(factor).map_err(|_| RiskError::Overflow)?;
	factor.checked_sub(plimsoll_primitives::number::SCALE as i128).ok_or(RiskError::Overflow)
}

impl GreeksUsd {
	fn plus(&self, other: &Self) -> Result<Self, RiskError> {
		let sum = |a: UsdValue, b: UsdValue| a.checked_add(b).ok_or(RiskError::Overflow);
		Ok(Self {
			delta: sum(self.delta, other.delta)?,
			gamma: sum(self.gamma, other.gamma)?,
			vega: sum(self.vega, other.vega)?,
			theta: sum(self.theta, other.theta)?,
		})
	}
}
