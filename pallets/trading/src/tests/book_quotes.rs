use crate::{mock::*, OrderTerms, TimeInForce};
use plimsoll_primitives::{
	BestQuotes, BookQuote, BookQuotes, Contracts,
	OrderSide::{Buy, Sell},
	Price,
};

fn best() -> BestQuotes {
	<Trading as BookQuotes>::best(&PERPETUAL)
}

fn quote(size: u32, price: u32) -> Option<BookQuote> {
	Some(BookQuote { price: Price::from_u32(price), size: Contracts::from_u32(size) })
}

#[test]
fn book_has_no_quotes_when_nothing_rests() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(best(), BestQuotes::default());
		rest(MAKER, limit(Sell, 2, 101));
		assert_eq!(best(), BestQuotes { bid: None, ask: quote(2, 101) });
	});
}

#[test]
fn quotes_are_the_best_levels_with_all_of_their_orders() {
	ExtBuilder::build_and_execute(|| {
		rest(MAKER, limit(Sell, 2, 102));
		rest(MAKER, limit(Sell, 1, 101));
		rest(STRANGER, limit(Sell, 3, 101));
		rest(MAKER, limit(Buy, 5, 98));
		rest(STRANGER, limit(Buy, 1, 99));
		assert_eq!(best(), BestQuotes { bid: quote(1, 99), ask: quote(4, 101) });
	});
}

#[test]
fn expired_orders_are_no_quotes() {
	ExtBuilder::build_and_execute(|| {
		let now = System::block_number();
		let until = Some(now);
		let short_lived = |size| OrderTerms {
			time_in_force: TimeInForce::Resting { until, post_only: false },
			..limit(Sell, size, 101)
		};
		rest(MAKER, short_lived(2));
		rest(STRANGER, limit(Sell, 1, 101));
		assert_eq!(best().ask, quote(3, 101));
		System::set_block_number(now + 1);
		assert_eq!(best().ask, quote(1, 101));
	});
}
