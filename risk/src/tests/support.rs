//! A market and accounts to test with.

use crate::{
	joint::{JointMove, JointScenarios},
	model::RiskModel,
	state::{AccountState, CollateralHolding, Leg, MarketState, UnderlyingState},
};
use plimsoll_primitives::{
	CollateralId, CollateralTreatment, Contracts, ExpiryPrices, Instrument, Moment, OptionKind,
	Price, Rate, Svi, UnderlyingId, UnderlyingPrices, UsdValue,
};
use sp_arithmetic::{FixedI128, FixedU128, Permill};

pub const BTC: UnderlyingId = UnderlyingId(0);
pub const ETH: UnderlyingId = UnderlyingId(1);
pub const DAY: Moment = 24 * 60 * 60 * 1000;
pub const NOW: Moment = 1_790_000_000_000;
pub const WEEK: Moment = NOW + 7 * DAY;
pub const QUARTER: Moment = NOW + 90 * DAY;
pub const ONE: i128 = 1_000_000_000_000_000_000;

/// From hundredths.
pub fn usd(cents: i128) -> UsdValue {
	UsdValue::from_inner(cents * (ONE / 100))
}

/// Whole dollars.
pub fn price(dollars: u32) -> Price {
	Price::from_u32(dollars)
}

/// From thousandths.
pub fn contracts(thousandths: i128) -> Contracts {
	Contracts::from_inner(thousandths * (ONE / 1000))
}

pub fn percent(percent: u32) -> FixedU128 {
	FixedU128::from_rational(u128::from(percent), 100)
}

pub fn model() -> RiskModel {
	RiskModel::standard(&[(BTC, percent(15)), (ETH, percent(18))])
}

/// Total variance of a 64 % volatility at the money after this time, with a smile.
fn surface(days: i128) -> Svi {
	let level = ONE * 4 * days / 3650;
	Svi {
		a: FixedI128::from_inner(level / 2),
		b: FixedI128::from_inner(level / 2),
		rho: FixedI128::from_inner(-ONE / 5),
		m: FixedI128::from_inner(0),
		sigma: FixedI128::from_inner(ONE),
	}
}

fn expiry(expiry: Moment, forward: u32, days: i128, rate: i128) -> ExpiryPrices {
	ExpiryPrices {
		expiry,
		forward: price(forward),
		rate: Rate::from_inner(rate),
		surface: Some(surface(days)),
		live_blocks: 1,
		surface_live_blocks: 1,
	}
}

fn underlying(id: UnderlyingId, spot: u32, half_width: u32) -> UnderlyingState {
	UnderlyingState::new(
		id,
		UnderlyingPrices {
			spot: price(spot),
			half_width: price(half_width),
			oldest: NOW,
			expiries: vec![
				expiry(WEEK, spot + spot / 1000, 7, 0),
				expiry(QUARTER, spot + spot / 50, 90, ONE / 25),
			],
		},
		true,
	)
}

/// 256 joint scenarios: ETH does what BTC does, a fifth more, and something of its own; volatilities
/// rise as prices fall.
pub fn joint() -> JointScenarios {
	let mut state = 1u64;
	let mut uniform = move || {
		state =
			state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
		i32::try_from(state >> 40).expect("24 bits fit; qed") - (1 << 23)
	};
	// Sums of four, about normal; a daily deviation of about 4 %.
	let mut normal = move || (0..4).map(|_| uniform()).sum::<i32>() / 4;
	let moves = (0..256).flat_map(|_| {
		let (common, own, fear) = (normal(), normal(), normal());
		[
			JointMove { price: common, volatility: fear - common * 3 },
			JointMove { price: common + common / 5 + own / 2, volatility: fear - common * 2 },
		]
	});
	JointScenarios { underlyings: vec![BTC, ETH], moves: moves.collect() }
}

/// BTC at 60,000 ± 60 and ETH at 3,000 ± 3, forwards a week and 90 days away, and joint scenarios.
pub fn market() -> MarketState {
	let underlyings = vec![underlying(BTC, 60_000, 60), underlying(ETH, 3_000, 3)];
	MarketState { joint: joint(), ..MarketState::new(NOW, Price::ONE, underlyings) }
}

