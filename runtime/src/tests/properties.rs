//! Random operations on the real runtime: whatever users, operators and time do, cash is conserved
//! to the unit, contracts sum to zero, nobody takes risk without margin, every pallet's state holds
//! together, and all accounts can be rebuilt from events alone.

use super::world::{self, account, Prices, BLOCK_TIME, HOUR, START, USDC};
use crate::{
	configs::{MarginPalletId, SettlementAsset},
	genesis_config_presets::{ether, ETH, ETH_COLLATERAL},
	AccountId, AssetConversion, Assets, Liquidation, Margin, Markets, Oracle, Runtime,
	RuntimeEvent, RuntimeOrigin, Spot, System, Trading,
};
use core::cell::Cell;
use frame_support::{storage::with_storage_layer, traits::fungibles::Inspect};
use pallet_asset_conversion::PoolLocator;
use pallet_liquidation::ProviderTerms;
use pallet_margin::{replay::Replay, AccountAsset, Fees};
use pallet_markets::FundingParams;
use pallet_spot::PairTerms;
use pallet_trading::{
	AnswerTerms, ComplexRest, ComplexTerms, OrderTerms, RequestLeg, RequestTerms, SelfTrade,
	TimeInForce,
};
use plimsoll_primitives::{
	money, Contracts, Fill, Health, Instrument, LiquidationLedger, Moment, OrderSide, Price,
	PriceOracle, Rounding, Stance, SubAccountId, UsdValue,
};
use plimsoll_risk::{MarketState, UnderlyingState};
use proptest::{
	prelude::*,
	test_runner::{RngSeed, TestRunner},
};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve};
use sp_runtime::{traits::AccountIdConversion, DispatchResult, Permill};
use std::collections::BTreeMap;

/// Who takes part; the last is a back-stop provider.
const TRADERS: [Sr25519Keyring; 5] = [Alice, Bob, Charlie, Dave, Eve];
/// When the dated contracts expire.
const EXPIRY: Moment = START + 4 * HOUR;
/// One whole ether.
const ETHER: u128 = 1_000_000_000_000_000_000;
/// One minute.
const MINUTE: Moment = 60_000;

#[derive(Clone, Debug)]
enum Operation {
	Deposit {
		trader: usize,
		usdc: u128,
	},
	Withdraw {
		trader: usize,
		usdc: u128,
	},
	/// By a quote that the maker signs or, asked for on the chain, answers with.
	Trade {
		taker: usize,
		maker: usize,
		instrument: usize,
		lots: i32,
		off_mark: i32,
		requested: bool,
	},
	/// Fills and rests in the order book; a buy where `lots` are positive.
	Order {
		trader: usize,
		instrument: usize,
		lots: i32,
		off_mark: i32,
	},
	/// Two legs that trade together, with another's complex order or in their books, or rest.
	Complex {
		trader: usize,
		instruments: [usize; 2],
		lots: i32,
		off_mark: i32,
	},
	Collateral {
		trader: usize,
		thousandths: u128,
	},
	/// Brings a quote of another trader's for a half of it, this many dollars off 3,000.
	Swap {
		trader: usize,
		buys: bool,
		thousandths: u128,
		off: i32,
	},
	/// Fills and rests in the book of ether, this many dollars off 3,000.
	EtherOrder {
		trader: usize,
		buys: bool,
		thousandths: u128,
		off: i32,
	},
	/// All of an account's orders in collateral go.
	CancelAll {
		trader: usize,
	},
	Move {
		underlying: usize,
		percent: i64,
	},
	/// The operators fall silent for this many blocks.
	Silence {
		blocks: u32,
	},
	Wait {
		minutes: u64,
	},
}

