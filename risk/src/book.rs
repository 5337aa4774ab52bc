//! One underlying's part of an account, with all that does not depend on the price level worked out
//! once: logarithms of strikes, deviations for each volatility shock, discount factors.

use crate::{
	black76::{discounted, intrinsic, undiscounted, Deviation},
	engine::Quoted,
	error::RiskError,
	fixed::Fixed,
	kernel::{self, ScaledPrice},
	level::{Level, LevelKind},
	margin_factors::MarginFactors,
	mark::{discount_rate, priced, slice, source, Source},
	math::ln_integer,
	model::{Concentration, GammaBuffer, Liquidity, NotionalCharge, RiskModel},
	naked::{naked_shorts, NakedShort},
	shock::{price_shocks, PriceShock, ShockedDeviations, TenorShock},
	state::{AccountState, CollateralHolding, Confidence, Leg, MarketState, UnderlyingState},
	tenor::Tenor,
};
use alloc::vec::Vec;
use plimsoll_primitives::{
	Contract, ExpiryPrices, Instrument, Moment, OptionKind, Price, UnderlyingId,
};
use sp_arithmetic::FixedU128;

/// How an exposure's price follows its level.
// Most exposures are options, and the scenario loop reads them: no indirection.
#[allow(clippy::large_enum_variant)]
pub(crate) enum Payoff {
	/// One for one.
	Linear,
	/// An option that expired and is not settled yet.
	Expired { kind: OptionKind, strike: Price },
	/// A living option.
	Option {
		kind: OptionKind,
		strike: Price,
		/// ln of the strike's scaled integer; `None` for a strike of zero.
		log_strike: Option<Fixed>,
		/// The strike as the array kernel takes it; `None` likewise.
		scaled_strike: Option<ScaledPrice>,
		deviations: ShockedDeviations,
	},
}

/// Whose exposure it is, as an index into the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
	/// A leg: its value counts in equity.
	Leg(usize),
	/// Risk-offsetting collateral: in the loss curve only, its value counts as a [`Holding`].
	Collateral(usize),
}

/// Something whose value moves with the underlying's price.
pub(crate) struct Exposure {
	pub(crate) owner: Owner,
	/// Index of its level.
	pub(crate) level: usize,
	/// Contracts, 18 decimals.
	pub(crate) size: i128,
	/// Taken off its value, USD, 18 decimals.
	pub(crate) entry_value: i128,
	pub(crate) payoff: Payoff,
	/// `None` for collateral.
	pub(crate) instrument: Option<Instrument>,
	/// What initial margin asks for per USD of notional because its prices are not sure, 18
	/// decimals.
	pub(crate) unsure: u128,
}

/// Collateral as it counts in equity.
pub(crate) struct Holding {
	/// Index in the account.
	pub(crate) index: usize,
	/// Index of its level.
	pub(crate) level: usize,
	/// Whole assets, 18 decimals; not negative.
	pub(crate) amount: i128,
	/// What is cut off, at most 1.
	pub(crate) haircut: FixedU128,
	/// What margins ask for per USD of value.
	pub(crate) charge: NotionalCharge,
	/// What it asks for besides because the price is not sure, 18 decimals.
	pub(crate) unsure: u128,
}

/// One underlying's part of an account.
pub(crate) struct Book {
	pub(crate) underlying: UnderlyingId,
	pub(crate) live: bool,
	/// Half of the confidence interval, USD.
	pub(crate) half_width: Price,
	/// A fraction of the price; `None` where the model does not know the underlying (possible only
	/// where nothing is exposed to it but haircut collateral).
	pub(crate) scan_range: Option<FixedU128>,
	/// The model's scenarios, then the basis shock's, where it has one.
	pub(crate) shocks: Vec<PriceShock>,
	/// How many scenarios there are.
	pub(crate) scenarios: usize,
	/// The scenarios that move the price alone and count in full, by ascending price.
	pub(crate) nodes: Vec<usize>,
	/// How near an expiry must be for its payoff to be looked at, milliseconds.
	pub(crate) expiry_points_within: u64,
	pub(crate) gamma_buffer: Option<GammaBuffer>,
	pub(crate) concentration: Concentration,
	pub(crate) liquidity: Liquidity,
	pub(crate) levels: Vec<Level>,
	pub(crate) exposures: Vec<Exposure>,
	pub(crate) holdings: Vec<Holding>,
	pub(crate) naked: Vec<NakedShort>,
	pub(crate) naked_charge: NotionalCharge,
	pub(crate) perpetual_charge: NotionalCharge,
	pub(crate) factors: MarginFactors,
}

