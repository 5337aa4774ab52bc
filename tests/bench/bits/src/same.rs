//! Native and wasm give the same bits.

use crate::{cases, module::Failure, random::Random};
use codec::Encode;
use plimsoll_bench_wasm::{run, Job, Task};

/// What runs the wasm module.
pub trait Machine {
	/// Does a task and gives its answer.
	fn run(&mut self, task: &Task) -> Result<Vec<u8>, Failure>;
}

/// How many random inputs of each kind, besides the edges.
#[derive(Clone, Copy)]
pub struct Inputs {
	/// Numbers for the elementary functions.
	pub arguments: usize,
	/// Options with prices and Greeks.
	pub options: usize,
	/// Volatility surfaces.
	pub surfaces: usize,
	/// Accounts with margins or reports.
	pub accounts: usize,
}

/// How much was compared.
#[derive(Default)]
pub struct Compared {
	/// Inputs of all kinds.
	pub inputs: usize,
	/// Bytes of answers.
	pub bytes: usize,
	/// Accounts.
	pub accounts: usize,
	/// Accounts that had an answer other than an error.
	pub answered: usize,
}

/// The ends and the middle of the numbers with 64 bits after the point, and where the functions'
/// formulas change: powers of two and 12, 43, 45 (the ends of the normal table and of exp).
fn edge_arguments() -> Vec<i128> {
	let mut arguments = vec![i128::MIN, i128::MIN + 1, 0, i128::MAX - 1, i128::MAX];
	let middles = (0..127).map(|bit| 1i128 << bit).chain([12, 43, 45].map(|whole| whole << 64));
	for middle in middles {
		for near in [middle - 1, middle, middle.saturating_add(1)] {
			arguments.extend([near, -near]);
		}
	}
	arguments
}

/// Jobs of all kinds, and how many inputs they have besides accounts.
fn jobs(inputs: Inputs) -> (Vec<Job>, usize) {
	let mut random = Random::new(33);
	let mut bits = || {
		let whole = (u128::from(random.word()) << 64) | u128::from(random.word());
		// Every magnitude and both signs.
		let shift = whole & 127;
		i128::from_ne_bytes(whole.to_ne_bytes()) >> shift
	};
	let mut arguments = edge_arguments();
	arguments.extend((0..inputs.arguments).map(|_| bits()));
	let mut options = cases::edge_options();
	options.extend((0..inputs.options).map(|_| cases::option(&mut random)));
	let surfaces = cases::surfaces(&mut random, inputs.surfaces);
	let count = arguments.len() + 3 * options.len() + surfaces.len();
	let mut jobs = vec![
		Job::Functions(arguments),
		Job::Options(options.clone()),
		Job::Revaluations(options.clone()),
		Job::Kernel(options),
		Job::Surfaces(surfaces),
	];
	jobs.extend(cases::edge_jobs());
	jobs.extend((0..inputs.accounts).map(|_| cases::random_job(&mut random)));
	(jobs, count)
}

/// Runs the same jobs natively and in the module; an error where one answer differs in one bit.
pub fn compare(machine: &mut impl Machine, inputs: Inputs) -> Result<Compared, Failure> {
	let (jobs, inputs) = jobs(inputs);
	let mut compared = Compared { inputs, ..Compared::default() };
	for (index, job) in jobs.into_iter().enumerate() {
		let is_account = matches!(job, Job::Margin { .. } | Job::Report { .. });
		let task = Task { times: 1, jobs: vec![job] };
		let native = run(&task.encode());
		let wasm = machine.run(&task)?;
		if native != wasm {
			let place = native.iter().zip(&wasm).position(|(a, b)| a != b);
			return Err(Failure::Other(format!(
				"job {index}: native and wasm differ at byte {place:?} of {} and {}",
				native.len(),
				wasm.len()
			)));
		}
		compared.bytes += native.len();
		if is_account {
			compared.inputs += 1;
			compared.accounts += 1;
			// Some account, and no error.
			compared.answered += usize::from(native.starts_with(&[1, 0]));
		}
	}
	Ok(compared)
}
