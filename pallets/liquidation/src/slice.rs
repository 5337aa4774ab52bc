//! How large a slice of an account a provider takes, and at what price.
//!
//! An account has equity E, net value V (collateral at full value), maintenance margin M and the
//! target T = M·(1 + buffer). A provider takes the share f of everything it has and pays
//! f·(V − d·M), d being the discount; the insurance fund then takes the fee φ·f·M. What is left has
//! the margin (1 − f)·M, hence the target (1 − f)·T, and the equity
//! (1 − f)·E + f·(V − d·M) − φ·f·M. The target is reached when
//!
//! ```text
//! f·(V − (d + φ)·M) ≥ (1 − f)·(T − E)   ⇔   f ≥ (T − E) / ((T − E) + V − (d + φ)·M)
//! ```
//!
//! and never by a part of the account where V ≤ (d + φ)·M: then all of it is offered. Where V < d·M
//! and E > 0 the price is zero: the discount is V / M then, all that there is. Only where E ≤ 0 is
//! the price negative: the insurance fund pays the provider.

use crate::numbers::{fraction, portion};
use plimsoll_primitives::{Health, Rounding, UsdValue};
use sp_arithmetic::{FixedI128, FixedPointNumber, Permill, Perquintill};

/// What the whole account is sold for, in USD: its net value less the discount, rounded down; while
/// the account has equity, not less than nothing. `None` on overflow.
pub fn whole_price(health: &Health, discount: Permill) -> Option<UsdValue> {
	let discounted = portion(health.maintenance_margin, discount, Rounding::Up)?;
	Some(payable(health, health.net_value.checked_sub(discounted)?))
}

/// The price as it may be paid: while the account has equity, the insurance fund pays nobody for it,
/// or an owner could let an account fail and take it over at the fund's expense.
fn payable(health: &Health, price: UsdValue) -> UsdValue {
	if health.equity.is_positive() {
		price.max(UsdValue::ZERO)
	} else {
		price
	}
}

/// What a provider pays for a share, in USD, rounded down; negative where it is paid. `None` on
/// overflow.
pub fn price(health: &Health, discount: Permill, share: Perquintill) -> Option<UsdValue> {
	portion(whole_price(health, discount)?, share, Rounding::Down)
}

/// The least share that brings the account to `target`, rounded up, at most all. `None` on
/// overflow.
pub fn needed_share(
	health: &Health,
	target: UsdValue,
	discount: Permill,
	fee: Permill,
) -> Option<Perquintill> {
	let lacking = target.checked_sub(health.equity)?;
	let fee = portion(health.maintenance_margin, fee, Rounding::Up)?;
	let gained = whole_price(health, discount)?.checked_sub(fee)?;
	if !gained.is_positive() {
		return Some(Perquintill::one());
	}
	let whole = lacking.checked_add(gained)?;
	Some(fraction(lacking.into_inner(), whole.into_inner(), Rounding::Up))
}

/// The share of an account whose maintenance margin is at most `left`, rounded down.
pub fn share_within_slice(health: &Health, left: UsdValue) -> Perquintill {
	fraction(left.into_inner(), health.maintenance_margin.into_inner(), Rounding::Down)
}

/// The share that a provider can certainly bear, rounded down: the margin of two accounts together
/// is at most the sum of their margins, so a share s needs at most s·(IM + V − E − d·M) of the
/// provider's free equity, of which its open orders have taken their part. Three quarters of that, because the gate judges at unfavourable prices
/// and this at mark. `None` on overflow.
pub fn share_within_capacity(
	health: &Health,
	provider: &Health,
	discount: Permill,
) -> Option<Perquintill> {
	let free = provider.equity.checked_sub(provider.initial_margin)?;
	let needed = health
		.initial_margin
		.checked_add(whole_price(health, discount)?)?
		.checked_sub(health.equity)?;
	let capacity = if needed.is_positive() {
		fraction(free.into_inner(), needed.into_inner(), Rounding::Down)
	} else {
		Perquintill::one()
	};
	Some(Perquintill::from_percent(75) * capacity)
}

/// Why a slice that was tried is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SliceFault {
	/// What the provider gained is not between nothing and twice the discount: lots, being
	/// indivisible, made the slice differ from pro rata. At this price, in USD, it would be fair.
	NotFair {
		/// USD, for the same share.
		fair_price: UsdValue,
	},
	/// The account is not better off.
	NotImproved,
	/// A number left its range.
	Overflow,
}

