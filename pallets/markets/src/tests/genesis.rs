use super::*;
use crate::{GenesisCollateral, GenesisConfig, Instruments, Underlyings};
use plimsoll_primitives::{CollateralTreatment, InstrumentRegistry};
use sp_runtime::Permill;

fn collateral(asset: u32) -> GenesisCollateral<u32> {
	let terms = collateral_terms(asset);
	GenesisCollateral {
		id: WETH,
		asset,
		decimals: terms.decimals,
		feed: terms.feed,
		treatment: terms.treatment,
		deposit_cap: terms.deposit_cap,
		minimum: terms.minimum,
	}
}

#[test]
fn genesis_is_what_calls_would_make() {
	let genesis = GenesisConfig { collaterals: vec![collateral(40)], ..ExtBuilder::genesis() };
	ExtBuilder::build(genesis).execute_with(|| {
		assert_eq!(Underlyings::<Test>::get(ETH), Some(underlying_terms("Ether", "ETH")));
		assert_eq!(Markets::collateral(WETH), Some(collateral_terms(40)));
		assert!(Instruments::<Test>::contains_key(Instrument::perpetual(BTC)));
		crate::Pallet::<Test>::do_try_state().expect("the state is sound");
	});
}

#[test]
#[should_panic(expected = "genesis collateral")]
fn genesis_panics_when_a_call_would_refuse_it() {
	let collaterals = vec![collateral(SETTLEMENT_ASSET)];
	ExtBuilder::build(GenesisConfig { collaterals, ..ExtBuilder::genesis() });
}

#[test]
#[should_panic(expected = "the ticker is too long")]
fn genesis_panics_when_a_ticker_is_too_long() {
	let mut genesis = ExtBuilder::genesis();
	genesis.underlyings[0].ticker = "MUCHTOOLONG".into();
	ExtBuilder::build(genesis);
}

#[test]
fn genesis_reads_as_documented_when_written_in_json() {
	let json = r#"{
		"underlyings": [{
			"id": 1,
			"name": "Ether",
			"ticker": "ETH",
			"strikeStep": "50000000000000000000",
			"highestStrike": "1000000000000000000000000"
		}],
		"collaterals": [{
			"id": 0,
			"asset": 40,
			"decimals": 18,
			"feed": 1,
			"treatment": { "RiskOffsetting": { "liquidity_haircut": 20000 } },
			"depositCap": "1000000000000000000000000",
			"minimum": "1000000000000000"
		}],
		"perpetuals": [{
			"underlying": 1,
			"tick": "100000000000000000",
			"lot": "10000000000000000",
			"openInterestCap": "1000000000000000000000"
		}],
		"listingRules": []
	}"#;
	// By way of a JSON value, as presets go, which has no numbers beyond 64 bits.
	let value: serde_json::Value = serde_json::from_str(json).expect("it is JSON");
	let genesis: GenesisConfig<Test> = serde_json::from_value(value.clone()).expect("it reads");
	assert_eq!(genesis.collaterals, vec![collateral(40)]);
	assert_eq!(
		genesis.collaterals[0].treatment,
		CollateralTreatment::RiskOffsetting { liquidity_haircut: Permill::from_percent(2) }
	);
	assert_eq!(serde_json::to_value(&genesis).expect("it writes"), value);
	assert_eq!(genesis.underlyings, ExtBuilder::genesis().underlyings[1..2]);
	assert_eq!(genesis.perpetuals, ExtBuilder::genesis().perpetuals[1..2]);
}
