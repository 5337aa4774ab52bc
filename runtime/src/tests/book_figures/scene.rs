//! A book of a chosen depth, with real accounts behind its orders.

use crate::{
	benchmarking::Environment, configs::SettlementAsset, tests::world, AccountId, Assets, Balances,
	Margin, Markets, Runtime, RuntimeOrigin, System, Trading, UNIT,
};
use frame_support::{
	assert_ok,
	traits::{fungible::Mutate as _, fungibles::Mutate as _, Get},
};
use pallet_margin::AccountAsset;
use pallet_trading::{OrderTerms, SelfTrade, TimeInForce};
use plimsoll_orderbook::OrderId;
use plimsoll_primitives::{
	benchmarking::BenchmarkEnvironment, BookClearing, Contracts, Instrument, InstrumentRegistry,
	OrderSide, Price, SubAccountId,
};
use sp_core::{sr25519, Pair};

/// Settlement units that carry any position here: a billion USD.
const CASH: u128 = 1_000_000_000_000_000;
/// Ticks between neighbouring levels of the book: they spread over as many pages as a book's would.
const SPACING: u32 = 7;
/// The least makers of a book: more than one order may fill against, so that each fill finds another.
const LEAST_MAKERS: u32 = 13;
/// Orders a side of each maker, where there are more makers than that.
const ORDERS_OF_MAKER: u32 = 8;
/// How far from its level's tick the one who acts has nothing yet.
pub const FREE: u32 = 6;

/// How many operations a batch has at most; so many orders the one who acts has in the book, too.
pub fn batch_size() -> u32 {
	<<Runtime as pallet_trading::Config>::MaxBatch as Get<u32>>::get()
}

/// How many fills a call takes at most.
pub fn most_fills() -> u32 {
	<<Runtime as pallet_trading::Config>::MaxFills as Get<u32>>::get()
}

/// How much all accounts of a scene hold.
#[derive(Clone, Copy)]
pub enum Accounts {
	/// One position.
	Small,
	/// As many as there may be, on as many underlyings.
	Large,
}

impl Accounts {
	pub fn name(self) -> String {
		match self {
			Self::Small => "1 position".into(),
			Self::Large => format!("{} positions", Self::most()),
		}
	}

	fn most() -> u32 {
		<<Runtime as pallet_margin::Config>::MaxPositions as Get<u32>>::get()
	}

	fn positions(self) -> u32 {
		match self {
			Self::Small => 1,
			Self::Large => Self::most(),
		}
	}
}

/// Who sends the transactions that are measured.
pub struct Actor {
	pub pair: sr25519::Pair,
	pub account: SubAccountId<AccountId>,
	/// Its bids in the book, from the best to the deepest, and in how many ticks below the mark.
	pub bids: Vec<(OrderId, u32)>,
	/// Its asks in other books, one in each.
	pub asks: Vec<(OrderId, OrderTerms)>,
}

/// The state, and what there is in it.
pub struct Scene {
	pub state: sp_io::TestExternalities,
	pub perpetual: Instrument,
	pub actor: Actor,
	pub depth: u32,
}

impl Scene {
	/// A book with `depth` orders a side, each alone at its price, in a block that has just begun.
	pub fn new(accounts: Accounts, depth: u32) -> Self {
		let mut state = world::from_preset("development");
		let (perpetual, actor) = state.execute_with(|| {
			let held = usize::try_from(accounts.positions()).expect("it fits; qed");
			let instruments = Environment::instruments(Accounts::most());
			let perpetual = instruments[0];
			let mut actor = actor();
			let makers = makers(depth);
			let mut everybody = vec![actor.account.clone()];
			everybody.extend(makers.iter().cloned());
			// The last of an odd number trades with the first maker, which then holds twice as much.
			for pair in everybody.chunks(2) {
				let other = pair.get(1).unwrap_or(&makers[0]);
				Environment::open(&pair[0], other, &instruments[..held]);
			}
			for (step, maker) in (1..=depth).zip(makers.iter().cycle()) {
				rest(maker, order(perpetual, OrderSide::Buy, -signed(step * SPACING)));
				rest(maker, order(perpetual, OrderSide::Sell, signed(step * SPACING)));
			}
			quote(&mut actor, perpetual, &instruments, depth);
			begin_block();
			(perpetual, actor)
		});
		state.commit_all().expect("no transaction is open; qed");
		Self { state, perpetual, actor, depth }
	}

