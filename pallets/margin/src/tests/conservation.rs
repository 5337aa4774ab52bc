//! Random operations among several accounts; after each of them everything must balance to the
//! unit, see [`check_all`].

use crate::{mock::*, replay::Replay, AccountAsset, FeeTier, Fees, InterestParameters};
use frame_support::assert_ok;
use plimsoll_primitives::{
	BookClearing, ContractHolders, Contracts, Fill, FillError, Instrument, LiquidationLedger,
	OrderSide, Price, Resting,
};
use proptest::{prelude::*, test_runner::RngSeed};
use sp_arithmetic::{FixedI128, FixedU128, Permill, Perquintill};

#[derive(Clone, Debug)]
enum Operation {
	Trade {
		taker: usize,
		maker: usize,
		instrument: usize,
		size: i128,
		price: u128,
	},
	Rest {
		who: usize,
		instrument: usize,
		buys: bool,
		size: i128,
		price: u128,
	},
	/// Takes, at this price, a part of what rests of each of the others.
	Take {
		taker: usize,
		instrument: usize,
		buys: bool,
		part: i128,
		price: u128,
	},
	/// Cancels, at this price, a part of what rests.
	Release {
		who: usize,
		instrument: usize,
		buys: bool,
		part: i128,
		price: u128,
	},
	Fees {
		maker: u32,
		taker: u32,
		insurance_share: u32,
	},
	WithdrawFees {
		amount: u128,
	},
	Deposit {
		who: usize,
		weth: bool,
		amount: u128,
	},
	Withdraw {
		who: usize,
		weth: bool,
		amount: u128,
	},
	Move {
		price: u32,
		premium: i128,
	},
	AtMark {
		from: usize,
		to: usize,
		instrument: usize,
		size: i128,
	},
	Slice {
		from: usize,
		to: usize,
		part: u64,
		price: i128,
	},
	Fee {
		who: usize,
		fee: u128,
	},
	/// Deleverages everything, then the insurance fund and the others pay.
	Close {
		who: usize,
		against: usize,
	},
	/// Funding indices go on by so much, USD per contract.
	Accrue {
		eth: i128,
		btc: i128,
	},
	Expire {
		price: u128,
	},
	Settle {
		instrument: usize,
		limit: u32,
	},
	/// Time passes, and interest accrues.
	Pass {
		minutes: u64,
	},
	Interest {
		kink_rate: u128,
		full_rate: u128,
		reserve_share: u32,
	},
}

const OWNERS: [AccountId; 4] = [ALICE, BOB, CHARLIE, DAVE];

fn instruments() -> [Instrument; 5] {
	[perpetual(), Instrument::perpetual(BTC), future(), call(3_000), put(2_900)]
}

