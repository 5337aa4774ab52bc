//! Published Black-76 prices and SVI volatilities, read from the folder that `PLIMSOLL_VECTORS`
//! names, or `../shared/vectors` beside the checkout. The project contains no copy of them.

use crate::{
	black76::*,
	fixed::{divide, from_unsigned_decimal, multiply, to_decimal, Fixed},
	math::ln,
	svi::Slice,
	tenor::Tenor,
};
use plimsoll_primitives::{OptionKind, Price, Rounding, Svi, Volatility};
use serde_json::Value;
use sp_arithmetic::FixedI128;
use std::path::PathBuf;

fn published() -> Option<Value> {
	let folder = std::env::var_os("PLIMSOLL_VECTORS").map_or_else(
		|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
		PathBuf::from,
	);
	let file = folder.join("black76_svi.json");
	match std::fs::read_to_string(&file) {
		Ok(text) => Some(serde_json::from_str(&text).expect("the file is JSON")),
		Err(_) => {
			println!("SKIPPED: no published vectors at {}", file.display());
			None
		}
	}
}

/// A decimal string as a scaled integer of 18 decimals.
fn decimal(text: &str) -> i128 {
	let (negative, text) = match text.strip_prefix('-') {
		Some(rest) => (true, rest),
		None => (false, text),
	};
	let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
	let fraction = format!("{fraction:0<18}");
	let digits = format!("{whole}{}", &fraction[..18]);
	let value: i128 = digits.parse().expect("digits");
	if negative {
		-value
	} else {
		value
	}
}

fn field(case: &Value, name: &str) -> Option<u128> {
	let text = |key: &str| case.get(key).and_then(Value::as_str);
	text(name)
		.map(|value| decimal(value).unsigned_abs())
		.or_else(|| text(&format!("{name}_wei")).map(|value| value.parse().expect("an integer")))
}

#[test]
fn black_76_agrees_with_published_prices() {
	let Some(published) = published() else { return };
	let cases = published["black76"]["cases"].as_array().expect("a list");
	for case in cases {
		let number = |name| field(case, name).expect("a number");
		let tenor = Tenor::from_milliseconds(case["seconds"].as_u64().expect("seconds") * 1000)
			.expect("a tenor");
		let deviation =
			tenor.deviation(Volatility::from_inner(number("vol"))).expect("a deviation");
		let discount = from_unsigned_decimal(number("discount")).expect("a discount");
		let option = |kind| Option76 {
			kind,
			forward: Price::from_inner(number("fwd")),
			strike: Price::from_inner(number("strike")),
			deviation: Deviation::new(deviation).expect("positive"),
			discount,
		};
		for (kind, name) in [(OptionKind::Call, "call"), (OptionKind::Put, "put")] {
			let got = option(kind).price().expect("priced").into_inner();
			let error = got.abs_diff(number(name));
			// 1e-12.
			assert!(error <= 1_000_000, "{name} of {case}: {got}");
		}
		let rate = plimsoll_primitives::Rate::ZERO;
		let delta = option(OptionKind::Call).greeks(&tenor, rate);
		if let (Ok(greeks), false) = (delta, case.get("strike_wei").is_some()) {
			let expected = multiply(
				from_unsigned_decimal(number("call_delta_undiscounted")).expect("a delta"),
				discount,
			);
			let error = greeks.delta.to_bits() - expected.expect("small").to_bits();
			// 1e-12 in steps of 5.4e-20.
			assert!(error.abs() < 18_446_744, "delta of {case}: {}", greeks.delta);
		}
	}
	println!("checked {} published prices", cases.len());
}

fn slice(set: &Value) -> Slice {
	let [a, b, rho, m, sigma] = ["a", "b", "rho", "m", "sigma"]
		.map(|name| FixedI128::from_inner(decimal(set[name].as_str().expect("a string"))));
	Slice::new(&Svi { a, b, rho, m, sigma }).expect("a slice")
}

fn volatility(set: &Value, strike: &str) -> i128 {
	let number = |text: &str| -> Fixed {
		from_unsigned_decimal(decimal(text).unsigned_abs()).expect("a number")
	};
	let of = |name: &str| number(set[name].as_str().expect("a string"));
	let k = ln(divide(number(strike), of("fwd")).expect("a ratio")).expect("positive");
	let deviation = slice(set).deviation(k).expect("a deviation");
	let root = crate::math::sqrt(of("tau")).expect("positive");
	to_decimal(divide(deviation, root).expect("a volatility"), Rounding::Down)
}

#[test]
fn svi_agrees_with_published_volatilities() {
	let Some(published) = published() else { return };
	let mut checked = 0;
	for set in published["svi"]["sets"].as_array().expect("a list") {
		let strikes = set["strikes"].as_array().expect("a list");
		for (strike, expected) in strikes.iter().zip(set["vols"].as_array().expect("a list")) {
			let got = volatility(set, strike.as_str().expect("a string"));
			let error = got - decimal(expected.as_str().expect("a string"));
			// 1e-14.
			assert!(error.abs() <= 10_000, "strike {strike} of {set}: {got}");
			checked += 1;
		}
	}
	for set in published["svi"]["edge"].as_array().expect("a list") {
		let got = volatility(set, set["strike"].as_str().expect("a string"));
		let expected = i128::from(set["vol_floor_1e6"].as_u64().expect("an integer"));
		assert_eq!(got / 1_000_000_000_000, expected, "{set}");
		checked += 1;
	}
	println!("checked {checked} published volatilities");
}
