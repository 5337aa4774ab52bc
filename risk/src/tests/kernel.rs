//! The array kernel against the precise path and against mpmath's values, over its domain and at its
//! edges, and that the engine takes the other path outside.

use super::{black76_reference::BLACK, support::*};
use crate::{
	black76::{self, log_ratio, Deviation},
	fixed::{Fixed, ONE as FIXED_ONE},
	kernel::{time_value, undiscounted, ScaledDeviation, ScaledPrice, ERROR_STEPS},
	math::{exp, fast_tail, ln_integer, tail, Probability},
	model::{RiskModel, Scenario, VolatilityShock},
	report,
	state::SeriesVolatility,
	tenor::{Tenor, YEAR},
};
use plimsoll_primitives::{Instrument, OptionKind, Price, Stance, Volatility};
use sp_arithmetic::FixedI128;

/// Numbers that look random and are the same on every run (splitmix64).
struct Numbers(u64);

impl Numbers {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	fn below(&mut self, limit: u64) -> u64 {
		self.next() % limit
	}

	/// Of any size up to so many bits, all sizes alike.
	fn of_any_size(&mut self, bits: u64) -> u128 {
		let wide = (u128::from(self.next()) << 64) | u128::from(self.next());
		(wide >> (128 - 1 - self.below(bits))).max(1)
	}

	/// From −1 to 1.
	fn signed(&mut self) -> Fixed {
		Fixed::from_bits((i128::from(self.next()) << 1) - (1 << 64))
	}
}

fn scaled(raw: u128) -> ScaledPrice {
	let log = ln_integer(raw).expect("above zero");
	ScaledPrice::new(Price::from_inner(raw), log).expect("above zero")
}

/// What the two paths give, and the kernel's error in steps of 2^−64 of the lesser price, less the
/// unit that each rounds by.
fn compare(kind: OptionKind, forward: u128, strike: u128, total: Fixed) -> (u128, u128, u128) {
	let (forward_price, strike_price) = (Price::from_inner(forward), Price::from_inner(strike));
	let deviation = Deviation::new(total).expect("not negative");
	let precise = black76::undiscounted(
		kind,
		forward_price,
		strike_price,
		log_ratio(forward_price, strike_price),
		&deviation,
	);
	let own = ScaledDeviation::new(total).expect("within the domain");
	let fast = undiscounted(kind, &scaled(forward), &scaled(strike), &own);
	let (fast, precise) = (fast.into_inner(), precise.into_inner());
	let error = fast.abs_diff(precise).saturating_sub(1);
	// Below 2^128: the error is a small part of the price.
	let lesser = forward.min(strike);
	let steps = error.checked_div(lesser >> 64).unwrap_or_else(|| (error << 64) / lesser);
	(fast, precise, steps)
}

/// A strike at `ratio` = ln(strike / forward); `None` where it does not fit.
fn strike_at(forward: u128, ratio: Fixed) -> Option<u128> {
	let factor = exp(ratio).ok()?.to_bits().unsigned_abs();
	let strike = if forward >> 64 == 0 {
		(forward * (factor >> 32).min(u128::from(u64::MAX))) >> 32
	} else {
		(forward >> 64).checked_mul(factor)?
	};
	(strike > 0).then_some(strike)
}

#[test]
fn kernel_agrees_with_precise_path_over_its_domain() {
	let mut numbers = Numbers(76);
	let (mut largest, mut compared) = (0, 0);
	for _ in 0..200_000 {
		let forward = numbers.of_any_size(126);
		// σ√T from 2^−24 to 2, all sizes alike.
		let size = i128::from(numbers.below(25));
		let total = (1i128 << (40 + size)) + (i128::from(numbers.next()) >> 24 << size);
		let total = Fixed::from_bits(total);
		let ratio = match numbers.below(3) {
			// Up to 14 deviations away, up to the thousandfold, at the money.
			0 => numbers.signed().checked_mul(total).and_then(|by| by.checked_mul_int(14)),
			1 => numbers.signed().checked_mul_int(7),
			_ => numbers.signed().checked_mul(total),
		};
		let Some(strike) = strike_at(forward, ratio.expect("small")) else { continue };
		for kind in [OptionKind::Call, OptionKind::Put] {
			let (fast, precise, steps) = compare(kind, forward, strike, total);
			assert!(
				steps <= u128::from(ERROR_STEPS),
				"{kind:?} {forward} {strike} {total}: {fast}, precisely {precise}, {steps} steps"
			);
			largest = largest.max(steps);
			compared += 1;
		}
	}
	assert!(compared > 350_000);
	println!("array kernel: largest error {largest}/2^64 of the lesser of forward and strike");
}

