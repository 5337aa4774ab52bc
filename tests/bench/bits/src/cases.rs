//! Models, markets and accounts to measure with.

use crate::random::Random;
use codec::Encode;
use plimsoll_bench_wasm::{Account, Collateral, Job, Market, OptionTerms, Position};
use plimsoll_primitives::{
	CollateralId, CollateralTreatment, Contracts, ExpiryPrices, Instrument, Moment, OptionKind,
	Price, Rate, Stance, Svi, UnderlyingId, UnderlyingPrices, UsdValue, Volatility,
};
use plimsoll_risk::{
	model::{MAX_SCENARIOS, MAX_UNDERLYINGS},
	tenor::YEAR,
	JointMove, RiskModel, Scenario, VolatilityShock,
};
use sp_arithmetic::{FixedI128, FixedU128, Permill};
use sp_core::bounded::BoundedVec;

/// One, with 18 decimals.
pub const ONE: i128 = 1_000_000_000_000_000_000;
const NOW: Moment = 1_790_000_000_000;
const HOUR: Moment = 60 * 60 * 1000;
/// From now; the legs of a measured account spread over all of them.
const EXPIRIES: [Moment; 4] = [30 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR, 120 * 24 * HOUR];
const JOINT_SCENARIOS: usize = 256;

/// A fraction from thousandths.
fn thousandths(value: u128) -> FixedU128 {
	FixedU128::from_inner(value * 1_000_000_000_000_000)
}

/// A number from a float, to 18 decimals; far beyond what is used here it would saturate.
pub fn scaled(value: f64) -> i128 {
	(value * 1e18) as i128
}

/// [`scaled`], of what is not negative.
pub fn unsigned_scaled(value: f64) -> u128 {
	scaled(value).unsigned_abs()
}

/// The underlyings 0, 1, …
fn ids(count: u16) -> impl Iterator<Item = UnderlyingId> {
	(0..count).map(UnderlyingId)
}

/// The standard model over so many underlyings (at most [`MAX_UNDERLYINGS`]).
pub fn standard_model(underlyings: u16) -> RiskModel {
	let count = underlyings.min(u16::try_from(MAX_UNDERLYINGS).unwrap_or(u16::MAX));
	let ranges: Vec<_> =
		ids(count).map(|id| (id, thousandths(150 + 5 * u128::from(id.0)))).collect();
	RiskModel::standard(&ranges)
}

/// The standard model's laws with a grid of so many scenarios (7 to [`MAX_SCENARIOS`]): from −4/3 to
/// 4/3 of the scan range, each with volatility up, unmoved and down, as far as the number goes.
pub fn model_with_scenarios(underlyings: u16, scenarios: u32) -> RiskModel {
	let scenarios = scenarios.clamp(7, MAX_SCENARIOS);
	let steps = i128::from(scenarios.div_ceil(3)) - 1;
	let shocks = [VolatilityShock::Up, VolatilityShock::None, VolatilityShock::Down];
	let grid = (0..scenarios).zip(shocks.into_iter().cycle()).map(|(index, volatility)| {
		let place = i128::from(index / 3);
		let price_move = FixedI128::from_inner(-4 * ONE / 3 + 8 * ONE / 3 * place / steps);
		Scenario { price_move, volatility, weight: FixedU128::from_u32(1) }
	});
	let scenarios = BoundedVec::truncate_from(grid.collect());
	RiskModel { scenarios, ..standard_model(underlyings) }
}

/// A smile around 64 % at the money.
fn surface(time: Moment) -> Svi {
	let level = ONE * i128::from(time) / i128::from(YEAR) * 2 / 5;
	let inner = FixedI128::from_inner;
	Svi {
		a: inner(level / 2),
		b: inner(level / 2),
		rho: inner(-ONE / 5),
		m: inner(0),
		sigma: inner(ONE),
	}
}

fn spot(underlying: UnderlyingId) -> Price {
	Price::from_u32(60_000 / (1 + 3 * u32::from(underlying.0)))
}

fn prices(underlying: UnderlyingId) -> UnderlyingPrices {
	let spot = spot(underlying);
	let expiries = EXPIRIES.into_iter().map(|time| ExpiryPrices {
		expiry: NOW + time,
		forward: Price::from_inner(
			spot.into_inner() / 1_000 * (1_000 + u128::from(time / HOUR / 100)),
		),
		rate: Rate::from_inner(ONE / 25),
		surface: Some(surface(time)),
		live_blocks: 1,
		surface_live_blocks: 1,
	});
	UnderlyingPrices {
		spot,
		half_width: Price::from_inner(spot.into_inner() / 1_000),
		oldest: NOW,
		expiries: expiries.collect(),
	}
}