/// The underlyings that an account's value depends on, ascending, each once. A leg with a fixed
/// settlement price depends on none.
pub(crate) fn underlyings(account: &AccountState) -> Vec<UnderlyingId> {
	let legs = account.legs.iter().filter(|leg| leg.settled_at.is_none());
	let mut all: Vec<_> = legs.map(|leg| leg.instrument.underlying).collect();
	all.extend(account.collateral.iter().map(|holding| holding.feed));
	all.sort_unstable();
	all.dedup();
	all
}

/// What a book is made from.
struct Origin<'a> {
	model: &'a RiskModel,
	state: &'a UnderlyingState,
	now: Moment,
	/// The least of spot's confidence and, where perpetuals are held, theirs.
	confidence: Confidence,
}

impl Book {
	/// Everything of `account` that follows `underlying`.
	pub(crate) fn new(
		model: &RiskModel,
		market: &MarketState,
		account: &AccountState,
		underlying: UnderlyingId,
	) -> Result<Self, RiskError> {
		let state = priced(market, underlying)?;
		let from = Origin {
			model,
			state,
			now: market.now,
			confidence: confidence(state, account, underlying),
		};
		let mut book = Self {
			underlying,
			live: state.live,
			half_width: state.prices.half_width,
			scan_range: model.scan_range(underlying),
			shocks: Vec::new(),
			scenarios: 0,
			nodes: Vec::new(),
			expiry_points_within: model.expiry_points_within,
			gamma_buffer: model.gamma_buffer,
			concentration: model.concentration,
			liquidity: model.liquidity(underlying),
			levels: Vec::new(),
			// Most accounts follow one underlying: growing step by step would copy every exposure.
			exposures: Vec::with_capacity(account.legs.len()),
			holdings: Vec::new(),
			naked: naked_shorts(&account.legs, underlying),
			naked_charge: model.naked_short,
			perpetual_charge: model.perpetual,
			factors: MarginFactors::new(model, market.settlement_asset_price)?,
		};
		book.levels.push(Level::perpetual(LevelKind::Spot, state.prices.spot)?);
		for (index, leg) in account.legs.iter().enumerate() {
			if leg.instrument.underlying == underlying && leg.settled_at.is_none() {
				book.leg(&from, index, leg)?;
			}
		}
		for (index, holding) in account.collateral.iter().enumerate() {
			if holding.feed == underlying {
				book.collateral(&from, index, holding)?;
			}
		}
		if !book.exposures.is_empty() {
			let range = book.scan_range.ok_or(RiskError::NotInModel(underlying))?;
			book.shocks = price_shocks(model, range)?;
			book.scenarios = model.scenarios.len();
			book.nodes = nodes(model, &book.shocks);
		}
		Ok(book)
	}

	#[inline]
	fn leg(&mut self, from: &Origin, index: usize, leg: &Leg) -> Result<(), RiskError> {
		let instrument = &leg.instrument;
		let mut confidence = from.confidence;
		let (level, payoff) = match (source(from.state, from.now, instrument)?, instrument.contract)
		{
			(Source::Perpetual(price), _) => {
				(self.level_of(LevelKind::Perpetual, price)?, Payoff::Linear)
			}
			(Source::Spot, Contract::Option { strike, kind, .. }) => {
				(0, Payoff::Expired { kind, strike })
			}
			(Source::Spot, _) => (0, Payoff::Linear),
			(Source::Forward(prices), contract) => {
				if let Some(quotes) = from.state.quotes.expiry(prices.expiry) {
					confidence = confidence.min(quotes.confidence);
				}
				let level = self.expiry_level(from, prices)?;
				let payoff = match contract {
					Contract::Option { strike, kind, .. } => {
						self.option(from, prices, level, kind, strike)?
					}
					_ => Payoff::Linear,
				};
				(level, payoff)
			}
		};
		let unsure = from.model.confidence.rate(confidence)?;
		self.exposures.push(Exposure {
			owner: Owner::Leg(index),
			level,
			size: leg.size.into_inner(),
			entry_value: leg.entry_value.into_inner(),
			payoff,
			instrument: Some(*instrument),
			unsure,
		});
		Ok(())
	}

