//! Aligned text tables.

use crate::{
	calibrate::Calibration,
	market::Asset,
	portfolio::Portfolio,
	summary::{Summary, SIGNIFICANCE},
	time::date,
};

/// Columns aligned: the first to the left, the others to the right.
pub fn align(header: &[&str], rows: &[Vec<String>]) -> String {
	let width = |column: usize| {
		let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
		cells.chain(header.get(column).map(|name| name.chars().count())).max().unwrap_or(0)
	};
	let widths: Vec<usize> = (0..header.len()).map(width).collect();
	let line = |cells: Vec<&str>| {
		let mut line = String::new();
		for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
			let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
			if column == 0 {
				line.push_str(&format!("{cell}{padding}"));
			} else {
				line.push_str(&format!("  {padding}{cell}"));
			}
		}
		line.push('\n');
		line
	};
	let mut text = line(header.to_vec());
	let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
	text.push_str(&line(rule.iter().map(String::as_str).collect()));
	for row in rows {
		text.push_str(&line(row.iter().map(String::as_str).collect()));
	}
	text
}

/// A fraction as a percentage.
pub fn percent(value: f64, digits: usize) -> String {
	format!("{:.digits$} %", 100.0 * value)
}

/// A ratio that may be without bound.
fn ratio(value: f64) -> String {
	// What rounding leaves of a margin of nothing is no ratio worth printing.
	if value > 1e6 {
		"no margin".into()
	} else {
		format!("{value:.1}")
	}
}

/// The table of coverage: what the margins were held to.
pub fn coverage(assets: &[Asset], results: &[(Portfolio, Summary)]) -> String {
	let header = [
		"portfolio",
		"days",
		"breaches",
		"coverage",
		"Kupiec",
		"indep.",
		"cond.",
		"in-sample",
		"out-of-s.",
		"within",
		"worst day",
		"loss",
		"MM then",
		"demand",
	];
	let part = |c: &crate::statistics::Coverage| format!("{}/{}", c.breaches, c.days);
	let rows = results.iter().map(|(portfolio, summary)| {
		let all = &summary.coverage;
		let test = |test: &crate::statistics::Test| {
			let mark = if test.one_sided < SIGNIFICANCE { "*" } else { "" };
			format!("{:.3}{mark}", test.one_sided)
		};
		let (day, loss, margin) = summary.worst.unwrap_or((0, 0.0, 0.0));
		let verdict = match (portfolio.kind.is_linear(), summary.is_covered()) {
			(false, _) => "reported",
			(true, true) => "met",
			(true, false) => "NOT MET",
		};
		vec![
			portfolio.name(assets),
			all.days.to_string(),
			all.breaches.to_string(),
			percent(all.covered(), 2),
			test(&all.proportion),
			test(&all.independence),
			test(&all.conditional),
			part(&summary.in_sample),
			part(&summary.out_of_sample),
			summary.breaches_within.map_or("-".into(), |breaches| breaches.to_string()),
			date(day),
			percent(loss, 1),
			percent(margin, 1),
			verdict.into(),
		]
	});
	align(&header, &rows.collect::<Vec<_>>())
}

/// The table of margins: what coverage costs, and how it moves.
pub fn margins(assets: &[Asset], results: &[(Portfolio, Summary)]) -> String {
	let header = [
		"portfolio",
		"mean MM",
		"mean IM",
		"isolated IM",
		"peak/trough",
		"5-day rise",
		"gross : IM",
		"least",
		"demand",
		"binds most often",
	];
	let rows = results.iter().map(|(portfolio, summary)| {
		let verdict = match (portfolio.kind.is_efficient(), summary.efficiency >= TARGET) {
			(false, _) => "reported",
			(true, true) => "met",
			(true, false) => "NOT MET",
		};
		let binds = summary.bindings.first().map_or("-".into(), |(name, count)| {
			let share = crate::statistics::number(*count)
				/ crate::statistics::number(summary.coverage.days.max(1));
			format!("{name} ({})", percent(share, 0))
		});
		vec![
			portfolio.name(assets),
			percent(summary.maintenance, 2),
			percent(summary.initial, 2),
			percent(summary.isolated, 2),
			ratio(summary.peak_to_trough),
			percent(summary.largest_rise.0, 0),
			ratio(summary.efficiency),
			ratio(summary.least_efficiency),
			verdict.into(),
			binds,
		]
	});
	align(&header, &rows.collect::<Vec<_>>())
}

/// Gross notional to initial margin that is demanded of delta-neutral long-gamma and synthetic books.
pub const TARGET: f64 = 20.0;

/// The table of constants and what they come from.
pub fn calibration(assets: &[Asset], found: &Calibration) -> String {
	let header = ["constant", "chosen", "seen", "stressed 99 %", "stressed until", "worst"];
	let mut rows: Vec<Vec<String>> = assets
		.iter()
		.zip(&found.ranges)
		.map(|(asset, range)| {
			vec![
				format!("scan range {}", asset.name),
				percent(range.scan_range, 1),
				percent(range.shortfall, 1),
				percent(range.stressed, 1),
				date(range.stress_end),
				percent(range.worst, 1),
			]
		})
		.collect();
	let mut other = |name: &str, chosen: String, seen: String| {
		rows.push(vec![name.into(), chosen, seen, "-".into(), "-".into(), "-".into()]);
	};
	let volatility = &found.volatility;
	other("volatility up", percent(volatility.chosen.0, 0), percent(volatility.observed.0, 0));
	other("volatility down", percent(volatility.chosen.1, 0), percent(volatility.observed.1, 0));
	other("floor of scans", percent(found.floor, 0), percent(found.pair_shortfall, 0));
	other("initial factor", format!("{:.2}", found.initial_factor), "-".into());
	let learning = &found.learning;
	let (rules, floors, deviations) = (&learning.rules, learning.floors, learning.deviations);
	other("covariance decay", format!("{:.2}", learning.decay), "-".into());
	other(
		"return bound",
		percent(rules.return_bound.to_float(), 0),
		percent(learning.largest_return, 1),
	);
	other("price floor (deviation)", percent(floors.0, 1), percent(deviations.0, 1));
	other("volatility floor (deviation)", percent(floors.1, 1), percent(deviations.1, 1));
	other("variance rise a day", percent(rules.rise.to_float(), 0), percent(learning.rise, 0));
	other("variance fall a day", percent(rules.fall.to_float(), 1), "-".into());
	let text = align(&header, &rows);
	format!("{} days, {} to {}\n{text}", found.observations, date(found.days.0), date(found.days.1))
}
