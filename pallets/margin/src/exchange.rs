//! Cash against collateral: with orders of others that rest, and at venues outside of the clearing house.
//!
//! The account that trades and the pots stay in memory from the first fill to the last; it passes the gate
//! once, at the end. What it gets from an order was set aside there, so no gate is asked of a maker. At a
//! venue the pallet's account makes the exchange with what it holds for all; what that cost is taken off the
//! one record whose exchange it was, which must have had it. A sale of collateral turns what counted
//! less a haircut into cash that counts in full, so it mostly passes the gate; a purchase does the
//! contrary.

use crate::{
	ledger::Pots,
	matching::{failed, refused},
	open_account::OpenAccount,
	open_orders::Standing,
	session::{AccountSize, Session},
	volume::Volume,
	weights::WeightInfo,
	AccountOf, Config, Error, Event, FeeRates, Ledger, Pallet, SubAccountIdOf, Volumes,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{Get, Time},
	weights::Weight,
};
use plimsoll_primitives::{
	AllSetAside, Amount, Balance, CollateralExchange, CollateralId, CollateralTerms, Exchanged,
	FillError, FillFees, InstrumentRegistry, Moment, OrderSide, SetAside,
};
use sp_arithmetic::Permill;
use sp_runtime::{DispatchError, DispatchResult};

/// See [`CollateralExchange::Exchange`].
pub struct Exchange<'s, T: Config> {
	session: &'s mut Session,
	account: OpenAccount<T>,
	pots: Pots,
	collateral: CollateralId,
	terms: CollateralTerms<T::AssetId>,
	/// The account before anything was traded.
	before: AccountOf<T>,
	now: Moment,
	/// What the account's owner has traded, with what has filled.
	volume: Volume,
	/// What the account is charged as taker: by its volume before anything filled.
	fee: Permill,
	insurance_share: Permill,
	/// Whether it has paid or got anything.
	has_traded: bool,
}

impl<T: Config> CollateralExchange<T::AccountId> for Pallet<T> {
	type Session = Session;
	type Exchange<'s> = Exchange<'s, T>;

	fn open_exchange<'s>(
		session: &'s mut Session,
		account: &SubAccountIdOf<T>,
		collateral: CollateralId,
	) -> Result<Exchange<'s, T>, DispatchError> {
		Exchange::open(session, account, collateral)
	}

	fn fee_rates(owner: &T::AccountId) -> (Permill, Permill) {
		let standing = Self::fee_standing(owner);
		(standing.maker, standing.taker)
	}

	fn has_room(account: &SubAccountIdOf<T>, collateral: CollateralId) -> bool {
		Self::account_has_room(account, collateral)
	}

	fn fill_set_aside(
		exchange: &mut Exchange<'_, T>,
		maker: &SubAccountIdOf<T>,
		resting: &SetAside,
		left: &SetAside,
	) -> Result<FillFees, FillError> {
		exchange.fill(maker, resting, left)
	}

	fn swap_outside(
		exchange: &mut Exchange<'_, T>,
		side: OrderSide,
		paid: Balance,
		swap: impl FnOnce(&T::AccountId) -> DispatchResult,
	) -> Result<Exchanged, DispatchError> {
		exchange.swap_outside((side, paid), swap)
	}

	fn release_during(
		exchange: &mut Exchange<'_, T>,
		account: &SubAccountIdOf<T>,
		cancelled: &SetAside,
	) -> DispatchResult {
		if exchange.account.id == *account {
			Self::give_back(&mut exchange.account, &mut exchange.pots, cancelled)?;
			// It would have had that without the trade, too.
			let before = &mut exchange.before;
			let cash = cancelled.cash_held().and_then(|cash| Amount::try_from(cash).ok());
			before.add_cash(cash.ok_or(Error::<T>::Overflow)?).map_err(Error::<T>::from)?;
			before
				.add_collateral(cancelled.collateral, cancelled.collateral_held())
				.map_err(Error::<T>::from)?;
			return Ok(());
		}
		Self::release_in(&mut exchange.pots, account, cancelled)
	}

	fn close_exchange(exchange: Exchange<'_, T>, rest: Option<&SetAside>) -> DispatchResult {
		exchange.close(rest)
	}

	fn release(account: &SubAccountIdOf<T>, cancelled: &SetAside) -> DispatchResult {
		with_storage_layer(|| {
			let mut pots = Ledger::<T>::get();
			Self::release_in(&mut pots, account, cancelled)?;
			Ledger::<T>::put(pots);
			Ok(())
		})
	}

	fn all_set_aside() -> Vec<(SubAccountIdOf<T>, AllSetAside)> {
		Self::all_escrows()
	}

	/// Of an account of the largest size, of which nothing is worked out yet.
	fn exchange_weight() -> Weight {
		let market = T::WeightInfo::health(T::MaxPositions::get());
		AccountSize::largest::<T>().exchange_weight::<T>().saturating_add(market)
	}

	/// All that the account depends on is worked out; the collateral itself may not be. Both are in the proof
	/// with the first.
	fn further_exchange_weight() -> Weight {
		let known = AccountSize::largest::<T>().exchange_weight::<T>();
		known.saturating_add(T::WeightInfo::health(1)).set_proof_size(0)
	}

	fn exchanged_weight(session: &Session) -> Weight {
		session.used
	}

	fn set_aside_fill_weight() -> Weight {
		T::WeightInfo::fill_set_aside(T::MaxPositions::get())
	}

	fn set_aside_release_weight() -> Weight {
		T::WeightInfo::release_set_aside(T::MaxPositions::get())
	}
}

