//! The report: the same valuation as the gate's, told in full.

use crate::{
	arrays::RiskArrays,
	base::{tail_mean, BaseBinding, Curves},
	black76::{intrinsic, Greeks, Option76},
	book::{Book, Exposure, Owner, Payoff},
	composite_delta::composite_delta,
	concentration,
	contingency::{alone, parts},
	curve::{part, Curve},
	discounting::StaticFactors,
	engine::{details, holding_value, leg_value, paths, Binding, Detail, Outcome, Path},
	error::RiskError,
	fixed::{multiply_decimal, to_decimal, Wide, ONE},
	gamma_buffer,
	level::{Level, LevelKind},
	liquidation_price::liquidation_prices,
	mark::payoff,
	model::RiskModel,
	portfolio::{Portfolio, Valued},
	report::{
		BaseCandidate, BaseReport, CollateralReport, Contingencies, ExpiryReport, GreeksUsd,
		LegReport, PayoffView, Requirement, RiskReport, ScenarioView, Standing, UnderlyingReport,
		WorstLoss,
	},
	state::{AccountState, CollateralHolding, Leg, MarketState},
};
use alloc::{rc::Rc, vec::Vec};
use plimsoll_primitives::{money, OptionKind, Price, Rounding, Stance, UsdValue, Volatility};
use sp_arithmetic::{FixedI128, FixedU128};

/// Everything that is known of an account's risk, at the prices that [`margin`](crate::margin())
/// judges it at and with the same sums.
///
/// A leg's (or risk-offsetting collateral's) contribution is its part of the base (what Euler's theorem
/// allocates, since every candidate for the base is a sum over legs once it is known which scenarios
/// or payoff it is made of and which sides of static discounting, skews and the basis shock apply),
/// times the margin factors and rounded down, plus its parts of the contingencies; what rounding
/// leaves goes to the account's last exposure. `isolated` applies the engine to the leg alone at the
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
	RiskArrays::new(model, market)?.report(account, stance)
}

/// The same from risk arrays.
pub(crate) fn report_from(
	arrays: &mut RiskArrays,
	account: &AccountState,
	stance: Stance,
) -> Result<RiskReport, RiskError> {
	let portfolio = Portfolio::new(arrays, account, stance)?;
	report_on(&arrays.model, account, &portfolio, stance)
}

/// The report at mark, and the margins at the prices least and most favourable to the account.
pub(crate) fn standing_from(
	arrays: &mut RiskArrays,
	account: &AccountState,
) -> Result<Standing, RiskError> {
	let portfolio = Portfolio::new(arrays, account, Stance::Mark)?;
	let (least_favourable, most_favourable) = portfolio.margins_at_ends()?;
	let report = report_on(&arrays.model, account, &portfolio, Stance::Mark)?;
	Ok(Standing { report, least_favourable, most_favourable })
}

