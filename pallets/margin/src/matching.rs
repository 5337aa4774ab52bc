//! A taker's order while it is matched: what it and its makers become, fill by fill.
//!
//! The taker and the pots stay in memory from the first fill to the last; each maker is read and
//! written at its fill. What accounts share of the market is worked out once for all orders of a call.

use crate::{
	ledger::Pots,
	open_account::OpenAccount,
	open_orders::Standing,
	session::{AccountSize, Session},
	trade::{only_closes, InterestBefore},
	volume::Volume,
	AccountOf, Config, Error, FeeRates, Fees, Ledger, OrdersOf, Pallet, SubAccountIdOf, Volumes,
};
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{Get, Time},
};
use plimsoll_primitives::{
	Amount, Balance, Contracts, Fill, FillError, FillFees, InstrumentTerms, Moment, OrderSide,
	OrderTotals, Resting,
};
use sp_arithmetic::Permill;
use sp_runtime::{DispatchError, DispatchResult};

/// See [`plimsoll_primitives::BookClearing::Matching`].
pub struct Matching<'s, T: Config> {
	session: &'s mut Session,
	taker: OpenAccount<T>,
	pots: Pots,
	fees: Fees,
	now: Moment,
	/// What the taker's owner has traded, with what has filled.
	volume: Volume,
	/// What the taker is charged: by its volume before anything filled.
	taker_rate: Permill,
	/// The taker before anything filled.
	before: AccountOf<T>,
	/// What opening was charged by.
	charged: AccountSize,
	has_filled: bool,
}

/// A maker while one of its orders fills.
struct Maker<T: Config> {
	account: OpenAccount<T>,
	/// What it was before.
	before: AccountOf<T>,
	orders: OrdersOf<T>,
	/// What its owner has traded.
	volume: Volume,
}

/// The maker's fault.
pub(crate) fn refused(error: impl Into<DispatchError>) -> FillError {
	FillError::MakerRefused(error.into())
}

/// Nobody's.
pub(crate) fn stopped(error: impl Into<DispatchError>) -> FillError {
	FillError::Stopped(error.into())
}

/// Not the maker's.
pub(crate) fn failed(error: impl Into<DispatchError>) -> FillError {
	FillError::Failed(error.into())
}

impl<'s, T: Config> Matching<'s, T> {
	/// Charged with what closing it will weigh, whether it comes to that or not; without what has to be
	/// worked out of the market.
	pub(crate) fn open(
		session: &'s mut Session,
		taker: &SubAccountIdOf<T>,
	) -> Result<Self, DispatchError> {
		let mut pots = Ledger::<T>::get();
		let mut size = AccountSize::default();
		let taker = OpenAccount::<T>::existing(taker, &pots).inspect(|taker| {
			size = AccountSize::of::<T>(&taker.record, &taker.orders());
		});
		session.charge(size.match_weight::<T>());
		let mut taker = taker?;
		Pallet::<T>::settle_due(&mut taker, &mut pots)?;
		let before = taker.record.clone();
		let (fees, now) = (FeeRates::<T>::get(), T::Time::now());
		let volume = Volumes::<T>::get(&taker.id.owner);
		let (_, taker_rate) = fees.rates(volume.rolling(now));
		Ok(Self {
			session,
			taker,
			pots,
			fees,
			now,
			volume,
			taker_rate,
			before,
			charged: size,
			has_filled: false,
		})
	}

	/// One fill, or nothing.
	pub(crate) fn fill(
		&mut self,
		maker: &SubAccountIdOf<T>,
		fill: &Fill,
	) -> Result<FillFees, FillError> {
		let before = (self.taker.record.clone(), self.pots.clone(), self.volume);
		let known = self.session.market.mark();
		// What the maker has is counted as soon as it is read.
		let mut size = AccountSize::default();
		let filled = with_storage_layer(|| self.try_fill(maker, fill, &mut size));
		self.session.charge(size.fill_weight::<T>());
		self.session.charge_market::<T>(&known);
		match filled {
			Ok(_) => self.has_filled = true,
			Err(_) => (self.taker.record, self.pots, self.volume) = before,
		}
		filled
	}

