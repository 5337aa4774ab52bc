//! The 33-scenario portfolio model, as a value of the engine's.

use crate::{
	case::{Case, Tolerance},
	error::CaseError,
	field::Fields,
	figures::{
		collateral, divided, minus, price_move, reported, tenth, underlying, NOW, ONE, UNDERLYING,
	},
	input::Document,
	number::{decimal, number, text},
};
use plimsoll_primitives::{
	Contracts, ExpiryPrices, Instrument, Moment, OptionKind, Price, Rate, Rounding, Svi,
	UnderlyingPrices, UsdValue, Volatility,
};
use plimsoll_risk::{
	fixed::{divide, subtract, to_decimal, Fixed},
	math::{ln_integer, sqrt},
	svi::Slice,
	tenor::Tenor,
	AccountState, BasisShock, CollateralHolding, Confidence, ConfidenceCharge, DepegCharge,
	ExpiryQuotes, Leg, Liquidity, MarketState, NotionalCharge, Quotes, RiskModel, RiskReport,
	Scenario, SeriesVolatility, SkewCap, SkewLaw, StaticDiscounting, UnderlyingModel,
	UnderlyingReport, UnderlyingState, VolatilityShock, VolatilityShockLaw,
};
use serde_json::{json, Map, Value};
use sp_arithmetic::FixedU128;
use sp_core::bounded::BoundedVec;

/// The settlement average runs over the last half hour.
const SETTLEMENT_WINDOW: u64 = 30 * 60 * 1000;
/// Labels of worst scenarios: which of equals is named is not the model's.
const LABELS: [&str; 4] =
	["worst_reg_scenario", "worst_tail_scenario", "worst_skew_scenario", "worst_all_scenarios"];

/// Runs a case.
pub fn case(document: &Document) -> Result<Case, CaseError> {
	let fields = Fields::new(&document.value);
	let (scenario, parameters, result) =
		(fields.object("Scenario")?, fields.object("Parameters")?, fields.object("Result")?);
	let model = model(&parameters)?;
	let portfolio = Portfolio::new(&scenario)?;
	let report = reported(&model, &portfolio.market, &portfolio.account)?;
	let published = result.value().as_object().cloned().unwrap_or_default();
	let figures = Figures { model: &model, portfolio: &portfolio, report: &report };
	let all = figures.all(&scenario, &result)?;
	let ours = all.into_iter().filter(|(name, _)| published.contains_key(name)).collect();
	Ok(Case::new(document.name.clone(), ours, published, |name| {
		let is_label = LABELS.contains(&name);
		(!is_label).then_some(Tolerance::Relative { part: 1e-8, floor: 1e-10 })
	}))
}

