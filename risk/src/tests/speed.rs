//! How long things take on this machine; run with `--ignored --nocapture`. Not a benchmark the chain
//! relies on: that one runs in wasm.

use super::support::*;
use crate::{black76::*, *};
use plimsoll_primitives::{Instrument, OptionKind, Price, Stance};
use std::{hint::black_box, time::Instant};

/// Prints the mean of the quickest of twenty batches: other work on the machine only slows.
fn each(name: &str, times: u32, mut action: impl FnMut()) {
	let batch = (times / 20).max(1);
	let mut best = u128::MAX;
	for _ in 0..20 {
		let start = Instant::now();
		for _ in 0..batch {
			action();
		}
		best = best.min(start.elapsed().as_nanos() / u128::from(batch));
	}
	println!("{name}: {best} ns");
}

#[test]
#[ignore = "prints timings, asserts nothing"]
fn speed_is_printed() {
	let x = fixed::Fixed::from_bits(3 << 62);
	each("distribution", 1_000_000, || {
		black_box(math::distribution(black_box(x)));
	});
	each("ln", 1_000_000, || {
		let _ = black_box(math::ln(black_box(x)));
	});
	each("exp", 1_000_000, || {
		let _ = black_box(math::exp(black_box(x)));
	});
	each("sqrt", 1_000_000, || {
		let _ = black_box(math::sqrt(black_box(x)));
	});
	let deviation = Deviation::new(fixed::Fixed::from_bits(1 << 62)).expect("positive");
	let (forward, strike): (Price, Price) = (price(3_000), price(3_100));
	let ratio = log_ratio(forward, strike);
	each("price in a scenario", 1_000_000, || {
		let option = (black_box(forward), black_box(strike), black_box(ratio));
		black_box(undiscounted(OptionKind::Call, option.0, option.1, option.2, &deviation));
	});
	each("product", 1_000_000, || {
		black_box(black_box(x).checked_mul(black_box(x)));
	});
	each("tail", 1_000_000, || {
		black_box(math::tail(black_box(x)));
	});
	let mut legs = vec![leg(Instrument::perpetual(ETH), 1_000)];
	for strike in 0..63 {
		let kind = if strike % 2 == 0 { OptionKind::Call } else { OptionKind::Put };
		let expiry = if strike % 3 == 0 { WEEK } else { QUARTER };
		legs.push(leg(
			option(ETH, expiry, 2_000 + 30 * strike, kind),
			500 - 17 * i128::from(strike),
		));
	}
	let (model, market, account) = (model(), market(), account(1_000, legs));
	each("margin of 64 legs at mark", 1_000, || {
		let _ = black_box(margin(&model, &market, &account, Stance::Mark));
	});
	each("margin of 64 legs, favourable", 1_000, || {
		let _ = black_box(margin(&model, &market, &account, Stance::Favourable));
	});
	each("report of 64 legs", 20, || {
		let _ = black_box(report(&model, &market, &account, Stance::Mark));
	});
	let surface = market.underlyings[0].prices.expiries[0].surface.expect("has one");
	each("check of a surface", 1_000, || {
		let _ = black_box(svi::check(&surface));
	});
}