fn operation() -> impl Strategy<Value = Operation> {
	let who = 0..4usize;
	let instrument = 0..5usize;
	// Sizes and prices with all their decimals, so that nothing comes out even.
	let size = -3_000_000_000_000_000_000i128..3_000_000_000_000_000_000;
	let dollars = 2_000_000_000_000_000_000_000u128..4_000_000_000_000_000_000_000;
	let part = 1..=1000i128;
	prop_oneof![
		6 => (who.clone(), instrument.clone(), any::<bool>(), size.clone(), dollars.clone())
			.prop_map(|(who, instrument, buys, size, price)| Operation::Rest {
				who, instrument, buys, size, price
			}),
		12 => (who.clone(), instrument.clone(), any::<bool>(), part.clone(), dollars.clone())
			.prop_map(|(taker, instrument, buys, part, price)| Operation::Take {
				taker, instrument, buys, part, price
			}),
		2 => (who.clone(), instrument.clone(), any::<bool>(), part, dollars)
			.prop_map(|(who, instrument, buys, part, price)| Operation::Release {
				who, instrument, buys, part, price
			}),
		1 => (0u32..12_000, 0u32..12_000, 0u32..=1_000_000)
			.prop_map(|(maker, taker, insurance_share)| Operation::Fees {
				maker, taker, insurance_share
			}),
		1 => (1u128..10_000_000).prop_map(|amount| Operation::WithdrawFees { amount }),
		8 => (who.clone(), who.clone(), instrument.clone(), size.clone(),
			2_000_000_000_000_000_000_000u128..4_000_000_000_000_000_000_000)
			.prop_map(|(taker, maker, instrument, size, price)| Operation::Trade {
				taker, maker, instrument, size, price
			}),
		2 => (who.clone(), any::<bool>(), 1u128..5_000)
			.prop_map(|(who, weth, amount)| Operation::Deposit { who, weth, amount }),
		2 => (who.clone(), any::<bool>(), 1u128..5_000)
			.prop_map(|(who, weth, amount)| Operation::Withdraw { who, weth, amount }),
		3 => (200u32..9_000, -20i128..=20)
			.prop_map(|(price, premium)| Operation::Move { price, premium }),
		3 => (who.clone(), who.clone(), instrument.clone(), size)
			.prop_map(|(from, to, instrument, size)| Operation::AtMark {
				from, to, instrument, size
			}),
		3 => (who.clone(), who.clone(), 1..=1_000_000_000_000_000_000u64,
			-1_000_000_000i128..1_000_000_000)
			.prop_map(|(from, to, part, price)| Operation::Slice { from, to, part, price }),
		1 => (who.clone(), 1u128..1_000_000_000)
			.prop_map(|(who, fee)| Operation::Fee { who, fee }),
		3 => (who.clone(), who).prop_map(|(who, against)| Operation::Close { who, against }),
		4 => (-20_000_000_000_000_000_000i128..20_000_000_000_000_000_000,
			-400_000_000_000_000_000_000i128..400_000_000_000_000_000_000)
			.prop_map(|(eth, btc)| Operation::Accrue { eth, btc }),
		1 => (2_000_000_000_000_000_000_000u128..4_000_000_000_000_000_000_000)
			.prop_map(|price| Operation::Expire { price }),
		8 => (1u64..90).prop_map(|minutes| Operation::Pass { minutes }),
		1 => (1u128..200, 200u128..400, 0u32..=1_000_000).prop_map(
			|(kink_rate, full_rate, reserve_share)| Operation::Interest {
				kink_rate, full_rate, reserve_share
			}
		),
		4 => (instrument, 1u32..4)
			.prop_map(|(instrument, limit)| Operation::Settle { instrument, limit }),
	]
}

fn listed(at: usize) -> Instrument {
	instruments()[at]
}

/// BTC costs twenty times as much, an option a twentieth.
fn priced(instrument: usize, price: u128) -> Price {
	let price = if instrument == 1 { price * 20 } else { price };
	Price::from_inner(if listed(instrument).is_premium_paid() { price / 20 } else { price })
}

/// What the order book and its fees are used for.
fn run_in_book(operation: Operation) {
	match operation {
		Operation::Rest { who, instrument, buys, size, price } => {
			let size = Contracts::from_inner(size.abs());
			let price = priced(instrument, price);
			let order = Resting { instrument: listed(instrument), side: side(buys), size, price };
			let _ = try_rest(OWNERS[who], order);
		}
		Operation::Take { taker, instrument, buys, part, price } => {
			let price = priced(instrument, price);
			take(OWNERS[taker], listed(instrument), buys, part, price);
		}
		Operation::Release { who, instrument, buys, part, price } => {
			let (instrument, price) = (listed(instrument), priced(instrument, price));
			let size = resting_size(OWNERS[who], instrument, buys, part);
			let order = Resting { instrument, side: side(buys), size, price };
			<Margin as BookClearing<AccountId>>::release_order(&sub(OWNERS[who]), &order);
		}
		Operation::Fees { maker, taker, insurance_share } => {
			let [maker, taker, insurance_share] =
				[maker, taker, insurance_share].map(Permill::from_parts);
			let half = |rate: Permill| Permill::from_parts(rate.deconstruct() / 2);
			let tier = FeeTier { volume: usd(5_000), maker: half(maker), taker: half(taker) };
			let tiers = vec![tier].try_into().expect("one; qed");
			let fees = Fees { maker, taker, insurance_share, tiers };
			let _ = Margin::set_fees(RuntimeOrigin::root(), fees);
		}
		Operation::WithdrawFees { amount } => {
			let _ = frame_support::storage::with_storage_layer(|| {
				Margin::withdraw_fees(RuntimeOrigin::root(), DAVE, amount)
			});
		}
		_ => {}
	}
}

