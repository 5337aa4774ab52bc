//! The classic 16-point scan, as a value of the engine's model: price moves in parts of the scan
//! range, volatilities up and down by a part of themselves whatever the time to expiry, two extreme
//! points of which a part counts, all valued a little ahead of now.

use crate::{
	case::{Case, Tolerance},
	error::CaseError,
	field::Fields,
	figures::{divided, product, reported, underlying, NOW, ONE, UNDERLYING, YEAR_MS},
	input::Document,
	number::{float, number},
};
use plimsoll_primitives::{
	Contracts, ExpiryPrices, Instrument, OptionKind, Price, Rate, UnderlyingPrices, UsdValue,
	Volatility,
};
use plimsoll_risk::{
	fixed::to_decimal, tenor::Tenor, AccountState, DeltaPoint, ExpiryQuotes, Leg, Liquidity,
	MarketState, Quotes, RiskModel, Scenario, SeriesVolatility, UnderlyingModel, UnderlyingState,
	VolatilityShock, VolatilityShockLaw,
};
use serde_json::{Map, Value};
use sp_arithmetic::{FixedI128, FixedU128};
use sp_core::bounded::BoundedVec;

/// The contracts on this index have a spot price that was rounded in the file.
const ROUNDED_SPOT: &str = "XU030X";

/// Whether a document holds the scan's parameters and no contract.
pub fn is_parameters(document: &Document) -> bool {
	document.value.get("scan_points").is_some()
}

/// Runs a contract.
pub fn case(document: &Document, parameters: &Value) -> Result<Case, CaseError> {
	let (fields, parameters) = (Fields::new(&document.value), Fields::new(parameters));
	let contract = Contract::new(&fields)?;
	let model = model(&parameters, &contract)?;
	let report = reported(&model, &contract.market(), &contract.account())?;
	let published: Map<String, Value> = ["risk_array", "composite_delta"]
		.into_iter()
		.filter_map(|name| Some((name.to_string(), fields.optional(name)?.clone())))
		.collect();
	if published.is_empty() {
		return Err(CaseError::Missing("risk_array".to_string()));
	}
	let losses = underlying(&report).map(|underlying| underlying.losses.clone());
	let array: Vec<_> =
		losses.unwrap_or_default().iter().map(|loss| number(loss.into_inner())).collect();
	let delta = report.legs.first().map_or(0, |leg| leg.composite_delta.into_inner());
	let mut ours = Map::new();
	ours.insert("risk_array".to_string(), array.into());
	ours.insert("composite_delta".to_string(), number(delta));
	let is_rounded = fields.optional("underlying").and_then(Value::as_str) == Some(ROUNDED_SPOT);
	let part = if is_rounded { 2e-4 } else { 1e-5 };
	let scan = float(fields.signed("price_scan")?);
	Ok(Case::new(document.name.clone(), ours, published, |name| {
		// A delta is a part of a contract already.
		let unit = if name == "risk_array" { scan } else { 1.0 };
		Some(Tolerance::OfUnit { unit, part })
	}))
}

/// One long contract as its line has it.
struct Contract {
	spot: Price,
	/// Milliseconds to expiry.
	time: u64,
	/// Underlying units per contract.
	value_factor: u128,
	/// USD per contract.
	price_scan: u128,
	volatility_scan: FixedU128,
	option: Option<Terms>,
}

/// What an option has besides.
struct Terms {
	strike: Price,
	kind: OptionKind,
	volatility: Volatility,
	rate: Rate,
	forward: Price,
}

impl Contract {
	fn new(fields: &Fields) -> Result<Self, CaseError> {
		let time = fields.scaled("t_years", YEAR_MS)?;
		let is_option = fields.optional("strike").is_some();
		let spot = fields.price(if is_option { "spot" } else { "price" })?;
		let option = if is_option { Some(Terms::new(fields, spot, time)?) } else { None };
		Ok(Self {
			spot,
			time,
			value_factor: fields.unsigned("cvf")?,
			price_scan: fields.unsigned("price_scan")?,
			volatility_scan: match fields.optional("vol_scan_pct") {
				Some(_) => fields.fraction("vol_scan_pct")?,
				None => FixedU128::default(),
			},
			option,
		})
	}

	/// The price scan as a part of spot.
	fn scan_range(&self) -> Result<FixedU128, CaseError> {
		product(self.spot.into_inner(), self.value_factor)
			.and_then(|per_contract| divided(self.price_scan, per_contract))
			.map(FixedU128::from_inner)
			.ok_or_else(|| CaseError::NotANumber("price_scan / (spot · cvf)".to_string()))
	}

	fn expiry(&self) -> u64 {
		NOW + self.time
	}

	fn instrument(&self) -> Instrument {
		match &self.option {
			Some(terms) => Instrument::option(UNDERLYING, self.expiry(), terms.strike, terms.kind),
			None => Instrument::future(UNDERLYING, self.expiry()),
		}
	}