fn operation() -> impl Strategy<Value = Operation> {
	let trader = 0..TRADERS.len();
	prop_oneof![
		1 => (trader.clone(), 1u128..10_000).prop_map(|(trader, usdc)| Operation::Deposit { trader, usdc }),
		2 => (trader.clone(), 1u128..50_000).prop_map(|(trader, usdc)| Operation::Withdraw { trader, usdc }),
		1 => (trader.clone(), 1u128..4_000)
			.prop_map(|(trader, thousandths)| Operation::Collateral { trader, thousandths }),
		1 => (trader.clone(), any::<bool>(), 4u128..900, -20i32..20).prop_map(
			|(trader, buys, thousandths, off)| Operation::Swap { trader, buys, thousandths, off }
		),
		6 => (trader.clone(), any::<bool>(), 4u128..900, -20i32..20).prop_map(
			|(trader, buys, thousandths, off)| Operation::EtherOrder { trader, buys, thousandths, off }
		),
		1 => trader.clone().prop_map(|trader| Operation::CancelAll { trader }),
		8 => (trader.clone(), 0usize..5, -8_000i32..8_000, -1i32..=1).prop_map(
			|(trader, instrument, lots, off_mark)| Operation::Order {
				trader, instrument, lots, off_mark,
			}
		),
		5 => (trader.clone(), 0usize..2, any::<bool>(), -1i32..=1).prop_map(
			|(trader, first, buys, off_mark)| Operation::Complex {
				// Two packages of one size, so that some meet.
				trader, instruments: [first, first + 1], lots: if buys { 300 } else { -300 }, off_mark,
			}
		),
		8 => (trader.clone(), trader, 0usize..5, -8_000i32..8_000, -3i32..=3, any::<bool>()).prop_map(
			|(taker, maker, instrument, lots, off_mark, requested)| Operation::Trade {
				taker, maker, instrument, lots, off_mark, requested,
			}
		),
		9 => (0usize..2, -35i64..=45).prop_map(|(underlying, percent)| Operation::Move { underlying, percent }),
		1 => (1u32..15).prop_map(|blocks| Operation::Silence { blocks }),
		1 => (1u64..240).prop_map(|minutes| Operation::Wait { minutes }),
	]
}

/// What came of the operations.
#[derive(Clone, Copy, Debug, Default)]
struct Happened {
	trades: u32,
	refused_trades: u32,
	withdrawals: u32,
	refused_withdrawals: u32,
	/// Accounts that entered the waterfall.
	liquidations: u32,
	/// Instruments that were settled.
	settlements: u32,
	/// Fills in the order book.
	fills: u32,
	/// Complex orders that traded with others and in the books.
	packages: [u32; 2],
	/// Swaps of collateral, and of them those that took from the book and those that took a quote, too.
	swaps: [u32; 3],
	/// Fills in the book of ether, and orders there that went because of the waterfall.
	ether: [u32; 2],
	/// Payments of funding.
	funding: u32,
	/// Interest and shared losses that came to an account.
	accruals: u32,
	/// Slices that providers took.
	slices: u32,
	/// Losses that were shared.
	losses: u32,
}

impl core::ops::Add for Happened {
	type Output = Self;

	fn add(self, other: Self) -> Self {
		Self {
			trades: self.trades + other.trades,
			refused_trades: self.refused_trades + other.refused_trades,
			withdrawals: self.withdrawals + other.withdrawals,
			refused_withdrawals: self.refused_withdrawals + other.refused_withdrawals,
			liquidations: self.liquidations + other.liquidations,
			settlements: self.settlements + other.settlements,
			fills: self.fills + other.fills,
			packages: [0, 1].map(|at| self.packages[at] + other.packages[at]),
			swaps: [0, 1, 2].map(|at| self.swaps[at] + other.swaps[at]),
			ether: [0, 1].map(|at| self.ether[at] + other.ether[at]),
			funding: self.funding + other.funding,
			accruals: self.accruals + other.accruals,
			slices: self.slices + other.slices,
			losses: self.losses + other.losses,
		}
	}
}