/// What is refused changes nothing; what is allowed must keep the books.
fn run(operation: Operation, settled_at: &mut Option<Price>) {
	type Ledger = Margin;
	let id = |at: usize| sub(OWNERS[at]);
	match operation {
		Operation::Trade { taker, maker, instrument, size, price } => {
			let _ = trade(
				OWNERS[taker],
				OWNERS[maker],
				listed(instrument),
				Contracts::from_inner(size),
				priced(instrument, price),
			);
		}
		Operation::Deposit { who, weth: collateral, amount } => {
			let (asset, amount) = sized(collateral, amount);
			let _ = Margin::deposit(RuntimeOrigin::signed(OWNERS[who]), 0, asset, amount);
		}
		Operation::Withdraw { who, weth: collateral, amount } => {
			let (asset, amount) = sized(collateral, amount);
			let origin = RuntimeOrigin::signed(OWNERS[who]);
			// As a transaction: all or nothing.
			let _ = frame_support::storage::with_storage_layer(|| {
				Margin::withdraw(origin, 0, asset, amount).map_err(|failed| failed.error)
			});
		}
		Operation::Move { price: usd, premium } => {
			set_price(ETH, price(usd));
			let premium = FixedI128::from_inner(premium * 1_000_000_000_000_000);
			MarkPremiums::insert(ETH, premium);
		}
		Operation::AtMark { from, to, instrument, size } => {
			let _ = <Ledger as LiquidationLedger<AccountId>>::trade_at_mark(
				&id(from),
				&id(to),
				&listed(instrument),
				Contracts::from_inner(size),
			);
		}
		Operation::Slice { from, to, part, price } => {
			let part = Perquintill::from_parts(part);
			let _ = <Ledger as LiquidationLedger<AccountId>>::transfer_slice(
				&id(from),
				&id(to),
				part,
				price,
			);
		}
		Operation::Fee { who, fee } => {
			let _ = <Ledger as LiquidationLedger<AccountId>>::charge_fee(&id(who), fee);
		}
		Operation::Close { who, against } => wind_up(id(who), id(against)),
		Operation::Accrue { eth, btc } => accrue_funding(eth, btc),
		Operation::Expire { price } => {
			let price = *settled_at.get_or_insert(Price::from_inner(price));
			expire_at(price);
		}
		Operation::Settle { instrument, limit } => {
			let instrument = listed(instrument);
			if let (Some(price), Some(_)) = (*settled_at, instrument.expiry()) {
				let _ = <Ledger as ContractHolders>::settle(&instrument, price, limit);
			}
		}
		Operation::Pass { minutes } => pass(minutes * 60_000),
		Operation::Interest { kink_rate, full_rate, reserve_share } => {
			let [kink_rate, full_rate] =
				[kink_rate, full_rate].map(|percent| FixedU128::from_rational(percent, 100));
			let reserve_share = Permill::from_parts(reserve_share);
			let parameters =
				InterestParameters { kink_rate, full_rate, reserve_share, ..Default::default() };
			assert_ok!(Margin::set_interest(RuntimeOrigin::root(), parameters));
		}
		of_book => run_in_book(of_book),
	}
}

fn side(buys: bool) -> OrderSide {
	if buys {
		OrderSide::Buy
	} else {
		OrderSide::Sell
	}
}

/// So many thousandths of what an account has open on one side.
fn resting_size(owner: AccountId, instrument: Instrument, buys: bool, part: i128) -> Contracts {
	let totals = open_orders(owner, instrument);
	let size = if buys { totals.buys } else { totals.sells };
	Contracts::from_inner(size.into_inner() / 1000 * part)
}

