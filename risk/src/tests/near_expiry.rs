//! What holds for every account where expiries are near and positions large: points at expiry, gamma
//! buffers and concentration all at work.

use super::support::*;
use crate::*;
use plimsoll_primitives::{Contracts, Instrument, OptionKind, Stance};
use proptest::{collection::vec, prelude::*};
use sp_arithmetic::FixedU128;

/// A model with everything in it, and liquidities that accounts here exceed.
fn full(mut model: RiskModel) -> RiskModel {
	for underlying in &mut model.underlyings {
		underlying.liquidity = Liquidity {
			delta: FixedU128::from_u32(500_000),
			options: FixedU128::from_u32(500_000),
		};
	}
	model
}

fn legs(milliseconds: u64) -> impl Strategy<Value = Vec<Leg>> {
	let near = NOW + milliseconds;
	let underlying = prop_oneof![Just(BTC), Just(ETH)];
	let expiry = prop_oneof![Just(NOW), Just(near), Just(near), Just(QUARTER)];
	let kind = prop_oneof![Just(OptionKind::Call), Just(OptionKind::Put)];
	// Strikes in hundredths of spot, close together.
	let one = (underlying, expiry, kind, 80u32..120, 0..8, -20_000i128..20_000).prop_map(
		|(underlying, expiry, kind, strike, which, size)| {
			let spot = if underlying == BTC { 60_000 } else { 3_000 };
			let instrument = match which {
				0 => Instrument::perpetual(underlying),
				1 => Instrument::future(underlying, expiry),
				_ => option(underlying, expiry, spot / 100 * strike, kind),
			};
			leg(instrument, size)
		},
	);
	vec(one, 0..10)
}

fn milliseconds() -> impl Strategy<Value = u64> {
	prop_oneof![Just(1_000u64), 1_000u64..DAY / 24, DAY / 24..3 * DAY]
}

fn two_accounts() -> impl Strategy<Value = (u64, Vec<Leg>, Vec<Leg>, i128)> {
	milliseconds().prop_flat_map(|ms| (Just(ms), legs(ms), legs(ms), 0i128..20_000))
}

fn holding(legs: Vec<Leg>, ethers: i128) -> AccountState {
	let mut account = account(1_000, legs);
	account.collateral = vec![ether(ethers)];
	account
}

fn valued(model: &RiskModel, milliseconds: u64, account: &AccountState) -> RiskReport {
	report(model, &market_near(milliseconds), account, Stance::Mark).expect("valued")
}

