//! A whole expiry on the real runtime: its chain is listed by rule, traded by many, and settled over
//! several blocks, to the unit and with nothing left behind.

use super::world::{self, Prices, HOUR, START, USDC};
use crate::{
	configs::SettlementAsset, genesis_config_presets::ETH, AccountId, Assets, Balances, Margin,
	Markets, Runtime, RuntimeEvent, RuntimeOrigin, System, Trading, MAXIMUM_BLOCK_WEIGHT, UNIT,
};
use frame_support::{
	assert_ok,
	traits::{fungible::Mutate as _, fungibles::Mutate as _, Get},
	weights::Weight,
};
use pallet_margin::{Account, AccountAsset};
use pallet_markets::{ExpiryContracts, ListingRule, ListingTerms, Series, SettlementPrices};
use pallet_trading::{OrderTerms, Quote, SelfTrade, TimeInForce};
use plimsoll_primitives::{
	money, Balance, BookClearing, Contracts, Fill, Instrument, Moment, OptionKind, OrderSide,
	Price, Rounding, SubAccountId,
};
use sp_core::{sr25519, Pair};
use sp_runtime::{DispatchResult, MultiSignature, Permill};
use std::collections::{BTreeMap, BTreeSet};

/// 2027-01-01, a Friday, 08:00 UTC.
const EXPIRY: Moment = START + 8 * HOUR;
const TRADERS: usize = 64;
const DEPOSIT: Balance = 1_000_000 * USDC;

type Id = SubAccountId<AccountId>;
type Book = BTreeMap<(Id, Instrument), pallet_margin::Position>;

fn rule() -> ListingRule {
	let terms = ListingTerms {
		tick: Price::from_rational(1, 100),
		lot: Contracts::from_rational(1, 1_000),
		open_interest_cap: Contracts::from_u32(100_000),
	};
	let daily = Series { count: 1, strikes_each_side: 10, strike_step: Permill::from_percent(1) };
	ListingRule {
		daily,
		weekly: Series::default(),
		monthly: Series::default(),
		quarterly: Series::default(),
		options: terms,
		futures: Some(terms),
	}
}

/// The listed contracts of [`EXPIRY`].
fn chain() -> Vec<Instrument> {
	ExpiryContracts::<Runtime>::get(ETH, EXPIRY)
		.into_iter()
		.map(|queued| Instrument { underlying: ETH, contract: queued.contract })
		.collect()
}

/// Has the rule list its first expiry; operators report on it.
fn list_chain() -> Prices {
	let mut prices = Prices::new(vec![]);
	prices.block();
	assert_ok!(Markets::set_listing_rule(RuntimeOrigin::root(), ETH, Some(rule())));
	(0..8).for_each(|_| prices.block());
	prices.expiries = vec![EXPIRY];
	prices.block();
	prices
}

fn pair(trader: usize) -> sr25519::Pair {
	sr25519::Pair::from_string(&format!("//Trader//{trader}"), None).expect("a derivation path")
}

fn owner(pair: &sr25519::Pair) -> AccountId {
	AccountId::from(pair.public())
}

fn fund(who: &AccountId) {
	Balances::set_balance(who, 10 * UNIT);
	assert_ok!(Assets::mint_into(SettlementAsset::get(), who, DEPOSIT + USDC));
	let origin = RuntimeOrigin::signed(who.clone());
	assert_ok!(Margin::deposit(origin, 0, AccountAsset::Cash, DEPOSIT));
}

fn block_trade(taker: &sr25519::Pair, maker: &sr25519::Pair, legs: Vec<Fill>) -> DispatchResult {
	let quote = Quote {
		maker: SubAccountId::new(owner(maker), 0),
		signer: owner(maker),
		taker: None,
		legs: legs.try_into().expect("few legs; qed"),
		expiry_block: System::block_number() + 5,
		nonce: 1 + u64::from(System::block_number()),
		genesis_hash: System::block_hash(0),
	};
	let signature = MultiSignature::Sr25519(maker.sign(&quote.signing_hash()));
	let origin = RuntimeOrigin::signed(owner(taker));
	Trading::block_trade(origin, SubAccountId::new(owner(taker), 0), quote, signature)
}

