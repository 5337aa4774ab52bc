use super::*;
use crate::{Calendar, Cursor, ExpiryContracts, Instruments, PriceSource, SettlementPrices, Stage};

const PRICE: Price = Price::from_u32(2_100);

fn averages(expiries: &[(UnderlyingId, u64)]) {
	Averages::mutate(|all| all.extend(expiries.iter().map(|expiry| (*expiry, Ok(PRICE)))));
}

/// That nothing is kept of any expiry.
fn assert_all_freed() {
	assert!(Calendar::<Test>::get().is_empty());
	assert!(!Cursor::<Test>::exists());
	assert_eq!(ExpiryContracts::<Test>::iter().count(), 0);
	assert_eq!(SettlementPrices::<Test>::iter().count(), 0);
	assert!(Instruments::<Test>::iter_keys().all(|instrument| instrument.expiry().is_none()));
	assert!(Windows::get().is_empty());
}

#[test]
fn expiry_is_left_alone_when_it_has_not_come() {
	ExtBuilder::build_and_execute(|| {
		let instrument = call(EXPIRY, 2_000);
		list(instrument);
		open(instrument, 1, 2, Contracts::ONE);
		averages(&[(ETH, EXPIRY)]);
		next_block(EXPIRY - 1);
		assert!(AskedForAverage::get().is_empty());
		assert_eq!(holders(instrument), 2);
	});
}

#[test]
fn expiry_is_settled_and_freed_when_it_has_come() {
	ExtBuilder::build_and_execute(|| {
		let instrument = call(EXPIRY, 2_000);
		list(instrument);
		open(instrument, 1, 2, Contracts::ONE);
		averages(&[(ETH, EXPIRY)]);
		System::reset_events();
		next_block(EXPIRY);
		assert_eq!(Settled::get(), vec![(1, instrument, PRICE), (2, instrument, PRICE)]);
		assert_eq!(
			events(),
			vec![
				Event::SettlementPriceFixed {
					underlying: ETH,
					expiry: EXPIRY,
					price: PRICE,
					source: PriceSource::Average,
				},
				Event::Settled { instrument },
				Event::ExpiryClosed { underlying: ETH, expiry: EXPIRY },
			]
		);
		assert_all_freed();
	});
}

#[test]
fn expiry_is_settled_when_the_chain_stood_still_past_it() {
	ExtBuilder::build_and_execute(|| {
		list(call(EXPIRY, 2_000));
		list(Instrument::future(ETH, EXPIRY + DAY));
		open_many(call(EXPIRY, 2_000), 2);
		averages(&[(ETH, EXPIRY), (ETH, EXPIRY + DAY)]);
		next_block(EXPIRY + 30 * DAY);
		assert_eq!(Settled::get().len(), 2);
		assert_all_freed();
	});
}

#[test]
fn nothing_is_settled_when_clock_has_not_started() {
	ExtBuilder::build_and_execute(|| {
		list(call(EXPIRY, 2_000));
		averages(&[(ETH, EXPIRY)]);
		next_block(0);
		assert_eq!(Calendar::<Test>::get().len(), 1);
		Now::set(START);
	});
}

#[test]
fn perpetual_is_never_settled() {
	ExtBuilder::build_and_execute(|| {
		let perpetual = Instrument::perpetual(ETH);
		open(perpetual, 1, 2, Contracts::ONE);
		list(call(EXPIRY, 2_000));
		averages(&[(ETH, EXPIRY)]);
		next_block(EXPIRY + DAY);
		assert_eq!(holders(perpetual), 2);
		assert!(Instruments::<Test>::contains_key(perpetual));
	});
}

#[test]
fn holders_are_settled_over_several_blocks_when_there_are_many() {
	ExtBuilder::build_and_execute(|| {
		let instrument = call(EXPIRY, 2_000);
		list(instrument);
		open_many(instrument, 25);
		averages(&[(ETH, EXPIRY)]);
		for (block, left) in [15, 5, 0].into_iter().enumerate() {
			assert_eq!(Settled::get().len(), block * 10);
			next_block(EXPIRY);
			assert_eq!(holders(instrument), left);
			crate::Pallet::<Test>::do_try_state().expect("the state is sound in between");
		}
		let mut settled: Vec<_> = Settled::get().into_iter().map(|(holder, ..)| holder).collect();
		settled.sort_unstable();
		assert_eq!(settled, (1..=25).collect::<Vec<_>>());
		assert_all_freed();
	});
}

#[test]
fn contracts_take_turns_when_one_has_more_holders_than_a_block_settles() {
	ExtBuilder::build_and_execute(|| {
		let (large, small) = (call(EXPIRY, 2_000), call(EXPIRY, 2_050));
		list(large);
		list(small);
		open_many(large, 25);
		open_many(small, 2);
		averages(&[(ETH, EXPIRY)]);
		next_block(EXPIRY);
		assert_eq!((holders(large), holders(small)), (15, 2));
		next_block(EXPIRY);
		assert_eq!((holders(large), holders(small)), (7, 0));
		next_block(EXPIRY);
		assert_all_freed();
	});
}