/// Both accounts before and after a slice, at mark, and its terms.
pub struct Trial<'a> {
	/// The account before.
	pub before: &'a Health,
	/// The account after.
	pub after: &'a Health,
	/// The provider before.
	pub provider_before: &'a Health,
	/// The provider after.
	pub provider_after: &'a Health,
	/// What share was taken.
	pub share: Perquintill,
	/// At what discount.
	pub discount: Permill,
	/// At what price, in USD.
	pub price: UsdValue,
	/// The target's buffer over the maintenance margin.
	pub buffer: Permill,
}

impl Trial<'_> {
	/// Whether the slice stands. Its fairness is judged by the provider's net value: that must not
	/// fall, and must not rise by more than twice the discount that it was promised. (A price for
	/// which it rises by just that, as far as it may be paid, is in the fault.) The account must lack less to its target than before; where the provider paid, its ratio of equity to
	/// margin must not have fallen either. (Where the fund paid, account and margin shrink alike
	/// and the ratio stays.)
	pub fn check(&self) -> Result<(), SliceFault> {
		let gain = self
			.provider_after
			.net_value
			.checked_sub(self.provider_before.net_value)
			.ok_or(SliceFault::Overflow)?;
		let promised = self.promised().ok_or(SliceFault::Overflow)?;
		let most = promised.checked_add(promised).ok_or(SliceFault::Overflow)?;
		if gain.is_negative() || gain > most {
			let fair_price = self
				.price
				.checked_add(gain)
				.and_then(|worth| worth.checked_sub(promised))
				.ok_or(SliceFault::Overflow)?;
			return Err(SliceFault::NotFair { fair_price: payable(self.before, fair_price) });
		}
		if self.lacking(self.after)? >= self.lacking(self.before)? {
			return Err(SliceFault::NotImproved);
		}
		if self.price.is_positive() && ratio(self.after) < ratio(self.before) {
			return Err(SliceFault::NotImproved);
		}
		Ok(())
	}

	/// What the provider may gain, in USD: the discount on the margin that the account was relieved
	/// of, or on its share of it where that is more. `None` on overflow.
	fn promised(&self) -> Option<UsdValue> {
		let relieved = self.before.maintenance_margin.checked_sub(self.after.maintenance_margin)?;
		let taken = portion(self.before.maintenance_margin, self.share, Rounding::Up)?;
		portion(relieved.max(taken), self.discount, Rounding::Up)
	}

	/// What an account lacks to its target, in USD.
	fn lacking(&self, health: &Health) -> Result<UsdValue, SliceFault> {
		crate::entry::target(health.maintenance_margin, self.buffer)
			.and_then(|target| target.checked_sub(health.equity))
			.ok_or(SliceFault::Overflow)
	}
}

