//! Each day's margins of a portfolio against what it lost within the horizon.

use crate::{
	daily::Day,
	error::Error,
	joint::JointFilter,
	market::{day_end, market_state, Asset, Moments, Walk, TENORS},
	portfolio::{Kind, Portfolio},
	time::DAY,
	volatility::VolatilityLaw,
};
use plimsoll_primitives::{money, Rounding, Stance, UsdValue};
use plimsoll_risk::{
	mark, report, AccountState, BaseCandidate, CovarianceRules, MarketState, RiskModel, RiskReport,
	VolatilityShock, WorstLoss,
};
use std::collections::BTreeMap;

/// Losses that exceed the margin by less than this part of gross notional are rounding, not breaches.
const TOLERANCE: f64 = 1e-12;
/// Before the first margin: volatilities and the covariance need a past.
pub const WARM_UP: usize = 60;

/// A portfolio's margins and outcome on one day, in parts of its gross notional.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
	/// Since 1970-01-01.
	pub day: i64,
	/// Maintenance margin.
	pub maintenance: f64,
	/// Initial margin.
	pub initial: f64,
	/// The sum of the legs' initial margins, each alone.
	pub isolated: f64,
	/// What it lost within the horizon, at its end; negative: gained.
	pub loss: f64,
	/// The most that it had lost within the horizon; only where bars tell (one perpetual).
	pub worst_within: Option<f64>,
	/// What the margin stands for.
	pub binding: String,
}

impl Observation {
	/// Whether the loss exceeds maintenance margin.
	pub fn is_breach(&self) -> bool {
		self.loss > self.maintenance + TOLERANCE
	}
}

/// What is run.
pub struct Setting<'a> {
	/// The underlyings.
	pub assets: &'a [Asset],
	/// How volatilities are modelled.
	pub law: VolatilityLaw,
	/// Milliseconds.
	pub horizon: i64,
	/// How the joint covariance is learnt.
	pub rules: CovarianceRules,
	/// After how many days the history of residuals is renewed.
	pub renewal: usize,
	/// The model under test.
	pub model: &'a RiskModel,
}

/// Every portfolio's observations, in the portfolios' order.
///
/// # Errors
/// `Risk` where the engine refuses, `OutOfRange`.
pub fn run(
	setting: &Setting<'_>,
	rows: &[Vec<Day>],
	portfolios: &[Portfolio],
) -> Result<Vec<Vec<Observation>>, Error> {
	let mut walk = Walk::new(setting.assets, setting.law, setting.horizon);
	let ids: Vec<_> = setting.assets.iter().map(|asset| asset.id).collect();
	let mut filter = JointFilter::new(&ids, setting.rules, setting.renewal)?;
	let mut all = vec![Vec::new(); portfolios.len()];
	for (index, row) in rows.iter().enumerate() {
		let step = walk.step(row)?;
		if let Some(returns) = &step.returns {
			filter.observe(returns)?;
		}
		let Some(moments) = step.moments.filter(|_| index >= WARM_UP) else { continue };
		let now = day_end(moments.day);
		let expiries = TENORS.map(|days| now + days * DAY);
		let state =
			|snapshots, now, joint| market_state(setting.assets, snapshots, now, &expiries, joint);
		let joint = filter.scenarios(setting.horizon.unsigned_abs())?;
		let before = state(&moments.before, now, joint)?;
		let after = state(&moments.after, now + setting.horizon, Default::default())?;
		for (portfolio, observations) in portfolios.iter().zip(&mut all) {
			observations.push(observe(setting, portfolio, &moments, &before, &after)?);
		}
	}
	Ok(all)
}