/// The case's parameters as a model.
fn model(parameters: &Fields) -> Result<RiskModel, CaseError> {
	let volatility = parameters.object("VolShock")?;
	let margin = parameters.object("Margin")?;
	let other = parameters.object("OtherContingency")?;
	let scenarios =
		parameters.list("Scenarios")?.iter().map(scenario).collect::<Result<Vec<_>, _>>()?;
	let underlying = UnderlyingModel {
		underlying: UNDERLYING,
		scan_range: tenth(),
		liquidity: Liquidity::default(),
	};
	Ok(RiskModel {
		scenarios: BoundedVec::try_from(scenarios).map_err(|_| CaseError::TooMany("scenarios"))?,
		volatility: VolatilityShockLaw {
			range_up: volatility.fraction("VOLRANGEUP")?,
			range_down: volatility.fraction("VOLRANGEDOWN")?,
			short_term_power: volatility.fraction("SHORTTERMPOWER")?,
			long_term_power: volatility.fraction("LONGTERMPOWER")?,
			expiry_floor: volatility.scaled("DTE_FLOOR", 86_400_000)?,
			minimum_shocked: volatility.volatility("MIN_VOL_EVAL_SHOCKED")?,
		},
		underlyings: BoundedVec::truncate_from(vec![underlying]),
		initial_factor: margin.fraction("IM_LOSS_FACTOR")?,
		maintenance_factor: margin.fraction("MM_LOSS_FACTOR")?,
		naked_short: charge(&other, "MM_OPTION_PERCENT", "IM_OPTION_PERCENT")?,
		perpetual: charge(&other, "MM_PERP_PERCENT", "IM_PERP_PERCENT")?,
		skew: skew(&parameters.object("SkewShock")?)?,
		settlement_window: SETTLEMENT_WINDOW,
		discounting: Some(StaticDiscounting {
			long: margin.fraction("BASE_STATIC_DISCOUNT")?,
			long_rate_factor: margin.fraction("LONG_RATE_MULTSCALE")?,
			long_rate_add: margin.fraction("LONG_RATE_ADDSCALE")?,
			short: margin.fraction("BASE_STATIC_DISCOUNT_NEG")?,
			short_rate_factor: margin.fraction("SHORT_RATE_MULTSCALE")?,
			short_rate_add: margin.fraction("SHORT_RATE_ADDSCALE")?,
		}),
		basis: Some(basis(&parameters.object("BasisContingency")?)?),
		confidence: ConfidenceCharge {
			threshold: other.fraction("CONF_THRESHOLD")?,
			factor: other.fraction("CONF_MARGIN")?,
		},
		depeg: DepegCharge {
			threshold: other.fraction("PEG_LOSS_THRESHOLD")?,
			factor: other.fraction("PEG_LOSS_FACTOR")?,
		},
		..RiskModel::default()
	})
}

fn scenario(fields: &Fields) -> Result<Scenario, CaseError> {
	Ok(Scenario {
		price_move: price_move(fields.signed("SpotShock")?)?,
		volatility: direction(fields.text("VolShockDirection")?)?,
		weight: fields.fraction("DampeningFactor")?,
	})
}

fn direction(name: &str) -> Result<VolatilityShock, CaseError> {
	match name.to_ascii_uppercase().as_str() {
		"UP" => Ok(VolatilityShock::Up),
		"NONE" => Ok(VolatilityShock::None),
		"DOWN" => Ok(VolatilityShock::Down),
		"LINEAR" => Ok(VolatilityShock::LinearSkew),
		"ABS" => Ok(VolatilityShock::AbsoluteSkew),
		_ => Err(CaseError::UnknownName(name.to_string())),
	}
}

/// Initial charges are published as what they add to the maintenance ones.
fn charge(fields: &Fields, maintenance: &str, added: &str) -> Result<NotionalCharge, CaseError> {
	let (maintenance, added) = (fields.unsigned(maintenance)?, fields.unsigned(added)?);
	let initial = maintenance.saturating_add(added);
	Ok(NotionalCharge {
		maintenance: FixedU128::from_inner(maintenance),
		initial: FixedU128::from_inner(initial),
	})
}

fn skew(fields: &Fields) -> Result<SkewLaw, CaseError> {
	let cap = |level: &str, slope: &str| -> Result<SkewCap, CaseError> {
		Ok(SkewCap { level: fields.factor(level)?, slope: fields.factor(slope)? })
	};
	Ok(SkewLaw {
		linear: cap("LINEAR_SCALE_CAP", "LINEAR_CBASE")?,
		absolute: cap("ABS_SCALE_CAP", "ABS_CBASE")?,
		minimum_width: fields.fraction("MIN_K_STAR")?,
		width_scale: fields.fraction("MIN_WIDTH_SCALE")?,
		width_level: fields.factor("VOL_PARAM_STATIC")?,
		width_slope: fields.factor("VOL_PARAM_SCALE")?,
	})
}

