use super::support::*;
use crate::*;
use plimsoll_primitives::{Instrument, OptionKind, Price, Stance, UnderlyingId, UsdValue};
use sp_arithmetic::FixedI128;

fn at_mark(account: &AccountState) -> Margin {
	margin(&model(), &market(), account, Stance::Mark).expect("valued")
}

#[test]
fn nothing_needs_nothing() {
	let empty = margin(
		&model(),
		&MarketState::new(NOW, Price::ONE, Vec::new()),
		&account(100, Vec::new()),
		Stance::Unfavourable,
	);
	let equity = usd(10_000);
	assert_eq!(empty, Ok(Margin { equity, net_value: equity, ..Margin::default() }));
}

#[test]
fn perpetual_margin_is_the_largest_move_when_alone() {
	// 10 ETH at 3,000 and a range of 18 %: 4/3 of it is 24 %, 7,200 USD, less what thirds leave.
	for size in [10_000, -10_000] {
		let result = at_mark(&account(10_000, vec![leg(Instrument::perpetual(ETH), size)]));
		assert_eq!(result.equity, usd(1_000_000));
		let short_of = |value: UsdValue, whole: UsdValue| {
			whole.into_inner() - value.into_inner() < 100_000 && value <= whole
		};
		assert!(short_of(result.maintenance, usd(720_000)));
		assert!(short_of(result.initial, usd(900_000)));
	}
}

#[test]
fn equity_counts_unrealised_profit() {
	let mut position = leg(Instrument::perpetual(ETH), -10_000);
	// Sold at 3,100.
	position.entry_value = usd(-3_100_000);
	assert_eq!(at_mark(&account(0, vec![position])).equity, usd(100_000));
}

/// The market with ether's perpetual so many tenths of a per cent above spot.
fn perpetual_above(thousandths: i128) -> MarketState {
	let mut market = market();
	market.underlyings = market
		.underlyings
		.into_iter()
		.map(|state| match state.underlying {
			ETH => state.with_perpetual_premium(FixedI128::from_inner(thousandths * ONE / 1_000)),
			_ => state,
		})
		.collect();
	market
}

#[test]
fn perpetual_is_marked_at_its_premium_over_spot() {
	let perpetual = Instrument::perpetual(ETH);
	assert_eq!(mark(&perpetual_above(4), &perpetual), Ok(price(3_012)));
	assert_eq!(mark(&perpetual_above(-4), &perpetual), Ok(price(2_988)));
	assert_eq!(perpetual_above(0), market(), "spot, without a level of its own");
	let absurd = perpetual_above(-1_001);
	assert_eq!(mark(&absurd, &perpetual), Ok(price(3_000)), "no price");
	// What both sides make of it sums to nothing.
	let equity = |thousandths, size| {
		let held = account(0, vec![leg(perpetual, size)]);
		let valued = margin(&model(), &perpetual_above(thousandths), &held, Stance::Mark);
		valued.expect("valued").equity.into_inner()
	};
	for thousandths in [-20, -3, 7, 20] {
		assert_eq!(equity(thousandths, 7_000) + equity(thousandths, -7_000), 0);
	}
	assert_eq!(equity(4, 10_000) - equity(0, 10_000), usd(12_000).into_inner());
}

#[test]
fn premium_of_the_perpetual_is_as_large_a_part_of_its_price_in_every_scenario() {
	let held = account(100_000, vec![leg(Instrument::perpetual(ETH), -10_000)]);
	let valued = |thousandths| {
		margin(&model(), &perpetual_above(thousandths), &held, Stance::Mark).expect("valued")
	};
	let (plain, above) = (valued(0), valued(10));
	for (above, plain) in [(above.maintenance, plain.maintenance), (above.initial, plain.initial)] {
		let more = above.into_inner() * 100 - plain.into_inner() * 101;
		assert!(more.abs() < ONE / 1_000_000, "a hundredth more, but for rounding");
	}
	// Ether held against it leaves the risk of the premium only: a hundredth of the perpetual's.
	let mut hedged = held.clone();
	hedged.collateral = vec![ether(10_000)];
	let hedged = margin(&model(), &perpetual_above(10), &hedged, Stance::Mark).expect("valued");
	let part = above.maintenance.into_inner() / hedged.maintenance.into_inner();
	assert!((99..=102).contains(&part), "a {part}th");
}