	fn try_fill(
		&mut self,
		maker: &SubAccountIdOf<T>,
		fill: &Fill,
		size: &mut AccountSize,
	) -> Result<FillFees, FillError> {
		ensure!(self.taker.id != *maker, failed(Error::<T>::SameAccount));
		ensure!(!fill.size.is_zero(), failed(Error::<T>::ZeroSize));
		let terms = Pallet::<T>::tradable(&fill.instrument).map_err(failed)?;
		ensure!(!terms.halted, failed(Error::<T>::TradingHalted));
		let mut maker = self.open_maker(maker, size).map_err(refused)?;
		let mut interest = InterestBefore::new();
		interest.note(&self.taker, &maker.account, &fill.instrument).map_err(failed)?;
		let opposite = fill.size.checked_neg().ok_or(failed(Error::<T>::Overflow))?;
		let (maker_rate, _) = self.fees.rates(maker.volume.rolling(self.now));
		let [taker_rate, maker_rate] =
			[self.taker_rate, maker_rate].map(|rate| (rate, self.fees.insurance_share));
		let (paid, taker_fee) = Self::trade_side(
			&mut self.taker,
			&mut self.pots,
			fill,
			fill.size,
			(&terms, taker_rate),
		)
		.map_err(failed)?;
		let (received, maker_fee) = Self::trade_side(
			&mut maker.account,
			&mut self.pots,
			fill,
			opposite,
			(&terms, maker_rate),
		)
		.map_err(refused)?;
		// Both were rounded up, so the sum is zero or the one unit that falls between them.
		paid.checked_add(received)
			.and_then(|dust| self.pots.insure(dust))
			.ok_or(failed(Error::<T>::Overflow))?;
		self.admit_maker(&mut maker, fill).map_err(refused)?;
		self.count_volume(&mut maker, (paid, received));
		// Open interest is at its cap.
		interest.report(&self.taker, &maker.account).map_err(stopped)?;
		Pallet::<T>::put_orders(&maker.account.id, &maker.orders);
		maker.account.close(&mut self.pots).map_err(failed)?;
		Ok(FillFees { taker: taker_fee, maker: maker_fee })
	}

	fn open_maker(
		&mut self,
		maker: &SubAccountIdOf<T>,
		size: &mut AccountSize,
	) -> Result<Maker<T>, DispatchError> {
		let mut account = OpenAccount::<T>::existing(maker, &self.pots)?;
		let orders = account.orders();
		*size = AccountSize::of::<T>(&account.record, &orders);
		Pallet::<T>::settle_due(&mut account, &mut self.pots)?;
		let before = account.record.clone();
		let volume = Volumes::<T>::get(&account.id.owner);
		Ok(Maker { account, before, orders, volume })
	}

	/// Counts what both sides paid or received as volume of their owners, where these are not one.
	fn count_volume(&mut self, maker: &mut Maker<T>, (paid, received): (Amount, Amount)) {
		let owner = &maker.account.id.owner;
		if *owner == self.taker.id.owner {
			return;
		}
		self.volume.add(self.now, paid.unsigned_abs());
		maker.volume.add(self.now, received.unsigned_abs());
		Pallet::<T>::put_volume(owner, maker.volume);
	}

	/// One side of a fill, with its fee. Returns the consideration and the fee.
	fn trade_side(
		account: &mut OpenAccount<T>,
		pots: &mut Pots,
		fill: &Fill,
		change: Contracts,
		(terms, rates): (&InstrumentTerms, (Permill, Permill)),
	) -> Result<(Amount, Balance), Error<T>> {
		let instrument = &fill.instrument;
		let held = account.record.size_of(instrument);
		let consideration = Pallet::<T>::trade_side(account, instrument, change, fill.price)?;
		let closes = only_closes(held, account.record.size_of(instrument));
		ensure!(closes || !terms.close_only, Error::<T>::CloseOnly);
		let traded = (instrument, consideration);
		let fee = Pallet::<T>::charge_trading_fee(account, pots, rates, traded)?;
		Ok((consideration, fee))
	}

