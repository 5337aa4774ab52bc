//! The order book with real accounts, margins and prices behind it.

use super::world::{self, account, Prices, HOUR, START};
use crate::{Margin, Runtime, RuntimeEvent, RuntimeOrigin, System, Trading};
use frame_support::{assert_ok, dispatch::DispatchResultWithPostInfo};
use pallet_trading::{
	CancelCause, ComplexTerms, Event, OrderTerms, RequestLeg, SelfTrade, TimeInForce,
};
use plimsoll_primitives::{
	BookClearing, Contracts, Instrument, MassCancel, OpenOrders,
	OrderSide::{self, Buy, Sell},
	Price, UsdValue,
};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie};

const EXPIRY: u64 = START + 4 * HOUR;

/// Ether's perpetual with the mark at 3,000 and three accounts; one has little.
fn with_book(test: impl FnOnce(Instrument)) {
	world::from_preset("development").execute_with(|| {
		let prices = Prices::new(vec![EXPIRY]);
		prices.block();
		let instrument = world::list(EXPIRY)[1];
		prices.block();
		for (key, usdc) in [(Alice, 20_000), (Bob, 20_000), (Charlie, 700)] {
			assert_ok!(world::deposit(key, usdc));
		}
		test(instrument);
		world::check();
	});
}

/// An order for hundredths of a contract at whole USD.
fn order(instrument: Instrument, side: OrderSide, hundredths: u32, usd: u32) -> OrderTerms {
	OrderTerms {
		instrument,
		side,
		price: Price::from_u32(usd),
		size: Contracts::from_rational(hundredths, 100),
		time_in_force: TimeInForce::Resting { until: None, post_only: false },
		self_trade: SelfTrade::CancelResting,
		reduce_only: false,
	}
}

fn place(key: Sr25519Keyring, order: OrderTerms) -> DispatchResultWithPostInfo {
	let origin = RuntimeOrigin::signed(key.to_account_id());
	Trading::place_order(origin, account(key), order, 4)
}

fn cancelled() -> Vec<CancelCause> {
	let cause = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Trading(Event::OrderCancelled { cause, .. }) => Some(cause),
		_ => None,
	};
	System::events().into_iter().filter_map(cause).collect()
}

#[test]
fn orders_fill_between_accounts_that_have_the_margin() {
	with_book(|perpetual| {
		assert_ok!(place(Alice, order(perpetual, Sell, 100, 3_001)));
		assert_ok!(place(Alice, order(perpetual, Sell, 50, 3_000)));
		assert_ok!(place(Bob, order(perpetual, Buy, 120, 3_001)));
		assert_eq!(Margin::position(&account(Bob), &perpetual), Contracts::from_rational(120, 100));
		let open = Margin::order_totals(&account(Alice), &perpetual);
		assert_eq!(open.sells, Contracts::from_rational(30, 100));
		world::check();
		let cancel =
			Trading::cancel_all(RuntimeOrigin::signed(Alice.to_account_id()), account(Alice), None);
		assert_ok!(cancel);
		assert!(Margin::order_totals(&account(Alice), &perpetual).is_empty());
	});
}

#[test]
fn maker_that_lost_its_margin_is_passed_over() {
	with_book(|perpetual| {
		// Charlie's margin is good for this order, but not any more once nearly all of its money is gone:
		// taken by hand, and given back before the books are checked.
		assert_ok!(place(Charlie, order(perpetual, Sell, 20, 3_000)));
		assert_ok!(place(Alice, order(perpetual, Sell, 20, 3_000)));
		let id = pallet_trading::OrdersOf::<Runtime>::get(account(Charlie))[0];
		let mut record = pallet_margin::Accounts::<Runtime>::get(account(Charlie)).expect("it has");
		record.cash = 10_000_000;
		let before = pallet_margin::Accounts::<Runtime>::get(account(Charlie));
		pallet_margin::Accounts::<Runtime>::insert(account(Charlie), record);
		System::reset_events();
		assert_ok!(place(Bob, order(perpetual, Buy, 20, 3_000)));
		assert!(matches!(cancelled()[..], [CancelCause::Refused(_)]));
		assert!(!pallet_trading::Orders::<Runtime>::contains_key(id));
		assert_eq!(Margin::position(&account(Bob), &perpetual), Contracts::from_rational(20, 100));
		pallet_margin::Accounts::<Runtime>::set(account(Charlie), before);
	});
}

#[test]
fn orders_beyond_the_margin_are_refused() {
	with_book(|perpetual| {
		assert!(place(Charlie, order(perpetual, Sell, 500, 3_000)).is_err());
		assert_ok!(place(Charlie, order(perpetual, Sell, 20, 3_000)));
	});
}

#[test]
fn waterfall_takes_orders_out_of_the_book() {
	with_book(|perpetual| {
		assert_ok!(place(Charlie, order(perpetual, Sell, 10, 3_000)));
		assert_ok!(place(Charlie, order(perpetual, Buy, 10, 2_900)));
		let done = Trading::cancel_orders(&account(Charlie), 8, MassCancel::Liquidation);
		assert_eq!((done.orders, done.are_left, done.released), (2, false, false));
		assert!(Margin::order_totals(&account(Charlie), &perpetual).is_empty());
	});
}

#[test]
fn hedged_package_needs_no_margin_of_one_leg_alone() {
	with_book(|perpetual| {
		let future = Instrument::future(perpetual.underlying, EXPIRY);
		assert_ok!(place(Alice, order(perpetual, Sell, 300, 3_001)));
		assert_ok!(place(Bob, order(future, Buy, 300, 2_999)));
		let buy = |time_in_force| OrderTerms { time_in_force, ..order(perpetual, Buy, 300, 3_001) };
		let alone = place(Charlie, buy(TimeInForce::FillOrKill)).expect_err("it has little");
		assert_eq!(alone.error, pallet_margin::Error::<Runtime>::InitialMarginNotMet.into());
		let size = Contracts::from_rational(300, 100);
		let sold = size.checked_neg().expect("small; qed");
		let legs = [(perpetual, size), (future, sold)];
		let legs = legs.map(|(instrument, size)| RequestLeg { instrument, size });
		let terms = |most| ComplexTerms {
			legs: legs.to_vec().try_into().expect("two; qed"),
			most: UsdValue::from_u32(most),
			self_trade: SelfTrade::CancelResting,
			rest: None,
		};
		let complex = |most| {
			let origin = RuntimeOrigin::signed(Charlie.to_account_id());
			Trading::place_complex_order(origin, account(Charlie), terms(most), 4)
		};
		let refused = complex(5).expect_err("it costs six").error;
		assert_eq!(refused, pallet_trading::Error::<Runtime>::WorseThanLimit.into());
		assert_ok!(complex(6));
		let held = [perpetual, future].map(|of| Margin::position(&account(Charlie), &of));
		assert_eq!(held, [size, sold]);
	});
}
