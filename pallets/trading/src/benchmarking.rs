//! Benchmarks of every call and hook.

use super::*;
use crate::benchmark_helper::BenchmarkHelper;
use crate::impl_book_quotes::MOST_LEVELS;
use crate::silence::SilenceWork;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{traits::Get, BoundedVec};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use plimsoll_primitives::{
	benchmarking::BenchmarkEnvironment, Balance, BookClearing, BookQuotes, Contracts, Fill,
	Instrument, InstrumentRegistry, InstrumentTerms, OrderSide, Price, SubAccountId, UsdValue,
};
use sp_runtime::{
	traits::{One, Zero},
	SaturatedConversion,
};

/// Settlement units that carry any of the benchmark's positions: a billion USD at six decimals.
const CASH: Balance = 1_000_000_000_000_000;

fn account_of<T: Config>(seed: u32) -> SubAccountId<T::AccountId> {
	T::BenchmarkHelper::sub_account(seed, CASH)
}

/// The least that may be traded of an instrument, at its mark in whole ticks.
fn smallest_fill<T: Config>(instrument: Instrument) -> Fill {
	let market = Market::of::<T>(instrument);
	let price = Price::from_inner(market.mark.max(1) * market.terms.tick.into_inner());
	Fill { instrument, size: market.terms.lot, price }
}

/// A quote over `instruments` from `maker` to `taker`, signed as wallets sign: that takes two
/// verifications, since the plain form is tried first.
fn signed_quote<T: Config>(
	maker: SubAccountId<T::AccountId>,
	taker: &SubAccountId<T::AccountId>,
	instruments: &[Instrument],
) -> (QuoteOf<T>, T::Signature) {
	let signer = T::BenchmarkHelper::new_signer();
	T::BenchmarkHelper::add_delegate(&maker, &signer);
	let now = frame_system::Pallet::<T>::block_number();
	let legs = instruments.iter().copied().map(smallest_fill::<T>).collect::<Vec<_>>();
	let quote = QuoteOf::<T> {
		maker,
		signer: signer.clone(),
		taker: Some(taker.owner.clone()),
		legs: BoundedVec::truncate_from(legs),
		expiry_block: now + One::one(),
		nonce: 1,
		genesis_hash: frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()),
	};
	let signature = T::BenchmarkHelper::sign(&signer, &quote::wrapped(&quote.signing_hash()));
	(quote, signature)
}

/// An instrument whose book is still empty, with its terms and its mark in whole ticks.
struct Market {
	instrument: Instrument,
	terms: InstrumentTerms,
	mark: u128,
	/// Between the benchmark's orders, in ticks: so far, where the mark is high enough, that each level is
	/// the only one on its page.
	spacing: u128,
}

impl Market {
	/// The first instrument's.
	fn new<T: Config>() -> Self {
		Self::several::<T>(1)
			.next()
			.expect("the environment gives as many instruments as are asked for; qed")
	}

	/// So many instruments'.
	fn several<T: Config>(count: u32) -> impl Iterator<Item = Self> {
		T::BenchmarkHelper::feed();
		T::BenchmarkHelper::instruments(count).into_iter().map(Self::of::<T>)
	}

	fn of<T: Config>(instrument: Instrument) -> Self {
		let terms = T::Registry::tradable(&instrument)
			.expect("the environment's instruments are tradable; qed");
		let mark = T::Clearing::mark(&instrument).expect("the environment's feeds are live; qed");
		let mark = mark.into_inner() / terms.tick.into_inner();
		Self { instrument, terms, mark, spacing: (mark / 256).clamp(1, 1_024) }
	}

	/// Contracts that are worth enough, as many times as that.
	fn size(&self, times: u32) -> Contracts {
		let lots = self.terms.lot.into_inner();
		let whole = Contracts::from_u32(times).into_inner();
		Contracts::from_inner(whole - whole % lots)
	}

	/// So many steps above the mark for who sells, below for who buys.
	fn price(&self, side: OrderSide, steps: u32) -> Price {
		let distance = u128::from(steps) * self.spacing;
		let ticks = match side {
			OrderSide::Sell => self.mark + distance,
			OrderSide::Buy => self.mark - distance,
		};
		Price::from_inner(ticks * self.terms.tick.into_inner())
	}