impl Happened {
	fn count_spot(&mut self, event: &pallet_spot::Event<Runtime>) {
		use pallet_spot::{CancelCause, Event, Venue};
		match event {
			Event::Swapped { slices, .. } => {
				self.swaps[0] += 1;
				let took = |venue| u32::from(slices.iter().any(|slice| slice.venue == venue));
				self.swaps[1] += took(Venue::Book);
				self.swaps[2] += took(Venue::Quotes);
			}
			Event::OrderFilled { .. } => self.ether[0] += 1,
			Event::OrderCancelled { cause: CancelCause::Liquidation, .. } => self.ether[1] += 1,
			_ => {}
		}
	}

	fn count(&mut self, event: &pallet_margin::Event<Runtime>) {
		use pallet_margin::Event;
		match event {
			Event::FundingPaid { .. } => self.funding += 1,
			Event::CashAccrued { .. } => self.accruals += 1,
			Event::SliceTransferred { .. } => self.slices += 1,
			Event::LossShared { .. } => self.losses += 1,
			_ => {}
		}
	}
}

/// What trading, spot and liquidation have told of trades, less what accounts were told of their parts in
/// them: nothing, if both tell all.
#[derive(Default)]
struct Untold {
	sizes: BTreeMap<(SubAccountId<AccountId>, Instrument), i128>,
	/// Of ether: bought, and paid before fees of the book.
	exchanged: BTreeMap<SubAccountId<AccountId>, (i128, i128)>,
	fees: BTreeMap<SubAccountId<AccountId>, i128>,
}

impl Untold {
	fn size(&mut self, account: &SubAccountId<AccountId>, instrument: Instrument, change: i128) {
		*self.sizes.entry((account.clone(), instrument)).or_default() += change;
	}

	fn trade(&mut self, [buyer, seller]: [&SubAccountId<AccountId>; 2], leg: &Fill) {
		self.size(buyer, leg.instrument, leg.size.into_inner());
		self.size(seller, leg.instrument, -leg.size.into_inner());
	}

	fn exchange(
		&mut self,
		account: &SubAccountId<AccountId>,
		side: OrderSide,
		(amount, cash): (u128, u128),
		sign: i128,
	) {
		let sign = if side == OrderSide::Buy { sign } else { -sign };
		let small = |units: u128| i128::try_from(units).expect("small; qed");
		let sum = self.exchanged.entry(account.clone()).or_default();
		*sum = (sum.0 + sign * small(amount), sum.1 + sign * small(cash));
	}

	fn follow_spot(&mut self, event: &pallet_spot::Event<Runtime>) {
		use pallet_spot::{Event, Venue};
		match event {
			Event::OrderFilled {
				taker, maker, side, amount, cash, taker_fee, maker_fee, ..
			}
			| Event::QuoteTaken {
				taker, maker, side, amount, cash, taker_fee, maker_fee, ..
			} => {
				self.exchange(taker, *side, (*amount, *cash), 1);
				self.exchange(maker, side.opposite(), (*amount, *cash), 1);
				self.fee(taker, *taker_fee, 1);
				self.fee(maker, *maker_fee, 1);
			}
			Event::Swapped { account, side, slices, .. } => {
				for slice in slices.iter().filter(|slice| slice.venue == Venue::Pool) {
					self.exchange(account, *side, (slice.amount, slice.cash), 1);
				}
			}
			_ => {}
		}
	}

	fn fee(&mut self, account: &SubAccountId<AccountId>, fee: u128, sign: i128) {
		let fee = i128::try_from(fee).expect("small; qed");
		*self.fees.entry(account.clone()).or_default() += fee * sign;
	}