/// The sum of scans.
fn base(report: &RiskReport) -> i128 {
	report.underlyings.iter().map(|underlying| underlying.scan.into_inner()).sum()
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

	#[test]
	fn parts_sum_to_margins_that_are_not_negative((ms, legs, _, ethers) in two_accounts()) {
		let account = holding(legs, ethers);
		for model in [full(model()), full(wide_model())] {
			for stance in [Stance::Mark, Stance::Favourable, Stance::Unfavourable] {
				let market = market_near(ms);
				let report = report(&model, &market, &account, stance).expect("valued");
				prop_assert_eq!(Ok(report.margin), margin(&model, &market, &account, stance));
				let Margin { initial, maintenance, .. } = report.margin;
				prop_assert!(!maintenance.is_negative() && initial >= maintenance);
				let parts = report.legs.iter().map(|leg| leg.contribution);
				let parts = parts.chain(report.collateral.iter().map(|held| held.contribution));
				let (mut initials, mut maintenances) = (0, 0);
				for part in parts {
					initials += part.initial.into_inner();
					maintenances += part.maintenance.into_inner();
				}
				prop_assert_eq!(initials, initial.into_inner());
				prop_assert_eq!(maintenances, maintenance.into_inner());
			}
		}
	}

	#[test]
	fn stances_are_in_order_with_everything_charged((ms, legs, _, ethers) in two_accounts()) {
		let (model, market) = (full(wide_model()), market_near(ms));
		let account = holding(legs, ethers);
		let at = |stance| margin(&model, &market, &account, stance).expect("valued");
		let (best, mark, worst) = (at(Stance::Favourable), at(Stance::Mark), at(Stance::Unfavourable));
		let above = |margin: &Margin| margin.equity.into_inner() - margin.maintenance.into_inner();
		let free = |margin: &Margin| margin.equity.into_inner() - margin.initial.into_inner();
		prop_assert!(above(&best) >= above(&mark));
		prop_assert!(free(&worst) <= free(&mark));
	}

	#[test]
	fn base_of_two_accounts_together_is_at_most_that_of_both(
		(ms, a, b, ethers) in two_accounts(),
	) {
		// Four units for each of two underlyings without cuts; with static discounting also those of
		// each expiry's.
		for (model, units) in [(full(model()), 8), (full(wide_model()), 100)] {
			let both = holding([a.clone(), b.clone()].concat(), ethers);
			let (one, other) = (holding(a.clone(), ethers), holding(b.clone(), 0));
			let base_of = |account: &AccountState| base(&valued(&model, ms, account));
			prop_assert!(base_of(&both) <= base_of(&one) + base_of(&other) + units);
		}
	}

	#[test]
	fn base_is_at_most_that_of_each_leg_alone((ms, legs, _, _) in two_accounts()) {
		let model = full(model());
		let legs_alone: i128 = legs
			.iter()
			.map(|leg| base(&valued(&model, ms, &account(0, vec![leg.clone()]))))
			.sum();
		let units = 4 * legs.len() as i128;
		prop_assert!(base(&valued(&model, ms, &account(0, legs))) <= legs_alone + units);
	}

	#[test]
	fn base_grows_in_proportion_with_points((ms, legs, _, ethers) in two_accounts(), times in 2i128..50) {
		for model in [full(model()), full(wide_model())] {
			let one = holding(legs.clone(), ethers);
			let mut many = one.clone();
			let scale = |size: Contracts| Contracts::from_inner(size.into_inner() * times);
			many.legs.iter_mut().for_each(|leg| leg.size = scale(leg.size));
			many.collateral.iter_mut().for_each(|held| held.amount = scale(held.amount));
			let gap = base(&valued(&model, ms, &one)) * times - base(&valued(&model, ms, &many));
			prop_assert!(gap.abs() <= 100 * times);
		}
	}

	#[test]
	fn isolated_margins_are_those_of_accounts_of_one_leg((ms, legs, _, _) in two_accounts()) {
		let model = full(model());
		let report = valued(&model, ms, &account(0, legs.clone()));
		for (entry, leg) in report.legs.iter().zip(legs) {
			let alone = valued(&model, ms, &account(0, vec![leg])).margin;
			prop_assert_eq!(entry.isolated.initial, alone.initial);
			prop_assert_eq!(entry.isolated.maintenance, alone.maintenance);
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

	#[test]
	fn nothing_panics_at_any_size_close_to_expiry(
		sizes in vec(any::<i128>(), 4),
		spot in any::<u128>(),
		width in any::<u128>(),
		shift in 0u32..120,
		(ms, legs, _, _) in two_accounts(),
	) {
		let mut market = market_near(ms);
		for underlying in &mut market.underlyings {
			underlying.prices.spot = plimsoll_primitives::Price::from_inner(spot >> shift);
			underlying.prices.half_width = plimsoll_primitives::Price::from_inner(width >> shift);
			let near = &mut underlying.prices.expiries[0];
			near.forward = plimsoll_primitives::Price::from_inner(spot >> (shift / 2));
		}
		let mut account = account(0, legs);
		for (leg, size) in account.legs.iter_mut().zip(sizes) {
			leg.size = Contracts::from_inner(size >> shift);
		}
		for stance in [Stance::Mark, Stance::Favourable, Stance::Unfavourable] {
			for model in [full(model()), full(wide_model())] {
				let margin = margin(&model, &market, &account, stance);
				if let Ok(report) = report(&model, &market, &account, stance) {
					prop_assert_eq!(Ok(report.margin), margin);
				}
			}
		}
	}
}
