//! One block's pass: the sweep over all accounts and the service of the queue, within a budget.

use crate::{
	entry::{standing, Standing},
	provider::Provider,
	queue::{admit, sort, Queued},
	visit::{Outcome, Visit},
	AccountOf, Config, HaltedAt, LiquidationParams, Pallet, Params, Providers, Queue, SweepCursor,
	WeightInfo,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::{
	traits::Get,
	weights::{Weight, WeightMeter},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use plimsoll_primitives::{Balance, LiquidationLedger, Stance, UsdValue};
use sp_runtime::traits::{Saturating, UniqueSaturatedInto};

/// How many accounts the sweep lists at a time.
pub(crate) const SWEEP_PAGE: u32 = 16;

/// Whether a listing of up to `page` came to the end.
pub(crate) fn is_last_page<AccountId>(listed: &[AccountId], page: u32) -> bool {
	u32::try_from(listed.len()).is_ok_and(|found| found < page)
}

/// What the ledger's accounts share of the market.
pub(crate) type MarketOf<T> =
	<<T as Config>::Ledger as LiquidationLedger<<T as frame_system::Config>::AccountId>>::Market;

/// What a block's pass works with. Read once, written once.
pub(crate) struct Round<T: Config> {
	/// This block.
	pub(crate) now: BlockNumberFor<T>,
	/// For how many blocks the whole chain has not been halted.
	pub(crate) since_halt: u32,
	/// The parameters.
	pub(crate) params: LiquidationParams,
	/// What is left of the budget.
	pub(crate) meter: WeightMeter,
	/// The queue.
	pub(crate) queue: BoundedVec<Queued<T::AccountId>, T::MaxQueue>,
	/// The providers.
	pub(crate) providers: BoundedVec<Provider<T::AccountId>, T::MaxProviders>,
	/// How much margin, in USD, those providers still take over who took some in this block.
	pub(crate) slice_left: BTreeMap<AccountOf<T>, UsdValue>,
	/// What the insurance fund may still pay providers in this block, in settlement units.
	pub(crate) fund_left: Balance,
	/// What accounts share of the market in this block.
	pub(crate) market: MarketOf<T>,
	cursor: Option<AccountOf<T>>,
	sweep_left: u32,
	sweep_ended: bool,
}

impl<T: Config> Round<T> {
	/// The whole pass. Returns what it weighed.
	pub(crate) fn run(now: BlockNumberFor<T>) -> Weight {
		let left = frame_system::Pallet::<T>::remaining_block_weight().remaining();
		let limit = Self::most_weight().min(left.saturating_sub(T::Reserve::get()));
		let mut meter = WeightMeter::with_limit(limit);
		if meter.try_consume(T::WeightInfo::hook()).is_err() {
			return Weight::zero();
		}
		if T::Ledger::is_halted() {
			HaltedAt::<T>::put(now);
			return meter.consumed();
		}
		let mut round = Self::load(now, meter);
		round.sweep(T::SweepShare::get() * limit);
		round.serve();
		round.sweep(Weight::MAX);
		round.store()
	}

	/// The most that the hook may weigh in any block.
	pub(crate) fn most_weight() -> Weight {
		T::BudgetFraction::get() * T::BlockWeights::get().max_block
	}

	/// Reads what the pass works with.
	pub(crate) fn load(now: BlockNumberFor<T>, meter: WeightMeter) -> Self {
		let params = Params::<T>::get();
		Self {
			now,
			since_halt: Pallet::<T>::since_halt(),
			fund_left: params.fund_cap_per_block,
			params,
			meter,
			queue: Queue::<T>::get(),
			providers: Providers::<T>::get(),
			slice_left: BTreeMap::new(),
			market: MarketOf::<T>::default(),
			cursor: SweepCursor::<T>::get(),
			sweep_left: T::SweepPerBlock::get(),
			sweep_ended: false,
		}
	}

	/// Writes what the pass changed. Returns what it weighed.
	pub(crate) fn store(self) -> Weight {
		Queue::<T>::put(self.queue);
		Providers::<T>::put(self.providers);
		SweepCursor::<T>::set(self.cursor);
		self.meter.consumed()
	}

	/// The most that one account weighs in the sweep, apart from being listed.
	fn sweep_weight() -> Weight {
		T::WeightInfo::sweep_account().saturating_add(T::Ledger::health_in_weight())
	}

	/// Evaluates the next accounts: until all had a turn in this block, or its number is reached,
	/// or the allowance or the budget is used up.
	fn sweep(&mut self, allowance: Weight) {
		let mut allowance = WeightMeter::with_limit(allowance);
		while self.sweep_left > 0 && !self.sweep_ended {
			let page = self.sweep_left.min(SWEEP_PAGE);
			let listing = T::WeightInfo::list_accounts(page);
			if !self.can_afford(&allowance, listing) {
				return;
			}
			self.spend(&mut allowance, listing);
			let accounts = T::Ledger::accounts_after(self.cursor.clone(), page);
			let ended = is_last_page(&accounts, page);
			if accounts.is_empty() && self.cursor.is_some() && self.sweep_is_untouched() {
				// The last block ended exactly with the last account.
				self.cursor = None;
				continue;
			}
			for account in accounts {
				if !self.can_afford(&allowance, Self::sweep_weight()) {
					return;
				}
				let used = self.sweep_one(&account);
				self.spend(&mut allowance, used);
				self.sweep_left = self.sweep_left.saturating_sub(1);
				self.cursor = Some(account);
			}
			if ended {
				self.cursor = None;
				self.sweep_ended = true;
			}
		}
	}

	fn can_afford(&self, allowance: &WeightMeter, weight: Weight) -> bool {
		self.meter.can_consume(weight) && allowance.can_consume(weight)
	}

	/// Takes from both what was used: no more than could be afforded.
	fn spend(&mut self, allowance: &mut WeightMeter, weight: Weight) {
		self.meter.consume(weight);
		allowance.consume(weight);
	}

	fn sweep_is_untouched(&self) -> bool {
		self.sweep_left == T::SweepPerBlock::get()
	}

	/// Evaluates one account and lets it enter if it is below its line. One that cannot be valued
	/// is passed over: the cursor will come back. Returns what it weighed.
	fn sweep_one(&mut self, account: &AccountOf<T>) -> Weight {
		let own = T::WeightInfo::sweep_account();
		if self.is_queued(account) {
			return own;
		}
		let (favourable, weight) =
			T::Ledger::health_in(&mut self.market, account, Stance::Favourable);
		if let Ok(favourable) = favourable {
			if let Standing::Enters(_) =
				standing(&favourable, self.since_halt, self.params.grace_blocks)
			{
				self.enter(account, &favourable);
			}
		}
		own.saturating_add(weight)
	}

	/// Puts an account into the queue, if there is a place for it.
	pub(crate) fn enter(
		&mut self,
		account: &AccountOf<T>,
		favourable: &plimsoll_primitives::Health,
	) {
		let shortfall = crate::entry::shortfall(favourable);
		let place = Queued { account: account.clone(), shortfall, served: false };
		if let Ok(displaced) = admit(&mut self.queue, place) {
			Pallet::<T>::record_entry(account.clone(), favourable, displaced, self.now);
		}
	}

	/// Whether an account is in the waterfall.
	pub(crate) fn is_queued(&self, account: &AccountOf<T>) -> bool {
		self.queue.iter().any(|queued| queued.account == *account)
	}

	/// Gives each account in the queue its turn, in order, as far as the budget reaches. Those who
	/// had theirs stand behind those who did not until everybody had one.
	fn serve(&mut self) {
		sort(self.queue.as_mut());
		let turns = self
			.queue
			.iter()
			.map(|queued| (queued.account.clone(), queued.served))
			.collect::<Vec<_>>();
		let mut visited = BTreeSet::new();
		let mut begun_anew = false;
		for (account, served) in turns {
			if served && !begun_anew {
				// Nobody waits any more from before this block.
				begun_anew = true;
				for queued in self.queue.iter_mut() {
					queued.served = visited.contains(&queued.account);
				}
			}
			if self.meter.try_consume(Visit::<T>::weight()).is_err() {
				break;
			}
			let outcome = Visit::run(self, account.clone());
			self.conclude(&account, outcome);
			visited.insert(account);
		}
		if self.queue.iter().all(|queued| queued.served) {
			for queued in self.queue.iter_mut() {
				queued.served = false;
			}
		}
		sort(self.queue.as_mut());
	}

	/// Puts an account back into the queue after its visit, or takes it out.
	pub(crate) fn conclude(&mut self, account: &AccountOf<T>, outcome: Outcome) {
		let Some(index) = self.queue.iter().position(|queued| queued.account == *account) else {
			return;
		};
		match outcome {
			Outcome::Leaves => {
				self.queue.remove(index);
			}
			Outcome::Stays(shortfall) => {
				if let Some(queued) = self.queue.get_mut(index) {
					queued.served = true;
					queued.shortfall = shortfall.unwrap_or(queued.shortfall);
				}
			}
		}
	}
}

impl<T: Config> Pallet<T> {
	/// For how many blocks the whole chain has not been halted; the most there are where it never was.
	pub(crate) fn since_halt() -> u32 {
		let now = frame_system::Pallet::<T>::block_number();
		HaltedAt::<T>::get().map_or(u32::MAX, |at| now.saturating_sub(at).unique_saturated_into())
	}

	/// Asserts that the configuration lets every kind of work be done within the hook's budget.
	/// Panics where it does not.
	pub(crate) fn check_config() {
		assert!(T::MaxQueue::get() > 0, "the queue must have a place");
		assert!(T::MaxAsks::get() > 0, "an auction must ask somebody");
		assert!(T::HoldersPerVisit::get() > 0, "deleveraging must look at somebody");
		assert!(T::MaxCancels::get() > 0, "a visit must cancel something");
		assert!(T::SweepPerBlock::get() > 0, "the sweep must move");
		let most = T::BlockWeights::get().max_block.saturating_sub(T::Reserve::get());
		let limit = Round::<T>::most_weight().min(most);
		let share = T::SweepShare::get() * limit;
		let page = T::SweepPerBlock::get().min(SWEEP_PAGE);
		let sweep = T::WeightInfo::list_accounts(page).saturating_add(Round::<T>::sweep_weight());
		assert!(sweep.all_lte(share), "the sweep's share must cover one account");
		let rest = limit.saturating_sub(share);
		let visit = T::WeightInfo::hook().saturating_add(Visit::<T>::most_step_weight());
		assert!(visit.all_lte(rest), "the hook's budget must cover a step of each kind");
	}
}