/// A taker's order against all the others', as a call: a maker that refuses is passed over.
fn take(taker: AccountId, instrument: Instrument, buys: bool, part: i128, price: Price) {
	let _ = frame_support::storage::with_storage_layer(|| {
		let mut session = Default::default();
		let mut matching =
			<Margin as BookClearing<AccountId>>::open_matching(&mut session, &sub(taker))?;
		for maker in OWNERS.into_iter().filter(|maker| *maker != taker) {
			let size = resting_size(maker, instrument, !buys, part);
			if size.is_zero() {
				continue;
			}
			let size = side(buys).signed(size).expect("small");
			let fill = Fill { instrument, size, price };
			let filled =
				<Margin as BookClearing<AccountId>>::fill(&mut matching, &sub(maker), &fill);
			if let Err(FillError::Failed(error)) = filled {
				return Err(error);
			}
		}
		<Margin as BookClearing<AccountId>>::close_matching(matching, None)
	});
}

/// Deleverages all positions; then the insurance fund and the others pay what is owed.
fn wind_up(who: SubAccount, against: SubAccount) {
	for position in <Margin as LiquidationLedger<AccountId>>::positions(&who) {
		let size = position.size.checked_neg().expect("small");
		let _ = <Margin as LiquidationLedger<AccountId>>::trade_at_mark(
			&who,
			&against,
			&position.instrument,
			size,
		);
	}
	let _ = <Margin as LiquidationLedger<AccountId>>::buy_collateral(&who);
	let _ = <Margin as LiquidationLedger<AccountId>>::absorb_deficit(&who);
}

fn sized(collateral: bool, amount: u128) -> (AccountAsset, u128) {
	if collateral {
		(AccountAsset::Collateral(ETH_COLLATERAL), weth(amount))
	} else {
		(CASH, usd(amount) + amount)
	}
}

/// Events of the operation give what all accounts have now, to the unit and the index.
fn check_replay(replay: &mut Replay<AccountId>) {
	for event in events() {
		replay.apply(&event).expect("no event was left out");
	}
	assert_eq!(*replay, Replay::of_state::<Test>());
	for (account, replayed) in &replay.accounts {
		let funded = replayed.positions.keys().any(|held| held.expiry().is_none());
		let now = Margin::read(account).expect("it exists").cash;
		assert!(funded || replay.cash_now(account) == Some(now));
	}
}

proptest! {
	#![proptest_config(ProptestConfig {
		cases: 256,
		rng_seed: RngSeed::Fixed(20_261_122),
		failure_persistence: None,
		..ProptestConfig::default()
	})]

	#[test]
	fn books_balance_after_any_operations(
		operations in proptest::collection::vec(operation(), 1..60),
	) {
		new_test_ext().execute_with(|| {
			for owner in OWNERS {
				deposit_cash(owner, 8_000);
			}
			let mut settled_at = None;
			let mut replay = Replay::default();
			for operation in operations {
				run(operation, &mut settled_at);
				check_all();
				check_replay(&mut replay);
			}
		});
	}
}

#[test]
fn books_balance_when_an_account_is_wiped_out_and_closed() {
	ExtBuilder::build_and_execute(|| {
		for owner in OWNERS {
			deposit_cash(owner, 5_000);
		}
		let mut settled_at = None;
		let size = 2_345_678_901_234_567_891;
		let price_inner = 3_000_123_456_789_123_456_789;
		run(
			Operation::Trade { taker: 0, maker: 1, instrument: 0, size, price: price_inner },
			&mut settled_at,
		);
		assert!(size_is(ALICE, size));
		run(Operation::Move { price: 400, premium: 0 }, &mut settled_at);
		run(Operation::AtMark { from: 0, to: 1, instrument: 0, size: -size }, &mut settled_at);
		assert!(cash(ALICE) < 0);
		run(Operation::Close { who: 0, against: 1 }, &mut settled_at);
		assert!(crate::Ledger::<Test>::get().accrued < 0, "the rest was shared");
		check_all();
	});
}

fn size_is(owner: AccountId, inner: i128) -> bool {
	size(owner, perpetual()).into_inner() == inner
}
