//! Plots as PNG. Letters come from a font inside the program.

use crate::{
	backtest::Observation, error::Error, market::Asset, portfolio::Portfolio, statistics::number,
	summary::Summary, table::TARGET, time::date,
};
use plotters::{
	coord::Shift,
	prelude::*,
	style::{register_font, FontStyle},
};
use std::path::Path;

/// Pixels.
const SIZE: (u32, u32) = (1200, 600);
/// Bars of efficiency end here: beyond it a margin is next to nothing.
const MOST_EFFICIENCY: f64 = 1_000.0;
const MAINTENANCE: RGBColor = RGBColor(31, 119, 180);
const INITIAL: RGBColor = RGBColor(44, 160, 44);
const LOSS: RGBColor = RGBColor(110, 110, 110);
const BREACH: RGBColor = RGBColor(214, 39, 40);

fn fails(error: impl core::fmt::Display) -> Error {
	Error::Plot(error.to_string())
}

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

fn area(path: &Path, height: u32) -> Result<Area<'_>, Error> {
	register_font("sans-serif", FontStyle::Normal, dejavu::sans::regular())
		.map_err(|_| Error::Plot("its font is not understood".into()))?;
	let area = BitMapBackend::new(path, (SIZE.0, height)).into_drawing_area();
	area.fill(&WHITE).map_err(fails)?;
	Ok(area)
}

/// A day as a date; an axis counts days as floats.
fn day_label(day: &f64) -> String {
	// A float's conversion to an integer saturates.
	date(libm::round(*day) as i64)
}

/// One portfolio's margins and losses, day by day, in percent of gross notional.
///
/// # Errors
/// `Plot`.
pub fn days(path: &Path, title: &str, observations: &[Observation]) -> Result<(), Error> {
	let (Some(first), Some(last)) = (observations.first(), observations.last()) else {
		return Err(Error::Plot("no days".into()));
	};
	let at = |observation: &Observation| observation.day as f64;
	let percent = |value: f64| 100.0 * value;
	let highest = observations.iter().flat_map(|o| [o.initial, o.loss]).fold(1e-4, f64::max);
	let lowest = observations.iter().map(|o| o.loss).fold(0.0, f64::min);
	// Gains are of no interest: the axis shows as much of them as of losses.
	let lowest = lowest.max(-highest);
	let area = area(path, SIZE.1)?;
	let mut chart = ChartBuilder::on(&area)
		.caption(title, ("sans-serif", 24))
		.margin(15)
		.x_label_area_size(40)
		.y_label_area_size(70)
		.build_cartesian_2d(
			at(first)..at(last) + 1.0,
			percent(1.05 * lowest)..percent(1.1 * highest),
		)
		.map_err(fails)?;
	chart
		.configure_mesh()
		.x_labels(10)
		.x_label_formatter(&day_label)
		.y_desc("% of gross notional")
		.light_line_style(RGBColor(240, 240, 240))
		.draw()
		.map_err(fails)?;
	let line = |of: fn(&Observation) -> f64, colour: RGBColor| {
		LineSeries::new(observations.iter().map(move |o| (at(o), percent(of(o)))), colour)
	};
	let floor = percent(1.05 * lowest);
	let losses =
		LineSeries::new(observations.iter().map(|o| (at(o), percent(o.loss).max(floor))), LOSS);
	let key = |colour: RGBColor| {
		move |(x, y): (i32, i32)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(2))
	};
	chart.draw_series(losses).map_err(fails)?.label("loss within the horizon").legend(key(LOSS));
	let margins = [
		("initial margin", INITIAL, line(|o| o.initial, INITIAL)),
		("maintenance margin", MAINTENANCE, line(|o| o.maintenance, MAINTENANCE)),
	];
	for (name, colour, series) in margins {
		chart.draw_series(series).map_err(fails)?.label(name).legend(key(colour));
	}
	let breaches = observations.iter().filter(|o| o.is_breach());
	let points = breaches.map(|o| Circle::new((at(o), percent(o.loss)), 5, BREACH.filled()));
	chart
		.draw_series(points)
		.map_err(fails)?
		.label("breach")
		.legend(|(x, y)| Circle::new((x + 10, y), 5, BREACH.filled()));
	chart
		.configure_series_labels()
		.background_style(WHITE.mix(0.8))
		.border_style(LOSS)
		.label_font(("sans-serif", 15))
		.draw()
		.map_err(fails)?;
	area.present().map_err(fails)
}

/// Gross notional to initial margin of every portfolio, on a logarithmic axis, with the line that is
/// demanded.
///
/// # Errors
/// `Plot`.
pub fn efficiency(
	path: &Path,
	title: &str,
	assets: &[Asset],
	results: &[(Portfolio, Summary)],
) -> Result<(), Error> {
	let rows = number(results.len());
	let height = u32::try_from(results.len()).unwrap_or(0).saturating_mul(30).saturating_add(150);
	let area = area(path, height)?;
	let mut chart = ChartBuilder::on(&area)
		.caption(title, ("sans-serif", 24))
		.margin(15)
		.x_label_area_size(45)
		.y_label_area_size(20)
		.build_cartesian_2d((1.0..MOST_EFFICIENCY).log_scale(), 0.0..rows)
		.map_err(fails)?;
	chart
		.configure_mesh()
		.disable_y_mesh()
		.disable_y_axis()
		.x_desc("mean gross notional : mean initial margin")
		.draw()
		.map_err(fails)?;
	let bars = results.iter().enumerate().map(|(index, (portfolio, summary))| {
		let top = rows - number(index);
		let colour = if portfolio.kind.is_efficient() { INITIAL } else { MAINTENANCE };
		let end = summary.efficiency.clamp(1.0, MOST_EFFICIENCY);
		Rectangle::new([(1.0, top - 0.15), (end, top - 0.85)], colour.mix(0.5).filled())
	});
	chart.draw_series(bars).map_err(fails)?;
	let names = results.iter().enumerate().map(|(index, (portfolio, summary))| {
		let shown = if summary.efficiency > MOST_EFFICIENCY {
			format!("> {MOST_EFFICIENCY:.0}")
		} else {
			format!("{:.1}", summary.efficiency)
		};
		let text = format!("{}  {shown}", portfolio.name(assets));
		Text::new(text, (1.05, rows - number(index) - 0.3), ("sans-serif", 15))
	});
	chart.draw_series(names).map_err(fails)?;
	let target = [(TARGET, 0.0), (TARGET, rows)];
	chart.draw_series(LineSeries::new(target, BREACH.stroke_width(2))).map_err(fails)?;
	area.present().map_err(fails)
}

/// A title as a file name.
pub fn file_name(title: &str) -> String {
	let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
	format!("{}.png", title.chars().map(letter).collect::<String>())
}
