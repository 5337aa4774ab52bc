//! The wasm module, built as the runtime is.

use std::{
	env,
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

/// Anything else, in its own words.
pub fn words(error: impl std::fmt::Display) -> Failure {
	Failure::Other(error.to_string())
}

/// Builds the module (cargo knows when there is nothing to do) with the flags that
/// `substrate-wasm-builder` gives a runtime's release build and with the overflow checks that ours
/// has: optimised for speed, thin LTO, abort on panic, a table that is exported.
pub fn build() -> Result<Vec<u8>, Failure> {
	let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
	if !has_target() {
		return Err(Failure::NoTarget);
	}
	let folder = target_folder().join("bench-wasm");
	let status = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
		.current_dir(workspace)
		.args(["build", "--quiet", "--locked", "--release", "--lib", "--no-default-features"])
		.args(["--package", "plimsoll-bench-wasm", "--target", TARGET])
		.env("CARGO_TARGET_DIR", &folder)
		.env("CARGO_PROFILE_RELEASE_PANIC", "abort")
		.env("CARGO_PROFILE_RELEASE_LTO", "thin")
		.env("RUSTFLAGS", "-C link-arg=--export-table --cfg substrate_runtime")
		.env_remove("CARGO_ENCODED_RUSTFLAGS")
		.status()
		.map_err(|error| Failure::Other(format!("cargo: {error}")))?;
	if !status.success() {
		return Err(Failure::Other(format!("the wasm module does not build: {status}")));
	}
	let path = folder.join(TARGET).join("release/plimsoll_bench_wasm.wasm");
	std::fs::read(&path).map_err(|error| Failure::Other(format!("{}: {error}", path.display())))
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
pub fn target_folder() -> PathBuf {
	let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
	env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from)
}