#[test]
fn expiries_take_turns_when_one_has_more_holders_than_a_block_settles() {
	ExtBuilder::build_and_execute(|| {
		let (large, small) = (call(EXPIRY, 2_000), Instrument::future(BTC, EXPIRY));
		list(large);
		list(small);
		open_many(large, 40);
		open_many(small, 15);
		averages(&[(ETH, EXPIRY), (BTC, EXPIRY)]);
		let mut left = Vec::new();
		for _ in 0..6 {
			next_block(EXPIRY);
			left.push((holders(small), holders(large)));
		}
		assert_eq!(left, vec![(5, 40), (5, 30), (0, 25), (0, 15), (0, 5), (0, 0)]);
		assert_all_freed();
	});
}

#[test]
fn prices_are_fixed_when_an_earlier_expiry_takes_all_settlements() {
	ExtBuilder::build_and_execute(|| {
		let (large, other) = (call(EXPIRY, 2_000), call(EXPIRY + 1, 2_000));
		list(large);
		list(other);
		open_many(large, 40);
		averages(&[(ETH, EXPIRY), (ETH, EXPIRY + 1)]);
		next_block(EXPIRY + 1);
		let stages: Vec<_> = Calendar::<Test>::get().iter().map(|p| p.stage).collect();
		assert_eq!(stages, vec![Stage::Settling; 2]);
	});
}

#[test]
fn missing_price_holds_up_no_other_expiry() {
	ExtBuilder::build_and_execute(|| {
		let (without, with) = (call(EXPIRY, 2_000), call(EXPIRY + 1, 2_000));
		list(without);
		list(with);
		open_many(without, 2);
		open_many(with, 2);
		averages(&[(ETH, EXPIRY + 1)]);
		next_block(EXPIRY + 1);
		assert_eq!((holders(without), holders(with)), (2, 0));
	});
}

#[test]
fn every_expiry_has_its_turn_when_more_are_due_than_a_block_looks_at() {
	ExtBuilder::build_and_execute(|| {
		// The first five never have a price; a block looks at four.
		for number in 0..6 {
			list(Instrument::future(ETH, EXPIRY + number));
		}
		averages(&[(ETH, EXPIRY + 5)]);
		open_many(Instrument::future(ETH, EXPIRY + 5), 2);
		for _ in 0..3 {
			assert_eq!(holders(Instrument::future(ETH, EXPIRY + 5)), 2);
			let before = AskedForAverage::get().len();
			next_block(EXPIRY + DAY);
			assert_eq!(AskedForAverage::get().len() - before, 4);
			if holders(Instrument::future(ETH, EXPIRY + 5)) == 0 {
				break;
			}
		}
		assert_eq!(holders(Instrument::future(ETH, EXPIRY + 5)), 0);
		assert_eq!(Calendar::<Test>::get().len(), 5);
	});
}

#[test]
fn holder_that_cannot_be_settled_stays_and_holds_up_no_other() {
	ExtBuilder::build_and_execute(|| {
		let (stuck, other) = (call(EXPIRY, 2_000), call(EXPIRY, 2_050));
		let later = Instrument::future(BTC, EXPIRY + 1);
		for instrument in [stuck, other, later] {
			list(instrument);
			open_many(instrument, 4);
		}
		set_fails(stuck, 1, true);
		averages(&[(ETH, EXPIRY), (BTC, EXPIRY + 1)]);
		for _ in 0..4 {
			next_block(EXPIRY + 1);
		}
		assert_eq!((holders(stuck), holders(other), holders(later)), (1, 0, 0));
		assert_eq!(SettlementPrices::<Test>::get(ETH, EXPIRY), Some(PRICE));
		assert!(Windows::get().contains(&(ETH, EXPIRY)));
		assert!(!Windows::get().contains(&(BTC, EXPIRY + 1)));
	});
}

#[test]
fn holder_that_cannot_be_settled_is_tried_again_after_a_delay() {
	ExtBuilder::build_and_execute(|| {
		let instrument = call(EXPIRY, 2_000);
		list(instrument);
		open_many(instrument, 2);
		set_fails(instrument, 1, true);
		averages(&[(ETH, EXPIRY)]);
		next_block(EXPIRY);
		// The other was settled: progress, so the next block tries again.
		System::reset_events();
		next_block(EXPIRY);
		let retry_at = System::block_number() + RETRY_DELAY;
		assert_eq!(events(), vec![Event::SettlementDelayed { instrument, retry_at }]);
		set_fails(instrument, 1, false);
		while System::block_number() + 1 < retry_at {
			next_block(EXPIRY);
			assert_eq!(holders(instrument), 1);
		}
		next_block(EXPIRY);
		assert_eq!(holders(instrument), 0);
		assert_all_freed();
	});
}

#[test]
fn contracts_nobody_holds_are_delisted_within_a_blocks_limit() {
	ExtBuilder::build_and_execute(|| {
		for number in 1..=MAX_INSTRUMENTS {
			list(call(EXPIRY, number * 50));
			list(call(EXPIRY + 1, number * 50));
		}
		averages(&[(ETH, EXPIRY), (ETH, EXPIRY + 1)]);
		next_block(EXPIRY + 1);
		let left = Instruments::<Test>::iter_keys().filter(|i| i.expiry().is_some()).count();
		assert_eq!(left, 2 * 8 - 10);
		next_block(EXPIRY + 1);
		assert_all_freed();
	});
}