/// Lets time pass until the expiry, with reports each 21 seconds while the average is taken; the
/// price moves, so that the average is no round figure.
fn wait_until_expiry(prices: &mut Prices) {
	prices.feed();
	world::leap(EXPIRY - HOUR / 2 - 60_000 - world::now());
	let mut cents = 300_000;
	while world::now() < EXPIRY {
		cents += 37;
		for (underlying, price) in &mut prices.spot {
			if *underlying == ETH {
				*price = cents;
			}
		}
		prices.feed();
		world::next_block(21_000.min(EXPIRY - world::now()));
	}
}

fn positions() -> Book {
	let of = |(id, account): (Id, Account<_, _>)| {
		account
			.positions
			.iter()
			.map(|position| ((id.clone(), position.instrument), *position))
			.collect::<Vec<_>>()
	};
	pallet_margin::Accounts::<Runtime>::iter().flat_map(of).collect()
}

fn cash(id: &Id) -> i128 {
	pallet_margin::Accounts::<Runtime>::get(id).map_or(0, |account| account.cash)
}

/// How many holders were settled, since events were last reset.
fn settled() -> usize {
	let of_holder = |record: &frame_system::EventRecord<RuntimeEvent, _>| {
		matches!(record.event, RuntimeEvent::Margin(pallet_margin::Event::Settled { .. }))
	};
	System::events().iter().filter(|record| of_holder(record)).count()
}

/// The keys under which a moment is still found, in the key or the value. Those of the system's
/// records of blocks do not count.
fn mentions(moment: Moment) -> BTreeSet<Vec<u8>> {
	let needle = moment.to_le_bytes();
	let system = sp_io::hashing::twox_128(b"System");
	let found = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
	let mut keys = BTreeSet::new();
	let mut key = Vec::new();
	while let Some(next) = sp_io::storage::next_key(&key) {
		let value = sp_io::storage::get(&next).unwrap_or_default();
		if !next.starts_with(&system) && (found(&next) || found(&value)) {
			keys.insert(next.clone());
		}
		key = next;
	}
	keys
}

#[test]
fn chain_is_listed_by_rule_and_trades_once_its_prices_come() {
	world::from_preset("development").execute_with(|| {
		let mut prices = Prices::new(vec![]);
		prices.block();
		assert_ok!(Markets::set_listing_rule(RuntimeOrigin::root(), ETH, Some(rule())));
		(0..8).for_each(|_| prices.block());
		// 21 strikes around 3,000, 20 apart, and the future.
		assert_eq!(chain().len(), 43);
		let option =
			|strike| Instrument::option(ETH, EXPIRY, Price::from_u32(strike), OptionKind::Put);
		assert!(chain().contains(&option(2_800)) && chain().contains(&option(3_200)));
		let (taker, maker) = (pair(0), pair(1));
		[&taker, &maker].into_iter().for_each(|pair| fund(&owner(pair)));
		let trade = || {
			let fill = Fill {
				instrument: option(3_000),
				size: Contracts::ONE,
				price: Price::from_u32(20),
			};
			block_trade(&taker, &maker, vec![fill])
		};
		// There is no forward and no surface yet.
		let refused = trade().expect_err("it cannot be valued");
		assert_eq!(refused, pallet_margin::Error::<Runtime>::NoForward.into());
		prices.expiries = vec![EXPIRY];
		prices.block();
		assert_ok!(trade());
		world::check();
	});
}

#[test]
fn expiry_leaves_nothing_behind() {
	world::from_preset("development").execute_with(|| {
		let mut prices = list_chain();
		let traders: Vec<_> = (0..2).map(pair).collect();
		traders.iter().for_each(|trader| fund(&owner(trader)));
		let instrument = chain()[1];
		let fill = Fill { instrument, size: Contracts::ONE, price: Price::from_u32(20) };
		assert_ok!(block_trade(&traders[0], &traders[1], vec![fill]));
		// An order that nobody takes stays in the book.
		let bidder = SubAccountId::new(owner(&traders[0]), 0);
		bid(&traders[0], instrument, 15);
		assert!(mentions(EXPIRY).len() > 43);

		wait_until_expiry(&mut prices);
		prices.expiries.clear();
		// The next daily stands now; the rule goes round all that is left.
		(0..60).for_each(|_| prices.block());
		assert!(SettlementPrices::<Runtime>::iter().next().is_none());
		assert!(
			pallet_trading::OrdersOf::<Runtime>::get(&bidder).is_empty(),
			"nobody had to sweep"
		);
		assert!(Margin::order_totals(&bidder, &instrument).is_empty());
		world::check();
		prices.block();
		assert_eq!(mentions(EXPIRY), BTreeSet::new());
		assert_eq!(ExpiryContracts::<Runtime>::iter().count(), 1, "the next day's");
	});
}

