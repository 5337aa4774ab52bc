//! Decimals as text, into 18-decimal fixed point, exactly.

/// The most characters that a decimal may have.
const MAX_LENGTH: usize = 64;
/// The decimals that are kept.
const DECIMALS: usize = 18;

/// Why a text is not a decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
	/// It is not of the form `-?digits(.digits)?`.
	Malformed,
	/// It is longer than any sensible number, or does not fit.
	TooLarge,
}

/// The scaled integer (18 decimals) of a decimal such as `-12.5`. There must be digits before the
/// point and, where there is a point, after it; no plus sign, exponent, space, infinity or NaN.
/// Digits beyond the eighteenth after the point are cut off (towards zero).
pub fn parse_decimal(text: &str) -> Result<i128, DecimalError> {
	if text.len() > MAX_LENGTH {
		return Err(DecimalError::TooLarge);
	}
	let (negative, digits) = match text.strip_prefix('-') {
		Some(digits) => (true, digits),
		None => (false, text),
	};
	let (whole, fraction) = match digits.split_once('.') {
		Some((_, "")) => return Err(DecimalError::Malformed),
		Some(parts) => parts,
		None => (digits, ""),
	};
	let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
	if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
		return Err(DecimalError::Malformed);
	}
	let kept = fraction.bytes().chain(core::iter::repeat(b'0')).take(DECIMALS);
	let magnitude = whole.bytes().chain(kept).try_fold(0i128, |number, byte| {
		let digit = i128::from(byte.checked_sub(b'0')?);
		number.checked_mul(10)?.checked_add(digit)
	});
	let magnitude = magnitude.ok_or(DecimalError::TooLarge)?;
	// Exact: a positive number's negative always fits.
	Ok(if negative { magnitude.saturating_neg() } else { magnitude })
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const ONE: i128 = 1_000_000_000_000_000_000;

	#[test]
	fn decimal_is_exact_when_it_is_well_formed() {
		assert_eq!(parse_decimal("64000.1"), Ok(64_000 * ONE + ONE / 10));
		assert_eq!(parse_decimal("64000.10000"), Ok(64_000 * ONE + ONE / 10));
		assert_eq!(parse_decimal("0"), Ok(0));
		assert_eq!(parse_decimal("-0.3"), Ok(-ONE / 10 * 3));
		assert_eq!(parse_decimal("0.000000000000000001"), Ok(1));
		assert_eq!(parse_decimal("007.5"), Ok(7 * ONE + ONE / 2));
	}

	#[test]
	fn decimal_is_cut_when_it_has_more_than_eighteen_decimals() {
		assert_eq!(parse_decimal("0.0000000000000000019"), Ok(1));
		assert_eq!(parse_decimal("-0.0000000000000000019"), Ok(-1));
	}

	#[test]
	fn decimal_is_refused_when_it_is_malformed() {
		for text in [
			"", "-", ".", ".5", "5.", "+5", " 5", "5 ", "1e5", "1E5", "NaN", "inf", "-inf", "0x10",
			"1,000", "1.2.3", "--5", "5-", "٣",
		] {
			assert_eq!(parse_decimal(text), Err(DecimalError::Malformed), "{text:?}");
		}
	}

	#[test]
	fn decimal_is_refused_when_it_does_not_fit() {
		assert_eq!(parse_decimal("999999999999999999999"), Err(DecimalError::TooLarge));
		assert_eq!(parse_decimal(&"0".repeat(65)), Err(DecimalError::TooLarge));
	}

	proptest! {
		#[test]
		fn decimal_is_what_was_printed(whole in 0i128..1_000_000_000_000, fraction in 0i128..ONE) {
			let text = format!("{whole}.{fraction:018}");
			prop_assert_eq!(parse_decimal(&text), Ok(whole * ONE + fraction));
		}

		#[test]
		fn any_text_gives_a_result(text in ".*") {
			let _ = parse_decimal(&text);
		}
	}
}
