//! One operation: as transactions, and what they cost.

use super::scene::{batch_size, higher, most_fills, order, Scene, FREE};
use crate::{
	offchain, Address, Executive, Runtime, RuntimeCall, RuntimeEvent, SignedPayload, System,
	UncheckedExtrinsic,
};
use codec::{Decode, Encode};
use frame_support::{dispatch::GetDispatchInfo, weights::Weight};
use pallet_trading::{Call, Event, Operation as BatchOperation, OrderTerms};
use plimsoll_primitives::OrderSide;
use sp_core::{Blake2Hasher, Pair};
use sp_runtime::{generic::Era, MultiSignature};
use sp_trie::recorder::Recorder;
use std::time::{Duration, Instant};

/// How often each is timed; the middle one counts.
const SAMPLES: usize = 15;

/// What is measured.
#[derive(Clone, Copy)]
pub enum Operation {
	/// A remark of one byte: what any transaction costs.
	Nothing,
	/// An order that rests at the best price.
	Place,
	/// An order that rests at a new price in the middle of the book.
	PlaceDeep,
	/// Cancelling one in the middle of the book.
	Cancel,
	/// Moving one there.
	Replace,
	/// An order that is filled so many times, each time by another maker; in as many transactions as that
	/// takes.
	Take(u32),
	/// Moving as many orders as a batch may, in one book.
	BatchOneBook,
	/// The same with one order in each of as many books.
	BatchManyBooks,
}

/// What an operation cost.
#[derive(Encode)]
pub struct Case {
	name: String,
	extrinsics: Vec<Vec<u8>>,
	/// Weight that had to be free before, and that was charged in the end, before what the proof did not
	/// need is given back: picoseconds and bytes.
	declared: (u64, u64),
	charged: (u64, u64),
	/// Bytes of the proof as a block's author counts them, and in compact form.
	proof: (u64, u64),
	/// Keys that were looked up, and trie nodes that it took.
	reads: (u32, u32),
	/// Nanoseconds natively.
	native: u64,
	/// The state's root afterwards: in wasm it must be the same.
	root: [u8; 32],
}

impl Case {
	/// How many keys were looked up.
	pub fn keys(&self) -> u32 {
		self.reads.0
	}
}

impl Operation {
	fn name(self) -> String {
		match self {
			Self::Nothing => "any transaction (a remark)".into(),
			Self::Place => "place, at the best price".into(),
			Self::PlaceDeep => "place, mid-book".into(),
			Self::Cancel => "cancel".into(),
			Self::Replace => "replace".into(),
			Self::Take(1) => "match 1 fill".into(),
			Self::Take(fills) => match fills.div_ceil(most_fills()) {
				1 => format!("match {fills} fills"),
				calls => format!("match {fills} fills, in {calls} calls"),
			},
			Self::BatchOneBook => format!("batch: {} replaced, one book", batch_size()),
			Self::BatchManyBooks => format!("batch: {} replaced, one a book", batch_size()),
		}
	}

	/// How many fills it makes.
	fn fills(self) -> u32 {
		match self {
			Self::Take(fills) => fills,
			_ => 0,
		}
	}

	fn calls(self, scene: &Scene) -> Vec<RuntimeCall> {
		let account = scene.actor.account.clone();
		let bid = |below: u32| {
			let below = i32::try_from(below).expect("it fits; qed");
			order(scene.perpetual, OrderSide::Buy, -below)
		};
		// To where the one who acts has nothing yet: a tick or more lower.
		let moved = |below: u32| bid(below + FREE - below % (FREE + 1));
		let place = |order: OrderTerms, max_fills| Call::place_order {
			account: account.clone(),
			order,
			max_fills,
		};
		let middle = scene.actor.bids[scene.actor.bids.len() / 2];
		let batch = |operations: Vec<BatchOperation>| Call::batch {
			account: account.clone(),
			operations: operations.try_into().expect("a batch has room; qed"),
			max_fills: 0,
		};
		let of_bids = || scene.actor.bids.iter();
		let replace_bid = |(id, below): &(u64, u32)| BatchOperation::Replace(*id, moved(*below));
		let calls = match self {
			Self::Nothing => {
				let remark = frame_system::Call::remark { remark: vec![0] };
				return vec![remark.into()];
			}
			Self::Place => vec![place(bid(0), 0)],
			Self::PlaceDeep => vec![place(bid(scene.middle()), 0)],
			Self::Cancel => vec![Call::cancel_order { account, order: middle.0 }],
			Self::Replace => vec![Call::replace_order {
				account: account.clone(),
				old: middle.0,
				order: moved(middle.1),
				max_fills: 0,
			}],
			Self::Take(fills) => {
				let calls = fills.div_ceil(most_fills());
				let of_call = |call: u32| most_fills().min(fills - call * most_fills());
				(0..calls).map(of_call).map(|fills| place(scene.take(fills), fills)).collect()
			}
			Self::BatchOneBook => vec![batch(of_bids().map(replace_bid).collect())],
			Self::BatchManyBooks => {
				let asks = scene.actor.asks.iter();
				let replace = |(id, terms): &(_, _)| BatchOperation::Replace(*id, higher(terms));
				vec![batch(of_bids().take(1).map(replace_bid).chain(asks.map(replace)).collect())]
			}
		};
		calls.into_iter().map(RuntimeCall::from).collect()
	}
}