#[test]
fn future_follows_its_forward() {
	let quarter = Instrument::future(ETH, QUARTER);
	assert_eq!(mark(&market(), &quarter), Ok(price(3_060)));
	assert_eq!(at_mark(&account(0, vec![leg(quarter, 1_000)])).equity, usd(6_000));
}

#[test]
fn mark_of_option_is_black_76_of_the_surface() {
	// At the money: w = a + b·sigma = 4·90/3650 = 0.0986301…; C = D·F·(2·N(√w/2) − 1) with
	// D = exp(−0.04·90/365), F = 3060, worked out with mpmath.
	let call = option(ETH, QUARTER, 3_060, OptionKind::Call);
	let expected = 378_068_955_761_895_968_482u128;
	let got = mark(&market(), &call).expect("marked").into_inner();
	assert!(got.abs_diff(expected) < 20_000, "{got}");
	let put = option(ETH, QUARTER, 3_060, OptionKind::Put);
	assert_eq!(mark(&market(), &put).expect("marked").into_inner(), got);
}

#[test]
fn hedged_account_needs_a_fraction_of_its_legs() {
	let call = leg(option(ETH, QUARTER, 3_000, OptionKind::Call), 20_000);
	let short = leg(Instrument::perpetual(ETH), -10_000);
	let hedged = at_mark(&account(0, vec![call.clone(), short.clone()]));
	let call_alone = at_mark(&account(0, vec![call]));
	let short_alone = at_mark(&account(0, vec![short]));
	let sum = call_alone.initial.into_inner() + short_alone.initial.into_inner();
	assert!(hedged.initial.into_inner() * 3 < sum);
	// A long call can lose no more than it is worth.
	assert!(call_alone.maintenance <= call_alone.equity);
}

#[test]
fn long_option_and_its_short_cancel_exactly() {
	let call = option(BTC, WEEK, 61_000, OptionKind::Call);
	let result = at_mark(&account(0, vec![leg(call, 1_500), leg(call, -1_500)]));
	assert_eq!((result.initial, result.maintenance), (UsdValue::ZERO, UsdValue::ZERO));
	// Each is rounded down for itself.
	assert!(result.equity.into_inner().abs() <= 1);
}

#[test]
fn conversion_needs_next_to_nothing_but_the_naked_charge() {
	// Long a future, short the synthetic one: put bought, call sold at the same strike.
	let legs = vec![
		leg(Instrument::future(ETH, WEEK), 10_000),
		leg(option(ETH, WEEK, 3_000, OptionKind::Call), -10_000),
		leg(option(ETH, WEEK, 3_000, OptionKind::Put), 10_000),
	];
	let result = at_mark(&account(0, legs));
	// No rate for the week, so nothing is left but rounding: the long put covers the short call.
	assert!(result.initial.into_inner() < 1_000_000, "{result:?}");
}

#[test]
fn naked_short_options_cost_more_when_nothing_covers_them() {
	let model = model();
	let with = |naked: NotionalCharge, legs: &[Leg]| {
		let model = RiskModel { naked_short: naked, ..model.clone() };
		margin(&model, &market(), &account(0, legs.to_vec()), Stance::Mark).expect("valued")
	};
	let none = NotionalCharge { maintenance: percent(0), initial: percent(0) };
	let charged = |legs: &[Leg]| {
		let (a, b) = (with(model.naked_short, legs), with(none, legs));
		let maintenance = a.maintenance.into_inner() - b.maintenance.into_inner();
		assert_eq!(a.initial.into_inner() - b.initial.into_inner(), 2 * maintenance);
		maintenance * 100 / ONE
	};
	let call = |size| leg(option(ETH, WEEK, 3_000, OptionKind::Call), size);
	let put = |size| leg(option(ETH, WEEK, 3_000, OptionKind::Put), size);
	let other = |size| leg(option(ETH, WEEK, 3_100, OptionKind::Call), size);
	// 0.5 % of 3,000 USD is 15 USD a contract; here in cents.
	assert_eq!(charged(&[call(-2_000)]), 3_000);
	assert_eq!(charged(&[call(2_000)]), 0);
	assert_eq!(charged(&[call(-2_000), put(-1_000)]), 4_500);
	assert_eq!(charged(&[call(-2_000), put(500)]), 2_250);
	assert_eq!(charged(&[call(-2_000), put(2_000)]), 0);
	assert_eq!(charged(&[call(-2_000), other(2_000)]), 3_000);
	assert_eq!(charged(&[call(-2_000), call(1_500)]), 750);
}

