use super::*;
use crate::WeightInfo;
use frame_support::{traits::Hooks, weights::Weight};
use plimsoll_primitives::Moment;
use sp_runtime::Perbill;

const PRICE: Price = Price::from_u32(2_100);

fn due_with(holders: u64) -> Instrument {
	let instrument = call(EXPIRY, 2_000);
	list(instrument);
	open_many(instrument, holders);
	Averages::mutate(|all| all.insert((ETH, EXPIRY), Ok(PRICE)));
	instrument
}

/// Starts the next block as [`mock::next_block`](crate::mock::next_block) does, but for the funding that
/// accrues first. Returns what settling weighs.
fn next_block(now: Moment) -> Weight {
	Now::set(now);
	System::set_block_number(System::block_number() + 1);
	Markets::settle_due(Weight::zero())
}

/// What the hook weighs apart from settling holders.
fn overhead() -> Weight {
	<()>::on_initialize_idle()
		+ <()>::on_initialize_due()
		+ <()>::seek_settlement_price()
		+ <()>::visit_expiry()
		+ <()>::settle_instrument(0)
}

fn has_used(weight: Weight) {
	System::set_block_consumed_resources(weight, 0);
}

#[test]
fn hook_weighs_least_when_nothing_is_due() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(next_block(START), <()>::on_initialize_idle());
		due_with(2);
		assert_eq!(next_block(START), <()>::on_initialize_idle());
		assert_eq!(next_block(0), <()>::on_initialize_idle());
		Now::set(START);
	});
}

#[test]
fn hook_weighs_what_it_did_when_it_settles() {
	ExtBuilder::build_and_execute(|| {
		due_with(4);
		assert_eq!(next_block(EXPIRY), overhead() + SettleWeight::get() * 4);
	});
}

#[test]
fn hook_weighs_all_it_may_have_tried_when_a_holder_fails() {
	ExtBuilder::build_and_execute(|| {
		let instrument = due_with(4);
		set_fails(instrument, 2, true);
		let tried = u64::from(MAX_SETTLEMENTS);
		assert_eq!(next_block(EXPIRY), overhead() + SettleWeight::get() * tried);
	});
}

#[test]
fn fewer_holders_are_settled_when_the_share_reaches_for_no_more() {
	for heavy in [
		// Half of the limit of either dimension is the hook's: three and a bit of these.
		Weight::from_parts(300_000_000_000, 0),
		Weight::from_parts(0, 800 * 1024),
	] {
		ExtBuilder::build_and_execute(|| {
			let instrument = due_with(8);
			SettleWeight::set(heavy);
			let limit = Perbill::from_percent(50) * Weights::get().max_block;
			for left in [5, 2, 0] {
				let used = next_block(EXPIRY);
				assert!(used.all_lte(limit));
				assert_eq!(holders(instrument), left);
			}
		});
	}
}

#[test]
fn hook_waits_when_earlier_hooks_left_too_little() {
	ExtBuilder::build_and_execute(|| {
		let instrument = due_with(2);
		let one_short = overhead() + SettleWeight::get() - Weight::from_parts(1, 0);
		has_used(Weights::get().max_block - one_short);
		let used = next_block(EXPIRY);
		assert_eq!(used, overhead() - <()>::settle_instrument(0));
		assert_eq!(holders(instrument), 2);
		// Not even for its least: that arises all the same.
		has_used(Weights::get().max_block);
		assert_eq!(next_block(EXPIRY), <()>::on_initialize_idle());
		has_used(Weight::zero());
		next_block(EXPIRY);
		assert_eq!(holders(instrument), 0);
	});
}

#[test]
fn price_is_fixed_later_when_weight_does_not_reach_for_it() {
	ExtBuilder::build_and_execute(|| {
		due_with(2);
		let enough_to_look = <()>::on_initialize_idle() + <()>::on_initialize_due();
		has_used(Weights::get().max_block - enough_to_look);
		assert_eq!(next_block(EXPIRY), enough_to_look);
		assert!(AskedForAverage::get().is_empty());
	});
}

#[test]
fn integrity_holds_when_one_holder_fits() {
	ExtBuilder::build_and_execute(<Markets as Hooks<u64>>::integrity_test);
}

#[test]
#[should_panic(expected = "must fit the hook's share of a block")]
fn integrity_fails_when_one_holder_does_not_fit() {
	ExtBuilder::build_and_execute(|| {
		SettleWeight::set(Weights::get().max_block);
		<Markets as Hooks<u64>>::integrity_test();
	});
}
