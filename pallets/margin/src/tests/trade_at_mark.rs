use crate::{mock::*, Error};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{Contracts, Instrument, LiquidationLedger, UnderlyingId};
use sp_runtime::DispatchError;

fn at_mark(
	from: AccountId,
	to: AccountId,
	instrument: Instrument,
	size: Contracts,
) -> Result<(), DispatchError> {
	<Margin as LiquidationLedger<AccountId>>::trade_at_mark(&sub(from), &sub(to), &instrument, size)
}

fn long_one() {
	for owner in [ALICE, BOB, CHARLIE] {
		deposit_cash(owner, 3_000);
	}
	assert_ok!(trade(ALICE, BOB, perpetual(), lots(1), price(3_000)));
}

#[test]
fn deleveraging_closes_both_sides_at_mark_without_the_gate() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		set_price(ETH, price(100));
		assert_ok!(at_mark(ALICE, BOB, perpetual(), lots(-1)));
		assert_eq!(cash(ALICE), 100_000_000);
		assert_eq!(cash(BOB), 5_900_000_000);
		assert_eq!(open_interest(&perpetual()), lots(0));
	});
}

#[test]
fn option_changes_hands_at_its_model_price() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		let mark = crate::Pallet::<Test>::live_mark(&call(3_000)).expect("priced");
		assert_ok!(at_mark(ALICE, CHARLIE, call(3_000), lots(1)));
		let paid = 3_000_000_000 - cash(ALICE);
		let exact = i128::try_from(mark.into_inner() / 1_000_000_000_000).expect("small");
		assert!(paid == exact || paid == exact + 1);
		assert_eq!(cash(CHARLIE), 3_000_000_000 + exact);
	});
}

#[test]
fn trade_at_mark_is_refused_when_there_is_no_live_price() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		set_stale(ETH);
		assert_noop!(at_mark(ALICE, BOB, perpetual(), lots(-1)), Error::<Test>::StalePrice);
		let unpriced = Instrument::perpetual(UnderlyingId(7));
		list(unpriced);
		assert_noop!(at_mark(ALICE, BOB, unpriced, lots(-1)), Error::<Test>::NoPrice);
	});
}

#[test]
fn trade_at_mark_is_refused_when_it_is_not_a_trade() {
	ExtBuilder::build_and_execute(|| {
		long_one();
		assert_noop!(at_mark(ALICE, ALICE, perpetual(), lots(1)), Error::<Test>::SameAccount);
		assert_noop!(at_mark(ALICE, BOB, perpetual(), lots(0)), Error::<Test>::ZeroSize);
		assert_noop!(at_mark(ALICE, EVE, perpetual(), lots(1)), Error::<Test>::AccountNotFound);
		let unknown = Instrument::perpetual(UnderlyingId(9));
		assert_noop!(at_mark(ALICE, BOB, unknown, lots(1)), Error::<Test>::UnknownInstrument);
		set_time(EXPIRY);
		assert_noop!(at_mark(ALICE, BOB, future(), lots(1)), Error::<Test>::InstrumentExpired);
	});
}