	/// An order at so many steps from the mark.
	fn order(&self, side: OrderSide, times: u32, steps: u32) -> OrderTerms {
		OrderTerms {
			instrument: self.instrument,
			side,
			price: self.price(side, steps),
			size: self.size(times),
			time_in_force: TimeInForce::Resting { until: None, post_only: false },
			self_trade: SelfTrade::CancelResting,
			reduce_only: false,
		}
	}
}

/// An account, and a delegate that trades for it.
fn trader<T: Config>(seed: u32) -> (SubAccountId<T::AccountId>, T::AccountId) {
	let trader = account_of::<T>(seed);
	let caller: T::AccountId = account("delegate", seed, 0);
	T::BenchmarkHelper::add_delegate(&trader, &caller);
	(trader, caller)
}

/// Rests an order of `account` that takes nothing, and gives its number.
fn rest<T: Config>(account: &SubAccountId<T::AccountId>, order: OrderTerms) -> u64 {
	let id = NextOrderId::<T>::get();
	let origin = RawOrigin::Signed(account.owner.clone()).into();
	Pallet::<T>::place_order(origin, account.clone(), order, 0)
		.expect("a benchmark's order is in order");
	assert!(Orders::<T>::contains_key(id), "it rests");
	id
}

/// All but `but` of the orders that `account` may have, as bids, each alone in its level.
fn fill_list<T: Config>(account: &SubAccountId<T::AccountId>, market: &Market, but: u32) {
	for number in but..T::MaxOrdersPerAccount::get() {
		rest::<T>(account, market.order(OrderSide::Buy, 1, 1 + number));
	}
}

/// A request for the least of `instruments`, two-sided: of anybody, or of `maker`'s owner and as many
/// others as it may name.
fn request<T: Config>(
	maker: Option<&SubAccountId<T::AccountId>>,
	instruments: &[Instrument],
) -> RequestTerms<T> {
	let leg = |of: &Instrument| RequestLeg { instrument: *of, size: smallest_fill::<T>(*of).size };
	let others =
		(1..T::MaxAnswers::get()).map(|seed| frame_benchmarking::account("named", seed, 0));
	let makers = maker.map(|maker| others.chain([maker.owner.clone()]).collect::<Vec<_>>());
	RequestTerms {
		legs: BoundedVec::truncate_from(instruments.iter().map(leg).collect::<Vec<_>>()),
		two_sided: true,
		makers: BoundedVec::truncate_from(makers.unwrap_or_default()),
		expiry_block: frame_system::Pallet::<T>::block_number() + One::one(),
	}
}

/// Asks and gives the request's number.
fn ask<T: Config>(account: &SubAccountId<T::AccountId>, terms: RequestTerms<T>) -> RequestId {
	let id = NextRequestId::<T>::get();
	let origin = RawOrigin::Signed(account.owner.clone()).into();
	Pallet::<T>::request_quote(origin, account.clone(), terms)
		.expect("a benchmark's request is in order");
	id
}

/// Prices on both sides, each its instrument's mark in whole ticks.
fn answer<T: Config>(instruments: &[Instrument]) -> AnswerTerms<T> {
	let price = |of: &Instrument| smallest_fill::<T>(*of).price;
	let prices = BoundedVec::truncate_from(instruments.iter().map(price).collect::<Vec<_>>());
	AnswerTerms {
		ask: Some(prices.clone()),
		bid: Some(prices),
		valid_until: frame_system::Pallet::<T>::block_number() + One::one(),
	}
}

/// Answers and gives the maker.
fn reply<T: Config>(id: RequestId, maker: &SubAccountId<T::AccountId>, instruments: &[Instrument]) {
	let origin = RawOrigin::Signed(maker.owner.clone()).into();
	Pallet::<T>::answer_request(origin, id, maker.clone(), answer::<T>(instruments))
		.expect("a benchmark's answer is in order");
}

/// A complex order that buys or sells the least of `instruments`, at their marks in whole ticks, and rests.
fn complex<T: Config>(instruments: &[Instrument], side: OrderSide) -> ComplexTerms<T> {
	let leg = |of: &Instrument| {
		let size = side.signed(smallest_fill::<T>(*of).size).expect("it has a negative; qed");
		RequestLeg { instrument: *of, size }
	};
	let prices = instruments.iter().map(|of| smallest_fill::<T>(*of).price).collect::<Vec<_>>();
	let rest = ComplexRest {
		prices: BoundedVec::truncate_from(prices),
		until: frame_system::Pallet::<T>::block_number() + One::one(),
	};
	ComplexTerms {
		legs: BoundedVec::truncate_from(instruments.iter().map(leg).collect::<Vec<_>>()),
		most: UsdValue::from_u32(u32::MAX),
		self_trade: SelfTrade::CancelResting,
		rest: Some(rest),
	}
}

