use crate::{
	fees::{FeeTier, MAX_TIERS},
	mock::*,
	volume::{Volume, VOLUME_PERIOD},
	Error, Event, Fees, Matching, Session, Volumes,
};
use frame_support::{assert_noop, assert_ok, storage::with_storage_layer, BoundedVec};
use plimsoll_primitives::{
	Balance, BookClearing, Contracts, Fill, FillError, Moment, OrderSide, SubAccountId,
};
use proptest::prelude::*;
use sp_arithmetic::Permill;
use sp_runtime::DispatchError;

fn tier(volume: Balance, maker: u32, taker: u32) -> FeeTier {
	FeeTier { volume, maker: Permill::from_parts(maker), taker: Permill::from_parts(taker) }
}

/// 0.01 % and 0.05 %, and less by these tiers.
fn fees(tiers: Vec<FeeTier>) -> Fees {
	Fees {
		maker: Permill::from_parts(100),
		taker: Permill::from_parts(500),
		insurance_share: Permill::zero(),
		tiers: tiers.try_into().expect("few"),
	}
}

fn set(tiers: Vec<FeeTier>) {
	assert_ok!(Margin::set_fees(RuntimeOrigin::root(), fees(tiers)));
}

fn open<'s>(session: &'s mut Session, taker: &SubAccount) -> Matching<'s, Test> {
	<Margin as BookClearing<AccountId>>::open_matching(session, taker).expect("it exists")
}

/// Alice takes `size` perpetuals at 3,000 that Bob has resting.
fn match_perpetuals(size: Contracts) {
	match_one(perpetual(), size, 3_000);
}

fn volume(owner: AccountId) -> Balance {
	Margin::fee_standing(&owner).volume
}

fn fund() {
	deposit_cash(ALICE, 100_000);
	deposit_cash(BOB, 100_000);
}

#[test]
fn both_owners_volume_rises_by_what_changes_hands() {
	ExtBuilder::build_and_execute(|| {
		fund();
		match_perpetuals(lots(2));
		assert_eq!((volume(ALICE), volume(BOB)), (usd(6_000), usd(6_000)));
		match_perpetuals(lots(1));
		assert_eq!((volume(ALICE), volume(BOB)), (usd(9_000), usd(9_000)));
		assert_eq!(Volumes::<Test>::iter().count(), 2);
		// A block trade pays no fee, and counts for none.
		assert_ok!(trade(ALICE, BOB, perpetual(), lots(2), price(3_000)));
		assert_eq!(volume(ALICE), usd(9_000));
	});
}

#[test]
fn owner_pays_by_the_tier_that_it_reached_before() {
	ExtBuilder::build_and_execute(|| {
		fund();
		set(vec![tier(usd(6_000), 50, 400), tier(usd(9_001), 0, 100)]);
		let paid = |trade: &dyn Fn()| {
			let before = (cash(ALICE), cash(BOB));
			trade();
			(before.0 - cash(ALICE), before.1 - cash(BOB))
		};
		// The trade that reaches a tier is not in it yet.
		assert_eq!(paid(&|| match_perpetuals(lots(2))), (3_000_000, 600_000));
		assert_eq!(paid(&|| match_perpetuals(lots(1))), (1_200_000, 150_000));
		assert_eq!(paid(&|| match_perpetuals(lots(1))), (1_200_000, 150_000));
		assert_eq!(paid(&|| match_perpetuals(lots(1))), (300_000, 0));
		let report = Margin::account_report(&sub(ALICE)).expect("priced");
		assert_eq!(report.fees.volume, usd(15_000));
		assert_eq!(
			(report.fees.maker, report.fees.taker),
			(Permill::zero(), Permill::from_parts(100))
		);
	});
}

