//! One account's turn: what is done about it in this block.

use crate::{
	deleverage::Deleverage,
	entry::{empty, shortfall, target},
	numbers::portion,
	queue::{Liquidation, Stage, Stall},
	round::Round,
	AccountOf, Config, Error, Event, Liquidations, Pallet, WeightInfo, LOG_TARGET,
};
use frame_support::{storage::with_storage_layer, traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use plimsoll_primitives::{
	Balance, Health, LiquidationLedger, MassCancel, OpenOrders, Rounding, Stance, UsdValue,
};
use sp_runtime::{
	traits::{Saturating, UniqueSaturatedInto},
	DispatchError,
};

/// How a visit ended.
pub(crate) enum Outcome {
	/// The account stays in the queue; its shortfall in USD, where it is known.
	Stays(Option<UsdValue>),
	/// It leaves the waterfall.
	Leaves,
}

/// A visit to one account of the queue.
pub(crate) struct Visit<'a, T: Config> {
	/// The block's pass.
	pub(crate) round: &'a mut Round<T>,
	/// Whose turn it is.
	pub(crate) account: AccountOf<T>,
	/// What is kept of it.
	pub(crate) state: Liquidation<T::AccountId, BlockNumberFor<T>>,
	/// Where it stands now, at mark.
	pub(crate) health: Health,
	/// Whether anything of it was traded in this visit.
	pub(crate) traded: bool,
	/// Whether it could not be valued after a trade: nothing more is done in this visit.
	pub(crate) unvalued: bool,
}

impl<'a, T: Config> Visit<'a, T> {
	/// The most that a visit weighs, apart from slices, deleveraging and all cancelled orders but the
	/// first: three evaluations (at mark, at favourable prices, and again after a fee or a close), and
	/// the close itself.
	pub(crate) fn weight() -> Weight {
		T::WeightInfo::visit()
			.saturating_add(T::WeightInfo::close())
			.saturating_add(T::Ledger::health_weight().saturating_mul(3))
			.saturating_add(T::Ledger::close_weight())
			.saturating_add(T::OpenOrders::cancel_weight())
	}

	/// The most that a visit with the heaviest single step in it weighs.
	pub(crate) fn most_step_weight() -> Weight {
		Self::weight().saturating_add(Self::ask_weight().max(Self::first_trade_weight()))
	}

	/// Gives the account its turn.
	pub(crate) fn run(round: &'a mut Round<T>, account: AccountOf<T>) -> Outcome {
		let Some(mut state) = Liquidations::<T>::get(&account) else { return Outcome::Leaves };
		if !T::Ledger::exists(&account) {
			Liquidations::<T>::remove(&account);
			Pallet::<T>::deposit_event(Event::Gone { account });
			return Outcome::Leaves;
		}
		let elapsed = round.now.saturating_sub(state.last_seen);
		state.last_seen = round.now;
		let Ok(health) = T::Ledger::health(&account, Stance::Mark) else {
			note_stall::<T>(&account, &mut state, Some(Stall::NotValued));
			Liquidations::<T>::insert(&account, state);
			return Outcome::Stays(None);
		};
		// Margin that fell because prices moved was not relieved by anybody.
		state.fee_basis = state.fee_basis.min(health.maintenance_margin);
		let mut visit = Self { round, account, state, health, traded: false, unvalued: false };
		if visit.proceed(elapsed) {
			Liquidations::<T>::remove(&visit.account);
			Outcome::Leaves
		} else {
			let shortfall = shortfall(&visit.health);
			Liquidations::<T>::insert(&visit.account, visit.state);
			Outcome::Stays(Some(shortfall))
		}
	}

	/// Takes the steps of the waterfall. `true` where the account leaves it.
	fn proceed(&mut self, elapsed: BlockNumberFor<T>) -> bool {
		if self.has_reached_target() {
			return self.leave();
		}
		let stall = self.reason_to_wait();
		note_stall::<T>(&self.account, &mut self.state, stall);
		if stall.is_some() {
			return false;
		}
		if !self.cancel_orders() {
			return false;
		}
		let elapsed: u32 = elapsed.unique_saturated_into();
		self.state.healthy_blocks =
			self.state.healthy_blocks.saturating_add(elapsed.min(self.live_blocks()));
		if self.has_reached_target() {
			return self.leave();
		}
		if !self.is_bankrupt_shell() {
			self.work();
		}
		self.charge_fee();
		if self.has_reached_target() {
			return self.leave();
		}
		if self.unvalued || self.health.positions > 0 {
			return false;
		}
		let is_over = matches!(self.state.stage, Stage::Deleverage(_));
		(is_over || self.is_bankrupt_shell()) && self.close()
	}

