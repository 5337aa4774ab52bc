//! Risk arrays: what all accounts share of a model and a market, each part worked out once, at first
//! need.
//!
//! What one contract is worth in every scenario does not depend on who holds it. So an option series
//! has one array of values for each of the three prices that accounts are judged at (the middle of
//! the confidence interval and its ends), an expiry one path of its forward, an underlying one list
//! of price shocks and one list of places in the joint scenarios. An account's losses are then sums
//! of size × difference. The values are those that an account alone would have worked out: whether
//! others were valued before changes no bit of a margin.

use crate::{
	base::Aggregator,
	error::RiskError,
	fixed::ZERO,
	grid::{Grid, Place},
	kernel::ScaledPrice,
	level::{Level, LevelKind},
	margin_factors::MarginFactors,
	mark::{discount_rate, priced, slice},
	math::ln_integer,
	model::{Aggregation, RiskModel},
	open_orders::{self, OpenOrder},
	portfolio::Portfolio,
	report::{Margin, RiskReport, Standing},
	reporting,
	series::{ByShift, Series},
	shock::{price_shocks, PriceShock, TenorShock},
	state::{AccountState, MarketState, UnderlyingState},
	svi::Slice,
	tenor::Tenor,
};
use alloc::{borrow::Cow, collections::BTreeMap, rc::Rc, vec::Vec};
use plimsoll_primitives::{ExpiryPrices, Moment, OptionKind, Price, Stance, UnderlyingId};
use sp_arithmetic::FixedU128;

/// A model and a market, ready for any number of accounts. See the [module](self).
pub struct RiskArrays<'a> {
	pub(crate) model: Cow<'a, RiskModel>,
	pub(crate) market: Cow<'a, MarketState>,
	pub(crate) factors: MarginFactors,
	aggregation: Option<Rc<Aggregation>>,
	grid: Option<Grid>,
	underlyings: BTreeMap<UnderlyingId, Underlying>,
}

/// How much of risk arrays has been worked out: by two of these it is known what came in between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArraysSize {
	/// Underlyings.
	pub underlyings: usize,
	/// Expiries.
	pub expiries: usize,
	/// Option series, each as often as it was valued: up to [`MOST_VALUATIONS`] times, in the middle of
	/// the confidence interval and at its ends.
	pub valuations: usize,
}

/// How often a series is valued at most.
pub const MOST_VALUATIONS: usize = 3;

/// One underlying's part.
#[derive(Default)]
pub(crate) struct Underlying {
	shocks: Option<Shocks>,
	spot: Option<Rc<Level>>,
	perpetual: Option<Rc<Level>>,
	expiries: BTreeMap<Moment, Expiry>,
	places: Option<Rc<[Place]>>,
}

/// What scenarios do to the underlying's price.
#[derive(Clone)]
pub(crate) struct Shocks {
	/// The model's scenarios, then the basis shock's, where it has one.
	pub(crate) all: Rc<[PriceShock]>,
	/// The scenarios that move the price alone and count in full, by ascending price.
	pub(crate) nodes: Rc<[usize]>,
}

impl Default for Shocks {
	fn default() -> Self {
		Self { all: Rc::from([]), nodes: Rc::from([]) }
	}
}

/// One expiry's part.
pub(crate) struct Expiry {
	pub(crate) level: Rc<Level>,
	shock: Option<TenorShock>,
	smile: Option<Slice>,
	/// By strike, puts before calls.
	series: BTreeMap<(Price, bool), Rc<Series>>,
}

/// What an underlying's part is made from.
pub(crate) struct Origin<'a> {
	pub(crate) model: &'a RiskModel,
	pub(crate) state: &'a UnderlyingState,
	pub(crate) now: Moment,
}

impl<'a> RiskArrays<'a> {
	/// With nothing worked out yet.
	///
	/// # Errors
	/// `Overflow` where the settlement asset's price is absurd.
	pub fn new(model: &'a RiskModel, market: &'a MarketState) -> Result<Self, RiskError> {
		Self::of(Cow::Borrowed(model), Cow::Borrowed(market))
	}

