//! Candles from events against those of a list of all fills.

use crate::{
	candles::{Candle, Candles},
	mock::*,
	Event,
};
use frame_support::assert_ok;
use plimsoll_primitives::{
	Contracts, Instrument, Moment,
	OrderSide::{Buy, Sell},
	Price,
};
use proptest::prelude::*;

const MINUTE: Moment = 60_000;

fn filled(instrument: Instrument, size: u32, usd: u32) -> Event<Test> {
	Event::OrderFilled {
		taker_order: 2,
		maker_order: 1,
		taker: TAKER.account(0),
		maker: MAKER.account(0),
		instrument,
		side: Buy,
		size: Contracts::from_u32(size),
		price: Price::from_u32(usd),
		taker_fee: 0,
		maker_fee: 0,
	}
}

#[test]
fn candle_is_made_of_what_filled_in_the_book() {
	ExtBuilder::build_and_execute(|| {
		for usd in [101, 100] {
			rest(MAKER, limit(Sell, 1, usd));
		}
		assert_ok!(place(TAKER, limit(Buy, 3, 101)));
		let mut candles = Candles::new(MINUTE).expect("above zero");
		for record in System::events() {
			if let RuntimeEvent::Trading(event) = record.event {
				candles.apply(&event, 3 * MINUTE + 59_999).expect("small");
			}
		}
		let [low, high] = [100, 101].map(Price::from_u32);
		let volume = Contracts::from_u32(2);
		let candle = Candle { open: low, high, low, close: high, volume, fills: 2 };
		assert_eq!(
			candles.all.into_iter().collect::<Vec<_>>(),
			[((PERPETUAL, 3 * MINUTE), candle)]
		);
	});
}

#[test]
fn candles_of_no_length_are_refused_and_sizes_that_do_not_fit_are_not_taken_in() {
	assert_eq!(Candles::new(0), None);
	let mut candles = Candles::new(MINUTE).expect("above zero");
	let most = Contracts::from_inner(i128::MAX);
	let mut fill = filled(PERPETUAL, 1, 100);
	if let Event::OrderFilled { size, .. } = &mut fill {
		*size = most;
	}
	assert_eq!(candles.apply(&fill, 0), Some(()));
	let before = candles.clone();
	assert_eq!(candles.apply(&fill, 0), None);
	assert_eq!(candles, before);
}

proptest! {
	#[test]
	fn candles_are_those_of_the_list_of_fills(
		fills in prop::collection::vec((any::<bool>(), 1u32..100, 1u32..1_000, 0u64..200_000), 1..60),
	) {
		let mut fills = fills;
		fills.sort_by_key(|(.., at)| *at);
		let instrument = |future| if future { FUTURE } else { PERPETUAL };
		let mut candles = Candles::new(MINUTE).expect("above zero");
		for (future, size, usd, at) in &fills {
			prop_assert!(candles.apply(&filled(instrument(*future), *size, *usd), *at).is_some());
		}
		let mut found = 0;
		for future in [false, true] {
			for begins in (0..240_000).step_by(60_000) {
				let within: Vec<_> = fills
					.iter()
					.filter(|(of, .., at)| *of == future && (begins..begins + MINUTE).contains(at))
					.collect();
				let candle = candles.all.get(&(instrument(future), begins));
				prop_assert_eq!(candle.is_some(), !within.is_empty());
				let Some(candle) = candle else { continue };
				found += 1;
				let prices: Vec<_> = within.iter().map(|(_, _, usd, _)| Price::from_u32(*usd)).collect();
				prop_assert_eq!(Some(&candle.open), prices.first());
				prop_assert_eq!(Some(&candle.close), prices.last());
				prop_assert_eq!(Some(&candle.high), prices.iter().max());
				prop_assert_eq!(Some(&candle.low), prices.iter().min());
				let size = within.iter().map(|(_, size, ..)| size).sum();
				prop_assert_eq!(candle.volume, Contracts::from_u32(size));
				prop_assert_eq!(usize::try_from(candle.fills).expect("few"), within.len());
			}
		}
		prop_assert_eq!(candles.all.len(), found);
	}
}