	/// Cancels the account's open orders: one after another as far as a visit may and the budget
	/// reaches. What is left of them is cancelled in later blocks and holds nothing up: the account
	/// passes no gate but by orders that reduce its risk.
	///
	/// Orders that have set something aside are another matter: it is the account's, and it is valued anew
	/// with what came back. False where the visit ends with that: the budget does not reach for it,
	/// there is more to come back in the next blocks, or a feed of what came back is not to be relied on yet.
	fn cancel_orders(&mut self) -> bool {
		let mut count: u32 = 0;
		let mut are_left = true;
		let (mut released, mut withheld) = (false, false);
		// The first one is in the weight of the visit, and so is finding that there is none.
		while are_left
			&& count < T::MaxCancels::get()
			&& (count == 0 || self.afford(T::OpenOrders::cancel_weight()))
		{
			let done = T::OpenOrders::cancel_orders(&self.account, 1, MassCancel::Liquidation);
			are_left = done.are_left && done.orders > 0;
			count = count.saturating_add(done.orders);
			released |= done.released;
			withheld = done.withheld;
		}
		if count > 0 {
			let account = self.account.clone();
			Pallet::<T>::deposit_event(Event::OrdersCancelled { account, count, are_left });
		}
		if !released {
			return true;
		}
		// Valued anew, perhaps at two stances.
		if !self.afford(T::Ledger::health_weight().saturating_mul(2)) {
			return false;
		}
		self.refresh();
		// Margin that fell by what came back was not relieved by anybody.
		self.state.fee_basis = self.state.fee_basis.min(self.health.maintenance_margin);
		if self.unvalued || withheld {
			return false;
		}
		// What came back may depend on feeds that the rest does not.
		let stall = self.reason_to_wait();
		note_stall::<T>(&self.account, &mut self.state, stall);
		stall.is_none()
	}

	/// The auction and what follows it.
	fn work(&mut self) {
		if self.state.stage == Stage::Auction {
			let hopeful = self.auction();
			if !self.has_reached_target() && self.is_auction_over(hopeful) {
				self.start_deleveraging();
			}
		}
		if !self.unvalued && !self.has_reached_target() {
			self.deleverage();
		}
	}

	/// Whether the account has neither positions nor equity: there is nothing to sell or trade.
	fn is_bankrupt_shell(&self) -> bool {
		self.health.positions == 0 && !self.health.equity.is_positive()
	}

	/// Whether the auction had its time, or nobody took anything from an account without equity.
	fn is_auction_over(&self, hopeful: bool) -> bool {
		!self.unvalued
			&& (self.state.healthy_blocks >= self.round.params.auction_blocks
				|| (!hopeful && !self.health.equity.is_positive()))
	}

	fn start_deleveraging(&mut self) {
		self.state.stage = Stage::Deleverage(Deleverage::default());
		if self.health.positions > 0 {
			Pallet::<T>::deposit_event(Event::DeleveragingStarted {
				account: self.account.clone(),
				equity: self.health.equity,
				maintenance_margin: self.health.maintenance_margin,
				healthy_blocks: self.state.healthy_blocks,
			});
		}
	}

	/// For how many blocks in a row its feeds have been live and the chain not halted.
	fn live_blocks(&self) -> u32 {
		self.health.live_blocks.min(self.round.since_halt)
	}

	/// Why nothing may be done about the account in this block: a feed of it is stale, or the grace
	/// period after that, or after a halt of the whole chain, is not over and it has equity at the most
	/// favourable prices.
	fn reason_to_wait(&self) -> Option<Stall> {
		if self.health.live_blocks == 0 {
			return Some(Stall::StaleFeed);
		}
		if self.live_blocks() >= self.round.params.grace_blocks {
			return None;
		}
		match T::Ledger::health(&self.account, Stance::Favourable) {
			Ok(favourable) if favourable.equity.is_negative() => None,
			Ok(_) => Some(Stall::Grace),
			Err(_) => Some(Stall::NotValued),
		}
	}

	/// The equity at which the account leaves. `None` where that is out of range.
	pub(crate) fn target(&self) -> Option<UsdValue> {
		target(self.health.maintenance_margin, self.round.params.buffer)
	}

	/// The account's equity less the fee it owes for this visit.
	pub(crate) fn equity_after_fee(&self) -> UsdValue {
		self.health.equity.checked_sub(self.fee_owed()).unwrap_or(self.health.equity)
	}

	/// Whether the account is at its target, the fee of this visit paid.
	pub(crate) fn has_reached_target(&self) -> bool {
		!self.unvalued && self.target().is_some_and(|target| self.equity_after_fee() >= target)
	}

	/// The fee for the margin that was relieved in this visit, in USD, rounded up. Nothing where
	/// nothing was traded or nothing is left to pay it from.
	fn fee_owed(&self) -> UsdValue {
		if !self.traded || !self.health.equity.is_positive() {
			return UsdValue::ZERO;
		}
		self.state
			.fee_basis
			.checked_sub(self.health.maintenance_margin)
			.filter(|relieved| relieved.is_positive())
			.and_then(|relieved| portion(relieved, self.round.params.fee, Rounding::Up))
			.map_or(UsdValue::ZERO, |fee| fee.min(self.health.equity))
	}