fn basis(fields: &Fields) -> Result<BasisShock, CaseError> {
	let distance = |name: &str, sign: i128| -> Result<FixedU128, CaseError> {
		let step = (fields.signed(name)? - ONE) * sign;
		let step = u128::try_from(step).map_err(|_| CaseError::Negative(name.to_string()))?;
		Ok(FixedU128::from_inner(step))
	};
	Ok(BasisShock {
		rise: distance("SCENARIO_SPOT_UP", 1)?,
		fall: distance("SCENARIO_SPOT_DOWN", -1)?,
		level: fields.fraction("BASIS_CONT_ADD_FACTOR")?,
		slope: fields.fraction("BASIS_CONT_MULT_FACTOR")?,
	})
}

/// An option as the case lists it.
struct Series {
	seconds: u64,
	instrument: Instrument,
	size: Contracts,
	mark_volatility: Option<Volatility>,
}

/// A feed as the case lists it.
struct Feed {
	seconds: u64,
	rate: Rate,
	discount_rate: Rate,
}

/// The case's market and account.
struct Portfolio {
	market: MarketState,
	account: AccountState,
	series: Vec<Series>,
	feeds: Vec<Feed>,
	/// Funding within the perpetual's value.
	funding: i128,
	/// Whether the account's first leg is the perpetual.
	has_perpetual: bool,
}

fn expiry(seconds: u64) -> Moment {
	NOW + seconds * 1000
}

impl Portfolio {
	fn new(scenario: &Fields) -> Result<Self, CaseError> {
		let stable = scenario.price("StablePrice")?;
		let series = series(scenario)?;
		let mut quotes = Quotes {
			spot_confidence: Confidence(scenario.fraction("SpotConfidence")?),
			..Quotes::default()
		};
		let mut expiries = Vec::new();
		let mut feeds = Vec::new();
		for fields in scenario.list("OptionFeeds")? {
			feeds.push(feed(&fields, &series, &mut expiries, &mut quotes)?);
		}
		if let Some(series) = series
			.iter()
			.find(|series| !feeds.iter().any(|feed: &Feed| feed.seconds == series.seconds))
		{
			return Err(CaseError::NoFeed(series.seconds));
		}
		let (contracts, funding) =
			(scenario.contracts("NumPerps")?, scenario.signed("UnrealisedFunding")?);
		let profit = scenario.signed("UnrealisedPerpPNL")? + funding;
		let mut account = AccountState { cash: scenario.usd("Cash")?, ..AccountState::default() };
		if contracts.is_zero() {
			account.cash = UsdValue::from_inner(account.cash.into_inner() + profit);
		} else {
			let price = scenario.price("PerpPrice")?;
			quotes.perpetual = Some(price);
			quotes.perpetual_confidence = Confidence(scenario.fraction("PerpConfidence")?);
			account.legs.push(perpetual(contracts, price, profit)?);
		}
		let options = series.iter().map(|series| Leg {
			instrument: series.instrument,
			size: series.size,
			entry_value: UsdValue::ZERO,
			settled_at: None,
		});
		account.legs.extend(options);
		for (index, fields) in scenario.list("Collaterals")?.iter().enumerate() {
			account.collateral.push(holding(index, fields, stable)?);
		}
		expiries.sort_by_key(|prices: &ExpiryPrices| prices.expiry);
		let prices = UnderlyingPrices {
			spot: scenario.price("SpotPrice")?,
			half_width: Price::ZERO,
			oldest: NOW,
			expiries,
		};
		let state = UnderlyingState { underlying: UNDERLYING, prices, live: true, quotes };
		Ok(Self {
			market: MarketState::new(NOW, stable, vec![state]),
			account,
			series,
			feeds,
			funding,
			has_perpetual: !contracts.is_zero(),
		})
	}
}

/// A perpetual position that has gained `profit`.
pub fn perpetual(size: Contracts, price: Price, profit: i128) -> Result<Leg, CaseError> {
	let value = plimsoll_primitives::money::value(price, size, Rounding::Down)
		.and_then(|value| value.checked_sub(UsdValue::from_inner(profit)))
		.ok_or_else(|| CaseError::Engine("Overflow".to_string()))?;
	Ok(Leg {
		instrument: Instrument::perpetual(UNDERLYING),
		size,
		entry_value: value,
		settled_at: None,
	})
}

