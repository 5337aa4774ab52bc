//! Random risk models.

use crate::{bytes::Bytes, case::scaled, case::unsigned_scaled};
use plimsoll_primitives::{UnderlyingId, Volatility};
use plimsoll_risk::{
	Aggregation, BasisShock, Concentration, DepegCharge, GammaBuffer, Liquidity, NotionalCharge,
	RiskModel, Scenario, SkewCap, SkewLaw, StaticDiscounting, VolatilityShock, VolatilityShockLaw,
};
use sp_arithmetic::{FixedI128, FixedU128};
use sp_core::bounded::BoundedVec;

const MINUTE: u64 = 60 * 1000;
const DAY: u64 = 24 * 60 * MINUTE;

fn fraction(value: f64) -> FixedU128 {
	FixedU128::from_inner(unsigned_scaled(value))
}

fn signed(value: f64) -> FixedI128 {
	FixedI128::from_inner(scaled(value))
}

/// The standard model, or one with scenarios, laws and charges left to chance, all within what
/// `validate` accepts; unless `is_ordinary`, at times one that it may not accept.
pub fn model(bytes: &mut Bytes, ids: &[UnderlyingId], is_ordinary: bool) -> RiskModel {
	let mut model = within_limits(bytes, ids);
	if !is_ordinary && bytes.once_in(4) {
		distort(bytes, &mut model);
	}
	model
}

/// Puts any number in the place of a few.
fn distort(bytes: &mut Bytes, model: &mut RiskModel) {
	for _ in 0..=bytes.below(3) {
		let any = FixedU128::from_inner(bytes.any_magnitude());
		let any_signed = FixedI128::from_inner(bytes.any_signed());
		let count = u32::try_from(model.scenarios.len()).unwrap_or(u32::MAX);
		let index = usize::try_from(bytes.below(count)).unwrap_or(0);
		let scenario = &mut model.scenarios[index];
		match bytes.below(20) {
			0 => scenario.price_move = any_signed,
			1 => scenario.weight = any,
			2 => model.underlyings[0].scan_range = any,
			3 => model.underlyings[0].liquidity = Liquidity { delta: any, options: any },
			4 => model.initial_factor = any,
			5 => model.maintenance_factor = any,
			6 => model.naked_short = NotionalCharge { maintenance: any, initial: any },
			7 => model.perpetual = NotionalCharge { maintenance: any, initial: any },
			8 => model.volatility.range_up = any,
			9 => model.volatility.range_down = any,
			10 => model.volatility.short_term_power = any,
			11 => model.volatility.expiry_floor = bytes.any_moment(),
			12 => model.volatility.minimum_shocked = Volatility(any),
			13 => model.skew.linear = SkewCap { level: any_signed, slope: any_signed },
			14 => model.skew.minimum_width = any,
			15 => model.horizon = bytes.any_moment(),
			16 => model.settlement_window = bytes.any_moment(),
			17 => model.expiry_points_within = bytes.any_moment(),
			18 => model.concentration = Concentration { delta_rate: any, option_rate: any },
			_ => model.depeg = DepegCharge { threshold: any, factor: any },
		}
	}
}

fn within_limits(bytes: &mut Bytes, ids: &[UnderlyingId]) -> RiskModel {
	let ranges: Vec<_> = ids.iter().map(|id| (*id, fraction(bytes.between(0.02, 0.33)))).collect();
	// Floors of ranges would only make models fewer.
	let mut model = RiskModel { pace: None, ..RiskModel::standard(&ranges) };
	if bytes.once_in(2) {
		for underlying in model.underlyings.iter_mut() {
			underlying.liquidity = Liquidity {
				delta: fraction(bytes.between_logarithms(1e3, 1e9)),
				options: fraction(bytes.between_logarithms(1e3, 1e9)),
			};
		}
	}
	if bytes.once_in(2) {
		return model;
	}
	scenarios(bytes, &mut model);
	charges(bytes, &mut model);
	model
}