#[test]
fn collateral_counts_once() {
	// 10 ETH, 2 % cut, in the curve: equity 29,400, risk as a long perpetual's.
	let mut holder = account(0, Vec::new());
	holder.collateral = vec![ether(10_000)];
	let alone = at_mark(&holder);
	assert_eq!((alone.equity, alone.net_value), (usd(2_940_000), usd(3_000_000)));
	let long = at_mark(&account(0, vec![leg(Instrument::perpetual(ETH), 10_000)]));
	assert_eq!(alone.initial, long.initial);
	// Against the same short perpetual, no risk is left.
	holder.legs = vec![leg(Instrument::perpetual(ETH), -10_000)];
	assert_eq!(at_mark(&holder).initial, UsdValue::ZERO);
	// Cut by its haircut it has no risk.
	holder.legs.clear();
	holder.collateral = vec![haircut(1_000)];
	let cut = at_mark(&holder);
	assert_eq!((cut.equity, cut.net_value), (usd(4_800_000), usd(6_000_000)));
	assert_eq!(cut.initial, UsdValue::ZERO);
}

#[test]
fn settled_leg_is_certain_and_needs_no_price() {
	let mut future = leg(Instrument::future(ETH, NOW - 1), 2_000);
	future.settled_at = Some(price(3_200));
	let mut put = leg(option(ETH, NOW - 1, 3_500, OptionKind::Put), -1_000);
	put.settled_at = Some(price(3_200));
	let empty = MarketState::new(NOW, Price::ONE, Vec::new());
	let result = margin(&model(), &empty, &account(1_000, vec![future, put]), Stance::Unfavourable);
	// 1,000 + 2 · 200 − 300.
	let equity = usd(110_000);
	assert_eq!(result, Ok(Margin { equity, net_value: equity, ..Margin::default() }));
}

#[test]
fn expired_leg_follows_spot_when_not_settled_yet() {
	let call = option(ETH, NOW, 2_900, OptionKind::Call);
	assert_eq!(mark(&market(), &call), Ok(price(100)));
	let held = at_mark(&account(0, vec![leg(call, 1_000)]));
	assert_eq!(held.equity, usd(10_000));
	// All of it can be lost.
	assert_eq!(held.maintenance, usd(10_000));
	// A future that expired may have no forward any more.
	let future = leg(Instrument::future(ETH, NOW - DAY), 1_000);
	assert_eq!(at_mark(&account(0, vec![future])).equity, UsdValue::ZERO);
}

#[test]
fn payoff_is_the_settlement_price_or_intrinsic() {
	let at = price(3_200);
	assert_eq!(payoff(&Instrument::future(ETH, WEEK), at), at);
	assert_eq!(payoff(&Instrument::perpetual(ETH), at), at);
	assert_eq!(payoff(&option(ETH, WEEK, 3_000, OptionKind::Call), at), price(200));
	assert_eq!(payoff(&option(ETH, WEEK, 3_000, OptionKind::Put), at), Price::ZERO);
}

#[test]
fn missing_inputs_are_named() {
	let valued = |market: &MarketState, instrument| {
		margin(&model(), market, &account(0, vec![leg(instrument, 1_000)]), Stance::Mark).err()
	};
	let mut market = market();
	let other = UnderlyingId(7);
	let perpetual = Instrument::perpetual(other);
	assert_eq!(valued(&market, perpetual), Some(RiskError::NoPrice(other)));
	assert_eq!(mark(&market, &perpetual), Err(RiskError::NoPrice(other)));
	let expiry = QUARTER + 1;
	let no_forward = RiskError::NoForward { underlying: ETH, expiry };
	assert_eq!(valued(&market, Instrument::future(ETH, expiry)), Some(no_forward));
	let call = option(ETH, WEEK, 3_000, OptionKind::Call);
	market.underlyings[1].prices.expiries[0].surface = None;
	let no_surface = RiskError::NoSurface { underlying: ETH, expiry: WEEK };
	assert_eq!(valued(&market, call), Some(no_surface));
	assert_eq!(mark(&market, &call), Err(no_surface));
	// Futures need none.
	assert_eq!(valued(&market, Instrument::future(ETH, WEEK)), None);
	market.underlyings[1].prices.spot = Price::ZERO;
	assert_eq!(valued(&market, call), Some(RiskError::NoPrice(ETH)));
	market.underlyings[0].underlying = other;
	assert_eq!(valued(&market, perpetual), Some(RiskError::NotInModel(other)));
}