/// The same market with its nearer expiry this many milliseconds away, and a flat volatility of 64 %
/// there, so that it is the same at every forward.
pub fn market_near(milliseconds: u64) -> MarketState {
	let mut market = market();
	for underlying in &mut market.underlyings {
		let near = &mut underlying.prices.expiries[0];
		near.expiry = NOW + milliseconds;
		let variance = ONE * 4_096 / 10_000 * i128::from(milliseconds) / (365 * i128::from(DAY));
		let flat = |a| Svi {
			a: FixedI128::from_inner(a),
			b: FixedI128::from_inner(0),
			rho: FixedI128::from_inner(0),
			m: FixedI128::from_inner(0),
			sigma: FixedI128::from_inner(ONE),
		};
		near.surface = Some(flat(variance));
	}
	market
}

pub fn option(
	underlying: UnderlyingId,
	expiry: Moment,
	strike: u32,
	kind: OptionKind,
) -> Instrument {
	Instrument::option(underlying, expiry, price(strike), kind)
}

/// So many thousandths of a contract, entered at nothing (options) or at spot.
pub fn leg(instrument: Instrument, thousandths: i128) -> Leg {
	let size = contracts(thousandths);
	let spot = if instrument.underlying == BTC { 60_000 } else { 3_000 };
	let entry_value = if instrument.is_premium_paid() {
		UsdValue::ZERO
	} else {
		UsdValue::from_inner(spot * size.into_inner())
	};
	Leg { instrument, size, entry_value, settled_at: None }
}

pub fn account(cash_dollars: i128, legs: Vec<Leg>) -> AccountState {
	AccountState { cash: usd(cash_dollars * 100), collateral: Vec::new(), legs }
}

/// So many thousandths of an ether, in the curve, 2 % cut for liquidity.
pub fn ether(thousandths: i128) -> CollateralHolding {
	CollateralHolding::new(
		CollateralId(0),
		ETH,
		contracts(thousandths),
		CollateralTreatment::RiskOffsetting { liquidity_haircut: Permill::from_percent(2) },
	)
}

/// So many thousandths of something priced as BTC, cut by 20 %.
pub fn haircut(thousandths: i128) -> CollateralHolding {
	CollateralHolding::new(
		CollateralId(1),
		BTC,
		contracts(thousandths),
		CollateralTreatment::Haircut { haircut: Permill::from_percent(20) },
	)
}

/// The standard model with everything that it leaves out: skews, a settlement window, static
/// discounting, and every contingency.
pub fn wide_model() -> RiskModel {
	use crate::model::*;
	let mut model = model();
	for (volatility, at) in [(VolatilityShock::LinearSkew, 31), (VolatilityShock::AbsoluteSkew, 32)]
	{
		let scenario =
			Scenario { price_move: FixedI128::from_inner(0), volatility, weight: percent(100) };
		model.scenarios.try_insert(at, scenario).expect("there is room");
	}
	let cap = SkewCap {
		level: FixedI128::from_rational(15, 100),
		slope: FixedI128::from_inner(-ONE / 20),
	};
	RiskModel {
		skew: SkewLaw {
			linear: cap,
			absolute: cap,
			minimum_width: percent(1),
			width_scale: percent(400),
			width_level: FixedI128::from_rational(60, 100),
			width_slope: FixedI128::from_inner(-ONE / 10),
		},
		settlement_window: 30 * 60 * 1000,
		discounting: Some(StaticDiscounting {
			long: percent(95),
			long_rate_factor: percent(100),
			long_rate_add: percent(8),
			short: percent(104),
			short_rate_factor: percent(50),
			short_rate_add: percent(8),
		}),
		basis: Some(BasisShock {
			rise: percent(5),
			fall: percent(5),
			level: percent(50),
			slope: percent(200),
		}),
		perpetual: NotionalCharge { maintenance: percent(1), initial: percent(2) },
		confidence: ConfidenceCharge { threshold: percent(55), factor: percent(100) },
		depeg: DepegCharge { threshold: percent(98), factor: percent(200) },
		..model
	}
}