fn series(scenario: &Fields) -> Result<Vec<Series>, CaseError> {
	scenario
		.list("Options")?
		.iter()
		.map(|fields| {
			let seconds = fields.scaled("Expiry", 1)?;
			let kind = if fields.truth("IsCall")? { OptionKind::Call } else { OptionKind::Put };
			let strike = fields.price("Strike")?;
			let mark_volatility = match fields.optional("MarkVol") {
				Some(_) => Some(fields.volatility("MarkVol")?),
				None => None,
			};
			Ok(Series {
				seconds,
				instrument: Instrument::option(UNDERLYING, expiry(seconds), strike, kind),
				size: fields.contracts("Amount")?,
				mark_volatility,
			})
		})
		.collect()
}

fn feed(
	fields: &Fields,
	series: &[Series],
	expiries: &mut Vec<ExpiryPrices>,
	quotes: &mut Quotes,
) -> Result<Feed, CaseError> {
	let seconds = fields.scaled("FeedExpiry", 1)?;
	let (forward, rate) = (fields.price("Forward")?, fields.rate("Rate")?);
	let confidence = ["ForwardConfidence", "RateConfidence", "OptionVolConfidences"]
		.into_iter()
		.map(|name| fields.fraction(name).map(Confidence))
		.collect::<Result<Vec<_>, _>>()?;
	let discount_rate = rate.max(Rate::ZERO);
	quotes.expiries.push(ExpiryQuotes {
		expiry: expiry(seconds),
		confidence: confidence.into_iter().min().unwrap_or_default(),
		// What has expired settles at its forward.
		fixed: (seconds == 0).then_some(forward),
		discount_rate: Some(discount_rate),
	});
	let smile = Smile::new(fields)?;
	let surface = smile.is_of(seconds, forward)?.then_some(smile.parameters);
	if surface.is_none() {
		for series in series.iter().filter(|series| series.seconds == seconds) {
			quotes.volatilities.extend(smile.quote(&series.instrument)?);
		}
	}
	expiries.push(ExpiryPrices {
		expiry: expiry(seconds),
		forward,
		rate,
		surface,
		live_blocks: 1,
		surface_live_blocks: 1,
	});
	Ok(Feed { seconds, rate, discount_rate })
}

/// A feed's SVI curve, which has a forward and a time to expiry of its own.
struct Smile {
	parameters: Svi,
	forward: Price,
	/// Years, 18 decimals.
	years: u128,
}

impl Smile {
	fn new(fields: &Fields) -> Result<Self, CaseError> {
		let list = fields.list("SVIparam")?;
		let wrong = || CaseError::Length("SVIparam", list.len(), 7);
		let [a, b, rho, m, sigma, forward, years] = <[i128; 7]>::try_from(
			list.iter()
				.map(|parameter| decimal(parameter.value()))
				.collect::<Result<Vec<_>, _>>()?,
		)
		.map_err(|_| wrong())?;
		let unsigned = |value: i128| {
			u128::try_from(value).map_err(|_| CaseError::Negative("SVIparam".to_string()))
		};
		let parameter = sp_arithmetic::FixedI128::from_inner;
		Ok(Self {
			parameters: Svi {
				a: parameter(a),
				b: parameter(b),
				rho: parameter(rho),
				m: parameter(m),
				sigma: parameter(sigma),
			},
			forward: Price::from_inner(unsigned(forward)?),
			years: unsigned(years)?,
		})
	}

	/// Whether its forward and time are the expiry's, so that it is the expiry's surface as it
	/// stands.
	fn is_of(&self, seconds: u64, forward: Price) -> Result<bool, CaseError> {
		let years = to_decimal(Tenor::from_milliseconds(seconds * 1000)?.years(), Rounding::Down);
		Ok(self.forward == forward && self.years.abs_diff(years.unsigned_abs()) < 10)
	}

