//! The Plimsoll collator: the SDK's omni-node library with our chain specs built in.

use clap::Subcommand;
use cumulus_client_service::storage_proof_size::HostFunctions as ReclaimHostFunctions;
use frame_benchmarking_cli::PalletCmd;
use polkadot_omni_node_lib::{
	extra_subcommand::ExtraSubcommand, run_with_custom_cli, runtime::DefaultRuntimeResolver,
	CliConfig as CliConfigT, RunConfig, NODE_VERSION,
};
use sc_cli::{CliConfiguration, ExportChainSpecCmd, LoggerBuilder};
use sp_runtime::traits::BlakeTwo256;

struct CliConfig;

impl CliConfigT for CliConfig {
	fn impl_version() -> String {
		format!("{}-{NODE_VERSION}", env!("CARGO_PKG_VERSION"))
	}

	fn author() -> String {
		env!("CARGO_PKG_AUTHORS").into()
	}

	fn support_url() -> String {
		"the issue tracker of the repository".into()
	}

	fn copyright_start_year() -> u16 {
		2026
	}
}

/// What our binary can do beyond the library's commands.
#[derive(Debug, Subcommand)]
enum Extra {
	/// Write the chain spec of a known chain, or of a file, as JSON.
	ExportChainSpec(ExportChainSpecCmd),
	/// Measure pallets in a runtime built with `runtime-benchmarks` (`--runtime FILE`). The node
	/// itself needs no such build.
	BenchmarkPallet(Box<PalletCmd>),
}

impl ExtraSubcommand for Extra {
	fn handle(self, config: &RunConfig) -> sc_cli::Result<()> {
		match self {
			Self::ExportChainSpec(command) => {
				let spec = config.chain_spec_loader.load_spec(&command.chain)?;
				command.run(spec)
			}
			Self::BenchmarkPallet(command) => {
				// Says why a benchmark failed.
				LoggerBuilder::new(command.log_filters()?).init()?;
				command.run_with_spec::<BlakeTwo256, ReclaimHostFunctions>(None)
			}
		}
	}
}

// The SDK's error; it is made once, at the end.
#[allow(clippy::result_large_err)]
fn main() -> sc_cli::Result<()> {
	let config =
		RunConfig::new(Box::new(DefaultRuntimeResolver), Box::new(plimsoll_chain_spec::Loader));
	run_with_custom_cli::<CliConfig, Extra>(config)
}
