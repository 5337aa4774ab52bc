//! Trades between two accounts, and portfolio slices that pass from one to another.

use crate::{
	account::Position,
	fill,
	ledger::Pots,
	matching::{failed, refused, stopped},
	open_account::OpenAccount,
	open_orders::Standing,
	shared_market::SharedMarket,
	Config, Error, Event, Ledger, Pallet, SubAccountIdOf,
};
use alloc::{collections::btree_map::BTreeMap, vec::Vec};
use frame_support::{ensure, traits::Get, BoundedVec};
use plimsoll_primitives::{
	money, Amount, Balance, CollateralId, Contracts, Fill, FillError, Instrument, InstrumentError,
	InstrumentRegistry, InstrumentTerms, LiquidationLedger, Price, Rounding,
};
use sp_arithmetic::{PerThing, Perquintill};
use sp_runtime::{DispatchError, DispatchResult};

/// Open interest that two accounts have in each instrument they touch, before they touch it.
pub(crate) struct InterestBefore(BTreeMap<Instrument, Contracts>);

/// The long part of two accounts' sizes in an instrument; `None` on overflow.
fn longs<T: Config>(
	one: &OpenAccount<T>,
	other: &OpenAccount<T>,
	instrument: &Instrument,
) -> Option<Contracts> {
	let long = |account: &OpenAccount<T>| account.record.size_of(instrument).max(Contracts::ZERO);
	long(one).checked_add(long(other))
}

impl InterestBefore {
	pub(crate) fn new() -> Self {
		Self(BTreeMap::new())
	}

	/// Remembers an instrument, unless it has been seen before.
	pub(crate) fn note<T: Config>(
		&mut self,
		one: &OpenAccount<T>,
		other: &OpenAccount<T>,
		instrument: &Instrument,
	) -> DispatchResult {
		if !self.0.contains_key(instrument) {
			let interest = longs(one, other, instrument).ok_or(Error::<T>::Overflow)?;
			self.0.insert(*instrument, interest);
		}
		Ok(())
	}

	/// Reports each instrument's net change once.
	pub(crate) fn report<T: Config>(
		self,
		one: &OpenAccount<T>,
		other: &OpenAccount<T>,
	) -> DispatchResult {
		for (instrument, before) in self.0 {
			let change = longs(one, other, &instrument)
				.and_then(|after| after.checked_sub(before))
				.ok_or(Error::<T>::Overflow)?;
			if !change.is_zero() {
				T::Registry::change_open_interest(&instrument, change)?;
			}
		}
		Ok(())
	}
}

/// Whether a trade only takes a position towards zero.
pub(crate) fn only_closes(before: Contracts, after: Contracts) -> bool {
	let between = |low: Contracts, high: Contracts| low <= after && after <= high;
	between(Contracts::ZERO, before) || between(before, Contracts::ZERO)
}

impl<T: Config> Pallet<T> {
	/// Terms of an instrument that can be traded now.
	pub(crate) fn tradable(instrument: &Instrument) -> Result<InstrumentTerms, Error<T>> {
		T::Registry::tradable(instrument).map_err(|error| match error {
			InstrumentError::Unknown => Error::<T>::UnknownInstrument,
			InstrumentError::Expired => Error::<T>::InstrumentExpired,
		})
	}

	/// See [`plimsoll_primitives::Clearing::clear`].
	pub(crate) fn do_clear(
		taker: &SubAccountIdOf<T>,
		maker: &SubAccountIdOf<T>,
		fills: &[Fill],
	) -> Result<(), FillError> {
		ensure!(taker != maker, failed(Error::<T>::SameAccount));
		ensure!(!fills.is_empty(), failed(Error::<T>::NoFills));
		let most = usize::try_from(T::MaxFills::get()).unwrap_or(usize::MAX);
		ensure!(fills.len() <= most, failed(Error::<T>::TooManyFills));
		let mut pots = Ledger::<T>::get();
		let mut taker = OpenAccount::<T>::existing(taker, &pots).map_err(failed)?;
		let mut maker = OpenAccount::<T>::existing(maker, &pots).map_err(refused)?;
		Self::settle_due(&mut taker, &mut pots)?;
		Self::settle_due(&mut maker, &mut pots).map_err(refused)?;
		let (taker_before, maker_before) = (taker.record.clone(), maker.record.clone());
		let mut interest = InterestBefore::new();
		for fill in fills {
			let terms = Self::tradable(&fill.instrument).map_err(failed)?;
			interest.note(&taker, &maker, &fill.instrument)?;
			let sizes = [&taker, &maker].map(|account| account.record.size_of(&fill.instrument));
			Self::trade(&mut taker, &mut maker, fill, &mut pots)?;
			let shrinks = only_closes(sizes[0], taker.record.size_of(&fill.instrument))
				&& only_closes(sizes[1], maker.record.size_of(&fill.instrument));
			ensure!(shrinks || !terms.close_only, failed(Error::<T>::CloseOnly));
			ensure!(shrinks || !terms.halted, failed(Error::<T>::TradingHalted));
		}
		interest.report(&taker, &maker).map_err(stopped)?;
		let mut market = SharedMarket::default();
		let mut admit = |before, after: &OpenAccount<T>| {
			let orders = after.orders();
			Self::ensure_admitted(
				&mut market,
				&Standing::new(before, &orders),
				&Standing::new(&after.record, &orders),
			)
		};
		admit(&taker_before, &taker)?;
		admit(&maker_before, &maker).map_err(refused)?;
		taker.close(&mut pots)?;
		maker.close(&mut pots)?;
		Ledger::<T>::put(pots);
		Ok(())
	}