	/// The volatility that it gives a series; none for a strike of zero.
	fn quote(&self, instrument: &Instrument) -> Result<Option<SeriesVolatility>, CaseError> {
		let plimsoll_primitives::Contract::Option { expiry, strike, kind } = instrument.contract
		else {
			return Ok(None);
		};
		let mut volatility = Volatility::ZERO;
		if !strike.is_zero() && self.years != 0 {
			let k =
				subtract(ln_integer(strike.into_inner())?, ln_integer(self.forward.into_inner())?)?;
			let root = sqrt(plimsoll_risk::fixed::from_unsigned_decimal(self.years)?)?;
			let value = divide(Slice::new(&self.parameters)?.deviation(k)?, root)?;
			volatility = Volatility::from_inner(to_decimal(value, Rounding::Down).unsigned_abs());
		}
		Ok(Some(SeriesVolatility { expiry, strike, kind, volatility }))
	}
}

/// Collateral, priced in the settlement asset.
fn holding(index: usize, fields: &Fields, stable: Price) -> Result<CollateralHolding, CaseError> {
	let usd = fields.price("Price")?.into_inner();
	let price = divided(usd, stable.into_inner())
		.ok_or_else(|| CaseError::NotANumber(fields.value().to_string()))?;
	Ok(CollateralHolding {
		collateral: collateral(index)?,
		feed: UNDERLYING,
		price: Some(Price::from_inner(price)),
		amount: fields.contracts("Amount")?,
		offsets_risk: fields.truth("IsRiskCancelling")?,
		haircut: fields.fraction("MMHaircut")?,
		charge: NotionalCharge {
			maintenance: FixedU128::default(),
			initial: fields.fraction("IMHaircut")?,
		},
		confidence: Confidence(fields.fraction("Confidence")?),
	})
}

/// The published names.
struct Figures<'a> {
	model: &'a RiskModel,
	portfolio: &'a Portfolio,
	report: &'a RiskReport,
}

