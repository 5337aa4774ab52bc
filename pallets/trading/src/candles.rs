//! Candles rebuilt from this pallet's events: what an indexer does, and what a test holds the events to.
//! Nothing of the chain calls it.
//!
//! The order book alone makes them: what was negotiated in block trades and on requests has prices that
//! nobody else could have had. A fill has its block's time, which is told by the block and not by an event.

use crate::{Config, Event};
use alloc::collections::btree_map::BTreeMap;
use plimsoll_primitives::{Contracts, Instrument, Moment, Price};

/// What filled in an instrument in one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candle {
	/// The first price.
	pub open: Price,
	/// The highest.
	pub high: Price,
	/// The lowest.
	pub low: Price,
	/// The last.
	pub close: Price,
	/// How much changed hands.
	pub volume: Contracts,
	/// How many fills there were.
	pub fills: u64,
}

/// Candles of all instruments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candles {
	/// How long each lasts, milliseconds; above zero.
	period: Moment,
	/// By instrument and the period's beginning, of those periods in which something filled.
	pub all: BTreeMap<(Instrument, Moment), Candle>,
}

impl Candles {
	/// None yet. `None` where `period` is zero.
	pub fn new(period: Moment) -> Option<Self> {
		(period > 0).then(|| Self { period, all: BTreeMap::new() })
	}

	/// Takes in the next event, of a block of time `now`. `None`, and nothing, where sizes do not fit.
	#[must_use = "nothing is taken in where sizes do not fit"]
	pub fn apply<T: Config>(&mut self, event: &Event<T>, now: Moment) -> Option<()> {
		let Event::OrderFilled { instrument, size, price, .. } = event else { return Some(()) };
		let begins = now.checked_sub(now.checked_rem(self.period)?)?;
		let first = Candle {
			open: *price,
			high: *price,
			low: *price,
			close: *price,
			volume: Contracts::ZERO,
			fills: 0,
		};
		let so_far = self.all.get(&(*instrument, begins)).copied().unwrap_or(first);
		let candle = Candle {
			open: so_far.open,
			high: so_far.high.max(*price),
			low: so_far.low.min(*price),
			close: *price,
			volume: so_far.volume.checked_add(*size)?,
			fills: so_far.fills.checked_add(1)?,
		};
		self.all.insert((*instrument, begins), candle);
		Some(())
	}
}
