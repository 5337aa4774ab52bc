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
fn provider_is_refused_when_it_would_take_nothing() {
	ExtBuilder.run(four_funded, || {
		for slice in [0, -1] {
			let terms = ProviderTerms { maximum_slice: usd(slice), ..terms(5) };
			assert_noop!(
				Liquidation::opt_in(RuntimeOrigin::signed(1), 0, terms),
				Error::<Test>::ZeroSlice
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
