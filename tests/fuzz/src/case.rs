//! What bytes become: a model, a market and an account.

use crate::bytes::Bytes;
use plimsoll_primitives::{
	CollateralId, CollateralTreatment, Contract, Contracts, ExpiryPrices, Instrument, Moment,
	OptionKind, Price, Rate, Svi, UnderlyingId, UnderlyingPrices, UsdValue, Volatility,
};
use plimsoll_risk::{
	tenor::YEAR, AccountState, CollateralHolding, Confidence, ExpiryQuotes, JointMove,
	JointScenarios, Leg, MarketState, NotionalCharge, RiskModel, SeriesVolatility, UnderlyingState,
};
use sp_arithmetic::{FixedI128, FixedU128, Permill};

/// The moment of valuation.
pub const NOW: Moment = 1_790_000_000_000;
/// The most legs that an account of the chain has.
const MAX_LEGS: u32 = 128;

/// Something to value.
pub struct Case {
	/// The model; most are valid.
	pub model: RiskModel,
	/// Prices.
	pub market: MarketState,
	/// Positions, cash and collateral.
	pub account: AccountState,
	/// Whether every input has a size that a market has: then it must have a value.
	pub is_ordinary: bool,
	/// Whether the reference knows all that is in it.
	pub is_referenced: bool,
}

/// From a float to 18 decimals.
pub fn scaled(value: f64) -> i128 {
	(value * 1e18) as i128
}

/// [`scaled`], of what is not negative.
pub fn unsigned_scaled(value: f64) -> u128 {
	(value * 1e18) as u128
}

impl Case {
	/// Any bytes are a case.
	pub fn new(bytes: &mut Bytes) -> Self {
		let is_ordinary = !bytes.once_in(4);
		let underlyings = 1 + bytes.below(4);
		let ids: Vec<_> =
			(0u16..).map(UnderlyingId).zip(0..underlyings).map(|(id, _)| id).collect();
		let model = crate::model::model(bytes, &ids, is_ordinary);
		let joint = joint(bytes, &ids, is_ordinary);
		let states = ids.iter().map(|id| state(bytes, *id, is_ordinary)).collect();
		let settlement = price(bytes, is_ordinary, (0.9, 1.02));
		let market = MarketState { joint, ..MarketState::new(NOW, settlement, states) };
		let account = account(bytes, &market, is_ordinary);
		let mut case = Self { model, market, account, is_ordinary, is_referenced: true };
		if !is_ordinary && bytes.once_in(3) {
			case.quote(bytes);
		}
		case
	}

	/// Adds what is known beyond the aggregates, at any size: prices, confidences, charges.
	fn quote(&mut self, bytes: &mut Bytes) {
		self.is_referenced = false;
		for state in &mut self.market.underlyings {
			let quotes = &mut state.quotes;
			quotes.perpetual = Some(Price::from_inner(bytes.any_magnitude()));
			quotes.spot_confidence = Confidence(FixedU128::from_inner(bytes.any_magnitude()));
			quotes.perpetual_confidence = Confidence(FixedU128::from_inner(bytes.any_magnitude()));
			let expiries = state.prices.expiries.iter().map(|prices| ExpiryQuotes {
				expiry: prices.expiry,
				confidence: Confidence(FixedU128::from_inner(bytes.any_magnitude())),
				fixed: Some(Price::from_inner(bytes.any_magnitude())).filter(|_| bytes.once_in(2)),
				discount_rate: Some(Rate::from_inner(bytes.any_signed())),
			});
			quotes.expiries = expiries.collect();
		}
		for held in &mut self.account.collateral {
			held.price =
				Some(Price::from_inner(bytes.any_magnitude())).filter(|_| bytes.once_in(2));
			held.haircut = FixedU128::from_inner(bytes.any_magnitude());
			let charge = FixedU128::from_inner(bytes.any_magnitude());
			held.charge = NotionalCharge { maintenance: charge, initial: charge };
		}
		for leg in &self.account.legs {
			let Contract::Option { expiry, strike, kind } = leg.instrument.contract else {
				continue;
			};
			let volatility = Volatility::from_inner(bytes.any_magnitude());
			let of = |state: &&mut UnderlyingState| state.underlying == leg.instrument.underlying;
			if let Some(state) = self.market.underlyings.iter_mut().find(of) {
				let series = SeriesVolatility { expiry, strike, kind, volatility };
				state.quotes.volatilities.push(series);
			}
		}
	}
}