#[test]
fn kernel_agrees_with_reference() {
	let mut compared = 0;
	for (forward, strike, volatility, milliseconds, rate, call, put, ..) in BLACK {
		let tenor = Tenor::from_milliseconds(milliseconds).expect("every tenor has a root");
		let total = tenor.deviation(Volatility::from_inner(volatility)).expect("within the domain");
		let Some(deviation) = ScaledDeviation::new(total) else { continue };
		if rate != 0 || forward == 0 || strike == 0 {
			continue;
		}
		for (kind, expected) in [(OptionKind::Call, call), (OptionKind::Put, put)] {
			let got = undiscounted(kind, &scaled(forward), &scaled(strike), &deviation);
			let error = got.into_inner().abs_diff(expected);
			let bound = forward / 25_000_000_000_000 + 1;
			assert!(error <= bound, "{kind:?} {forward} {strike} {volatility}: off by {error}");
			compared += 1;
		}
	}
	assert!(compared >= 20, "{compared}");
}

#[test]
fn kernel_keeps_its_digits_when_the_time_value_is_small() {
	let mut numbers = Numbers(77);
	let forward = 60_000 * 1_000_000_000_000_000_000;
	let mut compared = 0;
	while compared < 20_000 {
		// σ√T from 0.4 % to 50 %, up to three deviations away, and up to six.
		let total = Fixed::from_bits((1i128 << 56) + (i128::from(numbers.next()) >> 1));
		let (reach, part) = [(3, 10_000_000_000), (6, 10_000_000)][compared % 2];
		let by = numbers.signed().checked_mul(total).and_then(|by| by.checked_mul_int(reach));
		let Some(strike) = strike_at(forward, by.expect("small")) else { continue };
		let kind = if strike >= forward { OptionKind::Call } else { OptionKind::Put };
		let (fast, precise, _) = compare(kind, forward, strike, total);
		let error = fast.abs_diff(precise);
		assert!(error <= precise / part + 1, "{strike} {total}: {fast} {precise}");
		compared += 1;
	}
}

#[test]
fn kernel_agrees_with_precise_path_at_the_edges() {
	const DOLLAR: u128 = 1_000_000_000_000_000_000;
	let second = Tenor::from_milliseconds(1_000).expect("a second");
	let brief = second.deviation(Volatility::from_inner(DOLLAR / 100)).expect("small");
	let totals = [
		Fixed::from_bits(1 << 40),
		Fixed::from_bits((1 << 40) + 1),
		brief,
		Fixed::from_bits(1 << 62),
		FIXED_ONE,
		Fixed::from_bits((2 << 64) - 1),
	];
	// From the smallest price to 1e20 USD.
	for forward in [1, 2, 999, DOLLAR, 60_000 * DOLLAR, 100_000_000_000_000_000_000 * DOLLAR] {
		for strike in [forward, forward + 1, (forward - 1).max(1), forward * 2, forward / 1000 + 1]
		{
			for total in totals {
				for kind in [OptionKind::Call, OptionKind::Put] {
					let (fast, precise, steps) = compare(kind, forward, strike, total);
					assert!(
						steps <= u128::from(ERROR_STEPS),
						"{kind:?} {forward} {strike} {total}: {fast} {precise}"
					);
				}
			}
		}
	}
	// A thousand times and a thousandth.
	for (forward, strike) in [(DOLLAR, 1000 * DOLLAR), (1000 * DOLLAR, DOLLAR)] {
		for total in totals {
			let (_, _, steps) = compare(OptionKind::Call, forward, strike, total);
			assert!(steps <= u128::from(ERROR_STEPS));
		}
		// There is no time value a second before expiry, and there is some in the long run.
		let value = |total| {
			let deviation = ScaledDeviation::new(total).expect("within the domain");
			time_value(&scaled(forward), &scaled(strike), &deviation).into_inner()
		};
		assert_eq!(value(brief), 0);
		assert!(value(Fixed::from_num(1)) > DOLLAR / 1_000_000_000_000);
	}
}

#[test]
fn kernel_agrees_with_precise_path_at_the_ends_of_segments() {
	// y/s − s/2 at and beside each multiple of 1/32, beyond the table's end too.
	let forward = 1u128 << 100;
	let total = Fixed::from_bits(1 << 60);
	for parts in 0..=400 {
		for step in [-3, 0, 3] {
			let near = Fixed::from_bits((parts << 59) + step);
			let far = near.checked_add(Fixed::from_bits(1 << 59)).expect("small");
			let by = far.checked_mul(total).expect("small");
			let strike = strike_at(forward, by).expect("fits");
			let (_, _, steps) = compare(OptionKind::Call, forward, strike, total);
			assert!(steps <= u128::from(ERROR_STEPS), "{parts} {step}");
		}
	}
}

#[test]
fn kernel_refuses_what_it_is_not_made_for() {
	let bits = Fixed::from_bits;
	for total in [bits(0), bits(-1), bits((1 << 40) - 1), bits(2 << 64), Fixed::max_value()] {
		assert_eq!(ScaledDeviation::new(total), None);
	}
	assert!(ScaledDeviation::new(bits(1 << 40)).is_some());
	assert!(ScaledDeviation::new(bits((2 << 64) - 1)).is_some());
	assert_eq!(ScaledPrice::new(Price::ZERO, bits(0)), None);
	assert_eq!(ScaledPrice::new(Price::ONE, Fixed::from_num(128)), None);
	assert!(ScaledPrice::new(Price::from_inner(u128::MAX), Fixed::from_num(89)).is_some());
}