/// A bid of one contract at so many dollars that rests.
fn bid(trader: &sr25519::Pair, instrument: Instrument, dollars: u32) {
	let order = OrderTerms {
		instrument,
		side: OrderSide::Buy,
		price: Price::from_u32(dollars),
		size: Contracts::ONE,
		time_in_force: TimeInForce::Resting { until: None, post_only: false },
		self_trade: SelfTrade::CancelResting,
		reduce_only: false,
	};
	let bidder = SubAccountId::new(owner(trader), 0);
	let origin = RuntimeOrigin::signed(owner(trader));
	assert_ok!(Trading::place_order(origin, bidder, order, 0));
}

/// Orders by whether their contracts have expired: (dead, alive).
fn resting() -> (usize, usize) {
	let orders = pallet_trading::Orders::<Runtime>::iter_values();
	let (dead, alive): (Vec<_>, Vec<_>) =
		orders.partition(|record| record.instrument.expiry() == Some(EXPIRY));
	(dead.len(), alive.len())
}

#[test]
fn more_dead_orders_than_a_block_cancels_go_in_a_few_blocks_and_the_others_stay() {
	world::from_preset("development").execute_with(|| {
		let mut prices = list_chain();
		let chain = chain();
		let most =
			usize::try_from(<<Runtime as pallet_trading::Config>::MaxCancelledPerBlock as Get<
				u32,
			>>::get())
			.expect("small");
		// All in one book, and some in every other one.
		let traders: Vec<_> = (0..6).map(pair).collect();
		for (at, trader) in traders.iter().enumerate() {
			fund(&owner(trader));
			let dollars = 15 + u32::try_from(at).expect("small");
			(0..30).for_each(|_| bid(trader, chain[0], dollars));
			let others = chain.iter().skip(1 + at).step_by(traders.len());
			others.for_each(|of| bid(trader, *of, 15));
			bid(trader, Instrument::perpetual(ETH), dollars);
		}
		let dead = 6 * 30 + chain.len() - 1;
		assert_eq!(resting(), (dead, 6));

		wait_until_expiry(&mut prices);
		prices.expiries.clear();
		let (mut left, mut blocks) = (resting().0, 0);
		while left > 0 {
			prices.block();
			let now = resting().0;
			assert!(left - now <= most, "{left} to {now}");
			(left, blocks) = (now, blocks + 1);
			world::check();
			assert!(blocks <= chain.len() + 1 + dead.div_ceil(most), "it goes on and on");
		}
		assert_eq!(resting(), (0, 6));
		for trader in &traders {
			let bidder = SubAccountId::new(owner(trader), 0);
			let open = pallet_margin::OpenOrderTotals::<Runtime>::get(bidder);
			assert_eq!(open.len(), 1, "the perpetual's");
		}
	});
}

/// The instrument's mark, rounded up to its tick.
fn fair(instrument: &Instrument) -> Price {
	let mark = Margin::mark(instrument).expect("it is live; qed").into_inner();
	let tick = rule().options.tick.into_inner();
	Price::from_inner(mark.div_ceil(tick) * tick)
}

/// Each trader trades eight contracts of the chain with each of two others: 32 positions each.
fn open_positions(instruments: &[Instrument]) {
	let pairs: Vec<_> = (0..TRADERS).map(pair).collect();
	pairs.iter().for_each(|pair| fund(&owner(pair)));
	for distance in [1, 2] {
		for (taker, pair) in pairs.iter().enumerate() {
			let maker = &pairs[(taker + distance) % TRADERS];
			let legs = (0..8).map(|leg| {
				let at = (taker * 11 + distance * 17 + leg * 5) % instruments.len();
				let lots = i128::try_from(1 + (taker * 7 + leg * 13) % 900).expect("small; qed");
				let sign = if (taker + leg) % 2 == 0 { 1 } else { -1 };
				let instrument = instruments[at];
				let size = Contracts::from_inner(sign * lots * 1_000_000_000_000_000);
				Fill { instrument, size, price: fair(&instrument) }
			});
			assert_ok!(block_trade(pair, maker, legs.collect()));
		}
		world::next_block(6_000);
	}
}

