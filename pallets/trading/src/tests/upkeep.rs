use crate::{
	mock::*, Books, CancelCause, ComplexOrders, ComplexRest, ComplexTerms, Event, RequestLeg,
	RequestTerms, Requests, SelfTrade,
};
use frame_support::{assert_ok, traits::Hooks, BoundedVec};
use plimsoll_primitives::{
	Contracts, Instrument,
	OrderSide::{Buy, Sell},
	Price, UsdValue,
};

fn expire(instrument: Instrument) {
	Listed::mutate(instrument, |listed| listed.as_mut().expect("it is listed").1 = true);
}

/// The next block begins.
fn next_block() {
	run_to_block(System::block_number() + 1);
}

fn resting() -> usize {
	crate::Orders::<Test>::iter().count()
}

#[test]
fn book_that_can_trade_is_left_alone() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 1, 100));
		(0..5).for_each(|_| next_block());
		assert_eq!(resting(), 1);
	});
}

#[test]
fn all_that_rests_in_a_dead_book_goes_over_some_blocks() {
	ExtBuilder::build_and_execute(|| {
		for (person, price) in [(MAKER, 100), (STRANGER, 101), (TAKER, 102)] {
			rest(person, limit(Sell, 1, price));
			rest(person, limit(Sell, 1, price));
		}
		rest(MAKER, limit(Buy, 1, 90));
		let alive = rest(MAKER, crate::OrderTerms { instrument: FUTURE, ..limit(Sell, 1, 100) });
		expire(PERPETUAL);
		order_events();
		let before = resting();
		next_block();
		next_block();
		let most = usize::try_from(MaxCancelledPerBlock::get()).expect("small; qed");
		assert!(before - resting() <= 2 * most && resting() < before);
		(0..8).for_each(|_| next_block());
		assert_eq!(crate::Orders::<Test>::iter_keys().collect::<Vec<_>>(), [alive]);
		let (_, cancelled) = order_events();
		assert!(cancelled.iter().all(|(_, _, cause)| *cause == CancelCause::NotTradable));
		assert!(!Books::<Test>::contains_key(PERPETUAL));
		assert_eq!(crate::Levels::<Test>::iter_prefix(PERPETUAL).count(), 0);
		assert_eq!(crate::BookPages::<Test>::iter_prefix(PERPETUAL).count(), 0);
		assert_eq!((held(TAKER), held(STRANGER)), (0, 0));
		assert_eq!(Totals::iter().count(), 1);
	});
}

#[test]
fn book_of_an_instrument_that_is_listed_anew_in_other_terms_is_dead() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 1, 100));
		Listed::mutate(PERPETUAL, |listed| {
			listed.as_mut().expect("it is listed").0.tick = Price::ONE;
		});
		(0..2).for_each(|_| next_block());
		assert_eq!(resting(), 0);
		rest(MAKER, limit(Sell, 1, 100));
		(0..4).for_each(|_| next_block());
		assert_eq!(resting(), 1);
	});
}

#[test]
fn silence_and_upkeep_share_the_cancellations_of_a_block() {
	ExtBuilder::build_and_execute(|| {
		for person in [MAKER, STRANGER] {
			for price in [100, 101, 102] {
				rest(person, limit(Sell, 1, price));
			}
		}
		assert_ok!(Trading::set_cancel_on_silence(MAKER.origin(), MAKER.account(0), Some(1)));
		expire(PERPETUAL);
		System::set_block_number(3);
		Trading::on_initialize(3);
		assert_eq!(resting(), 3, "all of the block's were the silent's");
		next_block();
		assert_eq!(resting(), 0);
	});
}

#[test]
fn complex_orders_and_requests_end_when_they_are_dead() {
	ExtBuilder::build_and_execute(|| {
		let legs = |of| {
			BoundedVec::truncate_from(vec![RequestLeg { instrument: of, size: Contracts::ONE }])
		};
		for (of, until) in [(PERPETUAL, 3), (FUTURE, 9)] {
			let terms = ComplexTerms {
				legs: legs(of),
				most: UsdValue::from_u32(200),
				self_trade: SelfTrade::CancelResting,
				rest: Some(ComplexRest {
					prices: BoundedVec::truncate_from(vec![Price::from_u32(100)]),
					until,
				}),
			};
			assert_ok!(Trading::place_complex_order(MAKER.origin(), MAKER.account(0), terms, 0));
			let terms = RequestTerms {
				legs: legs(of),
				two_sided: true,
				makers: Default::default(),
				expiry_block: until,
			};
			assert_ok!(Trading::request_quote(TAKER.origin(), TAKER.account(0), terms));
		}
		run_to_block(3);
		let count = || (ComplexOrders::<Test>::iter().count(), Requests::<Test>::iter().count());
		assert_eq!(count(), (2, 2));
		run_to_block(6);
		assert_eq!(count(), (1, 1), "those of which the last block is over");
		expire(FUTURE);
		run_to_block(8);
		assert_eq!(count(), (0, 0));
		let causes: Vec<_> = System::read_events_for_pallet::<Event<Test>>()
			.into_iter()
			.filter_map(|event| match event {
				Event::ComplexOrderCancelled { cause, .. }
				| Event::RequestCancelled { cause, .. } => Some(cause),
				_ => None,
			})
			.collect();
		assert_eq!(causes.iter().filter(|cause| **cause == CancelCause::Expired).count(), 2);
		assert_eq!(causes.iter().filter(|cause| **cause == CancelCause::NotTradable).count(), 2);
	});
}
