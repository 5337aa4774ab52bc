//! Files: one JSON document, or one a line.

use crate::error::FileError;
use serde_json::Value;
use std::{fs, path::Path};

/// A case as it stands in its file.
#[derive(Clone, Debug)]
pub struct Document {
	/// The line's `id`, or the file's name without its ending (and the line's number, where there
	/// are several).
	pub name: String,
	/// What it says.
	pub value: Value,
}

/// All documents of a file.
pub fn documents(file: &Path) -> Result<Vec<Document>, FileError> {
	let text = fs::read_to_string(file)
		.map_err(|error| FileError::Unreadable(file.to_path_buf(), error))?;
	let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
	let named = |value: Value, fallback: String| {
		let id = value.get("id").and_then(Value::as_str).map(str::to_string);
		Document { name: id.unwrap_or(fallback), value }
	};
	if let Ok(value) = serde_json::from_str::<Value>(&text) {
		return Ok(match value {
			Value::Array(values) => values
				.into_iter()
				.enumerate()
				.map(|(index, value)| named(value, format!("{stem}-{}", index + 1)))
				.collect(),
			value => vec![named(value, stem)],
		});
	}
	let lines: Vec<_> =
		text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).collect();
	if lines.is_empty() {
		return Err(FileError::Empty(file.to_path_buf()));
	}
	lines
		.into_iter()
		.map(|(index, line)| {
			let value = serde_json::from_str(line)
				.map_err(|error| FileError::Malformed(file.to_path_buf(), index + 1, error))?;
			Ok(named(value, format!("{stem}-{}", index + 1)))
		})
		.collect()
}