/// So many underlyings, with joint scenarios of up to eight of them.
pub fn market(underlyings: u16) -> Market {
	let mut random = Random::new(1);
	let joint: Vec<_> = ids(underlyings.min(8)).collect();
	let mut up_to = |most: f64| (random.between(-most, most) * 1e8) as i32;
	let moves = (0..JOINT_SCENARIOS * joint.len())
		.map(|_| JointMove { price: up_to(0.2), volatility: up_to(0.4) });
	Market {
		now: NOW,
		settlement_asset_price: Price::ONE,
		underlyings: ids(underlyings).map(|id| (id, prices(id))).collect(),
		joint_moves: moves.collect(),
		joint_underlyings: joint,
	}
}

/// An account of so many legs, spread evenly: for each underlying a perpetual, the rest options long
/// and short, calls and puts, over all expiries and strikes from 60 % to 140 % of spot. No two legs
/// are the same instrument.
pub fn account(legs: u16, underlyings: u16) -> Account {
	let legs = (0..legs).map(|index| {
		let underlying = UnderlyingId(index % underlyings.max(1));
		let place = index / underlyings.max(1);
		let size =
			(1 + i128::from(place % 5)) * ONE / 4 * if place.is_multiple_of(2) { 1 } else { -1 };
		let spot = spot(underlying);
		if place == 0 {
			let entry = i128::try_from(spot.into_inner()).unwrap_or(i128::MAX) / 4;
			return Position {
				instrument: Instrument::perpetual(underlying),
				size: Contracts::from_inner(size),
				entry_value: UsdValue::from_inner(entry),
			};
		}
		let expiry = EXPIRIES.get(usize::from(place % 4)).copied().unwrap_or(HOUR);
		let percent = 60 + u128::from(place.wrapping_mul(7) % 81);
		let strike = Price::from_inner(spot.into_inner() / 100 * percent);
		let kind = if place.is_multiple_of(3) { OptionKind::Put } else { OptionKind::Call };
		Position {
			instrument: Instrument::option(underlying, NOW + expiry, strike, kind),
			size: Contracts::from_inner(size),
			entry_value: UsdValue::ZERO,
		}
	});
	let held = Collateral {
		collateral: CollateralId(0),
		feed: UnderlyingId(0),
		amount: Contracts::from_inner(3 * ONE),
		treatment: CollateralTreatment::RiskOffsetting {
			liquidity_haircut: Permill::from_percent(2),
		},
	};
	Account {
		cash: UsdValue::from_inner(500_000 * ONE),
		collateral: vec![held],
		legs: legs.collect(),
	}
}

/// Options all over the domain: forwards 1 to 1,000,000 USD, strikes a thousandth to a thousand
/// times the forward, half of them near it, volatility 1 % to 1000 %, one second to ten years.
pub fn option(random: &mut Random) -> OptionTerms {
	let forward = random.between_logarithms(1.0, 1e6);
	let volatility = random.between_logarithms(0.01, 10.0);
	let milliseconds = random.between_logarithms(1e3, 3.1536e11);
	let ratio = if random.below(2) == 0 {
		random.between_logarithms(1e-3, 1e3)
	} else {
		// d1 evenly in ±40, as far as the domain reaches.
		let deviation = volatility * (milliseconds / 3.1536e10).sqrt();
		let d1 = random.between(-40.0, 40.0);
		((deviation / 2.0 - d1) * deviation).exp().clamp(1e-3, 1e3)
	};
	OptionTerms {
		kind: random.one_of(&[OptionKind::Call, OptionKind::Put], OptionKind::Call),
		forward: Price::from_inner(unsigned_scaled(forward)),
		strike: Price::from_inner(unsigned_scaled(forward * ratio)),
		volatility: Volatility::from_inner(unsigned_scaled(volatility)),
		milliseconds: milliseconds as u64,
		rate: Rate::from_inner(scaled(random.between(-0.2, 0.2))),
	}
}

/// The edges of the domain, each with each.
pub fn edge_options() -> Vec<OptionTerms> {
	let mut options = Vec::new();
	for milliseconds in [1_000, 60_000, 3_600_000, 86_400_000, YEAR, 10 * YEAR] {
		for volatility in [0.01, 0.5, 10.0] {
			for ratio in [0.001, 0.5, 0.999, 0.999999, 1.0, 1.000001, 1.001, 2.0, 1000.0] {
				for kind in [OptionKind::Call, OptionKind::Put] {
					options.push(OptionTerms {
						kind,
						forward: Price::from_u32(65_000),
						strike: Price::from_inner(unsigned_scaled(65_000.0 * ratio)),
						volatility: Volatility::from_inner(unsigned_scaled(volatility)),
						milliseconds,
						rate: Rate::from_inner(ONE / 20),
					});
				}
			}
		}
	}
	options
}