#[test]
fn kernel_stays_within_arbitrage_bounds() {
	let mut numbers = Numbers(78);
	for _ in 0..50_000 {
		let (forward, strike) = (numbers.of_any_size(128), numbers.of_any_size(128));
		let total = Fixed::from_bits((1 << 40) + i128::from(numbers.next()));
		let deviation = ScaledDeviation::new(total).expect("within the domain");
		let of = |kind| undiscounted(kind, &scaled(forward), &scaled(strike), &deviation);
		let (call, put) = (of(OptionKind::Call).into_inner(), of(OptionKind::Put).into_inner());
		assert!(call >= forward.saturating_sub(strike) && call <= forward);
		assert!(put >= strike.saturating_sub(forward) && put <= strike);
		// Parity to the last digit.
		assert_eq!(call - forward.saturating_sub(strike), put - strike.saturating_sub(forward));
	}
}

/// With 110 bits after the point.
fn bits_of(probability: Probability) -> u128 {
	// Shifts are at most 110; the mantissa's last bits go where the shift exceeds 47.
	let up = u128::from(probability.mantissa) << 64;
	(up >> 17) >> probability.shift
}

#[test]
fn fast_tail_agrees_with_tail() {
	let mut numbers = Numbers(79);
	let mut largest = 0;
	for sample in 0..400_000u64 {
		// All segments alike.
		let x = ((sample % 384) << 54) + numbers.below(1 << 54);
		let fast = fast_tail(x);
		let precise = tail(Fixed::from_bits(i128::from(x) << 5));
		assert_eq!(fast.shift, precise.shift);
		// 3e-15 absolute, in 2^−110.
		let error = bits_of(fast).abs_diff(bits_of(precise));
		assert!(error <= (1 << 110) / 333_000_000_000_000, "{x}: off by {error}");
		largest = largest.max(error >> 46);
		let allowed = match x >> 59 {
			0..3 => 10_000_000_000_000,
			3..7 => 10_000_000_000,
			_ => 250_000_000,
		};
		let apart = fast.mantissa.abs_diff(precise.mantissa);
		assert!(apart <= precise.mantissa / allowed, "{x}: {fast:?} {precise:?}");
	}
	println!("fast tail: largest distance from the precise one {largest}/2^64");
	assert_eq!(fast_tail(12 << 59).mantissa, 0);
	assert_eq!(fast_tail(u64::MAX).mantissa, 0);
	assert_eq!(fast_tail(0).mantissa.abs_diff(1 << 62) >> 15, 0);
}

/// The loss of a call a year away at this volatility, when its forward doubles, and what the precise
/// path makes of it.
fn loss_when_price_doubles(volatility: u32) -> (i128, i128) {
	let mut market = market();
	let eth = &mut market.underlyings[1];
	let expiry = NOW + YEAR;
	eth.prices.expiries[1].expiry = expiry;
	eth.prices.expiries[1].rate = Default::default();
	let volatility = Volatility::from_inner(u128::from(volatility) * 10_000_000_000_000_000);
	eth.quotes.volatilities.push(SeriesVolatility {
		expiry,
		strike: price(4_000),
		kind: OptionKind::Call,
		volatility,
	});
	let scenario = Scenario {
		price_move: FixedI128::from_u32(1),
		volatility: VolatilityShock::None,
		weight: percent(100),
	};
	let mut model = RiskModel::standard(&[(ETH, percent(100))]);
	model.scenarios = vec![scenario].try_into().expect("one");
	let call = Instrument::option(ETH, expiry, price(4_000), OptionKind::Call);
	let held = account(0, vec![leg(call, 1_000)]);
	let loss =
		report(&model, &market, &held, Stance::Mark).expect("valued").underlyings[0].losses[0];

	let total = Tenor::from_milliseconds(YEAR).and_then(|year| year.deviation(volatility));
	let deviation = Deviation::new(total.expect("small")).expect("not negative");
	let forward = market.underlyings[1].prices.expiries[1].forward;
	let precise = |forward: Price| {
		let ratio = log_ratio(forward, price(4_000));
		let value =
			black76::undiscounted(OptionKind::Call, forward, price(4_000), ratio, &deviation);
		i128::try_from(value.into_inner()).expect("small")
	};
	let doubled = Price::from_inner(2 * forward.into_inner());
	(loss.into_inner(), precise(forward) - precise(doubled))
}

#[test]
fn scenarios_take_the_precise_path_when_the_kernel_refuses() {
	// 1,000 % for a year is a σ√T of ten.
	let (loss, precise) = loss_when_price_doubles(1_000);
	// The forward's logarithm is a sum there.
	assert!((loss - precise).abs() <= 6_000 / 100, "{loss} {precise}");
}

#[test]
fn scenarios_take_the_kernel_within_its_error() {
	let (loss, precise) = loss_when_price_doubles(60);
	assert!((loss - precise).abs() <= 4_000 * 34_000, "{loss} {precise}");
	assert!(loss < -1_000 * ONE);
}