/// A symmetric list of price moves with each volatility, so that joint losses can be interpolated;
/// the inner ones at full weight and at times skews.
fn scenarios(bytes: &mut Bytes, model: &mut RiskModel) {
	use VolatilityShock::{Down, None as Unmoved, Up};
	let mut moves = vec![1.0];
	moves.extend((0..bytes.below(4)).map(|_| bytes.between(0.05, 0.95)));
	let tails: Vec<_> = (0..bytes.below(3)).map(|_| bytes.between(1.3, 2.9)).collect();
	let has_middle = !bytes.once_in(4);
	let mut list = Vec::new();
	let mut add = |price_move: f64, weight: f64| {
		list.extend([Up, Unmoved, Down].map(|volatility| Scenario {
			price_move: signed(price_move),
			volatility,
			weight: fraction(weight),
		}));
	};
	for inner in moves {
		add(inner, 1.0);
		add(-inner, 1.0);
	}
	if has_middle {
		add(0.0, 1.0);
	}
	for tail in tails {
		let weight = bytes.between(0.1, 1.0);
		add(tail, weight);
		add(-tail, weight);
	}
	if bytes.once_in(3) {
		let weight = fraction(1.0);
		list.extend(
			[VolatilityShock::LinearSkew, VolatilityShock::AbsoluteSkew]
				.map(|volatility| Scenario { price_move: signed(0.0), volatility, weight }),
		);
		let mut cap = || SkewCap {
			level: signed(bytes.between(0.05, 0.3)),
			slope: signed(bytes.between(-0.1, 0.1)),
		};
		model.skew = SkewLaw {
			linear: cap(),
			absolute: cap(),
			minimum_width: fraction(bytes.between(0.01, 0.5)),
			width_scale: fraction(bytes.between(0.0, 5.0)),
			width_level: signed(bytes.between(0.2, 1.0)),
			width_slope: signed(bytes.between(-0.1, 0.1)),
		};
	}
	let reaches = |scenario: &Scenario| {
		!scenario.volatility.is_skew()
			&& scenario.price_move.into_inner().unsigned_abs() >= 600_000_000_000_000_000
	};
	let one_market = (0u8..).zip(&list).filter(|(_, s)| reaches(s)).map(|(index, _)| index);
	let one_market = BoundedVec::truncate_from(one_market.collect());
	let (floor, tail) = (fraction(bytes.between(0.0, 1.0)), fraction(bytes.between(0.005, 1.0)));
	let aggregates = !bytes.once_in(4);
	model.aggregation = Some(Aggregation { one_market, floor, tail }).filter(|_| aggregates);
	model.scenarios = BoundedVec::truncate_from(list);
}

fn charges(bytes: &mut Bytes, model: &mut RiskModel) {
	model.volatility = VolatilityShockLaw {
		range_up: fraction(bytes.between_logarithms(0.05, 5.0)),
		range_down: fraction(bytes.between_logarithms(0.05, 1.5)),
		short_term_power: fraction(bytes.between(0.0, 1.0)),
		long_term_power: fraction(bytes.between(0.0, 1.0)),
		expiry_floor: bytes.one_of([MINUTE, DAY, 30 * DAY]),
		minimum_shocked: Volatility(fraction(bytes.between(0.0, 1.0))),
	};
	let maintenance = bytes.between(1.0, 1.5);
	model.maintenance_factor = fraction(maintenance);
	model.initial_factor = fraction(bytes.between(1.5, 2.0));
	let mut charge = |most: f64| {
		let maintenance = bytes.between(0.0, most);
		let initial = fraction(maintenance + bytes.between(0.0, most));
		NotionalCharge { maintenance: fraction(maintenance), initial }
	};
	model.naked_short = charge(0.05);
	model.perpetual = charge(0.05);
	model.scale_contingencies = bytes.once_in(3);
	model.depeg = DepegCharge {
		threshold: fraction(bytes.between(0.9, 1.0)),
		factor: fraction(bytes.between(0.0, 5.0)),
	};
	model.horizon = bytes.one_of([0, 0, DAY, 5 * DAY]);
	model.settlement_window = bytes.one_of([0, 30 * MINUTE, DAY]);
	model.expiry_points_within = bytes.one_of([0, 7 * DAY, 30 * DAY]);
	model.concentration = Concentration {
		delta_rate: fraction(bytes.one_of([0.0, 0.005, 0.1])),
		option_rate: fraction(bytes.one_of([0.0, 0.01, 0.1])),
	};
	let has_discounting = bytes.once_in(3);
	model.discounting = has_discounting.then(|| StaticDiscounting {
		long: fraction(bytes.between(0.8, 1.0)),
		long_rate_factor: fraction(bytes.between(0.0, 2.0)),
		long_rate_add: fraction(bytes.between(0.0, 0.2)),
		short: fraction(bytes.between(1.0, 1.2)),
		short_rate_factor: fraction(bytes.between(0.0, 2.0)),
		short_rate_add: fraction(bytes.between(0.0, 0.2)),
	});
	let has_basis = bytes.once_in(3);
	model.basis = has_basis.then(|| BasisShock {
		rise: fraction(bytes.between(0.01, 0.2)),
		fall: fraction(bytes.between(0.01, 0.2)),
		level: fraction(bytes.between(0.0, 1.0)),
		slope: fraction(bytes.between(0.0, 3.0)),
	});
	let has_buffer = !bytes.once_in(3);
	model.gamma_buffer = has_buffer.then(|| GammaBuffer {
		window: bytes.one_of([DAY, 2 * DAY, 30 * DAY]),
		jump: fraction(bytes.between(0.01, 0.1)),
		jump_per_size: fraction(bytes.one_of([0.0, 0.01, 0.1])),
		most: fraction(bytes.between(0.1, 0.5)),
	});
}
