//! The legs of a complex order against the books of their instruments.

use super::ComplexTerms;
use crate::{
	order::{Grid, OrderTerms, TimeInForce},
	work::Budget,
	Config, Error, Event, Pallet, RequestLeg,
};
use alloc::vec::Vec;
use frame_support::BoundedVec;
use plimsoll_orderbook::SelfTrade;
use plimsoll_primitives::{BookClearing, OrderSide, Price, SubAccountId, UsdValue};
use sp_runtime::{traits::One, DispatchError};

impl<T: Config> Pallet<T> {
	/// Fills all legs in their books, in the order of the legs, and asks the account to pass the gate with
	/// all of them. Returns what they cost together. On an error the caller undoes what was done.
	pub(crate) fn meet_books(
		account: &SubAccountId<T::AccountId>,
		terms: &ComplexTerms<T>,
		budget: &mut Budget<T>,
	) -> Result<UsdValue, DispatchError> {
		let Budget { bounds, session, .. } = budget;
		let mut matching = T::Clearing::open_matching(session, account)?;
		let (mut orders, mut cost) = (Vec::new(), UsdValue::ZERO);
		for leg in &terms.legs {
			let order = Self::leg_order(leg, terms.self_trade)?;
			// Its taker pays for each fill; that none is dust is for who rests orders to see to.
			let least = UsdValue::ZERO;
			let met = Self::meet_book(account, &order, least, &mut matching, bounds)?;
			cost = cost.checked_add(met.cost).ok_or(Error::<T>::TooLarge)?;
			orders.push(met.id);
		}
		T::Clearing::close_matching(matching, None)?;
		let (account, orders) = (account.clone(), BoundedVec::truncate_from(orders));
		Self::deposit_event(Event::ComplexOrderFilled { account, orders, cost });
		Ok(cost)
	}

	/// A leg as a fill-or-kill order, at the worst price within its instrument's price band.
	fn leg_order(leg: &RequestLeg, self_trade: SelfTrade) -> Result<OrderTerms, DispatchError> {
		let RequestLeg { instrument, size } = *leg;
		let (terms, grid) = Self::book_terms(&instrument)?;
		let bands = Self::price_bands(&instrument, &terms)?;
		let side = if size.is_negative() { OrderSide::Sell } else { OrderSide::Buy };
		Ok(OrderTerms {
			instrument,
			side,
			price: Self::inner_tick(&grid, side, bands.present.worst(side))?,
			size: size.checked_abs().ok_or(Error::<T>::TooLarge)?,
			time_in_force: TimeInForce::FillOrKill,
			self_trade,
			reduce_only: false,
		})
	}

	/// The nearest price in whole ticks, one at least, that is no worse for somebody of `side`.
	fn inner_tick(grid: &Grid, side: OrderSide, price: Price) -> Result<Price, Error<T>> {
		let (price, tick) = (price.into_inner(), grid.tick.into_inner());
		let down = price.checked_div(tick);
		let ticks = match side {
			OrderSide::Buy => down,
			OrderSide::Sell => {
				down.and_then(|down| down.checked_add(u128::from(price.checked_rem(tick)? > 0)))
			}
		};
		ticks
			.map(|ticks| ticks.max(One::one()))
			.and_then(|ticks| ticks.checked_mul(tick))
			.map(Price::from_inner)
			.ok_or(Error::<T>::TooLarge)
	}
}
