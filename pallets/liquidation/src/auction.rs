//! The auction, as it is applied to one account in one block.

use crate::{
	numbers::fraction,
	provider::{position_of, rotate, Provider},
	slice::{
		needed_share, price, share_within_capacity, share_within_slice, whole_price, SliceFault,
		Trial,
	},
	visit::{value, Visit},
	AccountOf, Config, Error, Event, Pallet, WeightInfo, LOG_TARGET,
};
use alloc::vec::Vec;
use frame_support::{storage::with_storage_layer, traits::Get, weights::Weight};
use plimsoll_primitives::{Amount, Balance, Health, LiquidationLedger, Rounding, Stance, UsdValue};
use sp_arithmetic::{traits::Saturating, Permill, Perquintill};
use sp_runtime::DispatchError;

/// How much more than needed is offered, so that what is rounded to settlement units does not leave
/// an account just short of its target.
const HAIR: Perquintill = Perquintill::from_parts(1_000_000_000_000);

/// What came of asking a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
	/// It took a slice.
	Taken,
	/// It took none.
	Refused,
	/// The budget does not allow asking.
	OutOfBudget,
}

impl<T> From<SliceFault> for Error<T> {
	fn from(fault: SliceFault) -> Self {
		match fault {
			SliceFault::NotFair { .. } => Error::SliceNotFair,
			SliceFault::NotImproved => Error::SliceDoesNotImprove,
			SliceFault::Overflow => Error::Overflow,
		}
	}
}