	/// One trade: `one` buys the fill's size (negative: sells) from `other`, who is the maker.
	fn trade(
		one: &mut OpenAccount<T>,
		other: &mut OpenAccount<T>,
		fill: &Fill,
		pots: &mut Pots,
	) -> Result<(), FillError> {
		ensure!(!fill.size.is_zero(), failed(Error::<T>::ZeroSize));
		let opposite = fill.size.checked_neg().ok_or(failed(Error::<T>::Overflow))?;
		let paid =
			Self::trade_side(one, &fill.instrument, fill.size, fill.price).map_err(failed)?;
		let received =
			Self::trade_side(other, &fill.instrument, opposite, fill.price).map_err(refused)?;
		// Both were rounded up, so the sum is zero or the one unit that falls between them.
		paid.checked_add(received)
			.and_then(|dust| pots.insure(dust))
			.ok_or(failed(Error::<T>::Overflow))
	}

	/// One side of a trade. Returns the consideration.
	pub(crate) fn trade_record(
		record: &mut crate::AccountOf<T>,
		instrument: &Instrument,
		change: Contracts,
		price: Price,
	) -> Result<(Amount, fill::Outcome), Error<T>> {
		let consideration = money::cost(price, change, T::SettlementDecimals::get(), Rounding::Up)
			.ok_or(Error::<T>::Overflow)?;
		let outcome = record.trade(instrument, change, consideration).map_err(Error::<T>::from)?;
		Ok((consideration, outcome))
	}

	/// The same of an open account, told by event.
	pub(crate) fn trade_side(
		account: &mut OpenAccount<T>,
		instrument: &Instrument,
		change: Contracts,
		price: Price,
	) -> Result<Amount, Error<T>> {
		let (consideration, outcome) =
			Self::trade_record(&mut account.record, instrument, change, price)?;
		Self::deposit_event(Event::PositionChanged {
			account: account.id.clone(),
			instrument: *instrument,
			change,
			size: outcome.size,
			price,
			cash_change: outcome.cash_change,
		});
		Ok(consideration)
	}

	/// See [`plimsoll_primitives::LiquidationLedger::trade_at_mark`].
	pub(crate) fn do_trade_at_mark(
		from: &SubAccountIdOf<T>,
		to: &SubAccountIdOf<T>,
		instrument: &Instrument,
		size: Contracts,
	) -> DispatchResult {
		ensure!(from != to, Error::<T>::SameAccount);
		Self::tradable(instrument)?;
		let price = Self::live_mark(instrument)?;
		let mut pots = Ledger::<T>::get();
		let mut from = OpenAccount::<T>::existing(from, &pots)?;
		let mut to = OpenAccount::<T>::existing(to, &pots)?;
		Self::settle_due(&mut from, &mut pots)?;
		Self::settle_due(&mut to, &mut pots)?;
		let mut interest = InterestBefore::new();
		interest.note(&from, &to, instrument)?;
		let fill = Fill { instrument: *instrument, size, price };
		Self::trade(&mut from, &mut to, &fill, &mut pots)?;
		interest.report(&from, &to)?;
		from.close(&mut pots)?;
		to.close(&mut pots)?;
		Ledger::<T>::put(pots);
		Ok(())
	}

