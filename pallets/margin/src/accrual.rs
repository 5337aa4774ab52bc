//! How interest comes to all accounts at once.
//!
//! An accrual raises the debt index by the rate of the moment, and the cash index by what debts grew by
//! for each unit of cash, less the insurance fund's part. No account is touched: what each pays or gets is
//! applied when it is next opened. Interest is compounded once a block.
//!
//! ## Why the accrual pot is never short
//!
//! The pot holds what accounts' stored cash is still to be changed by. Let
//!
//! - C be the sum of cash as stored,
//! - A the exact sum of what positive cash counts as, Σ cash · index / written index, no fraction cut off,
//! - B the same of debts.
//!
//! When everybody has been brought up to date, what was applied to cash is at most A − B − C: cash is
//! rounded down and debts are rounded up. So the pot is never short if its *slack*, pot − (A − B − C), is
//! never below zero. It is zero at first, and
//!
//! - bringing an account up to date moves as much out of the pot as C grows by, and may only lower A and
//!   raise B by a rounding: the slack does not fall;
//! - any other change of an account's cash is made of one that is up to date: C and A − B change by the
//!   same;
//! - a shared loss leaves the pot and lowers A by at least as much (see [`cash_index`]);
//! - an accrual raises B by Δdebt index · Σ debt / written, which is no less than the kept sum of normalised
//!   debts says; and A by Δcash index · Σ cash / written, which is no more than the kept sum and one part
//!   for each account say. The second is set to be no more than the first;
//! - what moves from the pot to the insurance fund is the slack as those two sums bound it from below.
//!
//! The last is also how the fund gets its part of interest, all of it where there is nobody to lend, and
//! every fraction: what an accrual does not give to cash is slack.

use crate::{
	cash_index::{self, HIGHEST_INDEX},
	interest::{InterestParameters, LONGEST_STEP},
	ledger::Pots,
};
use plimsoll_primitives::{Amount, Balance, Moment};
use sp_arithmetic::{
	helpers_128bit::multiply_by_rational_with_rounding, FixedPointNumber, FixedU128, PerThing,
	Perquintill, Rounding,
};

impl Pots {
	/// Units of positive cash that there surely are, rounded down. `None` on overflow.
	pub fn total_cash(&self) -> Option<Balance> {
		cash_index::units(self.normalised_cash, self.cash_index, Rounding::Down)
	}

	/// Units of debt that there surely are, rounded down. `None` on overflow.
	pub fn total_debt(&self) -> Option<Balance> {
		cash_index::units(self.normalised_debt, self.debt_index, Rounding::Down)
	}

	/// The part of all positive cash that is owed: nothing where nothing is owed, one where it is more.
	/// `None` on overflow.
	pub fn utilisation(&self) -> Option<Perquintill> {
		match self.total_debt()? {
			// Of no cash it would be one.
			0 => Some(Perquintill::zero()),
			debt => Some(Perquintill::from_rational(debt, self.total_cash()?)),
		}
	}

	/// Normalised cash rounded up: no account has a whole part more than is in the sum.
	fn most_normalised_cash(&self) -> Option<Balance> {
		self.normalised_cash.checked_add(self.lenders.into())
	}

	/// Accrues interest up to `now`. Where an index would leave its range, neither moves any more.
	pub fn accrue(&mut self, parameters: &InterestParameters, now: Moment) {
		let elapsed = match self.accrued_at {
			0 => 0,
			last => now.saturating_sub(last).min(LONGEST_STEP),
		};
		self.accrued_at = self.accrued_at.max(now);
		if let Some((cash, debt)) = self.raised(parameters, elapsed) {
			(self.cash_index, self.debt_index) = (cash, debt);
		}
		// What cannot be moved to the fund for its size stays, and is nobody else's.
		let _ = self.insure_slack();
	}

	/// Both indices after `elapsed` milliseconds; `None` where they stay.
	fn raised(
		&self,
		parameters: &InterestParameters,
		elapsed: Moment,
	) -> Option<(FixedU128, FixedU128)> {
		if self.normalised_debt == 0 || elapsed == 0 {
			return None;
		}
		let growth = parameters.growth(self.utilisation()?, elapsed)?.into_inner();
		let (cash, debt) = (self.cash_index.into_inner(), self.debt_index.into_inner());
		let debt_rise =
			multiply_by_rational_with_rounding(debt, growth, FixedU128::DIV, Rounding::Up)?;
		let shared =
			parameters.reserve_share.left_from_one().mul_floor(self.cash_rise(debt_rise, growth)?);
		let raised = |index: u128, rise: u128| {
			let index = FixedU128::from_inner(index.checked_add(rise)?);
			(index <= HIGHEST_INDEX).then_some(index)
		};
		Some((raised(cash, shared)?, raised(debt, debt_rise)?))
	}

