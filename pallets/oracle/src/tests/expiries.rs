use crate::{mock::*, Aggregates, FeedKey, Observation};
use plimsoll_primitives::{oracle::MAX_EXPIRIES, ExpiryPrices, PriceOracle, Rate};

fn expiries() -> Vec<ExpiryPrices> {
	Oracle::prices(BTC).expect("live").expiries
}

/// Alice and Bob report these of BTC, and its spot.
fn both_report(observations: &[Observation]) {
	for operator in [ALICE, BOB] {
		report(&operator, &[&[spot(BTC, 64_000)], observations].concat());
	}
}

#[test]
fn expiries_are_served_ascending() {
	ExtBuilder::build_and_execute(|| {
		both_report(&[
			forward(BTC, EXPIRY + 2, 64_200),
			forward(BTC, EXPIRY, 64_000),
			forward(BTC, EXPIRY + 1, 64_100),
			rate(BTC, EXPIRY + 1, 4),
			surface(BTC, EXPIRY + 2, 100),
		]);
		next_block();
		let served = expiries();
		let key = |one: &ExpiryPrices| (one.expiry - EXPIRY, one.forward);
		assert_eq!(
			served.iter().map(key).collect::<Vec<_>>(),
			vec![(0, usd(64_000)), (1, usd(64_100)), (2, usd(64_200))]
		);
		assert_eq!(served[0].rate, Rate::ZERO);
		assert_eq!(served[1].rate, Rate::from_rational(4, 100));
		assert_eq!(served[1].surface, None);
		assert_eq!(served[2].surface, Some(slice(100)));
	});
}

#[test]
fn expiry_is_not_served_when_its_forward_is_not_live() {
	ExtBuilder::build_and_execute(|| {
		both_report(&[forward(BTC, EXPIRY, 64_000), surface(BTC, EXPIRY, 100)]);
		next_block_after(60_000);
		both_report(&[surface(BTC, EXPIRY, 100)]);
		next_block();
		assert!(expiries().is_empty());
		let last = Oracle::last_prices(BTC).expect("known");
		assert_eq!(last.expiries[0].forward, usd(64_000));
		assert_eq!(last.oldest, START);
	});
}

#[test]
fn expiry_is_not_served_when_its_rate_was_known_and_is_not_live() {
	ExtBuilder::build_and_execute(|| {
		both_report(&[forward(BTC, EXPIRY, 64_000), rate(BTC, EXPIRY, 4)]);
		next_block_after(60_000);
		both_report(&[forward(BTC, EXPIRY, 64_000)]);
		next_block();
		assert!(expiries().is_empty());
		both_report(&[rate(BTC, EXPIRY, 4)]);
		next_block();
		assert_eq!(expiries().len(), 1);
	});
}

#[test]
fn expiry_has_no_surface_when_that_is_not_live() {
	ExtBuilder::build_and_execute(|| {
		both_report(&[forward(BTC, EXPIRY, 64_000), surface(BTC, EXPIRY, 100)]);
		next_block_after(60_000);
		both_report(&[forward(BTC, EXPIRY, 64_000)]);
		next_block();
		assert_eq!(expiries()[0].surface, None);
		let last = Oracle::last_prices(BTC).expect("known");
		assert_eq!(last.expiries[0].surface, Some(slice(100)));
	});
}

/// The runs of BTC's only expiry: of its forward and rate, and of its surface.
fn runs() -> (u32, u32) {
	let served = expiries();
	(served[0].live_blocks, served[0].surface_live_blocks)
}

#[test]
fn run_of_a_surface_starts_again_when_it_comes_back() {
	ExtBuilder::build_and_execute(|| {
		both_report(&[forward(BTC, EXPIRY, 64_000), surface(BTC, EXPIRY, 100)]);
		next_block();
		assert_eq!(runs(), (1, 1));
		for block in 2..=11 {
			both_report(&[forward(BTC, EXPIRY, 64_000)]);
			next_block();
			assert_eq!(runs().0, block);
		}
		// At the hook the surface was a minute old, now it is older.
		assert_eq!(runs(), (11, 0));
		both_report(&[forward(BTC, EXPIRY, 64_000)]);
		next_block();
		assert_eq!(runs(), (12, 0));
		both_report(&[forward(BTC, EXPIRY, 64_000), surface(BTC, EXPIRY, 100)]);
		next_block();
		assert_eq!(runs(), (13, 1));
		assert_eq!(Oracle::live_blocks(BTC), 13);
		both_report(&[surface(BTC, EXPIRY, 100)]);
		next_block();
		assert_eq!(runs(), (14, 2));
		let last = Oracle::last_prices(BTC).expect("known").expiries;
		assert_eq!((last[0].live_blocks, last[0].surface_live_blocks), (0, 0));
	});
}

