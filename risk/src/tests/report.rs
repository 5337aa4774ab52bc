use super::support::*;
use crate::*;
use plimsoll_primitives::{Contract, Instrument, OptionKind, Price, Stance, UsdValue};

fn at_mark(account: &AccountState) -> RiskReport {
	report(&model(), &market(), account, Stance::Mark).expect("valued")
}

#[test]
fn report_tells_the_worst_scenario_of_a_short_perpetual() {
	let short = account(10_000, vec![leg(Instrument::perpetual(ETH), -10_000)]);
	let report = at_mark(&short);
	let underlying = &report.underlyings[0];
	assert_eq!(underlying.underlying, ETH);
	assert_eq!(underlying.losses.len(), model().scenarios.len());
	let worst = underlying.worst.expect("a short can lose");
	let worst = worst.scenario().expect("in a scenario");
	assert_eq!(worst.index, 24);
	assert_eq!(underlying.losses[24], underlying.scan);
	// 24 %, less what thirds leave.
	assert!((worst.price_move.into_inner() - ONE * 24 / 100).abs() < 10);
	assert_eq!(worst.weight, percent(100));
	assert_eq!(underlying.greeks.delta, usd(-3_000_000));
	assert_eq!(underlying.greeks.gamma, UsdValue::ZERO);
}

#[test]
fn liquidation_price_is_where_equity_meets_maintenance() {
	// Short 10 at 3,000 with 10,000 of cash: 10,000 − 10·(S − 3000) = 0.24·10·S at S = 3,225.80…
	let short = account(10_000, vec![leg(Instrument::perpetual(ETH), -10_000)]);
	let report = at_mark(&short);
	let underlying = &report.underlyings[0];
	assert_eq!(underlying.liquidation_below, None);
	let above = underlying.liquidation_above.expect("a short has one").into_inner();
	let expected = 3_225_806_451_612_903_225_806u128;
	assert!(above >= expected && above - expected < 1_000_000_000_000_000, "{above}");
	// A long with the same cash: 10,000 + 10·(S − 3000) = 0.24·10·S at S = 2,631.57…
	let long = account(10_000, vec![leg(Instrument::perpetual(ETH), 10_000)]);
	let report = at_mark(&long);
	let underlying = &report.underlyings[0];
	assert_eq!(underlying.liquidation_above, None);
	let below = underlying.liquidation_below.expect("a long has one").into_inner();
	let expected = 2_631_578_947_368_421_052_631u128;
	assert!(below <= expected + 100_000 && expected - below < 1_000_000_000_000_000, "{below}");
}

#[test]
fn liquidation_price_is_none_when_below_already_or_never() {
	let poor = account(1, vec![leg(Instrument::perpetual(ETH), 10_000)]);
	let underlying = &at_mark(&poor).underlyings[0];
	assert_eq!((underlying.liquidation_below, underlying.liquidation_above), (None, None));
	let safe = account(1, vec![leg(option(ETH, WEEK, 3_000, OptionKind::Call), 1_000)]);
	let underlying = &at_mark(&safe).underlyings[0];
	assert_eq!((underlying.liquidation_below, underlying.liquidation_above), (None, None));
}

/// Equity less maintenance margin with all of ETH's prices at this part of theirs, 18 decimals, and
/// the volatilities of what is held as they were.
fn distance_at(account: &AccountState, told: &RiskReport, factor: u128) -> i128 {
	let scaled = |price: Price| {
		Price::from_inner(price.into_inner() / 1_000_000_000 * (factor / 1_000_000_000))
	};
	let mut market = market();
	let ether = &mut market.underlyings[1];
	ether.prices.spot = scaled(ether.prices.spot);
	for expiry in &mut ether.prices.expiries {
		expiry.forward = scaled(expiry.forward);
	}
	for leg in &told.legs {
		if let (Contract::Option { expiry, strike, kind }, Some(volatility)) =
			(leg.instrument.contract, leg.volatility)
		{
			let series = SeriesVolatility { expiry, strike, kind, volatility };
			ether.quotes.volatilities.push(series);
		}
	}
	let margin = margin(&model(), &market, account, Stance::Mark).expect("valued");
	margin.equity.into_inner() - margin.maintenance.into_inner()
}