/// Signs as the one who acts.
fn sign(scene: &Scene, call: RuntimeCall, number: usize) -> Vec<u8> {
	let actor = &scene.actor;
	let owner = actor.account.owner.clone();
	let nonce = System::account_nonce(&owner) + u32::try_from(number).expect("it fits; qed");
	let payload = SignedPayload::new(call, offchain::extension(Era::Immortal, nonce))
		.expect("all that is signed is there; qed");
	let signature = payload.using_encoded(|bytes| actor.pair.sign(bytes));
	let (call, extension, _) = payload.deconstruct();
	let signature = MultiSignature::Sr25519(signature);
	UncheckedExtrinsic::new_signed(call, Address::Id(owner), signature, extension).encode()
}

/// What a block does with them, each with the whole block's weight before it: more than fit into one may
/// be looked at. Gives what they were charged.
fn apply(extrinsics: &[Vec<u8>]) -> Weight {
	let mut charged = Weight::zero();
	for bytes in extrinsics {
		frame_system::BlockWeight::<Runtime>::kill();
		let extrinsic =
			UncheckedExtrinsic::decode(&mut &bytes[..]).expect("it was encoded here; qed");
		Executive::apply_extrinsic(extrinsic)
			.expect("a transaction here is valid")
			.expect("and does what it says");
		charged.saturating_accrue(System::block_weight().total());
	}
	charged
}

/// What they declare.
fn declared(extrinsics: &[Vec<u8>]) -> Weight {
	let of = |bytes: &Vec<u8>| {
		let extrinsic =
			UncheckedExtrinsic::decode(&mut &bytes[..]).expect("it was encoded here; qed");
		extrinsic.get_dispatch_info().total_weight()
	};
	extrinsics.iter().map(of).fold(Weight::zero(), |sum, weight| sum.saturating_add(weight))
}

/// That nothing but what was meant has happened.
fn check(operation: Operation) {
	let mut fills = 0;
	for record in System::events() {
		match record.event {
			RuntimeEvent::Trading(Event::OrderFilled { .. }) => fills += 1,
			RuntimeEvent::Trading(Event::OperationFailed { error, .. }) => {
				panic!("an operation of a batch failed: {error:?}")
			}
			_ => {}
		}
	}
	assert_eq!(fills, operation.fills(), "{}", operation.name());
}

/// Runs it again and again on the same state, which it leaves as it was.
pub fn measure(scene: &mut Scene, operation: Operation) -> Case {
	let extrinsics = scene.signed(operation);
	let recorder = Recorder::<Blake2Hasher>::default();
	let charged = scene.state.execute_with_recorder(recorder.clone(), || {
		let charged = apply(&extrinsics);
		check(operation);
		charged
	});
	let after = *scene.state.as_backend().root();
	scene.state.reset_overlay();
	let before = *scene.state.as_backend().root();
	let looked_up: usize = recorder.recorded_keys().values().map(|keys| keys.len()).sum();
	let proof = recorder.to_storage_proof();
	let nodes = proof.len();
	let bytes = proof.encoded_size();
	let compact = proof
		.into_compact_proof::<Blake2Hasher>(before)
		.expect("a recorded proof is complete; qed")
		.encoded_size();
	let native = time(scene, &extrinsics);
	let wide = |bytes: usize| u64::try_from(bytes).expect("it fits; qed");
	let narrow = |count: usize| u32::try_from(count).expect("it fits; qed");
	let declared = declared(&extrinsics);
	Case {
		name: operation.name(),
		extrinsics,
		declared: (declared.ref_time(), declared.proof_size()),
		charged: (charged.ref_time(), charged.proof_size()),
		proof: (wide(bytes), wide(compact)),
		reads: (narrow(looked_up), narrow(nodes)),
		native: u64::try_from(native.as_nanos()).expect("it fits; qed"),
		root: after.0,
	}
}

impl Scene {
	fn signed(&mut self, operation: Operation) -> Vec<Vec<u8>> {
		// What is read to sign is no part of the state that is measured.
		let mut state = core::mem::take(&mut self.state);
		let signed = state.execute_with(|| {
			let calls = operation.calls(self).into_iter().enumerate();
			calls.map(|(number, call)| sign(self, call, number)).collect()
		});
		state.reset_overlay();
		self.state = state;
		signed
	}
}

/// The middle of several runs.
fn time(scene: &mut Scene, extrinsics: &[Vec<u8>]) -> Duration {
	let mut samples: Vec<Duration> = (0..SAMPLES)
		.map(|_| {
			let elapsed = scene.state.execute_with(|| {
				let start = Instant::now();
				apply(extrinsics);
				start.elapsed()
			});
			scene.state.reset_overlay();
			elapsed
		})
		.collect();
	samples.sort();
	samples[SAMPLES / 2]
}