impl Figures<'_> {
	/// Every figure that a case of this kind may publish.
	fn all(&self, scenario: &Fields, result: &Fields) -> Result<Map<String, Value>, CaseError> {
		let mut figures = Map::new();
		self.margins(scenario, &mut figures)?;
		self.contingencies(&mut figures)?;
		self.expiries(&mut figures)?;
		self.volatilities(&mut figures)?;
		self.scenarios(result, &mut figures)?;
		Ok(figures)
	}

	fn underlying(&self) -> Option<&UnderlyingReport> {
		underlying(self.report)
	}

	fn margins(
		&self,
		scenario: &Fields,
		figures: &mut Map<String, Value>,
	) -> Result<(), CaseError> {
		let margin = &self.report.margin;
		let maintenance = number(minus(margin.equity, margin.maintenance)?);
		let initial = number(minus(margin.equity, margin.initial)?);
		let legs = self.report.legs.iter();
		let is_perpetual = |index: usize| index == 0 && self.portfolio.has_perpetual;
		let perpetual = if self.portfolio.has_perpetual {
			self.report.legs.first().map_or(0, |leg| leg.value.into_inner())
				- self.portfolio.funding
		} else {
			scenario.signed("UnrealisedPerpPNL")?
		};
		let options: i128 = legs
			.enumerate()
			.filter(|(index, _)| !is_perpetual(*index))
			.map(|(_, leg)| leg.value.into_inner())
			.sum();
		let held: i128 =
			self.report.collateral.iter().map(|holding| holding.value.into_inner()).sum();
		let cash = self.portfolio.account.cash.into_inner();
		let cash = if self.portfolio.has_perpetual {
			cash
		} else {
			cash - perpetual - self.portfolio.funding
		};
		for (name, value) in [
			("MM", maintenance.clone()),
			("MMHand", maintenance),
			("IM", initial.clone()),
			("IMHand", initial),
			("OptionMTM", number(options)),
			("CollateralMTM", number(held)),
			("PerpMTM", number(perpetual)),
			("UnrealisedPerpPNL", number(perpetual)),
			("UnrealisedFunding", number(self.portfolio.funding)),
			("PortfolioMTM", number(margin.net_value.into_inner())),
			("Cash", number(cash)),
			("MMLossFactor", fraction(self.model.maintenance_factor)),
			("IMLossFactor", fraction(self.report.initial_factor)),
			("im_loss_factor", fraction(self.report.initial_factor)),
		] {
			figures.insert(name.to_string(), value);
		}
		Ok(())
	}

	fn contingencies(&self, figures: &mut Map<String, Value>) -> Result<(), CaseError> {
		let all = &self.report.contingencies;
		let basis = self.underlying().map_or(0, |underlying| underlying.basis.into_inner());
		let margin = &self.report.margin;
		let cut = minus(margin.net_value, margin.equity)?;
		let mut insert = |name: &str, loss: i128| figures.insert(name.to_string(), number(-loss));
		insert("ForwardContingency", basis);
		insert("OracleCont", all.confidence.initial.into_inner());
		let (option, perpetual) = (&all.naked_short, &all.perpetual);
		for (name, charge) in [("Option", option), ("Perp", perpetual)] {
			let (initial, maintenance) =
				(charge.initial.into_inner(), charge.maintenance.into_inner());
			insert(&format!("MM{name}Cont"), maintenance);
			insert(&format!("IM{name}Cont"), initial - maintenance);
			insert(&format!("IM{name}ContNormal"), initial);
		}
		let added = all.collateral.initial.into_inner();
		insert("MMBaseCont", cut);
		insert("IMBaseCont", added);
		insert("IMBaseContNormal", cut + added);
		Ok(())
	}

	fn expiries(&self, figures: &mut Map<String, Value>) -> Result<(), CaseError> {
		let (mut values, mut discounted, mut factors) = (Vec::new(), Vec::new(), Vec::new());
		for feed in &self.portfolio.feeds {
			let found = self.underlying().and_then(|underlying| {
				underlying.expiries.iter().find(|entry| entry.expiry == expiry(feed.seconds))
			});
			values.push(number(found.map_or(0, |entry| entry.value.into_inner())));
			discounted.push(number(found.map_or(0, |entry| entry.discounted_value.into_inner())));
			if let Some(discounting) = &self.model.discounting {
				let tenor = Tenor::from_milliseconds(feed.seconds * 1000)?;
				let both = discounting.at(&tenor, feed.rate, feed.discount_rate)?;
				factors.push(json!([fixed(both.long), fixed(both.short)]));
			}
		}
		figures.insert("OptionMTMPerExpiry".into(), values.into());
		figures.insert("OptionMTMPerExpiryDiscounted".into(), discounted.into());
		figures.insert("discount_factors".into(), factors.into());
		Ok(())
	}

	fn volatilities(&self, figures: &mut Map<String, Value>) -> Result<(), CaseError> {
		let names = [
			"VolShockUpMultiplier",
			"VolShockDownMultiplier",
			"VolShockUpEvaluated",
			"VolShockDownEvaluated",
		];
		let mut lists = [const { Vec::<Value>::new() }; 4];
		for series in &self.portfolio.series {
			let tenor = Tenor::from_milliseconds(series.seconds * 1000)?;
			let (up, down) = self.model.volatility.multipliers(&tenor)?;
			let volatility = series.mark_volatility.unwrap_or_default();
			let shocked = self.model.volatility.shocked(&tenor, volatility)?;
			let evaluated = |volatility: Volatility| {
				i128::try_from(volatility.into_inner()).map_or(Value::Null, number)
			};
			let row = [fixed(up), fixed(down), evaluated(shocked.0), evaluated(shocked.1)];
			for (list, value) in lists.iter_mut().zip(row) {
				list.push(value);
			}
		}
		for (name, list) in names.into_iter().zip(lists) {
			figures.insert(name.to_string(), list.into());
		}
		Ok(())
	}

	/// Profit and loss of every scenario, parted as the case parts them.
	fn scenarios(
		&self,
		result: &Fields,
		figures: &mut Map<String, Value>,
	) -> Result<(), CaseError> {
		let scenarios = &self.model.scenarios;
		let losses = self.underlying().map(|underlying| underlying.losses.clone());
		let losses = losses.filter(|losses| !losses.is_empty());
		let losses = losses.unwrap_or_else(|| vec![UsdValue::ZERO; scenarios.len()]);
		let mut rest: Vec<_> = scenarios.iter().zip(&losses).collect();
		let mut worst_of_all: Option<(i128, &str)> = None;
		let parts = [("regular", "reg"), ("tail", "tail"), ("skew", "skew")];
		let lengths = parts
			.iter()
			.map(|(_, part)| Ok(result.list(&format!("{part}_losses"))?.len()))
			.collect::<Result<Vec<usize>, CaseError>>()?;
		let total = lengths.iter().sum();
		if total != rest.len() {
			return Err(CaseError::Length(
				"reg_losses, tail_losses and skew_losses",
				total,
				rest.len(),
			));
		}
		for ((name, part), length) in parts.into_iter().zip(lengths) {
			let after = rest.split_off(length);
			let rows: Vec<_> = rest.iter().map(|(scenario, loss)| row(scenario, loss)).collect();
			let worst = rest.iter().max_by_key(|(_, loss)| **loss);
			let profit = worst.map_or(0, |(_, loss)| -loss.into_inner());
			figures.insert(format!("worst_{part}_loss"), number(profit));
			figures.insert(
				format!("worst_{part}_scenario"),
				worst.map_or(Value::Null, |(scenario, _)| label(scenario, part)),
			);
			figures.insert(format!("{part}_losses"), rows.into());
			if worst_of_all.is_none_or(|(least, _)| profit < least) {
				worst_of_all = Some((profit, name));
			}
			rest = after;
		}
		let name = worst_of_all.map_or(Value::Null, |(_, name)| name.into());
		figures.insert("worst_all_scenarios".into(), name);
		Ok(())
	}
}

