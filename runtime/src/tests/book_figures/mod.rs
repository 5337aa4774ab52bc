//! What each operation on the order book costs: measured natively here, and written to a file from which
//! the bench (`tests/bench`, part `book`) runs the same transactions on the same state in the node's wasm
//! executor and prints one table.
//!
//! Not a test of anything: it is left out unless it is asked for, and asserts only that each operation did
//! what its name says. `scripts/bench book` runs it.

mod case;
mod scene;

use crate::Runtime;
use case::{Case, Operation};
use codec::Encode;
use scene::{most_fills, Accounts, Scene};

/// Names the file to write.
const FILE: &str = "PLIMSOLL_BOOK_FIGURES";
/// The depth at which operations are compared with one another.
const DEPTH: u32 = 100;
/// The depths at which each operation is compared with itself, in orders a side.
const DEPTHS: [u32; 4] = [10, 100, 1_000, 10_000];

/// What the bench reads: its `book` module has the same.
#[derive(Encode)]
struct Figures {
	/// Whether the native code was compiled with all optimisations.
	optimised: bool,
	/// What a block may take: picoseconds and bytes.
	block: (u64, u64),
	/// Where the state keeps what a block has taken: cleared before each transaction.
	taken: Vec<u8>,
	worlds: Vec<Measured>,
}

/// One state and what was done to it.
#[derive(Encode)]
struct Measured {
	/// Whether it is one of those that differ in depth alone.
	by_depth: bool,
	accounts: String,
	/// Orders a side.
	depth: u32,
	root: [u8; 32],
	/// The nodes of its trie, as a snapshot has them.
	state: Vec<(Vec<u8>, (Vec<u8>, i32))>,
	cases: Vec<Case>,
}

fn measure(accounts: Accounts, depth: u32, by_depth: bool, operations: &[Operation]) -> Measured {
	let mut scene = Scene::new(accounts, depth);
	let cases = operations.iter().map(|operation| case::measure(&mut scene, *operation)).collect();
	let (state, root) = scene.state.into_raw_snapshot();
	Measured { by_depth, accounts: accounts.name(), depth, root: root.0, state, cases }
}

/// That an operation looks up as many keys at any depth.
fn assert_same_keys(worlds: &[Measured]) {
	let mut by_depth = worlds.iter().filter(|world| world.by_depth);
	let keys = |world: &Measured| -> Vec<u32> { world.cases.iter().map(Case::keys).collect() };
	if let Some(shallowest) = by_depth.next().map(keys) {
		by_depth.for_each(|world| assert_eq!(keys(world), shallowest, "at {}", world.depth));
	}
}

#[test]
#[ignore = "a benchmark: run by scripts/bench"]
fn figures() {
	use Operation::{
		BatchManyBooks, BatchOneBook, Cancel, Nothing, Place, PlaceDeep, Replace, Take,
	};
	let file = std::env::var(FILE).expect("scripts/bench names the file to write");
	let all = [
		Nothing,
		Place,
		Cancel,
		Replace,
		Take(1),
		Take(10),
		Take(most_fills()),
		Take(100),
		BatchOneBook,
		BatchManyBooks,
	];
	let some = [Place, PlaceDeep, Cancel, Replace, Take(1), Take(10)];
	let mut worlds = vec![
		measure(Accounts::Small, DEPTH, false, &all),
		measure(Accounts::Large, DEPTH, false, &all),
	];
	worlds.extend(DEPTHS.map(|depth| measure(Accounts::Small, depth, true, &some)));
	assert_same_keys(&worlds);
	let block = crate::MAXIMUM_BLOCK_WEIGHT;
	let figures = Figures {
		optimised: !cfg!(debug_assertions),
		block: (block.ref_time(), block.proof_size()),
		taken: frame_system::BlockWeight::<Runtime>::hashed_key().to_vec(),
		worlds,
	};
	std::fs::write(file, figures.encode()).expect("the file can be written");
}
