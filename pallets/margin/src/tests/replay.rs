//! Accounts rebuilt from events, where random operations ([`conservation`](super::conservation)) seldom
//! come to.

use crate::{
	mock::*,
	replay::{Replay, ReplayedAccount},
	AccountAsset, Event,
};
use frame_support::assert_ok;
use plimsoll_primitives::{Balance, Contracts};
use sp_arithmetic::FixedU128;

/// Takes in what has happened, which must give the state.
fn follow(replay: &mut Replay<AccountId>) {
	for event in events() {
		assert_eq!(replay.apply(&event), Some(()), "{event:?}");
	}
	assert_eq!(*replay, Replay::of_state::<Test>());
}

fn touch(owner: AccountId) {
	assert_ok!(Margin::deposit(RuntimeOrigin::signed(owner), 0, CASH, 1));
}

fn withdraw(owner: AccountId, asset: AccountAsset, amount: Balance) {
	assert_ok!(Margin::withdraw(RuntimeOrigin::signed(owner), 0, asset, amount));
}

#[test]
fn cash_is_followed_when_each_touch_rounds_its_interest_away() {
	ExtBuilder::build_and_execute(|| {
		let mut replay = Replay::default();
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 1_000);
		deposit_cash(CHARLIE, 1_000);
		withdraw(ALICE, CASH, usd(400));
		follow(&mut replay);
		for block in 0..40 {
			pass(500);
			// Bob loses the fraction each time, though nothing else happens to his cash; Charlie once.
			if block > 0 {
				deposit_weth(BOB, 10);
			}
			follow(&mut replay);
			for owner in [ALICE, BOB, CHARLIE] {
				assert_eq!(replay.cash_now(&sub(owner)), Some(cash(owner)));
			}
		}
		assert_eq!(cash(BOB), 1_000_000_000, "no interest");
		assert!(cash(CHARLIE) > 1_000_000_000);
		touch(CHARLIE);
		follow(&mut replay);
	});
}

#[test]
fn account_that_takes_all_out_is_no_more_although_it_is_closed_before_it_is_paid() {
	ExtBuilder::build_and_execute(|| {
		let mut replay = Replay::default();
		deposit_cash(ALICE, 100);
		follow(&mut replay);
		withdraw(ALICE, CASH, usd(100));
		let told = events();
		let account = sub(ALICE);
		assert_eq!(told[0], Event::AccountClosed { account: account.clone() });
		assert_eq!(told[1], Event::Withdrawn { account, asset: CASH, amount: usd(100) });
		for event in told {
			assert_eq!(replay.apply(&event), Some(()));
		}
		assert!(replay.accounts.is_empty());
	});
}

#[test]
fn replay_goes_on_from_the_state_of_any_block() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(ALICE, 10_000);
		deposit_cash(BOB, 10_000);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(2), price(3_000)));
		let mut replay = Replay::of_state::<Test>();
		assert_eq!(replay.accounts.len(), 2);
		events();
		assert_ok!(trade(BOB, ALICE, perpetual(), lots(1), price(3_100)));
		accrue_funding(1_234_567_890_123_456_789, 0);
		touch(ALICE);
		withdraw(ALICE, AccountAsset::Collateral(ETH_COLLATERAL), weth(400));
		follow(&mut replay);
		assert_eq!(replay.accounts[&sub(BOB)].positions[&perpetual()], lots(-1));
		assert_eq!(replay.accounts[&sub(ALICE)].collateral[&ETH_COLLATERAL], weth(600));
	});
}

#[test]
fn event_that_does_not_fit_is_refused() {
	let mut replay = Replay::<AccountId>::default();
	let (account, asset) = (sub(ALICE), AccountAsset::Collateral(ETH_COLLATERAL));
	let taken = Event::<Test>::Withdrawn { account: account.clone(), asset, amount: 1 };
	assert_eq!(replay.apply(&taken), None, "it was never deposited");
	let mut replay = Replay::<AccountId>::default();
	let too_much =
		Event::<Test>::Deposited { account: account.clone(), asset: CASH, amount: u128::MAX };
	assert_eq!(replay.apply(&too_much), None);
	let most = Event::<Test>::CashAccrued { account: account.clone(), amount: i128::MAX };
	assert_eq!(replay.apply(&most), Some(()));
	assert_eq!(replay.apply(&most), None);
	let least = Event::<Test>::Settled {
		account,
		instrument: call(3_000),
		size: Contracts::from_inner(i128::MIN),
		price: price(1),
		cash_change: 0,
	};
	assert_eq!(replay.apply(&least), None);
}

#[test]
fn cash_that_comes_back_to_nothing_counts_from_no_index() {
	ExtBuilder::build_and_execute(|| {
		let mut replay = Replay::default();
		let half = FixedU128::from_rational(1, 2);
		let lost = Event::<Test>::LossShared { amount: 1, index: half };
		assert_eq!(replay.apply(&lost), Some(()));
		let account = sub(ALICE);
		let deposited = |amount| Event::<Test>::CashAccrued { account: account.clone(), amount };
		assert_eq!(replay.apply(&deposited(10)), Some(()));
		assert_eq!(replay.accounts[&account].cash_index, half);
		assert_eq!(replay.apply(&deposited(-11)), Some(()));
		let owes = ReplayedAccount { cash: -1, ..Default::default() };
		assert_eq!(replay.accounts[&account], owes, "debts' index is one");
		assert_eq!(replay.apply(&deposited(1)), Some(()));
		assert!(replay.accounts.is_empty());
	});
}