	fn follow(&mut self, event: &RuntimeEvent) {
		use pallet_liquidation::Event as Waterfall;
		use pallet_margin::Event as Account;
		use pallet_trading::Event as Trade;
		match event {
			RuntimeEvent::Trading(
				Trade::BlockTraded { maker, taker, legs, .. }
				| Trade::RequestFilled { maker, taker, legs, .. }
				| Trade::ComplexOrderTaken { maker, taker, legs, .. },
			) => legs.iter().for_each(|leg| self.trade([taker, maker], leg)),
			RuntimeEvent::Trading(Trade::OrderFilled {
				taker,
				maker,
				instrument,
				side,
				size,
				price,
				taker_fee,
				maker_fee,
				..
			}) => {
				let size = side.signed(*size).expect("it has a negative; qed");
				let fill = Fill { instrument: *instrument, size, price: *price };
				self.trade([taker, maker], &fill);
				self.fee(taker, *taker_fee, 1);
				self.fee(maker, *maker_fee, 1);
			}
			RuntimeEvent::Liquidation(
				Waterfall::Deleveraged { account, counterparty, instrument, size }
				| Waterfall::HedgeBroken { account, counterparty, instrument, size },
			) => {
				let leg = Fill { instrument: *instrument, size: *size, price: Price::ONE };
				self.trade([account, counterparty], &leg);
			}
			RuntimeEvent::Margin(Account::PositionChanged {
				account, instrument, change, ..
			}) => self.size(account, *instrument, -change.into_inner()),
			RuntimeEvent::Spot(event) => self.follow_spot(event),
			RuntimeEvent::Margin(Account::CollateralExchanged {
				account,
				side,
				amount,
				cash,
				..
			}) => self.exchange(account, *side, (*amount, *cash), -1),
			RuntimeEvent::Margin(Account::SetAsideExchanged {
				account,
				side,
				amount,
				cash,
				fee,
				..
			}) => {
				self.exchange(account, *side, (*amount, *cash), -1);
				self.fee(account, *fee, -1);
			}
			RuntimeEvent::Margin(Account::TradingFeeCharged { account, fee }) => {
				self.fee(account, *fee, -1)
			}
			_ => {}
		}
	}

	fn check(&self) {
		assert!(self.sizes.values().all(|size| *size == 0), "{:?}", self.sizes);
		assert!(self.fees.values().all(|fee| *fee == 0), "{:?}", self.fees);
		assert!(self.exchanged.values().all(|sum| *sum == (0, 0)), "{:?}", self.exchanged);
	}
}

struct World {
	prices: Prices,
	instruments: Vec<Instrument>,
	nonce: u64,
	happened: Happened,
	/// What events have told.
	replay: Replay<AccountId>,
}

impl World {
	fn new() -> Self {
		let prices = Prices::new(vec![EXPIRY]);
		prices.block();
		let instruments = world::list(EXPIRY);
		prices.block();
		for trader in TRADERS {
			world::deposit(trader, 20_000).expect("development accounts are rich");
		}
		for trader in [Alice, Charlie, Dave] {
			deposit_ether(trader, 700).expect("development accounts have some ether");
		}
		let terms = ProviderTerms {
			minimum_discount: Permill::from_percent(10),
			maximum_slice: UsdValue::from_u32(1_000_000),
		};
		Liquidation::opt_in(RuntimeOrigin::signed(Eve.to_account_id()), 0, terms)
			.expect("the provider has the least equity");
		open_pool();
		let fees = Fees { maker: Permill::from_parts(123), ..Fees::default() };
		Margin::set_fees(RuntimeOrigin::root(), fees).expect("below a hundredth");
		let funding = FundingParams { smoothing: MINUTE, ..FundingParams::default() };
		Markets::set_funding(RuntimeOrigin::root(), ETH, funding).expect("it is listed");
		let (nonce, happened) = (0, Happened::default());
		Self { prices, instruments, nonce, happened, replay: Replay::default() }
	}

	/// A price this many per cent off the instrument's mark, in ticks.
	fn price(&self, instrument: &Instrument, off_mark: i32) -> Option<Price> {
		let underlying = instrument.underlying;
		let market = MarketState::new(
			world::now(),
			Price::ONE,
			vec![UnderlyingState::new(underlying, Oracle::prices(underlying).ok()?, true)],
		);
		let mark = plimsoll_risk::mark(&market, instrument).ok()?;
		let percent = u128::try_from(100 + off_mark).expect("between 97 and 103; qed");
		let cent = Price::from_rational(1, 100).into_inner();
		Some(Price::from_inner((mark.into_inner() * percent / 100 / cent + 1) * cent))
	}

