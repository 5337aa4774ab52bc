//! Random operations on the real runtime: whatever users, operators and time do, cash is conserved
//! to the unit, contracts sum to zero, nobody takes risk without margin, and every pallet's state
//! holds together.

use super::world::{self, account, Prices, BLOCK_TIME, HOUR, START, USDC};
use crate::{
	configs::{MarginPalletId, SettlementAsset},
	AccountId, Assets, Liquidation, Margin, Oracle, RuntimeEvent, RuntimeOrigin, System,
};
use core::cell::Cell;
use frame_support::traits::fungibles::Inspect;
use pallet_liquidation::ProviderTerms;
use pallet_margin::AccountAsset;
use plimsoll_primitives::{
	Contracts, Fill, Health, Instrument, LiquidationLedger, Moment, Price, PriceOracle, Stance,
	SubAccountId, UsdValue,
};
use plimsoll_risk::{MarketState, UnderlyingState};
use proptest::{
	prelude::*,
	test_runner::{RngSeed, TestRunner},
};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve};
use sp_runtime::{traits::AccountIdConversion, Permill};

/// Who takes part; the last is a back-stop provider.
const TRADERS: [Sr25519Keyring; 5] = [Alice, Bob, Charlie, Dave, Eve];
/// When the dated contracts expire.
const EXPIRY: Moment = START + 4 * HOUR;
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
	Trade {
		taker: usize,
		maker: usize,
		instrument: usize,
		lots: i32,
		off_mark: i32,
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
		8 => (trader.clone(), trader, 0usize..5, -8_000i32..8_000, -3i32..=3).prop_map(
			|(taker, maker, instrument, lots, off_mark)| Operation::Trade {
				taker, maker, instrument, lots, off_mark,
			}
		),
		4 => (0usize..2, -20i64..=25).prop_map(|(underlying, percent)| Operation::Move { underlying, percent }),
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
		}
	}
}

struct World {
	prices: Prices,
	instruments: Vec<Instrument>,
	nonce: u64,
	happened: Happened,
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
		let terms = ProviderTerms {
			minimum_discount: Permill::from_percent(10),
			maximum_slice: UsdValue::from_u32(1_000_000),
		};
		Liquidation::opt_in(RuntimeOrigin::signed(Eve.to_account_id()), 0, terms)
			.expect("the provider has the least equity");
		Self { prices, instruments, nonce: 0, happened: Happened::default() }
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

	fn trade(&mut self, taker: usize, maker: usize, instrument: usize, lots: i32, off_mark: i32) {
		let instrument = self.instruments[instrument];
		let size = Contracts::from_inner(i128::from(lots) * 1_000_000_000_000_000);
		let Some(price) = self.price(&instrument, off_mark) else { return };
		let legs = vec![Fill { instrument, size, price }];
		let sides = [account(TRADERS[taker]), account(TRADERS[maker])];
		let before = sides.clone().map(|side| health(&side));
		self.nonce += 1;
		if world::trade(TRADERS[taker], TRADERS[maker], legs, self.nonce).is_err() {
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
			Operation::Trade { taker, maker, instrument, lots, off_mark } => {
				self.trade(taker, maker, instrument, lots, off_mark);
			}
			Operation::Move { underlying, percent } => {
				let cents = &mut self.prices.spot[underlying].1;
				let factor = u64::try_from(100 + percent).expect("above 90; qed");
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
		for record in System::events() {
			match record.event {
				RuntimeEvent::Liquidation(pallet_liquidation::Event::Entered { .. }) => {
					self.happened.liquidations += 1;
				}
				RuntimeEvent::Markets(pallet_markets::Event::Settled { .. }) => {
					self.happened.settlements += 1;
				}
				_ => {}
			}
		}
		System::reset_events();
		check_conservation();
		world::check();
	}
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

/// What development accounts and the clearing house hold together never changes. (How that is
/// divided inside the clearing house, its own state check knows.)
fn check_conservation() {
	let pot: AccountId = MarginPalletId::get().into_account_truncating();
	let outside: u128 =
		Sr25519Keyring::well_known().map(|key| world::plain_balance(&key.to_account_id())).sum();
	let inside = Assets::balance(SettlementAsset::get(), &pot);
	assert_eq!(outside + inside, Assets::total_issuance(SettlementAsset::get()));
	assert_eq!(Margin::unbooked(&SettlementAsset::get()), Some(0), "cash came from nowhere");
}

#[test]
fn invariants_hold_whatever_happens() {
	// The seed is fixed so that a failure is the change's, not the day's.
	let config = ProptestConfig {
		cases: 64,
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
}
