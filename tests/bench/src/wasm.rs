//! The wasm module in the node's executor with the node's settings.

use codec::Encode;
use plimsoll_bench_bits::{
	module::{build, words, Failure},
	same::Machine,
};
use plimsoll_bench_wasm::Task;
use sc_executor_common::{
	runtime_blob::RuntimeBlob,
	wasm_runtime::{WasmInstance, WasmModule, DEFAULT_HEAP_ALLOC_STRATEGY},
};
use sc_executor_wasmtime::{create_runtime, Config, InstantiationStrategy, Semantics};
use sp_wasm_interface::HostFunctions;

/// A module ready to be called.
pub struct Module {
	instance: Box<dyn WasmInstance>,
}

impl Module {
	/// Builds the module (cargo knows when there is nothing to do) and compiles it.
	pub fn new() -> Result<Self, Failure> {
		let module = compile::<sp_io::SubstrateHostFunctions>(&build()?)?;
		let instance = module.new_instance(DEFAULT_HEAP_ALLOC_STRATEGY).map_err(words)?;
		Ok(Self { instance })
	}
}

/// Compiles wasm (compressed or not) as a node compiles its runtime, for a host that has these functions.
pub fn compile<Host: HostFunctions>(bytes: &[u8]) -> Result<Box<dyn WasmModule>, Failure> {
	let blob = RuntimeBlob::uncompress_if_needed(bytes).map_err(words)?;
	let module = create_runtime::<Host>(blob, config()).map_err(words)?;
	Ok(Box::new(module))
}

impl Machine for Module {
	/// In a fresh instance. What a call costs by itself is part of its time.
	fn run(&mut self, task: &Task) -> Result<Vec<u8>, Failure> {
		self.instance.call("run", &task.encode()).map_err(words)
	}
}

/// The settings with which `sc-executor` runs a node's runtime; what is not chosen here (speed and
/// size, no fuel, no epochs, a stack of 1 MiB) the executor's crate chooses itself. Missing host
/// functions are an error, as on the node.
fn config() -> Config {
	Config {
		allow_missing_func_imports: false,
		cache_path: None,
		semantics: Semantics {
			heap_alloc_strategy: DEFAULT_HEAP_ALLOC_STRATEGY,
			instantiation_strategy: InstantiationStrategy::PoolingCopyOnWrite,
			deterministic_stack_limit: None,
			canonicalize_nans: false,
			parallel_compilation: true,
			wasm_multi_value: false,
			wasm_bulk_memory: false,
			wasm_reference_types: false,
			wasm_simd: false,
		},
	}
}
