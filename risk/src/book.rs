//! One underlying's part of an account, with all that does not depend on the price level worked out
//! once: logarithms of strikes, deviations for each volatility shock, discount factors.

use crate::{
	black76::{discounted, intrinsic, undiscounted},
	error::RiskError,
	fixed::{Fixed, ONE},
	mark::{deviation_at, priced, slice, source, Source},
	math::ln_integer,
	model::{RiskModel, VolatilityShock},
	naked::{naked_shorts, NakedShort},
	shock::{price_shocks, PriceShock, ShockedDeviations, TenorShock},
	state::{AccountState, CollateralHolding, Leg, MarketState, UnderlyingState},
	svi::Slice,
	tenor::Tenor,
};
use alloc::vec::Vec;
use plimsoll_primitives::{
	CollateralTreatment, Contract, ExpiryPrices, Moment, OptionKind, Price, Rate, UnderlyingId,
};
use sp_arithmetic::{FixedU128, Permill};

/// A price that contracts of one kind follow: spot, or the forward of an expiry. Price level 0 of a
/// book is spot.
pub(crate) struct Level {
	/// `None`: spot.
	expiry: Option<Moment>,
	/// USD, as the oracle has it.
	pub(crate) price: Price,
	/// Time to expiry.
	pub(crate) tenor: Tenor,
	/// Interest rate to expiry.
	pub(crate) rate: Rate,
	/// Discount factor to expiry.
	pub(crate) discount: Fixed,
	/// The smile and the volatility law at this expiry; only where an option uses them.
	smile: Option<(Slice, TenorShock)>,
}

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
}

/// Collateral as it counts in equity.
pub(crate) struct Holding {
	/// Index in the account.
	pub(crate) index: usize,
	/// Whole assets, 18 decimals; not negative.
	pub(crate) amount: i128,
	/// What is cut off.
	pub(crate) haircut: Permill,
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
	pub(crate) shocks: Vec<PriceShock>,
	pub(crate) levels: Vec<Level>,
	pub(crate) exposures: Vec<Exposure>,
	pub(crate) holdings: Vec<Holding>,
	pub(crate) naked: Vec<NakedShort>,
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

impl Book {
	/// Everything of `account` that follows `underlying`.
	pub(crate) fn new(
		model: &RiskModel,
		market: &MarketState,
		account: &AccountState,
		underlying: UnderlyingId,
	) -> Result<Self, RiskError> {
		let state = priced(market, underlying)?;
		let mut book = Self {
			underlying,
			live: state.live,
			half_width: state.prices.half_width,
			scan_range: model.scan_range(underlying),
			shocks: Vec::new(),
			levels: Vec::new(),
			exposures: Vec::new(),
			holdings: Vec::new(),
			naked: naked_shorts(&account.legs, underlying),
		};
		book.levels.push(Level {
			expiry: None,
			price: state.prices.spot,
			tenor: Tenor::from_milliseconds(0)?,
			rate: Rate::ZERO,
			discount: ONE,
			smile: None,
		});
		for (index, leg) in account.legs.iter().enumerate() {
			if leg.instrument.underlying == underlying && leg.settled_at.is_none() {
				let exposure = book.leg(model, market.now, state, index, leg)?;
				book.exposures.push(exposure);
			}
		}
		for (index, holding) in account.collateral.iter().enumerate() {
			if holding.feed == underlying {
				book.collateral(index, holding)?;
			}
		}
		if !book.exposures.is_empty() {
			let range = book.scan_range.ok_or(RiskError::NotInModel(underlying))?;
			book.shocks = price_shocks(model, range)?;
		}
		Ok(book)
	}

