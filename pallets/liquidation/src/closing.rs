//! Deleveraging, as it is applied to one account in one block.

use crate::{
	deleverage::{accepts, share_to_close, to_close, Deleverage, Leg, Pass},
	queue::Stage,
	round::is_last_page,
	visit::{value, Visit},
	AccountOf, Config, Error, Event, Pallet, WeightInfo, LOG_TARGET,
};
use frame_support::{storage::with_storage_layer, traits::Get, weights::Weight};
use plimsoll_primitives::{Contracts, Instrument, LiquidationLedger};
use sp_runtime::DispatchError;

/// How many holders are listed at a time.
pub(crate) const HOLDER_PAGE: u32 = 16;

impl<T: Config> Visit<'_, T> {
	/// The most that the first trade of a visit weighs, with all that leads to it: looking at the
	/// account's positions, listing holders, looking at one.
	pub(crate) fn first_trade_weight() -> Weight {
		T::WeightInfo::list_holders(HOLDER_PAGE)
			.saturating_add(Self::look_weight().saturating_mul(2))
			.saturating_add(Self::trade_weight(&Pass::Relieved))
	}

	/// The most that looking at an account's positions weighs: an evaluation reads no less.
	fn look_weight() -> Weight {
		T::Ledger::health_weight()
	}

	/// The most that a trade weighs in a pass: the trade, the account's evaluation after it, and,
	/// where the pass asks, the holder's before and after.
	fn trade_weight(pass: &Pass) -> Weight {
		let evaluations = match pass {
			Pass::Counting { .. } | Pass::TearUp { .. } => 1,
			Pass::Relieved | Pass::Bearing => 3,
		};
		T::WeightInfo::deleverage_trade()
			.saturating_add(T::Ledger::trade_at_mark_weight())
			.saturating_add(T::Ledger::health_weight().saturating_mul(evaluations))
	}

	/// Closes positions at mark: until the account is at its target or has none, until each had its
	/// turn in this round, or as far as the budget and the number of holders allow. Goes on in the
	/// next block where it ended.
	pub(crate) fn deleverage(&mut self) {
		let Stage::Deleverage(mut plan) = self.state.stage.clone() else { return };
		let mut left = T::HoldersPerVisit::get();
		while left > 0 && self.health.positions > 0 && !self.unvalued && !self.has_reached_target()
		{
			if !self.choose_leg(&mut plan) || !self.walk(&mut plan, &mut left) {
				break;
			}
		}
		self.state.stage = Stage::Deleverage(plan);
	}

	/// Sees to it that there is a position to close: the one begun, if the account still holds
	/// some of it on that side, else the next by instrument. `false` where this round is over or
	/// the budget is.
	fn choose_leg(&mut self, plan: &mut Deleverage<T::AccountId>) -> bool {
		if !self.afford(Self::look_weight()) {
			return false;
		}
		let positions = T::Ledger::positions(&self.account);
		if let Some(leg) = &mut plan.leg {
			let held = positions.iter().find(|position| position.instrument == leg.instrument);
			let held = held.map_or(Contracts::ZERO, |position| position.size);
			leg.to_close = nearer_to_zero(leg.to_close, held);
			if !leg.to_close.is_zero() {
				return true;
			}
			plan.done = Some(leg.instrument);
			plan.leg = None;
		}
		let Some(share) = self
			.target()
			.and_then(|target| share_to_close(&self.health, target, self.round.params.fee))
		else {
			return false;
		};
		// One share for the round, so that hedges shrink alike; unless the account has come to
		// have no equity, when all of it has to go anyway.
		if plan.done.is_none() || !self.health.equity.is_positive() {
			plan.share = share;
		}
		let next = positions
			.iter()
			.filter(|position| plan.done.is_none_or(|done| position.instrument > done))
			.min_by_key(|position| position.instrument);
		let Some(next) = next else {
			plan.done = None;
			return false;
		};
		let lot = T::Ledger::lot(&next.instrument);
		match to_close(next.size, plan.share, lot) {
			Some(size) if !size.is_zero() => plan.leg = Some(Leg::new(next.instrument, size)),
			_ => plan.done = Some(next.instrument),
		}
		true
	}

	/// Looks at the next page of holders. `false` where the budget is over.
	fn walk(&mut self, plan: &mut Deleverage<T::AccountId>, left: &mut u32) -> bool {
		let Some(leg) = plan.leg.as_mut() else { return true };
		let page = HOLDER_PAGE.min(*left);
		if !self.afford(T::WeightInfo::list_holders(page)) {
			return false;
		}
		let holders = T::Ledger::holders_after(&leg.instrument, leg.after.clone(), page);
		let ended = is_last_page(&holders, page);
		for holder in holders {
			if !self.afford(Self::look_weight()) || !self.meet(leg, &holder) {
				return false;
			}
			*left = left.saturating_sub(1);
			leg.after = Some(holder);
			if leg.to_close.is_zero() {
				break;
			}
			if self.unvalued || self.has_reached_target() {
				return true;
			}
		}
		if leg.to_close.is_zero() || (ended && !leg.next_pass()) {
			plan.done = Some(leg.instrument);
			plan.leg = None;
		}
		true
	}

	/// Deals with one holder, as the pass requires. `false` where the budget does not allow it.
	fn meet(&mut self, leg: &mut Leg<T::AccountId>, holder: &AccountOf<T>) -> bool {
		if *holder == self.account {
			return true;
		}
		let held = T::Ledger::positions(holder)
			.into_iter()
			.find(|position| position.instrument == leg.instrument)
			.map_or(Contracts::ZERO, |position| position.size);
		let opposite = held.is_negative() != leg.to_close.is_negative();
		if let Pass::Counting { total } = &mut leg.pass {
			if opposite {
				let sum = held.checked_abs().and_then(|size| total.checked_add(size));
				*total = sum.unwrap_or(*total);
			}
			return true;
		}
		let lot = T::Ledger::lot(&leg.instrument);
		let Some(size) = leg
			.amount(held, lot)
			.filter(|amount| !amount.is_zero())
			.and_then(|amount| leg.closing_size(amount))
		else {
			return true;
		};
		if !self.afford(Self::trade_weight(&leg.pass)) {
			return false;
		}
		match self.trade(&leg.pass, &leg.instrument, holder, size) {
			Ok(()) => {
				// `size` is of the other sign and not larger.
				leg.to_close = leg.to_close.checked_add(size).unwrap_or(Contracts::ZERO);
				self.traded = true;
				self.refresh();
			}
			Err(error) => {
				log::debug!(target: LOG_TARGET, "{holder:?} passed over: {error:?}");
			}
		}
		true
	}

	/// Trades with a holder at mark and keeps the trade only if the pass accepts what it did to the
	/// holder. A tear-up does not ask.
	fn trade(
		&self,
		pass: &Pass,
		instrument: &Instrument,
		holder: &AccountOf<T>,
		size: Contracts,
	) -> Result<(), DispatchError> {
		let account = self.account.clone();
		let counterparty = holder.clone();
		let instrument = *instrument;
		with_storage_layer(|| -> Result<(), DispatchError> {
			if let Pass::TearUp { .. } = pass {
				T::Ledger::trade_at_mark(&account, holder, &instrument, size)?;
				Pallet::<T>::deposit_event(Event::HedgeBroken {
					account,
					counterparty,
					instrument,
					size,
				});
				return Ok(());
			}
			let before = value::<T>(holder)?;
			T::Ledger::trade_at_mark(&account, holder, &instrument, size)?;
			let after = value::<T>(holder)?;
			if !accepts(pass, &before, &after) {
				return Err(Error::<T>::CounterpartyNotSuitable.into());
			}
			Pallet::<T>::deposit_event(Event::Deleveraged {
				account,
				counterparty,
				instrument,
				size,
			});
			Ok(())
		})
	}
}

/// The nearer to zero of two sizes of the same sign; zero where their signs differ.
fn nearer_to_zero(one: Contracts, other: Contracts) -> Contracts {
	if one.is_positive() && other.is_positive() {
		one.min(other)
	} else if one.is_negative() && other.is_negative() {
		one.max(other)
	} else {
		Contracts::ZERO
	}
}
