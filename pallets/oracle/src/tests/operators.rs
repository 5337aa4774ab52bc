use crate::{mock::*, LastBatch, SettlementAssetValues, Values};
use frame_support::traits::{ChangeMembers, InitializeMembers};
use plimsoll_primitives::{PriceError, PriceOracle};

#[test]
fn reports_are_purged_when_their_operator_is_removed() {
	ExtBuilder::build_and_execute(|| {
		report(&ALICE, &[spot(BTC, 64_000), spot(ETH, 3_000), settlement_asset(100)]);
		report(&BOB, &[spot(BTC, 64_000)]);
		remove_operator(&ALICE);
		assert!(!Values::<Test>::contains_key(BTC, ALICE));
		assert!(!Values::<Test>::contains_key(ETH, ALICE));
		assert!(!SettlementAssetValues::<Test>::contains_key(ALICE));
		assert!(!LastBatch::<Test>::contains_key(ALICE));
		assert!(Values::<Test>::contains_key(BTC, BOB));
	});
}

#[test]
fn reports_stop_counting_when_their_operator_is_removed() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000), (BOB, 64_000)]);
		next_block();
		remove_operator(&ALICE);
		next_block();
		assert_eq!(Oracle::prices(BTC), Err(PriceError::NoQuorum));
	});
}

#[test]
fn removal_of_a_liar_lets_the_others_agree() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000), (BOB, 32_000)]);
		next_block();
		assert!(Oracle::prices(BTC).is_err());
		remove_operator(&BOB);
		report_btc(&[(CAROL, 64_000)]);
		next_block();
		assert_eq!(Oracle::prices(BTC).expect("live").spot, usd(64_000));
	});
}

#[test]
fn nothing_is_purged_when_members_are_added() {
	ExtBuilder::build_and_execute(|| {
		report_btc(&[(ALICE, 64_000)]);
		let before = Members::get();
		let mut after = before.clone();
		after.push(STRANGER);
		Members::set(after.clone());
		Oracle::set_members_sorted(&after, &before);
		Oracle::initialize_members(&after);
		assert!(Values::<Test>::contains_key(BTC, ALICE));
		report(&STRANGER, &[spot(BTC, 64_000)]);
	});
}
