use crate::{
	mock::*, Error, Event, FeedKey, LastBatch, Observation, SettlementAssetValues, Values,
};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo, Pays},
};
use plimsoll_primitives::{oracle::MAX_EXPIRIES, Price, PriceError, PriceOracle, Rate};
use sp_arithmetic::FixedI128;

/// What Alice's batch is refused with.
fn refused(observations: &[Observation], error: Error<Test>) {
	let origin = RuntimeOrigin::signed(ALICE);
	assert_noop!(Oracle::submit(origin, batch(observations)), error);
}

#[test]
fn submit_keeps_values_stamped_with_chain_time() {
	ExtBuilder::build_and_execute(|| {
		report(
			&ALICE,
			&[
				spot(BTC, 64_000),
				forward(BTC, EXPIRY, 64_100),
				rate(BTC, EXPIRY, 4),
				surface(BTC, EXPIRY, 100),
				spot(ETH, 3_000),
				settlement_asset(100),
			],
		);

		let btc = Values::<Test>::get(BTC, ALICE);
		let spot = btc.spot.expect("reported; qed");
		assert_eq!((spot.value, spot.at), (usd(64_000), START));
		assert_eq!(btc.expiries.len(), 1);
		assert_eq!(btc.expiries[0].forward.expect("reported; qed").value, usd(64_100));
		assert_eq!(btc.expiries[0].rate.expect("reported; qed").at, START);
		assert_eq!(btc.expiries[0].surface.expect("reported; qed").value, slice(100));
		assert!(Values::<Test>::get(ETH, ALICE).spot.is_some());
		assert!(SettlementAssetValues::<Test>::get(ALICE).is_some());
		assert_eq!(LastBatch::<Test>::get(ALICE), Some(1));
		assert_eq!(events(), vec![Event::BatchSubmitted { operator: ALICE, observations: 6 }]);
	});
}

#[test]
fn submit_is_operational_and_free_only_when_it_succeeds() {
	ExtBuilder::build_and_execute(|| {
		let call = crate::Call::<Test>::submit { observations: batch(&[spot(BTC, 1)]) };
		let info = call.get_dispatch_info();
		assert_eq!(info.class, DispatchClass::Operational);
		assert_eq!(info.pays_fee, Pays::Yes);

		let taken = Oracle::submit(RuntimeOrigin::signed(ALICE), batch(&[spot(BTC, 1)]));
		assert_eq!(taken.expect("it is fine; qed").pays_fee, Pays::No);
		let refused = Oracle::submit(RuntimeOrigin::signed(ALICE), batch(&[spot(BTC, 1)]));
		assert_eq!(refused.expect_err("the second; qed").post_info.pays_fee, Pays::Yes);
	});
}

#[test]
fn submit_is_refused_when_unsigned() {
	ExtBuilder::build_and_execute(|| {
		let error = sp_runtime::DispatchError::BadOrigin;
		assert_noop!(Oracle::submit(RuntimeOrigin::none(), batch(&[spot(BTC, 1)])), error);
		assert_noop!(Oracle::submit(RuntimeOrigin::root(), batch(&[spot(BTC, 1)])), error);
	});
}

#[test]
fn submit_is_refused_when_the_sender_is_not_an_operator() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(
			Oracle::submit(RuntimeOrigin::signed(STRANGER), batch(&[spot(BTC, 64_000)])),
			Error::<Test>::NotOperator
		);
	});
}

#[test]
fn submit_is_refused_when_there_are_more_members_than_operators_may_be() {
	ExtBuilder::build_and_execute(|| {
		let extra = (5..8).map(|byte| AccountId::new([byte; 32]));
		Members::mutate(|members| members.extend(extra));
		report(&AccountId::new([5; 32]), &[spot(BTC, 64_000)]);
		assert_noop!(
			Oracle::submit(
				RuntimeOrigin::signed(AccountId::new([6; 32])),
				batch(&[spot(BTC, 64_000)])
			),
			Error::<Test>::NotOperator
		);
	});
}

#[test]
fn submit_is_refused_when_it_is_the_second_batch_of_a_block() {
	ExtBuilder::build_and_execute(|| {
		report(&ALICE, &[spot(BTC, 64_000)]);
		refused(&[spot(ETH, 3_000)], Error::AlreadySubmitted);
		report(&BOB, &[spot(BTC, 64_000)]);
		next_block();
		report(&ALICE, &[spot(BTC, 64_000)]);
	});
}