/// One portfolio's day.
fn observe(
	setting: &Setting<'_>,
	portfolio: &Portfolio,
	moments: &Moments,
	before: &MarketState,
	after: &MarketState,
) -> Result<Observation, Error> {
	let (account, gross) = portfolio.open(setting.assets, &moments.before, moments.day)?;
	let told = report(setting.model, before, &account, Stance::Mark)?;
	let loss = dollars(value(before, &account)?) - dollars(value(after, &account)?);
	let within = moments.outcomes.get(portfolio.asset).zip(moments.before.get(portfolio.asset));
	let worst_within = within.and_then(|(outcome, at)| match portfolio.kind {
		Kind::Long => Some(1.0 - outcome.low / at.spot),
		Kind::Short => Some(outcome.high / at.spot - 1.0),
		_ => None,
	});
	Ok(Observation {
		day: moments.day,
		maintenance: dollars(told.margin.maintenance) / gross,
		initial: dollars(told.margin.initial) / gross,
		isolated: dollars(told.isolated.initial) / gross,
		loss: loss / gross,
		worst_within,
		binding: binding(setting.model, &told),
	})
}

/// What the positions are worth at the engine's marks.
fn value(market: &MarketState, account: &AccountState) -> Result<UsdValue, Error> {
	let mut sum = UsdValue::ZERO;
	for leg in &account.legs {
		let price = mark(market, &leg.instrument)?;
		sum = money::value(price, leg.size, Rounding::Down)
			.and_then(|value| value.checked_add(sum))
			.ok_or(plimsoll_risk::RiskError::Overflow)?;
	}
	Ok(sum)
}

/// As a float.
pub fn dollars(value: UsdValue) -> f64 {
	value.0.to_float()
}

/// What the base of the margin is, or that contingencies are most of the margin.
fn binding(model: &RiskModel, told: &RiskReport) -> String {
	let charged = told.contingencies.total().map_or(0.0, |total| dollars(total.maintenance));
	if charged > 0.5 * dollars(told.margin.maintenance) {
		return "contingencies".into();
	}
	if dollars(told.base.amount) == 0.0 {
		return "none".into();
	}
	match &told.base.binding {
		BaseCandidate::Joint { .. } => "joint".into(),
		BaseCandidate::Floor => "floor".into(),
		BaseCandidate::OneMarket { scenario } => format!("market {}", named(model, *scenario)),
		BaseCandidate::Largest { underlying } => {
			let found = told.underlyings.iter().find(|one| one.underlying == *underlying);
			worst(model, found.and_then(|one| one.worst))
		}
		BaseCandidate::Sum => {
			let parts = told.underlyings.iter().map(|one| worst(model, one.worst));
			parts.collect::<Vec<_>>().join(", ")
		}
	}
}

fn worst(model: &RiskModel, worst: Option<WorstLoss>) -> String {
	match worst {
		None => "none".into(),
		Some(WorstLoss::Basis) => "basis".into(),
		Some(WorstLoss::Payoff(_)) => "payoff".into(),
		Some(WorstLoss::Scenario(scenario)) => named(model, scenario.index),
	}
}

/// A scenario's price move, in scan ranges, and its volatility.
fn named(model: &RiskModel, index: u32) -> String {
	let scenario = usize::try_from(index).ok().and_then(|index| model.scenarios.get(index));
	let Some(scenario) = scenario else { return format!("scenario {index}") };
	let volatility = match scenario.volatility {
		VolatilityShock::Up => "vol up",
		VolatilityShock::None => "vol same",
		VolatilityShock::Down => "vol down",
		VolatilityShock::LinearSkew => "tilt",
		VolatilityShock::AbsoluteSkew => "bend",
	};
	format!("{:+.2}R {volatility}", scenario.price_move.to_float())
}

/// How often each binding name occurs, the most frequent first.
pub fn bindings(observations: &[Observation]) -> Vec<(String, usize)> {
	let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
	for observation in observations {
		*counts.entry(&observation.binding).or_default() += 1;
	}
	let mut counts: Vec<_> =
		counts.into_iter().map(|(name, count)| (name.to_string(), count)).collect();
	counts.sort_by_key(|(_, count)| core::cmp::Reverse(*count));
	counts
}
