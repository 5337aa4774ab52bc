//! The wasm module, built as the runtime is and run by the node's executor with the node's settings.

use codec::Encode;
use plimsoll_bench_wasm::Task;
use sc_executor_common::{
	runtime_blob::RuntimeBlob,
	wasm_runtime::{WasmInstance, WasmModule, DEFAULT_HEAP_ALLOC_STRATEGY},
};
use sc_executor_wasmtime::{create_runtime, Config, InstantiationStrategy, Semantics};
use std::{
	env, fs,
	path::{Path, PathBuf},
	process::Command,
};

/// What the runtime's wasm is built for.
const TARGET: &str = "wasm32v1-none";

/// Why there is no module.
#[derive(Debug)]
pub enum Failure {
	/// The toolchain lacks the wasm target.
	NoTarget,
	/// Something else, said in words.
	Other(String),
}

impl std::fmt::Display for Failure {
	fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		match self {
			Self::NoTarget => write!(formatter, "the toolchain has no target {TARGET}"),
			Self::Other(words) => write!(formatter, "{words}"),
		}
	}
}

/// A module ready to be called.
pub struct Module {
	instance: Box<dyn WasmInstance>,
}

impl Module {
	/// Builds the module (cargo knows when there is nothing to do) and compiles it.
	pub fn new() -> Result<Self, Failure> {
		let words = |error: &dyn std::fmt::Display| Failure::Other(error.to_string());
		let path = build()?;
		let code = fs::read(&path)
			.map_err(|error| Failure::Other(format!("{}: {error}", path.display())))?;
		let blob = RuntimeBlob::new(&code).map_err(|error| words(&error))?;
		let module = create_runtime::<sp_io::SubstrateHostFunctions>(blob, config())
			.map_err(|error| words(&error))?;
		let instance =
			module.new_instance(DEFAULT_HEAP_ALLOC_STRATEGY).map_err(|error| words(&error))?;
		Ok(Self { instance })
	}

	/// Does a task in a fresh instance. What a call costs by itself is part of its time.
	pub fn run(&mut self, task: &Task) -> Result<Vec<u8>, Failure> {
		self.instance.call("run", &task.encode()).map_err(|error| Failure::Other(error.to_string()))
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

/// Builds the module with the profile and flags that `substrate-wasm-builder` gives a runtime's
/// release build: optimised for speed, thin LTO, abort on panic, no overflow checks unless the
/// environment asks for them, a table that is exported.
fn build() -> Result<PathBuf, Failure> {
	let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
	if !has_target() {
		return Err(Failure::NoTarget);
	}
	let folder = target_folder(&root).join("bench-wasm");
	let overflow_checks = "CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS";
	let checks = env::var(overflow_checks).unwrap_or_else(|_| "false".into());
	let status = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
		.current_dir(&root)
		.args(["build", "--quiet", "--locked", "--release", "--lib", "--no-default-features"])
		.args(["--package", "plimsoll-bench-wasm", "--target", TARGET])
		.env("CARGO_TARGET_DIR", &folder)
		.env("CARGO_PROFILE_RELEASE_PANIC", "abort")
		.env("CARGO_PROFILE_RELEASE_LTO", "thin")
		.env(overflow_checks, checks)
		.env("RUSTFLAGS", "-C link-arg=--export-table --cfg substrate_runtime")
		.env_remove("CARGO_ENCODED_RUSTFLAGS")
		.status()
		.map_err(|error| Failure::Other(format!("cargo: {error}")))?;
	if !status.success() {
		return Err(Failure::Other(format!("the wasm module does not build: {status}")));
	}
	Ok(folder.join(TARGET).join("release/plimsoll_bench_wasm.wasm"))
}

/// Whether the toolchain in use can build for [`TARGET`].
fn has_target() -> bool {
	let library = Command::new("rustc")
		.args(["--print", "target-libdir", "--target", TARGET])
		.output()
		.ok()
		.and_then(|output| String::from_utf8(output.stdout).ok());
	library.is_some_and(|folder| Path::new(folder.trim()).is_dir())
}

/// Where cargo puts what it builds.
pub fn target_folder(root: &Path) -> PathBuf {
	env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}