#[test]
fn submit_is_refused_when_the_chain_has_no_time() {
	ExtBuilder::build_and_execute(|| {
		Now::set(0);
		refused(&[spot(BTC, 64_000)], Error::NoTime);
	});
}

#[test]
fn submit_is_refused_when_the_chain_stood_still_before_this_block() {
	ExtBuilder::build_and_execute(|| {
		for operator in [ALICE, BOB] {
			report(&operator, &[spot(BTC, 64_000)]);
		}
		next_block_after(60 * 60 * 1_000);
		// Made before the hour of silence: an hour old, though chain time would say new.
		refused(&[spot(BTC, 64_000)], Error::ChainStoodStill);
		next_block();
		assert_eq!(Oracle::prices(BTC), Err(PriceError::Stale));
		for operator in [ALICE, BOB] {
			report(&operator, &[spot(BTC, 60_000)]);
		}
		next_block();
		assert!(Oracle::prices(BTC).is_ok());
	});
}

#[test]
fn submit_is_taken_when_the_block_before_is_just_young_enough() {
	ExtBuilder::build_and_execute(|| {
		next_block_after(60_000);
		report(&ALICE, &[spot(BTC, 64_000)]);
		next_block_after(60_001);
		refused(&[spot(BTC, 64_000)], Error::ChainStoodStill);
	});
}

#[test]
fn submit_is_refused_when_the_batch_is_empty() {
	ExtBuilder::build_and_execute(|| refused(&[], Error::EmptyBatch));
}

#[test]
fn submit_is_refused_when_a_value_is_there_twice() {
	ExtBuilder::build_and_execute(|| {
		refused(
			&[spot(BTC, 64_000), settlement_asset(100), spot(BTC, 64_001)],
			Error::DuplicateObservation,
		);
		assert_ok!(Oracle::submit(
			RuntimeOrigin::signed(ALICE),
			batch(&[forward(BTC, EXPIRY, 1), forward(BTC, EXPIRY + 1, 1), forward(ETH, EXPIRY, 1)])
		));
	});
}

#[test]
fn submit_is_refused_when_the_underlying_has_no_feed() {
	ExtBuilder::build_and_execute(|| {
		for unknown in [
			spot(UNKNOWN, 1),
			forward(UNKNOWN, EXPIRY, 1),
			rate(UNKNOWN, EXPIRY, 1),
			surface(UNKNOWN, EXPIRY, 100),
		] {
			refused(&[spot(BTC, 64_000), unknown], Error::UnknownUnderlying);
		}
	});
}

#[test]
fn submit_is_refused_when_a_price_is_zero_or_absurd() {
	ExtBuilder::build_and_execute(|| {
		let most = Observation::Spot { underlying: BTC, price: Price::from_inner(u128::MAX) };
		for bad in [
			spot(BTC, 0),
			spot(BTC, 1_000_001),
			most,
			forward(BTC, EXPIRY, 0),
			forward(BTC, EXPIRY, 2_000_000),
			settlement_asset(0),
			settlement_asset(49),
			settlement_asset(201),
		] {
			refused(&[spot(ETH, 3_000), bad], Error::PriceOutOfBounds);
		}
	});
}

#[test]
fn submit_is_refused_when_a_rate_is_absurd() {
	ExtBuilder::build_and_execute(|| {
		for scaled in [i128::MIN, i128::MAX, Rate::from_u32(5).into_inner() + 1] {
			let rate = Rate::from_inner(scaled);
			let bad = Observation::Rate { underlying: BTC, expiry: EXPIRY, rate };
			refused(&[bad], Error::RateOutOfBounds);
		}
		let lowest = Rate::from_u32(5).checked_neg().expect("small; qed");
		report(&ALICE, &[Observation::Rate { underlying: BTC, expiry: EXPIRY, rate: lowest }]);
	});
}

#[test]
fn submit_is_refused_when_an_expiry_has_passed() {
	ExtBuilder::build_and_execute(|| {
		for passed in [START, START - 1, 0] {
			refused(&[forward(BTC, passed, 64_000)], Error::ExpiryPassed);
			refused(&[rate(BTC, passed, 4)], Error::ExpiryPassed);
			refused(&[surface(BTC, passed, 100)], Error::ExpiryPassed);
		}
		report(&ALICE, &[forward(BTC, START + 1, 64_000)]);
	});
}