/// Joint scenarios of the first few underlyings, at times none.
fn joint(bytes: &mut Bytes, ids: &[UnderlyingId], is_ordinary: bool) -> JointScenarios {
	let known = usize::try_from(bytes.below(5)).unwrap_or(0).min(ids.len());
	let scenarios = bytes.one_of([0u32, 1, 7, 100, 130, 256]);
	let is_any = !is_ordinary && bytes.once_in(3);
	let mut up_to = |most: f64| {
		let any = 1.0 + 20.0 * f64::from(u8::from(is_any));
		(bytes.between(-most * any, most * any) * 1e8) as i32
	};
	// Moves beyond every grid are among them.
	let moves = (0..scenarios).flat_map(|index| {
		let most: f64 = if index % 8 == 0 { 0.9 } else { 0.15 };
		(0..known)
			.map(|_| JointMove { price: up_to(most), volatility: up_to(most) })
			.collect::<Vec<_>>()
	});
	let moves = moves.collect();
	JointScenarios { underlyings: ids.iter().take(known).copied().collect(), moves }
}

/// A price that a market has, or any.
fn price(bytes: &mut Bytes, is_ordinary: bool, ordinary: (f64, f64)) -> Price {
	Price::from_inner(if is_ordinary || !bytes.once_in(3) {
		unsigned_scaled(bytes.between_logarithms(ordinary.0, ordinary.1))
	} else {
		bytes.any_magnitude()
	})
}

fn state(bytes: &mut Bytes, id: UnderlyingId, is_ordinary: bool) -> UnderlyingState {
	let spot = price(bytes, is_ordinary, (1e-4, 1e6));
	let from_spot = |low: f64, high: f64| {
		let dollars = spot.into_inner() as f64 / 1e18;
		(dollars * low, dollars * high)
	};
	let count = 1 + bytes.below(4);
	let mut expiries: Vec<_> = (0..count)
		.map(|_| {
			let time = bytes.between_logarithms(1e3, 2.0 * YEAR as f64) as u64;
			// What has expired keeps its last forward.
			let expiry = match bytes.below(12) {
				0 => NOW - time / 100,
				1 if !is_ordinary => bytes.any_moment(),
				_ => NOW + time,
			};
			let surface = if !is_ordinary && bytes.once_in(6) {
				any_surface(bytes)
			} else {
				surface(bytes, time as f64 / YEAR as f64)
			};
			let rate = if !is_ordinary && bytes.once_in(6) {
				bytes.any_signed()
			} else {
				scaled(bytes.between(-0.1, 0.3))
			};
			ExpiryPrices {
				expiry,
				forward: price(bytes, is_ordinary, from_spot(0.8, 1.25)),
				rate: Rate::from_inner(rate),
				surface: Some(surface),
				live_blocks: 1,
				surface_live_blocks: 1,
			}
		})
		.collect();
	expiries.sort_by_key(|prices| prices.expiry);
	expiries.dedup_by_key(|prices| prices.expiry);
	let half_width = if !is_ordinary && bytes.once_in(3) {
		Price::from_inner(bytes.any_magnitude())
	} else {
		Price::from_inner(spot.into_inner() / 1_000)
	};
	UnderlyingState::new(id, UnderlyingPrices { spot, half_width, oldest: NOW, expiries }, true)
}

/// From 1 % to 1000 % of volatility at the money, flat or a smile, its total variance never
/// negative.
fn surface(bytes: &mut Bytes, years: f64) -> Svi {
	let inner = |value: f64| FixedI128::from_inner(scaled(value));
	let variance = bytes.between_logarithms(0.01, 10.0).powi(2) * years;
	let rho = bytes.between(-0.9, 0.9);
	let part = if bytes.once_in(3) { 0.0 } else { bytes.between(0.05, 0.95) };
	let sigma = bytes.between_logarithms(0.01, 2.0);
	Svi {
		// At least the least that the oracle takes.
		a: inner(variance * (1.0 - part) + 1e-12),
		b: inner((variance * part / sigma).min(2.0 / (1.0 + rho.abs()))),
		rho: inner(rho),
		m: inner(bytes.between(-0.3, 0.3)),
		sigma: inner(sigma),
	}
}

/// With any parameters.
fn any_surface(bytes: &mut Bytes) -> Svi {
	let [a, b, rho, m, sigma] = [(); 5].map(|()| FixedI128::from_inner(bytes.any_signed()));
	Svi { a, b, rho, m, sigma }
}

