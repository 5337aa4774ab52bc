//! The clearing house's own side of the books: pots whose sum with all accounts' cash is what the
//! pallet took in.
//!
//! Σ cash + insurance fund + fee pot + settlement pot + funding pot + accrual pot + escrow = settlement
//! asset taken in less paid out ([`Booked`](crate::Booked)), to the unit, at every moment.

use crate::cash_index::{self, Normalised};
use codec::{Decode, Encode, MaxEncodedLen};
use plimsoll_primitives::{Amount, Balance, Moment};
use scale_info::TypeInfo;
use sp_arithmetic::{FixedU128, Permill};

/// All amounts are settlement units.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pots {
	/// The insurance fund: what was contributed, fees, and every fraction of a unit that rounding
	/// took from somebody.
	pub insurance: Balance,
	/// Trading fees that are not the insurance fund's, until they are paid out.
	pub fees: Balance,
	/// Cash that is set aside for orders in collateral: the sum of all accounts' [`Escrow`](crate::Escrow).
	pub escrow: Balance,
	/// Profit and loss that is not cash yet: less the entry values of all positions, less what
	/// holders of contracts in settlement were paid.
	pub settlement: Amount,
	/// Funding that was paid and not yet received, less what was received and not yet paid: of either
	/// sign, since accounts settle when they are touched.
	pub funding: Amount,
	/// What closed positions left of funding: less than a unit, in
	/// [`steps_per_unit`](crate::funding::steps_per_unit). The funding pot holds it; whole units go to
	/// the insurance fund.
	pub funding_dust: u128,
	/// Interest and shared losses that are not in accounts' cash yet: what accounts are still to get,
	/// less what they are still to pay. Each gets or pays its part when it is next opened.
	pub accrued: Amount,
	/// The sum of all accounts' cash as stored.
	pub cash: Amount,
	/// The sum of all accounts' normalised positive cash, see [`Normalised`].
	pub normalised_cash: Balance,
	/// How many accounts have positive cash.
	pub lenders: u64,
	/// The sum of all accounts' normalised debts.
	pub normalised_debt: Balance,
	/// What positive cash is multiplied with; one at first, raised by interest, lowered by losses.
	pub cash_index: FixedU128,
	/// What debts are multiplied with; one at first, only ever raised.
	pub debt_index: FixedU128,
	/// Up to when interest is accrued, chain time; 0 before there is any.
	pub accrued_at: Moment,
}

impl Default for Pots {
	fn default() -> Self {
		Self {
			insurance: 0,
			fees: 0,
			escrow: 0,
			settlement: 0,
			funding: 0,
			funding_dust: 0,
			accrued: 0,
			cash: 0,
			normalised_cash: 0,
			lenders: 0,
			normalised_debt: 0,
			cash_index: FixedU128::from_u32(1),
			debt_index: FixedU128::from_u32(1),
			accrued_at: 0,
		}
	}
}

impl Pots {
	/// Adds to the insurance fund. `None` on overflow, or where `amount` is negative.
	#[must_use = "the pots are unchanged on overflow"]
	pub fn insure(&mut self, amount: Amount) -> Option<()> {
		let amount = Balance::try_from(amount).ok()?;
		self.insurance = self.insurance.checked_add(amount)?;
		Some(())
	}

	/// Takes from the insurance fund. `None` where it has less.
	#[must_use = "the pots are unchanged when the fund lacks"]
	pub fn draw(&mut self, amount: Balance) -> Option<()> {
		self.insurance = self.insurance.checked_sub(amount)?;
		Some(())
	}

	/// Takes in a trading fee: its part, rounded up, for the insurance fund, the rest for the fee pot.
	/// `None` on overflow.
	#[must_use = "the pots are unchanged on overflow"]
	pub fn earn(&mut self, fee: Balance, insurance_share: Permill) -> Option<()> {
		// A part of one.
		let insured = insurance_share.mul_ceil(fee).min(fee);
		let insurance = self.insurance.checked_add(insured)?;
		self.fees = self.fees.checked_add(fee.checked_sub(insured)?)?;
		self.insurance = insurance;
		Some(())
	}

	/// Takes from the fee pot. `None` where it has less.
	#[must_use = "the pots are unchanged when the fee pot lacks"]
	pub fn spend_fees(&mut self, amount: Balance) -> Option<()> {
		self.fees = self.fees.checked_sub(amount)?;
		Some(())
	}

	/// Adds to the settlement pot. `None` on overflow.
	#[must_use = "the pots are unchanged on overflow"]
	pub fn settle(&mut self, amount: Amount) -> Option<()> {
		self.settlement = self.settlement.checked_add(amount)?;
		Some(())
	}