	fn leg(
		&mut self,
		model: &RiskModel,
		now: Moment,
		state: &UnderlyingState,
		index: usize,
		leg: &Leg,
	) -> Result<Exposure, RiskError> {
		let (level, payoff) = match (source(state, now, &leg.instrument)?, leg.instrument.contract)
		{
			(Source::Spot, Contract::Option { strike, kind, .. }) => {
				(0, Payoff::Expired { kind, strike })
			}
			(Source::Spot, _) => (0, Payoff::Linear),
			(Source::Forward(prices), Contract::Option { strike, kind, .. }) => {
				let level = self.level(now, prices)?;
				(level, self.option(model, state, prices, level, kind, strike)?)
			}
			(Source::Forward(prices), _) => (self.level(now, prices)?, Payoff::Linear),
		};
		Ok(Exposure {
			owner: Owner::Leg(index),
			level,
			size: leg.size.into_inner(),
			entry_value: leg.entry_value.into_inner(),
			payoff,
		})
	}

	/// The index of an expiry's level, which is made where there is none.
	fn level(&mut self, now: Moment, prices: &ExpiryPrices) -> Result<usize, RiskError> {
		let expiry = Some(prices.expiry);
		if let Some(index) = self.levels.iter().position(|level| level.expiry == expiry) {
			return Ok(index);
		}
		let tenor = Tenor::between(now, prices.expiry)?;
		self.levels.push(Level {
			expiry,
			price: prices.forward,
			tenor,
			rate: prices.rate,
			discount: tenor.discount(prices.rate)?,
			smile: None,
		});
		Ok(self.levels.len().saturating_sub(1))
	}

	fn option(
		&mut self,
		model: &RiskModel,
		state: &UnderlyingState,
		prices: &ExpiryPrices,
		level: usize,
		kind: OptionKind,
		strike: Price,
	) -> Result<Payoff, RiskError> {
		// The index was given by `level`.
		let level = self.levels.get_mut(level).ok_or(RiskError::OutOfDomain)?;
		let (slice, shock) = match level.smile {
			Some(smile) => smile,
			None => {
				let smile = (slice(state, prices)?, model.volatility.at(&level.tenor)?);
				level.smile = Some(smile);
				smile
			}
		};
		// Sticky strike: a price move leaves each strike's volatility where it is.
		let deviation = deviation_at(&slice, prices.forward, strike)?;
		Ok(Payoff::Option {
			kind,
			strike,
			log_strike: ln_integer(strike.into_inner()).ok(),
			deviations: shock.apply(deviation)?,
		})
	}

	fn collateral(&mut self, index: usize, holding: &CollateralHolding) -> Result<(), RiskError> {
		let amount = holding.amount.into_inner();
		if amount < 0 {
			return Err(RiskError::OutOfDomain);
		}
		let haircut = match holding.treatment {
			CollateralTreatment::Haircut { haircut } => haircut,
			CollateralTreatment::RiskOffsetting { liquidity_haircut } => {
				self.exposures.push(Exposure {
					owner: Owner::Collateral(index),
					level: 0,
					size: amount,
					entry_value: 0,
					payoff: Payoff::Linear,
				});
				liquidity_haircut
			}
		};
		self.holdings.push(Holding { index, amount, haircut });
		Ok(())
	}
}

impl Exposure {
	/// USD per contract at a level's price, whose logarithm (of the scaled integer) is `log_price`
	/// (`None` at zero), after the volatility shock.
	#[inline]
	pub(crate) fn price(
		&self,
		price: Price,
		log_price: Option<Fixed>,
		shock: VolatilityShock,
		discount: Fixed,
	) -> Result<Price, RiskError> {
		match &self.payoff {
			Payoff::Linear => Ok(price),
			Payoff::Expired { kind, strike } => Ok(intrinsic(*kind, price, *strike)),
			Payoff::Option { kind, strike, log_strike, deviations } => {
				let ratio = log_price.zip(*log_strike).and_then(|(p, s)| p.checked_sub(s));
				let value = undiscounted(*kind, price, *strike, ratio, deviations.of(shock));
				if discount == ONE {
					return Ok(value);
				}
				Ok(discounted(value, discount)?)
			}
		}
	}

	/// Whether it is an option.
	pub(crate) fn is_option(&self) -> bool {
		!matches!(self.payoff, Payoff::Linear)
	}
}
