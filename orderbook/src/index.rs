//! Which levels exist: per side a tree of bitmaps, three pages high, each page one record.
//!
//! A level's rank is its place from the best end of its side, so that on both sides the best level is
//! the one of the lowest rank. Of a rank's 30 bits the upper ten say which bit of the root page, the
//! middle ten which bit of a middle page, the lowest ten which bit of a leaf. A bit of a leaf stands
//! for a level; a bit of a page above it for a page that is not empty.

use crate::{
	order::{Tick, MAX_TICK},
	store::Store,
};
use alloc::collections::BTreeMap;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use plimsoll_primitives::OrderSide;
use scale_info::TypeInfo;

/// How many of a rank's bits one page tells apart.
const PAGE_BITS: u32 = 10;
/// The bits of a position within a page.
const POSITION: u32 = (1 << PAGE_BITS) - 1;
/// How many of a position's bits one word tells apart.
const WORD_BITS: u32 = 6;
/// The bits of a position within a word.
const BIT: u32 = (1 << WORD_BITS) - 1;
/// The words of a page.
const WORDS: usize = 1 << (PAGE_BITS - WORD_BITS);

/// How high above the leaves a page stands.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Height {
	/// Bits are levels.
	#[codec(index = 0)]
	Leaf,
	/// Bits are leaves.
	#[codec(index = 1)]
	Middle,
	/// Bits are middle pages.
	#[codec(index = 2)]
	Root,
}

impl Height {
	/// From the root down.
	const DOWN: [Self; 3] = [Self::Root, Self::Middle, Self::Leaf];
	/// From the leaves up.
	const UP: [Self; 3] = [Self::Leaf, Self::Middle, Self::Root];

	/// How many of a rank's bits are told apart below.
	const fn shift(self) -> u32 {
		match self {
			Self::Leaf => 0,
			Self::Middle => PAGE_BITS,
			Self::Root => 2 * PAGE_BITS,
		}
	}
}

/// Which page of a side.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct PageId {
	/// Its height.
	pub height: Height,
	/// Which of that height: what the ranks on it have in common.
	pub number: u32,
}

impl PageId {
	/// The page of this height on which `rank` stands.
	const fn of(height: Height, rank: u32) -> Self {
		Self { height, number: rank >> (height.shift() + PAGE_BITS) }
	}
}

/// 1,024 bits.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Page([u64; WORDS]);

impl Page {
	/// Whether no bit is set.
	pub fn is_empty(&self) -> bool {
		self.0.iter().all(|word| *word == 0)
	}

	/// Each word with the position of its first bit.
	fn words(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
		(0u32..).step_by(1 << WORD_BITS).zip(self.0.iter().copied())
	}

	/// Sets or clears the bit at `position`.
	fn put(&mut self, position: u32, set: bool) {
		let starts = (0u32..).step_by(1 << WORD_BITS);
		let bit = 1u64 << (position & BIT);
		for (_, word) in starts.zip(self.0.iter_mut()).filter(|(at, _)| *at == position & !BIT) {
			*word = if set { *word | bit } else { *word & !bit };
		}
	}

	/// The position of the first set bit from `from` on.
	fn first_from(&self, from: u32) -> Option<u32> {
		self.words().find_map(|(start, word)| {
			// What lies below `from` in its own word, and all of the words before it.
			let below = from.saturating_sub(start);
			let rest = if below > BIT { 0 } else { word & (u64::MAX << below) };
			(rest != 0).then(|| start + rest.trailing_zeros())
		})
	}
}

/// A level's place from the best end of its side; its own inverse. A tick beyond the index counts as
/// the last one within: it is refused before it gets here.
fn rank(side: OrderSide, tick: Tick) -> u32 {
	match side {
		OrderSide::Buy => MAX_TICK.saturating_sub(tick),
		OrderSide::Sell => tick.min(MAX_TICK),
	}
}

/// Where `rank` stands within its page of this height.
const fn position(height: Height, rank: u32) -> u32 {
	(rank >> height.shift()) & POSITION
}

/// The best level of a side. Three pages are read.
pub fn best<S: Store>(store: &S, side: OrderSide) -> Option<Tick> {
	first_below(store, side, Height::Root, 0, 0).map(|found| rank(side, found))
}

/// The level of a side that comes next behind `tick`. Five pages are read at most.
pub fn next<S: Store>(store: &S, side: OrderSide, tick: Tick) -> Option<Tick> {
	let behind = rank(side, tick);
	// Each page above the last: whatever is found on it lies behind all of the page below.
	Height::UP.into_iter().find_map(|height| {
		let from = position(height, behind) + 1;
		first_below(store, side, height, PageId::of(height, behind).number, from)
			.map(|found| rank(side, found))
	})
}

/// The lowest rank under the page at `height` numbered `number`, from its bit `from` on.
fn first_below<S: Store>(
	store: &S,
	side: OrderSide,
	height: Height,
	number: u32,
	from: u32,
) -> Option<u32> {
	let mut number = number;
	let mut from = from;
	for height in Height::DOWN.into_iter().filter(|lower| *lower <= height) {
		let found = store.page(side, PageId { height, number }).first_from(from)?;
		number = (number << PAGE_BITS) | found;
		from = 0;
	}
	Some(number)
}

/// Notes that a level exists. Three pages are read at most.
pub(crate) fn insert<S: Store>(store: &mut S, side: OrderSide, tick: Tick) {
	put(store, side, tick, true);
}

/// Notes that a level is gone. Three pages are read at most.
pub(crate) fn remove<S: Store>(store: &mut S, side: OrderSide, tick: Tick) {
	put(store, side, tick, false);
}

fn put<S: Store>(store: &mut S, side: OrderSide, tick: Tick, set: bool) {
	let rank = rank(side, tick);
	for height in Height::UP {
		let id = PageId::of(height, rank);
		let mut page = store.page(side, id);
		let was_empty = page.is_empty();
		page.put(position(height, rank), set);
		store.set_page(side, id, page);
		// The page above tells only whether this one is empty.
		if was_empty == page.is_empty() {
			break;
		}
	}
}

/// The pages that a side with these levels has, no more and no less: what a check of a stored index
/// compares it with.
pub(crate) fn pages(
	side: OrderSide,
	ticks: impl IntoIterator<Item = Tick>,
) -> BTreeMap<PageId, Page> {
	let mut pages: BTreeMap<PageId, Page> = BTreeMap::new();
	for rank in ticks.into_iter().map(|tick| rank(side, tick)) {
		for height in Height::UP {
			pages.entry(PageId::of(height, rank)).or_default().put(position(height, rank), true);
		}
	}
	pages
}