#[test]
fn liquidation_price_is_on_the_line_when_margins_are_curved() {
	let strangle = |size: i128, perpetuals: i128| {
		vec![
			leg(option(ETH, WEEK, 3_300, OptionKind::Call), size),
			leg(option(ETH, QUARTER, 2_600, OptionKind::Put), size),
			leg(Instrument::perpetual(ETH), perpetuals),
		]
	};
	let mut found = [0, 0];
	let cases = [
		(40_000, -10_000, -3_000),
		(15_000, -4_000, -3_000),
		(40_000, -10_000, 12_000),
		(9_000, 7_000, 9_000),
		(60_000, -10_000, 0),
	];
	for (cash, size, perpetuals) in cases {
		let account = account(cash, strangle(size, perpetuals));
		let report = at_mark(&account);
		let told = &report.underlyings[0];
		for (line, is_above) in [(told.liquidation_below, false), (told.liquidation_above, true)] {
			let Some(line) = line else { continue };
			found[usize::from(is_above)] += 1;
			let lost = line.into_inner() / 3_000;
			// Nearer to spot; what rounding of volatilities takes is in it.
			let step = 2_000_000_000_000;
			let safe = if is_above { lost - step } else { lost + step };
			let further = if is_above { lost + step } else { lost - step };
			assert!(distance_at(&account, &report, safe) >= 0, "{cash} {size} {is_above}");
			assert!(distance_at(&account, &report, further) < 0, "{cash} {size} {is_above}");
		}
	}
	assert!(found[0] >= 1 && found[1] >= 3, "{found:?}");
}

#[test]
fn liquidation_price_is_found_when_the_account_is_above_the_line_again_beyond() {
	// Short a butterfly that is about to expire: it owes at 3,300 and next to nothing elsewhere.
	let near = NOW + 60 * 60 * 1000;
	let market = market_near(60 * 60 * 1000);
	let model = RiskModel { naked_short: NotionalCharge::default(), ..model() };
	let call = |strike, size| leg(option(ETH, near, strike, OptionKind::Call), size);
	let legs = vec![call(3_150, -10_000), call(3_300, 20_000), call(3_450, -10_000)];
	let owing = vec![call(3_150, 10_000), call(3_300, -20_000), call(3_450, 10_000)];
	let mut account = account(0, legs);
	let told = |account: &AccountState| {
		let report = report(&model, &market, account, Stance::Mark).expect("valued");
		let (margin, told) = (report.margin, report.underlyings[0].clone());
		assert!(margin.equity >= margin.maintenance, "{margin:?}");
		(margin.maintenance, told)
	};
	account.cash = usd(300_000);
	let (maintenance, far) = told(&account);
	assert_eq!(far.liquidation_above, None, "it can pay");
	account.cash = maintenance.checked_add(usd(1_000)).expect("small");
	let (_, above) = told(&account);
	let line = above.liquidation_above.expect("it owes at 3,300");
	assert!(line > price(3_000) && line < price(3_450), "{line:?}");
	// Held the other way it pays there.
	account.legs = owing;
	assert_eq!(told(&account).1.liquidation_above, None);
}

