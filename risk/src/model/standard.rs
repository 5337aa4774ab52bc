//! The model that a chain starts with.

use super::{
	Aggregation, Concentration, GammaBuffer, Liquidity, NotionalCharge, RiskModel, Scenario,
	UnderlyingModel, VolatilityShock, VolatilityShockLaw,
};
use alloc::vec::Vec;
use plimsoll_primitives::{number::SCALE, UnderlyingId, Volatility};
use sp_arithmetic::{FixedI128, FixedU128};
use sp_core::bounded::BoundedVec;

/// A day in milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1000;
/// One and a third as scaled integers.
const SCALED_ONE: i128 = SCALE as i128;
const THIRD: i128 = SCALED_ONE / 3;

impl RiskModel {
	/// A sensible model for these underlyings and scan ranges (BTC 0.15, ETH 0.18 and DOT 0.22 cover
	/// nearly all of their days), as a value that governance may replace:
	///
	/// - 27 scenarios: price {0, ±1/3, ±2/3, ±1, ±4/3} of the range × volatility {up, none, down};
	/// - twelve dampened ones with the same volatilities: ±2 ranges at 60 %, ±3 ranges at 40 %. They
	///   ask no more of a linear position than ±4/3 does, and more of options far from the money;
	/// - 30-day volatilities rise by a half or fall by 30 %, nearer ones by more (power 0.3), later
	///   ones by less (power 0.13); a risen one is at least 40 %;
	/// - initial margin 1.25, maintenance margin 1.0 of the worst loss;
	/// - naked short options 0.5 % (maintenance) and 1 % (initial) of spot on top;
	/// - several underlyings: the expected shortfall of the joint scenarios' worst 1 %; one market at
	///   ±2/3, ±1 and ±4/3 of all ranges with volatility up and down; half the sum of scans
	///   at least. While there are no joint scenarios, scans add up;
	/// - payoffs at expiry between the scenarios' prices for expiries within seven days;
	/// - a gamma buffer over the last two days for a jump of 5 %, which is more than BTC and ETH made
	///   in 99.9 % of the hours from 2023 to 2026, by 1 % more for every time that the position is
	///   as large as the liquidity, at most 20 %;
	/// - large positions 0.5 % (delta) and 1 % (options) of what exceeds the liquidity, in proportion
	///   to how many times it does; nothing until a [`Liquidity`] is set;
	/// - ranges rise by a half and fall by a twentieth a day at most, and no lower than 5 % (scan) and
	///   half of the volatility ranges above;
	/// - all else neutral.
	///
	/// Three ranges down must leave a price: scan ranges from 1/3 are refused by
	/// [`validate`](Self::validate). Underlyings beyond [`MAX_UNDERLYINGS`](super::MAX_UNDERLYINGS) are left out, hence not
	/// admitted to margin.
	pub fn standard(underlyings: &[(UnderlyingId, FixedU128)]) -> Self {
		use VolatilityShock::{Down, None as Unmoved, Up};
		let third = |thirds: i32| FixedI128::from_inner(i128::from(thirds) * THIRD);
		let one = FixedU128::from_u32(1);
		let grid = (-4..=4).flat_map(|thirds| {
			[Up, Unmoved, Down].map(|volatility| Scenario {
				// Whole ranges exactly, not three thirds.
				price_move: match thirds {
					-3 => FixedI128::from_inner(-SCALED_ONE),
					3 => FixedI128::from_inner(SCALED_ONE),
					_ => third(thirds),
				},
				volatility,
				weight: one,
			})
		});
		let tails =
			[(-3, 40), (-2, 60), (2, 60), (3, 40)].into_iter().flat_map(|(ranges, percent)| {
				[Up, Unmoved, Down].map(|volatility| Scenario {
					price_move: FixedI128::from_inner(i128::from(ranges) * SCALED_ONE),
					volatility,
					weight: percentage(percent),
				})
			});
		let scenarios: Vec<_> = grid.chain(tails).collect();
		let befalls_all = |scenario: &Scenario| {
			let ranges = scenario.price_move.into_inner().unsigned_abs();
			scenario.volatility != Unmoved
				&& scenario.weight == one
				&& ranges > THIRD.unsigned_abs()
		};
		let one_market = (0u8..)
			.zip(&scenarios)
			.filter(|(_, scenario)| befalls_all(scenario))
			.map(|(index, _)| index)
			.collect();
		let underlyings = underlyings.iter().map(|(underlying, scan_range)| UnderlyingModel {
			underlying: *underlying,
			scan_range: *scan_range,
			liquidity: Liquidity::default(),
		});
		Self {
			scenarios: BoundedVec::truncate_from(scenarios),
			volatility: VolatilityShockLaw {
				range_up: percentage(50),
				range_down: percentage(30),
				short_term_power: percentage(30),
				long_term_power: percentage(13),
				expiry_floor: DAY,
				minimum_shocked: Volatility(percentage(40)),
			},
			underlyings: BoundedVec::truncate_from(underlyings.collect()),
			initial_factor: percentage(125),
			maintenance_factor: one,
			naked_short: NotionalCharge {
				maintenance: FixedU128::from_inner(SCALE / 200),
				initial: percentage(1),
			},
			aggregation: Some(Aggregation {
				one_market: BoundedVec::truncate_from(one_market),
				floor: percentage(50),
				tail: percentage(1),
			}),
			expiry_points_within: 7 * DAY,
			gamma_buffer: Some(GammaBuffer {
				window: 2 * DAY,
				jump: percentage(5),
				jump_per_size: percentage(1),
				most: percentage(20),
			}),
			concentration: Concentration {
				delta_rate: FixedU128::from_inner(SCALE / 200),
				option_rate: percentage(1),
			},
			pace: Some(super::pace::standard()),
			..Self::default()
		}
	}
}

/// A small whole percentage.
fn percentage(percent: u32) -> FixedU128 {
	FixedU128::from_inner(u128::from(percent) * (SCALE / 100))
}
