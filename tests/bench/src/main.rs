//! # Bench
//!
//! Measures the risk engine and the order book and prints one table of each with units: what was measured, and what the design
//! asks for. Nothing is asserted but that native and wasm give the same bits.
//!
//! - `errors`: the largest errors against arbitrary precision over the whole domain;
//! - `same`: native and wasm on several thousand random inputs;
//! - `speed`: times native and in wasm under the node's executor, and their growth;
//! - `beside`: other libraries on the same options (QuantLib and numpy where
//!   `PLIMSOLL_BENCH_PYTHON` names an interpreter that has them);
//! - `book`: operations on the order book, natively and in wasm (the native figures in the file that
//!   `PLIMSOLL_BOOK_FIGURES` names, the runtime in the one that `PLIMSOLL_RUNTIME_WASM` does);
//! - `all`, or nothing: all of these.
//!
//! `--samples N` sets how many random inputs `errors` takes per function.

mod beside;
mod book;
mod errors;
mod reference;
mod speed;
mod table;
mod wasm;

use plimsoll_bench_bits::{
	module::{target_folder, Failure},
	same,
};
use speed::Engine;
use std::{path::PathBuf, process::ExitCode};
use table::Table;
use wasm::Module;

/// Random inputs per function where the command line does not say.
const SAMPLES: usize = 20_000;

/// Random inputs that native and wasm are compared on.
const SAME: same::Inputs =
	same::Inputs { arguments: 8_192, options: 4_096, surfaces: 2_048, accounts: 1_024 };

fn main() -> ExitCode {
	let arguments: Vec<String> = std::env::args().skip(1).collect();
	match run(&arguments) {
		Ok(()) => ExitCode::SUCCESS,
		Err(words) => {
			eprintln!("bench: {words}");
			ExitCode::FAILURE
		}
	}
}

fn run(arguments: &[String]) -> Result<(), String> {
	let mut samples = SAMPLES;
	let mut part = "all";
	let mut arguments = arguments.iter();
	while let Some(argument) = arguments.next() {
		match argument.as_str() {
			"--samples" => {
				let number = arguments.next().and_then(|number| number.parse().ok());
				samples = number.ok_or("--samples wants a number")?;
			}
			word @ ("all" | "errors" | "same" | "speed" | "beside" | "book") => part = word,
			other => return Err(format!("unknown argument: {other}")),
		}
	}
	let wants = |name: &str| part == "all" || part == name;
	let mut table = Table::default();
	if wants("errors") {
		errors::run(&mut table, samples)?;
	}
	if wants("same") || wants("speed") {
		let module = match Module::new() {
			Ok(module) => Some(module),
			Err(failure @ Failure::NoTarget) => {
				println!("wasm is left out: {failure}\n");
				None
			}
			Err(failure) => return Err(failure.to_string()),
		};
		measure(&mut table, module, wants("same"), wants("speed"))
			.map_err(|failure| failure.to_string())?;
	}
	if wants("beside") {
		let python = beside::python();
		beside::run(&mut table, python.as_deref(), &target_folder())?;
	}
	if part != "book" {
		table.print();
		println!();
	}
	if wants("book") {
		run_book(part == "book")?;
	}
	Ok(())
}

/// The order book, where there are figures of it; it is a failure that there are none only where it was
/// asked for.
fn run_book(asked: bool) -> Result<(), String> {
	let file = |name| std::env::var_os(name).map(PathBuf::from);
	let Some(figures) = file(book::FIGURES) else {
		let words = format!("no native figures of the order book in {}", book::FIGURES);
		if asked {
			return Err(words);
		}
		println!("The order book is left out: {words}.");
		return Ok(());
	};
	let runtime = file(book::RUNTIME);
	book::run(&figures, runtime.as_deref()).map_err(|failure| failure.to_string())
}

/// Compares and times what runs both natively and in wasm.
fn measure(
	table: &mut Table,
	mut module: Option<Module>,
	same: bool,
	speed: bool,
) -> Result<(), Failure> {
	if let (Some(module), true) = (&mut module, same) {
		let compared = same::compare(module, SAME)?;
		table.section("native and wasm");
		let inputs = compared.inputs as f64;
		let remark = format!(
			"{} bytes of answers; {} of {} accounts valued, the others refused alike",
			compared.bytes, compared.answered, compared.accounts
		);
		table.row("inputs with the same bits in every figure", inputs, "inputs", "all", remark);
	}
	if speed {
		speed::run_all(table, &mut Engine::Native)?;
		if let Some(module) = module {
			speed::run_all(table, &mut Engine::Wasm(module))?;
		}
	}
	Ok(())
}
