//! The 21-scenario portfolio model, as a value of the engine's.

use crate::{
	case::{Case, Tolerance},
	error::CaseError,
	field::Fields,
	figures::{collateral, minus, price_move, reported, tenth, underlying, NOW, ONE, UNDERLYING},
	input::Document,
	number::number,
	pmrm2::perpetual,
};
use plimsoll_primitives::{
	ExpiryPrices, Instrument, Moment, OptionKind, Price, Rate, UnderlyingPrices, UsdValue,
	Volatility,
};
use plimsoll_risk::{
	AccountState, BasisShock, CollateralHolding, Confidence, ConfidenceCharge, DepegCharge,
	ExpiryQuotes, Leg, Liquidity, MarketState, NotionalCharge, Quotes, RiskModel, Scenario,
	SeriesVolatility, StaticDiscounting, UnderlyingModel, UnderlyingState, VolatilityShock,
	VolatilityShockLaw,
};
use serde_json::{Map, Value};
use sp_arithmetic::FixedU128;
use sp_core::bounded::BoundedVec;
use std::collections::BTreeMap;

/// Runs a line.
pub fn case(document: &Document) -> Result<Case, CaseError> {
	let fields = Fields::new(&document.value);
	let params = fields.object("params")?;
	let model = model(&params)?;
	let (market, account) = portfolio(&fields.object("portfolio")?, &params)?;
	let report = reported(&model, &market, &account)?;
	let expected = fields.object("expected")?;
	let published = expected.value().as_object().cloned().unwrap_or_default();
	let (is_whole, most) = tolerance(&fields)?;
	let margin = &report.margin;
	let basis = underlying(&report).map_or(0, |underlying| underlying.basis.into_inner());
	let mut ours = Map::new();
	for (name, value) in [
		("mm", minus(margin.equity, margin.maintenance)?),
		("im", minus(margin.equity, margin.initial)?),
		("mtm", margin.net_value.into_inner()),
		("basis_contingency", -basis),
	] {
		if published.contains_key(name) {
			// Truncated toward zero, where the case is.
			let value = if is_whole { value / ONE * ONE } else { value };
			ours.insert(name.to_string(), if is_whole { whole(value) } else { number(value) });
		}
	}
	Ok(Case::new(document.name.clone(), ours, published, |_| Some(Tolerance::Absolute(most))))
}

/// A scaled integer without decimals.
fn whole(value: i128) -> Value {
	i64::try_from(value / ONE).map_or(Value::Null, Value::from)
}

/// Whether results are whole numbers, and how far they may be off.
fn tolerance(fields: &Fields) -> Result<(bool, f64), CaseError> {
	let Some(_) = fields.optional("tolerance") else { return Ok((false, 1e-10)) };
	let tolerance = fields.object("tolerance")?;
	let is_whole = match tolerance.optional("integer_truncated_toward_zero") {
		Some(_) => tolerance.truth("integer_truncated_toward_zero")?,
		None => false,
	};
	let most = match tolerance.optional("abs_usd") {
		Some(_) => crate::number::float(tolerance.signed("abs_usd")?),
		None if is_whole => 0.0,
		None => 1e-10,
	};
	Ok((is_whole, most))
}

/// The line's parameters as a model.
fn model(params: &Fields) -> Result<RiskModel, CaseError> {
	let scenarios = params
		.list("scenarios")?
		.iter()
		.map(|fields| {
			Ok(Scenario {
				price_move: price_move(fields.signed("spot_shock")?)?,
				volatility: direction(fields.text("vol")?)?,
				weight: FixedU128::from_u32(1),
			})
		})
		.collect::<Result<Vec<_>, CaseError>>()?;
	let one = FixedU128::from_u32(1);
	let both = |name: &str| -> Result<NotionalCharge, CaseError> {
		let rate = params.fraction(name)?;
		Ok(NotionalCharge { maintenance: rate, initial: rate })
	};
	let distance = |name: &str, sign: i128| -> Result<FixedU128, CaseError> {
		let step = (params.signed(name)? - ONE) * sign;
		let step = u128::try_from(step).map_err(|_| CaseError::Negative(name.to_string()))?;
		Ok(FixedU128::from_inner(step))
	};
	Ok(RiskModel {
		scenarios: BoundedVec::try_from(scenarios).map_err(|_| CaseError::TooMany("scenarios"))?,
		volatility: VolatilityShockLaw {
			range_up: params.fraction("vol_range_up")?,
			range_down: params.fraction("vol_range_down")?,
			short_term_power: params.fraction("short_term_power")?,
			long_term_power: params.fraction("long_term_power")?,
			expiry_floor: params.scaled("dte_floor_seconds", 1000)?,
			minimum_shocked: Volatility::ZERO,
		},
		underlyings: BoundedVec::truncate_from(vec![UnderlyingModel {
			underlying: UNDERLYING,
			scan_range: tenth(),
			liquidity: Liquidity::default(),
		}]),
		initial_factor: params.fraction("im_factor")?,
		maintenance_factor: one,
		naked_short: both("option_pct")?,
		perpetual: both("perp_pct")?,
		// Options are not discounted, so what they owe is not marked up.
		discounting: Some(StaticDiscounting {
			long: params.fraction("static_discount")?,
			long_rate_factor: params.fraction("static_rate_mult")?,
			long_rate_add: params.fraction("static_rate_add")?,
			short: one,
			short_rate_factor: FixedU128::default(),
			short_rate_add: FixedU128::default(),
		}),
		basis: Some(BasisShock {
			rise: distance("basis_spot_up", 1)?,
			fall: distance("basis_spot_down", -1)?,
			level: params.fraction("basis_add")?,
			slope: params.fraction("basis_mult")?,
		}),
		confidence: ConfidenceCharge {
			threshold: params.fraction("conf_threshold")?,
			factor: params.fraction("conf_margin")?,
		},
		depeg: DepegCharge {
			threshold: params.fraction("peg_threshold")?,
			factor: params.fraction("peg_factor")?,
		},
		scale_contingencies: true,
		..RiskModel::default()
	})
}

