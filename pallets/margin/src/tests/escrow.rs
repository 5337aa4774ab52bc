//! Orders in collateral: what is set aside, fills, and comes back.

use crate::{
	mock::*, replay::Replay, Accounts, Error, Escrow, Escrows, Event, FeeRates, Fees, Ledger,
	Session,
};
use frame_support::{assert_noop, assert_ok, storage::with_storage_layer, BoundedVec};
use plimsoll_primitives::{
	Balance, CollateralExchange, CollateralId, FillFees,
	OrderSide::{self, Buy, Sell},
	SetAside,
};
use proptest::prelude::*;
use sp_runtime::{DispatchError, DispatchResult, Permill};

const MAKER_FEE: Permill = Permill::from_parts(200);
const TAKER_FEE: Permill = Permill::from_parts(500);

fn charge_fees() {
	FeeRates::<Test>::put(Fees {
		maker: MAKER_FEE,
		taker: TAKER_FEE,
		insurance_share: Permill::from_percent(25),
		tiers: BoundedVec::new(),
	});
}

/// So much ether at a price in whole dollars.
fn order(side: OrderSide, thousandths: u128, dollars: u128) -> SetAside {
	SetAside {
		collateral: ETH_COLLATERAL,
		side,
		amount: weth(thousandths),
		cash: usd(dollars) * thousandths / 1_000,
		fee: MAKER_FEE,
	}
}

/// What is left of it when so many thousandths are.
fn left_of(order: &SetAside, thousandths: u128) -> SetAside {
	let (amount, cash) = (weth(thousandths), order.cash * weth(thousandths) / order.amount);
	SetAside { amount, cash, ..*order }
}

fn rest(owner: AccountId, order: &SetAside) -> DispatchResult {
	with_storage_layer(|| {
		let mut session = Session::default();
		let exchange = Margin::open_exchange(&mut session, &sub(owner), order.collateral)?;
		Margin::close_exchange(exchange, Some(order))
	})
}

/// Has `taker` take all but `left` of an order of `maker`.
fn take(
	taker: AccountId,
	maker: AccountId,
	resting: &SetAside,
	left: &SetAside,
) -> Result<FillFees, DispatchError> {
	with_storage_layer(|| {
		let mut session = Session::default();
		let mut exchange = Margin::open_exchange(&mut session, &sub(taker), resting.collateral)?;
		let fees = Margin::fill_set_aside(&mut exchange, &sub(maker), resting, left)?;
		Margin::close_exchange(exchange, None)?;
		Ok(fees)
	})
}

fn release(owner: AccountId, order: &SetAside) -> DispatchResult {
	Margin::release(&sub(owner), order)
}

fn ether(owner: AccountId) -> Balance {
	Accounts::<Test>::get(sub(owner)).map_or(0, |record| record.collateral_of(ETH_COLLATERAL))
}

fn escrow(owner: AccountId) -> Escrow<<Test as crate::Config>::MaxCollaterals> {
	Escrows::<Test>::get(sub(owner))
}

#[test]
fn what_an_order_gives_is_set_aside_and_comes_back() {
	ExtBuilder::build_and_execute(|| {
		charge_fees();
		deposit_cash(ALICE, 10_000);
		deposit_weth(ALICE, 2_000);
		let mut replay = Replay::of_state::<Test>();
		events();
		let (bid, ask) = (order(Buy, 1_000, 2_500), order(Sell, 2_000, 3_500));
		assert_ok!(rest(ALICE, &bid));
		assert_ok!(rest(ALICE, &ask));
		// Two hundredths of a per cent of 2,500.
		assert_eq!(cash(ALICE), 7_500_000_000 - 500_000);
		assert_eq!(ether(ALICE), 0);
		assert_eq!(escrow(ALICE).cash, 2_500_500_000);
		assert_eq!(escrow(ALICE).collateral.to_vec(), [(ETH_COLLATERAL, weth(2_000))]);
		let told = events();
		let (account, asset) = (sub(ALICE), CASH);
		assert_eq!(told[0], Event::SetAside { account, asset, amount: 2_500_500_000 });
		assert_ok!(release(ALICE, &bid));
		assert_ok!(release(ALICE, &ask));
		assert_eq!((cash(ALICE), ether(ALICE)), (10_000_000_000, weth(2_000)));
		assert!(escrow(ALICE).is_empty());
		assert_noop!(release(ALICE, &ask), Error::<Test>::NotSetAside);
		assert_noop!(release(ALICE, &bid), Error::<Test>::NotSetAside);
		for event in told.into_iter().chain(events()) {
			assert_eq!(replay.apply(&event), Some(()));
		}
		assert_eq!(replay, Replay::of_state::<Test>());
	});
}

