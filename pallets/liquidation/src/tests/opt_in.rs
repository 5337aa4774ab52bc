use super::*;
use crate::{Error, Event, ProviderTerms, Providers};
use frame_support::{assert_noop, assert_ok};
use sp_arithmetic::Permill;

fn terms(percent: u32) -> ProviderTerms {
	ProviderTerms { minimum_discount: Permill::from_percent(percent), maximum_slice: usd(100) }
}

fn owners() -> Vec<u64> {
	Providers::<Test>::get().iter().map(|provider| provider.account.owner).collect()
}

fn four_funded() {
	for owner in 1..=5 {
		fund(owner, 1_000);
	}
}

#[test]
fn provider_is_listed_by_the_discount_it_asks() {
	ExtBuilder.run(four_funded, || {
		for (owner, percent) in [(1, 7), (2, 5), (3, 7), (4, 6)] {
			assert_ok!(Liquidation::opt_in(RuntimeOrigin::signed(owner), 0, terms(percent)));
		}
		assert_eq!(owners(), vec![2, 4, 1, 3]);
		let event = Event::ProviderOptedIn { provider: account(4), terms: terms(6) };
		assert!(take_events().contains(&event));
	});
}

#[test]
fn provider_changes_its_terms_when_it_opts_in_again() {
	ExtBuilder.run(four_funded, || {
		for (owner, percent) in [(1, 5), (2, 6), (3, 7), (4, 8), (1, 9)] {
			assert_ok!(Liquidation::opt_in(RuntimeOrigin::signed(owner), 0, terms(percent)));
		}
		assert_eq!(owners(), vec![2, 3, 4, 1]);
	});
}

#[test]
fn provider_is_refused_when_there_are_too_many() {
	ExtBuilder.run(four_funded, || {
		for owner in 1..=4 {
			assert_ok!(Liquidation::opt_in(RuntimeOrigin::signed(owner), 0, terms(5)));
		}
		assert_noop!(
			Liquidation::opt_in(RuntimeOrigin::signed(5), 0, terms(5)),
			Error::<Test>::TooManyProviders
		);
	});
}

#[test]
fn provider_whose_account_is_gone_makes_room_when_there_are_too_many() {
	ExtBuilder.run(four_funded, || {
		for owner in 1..=4 {
			assert_ok!(Liquidation::opt_in(RuntimeOrigin::signed(owner), 0, terms(5)));
		}
		FakeLedger::vanish(2, 1).expect("it can bear it; qed");
		take_events();
		assert_ok!(Liquidation::opt_in(RuntimeOrigin::signed(5), 0, terms(5)));
		assert_eq!(owners(), vec![1, 3, 4, 5]);
		let dropped = Event::ProviderDropped { provider: account(2), equity: usd(0) };
		assert!(take_events().contains(&dropped));
	});
}

#[test]
fn provider_that_became_too_small_makes_room_when_there_are_too_many() {
	ExtBuilder.run(four_funded, || {
		for owner in 1..=4 {
			assert_ok!(Liquidation::opt_in(RuntimeOrigin::signed(owner), 0, terms(5)));
		}
		fund_from(3, 1, 991);
		fund_from(4, 1, 991);
		take_events();
		assert_ok!(Liquidation::opt_in(RuntimeOrigin::signed(5), 0, terms(5)));
		// No more than the one place that is needed.
		assert_eq!(owners().len(), 4);
		let dropped = Event::ProviderDropped { provider: account(3), equity: usd(9) };
		assert!(take_events().contains(&dropped));
	});
}

#[test]
fn everybody_keeps_its_place_when_a_provider_changes_its_terms() {
	ExtBuilder.run(four_funded, || {
		for owner in 1..=4 {
			assert_ok!(Liquidation::opt_in(RuntimeOrigin::signed(owner), 0, terms(5)));
		}
		FakeLedger::vanish(2, 1).expect("it can bear it; qed");
		assert_ok!(Liquidation::opt_in(RuntimeOrigin::signed(4), 0, terms(4)));
		assert_eq!(owners(), vec![4, 1, 2, 3]);
	});
}

#[test]
fn all_providers_are_looked_at_in_the_course_of_some_blocks() {
	let looked_at: Vec<usize> =
		(0u64..16).flat_map(|block| crate::provider::looked_at(block, 64, 4)).collect();
	assert_eq!(looked_at, (0..64).collect::<Vec<_>>());
	// All of a short list at once, none twice.
	let mut looked_at: Vec<usize> = crate::provider::looked_at(7, 3, 4).collect();
	looked_at.sort_unstable();
	assert_eq!(looked_at, vec![0, 1, 2]);
	assert_eq!(crate::provider::looked_at(7, 0, 4).count(), 0);
}

#[test]
fn looks_for_room_are_paid_for_only_when_they_were_needed() {
	ExtBuilder.run(four_funded, || {
		let call = crate::Call::<Test>::opt_in { number: 0, terms: terms(5) };
		let most = frame_support::dispatch::GetDispatchInfo::get_dispatch_info(&call).call_weight;
		let post = Liquidation::opt_in(RuntimeOrigin::signed(1), 0, terms(5));
		let actual = post.expect("it has the equity; qed").actual_weight.expect("given; qed");
		assert_eq!(most, actual + HealthWeight::get() * 4);
	});
}

#[test]
fn provider_is_refused_when_its_account_does_not_exist() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			Liquidation::opt_in(RuntimeOrigin::signed(1), 0, terms(5)),
			Error::<Test>::UnknownAccount
		);
	});
}

#[test]
fn provider_is_refused_when_it_is_too_small() {
	ExtBuilder.run(
		|| fund(1, 9),
		|| {
			assert_noop!(
				Liquidation::opt_in(RuntimeOrigin::signed(1), 0, terms(5)),
				Error::<Test>::ProviderTooSmall
			);
		},
	);
}

#[test]
fn provider_is_refused_when_it_would_take_too_little() {
	ExtBuilder.run(four_funded, || {
		for slice in [4, 0, -1] {
			let terms = ProviderTerms { maximum_slice: usd(slice), ..terms(5) };
			assert_noop!(
				Liquidation::opt_in(RuntimeOrigin::signed(1), 0, terms),
				Error::<Test>::SliceTooSmall
			);
		}
	});
}

#[test]
fn provider_is_refused_when_its_discount_is_never_reached() {
	ExtBuilder.run(four_funded, || {
		assert_noop!(
			Liquidation::opt_in(RuntimeOrigin::signed(1), 0, terms(51)),
			Error::<Test>::DiscountNeverReached
		);
	});
}

#[test]
fn provider_must_sign() {
	ExtBuilder.run(four_funded, || {
		assert_noop!(
			Liquidation::opt_in(RuntimeOrigin::none(), 0, terms(5)),
			sp_runtime::DispatchError::BadOrigin
		);
	});
}
