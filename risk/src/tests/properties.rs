//! What holds for every account.

use super::support::*;
use crate::*;
use plimsoll_primitives::{Contracts, Instrument, OptionKind, Stance, UsdValue};
use proptest::{collection::vec, prelude::*};

fn instrument() -> impl Strategy<Value = Instrument> {
	let underlying = prop_oneof![Just(BTC), Just(ETH)];
	let expiry = prop_oneof![Just(NOW), Just(WEEK), Just(QUARTER)];
	let kind = prop_oneof![Just(OptionKind::Call), Just(OptionKind::Put)];
	// Strikes in hundredths of spot.
	(underlying, expiry, kind, 40u32..250, 0..6).prop_map(
		|(underlying, expiry, kind, strike, which)| {
			let spot = if underlying == BTC { 60_000 } else { 3_000 };
			match which {
				0 => Instrument::perpetual(underlying),
				1 => Instrument::future(underlying, expiry),
				_ => option(underlying, expiry, spot / 100 * strike, kind),
			}
		},
	)
}

fn legs() -> impl Strategy<Value = Vec<Leg>> {
	vec((instrument(), -50_000i128..50_000), 0..8)
		.prop_map(|legs| legs.into_iter().map(|(instrument, size)| leg(instrument, size)).collect())
}

prop_compose! {
	pub(super) fn accounts()(
		cash in -100_000i128..100_000,
		legs in legs(),
		ethers in 0i128..20_000,
		others in 0i128..20_000,
		which in 0..4,
	) -> AccountState {
		let mut account = account(cash, legs);
		if which & 1 != 0 {
			account.collateral.push(ether(ethers));
		}
		if which & 2 != 0 {
			account.collateral.push(haircut(others));
		}
		account
	}
}

fn valued(account: &AccountState, stance: Stance) -> Margin {
	margin(&model(), &market(), account, stance).expect("valued")
}