	/// Takes what filled off the maker's orders and asks it to pass the gate with the others.
	fn admit_maker(&mut self, maker: &mut Maker<T>, fill: &Fill) -> DispatchResult {
		let before = maker.orders.clone();
		let side = if fill.size.is_negative() { OrderSide::Buy } else { OrderSide::Sell };
		let size = fill.size.checked_abs().ok_or(Error::<T>::Overflow)?;
		let filled = Resting { instrument: fill.instrument, side, size, price: fill.price };
		Pallet::<T>::remove_order(&mut maker.orders, &filled);
		let admitted = Pallet::<T>::ensure_admitted(
			&mut self.session.market,
			&Standing::new(&maker.before, &before),
			&Standing::new(&maker.account.record, &maker.orders),
		);
		match admitted {
			// Something that only its orders depend on has no price: none of those can fill now, and what
			// fills of the others comes through here. A feed that is out must not take all quotes with it.
			Err(error) if error != Error::<T>::InitialMarginNotMet.into() => {
				Pallet::<T>::ensure_admitted(
					&mut self.session.market,
					&Standing::held(&maker.before),
					&Standing::held(&maker.account.record),
				)
			}
			admitted => admitted,
		}
	}

	/// Whether there is room for a position in each instrument that the account has orders in: one that
	/// could not fill must not rest. Room may be taken up otherwise until it does.
	fn ensure_room(record: &AccountOf<T>, orders: &OrdersOf<T>) -> Result<(), Error<T>> {
		let opens = |of: &&OrderTotals| record.size_of(&of.instrument).is_zero();
		let needed = record.positions.len().saturating_add(orders.iter().filter(opens).count());
		let most = usize::try_from(T::MaxPositions::get()).unwrap_or(usize::MAX);
		ensure!(needed <= most, Error::<T>::TooManyPositions);
		Ok(())
	}

	/// Charges what the taker has become larger than opening was charged by: several orders may have filled.
	fn charge_growth(&mut self, orders: &OrdersOf<T>) {
		let now = AccountSize {
			positions: self.taker.record.positions.len().max(self.charged.positions),
			orders: orders.len().max(self.charged.orders),
			settles: self.charged.settles,
		};
		let growth = now.match_weight::<T>().saturating_sub(self.charged.match_weight::<T>());
		self.session.charge(growth);
	}

	/// Rests what is left, asks the taker to pass the gate where it has taken anything on, and writes.
	pub(crate) fn close(mut self, rest: Option<Resting>) -> DispatchResult {
		let mut orders = self.taker.orders();
		// As they are now: what was cancelled on the way is no risk that this order has reduced.
		let before = orders.clone();
		if let Some(rest) = &rest {
			ensure!(rest.size.is_positive(), Error::<T>::ZeroSize);
			Pallet::<T>::add_order(&mut orders, rest)?;
			Self::ensure_room(&self.taker.record, &orders)?;
		}
		self.charge_growth(&orders);
		if self.has_filled || rest.is_some() {
			let known = self.session.market.mark();
			let admitted = Pallet::<T>::ensure_admitted(
				&mut self.session.market,
				&Standing::new(&self.before, &before),
				&Standing::new(&self.taker.record, &orders),
			);
			self.session.charge_market::<T>(&known);
			admitted?;
			Pallet::<T>::put_orders(&self.taker.id, &orders);
		}
		if self.has_filled {
			Pallet::<T>::put_volume(&self.taker.id.owner, self.volume);
		}
		self.taker.close(&mut self.pots)?;
		Ledger::<T>::put(self.pots);
		Ok(())
	}
}