	/// How many ticks below the mark the middle of the bids is, at a price where nothing rests.
	pub fn middle(&self) -> u32 {
		(1 + self.depth / 2) * SPACING + FREE
	}

	/// Buys so many of the smallest orders here, at once.
	pub fn take(&self, fills: u32) -> OrderTerms {
		let terms = order(self.perpetual, OrderSide::Buy, signed((self.depth + 1) * SPACING));
		let size = Contracts::from_rational(fills, 100);
		OrderTerms { size, time_in_force: TimeInForce::ImmediateOrCancel, ..terms }
	}
}

/// Leaves what the first transaction of a block finds: hooks have run, inherents are in, nothing has been
/// told of yet.
fn begin_block() {
	System::reset_events();
	frame_system::BlockWeight::<Runtime>::kill();
	System::note_finished_initialize();
	System::note_inherents_applied();
}

fn signed(ticks: u32) -> i32 {
	ticks.try_into().expect("it fits; qed")
}

fn makers(depth: u32) -> Vec<SubAccountId<AccountId>> {
	let count = (depth / ORDERS_OF_MAKER).max(LEAST_MAKERS);
	(0..count).map(|number| Environment::sub_account(1_000 + number, CASH)).collect()
}

/// Somebody with a key to sign with.
fn actor() -> Actor {
	let pair = sr25519::Pair::from_seed(&[7; 32]);
	let owner = AccountId::from(pair.public().0);
	Balances::set_balance(&owner, 1_000 * UNIT);
	assert_ok!(Assets::mint_into(SettlementAsset::get(), &owner, 2 * CASH));
	let origin = RuntimeOrigin::signed(owner.clone());
	assert_ok!(Margin::deposit(origin, 0, AccountAsset::Cash, CASH));
	Actor { pair, account: SubAccountId::new(owner, 0), bids: Vec::new(), asks: Vec::new() }
}

/// Gives the one who acts its quotes: bids all over the book, in places of their own, and an ask in each
/// of as many other books as leave room for one order more.
fn quote(actor: &mut Actor, perpetual: Instrument, instruments: &[Instrument], depth: u32) {
	for number in 0..batch_size() {
		let below = (1 + number * depth / batch_size()) * SPACING + 1 + number % (FREE - 1);
		let id = rest(&actor.account, order(perpetual, OrderSide::Buy, -signed(below)));
		actor.bids.push((id, below));
	}
	let others = usize::try_from(batch_size()).expect("it fits; qed") - 1;
	for instrument in instruments.iter().skip(1).take(others) {
		let mut terms = order(*instrument, OrderSide::Sell, 0);
		// An option may be worth next to nothing; asking a hundred for it is allowed.
		terms.price = terms.price.max(Price::from_u32(100));
		terms.size = Contracts::from_u32(1);
		actor.asks.push((rest(&actor.account, terms.clone()), terms));
	}
}

/// An order for a hundredth of a contract, so many ticks above the mark.
pub fn order(instrument: Instrument, side: OrderSide, above: i32) -> OrderTerms {
	let terms = Markets::tradable(&instrument).expect("it is listed; qed");
	let mark = Margin::mark(&instrument).expect("feeds are live; qed").into_inner();
	let ticks = mark / terms.tick.into_inner();
	let ticks = ticks.checked_add_signed(above.into()).expect("it is above zero; qed");
	OrderTerms {
		instrument,
		side,
		price: Price::from_inner(ticks * terms.tick.into_inner()),
		size: Contracts::from_rational(1, 100),
		time_in_force: TimeInForce::Resting { until: None, post_only: true },
		self_trade: SelfTrade::CancelResting,
		reduce_only: false,
	}
}

/// The same order a tick higher.
pub fn higher(order: &OrderTerms) -> OrderTerms {
	let terms = Markets::tradable(&order.instrument).expect("it is listed; qed");
	let price = order.price.into_inner() + terms.tick.into_inner();
	OrderTerms { price: Price::from_inner(price), ..order.clone() }
}

fn rest(account: &SubAccountId<AccountId>, order: OrderTerms) -> OrderId {
	let id = pallet_trading::NextOrderId::<Runtime>::get();
	let origin = RuntimeOrigin::signed(account.owner.clone());
	Trading::place_order(origin, account.clone(), order, 0).expect("an order here is in order");
	id
}
