//! Marks of perpetuals, from the book of the real order book to accounts on real prices.

use super::world::{self, account, Prices, HOUR, START};
use crate::{genesis_config_presets::ETH, Margin, Markets, RuntimeOrigin, Trading};
use frame_support::assert_ok;
use pallet_margin::PositionReport;
use pallet_markets::{HaltReason, HaltScope};
use pallet_trading::{OrderTerms, SelfTrade, TimeInForce};
use plimsoll_primitives::{
	BookClearing, Contracts, Instrument, InstrumentRegistry,
	OrderSide::{self, Buy, Sell},
	Price,
};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave};
use sp_runtime::FixedI128;

/// Alice is long a contract of ether's perpetual, Bob short; the price is 3,000.
fn with_positions(test: impl FnOnce(Instrument, Prices)) {
	world::from_preset("development").execute_with(|| {
		let expiry = START + 4 * HOUR;
		let prices = Prices::new(vec![expiry]);
		prices.block();
		let perpetual = world::list(expiry)[1];
		prices.block();
		for key in [Alice, Bob, Charlie, Dave] {
			assert_ok!(world::deposit(key, 20_000));
		}
		quote(Alice, perpetual, Buy, 3_000, 1_000);
		quote(Bob, perpetual, Sell, 3_000, 1_000);
		test(perpetual, prices);
		world::check();
	});
}

/// Rests or fills an order for so many thousandths of a contract.
fn quote(key: Sr25519Keyring, instrument: Instrument, side: OrderSide, usd: u32, milli: u32) {
	let order = OrderTerms {
		instrument,
		side,
		price: Price::from_u32(usd),
		size: Contracts::from_rational(milli, 1_000),
		time_in_force: TimeInForce::Resting { until: None, post_only: false },
		self_trade: SelfTrade::CancelResting,
		reduce_only: false,
	};
	let origin = RuntimeOrigin::signed(key.to_account_id());
	assert_ok!(Trading::place_order(origin, account(key), order, 4));
}

fn mark(perpetual: &Instrument) -> u128 {
	<Margin as BookClearing<_>>::mark(perpetual).expect("it is live").into_inner()
}

/// So many hundredths of a USD in 18 decimals.
fn cents(cents: u128) -> u128 {
	cents * 10_000_000_000_000_000
}

fn position(key: Sr25519Keyring) -> PositionReport {
	let report = Margin::account_report(&account(key)).expect("it has prices");
	report.positions.into_iter().next().expect("it has one")
}

#[test]
fn accounts_are_valued_at_a_mark_that_follows_the_book_and_goes_back() {
	with_positions(|perpetual, prices| {
		let oracle = cents(300_000);
		assert_eq!(mark(&perpetual), oracle);
		quote(Charlie, perpetual, Buy, 3_003, 1_000);
		quote(Dave, perpetual, Sell, 3_009, 1_000);
		prices.block();
		// A 51st of the way to 3,006 is 12 cents.
		let first = mark(&perpetual);
		assert!((cents(300_011)..cents(300_012)).contains(&first), "{first}");
		for _ in 0..400 {
			prices.block();
		}
		let near = mark(&perpetual);
		assert!((cents(300_599)..=cents(300_600)).contains(&near), "{near}");
		// What one has made the other has lost.
		let [alice, bob] = [Alice, Bob].map(position);
		assert_eq!([alice.mark, bob.mark].map(Price::into_inner), [near, near]);
		assert!(alice.unrealised.is_positive());
		let sum = alice.unrealised.into_inner() + bob.unrealised.into_inner();
		assert!([0, -1].contains(&sum), "each is rounded down");
		world::check();
		// One side alone says nothing.
		let origin = RuntimeOrigin::signed(Dave.to_account_id());
		assert_ok!(Trading::cancel_all(origin, account(Dave), Some(perpetual)));
		for _ in 0..400 {
			prices.block();
		}
		assert!(mark(&perpetual) - oracle < cents(1));
	});
}

#[test]
fn small_and_distant_quotes_leave_the_mark_at_the_oracle() {
	with_positions(|perpetual, prices| {
		// 990 USD of each, though the best.
		quote(Charlie, perpetual, Buy, 3_010, 330);
		quote(Dave, perpetual, Sell, 3_011, 320);
		// Enough, but 2 % apart.
		quote(Alice, perpetual, Buy, 2_990, 1_000);
		quote(Bob, perpetual, Sell, 3_050, 1_000);
		for _ in 0..20 {
			prices.block();
		}
		assert_eq!(mark(&perpetual), cents(300_000));
	});
}

#[test]
fn premium_fades_while_the_operators_are_silent_or_the_perpetual_is_halted() {
	let premium = || Markets::mark_premium(ETH);
	let high = FixedI128::from_rational(19, 10_000);
	let low = FixedI128::from_rational(1, 10_000);
	type Outage = fn();
	let outages: [Outage; 2] = [
		|| world::leap(2 * HOUR),
		|| {
			let scope = HaltScope::Underlying(ETH);
			assert_ok!(Markets::halt(RuntimeOrigin::root(), scope, HaltReason::Prices));
		},
	];
	for outage in outages {
		with_positions(|perpetual, prices| {
			quote(Charlie, perpetual, Buy, 3_003, 1_000);
			quote(Dave, perpetual, Sell, 3_009, 1_000);
			for _ in 0..400 {
				prices.block();
			}
			assert!(premium() > high);
			outage();
			for _ in 0..300 {
				world::next_block(world::BLOCK_TIME);
			}
			assert!(premium() < low);
		});
	}
}
