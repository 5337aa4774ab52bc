//! # Chain specs
//!
//! The chains that the node knows by name. A spec is made from the runtime's wasm and the name of
//! one of its genesis presets; what else defines it stands in [`KNOWN`].
//!
//! The folder of this crate holds, for each, everything but the code (which differs by toolchain):
//! a test keeps those files true. `PLIMSOLL_WRITE_CHAIN_SPECS=1 cargo test -p plimsoll-chain-spec`
//! writes them anew; `plimsoll export-chain-spec --chain NAME [--raw]` makes a full spec.

use polkadot_omni_node_lib::chain_spec::{Extensions, GenericChainSpec, LoadSpec};
use sc_chain_spec::{ChainSpec, ChainType, Properties};
use serde_json::{json, Value};

/// What defines a known chain beside the runtime.
#[derive(Debug)]
pub struct Known {
	/// What follows `--chain`.
	pub names: &'static [&'static str],
	/// The runtime's genesis preset.
	pub preset: &'static str,
	/// The chain's identifier; also the name of its data folder.
	pub id: &'static str,
	/// What people call it.
	pub name: &'static str,
	/// The relay chain it belongs to.
	pub relay_chain: &'static str,
}

/// The chains by name. The first is the default.
pub const KNOWN: &[Known] = &[
	Known {
		names: &["dev", "development", ""],
		preset: "development",
		id: "plimsoll-dev",
		name: "Plimsoll Development",
		relay_chain: "westend-dev",
	},
	Known {
		names: &["local"],
		preset: "local_testnet",
		id: "plimsoll-local",
		name: "Plimsoll Local Testnet",
		relay_chain: "westend-local",
	},
];

/// How wallets show the native token.
pub fn properties() -> Properties {
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), "PLIM".into());
	properties.insert("tokenDecimals".into(), 12.into());
	properties.insert("ss58Format".into(), 42.into());
	properties
}

/// The spec of a known chain, with the code of this build. Fails where the build left the code out.
pub fn spec(known: &Known) -> Result<GenericChainSpec, String> {
	let code = plimsoll_runtime::WASM_BINARY
		.ok_or("this build has no wasm runtime: build without SKIP_WASM_BUILD")?;
	let chain_type =
		if known.preset == "development" { ChainType::Development } else { ChainType::Local };
	let para_id = plimsoll_runtime::genesis_config_presets::PARA_ID;
	Ok(GenericChainSpec::builder(code, Extensions::new(known.relay_chain.into(), para_id))
		.with_name(known.name)
		.with_id(known.id)
		.with_chain_type(chain_type)
		.with_protocol_id("plimsoll")
		.with_properties(properties())
		.with_genesis_config_preset_name(known.preset)
		.build())
}

/// What the committed file of a known chain holds: all but the code.
pub fn description(known: &Known) -> Result<Value, String> {
	let patch = plimsoll_runtime::genesis_config_presets::get_preset(&known.preset.into())
		.ok_or_else(|| format!("the runtime has no preset {}", known.preset))?;
	let patch: Value = serde_json::from_slice(&patch).map_err(|error| error.to_string())?;
	Ok(json!({
		"id": known.id,
		"name": known.name,
		"relayChain": known.relay_chain,
		"paraId": plimsoll_runtime::genesis_config_presets::PARA_ID,
		"properties": properties(),
		"genesisPatch": patch,
	}))
}

/// Finds a known chain by name, or reads a spec from a file.
pub struct Loader;

impl LoadSpec for Loader {
	fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
		match KNOWN.iter().find(|known| known.names.contains(&id)) {
			Some(known) => Ok(Box::new(spec(known)?)),
			None => Ok(Box::new(GenericChainSpec::from_json_file(id.into())?)),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn committed_descriptions_match_the_runtime() {
		for known in KNOWN {
			let path = format!("{}/{}.json", env!("CARGO_MANIFEST_DIR"), known.preset);
			let ours = description(known).expect("every known chain has a preset");
			if std::env::var_os("PLIMSOLL_WRITE_CHAIN_SPECS").is_some() {
				let text = serde_json::to_string_pretty(&ours).expect("JSON can be written");
				std::fs::write(&path, text + "\n").expect("the crate's folder can be written");
			}
			let committed = std::fs::read_to_string(&path).expect("the file is committed");
			let committed: Value = serde_json::from_str(&committed).expect("it is JSON");
			assert_eq!(committed, ours, "{path} is not what the runtime makes");
		}
	}

	#[test]
	fn loader_refuses_when_the_chain_is_neither_known_nor_a_file() {
		assert!(Loader.load_spec("no-such-chain").is_err());
	}
}