	/// See [`plimsoll_primitives::LiquidationLedger::transfer_slice`]. Cash and collateral of the
	/// slice are rounded down (a debt's part up), so that `to` never gets more than its part.
	pub(crate) fn do_transfer_slice(
		from_id: &SubAccountIdOf<T>,
		to_id: &SubAccountIdOf<T>,
		part: Perquintill,
		price: Amount,
	) -> DispatchResult {
		ensure!(from_id != to_id, Error::<T>::SameAccount);
		ensure!(!part.is_zero(), Error::<T>::EmptySlice);
		let mut pots = Ledger::<T>::get();
		let mut from = OpenAccount::<T>::existing(from_id, &pots)?;
		let mut to = OpenAccount::<T>::existing(to_id, &pots)?;
		Self::settle_due(&mut from, &mut pots)?;
		Self::settle_due(&mut to, &mut pots)?;
		let before = to.record.clone();
		let cash = Self::move_cash(&mut from, &mut to, part)?;
		let collateral = Self::move_collateral(&mut from, &mut to, part)?;
		Self::move_positions(&mut from, &mut to, part)?;
		Self::pay_for_slice(&mut from, &mut to, price, &mut pots)?;
		let orders = to.orders();
		Self::ensure_admitted(
			&mut SharedMarket::default(),
			&Standing::new(&before, &orders),
			&Standing::new(&to.record, &orders),
		)?;
		from.close(&mut pots)?;
		to.close(&mut pots)?;
		Ledger::<T>::put(pots);
		Self::deposit_event(Event::SliceTransferred {
			from: from_id.clone(),
			to: to_id.clone(),
			part,
			price,
			cash,
			collateral,
		});
		Ok(())
	}

	/// Returns what moved.
	fn move_cash(
		from: &mut OpenAccount<T>,
		to: &mut OpenAccount<T>,
		part: Perquintill,
	) -> Result<Amount, DispatchError> {
		let (numerator, whole) = fraction(part);
		let moved = fill::share(from.record.cash, numerator, whole, Rounding::Down)
			.ok_or(Error::<T>::Overflow)?;
		let taken = moved.checked_neg().ok_or(Error::<T>::Overflow)?;
		from.record.add_cash(taken).map_err(Error::<T>::from)?;
		to.record.add_cash(moved).map_err(Error::<T>::from)?;
		Ok(moved)
	}

	/// Returns what moved; an asset of which nothing did is not among it.
	fn move_collateral(
		from: &mut OpenAccount<T>,
		to: &mut OpenAccount<T>,
		part: Perquintill,
	) -> Result<BoundedVec<(CollateralId, Balance), T::MaxCollaterals>, DispatchError> {
		let mut all = from.record.collateral.clone();
		for (id, amount) in all.iter_mut() {
			*amount = part.mul_floor(*amount);
			from.record.remove_collateral(*id, *amount).map_err(Error::<T>::from)?;
			to.add_collateral(*id, *amount)?;
		}
		all.retain(|(_, amount)| *amount > 0);
		Ok(all)
	}

	/// Positions pass at their entry values: what `to` had the other way round is closed at that
	/// value, which realises its profit and loss.
	fn move_positions(
		from: &mut OpenAccount<T>,
		to: &mut OpenAccount<T>,
		part: Perquintill,
	) -> DispatchResult {
		let mut interest = InterestBefore::new();
		let held: Vec<Position> = from.record.positions.to_vec();
		for position in held {
			let instrument = position.instrument;
			let moved = Self::sliced_size(&position, part)?;
			interest.note(from, to, &instrument)?;
			let entry = from.record.take_position(&instrument, moved).map_err(Error::<T>::from)?;
			let outcome = to.record.trade(&instrument, moved, entry).map_err(Error::<T>::from)?;
			Self::deposit_event(Event::PositionTransferred {
				from: from.id.clone(),
				to: to.id.clone(),
				instrument,
				size: moved,
				entry_value: entry,
				cash_change: outcome.cash_change,
			});
		}
		interest.report(from, to)
	}

	/// The part of a position that belongs to a slice: rounded up to lots, at most all of it.
	fn sliced_size(position: &Position, part: Perquintill) -> Result<Contracts, DispatchError> {
		let held = position.size.into_inner().unsigned_abs();
		let lot = <Self as LiquidationLedger<T::AccountId>>::lot(&position.instrument);
		let lot = lot.into_inner().unsigned_abs();
		let moved = part.mul_ceil(held).div_ceil(lot).saturating_mul(lot).min(held);
		let magnitude = Amount::try_from(moved).map_err(|_| Error::<T>::Overflow)?;
		let signed = if position.size.is_negative() { -magnitude } else { magnitude };
		Ok(Contracts::from_inner(signed))
	}

	fn pay_for_slice(
		from: &mut OpenAccount<T>,
		to: &mut OpenAccount<T>,
		price: Amount,
		pots: &mut Pots,
	) -> DispatchResult {
		let refund = price.checked_neg().ok_or(Error::<T>::Overflow)?;
		to.record.add_cash(refund).map_err(Error::<T>::from)?;
		if price < 0 {
			pots.draw(price.unsigned_abs()).ok_or(Error::<T>::InsuranceFundExhausted)?;
		} else {
			from.record.add_cash(price).map_err(Error::<T>::from)?;
		}
		Ok(())
	}
}

/// A part as numerator and denominator.
fn fraction(part: Perquintill) -> (u128, u128) {
	(u128::from(part.deconstruct()), u128::from(Perquintill::ACCURACY))
}