	/// What the cash index would rise by if cash got all that debts grow by, but not more than by the
	/// borrowers' rate: where more is owed than there is cash, the rest is the insurance fund's.
	fn cash_rise(&self, debt_rise: u128, growth: u128) -> Option<u128> {
		let whole = self.most_normalised_cash()?;
		if whole == 0 {
			return Some(0);
		}
		let cash = self.cash_index.into_inner();
		let most =
			multiply_by_rational_with_rounding(cash, growth, FixedU128::DIV, Rounding::Down)?;
		let debt = self.normalised_debt;
		let all = multiply_by_rational_with_rounding(debt_rise, debt, whole, Rounding::Down);
		// One that is beyond all numbers is the larger.
		Some(all.map_or(most, |all| all.min(most)))
	}

	/// Moves what is in the accrual pot beyond all claims to the insurance fund. `None`, and nothing, on
	/// overflow.
	fn insure_slack(&mut self) -> Option<()> {
		let most = self.most_normalised_cash()?;
		let cash = cash_index::units(most, self.cash_index, Rounding::Up)?;
		let claims = Amount::try_from(cash)
			.ok()?
			.checked_sub(Amount::try_from(self.total_debt()?).ok()?)?
			.checked_sub(self.cash)?;
		let slack = self.accrued.checked_sub(claims)?;
		if slack > 0 {
			self.insure(slack)?;
			// Positive, and taken from what it was found in.
			self.accrued = self.accrued.checked_sub(slack)?;
		}
		Some(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::cash_index::{brought_up, normalised};
	use proptest::prelude::*;

	/// What an eager loop counts in: a million-millionth of a unit.
	const FINE: u128 = 1_000_000_000_000;

	/// Some accounts and the pots, which a loop over all of them keeps up with.
	struct World {
		pots: Pots,
		/// Cash as stored, with its index.
		records: Vec<(Amount, FixedU128)>,
		/// What each account has, as exactly as an eager loop can tell.
		eager: Vec<i128>,
		/// How often each was rounded.
		touched: Vec<i128>,
	}

	fn fine(cash: Amount) -> i128 {
		cash * i128::try_from(FINE).expect("small")
	}

	fn scaled(value: u128, part: u128, whole: u128) -> u128 {
		multiply_by_rational_with_rounding(value, part, whole, Rounding::NearestPrefDown)
			.expect("small")
	}

	impl World {
		fn new(cash: &[Amount]) -> Self {
			let mut world = Self {
				pots: Pots { accrued_at: 1, ..Default::default() },
				records: vec![(0, FixedU128::from_u32(1)); cash.len()],
				eager: vec![0; cash.len()],
				touched: vec![0; cash.len()],
			};
			// What debts were paid out for is the settlement pot's.
			for (at, cash) in cash.iter().enumerate() {
				world.pots.settlement -= cash;
				world.change(at, *cash);
			}
			assert_eq!(world.pots.held(), Some(0));
			world
		}

		fn now(&self, at: usize) -> Amount {
			let (cash, written) = self.records[at];
			brought_up(cash, written, self.pots.index_of(cash)).expect("small")
		}

		/// Opens an account, adds to its cash, and closes it.
		fn change(&mut self, at: usize, change: Amount) {
			let (stored, written) = self.records[at];
			let before = (stored, normalised(stored, written).expect("small"));
			let now = self.now(at);
			self.pots.apply(now - stored).expect("small");
			let cash = now + change;
			let index = self.pots.index_of(cash);
			let after = (cash, normalised(cash, index).expect("small"));
			self.pots.replace(before, after).expect("small");
			self.records[at] = (cash, index);
			self.eager[at] += fine(change);
			self.touched[at] += 1;
		}

		fn eager_sum(&self, positive: bool) -> u128 {
			let of_sign = self.eager.iter().filter(|cash| (**cash > 0) == positive);
			of_sign.map(|cash| cash.unsigned_abs()).sum()
		}

		fn pass(&mut self, parameters: &InterestParameters, elapsed: Moment) {
			let (cash, debt) = (self.eager_sum(true), self.eager_sum(false));
			let growth = parameters
				.growth(Perquintill::from_rational(debt, cash), elapsed)
				.expect("small")
				.into_inner();
			let shared = parameters.reserve_share.left_from_one() * growth;
			for account in &mut self.eager {
				let (size, rise) = (account.unsigned_abs(), FixedU128::DIV);
				*account += i128::try_from(match (*account > 0, debt < cash) {
					(false, _) => scaled(size, growth, rise),
					(true, true) => scaled(scaled(size, shared, rise), debt, cash),
					(true, false) => scaled(size, shared, rise),
				})
				.expect("small") * account.signum();
			}
			let now = self.pots.accrued_at + elapsed;
			self.pots.accrue(parameters, now);
		}

		fn lose(&mut self, loss: Balance) {
			let cash = self.eager_sum(true);
			if self.pots.share_loss(loss).is_none() {
				return;
			}
			for account in self.eager.iter_mut().filter(|account| **account > 0) {
				let lost = scaled(account.unsigned_abs(), loss * FINE, cash);
				*account -= i128::try_from(lost).expect("small");
			}
			self.touched.iter_mut().for_each(|touched| *touched += 1);
			// Somebody's debt, which nobody owes any more.
			self.pots.settlement += Amount::try_from(loss).expect("small");
		}

		/// The pot can bring everybody up to date, and nothing is created.
		fn check(&self) {
			let pending: Amount =
				(0..self.records.len()).map(|at| self.now(at) - self.records[at].0).sum();
			assert!(self.pots.accrued >= pending, "{} < {pending}", self.pots.accrued);
			assert_eq!(self.pots.held(), Some(0));
		}
	}

	#[derive(Clone, Debug)]
	enum Step {
		Pass(Moment),
		Move(usize, usize, Amount),
		Lose(Balance),
	}

	fn step() -> impl Strategy<Value = Step> {
		prop_oneof![
			6 => (1u64..LONGEST_STEP).prop_map(Step::Pass),
			4 => (0usize..6, 0usize..6, 0i128..1_000_000_000)
				.prop_map(|(from, to, amount)| Step::Move(from, to, amount)),
			1 => (1u128..10_000_000).prop_map(Step::Lose),
		]
	}

	proptest! {
		#[test]
		fn accounts_get_what_an_eager_loop_would_have_paid(
			cash in prop::collection::vec(-1_000_000_000_000i128..1_000_000_000_000, 6),
			steps in prop::collection::vec(step(), 1..60),
			kink in 0u32..=1_000_000, reserve in 0u32..=1_000_000,
		) {
			let parameters = InterestParameters {
				kink: sp_arithmetic::Permill::from_parts(kink),
				reserve_share: sp_arithmetic::Permill::from_parts(reserve),
				full_rate: FixedU128::from_u32(4),
				..Default::default()
			};
			let mut world = World::new(&cash);
			for step in steps {
				match step {
					Step::Pass(elapsed) => world.pass(&parameters, elapsed),
					Step::Move(from, to, amount) => {
						world.change(from, -amount);
						world.change(to, amount);
					}
					Step::Lose(loss) => world.lose(loss),
				}
				world.check();
			}
			for at in 0..6 {
				let short = world.eager[at] - fine(world.now(at));
				// A unit each time that it was rounded, against the account; what another's rounding
				// does to the rates is far less than one.
				prop_assert!(short > -fine(1), "too much: {short}");
				prop_assert!(short < fine(world.touched[at] + 2), "too little: {short}");
			}
		}

		#[test]
		fn pot_is_never_short_at_the_ends_of_the_indices(
			cash in prop::collection::vec(-1_000_000_000i128..1_000_000_000, 6),
			steps in prop::collection::vec(step(), 1..40),
			cash_index in 1u128..1_000_000_000_000_000, debt_index in 1u128..1_000_000_000,
		) {
			let parameters = InterestParameters {
				full_rate: FixedU128::from_u32(4), ..Default::default()
			};
			let mut world = World::new(&[0; 6]);
			let lowest = cash_index::LOWEST_INDEX.into_inner();
			world.pots.cash_index = FixedU128::from_inner(lowest * cash_index.min(1_000_000_000));
			world.pots.debt_index = FixedU128::from_inner(FixedU128::DIV / 2 * (debt_index + 1));
			for (at, cash) in cash.iter().enumerate() {
				world.pots.settlement -= cash;
				world.change(at, *cash);
			}
			for step in steps {
				match step {
					Step::Pass(elapsed) => world.pass(&parameters, elapsed),
					Step::Move(from, to, amount) => {
						world.change(from, -amount);
						world.change(to, amount);
					}
					Step::Lose(loss) => world.lose(loss),
				}
				world.check();
			}
		}
	}
}