/// Equity to maintenance margin; without margin, as high or as low as there is.
fn ratio(health: &Health) -> FixedI128 {
	let extreme = || {
		if health.equity.is_negative() {
			FixedI128::from_inner(i128::MIN)
		} else {
			FixedI128::from_inner(i128::MAX)
		}
	};
	FixedI128::checked_from_rational(
		health.equity.into_inner(),
		health.maintenance_margin.into_inner(),
	)
	.unwrap_or_else(extreme)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::entry::{empty, target};
	use proptest::prelude::*;
	use sp_arithmetic::{traits::Saturating, PerThing};

	const BUFFER: Permill = Permill::from_percent(10);
	const FEE: Permill = Permill::from_percent(2);

	fn health(equity: i128, net_value: i128, margin: i128) -> Health {
		Health {
			equity: UsdValue::from_inner(equity),
			net_value: UsdValue::from_inner(net_value),
			maintenance_margin: UsdValue::from_inner(margin),
			initial_margin: UsdValue::from_inner(margin * 2),
			..empty()
		}
	}

	#[test]
	fn needed_share_is_all_when_the_account_is_worth_less_than_its_charges() {
		let poor = health(10, 10, 1_000);
		let target = target(poor.maintenance_margin, BUFFER).expect("in range");
		let share = needed_share(&poor, target, Permill::from_percent(5), FEE);
		assert_eq!(share, Some(Perquintill::one()));
	}

	#[test]
	fn price_is_nothing_when_the_account_has_equity_but_less_than_the_discount() {
		let poor = health(1, 40, 1_000);
		let (five, half) = (Permill::from_percent(5), Perquintill::from_percent(50));
		assert_eq!(whole_price(&poor, five), Some(UsdValue::ZERO));
		assert_eq!(price(&poor, five, half), Some(UsdValue::ZERO));
		// Without equity the fund pays, though there is some value.
		let without = health(0, 40, 1_000);
		assert_eq!(whole_price(&without, five), Some(UsdValue::from_inner(-10)));
	}

	#[test]
	fn fair_price_is_never_negative_when_the_account_has_equity() {
		let (before, after) = (health(40, 40, 1_000), health(40, 40, 500));
		let trial = |before| {
			Trial {
				before,
				after: &after,
				provider_before: &health(10_000, 10_000, 0),
				provider_after: &health(9_999, 9_999, 0),
				share: Perquintill::from_percent(50),
				discount: Permill::from_percent(5),
				price: UsdValue::ZERO,
				buffer: BUFFER,
			}
			.check()
		};
		let fault = SliceFault::NotFair { fair_price: UsdValue::ZERO };
		assert_eq!(trial(&before), Err(fault));
		let fault = SliceFault::NotFair { fair_price: UsdValue::from_inner(-26) };
		assert_eq!(trial(&health(0, 40, 1_000)), Err(fault));
	}

	#[test]
	fn price_is_negative_when_the_account_owes() {
		let owing = health(-50, -50, 1_000);
		let price = price(&owing, Permill::from_percent(5), Perquintill::from_percent(50));
		assert_eq!(price, Some(UsdValue::from_inner(-50)));
	}

	#[test]
	fn capacity_is_nothing_when_the_provider_has_no_free_equity() {
		let account = health(900, 900, 1_000);
		let provider = health(100, 100, 50);
		let share = share_within_capacity(&account, &provider, Permill::from_percent(5));
		assert_eq!(share, Some(Perquintill::zero()));
	}

	#[test]
	fn slice_is_refused_when_the_provider_loses() {
		let (before, after) = (health(900, 900, 1_000), health(880, 880, 500));
		let trial = Trial {
			before: &before,
			after: &after,
			provider_before: &health(10_000, 10_000, 0),
			provider_after: &health(9_999, 9_999, 0),
			share: Perquintill::from_percent(50),
			discount: Permill::from_percent(5),
			price: UsdValue::from_inner(425),
			buffer: BUFFER,
		};
		// It is promised 5 % of 500, and lost 1.
		let fair_price = UsdValue::from_inner(425 - 1 - 25);
		assert_eq!(trial.check(), Err(SliceFault::NotFair { fair_price }));
	}

	proptest! {
		/// With a margin that scales exactly, the needed share reaches the target, and a share
		/// smaller by a millionth does not.
		#[test]
		fn needed_share_reaches_the_target_and_no_less_does(
			margin in 1_000_000_000_000_000_000i128..1_000_000_000_000_000_000_000_000i128,
			equity_permill in 1u32..1_000_000u32,
			haircut in 0u32..500_000u32,
			discount in 1u32..500_000u32,
		) {
			let margin_value = UsdValue::from_inner(margin);
			let equity = portion(margin_value, Permill::from_parts(equity_permill), Rounding::Down)
				.expect("in range").into_inner();
			let discount = Permill::from_parts(discount);
			let account = health(equity, equity + i128::from(haircut) * margin / 1_000_000, margin);
			let target = target(margin_value, BUFFER).expect("in range");
			let share = needed_share(&account, target, discount, FEE).expect("in range");
			let lacks = |share: Perquintill| {
				let rest = share.left_from_one();
				let scaled = |value| portion(value, rest, Rounding::Down).expect("in range");
				let paid = price(&account, discount, share).expect("in range");
				let fee = portion(margin_value, FEE, Rounding::Up)
					.and_then(|fee| portion(fee, share, Rounding::Up)).expect("in range");
				scaled(target).into_inner() - scaled(account.equity).into_inner()
					- paid.into_inner() + fee.into_inner()
			};
			// A handful of 10^-18 USD, from the roundings above.
			let dust = 1_000_000i128;
			if share < Perquintill::one() {
				prop_assert!(lacks(share) <= dust);
				let less = share.saturating_sub(Perquintill::from_parts(1_000_000_000_000));
				prop_assert!(less.is_zero() || lacks(less) > 0);
			}
		}
	}
}