/// What a holder is paid: its payoff, rounded down, less what it entered at.
fn payment(position: &pallet_margin::Position, price: Price) -> (i128, i128) {
	let payoff = plimsoll_risk::payoff(&position.instrument, price);
	let paid = money::cost(payoff, position.size, 6, Rounding::Down).expect("small; qed");
	(paid, paid - position.entry_value)
}

#[test]
fn chain_with_a_thousand_positions_is_settled_over_several_blocks_to_the_unit() {
	world::from_preset("development").execute_with(|| {
		let mut prices = list_chain();
		let instruments = chain();
		open_positions(&instruments);
		let open = positions();
		assert!(open.len() >= 1_000, "{} positions", open.len());
		let holders: BTreeSet<_> = open.keys().map(|(id, _)| id.clone()).collect();
		assert_eq!(holders.len(), TRADERS);
		assert!(open.keys().map(|(_, instrument)| instrument).collect::<BTreeSet<_>>().len() > 40);
		wait_until_expiry(&mut prices);
		assert_eq!(positions(), open, "nothing settles before the expiry is seen to have passed");
		let cash_before: BTreeMap<_, _> = holders.iter().map(|id| (id, cash(id))).collect();
		let before = pallet_margin::Ledger::<Runtime>::get();

		let mut blocks = 0;
		let mut price = None;
		let mut withdrawn: BTreeMap<Id, i128> = BTreeMap::new();
		let most =
			usize::try_from(<<Runtime as pallet_markets::Config>::MaxSettlementsPerBlock as Get<
				u32,
			>>::get());
		let most = most.expect("small; qed");
		let share: Weight = crate::configs::SettlementShare::get() * MAXIMUM_BLOCK_WEIGHT;
		while !positions().is_empty() {
			prices.feed();
			System::reset_events();
			let weight = world::weigh_next_block(6_000);
			assert!(weight.all_lte(share), "{weight:?} is more than {share:?}");
			assert!(settled() <= most, "{} in one block", settled());
			world::check();
			blocks += 1;
			price = SettlementPrices::<Runtime>::get(ETH, EXPIRY).or(price);
			assert!(blocks < 100, "all are settled in the end");
			// Some touch their accounts meanwhile, which settles some positions of theirs.
			for id in holders.iter().skip(blocks).step_by(9) {
				let origin = RuntimeOrigin::signed(id.owner.clone());
				assert_ok!(Margin::withdraw(origin, 0, AccountAsset::Cash, USDC));
				*withdrawn.entry(id.clone()).or_default() += 1_000_000;
			}
		}
		assert!(blocks > 5, "{blocks} blocks for {} positions", open.len());
		assert!(!withdrawn.is_empty());

		// Lazily or eagerly, each got exactly what its positions were worth.
		let price = price.expect("it was fixed; qed");
		let mut paid = 0;
		let mut expected = cash_before.clone();
		for ((id, _), position) in &open {
			let (payoff, cash_change) = payment(position, price);
			paid += payoff;
			*expected.get_mut(id).expect("a holder; qed") += cash_change;
		}
		for (id, expected) in expected {
			let withdrawn = withdrawn.get(id).copied().unwrap_or(0);
			assert_eq!(cash(id), expected - withdrawn, "{id:?}");
		}
		// What rounding took is the insurance fund's: less than a unit a position.
		let after = pallet_margin::Ledger::<Runtime>::get();
		let dust = i128::try_from(after.insurance - before.insurance).expect("small; qed");
		assert_eq!(dust, -paid);
		assert!(dust > 0 && usize::try_from(dust).is_ok_and(|dust| dust < open.len()));
		assert_eq!(after.settlement, 0);
		assert!(pallet_margin::Holders::<Runtime>::iter().next().is_none());
		assert!(pallet_margin::Settling::<Runtime>::iter().next().is_none());
		assert!(pallet_margin::PassedOver::<Runtime>::iter().next().is_none());
		(0..60).for_each(|_| prices.block());
		assert_eq!(mentions(EXPIRY), BTreeSet::new());
		world::check();
	});
}
