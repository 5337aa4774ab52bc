//! The order book: what each operation costs natively, as the runtime's own measuring wrote it to a file
//! (`runtime/src/tests/book_figures`), and the same transactions on the same states in the node's wasm
//! executor. Where the two leave different states behind, the runtime was built from other sources, and
//! there is no table.

use crate::wasm;
use codec::Decode;
use cumulus_primitives_proof_size_hostfunction::storage_proof_size;
use plimsoll_bench_bits::module::{words, Failure};
use sc_executor_common::wasm_runtime::{WasmModule, DEFAULT_HEAP_ALLOC_STRATEGY};
use std::{
	collections::BTreeMap,
	path::Path,
	time::{Duration, Instant},
};

/// Names the file with the native figures.
pub const FIGURES: &str = "PLIMSOLL_BOOK_FIGURES";
/// Names the runtime's wasm.
pub const RUNTIME: &str = "PLIMSOLL_RUNTIME_WASM";
/// How often each is timed in wasm; the middle one counts.
const SAMPLES: usize = 15;
/// The share of a block that operations are counted in.
const SHARE: f64 = 0.25;
/// A transaction's outcome where it did what it says: `Ok(Ok(()))`.
const DONE: [u8; 2] = [0, 0];

/// The functions of its host that the runtime calls.
type Host = (sp_io::SubstrateHostFunctions, storage_proof_size::HostFunctions);

/// As the runtime's tests write them; fields are explained there.
#[derive(Decode)]
struct Figures {
	optimised: bool,
	block: (u64, u64),
	taken: Vec<u8>,
	worlds: Vec<World>,
}

/// Trie nodes by their prefixed keys, each with how often it is referred to.
type Snapshot = Vec<(Vec<u8>, (Vec<u8>, i32))>;

#[derive(Decode)]
struct World {
	by_depth: bool,
	accounts: String,
	depth: u32,
	root: [u8; 32],
	state: Snapshot,
	cases: Vec<Case>,
}

#[derive(Decode)]
struct Case {
	name: String,
	extrinsics: Vec<Vec<u8>>,
	declared: (u64, u64),
	charged: (u64, u64),
	proof: (u64, u64),
	reads: (u32, u32),
	native: u64,
	root: [u8; 32],
}

/// Prints the tables. Without `runtime` what is in wasm is left out.
pub fn run(figures: &Path, runtime: Option<&Path>) -> Result<(), Failure> {
	let bytes = std::fs::read(figures).map_err(words)?;
	let mut figures = Figures::decode(&mut &bytes[..]).map_err(words)?;
	let module = runtime.map(load).transpose()?;
	let mut times = Vec::new();
	for world in &mut figures.worlds {
		let timed = module.as_deref().map(|module| time(module, world, &figures.taken));
		times.push(timed.transpose()?.unwrap_or_default());
	}
	if !figures.optimised {
		println!("The native code was compiled for development: its times say little.\n");
	}
	print_operations(&figures, &times);
	print_depths(&figures, &times);
	Ok(())
}

fn load(path: &Path) -> Result<Box<dyn WasmModule>, Failure> {
	let bytes = std::fs::read(path)
		.map_err(|error| Failure::Other(format!("{}: {error}", path.display())))?;
	wasm::compile::<Host>(&bytes)
}

/// Nanoseconds of each case of a world, whose state it uses up.
fn time(module: &dyn WasmModule, world: &mut World, taken: &[u8]) -> Result<Vec<u64>, Failure> {
	let snapshot = std::mem::take(&mut world.state);
	let mut state = sp_io::TestExternalities::from_raw_snapshot(
		snapshot,
		world.root.into(),
		Default::default(),
	);
	let mut times = Vec::new();
	for case in &world.cases {
		let mut samples = Vec::new();
		for _ in 0..SAMPLES {
			state.reset_overlay();
			samples.push(apply(module, &mut state, case, taken)?);
		}
		if state.as_backend().root().0 != case.root {
			let name = &case.name;
			return Err(Failure::Other(format!(
				"{name}: the state differs from the native one: the wasm was built from other sources"
			)));
		}
		samples.sort();
		let middle = samples[SAMPLES / 2].as_nanos();
		times.push(u64::try_from(middle).map_err(words)?);
	}
	Ok(times)
}

/// One after another, each in a fresh instance, as an author's block builder does.
fn apply(
	module: &dyn WasmModule,
	state: &mut sp_io::TestExternalities,
	case: &Case,
	taken: &[u8],
) -> Result<Duration, Failure> {
	let mut elapsed = Duration::ZERO;
	for extrinsic in &case.extrinsics {
		let mut instance = module.new_instance(DEFAULT_HEAP_ALLOC_STRATEGY).map_err(words)?;
		let outcome = state.execute_with(|| {
			sp_io::storage::clear(taken);
			let start = Instant::now();
			let outcome = instance.call("BlockBuilder_apply_extrinsic", extrinsic);
			elapsed += start.elapsed();
			outcome
		});
		let outcome = outcome.map_err(words)?;
		if outcome != DONE {
			return Err(Failure::Other(format!("{}: {outcome:?} in wasm", case.name)));
		}
	}
	Ok(elapsed)
}