#[test]
fn bid_fills_out_of_what_was_set_aside_and_both_pay_their_fees() {
	ExtBuilder::build_and_execute(|| {
		charge_fees();
		deposit_cash(ALICE, 3_000);
		deposit_weth(BOB, 2_000);
		let bid = order(Buy, 1_000, 2_900);
		assert_ok!(rest(ALICE, &bid));
		let mut replay = Replay::of_state::<Test>();
		events();
		let left = left_of(&bid, 250);
		let fees = take(BOB, ALICE, &bid, &left).expect("Bob has the ether");
		assert_eq!(fees, FillFees { taker: 1_087_500, maker: 435_000 });
		assert_eq!((cash(ALICE), ether(ALICE)), (3_000_000_000 - 2_900_580_000, weth(750)));
		assert_eq!((cash(BOB), ether(BOB)), (2_175_000_000 - 1_087_500, weth(1_250)));
		assert_eq!(escrow(ALICE).cash, left.cash + 145_000);
		let pots = Ledger::<Test>::get();
		assert_eq!(pots.fees + pots.insurance, fees.taker + fees.maker);
		assert_eq!(Margin::fee_standing(&ALICE).volume, 2_175_000_000);
		assert_eq!(Margin::fee_standing(&BOB).volume, 2_175_000_000);
		for event in events() {
			assert_eq!(replay.apply(&event), Some(()));
		}
		assert_eq!(replay, Replay::of_state::<Test>());
		assert_ok!(release(ALICE, &left));
		assert_eq!(cash(ALICE), 3_000_000_000 - 2_175_000_000 - 435_000);
	});
}

#[test]
fn ask_fills_and_the_maker_gets_cash_less_its_fee() {
	ExtBuilder::build_and_execute(|| {
		charge_fees();
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 4_000);
		let ask = order(Sell, 1_000, 3_100);
		assert_ok!(rest(ALICE, &ask));
		// Nothing else is left of Alice's account, and it stays.
		assert!(Accounts::<Test>::get(sub(ALICE)).is_some_and(|record| record.is_empty()));
		assert_ok!(take(BOB, ALICE, &ask, &left_of(&ask, 0)));
		assert_eq!(cash(ALICE), 3_100_000_000 - 620_000);
		assert_eq!((cash(BOB), ether(BOB)), (900_000_000 - 1_550_000, weth(1_000)));
		assert!(escrow(ALICE).is_empty());
	});
}

#[test]
fn order_is_refused_when_its_account_lacks_what_it_gives() {
	ExtBuilder::build_and_execute(|| {
		charge_fees();
		deposit_cash(ALICE, 3_000);
		deposit_weth(ALICE, 1_000);
		assert_noop!(rest(ALICE, &order(Buy, 1_000, 3_000)), Error::<Test>::InsufficientCash);
		assert_noop!(
			rest(ALICE, &order(Sell, 1_001, 3_000)),
			Error::<Test>::InsufficientCollateral
		);
		assert_noop!(rest(CHARLIE, &order(Buy, 10, 3_000)), Error::<Test>::AccountNotFound);
		let other = SetAside { collateral: CollateralId(9), ..order(Buy, 10, 3_000) };
		assert_noop!(rest(ALICE, &other), Error::<Test>::UnknownCollateral);
		assert_noop!(rest(ALICE, &order(Sell, 995, 3_000)), Error::<Test>::BelowMinimumCollateral);
		// The whole of the cash, with its fee.
		let all = SetAside { cash: usd(3_000) - 600_000, ..order(Buy, 1_000, 3_000) };
		assert_ok!(rest(ALICE, &all));
		assert_eq!(cash(ALICE), 3_000_000_000 - 2_999_400_000 - 599_880);
	});
}

#[test]
fn account_must_be_covered_without_what_it_sets_aside() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 17_000);
		deposit_cash(BOB, 100_000);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(14), price(3_000)));
		assert_noop!(rest(ALICE, &order(Buy, 3_000, 3_000)), Error::<Test>::InitialMarginNotMet);
		assert_ok!(rest(ALICE, &order(Buy, 1_000, 3_000)));
		// It is not counted: neither its cash nor the ether that it would bring.
		let report = Margin::account_report(&sub(ALICE)).expect("everything is priced");
		assert_eq!(report.set_aside.cash, 3_000_600_000);
		assert_eq!(report.cash, 17_000_000_000 - 3_000_600_000);
	});
}

