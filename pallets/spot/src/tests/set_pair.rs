use crate::{mock::*, Error, Event, PairTerms, Pairs};
use frame_support::{assert_noop, assert_ok};
use plimsoll_primitives::{CollateralId, Price};
use sp_runtime::{DispatchError, Permill};

#[test]
fn pair_is_opened_changed_and_closed() {
	execute(|| {
		let changed = PairTerms { lot: 7 * LOT, ..terms() };
		assert_ok!(Spot::set_pair(RuntimeOrigin::root(), ETH, Some(changed)));
		assert_eq!(Pairs::<Test>::get(ETH), Some(changed));
		System::assert_last_event(RuntimeEvent::Spot(Event::PairSet {
			collateral: ETH,
			terms: changed,
		}));
		assert_ok!(Spot::set_pair(RuntimeOrigin::root(), ETH, None));
		assert_eq!(Pairs::<Test>::get(ETH), None);
		System::assert_last_event(RuntimeEvent::Spot(Event::PairRemoved { collateral: ETH }));
		assert_noop!(Spot::set_pair(RuntimeOrigin::root(), ETH, None), Error::<Test>::UnknownPair);
	});
}

#[test]
fn pair_is_refused_when_its_terms_make_no_sense() {
	execute(|| {
		let set = |id, terms| Spot::set_pair(RuntimeOrigin::root(), id, Some(terms));
		assert_noop!(set(CollateralId(9), terms()), Error::<Test>::UnknownCollateral);
		assert_noop!(set(SAME, terms()), Error::<Test>::SameAsset);
		assert_noop!(set(ETH, PairTerms { lot: 0, ..terms() }), Error::<Test>::InvalidLot);
		EtherMinimum::set(LOT + 1);
		assert_noop!(set(ETH, terms()), Error::<Test>::LotBelowMinimum);
		EtherMinimum::set(LOT);
		assert_ok!(set(ETH, terms()));
		let tick = Price::from_rational(1, 100_000);
		assert_noop!(set(ETH, PairTerms { tick, ..terms() }), Error::<Test>::InvalidTick);
		let tick = Price::ZERO;
		assert_noop!(set(ETH, PairTerms { tick, ..terms() }), Error::<Test>::InvalidTick);
		for price_band in [Permill::zero(), Permill::one()] {
			let terms = PairTerms { price_band, ..terms() };
			assert_noop!(set(ETH, terms), Error::<Test>::InvalidPriceBand);
		}
	});
}

#[test]
fn pair_is_refused_when_nobody_of_the_admins_asks() {
	execute(|| {
		assert_noop!(
			Spot::set_pair(RuntimeOrigin::signed(ALICE), ETH, Some(terms())),
			DispatchError::BadOrigin
		);
	});
}