	/// So many thousandths of a contract at a price so far off its mark.
	fn leg(&self, instrument: usize, lots: i32, off_mark: i32) -> Option<Fill> {
		let instrument = self.instruments[instrument];
		let size = Contracts::from_inner(i128::from(lots) * 1_000_000_000_000_000);
		Some(Fill { instrument, size, price: self.price(&instrument, off_mark)? })
	}

	fn trade(&mut self, [taker, maker]: [Sr25519Keyring; 2], leg: Fill, requested: bool) {
		let sides = [account(taker), account(maker)];
		let before = sides.clone().map(|side| health(&side));
		self.nonce += 1;
		let traded = if requested {
			with_storage_layer(|| trade_by_request(taker, maker, leg))
		} else {
			world::trade(taker, maker, vec![leg], self.nonce)
		};
		if traded.is_err() {
			self.happened.refused_trades += 1;
		} else {
			self.happened.trades += 1;
			for (side, before) in sides.iter().zip(before) {
				let after = health(side).expect("a traded account exists and has prices");
				assert!(
					passes_gate(before, &after),
					"{side:?} took risk without margin: {after:?}"
				);
			}
		}
	}

	fn apply(&mut self, operation: Operation) {
		match operation {
			Operation::Deposit { trader, usdc } => {
				world::deposit(TRADERS[trader], usdc).expect("development accounts are rich");
			}
			Operation::Withdraw { trader, usdc } => {
				let account = account(TRADERS[trader]);
				let withdrawn = Margin::withdraw(
					RuntimeOrigin::signed(account.owner.clone()),
					0,
					AccountAsset::Cash,
					usdc * USDC,
				);
				if withdrawn.is_err() {
					self.happened.refused_withdrawals += 1;
					return self.end_block();
				}
				self.happened.withdrawals += 1;
				if Margin::exists(&account) {
					if let Some(after) = health(&account) {
						assert!(after.equity >= after.initial_margin, "{after:?}");
					}
				}
			}
			Operation::Trade { taker, maker, instrument, lots, off_mark, requested } => {
				if let Some(leg) = self.leg(instrument, lots, off_mark) {
					self.trade([taker, maker].map(|at| TRADERS[at]), leg, requested);
				}
			}
			Operation::Order { trader, instrument, lots, off_mark } => {
				if let Some(leg) = self.leg(instrument, lots, off_mark) {
					// Those that are refused, and why, the tests of the order book tell.
					let _ = with_storage_layer(|| place(TRADERS[trader], leg));
				}
			}
			Operation::Complex { trader, instruments, lots, off_mark } => {
				let [first, second] = instruments;
				let legs = (self.leg(first, lots, off_mark), self.leg(second, -lots, -off_mark));
				if let (Some(first), Some(second)) = legs {
					let _ = with_storage_layer(|| place_complex(TRADERS[trader], [first, second]));
				}
			}
			Operation::Collateral { trader, thousandths } => {
				// Development accounts have some ether, not any amount.
				let _ = with_storage_layer(|| deposit_ether(TRADERS[trader], thousandths));
			}
			Operation::Swap { trader, buys, thousandths, off } => {
				let side = if buys { OrderSide::Buy } else { OrderSide::Sell };
				let price = Price::from_u32(u32::try_from(3_000 + off).expect("positive; qed"));
				let maker = TRADERS[(trader + 1) % TRADERS.len()];
				self.nonce += 1;
				let offered = thousandths.div_ceil(2) * ETHER / 1_000;
				let quote =
					world::ether_quote(maker, (side.opposite(), price), offered, self.nonce);
				let _ = with_storage_layer(|| swap(TRADERS[trader], side, thousandths, quote));
			}
			Operation::EtherOrder { trader, buys, thousandths, off } => {
				let side = if buys { OrderSide::Buy } else { OrderSide::Sell };
				let price = u32::try_from(3_000 + off).expect("positive; qed");
				let key = TRADERS[trader];
				let _ = with_storage_layer(|| place_ether(key, side, thousandths, price));
			}
			Operation::CancelAll { trader } => {
				let key = TRADERS[trader];
				let origin = RuntimeOrigin::signed(key.to_account_id());
				Spot::cancel_all(origin, account(key), None).expect("cancelling goes through");
				assert!(!pallet_margin::Escrows::<Runtime>::contains_key(account(key)));
			}
			Operation::Move { underlying, percent } => {
				let cents = &mut self.prices.spot[underlying].1;
				let factor = u64::try_from(100 + percent).expect("above 65; qed");
				*cents = (*cents * factor / 100).clamp(10_000, 100_000_000);
			}
			Operation::Silence { blocks } => {
				(0..blocks).for_each(|_| world::next_block(BLOCK_TIME));
			}
			Operation::Wait { minutes } => {
				self.wait_until(world::now() + minutes * MINUTE);
			}
		}
		self.end_block();
	}

