//! The same results for programs.

use crate::{
	calibrate::Calibration,
	market::Asset,
	portfolio::Portfolio,
	rules::Learning,
	statistics::{Coverage, Test},
	summary::Summary,
	time::date,
};
use serde_json::{json, Value};

/// A number; none where it is not finite.
fn finite(value: f64) -> Value {
	serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn test(test: &Test) -> Value {
	json!({
		"likelihood_ratio": finite(test.ratio),
		"p_two_sided": finite(test.two_sided),
		"p_one_sided": finite(test.one_sided),
	})
}

fn coverage(coverage: &Coverage) -> Value {
	json!({
		"days": coverage.days,
		"breaches": coverage.breaches,
		"repeated_breaches": coverage.repeated,
		"coverage": finite(coverage.covered()),
		"kupiec": test(&coverage.proportion),
		"christoffersen_independence": test(&coverage.independence),
		"christoffersen_conditional": test(&coverage.conditional),
	})
}

/// One portfolio. Margins and losses in parts of gross notional.
pub fn summary(assets: &[Asset], portfolio: &Portfolio, summary: &Summary) -> Value {
	let bindings: Vec<Value> =
		summary.bindings.iter().map(|(name, days)| json!({ "name": name, "days": days })).collect();
	json!({
		"portfolio": portfolio.name(assets),
		"is_linear": portfolio.kind.is_linear(),
		"coverage": coverage(&summary.coverage),
		"in_sample": coverage(&summary.in_sample),
		"out_of_sample": coverage(&summary.out_of_sample),
		"breaches_within_horizon": summary.breaches_within,
		"mean_maintenance": finite(summary.maintenance),
		"mean_initial": finite(summary.initial),
		"mean_isolated_initial": finite(summary.isolated),
		"peak_to_trough": finite(summary.peak_to_trough),
		"largest_five_day_rise": {
			"rise": finite(summary.largest_rise.0),
			"day": date(summary.largest_rise.1),
		},
		"gross_to_initial": finite(summary.efficiency),
		"least_gross_to_initial": finite(summary.least_efficiency),
		"worst": summary.worst.map(|(day, loss, margin)| json!({
			"day": date(day), "loss": finite(loss), "maintenance": finite(margin),
		})),
		"bindings": bindings,
	})
}

/// The constants, and what each comes from.
pub fn calibration(assets: &[Asset], found: &Calibration) -> Value {
	let ranges = assets.iter().zip(&found.ranges).map(|(asset, range)| {
		json!({
			"underlying": asset.name,
			"id": asset.id,
			"scan_range": range.scan_range,
			"expected_shortfall": finite(range.shortfall),
			"stressed_quantile": finite(range.stressed),
			"stress_end": date(range.stress_end),
			"worst_move": finite(range.worst),
		})
	});
	json!({
		"first_day": date(found.days.0),
		"last_day": date(found.days.1),
		"observations": found.observations,
		"scan_ranges": ranges.collect::<Vec<_>>(),
		"volatility": {
			"range_up": found.volatility.chosen.0,
			"range_down": found.volatility.chosen.1,
			"observed_up": finite(found.volatility.observed.0),
			"observed_down": finite(found.volatility.observed.1),
		},
		"floor": found.floor,
		"pair_shortfall": finite(found.pair_shortfall),
		"initial_factor": found.initial_factor,
		"covariance": learning(&found.learning),
	})
}

fn learning(found: &Learning) -> Value {
	let decays = found
		.likelihoods
		.iter()
		.map(|(decay, likelihood)| json!({ "decay": decay, "likelihood": finite(*likelihood) }));
	json!({
		"decay": found.decay,
		"likelihoods": decays.collect::<Vec<_>>(),
		"return_bound": found.rules.return_bound.to_float(),
		"largest_return": finite(found.largest_return),
		"price_floor_deviation": found.floors.0,
		"volatility_floor_deviation": found.floors.1,
		"price_deviation": finite(found.deviations.0),
		"volatility_deviation": finite(found.deviations.1),
		"rise": found.rules.rise.to_float(),
		"observed_rise": finite(found.rise),
		"fall": found.rules.fall.to_float(),
	})
}
