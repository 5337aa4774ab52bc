//! The market of each day, as the engine takes it: prices, modelled volatilities, joint scenarios.

use crate::{
	daily::{Day, Outcome},
	error::Error,
	smile::Smile,
	time::DAY,
	volatility::{VolatilityLaw, VolatilityState, YEAR},
};
use plimsoll_primitives::{
	ExpiryPrices, Moment, Price, Rate, UnderlyingId, UnderlyingPrices, Volatility,
};
use plimsoll_risk::{JointReturn, JointScenarios, MarketState, UnderlyingState};
use sp_arithmetic::FixedU128;

/// The tenors of the listed options, days.
pub const TENORS: [i64; 2] = [30, 90];
/// The tenor of the volatility whose returns joint scenarios tell of, years.
const JOINT_TENOR: f64 = 30.0 / YEAR;

/// What is tested: which underlying, under which name, with which smile.
#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
	/// Its name: BTC.
	pub name: String,
	/// Its number on chain.
	pub id: UnderlyingId,
	/// The shape of its smile.
	pub smile: Smile,
}

/// One underlying at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snapshot {
	/// USD.
	pub spot: f64,
	/// What is known of its volatility.
	pub volatility: VolatilityState,
}

impl Snapshot {
	/// What joint scenarios are learnt from: the price and the 30-day volatility.
	fn observed(&self) -> Result<(Price, Volatility), Error> {
		let volatility = Volatility(FixedU128::from_float(self.volatility.implied(JOINT_TENOR)));
		Ok((price(self.spot)?, volatility))
	}
}

/// All underlyings at a day's end and, where it is known, at the horizon's.
#[derive(Clone, Debug)]
pub struct Moments {
	/// Since 1970-01-01.
	pub day: i64,
	/// At the day's end, in the order of the assets.
	pub before: Vec<Snapshot>,
	/// At the horizon's end.
	pub after: Vec<Snapshot>,
	/// What happened in between.
	pub outcomes: Vec<Outcome>,
}

/// What a day brings.
#[derive(Clone, Debug, Default)]
pub struct Step {
	/// The returns since the last day that there is, one for each asset; `None` on the first. Over a
	/// missing day they count as one step: larger than they should, never smaller.
	pub returns: Option<Vec<JointReturn>>,
	/// `None` where the day's end or its horizon's end is missing, or it is the first.
	pub moments: Option<Moments>,
}

/// Walks through aligned days and says what is known at each one's end. Nothing of a day's
/// [`before`](Moments::before) or [`returns`](Step::returns) depends on what comes after it.
pub struct Walk<'a> {
	assets: &'a [Asset],
	/// Part of a day.
	horizon: f64,
	volatility: Vec<VolatilityState>,
	last: Option<Vec<Snapshot>>,
}

impl<'a> Walk<'a> {
	/// Before the first day. `horizon` in milliseconds.
	pub fn new(assets: &'a [Asset], law: VolatilityLaw, horizon: i64) -> Self {
		Self {
			assets,
			horizon: horizon as f64 / DAY as f64,
			volatility: vec![VolatilityState::new(law); assets.len()],
			last: None,
		}
	}

	/// The next day: one [`Day`] for each asset.
	///
	/// # Errors
	/// `OutOfRange` of prices that the engine's numbers do not hold.
	pub fn step(&mut self, row: &[Day]) -> Result<Step, Error> {
		for (state, day) in self.volatility.iter_mut().zip(row) {
			*state = state.after(day.variance, 1.0);
		}
		let pairs = row.iter().zip(&self.volatility);
		let before: Vec<Snapshot> = pairs
			.map(|(day, volatility)| Snapshot { spot: day.close, volatility: *volatility })
			.collect();
		let Some(last) = self.last.replace(before.clone()) else { return Ok(Step::default()) };
		let pairs = last.iter().zip(&before);
		let returns = pairs
			.map(|(last, now)| Ok(JointReturn::between(last.observed()?, now.observed()?)?))
			.collect::<Result<_, Error>>()?;
		Ok(Step { returns: Some(returns), moments: self.moments(row, before) })
	}

	fn moments(&self, row: &[Day], before: Vec<Snapshot>) -> Option<Moments> {
		let outcomes: Vec<Outcome> = row.iter().filter_map(|day| day.outcome).collect();
		if outcomes.len() < self.assets.len() || row.iter().any(|day| !day.is_complete) {
			return None;
		}
		let after = outcomes.iter().zip(&self.volatility).map(|(outcome, volatility)| Snapshot {
			spot: outcome.close,
			volatility: volatility.after(outcome.variance, self.horizon),
		});
		Some(Moments { day: row.first()?.day, before, after: after.collect(), outcomes })
	}
}

/// A day's end in milliseconds.
pub fn day_end(day: i64) -> i64 {
	(day + 1) * DAY
}

/// A moment as the engine counts it.
pub fn moment(milliseconds: i64) -> Result<Moment, Error> {
	Moment::try_from(milliseconds).map_err(|_| Error::Argument("a day before 1970".into()))
}

/// A price as the engine counts it.
pub fn price(dollars: f64) -> Result<Price, Error> {
	if !(dollars > 0.0 && dollars < 1e18) {
		return Err(Error::OutOfRange(dollars));
	}
	Ok(Price(FixedU128::from_float(dollars)))
}

/// The market at `now` (milliseconds) with these snapshots and expiries. Forwards and perpetuals
/// stand at spot and rates at zero, so that what is measured is the risk of prices and volatilities.
///
/// # Errors
/// `OutOfRange`, `Argument`.
pub fn market_state(
	assets: &[Asset],
	snapshots: &[Snapshot],
	now: i64,
	expiries: &[i64],
	joint: JointScenarios,
) -> Result<MarketState, Error> {
	let mut underlyings = Vec::with_capacity(assets.len());
	for (asset, snapshot) in assets.iter().zip(snapshots) {
		let spot = price(snapshot.spot)?;
		let mut prices = Vec::with_capacity(expiries.len());
		for expiry in expiries {
			let years = (*expiry - now) as f64 / DAY as f64 / YEAR;
			prices.push(ExpiryPrices {
				expiry: moment(*expiry)?,
				forward: spot,
				rate: Rate::ZERO,
				surface: Some(asset.smile.slice(snapshot.volatility.implied(years), years)),
				live_blocks: 1,
				surface_live_blocks: 1,
			});
		}
		let prices = UnderlyingPrices {
			spot,
			half_width: Price::ZERO,
			oldest: moment(now)?,
			expiries: prices,
		};
		underlyings.push(UnderlyingState::new(asset.id, prices, true));
	}
	let mut state = MarketState::new(moment(now)?, Price::ONE, underlyings);
	state.joint = joint;
	Ok(state)
}