	/// The index of a level without expiry, which is made where there is none.
	fn level_of(&mut self, kind: LevelKind, price: Price) -> Result<usize, RiskError> {
		if let Some(index) = self.levels.iter().position(|level| level.kind == kind) {
			return Ok(index);
		}
		self.levels.push(Level::perpetual(kind, price)?);
		Ok(self.levels.len().saturating_sub(1))
	}

	/// The index of an expiry's level, which is made where there is none.
	fn expiry_level(&mut self, from: &Origin, prices: &ExpiryPrices) -> Result<usize, RiskError> {
		let kind = LevelKind::Expiry(prices.expiry);
		if let Some(index) = self.levels.iter().position(|level| level.kind == kind) {
			return Ok(index);
		}
		self.levels.push(Level::expiry(
			from.model,
			prices.expiry,
			Tenor::between(from.now, prices.expiry)?,
			prices.forward,
			from.state.quotes.expiry(prices.expiry).and_then(|quotes| quotes.fixed),
			prices.rate,
			discount_rate(from.state, prices),
		)?);
		Ok(self.levels.len().saturating_sub(1))
	}

	#[inline]
	fn option(
		&mut self,
		from: &Origin,
		prices: &ExpiryPrices,
		level: usize,
		kind: OptionKind,
		strike: Price,
	) -> Result<Payoff, RiskError> {
		// The index was given by `expiry_level`.
		let level = self.levels.get_mut(level).ok_or(RiskError::OutOfDomain)?;
		let shock = match level.shock {
			Some(shock) => shock,
			None => *level.shock.insert(TenorShock::new(from.model, &level.tenor)?),
		};
		let log_strike = ln_integer(strike.into_inner()).ok();
		// Sticky strike: a price move leaves each strike's volatility where it is.
		let k = level.log_moneyness(log_strike)?;
		let deviation = match from.state.quotes.volatility(prices.expiry, strike, kind) {
			Some(volatility) => level.tenor.deviation(volatility)?,
			None => {
				let smile = match level.smile {
					Some(smile) => smile,
					None => *level.smile.insert(slice(from.state, prices)?),
				};
				if strike.is_zero() || level.price.is_zero() {
					Fixed::from_bits(0)
				} else {
					smile.deviation(k)?
				}
			}
		};
		Ok(Payoff::Option {
			kind,
			strike,
			log_strike,
			scaled_strike: log_strike.and_then(|log| ScaledPrice::new(strike, log)),
			deviations: shock.apply(deviation, k)?,
		})
	}