/// Rests it and gives its number.
fn rest_complex<T: Config>(
	account: &SubAccountId<T::AccountId>,
	terms: ComplexTerms<T>,
) -> plimsoll_orderbook::OrderId {
	let id = NextOrderId::<T>::get();
	let origin = RawOrigin::Signed(account.owner.clone()).into();
	Pallet::<T>::place_complex_order(origin, account.clone(), terms, 0)
		.expect("a benchmark's complex order is in order");
	assert!(ComplexOrders::<T>::contains_key(id), "it rests");
	id
}

/// The environment's first instruments with live feeds.
fn instruments<T: Config>(count: u32) -> Vec<Instrument> {
	T::BenchmarkHelper::feed();
	T::BenchmarkHelper::instruments(count)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// Both sides trade through delegates and end up with as many positions as they may hold, all
	/// of the trade's being new.
	#[benchmark]
	fn block_trade(l: Linear<1, { T::MaxLegs::get() }>) {
		T::BenchmarkHelper::feed();
		let maximum = T::BenchmarkHelper::max_positions();
		let instruments = T::BenchmarkHelper::instruments(maximum);
		let (held, traded) = instruments.split_at((maximum - l).saturated_into());

		let (taker, maker) = (account_of::<T>(1), account_of::<T>(2));
		T::BenchmarkHelper::open(&taker, &maker, held);
		let caller: T::AccountId = whitelisted_caller();
		T::BenchmarkHelper::add_delegate(&taker, &caller);
		MinimumNonce::<T>::insert(&maker, 1);
		let (quote, signature) = signed_quote::<T>(maker.clone(), &taker, traded);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), taker, quote, signature);

		assert!(UsedNonces::<T>::contains_key(maker, 1));
	}

	#[benchmark]
	fn cancel_quotes() {
		let caller: T::AccountId = whitelisted_caller();
		let maker = SubAccountId::new(caller.clone(), 0);
		MinimumNonce::<T>::insert(&maker, 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), 0, u64::MAX);

		assert_eq!(MinimumNonce::<T>::get(maker), u64::MAX);
	}

	/// Every step removes a nonce: that is dearer than passing a block.
	#[benchmark]
	fn on_initialize(s: Linear<0, { T::MaxPrunedPerBlock::get() }>) {
		let kept_through = frame_system::Pallet::<T>::block_number() + T::MaxQuoteLifetime::get();
		PruneCursor::<T>::put(kept_through);
		for seed in 0..s {
			let maker = SubAccountId::new(account("maker", seed, 0), 0);
			Pallet::<T>::use_nonce(&maker, 1);
		}
		let now = kept_through + One::one();

		#[block]
		{
			Pallet::<T>::prune_nonces(now, s);
		}

		assert_eq!(UsedNonces::<T>::iter().count(), 0);
	}

	/// Each fill takes the only order of its level, of another maker that has as many orders as it may;
	/// what is left rests at a level of its own. Clearing is measured with it, of small accounts: what
	/// larger ones add is added by the call's weight.
	#[benchmark]
	fn place_order(f: Linear<0, { T::MaxFills::get() }>) {
		let market = Market::new::<T>();
		for number in 0..f {
			let (maker, _) = trader::<T>(100 + number);
			rest::<T>(&maker, market.order(OrderSide::Sell, 1, 1 + number));
		}
		let (taker, caller) = trader::<T>(1);
		fill_list::<T>(&taker, &market, 1);
		let mut order = market.order(OrderSide::Buy, f + 1, 0);
		order.price = market.price(OrderSide::Sell, 1 + f);
		let id = NextOrderId::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), taker, order, f);

		assert!(Orders::<T>::contains_key(id));
	}

	#[benchmark]
	fn cancel_order() {
		let market = Market::new::<T>();
		let (account, caller) = trader::<T>(1);
		fill_list::<T>(&account, &market, 1);
		let id = rest::<T>(&account, market.order(OrderSide::Sell, 1, 1));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), account, id);

		assert!(!Orders::<T>::contains_key(id));
	}

	#[benchmark]
	fn cancel_all(n: Linear<0, { T::MaxOrdersPerAccount::get() }>) {
		let market = Market::new::<T>();
		let (account, caller) = trader::<T>(1);
		for number in 0..n {
			rest::<T>(&account, market.order(OrderSide::Sell, 1, 1 + number));
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), account, Some(market.instrument));

		assert_eq!(Orders::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn replace_order() {
		let market = Market::new::<T>();
		let (account, caller) = trader::<T>(1);
		fill_list::<T>(&account, &market, 1);
		let old = rest::<T>(&account, market.order(OrderSide::Sell, 1, 1));
		let order = market.order(OrderSide::Sell, 1, 2);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), account, old, order, 0);

		assert!(Orders::<T>::contains_key(old + 1));
	}

	/// All operations are replacements, each in a book of its own: that is dearer than placing or
	/// cancelling alone.
	#[benchmark]
	fn batch(n: Linear<0, { T::MaxBatch::get() }>) {
		let (account, caller) = trader::<T>(1);
		let replace = |mut market: Market| {
			// An option may be worth next to nothing; its asks need not.
			market.mark = market.mark.max(2_000);
			let old = rest::<T>(&account, market.order(OrderSide::Sell, 1, 1));
			Operation::Replace(old, market.order(OrderSide::Sell, 1, 2))
		};
		let operations: Vec<_> =
			Market::several::<T>(n).take(n.saturated_into()).map(replace).collect();
		let operations = BoundedVec::truncate_from(operations);
		fill_list::<T>(&account, &Market::new::<T>(), n);
		let next = NextOrderId::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), account, operations, 0);

		let placed = Orders::<T>::iter_keys().filter(|id| *id >= next);
		assert_eq!(placed.count(), n.saturated_into::<usize>());
	}

	/// The switch has cancelled all.
	#[benchmark]
	fn note_seen() {
		let account = account_of::<T>(1);
		Pallet::<T>::do_set_cancel_on_silence(account.clone(), Some(1)).expect("it has funds");
		let now = order::as_block(frame_system::Pallet::<T>::block_number()) + 9;
		SilenceCursor::<T>::put(now - 8);
		Pallet::<T>::end_silence(now, SilenceWork { checks: 16, cancels: 1 });
		let silent = SilenceSwitches::<T>::get(&account).expect("it stays");
		assert_eq!(silent.listed, None);
		frame_system::Pallet::<T>::set_block_number(now.into());

		#[block]
		{
			Pallet::<T>::note_seen(&account);
		}

		assert!(SilenceSwitches::<T>::get(&account).is_some_and(|of| of.listed.is_some()));
	}

	#[benchmark]
	fn set_cancel_on_silence() {
		let (account, caller) = trader::<T>(1);
		Pallet::<T>::do_set_cancel_on_silence(account.clone(), Some(1)).expect("it has funds");

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), account.clone(), Some(2));

		assert!(SilenceSwitches::<T>::get(&account).is_some_and(|of| of.blocks == 2));
	}

	/// All listed for one block, and none of them silent.
	#[benchmark]
	fn end_silence(n: Linear<0, { T::MaxPrunedPerBlock::get() }>) {
		let start = order::as_block(frame_system::Pallet::<T>::block_number());
		let due = start + 2;
		for seed in 0..n {
			let account = account_of::<T>(1_000 + seed);
			Pallet::<T>::do_set_cancel_on_silence(account.clone(), Some(1)).expect("it has funds");
			SilenceSwitches::<T>::mutate(&account, |switch| {
				if let Some(switch) = switch {
					switch.seen = due;
				}
			});
		}
		SilenceCursor::<T>::put(due);

		#[block]
		{
			Pallet::<T>::end_silence(due, SilenceWork { checks: n, cancels: 1 });
		}

		assert_eq!(SilenceChecks::<T>::iter_prefix(due).count(), 0);
	}

	/// One of each kind, all alive.
	#[benchmark]
	fn upkeep() {
		let instruments = instruments::<T>(T::MaxLegs::get());
		let (account, _) = trader::<T>(1);
		rest::<T>(&account, Market::of::<T>(instruments[0]).order(OrderSide::Sell, 1, 1));
		let complex = rest_complex::<T>(&account, complex::<T>(&instruments, OrderSide::Buy));
		let request = ask::<T>(&account, request::<T>(None, &instruments));
		// It has to begin again at the first.
		BookCursor::<T>::put(instruments[0]);
		ComplexCursor::<T>::put(complex);
		RequestCursor::<T>::put(request);

		#[block]
		{
			Pallet::<T>::do_upkeep(1);
		}

		assert_eq!(BookCursor::<T>::get(), Some(instruments[0]));
		assert_eq!(ComplexCursor::<T>::get(), Some(complex));
		assert_eq!(RequestCursor::<T>::get(), Some(request));
	}

	/// Orders of different accounts, each alone in its level.
	#[benchmark]
	fn sweep_orders(n: Linear<1, { T::MaxBatch::get() }>) {
		let market = Market::new::<T>();
		let now = order::as_block(frame_system::Pallet::<T>::block_number());
		let expiring = |number| {
			let (maker, _) = trader::<T>(100 + number);
			let time_in_force = TimeInForce::Resting { until: Some(now), post_only: false };
			let order = market.order(OrderSide::Sell, 1, 1 + number);
			rest::<T>(&maker, OrderTerms { time_in_force, ..order })
		};
		let orders = BoundedVec::truncate_from((0..n).map(expiring).collect::<Vec<_>>());
		frame_system::Pallet::<T>::set_block_number(
			frame_system::Pallet::<T>::block_number() + One::one(),
		);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), orders);

		assert_eq!(Orders::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn request_quote(l: Linear<1, { T::MaxLegs::get() }>) {
		let instruments = instruments::<T>(l);
		let (account, caller) = trader::<T>(1);
		let (maker, _) = trader::<T>(2);
		for _ in 1..T::MaxRequestsPerAccount::get() {
			ask::<T>(&account, request::<T>(None, &instruments));
		}
		let terms = request::<T>(Some(&maker), &instruments);
		let id = NextRequestId::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), account, terms);

		assert!(Requests::<T>::contains_key(id));
	}

	#[benchmark]
	fn answer_request(l: Linear<1, { T::MaxLegs::get() }>) {
		let instruments = instruments::<T>(l);
		let (account, _) = trader::<T>(1);
		let (maker, caller) = trader::<T>(2);
		let id = ask::<T>(&account, request::<T>(Some(&maker), &instruments));
		let terms = answer::<T>(&instruments);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), id, maker.clone(), terms);

		assert!(Answers::<T>::contains_key(id, maker));
	}

	#[benchmark]
	fn withdraw_answer() {
		let instruments = instruments::<T>(T::MaxLegs::get());
		let (account, caller) = trader::<T>(1);
		let id = ask::<T>(&account, request::<T>(None, &instruments));
		let (maker, _) = trader::<T>(100);
		reply::<T>(id, &maker, &instruments);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), id, maker.clone());

		assert!(!Answers::<T>::contains_key(id, maker));
	}

	#[benchmark]
	fn cancel_request(a: Linear<0, { T::MaxAnswers::get() }>) {
		let instruments = instruments::<T>(T::MaxLegs::get());
		let (account, caller) = trader::<T>(1);
		for _ in 1..T::MaxRequestsPerAccount::get() {
			ask::<T>(&account, request::<T>(None, &instruments));
		}
		let id = ask::<T>(&account, request::<T>(None, &instruments));
		for number in 0..a {
			let (maker, _) = trader::<T>(100 + number);
			reply::<T>(id, &maker, &instruments);
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), id);

		assert!(!Requests::<T>::contains_key(id));
	}

	/// Both sides end up with as many positions as they may hold, all of the trade's being new.
	#[benchmark]
	fn accept_answer(l: Linear<1, { T::MaxLegs::get() }>) {
		let maximum = T::BenchmarkHelper::max_positions();
		let instruments = instruments::<T>(maximum);
		let (held, traded) = instruments.split_at((maximum - l).saturated_into());
		let (account, caller) = trader::<T>(1);
		let (maker, _) = trader::<T>(2);
		T::BenchmarkHelper::open(&account, &maker, held);
		let id = ask::<T>(&account, request::<T>(Some(&maker), traded));
		reply::<T>(id, &maker, traded);
		let most = UsdValue::from_inner(i128::MAX);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), id, maker, OrderSide::Sell, most);

		assert!(!Requests::<T>::contains_key(id));
	}

	/// Requests of different accounts.
	/// As many rest as may, each of another account; the last has to make room, since it pays less.
	#[benchmark]
	fn rest_complex_order(l: Linear<1, { T::MaxLegs::get() }>) {
		let instruments = instruments::<T>(l);
		let mut terms = complex::<T>(&instruments, OrderSide::Buy);
		let tick = Market::of::<T>(instruments[0]).terms.tick;
		let mut last = 0;
		for number in 0..T::MaxOrdersPerLevel::get() {
			let (maker, _) = trader::<T>(100 + number);
			last = last.max(rest_complex::<T>(&maker, terms.clone()));
		}
		let prices = &mut terms.rest.as_mut().expect("it rests; qed").prices;
		prices[0] = Price::from_inner(prices[0].into_inner() + tick.into_inner());
		let (account, caller) = trader::<T>(1);
		for _ in 1..T::MaxRequestsPerAccount::get() {
			// Of a package of their own, so that nobody meets them.
			let mut terms = complex::<T>(&instruments, OrderSide::Sell);
			terms.legs.iter_mut().for_each(|leg| {
				leg.size = leg.size.checked_add(leg.size).expect("small; qed");
			});
			rest_complex::<T>(&account, terms);
		}
		let id = NextOrderId::<T>::get();

		#[extrinsic_call]
		place_complex_order(RawOrigin::Signed(caller), account, terms, 0);

		assert!(ComplexOrders::<T>::contains_key(id));
		assert!(!ComplexOrders::<T>::contains_key(last));
	}

	/// Both sides end up with as many positions as they may hold, all of the trade's being new.
	#[benchmark]
	fn take_complex_order(l: Linear<1, { T::MaxLegs::get() }>) {
		T::BenchmarkHelper::feed();
		let maximum = T::BenchmarkHelper::max_positions();
		let instruments = T::BenchmarkHelper::instruments(maximum);
		let (held, traded) = instruments.split_at((maximum - l).saturated_into());
		let ((taker, caller), (maker, _)) = (trader::<T>(1), trader::<T>(2));
		T::BenchmarkHelper::open(&taker, &maker, held);
		let id = rest_complex::<T>(&maker, complex::<T>(traded, OrderSide::Buy));
		let terms = complex::<T>(traded, OrderSide::Sell);

		#[extrinsic_call]
		place_complex_order(RawOrigin::Signed(caller), taker, terms, 0);

		assert!(!ComplexOrders::<T>::contains_key(id));
	}

	/// The account has as many as it may, of one package.
	#[benchmark]
	fn cancel_complex_order() {
		let instruments = instruments::<T>(T::MaxLegs::get());
		let (account, caller) = trader::<T>(1);
		let mut id = 0;
		for _ in 0..T::MaxRequestsPerAccount::get() {
			id = rest_complex::<T>(&account, complex::<T>(&instruments, OrderSide::Buy));
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), id);

		assert!(!ComplexOrders::<T>::contains_key(id));
	}

	#[benchmark]
	fn sweep_requests(n: Linear<1, { T::MaxBatch::get() }>) {
		let instruments = instruments::<T>(T::MaxLegs::get());
		let asking = |number| {
			let (account, _) = trader::<T>(100 + number);
			ask::<T>(&account, request::<T>(None, &instruments))
		};
		let requests = BoundedVec::truncate_from((0..n).map(asking).collect::<Vec<_>>());
		let later = frame_system::Pallet::<T>::block_number() + 2u32.into();
		frame_system::Pallet::<T>::set_block_number(later);

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), requests);

		assert_eq!(Requests::<T>::iter().count(), 0);
	}

	/// All levels that are looked at are full, none of the orders in one the same account's, and not worth
	/// enough together. They are as far apart as prices can be: each of the asks is the only one on two
	/// pages of the index.
	#[benchmark]
	fn impact_prices() {
		let mut market = Market::new::<T>();
		let two_pages = 1 << 20;
		let sides = [(100, OrderSide::Buy, market.mark / 8), (1_000, OrderSide::Sell, two_pages)];
		for (base, side, spacing) in sides {
			market.spacing = spacing;
			for number in 0..T::MaxOrdersPerLevel::get() {
				let (maker, _) = trader::<T>(base + number);
				for step in 1..=MOST_LEVELS {
					rest::<T>(&maker, market.order(side, 1, step));
				}
			}
		}
		let worth = UsdValue::from_inner(i128::MAX);
		let impact;

		#[block]
		{
			impact = <Pallet<T> as BookQuotes>::impact(&market.instrument, worth);
		}

		assert_eq!(impact, Default::default());
		let levels: Vec<_> = Levels::<T>::iter_prefix_values(market.instrument).collect();
		let orders: usize = levels.iter().map(|level| level.orders().len()).sum();
		let most = 2 * MOST_LEVELS * T::MaxOrdersPerLevel::get();
		assert_eq!(u32::try_from(orders), Ok(most));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::build(), crate::mock::Test);
}
