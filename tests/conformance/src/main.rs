//! `conformance <kind> <files…>`: one JSON line a case; fails where a case does.

use conformance::{run, Kind};
use std::{env, io::Write, path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
	let mut arguments = env::args_os().skip(1);
	let kind = arguments.next().and_then(|name| Kind::named(&name.to_string_lossy()));
	let files: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
	let (Some(kind), false) = (kind, files.is_empty()) else {
		eprintln!("usage: conformance <pmrm2|pmrm1|span|black76> <files…>");
		return ExitCode::from(2);
	};
	let cases = match run(kind, &files) {
		Ok(cases) => cases,
		Err(error) => {
			eprintln!("conformance: {error}");
			return ExitCode::from(2);
		}
	};
	let mut out = std::io::stdout().lock();
	for case in &cases {
		if writeln!(out, "{}", case.line()).is_err() {
			return ExitCode::from(2);
		}
	}
	let passed = cases.iter().filter(|case| case.pass).count();
	let most = cases.iter().map(|case| case.max_error).fold(0.0, f64::max);
	eprintln!("{passed} of {} cases pass, largest error {most:e}", cases.len());
	if passed == cases.len() {
		ExitCode::SUCCESS
	} else {
		ExitCode::FAILURE
	}
}