impl<T: Config> Visit<'_, T> {
	/// The most that one try of one slice weighs: moving it and evaluating both accounts after.
	fn try_weight() -> Weight {
		T::Ledger::transfer_slice_weight()
			.saturating_add(T::Ledger::health_weight().saturating_mul(2))
	}

	/// The most that asking a provider weighs with its first try.
	pub(crate) fn ask_weight() -> Weight {
		T::WeightInfo::auction_slice()
			.saturating_add(T::Ledger::health_with_orders_weight())
			.saturating_add(Self::try_weight())
	}

	/// Offers slices of the account to providers, each at most once, until it is at its target.
	/// Returns whether anything more may come of it: some was taken, or not everybody could be
	/// asked yet. An account without margin is not offered: its discount would be nothing.
	pub(crate) fn auction(&mut self) -> bool {
		if !self.health.maintenance_margin.is_positive() {
			return false;
		}
		let discount = self.round.params.discount(self.state.healthy_blocks);
		if self.health.equity.is_positive() {
			self.state.refusals = 0;
		}
		let (candidates, content) = self.candidates(discount);
		let mut hopeful = false;
		for provider in candidates {
			if self.unvalued || self.has_reached_target() {
				break;
			}
			match self.ask(&provider, discount) {
				Answer::Taken => {
					hopeful = true;
					self.state.refusals = 0;
				}
				Answer::Refused if self.health.equity.is_positive() => {}
				Answer::Refused => self.state.refusals = self.state.refusals.saturating_add(1),
				Answer::OutOfBudget => {
					hopeful = true;
					break;
				}
			}
			self.state.asked = self.state.asked.saturating_add(1);
		}
		// Asking goes round, so that after so many refusals in a row everybody has refused.
		hopeful || self.state.refusals < content
	}

	/// Whom to ask, in order: those who are content with the discount and take something yet;
	/// neither accounts in the waterfall nor any of the same owner, who must not gain from his own
	/// account's failure. Where they are more than are asked in a block, asking goes on where it
	/// ended in the last. And how many there are in all.
	pub(crate) fn candidates(&self, discount: Permill) -> (Vec<AccountOf<T>>, u32) {
		let mut candidates = self
			.round
			.providers
			.iter()
			.filter(|provider| {
				provider.terms.minimum_discount <= discount
					&& provider.account.owner != self.account.owner
					&& self.slice_left(provider).is_positive()
					&& !self.round.is_queued(&provider.account)
			})
			.map(|provider| provider.account.clone())
			.collect::<Vec<_>>();
		// Not more than `MaxProviders`, so it fits.
		let content = u32::try_from(candidates.len()).unwrap_or(u32::MAX);
		let most = usize::try_from(T::MaxAsks::get()).unwrap_or(usize::MAX);
		if candidates.len() > most {
			let asked = usize::try_from(self.state.asked).unwrap_or_default();
			let first = asked.checked_rem(candidates.len()).unwrap_or_default();
			candidates.rotate_left(first);
			candidates.truncate(most);
		}
		(candidates, content)
	}

	/// How much more margin a provider takes over in this block, in USD.
	fn slice_left(&self, provider: &Provider<T::AccountId>) -> UsdValue {
		let left = self.round.slice_left.get(&provider.account);
		left.copied().unwrap_or(provider.terms.maximum_slice)
	}

	/// Offers one provider a slice. Where it cannot bear that, it is offered what it certainly can.
	/// A provider that takes neither is not asked again in this block.
	fn ask(&mut self, provider: &AccountOf<T>, discount: Permill) -> Answer {
		if !self.afford(Self::ask_weight()) {
			return Answer::OutOfBudget;
		}
		if !T::Ledger::exists(provider) {
			// It would keep its place for ever, because it can never be valued again.
			self.drop_provider(provider, UsdValue::ZERO);
			return Answer::Refused;
		}
		// Its orders have a claim on its equity: the gate will ask for them too.
		let Ok(before) = T::Ledger::health_with_orders(provider, Stance::Mark) else {
			return Answer::Refused;
		};
		if before.equity < self.round.params.minimum_provider_equity {
			self.drop_provider(provider, before.equity);
			return Answer::Refused;
		}
		let Some(share) = self.offered_share(provider, discount) else { return Answer::Refused };
		let mut answer = self.offer(provider, &before, share, discount);
		if answer == Answer::Refused {
			let capacity = share_within_capacity(&self.health, &before, discount)
				.filter(|capacity| !capacity.is_zero() && *capacity < share);
			if let Some(capacity) = capacity {
				if !self.afford(Self::try_weight()) {
					return Answer::OutOfBudget;
				}
				answer = self.offer(provider, &before, capacity, discount);
			}
		}
		if answer == Answer::Refused {
			self.round.slice_left.insert(provider.clone(), UsdValue::ZERO);
		}
		answer
	}

	/// Offers one provider this share at its price; and again at the fair one, where lots make the
	/// slice differ from pro rata.
	fn offer(
		&mut self,
		provider: &AccountOf<T>,
		before: &Health,
		share: Perquintill,
		discount: Permill,
	) -> Answer {
		let Some(pro_rata) = price(&self.health, discount, share) else { return Answer::Refused };
		let mut fair_price = None;
		let mut result = self.take(provider, before, share, discount, pro_rata, &mut fair_price);
		if let Some(fair_price) = fair_price {
			if self.fund_affords(fair_price) {
				if !self.afford(Self::try_weight()) {
					return Answer::OutOfBudget;
				}
				result = self.take(provider, before, share, discount, fair_price, &mut None);
			}
		}
		match result {
			Ok(()) => Answer::Taken,
			Err(error) => {
				log::debug!(target: LOG_TARGET, "{provider:?} did not take {share:?}: {error:?}");
				Answer::Refused
			}
		}
	}

	/// What share to offer a provider: what the account needs, within the provider's and the
	/// insurance fund's limits. `None` where that is nothing.
	fn offered_share(&self, provider: &AccountOf<T>, discount: Permill) -> Option<Perquintill> {
		let owing = Health { equity: self.equity_after_fee(), ..self.health.clone() };
		let needed = needed_share(&owing, self.target()?, discount, self.round.params.fee)?;
		let share = needed.saturating_add(HAIR).min(self.most_share(provider, discount)?);
		(!share.is_zero()).then_some(share)
	}

	/// The largest share that the provider's terms and, where it has to pay, the insurance fund and
	/// its caps allow.
	fn most_share(&self, provider: &AccountOf<T>, discount: Permill) -> Option<Perquintill> {
		let index = position_of(&self.round.providers, provider)?;
		let left = self.slice_left(self.round.providers.get(index)?);
		let within_slice = share_within_slice(&self.health, left);
		let whole = whole_price(&self.health, discount)?;
		if !whole.is_negative() {
			return Some(within_slice);
		}
		let cost = T::Ledger::settlement_units(whole, Rounding::Down)?.checked_neg()?;
		// One unit less, because a slice's own price is rounded again.
		let affordable = Amount::try_from(self.fund_cap_left().saturating_sub(1));
		let within_cap = fraction(affordable.unwrap_or(Amount::MAX), cost, Rounding::Down);
		Some(within_slice.min(within_cap))
	}

	/// What the insurance fund may yet pay for this account in this block, in settlement units.
	fn fund_cap_left(&self) -> Balance {
		self.round
			.params
			.fund_cap_per_account
			.saturating_sub(self.state.fund_paid)
			.min(self.round.fund_left)
			.min(T::Ledger::insurance_fund())
	}

	/// Whether the insurance fund may pay this price, in USD, where it is negative.
	fn fund_affords(&self, price: UsdValue) -> bool {
		T::Ledger::settlement_units(price, Rounding::Down)
			.is_some_and(|units| units >= 0 || units.unsigned_abs() <= self.fund_cap_left())
	}

	/// Moves a slice to a provider for `price` (USD) and keeps it moved only if it was fair and
	/// helped. Where it was not fair, leaves in `fair_price` what would be.
	fn take(
		&mut self,
		provider: &AccountOf<T>,
		provider_before: &Health,
		share: Perquintill,
		discount: Permill,
		price: UsdValue,
		fair_price: &mut Option<UsdValue>,
	) -> Result<(), DispatchError> {
		let units =
			T::Ledger::settlement_units(price, Rounding::Down).ok_or(Error::<T>::Overflow)?;
		let (account, before) = (&self.account, &self.health);
		let buffer = self.round.params.buffer;
		let after = with_storage_layer(|| -> Result<Health, DispatchError> {
			T::Ledger::transfer_slice(account, provider, share, units)?;
			let after = value::<T>(account)?;
			let provider_after = value::<T>(provider)?;
			let trial = Trial {
				before,
				after: &after,
				provider_before,
				provider_after: &provider_after,
				share,
				discount,
				price,
				buffer,
			};
			trial.check().map_err(|fault| {
				if let SliceFault::NotFair { fair_price: found } = fault {
					*fair_price = Some(found);
				}
				Error::<T>::from(fault)
			})?;
			Pallet::<T>::deposit_event(Event::SliceTaken {
				account: account.clone(),
				provider: provider.clone(),
				share,
				price: units,
				discount,
			});
			Ok(after)
		})?;
		self.note_slice(provider, share, units);
		self.health = after;
		self.traded = true;
		Ok(())
	}

	/// Remembers what a slice used of the provider's and the fund's limits, and sends the provider
	/// behind its equals. To be called with the account's health before the slice.
	pub(crate) fn note_slice(
		&mut self,
		provider: &AccountOf<T>,
		share: Perquintill,
		units: Amount,
	) {
		if units < 0 {
			let paid: Balance = units.unsigned_abs();
			self.state.fund_paid = self.state.fund_paid.saturating_add(paid);
			self.round.fund_left = self.round.fund_left.saturating_sub(paid);
		}
		let Some(index) = position_of(&self.round.providers, provider) else { return };
		let Some(entry) = self.round.providers.get(index) else { return };
		let margin = self.health.maintenance_margin;
		let taken = crate::numbers::portion(margin, share, Rounding::Up).unwrap_or(margin);
		let left = self.slice_left(entry).checked_sub(taken).unwrap_or(UsdValue::ZERO);
		self.round.slice_left.insert(provider.clone(), left);
		rotate(self.round.providers.as_mut(), index);
	}

	/// Takes a provider off the list that is gone or has not got the least equity any more.
	fn drop_provider(&mut self, provider: &AccountOf<T>, equity: UsdValue) {
		if let Some(index) = position_of(&self.round.providers, provider) {
			self.round.providers.remove(index);
			let provider = provider.clone();
			Pallet::<T>::deposit_event(Event::ProviderDropped { provider, equity });
		}
	}
}