fn print_operations(figures: &Figures, times: &[Vec<u64>]) {
	println!(
		"The order book. A transaction with its signature, fee and events, on a state that holds the book;\n\
		 times of the book alone are those less what any transaction takes. Declared: what must be free in\n\
		 the block before it. Charged: what is taken of it in the end. Proof: what an author records, and\n\
		 its compact form. In {:.0} % of a block: how many of the line fit, by charged time, charged proof, and\n\
		 proof as recorded, which is what a block with reclaim counts. A call has a most of fills: more take\n\
		 several calls, and may not fit one block.\n",
		100.0 * SHARE
	);
	let header = [
		"operation",
		"declared ms",
		"KiB",
		"charged ms",
		"KiB",
		"proof KiB",
		"compact",
		"keys",
		"nodes",
		"native ms",
		"wasm ms",
		"fit: time",
		"proof charged",
		"recorded",
	];
	for (world, times) in figures.worlds.iter().zip(times).filter(|(world, _)| !world.by_depth) {
		println!("accounts of {}, {} orders a side", world.accounts, world.depth);
		let row = |(at, case): (usize, &Case)| {
			let (time, proof) = figures.block;
			vec![
				case.name.clone(),
				milliseconds(case.declared.0),
				kibibytes(case.declared.1),
				milliseconds(case.charged.0),
				kibibytes(case.charged.1),
				kibibytes(case.proof.0),
				kibibytes(case.proof.1),
				case.reads.0.to_string(),
				case.reads.1.to_string(),
				milliseconds(1_000 * case.native),
				wasm_time(times, at),
				fit(time, case.charged.0),
				fit(proof, case.charged.1),
				fit(proof, case.proof.0),
			]
		};
		print(&header, world.cases.iter().enumerate().map(row).collect());
	}
}

fn print_depths(figures: &Figures, times: &[Vec<u64>]) {
	println!(
		"By depth. Levels and pages that an operation looks up are as many at any depth; what grows, with\n\
		 the logarithm, is the way to each key in the state's trie.\n"
	);
	let mut rows: BTreeMap<(usize, u32), Vec<String>> = BTreeMap::new();
	let by_depth = figures.worlds.iter().zip(times).filter(|(world, _)| world.by_depth);
	for (world, times) in by_depth {
		for (at, case) in world.cases.iter().enumerate() {
			let row = vec![
				case.name.clone(),
				world.depth.to_string(),
				case.reads.0.to_string(),
				case.reads.1.to_string(),
				kibibytes(case.proof.0),
				kibibytes(case.proof.1),
				milliseconds(1_000 * case.native),
				wasm_time(times, at),
			];
			rows.insert((at, world.depth), row);
		}
	}
	let header = [
		"operation",
		"orders a side",
		"keys",
		"nodes",
		"proof KiB",
		"compact",
		"native ms",
		"wasm ms",
	];
	print(&header, rows.into_values().collect());
}

/// Picoseconds as milliseconds.
fn milliseconds(picoseconds: u64) -> String {
	format!("{:.3}", picoseconds as f64 / 1e9)
}

fn kibibytes(bytes: u64) -> String {
	format!("{:.1}", bytes as f64 / 1024.0)
}

fn wasm_time(times: &[u64], at: usize) -> String {
	times.get(at).map_or("-".into(), |time| milliseconds(1_000 * time))
}

/// How many of `each` there are in the share of all.
fn fit(all: u64, each: u64) -> String {
	match each {
		0 => "-".into(),
		each => format!("{:.0}", (SHARE * all as f64 / each as f64).floor()),
	}
}

/// With columns as wide as their widest cell, numbers to the right.
fn print(header: &[&str], rows: Vec<Vec<String>>) {
	let header: Vec<String> = header.iter().map(|cell| cell.to_string()).collect();
	let width = |at: usize| {
		rows.iter().chain([&header]).map(|row| row[at].chars().count()).max().unwrap_or(0)
	};
	let widths: Vec<usize> = (0..header.len()).map(width).collect();
	for row in [&header].into_iter().chain(&rows) {
		let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| match at {
			0 => format!("{cell:width$}"),
			_ => format!("{cell:>width$}"),
		});
		println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
	}
	println!();
}

#[cfg(test)]
mod tests {
	use super::{fit, kibibytes, milliseconds};

	#[test]
	fn whole_operations_fit() {
		assert_eq!(fit(1_000, 0), "-");
		assert_eq!(fit(1_000, 100), "2");
		assert_eq!(fit(1_000, 251), "0");
	}

	#[test]
	fn figures_have_the_units_that_the_header_says() {
		assert_eq!(milliseconds(1_500_000_000), "1.500");
		assert_eq!(kibibytes(1_536), "1.5");
	}
}