	/// Takes the fee of this visit to the insurance fund.
	fn charge_fee(&mut self) {
		let owed = self.fee_owed();
		self.state.fee_basis = self.state.fee_basis.min(self.health.maintenance_margin);
		// Down, so that the account keeps what it needs for its target.
		let fee = T::Ledger::settlement_units(owed, Rounding::Down)
			.and_then(|units| Balance::try_from(units).ok())
			.unwrap_or(0);
		if fee == 0 {
			return;
		}
		let charged = with_storage_layer(|| T::Ledger::charge_fee(&self.account, fee));
		match charged {
			Ok(0) => {}
			Ok(fee) => {
				let account = self.account.clone();
				Pallet::<T>::deposit_event(Event::FeeCharged { account, fee });
				self.refresh();
			}
			Err(error) => {
				log::debug!(target: LOG_TARGET, "no fee from {:?}: {error:?}", self.account);
			}
		}
	}

	/// Reports that the account is above its target.
	fn leave(&self) -> bool {
		let account = self.account.clone();
		let Health { equity, maintenance_margin, positions, .. } = self.health;
		let event = if positions == 0 && maintenance_margin.is_zero() {
			Event::Closed { account, collateral_bought: 0, paid_by_fund: 0, shared: 0 }
		} else {
			Event::Restored { account, equity, maintenance_margin }
		};
		Pallet::<T>::deposit_event(event);
		true
	}

	/// Closes an account without positions that is still below its target: the insurance fund buys
	/// the collateral its debt needs and pays what it still owes, as far as it reaches; the rest is
	/// shared. Where the fund cannot pay for all of that collateral, what it bought stays bought,
	/// since the debt is smaller by it, and the account waits.
	fn close(&mut self) -> bool {
		let mut collateral_bought = 0;
		let closed = self.buy_collateral().and_then(|bought| {
			collateral_bought = bought;
			self.absorb()
		});
		match closed {
			Ok((paid_by_fund, shared)) => {
				Pallet::<T>::deposit_event(Event::Closed {
					account: self.account.clone(),
					collateral_bought,
					paid_by_fund,
					shared,
				});
				true
			}
			Err(error) => {
				log::debug!(target: LOG_TARGET, "{:?} not closed: {error:?}", self.account);
				if collateral_bought > 0 {
					Pallet::<T>::deposit_event(Event::CollateralBought {
						account: self.account.clone(),
						paid: collateral_bought,
					});
				}
				note_stall::<T>(&self.account, &mut self.state, Some(Stall::NotAbsorbed));
				false
			}
		}
	}

	/// Lets the insurance fund buy what collateral the account's debt needs and values what is left.
	/// Returns what the fund paid.
	fn buy_collateral(&mut self) -> Result<Balance, DispatchError> {
		let bought = with_storage_layer(|| T::Ledger::buy_collateral(&self.account))?;
		self.refresh();
		Ok(bought)
	}

	/// Takes over what the account owes, where it owes anything. Returns what the fund paid and what
	/// was shared.
	fn absorb(&self) -> Result<(Balance, Balance), DispatchError> {
		if self.unvalued {
			return Err(Error::<T>::NotValued.into());
		}
		if !self.health.equity.is_negative() {
			return Ok((0, 0));
		}
		with_storage_layer(|| T::Ledger::absorb_deficit(&self.account))
	}

	/// Values the account again after something changed.
	pub(crate) fn refresh(&mut self) {
		match value::<T>(&self.account) {
			Ok(health) => self.health = health,
			Err(_) => self.unvalued = true,
		}
	}

	/// Takes the weight of a piece of work from the budget; `false` where it is not left.
	pub(crate) fn afford(&mut self, weight: Weight) -> bool {
		self.round.meter.try_consume(weight).is_ok()
	}
}

/// An account's health at mark; of one that was emptied and forgotten, that of nothing.
pub(crate) fn value<T: Config>(account: &AccountOf<T>) -> Result<Health, DispatchError> {
	if T::Ledger::exists(account) {
		T::Ledger::health(account, Stance::Mark)
	} else {
		Ok(empty())
	}
}

/// Remembers why nothing is done about an account, and reports it where that changed. That it could
/// not be closed is found after all else, and stands until it is.
pub(crate) fn note_stall<T: Config>(
	account: &AccountOf<T>,
	state: &mut Liquidation<T::AccountId, BlockNumberFor<T>>,
	stall: Option<Stall>,
) {
	if state.stall == stall || (stall.is_none() && state.stall == Some(Stall::NotAbsorbed)) {
		return;
	}
	state.stall = stall;
	let account = account.clone();
	Pallet::<T>::deposit_event(match stall {
		Some(reason) => Event::Stalled { account, reason },
		None => Event::Resumed { account },
	});
}