impl<T: Config> Pallet<T> {
	/// Gives back what was set aside, on these pots.
	fn release_in(
		pots: &mut Pots,
		account: &SubAccountIdOf<T>,
		cancelled: &SetAside,
	) -> DispatchResult {
		let mut open = OpenAccount::<T>::existing(account, pots)?;
		Self::give_back(&mut open, pots, cancelled)?;
		open.close(pots)
	}
}

impl<'s, T: Config> Exchange<'s, T> {
	/// See [`CollateralExchange::open_exchange`]. Charged with what closing it will weigh, whether it comes
	/// to that or not; without what has to be worked out of the market.
	pub(crate) fn open(
		session: &'s mut Session,
		id: &SubAccountIdOf<T>,
		collateral: CollateralId,
	) -> Result<Self, DispatchError> {
		let mut pots = Ledger::<T>::get();
		let mut size = AccountSize::default();
		let account = OpenAccount::<T>::existing(id, &pots)
			.inspect(|account| size = AccountSize::of::<T>(&account.record, &account.orders()));
		session.charge(size.exchange_weight::<T>());
		let mut account = account?;
		let terms = Pallet::<T>::collateral_terms(collateral)?;
		ensure!(!T::Registry::is_underlying_halted(terms.feed), Error::<T>::TradingHalted);
		ensure!(terms.asset != T::SettlementAsset::get(), Error::<T>::NothingToExchange);
		Pallet::<T>::settle_due(&mut account, &mut pots)?;
		let before = account.record.clone();
		let (fees, now) = (FeeRates::<T>::get(), T::Time::now());
		let volume = Volumes::<T>::get(&id.owner);
		let (_, fee) = fees.rates(volume.rolling(now));
		let insurance_share = fees.insurance_share;
		Ok(Self {
			session,
			account,
			pots,
			collateral,
			terms,
			before,
			now,
			volume,
			fee,
			insurance_share,
			has_traded: false,
		})
	}

	/// Whether the account has what is paid: no cash is borrowed to buy.
	fn ensure_can_pay(&self, side: OrderSide, paid: Balance) -> Result<(), Error<T>> {
		let record = &self.account.record;
		match side {
			OrderSide::Buy => {
				let cash = Balance::try_from(record.cash).unwrap_or(0);
				ensure!(paid <= cash, Error::<T>::InsufficientCash);
			}
			OrderSide::Sell => {
				let held = record.collateral_of(self.collateral);
				ensure!(paid <= held, Error::<T>::InsufficientCollateral);
			}
		}
		Ok(())
	}

	/// One fill, or nothing.
	fn fill(
		&mut self,
		maker: &SubAccountIdOf<T>,
		resting: &SetAside,
		left: &SetAside,
	) -> Result<FillFees, FillError> {
		let before = (self.account.record.clone(), self.pots.clone(), self.volume);
		let filled = with_storage_layer(|| self.try_fill(maker, resting, left));
		match filled {
			Ok(_) => self.has_traded = true,
			Err(_) => (self.account.record, self.pots, self.volume) = before,
		}
		filled
	}