	/// Pays `amount` of funding (of either sign) from the funding pot, and takes in what closed positions
	/// left: `rests` in steps of which `unit` make a settlement unit, each whole one for the insurance
	/// fund. `None` on overflow.
	#[must_use = "the pots may be half changed on overflow"]
	pub fn fund(&mut self, amount: Amount, rests: u128, unit: u128) -> Option<()> {
		let dust = self.funding_dust.checked_add(rests)?;
		let whole = Amount::try_from(dust.checked_div(unit)?).ok()?;
		self.funding_dust = dust.checked_rem(unit)?;
		self.funding = self.funding.checked_sub(amount)?.checked_sub(whole)?;
		self.insure(whole)
	}

	/// The index of cash of this sign.
	pub fn index_of(&self, cash: Amount) -> FixedU128 {
		if cash < 0 {
			self.debt_index
		} else {
			self.cash_index
		}
	}

	/// Takes what an account got of interest, or paid of interest and losses (negative), out of the
	/// accrual pot. `None` on overflow.
	#[must_use = "the pots are unchanged on overflow"]
	pub fn apply(&mut self, amount: Amount) -> Option<()> {
		self.accrued = self.accrued.checked_sub(amount)?;
		Some(())
	}

	/// Shares a loss among all positive cash. `None` where it is (about) as large as all of it.
	#[must_use = "the pots are unchanged when the loss cannot be shared"]
	pub fn share_loss(&mut self, amount: Balance) -> Option<()> {
		let index = cash_index::lowered(self.cash_index, self.normalised_cash, amount)?;
		self.accrued = self.accrued.checked_sub(Amount::try_from(amount).ok()?)?;
		self.cash_index = index;
		Some(())
	}

	/// Replaces one account's cash in the sums: what was stored of it, and what is. `None` on overflow.
	#[must_use = "the pots may be half changed on overflow"]
	pub fn replace(
		&mut self,
		before: (Amount, Normalised),
		after: (Amount, Normalised),
	) -> Option<()> {
		let replaced = |sum: Balance, before: Balance, after: Balance| {
			sum.checked_sub(before)?.checked_add(after)
		};
		let lenders = |(cash, _): (Amount, Normalised)| u64::from(cash > 0);
		self.cash = self.cash.checked_sub(before.0)?.checked_add(after.0)?;
		self.normalised_cash = replaced(self.normalised_cash, before.1.cash, after.1.cash)?;
		self.normalised_debt = replaced(self.normalised_debt, before.1.debt, after.1.debt)?;
		self.lenders = self.lenders.checked_sub(lenders(before))?.checked_add(lenders(after))?;
		Some(())
	}

	/// Everything, with accounts' cash: what is booked of the settlement asset as such. `None` on overflow.
	pub fn held(&self) -> Option<Amount> {
		self.total()?.checked_add(self.cash)
	}

	/// Everything but accounts' cash. `None` on overflow.
	pub fn total(&self) -> Option<Amount> {
		let own = self.insurance.checked_add(self.fees)?.checked_add(self.escrow)?;
		Amount::try_from(own)
			.ok()?
			.checked_add(self.settlement)?
			.checked_add(self.funding)?
			.checked_add(self.accrued)
	}
}

/// An instrument in settlement: what its settled holders were paid. Their contracts and those still
/// held sum to zero; what the last one leaves is fractions of units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct SettlementTotals {
	/// The sum of payments, settlement units; longs' positive, shorts' mostly negative.
	pub paid: Amount,
	/// The sum of settled sizes.
	pub size: plimsoll_primitives::Contracts,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn insurance_fund_gets_what_closed_positions_leave_when_it_is_a_unit() {
		let mut pots = Pots { funding: 3, ..Default::default() };
		pots.fund(2, 600, 1_000).expect("fits");
		assert_eq!((pots.funding, pots.funding_dust, pots.insurance), (1, 600, 0));
		pots.fund(0, 400, 1_000).expect("fits");
		assert_eq!((pots.funding, pots.funding_dust, pots.insurance), (0, 0, 1));
		assert_eq!(pots.fund(i128::MIN, 0, 1_000), None);
		assert_eq!(pots.fund(0, 0, 0), None);
	}

	#[test]
	fn pots_refuse_when_they_overflow() {
		let mut pots = Pots { insurance: u128::MAX, settlement: i128::MAX, ..Default::default() };
		assert_eq!(pots.insure(1), None);
		assert_eq!(pots.insure(-1), None);
		assert_eq!(pots.settle(1), None);
		assert_eq!(pots.total(), None);
		let owed = Normalised { cash: 0, debt: 1 };
		assert_eq!(pots.replace((-1, owed), (0, Normalised::default())), None);
	}
}
