//! Native code and wasm give the same bits, the wasm in an interpreter.

use codec::Encode;
use plimsoll_bench_bits::{
	module::{build, words, Failure},
	same::{compare, Inputs, Machine},
};
use plimsoll_bench_wasm::Task;
use wasmi::{Caller, Engine, Error, Extern, ExternType, Linker, Memory, Module, Store};

/// Random inputs besides the edges; the bench compares more of them.
const INPUTS: Inputs = Inputs { arguments: 2_048, options: 1_024, surfaces: 512, accounts: 96 };
/// A page of wasm memory.
const PAGE: u32 = 1 << 16;

/// What lies before each allocation, as in the node's allocator: the module keeps there by how much
/// it moved the pointer for alignment.
const HEADER: u32 = 8;

/// The host's allocator: memory is handed out upwards and never taken back, since an instance lives
/// for one call.
struct Host {
	next: u32,
}

/// So many bytes behind their header, from a multiple of eight.
fn allocate(
	memory: Memory,
	mut store: impl wasmi::AsContextMut<Data = Host>,
	size: u32,
) -> Result<u32, Error> {
	let full = || Error::new("the module's memory is full");
	let start = store.as_context().data().next.checked_add(HEADER).ok_or_else(full)?;
	let end =
		start.checked_add(size).and_then(|end| end.checked_next_multiple_of(8)).ok_or_else(full)?;
	let missing = end.div_ceil(PAGE).saturating_sub(memory.size(&store));
	if missing > 0 {
		memory.grow(&mut store, missing).map_err(|_| full())?;
	}
	store.as_context_mut().data_mut().next = end;
	Ok(start)
}

/// The module in the interpreter.
struct Interpreter {
	engine: Engine,
	module: Module,
}

impl Interpreter {
	fn new() -> Result<Self, Failure> {
		let engine = Engine::default();
		let module = Module::new(&engine, build()?.as_slice()).map_err(words)?;
		Ok(Self { engine, module })
	}

	/// The allocator works; whatever else a runtime may ask of its host must not be needed.
	fn linker(&self) -> Result<Linker<Host>, Error> {
		let mut linker = Linker::new(&self.engine);
		for import in self.module.imports() {
			let (module, name) = (import.module(), import.name());
			let ExternType::Func(kind) = import.ty() else { continue };
			match name {
				"ext_allocator_malloc_version_1" => {
					linker.func_wrap(module, name, |mut caller: Caller<Host>, size: u32| {
						let memory = caller.get_export("memory").and_then(Extern::into_memory);
						let memory = memory.ok_or_else(|| Error::new("no memory"))?;
						allocate(memory, &mut caller, size)
					})?;
				}
				"ext_allocator_free_version_1" => {
					linker.func_wrap(module, name, |_: Caller<Host>, _: u32| {})?;
				}
				other => {
					let called = format!("the host was asked for {other}");
					linker.func_new(module, name, kind.clone(), move |_, _, _| {
						Err(Error::new(called.clone()))
					})?;
				}
			}
		}
		Ok(linker)
	}

	fn call(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
		let mut store = Store::new(&self.engine, Host { next: 0 });
		let instance = self.linker()?.instantiate(&mut store, &self.module)?.start(&mut store)?;
		let memory =
			instance.get_memory(&store, "memory").ok_or_else(|| Error::new("no memory"))?;
		let base = instance
			.get_global(&store, "__heap_base")
			.and_then(|base| base.get(&store).i32())
			.ok_or_else(|| Error::new("no heap"))?;
		store.data_mut().next = base.unsigned_abs().next_multiple_of(8);
		let length = u32::try_from(input.len()).map_err(|error| Error::new(error.to_string()))?;
		let start = allocate(memory, &mut store, length)?;
		let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
		memory
			.write(&mut store, place(start), input)
			.map_err(|error| Error::new(error.to_string()))?;
		let run = instance.get_typed_func::<(u32, u32), u64>(&store, "run")?;
		let answer = run.call(&mut store, (start, length))?;
		let half = |value: u64| usize::try_from(value & u64::from(u32::MAX)).unwrap_or(usize::MAX);
		let mut bytes = vec![0; half(answer >> 32)];
		memory
			.read(&store, half(answer), &mut bytes)
			.map_err(|error| Error::new(error.to_string()))?;
		Ok(bytes)
	}
}

impl Machine for Interpreter {
	fn run(&mut self, task: &Task) -> Result<Vec<u8>, Failure> {
		self.call(&task.encode()).map_err(words)
	}
}

/// Without the wasm target it fails: `scripts/setup` adds it.
fn interpreter() -> Interpreter {
	Interpreter::new().unwrap_or_else(|failure| panic!("{failure}"))
}

#[test]
fn native_and_wasm_give_the_same_bits() {
	let mut interpreter = interpreter();
	let compared = compare(&mut interpreter, INPUTS).unwrap_or_else(|failure| panic!("{failure}"));
	println!(
		"{} inputs, {} bytes of answers, {} of {} accounts valued",
		compared.inputs, compared.bytes, compared.answered, compared.accounts
	);
	// Two refusals would be alike as well: nearly all accounts must have margins to compare.
	assert!(compared.answered * 10 > compared.accounts * 9, "only {}", compared.answered);
}

/// A machine that flips one bit of each answer.
struct Faulty(Interpreter);

impl Machine for Faulty {
	fn run(&mut self, task: &Task) -> Result<Vec<u8>, Failure> {
		let mut answer = self.0.run(task)?;
		if let Some(last) = answer.last_mut() {
			*last ^= 1;
		}
		Ok(answer)
	}
}

#[test]
fn one_flipped_bit_is_noticed() {
	let interpreter = interpreter();
	let few = Inputs { arguments: 1, options: 1, surfaces: 1, accounts: 1 };
	assert!(matches!(compare(&mut Faulty(interpreter), few), Err(Failure::Other(_))));
}

#[test]
fn module_answers_nothing_when_given_no_task() {
	let interpreter = interpreter();
	for task in [&[][..], &[1, 0, 0, 0, 4, 99]] {
		assert!(plimsoll_bench_wasm::run(task).is_empty());
		assert!(interpreter.call(task).unwrap_or_else(|error| panic!("{error}")).is_empty());
	}
}