#[test]
fn submit_is_refused_when_the_operator_has_too_many_expiries() {
	ExtBuilder::build_and_execute(|| {
		let all: Vec<_> = (1..=u64::from(MAX_EXPIRIES))
			.map(|index| forward(BTC, START + BLOCK * index, 64_000))
			.collect();
		report(&ALICE, &all);
		next_block_after(1);
		refused(&[forward(BTC, EXPIRY, 64_000)], Error::TooManyExpiries);
		refused(&[spot(ETH, 3_000), rate(BTC, EXPIRY, 4)], Error::TooManyExpiries);
		report(&ALICE, &[forward(BTC, START + BLOCK, 64_001), forward(ETH, EXPIRY, 3_000)]);
	});
}

#[test]
fn submit_makes_room_when_expiries_pass_or_are_long_unreported() {
	ExtBuilder::build_and_execute(|| {
		let all: Vec<_> = (1..=u64::from(MAX_EXPIRIES))
			.map(|index| forward(BTC, EXPIRY + index, 64_000))
			.collect();
		report(&ALICE, &all);
		next_block_after(60_001);
		next_block();
		report(&ALICE, &[forward(BTC, EXPIRY, 64_000)]);
		assert_eq!(Values::<Test>::get(BTC, ALICE).expiries.len(), 1);

		next_block_after(EXPIRY - Now::get() - BLOCK);
		next_block();
		report(&ALICE, &[forward(BTC, EXPIRY + 1, 64_000)]);
		assert_eq!(Values::<Test>::get(BTC, ALICE).expiries[0].expiry, EXPIRY + 1);
	});
}

#[test]
fn submit_is_refused_when_a_surface_admits_arbitrage() {
	ExtBuilder::build_and_execute(|| {
		let bad = Observation::Surface { underlying: BTC, expiry: EXPIRY, surface: bad_slice() };
		refused(&[spot(BTC, 64_000), bad], Error::SurfaceArbitrage);
	});
}

#[test]
fn submit_is_refused_when_a_surface_is_out_of_its_domain() {
	ExtBuilder::build_and_execute(|| {
		let mut surface = slice(100);
		surface.rho = FixedI128::from_u32(2);
		let bad = Observation::Surface { underlying: BTC, expiry: EXPIRY, surface };
		refused(&[spot(BTC, 64_000), bad], Error::SurfaceOutOfDomain);
	});
}

#[test]
fn submit_is_refused_when_two_surfaces_cross() {
	ExtBuilder::build_and_execute(|| {
		refused(
			&[surface(BTC, EXPIRY + 1, 100), surface(BTC, EXPIRY, 200)],
			Error::CalendarArbitrage,
		);
		report(
			&ALICE,
			&[
				surface(BTC, EXPIRY + 1, 200),
				surface(BTC, EXPIRY, 100),
				// Another underlying's are compared with each other only.
				surface(ETH, EXPIRY, 50),
			],
		);
	});
}

#[test]
fn submit_replaces_only_what_it_reports() {
	ExtBuilder::build_and_execute(|| {
		report(&ALICE, &[spot(BTC, 64_000), forward(BTC, EXPIRY, 64_100)]);
		next_block();
		report(&ALICE, &[forward(BTC, EXPIRY, 64_200)]);
		let values = Values::<Test>::get(BTC, ALICE);
		assert_eq!(values.spot.expect("kept; qed").at, START);
		assert_eq!(values.expiries[0].forward.expect("replaced; qed").at, START + BLOCK);
	});
}

#[test]
fn keys_are_those_of_what_is_observed() {
	let underlying = BTC;
	let expiry = EXPIRY;
	assert_eq!(spot(BTC, 1).key(), FeedKey::Spot { underlying });
	assert_eq!(forward(BTC, EXPIRY, 1).key(), FeedKey::Forward { underlying, expiry });
	assert_eq!(rate(BTC, EXPIRY, 1).key(), FeedKey::Rate { underlying, expiry });
	assert_eq!(surface(BTC, EXPIRY, 1).key(), FeedKey::Surface { underlying, expiry });
	assert_eq!(settlement_asset(1).key(), FeedKey::SettlementAsset);
}
