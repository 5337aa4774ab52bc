//! Native and wasm give the same bits.

use crate::{
	cases,
	random::Random,
	wasm::{Failure, Module},
};
use codec::Encode;
use plimsoll_bench_wasm::{run, Job, Task};

/// Numbers for the elementary functions, options, and accounts.
pub const ARGUMENTS: usize = 8_192;
/// Options with prices and Greeks.
pub const OPTIONS: usize = 4_096;
/// Accounts with margins or reports.
pub const ACCOUNTS: usize = 1_024;

/// How much was compared.
pub struct Compared {
	/// Inputs of all kinds.
	pub inputs: usize,
	/// Bytes of answers.
	pub bytes: usize,
	/// Accounts that had an answer other than an error.
	pub answered: usize,
}

/// Random jobs of all kinds.
fn jobs() -> Vec<Job> {
	let mut random = Random::new(33);
	let mut bits = || {
		let whole = (u128::from(random.next()) << 64) | u128::from(random.next());
		// Every magnitude and both signs.
		let shift = whole & 127;
		i128::from_ne_bytes(whole.to_ne_bytes()) >> shift
	};
	let arguments = (0..ARGUMENTS).map(|_| bits()).collect();
	let options: Vec<_> = (0..OPTIONS).map(|_| cases::option(&mut random)).collect();
	let mut jobs =
		vec![Job::Functions(arguments), Job::Options(options.clone()), Job::Revaluations(options)];
	jobs.extend((0..ACCOUNTS).map(|_| cases::random_job(&mut random)));
	jobs
}

/// Runs the same jobs natively and in the module; an error where one answer differs in one bit.
pub fn compare(module: &mut Module) -> Result<Compared, Failure> {
	let mut compared = Compared { inputs: ARGUMENTS + 2 * OPTIONS, bytes: 0, answered: 0 };
	for (index, job) in jobs().into_iter().enumerate() {
		let is_account = matches!(job, Job::Margin { .. } | Job::Report { .. });
		let task = Task { times: 1, jobs: vec![job] };
		let native = run(&task.encode());
		let wasm = module.run(&task)?;
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
			// Some account, and no error.
			compared.answered += usize::from(native.starts_with(&[1, 0]));
		}
	}
	Ok(compared)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn native_and_wasm_give_the_same_bits() {
		let mut module = match Module::new() {
			Ok(module) => module,
			Err(failure @ Failure::NoTarget) => {
				println!("SKIPPED: {failure}");
				return;
			}
			Err(failure) => panic!("{failure}"),
		};
		let compared = compare(&mut module).expect("the same bits");
		println!("{} inputs, {} bytes of answers", compared.inputs, compared.bytes);
		// The accounts are such that nearly all have margins to compare.
		assert!(compared.answered * 10 > ACCOUNTS * 9, "only {}", compared.answered);
	}

	#[test]
	fn module_answers_nothing_when_given_no_task() {
		assert!(run(&[]).is_empty());
		assert!(run(&[1, 0, 0, 0, 4, 99]).is_empty());
	}
}