fn slack(equity: UsdValue, requirement: UsdValue) -> i128 {
	equity.into_inner() - requirement.into_inner()
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

	#[test]
	fn margins_are_not_negative_and_initial_is_the_larger(account in accounts()) {
		for stance in [Stance::Mark, Stance::Favourable, Stance::Unfavourable] {
			let Margin { initial, maintenance, equity, net_value } = valued(&account, stance);
			prop_assert!(!maintenance.is_negative() && initial >= maintenance);
			prop_assert!(net_value >= equity);
		}
	}

	#[test]
	fn margin_of_the_whole_is_at_most_that_of_its_parts(a in accounts(), b in accounts()) {
		let mut both = a.clone();
		both.legs.extend(b.legs.iter().cloned());
		both.collateral.extend(b.collateral.iter().cloned());
		let (a, b, both) =
			(valued(&a, Stance::Mark), valued(&b, Stance::Mark), valued(&both, Stance::Mark));
		prop_assert!(both.initial <= a.initial.checked_add(b.initial).expect("small"));
		prop_assert!(both.maintenance <= a.maintenance.checked_add(b.maintenance).expect("small"));
	}

	#[test]
	fn margin_grows_in_proportion_to_the_account(account in accounts(), times in 2i128..50) {
		let mut larger = account.clone();
		let scale = |size: Contracts| Contracts::from_inner(size.into_inner() * times);
		larger.legs.iter_mut().for_each(|leg| leg.size = scale(leg.size));
		larger.collateral.iter_mut().for_each(|holding| holding.amount = scale(holding.amount));
		let (one, many) = (valued(&account, Stance::Mark), valued(&larger, Stance::Mark));
		let close = |one: UsdValue, many: UsdValue| {
			(one.into_inner() * times - many.into_inner()).abs() <= 40 * times
		};
		prop_assert!(close(one.initial, many.initial));
		prop_assert!(close(one.maintenance, many.maintenance));
	}

	#[test]
	fn cash_moves_equity_and_no_margin(account in accounts(), cents in 0i128..1_000_000_000) {
		for stance in [Stance::Mark, Stance::Favourable, Stance::Unfavourable] {
			let before = valued(&account, stance);
			let mut richer = account.clone();
			richer.cash = richer.cash.checked_add(usd(cents)).expect("small");
			let after = valued(&richer, stance);
			prop_assert_eq!(after.equity, before.equity.checked_add(usd(cents)).expect("small"));
			prop_assert_eq!((after.initial, after.maintenance), (before.initial, before.maintenance));
		}
	}

	#[test]
	fn haircut_collateral_never_lowers_what_is_free(account in accounts(), thousandths in 0i128..1_000_000) {
		for stance in [Stance::Mark, Stance::Favourable, Stance::Unfavourable] {
			let before = valued(&account, stance);
			let mut richer = account.clone();
			richer.collateral.push(haircut(thousandths));
			let after = valued(&richer, stance);
			// At the worst end for the initial margin and at the best for the maintenance margin,
			// which is what each stance decides on.
			if stance != Stance::Favourable {
				prop_assert!(
					slack(after.equity, after.initial) >= slack(before.equity, before.initial)
				);
			}
			if stance != Stance::Unfavourable {
				prop_assert!(
					slack(after.equity, after.maintenance)
						>= slack(before.equity, before.maintenance)
				);
			}
		}
	}

	#[test]
	fn stances_are_in_order(account in accounts()) {
		let mark = valued(&account, Stance::Mark);
		let best = valued(&account, Stance::Favourable);
		let worst = valued(&account, Stance::Unfavourable);
		prop_assert!(
			slack(best.equity, best.maintenance) >= slack(mark.equity, mark.maintenance)
		);
		prop_assert!(slack(worst.equity, worst.initial) <= slack(mark.equity, mark.initial));
	}

	#[test]
	fn maintenance_covers_every_scenario_at_full_weight(account in accounts()) {
		// The loss in each scenario is what revaluing the market at it takes from equity.
		let report = report(&model(), &market(), &account, Stance::Mark).expect("valued");
		for underlying in &report.underlyings {
			for loss in &underlying.losses {
				prop_assert!(*loss <= report.margin.maintenance);
			}
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

	#[test]
	fn report_agrees_with_margin_and_its_parts_sum(account in accounts()) {
		for stance in [Stance::Mark, Stance::Favourable, Stance::Unfavourable] {
			let report = report(&model(), &market(), &account, stance).expect("valued");
			prop_assert_eq!(report.margin, valued(&account, stance));
			let parts = report.legs.iter().map(|leg| leg.contribution);
			let parts = parts.chain(report.collateral.iter().map(|holding| holding.contribution));
			let (mut initial, mut maintenance) = (0, 0);
			for part in parts {
				initial += part.initial.into_inner();
				maintenance += part.maintenance.into_inner();
			}
			prop_assert_eq!(initial, report.margin.initial.into_inner());
			prop_assert_eq!(maintenance, report.margin.maintenance.into_inner());
			prop_assert!(report.isolated.initial >= report.margin.initial);
			prop_assert!(report.isolated.maintenance >= report.margin.maintenance);
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

	#[test]
	fn nothing_panics_at_any_size(
		size in any::<i128>(), entry in any::<i128>(), cash in any::<i128>(), amount in any::<i128>(),
		spot in any::<u128>(), width in any::<u128>(), shift in 0u32..120, instrument in instrument(),
	) {
		let mut market = market();
		for underlying in &mut market.underlyings {
			underlying.prices.spot = plimsoll_primitives::Price::from_inner(spot >> shift);
			underlying.prices.half_width = plimsoll_primitives::Price::from_inner(width >> shift);
		}
		let mut leg = leg(instrument, 1);
		leg.size = Contracts::from_inner(size >> shift);
		leg.entry_value = UsdValue::from_inner(entry >> shift);
		let mut holding = ether(0);
		holding.amount = Contracts::from_inner(amount >> shift);
		let account = AccountState {
			cash: UsdValue::from_inner(cash >> shift),
			collateral: vec![holding],
			legs: vec![leg],
		};
		for stance in [Stance::Mark, Stance::Favourable, Stance::Unfavourable] {
			for model in [model(), wide_model()] {
				let margin = margin(&model, &market, &account, stance);
				let report = report(&model, &market, &account, stance);
				if let Ok(report) = report {
					prop_assert_eq!(Ok(report.margin), margin);
				}
			}
		}
	}
}

/// Margins and scans under the wide model.
fn wide(account: &AccountState) -> RiskReport {
	report(&wide_model(), &market(), account, Stance::Mark).expect("valued")
}

/// The scans of all underlyings together: the base of both margins.
fn base(report: &RiskReport) -> i128 {
	report.underlyings.iter().map(|underlying| underlying.scan.into_inner()).sum()
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

	#[test]
	fn base_of_the_whole_is_at_most_that_of_its_parts_in_the_wide_model(
		a in accounts(),
		b in accounts(),
	) {
		let mut both = a.clone();
		both.legs.extend(b.legs.iter().cloned());
		both.collateral.extend(b.collateral.iter().cloned());
		let (a, b, both) = (wide(&a), wide(&b), wide(&both));
		// The roundings of a few dozen sums, each 1e-18 USD.
		prop_assert!(base(&both) <= base(&a) + base(&b) + 100);
		let sum = a.margin.maintenance.checked_add(b.margin.maintenance).expect("small");
		prop_assert!(both.margin.maintenance.into_inner() <= sum.into_inner() + 200);
		let sum = a.margin.initial.checked_add(b.margin.initial).expect("small");
		prop_assert!(both.margin.initial.into_inner() <= sum.into_inner() + 200);
	}

	#[test]
	fn base_grows_in_proportion_in_the_wide_model(account in accounts(), times in 2i128..50) {
		let mut larger = account.clone();
		let scale = |size: Contracts| Contracts::from_inner(size.into_inner() * times);
		larger.legs.iter_mut().for_each(|leg| leg.size = scale(leg.size));
		larger.collateral.iter_mut().for_each(|holding| holding.amount = scale(holding.amount));
		let (one, many) = (wide(&account), wide(&larger));
		prop_assert!((base(&one) * times - base(&many)).abs() <= 100 * times);
	}

	#[test]
	fn contributions_sum_exactly_in_the_wide_model(account in accounts()) {
		let report = wide(&account);
		let Margin { initial, maintenance, .. } = report.margin;
		prop_assert!(!maintenance.is_negative() && initial >= maintenance);
		let legs = report.legs.iter().map(|leg| leg.contribution);
		let parts = legs.chain(report.collateral.iter().map(|holding| holding.contribution));
		let (mut initials, mut maintenances) = (0, 0);
		for part in parts {
			initials += part.initial.into_inner();
			maintenances += part.maintenance.into_inner();
		}
		prop_assert_eq!(initials, initial.into_inner());
		prop_assert_eq!(maintenances, maintenance.into_inner());
		prop_assert!(base(&report) <= report.isolated.maintenance.into_inner() + 100);
	}
}
