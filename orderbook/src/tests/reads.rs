//! That what an operation reads does not depend on the depth of the book.

use super::book::{ask, bid, Book, ROOMY};
use crate::{cancel, OrderSide, TimeInForce};

/// A book of `depth` levels a side, spread over pages, and some room between the sides.
fn deep(depth: u32) -> Book {
	let mut book = Book::default();
	for n in 0..depth {
		book.rest(bid(u64::from(n), 1, 500_000_000 - 37 * n, 1));
		book.rest(ask(u64::from(n + depth), 1, 500_001_000 + 37 * n, 1));
	}
	book
}

/// The level and page reads of `operation`.
fn reads(book: &mut Book, operation: impl FnOnce(&mut Book)) -> (u32, u32) {
	book.reset_reads();
	operation(book);
	(book.level_reads.get(), book.page_reads.get())
}

/// Placing inside the spread, taking two levels, filling or killing two, cancelling.
fn costs(depth: u32) -> Vec<(u32, u32)> {
	let mut book = deep(depth);
	vec![
		reads(&mut book, |book| book.rest(bid(1_000_000, 2, 500_000_500, 1))),
		reads(&mut book, |book| {
			cancel(book, OrderSide::Buy, 500_000_500, 1_000_000).expect("it rests");
		}),
		reads(&mut book, |book| {
			let taker = bid(1_000_001, 2, 500_001_037, 2).with(TimeInForce::ImmediateOrCancel);
			assert_eq!(book.place(taker, ROOMY).expect("it is placed").steps.len(), 2);
		}),
		reads(&mut book, |book| {
			let taker = ask(1_000_002, 2, 499_999_963, 2).with(TimeInForce::FillOrKill);
			assert_eq!(book.place(taker, ROOMY).expect("it is placed").steps.len(), 2);
		}),
	]
}

#[test]
fn reads_are_the_same_at_any_depth() {
	let shallow = costs(10);
	assert_eq!(shallow, costs(10_000));
	assert!(shallow.iter().all(|(levels, pages)| *levels <= 4 && *pages <= 20), "{shallow:?}");
}