#[test]
fn run_of_an_expiry_starts_again_when_its_forward_or_rate_comes_back() {
	let both = [forward(BTC, EXPIRY, 64_000), rate(BTC, EXPIRY, 4)];
	for left_out in 0..2 {
		ExtBuilder::build_and_execute(|| {
			both_report(&both);
			next_block();
			next_block();
			assert_eq!(runs(), (2, 0));
			for _ in 0..12 {
				both_report(&[both[1 - left_out]]);
				next_block();
			}
			assert!(expiries().is_empty());
			both_report(&both);
			next_block();
			assert_eq!(runs(), (1, 0));
			assert_eq!(Oracle::live_blocks(BTC), 15);
		});
	}
}

#[test]
fn expiry_is_forgotten_when_it_has_passed() {
	ExtBuilder::build_and_execute(|| {
		let soon = START + BLOCK;
		both_report(&[forward(BTC, soon, 64_000), forward(BTC, soon + 1, 64_000)]);
		next_block();
		// Passed in this block already: not served, though the hook has not seen it pass.
		assert_eq!(expiries().len(), 1);
		assert_eq!(Oracle::last_prices(BTC).expect("known").expiries.len(), 2);
		next_block();
		assert_eq!(Oracle::last_prices(BTC).expect("known").expiries.len(), 1);
	});
}

#[test]
fn oldest_of_the_whole_counts_what_is_served() {
	ExtBuilder::build_and_execute(|| {
		both_report(&[forward(BTC, EXPIRY, 64_000), surface(BTC, EXPIRY, 100)]);
		next_block();
		both_report(&[forward(BTC, EXPIRY, 64_000)]);
		next_block();
		assert_eq!(Oracle::prices(BTC).expect("live").oldest, START);
		assert_eq!(btc().oldest, START + BLOCK);
	});
}

#[test]
fn rate_diverges_and_steps_in_absolute_terms() {
	ExtBuilder::build_and_execute(|| {
		set_params(|params| params.quorum = 1);
		let known = || Aggregates::<Test>::get(BTC).expect("known").expiries[0].rate;
		report(&ALICE, &[rate(BTC, EXPIRY, 0)]);
		next_block();
		assert_eq!(known().expect("live").value, Rate::ZERO);
		report(&ALICE, &[rate(BTC, EXPIRY, 7)]);
		next_block();
		assert_eq!(known().expect("live").value, Rate::from_rational(5, 100));
		assert!(known().expect("live").stepped);
		report(&BOB, &[rate(BTC, EXPIRY, 20)]);
		next_block();
		assert!(known().expect("known").failure.is_some());
	});
}

#[test]
fn expiries_of_a_minority_do_not_crowd_out_the_others() {
	ExtBuilder::build_and_execute(|| {
		let many = |from: u64| -> Vec<_> {
			(0..u64::from(MAX_EXPIRIES)).map(|index| forward(BTC, from + index, 64_000)).collect()
		};
		report(&CAROL, &many(START + BLOCK * 10));
		both_report(&[forward(BTC, EXPIRY, 64_000)]);
		next_block();
		assert_eq!(expiries().len(), 1);
		assert_eq!(expiries()[0].expiry, EXPIRY);
	});
}

#[test]
fn expiries_are_the_reported_and_nearest_when_there_are_too_many() {
	ExtBuilder::build_and_execute(|| {
		let many = |from: u64| -> Vec<_> {
			(0..u64::from(MAX_EXPIRIES)).map(|index| forward(BTC, from + index, 64_000)).collect()
		};
		for operator in [ALICE, BOB] {
			report(&operator, &many(EXPIRY));
		}
		next_block();
		for operator in [CAROL, DAVE] {
			report(&operator, &many(EXPIRY + 12));
		}
		next_block();
		let known = Aggregates::<Test>::get(BTC).expect("known").expiries;
		assert_eq!(known.len(), usize::try_from(MAX_EXPIRIES).expect("small; qed"));
		assert_eq!(known[0].expiry, EXPIRY);

		// The first two stop: their expiries make room for those that are reported on.
		next_block_after(60_001);
		next_block();
		for operator in [CAROL, DAVE] {
			report(&operator, &many(EXPIRY + 12));
		}
		next_block();
		let known = Aggregates::<Test>::get(BTC).expect("known").expiries;
		assert_eq!(known[0].expiry, EXPIRY + 12);
	});
}

#[test]
fn forwards_of_one_underlying_do_not_make_it_live() {
	ExtBuilder::build_and_execute(|| {
		for operator in [ALICE, BOB] {
			report(&operator, &[forward(BTC, EXPIRY, 64_000)]);
		}
		next_block();
		assert_eq!(Oracle::prices(BTC), Err(plimsoll_primitives::PriceError::NoQuorum));
		assert_eq!(Oracle::last_prices(BTC), None);
		assert_eq!(Oracle::live_blocks(BTC), 0);
	});
}

#[test]
fn events_name_their_feed() {
	ExtBuilder::build_and_execute(|| {
		both_report(&[forward(BTC, EXPIRY, 64_000)]);
		next_block();
		let feed = FeedKey::Forward { underlying: BTC, expiry: EXPIRY };
		assert!(events().contains(&crate::Event::FeedLive { feed }));
	});
}