fn direction(name: &str) -> Result<VolatilityShock, CaseError> {
	match name.to_ascii_lowercase().as_str() {
		"up" => Ok(VolatilityShock::Up),
		"none" => Ok(VolatilityShock::None),
		"down" => Ok(VolatilityShock::Down),
		_ => Err(CaseError::UnknownName(name.to_string())),
	}
}

fn expiry(seconds: u64) -> Moment {
	NOW + seconds * 1000
}

/// The line's market and account. What the base asset is charged is a parameter of the model there
/// and of the collateral here.
fn portfolio(fields: &Fields, params: &Fields) -> Result<(MarketState, AccountState), CaseError> {
	let mut quotes = Quotes {
		spot_confidence: Confidence(fields.fraction("spot_confidence")?),
		perpetual_confidence: Confidence(fields.fraction("perp_confidence")?),
		..Quotes::default()
	};
	let mut account = AccountState { cash: fields.usd("cash")?, ..AccountState::default() };
	let contracts = fields.contracts("perps")?;
	let profit = fields.signed("perp_unrealised_value")?;
	let perp_price = fields.price("perp_price")?;
	quotes.perpetual = Some(perp_price);
	account.legs.push(perpetual(contracts, perp_price, profit)?);
	let sure = options(fields, &mut quotes, &mut account)?;
	let expiries = expiries(fields, &sure, &mut quotes)?;
	account.collateral.push(base(fields, params)?);
	let prices = UnderlyingPrices {
		spot: fields.price("spot")?,
		half_width: Price::ZERO,
		oldest: NOW,
		expiries,
	};
	let state = UnderlyingState { underlying: UNDERLYING, prices, live: true, quotes };
	let market = MarketState::new(NOW, fields.price("stable_price")?, vec![state]);
	Ok((market, account))
}

/// The base asset, which offsets risk.
fn base(fields: &Fields, params: &Fields) -> Result<CollateralHolding, CaseError> {
	let rate = params.fraction("base_pct")?;
	Ok(CollateralHolding {
		collateral: collateral(0)?,
		feed: UNDERLYING,
		price: None,
		amount: fields.contracts("base")?,
		offsets_risk: true,
		haircut: FixedU128::default(),
		charge: NotionalCharge { maintenance: rate, initial: rate },
		confidence: Confidence::default(),
	})
}

/// Adds the options and their volatilities; gives the least volatility confidence of each expiry, by
/// seconds.
fn options(
	fields: &Fields,
	quotes: &mut Quotes,
	account: &mut AccountState,
) -> Result<BTreeMap<u64, Confidence>, CaseError> {
	let mut sure = BTreeMap::new();
	for option in fields.list("options")? {
		let seconds = option.scaled("seconds_to_expiry", 1)?;
		let kind = if option.truth("is_call")? { OptionKind::Call } else { OptionKind::Put };
		let strike = option.price("strike")?;
		quotes.volatilities.push(SeriesVolatility {
			expiry: expiry(seconds),
			strike,
			kind,
			volatility: option.volatility("vol")?,
		});
		account.legs.push(Leg {
			instrument: Instrument::option(UNDERLYING, expiry(seconds), strike, kind),
			size: option.contracts("amount")?,
			entry_value: UsdValue::ZERO,
			settled_at: None,
		});
		let confidence = match option.optional("vol_confidence") {
			Some(_) => Confidence(option.fraction("vol_confidence")?),
			None => Confidence::default(),
		};
		let least: &mut Confidence = sure.entry(seconds).or_default();
		*least = confidence.min(*least);
	}
	Ok(sure)
}

fn expiries(
	fields: &Fields,
	sure: &BTreeMap<u64, Confidence>,
	quotes: &mut Quotes,
) -> Result<Vec<ExpiryPrices>, CaseError> {
	let object = fields.object("expiries")?;
	let mut expiries = Vec::new();
	for name in object.value().as_object().into_iter().flat_map(Map::keys) {
		let seconds: u64 =
			name.parse().map_err(|_| CaseError::UnknownName(format!("expiries.{name}")))?;
		let feed = object.object(name)?;
		let (fixed, moving) = (feed.price("forward_fixed")?, feed.price("forward_variable")?);
		let confidence = ["forward_confidence", "rate_confidence"]
			.into_iter()
			.map(|name| feed.fraction(name).map(Confidence))
			.collect::<Result<Vec<_>, _>>()?
			.into_iter()
			.chain(sure.get(&seconds).copied())
			.min();
		quotes.expiries.push(ExpiryQuotes {
			expiry: expiry(seconds),
			confidence: confidence.unwrap_or_default(),
			fixed: Some(fixed),
			discount_rate: Some(Rate::ZERO),
		});
		expiries.push(ExpiryPrices {
			expiry: expiry(seconds),
			forward: fixed
				.checked_add(moving)
				.ok_or_else(|| CaseError::NotANumber(format!("expiries.{name}")))?,
			rate: feed.rate("rate")?,
			surface: None,
			live_blocks: 1,
			surface_live_blocks: 0,
		});
	}
	if let Some(missing) = sure.keys().find(|seconds| {
		!expiries.iter().any(|prices: &ExpiryPrices| prices.expiry == expiry(**seconds))
	}) {
		return Err(CaseError::NoFeed(*missing));
	}
	expiries.sort_by_key(|prices| prices.expiry);
	Ok(expiries)
}