	fn try_fill(
		&mut self,
		maker_id: &SubAccountIdOf<T>,
		resting: &SetAside,
		left: &SetAside,
	) -> Result<FillFees, FillError> {
		ensure!(self.account.id != *maker_id, failed(Error::<T>::SameAccount));
		ensure!(resting.collateral == self.collateral, failed(Error::<T>::NotSetAside));
		let moved = resting.filled(left).ok_or(failed(Error::<T>::NotSetAside))?;
		let (amount, cash, maker_fee) = moved;
		let taker_fee = self.fee.mul_ceil(cash);
		let side = resting.side.opposite();
		self.take_side(side, (amount, cash, taker_fee)).map_err(failed)?;
		let mut maker = OpenAccount::<T>::existing(maker_id, &self.pots).map_err(refused)?;
		self.make_side(&mut maker, resting.side, moved)?;
		self.count_volume(maker_id, cash);
		for fee in [taker_fee, maker_fee] {
			let earned = self.pots.earn(fee, self.insurance_share);
			earned.ok_or(failed(Error::<T>::Overflow))?;
		}
		maker.close(&mut self.pots).map_err(failed)?;
		Pallet::<T>::deposit_event(Event::SetAsideExchanged {
			account: maker_id.clone(),
			collateral: self.collateral,
			side: resting.side,
			amount,
			cash,
			fee: maker_fee,
		});
		Ok(FillFees { taker: taker_fee, maker: maker_fee })
	}

	/// What a fill does to the account that trades.
	fn take_side(
		&mut self,
		side: OrderSide,
		(amount, cash, fee): (Balance, Balance, Balance),
	) -> DispatchResult {
		let signed = |units: Balance| Amount::try_from(units).map_err(|_| Error::<T>::Overflow);
		match side {
			OrderSide::Buy => {
				let paid = cash.checked_add(fee).ok_or(Error::<T>::Overflow)?;
				self.ensure_can_pay(side, paid)?;
				self.account.add_collateral(self.collateral, amount)?;
				// It is positive, so it has a negative.
				self.account.record.add_cash(-signed(paid)?).map_err(Error::<T>::from)?;
			}
			OrderSide::Sell => {
				self.ensure_can_pay(side, amount)?;
				let record = &mut self.account.record;
				record.remove_collateral(self.collateral, amount).map_err(Error::<T>::from)?;
				let received = cash.checked_sub(fee).ok_or(Error::<T>::Overflow)?;
				record.add_cash(signed(received)?).map_err(Error::<T>::from)?;
			}
		}
		let (account, collateral) = (self.account.id.clone(), self.collateral);
		Pallet::<T>::deposit_event(Event::CollateralExchanged {
			account: account.clone(),
			collateral,
			side,
			amount,
			cash,
		});
		if fee > 0 {
			Pallet::<T>::deposit_event(Event::TradingFeeCharged { account, fee });
		}
		Ok(())
	}

	/// What it does to the maker.
	fn make_side(
		&mut self,
		maker: &mut OpenAccount<T>,
		side: OrderSide,
		(amount, cash, fee): (Balance, Balance, Balance),
	) -> Result<(), FillError> {
		let overflow = || failed(Error::<T>::Overflow);
		match side {
			OrderSide::Buy => {
				let paid = cash.checked_add(fee).ok_or_else(overflow)?;
				let taken = (paid, self.collateral, 0);
				Pallet::<T>::take_set_aside(&maker.id, &mut self.pots, taken).map_err(failed)?;
				maker.add_collateral(self.collateral, amount).map_err(refused)
			}
			OrderSide::Sell => {
				let taken = (0, self.collateral, amount);
				Pallet::<T>::take_set_aside(&maker.id, &mut self.pots, taken).map_err(failed)?;
				let received = cash.checked_sub(fee).and_then(|units| Amount::try_from(units).ok());
				let received = received.ok_or_else(overflow)?;
				maker.record.add_cash(received).map_err(|error| refused(Error::<T>::from(error)))
			}
		}
	}

	/// Counts what changed hands as volume of both owners, where these are not one.
	fn count_volume(&mut self, maker: &SubAccountIdOf<T>, cash: Balance) {
		if maker.owner == self.account.id.owner {
			return;
		}
		self.volume.add(self.now, cash);
		let mut volume = Volumes::<T>::get(&maker.owner);
		volume.add(self.now, cash);
		Pallet::<T>::put_volume(&maker.owner, volume);
	}

