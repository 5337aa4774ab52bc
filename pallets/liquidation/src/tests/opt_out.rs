use super::*;
use crate::{Error, Event, Providers};
use frame_support::{assert_noop, assert_ok};
use sp_arithmetic::Permill;

#[test]
fn provider_is_one_no_more_when_it_opts_out() {
	ExtBuilder.run(
		|| fund(1, 1_000),
		|| {
			opt_in(1, Permill::from_percent(5), 10);
			assert_ok!(Liquidation::opt_out(RuntimeOrigin::signed(1), 0));
			assert!(Providers::<Test>::get().is_empty());
			assert!(take_events().contains(&Event::ProviderOptedOut { provider: account(1) }));
		},
	);
}

#[test]
fn opting_out_is_refused_when_the_account_is_not_a_provider() {
	ExtBuilder.run(
		|| fund(1, 1_000),
		|| {
			opt_in(1, Permill::from_percent(5), 10);
			for (owner, number) in [(1, 1), (2, 0)] {
				assert_noop!(
					Liquidation::opt_out(RuntimeOrigin::signed(owner), number),
					Error::<Test>::NotAProvider
				);
			}
		},
	);
}