	/// The same, with a model and a market of their own.
	///
	/// # Errors
	/// As [`new`](Self::new).
	pub fn owned(model: RiskModel, market: MarketState) -> Result<RiskArrays<'static>, RiskError> {
		RiskArrays::of(Cow::Owned(model), Cow::Owned(market))
	}

	fn of(model: Cow<'a, RiskModel>, market: Cow<'a, MarketState>) -> Result<Self, RiskError> {
		let factors = MarginFactors::new(&model, market.settlement_asset_price)?;
		let aggregation = model.aggregation.clone().map(Rc::new);
		let grid = aggregation.as_ref().and_then(|_| Grid::new(&model));
		Ok(Self { model, market, factors, aggregation, grid, underlyings: BTreeMap::new() })
	}

	/// The market that they are of.
	pub fn market(&self) -> &MarketState {
		&self.market
	}

	/// Adds an underlying that the market did not have; one that it has stays as it is.
	pub fn add(&mut self, state: UnderlyingState) {
		if self.market.underlying(state.underlying).is_none() {
			self.market.to_mut().underlyings.push(state);
		}
	}

	/// How much has been worked out.
	pub fn size(&self) -> ArraysSize {
		let expiries = || self.underlyings.values().flat_map(|shared| shared.expiries.values());
		let series = expiries().flat_map(|expiry| expiry.series.values());
		ArraysSize {
			underlyings: self.underlyings.len(),
			expiries: expiries().count(),
			valuations: series.map(|series| series.values.count()).sum(),
		}
	}

	/// Equity and margins of an account: see [`margin`](crate::margin()).
	///
	/// # Errors
	/// As there.
	pub fn margin(&mut self, account: &AccountState, stance: Stance) -> Result<Margin, RiskError> {
		Portfolio::new(self, account, stance)?.margin()
	}

	/// Equity and margins of an account with open orders: see
	/// [`margin_with_orders`](crate::margin_with_orders()).
	///
	/// # Errors
	/// As there.
	pub fn margin_with_orders(
		&mut self,
		account: &AccountState,
		orders: &[OpenOrder],
		stance: Stance,
	) -> Result<Margin, RiskError> {
		let orders = open_orders::legs(orders, self.market.now);
		Portfolio::with_orders(self, account, &orders, stance)?.margin()
	}

	/// Everything that is known of an account's risk: see [`report`](crate::report()).
	///
	/// # Errors
	/// As there.
	pub fn report(
		&mut self,
		account: &AccountState,
		stance: Stance,
	) -> Result<RiskReport, RiskError> {
		reporting::report_from(self, account, stance)
	}

	/// The report at mark and the margins at both ends of the confidence intervals: the figures of
	/// [`report`](Self::report) and [`margin`](Self::margin), for less.
	///
	/// # Errors
	/// As there, but that `least_favourable` has its own.
	pub fn standing(&mut self, account: &AccountState) -> Result<Standing, RiskError> {
		reporting::standing_from(self, account)
	}

	/// How underlyings come together in accounts that hold nothing but these.
	pub(crate) fn aggregator(
		&mut self,
		underlyings: &[UnderlyingId],
	) -> Result<Aggregator, RiskError> {
		let Some(rules) = self.aggregation.clone() else { return Ok(Aggregator::Sum) };
		let mut places = Vec::new();
		for underlying in underlyings {
			if let Some(known) = self.places(*underlying)? {
				places.push((*underlying, known));
			}
		}
		Aggregator::new(rules, places, self.market.joint.len())
	}

	/// An underlying's places in the joint scenarios; `None` where they do not tell of it.
	fn places(&mut self, underlying: UnderlyingId) -> Result<Option<Rc<[Place]>>, RiskError> {
		let shared = self.underlyings.entry(underlying).or_default();
		if let Some(places) = &shared.places {
			return Ok(Some(places.clone()));
		}
		let joint = &self.market.joint;
		let known = self.model.scan_range(underlying).zip(joint.moves_of(underlying));
		let (Some(grid), Some((range, moves))) = (&self.grid, known) else { return Ok(None) };
		let places: Rc<[Place]> = grid.places(range, moves)?.into();
		Ok(Some(shared.places.insert(places).clone()))
	}

	/// An underlying's part, and what it is made from. `NoPrice` where the market has none.
	pub(crate) fn underlying(
		&mut self,
		underlying: UnderlyingId,
	) -> Result<(Origin<'_>, &mut Underlying), RiskError> {
		let state = priced(&self.market, underlying)?;
		let from = Origin { model: &self.model, state, now: self.market.now };
		Ok((from, self.underlyings.entry(underlying).or_default()))
	}
}

