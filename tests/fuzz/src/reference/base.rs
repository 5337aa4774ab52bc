//! How the losses of underlyings come together.

use super::{
	laws::{fraction, signed},
	scan::Scan,
};
use crate::figure::Figure;
use plimsoll_primitives::UnderlyingId;
use plimsoll_risk::{Aggregation, JointMove, JointScenarios, RiskModel, VolatilityShock};

/// What weights of joint scenarios are rounded to.
const WEIGHT: f64 = 1.0 / 1_048_576.0;

/// The candidates, and the largest of them.
#[derive(Clone, Copy, Debug)]
pub struct Base {
	pub amount: Figure,
	pub joint: Figure,
	pub one_market: Figure,
	pub largest: Figure,
	pub floor: Figure,
}

impl Base {
	/// Of the scans of an account's underlyings.
	pub fn of(model: &RiskModel, joint: &JointScenarios, scans: &[(UnderlyingId, Scan)]) -> Self {
		let amounts = || scans.iter().map(|(_, scan)| scan.amount);
		let sum: Figure = amounts().sum();
		let Some(rules) = &model.aggregation else {
			return Self { amount: sum, joint: sum, one_market: sum, largest: sum, floor: sum };
		};
		let one_market = rules.one_market.iter().map(|index| {
			let losses = scans.iter().filter_map(|(_, scan)| scan.losses.get(usize::from(*index)));
			losses.copied().sum::<Figure>()
		});
		let one_market = one_market.fold(Figure::ZERO, Figure::max);
		let largest = amounts().fold(Figure::ZERO, Figure::max);
		let floor = sum * fraction(rules.floor);
		let joint = expected_shortfall(model, rules, joint, scans);
		let amount = joint.max(one_market).max(largest).max(floor);
		Self { amount, joint, one_market, largest, floor }
	}
}

/// The mean of the tail's worst joint scenarios, at least zero, and the scans of what none of them
/// tells of.
fn expected_shortfall(
	model: &RiskModel,
	rules: &Aggregation,
	joint: &JointScenarios,
	scans: &[(UnderlyingId, Scan)],
) -> Figure {
	let mut losses = vec![Figure::ZERO; joint.len()];
	let mut apart = Figure::ZERO;
	for (id, scan) in scans {
		let column = joint.underlyings.iter().position(|known| known == id);
		let (Some(column), Some(range)) = (column, model.scan_range(*id)) else {
			apart = apart + scan.amount;
			continue;
		};
		if scan.undampened.is_empty() {
			continue;
		}
		let grid = Grid::new(model, fraction(range), &scan.undampened);
		for (loss, moves) in losses.iter_mut().zip(joint.moves.chunks(joint.underlyings.len())) {
			*loss = *loss + grid.loss(moves[column]);
		}
	}
	losses.sort_by(|a, b| b.value.total_cmp(&a.value));
	let size = fraction(rules.tail) * losses.len() as f64;
	let tail = losses.get(..size.ceil() as usize).unwrap_or(&losses);
	let mut left = size;
	let mut mean = 0.0;
	for loss in tail {
		let part = left.min(1.0);
		left -= part;
		mean += loss.value * part / size;
	}
	// Ranked otherwise, the mean is off by no more than the losses are. Weights are rounded to a step
	// and add up to one.
	let error = losses.iter().fold(0.0, |error: f64, loss| error.max(loss.error));
	let error = error + 2.0 * tail.len() as f64 * WEIGHT * spread(tail);
	Figure::new(mean, error).at_least_zero() + apart
}

/// How far losses lie apart.
fn spread(losses: &[Figure]) -> f64 {
	let values = || losses.iter().map(|loss| loss.value);
	let most = values().fold(f64::NEG_INFINITY, f64::max);
	(most - values().fold(f64::INFINITY, f64::min)).max(0.0)
}

/// The scenarios as a grid, with the losses of one underlying.
struct Grid {
	/// Price moves in scan ranges, ascending, each with its loss when volatilities rise, stay and
	/// fall.
	nodes: Vec<(f64, [Figure; 3])>,
	range: f64,
	rise: f64,
	fall: f64,
}

impl Grid {
	fn new(model: &RiskModel, range: f64, losses: &[Figure]) -> Self {
		let mut nodes: Vec<(f64, [Figure; 3])> = Vec::new();
		for (scenario, loss) in model.scenarios.iter().zip(losses) {
			let column = match scenario.volatility {
				VolatilityShock::Up => 0,
				VolatilityShock::None => 1,
				VolatilityShock::Down => 2,
				VolatilityShock::LinearSkew | VolatilityShock::AbsoluteSkew => continue,
			};
			let price_move = signed(scenario.price_move);
			let at = match nodes.iter().position(|(known, _)| *known == price_move) {
				Some(at) => at,
				None => {
					nodes.push((price_move, [Figure::ZERO; 3]));
					nodes.len() - 1
				}
			};
			nodes[at].1[column] = *loss;
		}
		nodes.sort_by(|a, b| a.0.total_cmp(&b.0));
		let (rise, fall) =
			(fraction(model.volatility.range_up), fraction(model.volatility.range_down));
		Self { nodes, range, rise, fall }
	}

	/// The loss of a move: by the price between the nodes beside it (beyond the last two on their
	/// line), by the volatility between unmoved and the model's range (beyond it on their line, up to
	/// eight ranges).
	fn loss(&self, moved: JointMove) -> Figure {
		let part = |raw: i32| f64::from(raw) / 1e8;
		let price = (part(moved.price) / self.range).clamp(-100.0, 100.0);
		let (column, range) = if moved.volatility >= 0 { (0, self.rise) } else { (2, self.fall) };
		let share = (part(moved.volatility).abs() / range).min(8.0);
		let after = self.nodes.iter().take_while(|(at, _)| *at <= price).count();
		let low = after.clamp(1, self.nodes.len() - 1) - 1;
		let ((from, low), (to, high)) = (self.nodes[low], self.nodes[low + 1]);
		let place = (price - from) / (to - from);
		let loss = Figure::between(
			Figure::between(low[1], low[column], share),
			Figure::between(high[1], high[column], share),
			place,
		);
		// Each of the four weights is off by a step of the price's, of the volatility's and of their
		// product; together they are one.
		let around = [low[1], low[column], high[1], high[column]];
		loss.off_by(4.0 * WEIGHT * (2.0 + place.abs() + share) * spread(&around))
	}
}
