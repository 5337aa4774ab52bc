//! Quotes that a swap brings with it.
//!
//! For the length of the call a quote is an order that rests: its maker sets aside what it may give to this
//! swap, for which it must have its initial margin without that, and what the swap does not take comes back.
//! So a plan that counts on it holds.

use crate::{
	maker_quote::SignedQuote,
	pair::{Band, Market},
	place_order::{Account, ExchangeOf},
	swap::Asked,
	work::SessionOf,
	Config, Error, Event, Pallet, SignedQuoteOf,
};
use alloc::vec::Vec;
use core::cmp::Reverse;
use frame_support::{ensure, storage::with_storage_layer};
use plimsoll_orderbook::{Lots, Tick};
use plimsoll_primitives::{Balance, CollateralExchange, OrderSide, Price, SetAside, SignedQuotes};
use plimsoll_router::Offer;
use sp_runtime::{DispatchError, DispatchResult, Permill, SaturatedConversion};

/// A quote whose maker has set aside what it gives.
pub(crate) struct Brought<T: Config> {
	maker: Account<T>,
	nonce: u64,
	side: OrderSide,
	tick: Tick,
	/// As much as is offered, or as the swap asks for where that is less.
	lots: Lots,
	/// What the maker is charged.
	fee: Permill,
}

/// The quotes of a swap.
pub(crate) struct BroughtQuotes<T: Config> {
	/// Those that it can take.
	pub good: Vec<Brought<T>>,
	/// The others: their places, from 0, and why.
	pub passed_over: Vec<(u32, DispatchError)>,
}

impl<T: Config> Brought<T> {
	/// What is set aside for so many lots of it.
	fn set_aside(&self, market: &Market<T>, lots: Lots) -> Result<SetAside, Error<T>> {
		let terms = (market.collateral, self.side, self.tick, self.fee);
		market.grid.set_aside(terms, lots).ok_or(Error::<T>::Overflow)
	}

	fn price(&self, market: &Market<T>) -> Result<Price, Error<T>> {
		market.grid.price(self.tick).ok_or(Error::<T>::Overflow)
	}

	/// All of it, as the router reads it; `fee` is the taker's.
	pub fn offer(&self, market: &Market<T>, fee: Permill) -> Result<Offer, Error<T>> {
		let amount = market.grid.amount(self.lots).ok_or(Error::<T>::Overflow)?;
		Ok(Offer { price: self.price(market)?.into_inner(), amount, fee })
	}
}

impl<T: Config> Pallet<T> {
	/// Has the makers of all quotes that `account` can take set aside what they give: the best price first,
	/// since one maker may have enough for some of its quotes only. One that cannot be taken is passed over, and
	/// told by event.
	pub(crate) fn bring(
		account: &Account<T>,
		asked: &Asked,
		(market, band): (&Market<T>, &Band),
		quotes: &[SignedQuoteOf<T>],
		session: &mut SessionOf<T>,
	) -> BroughtQuotes<T> {
		let mut brought = BroughtQuotes { good: Vec::new(), passed_over: Vec::new() };
		let mut by_price: Vec<_> = quotes.iter().enumerate().collect();
		match asked.side {
			OrderSide::Buy => by_price.sort_by_key(|(_, signed)| signed.quote.price),
			OrderSide::Sell => by_price.sort_by_key(|(_, signed)| Reverse(signed.quote.price)),
		}
		for (place, signed) in by_price {
			let SignedQuote { quote, .. } = signed;
			let is_another =
				|other: &Brought<T>| (&other.maker, other.nonce) != (&quote.maker, quote.nonce);
			let result = if brought.good.iter().all(is_another) {
				with_storage_layer(|| {
					Self::bring_one(account, asked, (market, band), signed, session)
				})
			} else {
				Err(Error::<T>::QuoteTwice.into())
			};
			match result {
				Ok(good) => brought.good.push(good),
				Err(error) => {
					let (maker, nonce) = (quote.maker.clone(), quote.nonce);
					Self::deposit_event(Event::QuotePassedOver { maker, nonce, error });
					// At most `MaxSwapQuotes`.
					brought.passed_over.push((place.saturated_into(), error));
				}
			}
		}
		brought.passed_over.sort_unstable_by_key(|(place, _)| *place);
		brought
	}