impl Underlying {
	/// What scenarios do to a price of this scan range.
	pub(crate) fn shocks(
		&mut self,
		model: &RiskModel,
		scan_range: FixedU128,
	) -> Result<Shocks, RiskError> {
		if let Some(shocks) = &self.shocks {
			return Ok(shocks.clone());
		}
		let all = price_shocks(model, scan_range)?;
		let nodes = nodes(model, &all).into();
		Ok(self.shocks.insert(Shocks { all: all.into(), nodes }).clone())
	}

	/// Spot.
	pub(crate) fn spot(&mut self, price: Price) -> Result<Rc<Level>, RiskError> {
		level(&mut self.spot, LevelKind::Spot, price)
	}

	/// The perpetual's own price.
	pub(crate) fn perpetual(&mut self, price: Price) -> Result<Rc<Level>, RiskError> {
		level(&mut self.perpetual, LevelKind::Perpetual, price)
	}

	/// An expiry.
	pub(crate) fn expiry(
		&mut self,
		from: &Origin,
		prices: &ExpiryPrices,
	) -> Result<&mut Expiry, RiskError> {
		use alloc::collections::btree_map::Entry;
		Ok(match self.expiries.entry(prices.expiry) {
			Entry::Occupied(known) => known.into_mut(),
			Entry::Vacant(place) => place.insert(Expiry::new(from, prices)?),
		})
	}
}

/// A level without expiry, made where there is none.
fn level(
	place: &mut Option<Rc<Level>>,
	kind: LevelKind,
	price: Price,
) -> Result<Rc<Level>, RiskError> {
	Ok(match place {
		Some(level) => level.clone(),
		None => place.insert(Rc::new(Level::perpetual(kind, price)?)).clone(),
	})
}

impl Expiry {
	fn new(from: &Origin, prices: &ExpiryPrices) -> Result<Self, RiskError> {
		let level = Level::expiry(
			from.model,
			prices.expiry,
			Tenor::between(from.now, prices.expiry)?,
			prices.forward,
			from.state.quotes.expiry(prices.expiry).and_then(|quotes| quotes.fixed),
			prices.rate,
			discount_rate(from.state, prices),
		)?;
		Ok(Self { level: Rc::new(level), shock: None, smile: None, series: BTreeMap::new() })
	}

	/// One of its option series.
	pub(crate) fn series(
		&mut self,
		from: &Origin,
		prices: &ExpiryPrices,
		strike: Price,
		kind: OptionKind,
	) -> Result<Rc<Series>, RiskError> {
		let key = (strike, kind == OptionKind::Call);
		if let Some(series) = self.series.get(&key) {
			return Ok(series.clone());
		}
		let level = &self.level;
		let shock = match self.shock {
			Some(shock) => shock,
			None => *self.shock.insert(TenorShock::new(from.model, &level.tenor)?),
		};
		let log_strike = ln_integer(strike.into_inner()).ok();
		// Sticky strike: a price move leaves each strike's volatility where it is.
		let k = level.log_moneyness(log_strike)?;
		let deviation = match from.state.quotes.volatility(prices.expiry, strike, kind) {
			Some(volatility) => level.tenor.deviation(volatility)?,
			None => {
				let smile = match self.smile {
					Some(smile) => smile,
					None => *self.smile.insert(slice(from.state, prices)?),
				};
				if strike.is_zero() || level.price.is_zero() {
					ZERO
				} else {
					smile.deviation(k)?
				}
			}
		};
		let series = Rc::new(Series {
			kind,
			strike,
			log_strike,
			scaled_strike: log_strike.and_then(|log| ScaledPrice::new(strike, log)),
			deviations: shock.apply(deviation, k)?,
			values: ByShift::default(),
			delta: ByShift::default(),
			jumped: ByShift::default(),
		});
		self.series.insert(key, series.clone());
		Ok(series)
	}
}

/// Between which scenarios losses are interpolated, by ascending price.
fn nodes(model: &RiskModel, shocks: &[PriceShock]) -> Vec<usize> {
	let mut nodes: Vec<_> = model
		.scenarios
		.iter()
		.zip(shocks)
		.enumerate()
		.filter(|(_, (scenario, _))| scenario.is_node())
		.map(|(index, (_, shock))| (shock.factor, index))
		.collect();
	nodes.sort_unstable();
	nodes.into_iter().map(|(_, index)| index).collect()
}