/// Surfaces of every shape, most of them usable, and a log-moneyness for each.
pub fn surfaces(random: &mut Random, count: usize) -> Vec<(Svi, i128)> {
	let mut surface = || {
		let inner = |value: f64| FixedI128::from_inner(scaled(value));
		let level = random.between_logarithms(1e-10, 10.0);
		let surface = Svi {
			a: inner(level * random.between(-0.2, 0.9)),
			b: inner(level * random.between_logarithms(0.01, 1.0)),
			rho: inner(random.between(-0.95, 0.95)),
			m: inner(random.between(-0.3, 0.3)),
			sigma: inner(random.between_logarithms(1e-7, 2.0)),
		};
		(surface, (random.between(-7.0, 7.0) * 2f64.powi(64)) as i128)
	};
	(0..count).map(|_| surface()).collect()
}

/// Accounts at the edges of what can be listed, as jobs: one second before expiry, volatilities of
/// 1 % and 1000 %, strikes of a thousandth and a thousand times the forward, long and short.
pub fn edge_jobs() -> Vec<Job> {
	let mut jobs = Vec::new();
	for (to_expiry, volatility) in
		[(1_000, 0.01), (1_000, 10.0), (HOUR, 10.0), (YEAR, 0.01), (2 * YEAR, 10.0)]
	{
		let years = to_expiry as f64 / YEAR as f64;
		let inner = |value: f64| FixedI128::from_inner(scaled(value));
		let flat = Svi {
			a: inner(volatility * volatility * years),
			b: inner(0.0),
			rho: inner(0.0),
			m: inner(0.0),
			sigma: inner(1.0),
		};
		let mut market = market(1);
		for (_, prices) in &mut market.underlyings {
			let expiry = ExpiryPrices {
				expiry: NOW + to_expiry,
				forward: prices.spot,
				rate: Rate::from_inner(ONE / 20),
				surface: Some(flat),
				live_blocks: 1,
				surface_live_blocks: 1,
			};
			prices.expiries.insert(0, expiry);
		}
		let forward = spot(UnderlyingId(0)).into_inner();
		for short in [1, -1] {
			let legs = [forward / 1_000, forward, forward * 1_000].into_iter().flat_map(|strike| {
				[OptionKind::Call, OptionKind::Put].map(|kind| Position {
					instrument: Instrument::option(
						UnderlyingId(0),
						NOW + to_expiry,
						Price::from_inner(strike),
						kind,
					),
					size: Contracts::from_inner(short * ONE),
					entry_value: UsdValue::ZERO,
				})
			});
			let account = Account { legs: legs.collect(), ..account(1, 1) }.encode();
			let (model, market) = (standard_model(1), market.clone());
			jobs.push(Job::Report { model, market, account, stance: Stance::Unfavourable });
		}
	}
	jobs
}

/// An account, market and model with everything left to chance, as a job.
pub fn random_job(random: &mut Random) -> Job {
	let underlyings = 1 + u16::try_from(random.below(4)).unwrap_or(0);
	let legs = 1 + u16::try_from(random.below(24)).unwrap_or(0);
	let mut market = market(underlyings);
	for (_, prices) in &mut market.underlyings {
		let factor = random.between_logarithms(0.3, 3.0);
		let moved = |price: Price| {
			Price::from_inner((price.into_inner() / 1_000_000) * unsigned_scaled(factor * 1e-12))
		};
		prices.spot = moved(prices.spot);
		for expiry in &mut prices.expiries {
			expiry.forward = moved(expiry.forward);
			expiry.rate = Rate::from_inner(scaled(random.between(-0.1, 0.2)));
			let wider = random.between_logarithms(0.2, 5.0);
			if let Some(surface) = &mut expiry.surface {
				for level in [&mut surface.a, &mut surface.b] {
					let widened = level.into_inner() as f64 * wider;
					*level = FixedI128::from_inner(widened as i128);
				}
				surface.rho = FixedI128::from_inner(scaled(random.between(-0.6, 0.6)));
				surface.m = FixedI128::from_inner(scaled(random.between(-0.2, 0.2)));
			}
		}
	}
	// Anywhere from a moment before the first expiry to long before it.
	market.now = NOW + 30 * HOUR - random.between_logarithms(1.0, 4e8) as u64;
	let mut account = account(legs, underlyings);
	for leg in &mut account.legs {
		leg.size = Contracts::from_inner(scaled(random.between(-20.0, 20.0)));
	}
	let scenarios = 7 + u32::try_from(random.below(58)).unwrap_or(0);
	let model = match random.below(2) {
		0 => standard_model(underlyings),
		_ => model_with_scenarios(underlyings, scenarios),
	};
	let stances = [Stance::Mark, Stance::Favourable, Stance::Unfavourable];
	let stance = random.one_of(&stances, Stance::Mark);
	let account = account.encode();
	if random.below(4) == 0 {
		Job::Report { model, market, account, stance }
	} else {
		Job::Margin { model, market, account, stance }
	}
}