	fn swap_outside(
		&mut self,
		(side, expected): (OrderSide, Balance),
		swap: impl FnOnce(&T::AccountId) -> DispatchResult,
	) -> Result<Exchanged, DispatchError> {
		// Asked before the venue is, since what others have lies in the same place and the venue would name
		// what the whole house lacks, or nothing; and again of what the venue has taken.
		self.ensure_can_pay(side, expected)?;
		let settlement = T::SettlementAsset::get();
		let asset = &self.terms.asset;
		let (paid, received) = match side {
			OrderSide::Buy => (&settlement, asset),
			OrderSide::Sell => (asset, &settlement),
		};
		let (paid, received, booked) = Pallet::<T>::exchange_held(paid, received, swap)?;
		self.ensure_can_pay(side, paid)?;
		let (amount, cash) = match side {
			OrderSide::Buy => (received, paid),
			OrderSide::Sell => (paid, received),
		};
		self.exchange_record(side, (amount, cash, booked))?;
		self.has_traded = true;
		Pallet::<T>::deposit_event(Event::CollateralExchanged {
			account: self.account.id.clone(),
			collateral: self.collateral,
			side,
			amount,
			cash,
		});
		Ok(Exchanged { paid, received })
	}

	/// What an exchange that the account can pay does to its record.
	fn exchange_record(
		&mut self,
		side: OrderSide,
		(amount, cash, booked): (Balance, Balance, Balance),
	) -> DispatchResult {
		let cash = Amount::try_from(cash).map_err(|_| Error::<T>::Overflow)?;
		let (id, account) = (self.collateral, &mut self.account);
		match side {
			OrderSide::Buy => {
				Pallet::<T>::credit_collateral(account, id, &self.terms, (amount, booked))?;
				let paid = cash.checked_neg().ok_or(Error::<T>::Overflow)?;
				account.record.add_cash(paid).map_err(Error::<T>::from)?;
			}
			OrderSide::Sell => {
				account.record.remove_collateral(id, amount).map_err(Error::<T>::from)?;
				account.record.add_cash(cash).map_err(Error::<T>::from)?;
			}
		}
		Ok(())
	}

	fn close(mut self, rest: Option<&SetAside>) -> DispatchResult {
		if let Some(rest) = rest {
			ensure!(rest.amount > 0, Error::<T>::ZeroAmount);
			Pallet::<T>::set_aside(&mut self.account, &mut self.pots, rest)?;
			// What it is to get must find its place when it fills.
			let Self { account, collateral, .. } = &self;
			let has_room = Pallet::<T>::has_room_for(&account.id, &account.record, *collateral);
			ensure!(has_room, Error::<T>::TooManyCollaterals);
		}
		if self.has_traded || rest.is_some() {
			self.ensure_passes(rest.is_some())?;
		}
		if self.has_traded || rest.is_some() {
			self.ensure_whole()?;
		}
		// Beside what is set aside a little cash is no dust: the account is kept for that.
		if self.has_traded && rest.is_none() {
			Pallet::<T>::ensure_no_dust(&self.account.record)?;
		}
		if self.has_traded {
			Pallet::<T>::put_volume(&self.account.id.owner, self.volume);
		}
		self.account.close(&mut self.pots)?;
		Ledger::<T>::put(self.pots);
		Ok(())
	}

	/// Whether the collateral that was traded, or set aside, is not left as dust.
	fn ensure_whole(&self) -> DispatchResult {
		let held = self.account.record.collateral_of(self.collateral);
		ensure!(held == 0 || held >= self.terms.minimum, Error::<T>::BelowMinimumCollateral);
		Ok(())
	}

	/// A trade must leave the account covered, or safer than before. To set something aside it must be
	/// covered without it, as for a withdrawal.
	fn ensure_passes(&mut self, sets_aside: bool) -> DispatchResult {
		let orders = self.account.orders();
		let market = &mut self.session.market;
		let known = market.mark();
		let passes = if sets_aside {
			let covered = Pallet::<T>::with_loan_margin(&self.account.record)?;
			Pallet::<T>::ensure_covered_on(market, &Standing::new(&covered, &orders))
		} else {
			Pallet::<T>::ensure_admitted(
				market,
				&Standing::new(&self.before, &orders),
				&Standing::new(&self.account.record, &orders),
			)
		};
		self.session.charge_market::<T>(&known);
		passes
	}
}
