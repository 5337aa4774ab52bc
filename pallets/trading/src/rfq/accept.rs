//! Taking an answer.

use super::{work::Accepted, RequestId};
use crate::{Answers, Config, Error, Event, Pallet, Requests};
use frame_support::{ensure, BoundedVec};
use plimsoll_primitives::{Clearing, OrderSide, SubAccountId, UsdValue};
use sp_runtime::{DispatchError, SaturatedConversion};

impl<T: Config> Pallet<T> {
	/// Trades all of a request's legs at a maker's prices, or none, and ends the request.
	pub(crate) fn do_accept_answer(
		who: &T::AccountId,
		id: RequestId,
		maker: SubAccountId<T::AccountId>,
		side: OrderSide,
		most: UsdValue,
	) -> Result<Accepted, DispatchError> {
		let request = Requests::<T>::get(id).ok_or(Error::<T>::UnknownRequest)?;
		Self::ensure_trades_for(who, &request.account)?;
		let answer = Answers::<T>::get(id, &maker).ok_or(Error::<T>::UnknownAnswer)?;
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(request.terms.expiry_block >= now, Error::<T>::RequestExpired);
		ensure!(answer.terms.valid_until >= now, Error::<T>::AnswerExpired);
		Self::ensure_heard_of(&maker)?;
		let prices = match side {
			OrderSide::Buy => &answer.terms.ask,
			OrderSide::Sell => &answer.terms.bid,
		};
		let prices = prices.as_ref().ok_or(Error::<T>::SideNotAnswered)?;
		let fills = request.fills(side, prices)?;
		ensure!(Self::net_cost(&fills)? <= most, Error::<T>::WorseThanLimit);
		Self::ensure_legs(&fills)?;

		T::Clearing::clear(&request.account, &maker, &fills)?;
		let answers = Self::forget_request(id, &request)?;

		let done = Accepted { legs: fills.len().saturated_into(), answers };
		let legs = BoundedVec::truncate_from(fills);
		let taker = request.account;
		Self::deposit_event(Event::RequestFilled { request: id, taker, maker, side, legs });
		Ok(done)
	}
}