#[test]
fn taker_pays_one_rate_for_all_fills_of_its_order() {
	ExtBuilder::build_and_execute(|| {
		fund();
		set(vec![tier(usd(3_000), 0, 0)]);
		rest(BOB, OrderSide::Sell, perpetual(), lots(2), 3_000);
		let mut session = Session::default();
		let mut matching = open(&mut session, &sub(ALICE));
		let fill = Fill { instrument: perpetual(), size: lots(1), price: price(3_000) };
		let mut one = || {
			let fees = <Margin as BookClearing<AccountId>>::fill(&mut matching, &sub(BOB), &fill);
			fees.expect("both have the margin")
		};
		let (first, second) = (one(), one());
		assert_eq!((first.taker, first.maker), (1_500_000, 300_000));
		assert_eq!((second.taker, second.maker), (1_500_000, 0), "the maker has its tier by then");
		assert_ok!(<Margin as BookClearing<AccountId>>::close_matching(matching, None));
		assert_eq!((volume(ALICE), volume(BOB)), (usd(6_000), usd(6_000)));
	});
}

#[test]
fn volume_is_of_all_an_owners_accounts_but_not_between_them() {
	ExtBuilder::build_and_execute(|| {
		fund();
		let other = SubAccountId::new(BOB, 7);
		assert_ok!(Margin::deposit(RuntimeOrigin::signed(BOB), 7, CASH, usd(10_000)));
		let mut session = Session::default();
		let mut matching = open(&mut session, &other);
		rest(BOB, OrderSide::Sell, perpetual(), lots(2), 3_000);
		let fill = Fill { instrument: perpetual(), size: lots(1), price: price(3_000) };
		assert_ok!(<Margin as BookClearing<AccountId>>::fill(&mut matching, &sub(BOB), &fill));
		assert_ok!(<Margin as BookClearing<AccountId>>::close_matching(matching, None));
		assert_eq!(volume(BOB), 0);
		assert!(!Volumes::<Test>::contains_key(BOB));
		match_perpetuals(lots(1));
		let report = Margin::account_report(&other).expect("priced");
		assert_eq!(report.fees.volume, usd(3_000));
	});
}

#[test]
fn fill_that_is_refused_counts_for_nobody() {
	ExtBuilder::build_and_execute(|| {
		fund();
		deposit_cash(CHARLIE, 10);
		let fill = Fill { instrument: perpetual(), size: lots(5), price: price(3_000) };
		// Charlie has not the margin.
		assert_ok!(with_storage_layer::<_, DispatchError, _>(|| {
			let mut session = Session::default();
			let mut matching = open(&mut session, &sub(ALICE));
			let filled =
				<Margin as BookClearing<AccountId>>::fill(&mut matching, &sub(CHARLIE), &fill);
			assert!(filled.is_err());
			<Margin as BookClearing<AccountId>>::close_matching(matching, None)
		}));
		assert_eq!((volume(ALICE), volume(CHARLIE)), (0, 0));
		assert_eq!(Volumes::<Test>::iter().count(), 0);
	});
}

#[test]
fn fill_that_open_interest_stops_counts_for_nobody() {
	ExtBuilder::build_and_execute(|| {
		fund();
		set_interest_cap(perpetual(), lots(1));
		rest(BOB, OrderSide::Sell, perpetual(), lots(2), 3_000);
		let mut session = Session::default();
		let mut matching = open(&mut session, &sub(ALICE));
		let fill = Fill { instrument: perpetual(), size: lots(1), price: price(3_000) };
		let mut one = || <Margin as BookClearing<AccountId>>::fill(&mut matching, &sub(BOB), &fill);
		assert_ok!(one());
		assert!(matches!(one(), Err(FillError::Stopped(_))));
		assert_ok!(<Margin as BookClearing<AccountId>>::close_matching(matching, None));
		assert_eq!((volume(ALICE), volume(BOB)), (usd(3_000), usd(3_000)));
	});
}

#[test]
fn tiers_are_refused_when_they_are_out_of_order_or_cost_more() {
	ExtBuilder::build_and_execute(|| {
		let refuse = |tiers: Vec<FeeTier>, error: Error<Test>| {
			assert_noop!(Margin::set_fees(RuntimeOrigin::root(), fees(tiers)), error);
		};
		refuse(vec![tier(0, 0, 0)], Error::FeeTiersOutOfOrder);
		refuse(vec![tier(2, 50, 50), tier(2, 0, 0)], Error::FeeTiersOutOfOrder);
		refuse(vec![tier(2, 50, 50), tier(1, 0, 0)], Error::FeeTiersOutOfOrder);
		refuse(vec![tier(1, 101, 500)], Error::FeeTierDearer);
		refuse(vec![tier(1, 100, 501)], Error::FeeTierDearer);
		refuse(vec![tier(1, 50, 100), tier(2, 50, 101)], Error::FeeTierDearer);
		let most = (1..=Balance::from(MAX_TIERS)).map(|volume| tier(volume, 0, 0)).collect();
		set(most);
		set(vec![tier(1, 100, 500)]);
		assert_eq!(MAX_TIERS, 7, "and the rates that all begin with");
		let too_many: Vec<_> = (1..9).map(|volume| tier(volume, 0, 0)).collect();
		assert!(BoundedVec::<_, frame_support::traits::ConstU32<MAX_TIERS>>::try_from(too_many)
			.is_err());
	});
}

