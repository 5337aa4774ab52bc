//! Cash settlement of expired contracts.
//!
//! Each holder is paid size × payoff less entry value, the first rounded down: a long gets no more
//! and a short pays no less than its exact part. The settlement pot pays, whoever comes first, so a
//! long can be settled before the shorts that owe it. When the last holder is settled, what the
//! payments did not sum up to (fractions of units) goes from the pot to the insurance fund.

use crate::{
	ledger::Pots, open_account::OpenAccount, AccountOf, Config, Error, Event, Holders, Pallet,
	PassedOver, Settling,
};
use alloc::vec::Vec;
use frame_support::traits::{Get, Time};
use plimsoll_primitives::{
	money, Amount, Contracts, Instrument, InstrumentRegistry, Price, Rounding,
};
use sp_runtime::DispatchResult;

/// What settling a position paid, in settlement units.
pub(crate) struct Payment {
	/// How much was held.
	pub size: Contracts,
	/// Size × payoff, rounded down.
	pub paid: Amount,
	/// What was added to cash: `paid` less the entry value.
	pub cash_change: Amount,
}

impl<T: Config> Pallet<T> {
	/// Positions of a record whose settlement price is fixed, with it; at most
	/// [`Config::MaxSettledPerTouch`].
	pub(crate) fn due_positions(record: &AccountOf<T>) -> Vec<(Instrument, Price)> {
		let now = T::Time::now();
		let most = usize::try_from(T::MaxSettledPerTouch::get()).unwrap_or(usize::MAX);
		record
			.positions
			.iter()
			.filter_map(|position| {
				Self::settled_at(&position.instrument, now)
					.map(|price| (position.instrument, price))
			})
			.take(most)
			.collect()
	}

	/// Settles positions of an account whose settlement price is fixed. Those beyond
	/// [`Config::MaxSettledPerTouch`] stay, and count at their payoff.
	pub(crate) fn settle_due(account: &mut OpenAccount<T>, pots: &mut Pots) -> DispatchResult {
		for (instrument, price) in Self::due_positions(&account.record) {
			Self::settle_position(account, &instrument, price, pots)?;
		}
		Ok(())
	}

	/// Turns a record's position in an expired instrument into cash.
	pub(crate) fn settle_record(
		record: &mut AccountOf<T>,
		instrument: &Instrument,
		price: Price,
	) -> Result<Payment, Error<T>> {
		let position = record.remove_position(instrument).ok_or(Error::<T>::PositionNotFound)?;
		let payoff = plimsoll_risk::payoff(instrument, price);
		let decimals = T::SettlementDecimals::get();
		let paid = money::cost(payoff, position.size, decimals, Rounding::Down)
			.ok_or(Error::<T>::Overflow)?;
		let cash_change = paid.checked_sub(position.entry_value).ok_or(Error::<T>::Overflow)?;
		record.add_cash(cash_change).map_err(Error::<T>::from)?;
		Ok(Payment { size: position.size, paid, cash_change })
	}

	/// Pays an account for its position in an expired instrument and takes the position away.
	pub(crate) fn settle_position(
		account: &mut OpenAccount<T>,
		instrument: &Instrument,
		price: Price,
		pots: &mut Pots,
	) -> DispatchResult {
		let Payment { size, paid, cash_change } =
			Self::settle_record(&mut account.record, instrument, price)?;
		// The entry value returns to the pot when the account is closed.
		let from_pot = paid.checked_neg().ok_or(Error::<T>::Overflow)?;
		pots.settle(from_pot).ok_or(Error::<T>::Overflow)?;
		let mut totals = Settling::<T>::get(instrument);
		totals.paid = totals.paid.checked_add(paid).ok_or(Error::<T>::Overflow)?;
		totals.size = totals.size.checked_add(size).ok_or(Error::<T>::Overflow)?;
		Settling::<T>::insert(instrument, totals);
		if size.is_positive() {
			let fall = size.checked_neg().ok_or(Error::<T>::Overflow)?;
			T::Registry::change_open_interest(instrument, fall)?;
		}
		account.settled.push(*instrument);
		Self::deposit_event(Event::Settled {
			account: account.id.clone(),
			instrument: *instrument,
			size,
			price,
			cash_change,
		});
		Ok(())
	}

	/// Once nobody holds a settled instrument, gives what is left of its payments to the insurance
	/// fund.
	pub(crate) fn finish_settlement(instrument: &Instrument, pots: &mut Pots) -> DispatchResult {
		if Holders::<T>::iter_key_prefix(instrument).next().is_some() {
			return Ok(());
		}
		PassedOver::<T>::remove(instrument);
		let totals = Settling::<T>::take(instrument);
		let dust = totals.paid.checked_neg().ok_or(Error::<T>::Overflow)?;
		pots.settle(totals.paid).ok_or(Error::<T>::Overflow)?;
		// Payments were rounded down, so together they are no more than the exact ones: zero.
		pots.insure(dust).ok_or(Error::<T>::Overflow)?;
		Self::deposit_event(Event::SettlementFinished { instrument: *instrument, dust });
		Ok(())
	}
}
