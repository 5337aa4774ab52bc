//! What is shared between accounts changes no bit of their margins.

use super::{properties::accounts, support::*};
use crate::*;
use plimsoll_primitives::{Instrument, OptionKind, Stance};
use proptest::{collection::vec, prelude::*};

const STANCES: [Stance; 3] = [Stance::Mark, Stance::Favourable, Stance::Unfavourable];

fn same_as_alone(model: &RiskModel, market: &MarketState, accounts: &[AccountState]) {
	let mut arrays = RiskArrays::new(model, market).expect("ready");
	for account in accounts {
		for stance in STANCES {
			let alone = margin(model, market, account, stance);
			assert_eq!(arrays.margin(account, stance), alone);
			assert_eq!(arrays.report(account, stance), report(model, market, account, stance));
		}
		// A margin that cannot be had is an error of its own, but for the report's and the better end's.
		let least_favourable = margin(model, market, account, Stance::Unfavourable);
		let rest = report(model, market, account, Stance::Mark)
			.and_then(|report| Ok((report, margin(model, market, account, Stance::Favourable)?)));
		let expected = rest.map(|(report, most_favourable)| Standing {
			report,
			least_favourable,
			most_favourable,
		});
		assert_eq!(RiskArrays::new(model, market).expect("ready").standing(account), expected);
		assert_eq!(arrays.standing(account), expected);
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

	#[test]
	fn margins_are_the_same_when_others_were_valued_before(accounts in vec(accounts(), 1..6)) {
		same_as_alone(&model(), &market(), &accounts);
		same_as_alone(&wide_model(), &market(), &accounts);
	}

	#[test]
	fn margins_are_the_same_when_a_feed_is_stale(accounts in vec(accounts(), 1..6)) {
		let mut market = market_near(DAY / 2);
		market.underlyings[1].live = false;
		same_as_alone(&model(), &market, &accounts);
	}
}

#[test]
fn margins_are_the_same_after_an_account_that_cannot_be_valued() {
	let (model, market) = (model(), market());
	let call = option(ETH, WEEK, 3_100, OptionKind::Call);
	let unknown = option(ETH, WEEK + 1, 3_100, OptionKind::Call);
	let mut arrays = RiskArrays::owned(model.clone(), market.clone()).expect("ready");
	let good = account(10_000, vec![leg(call, -3_000), leg(Instrument::perpetual(ETH), 1_000)]);
	let bad = account(10_000, vec![leg(unknown, 1)]);
	for stance in STANCES {
		assert_eq!(arrays.margin(&good, stance), margin(&model, &market, &good, stance));
		assert_eq!(
			arrays.margin(&bad, stance),
			Err(RiskError::NoForward { underlying: ETH, expiry: WEEK + 1 })
		);
	}
	// A failure leaves nothing half done.
	assert_eq!(arrays.report(&good, Stance::Mark), report(&model, &market, &good, Stance::Mark));
}

#[test]
fn size_counts_a_series_when_it_is_valued() {
	let (model, market) = (model(), market());
	let call = option(ETH, WEEK, 3_100, OptionKind::Call);
	let unknown = option(ETH, WEEK + 1, 3_100, OptionKind::Call);
	let mut arrays = RiskArrays::owned(model, market).expect("ready");
	let bad = account(10_000, vec![leg(call, 1_000), leg(unknown, 1)]);
	assert!(arrays.margin(&bad, Stance::Favourable).is_err());
	assert_eq!(arrays.size().valuations, 0, "whoever values it pays for it");
	let good = account(10_000, vec![leg(call, 1_000)]);
	arrays.margin(&good, Stance::Favourable).expect("valued");
	assert_eq!(arrays.size().valuations, MOST_VALUATIONS);
	let size = arrays.size();
	arrays.margin(&good, Stance::Unfavourable).expect("valued");
	assert_eq!(arrays.size(), size);
}
