//! The published vectors, where they are at hand.

use conformance::{run, Kind};
use std::{
	env, fs,
	path::{Path, PathBuf},
};

/// The folder of the vectors; says so where there is none.
fn vectors() -> Option<PathBuf> {
	let folder = env::var_os("PLIMSOLL_VECTORS").map_or_else(
		|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
		PathBuf::from,
	);
	if folder.is_dir() {
		return Some(folder);
	}
	println!("SKIPPED: no published vectors at {}", folder.display());
	None
}

fn all_pass(kind: Kind, files: &[PathBuf], least: usize) {
	let cases = run(kind, files).expect("the files are well-formed");
	assert!(cases.len() >= least, "{} cases", cases.len());
	for case in &cases {
		assert!(case.pass, "{}: error {:e}", case.name, case.max_error);
	}
	println!("{} cases pass", cases.len());
}

#[test]
fn every_33_scenario_case_passes() {
	let Some(folder) = vectors() else { return };
	let files: Vec<_> = fs::read_dir(folder.join("pmrm2"))
		.expect("a folder")
		.map(|entry| entry.expect("an entry").path())
		.collect();
	all_pass(Kind::Pmrm2, &files, files.len());
}

#[test]
fn every_21_scenario_case_passes() {
	let Some(folder) = vectors() else { return };
	all_pass(Kind::Pmrm1, &[folder.join("pmrm1.jsonl")], 1);
}

#[test]
fn every_contract_of_the_16_point_scan_passes() {
	let Some(folder) = vectors() else { return };
	let span = folder.join("span");
	all_pass(
		Kind::Span,
		&[span.join("options_sample.jsonl"), span.join("futures_sample.jsonl")],
		2,
	);
}

#[test]
fn option_prices_and_functions_pass() {
	let Some(folder) = vectors() else { return };
	all_pass(Kind::Black76, &[folder.join("black76_svi.json")], 1);
}