#[test]
fn volume_is_forgotten_when_it_counts_for_nothing() {
	ExtBuilder::build_and_execute(|| {
		fund();
		match_perpetuals(lots(1));
		let forget = |owner| Margin::forget_volume(RuntimeOrigin::signed(EVE), owner);
		assert_noop!(forget(EVE), Error::<Test>::NoVolume);
		assert_noop!(forget(ALICE), Error::<Test>::VolumeCounts);
		let start = NOW;
		set_time(start / VOLUME_PERIOD * VOLUME_PERIOD + 2 * VOLUME_PERIOD - 1);
		assert_noop!(forget(ALICE), Error::<Test>::VolumeCounts);
		set_time(start / VOLUME_PERIOD * VOLUME_PERIOD + 2 * VOLUME_PERIOD);
		assert_eq!(volume(ALICE), 0);
		events();
		let freed = forget(ALICE).expect("nothing is left of it");
		assert_eq!(freed.pays_fee, frame_support::dispatch::Pays::No);
		assert_eq!(events(), vec![Event::VolumeForgotten { owner: ALICE }]);
		assert!(!Volumes::<Test>::contains_key(ALICE));
		assert!(Volumes::<Test>::contains_key(BOB));
		assert_noop!(Margin::forget_volume(RuntimeOrigin::none(), BOB), DispatchError::BadOrigin);
		set_time(start);
	});
}

#[test]
fn volume_fades_as_its_days_pass() {
	let mut volume = Volume::default();
	let start = 100 * VOLUME_PERIOD;
	volume.add(start, 3_000);
	let day = VOLUME_PERIOD / 30;
	let at = |days: Moment| volume.rolling(start + days * day);
	assert_eq!(
		(at(0), at(29), at(30), at(31), at(59), at(60)),
		(3_000, 3_000, 3_000, 2_900, 100, 0)
	);
	// A clock that stands at zero, or goes back.
	assert_eq!(volume.rolling(0), 0);
	assert_eq!(Volume::default().rolling(0), 0);
	let mut most = Volume { period: 0, current: Balance::MAX, previous: Balance::MAX };
	most.add(0, Balance::MAX);
	assert_eq!(most.rolling(0), Balance::MAX);
	assert_eq!(most.rolling(Moment::MAX), 0);
}

proptest! {
	/// Against all trades, kept: nothing of the current period is lost, nothing older than two periods
	/// counts, and of the one before as much as it would be, had it been traded evenly.
	#[test]
	fn volume_is_what_a_list_of_all_trades_gives(
		trades in proptest::collection::vec((0u64..VOLUME_PERIOD, 0u128..1_000_000_000), 1..40),
		wait in 0u64..3 * VOLUME_PERIOD,
	) {
		let mut now = 50 * VOLUME_PERIOD;
		let mut volume = Volume::default();
		let mut all = Vec::new();
		for (pause, traded) in trades {
			now += pause;
			volume.add(now, traded);
			all.push((now, traded));
		}
		now += wait;
		let of = |period: u64| -> Balance {
			all.iter().filter(|(at, _)| at / VOLUME_PERIOD == period).map(|(_, traded)| traded).sum()
		};
		let period = now / VOLUME_PERIOD;
		let left = u128::from(VOLUME_PERIOD - now % VOLUME_PERIOD);
		let naive = of(period) + of(period - 1) * left / u128::from(VOLUME_PERIOD);
		prop_assert_eq!(volume.rolling(now), naive);
		prop_assert_eq!(volume.at(now).is_zero(), of(period) + of(period - 1) == 0);
	}
}