/// The relative price move of a scenario.
fn step(scenario: &Scenario) -> i128 {
	scenario.price_move.into_inner() / 10
}

/// 1, 0 and −1, or the name of a skew.
fn direction_code(scenario: &Scenario) -> Value {
	match scenario.volatility {
		VolatilityShock::Up => 1.into(),
		VolatilityShock::None => 0.into(),
		VolatilityShock::Down => (-1).into(),
		VolatilityShock::LinearSkew => "LINEAR".into(),
		VolatilityShock::AbsoluteSkew => "ABS".into(),
	}
}

/// A scenario's profit and loss as it is published.
fn row(scenario: &Scenario, loss: &UsdValue) -> Value {
	let profit = text(-loss.into_inner());
	if scenario.volatility.is_skew() {
		json!([direction_code(scenario), profit])
	} else {
		json!([text(step(scenario)), direction_code(scenario), profit])
	}
}

/// A scenario's name as it is published.
fn label(scenario: &Scenario, part: &str) -> Value {
	let code = direction_code(scenario);
	match part {
		"skew" => code,
		"tail" => json!([number(step(scenario)), code, fraction(scenario.weight)]),
		_ => json!([number(step(scenario)), code]),
	}
}

fn fraction(value: FixedU128) -> Value {
	i128::try_from(value.into_inner()).map_or(Value::Null, number)
}

fn fixed(value: Fixed) -> Value {
	number(to_decimal(value, Rounding::Down))
}
