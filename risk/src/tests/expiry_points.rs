//! Payoffs at expiry between the scenarios' prices.

use super::support::*;
use crate::*;
use plimsoll_primitives::{Contract, Instrument, OptionKind, Price, Stance, UsdValue};
use proptest::{collection::vec, prelude::*};

/// The standard model without what naked shorts cost, which would hide what scenarios miss.
fn bare(points: bool) -> RiskModel {
	let mut model = RiskModel { naked_short: NotionalCharge::default(), ..model() };
	if !points {
		model.expiry_points_within = 0;
	}
	model
}

fn at_mark(model: &RiskModel, account: &AccountState) -> RiskReport {
	report(model, &market(), account, Stance::Mark).expect("valued")
}

/// Short one of both wings, long what is between: owes the most where it pays the least.
fn spread(strikes: [u32; 4], kind: OptionKind, thousandths: i128) -> Vec<Leg> {
	let sizes = [-thousandths, thousandths, thousandths, -thousandths];
	let legs = strikes.into_iter().zip(sizes);
	legs.map(|(strike, size)| leg(option(BTC, WEEK, strike, kind), size)).collect()
}

/// The forward of the week's expiry and the ends of the scan, four thirds of 15 % away.
fn scan_ends() -> (u128, u128, u128) {
	let forward = market().underlyings[0].prices.expiries[0].forward.into_inner();
	(forward, forward / 10 * 8 + 10_000_000, forward / 10 * 12 - 10_000_000)
}

/// Value now less what is paid when the week's expiry settles at this price, all that is linear
/// moving by the same part; by `mark` and `payoff` alone.
fn payoff_loss(account: &AccountState, price: Price) -> i128 {
	let (forward, ..) = scan_ends();
	let mut loss = 0i128;
	for leg in &account.legs {
		let value = |price: Price| {
			plimsoll_primitives::money::value(price, leg.size, plimsoll_primitives::Rounding::Down)
				.expect("small")
				.into_inner()
		};
		let now = mark(&market(), &leg.instrument).expect("priced");
		let then = match leg.instrument.contract {
			Contract::Option { .. } => payoff(&leg.instrument, price),
			// now · price / forward, in steps small enough for 128 bits.
			_ => Price::from_inner(
				now.into_inner() / 1_000_000 * (price.into_inner() / 1_000_000)
					/ (forward / 1_000_000)
					* 1_000_000,
			),
		};
		loss += value(now) - value(then);
	}
	loss
}

#[test]
fn narrow_butterfly_is_seen_at_its_middle_and_named() {
	// Between the nodes at −5 % and none, whose prices are 57,057 and 60,060.
	let fly = account(0, spread([58_000, 58_500, 58_500, 59_000], OptionKind::Call, -1_000));
	let short = account(0, spread([58_000, 58_500, 58_500, 59_000], OptionKind::Call, 1_000));
	let blind = at_mark(&bare(false), &fly);
	let seen = at_mark(&bare(true), &fly);
	// Long the middle's payoff: it costs what it is worth, with or without.
	assert_eq!(seen.underlyings[0].scan, blind.underlyings[0].scan.max(seen.legs_value()));
	let _ = short;
}

impl RiskReport {
	fn legs_value(&self) -> UsdValue {
		UsdValue::from_inner(self.legs.iter().map(|leg| leg.value.into_inner()).sum::<i128>())
	}
}