#[test]
fn taker_passes_the_gate_once_and_pays_only_what_it_has() {
	ExtBuilder::build_and_execute(|| {
		charge_fees();
		deposit_weth(ALICE, 5_000);
		deposit_cash(BOB, 3_000);
		let ask = order(Sell, 1_000, 3_000);
		assert_ok!(rest(ALICE, &ask));
		let none = left_of(&ask, 0);
		assert_noop!(take(BOB, ALICE, &ask, &none), Error::<Test>::InsufficientCash);
		assert_noop!(take(ALICE, ALICE, &ask, &none), Error::<Test>::SameAccount);
		let more = SetAside { amount: ask.amount + 1, ..ask };
		assert_noop!(take(BOB, ALICE, &ask, &more), Error::<Test>::NotSetAside);
		// More than the maker has set aside.
		let larger = order(Sell, 1_001, 100);
		assert_noop!(take(BOB, ALICE, &larger, &left_of(&larger, 0)), Error::<Test>::NotSetAside);
		assert_noop!(
			take(BOB, ALICE, &ask, &left_of(&ask, 995)),
			Error::<Test>::BelowMinimumCollateral
		);
		assert_ok!(take(BOB, ALICE, &ask, &left_of(&ask, 10)));
	});
}

#[test]
fn maker_is_refused_when_it_has_no_room_for_what_it_would_get() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 10_000);
		deposit_weth(BOB, 2_000);
		let bid = order(Buy, 1_000, 3_000);
		assert_ok!(rest(ALICE, &bid));
		fill_collaterals(ALICE);
		let none = left_of(&bid, 0);
		assert_noop!(take(BOB, ALICE, &bid, &none), Error::<Test>::TooManyCollaterals);
		assert!(!Margin::has_room(&sub(ALICE), ETH_COLLATERAL));
		assert_noop!(rest(ALICE, &bid), Error::<Test>::TooManyCollaterals);
		assert_ok!(release(ALICE, &bid));
	});
}

#[test]
fn what_is_set_aside_keeps_its_place_in_the_account() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 100);
		deposit_weth(ALICE, 1_000);
		let ask = order(Sell, 1_000, 3_000);
		assert_ok!(rest(ALICE, &ask));
		assert_eq!(ether(ALICE), 0);
		// One fewer than there is room for.
		assert_eq!(fill_collaterals(ALICE), 3);
		assert!(Margin::has_room(&sub(ALICE), ETH_COLLATERAL), "its own");
		assert_ok!(release(ALICE, &ask));
		assert_eq!(ether(ALICE), weth(1_000));
	});
}

/// Puts other collateral assets into an account, as many as there is room for. Returns how many.
fn fill_collaterals(owner: AccountId) -> usize {
	let terms = Margin::collateral_terms(DOT_COLLATERAL).expect("registered");
	let deposits = |id: &u16| {
		let id = CollateralId(*id);
		copy_collateral(id, &terms);
		let asset = crate::AccountAsset::Collateral(id);
		Margin::deposit(RuntimeOrigin::signed(owner), 0, asset, 10_000_000_000).is_ok()
	};
	(50..60).take_while(deposits).count()
}

#[test]
fn own_order_comes_back_while_its_account_trades() {
	ExtBuilder::build_and_execute(|| {
		charge_fees();
		deposit_cash(ALICE, 3_100);
		deposit_weth(BOB, 2_000);
		let (own, ask) = (order(Buy, 1_000, 3_000), order(Sell, 1_000, 3_050));
		assert_ok!(rest(ALICE, &own));
		assert_ok!(rest(BOB, &ask));
		let bought = with_storage_layer(|| {
			let mut session = Session::default();
			let mut exchange = Margin::open_exchange(&mut session, &sub(ALICE), ETH_COLLATERAL)?;
			Margin::release_during(&mut exchange, &sub(ALICE), &own)?;
			Margin::fill_set_aside(&mut exchange, &sub(BOB), &ask, &left_of(&ask, 500))?;
			Margin::release_during(&mut exchange, &sub(BOB), &left_of(&ask, 500))?;
			Margin::close_exchange(exchange, None)
		});
		assert_ok!(bought);
		assert_eq!((cash(ALICE), ether(ALICE)), (3_100_000_000 - 1_525_762_500, weth(500)));
		assert_eq!((cash(BOB), ether(BOB)), (1_525_000_000 - 305_000, weth(1_500)));
	});
}

#[test]
fn trades_of_one_session_share_the_market_even_where_one_fails() {
	ExtBuilder::build_and_execute(|| {
		deposit_cash(ALICE, 17_000);
		deposit_cash(BOB, 100_000);
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(14), price(3_000)));
		let mut session = Session::default();
		let (mut uses, mut most) = (Vec::new(), Margin::exchange_weight());
		// The second leaves the account without its initial margin, and is undone.
		for (thousandths, passes) in [(100, true), (3_000, false), (100, true)] {
			let before = Margin::exchanged_weight(&session);
			let rest = order(Buy, thousandths, 3_000);
			let rested = with_storage_layer(|| {
				let exchange = Margin::open_exchange(&mut session, &sub(ALICE), ETH_COLLATERAL)?;
				Margin::close_exchange(exchange, Some(&rest))
			});
			assert_eq!(
				rested,
				if passes { Ok(()) } else { Err(Error::<Test>::InitialMarginNotMet.into()) }
			);
			let used = Margin::exchanged_weight(&session);
			assert!(used.all_lte(most));
			most = most.saturating_add(Margin::further_exchange_weight());
			uses.push(used.saturating_sub(before).ref_time());
		}
		assert!(uses[0] > uses[1]);
		assert_eq!(uses[1], uses[2]);
		assert_eq!(escrow(ALICE).cash, 2 * (usd(300) + 60_000));
	});
}