	/// Lets time pass in one leap, but feeds each minute of the window that settlement prices are
	/// averaged over.
	fn wait_until(&mut self, end: Moment) {
		let window = EXPIRY - HOUR / 2..=EXPIRY;
		while world::now() < end {
			let now = world::now();
			let next = if window.contains(&now) {
				now + MINUTE
			} else if now < *window.start() {
				end.min(*window.start())
			} else {
				end
			};
			self.prices.feed();
			world::leap(next - now);
		}
	}

	/// Prices come, the next block's hooks run, and everything must hold.
	fn end_block(&mut self) {
		self.prices.block();
		let mut untold = Untold::default();
		for record in System::events() {
			untold.follow(&record.event);
			match record.event {
				RuntimeEvent::Liquidation(pallet_liquidation::Event::Entered { .. }) => {
					self.happened.liquidations += 1;
				}
				RuntimeEvent::Markets(pallet_markets::Event::Settled { .. }) => {
					self.happened.settlements += 1;
				}
				RuntimeEvent::Trading(pallet_trading::Event::OrderFilled { .. }) => {
					self.happened.fills += 1;
				}
				RuntimeEvent::Trading(pallet_trading::Event::ComplexOrderTaken { .. }) => {
					self.happened.packages[0] += 1;
				}
				RuntimeEvent::Trading(pallet_trading::Event::ComplexOrderFilled { .. }) => {
					self.happened.packages[1] += 1;
				}
				RuntimeEvent::Spot(event) => self.happened.count_spot(&event),
				RuntimeEvent::Margin(event) => {
					self.happened.count(&event);
					self.replay.apply(&event).expect("no event was left out");
				}
				_ => {}
			}
		}
		System::reset_events();
		untold.check();
		assert_eq!(self.replay, Replay::of_state::<Runtime>(), "events tell all");
		check_conservation();
		world::check();
	}
}

/// A pool of ten ether at 3,000.
fn open_pool() {
	let owner = Sr25519Keyring::Ferdie.to_account_id();
	let origin = RuntimeOrigin::signed(owner.clone());
	let terms = PairTerms {
		tick: Price::from_rational(1, 100),
		lot: ETHER / 1_000,
		minimum_value: UsdValue::from_u32(10),
		price_band: Permill::from_percent(20),
	};
	Spot::set_pair(RuntimeOrigin::root(), ETH_COLLATERAL, Some(terms)).expect("ether is listed");
	let (cash, base) = (Box::new(SettlementAsset::get()), Box::new(ether()));
	AssetConversion::create_pool(origin.clone(), cash.clone(), base.clone())
		.expect("there is none");
	let (of_cash, of_base) = (30_000 * USDC, 10 * ETHER);
	AssetConversion::add_liquidity(origin, cash, base, of_cash, of_base, 1, 1, owner)
		.expect("development accounts are rich");
}