#[test]
fn confidence_counts_against_or_for_the_account() {
	let long = account(10_000, vec![leg(Instrument::perpetual(ETH), 10_000)]);
	let at = |stance| margin(&model(), &market(), &long, stance).expect("valued");
	// ± 3 USD a contract.
	assert_eq!(at(Stance::Unfavourable).equity, usd(997_000));
	assert_eq!(at(Stance::Mark).equity, usd(1_000_000));
	assert_eq!(at(Stance::Favourable).equity, usd(1_003_000));
	// An interval wider than the price itself.
	let mut wide = market();
	wide.underlyings[1].prices.half_width = price(5_000);
	let worst = margin(&model(), &wide, &long, Stance::Unfavourable).expect("valued");
	assert_eq!(worst.equity, usd(-2_000_000));
}

#[test]
fn stale_price_is_refused_or_favours_the_account() {
	let mut market = market();
	market.underlyings[1].live = false;
	let long = account(10_000, vec![leg(Instrument::perpetual(ETH), 10_000)]);
	let at = |account: &AccountState, stance| margin(&model(), &market, account, stance);
	assert_eq!(at(&long, Stance::Unfavourable), Err(RiskError::StalePrice(ETH)));
	assert_eq!(at(&long, Stance::Mark).expect("last price").equity, usd(1_000_000));
	// 18 % of 30,000.
	assert_eq!(at(&long, Stance::Favourable).expect("last price").equity, usd(1_540_000));
	let short = account(10_000, vec![leg(Instrument::perpetual(ETH), -10_000)]);
	assert_eq!(at(&short, Stance::Favourable).expect("last price").equity, usd(1_540_000));
	// Another underlying's staleness is nobody else's business.
	let other = account(10_000, vec![leg(Instrument::perpetual(BTC), 100)]);
	assert!(at(&other, Stance::Unfavourable).is_ok());
}

#[test]
fn haircut_collateral_needs_no_model() {
	let mut market = market();
	market.underlyings[0].underlying = UnderlyingId(7);
	market.underlyings[0].live = false;
	let mut holding = haircut(1_000);
	holding.feed = UnderlyingId(7);
	let holder = AccountState { collateral: vec![holding], ..AccountState::default() };
	let valued = margin(&model(), &market, &holder, Stance::Favourable).expect("valued");
	// Its confidence interval only: (60,000 + 60) · 0.8.
	assert_eq!(valued.equity, usd(4_804_800));
}

#[test]
fn extremes_are_errors() {
	let held = |size: i128, cash: i128| AccountState {
		cash: UsdValue::from_inner(cash),
		collateral: Vec::new(),
		legs: vec![Leg {
			instrument: Instrument::perpetual(ETH),
			size: plimsoll_primitives::Contracts::from_inner(size),
			entry_value: UsdValue::ZERO,
			settled_at: None,
		}],
	};
	let valued = |account: &AccountState| margin(&model(), &market(), account, Stance::Favourable);
	for size in [i128::MAX, i128::MIN, i128::MIN + 1] {
		assert_eq!(valued(&held(size, 0)), Err(RiskError::Overflow));
		assert!(report(&model(), &market(), &held(size, 0), Stance::Mark).is_err());
	}
	assert_eq!(valued(&held(ONE, i128::MAX)), Err(RiskError::Overflow));
	let mut market = market();
	market.underlyings[1].prices.spot = Price::from_inner(u128::MAX);
	let at = |size| margin(&model(), &market, &held(size, 0), Stance::Mark);
	assert_eq!(at(ONE), Err(RiskError::Overflow));
	let mut negative = account(0, Vec::new());
	negative.collateral = vec![ether(-1)];
	assert_eq!(valued(&negative), Err(RiskError::OutOfDomain));
}
