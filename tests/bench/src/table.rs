//! The table: what was measured, its unit, and what the design asks for.

/// One line.
struct Row {
	measure: String,
	figure: String,
	unit: &'static str,
	asked: &'static str,
	remark: String,
}

/// Lines under headings, printed with aligned columns.
#[derive(Default)]
pub struct Table {
	sections: Vec<(String, Vec<Row>)>,
}

impl Table {
	/// Begins a part.
	pub fn section(&mut self, title: impl Into<String>) {
		self.sections.push((title.into(), Vec::new()));
	}

	/// Adds a line to the last part. `asked` is what the design asks for, empty where it asks for
	/// nothing; `remark` says where the figure was found or of what it is.
	pub fn row(
		&mut self,
		measure: impl Into<String>,
		figure: f64,
		unit: &'static str,
		asked: &'static str,
		remark: impl Into<String>,
	) {
		let row = Row {
			measure: measure.into(),
			figure: shown(figure),
			unit,
			asked,
			remark: remark.into(),
		};
		if let Some((_, rows)) = self.sections.last_mut() {
			rows.push(row);
		}
	}

	/// Prints everything.
	pub fn print(&self) {
		let rows = || self.sections.iter().flat_map(|(_, rows)| rows);
		let width = |of: &dyn Fn(&Row) -> usize| rows().map(of).max().unwrap_or(0);
		let measure = width(&|row| row.measure.chars().count()).max("measure".len());
		let figure = width(&|row| row.figure.len()).max("figure".len());
		let unit = width(&|row| row.unit.chars().count()).max("unit".len());
		let asked = width(&|row| row.asked.chars().count()).max("asked for".len());
		println!(
			"{:measure$}  {:>figure$}  {:unit$}  {:asked$}  remark",
			"measure", "figure", "unit", "asked for"
		);
		for (title, rows) in &self.sections {
			println!("\n{title}");
			for row in rows {
				let line = format!(
					"{:measure$}  {:>figure$}  {:unit$}  {:asked$}  {}",
					row.measure, row.figure, row.unit, row.asked, row.remark
				);
				println!("{}", line.trim_end());
			}
		}
	}
}

/// Three significant digits or so; small errors as powers of ten.
fn shown(figure: f64) -> String {
	let magnitude = figure.abs();
	if figure == 0.0 {
		"0".into()
	} else if magnitude < 1e-3 {
		format!("{figure:.2e}")
	} else if magnitude < 10.0 {
		format!("{figure:.2}")
	} else if magnitude < 100.0 {
		format!("{figure:.1}")
	} else {
		format!("{figure:.0}")
	}
}

#[cfg(test)]
mod tests {
	use super::shown;

	#[test]
	fn figures_are_shown_short_whatever_their_size() {
		let figures = [0.0, 1.234e-19, 0.5, 12.34, 123.4, 1_234_567.0];
		let expected = ["0", "1.23e-19", "0.50", "12.3", "123", "1234567"];
		assert_eq!(figures.map(shown), expected);
	}
}