fn deposit_ether(key: Sr25519Keyring, thousandths: u128) -> DispatchResult {
	let asset = AccountAsset::Collateral(ETH_COLLATERAL);
	let origin = RuntimeOrigin::signed(key.to_account_id());
	Margin::deposit(origin, 0, asset, thousandths * ETHER / 1_000)
}

/// At any price that the pair's band allows.
fn swap(
	key: Sr25519Keyring,
	side: OrderSide,
	thousandths: u128,
	quote: pallet_spot::SignedQuoteOf<Runtime>,
) -> DispatchResult {
	let worst = Price::from_u32(if side == OrderSide::Buy { 1_000_000 } else { 1 });
	let amount = thousandths * ETHER / 1_000;
	let origin = RuntimeOrigin::signed(key.to_account_id());
	let quotes = vec![quote].try_into().expect("one; qed");
	Spot::swap(origin, account(key), ETH_COLLATERAL, side, amount, worst, false, quotes)
		.map(|_| ())
		.map_err(|error| error.error)
}

/// An order in ether that fills with up to four and rests with what is left.
fn place_ether(
	key: Sr25519Keyring,
	side: OrderSide,
	thousandths: u128,
	dollars: u32,
) -> DispatchResult {
	let order = pallet_spot::OrderTerms {
		collateral: ETH_COLLATERAL,
		side,
		price: Price::from_u32(dollars),
		amount: thousandths * ETHER / 1_000,
		time_in_force: TimeInForce::Resting { until: None, post_only: false },
		self_trade: SelfTrade::CancelResting,
	};
	let origin = RuntimeOrigin::signed(key.to_account_id());
	Spot::place_order(origin, account(key), order, 4).map(|_| ()).map_err(|failed| failed.error)
}

/// An order that fills with up to four and rests with what is left.
fn place(key: Sr25519Keyring, leg: Fill) -> DispatchResult {
	let side = if leg.size.is_negative() { OrderSide::Sell } else { OrderSide::Buy };
	let order = OrderTerms {
		instrument: leg.instrument,
		side,
		price: leg.price,
		size: leg.size.checked_abs().expect("small; qed"),
		time_in_force: TimeInForce::Resting { until: None, post_only: false },
		self_trade: SelfTrade::CancelResting,
		reduce_only: false,
	};
	let origin = RuntimeOrigin::signed(key.to_account_id());
	Trading::place_order(origin, account(key), order, 4).map(|_| ()).map_err(|failed| failed.error)
}

/// Legs that trade at once, at no worse than their prices together, or rest for some blocks.
fn place_complex(key: Sr25519Keyring, legs: [Fill; 2]) -> DispatchResult {
	let value = |leg: &Fill| {
		money::value(leg.price, leg.size, Rounding::Up).expect("small; qed").into_inner()
	};
	let terms = ComplexTerms {
		legs: legs
			.each_ref()
			.map(|leg| RequestLeg { instrument: leg.instrument, size: leg.size })
			.to_vec()
			.try_into()
			.expect("two; qed"),
		most: UsdValue::from_inner(legs.iter().map(value).sum()),
		self_trade: SelfTrade::CancelResting,
		rest: Some(ComplexRest {
			prices: legs.each_ref().map(|leg| leg.price).to_vec().try_into().expect("two; qed"),
			until: System::block_number() + 20,
		}),
	};
	let origin = RuntimeOrigin::signed(key.to_account_id());
	Trading::place_complex_order(origin, account(key), terms, 6)
		.map(|_| ())
		.map_err(|failed| failed.error)
}

