use crate::{
	mock::*,
	surface::{at_the_money, choose, shifted_to, total_variance},
	Aggregate, Aggregates, Event, Observation,
};
use plimsoll_primitives::{PriceError, Svi};
use plimsoll_risk::svi;
use sp_arithmetic::{FixedI128, FixedU128};

fn known(index: usize) -> Aggregate<Svi> {
	let aggregate = Aggregates::<Test>::get(BTC).expect("known");
	aggregate.expiries[index].surface.expect("known")
}

fn half() -> FixedU128 {
	FixedU128::from_rational(1, 2)
}

#[test]
fn total_variance_is_that_of_the_formula() {
	// a + b·sigma at k = m = 0: 0.01 + 0.02·0.1.
	let expected = FixedI128::from_inner(12_000_000_000_000_000);
	assert_eq!(at_the_money(&slice(100)), Some(expected));
	// At k = 0.1: 0.01 + 0.02·(−0.3·0.1 + sqrt(0.02)).
	let k = FixedI128::from_inner(100_000_000_000_000_000);
	let variance = total_variance(&slice(100), k).expect("in range").into_inner();
	assert!(variance.abs_diff(12_228_427_124_746_190) < 3);
}

#[test]
fn total_variance_is_none_when_it_overflows_or_is_negative() {
	let far = FixedI128::from_inner(i128::MAX);
	assert_eq!(total_variance(&slice(100), far), None);
	let low = Svi { a: FixedI128::from_inner(-FixedI128::from_u32(1).into_inner()), ..slice(0) };
	assert_eq!(at_the_money(&low), None);
}

#[test]
fn shift_moves_the_level_when_the_result_is_sound() {
	let target = at_the_money(&slice(200)).expect("in range");
	assert_eq!(shifted_to(&slice(100), target), Some(slice(200)));
	assert_eq!(svi::check(&slice(200)), Ok(()));
}

#[test]
fn shift_is_refused_when_the_result_is_not_sound() {
	assert_eq!(shifted_to(&slice(100), FixedI128::from_inner(1)), None);
	assert_eq!(shifted_to(&slice(100), FixedI128::from_inner(i128::MAX)), None);
}

#[test]
fn choice_is_one_of_the_surfaces_and_the_middle_one() {
	let choice = choose(&[slice(90), slice(110), slice(100)], half()).expect("in range");
	assert_eq!(choice.surface, slice(100));
	assert!(choice.agreed);
}

#[test]
fn choice_ignores_a_liar_in_the_wings() {
	// Its level at the money is the middle one, its wings are not.
	let lie = Svi { sigma: FixedI128::from_inner(1), b: FixedI128::from_u32(1), ..slice(120) };
	let choice = choose(&[slice(99), slice(101), lie], half()).expect("in range");
	assert_ne!(choice.surface, lie);
	assert!(choice.agreed);
}

#[test]
fn choice_does_not_agree_when_two_are_far_apart() {
	let choice = choose(&[slice(100), slice(1_000)], half()).expect("in range");
	assert!(!choice.agreed);
}

#[test]
fn choice_is_none_when_nothing_can_be_valued() {
	assert_eq!(choose(&[], half()), None);
	let bad = Svi { a: FixedI128::from_inner(i128::MIN), ..slice(0) };
	assert_eq!(choose(&[bad], half()), None);
}

#[test]
fn surface_diverges_when_operators_disagree() {
	ExtBuilder::build_and_execute(|| {
		report(&ALICE, &[surface(BTC, EXPIRY, 100)]);
		report(&BOB, &[surface(BTC, EXPIRY, 110)]);
		next_block();
		assert_eq!(known(0).failure, None);
		report(&ALICE, &[surface(BTC, EXPIRY, 2_000)]);
		next_block();
		assert_eq!(known(0).failure, Some(PriceError::Diverged));
		// Serves no more, but is still known.
		assert!([slice(100), slice(110)].contains(&known(0).value));
	});
}

/// An expiry after [`EXPIRY`].
const LATER: u64 = EXPIRY + 86_400_000;

/// Operators whose chosen surfaces cross: that of the later expiry comes from others than that of
/// the earlier one.
fn report_crossing(near: u32, far: u32) {
	report(&ALICE, &[surface(BTC, EXPIRY, near)]);
	report(&BOB, &[surface(BTC, EXPIRY, near)]);
	report(&CAROL, &[surface(BTC, LATER, far)]);
	report(&DAVE, &[surface(BTC, LATER, far)]);
}

#[test]
fn surface_is_left_out_when_it_crosses_and_there_was_none_before() {
	ExtBuilder::build_and_execute(|| {
		report_crossing(200, 100);
		next_block();
		assert_eq!(known(0).value, slice(200));
		assert_eq!(Aggregates::<Test>::get(BTC).expect("known").expiries.len(), 1);
	});
}

#[test]
fn surface_is_kept_with_its_old_stamp_when_the_new_one_crosses() {
	ExtBuilder::build_and_execute(|| {
		report_crossing(100, 200);
		next_block();
		report_crossing(150, 140);
		next_block();
		assert_eq!(known(0).value, slice(150));
		assert_eq!((known(1).value, known(1).oldest), (slice(200), START));
		assert!(known(1).stepped);
		let kept = Event::SurfaceKept { underlying: BTC, expiry: LATER, shifted: false };
		assert!(events().contains(&kept));
		// It is said once, though it stays so until the kept one is too old.
		next_block_after(60_000);
		next_block();
		assert_eq!(events().into_iter().filter(|event| *event == kept).count(), 1);
		assert_eq!(known(1).failure, Some(PriceError::Stale));
	});
}

#[test]
fn surface_is_shifted_to_the_new_level_when_only_the_new_shape_crosses() {
	ExtBuilder::build_and_execute(|| {
		report_crossing(100, 200);
		next_block();
		// At the money it lies above the nearer one, in the wings far below.
		let flat = Svi {
			b: FixedI128::from_inner(1_000_000_000_000_000),
			a: FixedI128::from_inner(31_900_000_000_000_000),
			..slice(0)
		};
		assert_eq!(svi::check(&flat), Ok(()));
		for (operator, observation) in [
			(ALICE, surface(BTC, EXPIRY, 290)),
			(BOB, surface(BTC, EXPIRY, 290)),
			(CAROL, Observation::Surface { underlying: BTC, expiry: LATER, surface: flat }),
			(DAVE, Observation::Surface { underlying: BTC, expiry: LATER, surface: flat }),
		] {
			report(&operator, &[observation]);
		}
		next_block();
		assert_eq!(known(1).value, slice(300));
		assert_eq!(known(1).oldest, START + BLOCK);
		let kept = Event::SurfaceKept { underlying: BTC, expiry: LATER, shifted: true };
		assert!(events().contains(&kept));
	});
}

#[test]
fn bad_slice_is_what_it_is_for() {
	assert_eq!(svi::check(&bad_slice()), Err(svi::SviError::Butterfly));
	for level in [1, 100, 1_000, 5_000] {
		assert_eq!(svi::check(&slice(level)), Ok(()), "{level}");
	}
}