fn account(bytes: &mut Bytes, market: &MarketState, is_ordinary: bool) -> AccountState {
	// Small accounts are the most, since every leg is valued alone as well.
	let most = bytes.one_of([2, 4, 8, 8, 16, 16, 32, MAX_LEGS]);
	let count = bytes.below(most + 1);
	let mut legs: Vec<Leg> = Vec::new();
	for _ in 0..count {
		let last = legs.last().map(|leg| leg.instrument);
		let instrument = match (last, bytes.below(8)) {
			(Some(last), 0) => last,
			(Some(last), 1) => other_kind(last),
			_ => instrument(bytes, market, is_ordinary),
		};
		legs.push(leg(bytes, market, instrument, is_ordinary));
	}
	let collateral = (0..bytes.below(3)).map(|index| holding(bytes, market, index, is_ordinary));
	let collateral = collateral.collect();
	let cash = UsdValue::from_inner(if is_ordinary || !bytes.once_in(4) {
		// Negative is a loan.
		scaled(bytes.between(-1e6, 1e7))
	} else {
		bytes.any_signed()
	});
	AccountState { cash, collateral, legs }
}

/// Contracts that a market has, or any number.
fn size(bytes: &mut Bytes, spot: Price, is_ordinary: bool) -> i128 {
	if !is_ordinary && bytes.once_in(3) {
		return bytes.any_signed();
	}
	// From a cent to 100 million dollars.
	let dollars = bytes.between_logarithms(1e-2, 1e8);
	let magnitude = scaled((dollars * 1e18 / spot.into_inner().max(1) as f64).min(1e15));
	if bytes.once_in(2) {
		-magnitude
	} else {
		magnitude
	}
}

/// One of the market's underlyings.
fn underlying<'a>(bytes: &mut Bytes, market: &'a MarketState) -> &'a UnderlyingState {
	let count = u32::try_from(market.underlyings.len()).unwrap_or(1);
	let index = usize::try_from(bytes.below(count)).unwrap_or(0);
	&market.underlyings[index]
}

fn instrument(bytes: &mut Bytes, market: &MarketState, is_ordinary: bool) -> Instrument {
	let state = underlying(bytes, market);
	let expiries = &state.prices.expiries;
	let count = u32::try_from(expiries.len()).unwrap_or(1);
	let prices = &expiries[usize::try_from(bytes.below(count)).unwrap_or(0)];
	match bytes.below(8) {
		0 => Instrument::perpetual(state.underlying),
		1 => Instrument::future(state.underlying, prices.expiry),
		_ => {
			let forward = prices.forward.into_inner() as f64 / 1e18;
			let near = if bytes.once_in(4) { (1e-3, 1e3) } else { (0.7, 1.4) };
			let strike = price(bytes, is_ordinary, (forward * near.0, forward * near.1));
			let kind = bytes.one_of([OptionKind::Call, OptionKind::Put]);
			Instrument::option(state.underlying, prices.expiry, strike, kind)
		}
	}
}

/// The call of a put, the put of a call.
fn other_kind(mut instrument: Instrument) -> Instrument {
	if let Contract::Option { kind, .. } = &mut instrument.contract {
		*kind = if *kind == OptionKind::Call { OptionKind::Put } else { OptionKind::Call };
	}
	instrument
}

fn leg(bytes: &mut Bytes, market: &MarketState, instrument: Instrument, is_ordinary: bool) -> Leg {
	let spot = market.underlying(instrument.underlying).map(|state| state.prices.spot);
	let spot = spot.unwrap_or_default();
	let size = size(bytes, spot, is_ordinary);
	let entry_value = if !is_ordinary && bytes.once_in(8) {
		bytes.any_signed()
	} else if instrument.is_premium_paid() {
		0
	} else {
		scaled(size as f64 / 1e18 * (spot.into_inner() as f64 / 1e18) * bytes.between(0.5, 2.0))
	};
	let has_expired = instrument.expiry().is_some_and(|expiry| expiry <= NOW);
	Leg {
		instrument,
		size: Contracts::from_inner(size),
		entry_value: UsdValue::from_inner(entry_value),
		settled_at: Some(spot).filter(|_| has_expired && bytes.once_in(2)),
	}
}

fn holding(
	bytes: &mut Bytes,
	market: &MarketState,
	index: u32,
	is_ordinary: bool,
) -> CollateralHolding {
	let state = underlying(bytes, market);
	let cut = Permill::from_percent(bytes.below(50));
	let treatment = if bytes.once_in(2) {
		CollateralTreatment::Haircut { haircut: cut }
	} else {
		CollateralTreatment::RiskOffsetting { liquidity_haircut: cut }
	};
	let amount = size(bytes, state.prices.spot, is_ordinary).saturating_abs();
	let asset = CollateralId(u16::try_from(index).unwrap_or(0));
	CollateralHolding::new(asset, state.underlying, Contracts::from_inner(amount), treatment)
}
