//! A bounded run from a fixed seed.

use plimsoll_fuzz::{bytes::Random, check_bytes, Outcome};
use std::{env, panic};

/// What is run where the environment does not say.
const CASES: u64 = 8_000;
const SEED: u64 = 1_973;

fn setting(name: &str, otherwise: u64) -> u64 {
	let Ok(words) = env::var(name) else { return otherwise };
	words.parse().unwrap_or_else(|_| panic!("{name} wants a number, not {words:?}"))
}

/// A case of a seed of its own, so that one that fails can be run alone.
fn outcome(seed: u64) -> Result<Outcome, String> {
	let bytes = Random(seed).bytes();
	panic::catch_unwind(|| check_bytes(&bytes)).unwrap_or_else(|_| Err("it panics".into()))
}

#[test]
fn engine_agrees_with_the_reference_on_random_cases() {
	let (cases, seed) =
		(setting("PLIMSOLL_FUZZ_CASES", CASES), setting("PLIMSOLL_FUZZ_SEED", SEED));
	let mut seen = Vec::new();
	let mut failures = Vec::new();
	for seed in (seed..).take(usize::try_from(cases).unwrap_or(usize::MAX)) {
		match outcome(seed) {
			Ok(outcome) => seen.push(outcome),
			Err(words) => failures.push(format!("PLIMSOLL_FUZZ_SEED={seed}: {words}")),
		}
	}
	let count = |is: &dyn Fn(&Outcome) -> bool| seen.iter().filter(|outcome| is(outcome)).count();
	let compared: usize = seen.iter().map(|outcome| outcome.compared).sum();
	let ordinary = count(&|o| o.is_valid && o.is_ordinary);
	let tight = count(&|o| o.is_valid && o.is_ordinary && o.is_tight);
	let margins = count(&|o| o.compared > 0 && o.has_margins);
	println!(
		"{} cases, {} valued, {} of valid models; {compared} figures compared, margins of {margins}, gamma buffers of {}; base known closely in {tight} of {ordinary}; binding {:?}",
		seen.len(),
		count(&|o| o.is_valued),
		count(&|o| o.is_valid),
		count(&|o| o.has_gamma_buffer),
		[0, 1, 2, 3].map(|which| count(&|o| o.binding == Some(which))),
	);
	assert!(failures.is_empty(), "{} fail\n{}", failures.len(), failures.join("\n"));
	// The run says something: most cases are compared, closely, and each kind of case is among them.
	if cases >= CASES {
		assert!(ordinary * 2 > seen.len(), "{ordinary} of {} are ordinary", seen.len());
		assert!(tight * 10 > ordinary * 9, "{tight} of {ordinary} are known closely");
		assert!(margins * 2 > ordinary && count(&|o| o.has_gamma_buffer) > 50);
		assert!((0..4).all(|which| count(&|o| o.binding == Some(which)) > 5));
		assert!(count(&|o| !o.is_ordinary && o.compared > 0) > 50);
		assert!(count(&|o| !o.is_valued) > 50);
	}
}