	fn account(&self) -> AccountState {
		let size = i128::try_from(self.value_factor).unwrap_or(i128::MAX);
		let leg = Leg {
			instrument: self.instrument(),
			size: Contracts::from_inner(size),
			entry_value: UsdValue::ZERO,
			settled_at: None,
		};
		AccountState { legs: vec![leg], ..AccountState::default() }
	}

	fn market(&self) -> MarketState {
		let mut quotes = Quotes::default();
		let (mut forward, mut rate) = (self.spot, Rate::ZERO);
		if let Some(terms) = &self.option {
			(forward, rate) = (terms.forward, terms.rate);
			quotes.volatilities.push(SeriesVolatility {
				expiry: self.expiry(),
				strike: terms.strike,
				kind: terms.kind,
				volatility: terms.volatility,
			});
			if self.time == 0 {
				quotes.expiries.push(ExpiryQuotes {
					expiry: self.expiry(),
					confidence: Default::default(),
					fixed: Some(Price::ZERO),
					discount_rate: None,
				});
			}
		}
		let expiries = vec![ExpiryPrices {
			expiry: self.expiry(),
			forward,
			rate,
			surface: None,
			live_blocks: 1,
			surface_live_blocks: 0,
		}];
		let prices =
			UnderlyingPrices { spot: self.spot, half_width: Price::ZERO, oldest: NOW, expiries };
		let state = UnderlyingState { underlying: UNDERLYING, prices, live: true, quotes };
		MarketState::new(NOW, Price::ONE, vec![state])
	}
}

impl Terms {
	fn new(fields: &Fields, spot: Price, time: u64) -> Result<Self, CaseError> {
		let (rate, dividend) = (fields.rate("rate")?, fields.rate("div")?);
		// S·e^((r − q)·t): what undoes a discounting by q − r.
		let carry = dividend
			.checked_sub(rate)
			.ok_or_else(|| CaseError::NotANumber("div − rate".to_string()))?;
		let growth = Tenor::from_milliseconds(time)?.discount(carry)?;
		let growth = to_decimal(growth, plimsoll_primitives::Rounding::Down).unsigned_abs();
		let forward = product(spot.into_inner(), growth)
			.map(Price::from_inner)
			.ok_or_else(|| CaseError::NotANumber("spot".to_string()))?;
		let kind = if fields.truth("is_call")? { OptionKind::Call } else { OptionKind::Put };
		Ok(Self {
			strike: fields.price("strike")?,
			kind,
			volatility: fields.volatility("vol")?,
			rate,
			forward,
		})
	}
}

/// The scan's parameters as a model for one contract.
fn model(parameters: &Fields, contract: &Contract) -> Result<RiskModel, CaseError> {
	let scenarios = parameters
		.list("scan_points")?
		.iter()
		.map(|point| {
			Ok(Scenario {
				price_move: ratio(point)?,
				volatility: match point.signed("vol")? {
					0 => VolatilityShock::None,
					ONE => VolatilityShock::Up,
					other if other == -ONE => VolatilityShock::Down,
					_ => {
						return Err(CaseError::UnknownName("a part of the volatility scan".into()))
					}
				},
				weight: point.fraction("weight")?,
			})
		})
		.collect::<Result<Vec<_>, CaseError>>()?;
	let delta_points = parameters
		.list("delta_points")?
		.iter()
		.map(|point| {
			Ok(DeltaPoint { price_move: ratio(point)?, weight: point.fraction("weight")? })
		})
		.collect::<Result<Vec<_>, CaseError>>()?;
	let one = FixedU128::from_u32(1);
	let underlying = UnderlyingModel {
		underlying: UNDERLYING,
		scan_range: contract.scan_range()?,
		liquidity: Liquidity::default(),
	};
	Ok(RiskModel {
		scenarios: BoundedVec::try_from(scenarios).map_err(|_| CaseError::TooMany("scenarios"))?,
		volatility: VolatilityShockLaw {
			range_up: contract.volatility_scan,
			range_down: contract.volatility_scan,
			..VolatilityShockLaw::default()
		},
		underlyings: BoundedVec::truncate_from(vec![underlying]),
		initial_factor: one,
		maintenance_factor: one,
		horizon: parameters.scaled("lookahead_years", YEAR_MS)?,
		delta_points: BoundedVec::try_from(delta_points)
			.map_err(|_| CaseError::TooMany("delta points"))?,
		..RiskModel::default()
	})
}

/// A point's price move: [numerator, denominator].
fn ratio(point: &Fields) -> Result<FixedI128, CaseError> {
	let parts = point.list("price")?;
	let [numerator, denominator] = parts.as_slice() else {
		return Err(CaseError::Length("price", parts.len(), 2));
	};
	let (numerator, denominator) =
		(crate::number::decimal(numerator.value())?, crate::number::decimal(denominator.value())?);
	numerator
		.checked_mul(ONE)
		.and_then(|scaled| scaled.checked_div(denominator))
		.map(FixedI128::from_inner)
		.ok_or_else(|| CaseError::NotANumber("price".to_string()))
}
