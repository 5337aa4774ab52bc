//! Every preset makes a state that holds together.

use super::world;
use crate::{
	genesis_config_presets::{get_preset, operators, preset_names},
	AccountId,
};
use sp_core::{sr25519, Pair};

#[test]
fn presets_build_when_asked_by_name() {
	for name in preset_names() {
		world::from_preset(name.as_ref()).execute_with(world::check);
	}
}

#[test]
fn preset_is_none_when_it_is_not_known() {
	assert!(get_preset(&"mainnet".into()).is_none());
}

#[test]
fn development_operators_are_the_feeders() {
	let derived: Vec<AccountId> = (1..=3)
		.map(|number| {
			let pair = sr25519::Pair::from_string(&format!("//Feeder//{number}"), None)
				.expect("the derivation path is valid; qed");
			AccountId::from(pair.public())
		})
		.collect();
	assert_eq!(operators(), derived);
}