	fn collateral(
		&mut self,
		from: &Origin,
		index: usize,
		holding: &CollateralHolding,
	) -> Result<(), RiskError> {
		let amount = holding.amount.into_inner();
		if amount < 0 || holding.haircut > FixedU128::from_u32(1) {
			return Err(RiskError::OutOfDomain);
		}
		let level = match holding.price {
			None => 0,
			Some(price) => self.level_of(LevelKind::Collateral(index), price)?,
		};
		if holding.offsets_risk {
			self.exposures.push(Exposure {
				owner: Owner::Collateral(index),
				level,
				size: amount,
				entry_value: 0,
				payoff: Payoff::Linear,
				instrument: None,
				unsure: 0,
			});
		}
		// What perpetuals are worth is no matter of collateral.
		let confidence = holding.confidence.min(from.state.quotes.spot_confidence);
		self.holdings.push(Holding {
			index,
			level,
			amount,
			haircut: holding.haircut,
			charge: holding.charge,
			unsure: from.model.confidence.rate(confidence)?,
		});
		Ok(())
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

/// The price before discounting on the precise path.
fn precise(
	kind: OptionKind,
	strike: Price,
	log_strike: Option<Fixed>,
	quoted: &Quoted,
	deviation: &Deviation,
) -> Price {
	let ratio = quoted.log.zip(log_strike).and_then(|(p, s)| p.checked_sub(s));
	undiscounted(kind, quoted.price, strike, ratio, deviation)
}

/// How sure spot and, where the account holds them, perpetuals are.
fn confidence(
	state: &UnderlyingState,
	account: &AccountState,
	underlying: UnderlyingId,
) -> Confidence {
	let perpetual = Instrument::perpetual(underlying);
	let net = account
		.legs
		.iter()
		.filter(|leg| leg.instrument == perpetual)
		// Saturating: sizes of that order fail later, where they are multiplied by prices.
		.fold(0i128, |sum, leg| sum.saturating_add(leg.size.into_inner()));
	let spot = state.quotes.spot_confidence;
	if net == 0 {
		spot
	} else {
		spot.min(state.quotes.perpetual_confidence)
	}
}

impl Exposure {
	/// USD per contract now, at its level's price, on the precise path.
	pub(crate) fn mark(&self, quoted: &Quoted, level: &Level) -> Result<Price, RiskError> {
		match &self.payoff {
			Payoff::Linear => Ok(quoted.price),
			Payoff::Expired { kind, strike } => Ok(intrinsic(*kind, quoted.price, *strike)),
			Payoff::Option { kind, strike, log_strike, deviations, .. } => {
				let value = precise(*kind, *strike, *log_strike, quoted, &deviations.now);
				Ok(discounted(value, level.discount)?)
			}
		}
	}

	/// USD per contract after a scenario that takes its level from `now`, where it is worth `mark`,
	/// to `quoted`: by the array kernel, or on the precise path where that is out of its domain. A
	/// scenario that moves nothing leaves the mark.
	#[inline]
	pub(crate) fn scenario_price(
		&self,
		(now, mark): (&Quoted, Price),
		quoted: &Quoted,
		shock: &PriceShock,
		level: &Level,
	) -> Result<Price, RiskError> {
		let (kind, strike, log_strike, scaled_strike, deviations) = match &self.payoff {
			Payoff::Linear => return Ok(quoted.price),
			Payoff::Expired { kind, strike } => {
				return Ok(intrinsic(*kind, quoted.price, *strike));
			}
			Payoff::Option { kind, strike, log_strike, scaled_strike, deviations } => {
				(*kind, *strike, *log_strike, scaled_strike, deviations)
			}
		};
		let deviation = deviations.of(shock.volatility);
		if quoted.price == now.price
			&& deviation.total() == deviations.now.total()
			&& level.discount_ahead == level.discount
		{
			return Ok(mark);
		}
		let value = match (&quoted.scaled, scaled_strike, deviation.scaled()) {
			(Some(price), Some(strike), Some(deviation)) => {
				kernel::undiscounted(kind, price, strike, deviation)
			}
			_ => precise(kind, strike, log_strike, quoted, deviation),
		};
		Ok(discounted(value, level.discount_ahead)?)
	}

	/// Whether it is an option.
	pub(crate) fn is_option(&self) -> bool {
		!matches!(self.payoff, Payoff::Linear)
	}

	/// An option's kind and strike.
	pub(crate) fn terms(&self) -> Option<(OptionKind, Price)> {
		match &self.payoff {
			Payoff::Linear => None,
			Payoff::Expired { kind, strike } | Payoff::Option { kind, strike, .. } => {
				Some((*kind, *strike))
			}
		}
	}

	/// Whether it is an option that has not expired.
	pub(crate) fn is_living_option(&self) -> bool {
		matches!(self.payoff, Payoff::Option { .. })
	}

	/// Whether it is a perpetual.
	pub(crate) fn is_perpetual(&self) -> bool {
		self.instrument.is_some_and(|instrument| instrument.contract == Contract::Perpetual)
	}
}