	fn bring_one(
		account: &Account<T>,
		asked: &Asked,
		(market, band): (&Market<T>, &Band),
		signed: &SignedQuoteOf<T>,
		session: &mut SessionOf<T>,
	) -> Result<Brought<T>, DispatchError> {
		let (quote, grid) = (&signed.quote, &market.grid);
		let offered = (quote.collateral, quote.side);
		let wanted = (asked.collateral, asked.side.opposite());
		ensure!(offered == wanted, Error::<T>::QuoteOfOtherTrade);
		ensure!(quote.amount > 0, Error::<T>::ZeroAmount);
		ensure!(!quote.price.is_zero(), Error::<T>::ZeroPrice);
		ensure!(quote.amount.checked_rem(grid.lot) == Some(0), Error::<T>::AmountNotInLots);
		ensure!(quote.price.is_multiple_of(grid.tick), Error::<T>::PriceNotInTicks);
		let amount = quote.amount.min(asked.amount);
		let lots = grid.lots(amount).ok_or(Error::<T>::AmountNotInLots)?;
		let tick = grid.ticks(quote.price).ok_or(Error::<T>::PriceOutOfRange)?;
		ensure!(band.harmed(quote.price) != Some(quote.side), Error::<T>::QuoteOutsideBand);
		T::Quotes::ensure_good(account, &signed.seal())?;
		let (fee, _) = T::Exchange::fee_rates(&quote.maker.owner);
		let (maker, nonce, side) = (quote.maker.clone(), quote.nonce, quote.side);
		let brought = Brought { maker, nonce, side, tick, lots, fee };
		let all = brought.set_aside(market, lots)?;
		let exchange = T::Exchange::open_exchange(session, &brought.maker, market.collateral)?;
		T::Exchange::close_exchange(exchange, Some(&all))?;
		Ok(brought)
	}

	/// Takes `amount` of a quote, and gives what is left back to its maker. Returns what it cost, or brought,
	/// fees included.
	pub(crate) fn take_quote(
		account: &Account<T>,
		market: &Market<T>,
		exchange: &mut ExchangeOf<'_, T>,
		(quote, amount): (&Brought<T>, Balance),
	) -> Result<Balance, DispatchError> {
		let taken = market.grid.lots(amount).ok_or(Error::<T>::AmountNotInLots)?;
		let left = quote.lots.checked_sub(taken).ok_or(Error::<T>::PlanNotMet)?;
		let resting = quote.set_aside(market, quote.lots)?;
		let rest = quote.set_aside(market, left)?;
		let fees = T::Exchange::fill_set_aside(exchange, &quote.maker, &resting, &rest)?;
		T::Quotes::note_taken(&quote.maker, quote.nonce);
		let cash = market.grid.cash(taken, quote.tick).ok_or(Error::<T>::Overflow)?;
		Self::deposit_event(Event::QuoteTaken {
			maker: quote.maker.clone(),
			taker: account.clone(),
			nonce: quote.nonce,
			collateral: market.collateral,
			side: quote.side.opposite(),
			amount,
			price: quote.price(market)?,
			cash,
			taker_fee: fees.taker,
			maker_fee: fees.maker,
		});
		Self::give_back((quote, left), market, exchange)?;
		let with_fee = match quote.side {
			OrderSide::Sell => cash.checked_add(fees.taker),
			OrderSide::Buy => cash.checked_sub(fees.taker),
		};
		Ok(with_fee.ok_or(Error::<T>::Overflow)?)
	}

	/// Gives so many lots of a quote, which the swap has not taken, back to its maker.
	fn give_back(
		(quote, lots): (&Brought<T>, Lots),
		market: &Market<T>,
		exchange: &mut ExchangeOf<'_, T>,
	) -> DispatchResult {
		if lots == 0 {
			return Ok(());
		}
		let rest = quote.set_aside(market, lots)?;
		T::Exchange::release_during(exchange, &quote.maker, &rest)
	}

	/// Gives back all of a quote that the swap has not taken at all.
	pub(crate) fn leave_quote(
		market: &Market<T>,
		exchange: &mut ExchangeOf<'_, T>,
		quote: &Brought<T>,
	) -> DispatchResult {
		Self::give_back((quote, quote.lots), market, exchange)
	}
}
