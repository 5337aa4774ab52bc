//! Open orders: margins are a bound on whatever fills.

use super::{properties::accounts, support::*};
use crate::*;
use plimsoll_primitives::{Contracts, Instrument, OptionKind, Stance, UsdValue};
use proptest::{collection::vec, prelude::*};
use sp_arithmetic::FixedU128;

/// An instrument on the market whose nearer expiry is at `near`.
fn instrument(near: u64) -> impl Strategy<Value = Instrument> {
	let underlying = prop_oneof![Just(BTC), Just(ETH)];
	let expiry = prop_oneof![Just(near), Just(QUARTER)];
	let kind = prop_oneof![Just(OptionKind::Call), Just(OptionKind::Put)];
	(underlying, expiry, kind, 60u32..150, 0..6).prop_map(
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

/// So many thousandths at so many hundredths of the mark.
fn order(market: &MarketState, instrument: Instrument, size: i128, at: u32) -> OpenOrder {
	let mark = mark(market, &instrument).expect("valued");
	let size = contracts(size);
	let limit = mark.into_inner() / 100 * u128::from(at);
	let price = plimsoll_primitives::Price::from_inner(limit);
	let rounding = plimsoll_primitives::Rounding::Up;
	let value = plimsoll_primitives::money::value(price, size, rounding).expect("small");
	OpenOrder { instrument, size, value }
}

fn orders(near: u64) -> impl Strategy<Value = Vec<(Instrument, i128, u32)>> {
	vec((instrument(near), -20_000i128..20_000, 90u32..110), 0..6)
}

fn placed(market: &MarketState, orders: &[(Instrument, i128, u32)]) -> Vec<OpenOrder> {
	orders.iter().map(|(instrument, size, at)| order(market, *instrument, *size, *at)).collect()
}

/// The account after `part` of these orders (in hundredths) filled.
fn filled<'a>(
	account: &AccountState,
	orders: impl Iterator<Item = &'a OpenOrder>,
	part: i128,
) -> AccountState {
	let mut after = account.clone();
	for order in orders {
		let size = Contracts::from_inner(order.size.into_inner() * part / 100);
		let value = UsdValue::from_inner(order.value.into_inner() * part / 100);
		let mut leg =
			Leg { instrument: order.instrument, size, entry_value: value, settled_at: None };
		if order.instrument.is_premium_paid() {
			leg.entry_value = UsdValue::ZERO;
			after.cash = after.cash.checked_sub(value).expect("small");
		}
		after.legs.push(leg);
	}
	after
}

/// Initial margin less equity.
fn shortfall(margin: &Margin) -> i128 {
	margin.initial.into_inner() - margin.equity.into_inner()
}

/// What is rounded: a unit or two for each leg and order in each of the sums.
const ROUNDING: i128 = 50;

/// No subset of the orders, in whole or in part, leaves less than is asked for before.
fn assert_bound(
	model: &RiskModel,
	market: &MarketState,
	account: &AccountState,
	orders: &[OpenOrder],
	stance: Stance,
) -> Result<(), TestCaseError> {
	let mut arrays = RiskArrays::new(model, market).expect("a market");
	let bound = arrays.margin_with_orders(account, orders, stance).expect("valued");
	let held = arrays.margin(account, stance).expect("valued");
	prop_assert!(bound.initial >= bound.maintenance && !bound.maintenance.is_negative());
	prop_assert!(shortfall(&bound) >= shortfall(&held));
	for subset in 0u32..1 << orders.len() {
		let some = || {
			let chosen = move |(index, _): &(usize, &OpenOrder)| subset >> index & 1 == 1;
			orders.iter().enumerate().filter(chosen).map(|(_, order)| order)
		};
		for part in [100, 37] {
			let after = arrays.margin(&filled(account, some(), part), stance).expect("valued");
			prop_assert!(
				shortfall(&bound) + ROUNDING >= shortfall(&after),
				"subset {subset:b}: {bound:?} {after:?}"
			);
		}
	}
	Ok(())
}

/// The account's part in one underlying.
fn only_btc(account: &mut AccountState, orders: &mut Vec<OpenOrder>) {
	account.legs.retain(|leg| leg.instrument.underlying == BTC);
	account.collateral.retain(|holding| holding.feed == BTC);
	orders.retain(|order| order.instrument.underlying == BTC);
}

/// The wide model with prices that nobody is sure of, and markets that are small.
fn doubtful() -> (RiskModel, MarketState) {
	let mut model = wide_model();
	for underlying in &mut model.underlyings {
		underlying.liquidity = Liquidity {
			delta: FixedU128::from_u32(300_000),
			options: FixedU128::from_u32(200_000),
		};
	}
	let mut market = market();
	for underlying in &mut market.underlyings {
		underlying.quotes.perpetual_confidence = Confidence(percent(30));
		underlying.quotes.spot_confidence = Confidence(percent(50));
	}
	(model, market)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

	#[test]
	fn margin_is_a_bound_whatever_fills(account in accounts(), orders in orders(WEEK)) {
		let market = market();
		assert_bound(&model(), &market, &account, &placed(&market, &orders), Stance::Mark)?;
	}

	#[test]
	fn margin_is_a_bound_under_a_model_with_everything(
		account in accounts(), orders in orders(WEEK),
	) {
		let (model, market) = doubtful();
		assert_bound(&model, &market, &account, &placed(&market, &orders), Stance::Mark)?;
	}

	#[test]
	fn margin_is_a_bound_at_unfavourable_prices(account in accounts(), orders in orders(WEEK)) {
		let (model, market) = doubtful();
		let (mut account, mut orders) = (account, placed(&market, &orders));
		only_btc(&mut account, &mut orders);
		assert_bound(&model, &market, &account, &orders, Stance::Unfavourable)?;
	}

	#[test]
	fn margin_is_a_bound_when_options_are_about_to_expire(
		hours in 1u64..40,
		sizes in vec((60u32..150, any::<bool>(), -20_000i128..20_000), 0..5),
		orders in orders(NOW),
	) {
		let near = NOW + hours * DAY / 24;
		let market = market_near(near - NOW);
		let (model, _) = doubtful();
		let legs = sizes.into_iter().map(|(strike, call, size)| {
			let kind = if call { OptionKind::Call } else { OptionKind::Put };
			leg(option(BTC, near, 600 * strike, kind), size)
		});
		let orders: Vec<_> = orders
			.into_iter()
			.map(|(mut instrument, size, at)| {
				if instrument.expiry() == Some(NOW) {
					instrument = option(instrument.underlying, near, 60_000, OptionKind::Call);
				}
				(instrument, size, at)
			})
			.collect();
		let account = account(10_000, legs.collect());
		assert_bound(&model, &market, &account, &placed(&market, &orders), Stance::Mark)?;
	}

	#[test]
	fn margin_is_that_of_the_account_when_nothing_is_open(account in accounts()) {
		let (model, market) = (wide_model(), market());
		for stance in [Stance::Mark, Stance::Favourable, Stance::Unfavourable] {
			let mut arrays = RiskArrays::new(&model, &market).expect("a market");
			let expired = OpenOrder {
				instrument: Instrument::future(BTC, NOW),
				size: Contracts::ONE,
				value: UsdValue::ONE,
			};
			prop_assert_eq!(
				arrays.margin_with_orders(&account, &[expired], stance),
				arrays.margin(&account, stance)
			);
		}
	}

	#[test]
	fn margin_is_at_most_that_of_the_account_and_of_each_order(
		account in accounts(), orders in orders(WEEK),
	) {
		let (model, market) = (wide_model(), market());
		let mut arrays = RiskArrays::new(&model, &market).expect("a market");
		let orders = placed(&market, &orders);
		let with = arrays.margin_with_orders(&account, &orders, Stance::Mark).expect("valued");
		let held = arrays.margin(&account, Stance::Mark).expect("valued");
		let mut sum = shortfall(&held);
		for order in &orders {
			let none = AccountState::default();
			let alone = arrays.margin_with_orders(&none, &[*order], Stance::Mark);
			sum += shortfall(&alone.expect("valued"));
		}
		prop_assert!(shortfall(&with) <= sum + ROUNDING);
		prop_assert_eq!(with.maintenance, held.maintenance);
	}

	#[test]
	fn quotes_on_both_sides_cost_about_the_dearer_one(
		instrument in instrument(WEEK), size in 1i128..20_000,
	) {
		let (model, market) = (model(), market());
		let mut arrays = RiskArrays::new(&model, &market).expect("a market");
		let bid = order(&market, instrument, size, 99);
		let ask = order(&market, instrument, -size, 101);
		let mut of = |orders: &[OpenOrder]| {
			let none = AccountState::default();
			let margin = arrays.margin_with_orders(&none, orders, Stance::Mark);
			shortfall(&margin.expect("valued"))
		};
		let (both, dearer) = (of(&[bid, ask]), of(&[bid]).max(of(&[ask])));
		prop_assert!(both >= dearer && both <= dearer + dearer / 20);
	}
}

#[test]
fn order_that_closes_costs_nothing() {
	let market = market();
	let held = account(20_000, vec![leg(Instrument::perpetual(BTC), 1_000)]);
	let close = order(&market, Instrument::perpetual(BTC), -1_000, 101);
	let before = margin(&model(), &market, &held, Stance::Mark).expect("valued");
	let with = margin_with_orders(&model(), &market, &held, &[close], Stance::Mark);
	assert_eq!(with, Ok(before));
}

#[test]
fn order_worse_than_mark_costs_what_it_gives_away() {
	let market = market();
	let held = account(100_000, Vec::new());
	let of = |at: u32| {
		let bid = order(&market, Instrument::perpetual(BTC), 1_000, at);
		margin_with_orders(&model(), &market, &held, &[bid], Stance::Mark).expect("valued")
	};
	let (fair, dear, cheap) = (of(100), of(110), of(90));
	assert_eq!(fair, cheap, "what would be gained is left out");
	assert_eq!(fair.initial, dear.initial);
	assert_eq!(shortfall(&dear) - shortfall(&fair), usd(600_000).into_inner());
}

#[test]
fn margin_needs_the_prices_of_what_is_ordered() {
	let mut market = market();
	let bid = order(&market, Instrument::perpetual(ETH), 1_000, 100);
	market.underlyings.pop();
	assert_eq!(
		margin_with_orders(&model(), &market, &account(1, Vec::new()), &[bid], Stance::Mark),
		Err(RiskError::NoPrice(ETH))
	);
}
