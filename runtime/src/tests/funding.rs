//! Funding from the book of the real order book to the cash of real accounts.

use super::world::{self, account, Prices, BLOCK_TIME, HOUR, START};
use crate::{
	genesis_config_presets::ETH, Margin, Markets, Runtime, RuntimeEvent, RuntimeOrigin, System,
	Trading,
};
use frame_support::assert_ok;
use pallet_markets::{FundingParams, PerpetualFunding};
use pallet_trading::{OrderTerms, SelfTrade, TimeInForce};
use plimsoll_primitives::{
	Contracts, Instrument,
	OrderSide::{self, Buy, Sell},
	Price,
};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie};

/// Alice is long a contract of ether's perpetual, Bob short; the mark is at 3,000.
fn with_positions(test: impl FnOnce(Instrument, Prices)) {
	world::from_preset("development").execute_with(|| {
		let expiry = START + 4 * HOUR;
		let prices = Prices::new(vec![expiry]);
		prices.block();
		let perpetual = world::list(expiry)[1];
		prices.block();
		for key in [Alice, Bob, Charlie] {
			assert_ok!(world::deposit(key, 20_000));
		}
		quote(Alice, perpetual, Buy, 3_000);
		quote(Bob, perpetual, Sell, 3_000);
		test(perpetual, prices);
		world::check();
	});
}

/// Rests or fills an order for one contract.
fn quote(key: Sr25519Keyring, instrument: Instrument, side: OrderSide, usd: u32) {
	let order = OrderTerms {
		instrument,
		side,
		price: Price::from_u32(usd),
		size: Contracts::ONE,
		time_in_force: TimeInForce::Resting { until: None, post_only: false },
		self_trade: SelfTrade::CancelResting,
		reduce_only: false,
	};
	let origin = RuntimeOrigin::signed(key.to_account_id());
	assert_ok!(Trading::place_order(origin, account(key), order, 4));
}

fn ether() -> PerpetualFunding {
	let all = pallet_markets::Funding::<Runtime>::get();
	*all.iter().find(|funding| funding.underlying == ETH).expect("it is listed")
}

fn cash(key: Sr25519Keyring) -> i128 {
	Margin::account_report(&account(key)).expect("it has prices").cash
}

#[test]
fn longs_pay_shorts_while_the_book_bids_above_the_index() {
	with_positions(|perpetual, prices| {
		let params = FundingParams { smoothing: 60_000, ..Default::default() };
		assert_ok!(Markets::set_funding(RuntimeOrigin::root(), ETH, params));
		let before = [Alice, Bob].map(cash);
		for _ in 0..3 {
			prices.block();
		}
		assert!(ether().index.is_zero(), "an empty book costs nothing");
		quote(Charlie, perpetual, Buy, 3_030);
		for _ in 0..30 {
			prices.block();
			world::check();
		}
		// The bid stands 1 % above, which the cap of 0.5 % cuts: 3,000 × 0.5 % × 6 s / 8 h a block.
		assert!(ether().rate == sp_runtime::FixedI128::from_rational(5, 1_000));
		let index = ether().index;
		prices.block();
		let grown = ether().index.checked_sub(index).expect("it fits").into_inner();
		assert_eq!(grown, 15_000_000_000_000_000_000 * i128::from(BLOCK_TIME) / 28_800_000);
		let [alice, bob] = [Alice, Bob].map(cash);
		let paid = before[0] - alice;
		assert!(paid > 0);
		// The last fraction of a unit is neither's.
		assert!([0, 1].contains(&(paid - (bob - before[1]))));
	});
}

#[test]
fn nobody_pays_while_the_operators_are_silent() {
	with_positions(|perpetual, prices| {
		quote(Charlie, perpetual, Buy, 3_100);
		for _ in 0..30 {
			prices.block();
		}
		world::leap(2 * HOUR);
		let before = ether();
		for _ in 0..30 {
			world::next_block(BLOCK_TIME);
		}
		assert_eq!(ether(), before);
	});
}

#[test]
fn payment_is_told_when_an_account_is_touched() {
	with_positions(|perpetual, prices| {
		quote(Charlie, perpetual, Sell, 2_900);
		for _ in 0..300 {
			prices.block();
		}
		assert!(ether().index.is_negative(), "shorts pay while the book is below");
		System::reset_events();
		for key in [Alice, Bob] {
			assert_ok!(world::deposit(key, 1));
		}
		let amounts: Vec<i128> = System::events()
			.into_iter()
			.filter_map(|record| match record.event {
				RuntimeEvent::Margin(pallet_margin::Event::FundingPaid { amount, .. }) => {
					Some(amount)
				}
				_ => None,
			})
			.collect();
		assert_eq!(amounts.len(), 2);
		assert!(amounts[0] > 0 && [0, -1].contains(&(amounts[0] + amounts[1])));
	});
}