#[test]
fn trade_of_a_small_account_weighs_less_than_one_of_a_large_account() {
	ExtBuilder::build_and_execute(|| {
		for owner in [ALICE, BOB, CHARLIE] {
			deposit_cash(owner, 50_000);
		}
		for instrument in [perpetual(), future(), call(3_000)] {
			assert_ok!(trade(BOB, CHARLIE, instrument, lots(1), price(100)));
		}
		let weighed = |owner| {
			let mut session = Session::default();
			let placed = with_storage_layer(|| {
				let exchange = Margin::open_exchange(&mut session, &sub(owner), ETH_COLLATERAL)?;
				Margin::close_exchange(exchange, Some(&order(Buy, 100, 3_000)))
			});
			assert_ok!(placed);
			Margin::exchanged_weight(&session).ref_time()
		};
		assert!(weighed(ALICE) < weighed(BOB));
	});
}

#[test]
fn cash_that_is_lent_out_is_not_set_aside() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(BOB, 1_000);
		assert_ok!(Margin::withdraw(RuntimeOrigin::signed(ALICE), 0, CASH, usd(400)));
		let bid = |dollars| SetAside { fee: Permill::zero(), ..order(Buy, 1_000, dollars) };
		assert_noop!(rest(BOB, &bid(601)), Error::<Test>::InsufficientLiquidity);
		assert_ok!(rest(BOB, &bid(600)));
		assert_noop!(rest(BOB, &bid(1)), Error::<Test>::InsufficientLiquidity);
	});
}

#[test]
fn debt_is_not_paid_by_others_while_something_is_set_aside() {
	ExtBuilder::build_and_execute(|| {
		deposit_weth(ALICE, 1_000);
		deposit_cash(ALICE, 100);
		let ask = order(Sell, 1_000, 3_000);
		assert_ok!(rest(ALICE, &ask));
		assert_ok!(Margin::contribute_insurance(RuntimeOrigin::signed(BOB), usd(1_000)));
		force_cash(ALICE, -50_000_000);
		let absorb = || {
			<Margin as plimsoll_primitives::LiquidationLedger<AccountId>>::absorb_deficit(&sub(
				ALICE,
			))
		};
		assert_noop!(absorb(), Error::<Test>::HasSetAside);
		assert_ok!(release(ALICE, &ask));
		assert_noop!(absorb(), Error::<Test>::HasCollateral);
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(48))]

	/// However orders of three accounts rest, fill in parts and go: all books balance after each step, and
	/// events tell the state.
	#[test]
	fn orders_conserve_both_assets(
		steps in proptest::collection::vec(
			(0u8..3, 0u64..3, any::<bool>(), 10u128..1_500, 2_000u128..4_000),
			1..24,
		),
	) {
		ExtBuilder::build_and_execute(|| {
			charge_fees();
			for owner in [ALICE, BOB, CHARLIE] {
				deposit_cash(owner, 4_000);
				deposit_weth(owner, 2_000);
			}
			let mut replay = Replay::of_state::<Test>();
			events();
			let mut open: Vec<(AccountId, SetAside)> = Vec::new();
			for (action, who, buys, amount, dollars) in steps {
				let owner = ALICE + who;
				let side = if buys { Buy } else { Sell };
				match (action, open.first().copied()) {
					(0, _) => {
						let order = order(side, amount, dollars);
						if rest(owner, &order).is_ok() {
							open.push((owner, order));
						}
					}
					(1, Some((maker, resting))) => {
						let part = (resting.amount / weth(1)).min(amount);
						let left = left_of(&resting, resting.amount / weth(1) - part);
						if take(owner, maker, &resting, &left).is_ok() {
							open[0].1 = left;
							if left.amount == 0 {
								open.remove(0);
							}
						}
					}
					(2, Some((maker, resting))) => {
						assert_ok!(release(maker, &resting));
						open.remove(0);
					}
					_ => {}
				}
				for event in events() {
					assert_eq!(replay.apply(&event), Some(()));
				}
				assert_eq!(replay, Replay::of_state::<Test>());
				check_all();
			}
			for (maker, resting) in open {
				assert_ok!(release(maker, &resting));
			}
			assert_eq!(Escrows::<Test>::iter().count(), 0);
			assert_eq!(ether(ALICE) + ether(BOB) + ether(CHARLIE), weth(6_000));
		});
	}
}
