//! Whether the engine can compute a model for the largest portfolio that it must.
//!
//! Margins are sums of products that may not fit their numbers, and an account whose margin is an
//! overflow can be neither judged nor liquidated. So the engine itself is asked: what it says of
//! portfolios of one instrument each, a trillion USD of it, at an extreme of every input that makes
//! margins larger. Losses of many instruments are no larger than the sum of theirs, and the numbers
//! hold 170 million trillions.

use super::{ModelError, RiskModel};
use crate::{
	arrays::RiskArrays,
	error::RiskError,
	state::{
		AccountState, Confidence, ExpiryQuotes, Leg, MarketState, SeriesVolatility, UnderlyingState,
	},
};
use alloc::{vec, vec::Vec};
use plimsoll_primitives::{
	Contracts, ExpiryPrices, Instrument, Moment, OptionKind, Price, Rate, Stance, UnderlyingId,
	UnderlyingPrices, UsdValue, Volatility,
};
use sp_arithmetic::FixedU128;

/// The gross notional, USD, up to which an account's margins must be computable.
pub const LARGEST_PORTFOLIO: u64 = 1_000_000_000_000;

const NOW: Moment = 1_800_000_000_000;
const DAY: Moment = 24 * 60 * 60 * 1000;
/// From now: about to expire, and far.
const EXPIRIES: [Moment; 2] = [DAY, 730 * DAY];
/// USD; so many contracts of it are the largest portfolio.
const PRICE: u32 = 1_000;
/// Fraction per square root of a year, and per year.
const VOLATILITY: u32 = 10;
const RATE: u32 = 1;

impl RiskModel {
	/// `Overflow` where some margin of the largest portfolio could not be computed.
	pub(super) fn validate_largest(&self) -> Result<(), ModelError> {
		for underlying in self.extremes() {
			let market = market(underlying);
			let mut arrays = RiskArrays::new(self, &market).map_err(|_| ModelError::Overflow)?;
			for account in accounts(underlying) {
				for stance in [Stance::Favourable, Stance::Unfavourable] {
					// Any other error is one of the market's, not the model's.
					if arrays.margin(&account, stance) == Err(RiskError::Overflow) {
						return Err(ModelError::Overflow);
					}
				}
			}
		}
		Ok(())
	}

	/// The underlyings with the widest scan range and the least liquidities.
	fn extremes(&self) -> Vec<UnderlyingId> {
		let thin = |liquidity: FixedU128| {
			let none = liquidity.into_inner() == 0;
			if none {
				u128::MAX
			} else {
				liquidity.into_inner()
			}
		};
		let all = || self.underlyings.iter();
		let mut found: Vec<_> = [
			all().max_by_key(|of| of.scan_range),
			all().min_by_key(|of| thin(of.liquidity.delta)),
			all().min_by_key(|of| thin(of.liquidity.options)),
		]
		.into_iter()
		.flatten()
		.map(|of| of.underlying)
		.collect();
		found.sort_unstable();
		found.dedup();
		found
	}
}

/// Nobody is sure of any price, the settlement asset is worth nothing, volatility is 1,000 %.
fn market(underlying: UnderlyingId) -> MarketState {
	let price = Price::from_u32(PRICE);
	let unsure = Confidence(FixedU128::from_inner(0));
	let expiry = |after: Moment| ExpiryPrices {
		expiry: NOW + after,
		forward: price,
		rate: Rate::from_u32(RATE),
		surface: None,
		live_blocks: 1,
		surface_live_blocks: 1,
	};
	let prices = UnderlyingPrices {
		spot: price,
		half_width: Price::from_u32(PRICE / 10),
		oldest: NOW,
		expiries: EXPIRIES.map(expiry).to_vec(),
	};
	let mut state = UnderlyingState::new(underlying, prices, true);
	state.quotes.spot_confidence = unsure;
	state.quotes.perpetual_confidence = unsure;
	for after in EXPIRIES {
		let expiry = NOW + after;
		let quotes = ExpiryQuotes { expiry, confidence: unsure, fixed: None, discount_rate: None };
		state.quotes.expiries.push(quotes);
		for kind in [OptionKind::Call, OptionKind::Put] {
			let volatility = Volatility::from_u32(VOLATILITY);
			state.quotes.volatilities.push(SeriesVolatility {
				expiry,
				strike: price,
				kind,
				volatility,
			});
		}
	}
	MarketState::new(NOW, Price::ZERO, vec![state])
}

/// The largest portfolios of one instrument, long and short.
fn accounts(underlying: UnderlyingId) -> Vec<AccountState> {
	let price = Price::from_u32(PRICE);
	let mut instruments = vec![Instrument::perpetual(underlying)];
	for after in EXPIRIES {
		instruments.push(Instrument::future(underlying, NOW + after));
		for kind in [OptionKind::Call, OptionKind::Put] {
			instruments.push(Instrument::option(underlying, NOW + after, price, kind));
		}
	}
	// At most 2^127 / 10^18 by far.
	let size = i128::from(LARGEST_PORTFOLIO) / i128::from(PRICE) * 1_000_000_000_000_000_000;
	let account = |(instrument, size): (Instrument, i128)| AccountState {
		legs: vec![Leg {
			instrument,
			size: Contracts::from_inner(size),
			entry_value: UsdValue::ZERO,
			settled_at: None,
		}],
		..AccountState::default()
	};
	instruments.into_iter().flat_map(|of| [(of, size), (of, -size)]).map(account).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tests::support::{model, wide_model, ETH};

	/// Else the check would prove nothing.
	#[test]
	fn every_extreme_account_is_valued() {
		for model in [model(), wide_model()] {
			let market = market(ETH);
			let accounts = accounts(ETH);
			assert_eq!(accounts.len(), 14);
			for account in accounts {
				for stance in [Stance::Favourable, Stance::Unfavourable] {
					let margin = crate::margin(&model, &market, &account, stance);
					let margin = margin.expect("priced, and in the model");
					assert!(margin.initial.is_positive());
				}
			}
		}
	}
}
