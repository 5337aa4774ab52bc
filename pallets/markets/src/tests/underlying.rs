use super::*;
use crate::Underlyings;

const NEW: UnderlyingId = UnderlyingId(7);

#[test]
fn underlying_is_registered_when_admin_asks() {
	ExtBuilder::build_and_execute(|| {
		let terms = underlying_terms("Solana", "SOL");
		assert_ok!(Markets::register_underlying(RuntimeOrigin::root(), NEW, terms.clone()));
		assert_eq!(Underlyings::<Test>::get(NEW), Some(terms.clone()));
		assert_eq!(events(), vec![Event::UnderlyingRegistered { underlying: NEW, terms }]);
	});
}

#[test]
fn underlying_has_new_terms_when_registered_again() {
	ExtBuilder::build_and_execute(|| {
		let mut terms = underlying_terms("Ether", "ETH");
		terms.active = false;
		assert_ok!(Markets::register_underlying(RuntimeOrigin::root(), ETH, terms.clone()));
		assert_eq!(Underlyings::<Test>::get(ETH), Some(terms.clone()));
		assert_eq!(events(), vec![Event::UnderlyingUpdated { underlying: ETH, terms }]);
	});
}

#[test]
fn underlying_is_refused_when_origin_is_not_admin() {
	ExtBuilder::build_and_execute(|| {
		let terms = underlying_terms("Solana", "SOL");
		assert_noop!(
			Markets::register_underlying(RuntimeOrigin::signed(1), NEW, terms),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn underlying_is_refused_when_a_term_makes_no_sense() {
	ExtBuilder::build_and_execute(|| {
		let good = || underlying_terms("Solana", "SOL");
		let register = |terms| Markets::register_underlying(RuntimeOrigin::root(), NEW, terms);
		let mut terms = good();
		terms.name = Default::default();
		assert_noop!(register(terms), Error::<Test>::EmptyName);
		let mut terms = good();
		terms.ticker = Default::default();
		assert_noop!(register(terms), Error::<Test>::EmptyTicker);
		let mut terms = good();
		terms.strike_step = Price::ZERO;
		assert_noop!(register(terms), Error::<Test>::ZeroStrikeStep);
		let mut terms = good();
		terms.highest_strike = Price::from_u32(49);
		assert_noop!(register(terms), Error::<Test>::HighestStrikeTooLow);
	});
}

#[test]
fn underlying_is_refused_when_there_are_too_many() {
	ExtBuilder::build_and_execute(|| {
		let register = |number| {
			let terms = underlying_terms("Other", "OTH");
			Markets::register_underlying(RuntimeOrigin::root(), UnderlyingId(number), terms)
		};
		assert_ok!(register(10));
		assert_noop!(register(11), Error::<Test>::TooManyUnderlyings);
		// A registered one is none more.
		assert_ok!(register(10));
	});
}