#[test]
fn greeks_of_an_option_agree_with_differences_of_its_mark() {
	let call = option(ETH, QUARTER, 3_200, OptionKind::Call);
	let leg = &at_mark(&account(0, vec![leg(call, 1_000)])).legs[0];
	// Forward up and down by a tenth of a per cent, its volatility held by hand: total variance at
	// the strike is shifted by moving m along.
	let volatility = leg.volatility.expect("an option has one");
	let tenor = tenor::Tenor::between(NOW, QUARTER).expect("a quarter");
	let rate = market().underlyings[1].prices.expiries[1].rate;
	let at = |forward: u128, volatility: u128, tenor: &tenor::Tenor| {
		black76::Option76::new(
			OptionKind::Call,
			plimsoll_primitives::Price::from_inner(forward),
			price(3_200),
			plimsoll_primitives::Volatility::from_inner(volatility),
			tenor,
			rate,
		)
		.and_then(|option| option.price())
		.expect("priced")
		.into_inner() as i128
	};
	let (forward, v) = (3_060 * ONE.unsigned_abs(), volatility.into_inner());
	assert!((at(forward, v, &tenor) - leg.mark.into_inner() as i128).abs() < 100_000);
	let step = forward / 1000;
	let (up, middle, down) =
		(at(forward + step, v, &tenor), at(forward, v, &tenor), at(forward - step, v, &tenor));
	let close = |got: UsdValue, expected: i128, of: i128| {
		let got = got.into_inner();
		assert!((got - expected).abs() <= expected.abs() / of, "{got} for {expected}");
	};
	close(leg.greeks.delta, (up - down) * 500, 10_000);
	close(leg.greeks.gamma, (up - 2 * middle + down) * 1_000_000 / 100, 1_000);
	let point = ONE.unsigned_abs() / 100;
	close(
		leg.greeks.vega,
		(at(forward, v + point, &tenor) - at(forward, v - point, &tenor)) / 2,
		1_000,
	);
	let later = tenor::Tenor::from_milliseconds(tenor.milliseconds() - DAY / 24).expect("shorter");
	close(leg.greeks.theta, (at(forward, v, &later) - middle) * 24, 1_000);
}

#[test]
fn contributions_sum_and_isolated_is_the_leg_alone() {
	let legs = vec![
		leg(option(ETH, QUARTER, 3_000, OptionKind::Call), 20_000),
		leg(Instrument::perpetual(ETH), -10_000),
		leg(option(ETH, WEEK, 3_300, OptionKind::Call), -3_333),
		leg(Instrument::future(BTC, QUARTER), 77),
		leg(option(BTC, WEEK, 50_000, OptionKind::Put), -111),
	];
	let mut all = account(5_000, legs.clone());
	all.collateral = vec![ether(1_234), haircut(77)];
	for stance in [Stance::Mark, Stance::Favourable, Stance::Unfavourable] {
		let report = report(&model(), &market(), &all, stance).expect("valued");
		assert_eq!(Ok(report.margin), margin(&model(), &market(), &all, stance));
		let parts = report.legs.iter().map(|leg| leg.contribution);
		let parts = parts.chain(report.collateral.iter().map(|holding| holding.contribution));
		let (mut initial, mut maintenance) = (0, 0);
		for part in parts {
			initial += part.initial.into_inner();
			maintenance += part.maintenance.into_inner();
		}
		assert_eq!(initial, report.margin.initial.into_inner());
		assert_eq!(maintenance, report.margin.maintenance.into_inner());
		let values = report.legs.iter().map(|leg| leg.value);
		let values = values.chain(report.collateral.iter().map(|holding| holding.equity));
		let equity = values.map(UsdValue::into_inner).sum::<i128>() + all.cash.into_inner();
		assert_eq!(equity, report.margin.equity.into_inner());
		assert!(report.isolated.initial >= report.margin.initial);
		assert!(report.isolated.maintenance >= report.margin.maintenance);
	}
	let report = at_mark(&all);
	for (leg, entry) in legs.into_iter().zip(&report.legs) {
		let alone = margin(&model(), &market(), &account(0, vec![leg]), Stance::Mark);
		let alone = alone.expect("valued");
		assert_eq!(entry.isolated.initial, alone.initial);
		assert_eq!(entry.isolated.maintenance, alone.maintenance);
		assert_eq!(entry.value, alone.equity);
	}
	// The haircut collateral has no part.
	assert_eq!(report.collateral[1].contribution, Requirement::default());
	assert!(!report.contingencies.naked_short.maintenance.is_zero());
}