/// The taker asks for a quote of one leg, the maker answers, the taker takes it.
fn trade_by_request(taker: Sr25519Keyring, maker: Sr25519Keyring, leg: Fill) -> DispatchResult {
	let request = pallet_trading::NextRequestId::<Runtime>::get();
	let [asks, answers] = [taker, maker].map(|key| RuntimeOrigin::signed(key.to_account_id()));
	let expiry_block = System::block_number() + 5;
	let legs = vec![RequestLeg { instrument: leg.instrument, size: leg.size }];
	let terms = RequestTerms {
		legs: legs.try_into().expect("one; qed"),
		two_sided: false,
		makers: Default::default(),
		expiry_block,
	};
	Trading::request_quote(asks.clone(), account(taker), terms)?;
	let ask = Some(vec![leg.price].try_into().expect("one; qed"));
	let terms = AnswerTerms { ask, bid: None, valid_until: expiry_block };
	Trading::answer_request(answers, request, account(maker), terms)?;
	let most = UsdValue::from_u32(u32::MAX);
	Trading::accept_answer(asks, request, account(maker), OrderSide::Buy, most)
		.map(|_| ())
		.map_err(|failed| failed.error)
}

fn health(account: &SubAccountId<AccountId>) -> Option<Health> {
	Margin::health(account, Stance::Unfavourable).ok()
}

/// Enough equity, or less risk than before and no less of it covered.
fn passes_gate(before: Option<Health>, after: &Health) -> bool {
	if after.equity >= after.initial_margin {
		return true;
	}
	before.is_some_and(|before| {
		let free =
			|health: &Health| health.equity.into_inner() - health.initial_margin.into_inner();
		after.initial_margin < before.initial_margin && free(after) >= free(&before)
	})
}

/// What development accounts, the clearing house and the pool hold together never changes. (How that is
/// divided inside the clearing house, its own state check knows.)
fn check_conservation() {
	let pot: AccountId = MarginPalletId::get().into_account_truncating();
	let outside: u128 =
		Sr25519Keyring::well_known().map(|key| world::plain_balance(&key.to_account_id())).sum();
	let pool: AccountId = <Runtime as pallet_asset_conversion::Config>::PoolLocator::pool_address(
		&SettlementAsset::get(),
		&ether(),
	)
	.expect("a pair");
	let held = |who| Assets::balance(SettlementAsset::get(), who);
	assert_eq!(outside + held(&pot) + held(&pool), Assets::total_issuance(SettlementAsset::get()));
	assert_eq!(Margin::unbooked(&SettlementAsset::get()), Some(0), "cash came from nowhere");
}

#[test]
fn invariants_hold_whatever_happens() {
	// The seed is fixed so that a failure is the change's, not the day's.
	let config = ProptestConfig {
		cases: 144,
		rng_seed: RngSeed::Fixed(20_260_101),
		failure_persistence: None,
		max_shrink_iters: 200,
		..ProptestConfig::default()
	};
	let total = Cell::new(Happened::default());
	TestRunner::new(config)
		.run(&prop::collection::vec(operation(), 50), |operations| {
			let happened = world::from_preset("development").execute_with(|| {
				let mut world = World::new();
				for operation in operations {
					world.apply(operation);
				}
				world.happened
			});
			total.set(total.get() + happened);
			Ok(())
		})
		.expect("the invariants hold");

	// A property of operations that are all refused would hold of anything.
	let total = total.get();
	println!("{total:?}");
	assert!(total.trades >= 200 && total.refused_trades >= 100, "{total:?}");
	assert!(total.withdrawals >= 50 && total.refused_withdrawals >= 20, "{total:?}");
	assert!(total.liquidations >= 10 && total.settlements >= 50, "{total:?}");
	assert!(total.fills >= 20 && total.swaps[0] >= 30 && total.funding >= 100, "{total:?}");
	assert!(
		total.swaps[1] >= 5 && total.swaps[2] >= 5 && total.ether[0] >= 30 && total.ether[1] >= 1,
		"{total:?}"
	);
	assert!(total.packages[0] >= 10 && total.packages[1] >= 2, "{total:?}");
	assert!(total.accruals >= 25 && total.slices >= 3 && total.losses >= 1, "{total:?}");
}