/// The report of an account that was valued at a stance.
fn report_on(
	model: &RiskModel,
	account: &AccountState,
	portfolio: &Portfolio,
	stance: Stance,
) -> Result<RiskReport, RiskError> {
	let margin = portfolio.margin()?;
	let mut report = RiskReport {
		stance,
		margin,
		base: base_report(portfolio)?,
		initial_factor: portfolio.factors.initial,
		underlyings: Vec::with_capacity(portfolio.books.len()),
		legs: account.legs.iter().map(settled_leg).collect::<Result<_, _>>()?,
		collateral: account.collateral.iter().map(empty_holding).collect(),
		contingencies: Contingencies::default(),
		isolated: Requirement::default(),
	};
	let mut shares = Shares::new(portfolio)?;
	for (index, valued) in portfolio.books.iter().enumerate() {
		let greeks = valued
			.book
			.exposures
			.iter()
			.map(|exposure| greeks(valued, exposure))
			.collect::<Result<Vec<_>, _>>()?;
		let paths = paths(&valued.book, &valued.evaluation.prices, valued.evaluation.shift)?;
		let details = details(&valued.book, &paths, valued.evaluation.shift)?;
		legs(&mut report, model, valued, &details, &greeks)?;
		holdings(&mut report, valued)?;
		let share = contributions(&mut report, portfolio, &mut shares, index, &details, &paths)?;
		isolated(&mut report, portfolio, valued, details, &paths)?;
		report.contingencies = report.contingencies.plus(&valued.evaluation.contingencies)?;
		let underlying = underlying(portfolio, index, share, &greeks)?;
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
		composite_delta: FixedI128::default(),
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
fn legs(
	report: &mut RiskReport,
	model: &RiskModel,
	valued: &Valued,
	details: &[Detail],
	greeks: &[GreeksUsd],
) -> Result<(), RiskError> {
	for ((exposure, detail), greeks) in valued.book.exposures.iter().zip(details).zip(greeks) {
		let Owner::Leg(index) = exposure.owner else { continue };
		let leg = report.legs.get_mut(index).ok_or(RiskError::OutOfDomain)?;
		let level = valued.book.levels.get(exposure.level).ok_or(RiskError::OutOfDomain)?;
		leg.mark = detail.mark;
		leg.value = leg_value(exposure, detail.mark)?;
		leg.volatility = volatility(exposure, level)?;
		leg.greeks = *greeks;
		if let (Some(range), false) = (valued.book.scan_range, model.delta_points.is_empty()) {
			let prices = &valued.evaluation.prices;
			let price = *prices.get(exposure.level).ok_or(RiskError::OutOfDomain)?;
			let spot = valued.evaluation.spot();
			leg.composite_delta = composite_delta(model, range, exposure, level, price, spot)?;
		}
	}
	Ok(())
}

/// The implied volatility of a living option.
fn volatility(exposure: &Exposure, level: &Level) -> Result<Option<Volatility>, RiskError> {
	let Payoff::Option(series) = &exposure.payoff else { return Ok(None) };
	let volatility = level.tenor.volatility(series.deviations.now.total())?;
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
		Payoff::Option(series) => Option76 {
			kind: series.kind,
			forward: price,
			strike: series.strike,
			deviation: series.deviations.now,
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
		(entry.value, entry.equity) = holding_value(&valued.evaluation.prices, holding)?;
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

/// What is left to allocate of the margins for the base.
struct Shares {
	rest: Requirement,
	/// The last book with exposures, which takes what rounding leaves.
	last: Option<usize>,
}

impl Shares {
	fn new(portfolio: &Portfolio) -> Result<Self, RiskError> {
		let rest = portfolio.factors.requirement(portfolio.base.amount, Rounding::Up)?;
		let last = portfolio.books.iter().rposition(|valued| !valued.book.exposures.is_empty());
		Ok(Self { rest, last })
	}
}

/// Splits a book's margins over its exposures: exactly, once all books are. Returns the book's part.
fn contributions(
	report: &mut RiskReport,
	portfolio: &Portfolio,
	shares: &mut Shares,
	index: usize,
	details: &[Detail],
	paths: &[Rc<Path>],
) -> Result<Requirement, RiskError> {
	let valued = portfolio.books.get(index).ok_or(RiskError::OutOfDomain)?;
	let Valued { book, evaluation } = valued;
	let mut share = evaluation.contingencies.total()?;
	for (exposure, detail) in book.exposures.iter().zip(details) {
		let loss = base_loss(portfolio, index, exposure, detail)?;
		let part = portfolio.factors.requirement(loss, Rounding::Down)?;
		let (contribution, _) = entry(report, exposure.owner)?;
		*contribution = contribution.plus(&part)?;
		shares.rest = shares.rest.minus(&part)?;
		share = share.plus(&part)?;
	}
	if let Some(last) = book.exposures.last().filter(|_| shares.last == Some(index)) {
		let (contribution, _) = entry(report, last.owner)?;
		*contribution = contribution.plus(&shares.rest)?;
		share = share.plus(&shares.rest)?;
	}
	for part in parts(book, &evaluation.prices)? {
		let (contribution, _) = entry(report, part.owner)?;
		*contribution = contribution.plus(&part.requirement)?;
	}
	let charged = gamma_buffer::split(valued, details, paths)?;
	for (owner, part) in charged.into_iter().chain(concentration::split(valued, details, paths)?) {
		let (contribution, _) = entry(report, owner)?;
		*contribution = contribution.plus(&part)?;
	}
	Ok(share)
}

/// An exposure's part of the base, rounded down: every candidate for it is, once it is known which
/// scenarios it is made of, a sum over exposures.
fn base_loss(
	portfolio: &Portfolio,
	index: usize,
	exposure: &Exposure,
	detail: &Detail,
) -> Result<UsdValue, RiskError> {
	let valued = portfolio.books.get(index).ok_or(RiskError::OutOfDomain)?;
	let scan = || match valued.evaluation.binding {
		None => Ok(UsdValue::ZERO),
		Some(binding) => binding_loss(valued, binding, exposure, detail),
	};
	match &portfolio.base.binding {
		BaseBinding::Sum => scan(),
		BaseBinding::Largest(largest) if *largest == index => scan(),
		BaseBinding::Largest(_) => Ok(UsdValue::ZERO),
		BaseBinding::Floor => {
			let part = multiply_decimal(
				scan()?.into_inner(),
				portfolio.aggregator.floor(),
				Rounding::Down,
			)?;
			Ok(UsdValue::from_inner(part))
		}
		BaseBinding::OneMarket(scenario) => {
			binding_loss(valued, Binding::Scenario(*scenario), exposure, detail)
		}
		BaseBinding::Joint(tail) => match portfolio.aggregator.places_of(valued.book.underlying) {
			None => scan(),
			Some(places) => tail_mean(places, tail, |scenario| {
				undampened(valued, scenario, exposure, detail).ok().map(UsdValue::into_inner)
			}),
		},
	}
}

/// An exposure's part of a scenario's loss before its weight, rounded down.
fn undampened(
	valued: &Valued,
	scenario: usize,
	exposure: &Exposure,
	detail: &Detail,
) -> Result<UsdValue, RiskError> {
	let cut = valued.evaluation.curve.cut(&valued.book, exposure.level, scenario)?;
	let loss = detail.losses.get(scenario).copied().ok_or(RiskError::OutOfDomain)?;
	part(cut, exposure, detail.mark, loss, FixedU128::from_u32(1))
}

/// An exposure's part of the loss that the scan is, rounded down: given which sides of its expiry's
/// cuts apply, the loss is a sum.
pub(crate) fn binding_loss(
	valued: &Valued,
	binding: Binding,
	exposure: &Exposure,
	detail: &Detail,
) -> Result<UsdValue, RiskError> {
	let (book, curve) = (&valued.book, &valued.evaluation.curve);
	let loss_in = |shock: usize| detail.losses.get(shock).copied().ok_or(RiskError::OutOfDomain);
	match binding {
		Binding::Scenario(index) => {
			let shock = book.shocks.get(index).ok_or(RiskError::OutOfDomain)?;
			let cut = curve.cut(book, exposure.level, index)?;
			part(cut, exposure, detail.mark, loss_in(index)?, shock.weight)
		}
		Binding::Payoff(point) => point.part(book, curve, exposure, detail),
		Binding::Basis => {
			let side = curve.basis_shock(book, exposure.level)?;
			match side.shock {
				None => Ok(UsdValue::ZERO),
				Some(shock) => side.part(loss_in(shock)?, Rounding::Down),
			}
		}
	}
}

/// Applies the engine to each exposure alone, and to collateral that joins no curve.
fn isolated(
	report: &mut RiskReport,
	portfolio: &Portfolio,
	valued: &Valued,
	details: Vec<Detail>,
	paths: &[Rc<Path>],
) -> Result<(), RiskError> {
	let (book, prices) = (&valued.book, &valued.evaluation.prices);
	let surroundings = portfolio.aggregator.surroundings(book.underlying);
	for (exposure, detail) in book.exposures.iter().zip(details) {
		let curve = Curve::of_one(book, exposure, detail.mark, detail.losses)?;
		let along = (paths, valued.evaluation.shift);
		let outcome = Outcome::of(book, core::slice::from_ref(exposure), &curve, along)?;
		let curves = Curves {
			underlying: book.underlying,
			losses: &outcome.losses.weighted,
			undampened: &outcome.losses.undampened,
			scan: outcome.scan,
		};
		let base = portfolio.aggregator.base_alone(curves, surroundings.as_ref())?;
		let requirement = portfolio.factors.requirement(base, Rounding::Up)?;
		let (gamma_buffer, concentration) = outcome.charges(book)?;
		let charges = alone(book, prices, exposure)?.plus(&gamma_buffer)?.plus(&concentration)?;
		let alone = requirement.plus(&charges)?;
		let (_, isolated) = entry(report, exposure.owner)?;
		*isolated = alone;
	}
	for part in parts(book, prices)? {
		let joins = |exposure: &Exposure| exposure.owner == part.owner;
		let is_apart = matches!(part.owner, Owner::Collateral(_));
		if is_apart && !book.exposures.iter().any(joins) {
			let (_, isolated) = entry(report, part.owner)?;
			*isolated = isolated.plus(&part.requirement)?;
		}
	}
	Ok(())
}

/// The netted options of each expiry.
fn expiries(valued: &Valued) -> Result<Vec<ExpiryReport>, RiskError> {
	let book = &valued.book;
	let mut expiries = Vec::new();
	for (index, level) in book.levels.iter().enumerate() {
		let LevelKind::Expiry(expiry) = level.kind else { continue };
		let is_here = |exposure: &Exposure| exposure.level == index && exposure.is_option();
		if !book.exposures.iter().any(is_here) {
			continue;
		}
		let value = valued.evaluation.curve.options_value(index)?;
		let factors = level.static_factors.unwrap_or(StaticFactors { long: ONE, short: ONE });
		let factor = if value.is_negative() { factors.short } else { factors.long };
		let decimal =
			|factor| FixedU128::from_inner(to_decimal(factor, Rounding::Down).unsigned_abs());
		let buffer = valued.evaluation.gamma_buffers.iter().find(|buffer| buffer.level == index);
		let discounted = Wide::from_decimal(value.into_inner()).scale(factor, Rounding::Down)?;
		expiries.push(ExpiryReport {
			expiry,
			value,
			discounted_value: UsdValue::from_inner(discounted.to_decimal(Rounding::Down)?),
			long_factor: decimal(factors.long),
			short_factor: decimal(factors.short),
			jump: FixedU128::from_inner(buffer.map_or(0, |buffer| buffer.jump)),
			gamma_buffer: buffer.map_or(UsdValue::ZERO, |buffer| buffer.charge),
		});
	}
	Ok(expiries)
}

/// One underlying's summary.
fn underlying(
	portfolio: &Portfolio,
	index: usize,
	requirement: Requirement,
	greeks: &[GreeksUsd],
) -> Result<UnderlyingReport, RiskError> {
	let valued = portfolio.books.get(index).ok_or(RiskError::OutOfDomain)?;
	let Valued { book, evaluation } = valued;
	let mut net = GreeksUsd::default();
	for exposure in greeks {
		net = net.plus(exposure)?;
	}
	let worst = evaluation.binding.map(|binding| worst_loss(book, binding)).transpose()?;
	let liquidation = liquidation_prices(portfolio, index)?;
	Ok(UnderlyingReport {
		underlying: book.underlying,
		spot: evaluation.spot(),
		live: book.live,
		scan: evaluation.scan,
		worst,
		losses: evaluation.losses.weighted.clone(),
		basis: evaluation.basis,
		expiries: expiries(valued)?,
		contingencies: evaluation.contingencies,
		delta_notional: UsdValue::from_inner(evaluation.concentration.delta.notional),
		option_notional: UsdValue::from_inner(evaluation.concentration.options.notional),
		greeks: net,
		liquidation_below: liquidation.below,
		liquidation_above: liquidation.above,
		requirement,
	})
}

/// A scenario as it applies to one underlying.
fn scenario_view(book: &Book, scenario: usize) -> Result<ScenarioView, RiskError> {
	let shock = book.shocks.get(scenario).ok_or(RiskError::OutOfDomain)?;
	Ok(ScenarioView {
		index: number(scenario)?,
		price_move: FixedI128::from_inner(price_move(shock.factor)?),
		volatility: shock.volatility,
		weight: shock.weight,
	})
}

fn number(index: usize) -> Result<u32, RiskError> {
	u32::try_from(index).map_err(|_| RiskError::Overflow)
}

/// The base and its candidates, as the report tells them.
fn base_report(portfolio: &Portfolio) -> Result<BaseReport, RiskError> {
	let base = &portfolio.base;
	let binding = match &base.binding {
		BaseBinding::Sum => BaseCandidate::Sum,
		BaseBinding::Floor => BaseCandidate::Floor,
		BaseBinding::OneMarket(scenario) => {
			BaseCandidate::OneMarket { scenario: number(*scenario)? }
		}
		BaseBinding::Largest(index) => {
			let valued = portfolio.books.get(*index).ok_or(RiskError::OutOfDomain)?;
			BaseCandidate::Largest { underlying: valued.book.underlying }
		}
		BaseBinding::Joint(tail) => BaseCandidate::Joint {
			scenarios: tail
				.iter()
				.map(|(scenario, _)| number(*scenario))
				.collect::<Result<_, _>>()?,
		},
	};
	Ok(BaseReport {
		amount: base.amount,
		joint: base.joint,
		one_market: base.one_market,
		largest: base.largest,
		floor: base.floor,
		binding,
	})
}

/// What the scan is the loss of, by name.
fn worst_loss(book: &Book, binding: Binding) -> Result<WorstLoss, RiskError> {
	Ok(match binding {
		Binding::Scenario(index) => WorstLoss::Scenario(scenario_view(book, index)?),
		Binding::Payoff(point) => {
			WorstLoss::Payoff(PayoffView { expiry: point.expiry(book), price: point.price })
		}
		Binding::Basis => WorstLoss::Basis,
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
